// The keys of necknode.toml that the page edits, in the words of its comments.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { button } from "./ui.js";

const choice =
  (...options) =>
  () =>
    options.map(one => (Array.isArray(one) ? one : [one, one]));
const web = item => Boolean(item.url);

export const aeFields = () => [
  {
    fields: [
      { key: "title", label: "AE title", help: "1 to 16 characters: what a peer calls." },
      {
        key: "tls",
        label: "TLS",
        type: "select",
        options: choice(
          ["optional", "on both ports"],
          ["required", "by TLS only"],
          ["certificate", "with a trusted client certificate"],
        ),
      },
      { key: "description", label: "Description", full: true },
    ],
  },
];

export const peerFields = fixed => [
  {
    fields: [
      { key: "name", label: "Name", fixed, help: "Our name for it; routes and the outbox use it." },
      { key: "ae_title", label: "AE title" },
      { key: "host", label: "Host", placeholder: "192.0.2.10" },
      { key: "port", label: "Port", type: "number", shown: item => !web(item) },
      {
        key: "tls",
        label: "We call it by TLS",
        type: "bool",
        help: "Its certificate must name the host.",
        shown: item => !web(item),
      },
      { key: "may_send", label: "It may send to us", type: "bool", help: "Its calls are accepted." },
    ],
  },
  {
    title: "DICOMweb",
    fields: [
      {
        key: "url",
        label: "Base URL",
        full: true,
        placeholder: "https://archive.example/dicom-web",
        help: "Results go there by STOW-RS. Empty: by DIMSE to host and port.",
      },
      { key: "user", label: "User", shown: web },
      { key: "password_file", label: "File with its password", shown: web },
      { key: "token_file", label: "or file with a bearer token", shown: web },
    ],
  },
  {
    title: "Results",
    fields: [
      {
        key: "sr_sop_class",
        label: "Structured Report as",
        type: "select",
        options: choice(
          ["auto", "what the peer takes"],
          ["comprehensive3d", "Comprehensive 3D SR"],
          ["comprehensive", "Comprehensive SR"],
        ),
      },
      {
        key: "accept_non_clinical",
        label: "Accepts results that are not for clinical use",
        type: "bool",
        help: "For tests only. Without it such results are withheld for ever.",
      },
      {
        key: "storage_commitment",
        label: "Must commit itself to what it gets",
        type: "bool",
        shown: item => !web(item),
      },
      {
        key: "verify_count",
        label: "Is asked how many images a series has",
        type: "bool",
        help: "By C-FIND, for studies that it sent.",
        shown: item => !web(item),
      },
      { key: "case_insensitive", label: "AE title without regard to case", type: "bool" },
    ],
  },
];

/** The outputs of a route: a row for each peer. */
function outputs(peers) {
  return (value, changed) => {
    const list = h("div.stack"),
      rows = [];
    const add = one => {
      const options = [...new Set([one.peer, ...peers].filter(Boolean))];
      const peer = h(
        "select",
        { "aria-label": "Peer", onchange: changed },
        options.map(name => h("option", { value: name }, name)),
      );
      peer.value = one.peer ?? options[0] ?? "";
      const kinds = [
        ["sr", "SR"],
        ["gsps", "GSPS"],
        ["sc", "SC"],
      ].map(([key, text]) => {
        const box = h("input", { type: "checkbox", checked: one[key] !== false, onchange: changed });
        return { key, box, element: h("label.field.inline", box, h("span.label", text)) };
      });
      const entry = {
        value: () => ({
          ...one,
          peer: peer.value,
          ...Object.fromEntries(kinds.map(({ key, box }) => [key, box.checked])),
        }),
      };
      const drop = h(
        "button.icon-button",
        {
          type: "button",
          "aria-label": "Remove this output",
          onclick: () => {
            rows.splice(rows.indexOf(entry), 1);
            row.remove();
            changed();
          },
        },
        icon("trash"),
      );
      const row = h(
        "div.actions",
        peer,
        kinds.map(kind => kind.element),
        drop,
      );
      peer.style.setProperty("width", "200px");
      rows.push(entry);
      list.append(row);
    };
    for (const one of value ?? []) add(one);
    const more = button("Add an output", {
      icon: "plus",
      kind: "compact",
      disabled: !peers.length,
      onclick: () => (add({ peer: peers[0] }), changed()),
    });
    return { element: h("div.stack", list, h("div", more)), value: () => rows.map(row => row.value()) };
  };
}

export const routeFields = (fixed, { ae, peers, models }) => [
  {
    fields: [
      { key: "name", label: "Name", fixed },
      {
        key: "package",
        label: "Model package",
        type: "select",
        options: () => models.map(one => [one, one]),
      },
      {
        key: "called_ae",
        label: "Called AE title",
        type: "select",
        options: () => [["", "any of ours"], ...ae.map(one => [one, one])],
      },
      { key: "calling_ae", label: "Calling AE title", placeholder: "any sender" },
    ],
  },
  {
    title: "Outputs",
    fields: [
      {
        key: "output",
        label: "Outputs",
        type: "custom",
        build: outputs(peers),
        help: "Who gets the Structured Report, the presentation state with the boxes, and the key pictures.",
      },
    ],
  },
  {
    title: "Analysis",
    fields: [
      {
        key: "intended_use",
        label: "Outside the model's limits",
        type: "select",
        options: choice(["enforce", "do not analyse"], ["warn", "analyse, and say so in every output"]),
      },
      {
        key: "on_not_eligible",
        label: "For a study that cannot be analysed",
        type: "select",
        options: choice(["none", "send nothing"], ["sr", "send a report that says why"]),
      },
      {
        key: "levels",
        label: "Levels of the neck",
        type: "select",
        options: choice(["experimental", "named, as experimental"], ["off", "not named"]),
      },
      {
        key: "shadow",
        label: "Shadow model",
        type: "select",
        options: () => [["", "none"], ...models.map(one => [one, one])],
        help: "Analyses the same studies beside it; its results are kept and never sent.",
      },
      { key: "compare_prior", label: "Compare with an earlier study", type: "bool" },
    ],
  },
  {
    title: "Which series",
    fields: [
      { key: "series.min_slices", label: "Slices, at least", type: "number" },
      { key: "series.max_slices", label: "at most", type: "number" },
      { key: "series.min_slice_thickness_mm", label: "Slice thickness in mm, at least", type: "number" },
      { key: "series.max_slice_thickness_mm", label: "at most", type: "number" },
      {
        key: "series.body_parts",
        label: "Body parts",
        type: "list",
        help: "With commas between; empty: any.",
      },
      {
        key: "series.contrast",
        label: "Contrast agent",
        type: "select",
        options: choice(["prefer", "preferred"], ["require", "required"], ["ignore", "ignored"]),
      },
      { key: "series.include_description", label: "Description has one of", type: "list" },
      { key: "series.exclude_description", label: "Description has none of", type: "list" },
      { key: "series.preferred_kernels", label: "Preferred kernels, in order", type: "list", full: true },
    ],
  },
];

/** New items, with what the node puts in for keys that are not there. */
export const fresh = {
  ae: () => ({ title: "", description: "", tls: "optional" }),
  peers: () => ({
    name: "",
    ae_title: "",
    host: "",
    port: 104,
    tls: false,
    may_send: true,
    accept_non_clinical: false,
    storage_commitment: false,
    sr_sop_class: "auto",
  }),
  routes: models => ({
    name: "",
    called_ae: "",
    calling_ae: "",
    package: models[0] ?? "",
    intended_use: "enforce",
    on_not_eligible: "none",
    levels: "experimental",
    shadow: "",
    compare_prior: true,
    series: {
      min_slices: 20,
      max_slices: 1000,
      min_slice_thickness_mm: 0.3,
      max_slice_thickness_mm: 5,
      contrast: "prefer",
    },
    output: [],
  }),
};
