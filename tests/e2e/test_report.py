"""Reports as text and as a page: written by `process`, kept by the node, shown by `report`."""
import base64
import html.parser
import json
import unittest
import urllib.error
import urllib.request
import xml.etree.ElementTree

from support import Node, NodeTest, Orthanc, necknode, phantom


class Page(html.parser.HTMLParser):
    """Reads a page as a browser would and objects to tags that do not match and to what the page must not hold."""
    VOID = {"meta", "img"}
    ALLOWED = VOID | {"html", "head", "title", "style", "body", "header", "main", "section", "footer", "h1", "h2", "p", "dl", "dt",
                      "dd", "div", "table", "thead", "tbody", "tr", "th", "td", "figure", "figcaption"}

    def __init__(self, text):
        super().__init__()
        self.open, self.pictures, self.words = [], [], ""
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        assert tag in self.ALLOWED, tag
        for name, value in attributes:
            assert name in {"lang", "charset", "http-equiv", "content", "name", "class", "scope", "colspan", "alt", "width",
                            "height", "src"}, name
            if name == "src":
                head, data = value.split(",")
                assert head == "data:image/png;base64", head
                self.pictures.append(base64.b64decode(data, validate=True))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.words += data


class Report(NodeTest):
    def check_page(self, text):
        page = Page(text)
        xml.etree.ElementTree.fromstring(text.replace("<!DOCTYPE html>", ""))
        self.assertIn("Content-Security-Policy", text)
        for picture in page.pictures:
            self.assertEqual(picture[:8], b"\x89PNG\r\n\x1a\n")
        return page

    def test_process_writes_both_and_report_shows_them_again(self):
        out = self.folder / "out"
        done = necknode("process", phantom(7), "--out", out)
        self.assertIn("report.html", done.stdout)
        text, page = (out / "report.txt").read_text(), (out / "report.html").read_text()
        for words in (text, self.check_page(page).words):
            self.assertIn("PHANTOM MODEL, NOT FOR CLINICAL USE", words)
            self.assertIn("AI result, not verified", words)
            self.assertIn("LN-1", words)
        # The index image and the key slices, as many as there are Secondary Captures.
        self.assertEqual(len(self.check_page(page).pictures), len(list(out.glob("sc_*.dcm"))))
        self.assertGreaterEqual(len(list(out.glob("sc_*.dcm"))), 2)
        self.assertEqual(necknode("report", out).stdout, text)
        self.assertEqual(necknode("report", self.folder).stdout, text, "the only run below")
        self.assertEqual(necknode("report", out / "sr_comprehensive3d.dcm").stdout, text)
        self.assertEqual(necknode("report", out, "--html").stdout, page)
        necknode("report", out, "--html", "--out", self.folder / "page.html")
        self.assertEqual((self.folder / "page.html").read_text(), page)
        necknode("process", phantom(7), "--out", out, "--force")
        self.assertEqual((out / "report.html").read_text(), page)

    def test_report_says_what_is_missing(self):
        out = self.folder / "out"
        necknode("process", phantom(7), "--out", out)
        done = necknode("report", out / "pr.dcm", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("pr.dcm: not a Structured Report", done.stderr)
        done = necknode("report", phantom(7), check=False)
        self.assertEqual(done.returncode, 66)
        self.assertIn("holds no report", done.stderr)
        necknode("process", phantom(8), "--out", self.folder / "other")
        done = necknode("report", self.folder, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("several reports", done.stderr)
        done = necknode("report", "1.2.3", "--data", self.folder / "none", check=False)
        self.assertEqual(done.returncode, 66)

    def check_served(self, node, page):
        """What the API gives of the job: page, result, slices as pictures, boxes on them."""
        job = f"http://127.0.0.1:{node.http_port}/api/v1/jobs/{node.jobs()[0]['id']}"

        def get(path):
            with urllib.request.urlopen(job + path, timeout=10) as answer:
                return answer.headers, answer.read()
        headers, body = get("/report")
        self.assertEqual(body.decode(), page)
        self.assertIn("sandbox", headers["Content-Security-Policy"])
        result = json.loads(get("/result")[1])
        slices = json.loads(get("/slices")[1])
        self.assertEqual(slices["count"], len(slices["slices"]))
        self.assertEqual(slices["count"], result["series"]["slices"])
        self.assertEqual((slices["rows"], slices["columns"]), (512, 512))
        self.assertIn("NOT FOR CLINICAL USE", slices["warning"])
        self.assertEqual([n["identifier"] for n in slices["nodes"]], [n["identifier"] for n in result["nodes"]])
        for box in [box for node_found in slices["nodes"] for box in node_found["boxes"]]:
            self.assertLess(box["slice"], slices["count"])
        for index in (0, slices["count"] - 1):
            headers, picture = get(f"/slices/{index}.jpg")
            self.assertEqual(headers["Content-Type"], "image/jpeg")
            self.assertIn("immutable", headers["Cache-Control"])
            self.assertEqual(picture[:2], b"\xff\xd8")
        with self.assertRaises(urllib.error.HTTPError) as refused:
            get(f"/slices/{slices['count']}.jpg")
        self.assertEqual(refused.exception.code, 404)

    def test_node_keeps_the_page_and_shows_the_newest_report_of_a_study(self):
        with Orthanc(self.folder / "pacs") as pacs, Node(self.folder / "node", pacs.dicom_port) as node:
            node.store_folder(phantom(7))
            node.wait_for_delivery()
            status = node.status()
            self.assertEqual({row["kind"] for row in status["outbox"]}, {"SR", "PR", "SC"})
            study = status["studies"][0]["study_instance_uid"]
            text = necknode("report", study, "--config", node.config).stdout
            self.assertIn("LN-1", text)
            self.assertIn(study, text)
            page = necknode("report", study, "--html", "--config", node.config).stdout
            kept = [path.read_bytes() for path in node.data.glob("results/*/*")]
            self.assertIn(page.encode(), kept, "the page that the worker stored")
            self.assertEqual(len(self.check_page(page).pictures), len(pacs.instances("OT")))
            self.check_served(node, page)
            unknown = necknode("report", "1.2.3", "--config", node.config, check=False)
            self.assertEqual(unknown.returncode, 66)
            self.assertIn("neither a file, a folder nor the Study Instance UID", unknown.stderr)

    def test_a_study_without_a_report_says_where_the_reason_is(self):
        with Node(self.folder / "node", quiet_s=3600) as node:
            node.store_folder(phantom(7))
            study = node.status()["studies"][0]["study_instance_uid"]
            done = necknode("report", study, "--config", node.config, check=False)
            self.assertEqual(done.returncode, 66)
            self.assertIn("there is no report of this study", done.stderr)


if __name__ == "__main__":
    unittest.main()
