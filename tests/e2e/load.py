#!/usr/bin/python3
"""What many and hostile peers do to a running receiver: memory, descriptors, threads, and how long others wait.

  tests/e2e/load.py [--associations 10000] [--hostile 100]

Opens and releases so many associations, then holds so many hostile peers open at once: silent ones, halves of a request,
false lengths, associations that stop in the middle of an object or of a header. While they are held, echoscu and storescu
must be served; afterwards the receiver must be as it was before. Prints what was measured, ends with exit code 1 where a
limit is broken.
"""
import argparse
import contextlib
import pathlib
import socket
import struct
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from support import Node, dicom_files, necknode, wait_for  # noqa: E402

# RSS: what the allocator keeps of a burst for the next one. A leak of a kilobyte an association would be ten megabytes.
LIMITS = {"seconds to serve": 1.0, "growth of RSS in KiB": 6144, "more descriptors": 2, "more threads": 0}
CT, EXPLICIT, VERIFICATION = b"1.2.840.10008.5.1.4.1.1.2", b"1.2.840.10008.1.2.1", b"1.2.840.10008.1.1"


def item(kind, body):
    return struct.pack(">BBH", kind, 0, len(body)) + body


def associate_request(sop_class=VERIFICATION):
    context = item(0x20, b"\1\0\0\0" + item(0x30, sop_class) + item(0x40, EXPLICIT))
    user = item(0x50, item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3.4"))
    body = (struct.pack(">HH", 1, 0) + b"NECKNODE".ljust(16) + b"STORESCU".ljust(16) + bytes(32) +
            item(0x10, b"1.2.840.10008.3.1.1.1") + context + user)
    return b"\1\0" + struct.pack(">I", len(body)) + body


def read_pdu(peer):
    header = b""
    while len(header) < 6:
        piece = peer.recv(6 - len(header))
        if not piece:
            return None
        header += piece
    length = struct.unpack(">I", header[2:])[0]
    body = b""
    while len(body) < length:
        body += peer.recv(length - len(body))
    return header[0]


def connect(port):
    peer = socket.create_connection(("127.0.0.1", port), timeout=20)
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return peer


def associate(port, sop_class=VERIFICATION):
    peer = connect(port)
    peer.sendall(associate_request(sop_class))
    if read_pdu(peer) != 2:
        raise RuntimeError("the association was not accepted")
    return peer


def one_association(port):
    with associate(port) as peer:
        peer.sendall(b"\5\0\0\0\0\4\0\0\0\0")
        if read_pdu(peer) != 6:
            raise RuntimeError("the release was not answered")


def store_command():
    def element(number, value):
        value += b"\0" * (len(value) % 2)
        return struct.pack("<HHI", 0, number, len(value)) + value

    body = (element(0x0002, CT) + element(0x0100, b"\1\0") + element(0x0110, b"\7\0") + element(0x0700, b"\0\0") +
            element(0x0800, b"\0\0") + element(0x1000, b"1.2.3.4.5.6"))
    command = element(0x0000, struct.pack("<I", len(body))) + body
    return command


def data_pdu(control, data):
    value = struct.pack(">IBB", len(data) + 2, 1, control) + data
    return b"\4\0" + struct.pack(">I", len(value)) + value


def hostile(port, kind):
    """A peer that sends something and then nothing more. Returned open."""
    if kind % 6 == 0:
        return connect(port)
    if kind % 6 == 1:
        peer = connect(port)
        request = associate_request()
        peer.sendall(request[:len(request) // 2])
        return peer
    if kind % 6 == 2:
        peer = connect(port)
        peer.sendall(b"\1\0" + struct.pack(">I", 200_000) + bytes(1000))
        return peer
    peer = associate(port, CT)
    if kind % 6 == 3:
        peer.sendall(data_pdu(3, store_command()) + data_pdu(0, bytes(8000)))
    elif kind % 6 == 4:
        peer.sendall(b"\4\0\0")
    else:
        peer.sendall(b"\4\0" + struct.pack(">I", 250_000) + bytes(100_000))
    return peer


def state_of(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    field = {line.split(":")[0]: line.split()[1] for line in status.splitlines() if len(line.split()) > 1}
    descriptors = len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))
    return {"RSS in KiB": int(field["VmRSS"]), "threads": int(field["Threads"]), "descriptors": descriptors}



class Load:
    """Against a node of its own. `report` are the lines to print, `broken` the limits that did not hold."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.report, self.broken = [], []

    def compare(self, what, before, after):
        growth = {"growth of RSS in KiB": after["RSS in KiB"] - before["RSS in KiB"],
                  "more descriptors": after["descriptors"] - before["descriptors"],
                  "more threads": after["threads"] - before["threads"]}
        self.report.append(f"{what}: before {before}, after {after}")
        self.broken += [f"{what}: {name} {value}, at most {LIMITS[name]}"
                        for name, value in growth.items() if value > LIMITS[name]]

    def limit_seconds(self, what, seconds):
        self.report.append(f"{what}: {seconds:.2f} s")
        if seconds > LIMITS["seconds to serve"]:
            self.broken.append(f"{what} took {seconds:.2f} s, at most {LIMITS['seconds to serve']}")

    def run(self, associations, hostile_peers):
        study = self.folder / "study"
        necknode("phantom", "--seed", 7, "--slices", 40, "--out", study)
        with Node(self.folder / "node", quiet_s=3600) as node:
            receiver = node.role_pids()["receiver"]
            for _ in range(1000):  # what a first use allocates once
                one_association(node.port)
            node.store(*dicom_files(study)[:4])
            before = state_of(receiver)
            start = time.monotonic()
            for _ in range(associations):
                one_association(node.port)
            rate = associations / (time.monotonic() - start)
            time.sleep(1)
            self.compare(f"{associations} associations ({rate:.0f} a second)", before, state_of(receiver))
            before = state_of(receiver)
            with contextlib.ExitStack() as held:
                for kind in range(hostile_peers):
                    held.enter_context(hostile(node.port, kind))
                start = time.monotonic()
                if node.echo().returncode != 0:
                    self.broken.append("echoscu was not served")
                self.limit_seconds(f"echoscu beside {hostile_peers} hostile peers", time.monotonic() - start)
                start = time.monotonic()
                node.store(dicom_files(study)[5])
                self.limit_seconds(f"storescu of a slice beside {hostile_peers} hostile peers", time.monotonic() - start)
            # Those that are closed are gone at once; nothing waits for a timeout.
            wait_for("the receiver is as it was", lambda: state_of(receiver)["descriptors"] <= before["descriptors"] + 2, 30)
            self.compare(f"{hostile_peers} hostile peers", before, state_of(receiver))
        return self.broken


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--associations", type=int, default=10000)
    parser.add_argument("--hostile", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="necknode-load-") as folder:
        load = Load(folder)
        broken = load.run(arguments.associations, arguments.hostile)
    print("\n".join(load.report + [f"BROKEN: {line}" for line in broken]))
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
