"""The commands as a person types them."""
import json
import unittest

from support import NodeTest, dicom_files, necknode, phantom


class Commands(NodeTest):
    def test_help_and_version_are_everywhere(self):
        self.assertRegex(necknode("--version").stdout, r"^necknode \d+\.\d+\.\d+\n$")
        overview = necknode("--help").stdout
        for command in ("serve", "status", "process", "check-config", "check-sr", "echo", "packages", "architectures",
                        "phantom", "train", "evaluate", "role"):
            self.assertIn(f"  {command} ", overview)
            self.assertIn("Usage", necknode(command, "--help").stdout)
        self.assertEqual(necknode("nonsense", check=False).returncode, 2)

    def test_architectures_are_listed_with_what_they_cost(self):
        rows = json.loads(necknode("architectures", "--base-width", "8", "--json").stdout)
        classifiers = {row["name"]: row for row in rows if row["kind"] == "classifier"}
        self.assertEqual(len(classifiers), 11)
        own = classifiers["a_resnet50_w"]
        self.assertEqual(own["input"], [3, 224, 224])
        self.assertEqual(own["paper"]["figures"], {"ACC": 96.0, "TPR": 98.8, "TNR": 80.0, "AUC": 0.894})
        for row in rows:
            self.assertGreater(row["parameters_millions"], 0, row["name"])
            self.assertGreater(row["gmacs"], 0, row["name"])
        self.assertIn("a_resnet50_w", necknode("architectures", "--base-width", "8").stdout)
        refused = necknode("architectures", "--base-width", "1", check=False)
        self.assertEqual(refused.returncode, 2)

    def test_process_writes_documents_and_json_and_repeats_byte_for_byte(self):
        study = phantom(7)
        for out in ("one", "two"):
            done = necknode("process", study, "--out", self.folder / out)
        self.assertIn("LN-1", done.stdout)
        names = [path.name for path in dicom_files(self.folder / "one")]
        self.assertGreaterEqual(len(names), 4)  # two forms of the SR, PR, at least one SC
        self.assertEqual(names, [path.name for path in dicom_files(self.folder / "two")])
        for name in names:
            self.assertEqual((self.folder / "one" / name).read_bytes(), (self.folder / "two" / name).read_bytes(), name)
        result = json.loads((self.folder / "one" / "result.json").read_text())
        self.assertGreaterEqual(len(result["nodes"]), 1)

    def test_process_finds_most_of_a_phantoms_nodes(self):
        study = phantom(7)
        necknode("process", study, "--out", self.folder / "out")
        truth = json.loads((study / "truth.json").read_text())
        result = json.loads((self.folder / "out" / "result.json").read_text())
        true_nodes = {box["node_id"] for box in truth["annotations"]}
        self.assertGreaterEqual(len(result["nodes"]), len(true_nodes) // 2)

    def test_process_says_why_a_study_is_not_eligible(self):
        head = self.shared("philips_head_study")
        done = necknode("process", head / "localizer", "--out", self.folder / "out", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("localizer", done.stdout + done.stderr)

    def test_process_names_unreadable_files(self):
        folder = self.folder / "in"
        folder.mkdir()
        (folder / "notes.txt").write_text("not DICOM")
        done = necknode("process", folder, "--out", self.folder / "out", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("notes.txt", done.stdout + done.stderr)

    def test_status_of_no_node_is_an_error_and_makes_nothing(self):
        done = necknode("status", "--data", self.folder / "none", check=False)
        self.assertEqual(done.returncode, 66)
        self.assertFalse((self.folder / "none").exists())


if __name__ == "__main__":
    unittest.main()
