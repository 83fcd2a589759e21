"""kill -9 of any role, or of the whole node, loses nothing that was acknowledged, and the study gets one report."""
import os
import signal
import subprocess
import time
import unittest

from soak import Soak
from support import Node, NodeTest, Orthanc, dicom_files, phantom, wait_for


class Kills(NodeTest):
    def finish(self, node, pacs, study):
        node.wait_for_delivery()
        self.assertEqual(node.status()["studies"][0]["instances"], len(dicom_files(study)))
        self.assertEqual([job["state"] for job in node.jobs()], ["done"])
        self.assertEqual(len(pacs.instances("SR")), 1)
        self.assertEqual(len(pacs.instances("PR")), 1)

    def test_receiver_is_killed_between_two_associations(self):
        study = phantom(7)
        files = dicom_files(study)
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port, quiet_s=4) as node:
            node.store(*files[:10])
            node.kill_role("receiver")
            wait_for("the receiver is back", lambda: node.echo().returncode == 0, 30)
            self.assertEqual(node.status()["studies"][0]["instances"], 10)
            node.store(*files[10:])
            self.finish(node, pacs, study)

    def test_receiver_is_killed_while_it_stores(self):
        study = phantom(7)
        files = dicom_files(study)
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port, quiet_s=4) as node:
            sender = subprocess.Popen(["storescu", "-v", "-aec", "NECKNODE", "127.0.0.1", str(node.port)] +
                                      [str(f) for f in files], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            acknowledged = 0
            for line in sender.stdout:
                acknowledged += "Received Store Response (Success)" in line
                if acknowledged == 5:
                    node.kill_role("receiver")
                    break
            acknowledged += sender.stdout.read().count("Received Store Response (Success)")
            sender.wait()
            sender.stdout.close()
            self.assertNotEqual(sender.returncode, 0)
            wait_for("the receiver is back", lambda: node.echo().returncode == 0, 30)
            self.assertGreaterEqual(node.status()["studies"][0]["instances"], acknowledged)
            node.store(*files)  # the sender tries again, as a PACS does
            self.finish(node, pacs, study)

    def test_worker_is_killed_while_it_analyses(self):
        study = phantom(7)
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port) as node:
            node.store_folder(study)
            wait_for("slices are analysed", lambda: any(job["slices_done"] > 3 for job in node.jobs()), 60)
            node.kill_role("worker")
            self.finish(node, pacs, study)
            self.assertGreaterEqual(node.jobs()[0]["attempt"], 2)

    def test_coordinator_and_sender_are_killed(self):
        study = phantom(7)
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port, quiet_s=2) as node:
            node.store_folder(study)
            node.kill_role("coordinator")
            node.wait_for_jobs("done")
            node.kill_role("sender")
            self.finish(node, pacs, study)

    def test_the_whole_node_is_killed(self):
        study = phantom(7)
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port) as node:
            node.store_folder(study)
            wait_for("a job runs", lambda: any(job["state"] == "running" for job in node.jobs()), 60)
            children = list(node.role_pids().values())
            node.process.send_signal(signal.SIGKILL)
            node.process.wait()
            wait_for("its roles are gone", lambda: not any(self.is_running(pid) for pid in children), 40)
            node.start()
            self.finish(node, pacs, study)

    @staticmethod
    def is_running(pid):
        try:
            os.kill(pid, 0)
        except OSError:
            return False
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] != "Z"

    def test_sigterm_during_the_analysis_ends_soon_and_the_job_goes_on_later(self):
        study = phantom(7)
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port) as node:
            node.store_folder(study)
            wait_for("a job runs", lambda: any(job["state"] == "running" for job in node.jobs()), 60)
            start = time.monotonic()
            self.assertEqual(node.stop(), 0)
            self.assertLess(time.monotonic() - start, 25)
            node.start()
            self.finish(node, pacs, study)

    def test_thirty_random_kills_lose_nothing_and_each_study_has_one_report(self):
        soak = Soak(self.folder / "soak", seed=int(time.time()))
        self.assertEqual(soak.run(30), [], f"seed {soak.state['seed']}, kills {soak.state['kills']}")


if __name__ == "__main__":
    unittest.main()
