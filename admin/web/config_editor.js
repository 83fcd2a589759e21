// Edits one AE title, peer or route: checked while it is typed, tried by an echo, shown as a difference, then saved.
import { debounced, fill, h } from "./dom.js";
import { ApiError, call, get, may, post } from "./api.js";
import { form } from "./form.js";
import { icon } from "./icons.js";
import { attempt, button, dialog, diffView, toast } from "./ui.js";

const kCheckMs = 350;
export const keyOf = section => (section === "ae" ? "title" : "name");
const kWords = { ae: "AE title", peers: "peer", routes: "route" };
const address = (section, name) => `/config/${section}/${encodeURIComponent(name)}`;
const plain = item => Object.fromEntries(Object.entries(item).filter(([key]) => key !== "etag"));

/** What differs between theirs and mine, as rows. */
function differences(theirs, mine) {
  const keys = [...new Set([...Object.keys(theirs), ...Object.keys(mine)])].filter(key => key !== "etag");
  const text = value =>
    value === undefined ? "–" : typeof value === "string" ? value || "(empty)" : JSON.stringify(value);
  const same = key => JSON.stringify(theirs[key] || null) === JSON.stringify(mine[key] || null);
  return keys
    .filter(key => !same(key))
    .map(key => [key, text(theirs[key]), text(mine[key])]);
}

/** Somebody else was quicker. Resolves to "overwrite", "theirs" or null. */
async function conflict(section, name, mine) {
  let theirs = null;
  try {
    theirs = (await call("GET", address(section, name))).data;
  } catch (error) {
    if (error.status !== 404) throw error;
  }
  const { finished } = dialog(
    "Somebody else changed this",
    close => [
      h(
        "p",
        theirs
          ? `While you were editing ${name}, it was saved with other values. Nothing of yours has been written.`
          : `While you were editing, ${name} was removed. Nothing of yours has been written.`,
      ),
      theirs &&
        h(
          "div.scroll-x",
          h(
            "table.plain",
            h(
              "thead",
              h(
                "tr",
                ["Key", "Theirs, now in force", "Yours"].map(text => h("th", { scope: "col" }, text)),
              ),
            ),
            h(
              "tbody",
              differences(theirs, mine).map(([key, a, b]) =>
                h("tr", h("td.mono", key), h("td", a), h("td", b)),
              ),
            ),
          ),
        ),
      h(
        "div.dialog-actions",
        button("Cancel", { onclick: () => close(null) }),
        theirs && button("See theirs", { onclick: () => close("theirs") }),
        theirs && button("Overwrite with mine", { kind: "danger", onclick: () => close("overwrite") }),
      ),
    ],
    { wide: true },
  );
  return { answer: await finished, theirs };
}

/** What an edit makes worth saying. */
const warningsOf = answer =>
  (answer.warnings ?? []).map(one => h("p.notice.warn", icon("alert"), h("span", one.text)));

/** Echoes a peer that need not be saved, and shows the answer in `box`. Resolves to whether it answered. */
export async function echo(peer, box) {
  fill(box, h("div.notice", { role: "status" }, icon("pulse"), h("span", "Calling …")));
  try {
    const answer = await post("/echo", peer);
    fill(
      box,
      h(
        "div.notice",
        { class: answer.ok ? "good" : "bad", role: "status", data: { echo: answer.ok ? "ok" : "failed" } },
        icon(answer.ok ? "check" : "alert"),
        h(
          "div",
          h("strong", answer.ok ? "It answered. " : "The echo test failed. "),
          answer.text,
          answer.duration_s !== undefined && ` (${Math.round(answer.duration_s * 1000)} ms)`,
        ),
      ),
    );
    return answer.ok;
  } catch (error) {
    fill(box, h("div.notice.bad", { role: "alert" }, icon("alert"), h("div", error.message)));
    return false;
  }
}

/** Opens the editor of `item` (with its etag), or of a new one where `name` is empty; `groups(fixed)` gives its fields. */
export function edit({ section, name, item, groups, saved }) {
  let etag = item.etag,
    echoed = null;
  const original = plain(item),
    word = kWords[section],
    echoBox = h("div"),
    footNote = h("p.form-error", { role: "alert" }),
    foot = h("div.dialog-actions.foot"),
    body = h("div.stack");
  const fields = form(
    groups(() => Boolean(name)),
    original,
    value => {
      touch();
      echoed = null;
      fill(echoBox);
      fill(footNote);
      check(value);
    },
  );
  const check = debounced(kCheckMs, async value => {
    try {
      fields.showProblems(
        (await post("/config/check", { section, name: name || undefined, item: value })).problems,
      );
    } catch (error) {
      if (error instanceof ApiError && error.problem.problems) fields.showProblems(error.problem.problems);
    }
  });
  const { close, leave, touch, finished } = dialog(
    name ? `Edit ${word} ${name}` : `Add ${section === "ae" ? "an" : "a"} ${word}`,
    () => [body, foot],
    { sheet: true },
  );

  function showForm() {
    fill(body, fields.element, section === "peers" && echoBox);
    fill(
      foot,
      footNote,
      section === "peers" &&
        may("operator") &&
        button("Echo test", {
          icon: "pulse",
          onclick: async () => (echoed = await echo(fields.value(), echoBox)),
        }),
      button("Cancel", { onclick: leave }),
      button("Review changes", { kind: "primary", onclick: review }),
    );
  }

  async function review() {
    check.cancel();
    fill(footNote);
    const value = fields.value();
    let answer;
    try {
      answer = await post("/config/check", { section, name: name || undefined, item: value });
    } catch (error) {
      if (!error.problem?.problems) return toast(error.message, "bad");
      answer = { problems: error.problem.problems };
    }
    fields.showProblems(answer.problems);
    if (answer.problems.length) {
      fill(footNote, icon("alert"), "Something is not right yet: see the fields.");
      return body.querySelector("[aria-invalid=true]")?.focus();
    }
    if (name && (await call("GET", address(section, name)).catch(() => ({ etag }))).etag !== etag)
      return settle(value, review);
    if (section === "peers" && echoed === null && may("operator")) echoed = await echo(value, echoBox);
    fill(
      body,
      h("h3", "What will be written"),
      diffView(answer.diff),
      warningsOf(answer),
      section === "peers" && [
        h("h3", "Echo test"),
        echoBox,
        echoed === false &&
          h(
            "p.notice.warn",
            icon("alert"),
            h(
              "span",
              "You may save it all the same, for example for a peer that is not there yet. Results for it wait and are tried again until it answers.",
            ),
          ),
      ],
      h(
        "p.muted",
        "It is taken over at the next association, without a restart. The version before it is kept.",
      ),
    );
    fill(
      foot,
      button("Back", { onclick: showForm }),
      button(echoed === false ? "Save all the same" : "Save", {
        kind: "primary",
        onclick: () => save(value),
      }),
    );
    foot.lastChild.focus();
  }

  async function save(value) {
    try {
      if (name) await call("PUT", address(section, name), { body: value, etag });
      else await call("POST", `/config/${section}`, { body: value });
    } catch (error) {
      if (error.status === 412) return settle(value, save);
      showForm();
      if (error.problem?.problems) fields.showProblems(error.problem.problems);
      return toast(error.message, "bad");
    }
    toast(`${word[0].toUpperCase()}${word.slice(1)} ${value[keyOf(section)]} is saved.`);
    close(value);
  }

  /** Somebody else was faster: goes on with `next` where their change is to be overwritten. */
  async function settle(value, next) {
    const { answer, theirs } = await conflict(section, name, value);
    if (answer === "overwrite") {
      etag = theirs.etag ?? (await call("GET", address(section, name))).etag;
      return next(value);
    }
    if (answer === "theirs") {
      close(null);
      edit({ section, name, item: theirs, groups, saved });
    }
    return showForm();
  }

  showForm();
  body.querySelector("input:not([readonly])")?.focus();
  finished.then(value => {
    check.cancel();
    if (value) saved?.();
  });
}

/** Asks with the difference, then removes. */
export async function removeItem(section, item, saved) {
  const name = item[keyOf(section)];
  let answer;
  try {
    answer = await post("/config/check", { section, name, item: null });
  } catch (error) {
    answer = { problems: error.problem?.problems ?? [{ message: error.message }] };
  }
  const blocked = answer.problems.length > 0;
  const { finished } = dialog(
    `Remove ${kWords[section]} ${name}?`,
    close => [
      blocked
        ? h(
            "div.notice.bad",
            icon("alert"),
            h(
              "div",
              "It cannot be removed, for without it:",
              answer.problems.map(one => h("div", one.key ? `${one.key}: ${one.message}` : one.message)),
            ),
          )
        : [
            h(
              "p",
              "It is taken over at the next association. The version before it is kept and can be restored.",
            ),
            diffView(answer.diff),
            warningsOf(answer),
          ],
      h(
        "div.dialog-actions",
        button("Cancel", { onclick: () => close(null) }),
        !blocked && button("Remove", { kind: "danger", onclick: () => close(true) }),
      ),
    ],
    { wide: true },
  );
  if ((await finished) !== true) return;
  const done = await attempt(async () => {
    const etag = item.etag ?? (await call("GET", address(section, name))).etag;
    await call("DELETE", address(section, name), { etag });
  }, `${name} is removed.`);
  if (done) saved?.();
}

/** The whole configuration and the names that forms offer. */
export async function loadConfig() {
  const [config, models] = await Promise.all([get("/config"), get("/models").catch(() => ({ items: [] }))]);
  return {
    config,
    names: {
      ae: config.ae.map(one => one.title),
      peers: config.peers.map(one => one.name),
      models: models.items.map(one => one.package),
    },
  };
}
