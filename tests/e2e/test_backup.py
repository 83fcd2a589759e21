"""A backup of a node that works, killed, damaged, on a full disk; and the node that is made of it."""
import json
import random
import shutil
import signal
import subprocess
import time
import unittest

from support import PROGRAM, Node, NodeTest, Orthanc, necknode, phantom, run, wait_for


class Backup(NodeTest):
    def back_up(self, node, name, *more, check=True):
        return necknode("backup", self.folder / name, "--config", node.config, *more, check=check)

    def restored(self, name, backup, pacs_port=None):
        """A node with its data folder made of a backup."""
        other = Node(self.folder / name, pacs_port)
        done = necknode("restore", self.folder / backup, "--config", other.config)
        self.assertIn("objects", done.stdout)
        return other

    def test_a_restored_node_has_the_study_and_sends_nothing_twice(self):
        with Orthanc(self.folder / "pacs") as pacs:
            with Node(self.folder / "node", pacs.dicom_port) as node:
                node.store_folder(phantom(7))
                node.wait_for_delivery()
                before = node.status()
                made = json.loads(self.back_up(node, "backup", "--json").stdout)
                self.assertGreater(made["objects"], 0)
                self.assertEqual(made["damaged"], [])
                run("sh", "-c", f"cd {self.folder / 'backup'} && sha256sum --check --quiet SHA256SUMS")
                self.assertIn("phantom/2", (self.folder / "backup" / "backup.txt").read_text())
                audit = necknode("audit", "--config", node.config, "--limit", 20).stdout
                self.assertRegex(audit, r"backup +made")
                refused = necknode("restore", self.folder / "backup", "--config", node.config, check=False)
                self.assertEqual(refused.returncode, 2)
                self.assertIn("empty folder", refused.stderr)
            with self.restored("restored", "backup", pacs.dicom_port) as other:
                after = other.status()
                self.assertEqual([job["state"] for job in after["jobs"]], ["done"])
                self.assertEqual([(row["id"], row["state"]) for row in after["outbox"]],
                                 [(row["id"], row["state"]) for row in before["outbox"]])
                uid = before["studies"][0]["study_instance_uid"]
                self.assertEqual(necknode("report", uid, "--config", other.config).stdout,
                                 necknode("report", uid, "--config", node.config).stdout)
                other.store_folder(phantom(7))  # known, so no second analysis
                time.sleep(3)
                self.assertEqual(len(other.jobs()), 1)
                self.assertEqual(len(pacs.instances("SR")), 1)
                self.assertNotIn("event=result_sent", other.log())
                self.assertRegex(necknode("audit", "--config", other.config).stdout, r"backup +restored")

    def test_a_backup_while_images_come_is_of_one_instant(self):
        study = phantom(11)
        with Node(self.folder / "node") as node:
            sending = subprocess.Popen(["storescu", "-aet", "STORESCU", "-aec", "NECKNODE", "127.0.0.1", str(node.port),
                                        "+sd", str(study), "--scan-pattern", "*.dcm"])
            made = 0
            while sending.poll() is None or made == 0:
                self.back_up(node, f"backup{made}")
                made += 1
            self.assertEqual(sending.returncode, 0)
        counts = []
        for number in range(made):
            other = self.restored(f"restored{number}", f"backup{number}")
            studies = other.status()["studies"]
            rows = sum(s["instances"] for s in studies)
            self.assertEqual(rows, len(list((other.data / "objects").glob("*/*"))))
            counts.append(rows)
        self.assertEqual(counts, sorted(counts))

    def test_kills_leave_an_unfinished_backup_and_no_node(self):
        with Node(self.folder / "node") as node:
            node.store_folder(phantom(7))
            node.wait_for_jobs()
            self.back_up(node, "good", "--copy")
            chance = random.Random(3)
            unfinished = 0
            for number in range(12):
                name = f"killed{number}"
                process = subprocess.Popen([PROGRAM, "backup", "--copy", str(self.folder / name), "--config",
                                            str(node.config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(chance.uniform(0, 0.8))
                process.send_signal(signal.SIGKILL)
                process.wait()
                into = self.folder / f"from-{name}"
                done = necknode("restore", self.folder / name, "--data", into, check=False) \
                    if (self.folder / name).is_dir() else None
                if done is None or done.returncode != 0:
                    unfinished += 1
                    self.assertFalse((into / "necknode.db").exists())
                else:
                    self.assertFalse((self.folder / name / "UNFINISHED").exists())
            self.assertGreater(unfinished, 0)
            for number in range(12):
                into = self.folder / f"half{number}"
                process = subprocess.Popen([PROGRAM, "restore", str(self.folder / "good"), "--data", str(into)],
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(chance.uniform(0, 0.5))
                process.send_signal(signal.SIGKILL)
                process.wait()
                done = necknode("status", "--data", into, check=False)
                if done.returncode != 0:
                    self.assertFalse((into / "necknode.db").exists())
            # The node never noticed.
            self.assertEqual(node.echo().returncode, 0)

    def test_damage_is_named(self):
        with Node(self.folder / "node") as node:
            node.store_folder(phantom(7))
            node.wait_for_jobs()
            self.back_up(node, "backup", "--copy")
            damaged = next((self.folder / "backup" / "objects").glob("*/*"))
            content = bytearray(damaged.read_bytes())
            content[-100] ^= 1
            damaged.write_bytes(content)
            into = self.folder / "restored"
            done = necknode("restore", self.folder / "backup", "--data", into, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(damaged.name, done.stderr)
            self.assertEqual(list(into.iterdir()), [])
            self.assertIn(damaged.name,
                          necknode("restore", self.folder / "backup", "--data", into, "--without-damaged").stderr)
            # A file of the node itself.
            shutil.copy(damaged, node.data / "objects" / damaged.parent.name / damaged.name)
            done = self.back_up(node, "second", check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{damaged.name}: its bytes are not those that were received", done.stderr)

    def test_a_full_disk_ends_it_clearly(self):
        small = self.folder / "small"
        small.mkdir()
        if run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small, check=False).returncode != 0:
            self.skipTest("no tmpfs may be mounted here")
        try:
            with Node(self.folder / "node") as node:
                node.store_folder(phantom(7))
                wait_for("all stored", lambda: node.status()["studies"], 30)
                done = self.back_up(node, "small/backup", check=False)
                self.assertEqual(done.returncode, 74)
                self.assertIn("there is no backup", done.stderr)
                self.assertIn("No space left on device", done.stderr)
                self.assertEqual(node.echo().returncode, 0)
                refused = necknode("restore", small / "backup", "--data", self.folder / "new", check=False)
                self.assertEqual(refused.returncode, 2)
                self.assertIn("not finished", refused.stderr)
        finally:
            run("umount", small)


if __name__ == "__main__":
    unittest.main()
