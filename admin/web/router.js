// Pages by the address after "#": #/studies/7?tab=report

/** {path, query} of the present address. */
export function here() {
  const [path, text] = (location.hash.slice(1) || "/").split("?");
  return { path: path || "/", query: Object.fromEntries(new URLSearchParams(text ?? "")) };
}

/** An address for href. */
export function to(path, query = {}) {
  const kept = Object.entries(query).filter(
    ([, value]) => value !== "" && value !== null && value !== undefined,
  );
  return "#" + path + (kept.length ? "?" + new URLSearchParams(kept) : "");
}

/** Changes the query of the present page without loading it anew. */
export function keepQuery(query) {
  history.replaceState(null, "", to(here().path, query));
}

/** The first of `routes` [pattern, ...] that fits, with its parameters; null if none does. */
export function find(routes, path) {
  for (const route of routes) {
    const names = [];
    const pattern = route[0].replace(/\{(\w+)\}/g, (_, name) => (names.push(name), "([^/]+)"));
    const found = path.match(new RegExp(`^${pattern}$`));
    if (!found) continue;
    try {
      const values = found.slice(1).map(decodeURIComponent);
      return { route, parameters: Object.fromEntries(names.map((name, i) => [name, values[i]])) };
    } catch {
      return null; // "%zz" is no text
    }
  }
  return null;
}
