// What changed in the node: server-sent events, or asking every few seconds where they do not come through.
import { onSilence } from "./api.js";

const kTopics = ["studies", "jobs", "outbox", "node", "config", "audit"];
const kPollMs = 5000;
const kAnswerMs = 8000; // for the question whether the node is there
const kRetryMs = 30000; // at most, between two tries
const listeners = new Set();
const watchers = new Set();
let source = null,
  poll = 0,
  failures = 0,
  state = "connecting",
  answered = Date.now(),
  asking = false;

function setState(next) {
  if (state === next) return;
  state = next;
  for (const watch of watchers) watch(state, answered);
}

function tell(topics) {
  for (const { wanted, action } of [...listeners]) {
    if (topics.some(topic => wanted.includes(topic))) action(topics);
  }
}

/** Whether the node answers at all; what a proxy says in its place is no answer. */
async function isThere() {
  try {
    const options = { cache: "no-store", signal: AbortSignal.timeout(kAnswerMs) };
    const answer = await fetch("/api/v1/session", options);
    return (answer.headers.get("Content-Type") ?? "").includes("json");
  } catch {
    return false;
  }
}

async function ask() {
  if (asking || !source) return;
  asking = true;
  const there = await isThere();
  asking = false;
  if (!source) return;
  if (there) {
    answered = Date.now();
    if (!poll) return;
    setState("polling");
    tell(kTopics);
  } else {
    startPolling();
    setState("unreachable");
  }
}

function startPolling() {
  if (poll) return;
  poll = setInterval(() => document.visibilityState === "visible" && ask(), kPollMs);
  ask();
}

function open() {
  source = new EventSource("/api/v1/events");
  source.onopen = () => {
    tell(kTopics); // what happened before or meanwhile is not sent
    failures = 0;
    clearInterval(poll);
    poll = 0;
    answered = Date.now();
    setState("live");
  };
  source.addEventListener("changed", event => {
    try {
      tell(JSON.parse(event.data).topics ?? kTopics);
    } catch {
      tell(kTopics);
    }
  });
  source.onerror = () => {
    ++failures;
    if (state === "live") answered = Date.now();
    startPolling();
    if (source?.readyState === EventSource.CLOSED)
      setTimeout(() => source && open(), Math.min(kRetryMs, 2000 * failures));
  };
}

/** Begins; again after a new session. */
export function startEvents() {
  stopEvents();
  open();
}

export function stopEvents() {
  source?.close();
  source = null;
  clearInterval(poll);
  poll = 0;
}

/** Calls `action` when one of `wanted` changed. Returns the function that ends it. */
export function onChanged(wanted, action) {
  const entry = { wanted, action };
  listeners.add(entry);
  return () => listeners.delete(entry);
}

/** Calls `watch` with live | polling | connecting | unreachable and the time of the last answer, at once and on each change. */
export function onConnection(watch) {
  watchers.add(watch);
  watch(state, answered);
  return () => watchers.delete(watch);
}

onSilence(ask);
document.addEventListener("visibilitychange", () => poll && document.visibilityState === "visible" && ask());
