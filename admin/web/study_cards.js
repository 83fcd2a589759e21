// The parts of a study's overview.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { counted, personName, words } from "./format.js";
import { jobPill, rowPill, statePill } from "./status.js";
import { actionTable, card, summaryText, time } from "./ui.js";
import { jobActions } from "./pages/jobs.js";
import { rowActions, rowReason } from "./pages/outbox.js";

const kMarks = {
  received: "down",
  complete: "check",
  selected: "check",
  refused: "minus",
  job_made: "queue",
  job_started: "work",
  worker_died: "alert",
  waiting: "history",
  job_finished: "check",
  delivered: "send",
  committed: "commitment",
  parked: "alert",
  withheld: "lock",
  failed: "cross",
  cancelled: "minus",
  superseded: "history",
  person: "users",
};
const kGood = ["delivered", "committed"];

const withoutRow = text => text.replace(/\brow \d+/g, "rows");

/** Neighbours that say the same, or the same of another row, are one, with the time of the last. */
export function folded(events) {
  const kept = [];
  for (const one of events) {
    const last = kept.at(-1);
    if (last?.event === one.event && withoutRow(last.text) === withoutRow(one.text)) {
      last.times += 1;
      last.time = one.time;
      if (last.text !== one.text) last.text = withoutRow(one.text);
    } else kept.push({ ...one, times: 1 });
  }
  return kept;
}

export function timeline(study) {
  const events = folded(study.timeline ?? []);
  if (!events.length) return card("Timeline", {}, h("p.muted", "Nothing has happened yet."));
  return card(
    "Timeline",
    {},
    h(
      "ol.timeline",
      events.map(one =>
        h(
          "li",
          { class: kGood.includes(one.event) ? "good" : one.level },
          h("span.mark", icon(kMarks[one.event] ?? "info")),
          h(
            "div.what",
            h("strong", words(one.event)),
            ["error", "bad", "warning"].includes(one.level) && h("span.hidden", " (needs attention)"),
            h("p", one.text, one.times > 1 && ` (${one.times} times)`),
          ),
          h("span.small.muted", time(one.time)),
        ),
      ),
    ),
  );
}

/** Whose images a series holds: told by the node where the study has images of more than one patient. */
function patientsOf(one) {
  if (!one.patients?.length) return null;
  const names = one.patients.map(each => `${personName(each.patient_name)} (${each.patient_id || "no patient ID"})`);
  return h(
    "div.small.warning-line",
    icon("alert"),
    h("span", `${names.length === 1 ? "Patient" : "Patients"}: ${names.join("; ")}`),
  );
}

export function series(study) {
  const row = one =>
    h(
      "tr",
      h(
        "td",
        h("div.strong", `${one.series_number ?? ""} ${one.description || "No description"}`.trim()),
        h(
          "div.small.muted.mono",
          { title: one.series_instance_uid },
          `${one.modality} · ${one.series_instance_uid}`,
        ),
        patientsOf(one),
      ),
      h("td.number", String(one.instances)),
      h("td", one.route || "–"),
      h(
        "td",
        one.route || one.reason
          ? statePill(one.selected ? "selected" : "not_selected")
          : h("span.muted", study.decided ? "taken by no route" : "not decided yet"),
        one.reason && h("div.small.muted", one.reason),
      ),
    );
  const list = study.series ?? [];
  return card(
    "Series",
    {},
    list.length
      ? actionTable(["Series", "Images", "Route", "Decision"], list.map(row))
      : h("p.muted", "Not decided yet: the study is still being received."),
  );
}

export function jobs(study, refresh) {
  const row = one =>
    h(
      "tr",
      h("td.keep", h("div.strong", `Job ${one.id}`), h("div.small.muted", `${one.route} · ${one.package}`)),
      h(
        "td",
        jobPill(one.state),
        one.state === "running" && h("div.small.muted", `slice ${one.slices_done} of ${one.slices}`),
      ),
      h("td", one.reason || (one.summary ? summaryText(one.summary) : h("span.muted", "–"))),
      h("td", jobActions(one, refresh)),
    );
  const list = study.jobs ?? [];
  return card(
    "Jobs",
    {},
    list.length
      ? actionTable(["Job", "State", "What happened"], list.map(row))
      : h("p.muted", "No job: see the decisions on the series."),
  );
}

export function deliveries(study, refresh) {
  const row = one =>
    h(
      "tr",
      h("td", h("div.strong", one.kind), h("div.small.muted", `to ${one.destination}`)),
      h("td", rowPill(one.state)),
      h("td.small", rowReason(one)),
      h("td", rowActions(one, refresh)),
    );
  const list = study.outbox ?? [];
  return card(
    "Deliveries",
    {},
    list.length
      ? actionTable(["Document", "State", "Why"], list.map(row))
      : h("p.muted", "Nothing is to be delivered, or not yet."),
  );
}

export function priors(study) {
  const list = study.priors ?? [];
  if (!list.length) return null;
  const row = one =>
    h(
      "tr",
      h(
        "td",
        h("div.mono", one.study_instance_uid),
        h("div.small.muted", `from ${one.peer}, ${counted(one.instances, "image")}`),
      ),
      h("td", statePill(one.state)),
      h("td.small", one.reason || "–"),
    );
  return card("Earlier studies", {}, actionTable(["Study", "State", "Why"], list.map(row)));
}
