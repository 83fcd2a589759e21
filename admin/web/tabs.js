import { fill, freshId, h } from "./dom.js";

/**
 * Tabs by the ARIA pattern: arrow keys go from tab to tab. `entries`: [{id, text, build()}]; what was built stays until
 * `forget(id)`. `chosen(id)` is told each choice.
 */
export function tabs(entries, first, chosen) {
  const built = new Map(),
    panel = h("div.stack", { role: "tabpanel", tabindex: "-1", id: freshId("panel") });
  const buttons = entries.map(entry =>
    h(
      "button.tab",
      {
        type: "button",
        role: "tab",
        id: freshId("tab"),
        "aria-controls": panel.id,
        data: { tab: entry.id },
        onclick: () => choose(entry.id),
      },
      entry.text,
    ),
  );
  const bar = h("div.tabs", { role: "tablist" }, buttons);
  let current = null;
  function choose(id) {
    const at = Math.max(
        0,
        entries.findIndex(entry => entry.id === id),
      ),
      entry = entries[at];
    current = entry.id;
    buttons.forEach((button, i) => {
      button.setAttribute("aria-selected", String(i === at));
      button.tabIndex = i === at ? 0 : -1;
    });
    panel.setAttribute("aria-labelledby", buttons[at].id);
    if (!built.has(current)) built.set(current, entry.build());
    fill(panel, built.get(current));
    chosen?.(current);
  }
  bar.addEventListener("keydown", event => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    const at = (entries.findIndex(entry => entry.id === current) + step + entries.length) % entries.length;
    choose(entries[at].id);
    buttons[at].focus();
  });
  choose(first);
  return {
    element: h("div.stack", bar, panel),
    current: () => current,
    /** Builds the tab anew, now if it is in sight. */
    forget(id) {
      built.delete(id);
      if (current === id) {
        built.set(id, entries.find(entry => entry.id === id).build());
        fill(panel, built.get(id));
      }
    },
  };
}
