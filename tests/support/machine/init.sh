# What is number 1 in a new machine before systemd is: `boot.sh` runs it.
folder=$1 shared=$2 root=$1/root

mkdir "$folder/changed" "$folder/work" "$root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$folder/changed,workdir=$folder/work" "$root"

# The kernel is everybody's: what can be turned there is not for this machine.
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroups "$root/sys/fs/cgroup"

mount -t tmpfs -o mode=755 dev "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"
ln -s fd/0 "$root/dev/stdin"; ln -s fd/1 "$root/dev/stdout"; ln -s fd/2 "$root/dev/stderr"

mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount --bind "$shared" "$root/mnt"

# Nothing is started but what a service needs and a test asks for.
rm -rf "$root"/etc/systemd/system/*.wants "$root"/usr/sbin/policy-rc.d
for unit in dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
    sys-fs-fuse-connections.mount sys-kernel-config.mount proc-sys-fs-binfmt_misc.automount tmp.mount \
    systemd-sysctl.service systemd-modules-load.service systemd-remount-fs.service \
    systemd-udevd.service systemd-udev-trigger.service systemd-hwdb-update.service \
    systemd-binfmt.service systemd-random-seed.service systemd-firstboot.service \
    systemd-update-utmp.service systemd-journal-flush.service systemd-timesyncd.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
ip link set lo up
touch "$folder/booting"
cd "$root"
mkdir -p .before
pivot_root . .before
umount -l .before
rmdir .before
# As nspawn does: what systemd mounts for a service, its secrets among them, it mounts from aside.
mount --make-rshared /
exec env -i container=test PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=basic.target --log-target=journal --show-status=no
