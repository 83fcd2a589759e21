"""A node and a browser that has its page open: what every test of the page starts from."""
import json
import os
import pathlib
import sqlite3
import urllib.request

from browser import Browser
from support import Node, NodeTest, wait_for

SHOTS = pathlib.Path(os.environ.get("NECKNODE_SHOTS", pathlib.Path(__file__).resolve().parents[2] / "build/screenshots"))
SCRIPT_NAME = "<script>alert(1)</script>^A"


def url_of(node):
    return f"http://127.0.0.1:{node.http_port}"


def ask(node, path, method="GET", body=None, etag=None):
    """The API as a program uses it that needs no login; returns the answer as JSON."""
    headers = {"Content-Type": "application/json", "X-Requested-With": "necknode"}
    if etag:
        headers["If-Match"] = etag if etag.startswith('"') else f'"{etag}"'
    request = urllib.request.Request(f"{url_of(node)}/api/v1{path}", method=method, headers=headers,
                                     data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=20) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def wait_for_page(node):
    def answers():
        try:
            with urllib.request.urlopen(url_of(node), timeout=2) as answer:
                return answer.status == 200
        except OSError:
            return False
    wait_for("the page answers", answers, 30)


class PageTest(NodeTest):
    """Fails at the end of each test where the page had an error that the test did not provoke."""

    def node(self, *arguments, **options):
        node = Node(self.folder / "node", *arguments, **options)
        self.addCleanup(node.stop)
        node.start()
        wait_for_page(node)
        return node

    def browser(self, node, **options):
        browser = Browser(url_of(node), **options)
        self.addCleanup(browser.__exit__, None, None, None)
        # An injected script would call one of these.
        browser.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {
            "source": "window.executed = []; for (const name of ['alert', 'confirm', 'prompt'])"
                      " window[name] = text => window.executed.push([name, text]);"})
        return browser

    def check(self, browser):
        """Nothing was executed, nothing stands in the console."""
        self.assertEqual([], browser.js("return window.executed"))
        browser.expect_no_faults(self)

    def shoot(self, browser, name):
        """Both themes as pictures; every text must be readable in each."""
        for theme in ("light", "dark"):
            browser.theme(theme)
            browser.shot(SHOTS / f"{name}-{theme}.png")
            self.assertEqual([], browser.low_contrast(), f"{name}, {theme}")

    def seed_studies(self, node, count):
        """Adds studies to the database of a node that is not running, the newest with the highest number."""
        with sqlite3.connect(node.data / "necknode.db") as database:
            columns = [row[1] for row in database.execute("PRAGMA table_info(studies)")]
            rows = []
            for number in range(1, count + 1):
                known = {
                    "study_instance_uid": f"2.25.{10 ** 20 + number}", "patient_id": f"SEED-{number:05}".encode(),
                    "patient_name": f"Seeded^Patient {number}".encode(), "study_date": "20260102",
                    "study_description": b"CT NECK", "change": 1, "considered": 1, "state": "decided", "instances": 40,
                    "bytes": 20_000_000, "first_received_ms": 1_790_000_000_000 + number * 60_000,
                    "last_received_ms": 1_790_000_000_000 + number * 60_000, "quiet_boot_ms": 0}
                blank = {"issuer_of_patient_id": b""}
                rows.append([known.get(name, blank.get(name, "")) for name in columns if name != "id"])
            names = ", ".join(name for name in columns if name != "id")
            marks = ", ".join("?" for _ in columns[1:])
            database.executemany(f"INSERT INTO studies ({names}) VALUES ({marks})", rows)
        database.close()
