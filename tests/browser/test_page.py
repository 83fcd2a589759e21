"""An administrator adds the PACS, watches a study go through, reads its slices, and gets parked results to the PACS."""
import shutil
import unittest

from browser import Keys
from page_test import SCRIPT_NAME, PageTest, ask
from support import Orthanc, dicom_files, free_ports, phantom, run, wait_for

PAGES = {"dashboard": "/", "studies": "/studies", "jobs": "/jobs", "outbox": "/outbox", "quarantine": "/quarantine",
         "commitment": "/commitment", "ae-titles": "/config", "versions": "/config/versions", "models": "/models",
         "audit": "/audit", "users": "/access"}


class Administrator(PageTest):
    def test_adds_a_pacs_watches_a_study_and_releases_what_was_parked(self):
        study = self.folder / "study"
        shutil.copytree(phantom(7), study)
        run("dcmodify", "-nb", "-m", f"PatientName={SCRIPT_NAME}", *dicom_files(study))
        port, wrong_port = free_ports(2)
        node = self.node()
        page = self.browser(node)
        with Orthanc(self.folder / "pacs", port):
            page.open("/")
            page.find(".notice.good", "Nothing needs a person")
            self.adds_peers(page, port, wrong_port)
            self.adds_output(page, node)
            self.watches(page, node, study)
            self.reads_slices(page)
            self.reads_report(page)
        study_page = page.js("return location.hash").removeprefix("#")
        self.finds_rows_of_a_stopped_pacs(page)
        with Orthanc(self.folder / "pacs", port):
            self.sends_them_now(page, node)
        page.open(study_page)
        # Another archive has taken the place of the one that was stopped: it does not know that it is called PACS.
        with Orthanc(self.folder / "other", port, more={"DicomAet": "OTHER", "DicomCheckCalledAet": True}):
            self.finds_parked_rows(page)
        with Orthanc(self.folder / "pacs", port) as pacs:
            self.releases_them(page, node)
            self.fits_a_phone(page)
            self.assertEqual(len(pacs.instances("SR")), 1)
        for name, path in PAGES.items():
            page.open(path)
            self.shoot(page, name)
        self.check(page)

    def adds_peers(self, page, port, wrong_port):
        page.click(".rail a", "AE titles")
        page.button("Add a peer")
        for key, value in (("name", "pacs"), ("ae_title", "PACS"), ("host", "127.0.0.1"), ("port", wrong_port)):
            page.type(f"dialog input[name={key}]", value)
        page.click("dialog input[name=accept_non_clinical]")
        page.button("Echo test")
        page.find("[data-echo=failed]", "refused")
        self.shoot(page, "echo-failed")
        page.type("dialog input[name=port]", port)
        page.button("Review changes")
        page.find("[data-echo=ok]", "It answered")
        page.find(".diff-line.added", "PACS")
        self.shoot(page, "review")
        page.click("dialog button", "Save")
        page.find(".toast", "Peer pacs is saved")
        page.gone("dialog")
        page.find("td", f"127.0.0.1:{port}")
        # From now on only known peers may send.
        page.button("Add a peer")
        for key, value in (("name", "scanner"), ("ae_title", "STORESCU"), ("host", "127.0.0.1"), ("port", wrong_port)):
            page.type(f"dialog input[name={key}]", value)
        page.button("Review changes")
        page.find("[data-echo=failed]")
        page.click("dialog button", "Save all the same")
        page.gone("dialog")
        page.find("td", "scanner")

    def adds_output(self, page, node):
        page.click("[aria-label='Edit test']")
        page.button("Add an output")
        page.choose("dialog select[aria-label=Peer]", "pacs")
        page.button("Review changes")
        page.find(".diff-line.added", "pacs")
        page.click("dialog button", "Save")
        page.gone("dialog")
        self.assertEqual([out["peer"] for out in ask(node, "/config/routes/test")["output"]], ["pacs"])

    def watches(self, page, node, study):
        page.click(".rail a", "Studies")
        page.find(".state", "No study yet")
        wait_for("the scanner may send", lambda: node.echo().returncode == 0, 20)
        node.store_folder(study)
        # Nobody reloads the page.
        page.find("tbody tr", "<script>alert(1)</script>, A")
        seen = set()

        def done():
            seen.update(pill.text for pill in page.all("tbody tr .pill"))
            return "Done" in seen
        page.wait("the study is done", done, 120)
        self.assertTrue(seen & {"Receiving", "Waiting", "Queued", "Analysing", "Sending"}, seen)
        page.click("tbody tr[data-key] a")
        page.find("h1", "<script>alert(1)</script>, A")

    def reads_slices(self, page):
        page.click("[role=tab]", "Slices")
        page.find(".overlay.warn", "NOT FOR CLINICAL USE")
        stage = page.find(".stage")
        nodes = page.wait("nodes", lambda: page.all("button.node"))
        page.wait("boxes", lambda: page.all(".picture rect"))
        black = "const c = document.querySelector('canvas'); return !c.getContext('2d').getImageData(0, 0, c.width, c.height)" \
                ".data.some((value, i) => i % 4 < 3 && value > 60)"
        page.wait("a picture", lambda: not page.js(black))
        self.shoot(page, "slices")
        page.button("Boxes")
        self.assertEqual(page.all(".picture rect"), [])
        page.js("arguments[0].focus()", stage)
        page.keys("b")
        page.wait("boxes again", lambda: page.all(".picture rect"))
        at = int(stage.get_attribute("data-slice"))
        page.keys(Keys.ARROW_DOWN)
        self.assertEqual(int(stage.get_attribute("data-slice")), at - 1)
        page.wheel(page.find(".picture"), -120)
        page.wait("one slice up", lambda: int(stage.get_attribute("data-slice")) == at)
        page.keys(Keys.HOME)
        page.find(".overlay", "Slice 1 of")
        self.assertRegex(page.find(".overlay.bottom").text, r"Image \d+")
        last = nodes[-1]
        page.js("arguments[0].click()", last)
        self.assertEqual(last.get_attribute("aria-current"), "true")
        page.wait("its boxes", lambda: page.all(".picture rect.current"))
        page.click("[role=tab]", "Overview")
        for text in ("Received", "Job finished", "Delivered"):
            page.find(".timeline li", text)
        page.find("td", "Selected")
        page.driver.execute_script("scrollTo(0, 0)")
        self.shoot(page, "study")

    def reads_report(self, page):
        page.click("[role=tab]", "Report")
        frame = page.find("iframe.report")
        self.assertEqual(frame.get_attribute("sandbox"), "")
        page.driver.switch_to.frame(frame)
        page.find("body", "Neck lymph node report")
        page.find("body", "<script>alert(1)</script>")
        page.driver.switch_to.default_content()
        self.shoot(page, "report")

    def finds_rows_of_a_stopped_pacs(self, page):
        page.button("Send results again")
        page.click("dialog button", "Send again")
        page.find(".toast", "on their way")
        page.click(".rail a", "Outbox")
        row = page.find("tbody tr", "refused", seconds=60)
        self.assertIn("Waiting", row.text)
        self.shoot(page, "stopped")

    def sends_them_now(self, page, node):
        """Not in an hour, when they would be tried again on their own."""
        page.button("Try all for pacs now")
        page.click("dialog button", "Try all now")
        page.find(".toast", "on the way to pacs")
        node.wait_for_delivery()

    def finds_parked_rows(self, page):
        page.button("Send results again")
        page.click("dialog button", "Send again")
        page.find(".toast", "on their way")
        page.click(".rail a", "Dashboard")
        page.click(".attention a", "pacs", seconds=60)
        page.find("tbody tr", "rejected permanently: the called AE title is not recognized: by the peer's application")
        self.shoot(page, "parked")
        page.size(390, 844)
        self.shoot(page, "parked-390")
        self.nothing_is_cut(page)
        page.size(1440, 900)

    def fits_a_phone(self, page):
        page.size(390, 844)
        for name, path, what in (("jobs", "/jobs", "Done"), ("outbox", "/outbox", "Delivered"), ("audit", "/audit", "Delivered"),
                                 ("study", "/studies/1?tab=overview", "Delivered")):
            page.open(path)
            page.find("tbody tr", what)
            self.shoot(page, f"{name}-narrow")
            self.nothing_is_cut(page)
        page.size(1440, 900)

    def nothing_is_cut(self, page):
        """Buttons and states lie within their cell and show all of their words, and no table scrolls sideways."""
        cut = page.js("""
          const out = [...document.querySelectorAll("tbody td")].flatMap(cell => {
            const room = cell.getBoundingClientRect();
            return [...cell.querySelectorAll(".button, .pill")].filter(part => {
              const box = part.getBoundingClientRect(), words = part.querySelector("span") ?? part;
              return box.left < room.left || box.right > room.right || words.scrollWidth > words.clientWidth + 1;
            });
          });
          const wide = [...document.querySelectorAll(".scroll-x")].filter(one => one.scrollWidth > one.clientWidth);
          return [...out, ...wide].map(one => one.textContent.slice(0, 60));""")
        self.assertEqual(cut, [])

    def releases_them(self, page, node):
        page.open("/outbox?state=parked")
        page.button("Try all for pacs now")
        page.find("dialog p", "are parked")
        page.click("dialog button", "Try all now")
        page.find(".toast", "on the way to pacs")
        page.find(".state", "No row fits", seconds=60)
        node.wait_for_delivery()
        page.open("/")
        page.find(".notice.good", "Nothing needs a person", seconds=40)


if __name__ == "__main__":
    unittest.main()
