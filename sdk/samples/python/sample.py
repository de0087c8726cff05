#!/usr/bin/python3
"""One data source of each kind, by the standard library alone: a page of version 2 and XML-RPC (docs/formats/sample-page.md, rpc.md).

The folder is a plugin folder as it is.
"""
import http.client
import json
import os
import signal
import socket
import struct
import sys
import time
import xmlrpc.client
import zlib

UID = "sample-python"
ROOT = os.environ.get("COLLECTOR_AGENT_ROOT", "/")
SOCKET = os.path.join(ROOT, "var/lib/xcp/xcp-rrdd")
PAGE = os.path.join(ROOT, "dev/shm/metrics", UID)
STEP = 5
BEFORE_READING = 0.5  # seconds


class UnixConnection(http.client.HTTPConnection):
    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(STEP)
        self.sock.connect(SOCKET)


class UnixTransport(xmlrpc.client.Transport):
    def make_connection(self, host):
        return UnixConnection(host)


def page(sr):
    with open("level", encoding="ascii") as file:
        level = float(file.read())
    total = int(time.clock_gettime(time.CLOCK_BOOTTIME) * 100)
    sources = [
        ("python_level", ">d", level, {"value_type": "float", "type": "gauge", "units": "Cel", "owner": "host"}),
        ("python_total", ">q", total, {"value_type": "int64", "type": "derive", "min": "0", "units": "ticks/s", "owner": "host"}),
        ("python_size", ">q", 1 << 40, {"value_type": "int64", "type": "gauge", "units": "B", "owner": "sr " + sr}),
    ]
    data = struct.pack(">d", time.time()) + b"".join(struct.pack(form, value) for _, form, value, _ in sources)
    metadata = json.dumps({"datasources": {name: {**keys, "default": "true"} for name, _, _, keys in sources}}).encode()
    return (b"DATASOURCES" + struct.pack(">IIi", zlib.crc32(data), zlib.crc32(metadata), len(sources)) + data
            + struct.pack(">i", len(metadata)) + metadata)


def publish(content):
    if os.path.exists(PAGE):
        with open(PAGE, "r+b", buffering=0) as file:
            file.write(content)
    else:  # It appears when it is whole; the name with .tmp is not looked at.
        os.makedirs(os.path.dirname(PAGE), exist_ok=True)
        with open(PAGE + ".tmp", "wb") as file:
            file.write(content)
        os.rename(PAGE + ".tmp", PAGE)


def seconds_to_reading():
    """Registering again changes nothing, and finds an agent that was started anew."""
    try:
        agent = xmlrpc.client.ServerProxy("http://localhost/", UnixTransport())
        answer = agent.Plugin.Local.register({"uid": UID, "info": "Five_Seconds", "protocol": "V2"})
        if answer["Status"] == "Success":
            return answer["Value"]
        print(*answer["ErrorDescription"], file=sys.stderr)
    except (OSError, http.client.HTTPException, xmlrpc.client.Error) as error:
        print(error, file=sys.stderr)
    return STEP + BEFORE_READING


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    try:
        while True:
            try:
                publish(page(sys.argv[1]))
            except (OSError, ValueError) as error:  # No sample this time: the page stays as it is, and the values become unknown.
                print(error, file=sys.stderr)
            wait = seconds_to_reading() - BEFORE_READING
            time.sleep(wait if wait > 0.1 else wait + STEP)
    finally:
        if os.path.exists(PAGE):
            os.remove(PAGE)


main()
