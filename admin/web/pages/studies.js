// All studies, newest first.
import { fill, h } from "../dom.js";
import { dicomDate, counted, personName } from "../format.js";
import { List, filterBar } from "../list.js";
import { keepQuery, to } from "../router.js";
import { studyPill, studyStates } from "../status.js";
import { empty, pageHead, splitWarning, time } from "../ui.js";

const columns = [
  {
    head: "Patient",
    more: "w5",
    cell: one => [
      h("a", { href: to(`/studies/${one.id}`), tabindex: "-1" }, personName(one.patient_name)),
      h("div.line.small.muted", one.patient_id || "no patient ID"),
    ],
  },
  {
    head: "Study",
    more: "w5 wide-only",
    cell: one => [
      h("div.line", one.description || "No description"),
      h("div.line.small.muted", `${dicomDate(one.study_date)} · ${counted(one.instances, "image")}`),
    ],
  },
  { head: "State", more: "w3 in-state", cell: one => [studyPill(one.status)] },
  {
    head: "What happened",
    more: "wide-only",
    cell: one => {
      const { warning, text } = splitWarning(one.status_text || one.reason || "");
      return [
        h("div.line", { title: text }, text || "–"),
        warning && h("div.line.small", h("span.tag.tag-warn", warning)),
      ];
    },
  },
  { head: "Received", more: "w2", cell: one => time(one.last_received) },
];

export default function studies(view) {
  let filters = { search: "", state: "", since: "", until: "", ...view.query };
  const list = new List({
    view,
    label: "Studies",
    path: "/studies",
    topics: ["studies", "jobs", "outbox"],
    columns,
    query: () => filters,
    href: one => to(`/studies/${one.id}`),
    empty: () =>
      Object.values(filters).some(Boolean)
        ? empty("search", "No study fits", "Try fewer words, another state or a longer time.")
        : empty(
            "studies",
            "No study yet",
            "Let a PACS or a scanner send a neck CT to this node; its AE titles stand on the page AE titles.",
          ),
  });
  const bar = filterBar(
    [
      {
        name: "search",
        label: "Search",
        type: "search",
        placeholder: "Name, patient ID, study UID, description",
      },
      { name: "state", label: "State", type: "select", options: studyStates, any: "Any state" },
      { name: "since", label: "Received from", type: "date" },
      { name: "until", label: "Received until", type: "date" },
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
    pageHead("Studies", "Newest first. The list follows the node while you read."),
    bar,
    list.element,
  );
  return list.reload();
}
