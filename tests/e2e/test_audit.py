"""The audit trail as DICOM audit messages: every message is parsed by an XML reader of its own."""
import json
import socket
import unittest
import xml.etree.ElementTree as ElementTree

from support import Node, NodeTest, free_ports, necknode, run, wait_for

CANARY = "CANARY"
# As dump2dcm reads it. A canary stands in every attribute that identifies the patient.
IMAGE = f"""
(0008,0016) UI =CTImageStorage
(0008,0018) UI [1.2.3.1.1]
(0008,0050) SH [{CANARY}]
(0008,0060) CS [CT]
(0008,0080) LO [{CANARY}]
(0008,0090) PN [{CANARY}]
(0008,1030) LO [{CANARY}]
(0010,0010) PN [{CANARY}]
(0010,0020) LO [{CANARY}ID]
(0010,0021) LO [{CANARY}]
(0010,0030) DA [{CANARY}]
(0010,1000) LO [{CANARY}]
(0010,1040) LO [{CANARY}]
(0010,4000) LT [{CANARY}]
(0020,000d) UI [1.2.3]
(0020,000e) UI [1.2.3.1]
(0020,0010) SH [{CANARY}]
(0020,0013) IS [1]
"""


class SyslogServer:
    """By UDP on the loopback. `read()` gives the messages so far, as (header, root element, text)."""

    def __init__(self, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", port))
        self.socket.setblocking(False)
        self.messages = []

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.socket.close()

    def read(self):
        while True:
            try:
                datagram = self.socket.recv(65536)
            except BlockingIOError:
                return self.messages
            header, xml = datagram.split(b"\xef\xbb\xbf", 1)
            self.messages.append((header.decode("ascii"), ElementTree.fromstring(xml), xml.decode("utf-8")))

    def of(self, code):
        return [root for _, root, _ in self.read() if root.find("EventIdentification/EventID").get("csd-code") == code]


def type_of(root):
    return root.find("EventIdentification/EventTypeCode").get("csd-code")


class Audit(NodeTest):
    def test_what_happens_reaches_the_audit_server_and_no_patient_but_the_id_does(self):
        (port,) = free_ports(1)
        extra = f'[audit]\nserver = "127.0.0.1"\nport = {port}\ntransport = "udp"\n'
        dump, image = self.folder / "image.dump", self.folder / "image.dcm"
        dump.write_text(IMAGE, encoding="ascii")
        run("dump2dcm", "-q", dump, image)
        # The server is away while the first things happen.
        with Node(self.folder / "node", pacs_port=1, extra=extra) as node:
            node.store(image)
            self.assertNotEqual(node.echo(calling="STRANGER").returncode, 0)
            with SyslogServer(port) as server:
                wait_for("the transfer", lambda: server.of("110104"), 60)
                wait_for("the alert", lambda: [r for r in server.of("110113") if type_of(r) == "110126"], 60)
                starts = server.of("110100")
                self.assertEqual({root.find("ActiveParticipant").get("UserID") for root in starts},
                                 {"receiver", "coordinator", "worker", "sender", "retriever", "admin"})
                # The configuration, and peers.toml, which begins as a copy of its AE titles, peers and routes.
                self.assertEqual([type_of(r) for r in server.of("110113") if type_of(r) == "110131"], ["110131"] * 2)
                objects = server.of("110104")[0].findall("ParticipantObjectIdentification")
                self.assertEqual([one.get("ParticipantObjectID") for one in objects], ["1.2.3", f"{CANARY}ID"])
                rows = json.loads(necknode("audit", "--config", node.config, "--json", "--limit", 0).stdout)
                wait_for("who read the trail", lambda: server.of("110101"), 60)
                for header, _, text in server.read():
                    self.assertRegex(header, r"^<8[45]>1 \S+Z \S+ necknode \d+ DICOM\+RFC3881 - $")
                    self.assertNotIn(CANARY, text.replace(f'ParticipantObjectID="{CANARY}ID"', ""))
            self.assertEqual(sum(row["event"] == "transfer" for row in rows), 1)
            self.assertNotIn(CANARY, json.dumps(rows))
            self.assertNotIn(CANARY, necknode("audit", "--config", node.config).stdout)
            self.assertNotIn(CANARY, json.dumps(node.status()))
            sender = [role for role in node.status()["roles"] if role["role"] == "sender"][0]
            self.assertRegex(sender["text"], r"audit_waiting=\d+ audit_sent=\d+")
        self.assertNotIn(CANARY, node.log())


if __name__ == "__main__":
    unittest.main()
