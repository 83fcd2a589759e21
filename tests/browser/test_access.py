"""Signing in, roles, a session that ends in the middle of an edit."""
import subprocess
import unittest

from browser import Keys
from page_test import PageTest, ask, url_of
from support import PROGRAM, run

PASSWORD = "correct horse battery"


class Access(PageTest):
    def add_user(self, node, name, role):
        subprocess.run([PROGRAM, "users", "add", name, "--role", role, "--password-file", "-", "--config", str(node.config)],
                       input=PASSWORD + "\n", text=True, check=True, capture_output=True, timeout=60)

    def sign_in(self, page, name, password=PASSWORD):
        page.type("input[name=user]", name)
        page.type("input[name=password]", password)
        page.keys(Keys.ENTER)

    def test_roles_and_a_session_that_ends_while_somebody_edits(self):
        node = self.node()
        self.add_user(node, "anna", "administrator")
        self.add_user(node, "viktor", "viewer")
        page = self.browser(node)
        page.driver.get(url_of(node))
        page.find("input[name=user]")
        self.shoot(page, "login")
        self.sign_in(page, "anna", "a wrong password")
        page.find(".form-error", "wrong")
        self.sign_in(page, "anna")
        page.find(".rail-account", "anna, administrator")

        page.open("/config")
        page.click("[aria-label='Edit NECKNODE']")
        description = page.find("dialog input[name=description]")
        page.driver.delete_all_cookies()
        # What is typed is checked by the node, which does not know the browser any more.
        page.js("arguments[0].value = 'kept over the login';"
                "arguments[0].dispatchEvent(new Event('input', {bubbles: true}))", description)
        page.find("dialog h2", "Your session has ended")
        self.shoot(page, "session-ended")
        page.type("dialog input[name=password]", PASSWORD)
        page.keys(Keys.ENTER)
        page.gone("dialog h2", "Your session has ended")
        page.button("Review changes")
        page.click("dialog button", "Save")
        page.find("td", "kept over the login")
        page.click("button", "Sign out")

        page.find("input[name=user]")
        self.sign_in(page, "viktor")
        page.find(".rail-account", "viktor, viewer")
        self.assertEqual(page.all(".rail a", "Users"), [])
        page.open("/config")
        page.find(".notice", "Only an administrator")
        self.assertEqual(page.all("button", "Edit"), [])
        page.open("/access")
        page.find(".state", "Your role may not see this")
        self.assertEqual(page.all("#content button"), [])
        self.check(page)

    def test_users_and_tokens_are_made_and_removed_on_the_page(self):
        node = self.node()
        self.add_user(node, "anna", "administrator")
        page = self.browser(node)
        page.driver.get(url_of(node))
        self.sign_in(page, "anna")
        page.find(".rail-account", "anna")
        page.open("/access")
        page.button("Add a user")
        page.type("dialog input[type=text]", "otto")
        page.choose("dialog select", "operator")
        page.type("dialog input[type=password]", PASSWORD)
        page.keys(Keys.ENTER)
        page.find("td", "otto")
        self.shoot(page, "users-and-tokens")
        page.button("Make a token")
        page.type("dialog input[type=text]", "prometheus")
        page.choose("dialog select", "monitoring")
        page.keys(Keys.ENTER)
        secret = page.find("dialog .secret").text
        self.assertGreater(len(secret), 20)
        done = run("curl", "-sf", "-H", f"Authorization: Bearer {secret}", f"{url_of(node)}/metrics")
        self.assertIn("necknode_build_info", done.stdout)
        page.button("I have kept it")
        page.click("[aria-label='Revoke prometheus']")
        page.click("dialog button", "Revoke")
        page.gone("td", "prometheus")
        self.assertNotEqual(run("curl", "-sf", "-H", f"Authorization: Bearer {secret}", f"{url_of(node)}/metrics",
                                check=False).returncode, 0)
        page.click("[aria-label='Remove otto']")
        page.click("dialog button", "Remove")
        page.gone("td", "otto")
        page.click("button", "Change password")
        for name, value in (("old", PASSWORD), ("new", PASSWORD + " 2"), ("again", PASSWORD + " 2")):
            page.type(f"dialog input[name={name}]", value)
        page.keys(Keys.ENTER)
        page.find(".toast", "Your password is changed")
        self.check(page)


if __name__ == "__main__":
    unittest.main()
