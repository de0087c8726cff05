#!/bin/sh
# Waits for the end of the agent, which holds the other end of standard input open for as long as it lives, and ends
# what the agent has left behind. $1: the mark in the environment of every process that the agent starts.
trap '' HUP INT TERM
cat >/dev/null

signal() {
  found=1
  for file in $(grep -ls -e "$2" /proc/[0-9]*/environ); do
    pid=${file#/proc/}
    kill "$1" "${pid%%/*}" 2>/dev/null && found=0
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
