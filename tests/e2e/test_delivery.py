"""A study sent by an unmodified storescu comes back to the PACS as SR, GSPS and key images, exactly once."""
import json
import unittest

from support import Node, NodeTest, Orthanc, necknode, phantom, run, wait_for


def dciodvfy_errors(path):
    """Errors of dciodvfy but for the known false ones (docs/outputs.md)."""
    done = run("dciodvfy", path, check=False)
    known = ("DeviceUID",)
    return [line for line in done.stderr.splitlines()
            if line.startswith("Error") and not any(word in line for word in known)]


class Delivery(NodeTest):
    def check_documents(self, pacs, modalities):
        for modality in modalities:
            for instance in pacs.instances(modality):
                path = self.folder / f"{modality}-{instance}.dcm"
                path.write_bytes(pacs.file(instance))
                self.assertEqual(dciodvfy_errors(path), [], modality)
                if modality == "SR":
                    necknode("check-sr", path)

    def test_phantom_study_is_answered_once_in_the_pacs_and_by_stow_in_the_archive(self):
        study = phantom(7)
        archive = Orthanc(self.folder / "archive", dicomweb=True)
        peer = f'[[peer]]\nname = "archive"\nurl = "{archive.web_url}"\naccept_non_clinical = true\n'
        with Orthanc(self.folder / "pacs") as pacs, archive, Node(
                self.folder / "node", pacs.dicom_port, route='[[route.output]]\npeer = "archive"', peer=peer) as node:
            echo = necknode("echo", "archive", "--config", node.config)
            self.assertIn(f"archive answers GET {archive.web_url}/studies?limit=1", echo.stdout)
            echo = json.loads(necknode("echo", "archive", "--json", "--config", node.config).stdout)
            self.assertEqual(echo, {"peer": "archive", "ok": True, "text": ""})
            node.store_folder(study)
            node.wait_for_delivery()
            self.assertEqual({row["last_status"] for row in node.status()["outbox"]}, {"0x0000"})
            for taker in (pacs, archive):
                self.assertEqual(len(taker.instances("SR")), 1)
                self.assertEqual(len(taker.instances("PR")), 1)
                self.assertGreaterEqual(len(taker.instances("OT")), 1)
            self.check_documents(pacs, ["SR", "PR", "OT"])
            # What went by STOW is the very file that was made.
            result = {path.read_bytes() for path in node.data.glob("results/*/*")}
            for modality in ("SR", "PR", "OT"):
                for instance in archive.instances(modality):
                    self.assertIn(archive.file(instance), result)
            # A person may want one sent again.
            row = node.status()["outbox"][0]["id"]
            self.assertIn(f"row {row} is sent again", necknode("release", row, "--config", node.config).stdout)
            wait_for("the row sent twice", lambda: node.log().count(f"event=result_sent row={row} ") == 2, 60)
            node.wait_for_delivery()
            # The same bytes again are acknowledged and make no second report.
            node.store_folder(study)
            self.assertEqual(len(node.jobs()), 1)
            self.assertEqual(node.stop(), 0)
            node.start()
            self.assertEqual([job["state"] for job in node.jobs()], ["done"])
            self.assertEqual(len(pacs.instances("SR")), 1)

    def test_real_head_ct_goes_the_same_way(self):
        series = self.shared("philips_head_study") / "brain_5mm"
        with Orthanc(self.folder / "pacs") as pacs, Node(
                self.folder / "node", pacs.dicom_port, route='intended_use = "warn"') as node:
            node.store("+sd", series)
            node.wait_for_delivery()
            self.assertEqual(len(pacs.instances("SR")), 1)
            self.check_documents(pacs, ["SR", "PR", "OT"])

    def test_real_head_ct_is_not_eligible_by_default(self):
        series = self.shared("philips_head_study") / "brain_5mm"
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port) as node:
            node.store("+sd", series)
            node.wait_for_jobs("not_eligible")
            self.assertTrue(node.jobs()[0]["reason"])
            self.assertEqual(node.status()["outbox"], [])
            necknode("requeue", node.jobs()[0]["id"], "--config", node.config)
            wait_for("a second attempt", lambda: node.jobs()[0]["attempt"] == 2, 60)
            node.wait_for_jobs("not_eligible")

    def test_results_wait_for_a_pacs_that_is_away(self):
        pacs = Orthanc(self.folder / "pacs")
        with Node(self.folder / "node", pacs.dicom_port) as node:
            node.store_folder(phantom(7))
            node.wait_for_jobs("done")
            tried = wait_for("a first try", lambda: [r for r in node.status()["outbox"] if r["attempts"] > 0], 60)
            self.assertTrue(all(row["state"] == "waiting" for row in tried))
            self.assertIn("refused", tried[0]["last_status"].lower())
            with pacs:
                node.wait_for_delivery(seconds=120)
                self.assertEqual(len(pacs.instances("SR")), 1)

    def test_results_of_a_phantom_model_are_withheld_from_a_clinical_pacs(self):
        with Orthanc(self.folder / "pacs") as pacs:
            node = Node(self.folder / "node", pacs.dicom_port)
            node.config.write_text(node.config.read_text().replace("accept_non_clinical = true", ""))
            with node:
                node.store_folder(phantom(7))
                node.wait_for_jobs("done")
                self.assertTrue(node.status()["outbox"])
                self.assertEqual({row["state"] for row in node.status()["outbox"]}, {"withheld"})
                refused = necknode("release", 1, "--config", node.config, check=False)
                self.assertNotEqual(refused.returncode, 0)
                self.assertIn("withheld", refused.stderr)
                unknown = necknode("release", 999, "--config", node.config, check=False)
                self.assertEqual(unknown.returncode, 66)
                self.assertEqual(pacs.instances("SR"), [])

    def test_every_other_storage_class_is_stored_and_not_analysed(self):
        odd = self.shared("odd_files")
        with Node(self.folder / "node") as node:
            done = node.store("-R", odd / "test-SR.dcm", odd / "liver_1frame.dcm", odd / "CT_small.dcm")
            self.assertEqual(done.returncode, 0)
            wait_for("decisions", lambda: all(s["decided"] for s in node.status()["studies"]), 30)
            self.assertEqual(node.jobs(), [])
            self.assertEqual(sum(s["instances"] for s in node.status()["studies"]), 3)


if __name__ == "__main__":
    unittest.main()
