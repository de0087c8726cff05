#!/bin/sh
# Tells the backend which device a guest's disk is, in place of the toolstack's script, which wants bash and udev.
[ "$1" = add ] || exit 0
device=$(readlink -f "$(xenstore-read "$XENBUS_PATH/params")")
xenstore-write "$XENBUS_PATH/physical-device" "$(stat -c %t:%T "$device")" "$XENBUS_PATH/hotplug-status" connected
