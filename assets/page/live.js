// What changes by itself: events while something is made, and looks at decent intervals otherwise.

import { Unreachable, get, tidings } from "./server.js";
import { isActive } from "./words.js";

const FIRST = 2000;
const LONGEST = 10000;
/** An event stream that says nothing for this long is looked past. */
const SILENCE = 20000;

/**
 * Looks again and again until `signal` is aborted: after 2 s, then ×1.5 up to 10 s; from the beginning
 * when `look` tells that there is news. Not while nobody sees it; at once when somebody does again.
 */
export function polling(look, signal) {
  let wait = FIRST;
  let timer;
  let looking = false;
  const turn = async () => {
    clearTimeout(timer);
    if (signal.aborted || looking || document.hidden) return;
    looking = true;
    try {
      wait = (await look()) ? FIRST : Math.min(wait * 1.5, LONGEST);
    } catch (error) {
      if (!signal.aborted && !(error instanceof Unreachable)) console.warn(error.message);
      wait = Math.min(wait * 1.5, LONGEST);
    }
    looking = false;
    if (!signal.aborted) timer = setTimeout(turn, wait);
  };
  const soon = () => {
    wait = FIRST;
    turn();
  };
  document.addEventListener("visibilitychange", soon, { signal });
  window.addEventListener("focus", soon, { signal });
  window.addEventListener("online", soon, { signal });
  signal.addEventListener("abort", () => clearTimeout(timer));
  timer = setTimeout(turn, wait);
  return soon;
}

/**
 * Follows one export until it has ended or `signal` is aborted: `told` gets the whole export at first and
 * at every status, and its progress in between. Server-sent events; where these do not come through, looks.
 */
export function follow(id, told, signal) {
  let source;
  let heard = 0;
  let failures = 0;
  let known;
  const close = () => {
    source?.close();
    source = null;
  };
  const look = async () => {
    const found = await get(`/exports/${id}`, {}, signal);
    if (signal.aborted) return false;
    const isNews = known?.status !== found.status;
    known = found;
    told(found);
    if (!isActive(found.status)) close();
    else if (!source && failures < 3) open();
    return isNews || (isActive(found.status) && !source);
  };
  const open = () => {
    source = new EventSource(`/api/v1/exports/${id}/events`);
    heard = Date.now();
    source.addEventListener("progress", ({ data }) => {
      [heard, failures] = [Date.now(), 0];
      known = { ...known, progress: JSON.parse(data) };
      told(known);
    });
    source.addEventListener("status", ({ data }) => {
      [heard, failures] = [Date.now(), 0];
      if (JSON.parse(data).status !== known?.status) now();
    });
    source.onerror = () => {
      failures += 1;
      close();
      soon();
    };
  };
  // While events come there is nothing to look for.
  const soon = polling(async () => {
    // Events tell how far it is, but not its place in the line.
    if (source && Date.now() - heard < SILENCE && known?.status !== "queued") return false;
    return look();
  }, signal);
  const now = () => look().catch(() => soon());
  document.addEventListener(
    "visibilitychange",
    () => {
      if (document.hidden) close();
    },
    { signal },
  );
  signal.addEventListener("abort", close);
  now();
  return now;
}

/** Tells whether the server can be reached, whenever that changes. */
export function connection(told) {
  let isThere = true;
  const become = (is) => {
    if (is !== isThere) told((isThere = is));
  };
  tidings.addEventListener("lost", () => become(false));
  tidings.addEventListener("reached", () => become(true));
  window.addEventListener("offline", () => become(false));
}
