"""What a study leaves in the metrics of a node."""
import json
import pathlib
import shutil
import sqlite3
import subprocess
import unittest
import urllib.error
import urllib.parse
import urllib.request

from support import Node, NodeTest, Orthanc, free_ports, phantom, run, wait_for

DOCKER = pathlib.Path(__file__).resolve().parents[2] / "docker"


class Prometheus:
    """Debian's Prometheus on the configuration and rules that the project ships, scraping every second. Context manager."""

    def __init__(self, folder, http_port):
        folder.mkdir()
        self.folder = folder
        self.port, = free_ports(1)
        text = (DOCKER / "prometheus/prometheus.yml").read_text()
        (folder / "prometheus.yml").write_text(
            text.replace("127.0.0.1:8080", f"127.0.0.1:{http_port}").replace("15s", "1s"))
        shutil.copy(DOCKER / "prometheus/alerts.yml", folder)

    def __enter__(self):
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log)
        wait_for("targets that are up", lambda: self.query("up == 1"), 60)
        wait_for("rules that were evaluated", lambda: all(
            rule["health"] != "unknown" for group in self.get("rules")["groups"] for rule in group["rules"]), 60)
        return self

    def __exit__(self, *ignored):
        self.process.terminate()
        self.process.wait(30)

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}", timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """The series that an expression gives now; none while Prometheus does not answer."""
        try:
            return self.get("query?" + urllib.parse.urlencode({"query": expression}))["result"]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # while it starts
                return []
            raise AssertionError(f"{expression}: {error.read().decode()}") from error
        except urllib.error.URLError:
            return []


def dashboard_queries():
    """Each with the values that Grafana puts in."""
    panels = json.loads((DOCKER / "grafana/necknode.json").read_text())["panels"]
    return [target["expr"].replace("$instance", ".*").replace("$__rate_interval", "1m").replace("[1h]", "[1m]")
            for panel in panels for target in panel.get("targets", [])]


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

    @unittest.skipUnless(shutil.which("prometheus"), "needs Debian's package prometheus, see tools/install-deps")
    def test_prometheus_answers_every_query_of_the_dashboard_and_of_the_alerts(self):
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port) as node, \
                Prometheus(self.folder / "prometheus", node.http_port) as prometheus:
            wait_for("histograms that begin with 0", lambda: prometheus.query(
                'necknode_stage_duration_seconds_count{stage="store"} == 0') and prometheus.query(
                    "necknode_last_slice_to_result_seconds_count == 0"), 60)
            node.store_folder(phantom(7))
            node.wait_for_delivery()
            wait_for("a scrape of all that was counted", lambda: all(prometheus.query(f"{one} > 0") for one in (
                "necknode_deliveries_total", "necknode_last_slice_to_result_seconds_count",
                'necknode_stage_duration_seconds_count{stage="store"}')), 30)
            # No audit server is configured, so nothing waits for it. NaN: a quantile or a mean of nothing.
            silent = [expression for expression in dashboard_queries() if "necknode_audit_unsent" not in expression and
                      all(series["value"][1] == "NaN" for series in prometheus.query(expression))]
            self.assertEqual(silent, [])
            rules = [rule for group in prometheus.get("rules")["groups"] for rule in group["rules"]]
            self.assertGreater(len(rules), 10)
            self.assertEqual([(rule["name"], rule["health"]) for rule in rules if rule["health"] != "ok"], [])
            self.assertEqual([rule["name"] for rule in rules if rule["state"] == "firing"], [])


if __name__ == "__main__":
    unittest.main()
