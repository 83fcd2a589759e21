"""People are told by webhook and by mail: real servers, with TLS as a hospital has them."""
import email
import hashlib
import hmac
import http.server
import json
import logging
import pathlib
import ssl
import threading
import time
import unittest

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from authority import Authority
from support import Node, NodeTest, free_ports, necknode, phantom, wait_for


logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # what aiosmtpd says of clients that do not trust it


class Web:
    """A web server that refuses every document sent by STOW-RS and takes every notice. Context manager."""

    def __init__(self, certificate=None):
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

        class Server(http.server.ThreadingHTTPServer):
            def handle_error(self, *ignored):  # a client that does not trust us leaves in the handshake
                pass

        self.server = Server(("127.0.0.1", 0), Handler)
        if certificate:
            context = server_context(*certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *ignored):
        self.server.shutdown()
        self.server.server_close()


class MailServer:
    """A mail server that keeps what it gets; with a certificate it asks for the login "node", "hush". Context manager."""

    def __init__(self, certificate=None, security="none"):
        self.mails = []
        self.port, = free_ports(1)
        login = {"auth_required": True, "authenticator": self.judge} if certificate else {}
        if security == "starttls":
            login.update(tls_context=server_context(*certificate), require_starttls=True)
        elif security == "tls":
            # It knows no TLS but its own STARTTLS.
            login.update(ssl_context=server_context(*certificate), auth_require_tls=False)
        self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **login)

    def judge(self, server, session, envelope, mechanism, login):
        return AuthResult(success=(login.login, login.password) == (b"node", b"hush"), handled=False)

    async def handle_DATA(self, server, session, envelope):
        self.mails.append(envelope)
        return "250 taken"

    def __enter__(self):
        self.controller.start()
        return self

    def __exit__(self, *ignored):
        self.controller.stop()


def server_context(certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Notices(NodeTest):
    def setUp(self):
        super().setUp()
        self.secret = self.folder / "secret"
        self.secret.write_text("hush\n")

    def mail(self, server, security, login=True):
        return (f'[notices.email]\nserver = "127.0.0.1"\nport = {server.port}\nsecurity = "{security}"\n'
                'from = "node@hospital.example"\nto = ["one@hospital.example", "two@hospital.example"]\n'
                + (f'user = "node"\npassword_file = "{self.secret}"\n' if login else ""))

    def webhook(self, web):
        return f'[notices.webhook]\nurl = "{web.url}/hook"\nsecret_file = "{self.secret}"\n'

    def send_test(self, text, authority=None):
        """What `notices test` says of a configuration, as channel -> text, empty where it was sent."""
        file = pathlib.Path(self.folder / "notices.toml")
        file.write_text((f'[tls]\ntrusted = "{authority.certificate}"\n' if authority else "") + text)
        told = necknode("notices", "test", "--json", "--config", file, check=False)
        outcomes = json.loads(told.stdout)
        self.assertEqual(told.returncode, 0 if all(one["ok"] for one in outcomes) else 69)
        return {one["channel"]: one["text"] for one in outcomes}

    def test_mail_goes_encrypted_and_with_a_login(self):
        authority = Authority(self.folder / "ca")
        certificate = authority.issue("mail")
        stranger = Authority(self.folder / "other")
        for security in ("starttls", "tls"):
            with self.subTest(security), MailServer(certificate, security) as server:
                self.assertEqual(self.send_test(self.mail(server, security), authority), {"email": ""})
                envelope = server.mails.pop()
                self.assertEqual(envelope.rcpt_tos, ["one@hospital.example", "two@hospital.example"])
                mail = email.message_from_bytes(envelope.content)
                self.assertEqual(mail["Subject"], "necknode NECKNODE: this is a test")
                self.assertIn("this is a test", mail.get_payload())
                for text, trusted, reason in (
                        (self.mail(server, security), stranger, "certificate"),
                        (self.mail(server, security, login=False), authority, "(530)"),
                        (self.mail(server, security).replace('"node"', '"someone"'), authority, "(535)")):
                    self.assertIn(reason, self.send_test(text, trusted)["email"])
                self.assertEqual(server.mails, [])

    def test_mail_never_goes_in_the_clear_where_tls_is_wanted(self):
        with MailServer() as server:
            for security in ("starttls", "tls"):
                self.assertNotEqual(self.send_test(self.mail(server, security, login=False))["email"], "")
            self.assertEqual(server.mails, [])
            self.assertEqual(self.send_test(self.mail(server, "none", login=False)), {"email": ""})
            self.assertEqual(len(server.mails), 1)

    def test_webhook_by_https_trusts_whom_it_is_told_to(self):
        authority = Authority(self.folder / "ca")
        stranger = Authority(self.folder / "other")
        with Web(authority.issue("web")) as web:
            self.assertEqual(self.send_test(self.webhook(web), authority), {"webhook": ""})
            self.assertEqual(json.loads(web.notices.pop()[1])["kind"], "test")
            self.assertIn("certificate", self.send_test(self.webhook(web), stranger)["webhook"])
            self.assertIn("certificate", self.send_test(self.webhook(web))["webhook"])
            self.assertEqual(web.notices, [])

    def test_mail_and_webhook_tell_of_a_quarantined_object(self):
        authority = Authority(self.folder / "ca")
        certificate = authority.issue("server")
        broken = self.folder / "broken.dcm"
        slice_bytes = sorted(phantom(7).glob("*.dcm"))[0].read_bytes()
        with MailServer(certificate, "starttls") as server, Web(certificate) as web, Node(
                self.folder / "node", extra=f'[tls]\ntrusted = "{authority.certificate}"\n'
                + self.mail(server, "starttls") + self.webhook(web)) as node:
            # "x" begins no UID.
            study_uid = slice_bytes.index(b"\x20\x00\x0d\x00UI") + 10
            broken.write_bytes(slice_bytes[:study_uid] + b"x" + slice_bytes[study_uid + 1:])
            node.store(broken, check=False)
            wait_for("quarantine", lambda: node.status()["quarantine"], 30)
            wait_for("a mail", lambda: server.mails, 60)
            wait_for("a webhook", lambda: web.notices, 60)
            mail = email.message_from_bytes(server.mails[0].content)
            self.assertEqual(mail["Subject"], "necknode NECKNODE: a received object was put into quarantine")
            self.assertEqual(json.loads(web.notices[0][1])["kind"], "object_quarantined")
            self.assertNotIn("PHANTOM", mail.get_payload().upper(), "no name of a patient")

    def test_people_are_told_once_of_results_that_nobody_takes(self):
        with Web() as web:
            peer = f'[[peer]]\nname = "archive"\nurl = "{web.url}/dicom-web"\naccept_non_clinical = true\n'
            node = Node(self.folder / "node", route='[[route.output]]\npeer = "archive"')
            node.config.write_text(node.config.read_text() + peer + '[notices]\npage_url = "https://page.example"\n'
                                   f'[notices.webhook]\nurl = "{web.url}/hook"\nsecret_file = "{self.secret}"\n'
                                   '[[peer]]\nname = "scanner"\nae_title = "STORESCU"\nhost = "127.0.0.1"\nport = 1\n')
            necknode("check-config", node.config)
            self.assertIn("webhook: sent", necknode("notices", "test", "--config", node.config).stdout)
            self.assertEqual(json.loads(web.notices.pop()[1])["kind"], "test")
            told = json.loads(necknode("notices", "test", "--json", "--config", node.config).stdout)
            self.assertEqual(told, [{"channel": "webhook", "ok": True, "text": ""}])
            web.notices.pop()
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
