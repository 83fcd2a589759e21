"""bench/experiments with a stand-in for the program: what is asked for, what goes on after a kill, what the page says."""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
import experiment_page as page  # noqa: E402

STAND_IN = r"""#!/usr/bin/python3
import json, os, pathlib, sys
words = sys.argv[1:]
log = pathlib.Path(__file__).with_name("calls")
log.write_text((log.read_text() if log.exists() else "") + " ".join(words) + "\n")
value = lambda name: words[words.index(name) + 1]
if words[0] == "phantom":
    pathlib.Path(value("--out")).mkdir()
elif words[0] == "process":
    if value("--intended-use") == "enforce":
        sys.exit(3)
    print(json.dumps({"analysed_slices": {"first": 2, "last": 11}, "nodes": [{}], "broken_limits": ["no neck"],
                      "model": {"package": "p", "version": "7"}, "thresholds": {"detection_score": 0.5}}))
elif words[0] == "train":
    out = pathlib.Path(value("--out"))
    out.mkdir(parents=True, exist_ok=True)
    (out / "checkpoint.safetensors").write_text("x")
    if os.environ.get("KILL") == value("--architecture"):
        sys.exit(9)
    (out / f"{words[1]}.json").write_text(json.dumps({"training": {"seconds": 60, "seed": int(value("--seed"))}}))
else:
    first = words.index("--weights") + 1
    for folder in map(pathlib.Path, words[first:words.index("--data")]):
        name, seed = folder.name.split("-")[1], int(folder.name[-1])
        good = name in ("a_resnet50_w", "fasterrcnn_resnet50_fpn")
        interval = lambda x: {"value": x, "low": x - 0.1, "high": x + 0.1}
        wrong = 4 if good else 24
        bits = "0" * wrong + "1" * (80 - wrong)
        (folder / "evaluation.json").write_text(json.dumps({
            "parameters": 1e6, "rois": 80, "network": {"anchor_sizes": [32, 64], "image_scale": 1.6},
            "figures": {k: interval((0.9 if good else 0.7) + 0.001 * seed) for k in ("ap50", "acc", "tpr", "tnr", "auc")},
            "answers": {"rois_of_patients": [4] * 20, "malignant": "f" * 20, "correct": f"{int(bits, 2):020x}"}}))
"""


class Experiments(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.program = self.folder / "necknode"
        self.program.write_text(STAND_IN)
        self.program.chmod(0o755)

    def call(self, *arguments, **environment):
        return subprocess.run(
            [ROOT / "bench/experiments", "--program", self.program, "--work", self.folder / "work", "--runs",
             self.folder / "runs", "--page", self.folder / "page.md", "--train-seeds", "1-2", "--validation-seeds", "3-3",
             "--test-seeds", "4-4", *arguments],
            capture_output=True, text=True, env=os.environ | environment, timeout=60)

    def calls(self):
        return (self.folder / "calls").read_text().splitlines()

    def test_all_systems_run_once_and_the_page_is_complete(self):
        done = self.call()
        self.assertEqual(done.returncode, 0, done.stderr)
        trained = [line for line in self.calls() if line.startswith("train")]
        self.assertEqual(len(trained), 3 * 18)
        self.assertEqual(sum(line.startswith("phantom") for line in self.calls()), 4, "made once, for all")
        self.assertEqual(sum("evaluate classifier" in line for line in self.calls()), 1)
        text = (self.folder / "page.md").read_text()
        self.assertIn("All runs are there.", text)
        self.assertRegex(text, r"`fasterrcnn_resnet50_fpn` \| \+ designed anchors \| 3/3 \| 90\.2 \(90\.0 to 90\.4\) "
                               r"\| 80\.3 \| 20 \|")
        self.assertIn("Of 18 comparisons 14 come out as in the paper.", text)
        self.assertIn("- `resnet50` and `a_resnet50`: not separable", text)
        self.assertRegex(text, r"`a_resnet50` \| `a_resnet50_w` .* as in the paper")
        self.assertRegex(text, r"`resnet50` \| `a_resnet50` .* not separable")
        before = len(self.calls())
        self.assertEqual(self.call().returncode, 0)
        self.assertEqual(len(self.calls()), before, "nothing is left to do")

    def test_a_killed_run_is_resumed_and_a_missing_one_is_named(self):
        done = self.call("--only", "classifier/resnet", "--seeds", "1", KILL="resnet34")
        self.assertEqual(done.returncode, 1)
        self.assertIn("failed: classifier resnet34, seed 1", done.stderr)
        self.assertIn("classifier `resnet34` seed 1", (self.folder / "page.md").read_text())
        self.assertEqual(self.call("--only", "classifier/resnet34", "--seeds", "1").returncode, 0)
        self.assertTrue(self.calls()[-2].endswith("--resume"))
        self.assertNotIn("classifier `resnet34` seed 1", (self.folder / "page.md").read_text())

    def test_runs_of_another_budget_do_not_count(self):
        self.call("--only", "ssd", "--seeds", "1", "--detector-steps", "10")
        self.call("--page-only", "--seeds", "1")
        text = (self.folder / "page.md").read_text()
        self.assertIn("1 files of other budgets", text)
        self.assertIn("detector `ssd_resnet50` seed 1", text)

    def test_weights_of_another_budget_are_not_taken(self):
        self.call("--only", "ssd", "--seeds", "1", "--detector-steps", "10")
        self.call("--only", "ssd", "--seeds", "1")
        trained = [line for line in self.calls() if line.startswith("train")]
        self.assertEqual(len(trained), 2)
        self.assertNotEqual(*(re.search(r"--out (\S+)", line)[1] for line in trained))

    def test_a_ct_without_a_neck_is_counted(self):
        (self.folder / "head").mkdir()
        (self.folder / "runs").mkdir()
        done = self.call("--page-only", "--head-ct", self.folder / "head")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = (self.folder / "page.md").read_text()
        self.assertIn("`p/7` refuses it (`head`): no neck. With `--intended-use warn` it finds 1 candidates in 10 slices",
                      text)

    def test_the_time_ends(self):
        done = self.call("--budget-minutes", "0.0000001")
        self.assertEqual(done.returncode, 0)
        self.assertIn("the time is over", done.stderr)
        self.assertIn("54 of 54 runs are missing", (self.folder / "page.md").read_text())


class Statistics(unittest.TestCase):
    def test_mcnemar(self):
        self.assertAlmostEqual(page.mcnemar(86, 150), 3.715936139571442e-05, places=12)  # Agresti
        self.assertEqual(page.mcnemar(0, 0), 1)

    def test_students_interval(self):
        mean, (low, high) = page.mean_with_interval([1, 2, 3])
        self.assertEqual(mean, 2)
        self.assertAlmostEqual(high - mean, 4.303 / 3**0.5)
        self.assertIsNone(page.mean_with_interval([1])[1])
        self.assertEqual(page.cell([0.9, 0.99], lowest=0, highest=1), "94.5 (37.3 to 100.0)")

    def test_bits(self):
        self.assertEqual(page.bits_of("98", 5), [1, 0, 0, 1, 1])
        self.assertEqual(page.bits_of("0f", 8), [0, 0, 0, 0, 1, 1, 1, 1])

    def test_difference_over_patients(self):
        def run(digits):
            return {"evaluation": {"rois": 8, "answers": {"correct": digits, "rois_of_patients": [4, 0, 4]}}}
        low, high = page.difference_over_patients([(run("00"), run("ff"))])
        self.assertEqual((low, high), (1, 1))


if __name__ == "__main__":
    unittest.main()
