// One thing done to all exports that match, after a look at what that would be.

import { fill, h } from "./dom.js";
import { attempt, chip, choice, dialog, field, toast } from "./parts.js";
import { post, whose } from "./server.js";
import { count, several } from "./words.js";

const ACTIONS = {
  cancel: ["Cancel", "cancelled"],
  retry: ["Ask again for", "asked for again"],
  delete: ["Delete", "deleted"],
  extend: ["Keep longer", "kept longer"],
};
const MEANINGS = {
  delete: "Their packages are gone at once; links to them lead nowhere.",
  retry: "What is identical is made once.",
};
const KEPT = [
  [24 * 3600, "A day from now on"],
  [7 * 24 * 3600, "A week from now on"],
  [30 * 24 * 3600, "30 days from now on"],
];

/** A filter as actions take it: what the listing takes as a word is a list there. */
function filterOf({ status, createdAfter, createdBefore, ...same }) {
  const instant = (day) => (day?.length === 10 ? `${day}T00:00:00Z` : day);
  return JSON.parse(
    JSON.stringify({
      ...same,
      status: status?.split(","),
      createdAfter: instant(createdAfter),
      createdBefore: instant(createdBefore),
    }),
  );
}

/** The choice of an action for what `wanted` matches. */
export function bulk(wanted, { admin, done }) {
  const which = choice(
    Object.entries(ACTIONS).map(([name, [word]]) => [name, word]),
    "cancel",
  );
  const button = h("button", { type: "submit" }, "Preview…");
  const go = (event) => {
    event.preventDefault();
    attempt(() => act(which.value, { filter: filterOf(wanted) }, done), button);
  };
  return h(
    "form",
    { class: "bulk", onsubmit: go },
    field(admin ? "With all that match, whoever’s they are" : "With all of yours that match", which),
    button,
  );
}

/** Shows what `action` would be done to, asks, and does it. */
export async function act(action, which, done) {
  const [word, past] = ACTIONS[action];
  const kept = action === "extend" ? choice(KEPT, KEPT[1][0]) : null;
  const wanted = () => ({ action, ...which, ...(kept ? { retentionSeconds: Number(kept.value) } : {}) });
  const seen = await post("/exports/actions", { ...wanted(), dryRun: true });
  if (!seen.matching) return toast("calm", "There is nothing that this could be done to.");
  const sample = h(
    "ul",
    { class: "sample" },
    seen.sample.map((one) =>
      h("li", {}, chip(one.status), " ", one.fileName, whose(one) ? ` · ${whose(one)}’s` : null),
    ),
  );
  const rest =
    seen.matching > seen.sample.length
      ? h("p", { class: "hint" }, `and ${several(seen.matching - seen.sample.length, "other")}`)
      : null;
  const meaning = MEANINGS[action] ? h("p", {}, MEANINGS[action]) : null;
  const content = h("div", { class: "stack" }, meaning, kept ? field("For", kept) : null, sample, rest);
  const isMeant = await dialog(`${word} ${several(seen.matching, "export")}?`, content, {
    yes: word,
    danger: action === "delete" || action === "cancel",
  });
  if (!isMeant) return undefined;
  const did = await post("/exports/actions", { ...wanted(), dryRun: false });
  tell(did, past);
  return done?.();
}

function tell({ done, failed = [], remaining = 0 }, past) {
  const reasons = failed.slice(0, 5).map(({ detail }) => h("li", {}, detail));
  const more = [
    failed.length ? h("ul", {}, reasons) : null,
    remaining ? h("p", {}, `${count(remaining)} are left; do it again for these.`) : null,
  ];
  const place = h("div");
  fill(place, more);
  toast(
    failed.length ? "bad" : "good",
    `${several(done, "export")} ${past}${failed.length ? `, ${count(failed.length)} not` : ""}.`,
    place,
  );
}
