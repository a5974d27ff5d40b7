// What the server is asked, and who is signed in.

/** What the server will not do, in its own words (RFC 9457). */
export class Problem extends Error {
  constructor(status, body, retryAfter) {
    const faults = (body.errors ?? []).map(
      ({ pointer, message }) => `${pointer.replace(/^\//, "")} ${message}`,
    );
    super([body.detail ?? body.title ?? `the server answered ${status}`, ...faults].join(". "));
    Object.assign(this, { status, code: body.code, body, retryAfter });
  }
}

/** Nobody answered. */
export class Unreachable extends Error {
  constructor() {
    super("the server cannot be reached");
  }
}

const API = "/api/v1";
const others = new BroadcastChannel("exportd");
let session = null;
let again = null;
let skew = 0;

/** Who tells the rest of the page what happens to the session: `ended`, `changed`, `reached`, `lost`. */
export const tidings = new EventTarget();

const tell = (name, detail) => tidings.dispatchEvent(new CustomEvent(name, { detail }));

others.onmessage = ({ data }) => tell("elsewhere", data);

export const current = () => session;

/** Whose an export is, when it is another’s. */
export const whose = ({ userId }) => (session && userId !== session.user ? userId : null);

/** What time it is at the server, in milliseconds. */
export const now = () => Date.now() + skew;

/** The address of something of the API. */
export function address(path, query = {}) {
  const given = Object.entries(query).filter(
    ([, value]) => value !== null && value !== undefined && value !== "",
  );
  const words = new URLSearchParams(given).toString();
  return words ? `${API}${path}?${words}` : API + path;
}

/** The same with the name of this server, for programs beside the browser. */
export const outside = (path) => new URL(path, location.origin).href;

async function send(method, path, { body, query, headers = {}, signal } = {}) {
  const sent = { accept: "application/json", ...headers };
  if (body !== undefined) sent["content-type"] = "application/json";
  if (method !== "GET" && method !== "HEAD" && session) sent["x-csrf-token"] = session.csrfToken;
  let reply;
  try {
    reply = await fetch(address(path, query), {
      method,
      headers: sent,
      signal,
      cache: "no-store",
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    tell("lost");
    throw new Unreachable();
  }
  tell("reached");
  const date = Date.parse(reply.headers.get("date"));
  // A server's clock is told to the second only, and a page is not made to be more exact than that.
  if (Math.abs(date - Date.now()) > 2000) skew = date - Date.now();
  const text = method === "HEAD" ? "" : await reply.text();
  const is = reply.headers.get("content-type")?.includes("json");
  const read = is && text ? JSON.parse(text) : text;
  if (!reply.ok)
    throw new Problem(reply.status, is ? read : {}, Number(reply.headers.get("retry-after")) || null);
  return { status: reply.status, body: read, headers: reply.headers };
}

/**
 * Asks. When the session has ended, the person is asked to sign in again and the question waits, so that
 * nothing that was typed is lost.
 */
export async function ask(method, path, options = {}) {
  try {
    return (await send(method, path, options)).body;
  } catch (error) {
    if (!(error instanceof Problem) || !session) throw error;
    if (error.status === 401) await signedInAgain();
    else if (error.status !== 403 || method === "GET" || !(await isAnotherSession())) throw error;
    return (await send(method, path, options)).body;
  }
}

export const get = (path, query, signal) => ask("GET", path, { query, signal });
export const post = (path, body, signal) => ask("POST", path, { body, signal });

/** In whose name something of somebody else’s is asked for; a header is made of bytes. */
export const inTheNameOf = (found) =>
  whose(found)
    ? { "x-on-behalf-of": String.fromCharCode(...new TextEncoder().encode(found.userId)) }
    : {};

/** What a HEAD of an address would be refused with, if it would. */
export async function refusal(path) {
  try {
    await send("HEAD", path);
    return null;
  } catch (error) {
    return error;
  }
}

/** Another tab may have signed in since: then our token is not the session's. */
async function isAnotherSession() {
  const before = session;
  const found = (await send("GET", "/session")).body;
  if (found.csrfToken === before.csrfToken) return false;
  if (found.user !== before.user) location.reload();
  session = found;
  return true;
}

function signedInAgain() {
  again ??= new Promise((resolve) => tidings.addEventListener("changed", resolve, { once: true }));
  tell("ended");
  return again.finally(() => {
    again = null;
  });
}

/** Whose page this is, if somebody is signed in. */
export async function recognise() {
  try {
    return become((await send("GET", "/session")).body);
  } catch (error) {
    if (error.status === 401 || error.status === 404) return null;
    throw error;
  }
}

/** Begins a session; the token is forgotten here and now. */
export async function signIn(token) {
  const begun = (await send("POST", "/session", { headers: { authorization: `Bearer ${token}` } })).body;
  const before = session?.user;
  become(begun);
  others.postMessage("in");
  if (before && before !== begun.user) location.reload();
  return begun;
}

function become(found) {
  const before = session?.user;
  session = found;
  if (before && before !== found.user) location.reload();
  tell("changed", found);
  return found;
}

/** Ends the session, here and in every tab. */
export async function signOut() {
  try {
    await send("DELETE", "/session");
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  session = null;
  others.postMessage("out");
}

/** Another tab has signed out. */
export function forget() {
  session = null;
}
