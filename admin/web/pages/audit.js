// Who did what, what came and what went.
import { fill, h } from "../dom.js";
import { List, filterBar } from "../list.js";
import { absolute, words } from "../format.js";
import { keepQuery } from "../router.js";
import { pill } from "../status.js";
import { dialog, empty, facts, link, moment, pageHead } from "../ui.js";

const kEvents = [
  "application",
  "association",
  "transfer",
  "store",
  "storage",
  "quarantine",
  "study",
  "job",
  "result_sent",
  "outbox",
  "retention",
  "login",
  "user",
  "token",
  "audit_log",
  "configuration",
  "backup",
];

function outcome(one) {
  const bad = /refus|fail|reject|abort|denied|wrong/.test(one.outcome);
  const good = /success|stored|delivered|released|started|committed/.test(one.outcome);
  return pill(
    bad ? "cross" : good ? "check" : "info",
    bad ? "bad" : good ? "good" : "neutral",
    words(one.outcome),
  );
}

const openButton = one =>
  h(
    "button.row-open.line",
    { type: "button", tabindex: "-1", "aria-haspopup": "dialog", onclick: () => look(one) },
    words(one.event),
  );

/** The whole of an event, of which a row has only the beginning. */
function look(one) {
  const pairs = [
    ["Time", absolute(one.time)],
    ["Outcome", outcome(one)],
    ["Subject", one.subject || "–"],
    one.user && ["By", one.user],
    (one.peer_ae || one.host) && ["Other side", [one.peer_ae, one.host].filter(Boolean).join(" at ")],
    one.own_ae && ["Our AE title", one.own_ae],
    one.instances > 0 && ["Instances", String(one.instances)],
    one.study && ["Study", link(`Study ${one.study}`, `/studies/${one.study}`)],
  ];
  dialog(words(one.event), () => [facts(pairs), h("p.mono", one.detail || "No detail.")], { wide: true });
}

export default function audit(view) {
  let filters = { search: "", event: "", subject: "", since: "", until: "", ...view.query };
  const list = new List({
    view,
    label: "Audit trail",
    path: "/audit",
    topics: ["audit"],
    query: () => filters,
    open: look,
    columns: [
      { head: "Time", more: "w2", cell: one => h("div.two-lines.small", moment(one.time)) },
      { head: "Event", more: "w3", cell: one => openButton(one) },
      { head: "Outcome", more: "w4 in-state", cell: outcome },
      {
        head: "Subject",
        more: "w3",
        cell: one => [
          h("div.line", one.subject || "–"),
          one.user && one.user !== one.subject && h("div.line.small.muted", `by ${one.user}`),
        ],
      },
      {
        head: "Detail",
        more: "wide-only",
        cell: one => h("div.line.mono", { title: one.detail }, one.detail || "–"),
      },
    ],
    empty: () => empty("audit", Object.values(filters).some(Boolean) ? "No event fits" : "No event yet"),
  });
  const bar = filterBar(
    [
      { name: "search", label: "Search", type: "search", placeholder: "Detail, user, outcome" },
      {
        name: "event",
        label: "Event",
        type: "select",
        options: kEvents.map(one => [one, words(one)]),
        any: "Any event",
      },
      { name: "subject", label: "Subject", type: "search", placeholder: "AE title, user, role" },
      { name: "since", label: "From", type: "date" },
      { name: "until", label: "Until", type: "date" },
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
    pageHead(
      "Audit",
      "Kept in the database, and sent to the audit server where one is configured. No patient names.",
    ),
    bar,
    list.element,
  );
  return list.reload();
}
