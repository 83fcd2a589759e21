// Values as people read them.

/** A DICOM person name, "Family^Given^Middle^Prefix^Suffix=ideographic=phonetic", as "Family, Given Middle". */
export function personName(value) {
  const groups = String(value ?? "")
    .split("=")
    .map(one => {
      const [family, given, middle] = one.split("^").map(part => part.trim());
      const first = [given, middle].filter(Boolean).join(" ");
      return [family, first].filter(Boolean).join(", ");
    })
    .filter(Boolean);
  if (!groups.length) return "No name";
  return groups[0] + (groups[1] ? ` (${groups[1]})` : "");
}

/** A DICOM date, "20261127", as "2026-11-27". */
export function dicomDate(value) {
  return /^\d{8}$/.test(value ?? "")
    ? `${value.slice(0, 4)}-${value.slice(4, 6)}-${value.slice(6)}`
    : value || "no date";
}

export function bytes(value) {
  if (value === null || value === undefined) return "–";
  const units = ["B", "kB", "MB", "GB", "TB", "PB"];
  let size = Number(value),
    unit = 0;
  while (Math.abs(size) >= 1000 && unit < units.length - 1) {
    size /= 1000;
    ++unit;
  }
  return `${size.toFixed(unit && Math.abs(size) < 100 ? 1 : 0)} ${units[unit]}`;
}

export function count(value) {
  return Number(value ?? 0)
    .toLocaleString("en")
    .replaceAll(",", "\u202f");
}

/** "3 studies", "1 study". */
export function counted(value, one, many = one + "s") {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** Seconds as "45 s", "12 min", "3 h 5 min", "4 d". */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const s = Math.max(0, Math.round(seconds));
  if (s < 100) return `${s} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h ${Math.round((s % 3600) / 60)} min`;
  return `${Math.floor(s / 86400)} d ${Math.round((s % 86400) / 3600)} h`;
}

export function ago(iso, now = Date.now()) {
  const seconds = (now - Date.parse(iso)) / 1000;
  if (Number.isNaN(seconds)) return "–";
  if (seconds < 5) return seconds < -60 ? `in ${duration(-seconds)}` : "just now";
  if (seconds < 5400) return `${duration(seconds)} ago`;
  if (seconds < 86400 * 2) return `${Math.round(seconds / 3600)} h ago`;
  if (seconds < 86400 * 60) return `${Math.floor(seconds / 86400)} d ago`;
  return iso.slice(0, 10);
}

/** An ISO time in the reader's own zone, to the second. */
export function absolute(iso) {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return String(iso ?? "");
  const two = number => String(number).padStart(2, "0");
  return (
    `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())} ` +
    `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`
  );
}

/** "peer_unreachable" as "Peer unreachable". */
export function words(key) {
  const text = String(key ?? "").replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// Of the receiver's line, which counts them before and after they end.
const kFactNames = { associations: "open associations", total: "associations" };

// "echoes" as ["echo", "echoes"], "stored" as it is.
const formsOf = many => [many.replace(/(o)es$|s$/, "$1"), many];

/** A role's counts, "total=3 known=0 bytes=21022640", as "3 associations · 21.0 MB"; other text as it is. */
export function roleFacts(text) {
  const pairs = String(text ?? "").split(" ").map(word => word.split("="));
  if (!pairs.every(([name, value, more]) => name && /^\d+$/.test(value ?? "") && more === undefined)) return text;
  const said = pairs
    .filter(([, value]) => Number(value) !== 0)
    .map(([name, value]) =>
      name === "bytes" ? bytes(value) : counted(Number(value), ...formsOf(kFactNames[name] ?? name)),
    );
  return said.join(" · ") || "nothing yet";
}
