// Forms of configuration: fields from a description, the validator's messages at the fields.
import { fill, freshId, h } from "./dom.js";
import { icon } from "./icons.js";

const read = (value, path) => path.split(".").reduce((part, key) => part?.[key], value);
function write(value, path, to) {
  const keys = path.split("."),
    last = keys.pop();
  const part = keys.reduce((one, key) => (one[key] ??= {}), value);
  part[last] = to;
}

function control(field, value, id, changed) {
  if (field.type === "bool")
    return h("input", { id, type: "checkbox", checked: Boolean(value), onchange: changed });
  if (field.type === "select") {
    const options = field.options();
    if (value && !options.some(([one]) => one === value)) options.push([value, value]);
    const select = h(
      "select",
      { id, onchange: changed },
      options.map(([one, text]) => h("option", { value: one }, text)),
    );
    select.value = value ?? "";
    return select;
  }
  const text = field.type === "list" ? (value ?? []).join(", ") : (value ?? "");
  return h("input", {
    id,
    type: field.type === "number" ? "number" : "text",
    step: "any",
    value: text,
    readOnly: Boolean(field.fixed?.()),
    autocomplete: "off",
    spellcheck: "false",
    placeholder: field.placeholder,
    oninput: changed,
  });
}

function valueOf(field, input) {
  if (field.type === "bool") return input.checked;
  if (field.type === "number") return input.value === "" ? null : Number(input.value);
  if (field.type === "list")
    return input.value
      .split(",")
      .map(one => one.trim())
      .filter(Boolean);
  return input.value;
}

/** Whether a problem's key, e.g. "peer[1].port", means `key`. */
function means(problem, key) {
  const plain = problem.replace(/\[\d+\]/g, "").replace(/^(config\.)?(peers?|ae|routes?)\./, "");
  return plain === key || (plain.endsWith(`.${key}`) && !key.includes("."));
}

/**
 * A form over `item`. `groups`: [{title, fields: [{key, label, type: text|number|bool|select|list|custom, help, options,
 * shown(item), full}]}]; of a custom field build(value, changed) gives {element, value()}. `changed(item)` is called after
 * each change with a new item.
 */
export function form(groups, item, changed) {
  const parts = [],
    general = h("div.general");
  let current = structuredClone(item);
  function update() {
    current = structuredClone(current);
    for (const { field, value } of parts) write(current, field.key, value());
    arrange();
    changed?.(collect());
  }
  function arrange() {
    for (const { field, element } of parts) element.hidden = Boolean(field.shown && !field.shown(current));
  }
  /** The item without what is hidden or empty: the node has a default for it, or says that it is missing. */
  function collect() {
    const out = structuredClone(current);
    for (const { field } of parts) {
      const value = read(out, field.key);
      const nothing =
        value === "" || value === null || value === undefined || (Array.isArray(value) && !value.length);
      if ((field.shown && !field.shown(current)) || nothing) remove(out, field.key);
    }
    return out;
  }
  function remove(value, path) {
    const keys = path.split("."),
      last = keys.pop();
    const part = keys.reduce((one, key) => one?.[key], value);
    if (part) delete part[last];
  }
  function build(field) {
    const id = freshId("field"),
      help = field.help && h("span.help", { id: `${id}-help` }, field.help),
      problem = h("span.problem", { id: `${id}-problem`, hidden: true });
    let element,
      input = null,
      value;
    if (field.type === "custom") {
      const made = field.build(read(item, field.key), update);
      element = h(
        "div.field.full",
        { role: "group", "aria-label": field.label },
        made.element,
        help,
        problem,
      );
      value = made.value;
    } else {
      input = control(field, read(item, field.key), id, update);
      input.name = field.key;
      input.setAttribute("aria-describedby", `${id}-help ${id}-problem`);
      const label = h("span.label", field.label);
      element =
        field.type === "bool"
          ? h(
              "div",
              { class: field.full ? "full" : "" },
              h("label.field.inline", input, h("span", label, help && h("div", help))),
              problem,
            )
          : h("label.field", { class: field.full ? "full" : "" }, label, input, help, problem);
      value = () => valueOf(field, input);
    }
    parts.push({ field, element, input, problem, value });
    return element;
  }
  const element = h(
    "div.stack",
    general,
    groups.map(group =>
      h("fieldset", group.title && h("legend", group.title), h("div.field-grid", group.fields.map(build))),
    ),
  );
  arrange();
  return {
    element,
    value: collect,
    /** Shows [{key, message}] at their fields, the others above the form. */
    showProblems(problems) {
      const left = [...problems];
      for (const part of parts) {
        const mine = left.filter(
          one =>
            means(one.key ?? "", part.field.key) ||
            (part.field.type === "custom" && (one.key ?? "").includes(part.field.key)),
        );
        for (const one of mine) left.splice(left.indexOf(one), 1);
        part.problem.hidden = !mine.length;
        fill(
          part.problem,
          mine.length ? [icon("alert"), h("span", mine.map(one => one.message).join("; "))] : null,
        );
        if (mine.length && part.element.hidden) left.push(...mine);
        part.input?.setAttribute("aria-invalid", String(mine.length > 0));
      }
      fill(
        general,
        left.length
          ? h(
              "div.notice.bad",
              { role: "alert" },
              icon("alert"),
              h(
                "div",
                left.map(one => h("div", one.key ? `${one.key}: ${one.message}` : one.message)),
              ),
            )
          : null,
      );
    },
  };
}
