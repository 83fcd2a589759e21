// Earlier versions of the configuration.
import { fill, h } from "../dom.js";
import { get, may, post } from "../api.js";
import { onChanged } from "../events.js";
import { to } from "../router.js";
import { pill } from "../status.js";
import {
  actionTable,
  attempt,
  button,
  card,
  confirm,
  dialog,
  diffView,
  empty,
  loadInto,
  moment,
  pageHead,
} from "../ui.js";

export default function versions(view) {
  const box = h("div.stack");
  async function restore(one) {
    const sure = await confirm({
      title: `Restore version ${one.generation}?`,
      action: "Restore",
      danger: true,
      text: "All AE titles, peers and routes become those of that version. It is written as a new version, so that the present one can be restored too.",
    });
    if (
      sure &&
      (await attempt(
        () => post(`/config/versions/${one.generation}/restore`),
        `Version ${one.generation} is in force again.`,
      ))
    )
      reload(true);
  }
  const look = one =>
    dialog(
      `Version ${one.generation}`,
      () => {
        const inner = h("div.stack");
        loadInto(
          inner,
          () => get(`/config/versions/${one.generation}`),
          data =>
            fill(
              inner,
              h("h3", "Against the version before"),
              diffView(data.diff),
              h("details", h("summary", "The whole file"), h("pre.diff", data.text)),
            ),
        );
        return inner;
      },
      { wide: true },
    );
  const show = ({ items }) =>
    fill(
      box,
      items.length
        ? card(
            null,
            {},
            actionTable(
              ["Version", "Saved", "By", "What"],
              items.map((one, i) =>
                h(
                  "tr",
                  h("td.strong.number", String(one.generation), " ", i === 0 && pill("check", "good", "in force")),
                  h("td.keep", moment(one.time)),
                  h("td", one.user || "–"),
                  h("td", one.comment || "–"),
                  h(
                    "td",
                    h(
                      "div.table-actions",
                      button("Look", {
                        kind: "compact",
                        icon: "eye",
                        "aria-label": `Look at version ${one.generation}`,
                        onclick: () => look(one),
                      }),
                      i > 0 &&
                        may("administrator") &&
                        button("Restore", {
                          kind: "compact",
                          "aria-label": `Restore version ${one.generation}`,
                          onclick: () => restore(one),
                        }),
                    ),
                  ),
                ),
              ),
            ),
          )
        : empty("history", "No version yet", "Each change that is saved keeps the version before it."),
    );
  const reload = quiet => loadInto(box, () => get("/config/versions"), show, { quiet, alive: view.alive });
  fill(
    view.root,
    h("nav.small", { "aria-label": "Way back" }, h("a", { href: to("/config") }, "AE titles"), " / versions"),
    pageHead("Versions", "Every saved configuration, newest first."),
    box,
  );
  view.onEnd(onChanged(["config"], () => reload(true)));
  return reload(false);
}
