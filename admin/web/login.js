// Signing in, again after a session has expired, and the own password.
import { fill, h } from "./dom.js";
import { call, loadSession, session, signIn } from "./api.js";
import { icon } from "./icons.js";
import { button, dialog, toast } from "./ui.js";
import { startEvents } from "./events.js";

/** What the node asks of a password. */
export const kPasswordLength = "12";
export const kPasswordRule = "At least 12 characters, five of them different.";

function input(name, label, props = {}) {
  const box = h("input", { name, required: true, ...props });
  return { box, element: h("label.field", h("span.label", label), box) };
}

/** A form for user and password; `done` after a session is there. */
function loginForm(done, userName = "") {
  const user = input("user", "User", {
    type: "text",
    autocomplete: "username",
    value: userName,
    readOnly: Boolean(userName),
  });
  const password = input("password", "Password", { type: "password", autocomplete: "current-password" });
  const message = h("p.form-error", { role: "alert" });
  const submit = h("button.button.primary.block", { type: "submit" }, h("span", "Sign in"));
  return h(
    "form",
    {
      onsubmit: async event => {
        event.preventDefault();
        fill(message);
        submit.disabled = true;
        try {
          await signIn(user.box.value, password.box.value);
          done();
        } catch (error) {
          fill(message, icon("alert"), error.status === 401 ? "User or password is wrong." : error.message);
          password.box.value = "";
          password.box.focus();
        } finally {
          submit.disabled = false;
        }
      },
    },
    user.element,
    password.element,
    message,
    submit,
  );
}

/** The page before a session. */
export function loginPage(done) {
  return h(
    "main.login",
    { id: "content" },
    h("img", { src: "/assets/icon.svg", alt: "", width: "48", height: "48" }),
    h("h1", "necknode"),
    h("p.muted", "Sign in to the administrator's page."),
    loginForm(done),
  );
}

/** Over the page, whose unsaved forms stay: resolves when the person has signed in again. */
export function askAgain() {
  return new Promise((resolve, reject) => {
    let signedIn = false;
    const before = session.user;
    const build = close => [
      h("p.muted", "Sign in again to go on. What you have typed on the page is still there."),
      loginForm(
        () => {
          signedIn = true;
          close(true);
        },
        session.users_needed ? session.user : "",
      ),
    ];
    const { finished } = dialog("Your session has ended", build, { stays: true });
    finished.then(() => {
      if (!signedIn) {
        reject(new Error("Not signed in."));
        location.reload();
        return;
      }
      // Another person, or the first one with a name: the page shows what that role may.
      if (session.user !== before) location.reload();
      startEvents();
      resolve();
    });
  });
}

export function changePassword() {
  dialog("Change your password", close => {
    const old = input("old", "Present password", { type: "password", autocomplete: "current-password" });
    const fresh = input("new", "New password", {
      type: "password",
      autocomplete: "new-password",
      minlength: kPasswordLength,
    });
    fresh.element.append(h("span.help", kPasswordRule));
    const again = input("again", "New password again", { type: "password", autocomplete: "new-password" });
    const message = h("p.form-error", { role: "alert" });
    return h(
      "form",
      {
        onsubmit: async event => {
          event.preventDefault();
          if (fresh.box.value !== again.box.value)
            return fill(message, icon("alert"), "The new passwords differ.");
          try {
            await call("POST", "/session/password", {
              body: { password: old.box.value, new_password: fresh.box.value },
            });
            await loadSession();
            close(true);
            toast("Your password is changed.");
          } catch (error) {
            fill(message, icon("alert"), error.message);
          }
        },
      },
      old.element,
      fresh.element,
      again.element,
      message,
      h(
        "div.dialog-actions",
        button("Cancel", { onclick: () => close(null) }),
        h("button.button.primary", { type: "submit" }, h("span", "Change")),
      ),
    );
  });
}
