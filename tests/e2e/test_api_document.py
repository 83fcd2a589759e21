"""What the API answers is what admin/openapi.json says it answers, and it takes what it says it takes."""
import contextlib
import datetime
import http.client
import json
import re
import shutil
import unittest

from support import ROOT, Node, NodeTest, Orthanc, dicom_files, necknode, phantom, run, wait_for
from test_admin import Client, add_user, wait_for_page

DOCUMENT = json.loads((ROOT / "admin/openapi.json").read_text())
TYPES = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None), "integer": int, "number": (int, float)}
NOTES = {"description", "examples", "contentMediaType"}


def resolved(part):
    while "$ref" in part:
        target = DOCUMENT
        for name in part["$ref"].removeprefix("#/").split("/"):
            target = target[name]
        part = target
    return part


def is_of(value, kind):
    return isinstance(value, TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def is_time(text):
    with contextlib.suppress(ValueError):
        return text.endswith("Z") and bool(datetime.datetime.fromisoformat(text[:-1]))
    return False


def differences(value, schema, where="answer"):
    """In what `value` is not what `schema` says, as a list of texts. A keyword that it does not know is one of them."""
    schema = resolved(schema)
    kinds = schema.get("type", list(TYPES))
    if not any(is_of(value, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds)):
        return [f"{where}: {value!r} is no {kinds}"]
    found = []
    for keyword, wanted in schema.items():
        if keyword in NOTES or keyword in ("type", "additionalProperties"):
            continue
        if keyword == "enum":
            good = any(value == one and type(value) is type(one) for one in wanted)
        elif keyword == "anyOf":
            good = any(not differences(value, one, where) for one in wanted)
        elif keyword in ("minimum", "maximum"):
            good = not is_of(value, "number") or (value >= wanted if keyword == "minimum" else value <= wanted)
        elif keyword in ("minLength", "maxLength"):
            good = not isinstance(value, str) or (len(value) >= wanted if keyword == "minLength" else len(value) <= wanted)
        elif keyword in ("minItems", "maxItems"):
            good = not isinstance(value, list) or (len(value) >= wanted if keyword == "minItems" else len(value) <= wanted)
        elif keyword == "pattern":
            good = not isinstance(value, str) or re.search(wanted, value)
        elif keyword == "format":
            good = wanted == "date-time" and (not isinstance(value, str) or is_time(value))
        elif keyword == "required":
            good = True
            found += [f"{where}.{name} is missing" for name in wanted if isinstance(value, dict) and name not in value]
        elif keyword == "properties":
            good = True
            for name in sorted(set(value) & set(wanted)) if isinstance(value, dict) else []:
                found += differences(value[name], wanted[name], f"{where}.{name}")
        elif keyword == "items":
            good = True
            for index, item in enumerate(value if isinstance(value, list) else []):
                found += differences(item, wanted, f"{where}[{index}]")
        else:
            good = False
        if not good:
            found.append(f"{where}: {value!r} against {keyword} {wanted!r}"[:400])
    if isinstance(value, dict) and schema.get("additionalProperties") is False:
        found += [f"{where}.{name} is not in the document" for name in sorted(set(value) - set(schema.get("properties", {})))]
    return found


def schemas(part):
    """Every schema of an object within a part of the document."""
    if isinstance(part, dict):
        if part.get("type") == "object" or part.get("type") == ["object", "null"]:
            yield part
        for one in part.values():
            yield from schemas(one)
    elif isinstance(part, list):
        for one in part:
            yield from schemas(one)


class Document(unittest.TestCase):
    def test_an_answer_that_is_not_as_described_is_found(self):
        schema = {"type": "object", "required": ["id"], "additionalProperties": False, "properties": {
            "id": {"type": "integer", "minimum": 0}, "time": {"type": ["string", "null"], "format": "date-time"},
            "role": {"$ref": "#/components/schemas/Role"}, "list": {"type": "array", "items": {"type": "number"}, "maxItems": 2}}}
        for good in ({"id": 1}, {"id": 0, "time": None, "list": [1, 2.5]}, {"id": 1, "time": "2026-11-27T03:35:36Z", "role": "viewer"}):
            self.assertEqual(differences(good, schema), [])
        for bad in ([], {}, {"id": "1"}, {"id": True}, {"id": 1.5}, {"id": -1}, {"id": 1, "more": 1}, {"id": 1, "time": "today"},
                    {"id": 1, "role": "king"}, {"id": 1, "role": None}, {"id": 1, "list": ["1"]}, {"id": 1, "list": [1, 2, 3]}):
            self.assertEqual(len(differences(bad, schema)), 1, bad)
        self.assertEqual(len(differences("x", {"type": "string", "maxlength": 3})), 1)

    def test_every_object_says_whether_there_may_be_more_in_it(self):
        for schema in schemas([DOCUMENT["components"], [operation["responses"] for item in DOCUMENT["paths"].values()
                                                        for operation in item.values()]]):
            self.assertIn("additionalProperties", schema)


class Answers(NodeTest):
    def check(self, answer, responses, name):
        described = responses.get(str(answer.status), responses.get("default"))
        self.assertTrue(described and (str(answer.status) in responses or answer.status >= 400), f"{name}: {answer.status}")
        content = resolved(described).get("content")
        if content is None:
            self.assertEqual(answer.content, b"", name)
            return
        kind = (answer.getheader("Content-Type") or "").split(";")[0]
        self.assertTrue(kind in content or "*/*" in content, f"{name}: {kind}")
        if answer.json is not None:
            self.assertEqual(differences(answer.json, content.get(kind, {}).get("schema", {})), [], name)

    def ask(self, method, path, body=None, status=200, client=None, query="", **headers):
        """`path` as documented, with {name=value} for each of its parameters."""
        template = re.sub(r"{(\w+)=[^}]*}", r"{\1}", path)
        operation = DOCUMENT["paths"][template][method.lower()]
        name = f"{method} {path}{query}"
        if body is not None and status < 400:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            self.assertEqual(differences(body, schema, "body"), [], name)
        answer = (client or self.client).ask(method, re.sub(r"{\w+=([^}]*)}", r"\1", path) + query, body, **headers)
        self.assertEqual(answer.status, status, f"{name}: {answer.content[:500]}")
        self.check(answer, operation["responses"], name)
        return answer

    def quarantined_and_parked(self, node):
        """An object whose number has another content, and a study of two patients."""
        copies = []
        for i, changes in enumerate((["-m", "(0020,000e)=1.2.3.4"], ["-m", "(0020,000d)=1.2.3.5", "-m", "(0008,0018)=1.2.3.5.1"],
                                     ["-m", "(0020,000d)=1.2.3.5", "-m", "(0008,0018)=1.2.3.5.2", "-m", "(0010,0020)=ANOTHER"])):
            copies.append(self.folder / f"copy{i}.dcm")
            shutil.copy(dicom_files(phantom(7))[i], copies[-1])
            run("dcmodify", "-nb", *changes, copies[-1])
        node.store("--no-halt", *copies, check=False)

    def check_all_that_is_read(self):
        job = self.ask("GET", "/api/v1/jobs", query="?state=done").json["items"][0]["id"]
        thing = self.ask("GET", "/api/v1/quarantine").json["items"][0]["id"]
        asset = re.search(r'"/?(assets/[^"]+)"', self.ask("GET", "/").content.decode()).group(1).removeprefix("assets/")
        values = {"/studies/{id}": 1, "/jobs/{id}": job, "/quarantine/{id}": thing, "{generation}": 1, "/slices/{name}": "0.jpg",
                  "/ae/{name}": "NECKNODE", "/peers/{name}": "pacs", "/routes/{name}": "test", "{path}": asset}
        for template, item in DOCUMENT["paths"].items():
            path = template
            for part, value in values.items():
                path = path.replace(part, re.sub(r"{(\w+)}", rf"{{\1={value}}}", part))
            if "get" in item and not template.endswith("/events"):
                with self.subTest(path):
                    answer = self.ask("GET", path)
                    if isinstance(answer.json, dict) and "items" in answer.json and not template.endswith("commitment-requests"):
                        self.assertTrue(answer.json["items"], f"{path} shows nothing")
        self.ask("GET", "/api/v1/studies/{id=2}")
        connection = http.client.HTTPConnection("127.0.0.1", self.client.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", "/api/v1/events", headers={"Cookie": self.client.cookie})
            self.assertEqual(connection.getresponse().getheader("Content-Type"), "text/event-stream")
        return job

    def check_what_a_person_does(self, job):
        self.ask("POST", "/api/v1/studies/{id=2}/unpark", {"same_patient": True})
        self.ask("POST", "/api/v1/studies/{id=1}/resend", {"destination": "pacs"})
        row = self.ask("GET", "/api/v1/outbox").json["items"][0]["id"]
        self.ask("POST", f"/api/v1/outbox/{{id={row}}}/release")
        self.ask("POST", "/api/v1/outbox/release", {"destination": "pacs"})
        self.ask("POST", "/api/v1/studies/{id=1}/reanalyse", {"route": "test"}, status=409)
        self.ask("POST", f"/api/v1/jobs/{{id={job}}}/requeue", status=409)
        self.ask("POST", "/api/v1/echo", {"peer": "pacs"})
        self.ask("POST", "/api/v1/echo", {"ae_title": "X", "host": "127.0.0.1", "port": 1})
        for section, item in (("ae", {"title": "SECOND", "description": None}), ("peers", {"name": "new", "url": "https://new.example/"}),
                              ("routes", {"name": "new", "series": {"min_slices": 10}, "output": [{"peer": "pacs", "sc": False}]})):
            root, name = "/api/v1/config/" + section, item.get("title", item.get("name"))
            self.ask("POST", "/api/v1/config/check", {"section": section, "item": item})
            made = self.ask("POST", root, item, status=201)
            path = f"{root}/{{name={name}}}"
            self.assertEqual(self.ask("GET", path).json["etag"], made.getheader("ETag"))
            changed = self.ask("PUT", path, {**item, "etag": made.json["etag"]}, If_Match=made.json["etag"])
            self.ask("PUT", path, item, status=428)
            now = self.ask("PUT", path, item, status=412, If_Match='"old"').json
            self.assertEqual(now["item"]["etag"], changed.json["etag"])
            self.assertTrue(self.ask("POST", root, {**item, "king": 1}, status=422).json["problems"])
            self.ask("DELETE", path, status=412, If_Match='"old"')
            self.ask("DELETE", path, If_Match=changed.json["etag"])
        self.ask("POST", "/api/v1/config/reload")
        self.ask("POST", "/api/v1/config/versions/{generation=1}/restore")
        self.ask("POST", "/api/v1/users", {"name": "vera", "role": "viewer", "password": "a long enough one"}, status=201)
        self.ask("PUT", "/api/v1/users/{name=vera}", {"role": "operator", "password": None})
        self.ask("DELETE", "/api/v1/users/{name=vera}", status=204)
        self.ask("DELETE", "/api/v1/tokens/{name=ci}", status=204)
        thing = self.ask("GET", "/api/v1/quarantine").json["items"][0]["id"]
        self.ask("DELETE", f"/api/v1/quarantine/{{id={thing}}}", status=204)

    def check_refusals(self):
        self.ask("GET", "/api/v1/node", status=401, client=Client(self.client.port))
        for path in ("/api/v1/studies/{id=99}", "/api/v1/studies/{id=x}", "/api/v1/jobs/{id=99}", "/api/v1/jobs/{id=99}/slices",
                     "/api/v1/jobs/{id=1}/slices/{name=0.png}", "/api/v1/config/peers/{name=nobody}",
                     "/api/v1/config/versions/{generation=99}", "/assets/{path=none}"):
            self.ask("GET", path, status=404)
        for query in ("?state=king", "?limit=0", "?before=x", "?since=today", "?king=1"):
            self.ask("GET", "/api/v1/studies", status=400, query=query)
        self.ask("POST", "/api/v1/users", {"name": "-", "role": "viewer", "password": "a long enough one"}, status=400)
        self.ask("POST", "/api/v1/users", {"name": "otto", "role": "monitoring", "password": "a long enough one"}, status=400)
        self.ask("POST", "/api/v1/outbox/{id=99}/release", status=404)
        self.ask("POST", "/api/v1/outbox/release", {"king": 1}, status=400)
        self.ask("POST", "/api/v1/config/reload", status=403, X_CSRF_Token="x")
        self.ask("POST", "/api/v1/config/reload", status=415, body={}, Content_Type="text/plain")
        self.ask("POST", "/api/v1/session", {"user": "anna", "password": "wrong"}, status=401)
        nothing = self.client.ask("GET", "/api/v1/nothing")
        self.assertEqual(nothing.status, 404)
        self.check(nothing, {"default": {"$ref": "#/components/responses/Problem"}}, "nothing")

    def test_every_answer_is_as_described(self):
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port) as node:
            self.client = Client(node.http_port)
            wait_for_page(node, self.client)
            self.assertEqual(self.ask("GET", "/api/v1/session").json["user"], "local")
            node.store_folder(phantom(7))
            node.wait_for_delivery()
            self.quarantined_and_parked(node)
            wait_for("a parked study", lambda: [one["state"] for one in node.status()["studies"]].count("parked") == 1, 60)
            refused = necknode("study", "2", "unpark", "--config", node.config, check=False)
            self.assertEqual(refused.returncode, 1)
            self.assertIn("--same-patient", refused.stderr)
            add_user(node, "anna", "administrator")
            self.assertIsNone(self.ask("GET", "/api/v1/session").json["user"])
            self.ask("POST", "/api/v1/session", {"user": "anna", "password": "correct horse battery"})
            self.client.login("anna")
            self.ask("POST", "/api/v1/tokens", {"name": "ci", "role": "viewer", "expires_days": 7}, status=201)
            wait_for("a parked study", lambda: self.ask("GET", "/api/v1/studies", query="?state=attention").json["items"], 30)
            job = self.check_all_that_is_read()
            self.check_refusals()
            self.check_what_a_person_does(job)


if __name__ == "__main__":
    unittest.main()
