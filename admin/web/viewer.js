// Slices of a job with the boxes of its lymph nodes. Pictures are 8-bit: the window is the model's and fixed.
import { fill, h, svg } from "./dom.js";
import { get } from "./api.js";
import { icon } from "./icons.js";
import { statePill } from "./status.js";
import { button, empty, loadInto } from "./ui.js";

const kAhead = 3; // pictures asked for first on both sides
const kAtOnce = 4; // requests at a time for the others
const kDragPx = 6; // of a finger or the mouse per slice
const kWheelPx = 40;
const kNotchPx = 90;
const kTowards = { L: "left", R: "right", A: "anterior", P: "posterior", H: "head", F: "feet" };

export const probability = node =>
  node.probability === null || node.probability === undefined ? "P –" : `P ${node.probability.toFixed(2)}`;
const place = node =>
  [node.level ? `level ${node.level}` : null, node.side && node.side !== "not determined" ? node.side : null]
    .filter(Boolean)
    .join(", ");
const size = node => (node.short_axis_mm ? `short axis ${node.short_axis_mm.toFixed(1)} mm` : "not measured");

/** Pictures by index, each loaded once. */
class Pictures {
  constructor(job, count) {
    this.job = job;
    this.count = count;
    this.kept = new Map();
  }

  at(index) {
    if (!this.kept.has(index)) {
      this.kept.set(
        index,
        new Promise((resolve, reject) => {
          const picture = new Image();
          picture.onload = () => resolve(picture);
          picture.onerror = () => {
            this.kept.delete(index);
            reject(new Error(`Slice ${index + 1} could not be loaded.`));
          };
          picture.src = `/api/v1/jobs/${this.job}/slices/${index}.jpg`;
        }),
      );
    }
    return this.kept.get(index);
  }

  /** Loads the rest, nearest first, until `alive()` is false. */
  async fillFrom(index, alive) {
    const order = Array.from({ length: this.count }, (_, i) => i).sort(
      (a, b) => Math.abs(a - index) - Math.abs(b - index),
    );
    const next = async () => {
      while (order.length && alive()) await this.at(order.shift()).catch(() => null);
    };
    await Promise.all(Array.from({ length: kAtOnce }, next));
  }
}

function nodeButton(node, choose) {
  return h(
    "button.node",
    { type: "button", data: { node: node.identifier }, onclick: choose },
    h("strong", node.identifier),
    h("span", statePill(node.malignancy)),
    h("span.number", probability(node)),
    h("span.small", [place(node), size(node)].filter(Boolean).join(" · ")),
  );
}

/** The viewer of `data`, the answer of /jobs/{id}/slices. */
export function viewer(job, data, alive) {
  const pictures = new Pictures(job, data.count);
  const [rowSpacing, columnSpacing] = data.pixel_spacing_mm ?? [1, 1];
  const canvas = h("canvas", { width: data.columns, height: data.rows });
  const boxes = svg("svg", {
    viewBox: `0 0 ${data.columns} ${data.rows}`,
    preserveAspectRatio: "none",
    "aria-hidden": "true",
  });
  const position = h("div.overlay.bottom.number");
  const picture = h(
    "div.picture",
    { style: { "aspect-ratio": `${data.columns * columnSpacing} / ${data.rows * rowSpacing}` } },
    canvas,
    boxes,
    data.warning && h("div.overlay.top.warn", data.warning),
    Object.entries(data.edges ?? {}).map(([edge, letter]) =>
      h("div.edge", { class: edge, role: "img", "aria-label": `${edge} edge: ${kTowards[letter]}` }, letter),
    ),
    position,
  );
  const slider = h("input", { type: "range", min: 0, max: data.count - 1, step: 1, "aria-label": "Slice" });
  const label = h("span.slice");
  const toggle = button("Boxes", {
    icon: "box",
    "aria-pressed": "true",
    "aria-keyshortcuts": "b",
    onclick: () => showBoxes(!shown),
  });
  const step = (text, by) =>
    h(
      "button.button.compact",
      { type: "button", "aria-label": text, onclick: () => go(index + by) },
      by < 0 ? "−" : "+",
    );
  const stage = h(
    "div.stage",
    {
      tabindex: "0",
      role: "group",
      "aria-label": "Slices; arrow keys scroll, b shows or hides the boxes, n and p go from node to node",
    },
    h("div.stage-bar", step("Slice before", -1), slider, step("Next slice", 1), label, toggle),
    picture,
  );
  let index = 0,
    shown = true,
    current = null,
    drawn = 0;

  function paintBoxes() {
    fill(boxes);
    if (!shown) return;
    for (const node of data.nodes) {
      for (const {
        slice,
        box: [x0, y0, x1, y1],
      } of node.boxes) {
        if (slice !== index) continue;
        const words = `${node.identifier} ${probability(node)}${node.level ? ` ${node.level}` : ""}`;
        const right = x1 + words.length * 6.5 > data.columns;
        boxes.append(
          svg("rect", {
            class: `${node.malignancy} ${node === current ? "current" : ""}`,
            x: x0,
            y: y0,
            width: x1 - x0,
            height: y1 - y0,
          }),
          svg(
            "text",
            { x: right ? x0 - 4 : x1 + 4, y: (y0 + y1) / 2 + 4, "text-anchor": right ? "end" : "start" },
            words,
          ),
        );
      }
    }
  }

  async function go(to) {
    const wanted = Math.max(0, Math.min(data.count - 1, to)),
      mine = ++drawn;
    index = wanted;
    slider.value = index;
    const slice = data.slices[index] ?? {};
    const image =
      slice.instance_number === null || slice.instance_number === undefined
        ? ""
        : `Image ${slice.instance_number}`;
    const text = `Slice ${index + 1} of ${data.count}`;
    label.textContent = text;
    stage.dataset.slice = index;
    slider.setAttribute("aria-valuetext", `${text}${image ? `, ${image}` : ""}`);
    fill(
      position,
      h("div", text),
      image && h("div", image),
      slice.position_mm !== undefined &&
        slice.position_mm !== null &&
        h("div", `${slice.position_mm.toFixed(1)} mm`),
    );
    paintBoxes();
    for (const one of list.querySelectorAll(".node")) one.toggleAttribute("data-here", false);
    try {
      const loaded = await pictures.at(index);
      if (mine === drawn) canvas.getContext("2d").drawImage(loaded, 0, 0, data.columns, data.rows);
    } catch (error) {
      if (mine === drawn) fill(position, h("div", error.message));
    }
    for (let i = 1; i <= kAhead; ++i)
      for (const near of [index + i, index - i])
        if (near >= 0 && near < data.count) pictures.at(near).catch(() => null);
  }

  function showBoxes(show) {
    shown = show;
    toggle.setAttribute("aria-pressed", String(shown));
    paintBoxes();
  }

  function choose(node) {
    current = node;
    for (const one of list.querySelectorAll(".node")) {
      const here = one.dataset.node === node.identifier;
      one.setAttribute("aria-current", String(here));
      if (here) one.scrollIntoView({ block: "nearest" });
    }
    go(node.key_slice);
  }

  function nextNode(by) {
    if (!data.nodes.length) return;
    const at = data.nodes.indexOf(current);
    choose(data.nodes[(at + by + data.nodes.length) % data.nodes.length]);
  }

  const keys = {
    ArrowUp: () => go(index + 1),
    ArrowRight: () => go(index + 1),
    ArrowDown: () => go(index - 1),
    ArrowLeft: () => go(index - 1),
    PageUp: () => go(index + 10),
    PageDown: () => go(index - 10),
    Home: () => go(0),
    End: () => go(data.count - 1),
    b: () => showBoxes(!shown),
    n: () => nextNode(1),
    p: () => nextNode(-1),
  };
  stage.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    if (event.target === slider && event.key.length > 1) return;
    event.preventDefault();
    keys[event.key]();
  });
  slider.addEventListener("input", () => go(Number(slider.value)));
  let wheel = 0;
  picture.addEventListener(
    "wheel",
    event => {
      event.preventDefault();
      // One slice for each notch of a wheel, whatever it is worth; a touch pad tells small steps.
      const notch = event.deltaMode || Math.abs(event.deltaY) >= kNotchPx;
      wheel += notch ? Math.sign(event.deltaY) * kWheelPx : event.deltaY;
      const steps = Math.trunc(wheel / kWheelPx);
      wheel -= steps * kWheelPx;
      if (steps) go(index - steps);
    },
    { passive: false },
  );
  let from = null;
  picture.addEventListener("pointerdown", event => {
    from = { y: event.clientY, index };
    picture.setPointerCapture(event.pointerId);
    stage.focus({ preventScroll: true });
  });
  picture.addEventListener(
    "pointermove",
    event => from && go(from.index + Math.round((from.y - event.clientY) / kDragPx)),
  );
  for (const end of ["pointerup", "pointercancel"]) picture.addEventListener(end, () => (from = null));

  const list = h(
    "div.card.flush",
    h(
      "div.card-head",
      h(
        "div",
        h("h2", `Lymph nodes (${data.nodes.length})`),
        typeof data.malignant_from === "number" &&
          h(
            "p.small.muted",
            `P: the model's probability of metastasis; suspicious from ${data.malignant_from.toFixed(2)}`,
          ),
      ),
    ),
    data.nodes.length
      ? h(
          "div.nodes",
          data.nodes.map(node => nodeButton(node, () => choose(node))),
        )
      : empty("search", "No lymph node found", "Nothing on these slices reached the model's threshold."),
  );
  const whole = h(
    "div",
    h(
      "div.viewer",
      stage,
      h(
        "div.stack",
        list,
        h(
          "p.keys",
          "Wheel, ",
          h("kbd", "↑"),
          " ",
          h("kbd", "↓"),
          " or drag: slices. ",
          h("kbd", "b"),
          ": boxes. ",
          h("kbd", "n"),
          " ",
          h("kbd", "p"),
          ": nodes. Solid box: suspicious for metastasis; dashed: not suspicious; dotted: indeterminate.",
        ),
      ),
    ),
  );
  whole.className = "stack";
  if (data.nodes.length) choose(data.nodes[0]);
  else go(Math.floor(data.count / 2));
  pictures.fillFrom(index, alive);
  return whole;
}

/** The viewer of a job in a box of its own, with its loading and error states. */
export function viewerOf(job, alive) {
  const box = h("div.stack");
  loadInto(
    box,
    () => get(`/jobs/${job.id}/slices`),
    data => {
      fill(
        box,
        data.count
          ? viewer(job.id, data, alive)
          : empty("eye", "No pictures", "The pictures of this job are not here any more."),
      );
    },
    { lines: 8, alive },
  );
  return box;
}
