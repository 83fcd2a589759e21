// Elements are built here and nowhere from strings: whatever a peer sends is text, never markup.

const kSvg = "http://www.w3.org/2000/svg";
const kProperties = new Set([
  "value",
  "checked",
  "disabled",
  "hidden",
  "open",
  "selected",
  "readOnly",
  "indeterminate",
]);

function isProps(value) {
  return value !== null && typeof value === "object" && !(value instanceof Node) && !Array.isArray(value);
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false || child === true) continue;
    element.append(child instanceof Node ? child : String(child));
  }
}

function build(element, args) {
  const props = isProps(args[0]) ? args.shift() : {};
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style")
      for (const [key, text] of Object.entries(value)) element.style.setProperty(key, text);
    else if (name === "class")
      element.setAttribute("class", [element.getAttribute("class"), value].filter(Boolean).join(" "));
    else if (name === "data") Object.assign(element.dataset, value);
    else if (kProperties.has(name)) element[name] = value;
    else if (value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  append(element, args);
  return element;
}

function create(spec, namespace) {
  const [tag, ...classes] = spec.split(".");
  const element = namespace ? document.createElementNS(namespace, tag) : document.createElement(tag || "div");
  if (classes.length) element.setAttribute("class", classes.join(" "));
  return element;
}

/** An element: h("a.link", {href, onclick, data: {...}}, children...). Strings become text nodes. */
export function h(spec, ...args) {
  return build(create(spec), args);
}

/** The same in SVG. */
export function svg(spec, ...args) {
  return build(create(spec, kSvg), args);
}

/** Replaces the children of `element`; null and false are left out. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

let last = 0;
/** A fresh id, for labels. */
export function freshId(prefix = "n") {
  return `${prefix}-${++last}`;
}

/** `action` not before `ms` have gone without another call. */
export function debounced(ms, action) {
  let timer = 0;
  const call = (...args) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...args), ms);
  };
  call.cancel = () => clearTimeout(timer);
  return call;
}
