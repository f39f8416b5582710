# Becomes an ordinary user who sees the folders named, even where they lie below one that is root's alone.
# Arguments: a folder to work in, the user's number, folders, --, the command. Mounts are seen by this process only.
set -eu
stage=$1
user=$2
shift 2
count=0
folders=
while [ "$1" != -- ]; do
    mkdir "$stage/$count"
    mount --bind "$1" "$stage/$count"
    folders="$folders $1"
    count=$((count + 1))
    shift
done
shift
mount -t tmpfs -o mode=755 tmpfs /root
count=0
for folder in $folders; do
    mkdir -p "$folder"
    mount --bind "$stage/$count" "$folder"
    count=$((count + 1))
done
exec setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps=-all --bounding-set=-all -- "$@"
