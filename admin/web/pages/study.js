// One study: what came, what was decided and why, what was found, where the results are.
import { fill, h } from "../dom.js";
import { get, may, post } from "../api.js";
import { onChanged } from "../events.js";
import { icon } from "../icons.js";
import { absolute, bytes, counted, dicomDate, personName, words } from "../format.js";
import { keepQuery, to } from "../router.js";
import { jobPill, rowPill, statePill, studyPill } from "../status.js";
import { tabs } from "../tabs.js";
import {
  attempt,
  button,
  card,
  confirm,
  dialog,
  empty,
  facts,
  loadInto,
  pageHead,
  splitWarning,
  summaryText,
  time,
  warning,
} from "../ui.js";
import { viewerOf } from "../viewer.js";
import { jobActions } from "./jobs.js";
import { rowActions, rowReason } from "./outbox.js";

const kMarks = {
  received: "down",
  complete: "check",
  selected: "check",
  refused: "minus",
  job_made: "queue",
  job_started: "work",
  job_finished: "check",
  delivered: "send",
  committed: "commitment",
  parked: "alert",
  withheld: "lock",
  failed: "cross",
  cancelled: "minus",
};

function timeline(study) {
  const events = study.timeline ?? [];
  if (!events.length) return card("Timeline", {}, h("p.muted", "Nothing has happened yet."));
  return card(
    "Timeline",
    {},
    h(
      "ol.timeline",
      events.map(one =>
        h(
          "li",
          { class: one.level },
          h("span.mark", icon(kMarks[one.event] ?? "info")),
          h(
            "div.what",
            h("strong", words(one.event)),
            ["error", "bad", "warning"].includes(one.level) && h("span.hidden", " (needs attention)"),
            h("p", one.text),
          ),
          h("span.small.muted", time(one.time)),
        ),
      ),
    ),
  );
}

function series(study) {
  const list = study.series ?? [];
  return card(
    "Series",
    {},
    list.length
      ? h(
          "div.scroll-x",
          h(
            "table.plain",
            h(
              "thead",
              h(
                "tr",
                ["Series", "Images", "Route", "Decision"].map(text => h("th", { scope: "col" }, text)),
              ),
            ),
            h(
              "tbody",
              list.map(one =>
                h(
                  "tr",
                  h(
                    "td",
                    h(
                      "div.strong",
                      `${one.series_number ?? ""} ${one.description || "No description"}`.trim(),
                    ),
                    h(
                      "div.small.muted.mono",
                      { title: one.series_instance_uid },
                      `${one.modality} · ${one.series_instance_uid}`,
                    ),
                  ),
                  h("td.number", String(one.instances)),
                  h("td", one.route || "–"),
                  h(
                    "td",
                    one.route || one.reason
                      ? statePill(one.selected ? "selected" : "not_selected")
                      : h("span.muted", "not decided yet"),
                    one.reason && h("div.small.muted", one.reason),
                  ),
                ),
              ),
            ),
          ),
        )
      : h("p.muted", "Not decided yet: the study is still being received."),
  );
}

function jobs(study, refresh) {
  const list = study.jobs ?? [];
  return card(
    "Jobs",
    {},
    list.length
      ? h(
          "div.scroll-x",
          h(
            "table.plain",
            h(
              "tbody",
              list.map(one =>
                h(
                  "tr",
                  h(
                    "td.keep",
                    h("div.strong", `Job ${one.id}`),
                    h("div.small.muted", `${one.route} · ${one.package}`),
                  ),
                  h(
                    "td",
                    jobPill(one.state),
                    one.state === "running" &&
                      h("div.small.muted", `slice ${one.slices_done} of ${one.slices}`),
                  ),
                  h("td", one.reason || (one.summary ? summaryText(one.summary) : h("span.muted", "–"))),
                  h("td", jobActions(one, refresh)),
                ),
              ),
            ),
          ),
        )
      : h("p.muted", "No job: see the decisions on the series."),
  );
}

function deliveries(study, refresh) {
  const list = study.outbox ?? [];
  return card(
    "Deliveries",
    {},
    list.length
      ? h(
          "div.scroll-x",
          h(
            "table.plain",
            h(
              "tbody",
              list.map(one =>
                h(
                  "tr",
                  h("td", h("div.strong", one.kind), h("div.small.muted", `to ${one.destination}`)),
                  h("td", rowPill(one.state)),
                  h("td.small", rowReason(one)),
                  h("td", rowActions(one, refresh)),
                ),
              ),
            ),
          ),
        )
      : h("p.muted", "Nothing is to be delivered, or not yet."),
  );
}

function priors(study) {
  const list = study.priors ?? [];
  if (!list.length) return null;
  return card(
    "Earlier studies",
    {},
    h(
      "div.scroll-x",
      h(
        "table.plain",
        h(
          "tbody",
          list.map(one =>
            h(
              "tr",
              h(
                "td",
                h("div.mono", one.study_instance_uid),
                h("div.small.muted", `from ${one.peer}, ${counted(one.instances, "image")}`),
              ),
              h("td", statePill(one.state)),
              h("td.small", one.reason || ""),
            ),
          ),
        ),
      ),
    ),
  );
}

async function reanalyse(study, refresh) {
  const models = (await get("/models").catch(() => ({ items: [] }))).items.filter(one => one.usable);
  const select = h(
    "select",
    { "aria-label": "Model" },
    h("option", { value: "" }, "The package of the route"),
    models.map(one =>
      h("option", { value: one.package }, `${one.package}${one.clinical ? "" : " (not for clinical use)"}`),
    ),
  );
  const { finished } = dialog("Analyse again", close => [
    h(
      "p",
      "A new job is made for each route that took the study. Its results are sent to the outputs of the route as new documents that name the earlier ones.",
    ),
    h("label.field", h("span.label", "Model"), select),
    h(
      "div.dialog-actions",
      button("Cancel", { onclick: () => close(null) }),
      button("Analyse again", { kind: "primary", onclick: () => close(true) }),
    ),
  ]);
  if (
    (await finished) &&
    (await attempt(
      () => post(`/studies/${study.id}/reanalyse`, select.value ? { package: select.value } : {}),
      answer => `${counted(answer?.jobs?.length ?? 1, "job")} queued.`,
    ))
  )
    refresh();
}

async function resend(study, refresh) {
  const sure = await confirm({
    title: "Send all results again?",
    action: "Send again",
    text: "Every result of this study goes once more to every destination that got it, byte for byte as before.",
  });
  if (sure && (await attempt(() => post(`/studies/${study.id}/resend`), "The results are on their way.")))
    refresh();
}

async function unpark(study, refresh) {
  const sure = await confirm({
    title: "Go on with this study?",
    action: "Go on",
    text: `It was parked: ${study.reason || "no reason is noted"}. The node decides anew which series to analyse.`,
  });
  if (sure && (await attempt(() => post(`/studies/${study.id}/unpark`), "The study goes on."))) refresh();
}

function actions(study, refresh) {
  if (!may("operator")) return [];
  return [
    study.state === "parked" &&
      button("Go on", { kind: "primary", icon: "work", onclick: () => unpark(study, refresh) }),
    (study.outbox ?? []).some(one => one.state === "delivered") &&
      button("Send results again", { icon: "send", onclick: () => resend(study, refresh) }),
    study.state !== "receiving" &&
      button("Analyse again", { icon: "history", onclick: () => reanalyse(study, refresh) }),
  ];
}

const finishedJobs = study =>
  (study.jobs ?? []).filter(one => one.state === "done").sort((a, b) => b.id - a.id);

function jobChoice(study, chosen, choose) {
  const list = finishedJobs(study);
  if (list.length < 2) return null;
  const select = h(
    "select",
    { onchange: () => choose(Number(select.value)) },
    list.map(one =>
      h("option", { value: one.id }, `Job ${one.id}: ${one.route}, ${one.package}, ${absolute(one.updated)}`),
    ),
  );
  select.value = chosen;
  return h("label.field", h("span.label", "Result of"), select);
}

export default async function page(view) {
  const id = view.parameters.id,
    head = h("div.stack"),
    body = h("div.stack");
  let study = null,
    jobId = Number(view.query.job) || 0,
    part = null,
    shape = "";
  fill(
    view.root,
    h("nav.small", { "aria-label": "Way back" }, h("a", { href: to("/studies") }, "Studies"), " / ", id),
    head,
    body,
  );
  const load = () => get(`/studies/${id}`);
  const refresh = () => loadInto(body, load, show, { quiet: true, alive: view.alive });
  const job = () => finishedJobs(study).find(one => one.id === jobId) ?? finishedJobs(study)[0];

  function showHead() {
    const warnings = [
      ...new Set((study.jobs ?? []).map(one => splitWarning(one.summary).warning).filter(Boolean)),
    ];
    document.title = `Study ${study.id} – necknode`;
    const line = [
      study.patient_id || "no patient ID",
      dicomDate(study.study_date),
      study.description || "no description",
    ].join(" · ");
    fill(
      head,
      pageHead(
        h("span.title-line", personName(study.patient_name), studyPill(study.status)),
        line,
        actions(study, refresh),
      ),
      h("p", splitWarning(study.status_text).text),
      warnings.map(text => warning(text, "tight")),
    );
  }

  const about = () =>
    card(
      "Study",
      {},
      facts([
        ["Images", `${counted(study.instances, "object")}, ${bytes(study.bytes)}`],
        ["Received", time(study.first_received)],
        ["Way", (study.arrivals ?? []).map(one => `${one.calling_ae} → ${one.called_ae}`).join(", ") || "–"],
        ["Study Instance UID", h("span.mono", study.study_instance_uid)],
      ]),
    );

  const overview = () =>
    h(
      "div.grid",
      h(
        "div.stack.two-thirds",
        about(),
        series(study),
        jobs(study, refresh),
        deliveries(study, refresh),
        priors(study),
      ),
      h("div.stack.third", timeline(study)),
    );
  const withJob = build => () =>
    job()
      ? [
          jobChoice(
            study,
            job().id,
            chosen => ((jobId = chosen), part.forget("slices"), part.forget("report")),
          ),
          build(job()),
        ]
      : empty(
          "eye",
          "No result yet",
          "When a job of this study has ended, its slices and its report stand here. The overview says how far it is.",
        );
  const report = one =>
    h(
      "div.stack",
      h(
        "div.actions",
        h(
          "a.button.compact",
          { href: `/api/v1/jobs/${one.id}/report`, target: "_blank", rel: "noopener noreferrer" },
          "Open in a window of its own",
        ),
        h(
          "a.button.compact",
          { href: `/api/v1/jobs/${one.id}/result`, target: "_blank", rel: "noopener noreferrer" },
          "result.json",
        ),
      ),
      h("iframe.report", {
        sandbox: "",
        title: `Report of job ${one.id}`,
        src: `/api/v1/jobs/${one.id}/report`,
      }),
    );

  function show(data) {
    study = data;
    showHead();
    const now = finishedJobs(study)
      .map(one => one.id)
      .join();
    if (part) {
      part.forget("overview");
      if (now !== shape) for (const tab of ["slices", "report"]) part.forget(tab);
    } else {
      const first = view.query.tab ?? (job() ? "slices" : "overview");
      part = tabs(
        [
          { id: "overview", text: "Overview", build: overview },
          { id: "slices", text: "Slices", build: withJob(one => viewerOf(one, view.alive)) },
          { id: "report", text: "Report", build: withJob(report) },
        ],
        first,
        tab => keepQuery({ tab, job: jobId || "" }),
      );
      fill(body, part.element);
    }
    shape = now;
  }

  let timer = 0;
  view.onEnd(
    onChanged(
      ["studies", "jobs", "outbox"],
      () => (timer ||= setTimeout(() => ((timer = 0), refresh()), 1000)),
    ),
  );
  view.onEnd(() => clearTimeout(timer));
  await loadInto(body, load, show, { lines: 8, alive: view.alive });
}
