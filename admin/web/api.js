// The node's HTTP API: sessions, CSRF, problem details, ETags.

const kBase = "/api/v1";

/** A refusal: `status`, the problem details in `problem`, a sentence as message. 0: the node did not answer. */
export class ApiError extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
  }
}

export const session = { user: null, role: null, users_needed: false, csrf: null, expires: null };
const kRoles = ["viewer", "operator", "administrator"];

/** Whether the person may do what needs `role`. */
export function may(role) {
  return kRoles.indexOf(session.role) >= kRoles.indexOf(role);
}

let askForLogin = null;
let asking = null;
let tellSilence = null;

/** `tell` is called when a request gets no answer. */
export function onSilence(tell) {
  tellSilence = tell;
}

/** `ask` shows the login and resolves when a session is there; used when one has expired. */
export function onExpired(ask) {
  askForLogin = ask;
}

async function send(method, path, { body, etag, signal } = {}) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (etag) headers["If-Match"] = /^(W\/)?"/.test(etag) ? etag : `"${etag}"`;
  if (method !== "GET") {
    headers["X-Requested-With"] = "necknode";
    if (session.csrf) headers["X-CSRF-Token"] = session.csrf;
  }
  try {
    return await fetch(kBase + path, {
      method,
      headers,
      signal,
      credentials: "same-origin",
      cache: "no-store",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    tellSilence?.();
    throw new ApiError(0, { title: "No answer", detail: "The node does not answer. It may be restarting." });
  }
}

async function read(response) {
  const text = await response.text();
  let data = null;
  try {
    data = text ? JSON.parse(text) : null;
  } catch {
    data = { detail: text.slice(0, 300) };
  }
  if (!response.ok) throw new ApiError(response.status, data ?? { title: response.statusText });
  return { data, etag: response.headers.get("ETag") };
}

/** Sends a request; after an expired session the person signs in and it is sent once more. */
export async function call(method, path, options = {}) {
  let response = await send(method, path, options);
  if (response.status === 401 && askForLogin && !path.startsWith("/session")) {
    asking ??= askForLogin().finally(() => (asking = null));
    await asking;
    response = await send(method, path, options);
  }
  return read(response);
}

/** "?a=b" of the values that are set. */
export function queryText(query = {}) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") parameters.set(name, value);
  }
  const text = parameters.toString();
  return text ? `?${text}` : "";
}

export const get = async (path, query, signal) =>
  (await call("GET", path + queryText(query), { signal })).data;
export const post = async (path, body = {}) => (await call("POST", path, { body })).data;
export const put = async (path, body, etag) => (await call("PUT", path, { body, etag })).data;
export const remove = async (path, etag) => (await call("DELETE", path, { etag })).data;

function adopt(data) {
  Object.assign(session, { user: null, role: null, csrf: null, expires: null }, data);
  return session;
}

/** Asks who we are. `session.role` is null where somebody must sign in. */
export async function loadSession() {
  try {
    return adopt((await call("GET", "/session")).data);
  } catch (error) {
    if (error.status === 401 || error.status === 403) return adopt({ users_needed: true });
    throw error;
  }
}

export async function signIn(user, password) {
  adopt((await call("POST", "/session", { body: { user, password } })).data);
  return loadSession();
}

export async function signOut() {
  await call("DELETE", "/session");
  adopt({ users_needed: true });
}
