// The frame around the pages: navigation, theme, who is signed in, which page the address names.
import { fill, h } from "./dom.js";
import { get, loadSession, may, onExpired, session, signOut } from "./api.js";
import { onChanged, onConnection, startEvents, stopEvents } from "./events.js";
import { find, here, to } from "./router.js";
import { absolute } from "./format.js";
import { icon } from "./icons.js";
import {
  attempt,
  closeDialogs,
  confirm,
  empty,
  failure,
  leavingLoses,
  pageHead,
  skeleton,
} from "./ui.js";
import { askAgain, changePassword, loginPage } from "./login.js";

const kRoutes = [
  ["/", () => import("./pages/dashboard.js"), "Dashboard"],
  ["/studies", () => import("./pages/studies.js"), "Studies"],
  ["/studies/{id}", () => import("./pages/study.js"), "Study"],
  ["/jobs", () => import("./pages/jobs.js"), "Jobs"],
  ["/outbox", () => import("./pages/outbox.js"), "Outbox"],
  ["/quarantine", () => import("./pages/quarantine.js"), "Quarantine"],
  ["/commitment", () => import("./pages/commitment.js"), "Storage commitment"],
  ["/config", () => import("./pages/config.js"), "AE titles"],
  ["/config/versions", () => import("./pages/versions.js"), "Versions"],
  ["/models", () => import("./pages/models.js"), "Models"],
  ["/audit", () => import("./pages/audit.js"), "Audit"],
  ["/access", () => import("./pages/access.js"), "Users and tokens"],
];
const kMenu = [
  [
    null,
    [
      ["/", "dashboard", "Dashboard"],
      ["/studies", "studies", "Studies"],
    ],
  ],
  [
    "Work",
    [
      ["/jobs", "queue", "Jobs"],
      ["/outbox", "outbox", "Outbox"],
      ["/quarantine", "quarantine", "Quarantine"],
      ["/commitment", "commitment", "Commitment"],
    ],
  ],
  [
    "Setup",
    [
      ["/config", "config", "AE titles"],
      ["/models", "models", "Models"],
      ["/audit", "audit", "Audit"],
      ["/access", "users", "Users", "administrator"],
    ],
  ],
];
const kThemes = [
  ["system", "system", "System theme"],
  ["light", "sun", "Light theme"],
  ["dark", "moon", "Dark theme"],
];

const content = h("main.content", { id: "content", tabindex: "-1" });
const badge = h("span.badge", { hidden: true });
const connection = h("span.connection", { role: "status" });
const outage = h("div.outage", { role: "alert" });
const nodeName = h("span.rail-node");
let turn = 0,
  ends = [];

function endPage() {
  for (const end of ends.splice(0)) end();
}

/** Shows the page of the address. A page is a function of {root, parameters, query, onEnd}. */
async function show() {
  const mine = ++turn,
    { path, query } = here();
  const found = find(kRoutes, path);
  endPage();
  document.querySelector(".rail")?.classList.remove("open");
  for (const one of document.querySelectorAll(".rail a[href]")) {
    const own = one.getAttribute("href").slice(1);
    const current = own === "/" ? path === "/" : path === own || path.startsWith(own + "/");
    one.toggleAttribute("data-current", current);
    if (current) one.setAttribute("aria-current", "page");
    else one.removeAttribute("aria-current");
  }
  content.scrollTop = 0;
  if (!found) {
    document.title = "No such page – necknode";
    fill(
      content,
      h(
        "div.page",
        pageHead("No such page"),
        empty(
          "search",
          `Nothing is at ${path}`,
          "The address may be mistyped, or of another version of this page.",
          h("a.button", { href: "#/" }, "Go to the dashboard"),
        ),
      ),
    );
    return;
  }
  fill(content, h("div.page", pageHead(found.route[2]), skeleton(8)));
  document.title = `${found.route[2]} – necknode`;
  try {
    const page = await found.route[1]();
    if (mine !== turn) return;
    const root = h("div.page");
    fill(content, root);
    const view = {
      root,
      parameters: found.parameters,
      query,
      alive: () => mine === turn,
      onEnd: end => ends.push(end),
    };
    await page.default(view);
    if (mine === turn && document.activeElement === document.body)
      root.querySelector("h1")?.focus({ preventScroll: true });
  } catch (error) {
    if (mine === turn) fill(content, failure(error, show));
  }
}

function themeButton() {
  const one = h("button.rail-button", { type: "button" });
  const paint = () => {
    const [, name, text] = kThemes.find(([id]) => id === window.necknodeTheme.choice()) ?? kThemes[0];
    fill(one, icon(name), h("span", text));
    one.setAttribute("aria-label", `${text}; press for the next`);
  };
  one.addEventListener("click", () => {
    const at = kThemes.findIndex(([id]) => id === window.necknodeTheme.choice());
    window.necknodeTheme.choose(kThemes[(at + 1) % kThemes.length][0]);
    paint();
  });
  paint();
  return one;
}

function account() {
  if (!session.users_needed)
    return h(
      "p.rail-note",
      { title: "On this machine alone nobody needs to sign in." },
      icon("lock"),
      h("span", "Local, no login"),
    );
  return h(
    "div.rail-account",
    h("p.rail-note", icon("users"), h("span", `${session.user}, ${session.role}`)),
    h(
      "button.rail-button",
      { type: "button", onclick: changePassword },
      icon("key"),
      h("span", "Change password"),
    ),
    h(
      "button.rail-button",
      { type: "button", onclick: () => attempt(signOut).then(start) },
      icon("out"),
      h("span", "Sign out"),
    ),
  );
}

function frame() {
  const menu = kMenu.map(([title, entries]) => [
    title && h("li.rail-group", { "aria-hidden": "true" }, title),
    entries
      .filter(([, , , role]) => !role || may(role))
      .map(([path, name, text]) =>
        h("li", h("a.rail-link", { href: to(path) }, icon(name), h("span", text), path === "/" && badge)),
      ),
  ]);
  const rail = h(
    "aside.rail",
    { id: "rail" },
    h(
      "div.rail-brand",
      h("img", { src: "/assets/icon.svg", alt: "", width: "28", height: "28" }),
      h("div", h("strong", "necknode"), nodeName),
    ),
    h("nav", { "aria-label": "Main" }, h("ul", menu)),
    h("div.rail-foot", connection, themeButton(), account()),
  );
  const opener = h(
    "button.icon-button.rail-opener",
    {
      type: "button",
      "aria-label": "Menu",
      "aria-controls": "rail",
      onclick: () => rail.classList.toggle("open"),
    },
    icon("menu"),
  );
  const skip = h(
    "a.skip",
    { href: "#content", onclick: event => (event.preventDefault(), content.focus()) },
    "Skip to the content",
  );
  document.body.prepend(
    skip,
    h("div.frame", h("div.topbar", opener, h("strong", "necknode")), rail, h("div.beside", outage, content)),
  );
}

async function watchNode() {
  try {
    const node = await get("/node");
    badge.hidden = !node.attention.length;
    badge.textContent = node.attention.length;
    badge.setAttribute("aria-label", `${node.attention.length} need attention`);
    nodeName.textContent = `${node.ae[0] ?? ""} · ${node.version}`;
  } catch {
    // The pages say what is wrong; this is only the number beside the menu.
  }
}

async function start() {
  stopEvents();
  endPage();
  document.querySelector(".frame")?.remove();
  document.querySelector(".skip")?.remove();
  try {
    await loadSession();
  } catch (error) {
    const box = h("div.frame.alone", failure(error, start));
    document.body.prepend(box);
    return;
  }
  if (!session.role) {
    document.title = "Sign in – necknode";
    document.body.prepend(h("div.frame.alone", loginPage(start)));
    document.querySelector(".login input")?.focus();
    return;
  }
  frame();
  startEvents();
  watchNode();
  await show();
  // All pages are here before the node can be away.
  for (const [, load] of kRoutes) load().catch(() => {});
}

onExpired(askAgain);
onChanged(["node", "outbox", "jobs", "studies"], watchNode);
onConnection((state, answered) => {
  connection.className = `connection ${state}`;
  content.classList.toggle("stale", state === "unreachable");
  fill(
    connection,
    h("span.dot", { "aria-hidden": "true" }),
    { live: "Live", polling: "Updated every 5 s", connecting: "Connecting", unreachable: "No answer" }[state],
  );
  fill(
    outage,
    state === "unreachable" && [
      icon("alert"),
      h(
        "span",
        h("strong", "The node does not answer. "),
        `What is shown here is as it was at ${absolute(new Date(answered).toISOString())} and may be out of date.`,
      ),
    ],
  );
});
let leaving = false,
  decided = false;
addEventListener("hashchange", async event => {
  if (!session.role) return;
  const question = decided ? null : leavingLoses();
  decided = false;
  if (question) {
    // The new entry makes the address what it was.
    history.pushState(null, "", event.oldURL);
    if (leaving) return;
    leaving = true;
    const sure = await confirm(question);
    leaving = false;
    if (!sure) return;
    closeDialogs();
    decided = true;
    location.href = event.newURL;
    return;
  }
  closeDialogs();
  show();
});
start();
