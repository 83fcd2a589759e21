"""The page's modules without the page around them, in the browser that runs them."""
import unittest

from page_test import PageTest

class Parts(PageTest):
    def test_the_words_of_values(self):
        page = self.browser(self.node())
        page.open("/")

        def call(module, name, *arguments):
            return page.driver.execute_async_script(
                "const done = arguments[arguments.length - 1], [module, name, values] = arguments;"
                "import(`/assets/${module}.js`).then(part => done(part[name](...values)), error => done(String(error)));",
                module, name, arguments)

        for value, text in (("Müller^Anna", "Müller, Anna"), ("Müller^Anna^Maria^Dr.", "Müller, Anna Maria"),
                            ("Yamada^Tarou=山田^太郎", "Yamada, Tarou (山田, 太郎)"), ("", "No name"), ("^^^", "No name"), ("=山田^太郎", "山田, 太郎"), ("<b>^x", "<b>, x"), (None, "No name")):
            self.assertEqual(call("format", "personName", value), text)
        for value, text in (("20261127", "2026-11-27"), ("", "no date"), ("2026", "2026")):
            self.assertEqual(call("format", "dicomDate", value), text)
        for value, text in ((0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (31_533_000, "31.5 MB"), (410e9, "410 GB"),
                            (None, "–")):
            self.assertEqual(call("format", "bytes", value), text)
        for value, text in ((0, "0 s"), (95, "95 s"), (600, "10 min"), (7500, "2 h 5 min"), (200_000, "2 d 8 h"),
                            (None, "–")):
            self.assertEqual(call("format", "duration", value), text)
        self.assertEqual(call("format", "counted", 1, "study", "studies"), "1 study")
        self.assertEqual(call("format", "counted", 12345, "study", "studies"), "12\u202f345 studies")
        for value, text in (("associations=0 total=3 stored=40 bytes=21022640", "3 associations · 40 stored · 21.0 MB"), ("decided=0", "nothing yet"),
                            ("echoes=1 streams=1 stored=1 requests=2", "1 echo · 1 stream · 1 stored · 2 requests"),
                            ("job 3 on cpu: detect 12/40", "job 3 on cpu: detect 12/40"), ("", ""),
                            ("ready on a=b", "ready on a=b")):
            self.assertEqual(call("format", "roleFacts", value), text)
        self.assertEqual(call("format", "words", "not_eligible"), "Not eligible")
        now = 1_795_742_000_000
        for seconds, text in ((1, "just now"), (60, "60 s ago"), (900, "15 min ago"), (7200, "2 h ago"), (864_000, "10 d ago")):
            iso = page.js("return new Date(arguments[0]).toISOString()", now - seconds * 1000)
            self.assertEqual(call("format", "ago", iso, now), text)
        self.assertEqual(call("ui", "splitWarning", "PHANTOM MODEL, NOT FOR CLINICAL USE: complete: 2 nodes"),
                         {"warning": "PHANTOM MODEL, NOT FOR CLINICAL USE", "text": "complete: 2 nodes"})
        self.assertEqual(call("ui", "splitWarning", "complete: 2 nodes"), {"warning": "", "text": "complete: 2 nodes"})
        self.assertEqual(call("api", "queryText", {"a": "1 2", "b": "", "c": None}), "?a=1+2")
        self.assertEqual(call("router", "to", "/studies", {"search": "a&b", "state": ""}), "#/studies?search=a%26b")
        self.assertEqual(call("router", "find", [["/studies/{id}"]], "/studies/7%2F8")["parameters"], {"id": "7/8"})
        self.assertIsNone(call("router", "find", [["/studies/{id}"]], "/studies"))
        self.assertIsNone(call("router", "find", [["/studies/{id}"]], "/studies/%zz"))
        page.js("location.hash = '#/studies/%zz'")
        page.find("h1", "No such page")
        acts = [{"event": "person", "text": f"local: outbox released: outbox row {row}", "time": row} for row in (1, 2, 3)]
        self.assertEqual(call("study_cards", "folded", [*acts, {"event": "parked", "text": "row 1", "time": 4}]),
                         [{"event": "person", "text": "local: outbox released: outbox rows", "time": 3, "times": 3},
                          {"event": "parked", "text": "row 1", "time": 4, "times": 1}])
        self.assertEqual(call("study_cards", "folded", acts[:1])[0]["text"], "local: outbox released: outbox row 1")
        self.check(page)

    def test_pictures_are_refused_and_rules_of_the_page_hold(self):
        page = self.browser(self.node())
        page.open("/")
        # What slipped through as markup would still not run: the policy has no inline script and no other host.
        page.js("const box = document.createElement('div'); document.body.append(box);"
                "box.innerHTML = '<img src=x onerror=\"window.executed.push(1)\"><a onclick=\"window.executed.push(2)\">x</a>';"
                "box.querySelector('a').click();")
        page.wait("the picture failed", lambda: page.js("return document.querySelector('img[src=x]').complete"))
        self.assertEqual([], page.js("return window.executed"))
        self.assertTrue([line for line in page.console() if "Content Security Policy" in line])
        headings = page.js("return document.querySelectorAll('h1').length")
        self.assertEqual(headings, 1)
        unnamed = page.js("return [...document.querySelectorAll('button, a, input, select')]"
                          ".filter(one => !(one.textContent.trim() || one.getAttribute('aria-label') || one.labels?.length))"
                          ".map(one => one.outerHTML)")
        self.assertEqual([], unnamed)


if __name__ == "__main__":
    unittest.main()
