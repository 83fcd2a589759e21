// The queue: every job, with what may be done about it.
import { fill, h } from "../dom.js";
import { may, post } from "../api.js";
import { List, filterBar, twoActions } from "../list.js";
import { keepQuery, to } from "../router.js";
import { jobPill, jobStates, mayCancel, mayRequeue } from "../status.js";
import { attempt, button, confirm, empty, pageHead, splitWarning, time } from "../ui.js";

/** Asks, then runs the job again; `done` afterwards. */
export async function requeue(job, done) {
  const sure = await confirm({
    title: `Run job ${job.id} again?`,
    action: "Run again",
    text: "The job goes back into the queue and is analysed once more. If it ends well, its results are sent to the outputs of its route.",
  });
  if (sure && (await attempt(() => post(`/jobs/${job.id}/requeue`), `Job ${job.id} is queued.`))) done?.();
}

export async function cancel(job, done) {
  const sure = await confirm({
    title: `Cancel job ${job.id}?`,
    action: "Cancel the job",
    danger: true,
    text: "The study gets no result from this job. It may be run again later.",
  });
  if (sure && (await attempt(() => post(`/jobs/${job.id}/cancel`), `Job ${job.id} is cancelled.`))) done?.();
}

/** The buttons of a job for those who may. */
export function jobActions(job, done) {
  if (!may("operator")) return null;
  return h(
    "div.table-actions",
    mayRequeue(job.state) &&
      button("Run again", {
        kind: "compact",
        "aria-label": `Run job ${job.id} again`,
        onclick: () => requeue(job, done),
      }),
    mayCancel(job.state) &&
      button("Cancel", {
        kind: "compact",
        "aria-label": `Cancel job ${job.id}`,
        onclick: () => cancel(job, done),
      }),
  );
}

export default function jobs(view) {
  let filters = { state: "", route: "", ...view.query };
  const list = new List({
    view,
    label: "Jobs",
    path: "/jobs",
    topics: ["jobs"],
    rowHeight: twoActions(),
    query: () => filters,
    href: one => to(`/studies/${one.study}`, { job: one.id }),
    columns: [
      {
        head: "Job",
        more: "w2",
        cell: one => [
          h("a", { href: to(`/studies/${one.study}`, { job: one.id }), tabindex: "-1" }, `Job ${one.id}`),
          h("div.line.small.muted", `study ${one.study}`),
        ],
      },
      { head: "State", more: "w3 in-state", cell: one => jobPill(one.state) },
      {
        head: "Route and model",
        more: "w4 wide-only",
        cell: one => [h("div.line", one.route), h("div.line.small.muted", one.package)],
      },
      {
        head: "What happened",
        more: "not-slim",
        cell: one => {
          const { warning, text } = splitWarning(one.summary);
          const words =
            one.reason ||
            text ||
            (one.state === "running" ? `slice ${one.slices_done} of ${one.slices}` : `${one.slices} slices`);
          return [
            h("div.line", { title: words }, words),
            warning
              ? h("div.line.small", h("span.tag.tag-warn", warning))
              : one.attempt > 1 && h("div.line.small.muted", `attempt ${one.attempt}`),
          ];
        },
      },
      { head: "Changed", more: "w2 wide-only", cell: one => time(one.updated) },
      {
        head: h("span.hidden", "Actions"),
        more: "w3 right",
        cell: one => jobActions(one, () => list.refresh()),
      },
    ],
    empty: () =>
      empty(
        "queue",
        filters.state || filters.route ? "No job fits" : "No job yet",
        "A complete study becomes one job per route that matches.",
      ),
  });
  const bar = filterBar(
    [
      { name: "state", label: "State", type: "select", options: jobStates, any: "Any state" },
      { name: "route", label: "Route", type: "search", placeholder: "Name of a route" },
    ],
    filters,
    values => {
      filters = values;
      keepQuery(values);
      list.reload();
    },
  );
  fill(view.root, pageHead("Jobs", "One per study and route, newest first."), bar, list.element);
  return list.reload();
}
