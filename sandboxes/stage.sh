# What has to happen outside before a sandbox starts, with the rights that swarm has.
# Arguments: files by which to join control groups, --, the command.
set -eu
echo 500 >/proc/self/oom_score_adj || true # a kernel that refuses has other ways to choose
while [ "$1" != -- ]; do
    echo 0 >"$1"
    shift
done
shift
exec "$@"
