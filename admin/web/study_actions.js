// What a person may have done with a study.
import { h } from "./dom.js";
import { get, may, post } from "./api.js";
import { counted } from "./format.js";
import { attempt, button, confirm, dialog } from "./ui.js";

const wordOf = study => (study.jobs?.length ? "Analyse again" : "Analyse");

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
  const { finished } = dialog(wordOf(study), close => [
    h(
      "p",
      "A new job is made for each route that takes the study. Its results are sent to the outputs of the route as new documents that name the earlier ones.",
    ),
    h(
      "p.muted",
      "The same images, model and route give the same result, so they are not analysed twice: choose another model, or change the route first.",
    ),
    h("label.field", h("span.label", "Model"), select),
    h(
      "div.dialog-actions",
      button("Cancel", { onclick: () => close(null) }),
      button(wordOf(study), { kind: "primary", onclick: () => close(true) }),
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
  const same = h("input", { type: "checkbox" });
  const twoPatients = /patient/.test(study.reason ?? "");
  const { finished } = dialog("Go on with this study?", close => [
    h("p", `It was parked: ${study.reason || "no reason is noted"}.`),
    h("p", "The node decides anew which series to analyse."),
    twoPatients &&
      h(
        "label.field.inline",
        same,
        h("span.label", "I have made sure that all its images are of one patient."),
      ),
    h(
      "div.dialog-actions",
      button("Cancel", { onclick: () => close(null) }),
      button("Go on", { kind: "primary", onclick: () => close(true) }),
    ),
  ]);
  if (!(await finished)) return;
  const body = same.checked ? { same_patient: true } : {};
  if (await attempt(() => post(`/studies/${study.id}/unpark`, body), "The study goes on.")) refresh();
}

/** The buttons of a study for those who may. */
export function actions(study, refresh) {
  if (!may("operator")) return [];
  return [
    study.state === "parked" &&
      button("Go on", { kind: "primary", icon: "work", onclick: () => unpark(study, refresh) }),
    (study.outbox ?? []).some(one => one.state === "delivered") &&
      button("Send results again", { icon: "send", onclick: () => resend(study, refresh) }),
    study.state !== "receiving" &&
      button(wordOf(study), { icon: "history", onclick: () => reanalyse(study, refresh) }),
  ];
}
