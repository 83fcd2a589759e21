"""A study on its way through a node, as its commands and its API tell it, and what a person can do with it."""
import json
import shutil
import subprocess
import unittest
import urllib.request

from support import Node, NodeTest, Orthanc, dicom_files, free_ports, necknode, phantom, wait_for
from test_rerun import PACKAGE

SCRIPT = "<script>alert(1)</script>^A"


class AdminStudies(NodeTest):
    def ask(self, node, *arguments, check=True):
        done = necknode(*arguments, "--config", node.config, "--json", check=check)
        return json.loads(done.stdout) if done.returncode == 0 else done

    def get(self, node, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{node.http_port}/api/v1{path}", timeout=10) as answer:
            return json.load(answer)

    def wait_for_status(self, node, status, study=1):
        return wait_for(f"study {study} {status}",
                        lambda: [s for s in self.ask(node, "studies", "--patient")
                                 if s["id"] == study and s["status"] == status], 120)[0]

    def packages(self):
        root = self.folder / "packages"
        for version in ("2", "3"):
            shutil.copytree(PACKAGE, root / "phantom" / version)
            manifest = root / "phantom" / version / "package.json"
            package = json.loads(manifest.read_text())
            package["version"] = version
            manifest.write_text(json.dumps(package))
        return root

    def renamed(self, name, charset, seed=7, count=1):
        """Slices of a phantom as a study of its own with another name, given as the bytes that stand in the file."""
        folder = self.folder / f"renamed{len(list(self.folder.glob('renamed*')))}"
        folder.mkdir()
        uid = f"1.2.826.0.1.3680043.8.498.{len(list(self.folder.glob('renamed*')))}"
        for i, file in enumerate(dicom_files(phantom(seed))[:count]):
            copy = folder / file.name
            shutil.copy(file, copy)
            subprocess.run([b"dcmodify", b"-nb", b"-ie", b"-i", b"(0008,0005)=" + charset,
                            b"-i", b"(0010,0010)=" + name, b"-m", f"(0020,000d)={uid}".encode(),
                            b"-m", f"(0020,000e)={uid}.1".encode(), b"-m", f"(0008,0018)={uid}.1.{i}".encode(),
                            str(copy).encode()], check=True)
        return folder

    def test_a_study_is_followed_analysed_again_and_sent_again(self):
        port = free_ports(1)[0]
        node = Node(self.folder / "node", port, extra=f'packages = "{self.packages()}"')
        with node:
            node.store_folder(self.renamed(SCRIPT.encode(), b"ISO_IR 100", count=40))
            study = self.wait_for_status(node, "sending")
            self.assertEqual(study["patient_name"], SCRIPT)
            self.assertIn("to be delivered", study["status_text"])
            self.assertEqual(self.get(node, "/studies")["items"][0]["patient_name"], SCRIPT)
            self.assertEqual(self.get(node, "/node")["outbox"][0]["destination"], "pacs")
            self.assertIsNone(self.ask(node, "studies")[0]["patient_name"])
            self.assertNotIn("script", necknode("study", "1", "--config", node.config).stdout)
            self.assertEqual([s["id"] for s in self.ask(node, "studies", "--search", "ALERT(1)")], [1])
            self.assertEqual(self.ask(node, "studies", "--search", "nobody"), [])
            wait_for("a try of each", lambda: all(row["last_status"] for row in self.ask(node, "outbox")), 60)
            self.assertRegex(necknode("study", "1", "--config", node.config).stdout,
                             r"SC to pacs not taken yet: connection refused.* \(\d+ times\)\n")
            with Orthanc(self.folder / "pacs", port) as pacs:
                self.ask(node, "outbox", "release", *[row["id"] for row in self.ask(node, "outbox")])
                self.wait_for_status(node, "done")
                whole = self.ask(node, "study", study["study_instance_uid"], "--patient")
                self.assertEqual(whole, self.get(node, "/studies/1"))
                events = [event["event"] for event in whole["timeline"]]
                for event in ("received", "complete", "selected", "job_made", "job_started", "job_finished", "delivered",
                              "person"):
                    self.assertIn(event, events)
                self.assertEqual(events, [e["event"] for e in sorted(whole["timeline"], key=lambda e: e["time"])])
                self.analyse_again(node, pacs)
            models = {m["package"]: m for m in self.ask(node, "models")}
            self.assertEqual(models["phantom/2"]["routes"], ["test"])
            self.assertEqual(models["phantom/3"]["warning"], "PHANTOM MODEL, NOT FOR CLINICAL USE")
            self.assertEqual(models["phantom/3"]["limits"]["max_slice_thickness_mm"], 5.0)
            self.assertIn("classification", models["phantom/3"]["figures"])

    def analyse_again(self, node, pacs):
        refused = self.ask(node, "study", "1", "reanalyse", check=False)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("already analysed", refused.stderr)
        [job] = self.ask(node, "study", "1", "reanalyse", "--package", "phantom/3")["jobs"]
        self.assertEqual((job["package"], job["state"]), ("phantom/3", "queued"))
        node.wait_for_jobs(count=2)
        wait_for("a second report", lambda: len(pacs.instances("SR")) == 2, 60)
        node.wait_for_delivery()
        documents = len(self.ask(node, "outbox", "--limit", "0"))
        self.assertEqual(self.ask(node, "study", "1", "resend", "--destination", "pacs"), {"released": documents})
        node.wait_for_delivery()
        for words in (("study", "1", "resend"), ("outbox", "release")):
            nameless = necknode(*words, "--destination", "", "--config", node.config, check=False)
            self.assertEqual(nameless.returncode, 2)
            self.assertIn("must not be empty", nameless.stderr)
        self.assertIn("not installed", self.ask(node, "study", "1", "reanalyse", "--package", "none/1", check=False).stderr)
        rows = self.ask(node, "audit", "--limit", "0", "--study", "1")
        self.assertEqual({row["study"] for row in rows}, {1})
        acts = [row for row in rows if row["user"]]
        self.assertIn("analysed again", {row["outcome"] for row in acts})
        self.assertIn("released", {row["outcome"] for row in acts})

    def test_a_study_that_is_not_analysed_says_why(self):
        with Node(self.folder / "node") as node:
            node.store(*dicom_files(phantom(7))[:3])
            study = self.wait_for_status(node, "not_analysed")
            self.assertIn("no suitable series", study["status_text"])
            [series] = self.ask(node, "study", "1")["series"]
            self.assertFalse(series["selected"])
            self.assertIn("3", series["reason"])
            self.assertIn("refused", necknode("study", "1", "--config", node.config).stdout)
            self.assertEqual(necknode("study", "9", "--config", node.config, check=False).returncode, 66)
            self.assertEqual(necknode("study", "1", "burn", "--config", node.config, check=False).returncode, 2)
            self.assertIn("STATE", necknode("studies", "--config", node.config).stdout)

    def test_names_of_every_character_set_are_right(self):
        yamada = (b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B=\x1b$B$d$^$@\x1b(B^\x1b$B$?$m$&\x1b(B")
        names = {"Yamada^Tarou=山田^太郎=やまだ^たろう": (yamada, b"\\ISO 2022 IR 87"),
                 "Wang^XiaoDong=王^小东": ("Wang^XiaoDong=王^小东".encode(), b"ISO_IR 192"),
                 "Buc^Jérôme": ("Buc^Jérôme".encode("latin-1"), b"ISO_IR 100"),
                 SCRIPT: (SCRIPT.encode(), b"ISO_IR 100")}
        with Node(self.folder / "node") as node:
            for name, charset in names.values():
                node.store_folder(self.renamed(name, charset))
            found = wait_for("all are here", lambda: (rows := self.ask(node, "studies", "--patient"))
                             and len(rows) == len(names) and rows, 30)
            self.assertEqual({study["patient_name"] for study in found}, set(names))
            for search in ("山田", "小东", "JÉRÔME"):
                self.assertEqual(len(self.ask(node, "studies", "--search", search)), 1, search)


if __name__ == "__main__":
    unittest.main()
