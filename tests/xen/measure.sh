#!/bin/sh
# Runs in dom0: starts the agent and two guests, and writes down, at several moments, what the plugins publish and what everybody else
# says just before and just after. check.py compares them.
export DOTNET_ROOT=/disk/dotnet DOTNET_EnableDiagnostics=0 HOME=/tmp
results=/tmp/results
pages=/dev/shm/metrics
page=$pages/xcp-rrdd-squeezed-xen
control=0c0d0e0f-1111-4222-8333-444455556666
paravirtual=a1b2c3d4-0001-4000-8000-000000000011
hardware=a1b2c3d4-0002-4000-8000-000000000022
sr=5e1f7a2b-3c4d-4e5f-8a9b-0c1d2e3f4a5b
mkdir -p $results
say() { echo "MEASURE $(cut -d' ' -f1 /proc/uptime) $*"; }

group=VG_XenStorage-$sr
volume=LV-7d6c5b4a-1111-4222-8333-9a8b7c6d5e4f
lvm pvcreate -q /dev/vdb
lvm vgcreate -q $group /dev/vdb
lvm lvcreate -q -W n -n $volume -L 32M $group

# Toolstacks give dom0 a uuid of its own.
xenstore-write /local/domain/0/vm /vm/$control
/disk/agent/collector-agent --listen 127.0.0.1:9780 >$results/agent.log 2>&1 &
agent=$!
say agent started

cat >/tmp/pv.cfg <<CONF
name = "paravirtual"
uuid = "$paravirtual"
type = "pv"
kernel = "/disk/vmlinux"
ramdisk = "/disk/guest.cpio.gz"
extra = "quiet"
memory = 128
vcpus = 2
disk = [ "phy:/dev/$group/$volume,xvda,w" ]
vif = [ "mac=00:16:3e:00:00:01,bridge=xenbr0" ]
CONF
# An emulated time stamp counter makes Xen emulate rdtscp, for which emulated SVM does not tell the length.
cat >/tmp/pvh.cfg <<CONF
name = "hardware"
uuid = "$hardware"
type = "pvh"
kernel = "/disk/vmlinux"
ramdisk = "/disk/guest.cpio.gz"
extra = "quiet"
memory = 112
vcpus = 1
tsc_mode = "native"
CONF
xl create -q -e /tmp/pv.cfg && say paravirtual guest created
xl create -q -e /tmp/pvh.cfg && say hardware guest created
first=$(xl domid paravirtual)
second=$(xl domid hardware)
# What a toolstack that moves memory between VMs writes, and what an agent in a guest does.
xenstore-write /local/domain/$first/memory/dynamic-max 163840 /local/domain/$first/memory/dynamic-min 65536
xenstore-write /local/domain/$second/memory/dynamic-max 114688 /local/domain/$second/memory/dynamic-min 114688
xenstore-write /local/domain/$first/data/meminfo_free 54321

counters() {
  for file in /sys/bus/xen-backend/devices/vbd-*/statistics/* /sys/class/net/vif*/statistics/[rt]x_bytes \
      /sys/class/net/vif*/statistics/[rt]x_errors; do
    [ -f "$file" ] && echo "$file $(cat "$file")"
  done
}
tools() {
  xl info >$1/xl-info
  xl list -v >$1/xl-list
  xl vcpu-list >$1/xl-vcpu-list
  xentop -b -i 1 -f >$1/xentop
  xenstore-ls -f / >$1/xenstore
  lvm lvs --noheadings --nosuffix --units b -o vg_name,lv_name,lv_size >$1/lvs 2>/dev/null
  lvm vgs --noheadings --nosuffix --units b -o vg_name,vg_size,vg_free >$1/vgs 2>/dev/null
}
quick() {
  cp /proc/meminfo /proc/loadavg $1/
  counters >$1/counters
  /disk/oracle >$1/oracle
}
moment() { # moment NAME [quick]: what asks xenstore is left out where it hangs
  folder=$results/$1
  mkdir -p $folder/before $folder/after $folder/pages
  quick $folder/before
  /disk/oracle $page $folder/pages/xcp-rrdd-squeezed-xen || say "no new sample at moment $1"
  quick $folder/after
  for other in $pages/*; do
    [ $other = $page ] || cp $other $folder/pages/
  done
  [ "$2" = quick ] || tools $folder/after
  say moment $1 measured
}
fixture() {
  folder=$results/fixture/$1
  mkdir -p $folder/proc/xen
  /disk/oracle >$folder/hypervisor.txt
  xenstore-ls -f / | grep -v '^/libxl\|/console\|/feature' >$folder/xenstore.txt
  cp /proc/meminfo $folder/proc/
  cp /proc/xen/capabilities $folder/proc/xen/
  counters | while read -r file value; do
    mkdir -p "$folder/$(dirname "$file")"
    echo "$value" >"$folder/$file"
  done
}

/disk/oracle $page /tmp/page || /disk/oracle $page /tmp/page
say page there
fixture first
moment first
fixture second
moment second
xl pause hardware
moment paused
xl unpause hardware
xl destroy paravirtual
moment destroyed
for document in status rrd_updates; do
  wget -q -O $results/$document "http://127.0.0.1:9780/$document?start=-300&cf=AVERAGE&host=true&vm_uuid=all&sr_uuid=all"
done
say rows read
kill -STOP "$(cat /run/xenstored.pid)"
/disk/oracle $page /tmp/page
moment hung quick
kill -CONT "$(cat /run/xenstored.pid)"
/disk/oracle $page /tmp/page
moment recovered quick
# Emulated, a guest takes longer to start than from one sample to the next; the plugin must not see that there is none meanwhile.
plugin=$(grep -l '[c]ollector-xen-plugin' /proc/[0-9]*/cmdline | cut -d/ -f3)
kill -STOP $plugin
xl destroy hardware
xl create -q -e /tmp/pvh.cfg && say hardware guest created again
kill -CONT $plugin
moment restarted quick
# The row of a sample is there after the next tick, and more than one is wanted.
/disk/oracle $page /tmp/page
/disk/oracle $page /tmp/page
wget -q -O $results/restarted/rrd_updates "http://127.0.0.1:9780/rrd_updates?start=-60&cf=AVERAGE&vm_uuid=$hardware"
kill -TERM $agent
tries=0
while [ -d /proc/$agent ] && [ $tries -lt 100 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
[ -f $page ] && echo "the page is still there" >$results/left
say done
