#!/usr/bin/env bash
# Makes what Xen is booted from, out of Debian 12 packages: the hypervisor, a kernel for dom0, its root file system, and kernel and
# root file system of the guests.
#
#   make-boot-set.sh FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)
rm -rf "$out/complete" "$out/root" "$out/guest" "$out/unpacked"
mkdir -p "$out/packages/partial" "$out/unpacked"

# Not installed: that would make a boot entry and an initramfs for this machine.
apt-get -o DPkg::Lock::Timeout=600 -o Dir::Cache::archives="$out/packages" install -y -qq --no-install-recommends --download-only \
  --reinstall xen-hypervisor-4.17-amd64 xen-utils-4.17 xenstore-utils linux-image-amd64 >/dev/null
for package in "$out"/packages/*.deb; do
  dpkg -x "$package" "$out/unpacked"
done
from=$out/unpacked
gunzip -c "$from/boot/xen-4.17-amd64.gz" >"$out/xen"
cp "$from"/boot/vmlinuz-* "$out/vmlinuz"
release=$(basename "$from"/boot/vmlinuz-*)
release=${release#vmlinuz-}
depmod -b "$from" "$release"

# xl unpacks a compressed kernel anew for each guest, which takes seconds here.
python3 - "$out/vmlinuz" "$out/vmlinux" <<'PY'
import lzma, sys
image = open(sys.argv[1], 'rb').read()
packed = image[image.index(b'\xfd7zXZ\x00'):]
open(sys.argv[2], 'wb').write(lzma.LZMADecompressor().decompress(packed))
PY

modules() { # modules ROOT NAME...: copies modules with what they need
  local root=$1 name path
  shift
  for name in "$@"; do
    modprobe -d "$from" -S "$release" --show-depends "$name" 2>/dev/null | sed -n 's/^insmod \([^ ]*\).*/\1/p'
  done | sort -u | while read -r path; do
    install -D -m 644 "$path" "$root${path#"$from"}"
  done
  depmod -b "$root" "$release" 2>/dev/null
}

libraries=$from/usr/lib/x86_64-linux-gnu
program() { # program ROOT FILE DESTINATION: copies a program with the libraries it needs
  local root=$1 library
  install -D -m 755 "$2" "$root$3"
  LD_LIBRARY_PATH=$libraries ldd "$2" 2>/dev/null | sed -n 's/[^/]*\(\/[^ ]*\).*/\1/p' | while read -r library; do
    [ -e "$root${library#"$from"}" ] || install -D -m 755 "$library" "$root${library#"$from"}"
  done
}

busybox_root() { # busybox_root ROOT
  local applet
  mkdir -p "$1"/{bin,dev,proc,sys,tmp}
  cp /bin/busybox "$1/bin/"
  for applet in $(/bin/busybox --list); do
    ln -s busybox "$1/bin/$applet" 2>/dev/null || true
  done
}

guest=$out/guest
busybox_root "$guest"
modules "$guest" xen-blkfront xen-netfront
install -m 755 "$here/guest-init.sh" "$guest/init"
(cd "$guest" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/guest.cpio.gz"

root=$out/root
busybox_root "$root"
mkdir -p "$root"/{etc/lvm,etc/xen/scripts,run/xen,run/xenstored,run/lock,usr/bin,usr/sbin,disk,var/lib/xcp,var/lib/collector-agent} \
  "$root"/var/{lib/xen,lib/xenstored,log/xen,xapi}
ln -s ../run "$root/var/run"
ln -s ../run/lock "$root/var/lock"
echo root:x:0:0:root:/:/bin/sh >"$root/etc/passwd"
modules "$root" xen-evtchn xen-privcmd xen-gntdev xen-gntalloc xenfs xen-blkback xen-netback bridge dm-mod ext4 crc32c_generic \
  virtio_pci virtio_blk
cp "$from/lib/modules/$release"/modules.{builtin,order} "$root/lib/modules/$release/"
tools=/usr/lib/xen-4.17/bin
for tool in xl xenstored xenconsoled xen-init-dom0 xentop; do
  program "$root" "$from$tools/$tool" "$tools/$tool"
  ln -s "$tools/$tool" "$root/usr/sbin/$tool"
done
program "$root" "$from/usr/bin/xenstore" /usr/bin/xenstore
for tool in read write ls; do
  ln -s xenstore "$root/usr/bin/xenstore-$tool"
done
: >"$root/etc/xen/xl.conf"
program "$root" /sbin/lvm /usr/sbin/lvm
# Programs that ask LVM call it by these names.
ln -s lvm "$root/usr/sbin/vgs"
ln -s lvm "$root/usr/sbin/lvs"
program "$root" /sbin/dmsetup /usr/sbin/dmsetup
cat >"$root/etc/lvm/lvm.conf" <<'CONF'
devices { use_devicesfile=0 obtain_device_list_from_udev=0 external_device_info_source="none" filter=["a|^/dev/vdb$|", "r|.*|"] }
activation { udev_sync=0 udev_rules=0 monitoring=0 }
backup { backup=0 archive=0 }
CONF
# What .NET and libxenstore load beyond what the programs above need.
for library in libstdc++.so.6 libgcc_s.so.1 libm.so.6 libpthread.so.0 libdl.so.2 librt.so.1; do
  path=$(ldconfig -p | awk -v name=$library '$1 == name && /x86-64/ && !found++ { print $NF }')
  [ -e "$root$path" ] || install -D -m 755 "$path" "$root$path"
done
install -m 755 "$here/hotplug-block.sh" "$root/etc/xen/scripts/block"
install -m 755 "$here/hotplug-vif.sh" "$root/etc/xen/scripts/vif-bridge"
install -m 755 "$here/dom0-init.sh" "$root/init"
(cd "$root" && find . | cpio -o -H newc --quiet) >"$out/dom0.cpio"
touch "$out/complete"
