"""Editing: what the validator refuses, two people at once, versions, and text that would be markup elsewhere."""
import unittest

from browser import Keys
from page_test import PageTest, ask
from support import dicom_files, phantom, wait_for

HOSTILE = '<img src=x onerror=alert(1)>"\'&lt;{{7*7}}</textarea><script>alert(2)'.ljust(64, "x")[:64]
PEER = '[[peer]]\nname = "pacs"\nae_title = "PACS"\nhost = "127.0.0.1"\nport = 104\n'


class Configuration(PageTest):
    def setUp(self):
        super().setUp()
        self.server = self.node(extra="", peer="", route="")
        ask(self.server, "/config/peers", "POST", {"name": "pacs", "ae_title": "PACS", "host": "127.0.0.1", "port": 104})
        self.page = self.browser(self.server)
        self.page.open("/config")

    def test_names_the_field_that_is_wrong_while_it_is_typed(self):
        page = self.page
        page.click("[aria-label='Edit pacs']")
        page.type("dialog input[name=port]", 99999)
        self.assertEqual(page.find("dialog input[aria-invalid=true]").get_attribute("name"), "port")
        page.type("dialog input[name=port]", 105)
        page.gone("dialog [aria-invalid=true]")
        page.type("dialog input[name=ae_title]", "A TITLE THAT IS TOO LONG")
        self.assertEqual(page.find("dialog input[aria-invalid=true]").get_attribute("name"), "ae_title")
        page.button("Review changes")
        page.find("dialog .form-error", "not right yet")
        self.shoot(page, "problem")
        page.keys(Keys.ESCAPE)
        page.find("dialog h2", "Leave without saving?")
        page.click("dialog button", "Leave")
        page.gone("dialog")
        self.assertEqual(ask(self.server, "/config/peers/pacs")["port"], 104)
        self.check(page)

    def test_going_back_asks_before_it_leaves_the_editor(self):
        page = self.page
        page.open("/jobs")
        page.open("/config")
        page.click("[aria-label='Edit pacs']")
        page.find("dialog input[name=port]")
        page.driver.back()
        page.find("h1", "Jobs")
        page.gone("dialog")
        page.open("/config")
        page.click("[aria-label='Edit pacs']")
        page.type("dialog input[name=port]", 4242)
        page.driver.back()
        page.find("dialog h2", "Leave without saving?")
        self.assertTrue(page.driver.current_url.endswith("#/config"))
        self.shoot(page, "leaving")
        page.all("dialog button", "Cancel")[-1].click()
        page.gone("dialog h2", "Leave without saving?")
        self.assertEqual(page.find("dialog input[name=port]").get_attribute("value"), "4242")
        page.driver.back()
        page.click("dialog button", "Leave")
        page.find("h1", "Jobs")
        page.gone("dialog")
        self.assertEqual(ask(self.server, "/config/peers/pacs")["port"], 104)
        self.check(page)

    def test_a_new_route_shows_what_the_node_would_put_in(self):
        page = self.page
        page.button("Add a route")
        page.type("dialog input[name=name]", "second")
        shown = page.js("return Object.fromEntries([...document.querySelectorAll('dialog [name]')]"
                        ".map(one => [one.name, one.type === 'checkbox' ? one.checked : one.value]))")
        page.button("Review changes")
        page.click("dialog .foot button", "Save")
        page.gone("dialog")
        saved = ask(self.server, "/config/routes/second")
        saved.update({f"series.{key}": value for key, value in saved.pop("series").items()})
        for key, value in shown.items():
            own = ", ".join(saved[key]) if isinstance(saved[key], list) else saved[key]
            same = float(value) == own if isinstance(own, (int, float)) and value not in (True, False) else value == own
            self.assertTrue(same, f"{key}: {value!r}, saved {own!r}")
        self.check(page)

    def test_two_editors_at_once_are_told_apart(self):
        page = self.page
        page.click("[aria-label='Edit pacs']")
        page.type("dialog input[name=port]", 4242)
        theirs = ask(self.server, "/config/peers/pacs")
        etag = theirs.pop("etag")
        ask(self.server, "/config/peers/pacs", "PUT", {**theirs, "host": "127.0.0.2"}, etag)
        page.button("Review changes")
        page.find("dialog h2", "Somebody else changed this")
        page.find("dialog td", "127.0.0.2")
        self.shoot(page, "conflict")
        self.assertEqual(ask(self.server, "/config/peers/pacs")["port"], 104)
        page.button("See theirs")
        page.wait("theirs in the form", lambda: page.find("dialog input[name=host]").get_attribute("value") == "127.0.0.2")
        page.type("dialog input[name=port]", 4243)
        page.button("Review changes")
        page.click("dialog button", "Save all the same")
        page.find(".toast", "saved")
        saved = ask(self.server, "/config/peers/pacs")
        self.assertEqual((saved["host"], saved["port"]), ("127.0.0.2", 4243))
        # Faster by a moment, after the review: mine, on purpose.
        page.click("[aria-label='Edit pacs']")
        page.type("dialog input[name=port]", 4244)
        page.button("Review changes")
        page.find("dialog button", "Save all the same")
        etag = saved.pop("etag")
        ask(self.server, "/config/peers/pacs", "PUT", {**saved, "host": "127.0.0.3"}, etag)
        page.click("dialog button", "Save all the same")
        page.find("dialog h2", "Somebody else changed this")
        page.button("Overwrite with mine")
        page.wait("mine", lambda: ask(self.server, "/config/peers/pacs")["port"] == 4244)
        self.assertEqual(ask(self.server, "/config/peers/pacs")["host"], "127.0.0.2")
        self.check(page)

    def test_a_description_of_markup_is_text_and_versions_bring_the_old_one_back(self):
        page = self.page
        page.click("[aria-label='Edit NECKNODE']")
        page.type("dialog input[name=description]", HOSTILE)
        page.button("Review changes")
        page.click("dialog button", "Save")
        page.find("td", HOSTILE)
        self.shoot(page, "hostile-text")
        page.click("a.button", "Versions")
        page.wait("versions", lambda: len(page.all("tbody tr")) >= 2)
        page.click("button", "Look")
        page.find("dialog .diff-line.added", "onerror")
        page.keys(Keys.ESCAPE)
        page.gone("dialog")
        page.all("button[aria-label^=Restore]")[0].click()
        page.click("dialog button", "Restore")
        page.find(".toast", "in force again")
        self.assertEqual(ask(self.server, "/config/ae/NECKNODE").get("description", ""), "")
        self.check(page)

    def test_long_words_leave_the_buttons_in_sight(self):
        page = self.page
        own = ask(self.server, "/config/ae/NECKNODE")
        ask(self.server, "/config/ae/NECKNODE", "PUT", {**own, "description": "W" * 64}, own["etag"])
        ask(self.server, "/config/peers", "POST",
            {"name": "P" * 64, "ae_title": "LONG", "host": ".".join(["h" * 60] * 3), "port": 104})
        page.driver.refresh()
        page.find("td", "P" * 64)
        outside = ("return [...document.querySelectorAll('.card button')].filter(button => {"
                   "  const card = button.closest('.card').getBoundingClientRect(), own = button.getBoundingClientRect();"
                   "  return own.left < card.left || own.right > card.right; }).map(button => button.ariaLabel)")
        for width, height in ((1440, 900), (900, 800), (390, 844)):
            page.size(width, height)
            self.assertTrue(page.find("[aria-label='Edit NECKNODE']"))
            self.assertEqual([], page.js(outside), f"at {width}")
            self.shoot(page, f"long-words-{width}")
        self.check(page)

    def test_a_peer_that_a_route_needs_is_not_removed(self):
        page = self.page
        route = ask(self.server, "/config/routes/test")
        etag = route.pop("etag")
        ask(self.server, "/config/routes/test", "PUT", {**route, "output": [{"peer": "pacs"}]}, etag)
        page.click("[aria-label='Remove pacs']")
        page.find("dialog .notice.bad", "cannot be removed")
        page.click("dialog button", "Cancel")
        page.gone("dialog")
        self.check(page)

    def test_a_model_is_put_beside_a_route_as_a_shadow(self):
        page = self.page
        page.open("/models")
        page.click("button", "Run as a shadow", seconds=60)
        page.find("dialog .notice.bad", "is what the route itself uses")
        self.assertFalse(page.find("dialog .button.primary").is_enabled())
        page.keys(Keys.ESCAPE)
        page.gone("dialog")
        route = ask(self.server, "/config/routes/test")
        ask(self.server, "/config/routes/test", "PUT", {**route, "package": "other/1"}, route["etag"])
        page.wait("the route's new model", lambda: "not installed" in page.text())
        # What the worker says of the change may replace the button in the middle of a click.
        page.click("button", "Run as a shadow")
        if not page.appears("dialog", seconds=5):
            page.click("button", "Run as a shadow")
        page.find("dialog .diff-line.added", "shadow")
        page.click("dialog button", "Save")
        page.find(".toast", "Route test is changed")
        self.assertEqual(ask(self.server, "/config/routes/test")["shadow"], "phantom/2")
        self.check(page)

    def test_a_study_without_a_route_says_so_everywhere(self):
        page, node = self.page, self.server
        page.click("[aria-label='Remove test']")
        page.find("dialog .notice.warn", "no route is left")
        self.shoot(page, "last-route")
        page.click("dialog button", "Remove")
        page.find(".toast", "is removed")
        node.store(*dicom_files(phantom(7))[:3], calling="PACS")
        wait_for("a decided study", lambda: any(one["decided"] for one in ask(node, "/studies")["items"]), 60)
        page.open("/")
        page.find(".card", "there is no route")
        page.open("/studies/1")
        page.find("td", "taken by no route")
        self.shoot(page, "not-analysed")
        page.click("[role=tab]", "Report")
        page.find("main", "So there is no result")
        page.button("Analyse")
        page.find("dialog h2", "Analyse")
        page.click("dialog button.primary", "Analyse")
        page.find(".toast.bad", "no route")
        self.check(page)


if __name__ == "__main__":
    unittest.main()
