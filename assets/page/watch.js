// Notices when something ends, wherever in the page its reader is.

import { h } from "./dom.js";
import { polling } from "./live.js";
import { toast } from "./parts.js";
import { get } from "./server.js";
import { isActive } from "./words.js";

/** What was last known of each export that was seen: its status, and when. */
const known = new Map();
/** As many are asked after in one round. */
const A_ROUND = 5;
/** Somebody else has looked lately. */
const LATELY = 12000;

/** An export was seen: an end that is new is told. */
export function noticed(found) {
  const before = known.get(found.id)?.status;
  known.set(found.id, { status: found.status, at: Date.now() });
  if (before && before !== found.status) tell(before, found);
  return found;
}

/** One that is not there any more. */
export const forgotten = (id) => known.delete(id);

function tell(before, { id, status, fileName, error }) {
  const more = h("p", {}, h("a", { href: `#/exports/${id}` }, "Show it"));
  if (status === "completed") toast("good", `${fileName} is ready.`, more);
  else if (status === "failed")
    toast("bad", `${fileName} has failed: ${error?.message ?? "no reason was told"}`, more);
  else if (status === "expired" && before === "completed") toast("calm", `${fileName} has expired.`, more);
  else if (status === "cancelled") toast("calm", `${fileName} was cancelled.`);
}

/** Asks after those that nobody on the page follows. */
export function watching(signal) {
  polling(async () => {
    const waiting = [...known].filter(([, { status, at }]) => isActive(status) && Date.now() - at > LATELY);
    for (const [id] of waiting.slice(0, A_ROUND)) {
      try {
        noticed(await get(`/exports/${id}`, {}, signal));
      } catch (error) {
        if (error.status !== 404 && error.status !== 403) throw error;
        known.delete(id);
      }
    }
    return false;
  }, signal);
}
