"""The commands as a person types them."""
import json
import re
import subprocess
import unittest

from support import PROGRAM, ROOT, Node, NodeTest, dicom_files, free_ports, necknode, phantom, run, wait_for


class Commands(NodeTest):
    def test_help_and_version_are_everywhere(self):
        self.assertRegex(necknode("--version").stdout, r"^necknode \d+\.\d+\.\d+\n$")
        overview = necknode("--help").stdout
        for command in ("serve", "status", "studies", "study", "jobs", "outbox", "quarantine", "commitments", "models", "audit", "release", "requeue",
                        "process", "report", "explain", "check-config", "check-sr", "echo",
                        "packages", "architectures", "phantom", "dataset", "train", "evaluate", "role"):
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
        self.assertGreaterEqual(len(names), 5)  # two forms of the SR, PR, index image, at least one key image
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

    def test_explain_names_localizer_derived_pages_and_what_an_axial_head_lacks(self):
        head = self.shared("philips_head_study")
        [study] = json.loads(necknode("explain", head, "--json").stdout)
        series = study["routes"][0]["series"]
        self.assertEqual([one["chosen"] for one in series], [False, True, False])
        self.assertEqual(series[0]["refusals"], ["1 x localizer"])
        self.assertEqual(series[2]["refusals"], ["6 x derived image"])
        missing = "; ".join(series[1]["not_eligible"]["reasons"])
        for reason in ("does not name a contrast agent", "age is not stated", "no neck was found"):
            self.assertIn(reason, missing)
        text = necknode("explain", head).stdout
        self.assertRegex(text, r"(?s)left out CT, 1 object.*chosen   CT, 28 images, 5\.0 mm, axial.*not eligible: Contrast")
        tilted = necknode("explain", self.shared("ge_head_variable_tilt")).stdout
        refused = "not eligible: slice spacing is 1.08 mm after position z = 60.7 mm, expected 4.00 mm"
        self.assertIn(refused, tilted)
        warns = self.folder / "warns.toml"
        warns.write_text('[[route]]\nname = "r"\nintended_use = "warn"\n')
        self.assertIn("analysed with a warning: Contrast", necknode("explain", head, "--config", warns).stdout)
        tilted = necknode("explain", self.shared("ge_head_variable_tilt"), "--config", warns).stdout
        self.assertIn(refused, tilted, "no warning lets such images pass")

    def test_explain_looks_at_a_stored_study_by_the_nodes_own_routes(self):
        config = self.folder / "node.toml"
        route = '[[route]]\nname = "{}"\npackage = "phantom/2"\ncalled_ae = "{}"\n'
        with Node(self.folder / "node", quiet_s=3600) as node:
            node.store_folder(phantom(7))
            [stored] = node.status()["studies"]
            config.write_text(f'[node]\ndata = "{node.data}"\n[admin]\nreadonly = true\n[[ae]]\ntitle = "NECKNODE"\n[[ae]]\ntitle = "OTHER"\n'
                              + route.format("neck", "NECKNODE") + '[route.series]\ncontrast = "require"\n'
                              + route.format("short", "") + "[route.series]\nmin_slices = 1\nmax_slices = 3\n"
                              + route.format("other", "OTHER"))
            [study] = json.loads(necknode("explain", stored["study_instance_uid"], "--config", config, "--json").stdout)
            neck, short, other = study["routes"]
            self.assertTrue(neck["series"][0]["chosen"])
            self.assertEqual(neck["series"][0]["not_eligible"], {"enforced": True, "reasons": []})
            self.assertIn("at most 3 are taken", short["series"][0]["refusals"][0])
            self.assertEqual((other["applies"], other["series"]), (False, []))
            text = necknode("explain", stored["study_instance_uid"], "--config", config).stdout
            self.assertIn("eligible: would be analysed", text)
            self.assertIn("does not apply: the study came by other AE titles", text)
            unknown = necknode("explain", "1.2.3", "--config", config, check=False)
            self.assertEqual(unknown.returncode, 66)
            self.assertIn("neither a folder nor the Study Instance UID", unknown.stderr)
            unknown = necknode("explain", "1.2.3", "--config", config, "--route", "nose", check=False)
            self.assertIn('there is no route "nose"', unknown.stderr)

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

    def test_process_says_that_a_series_is_not_there(self):
        done = necknode("process", phantom(7), "--out", self.folder / "out", "--series", "1.2.3", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--series 1.2.3", done.stderr)

    def test_options_without_sense_are_refused_by_name(self):
        for option, value in (("--quiet-time", "-1"), ("--quiet-time", "nan"), ("--ae", ""), ("--data", ""), ("--port", "0"), ("--device", "gpu")):
            done = necknode("serve", option, value, check=False, timeout=60)
            self.assertEqual(done.returncode, 2, option)
            self.assertIn(option, done.stderr)
        done = necknode("phantom", "--out", self.folder / "p", "--patient-id", "a\\b", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("patient id", done.stderr)
        self.assertFalse((self.folder / "p").exists())

    def test_check_config_names_credentials_that_cannot_be_used(self):
        path = self.folder / "necknode.toml"
        secret = self.folder / "token"
        path.write_text('[receiver]\nbind = "127.0.0.1"\n[[peer]]\nname = "scanner"\nae_title = "CT"\nhost = "192.0.2.1"\nport = 104\n'
                        f'[[peer]]\nname = "archive"\nurl = "https://archive.example"\ntoken_file = "{secret}"\n')
        done = necknode("check-config", path, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(f":8: peer[1]: credentials {secret}: cannot be read", done.stderr)
        secret.write_text("open sesame\nopen\n")
        done = necknode("check-config", path, check=False)
        self.assertIn("more than one line", done.stderr)
        self.assertNotIn("sesame", done.stderr)
        secret.write_text("sesame\n")
        secret.chmod(0o640)
        good = necknode("check-config", path)
        self.assertIn("is good", good.stdout)
        self.assertEqual(good.stderr, "")

    def test_check_config_warns_of_secrets_that_are_open_to_all(self):
        path, key, certificate = (self.folder / name for name in ("necknode.toml", "key.pem", "certificate.pem"))
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=node", "-keyout", str(key), "-out", str(certificate))
        key.chmod(0o644)
        path.write_text(f'[receiver]\nbind = "127.0.0.1"\n[tls]\ncertificate = "{certificate}"\nprivate_key = "{key}"\n')
        done = necknode("check-config", path)
        self.assertIn("is good", done.stdout)
        self.assertIn(f"{path}:5: warning: tls.private_key: every user of this machine may read or write {key}", done.stderr)
        said = json.loads(necknode("check-config", path, "--json").stdout)
        self.assertEqual((said["good"], [one["key"] for one in said["warnings"]]), (True, ["tls.private_key"]))

    def test_check_config_names_a_device_that_is_not_there_and_a_reserve_beyond_the_disk(self):
        path = self.folder / "necknode.toml"
        path.write_text('[receiver]\nbind = "127.0.0.1"\n[node]\ndevice = "cuda:99"\nreserve_mib = 1000000000\n')
        done = necknode("check-config", path, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(":4: node.device: ", done.stderr)
        self.assertIn(":5: warning: node.reserve_mib: the disk is smaller", done.stderr)

    def test_check_config_names_a_data_folder_that_cannot_be_one(self):
        path, file = self.folder / "necknode.toml", self.folder / "file"
        file.write_text("")
        for data in (file, file / "below"):
            path.write_text(f'[node]\ndata = "{data}"\n')
            done = necknode("check-config", path, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f":2: node.data: {file} is not a folder", done.stderr)
        path.write_text(f'[node]\ndata = "{self.folder / "not" / "yet"}"\n')
        self.assertIn("is good", necknode("check-config", path).stdout)

    def test_check_config_names_a_package_that_is_not_installed(self):
        path = self.folder / "necknode.toml"
        path.write_text('[[route]]\nname = "r"\npackage = "neck/9"\n')
        done = necknode("check-config", path, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(":3: route[0].package: no model package neck/9", done.stderr)
        done = necknode("check-config", path, "--json", check=False)
        self.assertEqual((done.returncode, done.stderr), (2, ""))
        said = json.loads(done.stdout)
        [problem] = said["problems"]
        self.assertEqual((said["good"], problem["file"], problem["line"], problem["key"]),
                         (False, str(path), 3, "route[0].package"))

    def test_echo_tells_a_web_server_from_a_pacs(self):
        with Node(self.folder / "node") as node:
            done = necknode("echo", f"PACS@127.0.0.1:{node.http_port}", check=False)
        self.assertEqual(done.returncode, 69)
        self.assertIn("no DICOM answer", done.stderr)

    def test_echo_says_why_nobody_answers(self):
        [port] = free_ports(1)
        done = necknode("echo", f"NOBODY@127.0.0.1:{port}", "--json", check=False)
        self.assertEqual(done.returncode, 69)
        said = json.loads(done.stdout)
        self.assertFalse(said["ok"])
        self.assertIn("refused", said["text"])
        self.assertIn("refused", necknode("echo", f"NOBODY@127.0.0.1:{port}", check=False).stderr)

    def test_a_quarantined_object_is_exported_and_discarded(self):
        slice_bytes = dicom_files(phantom(7))[0].read_bytes()
        study_uid = slice_bytes.index(b"\x20\x00\x0d\x00UI") + 10
        broken, exported = self.folder / "broken.dcm", self.folder / "exported.dcm"
        broken.write_bytes(slice_bytes[:study_uid] + b"x" + slice_bytes[study_uid + 1:])  # "x" begins no UID
        with Node(self.folder / "node", quiet_s=600) as node:
            node.store(broken, check=False)
            [row] = wait_for("quarantine", lambda: node.status()["quarantine"], 30)

            def quarantine(*arguments):
                return json.loads(necknode("quarantine", *arguments, "--json", "--config", node.config).stdout)
            told = quarantine("export", row["id"], exported)
            self.assertEqual(told, {"object": row["id"], "file": str(exported), "bytes": exported.stat().st_size})
            self.assertEqual(exported.read_bytes()[128:132], b"DICM")
            self.assertEqual(quarantine("discard", row["id"]), {"object": row["id"], "removed": True})
            self.assertEqual(quarantine("list"), [])

    def test_a_role_ends_by_itself_on_sigterm(self):
        for role in ("receiver", "coordinator", "worker", "sender"):
            process = subprocess.Popen([PROGRAM, "role", role, "--data", self.folder / "data", "--port", str(free_ports(1)[0])],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            wait_for(f"{role} reports itself", lambda: self.reported(role), 60)
            process.terminate()
            self.assertEqual(process.wait(timeout=30), 0, role)
            self.assertFalse(self.reported(role), "it says that it has ended")

    def reported(self, role):
        status = necknode("status", "--data", self.folder / "data", "--json", check=False)
        roles = json.loads(status.stdout)["roles"] if status.returncode == 0 else []
        return any(one["role"] == role and one["running"] for one in roles)

    def test_status_of_a_stopped_node_says_so(self):
        with Node(self.folder / "node") as node:
            self.assertTrue(all(role["running"] for role in node.status()["roles"]))
            self.assertEqual(node.stop(), 0)
            self.assertFalse(any(role["running"] for role in node.status()["roles"]))
            for file in node.data.glob("*.db*"):
                self.assertEqual(file.stat().st_mode & 0o007, 0, file)

    def test_a_folder_that_holds_no_node_is_left_alone(self):
        foreign = self.folder / "foreign"
        foreign.mkdir()
        (foreign / "important.txt").write_text("keep")
        self.assertEqual(necknode("status", "--data", foreign, check=False).returncode, 66)
        done = necknode("serve", "--data", foreign, "--port", free_ports(1)[0], "--http-port", 0, check=False, timeout=60)
        self.assertEqual(done.returncode, 2)
        self.assertIn("important.txt", done.stderr)
        self.assertEqual([path.name for path in foreign.iterdir()], ["important.txt"])

    def test_serve_outlives_the_reader_of_its_log(self):
        port = free_ports(1)[0]
        process = subprocess.Popen([PROGRAM, "serve", "--data", self.folder / "data", "--port", str(port), "--http-port", "0"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        process.stderr.readline()
        process.stderr.close()
        wait_for("necknode answers", lambda: run("echoscu", "-aec", "NECKNODE", "127.0.0.1", port, check=False).returncode == 0, 60)
        self.assertIsNone(process.poll())
        process.terminate()
        self.assertEqual(process.wait(timeout=60), 0)

    def test_a_hospitals_folder_is_checked_and_trained_on(self):
        data = self.folder / "hospital"
        for seed in (2, 3):
            necknode("phantom", "--seed", seed, "--slices", 40, "--slice-spacing", 4, "--size", 128, "--spacing", 1.5,
                     "--patient-id", f"SECRET-{seed}", "--out", data / str(seed))
        truth = json.loads((data / "3" / "truth.json").read_text())
        truth["annotations"][0]["bbox"] = [120, 10, 30, 9]
        truth["split"] = {"train": ["SECRET-2"], "validation": ["SECRET-3"]}
        (data / "3" / "truth.json").write_text(json.dumps(truth))
        done = necknode("dataset", "check", data, "--json", self.folder / "report.json")
        self.assertIn("3/truth.json, annotation 1: box from (120, 10) to (150, 19) reaches beyond", done.stdout)
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

    def test_packages_install_copies_once_and_keeps_phantoms_from_clinical_use(self):
        source, root = ROOT / "models/packages/phantom/2", self.folder / "packages"
        done = necknode("packages", "install", source, "--packages", root, "--clinical", check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("cannot become clinical", done.stderr)
        necknode("packages", "install", source, "--packages", root)
        again = necknode("packages", "install", source, "--packages", root, check=False)
        self.assertIn("is there already", again.stderr)
        (row,) = json.loads(necknode("packages", "verify", "--packages", root, "--json").stdout)
        self.assertTrue(row["usable"])
        digests = json.loads((source / "package.json").read_text())
        self.assertEqual(row["sha256"]["detector.safetensors"], digests["detector"]["sha256"])

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
            # A long option has its description on the lines below it.
            text = re.sub(r"\n {8,}", " ", necknode("train", network, "--help").stdout)
            for line in text.splitlines():
                self.assertFalse(line.startswith("  --") and len(line.split()) < 4, f"{network}: {line}")

    def test_evaluate_writes_its_report(self):
        readers = self.folder / "readers.csv"
        readers.write_text("patient,node,reader,call\n300001,1,R1,metastatic\n300001,2,R1,perhaps\n")
        done = necknode("evaluate", "--package", ROOT / "models/packages/phantom/2", "--data", "phantom:seeds 300001-300001",
                        "--phantom-slices", 40, "--slices", 4, "--readers", readers, "--out", self.folder / "report")
        self.assertIn("AP50", done.stdout)
        self.assertIn("not used: line 3: call is neither benign nor metastatic", done.stdout)
        report = json.loads((self.folder / "report" / "report.json").read_text())
        self.assertEqual(report["data"]["slices"], 4)
        self.assertEqual(len(report["froc"]["per_slice"]), 7)
        for name in ("report.md", "roc.png", "froc.png", "reliability.png"):
            self.assertGreater((self.folder / "report" / name).stat().st_size, 500, name)

    def test_evaluate_refuses_phantoms_that_the_package_was_trained_on(self):
        done = necknode("evaluate", "--package", ROOT / "models/packages/phantom/2", "--data", "phantom:seeds 1999-2001",
                        check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("training of the package's detector", done.stderr)

    def test_evaluate_needs_something_to_evaluate(self):
        done = necknode("evaluate", check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--package", done.stderr)


if __name__ == "__main__":
    unittest.main()
