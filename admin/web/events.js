// What changed in the node: server-sent events, or asking every few seconds where they do not come through.

const kTopics = ["studies", "jobs", "outbox", "node", "config", "audit"];
const kPollMs = 5000;
const kRetryMs = 30000; // at most, between two tries

const listeners = new Set();
const watchers = new Set();
let source = null,
  poll = 0,
  failures = 0,
  state = "connecting";

function setState(next) {
  if (state === next) return;
  state = next;
  for (const watch of watchers) watch(state);
}

function tell(topics) {
  for (const { wanted, action } of [...listeners]) {
    if (topics.some(topic => wanted.includes(topic))) action(topics);
  }
}

function startPolling() {
  if (!poll) poll = setInterval(() => document.visibilityState === "visible" && tell(kTopics), kPollMs);
  setState("polling");
}

function open() {
  source = new EventSource("/api/v1/events");
  source.onopen = () => {
    if (failures) tell(kTopics); // what happened meanwhile is not sent again
    failures = 0;
    clearInterval(poll);
    poll = 0;
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
    startPolling();
    if (source.readyState === EventSource.CLOSED) setTimeout(open, Math.min(kRetryMs, 2000 * failures));
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

/** Calls `watch` with live | polling | connecting, at once and on each change. */
export function onConnection(watch) {
  watchers.add(watch);
  watch(state);
  return () => watchers.delete(watch);
}
