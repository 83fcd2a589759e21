// A list of any length: pages are asked for as the person scrolls, and only the rows in sight are in the document.
import { fill, h } from "./dom.js";
import { get } from "./api.js";
import { count } from "./format.js";
import { failure, skeleton } from "./ui.js";
import { onChanged } from "./events.js";

const kPage = 100;
const kSpare = 8; // rows kept ready above and below
const kRefreshMs = 1500;

/** The height of rows with two buttons, which stand one above the other in narrow windows. */
export const twoActions = () => (matchMedia("(max-width: 880px)").matches ? 72 : 52);

/**
 * `columns`: [{head, cell(item), more}], `path` and `query()` of the list, `key` of an item, `href(item)` where a row
 * leads or `open(item)` what it opens, `empty` an element for none, `topics` that make it ask again, `view` of the page
 * (for its end), `label`.
 * A refresh keeps what is in sight where it is.
 */
export class List {
  constructor(options) {
    Object.assign(this, { key: "id", topics: [], rowHeight: 52, query: () => ({}) }, options);
    this.items = [];
    this.next = null;
    this.rows = new Map();
    this.active = null;
    this.scroller = document.getElementById("content");
    this.body = h("tbody");
    this.above = h("tr.space", { "aria-hidden": "true" }, h("td"));
    this.below = h("tr.space", { "aria-hidden": "true" }, h("td"));
    this.table = h(
      "table.list",
      { "aria-label": this.label },
      h(
        "thead",
        h(
          "tr",
          this.columns.map(column => h("th", { scope: "col", class: column.more }, column.head)),
        ),
      ),
      this.body,
    );
    this.table.style.setProperty("--row", `${this.rowHeight}px`);
    this.message = h("div");
    this.count = h("p.list-count.muted", { role: "status" });
    this.element = h("div.list-box", h("div.list-wrap", this.table), this.message, this.count);
    this.body.addEventListener("keydown", event => this.onKey(event));
    this.body.addEventListener("click", event => this.onClick(event));
    const paint = () => (this.frame ??= requestAnimationFrame(() => ((this.frame = null), this.paint())));
    this.scroller.addEventListener("scroll", paint, { passive: true });
    addEventListener("resize", paint);
    this.view.onEnd(() => {
      this.scroller.removeEventListener("scroll", paint);
      removeEventListener("resize", paint);
      clearTimeout(this.timer);
      this.ended = true;
    });
    if (this.topics.length) this.view.onEnd(onChanged(this.topics, () => this.soon()));
  }

  /** Forgets all and loads the first page. */
  async reload() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.items = [];
    this.rows.clear();
    fill(this.body);
    fill(this.message, skeleton(6, "rows"));
    this.count.textContent = "";
    try {
      const page = await get(this.path, { ...this.query(), limit: kPage });
      if (turn !== this.turn || this.ended) return;
      this.items = page.items;
      this.next = page.next ?? null;
      this.ready = true;
      fill(this.message);
      this.paint();
      this.onload?.(this.items);
    } catch (error) {
      if (turn === this.turn && !this.ended)
        fill(
          this.message,
          failure(error, () => this.reload()),
        );
    }
  }

  soon() {
    this.timer ??= setTimeout(() => ((this.timer = null), this.refresh()), kRefreshMs);
  }

  /** Asks for the first page and the one in sight again; rows in sight stay where they are. */
  async refresh() {
    if (!this.ready || this.busy || this.ended) return;
    const turn = this.turn;
    try {
      const first = await get(this.path, { ...this.query(), limit: kPage });
      const seen = this.items[this.first ?? 0];
      let more = { items: [] };
      if (this.first >= kPage && this.cursors?.length) {
        const cursor = this.cursors[Math.min(this.cursors.length - 1, Math.floor(this.first / kPage) - 1)];
        more = await get(this.path, { ...this.query(), limit: kPage * 2, before: cursor });
      }
      if (turn !== this.turn || this.ended) return;
      this.merge(first, more.items, seen);
    } catch {
      // The list on the page stays; the connection's state is shown elsewhere.
    }
  }

  merge(first, more, seen) {
    const fresh = new Set(first.items.map(item => item[this.key]));
    const changed = new Map(more.map(item => [item[this.key], item]));
    // What stood among the first page's rows and is there no more has gone.
    const oldest =
      first.next === null
        ? Infinity
        : Math.min(kPage, this.items.length) - first.items.filter(item => !this.has(item)).length;
    const rest = this.items
      .filter((item, i) => !fresh.has(item[this.key]) && i >= oldest)
      .map(item => changed.get(item[this.key]) ?? item);
    const before = seen && this.items.indexOf(seen);
    this.items = [...first.items, ...rest];
    if (first.next === null) this.next = null;
    const now = seen ? this.items.findIndex(item => item[this.key] === seen[this.key]) : -1;
    const away = this.offset() > 0;
    if (away && now >= 0 && now !== before) this.scroller.scrollTop += (now - before) * this.rowHeight;
    this.paint();
    this.onload?.(this.items);
  }

  has(item) {
    return this.items.some(one => one[this.key] === item[this.key]);
  }

  async more() {
    if (!this.next || this.busy) return;
    this.busy = true;
    const turn = this.turn;
    try {
      const cursor = this.next;
      const page = await get(this.path, { ...this.query(), limit: kPage, before: cursor });
      if (turn !== this.turn || this.ended) return;
      (this.cursors ??= []).push(cursor);
      const known = new Set(this.items.map(item => item[this.key]));
      this.items.push(...page.items.filter(item => !known.has(item[this.key])));
      this.next = page.next ?? null;
      fill(this.message);
    } catch (error) {
      fill(
        this.message,
        failure(error, () => this.more()),
      );
    } finally {
      this.busy = false;
    }
    this.paint();
  }

  /** How far the top of the rows lies above the top of what is in sight, in pixels. */
  offset() {
    return this.scroller.getBoundingClientRect().top - this.body.getBoundingClientRect().top;
  }

  paint() {
    if (!this.ready || this.ended) return;
    const total = this.items.length;
    const top = this.offset();
    this.first = Math.max(0, Math.min(total - 1, Math.floor(top / this.rowHeight)));
    const from = Math.max(0, Math.floor(top / this.rowHeight) - kSpare);
    const end = Math.max(
      0,
      Math.min(total, Math.ceil((top + this.scroller.clientHeight) / this.rowHeight) + kSpare),
    );
    this.table.hidden = total === 0;
    if (total === 0) {
      if (!this.message.firstChild)
        fill(this.message, typeof this.empty === "function" ? this.empty() : this.empty);
      this.count.textContent = "";
      return;
    }
    if (this.message.querySelector(".state:not([role=alert])")) fill(this.message);
    this.table.setAttribute("aria-rowcount", this.next ? -1 : total + 1);
    this.count.textContent = `${count(total)}${this.next ? " loaded, more below" : " in all"}`;
    this.place(from, end, total);
    if (end >= total - kPage / 4) this.more();
  }

  place(from, end, total) {
    const wanted = this.items.slice(from, end);
    const keys = new Set(wanted.map(item => item[this.key]));
    for (const [key, row] of this.rows) {
      if (!keys.has(key)) {
        row.element.remove();
        this.rows.delete(key);
      }
    }
    this.above.firstChild.style.height = `${from * this.rowHeight}px`;
    this.below.firstChild.style.height = `${Math.max(0, total - end) * this.rowHeight}px`;
    let at = this.body.firstChild;
    const put = element => (element === at ? (at = at.nextSibling) : this.body.insertBefore(element, at));
    put(this.above);
    wanted.forEach((item, i) => put(this.row(item, from + i)));
    put(this.below);
  }

  row(item, index) {
    const key = item[this.key],
      text = JSON.stringify(item);
    let row = this.rows.get(key);
    if (!row) {
      row = { element: h("tr", { class: this.href || this.open ? "leads" : "", data: { key } }), text: null };
      this.rows.set(key, row);
    }
    if (row.text !== text) {
      fill(
        row.element,
        this.columns.map(column => h("td", { class: column.more }, h("div.cell", column.cell(item)))),
      );
      row.text = text;
    }
    row.element.setAttribute("aria-rowindex", index + 2);
    row.element.dataset.index = index;
    row.element.tabIndex = key === (this.active ?? this.items[0]?.[this.key]) ? 0 : -1;
    return row.element;
  }

  onClick(event) {
    const row = event.target.closest("tr");
    if (!row?.dataset.key || event.target.closest("a, button, input, select")) return;
    if (String(getSelection())) return;
    this.enter(this.items[Number(row.dataset.index)]);
  }

  enter(item) {
    if (this.href) location.hash = this.href(item).slice(1);
    else this.open?.(item);
  }

  onKey(event) {
    const row = event.target.closest("tr");
    if (!row || (event.target !== row && !["ArrowUp", "ArrowDown"].includes(event.key))) return;
    const index = Number(row.dataset.index);
    const step = {
      ArrowDown: 1,
      ArrowUp: -1,
      PageDown: 10,
      PageUp: -10,
      Home: -index,
      End: this.items.length - 1 - index,
    }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      this.focusRow(Math.max(0, Math.min(this.items.length - 1, index + step)));
    } else if (event.key === "Enter") {
      event.preventDefault(); // else it also presses the button that a dialog focuses
      this.enter(this.items[index]);
    }
  }

  focusRow(index) {
    this.active = this.items[index][this.key];
    const at = index * this.rowHeight - this.offset(),
      height = this.scroller.clientHeight;
    if (at < 48) this.scroller.scrollTop += at - 48;
    if (at + this.rowHeight > height) this.scroller.scrollTop += at + this.rowHeight - height + 8;
    this.paint();
    for (const { element } of this.rows.values())
      element.tabIndex = Number(element.dataset.index) === index ? 0 : -1;
    this.rows.get(this.active)?.element.focus({ preventScroll: true });
  }
}

/** A bar of filters; `changed(values)` after each change. Fields: [{name, label, type: search|select|date, options}]. */
export function filterBar(fields, values, changed) {
  const inputs = {};
  let timer = 0;
  const tell = () =>
    changed(Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value.trim()])));
  const bar = h(
    "form.filters",
    { role: "search", onsubmit: event => (event.preventDefault(), tell()) },
    fields.map(field => {
      const input =
        field.type === "select"
          ? h(
              "select",
              { onchange: tell },
              h("option", { value: "" }, field.any ?? "Any"),
              field.options.map(([value, text]) => h("option", { value }, text)),
            )
          : h("input", {
              type: field.type,
              placeholder: field.placeholder,
              autocomplete: "off",
              spellcheck: "false",
              oninput: () => (
                clearTimeout(timer),
                (timer = setTimeout(tell, field.type === "search" ? 250 : 0))
              ),
            });
      input.value = values[field.name] ?? "";
      inputs[field.name] = input;
      return h(
        "label.field",
        { class: field.type === "search" ? "grow" : "" },
        h("span.label", field.label),
        input,
      );
    }),
  );
  return bar;
}
