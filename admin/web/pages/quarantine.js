// Objects that were refused because they contradict what is here.
import { fill, h } from "../dom.js";
import { may, remove } from "../api.js";
import { List, twoActions } from "../list.js";
import { bytes } from "../format.js";
import { attempt, button, confirm, empty, pageHead, time } from "../ui.js";

export default function quarantine(view) {
  async function discard(one) {
    const sure = await confirm({
      title: `Discard object ${one.id}?`,
      action: "Discard for ever",
      danger: true,
      text: `The bytes that ${one.calling_ae} sent are deleted and cannot be had back. What was stored before under the same UID stays as it is.`,
    });
    if (sure && (await attempt(() => remove(`/quarantine/${one.id}`), `Object ${one.id} is discarded.`)))
      list.reload();
  }
  const rowActions = one =>
    may("operator") &&
    h(
      "div.table-actions",
      h(
        "a.button.compact",
        {
          href: `/api/v1/quarantine/${one.id}/object`,
          download: `quarantine-${one.id}.dcm`,
          "aria-label": `Download object ${one.id}`,
        },
        "Download",
      ),
      may("administrator") &&
        button("Discard", {
          kind: "compact danger",
          "aria-label": `Discard object ${one.id}`,
          onclick: () => discard(one),
        }),
    );
  const list = new List({
    view,
    label: "Quarantine",
    path: "/quarantine",
    topics: ["node"],
    rowHeight: twoActions(),
    columns: [
      { head: "Object", more: "w1", cell: one => h("span.strong", String(one.id)) },
      { head: "From", more: "w3", cell: one => h("div.line", one.calling_ae) },
      { head: "Why it was refused", cell: one => h("div.line", { title: one.reason }, one.reason) },
      { head: "Size", more: "w2 wide-only", cell: one => h("span.number", bytes(one.bytes)) },
      { head: "Came", more: "w2 wide-only", cell: one => time(one.time) },
      {
        head: h("span.hidden", "Actions"),
        more: "w4 right",
        cell: rowActions,
      },
    ],
    empty: empty(
      "quarantine",
      "Nothing is in quarantine",
      "An object comes here when it has the UID of another one but other bytes, and another study, patient or sender. Nothing is ever replaced by it.",
    ),
  });
  fill(
    view.root,
    pageHead("Quarantine", "Refused with status 0xA900. Look at the sender before you discard anything."),
    list.element,
  );
  return list.reload();
}
