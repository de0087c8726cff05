#!/bin/sh
# The first process of dom0: makes it a control domain, has the measurements done, writes them to the third disk and switches off.
export PATH=/usr/sbin:/usr/bin:/bin
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
for folder in /dev/shm /tmp /var/lib/xcp /var/lib/collector-agent; do
  mount -t tmpfs tmpfs $folder
done
for module in xen-evtchn xen-privcmd xen-gntdev xen-gntalloc xenfs xen-blkback xen-netback bridge dm-mod virtio_pci virtio_blk \
    crc32c_generic ext4; do
  modprobe $module
done
ip link set lo up
brctl addbr xenbr0
ip addr add 10.98.0.1/24 dev xenbr0
ip link set xenbr0 up
mount -t xenfs xenfs /proc/xen
xenstored --pid-file /run/xenstored.pid
tries=0
until xenstore-read / >/dev/null 2>&1 || [ $tries -gt 40 ]; do
  tries=$((tries + 1))
  sleep 0.25
done
xen-init-dom0
xenconsoled --log=none
mount -o ro /dev/vda /disk
sh /disk/measure.sh
tar -cf /dev/vdc -C /tmp/results .
sync
poweroff -f
