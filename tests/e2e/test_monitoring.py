"""What a study leaves in the metrics, and that people are told of a result that nobody takes."""
import hashlib
import hmac
import http.server
import json
import pathlib
import shutil
import sqlite3
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

from support import Node, NodeTest, Orthanc, necknode, phantom, run, wait_for


class Web:
    """A web server that refuses every document sent by STOW-RS and takes every notice. Context manager."""

    def __init__(self):
        self.notices = []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                if self.path == "/hook":
                    web.notices.append((dict(self.headers), body))
                self.send_response(200 if self.path == "/hook" else 400)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *ignored):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *ignored):
        self.server.shutdown()
        self.server.server_close()


class Monitoring(NodeTest):
    def counted(self, node):
        """name{labels} -> value of what the roles' rows hold, read as `storage/counters.h` describes them."""
        values = {}
        with sqlite3.connect(f"file:{node.data}/necknode.db?mode=ro", uri=True) as database:
            for (text,) in database.execute("SELECT counters FROM roles"):
                for line in text.splitlines():
                    name, value, buckets, *labels = line.split("\t")
                    key = name + "".join(f" {labels[i]}={labels[i + 1]}" for i in range(0, len(labels), 2))
                    values[key] = sum(map(int, buckets.split(","))) if buckets else float(value)
        return values

    def test_a_study_is_counted_from_its_first_slice_to_its_result(self):
        study = phantom(7)
        count = len(list(study.glob("*.dcm")))
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port) as node:
            node.store_folder(study)
            node.wait_for_delivery()
            self.assertNotEqual(run("echoscu", "-aec", "WRONG", "-aet", "STORESCU", "127.0.0.1", node.port,
                                    check=False).returncode, 0)
            wait_for("counters of what has happened", lambda: self.counted(node).get(
                "necknode_last_slice_to_result_seconds destination=pacs") == 1 and self.counted(node).get(
                    "necknode_associations_rejected_total reason=called_ae", 0) >= 1 and self.counted(node).get(
                        "necknode_jobs_finished_total state=done") == 1 and self.counted(node).get(
                            "necknode_stage_duration_seconds stage=store") == 1, 30)
            values = self.counted(node)
            self.assertEqual(values["necknode_instances_received_total outcome=stored"], count)
            self.assertEqual(values["necknode_instances_received_total outcome=refused"], 0)
            self.assertGreater(values["necknode_received_bytes_total"], count * 512)
            self.assertGreaterEqual(values["necknode_associations_total outcome=released"], 1)
            self.assertEqual(values["necknode_jobs_finished_total state=done"], 1)
            for stage in ("read", "detect", "measure", "write", "store"):
                self.assertEqual(values[f"necknode_stage_duration_seconds stage={stage}"], 1, stage)
            self.assertGreater(values["necknode_inference_seconds_total device=cpu"], 0)
            self.assertGreaterEqual(values["necknode_deliveries_total destination=pacs outcome=delivered"], 3)
            self.assertEqual(values["necknode_deliveries_total destination=pacs outcome=parked"], 0)
            node.kill_role("sender")
            wait_for("a counted restart", lambda: sqlite3.connect(
                f"file:{node.data}/necknode.db?mode=ro", uri=True).execute(
                    "SELECT restarts FROM roles WHERE role = 'sender'").fetchone() == (1,), 20)

    def test_metrics_and_health_of_a_running_node(self):
        with Node(self.folder / "node") as node:
            base = f"http://127.0.0.1:{node.http_port}"

            def get(path):
                try:
                    with urllib.request.urlopen(base + path, timeout=10) as answer:
                        return answer.status, answer.read().decode()
                except urllib.error.HTTPError as error:
                    return error.code, error.read().decode()

            def ready():
                try:
                    return json.loads(get("/health/ready")[1])["status"] == "ok"
                except OSError:
                    return False
            wait_for("a node that is ready", ready, 60)
            node.store_folder(phantom(7))
            node.wait_for_jobs("done")
            wait_for("counted slices", lambda: 'necknode_instances_received_total{outcome="stored"} 0' not in
                     get("/metrics")[1], 20)
            status, text = get("/metrics")
            self.assertEqual(status, 200)
            self.assertIn('necknode_role_up{role="receiver"} 1', text)
            self.assertIn('necknode_jobs{state="done"} 1', text)
            if shutil.which("promtool"):
                checked = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True)
                self.assertEqual((checked.returncode, checked.stdout + checked.stderr), (0, ""))
            self.assertEqual(get("/health/live")[0], 200)
            self.assertEqual(get("/health/ready")[0], 200)

    def test_people_are_told_once_of_results_that_nobody_takes(self):
        secret = self.folder / "secret"
        secret.write_text("hush\n")
        with Web() as web:
            peer = f'[[peer]]\nname = "archive"\nurl = "{web.url}/dicom-web"\naccept_non_clinical = true\n'
            node = Node(self.folder / "node", route='[[route.output]]\npeer = "archive"')
            node.config.write_text(node.config.read_text() + peer + '[notices]\npage_url = "https://page.example"\n'
                                   f'[notices.webhook]\nurl = "{web.url}/hook"\nsecret_file = "{secret}"\n'
                                   '[[peer]]\nname = "scanner"\nae_title = "STORESCU"\nhost = "127.0.0.1"\nport = 1\n')
            necknode("check-config", node.config)
            self.assertIn("webhook: sent", necknode("notices", "test", "--config", node.config).stdout)
            self.assertEqual(json.loads(web.notices.pop()[1])["kind"], "test")
            with node:
                node.store_folder(phantom(7))
                rows = wait_for("parked rows", lambda: [
                    r for r in node.status()["outbox"] if r["state"] == "parked"], 180)
                wait_for("a notice", lambda: web.notices, 60)
                time.sleep(8)  # a second one would come after `settle`
                self.assertEqual(len(web.notices), 1, [body for _, body in web.notices])
                headers, body = web.notices[0]
                signature = hmac.new(b"hush", headers["X-Necknode-Timestamp"].encode() + b"." + body,
                                     hashlib.sha256).hexdigest()
                self.assertEqual(headers["X-Necknode-Signature"], "sha256=" + signature)
                self.assertLess(abs(time.time() - int(headers["X-Necknode-Timestamp"])), 120)
                notice = json.loads(body)
                self.assertEqual(notice["kind"], "row_parked")
                self.assertEqual(notice["count"], len(node.status()["outbox"]))
                self.assertEqual(notice["items"][0]["subject"], "archive")
                self.assertEqual(notice["items"][0]["link"], "https://page.example/#/studies/1")
                self.assertIn(notice["items"][0]["row"], [r["id"] for r in node.status()["outbox"]])
                self.assertTrue(rows)
                uid = node.status()["outbox"][0].get("study_instance_uid", "2.25.")
                self.assertNotIn(uid, body.decode())

    def test_a_bad_notice_configuration_is_refused_with_its_line(self):
        file = pathlib.Path(self.folder / "bad.toml")
        file.write_text('[notices]\nkinds = ["disk_full"]\n[notices.webhook]\nurl = "https://a.example"\n'
                        'secret_file = "/nowhere/secret"\n')
        refused = necknode("check-config", file, check=False)
        self.assertEqual(refused.returncode, 2)
        self.assertIn("bad.toml:2: notices.kinds:", refused.stderr)
        self.assertIn("bad.toml:5: notices.webhook.secret_file:", refused.stderr)
        file.write_text("")
        self.assertIn("nobody is to be told", necknode("notices", "test", "--config", file, check=False).stderr)


if __name__ == "__main__":
    unittest.main()
