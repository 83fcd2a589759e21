"""The commands as a person types them."""
import json
import unittest

from support import NodeTest, dicom_files, necknode, phantom


class Commands(NodeTest):
    def test_help_and_version_are_everywhere(self):
        self.assertRegex(necknode("--version").stdout, r"^necknode \d+\.\d+\.\d+\n$")
        overview = necknode("--help").stdout
        for command in ("serve", "status", "process", "check-config", "check-sr", "echo", "packages", "phantom", "train",
                        "evaluate", "role"):
            self.assertIn(f"  {command} ", overview)
            self.assertIn("Usage", necknode(command, "--help").stdout)
        self.assertEqual(necknode("nonsense", check=False).returncode, 2)

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

    def test_training_refuses_a_wrong_folder_before_it_makes_data(self):
        out = self.folder / "run"
        done = necknode("train", "detector", "--out", out, "--resume", check=False, timeout=20)
        self.assertEqual(done.returncode, 2)
        self.assertIn(str(out), done.stderr)
        self.assertFalse(out.exists())
        out.mkdir()
        (out / "checkpoint.safetensors").write_bytes(b"x")
        done = necknode("train", "detector", "--out", out, check=False, timeout=20)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--overwrite", done.stderr)
        both = necknode("train", "detector", "--out", out, "--resume", "--overwrite", check=False, timeout=20)
        self.assertEqual(both.returncode, 2)

    def test_every_option_of_training_has_a_help_text(self):
        for network in ("detector", "classifier", "package"):
            text = necknode("train", network, "--help").stdout
            for line in text.splitlines():
                self.assertFalse(line.startswith("  --") and len(line.split()) < 4, f"{network}: {line}")

    def test_evaluate_needs_something_to_evaluate(self):
        done = necknode("evaluate", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--package", done.stderr)


if __name__ == "__main__":
    unittest.main()
