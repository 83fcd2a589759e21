// Users and tokens, for administrators.
import { fill, h } from "../dom.js";
import { call, get, may, post, remove, session } from "../api.js";
import { icon } from "../icons.js";
import { kPasswordLength, kPasswordRule } from "../login.js";
import { words } from "../format.js";
import { pill } from "../status.js";
import {
  actionTable,
  attempt,
  button,
  card,
  confirm,
  dialog,
  empty,
  failure,
  loadInto,
  pageHead,
  time,
} from "../ui.js";

const kRoles = [
  ["viewer", "viewer: sees everything"],
  ["operator", "operator: also repairs, releases, sends again"],
  ["administrator", "administrator: also configures"],
];
const kTokenRoles = [["monitoring", "monitoring: reads metrics only"], ...kRoles];
const choice = (value, roles = kRoles) => {
  const select = h(
    "select",
    roles.map(([one, text]) => h("option", { value: one }, text)),
  );
  select.value = value;
  return select;
};
const field = (label, input, help) =>
  h("label.field", h("span.label", label), input, help && h("span.help", help));

/** A dialog with a form; `send()` resolves to what `done` is told. Errors stay in the form. */
function ask(title, parts, action, send, done) {
  dialog(title, close => {
    const message = h("p.form-error", { role: "alert" });
    return h(
      "form",
      {
        onsubmit: async event => {
          event.preventDefault();
          try {
            const answer = await send();
            close(true);
            done(answer);
          } catch (error) {
            fill(
              message,
              icon("alert"),
              (error.problem?.problems ?? []).map(one => one.message).join("; ") || error.message,
            );
          }
        },
      },
      parts,
      message,
      h(
        "div.dialog-actions",
        button("Cancel", { onclick: () => close(null) }),
        h("button.button.primary", { type: "submit" }, h("span", action)),
      ),
    );
  });
}

export default function access(view) {
  const head = pageHead("Users and tokens", "Who may look, repair and configure.");
  if (!may("administrator")) {
    fill(view.root, head, failure({ status: 403, message: "Only an administrator sees users and tokens." }));
    return;
  }
  const users = h("div"),
    tokens = h("div");
  const loadUsers = quiet =>
    loadInto(users, () => get("/users"), showUsers, { quiet, lines: 3, alive: view.alive });
  const loadTokens = quiet =>
    loadInto(tokens, () => get("/tokens"), showTokens, { quiet, lines: 3, alive: view.alive });

  function addUser() {
    const name = h("input", { type: "text", required: true, autocomplete: "off" }),
      role = choice("viewer"),
      password = h("input", {
        type: "password",
        required: true,
        minlength: kPasswordLength,
        autocomplete: "new-password",
      });
    ask(
      "Add a user",
      [field("Name", name), field("Role", role), field("Password", password, kPasswordRule)],
      "Add",
      () => post("/users", { name: name.value, role: role.value, password: password.value }),
      () => loadUsers(true),
    );
  }
  function editUser(one) {
    const role = choice(one.role),
      password = h("input", { type: "password", minlength: kPasswordLength, autocomplete: "new-password" });
    ask(
      `Edit ${one.name}`,
      [
        field("Role", role),
        field("New password", password, `Empty: stays as it is. ${kPasswordRule} Sessions of this user end.`),
      ],
      "Save",
      () =>
        call("PUT", `/users/${encodeURIComponent(one.name)}`, {
          body: { role: role.value, ...(password.value ? { password: password.value } : {}) },
          etag: one.etag,
        }),
      () => loadUsers(true),
    );
  }
  async function dropUser(one) {
    const sure = await confirm({
      title: `Remove ${one.name}?`,
      action: "Remove",
      danger: true,
      text: "The user is signed out everywhere and cannot sign in again. What the audit trail has stays.",
    });
    if (
      sure &&
      (await attempt(
        () => remove(`/users/${encodeURIComponent(one.name)}`, one.etag),
        `${one.name} is removed.`,
      ))
    )
      loadUsers(true);
  }
  function addToken() {
    const name = h("input", { type: "text", required: true, autocomplete: "off" }),
      role = choice("viewer", kTokenRoles),
      days = h("input", { type: "number", min: "1", max: "3650" });
    ask(
      "Make a token",
      [
        h("p.muted", "For programs: sent as Authorization: Bearer. Prometheus needs the role monitoring."),
        field("Name", name),
        field("Role", role),
        field("Days that it holds", days, "Empty: until it is revoked."),
      ],
      "Make",
      () =>
        post("/tokens", {
          name: name.value,
          role: role.value,
          ...(days.value ? { expires_days: Number(days.value) } : {}),
        }),
      answer => {
        loadTokens(true);
        const build = close => [
          h(
            "p",
            "This is the only time it is shown. Keep it where the program finds it, readable by nobody else.",
          ),
          h("div.secret", { tabindex: "0" }, answer.secret ?? answer.token),
          h(
            "div.dialog-actions",
            button("Copy", {
              onclick: () =>
                attempt(() => navigator.clipboard.writeText(answer.secret ?? answer.token), "Copied."),
            }),
            button("I have kept it", { kind: "primary", onclick: () => close(true) }),
          ),
        ];
        const loses = () => ({
          title: "Leave without the token?",
          text: "It is not shown again.",
          action: "Leave",
          danger: true,
        });
        dialog(`Token ${name.value}`, build, { loses });
      },
    );
  }
  async function dropToken(one) {
    const sure = await confirm({
      title: `Revoke ${one.name}?`,
      action: "Revoke",
      danger: true,
      text: "Programs that use it are refused from now on.",
    });
    if (
      sure &&
      (await attempt(() => remove(`/tokens/${encodeURIComponent(one.name)}`), `${one.name} is revoked.`))
    )
      loadTokens(true);
  }
  const showUsers = ({ items }) =>
    fill(
      users,
      items.length
        ? actionTable(
            ["User", "Role", "Since", "Last login"],
            items.map(one =>
              h(
                "tr",
                h("td.strong", one.name, " ", one.name === session.user && pill("info", "info", "you")),
                h("td", words(one.role)),
                h("td", time(one.created)),
                h("td", one.last_login ? time(one.last_login) : "never"),
                h(
                  "td",
                  h(
                    "div.table-actions",
                    button("Edit", {
                      kind: "compact",
                      icon: "edit",
                      "aria-label": `Edit ${one.name}`,
                      onclick: () => editUser(one),
                    }),
                    button("Remove", {
                      kind: "compact",
                      "aria-label": `Remove ${one.name}`,
                      onclick: () => dropUser(one),
                    }),
                  ),
                ),
              ),
            ),
          )
        : empty(
            "users",
            "No users",
            "Without users the page answers on this machine alone. Make the first administrator before you bind it to a network.",
          ),
    );
  const showTokens = ({ items }) =>
    fill(
      tokens,
      items.length
        ? actionTable(
            ["Token", "Role", "Made", "Holds until", "Last used"],
            items.map(one =>
              h(
                "tr",
                h("td.strong", one.name),
                h("td", words(one.role)),
                h("td", time(one.created)),
                h("td", one.expires ? time(one.expires) : "no end"),
                h("td", one.last_used ? time(one.last_used) : "never"),
                h(
                  "td",
                  h(
                    "div.table-actions",
                    button("Revoke", {
                      kind: "compact",
                      "aria-label": `Revoke ${one.name}`,
                      onclick: () => dropToken(one),
                    }),
                  ),
                ),
              ),
            ),
          )
        : h("p.muted", "No token."),
    );

  fill(
    view.root,
    head,
    card("Users", { actions: button("Add a user", { icon: "plus", onclick: addUser }) }, users),
    card(
      "Tokens for programs",
      { actions: button("Make a token", { icon: "key", onclick: addToken }) },
      tokens,
    ),
  );
  return Promise.all([loadUsers(false), loadTokens(false)]);
}
