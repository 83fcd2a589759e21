// Storage commitment that senders asked of this node.
import { fill, h } from "../dom.js";
import { List } from "../list.js";
import { counted } from "../format.js";
import { statePill } from "../status.js";
import { empty, pageHead } from "../ui.js";

export default function commitment(view) {
  const found = one =>
    !one.judged
      ? "not yet looked at"
      : one.failed
        ? `${one.failed} of ${counted(one.instances, "instance")} not committed`
        : `${counted(one.instances, "instance")} committed`;
  const list = new List({
    view,
    label: "Requests for storage commitment",
    path: "/commitment-requests",
    topics: ["node", "studies"],
    columns: [
      {
        head: "Asked by",
        more: "w3",
        cell: one => [h("div.line.strong", one.calling_ae), h("div.line.small.muted", `request ${one.id}`)],
      },
      { head: "State", more: "w3 in-state", cell: one => statePill(one.state) },
      {
        head: "Found",
        cell: one => [h("div.line", found(one)), h("div.line.small.muted", one.reason || "")],
      },
      {
        head: "Report",
        more: "w4 wide-only",
        cell: one => [
          h("div.line", one.last_status ? `last status ${one.last_status}` : "not sent yet"),
          h("div.line.small.muted", counted(one.attempts, "attempt")),
        ],
      },
    ],
    empty: empty(
      "commitment",
      "Nobody has asked",
      "A sender may ask whether its images are safe here before it deletes its own. Whether that is granted stands in necknode.toml.",
    ),
  });
  fill(
    view.root,
    pageHead("Storage commitment", "What senders asked this node to keep (PS3.4 annex J)."),
    list.element,
  );
  return list.reload();
}
