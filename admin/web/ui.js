// Small parts that every page uses.
import { fill, freshId, h } from "./dom.js";
import { icon } from "./icons.js";
import { absolute, ago } from "./format.js";
import { to } from "./router.js";

/** A time relative to now, kept fresh; the absolute one on hovering. */
export function time(iso) {
  return iso ? h("time.ago", { datetime: iso, title: absolute(iso) }, ago(iso)) : h("span.muted", "–");
}

/** The absolute time, where the order of things counts. */
export function moment(iso) {
  return h("time.number", { datetime: iso, title: ago(iso) }, absolute(iso));
}

setInterval(() => {
  for (const one of document.querySelectorAll("time.ago")) {
    const text = ago(one.dateTime);
    if (one.textContent !== text) one.textContent = text;
  }
}, 10000);

export function button(text, { icon: name, kind = "", ...props } = {}) {
  return h(`button.button`, { type: "button", class: kind, ...props }, name && icon(name), h("span", text));
}

export function link(text, path, query, more = "") {
  return h("a", { href: to(path, query), class: more }, text);
}

/** The heading of a page. */
export function pageHead(title, subtitle, ...actions) {
  return h(
    "header.page-head",
    h("div.page-title", h("h1", { tabindex: "-1" }, title), subtitle && h("p.muted", subtitle)),
    actions.length ? h("div.actions", actions) : null,
  );
}

export function card(title, { actions, more = "", level = "h2" } = {}, ...children) {
  return h(
    "section.card",
    { class: more },
    title && h("div.card-head", h(level, title), actions && h("div.actions", actions)),
    children,
  );
}

/**
 * A table whose last column has buttons, unless every column has a head. In narrow windows each row is a block, and its
 * cells name their column.
 */
export function actionTable(heads, rows) {
  const actions = rows.some(row => row.cells.length > heads.length);
  for (const row of rows) heads.forEach((text, i) => (row.cells[i].dataset.head = text));
  return h(
    "div.scroll-x",
    h(
      "table.plain.with-actions",
      h(
        "thead",
        h(
          "tr",
          heads.map(text => h("th", { scope: "col" }, text)),
          actions && h("th", h("span.hidden", "Actions")),
        ),
      ),
      h("tbody", rows),
    ),
  );
}

export function warning(text, more = "") {
  return h("p.warning-band", { role: "note", class: more }, icon("alert"), h("strong", text));
}

/** The warning of a package stands at the beginning of its summaries; shown apart from them. */
export function splitWarning(summary) {
  const found = /^([^:]*NOT FOR CLINICAL USE): ?(.*)$/s.exec(summary ?? "");
  return found ? { warning: found[1], text: found[2] } : { warning: "", text: summary ?? "" };
}

export function summaryText(summary) {
  const { warning: words, text } = splitWarning(summary);
  return h(
    "span.summary",
    words && h("span.tag.tag-warn", { title: words }, words),
    text && h("span.summary-text", { title: text }, text),
  );
}

export function empty(name, title, text, ...actions) {
  return h("div.state", icon(name, "icon-large"), h("h3", title), text && h("p.muted", text), actions);
}

/** An error with a way to try again. */
export function failure(error, retry) {
  const mine = error?.status === 403;
  const words = { 403: "Your role may not see this", 404: "Not found", 410: "No longer here" };
  const final = mine || error?.status === 410;
  return h(
    "div.state",
    { role: "alert" },
    icon(mine ? "lock" : "alert", "icon-large bad"),
    h("h3", words[error?.status] ?? "This could not be loaded"),
    h("p.muted", error?.message ?? String(error)),
    retry && !final && button("Try again", { icon: "work", onclick: retry }),
  );
}

export function skeleton(lines = 4, more = "") {
  return h(
    "div.skeleton",
    { "aria-hidden": "true", class: more },
    Array.from({ length: lines }, (_, i) => h("div.bone", { style: { width: `${92 - ((i * 37) % 45)}%` } })),
  );
}

/** Shows a skeleton in `box`, then what `load` resolves to through `show`, or the failure. */
export async function loadInto(box, load, show, { quiet = false, lines = 5, alive = () => true } = {}) {
  const again = () => loadInto(box, load, show, { lines, alive });
  if (!quiet) fill(box, skeleton(lines), h("span.hidden", { role: "status" }, "Loading"));
  try {
    const data = await load();
    if (alive()) show(data);
    return data;
  } catch (error) {
    if (error.name !== "AbortError" && alive() && !quiet) fill(box, failure(error, again));
    return null;
  }
}

// One region for all, in the page from the beginning, so that it is read out.
const toasts = h("div.toasts", { role: "status", "aria-live": "polite" });
document.body.append(toasts);

/** Tells the outcome of an action: kind good | bad | info. */
export function toast(text, kind = "good") {
  const close = () => one.remove();
  const one = h(
    "div.toast",
    { class: kind, role: kind === "bad" ? "alert" : null },
    icon({ good: "check", bad: "alert", info: "info" }[kind]),
    h("span", text),
    h("button.icon-button", { type: "button", "aria-label": "Dismiss", onclick: close }, icon("cross")),
  );
  // Above an open dialog, which lies in the top layer.
  ([...document.querySelectorAll("dialog[open]")].at(-1) ?? document.body).append(toasts);
  toasts.append(one);
  setTimeout(close, kind === "bad" ? 12000 : 5000);
}

// What failed where one no longer is.
const dropComplaints = () => toasts.querySelectorAll(".toast.bad").forEach(one => one.remove());

/** Does `action`, tells `done` or the error. Resolves to whether it went well. */
export async function attempt(action, done) {
  try {
    const value = await action();
    if (done) toast(typeof done === "function" ? done(value) : done);
    return true;
  } catch (error) {
    toast(error.message, "bad");
    return false;
  }
}

const kLose = {
  title: "Leave without saving?",
  text: "What you have changed here is lost.",
  action: "Leave",
  danger: true,
};
const opened = []; // dialogs, the innermost last

/** Whether leaving the page would lose something: the question to ask first, or null. */
export const leavingLoses = () => opened.map(one => one.loses()).findLast(Boolean) ?? null;

/** Closes the dialogs of a page that is left; those about the session stay. */
export function closeDialogs() {
  dropComplaints();
  for (const one of opened.filter(each => !each.stays).reverse()) one.close(null);
}

/**
 * A native dialog with a heading; removed when it closes. `build(close)` gives its content. `loses()` gives the question
 * before it is closed with something in it, or null. Without it each change of a field counts. One that `stays` is not
 * closed with its page.
 */
export function dialog(title, build, { wide = false, sheet = false, loses, stays = false } = {}) {
  const id = freshId("dialog");
  const box = h("dialog.dialog", {
    "aria-labelledby": id,
    class: [wide && "wide", sheet && "sheet"].filter(Boolean).join(" "),
  });
  let answer = null;
  const close = value => {
    answer = value;
    box.close();
  };
  let touched = false;
  const entry = { close, stays, loses: loses ?? (() => (touched && !stays ? kLose : null)) };
  opened.push(entry);
  for (const kind of ["input", "change"]) box.addEventListener(kind, () => (touched = true));
  box.addEventListener("cancel", async event => {
    const question = entry.loses();
    if (!question) return;
    event.preventDefault();
    if (await confirm(question)) close(null);
  });
  const finished = new Promise(resolve => {
    box.addEventListener("close", () => {
      opened.splice(opened.indexOf(entry), 1);
      if (box.contains(toasts)) {
        dropComplaints();
        document.body.append(toasts);
      }
      box.remove();
      resolve(answer);
    });
  });
  const leave = () => box.dispatchEvent(new Event("cancel", { cancelable: true })) && close(null);
  append(box, title, id, close, leave, build);
  document.body.append(box);
  box.showModal();
  // Not the button that closes it, where there is something to fill in.
  box.querySelector(".dialog-body :is(input:not([readonly]), select, textarea)")?.focus();
  return { box, close, leave, touch: () => (touched = true), finished };
}

function append(box, title, id, close, leave, build) {
  box.append(
    h(
      "header.dialog-head",
      h("h2", { id }, title),
      h(
        "button.icon-button",
        { type: "button", "aria-label": "Close", onclick: leave },
        icon("cross"),
      ),
    ),
  );
  box.append(h("div.dialog-body", build(close)));
}

/** Asks before something happens; `text` says what will. Resolves to true or false. */
export async function confirm({ title, text, action, danger = false }) {
  const { finished } = dialog(title, close => [
    h("p", text),
    h(
      "div.dialog-actions",
      button("Cancel", { onclick: () => close(null) }),
      button(action, { kind: danger ? "danger" : "primary", onclick: () => close(true) }),
    ),
  ]);
  return (await finished) === true;
}

/** A unified diff, line by line, with words for what a colour says. */
export function diffView(text) {
  if (!text?.trim()) return h("p.muted", "Nothing changes.");
  const lines = text
    .replace(/\n$/, "")
    .split("\n")
    .map(line => {
      const kind = /^(\+\+\+|---)/.test(line)
        ? "file"
        : line[0] === "+"
          ? "added"
          : line[0] === "-"
            ? "removed"
            : line[0] === "@"
              ? "place"
              : "";
      return h("div.diff-line", { class: kind }, line || " ");
    });
  return h(
    "div.diff",
    { tabindex: "0", role: "region", "aria-label": "Difference: lines with + are added, with - removed" },
    lines,
  );
}

/** Pairs of term and value. */
export function facts(pairs) {
  return h(
    "dl.facts",
    pairs.filter(Boolean).map(([term, ...value]) => h("div", h("dt", term), h("dd", value))),
  );
}
