"""Long lists stay fluent, follow the node without jumping, and are usable by keyboard and in narrow windows."""
import unittest

from browser import Keys
from page_test import PageTest, wait_for_page
from support import phantom

STUDIES = 2000
ROW = "tbody tr[data-key]"
PLACES = f"return [...document.querySelectorAll('{ROW}')].map(row => [row.dataset.key, Math.round(row.getBoundingClientRect().top)])"
# Scrolls to the end of what is loaded, frame by frame, and returns the longest time between two frames in ms.
SCROLL = """
const [frames, done] = arguments, box = document.getElementById("content");
let left = frames, before = performance.now(), worst = 0;
requestAnimationFrame(function step(now) {
  worst = Math.max(worst, now - before);
  before = now;
  box.scrollTop += 700;
  if (--left) requestAnimationFrame(step);
  else done(worst);
});"""


class Lists(PageTest):
    def setUp(self):
        super().setUp()
        self.server = self.node()
        self.server.stop()
        self.seed_studies(self.server, STUDIES)
        self.server.start()
        self.page = self.browser(self.server)
        self.page.driver.set_script_timeout(60)

    def test_thousands_of_studies_stay_fluent_and_do_not_jump(self):
        page = self.page
        page.open("/studies")
        page.find(ROW, f"Seeded, Patient {STUDIES}")
        worst = page.driver.execute_async_script(SCROLL, 120)
        self.assertLess(worst, 500, "the longest frame in ms")
        page.wait("more pages", lambda: len(page.all(ROW)) > 10)
        self.assertLess(len(page.all(ROW)), 60, "rows out of sight need no element")
        before = page.wait("nothing moves", lambda: self.still(page))
        index = f"return document.querySelector('tr[data-key=\"{before[0][0]}\"]').dataset.index"
        first = int(page.js(index))
        self.server.store_folder(phantom(7))
        page.wait("the list has the new study", lambda: int(page.js(index)) == first + 1)
        after = dict(page.js(PLACES))
        self.assertEqual([], [key for key, top in before if abs(after.get(key, top) - top) > 1])
        page.js("document.getElementById('content').scrollTop = 0")
        page.find(ROW, "Phantom")
        self.check(page)

    def still(self, page):
        """Where each row is, once two looks agree."""
        places = page.js(PLACES)
        return places if places and places == page.js(PLACES) else None

    def test_search_filter_and_arrow_keys(self):
        page = self.page
        page.open("/studies")
        page.type("input[type=search]", "patient 1234")
        page.wait("one study", lambda: len(page.all(ROW)) == 1)
        self.assertIn("search=patient+1234", page.driver.current_url)
        page.type("input[type=search]", "nobody has this name")
        page.find(".state", "No study fits")
        self.shoot(page, "nothing-found")
        page.type("input[type=search]", " ")
        page.wait("all", lambda: len(page.all(ROW)) > 10)
        page.js("document.querySelector(arguments[0]).focus()", ROW)
        page.keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN)
        self.assertEqual(page.js("return document.activeElement.dataset.index"), "2")
        page.keys(Keys.ENTER)
        page.find("h1", f"Seeded, Patient {STUDIES - 2}")
        page.find(".state, .card", "")
        self.check(page)

    def test_a_row_of_the_audit_trail_opens_by_keyboard_and_click(self):
        page = self.page
        page.open("/audit")
        page.find(ROW)
        page.js("document.querySelector(arguments[0]).focus()", ROW)
        page.keys(Keys.ENTER)
        page.find("dialog dt", "Outcome")
        self.shoot(page, "audit-event")
        page.keys(Keys.ESCAPE)
        page.gone("dialog")
        page.choose("select", "application")
        page.click(f"{ROW} td:nth-child(3)")
        page.find("dialog h2", "Application")
        self.check(page)

    def test_narrow_windows_and_a_node_that_is_away(self):
        page = self.page
        for width, height in ((900, 800), (390, 844)):
            page.size(width, height)
            for name, path in (("dashboard", "/"), ("studies", "/studies"), ("ae-titles", "/config"), ("outbox", "/outbox")):
                page.open(path)
                over = page.js("const box = document.getElementById('content'); return box.scrollWidth - box.clientWidth")
                self.assertEqual(over, 0, f"{name} at {width}")
                self.shoot(page, f"{name}-{width}")
        page.click(".rail-opener")
        page.find(".rail a", "Studies")
        page.size(1440, 900)
        self.check(page)
        page.open("/")
        page.find(".connection.live")
        self.server.stop()
        page.find(".connection", "No answer")
        page.find(".outage", "may be out of date")
        self.shoot(page, "node-away")
        page.click(".rail a", "Audit")
        page.find(".state", "The node does not answer")
        self.shoot(page, "no-answer")
        self.server.start()
        wait_for_page(self.server)
        page.gone(".outage", seconds=60)
        page.click("button", "Try again")
        page.find(ROW)
        page.find(".connection.live", seconds=60)
        # What the console says of requests that were not answered is no fault of the page.
        self.assertEqual([], [line for line in page.faults() if "net::ERR_" not in line])


if __name__ == "__main__":
    unittest.main()
