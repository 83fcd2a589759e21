// Results on their way to the PACS; parked ones are released here, one by one or all at once.
import { fill, h } from "../dom.js";
import { get, may, post } from "../api.js";
import { List, filterBar } from "../list.js";
import { count, counted, duration } from "../format.js";
import { keepQuery, to } from "../router.js";
import { rowPill, rowStates } from "../status.js";
import { attempt, button, confirm, empty, pageHead, time } from "../ui.js";

/** Why a row stands where it does, in one line. */
export function rowReason(row) {
  if (row.state === "waiting") {
    const next = row.due_in_s > 0 ? `next try in ${duration(row.due_in_s)}` : "due now";
    return [next, row.last_status, row.reason].filter(Boolean).join(": ");
  }
  if (row.reason) return [row.last_status, row.reason].filter(Boolean).join(": ");
  return row.commitment && row.commitment !== "none"
    ? `commitment ${row.commitment}`
    : statusText(row.last_status);
}

// "0x0000" says nothing to most people.
const statusText = status => (status === "0x0000" ? "accepted (0x0000)" : status || "–");

// What a person may have done with a row of a state: the button, the question, the explanation.
const kReleases = {
  parked: ["Release", "Release", "It is tried again at once, and as often as at the beginning."],
  waiting: [
    "Try now",
    "Try now to send",
    "It is tried at once. If the destination still does not answer, it goes on waiting.",
  ],
  delivered: [
    "Send again",
    "Send again",
    "The same bytes are sent once more. A PACS that has them keeps one copy.",
  ],
};

export async function release(row, done) {
  const [action, question, text] = kReleases[row.state];
  const sure = await confirm({ title: `${question} ${row.kind} to ${row.destination}?`, action, text });
  const told = `Row ${row.id} is on its way to ${row.destination}.`;
  if (sure && (await attempt(() => post(`/outbox/${row.id}/release`), told))) done?.();
}

/** The button of a row for those who may. */
export function rowActions(row, done) {
  if (!may("operator") || !kReleases[row.state]) return null;
  if (row.state === "waiting" && !(row.due_in_s > 5)) return null;
  const [action] = kReleases[row.state];
  const props = {
    kind: "compact",
    "aria-label": `${action}: row ${row.id}`,
    onclick: () => release(row, done),
  };
  return h("div.table-actions", button(action, props));
}

/** "2 results are parked, 1 is waiting" */
function undoneText({ parked, waiting }) {
  const is = number => (number === 1 ? "is" : "are");
  const parts = [];
  if (parked) parts.push(`${counted(parked, "result")} ${is(parked)} parked`);
  if (waiting) parts.push(`${parked ? count(waiting) : counted(waiting, "result")} ${is(waiting)} waiting`);
  return parts.join(", ");
}

export default function outbox(view) {
  let filters = { state: "", destination: "", ...view.query };
  const bulk = h("div.actions");
  const list = new List({
    view,
    label: "Outbox",
    path: "/outbox",
    topics: ["outbox"],
    query: () => filters,
    columns: [
      {
        head: "Result",
        more: "w2 slim",
        // Where the screen has no room for the reason and the study, they stand behind this.
        cell: one => [
          h("a.strong", { href: to(`/studies/${one.study}`, { job: one.job }) }, one.kind),
          h("div.line.small.muted", `row ${one.id}`),
        ],
      },
      { head: "To", more: "w3", cell: one => h("div.line", { title: one.destination }, one.destination) },
      { head: "State", more: "w2 in-state", cell: one => rowPill(one.state) },
      {
        head: "Why",
        more: "not-slim",
        cell: one => h("div.two-lines.small", { title: rowReason(one) }, rowReason(one)),
      },
      {
        head: "Study",
        more: "w2 wide-only",
        cell: one => h("a", { href: to(`/studies/${one.study}`, { job: one.job }) }, `Study ${one.study}`),
      },
      {
        head: "Changed",
        more: "w2 wide-only",
        cell: one => [
          time(one.updated ?? one.created),
          h("div.line.small.muted", counted(one.attempts, "attempt")),
        ],
      },
      {
        head: h("span.hidden", "Actions"),
        more: "w2 right",
        cell: one => rowActions(one, () => list.refresh()),
      },
    ],
    empty: () =>
      empty(
        "outbox",
        filters.state || filters.destination ? "No row fits" : "The outbox is empty",
        "Results stand here from the moment they exist until the destination has them, and afterwards as a record.",
      ),
    onload: () => offerRelease(),
  });
  let offered = "";
  async function offerRelease() {
    if (!may("operator")) return;
    const node = await get("/node").catch(() => null);
    const undone = (node?.outbox ?? []).filter(
      one =>
        (one.parked || one.waiting) && (!filters.destination || one.destination === filters.destination),
    );
    const now = JSON.stringify(undone.map(one => [one.destination, one.parked, one.waiting]));
    if (now === offered || !view.alive()) return;
    offered = now;
    fill(
      bulk,
      undone.map(one =>
        button(`Try all for ${one.destination} now`, {
          kind: one.parked ? "primary" : "",
          icon: "send",
          title: undoneText(one),
          onclick: () => releaseAll(one),
        }),
      ),
    );
  }
  async function releaseAll(one) {
    const sure = await confirm({
      title: `Try all for ${one.destination} now?`,
      action: "Try all now",
      text: `${undoneText(one)}. All are sent to ${one.destination} at once, the oldest first${one.parked ? "; parked ones are tried again as often as at the beginning" : ""}. First make sure that it answers: the echo test is on the page AE titles.`,
    });
    if (
      sure &&
      (await attempt(
        () => post("/outbox/release", { destination: one.destination }),
        answer =>
          `${counted(answer.released, "result")} ${answer.released === 1 ? "is" : "are"} on the way to ${one.destination}.`,
      ))
    )
      list.refresh();
  }

  const bar = filterBar(
    [
      { name: "state", label: "State", type: "select", options: rowStates, any: "Any state" },
      { name: "destination", label: "Destination", type: "search", placeholder: "Name of a peer" },
    ],
    filters,
    values => {
      filters = values;
      keepQuery(values);
      list.reload();
    },
  );
  fill(
    view.root,
    pageHead("Outbox", "Every result for every destination, newest first.", bulk),
    bar,
    list.element,
  );
  return list.reload();
}
