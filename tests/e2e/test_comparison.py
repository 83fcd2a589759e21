"""Comparison with an earlier study of the patient: by hand, and by the node between two studies that it analyses."""
import json
import shutil
import unittest

from support import Node, NodeTest, dicom_files, necknode, phantom, run

EARLIER, LATER = "1.2.826.0.1.3680043.8.498.77701", "1.2.826.0.1.3680043.8.498.77702"


class Comparison(NodeTest):
    def study(self, name, uid, date):
        """The same phantom as a study of its own."""
        folder = self.folder / name
        folder.mkdir()
        for file in dicom_files(phantom(7)):
            shutil.copy(file, folder)
        run("dcmodify", "-nb", "-gin", "-m", f"StudyInstanceUID={uid}", "-m", f"SeriesInstanceUID={uid}.1",
            "-m", f"StudyDate={date}", *dicom_files(folder))
        return folder

    def check(self, result):
        """Every node is found again where it was, and none has grown."""
        self.assertEqual(result["comparison"]["study_instance_uid"], EARLIER)
        self.assertIsNone(result["comparison"]["reason"])
        self.assertGreater(result["comparison"]["quality"], 0.99)
        self.assertEqual(result["comparison"]["earlier_nodes"], len(result["nodes"]))
        matched = [node for node in result["nodes"] if node["earlier"]["state"] == "matched"]
        self.assertGreaterEqual(2 * len(matched), len(result["nodes"]))
        for node in matched:
            if node["short_axis"]:
                self.assertEqual(node["earlier"]["short_axis_mm"], node["short_axis"]["length_mm"])
        return matched

    def test_process_compares_with_an_earlier_study_in_a_folder(self):
        earlier = self.study("earlier", EARLIER, "20240503")
        later = self.study("later", LATER, "20260502")
        done = necknode("process", later, "--prior", earlier, "--out", self.folder / "out")
        self.assertIn("Compared with the study of 2024-05-03", done.stdout)
        for node in self.check(json.loads((self.folder / "out/result.json").read_text())):
            self.assertIsNone(node["earlier"]["identifier"])
        report = self.folder / "out/sr_comprehensive3d.dcm"
        self.assertRegex(report.read_bytes(), rb" mm axial, image \d+[^\\]*, earlier 2024-05-03: short axis ")
        necknode("check-sr", report)
        self.assertNotIn("2024", (self.folder / "out/result.json").read_text().replace(EARLIER, ""))
        backwards = necknode("process", earlier, "--prior", later, "--out", self.folder / "backwards")
        self.assertIn("Not compared with an earlier study: no study of the patient", backwards.stdout)

    def test_an_earlier_study_that_cannot_be_read_fails_nothing(self):
        junk = self.folder / "junk"
        junk.mkdir()
        (junk / "a.dcm").write_bytes(b"no DICOM")
        done = necknode("process", phantom(7), "--prior", junk, "--out", self.folder / "out")
        self.assertIn("Not compared with an earlier study: the folder of the earlier study holds no", done.stdout)

    def test_the_node_compares_with_the_study_that_it_analysed_before(self):
        with Node(self.folder / "node") as node:
            node.store_folder(self.study("earlier", EARLIER, "20240503"))
            node.wait_for_jobs(count=1)
            node.store_folder(self.study("later", LATER, "20260502"))
            node.wait_for_jobs(count=2)
            results = {}
            for file in (node.data / "results").rglob("*"):
                if file.is_file() and file.read_bytes()[:1] == b"{":
                    result = json.loads(file.read_text())
                    results[result["series"]["study_instance_uid"]] = result
        self.assertIsNone(results[EARLIER]["comparison"])
        for found in self.check(results[LATER]):
            self.assertEqual(found["earlier"]["identifier"], found["identifier"])


if __name__ == "__main__":
    unittest.main()
