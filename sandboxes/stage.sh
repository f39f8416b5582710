# What has to happen outside before a sandbox starts, with the rights that swarm has.
# Arguments: files to write the process id into, --, pairs of folders to mount onto each other, --, the command.
# The mounts are seen by this process and its children only.
set -eu
echo 500 >/proc/self/oom_score_adj || true # a kernel that refuses has other ways to choose
while [ "$1" != -- ]; do
    echo $$ >"$1"
    shift
done
shift
while [ "$1" != -- ]; do
    mount --bind "$1" "$2"
    shift 2
done
shift
exec "$@"
