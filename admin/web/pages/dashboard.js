// What needs a person first, then how the node is doing.
import { fill, h, svg } from "../dom.js";
import { get } from "../api.js";
import { onChanged } from "../events.js";
import { icon } from "../icons.js";
import { bytes, count, counted, duration, personName, roleFacts, words } from "../format.js";
import { to } from "../router.js";
import { statePill } from "../status.js";
import { card, link, loadInto, pageHead, splitWarning, time, warning } from "../ui.js";

function tile(name, label, value, note, path, query) {
  const inner = [
    h("span.label", icon(name), label),
    h("span.value", { title: value }, value),
    h("span.note", note),
  ];
  return path ? h("a.tile", { href: to(path, query) }, inner) : h("div.tile", inner);
}

/** The device as [name, more]: what the worker says it runs on, else what is configured. "cpu (2 threads)" is CPU. */
function deviceOf(node) {
  const worker = (node.roles ?? []).find(role => role.role === "worker" && role.running);
  const [, text] = /\bon ((?:cpu|cuda:\d+)(?: \([^)]*\))?)/.exec(worker?.text ?? "") ?? [
    null,
    node.device ?? "",
  ];
  const [, name, more] = /^([^ (]*) ?\(?([^)]*)\)?$/.exec(text) ?? [null, text, ""];
  return [name === "cpu" ? "CPU" : name || "none", more];
}

const sum = (list, key) => (list ?? []).reduce((total, one) => total + (one[key] ?? 0), 0);

function tiles(node) {
  const oldest = node.queue.oldest_queued_s;
  const [device, more] = deviceOf(node);
  return h(
    "div.tiles",
    tile(
      "queue",
      "Queued jobs",
      count(node.queue.queued),
      `${count(node.queue.running)} running, ${!node.queue.queued ? "nothing waits" : `oldest ${duration(oldest)}`}`,
      "/jobs",
    ),
    tile(
      "studies",
      "Studies, 24 h",
      count(sum(node.throughput, "studies")),
      `${count(node.studies.total)} in all`,
      "/studies",
    ),
    tile(
      "outbox",
      "Delivered, 24 h",
      count(sum(node.outbox, "delivered_24h")),
      `${count(sum(node.outbox, "waiting"))} waiting, ${count(sum(node.outbox, "parked"))} parked`,
      "/outbox",
    ),
    tile(
      "cross",
      "Failed, 24 h",
      count(node.queue.failed_24h),
      `${count(node.queue.parked)} parked`,
      "/jobs",
      { state: "failed" },
    ),
    tile(
      "disk",
      "Free on disk",
      bytes(node.disk.free_above_reserve_bytes),
      `of ${bytes(node.disk.capacity_bytes)}, reserve apart`,
    ),
    tile("chip", "Device", device, [more, node.ae.join(", ")].filter(Boolean).join(" · ")),
  );
}

function attention(node) {
  const items = node.attention ?? [];
  if (!items.length) {
    return card(
      "Needs attention",
      {},
      h("p.notice.good", icon("check"), h("span", "Nothing needs a person. The node is working.")),
    );
  }
  const icons = {
    outbox: "outbox",
    row: "outbox",
    study: "studies",
    job: "queue",
    quarantine: "quarantine",
    role: "pulse",
    disk: "disk",
    package: "models",
    model: "models",
  };
  return card(
    `Needs attention (${items.length})`,
    {},
    h(
      "ul.attention",
      items.map(item => {
        const name =
          icons[item.kind] ?? Object.entries(icons).find(([key]) => item.kind.includes(key))?.[1] ?? "alert";
        const inner = [icon(name, "bad"), h("span", item.text)];
        return h("li", h("a", { href: to(pageOf(item.link)) }, inner, icon("chevron")));
      }),
    ),
  );
}

/** A link of the API or of the page as an address of the page. */
function pageOf(address) {
  return (
    (address || "/")
      .replace(/^\/?#/, "")
      .replace(/^\/api\/v1/, "")
      .replace(/^\/(jobs)\/\d+$/, "/$1") || "/"
  );
}

function chart(node) {
  const hours = node.throughput ?? [];
  const top = Math.max(4, ...hours.map(one => Math.max(one.studies, one.jobs_done)));
  const kWidth = 960,
    kHeight = 140,
    step = kWidth / Math.max(1, hours.length),
    base = kHeight - 1;
  const label = one => `${new Date(one.hour).getHours()}:00`;
  const bar = (one, value, at, more) =>
    svg("rect.bar", {
      class: more,
      x: at,
      width: step * 0.34,
      y: base - (value / top) * (base - 4),
      height: (value / top) * (base - 4),
      rx: 1.5,
    });
  const picture = svg(
    "svg.chart",
    {
      viewBox: `0 0 ${kWidth} ${kHeight}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": `Last 24 hours: ${sum(hours, "studies")} studies received, ${sum(hours, "jobs_done")} jobs done`,
    },
    [0, 0.5, 1].map(part =>
      svg("line.ground", { x1: 0, x2: kWidth, y1: base - part * (base - 4), y2: base - part * (base - 4) }),
    ),
    hours.map((one, i) =>
      svg(
        "g",
        svg(
          "title",
          `${label(one)}: ${counted(one.studies, "study", "studies")}, ${counted(one.jobs_done, "job")} done, ${counted(one.instances, "image")}`,
        ),
        svg("rect", { x: i * step, y: 0, width: step, height: kHeight, fill: "transparent" }),
        bar(one, one.studies, i * step + step * 0.14, ""),
        bar(one, one.jobs_done, i * step + step * 0.52, "second"),
      ),
    ),
  );
  return card(
    "Last 24 hours",
    {
      actions: h(
        "div.legend",
        h("span", h("i"), "studies received"),
        h("span", h("i.second"), "jobs done"),
        h("span", `axis up to ${top} an hour`),
      ),
    },
    picture,
    h(
      "div.chart-axis",
      hours.filter((_, i) => i % 6 === 0).map(one => h("span", label(one))),
      h("span", "now"),
    ),
  );
}

function outbox(node) {
  const rows = node.outbox ?? [];
  if (!rows.length)
    return card(
      "Outbox",
      {},
      h("p.muted", "No destination yet. Add an output to a route on the page AE titles."),
    );
  return card(
    "Outbox by destination",
    { actions: link("All rows", "/outbox") },
    h(
      "div.scroll-x",
      h(
        "table.plain.number",
        h(
          "thead",
          h(
            "tr",
            ["Destination", "Delivered 24 h", "Waiting", "Oldest", "Parked", "Withheld"].map((text, i) =>
              h("th", { scope: "col", class: i ? "right" : "" }, text),
            ),
          ),
        ),
        h(
          "tbody",
          rows.map(row =>
            h(
              "tr",
              h("td.strong", row.destination),
              h("td.right", count(row.delivered_24h)),
              h("td.right", count(row.waiting)),
              h("td.right", row.waiting ? duration(row.oldest_waiting_s) : "–"),
              h(
                "td.right",
                row.parked
                  ? h(
                      "a",
                      { href: to("/outbox", { state: "parked", destination: row.destination }) },
                      count(row.parked),
                      " parked",
                    )
                  : "0",
              ),
              h("td.right", count(row.withheld)),
            ),
          ),
        ),
      ),
    ),
  );
}

function results(node) {
  const list = node.last_results ?? [];
  const warnings = [...new Set(list.map(one => splitWarning(one.summary).warning).filter(Boolean))];
  return card(
    "Last results",
    { actions: link("All jobs", "/jobs") },
    warnings.map(text => warning(text, "tight")),
    list.length
      ? h(
          "ul.results",
          list.map(one =>
            h(
              "li",
              h(
                "div.row",
                h(
                  "a.strong",
                  { href: to(`/studies/${one.study}`, { job: one.job }) },
                  one.patient_name ? personName(one.patient_name) : `Study ${one.study}`,
                ),
                h("span.muted.small", time(one.finished)),
              ),
              h(
                "p.small.muted.two-lines",
                one.state === "done"
                  ? splitWarning(one.summary).text
                  : `${words(one.state)}: ${splitWarning(one.summary).text}`,
              ),
            ),
          ),
        )
      : h("p.muted", "No result yet. When a study has been analysed it stands here."),
  );
}

function roles(node) {
  return card(
    "Roles",
    {},
    h(
      "div.scroll-x",
      h(
        "table.plain",
        h(
          "tbody",
          (node.roles ?? []).map(role =>
            h(
              "tr",
              h("td.strong", role.role),
              h("td", statePill(role.running ? "running" : "not_running")),
              h("td.small", h("span.muted", roleFacts(role.text) || "–")),
              h("td.right.small.keep", time(role.updated)),
            ),
          ),
        ),
      ),
    ),
  );
}

function disk(node) {
  const used = node.disk.capacity_bytes ? 1 - node.disk.free_bytes / node.disk.capacity_bytes : 0;
  return card(
    "Disk",
    {},
    h(
      "div.meter",
      {
        class: node.disk.free_above_reserve_bytes <= 0 ? "bad" : "",
        role: "img",
        "aria-label": `${Math.round(used * 100)} percent used`,
      },
      h("div", { style: { width: `${Math.round(used * 100)}%` } }),
    ),
    h(
      "p.small.muted",
      `${Math.round(used * 100)} % of ${bytes(node.disk.capacity_bytes)} used. Quarantine: ${counted(node.quarantine.objects, "object")}, ${bytes(node.quarantine.bytes)}.`,
    ),
  );
}

export default function dashboard(view) {
  const box = h("div.stack", { "aria-busy": "true" });
  fill(view.root, pageHead("Dashboard", "What the node does, and what needs you"), box);
  const show = node => {
    box.removeAttribute("aria-busy");
    const kept = document.activeElement?.getAttribute?.("href");
    const inside = box.contains(document.activeElement);
    fill(
      box,
      tiles(node),
      h(
        "div.grid",
        h("div.stack.two-thirds", attention(node), chart(node), outbox(node), roles(node)),
        h(
          "div.stack.third",
          results(node),
          disk(node),
          h("p.muted.small", `necknode ${node.version}, started `, time(node.started)),
        ),
      ),
    );
    if (inside && kept)
      [...box.querySelectorAll("a")].find(one => one.getAttribute("href") === kept)?.focus();
  };
  const load = quiet => loadInto(box, () => get("/node"), show, { quiet, lines: 10, alive: view.alive });
  let timer = 0;
  view.onEnd(
    onChanged(
      ["node", "studies", "jobs", "outbox"],
      () => (timer ||= setTimeout(() => ((timer = 0), load(true)), 1500)),
    ),
  );
  const clock = setInterval(() => document.visibilityState === "visible" && load(true), 15000);
  view.onEnd(() => (clearInterval(clock), clearTimeout(timer)));
  return load(false);
}
