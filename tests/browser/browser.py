"""Chromium without a window, for tests of the administrator's page."""
import json
import pathlib
import tempfile
import time

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.common.action_chains import ActionChains

HERE = pathlib.Path(__file__).resolve().parent
CONTRAST = (HERE / "contrast.js").read_text(encoding="utf-8")
# Answers that a page provokes on purpose (a wrong value, an expired session) stand in the console as network errors.
NETWORK = "Failed to load resource"


class Browser:
    """One window. Context manager; `url` is where "#/..." addresses begin."""

    def __init__(self, url, size=(1440, 900), accept_insecure=False):
        self.url = url.rstrip("/")
        options = webdriver.ChromeOptions()
        options.binary_location = "/usr/bin/chromium"
        self._profile = tempfile.TemporaryDirectory(prefix="necknode-browser-")
        for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars",
                     "--force-device-scale-factor=1", "--disable-background-networking", "--disable-component-update",
                     "--no-first-run", f"--user-data-dir={self._profile.name}", f"--window-size={size[0]},{size[1]}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        options.set_capability("acceptInsecureCerts", accept_insecure)
        self.driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
        self.size(*size)

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.driver.quit()
        self._profile.cleanup()

    def size(self, width, height):
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                                    {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False})

    def open(self, path="/"):
        """Opens an address of the page and waits for its heading."""
        wanted = f"{self.url}/#{path}"
        if self.driver.current_url.split("#")[0] == self.url + "/":
            self.js("location.hash = arguments[0]", path)
        else:
            self.driver.get(wanted)
        self.find("h1")
        self.wait("the page has loaded", lambda: not self.all(".skeleton"))

    def js(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def wait(self, what, condition, seconds=20):
        """Until condition() is true; what the page replaces meanwhile is looked for again."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                value = condition()
                if value:
                    return value
            except (StaleElementReferenceException, WebDriverException):
                pass
            time.sleep(0.05)
        raise AssertionError(f"not within {seconds} s: {what}\n{self.text()[:2000]}")

    def all(self, selector, text=None):
        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return [one for one in found if text is None or text in one.text]

    def visible(self, selector, text=None):
        return next((one for one in self.all(selector, text) if one.is_displayed()), None)

    def find(self, selector, text=None, seconds=20):
        """The first visible element that fits and holds `text`."""
        return self.wait(f"{selector} {text or ''}", lambda: self.visible(selector, text), seconds)

    def appears(self, selector, text=None, seconds=20):
        """Whether such an element comes."""
        try:
            return bool(self.find(selector, text, seconds))
        except AssertionError:
            return False

    def gone(self, selector, text=None, seconds=20):
        self.wait(f"no {selector} {text or ''}", lambda: not self.visible(selector, text), seconds)

    def click(self, selector, text=None, seconds=20):
        def done():
            found = self.visible(selector, text)
            if found:
                found.click()
            return found
        self.wait(f"a click on {selector} {text or ''}", done, seconds)

    def button(self, text):
        self.click("button, a.button", text)

    def type(self, selector, text):
        """Replaces what a field holds, or, where the page replaces the field meanwhile, what the new one holds."""
        def done():
            field = self.visible(selector)
            if field:
                field.send_keys(Keys.CONTROL, "a")
                field.send_keys(Keys.DELETE)
                field.send_keys(str(text))
            return field
        return self.wait(f"{selector} to type in", done)

    def choose(self, selector, value):
        self.js("arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))",
                self.find(selector), value)

    def keys(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def wheel(self, element, down):
        ActionChains(self.driver).scroll_from_origin(
            webdriver.common.actions.wheel_input.ScrollOrigin.from_element(element), 0, down).perform()

    def text(self):
        return self.js("return document.body ? document.body.innerText : ''")

    def theme(self, name):
        self.js("window.necknodeTheme.choose(arguments[0])", name)

    def shot(self, path):
        pathlib.Path(path).parent.mkdir(parents=True, exist_ok=True)
        self.driver.save_screenshot(str(path))

    def low_contrast(self):
        """Visible texts with less contrast than WCAG AA wants: [{text, ratio, color, ground}]."""
        return self.js(CONTRAST)

    def console(self):
        """What the console has said since the last call, without what is only told."""
        return [f"{entry['level']} {entry['message']}" for entry in self.driver.get_log("browser")
                if entry["level"] in ("SEVERE", "WARNING")]

    def faults(self):
        """Of the console, all but the answers that the test provoked."""
        return [line for line in self.console() if NETWORK not in line]

    def expect_no_faults(self, test):
        test.assertEqual([], self.faults(), json.dumps(self.driver.current_url))
