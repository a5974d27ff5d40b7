#!/bin/sh
# A machine out of this one: its files, behind an overlay that keeps what is changed; its kernel; but
# processes, mounts, network, cgroups and a systemd of its own. Runs as root until its standard input
# ends, which happens when the test process does, however it goes; then nothing is left of it.
#
#   boot.sh FOLDER SHARED      FOLDER is empty and is used up, SHARED is /mnt inside
#
# Prints the process that is number 1 inside.
set -eu
folder=$1 shared=$2

# A folder of its own among the cgroups, which systemd takes for all there are.
join_cgroup() {
    mkdir "$folder/cgroups"
    mount -t cgroup2 cgroups "$folder/cgroups"
    cgroup=$folder/cgroups$(sed -n 's/^0:://p' /proc/self/cgroup)/exportd-machine-$$
    mkdir "$cgroup"
}

leave() {
    kill -KILL "$keeper" 2>/dev/null || true
    wait "$keeper" 2>/dev/null || true
    # Its processes are gone, but may still be counted for a moment.
    for _ in $(seq 100); do
        find "$cgroup" -depth -type d -exec rmdir {} + 2>/dev/null || true
        [ -d "$cgroup" ] || break
        sleep 0.05
    done
    umount -l "$folder/cgroups" "$folder" 2>/dev/null || true
    rmdir "$folder"
}

# From here on in a mount namespace of its own.
if [ "${3:-}" != apart ]; then
    exec unshare --mount --propagation private -- "$0" "$folder" "$shared" apart
fi
mount -t tmpfs -o mode=755 machine "$folder"
join_cgroup
# The shell that becomes the machine joins before it makes namespaces, so that its cgroup is the root.
sh -c 'echo 0 > "$1/cgroup.procs"; shift; exec "$@"' sh "$cgroup" \
    unshare --mount --pid --fork --kill-child --net --uts --ipc --cgroup -- \
    sh -eu "$(dirname "$0")/init.sh" "$folder" "$shared" </dev/null >"$folder/console" 2>&1 &
keeper=$!
trap leave EXIT
for _ in $(seq 1000); do
    inside=$(cat "/proc/$keeper/task/$keeper/children" 2>/dev/null || true)
    [ -z "$inside" ] || [ ! -e "$folder/booting" ] || break
    kill -0 "$keeper" 2>/dev/null || { cat "$folder/console" >&2; exit 1; }
    sleep 0.02
done
echo "${inside% }"
# `cat` and not `read`: whatever is said here, the end of it is meant.
cat >/dev/null
