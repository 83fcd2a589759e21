// One study: what came, what was decided and why, what was found, where the results are.
import { fill, h } from "../dom.js";
import { get } from "../api.js";
import { onChanged } from "../events.js";
import { absolute, bytes, counted, dicomDate, personName } from "../format.js";
import { keepQuery, to } from "../router.js";
import { studyPill } from "../status.js";
import { actions } from "../study_actions.js";
import { deliveries, jobs, priors, series, timeline } from "../study_cards.js";
import { tabs } from "../tabs.js";
import { card, empty, facts, loadInto, pageHead, splitWarning, time, warning } from "../ui.js";
import { viewerOf } from "../viewer.js";

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
  fill(head, pageHead(`Study ${id}`));
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
      : study.decided && !study.jobs?.length
        ? empty("eye", "Not analysed", `${study.status_text || "No route took it"}. So there is no result.`)
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
      // A result is the first thing to look at, unless something stands in its way.
      const first = view.query.tab ?? (job() && study.status !== "attention" ? "slices" : "overview");
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
