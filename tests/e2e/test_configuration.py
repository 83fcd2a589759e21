"""AE titles, peers and routes edited while the node runs: no association is dropped, and what is new holds at once."""
import json
import os
import random
import signal
import subprocess
import threading
import time
import unittest
import urllib.error
import urllib.request

from support import PROGRAM, Node, NodeTest, Orthanc, dicom_files, free_ports, necknode, phantom, run, wait_for

SENDERS = 16
EDITS = 50


class Configuration(NodeTest):
    def edit(self, node, *arguments, check=True):
        return necknode(*arguments, "--config", node.config, check=check)

    def api(self, node, method, path, body=None, etag=None):
        """Status and answer of the administrator's API, as the page asks it."""
        headers = {"X-Requested-With": "necknode", "Content-Type": "application/json", "Origin": f"http://127.0.0.1:{node.http_port}"}
        if etag:
            headers["If-Match"] = etag
        request = urllib.request.Request(f"http://127.0.0.1:{node.http_port}/api/v1{path}", method=method, headers=headers,
                                         data=None if body is None else json.dumps(body).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def edit_port(self, node, port):
        _, scanner = self.api(node, "GET", "/config/peers/scanner")
        status, answer = self.api(node, "PUT", "/config/peers/scanner", {**scanner, "port": port}, scanner["etag"])
        self.assertEqual(status, 200, answer)

    def in_force(self, node):
        versions = json.loads(self.edit(node, "config", "versions", "--json").stdout)
        return versions[0]["generation"] if versions else 0

    def accepts(self, node, calling, called="NECKNODE"):
        return node.echo(calling=calling, called=called).returncode == 0

    def add(self, node, name, ae_title, port=1, *more):
        return self.edit(node, "peers", "add", name, "--ae-title", ae_title, "--host", "127.0.0.1", "--port", port, *more)

    def test_no_association_is_dropped_while_a_peer_is_edited_fifty_times(self):
        files = dicom_files(phantom(7))
        with Node(self.folder / "node", pacs_port=1, quiet_s=600) as node:
            pids = node.role_pids()
            names = [f"CT{i}" for i in range(SENDERS)]
            for name in names:
                self.add(node, name.lower(), name)
            wait_for("the last sender is known", lambda: self.accepts(node, names[-1]), 5)
            results = {}

            def send(name):
                results[name] = [run("storescu", "-aet", name, "-aec", "NECKNODE", "127.0.0.1", node.port, *files,
                                     check=False, timeout=300) for _ in range(2)]

            senders = [threading.Thread(target=send, args=(name,)) for name in names]
            for sender in senders:
                sender.start()
            for i in range(EDITS):
                if i % 2:
                    self.edit_port(node, 1000 + i)
                else:
                    self.edit(node, "peers", "set", "scanner", "--port", 1000 + i)
            for sender in senders:
                sender.join()
            for name in names:
                self.assertEqual([(done.returncode, done.stderr) for done in results[name]], [(0, "")] * 2, name)
            log = node.log()
            self.assertNotIn("event=role_died", log)
            self.assertNotIn("event=configuration_not_taken", log)
            self.assertEqual(node.role_pids(), pids, "nothing was started again")
            self.assertEqual(self.in_force(node), 1 + SENDERS + EDITS)
            [study] = node.status()["studies"]
            self.assertEqual(study["instances"], len(files))
            audit = necknode("audit", "--config", node.config, "--json", "--limit", 0, check=False).stdout
            self.assertIn("peer scanner changed", audit)

    def test_results_that_wait_go_to_the_renamed_peer(self):
        port, = free_ports(1)
        with Node(self.folder / "node", pacs_port=port) as node:
            node.store_folder(phantom(7))
            rows = wait_for("rows that wait", lambda: [
                row for row in node.status()["outbox"] if row["attempts"] > 0 and row["state"] == "waiting"], 120)
            renamed = self.edit(node, "peers", "set", "pacs", "--name", "archive")
            self.assertNotIn("parked", renamed.stderr)
            with Orthanc(self.folder / "pacs", port):
                released = json.loads(self.edit(node, "outbox", "release", "--destination", "archive", "--json").stdout)
                self.assertTrue(released)
                wait_for("delivered rows", lambda: all(
                    row["state"] == "delivered" and row["destination"] == "archive" for row in node.status()["outbox"]), 60)
            self.assertTrue(rows)

    def test_status_says_why_a_role_died(self):
        with Node(self.folder / "node", extra='device = "cuda:99"') as node:
            wait_for("a worker that died", lambda: any(
                role["role"] == "worker" and role["text"].startswith("died, starts again: device is 'cuda:99'")
                for role in node.status()["roles"]), 60)

    def test_peers_and_titles_hold_from_the_next_association_on(self):
        with Node(self.folder / "node", pacs_port=1) as node:
            self.assertFalse(self.accepts(node, "CT1"))
            self.add(node, "ct", "CT1")
            wait_for("a new peer may send", lambda: self.accepts(node, "CT1"), 5)
            self.edit(node, "peers", "remove", "ct")
            wait_for("a removed one may not", lambda: not self.accepts(node, "CT1"), 5)
            self.edit(node, "ae", "add", "SECOND", "--description", "<script>alert(1)</script>^A")
            wait_for("a new title answers", lambda: self.accepts(node, "STORESCU", "SECOND"), 5)
            self.edit(node, "ae", "set", "SECOND", "--title", "THIRD")
            wait_for("a renamed one too", lambda: self.accepts(node, "STORESCU", "THIRD"), 5)
            self.assertFalse(self.accepts(node, "STORESCU", "SECOND"))
            refused = self.edit(node, "peers", "remove", "pacs", check=False)
            self.assertEqual(refused.returncode, 2)
            self.assertIn('route test, output[0].peer: there is no peer named "pacs"', refused.stderr)
            refused = self.edit(node, "peers", "set", "pacs", "--port", 99999, check=False)
            self.assertIn("port: 99999 is outside", refused.stderr)
            self.assertEqual(refused.stderr.count("99999"), 1)
            self.assertIn("nothing was changed", refused.stderr)
            # What was edited outlives a restart, and the file that it began as is named as different.
            self.assertEqual(node.stop(), 0)
            node.start()
            self.assertTrue(self.accepts(node, "STORESCU", "THIRD"))
            self.assertIn("AE title THIRD is in peers.toml only", self.differences(node))

    def differences(self, node):
        text = node.config.read_text()
        node.config.write_text(text + '[[ae]]\ntitle = "NECKNODE"\n')
        done = necknode("check-config", node.config)
        node.config.write_text(text)
        return done.stdout

    def test_results_go_to_a_destination_that_was_added_meanwhile(self):
        [port] = free_ports(1)
        taken = self.folder / "taken"
        taken.mkdir()
        with Node(self.folder / "node", quiet_s=1) as node:
            wrong = self.edit(node, "peers", "add", "late", "--ae-title", "LATE", "--host", "127.0.0.1", "--port", port,
                              "--echo", check=False)
            self.assertEqual(wrong.returncode, 69, "nobody listens there yet")
            self.assertIn("nothing was saved", wrong.stderr)
            storescp = subprocess.Popen(["storescp", "-od", str(taken), "-aet", "LATE", str(port)])
            try:
                wait_for("storescp listens",
                         lambda: run("echoscu", "127.0.0.1", port, check=False).returncode == 0, 20)
                self.add(node, "late", "LATE", port, "--accept-non-clinical", "true", "--echo")
                self.add(node, "scanner", "STORESCU")
                self.edit(node, "routes", "set", "test", "--output", "late:sr,sc")
                wait_for("the receiver knows", lambda: self.accepts(node, "STORESCU"), 5)
                node.store_folder(phantom(7))
                node.wait_for_delivery()
                self.assertTrue(any(taken.iterdir()))
                self.assertEqual({row["destination"] for row in node.status()["outbox"]}, {"late"})
                self.assertNotIn("PR", {row["kind"] for row in node.status()["outbox"]})
            finally:
                storescp.terminate()
                storescp.wait(timeout=20)

    def test_an_edit_by_hand_waits_for_a_reload(self):
        with Node(self.folder / "node", pacs_port=1) as node:
            peers = node.data / "peers.toml"
            text = peers.read_text()
            peers.write_text(text.replace('"STORESCU"', '"BYHAND"'))
            wait_for("it is noticed", lambda: "event=configuration_not_taken" in node.log(), 5)
            self.assertTrue(self.accepts(node, "STORESCU"))
            self.assertEqual(self.edit(node, "peers", "remove", "scanner", check=False).returncode, 1)
            self.edit(node, "config", "reload")
            wait_for("it holds", lambda: self.accepts(node, "BYHAND"), 5)
            self.assertFalse(self.accepts(node, "STORESCU"))
            peers.write_text(peers.read_text() + "[[peer]]\nname = 3\n")
            refused = self.edit(node, "config", "reload", check=False)
            self.assertEqual(refused.returncode, 2)
            self.assertIn("must be a string", refused.stderr)
            self.assertTrue(self.accepts(node, "BYHAND"))
            # A role that starts meanwhile goes by what was good.
            node.kill_role("receiver")
            wait_for("the receiver is back", lambda: self.accepts(node, "BYHAND"), 30)
            self.edit(node, "config", "restore", 1)
            wait_for("the first version holds", lambda: self.accepts(node, "STORESCU"), 5)
            self.assertEqual(self.in_force(node), 3)

    def test_the_page_is_told_what_is_wrong_and_when_somebody_was_faster(self):
        with Node(self.folder / "node", pacs_port=1) as node:
            _, scanner = self.api(node, "GET", "/config/peers/scanner")
            status, answer = self.api(node, "PUT", "/config/peers/scanner", {**scanner, "port": 0}, scanner["etag"])
            self.assertEqual((status, answer["problems"][0]["key"]), (422, "port"))
            self.edit(node, "peers", "set", "scanner", "--port", 7)
            status, answer = self.api(node, "PUT", "/config/peers/scanner", {**scanner, "port": 8}, scanner["etag"])
            self.assertEqual((status, answer["item"]["port"]), (412, 7))
            status, answer = self.api(node, "POST", "/echo", {"peer": "pacs"})
            self.assertEqual((status, answer["ok"]), (200, False))
            status, answer = self.api(node, "POST", "/config/peers", {"name": "ct", "ae_title": "CT1", "host": "127.0.0.1", "port": 1})
            self.assertEqual(status, 201, answer)
            wait_for("a new peer may send", lambda: self.accepts(node, "CT1"), 5)
            status, answer = self.api(node, "GET", "/config/versions")
            self.assertEqual([v["generation"] for v in answer["items"]], [3, 2, 1])

    @unittest.skipUnless(os.geteuid() == 0, "only root can write into another's folder")
    def test_root_leaves_another_users_node_alone(self):
        with Node(self.folder / "node") as node:
            pass
        os.chown(node.data, 65534, 65534)
        for command in (("peers", "list"), ("status",), ("serve",)):
            refused = necknode(*command, "--config", node.config, check=False)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("belongs to nobody: run this as that user", refused.stderr)

    def test_a_damaged_edit_by_hand_is_named(self):
        with Node(self.folder / "node") as node:
            peers = node.data / "peers.toml"
            with peers.open("a") as file:
                file.write("garbage = [\n")
            refused = necknode("check-config", node.config, check=False)
            self.assertEqual(refused.returncode, 2)
            self.assertIn(str(peers), refused.stderr)
            _, state = self.api(node, "GET", "/node")
            [told] = [one["text"] for one in state["attention"] if one["kind"] == "configuration"]
            self.assertIn("cannot be taken over", told)
            refused = necknode("config", "reload", "--config", node.config, check=False)
            self.assertIn("peers.toml line ", refused.stderr)

    def test_readonly_means_what_the_configuration_file_says(self):
        with Node(self.folder / "node", pacs_port=1, extra="[admin]\nreadonly = true") as node:
            refused = self.edit(node, "peers", "remove", "scanner", check=False)
            self.assertEqual(refused.returncode, 2)
            self.assertIn("readonly = true in [admin]", refused.stderr)
            self.assertFalse((node.data / "peers.toml").exists())
            self.assertIn("scanner", self.edit(node, "peers", "list").stdout)

    def test_an_editor_that_is_killed_leaves_the_file_whole(self):
        chance = random.Random(6)
        with Node(self.folder / "node", pacs_port=1) as node:
            for i in range(40):
                editor = subprocess.Popen([PROGRAM, "peers", "set", "scanner", "--port", str(2000 + i), "--config",
                                           str(node.config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(chance.uniform(0, 0.12))
                os.kill(editor.pid, signal.SIGKILL)
                editor.wait()
                scanner = json.loads(self.edit(node, "peers", "show", "scanner", "--json").stdout)
                self.assertIn(scanner["port"], range(1, 2041))
            self.edit(node, "peers", "set", "scanner", "--port", 3000)
            self.assertTrue(self.accepts(node, "STORESCU"))
            self.assertNotIn("event=configuration_not_taken", node.log())


if __name__ == "__main__":
    unittest.main()
