"""The commands as a person types them."""
import json
import unittest

from support import NodeTest, ROOT, dicom_files, necknode, phantom


class Commands(NodeTest):
    def test_help_and_version_are_everywhere(self):
        self.assertRegex(necknode("--version").stdout, r"^necknode \d+\.\d+\.\d+\n$")
        overview = necknode("--help").stdout
        for command in ("serve", "status", "process", "check-config", "check-sr", "echo", "packages", "phantom",
                        "dataset", "train", "evaluate", "role"):
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

    def test_a_hospitals_folder_is_checked_and_trained_on(self):
        data = self.folder / "hospital"
        for seed in (1, 2):
            necknode("phantom", "--seed", seed, "--slices", 40, "--slice-spacing", 4, "--size", 128, "--spacing", 1.5,
                     "--patient-id", f"SECRET-{seed}", "--out", data / str(seed))
        truth = json.loads((data / "2" / "truth.json").read_text())
        truth["annotations"][0]["bbox"] = [120, 10, 30, 9]
        truth["split"] = {"train": ["SECRET-1"], "validation": ["SECRET-2"]}
        (data / "2" / "truth.json").write_text(json.dumps(truth))
        done = necknode("dataset", "check", data, "--json", self.folder / "report.json")
        self.assertIn("2/truth.json, annotation 1: box from (120, 10) to (150, 19) reaches beyond", done.stdout)
        self.assertEqual(necknode("dataset", "check", data, "--strict", check=False).returncode, 2)
        necknode("dataset", "analyse", "--data", data, "--plot", self.folder / "shapes.png")
        self.assertTrue((self.folder / "shapes.png").read_bytes().startswith(b"\x89PNG"))
        tiny = ("--base-width", 4, "--fpn-channels", 8, "--head-channels", 8, "--channels", 1, "--steps", 1,
                "--validation-samples", 1, "--augmentation-factor", 20, "--max-rotation", 10)
        done = necknode("train", "detector", "--data", data, "--out", self.folder / "run", *tiny)
        self.assertIn("1 entry cannot be used", done.stderr)
        record = (self.folder / "run" / "detector.json").read_text()
        self.assertEqual(json.loads(record)["training"]["data"]["refused_entries"], 1)
        self.assertNotIn("SECRET", done.stdout + done.stderr + record)
        self.assertEqual(len(json.loads((self.folder / "run" / "data_problems.json").read_text())["problems"]), 1)
        stopped = necknode("train", "detector", "--data", data, "--out", self.folder / "no", "--strict", *tiny, check=False)
        self.assertEqual(stopped.returncode, 2)
        self.assertIn("annotation 1", stopped.stderr)

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

    def test_evaluate_writes_its_report(self):
        readers = self.folder / "readers.csv"
        readers.write_text("patient,node,reader,call\n300001,1,R1,metastatic\n300001,2,R1,perhaps\n")
        done = necknode("evaluate", "--package", ROOT / "models/packages/phantom/1", "--data", "phantom:seeds 300001-300001",
                        "--phantom-slices", 40, "--slices", 4, "--readers", readers, "--out", self.folder / "report")
        self.assertIn("AP50", done.stdout)
        self.assertIn("not used: line 3: call is neither benign nor metastatic", done.stdout)
        report = json.loads((self.folder / "report" / "report.json").read_text())
        self.assertEqual(report["data"]["slices"], 4)
        self.assertEqual(len(report["froc"]["per_slice"]), 7)
        for name in ("report.md", "roc.png", "froc.png", "reliability.png"):
            self.assertGreater((self.folder / "report" / name).stat().st_size, 500, name)

    def test_evaluate_needs_something_to_evaluate(self):
        done = necknode("evaluate", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--package", done.stderr)


if __name__ == "__main__":
    unittest.main()
