"""The administrator's API of a real node: who may what, over HTTP and HTTPS, and what hostile clients get."""
import contextlib
import http.client
import json
import socket
import ssl
import subprocess
import unittest

from support import Node, NodeTest, PROGRAM, free_ports, necknode, run, wait_for

PASSWORD = "correct horse battery"


class Client:
    """Speaks with one node; keeps cookie and CSRF token as a browser does."""

    def __init__(self, port, context=None):
        self.port, self.context, self.cookie, self.csrf = port, context, None, None

    def ask(self, method, path, body=None, **headers):
        connection = (http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=self.context) if self.context
                      else http.client.HTTPConnection("127.0.0.1", self.port, timeout=30))
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookie:
            headers.setdefault("Cookie", self.cookie)
        if self.csrf:
            headers.setdefault("X-CSRF-Token", self.csrf)
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        with contextlib.closing(connection):
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            answer = connection.getresponse()
            content = answer.read()
            answer.content = content
            answer.json = json.loads(content) if "json" in (answer.getheader("Content-Type") or "") and content else None
            return answer

    def login(self, user, password=PASSWORD):
        answer = self.ask("POST", "/api/v1/session", {"user": user, "password": password})
        if answer.status == 200:
            self.cookie = answer.getheader("Set-Cookie").split(";")[0]
            self.csrf = answer.json["csrf"]
        return answer


def add_user(node, name, role):
    subprocess.run([PROGRAM, "users", "add", name, "--role", role, "--password-file", "-", "--config", str(node.config)],
                   input=PASSWORD + "\n", text=True, check=True, capture_output=True, timeout=60)


def wait_for_page(node, client):
    def answers():
        with contextlib.suppress(OSError):
            return client.ask("GET", "/api/v1/session").status == 200
        return False
    wait_for("the page answers", answers, 60)


class Loopback(NodeTest):
    def test_without_users_this_machine_is_the_administrator(self):
        with Node(self.folder / "node") as node:
            client = Client(node.http_port)
            wait_for_page(node, client)
            self.assertIn(b"<title>necknode</title>", client.ask("GET", "/").content)
            self.assertEqual(client.ask("GET", "/api/v1/session").json["role"], "administrator")
            self.assertEqual(client.ask("GET", "/api/v1/node", Host="evil.example").status, 421)
            token = {"name": "ci", "role": "viewer"}
            self.assertEqual(client.ask("POST", "/api/v1/tokens", token).status, 403)
            self.assertEqual(client.ask("POST", "/api/v1/tokens", token, X_Requested_With="necknode",
                                        Origin="http://evil.example").status, 403)
            self.assertEqual(client.ask("POST", "/api/v1/tokens", token, X_Requested_With="necknode").status, 201)
            node_state = client.ask("GET", "/api/v1/node")
            again = client.ask("GET", "/api/v1/models")
            self.assertEqual(client.ask("GET", "/api/v1/models", If_None_Match=again.getheader("ETag")).status, 304)
            self.assertIn("admin", [role["role"] for role in node_state.json["roles"]])
            self.assertNotIn("api_document_differs", node.log())
            self.assertEqual(node.stop(), 0)
            self.assertNotIn("role_killed", node.log())

    def test_roles_sessions_and_tokens(self):
        with Node(self.folder / "node") as node:
            wait_for_page(node, Client(node.http_port))
            for name, role in (("anna", "administrator"), ("otto", "operator"), ("vera", "viewer")):
                add_user(node, name, role)
            self.assertEqual(Client(node.http_port).ask("GET", "/api/v1/node").status, 401)
            clients = {name: Client(node.http_port) for name in ("anna", "otto", "vera")}
            for name, client in clients.items():
                self.assertEqual(client.login(name).json["user"], name)
            for name, (read, operate, administer) in {"vera": (200, 403, 403), "otto": (200, 404, 403), "anna": (200, 404, 200)}.items():
                self.assertEqual(clients[name].ask("GET", "/api/v1/studies").status, read, name)
                self.assertEqual(clients[name].ask("POST", "/api/v1/outbox/99/release").status, operate, name)
                self.assertEqual(clients[name].ask("GET", "/api/v1/users").status, administer, name)
            anna = clients["anna"]
            self.assertEqual(anna.ask("POST", "/api/v1/outbox/99/release", X_CSRF_Token="x").status, 403)
            secret = anna.ask("POST", "/api/v1/tokens", {"name": "ci", "role": "operator"}).json["secret"]
            program = Client(node.http_port)
            self.assertEqual(program.ask("GET", "/api/v1/node", Authorization="Bearer " + secret).status, 200)
            self.assertEqual(program.ask("GET", "/api/v1/users", Authorization="Bearer " + secret).status, 403)
            self.assertEqual(program.ask("GET", "/api/v1/node", Authorization="Bearer x").status, 401)
            self.assertEqual(anna.ask("DELETE", "/api/v1/users/vera").status, 204)
            self.assertEqual(clients["vera"].ask("GET", "/api/v1/studies").status, 401)
            run("sqlite3", node.data / "necknode.db", "UPDATE login_sessions SET last_used_ms = 0 WHERE user = 'otto'")
            self.assertEqual(clients["otto"].ask("GET", "/api/v1/studies").status, 401)
            self.assertEqual(anna.ask("DELETE", "/api/v1/session").status, 204)
            self.assertEqual(anna.ask("GET", "/api/v1/studies").status, 401)
            for _ in range(10):
                self.assertEqual(Client(node.http_port).login("anna", "a wrong password").status, 401)
            stopped = Client(node.http_port).login("anna")
            self.assertEqual(stopped.status, 429)
            self.assertGreater(int(stopped.getheader("Retry-After")), 0)
            events = [(row["event"], row["outcome"]) for row in json.loads(
                necknode("audit", "--config", node.config, "--json", "--limit", 0).stdout)]
            for event in (("login", "success"), ("login", "refused"), ("login", "logout"), ("user", "added"),
                          ("user", "removed"), ("token", "added")):
                self.assertIn(event, events)
            self.assertNotIn(PASSWORD, node.log())

    def test_commands_for_users_and_tokens(self):
        node = Node(self.folder / "node")
        self.assertNotEqual(necknode("users", "list", "--config", node.config, check=False).returncode, 0)
        add_user(node, "anna", "administrator")
        users = json.loads(necknode("users", "list", "--config", node.config, "--json").stdout)
        self.assertEqual([(user["name"], user["role"]) for user in users], [("anna", "administrator")])
        add_user(node, "otto", "viewer")
        necknode("users", "set", "otto", "--role", "operator", "--config", node.config)
        users = json.loads(necknode("users", "list", "--config", node.config, "--json").stdout)
        self.assertEqual([user["role"] for user in users], ["administrator", "operator"])
        last = necknode("users", "set", "anna", "--role", "viewer", "--config", node.config, check=False)
        self.assertIn("last administrator", last.stderr)
        last = necknode("users", "remove", "anna", "--config", node.config, check=False)
        self.assertIn("last administrator", last.stderr)
        secret = necknode("tokens", "add", "ci", "--role", "viewer", "--config", node.config).stdout.strip()
        self.assertTrue(secret.startswith("necknode_"))
        self.assertIn("ci", necknode("tokens", "list", "--config", node.config).stdout)
        self.assertNotIn(secret.encode(), (node.data / "necknode.db").read_bytes())
        necknode("tokens", "remove", "ci", "--config", node.config)
        short = subprocess.run([PROGRAM, "users", "passwd", "anna", "--password-file", "-", "--config", str(node.config)],
                               input="short\n", text=True, capture_output=True, timeout=60)
        self.assertEqual(short.returncode, 2)
        self.assertIn("at least 12 characters", short.stderr)


class Beyond(NodeTest):
    def setUp(self):
        super().setUp()
        self.key, self.certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
            "subjectAltName=IP:127.0.0.1", "-keyout", self.key, "-out", self.certificate)
        self.node = Node(self.folder / "node")
        self.plain = self.node.config.read_text()

    def configure(self, tls):
        text = f'[http]\nbind = "0.0.0.0"\ntls = {"true" if tls else "false"}\n'
        if tls:
            text += f'certificate = "{self.certificate}"\nprivate_key = "{self.key}"\n'
        self.node.config.write_text(self.plain.replace("[http]\n", text))

    def refused(self, words):
        for command in (("serve", "--config"), ("check-config",)):
            done = necknode(*command, self.node.config, check=False, timeout=60)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)

    def test_beyond_loopback_tls_and_an_administrator_are_needed(self):
        self.configure(tls=False)
        self.refused("tls = true")
        self.configure(tls=True)
        self.refused("administrator is needed")
        add_user(self.node, "anna", "administrator")
        necknode("check-config", self.node.config)
        away = self.key.rename(self.folder / "away.pem")
        self.refused(f"TLS private key {self.key}: No such file or directory")
        away.rename(self.key)
        context = ssl.create_default_context(cafile=self.certificate)
        with self.node as node:
            client = Client(node.http_port, context)
            wait_for_page(node, client)
            self.assertEqual(client.ask("GET", "/api/v1/node").status, 401)
            self.assertEqual(client.ask("GET", "/metrics").status in (401, 404), True)
            answer = client.login("anna")
            self.assertEqual(answer.status, 200)
            cookie = answer.getheader("Set-Cookie")
            self.assertTrue(cookie.startswith("__Host-necknode="))
            for word in ("Secure", "HttpOnly", "SameSite=Strict", "Path=/"):
                self.assertIn(word, cookie)
            self.assertIn("max-age", answer.getheader("Strict-Transport-Security"))
            self.assertEqual(client.ask("GET", "/api/v1/node").status, 200)
            with socket.create_connection(("127.0.0.1", node.http_port), timeout=30) as plain:
                plain.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                self.assertFalse(plain.recv(4096).startswith(b"HTTP"))

    def test_a_key_that_is_not_the_certificates_is_named(self):
        run("openssl", "genrsa", "-out", self.key, "2048")
        self.configure(tls=True)
        self.refused("private key")


class Hostile(NodeTest):
    def test_silent_and_hostile_peers_keep_nobody_out(self):
        with Node(self.folder / "node") as node:
            client = Client(node.http_port)
            wait_for_page(node, client)
            with contextlib.ExitStack() as stack:
                def connect():
                    return stack.enter_context(socket.create_connection(("127.0.0.1", node.http_port), timeout=30))
                for number in range(100):
                    connect().sendall([b"", b"GET / HT", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx"][number % 3])
                streams = [connect() for _ in range(100)]
                for stream in streams:
                    stream.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
                for stream in streams:
                    self.assertIn(b"200", stream.recv(64))
                self.assertEqual(client.ask("GET", "/api/v1/session").status, 200)
                for request, status in (
                        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 20000 + b"\r\n\r\n", b"431"),
                        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
                        (b"GET /assets/../../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
                        (b"GET /assets/%2e%2e%2fpasswd HTTP/1.1\r\nHost: localhost\r\n\r\n", b"400"),
                        (b"\x16\x03\x01\x00\xa5 noise\r\n\r\n", b"400")):
                    with socket.create_connection(("127.0.0.1", node.http_port), timeout=30) as raw:
                        raw.sendall(request)
                        self.assertIn(status, raw.recv(4096).split(b"\r\n")[0])
                self.assertEqual(node.stop(), 0)

    def test_a_taken_port_is_named_and_ends_the_start(self):
        node = Node(self.folder / "node")
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", node.http_port))
            taken.listen()
            done = necknode("serve", "--config", node.config, check=False, timeout=60)
        self.assertEqual(done.returncode, 69)
        self.assertIn(f"port {node.http_port}", done.stderr)


if __name__ == "__main__":
    unittest.main()
