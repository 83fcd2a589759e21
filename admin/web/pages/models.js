// Model packages: what they were measured on, where they are used, and which route uses which.
import { fill, h } from "../dom.js";
import { call, get, may, post } from "../api.js";
import { onChanged } from "../events.js";
import { icon } from "../icons.js";
import { counted, words } from "../format.js";
import { statePill } from "../status.js";
import { attempt, button, card, dialog, diffView, empty, facts, loadInto, pageHead, warning } from "../ui.js";

const kNames = {
  auc: "AUC",
  acc: "Accuracy",
  tpr: "Sensitivity",
  tnr: "Specificity",
  ece: "Calibration error",
  ap50: "AP at IoU 0.5",
  ap50_95: "AP at IoU 0.5 to 0.95",
};
// What was set, not measured, by part and key: shown apart.
const kSettings = {
  detection: { score: value => `detection score from ${value.toFixed(2)}` },
  classification: {
    malignant_probability: value => `suspicious from P ${value.toFixed(2)}`,
    temperature: value => `probabilities calibrated with temperature ${value.toFixed(2)}`,
  },
};
const isFigure = value =>
  typeof value === "number" || (value && typeof value === "object" && typeof value.value === "number");
const number = value => (Number.isInteger(value) ? String(value) : value.toFixed(3));
const figure = value =>
  typeof value === "number"
    ? number(value)
    : `${number(value.value)}${value.low !== undefined ? ` (${number(value.low)} to ${number(value.high)})` : ""}`;

const nameOf = key => kNames[key] ?? words(key);

/** The figures of one part: its own, then a column for each of its parts, e.g. per box and per node. */
function figureTables(part) {
  const own = Object.entries(part).filter(([, value]) => isFigure(value));
  const columns = Object.entries(part).filter(
    ([, value]) =>
      !isFigure(value) && value && typeof value === "object" && Object.values(value).some(isFigure),
  );
  const keys = [
    ...new Set(columns.flatMap(([, value]) => Object.keys(value).filter(key => isFigure(value[key])))),
  ];
  return [
    keys.length > 0 &&
      h(
        "table.plain.dense.number",
        h(
          "thead",
          h(
            "tr",
            h("th"),
            columns.map(([name]) => h("th.right", { scope: "col" }, words(name))),
          ),
        ),
        h(
          "tbody",
          keys.map(key =>
            h(
              "tr",
              h("th", { scope: "row" }, nameOf(key)),
              columns.map(([, value]) => h("td.right", isFigure(value[key]) ? figure(value[key]) : "–")),
            ),
          ),
        ),
      ),
    own.length > 0 &&
      h(
        "table.plain.dense.number",
        h(
          "tbody",
          own.map(([key, value]) =>
            h("tr", h("th", { scope: "row" }, nameOf(key)), h("td.right", figure(value))),
          ),
        ),
      ),
  ];
}

function measuredOn(data) {
  if (!data) return "The package does not say what its figures were measured on.";
  const size = ["patients", "studies", "slices", "nodes", "boxes"]
    .filter(key => data[key] !== undefined)
    .map(key => `${data[key]} ${key}`)
    .join(", ");
  return `Measured on ${data.description ?? data.kind ?? "data without a name"}${size ? `: ${size}` : ""}.`;
}

function thresholds(figures) {
  const texts = Object.entries(kSettings).flatMap(([part, keys]) =>
    Object.entries(keys)
      .filter(([key]) => typeof figures[part]?.[key] === "number")
      .map(([key, text]) => text(figures[part][key])),
  );
  if (!texts.length) return null;
  const on = figures.thresholds_chosen_on;
  const where = [
    on?.slices !== undefined && counted(on.slices, "slice"),
    on?.kind === "phantom" ? "synthetic images" : on?.description || on?.kind,
  ].filter(Boolean);
  return h(
    "div",
    h("h3", "Thresholds"),
    h("p", `${texts.join("; ")}.`.replace(/^./, first => first.toUpperCase())),
    where.length > 0 && h("p.small.muted", `Chosen on ${where.join(" of ")}.`),
  );
}

function figures(model) {
  const parts = Object.entries(model.figures ?? {})
    .filter(
      ([key, value]) => !["data", "thresholds_chosen_on"].includes(key) && value && typeof value === "object",
    )
    .map(([name, part]) => [
      name,
      Object.fromEntries(Object.entries(part).filter(([key]) => !kSettings[name]?.[key])),
    ]);
  if (!parts.length) return h("p.muted", "The package has no figures.");
  return [
    h(
      "p.notice",
      icon("info"),
      h(
        "span",
        measuredOn(model.figures.data),
        model.figures.data?.kind === "phantom" && " Synthetic images: says nothing about patients.",
      ),
    ),
    thresholds(model.figures),
    h(
      "div.grid",
      parts.map(([name, part]) =>
        h(
          "div.half.keep",
          h("h3", words(name)),
          typeof part.on === "string" && h("p.small.muted", part.on),
          figureTables(part),
        ),
      ),
    ),
    typeof model.figures.classification?.intervals === "string" &&
      h("p.small.muted", `In brackets: ${model.figures.classification.intervals}.`),
  ];
}

export default function models(view) {
  const box = h("div.stack");
  const reload = quiet =>
    loadInto(box, async () => [await get("/models"), await get("/config").catch(() => null)], show, {
      quiet,
      alive: view.alive,
    });

  /** Sets `key` (package or shadow) of a route to the model, after showing what changes. */
  function choose(model, config, key) {
    const select = h(
        "select",
        config.routes.map(one => h("option", { value: one.name }, one.name)),
      ),
      box = h("div"),
      address = () => `/config/routes/${encodeURIComponent(select.value)}`;
    let item = null,
      etag = null;
    const preview = async () => {
      const opened = await call("GET", address());
      etag = opened.data.etag ?? opened.etag;
      item = { ...opened.data, [key]: model.package };
      delete item.etag;
      const answer = await post("/config/check", { section: "routes", name: select.value, item });
      fill(
        box,
        answer.problems.map(one => h("p.notice.bad", icon("alert"), h("span", one.message))),
        diffView(answer.diff),
      );
      save.disabled = answer.problems.length > 0;
    };
    const save = button("Save", {
      kind: "primary",
      disabled: true,
      onclick: async () =>
        (await attempt(
          () => call("PUT", address(), { body: item, etag }),
          `Route ${select.value} is changed.`,
        )) && (close(true), reload(true)),
    });
    select.addEventListener("change", () =>
      preview().catch(error => fill(box, h("p.notice.bad", error.message))),
    );
    const { close } = dialog(
      key === "package" ? `Use ${model.package} on a route` : `Run ${model.package} as a shadow`,
      shut => [
        h(
          "p",
          key === "package"
            ? "Studies that come from now on are analysed by this package. Those already analysed stay as they are."
            : "It analyses the same studies beside the route's own package. Its results are kept for comparison and are never sent.",
        ),
        !model.clinical && warning(model.warning || "NOT FOR CLINICAL USE"),
        h("label.field", h("span.label", "Route"), select),
        box,
        h("div.dialog-actions", button("Cancel", { onclick: () => shut(null) }), save),
      ],
      { wide: true },
    );
    preview().catch(error => fill(box, h("p.notice.bad", error.message)));
  }

  function show([{ items }, config]) {
    const editable = config && !config.readonly && may("administrator") && config.routes.length > 0;
    fill(
      box,
      items.length
        ? items.map(model =>
            card(
              `${model.name} ${model.version}`,
              {
                actions: [
                  statePill(model.usable ? "usable" : "unusable"),
                  statePill(model.clinical ? "clinical" : "non_clinical"),
                  editable &&
                    model.usable &&
                    button("Use on a route", {
                      kind: "compact",
                      onclick: () => choose(model, config, "package"),
                    }),
                  editable &&
                    model.usable &&
                    button("Run as a shadow", {
                      kind: "compact",
                      onclick: () => choose(model, config, "shadow"),
                    }),
                ],
              },
              h(
                "div.stack",
                !model.clinical && model.warning && warning(model.warning),
                model.reason && h("p.notice.bad", icon("alert"), h("span", model.reason)),
                facts([
                  ["Used by", (model.routes ?? []).join(", ") || "no route"],
                  (model.shadow_of ?? []).length > 0 && ["Shadow on", model.shadow_of.join(", ")],
                  [
                    "Digest",
                    h("span.mono", { title: model.digest }, String(model.digest ?? "").slice(0, 16)),
                  ],
                  ...Object.entries(model.limits ?? {})
                    .filter(([key, value]) => key !== "text" && value !== null)
                    .map(([key, value]) => [
                      words(key).replace(/ mm$/, ", mm"),
                      value === true
                        ? "yes"
                        : value === false
                          ? "no"
                          : Array.isArray(value)
                            ? value.join(", ") || "any"
                            : String(value),
                    ]),
                ]),
                model.limits?.text && h("p", h("span.muted", "Intended use: "), model.limits.text),
                h(
                  "details",
                  { open: items.length < 3 && model.usable },
                  h("summary.strong", "Figures"),
                  h("div.stack", figures(model)),
                ),
              ),
            ),
          )
        : empty(
            "models",
            "No package is known",
            "The worker reports its packages when it starts. Install one with: necknode packages install FOLDER",
          ),
    );
  }
  fill(view.root, pageHead("Models", "Installed packages, their figures and the routes that use them."), box);
  view.onEnd(onChanged(["config", "node"], () => reload(true)));
  return reload(false);
}
