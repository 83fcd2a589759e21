"""Bad input, bad peers and a full disk give a clear message and leave the node working."""
import os
import socket
import time
import unittest

from load import Load
from support import Node, NodeTest, dicom_files, necknode, phantom, run, wait_for


class Faults(NodeTest):
    def test_what_is_no_association_is_named_in_the_log(self):
        with Node(self.folder / "node") as node:
            for first in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40), b"GET / HTTP/1.1\r\n\r\n"):
                with socket.create_connection(("127.0.0.1", node.port), 5) as peer:
                    peer.sendall(first)
                    self.assertEqual(peer.recv(100), bytes([7, 0, 0, 0, 0, 4, 0, 0, 0, 0]))
            with socket.create_connection(("127.0.0.1", node.port), 5):
                pass  # one who knocks only is not worth a line
            node.echo()
        lines = [line for line in node.log().splitlines() if "not_an_association" in line]
        self.assertEqual(len(lines), 2)
        self.assertIn('first_byte=22 hint="does the peer speak TLS on a port without?"', lines[0])
        self.assertIn("warning receiver event=not_an_association host=127.0.0.1 first_byte=71", lines[1])

    def test_idle_connections_do_not_keep_echo_from_an_answer(self):
        with Node(self.folder / "node") as node:
            idle = [socket.create_connection(("127.0.0.1", node.port)) for _ in range(64)]
            try:
                start = time.monotonic()
                self.assertEqual(node.echo().returncode, 0)
                self.assertLess(time.monotonic() - start, 1)
            finally:
                for one in idle:
                    one.close()

    def test_truncated_file_is_refused_and_the_rest_is_stored(self):
        files = dicom_files(phantom(7))
        bad = self.folder / "bad.dcm"
        bad.write_bytes(files[0].read_bytes()[:200_000])
        with Node(self.folder / "node") as node:
            self.assertNotEqual(node.store(bad, check=False).returncode, 0)
            node.store(*files[1:4])
            self.assertEqual(node.status()["studies"][0]["instances"], 3)
            self.assertEqual(node.echo().returncode, 0)
        done = necknode("process", bad.parent, "--out", self.folder / "out", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("bad.dcm", done.stdout + done.stderr)

    def test_unknown_ae_titles_are_rejected_by_name(self):
        with Node(self.folder / "node", pacs_port=1) as node:
            called = node.echo(called="NOBODY")
            self.assertNotEqual(called.returncode, 0)
            self.assertIn("Called AE Title Not Recognized", called.stderr + called.stdout)
            calling = node.echo(calling="STRANGER")
            self.assertNotEqual(calling.returncode, 0)
            self.assertIn("Calling AE Title Not Recognized", calling.stderr + calling.stdout)
            self.assertEqual(node.echo().returncode, 0)

    def test_a_taken_port_is_named_and_ends_the_start(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            done = necknode("serve", "--data", self.folder / "data", "--port", port, "--http-port", 0, check=False, timeout=60)
        self.assertEqual(done.returncode, 69)
        self.assertIn(str(port), done.stderr)
        self.assertIn("in use", done.stderr.lower())

    def test_a_second_node_on_the_same_data_is_refused(self):
        with Node(self.folder / "node") as node:
            done = necknode("serve", "--config", node.config, check=False, timeout=60)
            self.assertEqual(done.returncode, 2)
            self.assertIn("another necknode", done.stderr)

    def test_full_disk_answers_and_recovers_without_a_restart(self):
        mount = self.folder / "small"
        mount.mkdir()
        if os.geteuid() != 0 or run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", mount, check=False).returncode:
            self.skipTest("needs the right to mount a tmpfs")
        try:
            files = dicom_files(phantom(7))
            node = Node(self.folder / "node", extra="reserve_mib = 2")
            node.config.write_text(node.config.read_text().replace(str(node.data), str(mount / "data")))
            with node:
                done = node.store("-v", *files, check=False)
                stored = (done.stdout + done.stderr).count("Received Store Response (Success)")
                self.assertGreater(stored, 5)
                self.assertLess(stored, len(files))
                self.assertIn("OutOfResources", done.stdout + done.stderr)
                self.assertEqual(node.echo().returncode, 0)
                self.assertEqual(node.status()["studies"][0]["instances"], stored)
                self.assertEqual(run("mount", "-o", "remount,size=200m", mount).returncode, 0)
                wait_for("the node takes instances again",
                         lambda: node.store(*files, check=False).returncode == 0, 30)
                self.assertEqual(node.status()["studies"][0]["instances"], len(files))
        finally:
            run("umount", mount, check=False)

    def test_many_and_hostile_peers_leave_nothing_behind(self):
        load = Load(self.folder)
        self.assertEqual(load.run(3000, 60), [], "\n".join(load.report))


class BadFiles(NodeTest):
    def test_a_configuration_with_three_errors_names_each(self):
        path = self.folder / "bad.toml"
        path.write_text('[receiver]\nport = "x"\n[[peer]]\nname = "p"\nae_title = "WAY TOO LONG AE TITLE"\n'
                        'host = "h"\nport = 104\n[[route]]\nname = "r"\n[[route.output]]\npeer = "q"\n')
        done = necknode("check-config", path, check=False)
        self.assertEqual(done.returncode, 2)
        for place in (":2: receiver.port", ":5: peer[0].ae_title", ":11: route[0].output[0].peer", "3 problems"):
            self.assertIn(place, done.stderr)
        serve = necknode("serve", "--config", path, check=False)
        self.assertEqual(serve.returncode, 2)
        self.assertIn("receiver.port", serve.stderr)


if __name__ == "__main__":
    unittest.main()
