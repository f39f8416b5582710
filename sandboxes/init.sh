# The first process of a sandbox. It is started from a file it may not read, so nobody can look into it or write into it.
# It limits itself, runs one command, reaps whatever is orphaned meanwhile, and ends with the command's status;
# with it the kernel ends everything else in here.
ulimit -c 0
ulimit -n "$SWARM_OPEN_FILES"
ulimit -f "$SWARM_FILE_BLOCKS"
ulimit -u "$SWARM_PROCESSES" 2>/dev/null || ulimit -p "$SWARM_PROCESSES"
if [ -n "$SWARM_ADDRESS_SPACE" ]; then ulimit -v "$SWARM_ADDRESS_SPACE"; fi
unset SWARM_OPEN_FILES SWARM_FILE_BLOCKS SWARM_PROCESSES SWARM_ADDRESS_SPACE
(exec "$@")
exit $?
