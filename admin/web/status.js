// States as icon, word and colour together.
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { words } from "./format.js";

const kStudy = {
  receiving: ["down", "info", "Receiving"],
  waiting: ["clock", "neutral", "Waiting"],
  queued: ["queue", "neutral", "Queued"],
  analysing: ["work", "info", "Analysing"],
  sending: ["send", "info", "Sending"],
  done: ["check", "good", "Done"],
  not_analysed: ["minus", "neutral", "Not analysed"],
  attention: ["alert", "bad", "Needs attention"],
};
const kJob = {
  queued: ["queue", "neutral", "Queued"],
  running: ["work", "info", "Running"],
  done: ["check", "good", "Done"],
  same_content: ["check", "neutral", "Same content"],
  not_eligible: ["minus", "neutral", "Not eligible"],
  failed: ["cross", "bad", "Failed"],
  parked: ["alert", "bad", "Parked"],
  superseded: ["history", "neutral", "Superseded"],
  cancelled: ["minus", "neutral", "Cancelled"],
};
const kRow = {
  waiting: ["clock", "info", "Waiting"],
  delivered: ["check", "good", "Delivered"],
  parked: ["alert", "bad", "Parked"],
  withheld: ["lock", "warn", "Withheld"],
};
const kOther = {
  running: ["check", "good", "Running"],
  not_running: ["cross", "bad", "Not running"],
  usable: ["check", "good", "Usable"],
  unusable: ["cross", "bad", "Not usable"],
  success: ["check", "good", "Success"],
  refused: ["cross", "bad", "Refused"],
  malignant: ["alert", "bad", "Suspicious"],
  benign: ["check", "good", "Not suspicious"],
  indeterminate: ["info", "warn", "Indeterminate"],
  fetched: ["check", "good", "Fetched"],
  failed: ["cross", "bad", "Failed"],
  reported: ["check", "good", "Reported"],
  selected: ["check", "good", "Selected"],
  not_selected: ["minus", "neutral", "Not selected"],
  clinical: ["check", "good", "Clinical"],
  non_clinical: ["alert", "warn", "Not for clinical use"],
};

export function pill(name, tone, text, title) {
  return h("span.pill", { class: tone, title }, icon(name), h("span", text));
}

const by = table => (state, title) => pill(...(table[state] ?? ["info", "neutral", words(state)]), title);
export const studyPill = by(kStudy);
export const jobPill = by(kJob);
export const rowPill = by(kRow);
export const statePill = by(kOther);

const options = table => Object.entries(table).map(([value, [, , text]]) => [value, text]);
export const studyStates = options(kStudy);
export const jobStates = options(kJob);
export const rowStates = options(kRow);

/** Whether a job in this state may be run again, or be cancelled. */
export const mayRequeue = state => ["parked", "failed", "cancelled", "not_eligible"].includes(state);
export const mayCancel = state => ["queued", "running", "parked"].includes(state);
