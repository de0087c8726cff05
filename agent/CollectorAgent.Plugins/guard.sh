#!/bin/sh
# Waits for the end of the agent, which holds the other end of standard input open for as long as it lives, and ends
# what the agent has left behind. $1: the number that every process which the agent has started carries, or whatever
# those have started: in its environment, and in its limit of file locks.
trap '' HUP INT TERM
cat >/dev/null

signal() {
  found=1
  for file in $(grep -lsE -e "COLLECTOR_AGENT_MARK=$2-" -e "^Max file locks +$2[0-9]{6} " /proc/[0-9]*/environ /proc/[0-9]*/limits); do
    pid=${file#/proc/}
    pid=${pid%%/*}
    # What has ended and is waited for by nobody cannot end once more.
    read -r line 2>/dev/null <"/proc/$pid/stat" || continue
    case ${line##*) } in Z*) continue ;; esac
    kill "$1" "$pid" 2>/dev/null && found=0
  done
  return $found
}

signal -TERM "$1" || exit 0
for second in 1 2 3 4 5; do
  sleep 1
  signal -0 "$1" || exit 0
done
while signal -KILL "$1"; do
  sleep 0.1
done
