// What is told of an export: what it is of, what happened, what was left out, who fetched it.

import { h, icon } from "./dom.js";
import { amount, chip, copyable, sentence } from "./parts.js";
import { get, whose } from "./server.js";
import { table } from "./tables.js";
import { bytes, count, kind, moment, part, reason, several, status, subject } from "./words.js";

/** Its name, and where one is. */
export function drawHead({ fileName, kind: of, selector, status: state }) {
  return [
    h(
      "p",
      { class: "hint" },
      h("a", { href: "#/exports" }, "Exports"),
      ` / ${kind(of)} / ${subject(selector, of)}`,
    ),
    h("div", { class: "row wrap" }, h("h1", { tabindex: "-1", class: "name" }, fileName), chip(state)),
  ];
}

/** What is being done just now. */
export function drawWhile(found) {
  const doing = found.progress.currentFile;
  return h(
    "div",
    {},
    found.status === "processing" ? h("p", { class: "hint numbers" }, amount(found)) : null,
    doing ? h("p", { class: "hint one-line" }, h("code", {}, doing)) : null,
    found.attempt > 1 ? h("p", { class: "hint" }, `Attempt ${found.attempt} of ${found.maxAttempts}`) : null,
  );
}

/** What was asked for, and when what became of it. */
export function drawFacts(found) {
  const row = (name, ...value) => [h("dt", {}, name), h("dd", {}, value)];
  const chosen =
    JSON.stringify(found.options) === "{}"
      ? null
      : Object.entries(found.options)
          .map(([name, value]) => `${name}: ${value}`)
          .join(", ");
  const { projectId, report, dataset, ...rest } = found.selector;
  const told = Object.entries(rest).filter(
    ([, value]) => value !== null && !["{}", "[]"].includes(JSON.stringify(value)),
  );
  return [
    h("h2", {}, "About it"),
    h(
      "dl",
      { class: "figures" },
      whose(found) ? row("Whose", whose(found)) : null,
      row("Of", `${kind(found.kind)}: ${subject(found.selector, found.kind)}`),
      row("Format", found.format, found.template ? `, as ${found.template}` : ""),
      told.map(([name, value]) => row(...part(name, value))),
      chosen ? row("Options", chosen) : null,
      row("Asked for", moment(found.createdAt)),
      found.startedAt ? row("Begun", moment(found.startedAt)) : null,
      found.snapshotAt ? row("Shows how it was", moment(found.snapshotAt)) : null,
      found.completedAt ? row(found.checksum ? "Ready" : "Ended", moment(found.completedAt)) : null,
      found.expiresAt
        ? row(found.status === "expired" ? "Expired" : "Expires", moment(found.expiresAt))
        : null,
      row("Attempt", `${found.attempt} of ${found.maxAttempts}`),
      row(
        "Downloads",
        count(found.downloadCount),
        found.lastDownloadedAt ? `, last ${moment(found.lastDownloadedAt)}` : "",
      ),
    ),
    found.checksum ? copyable("SHA-256", found.checksum) : null,
    copyable("Id", found.id),
  ];
}

/** Many warnings in a row are one line that can be opened. */
export function drawEvents(items) {
  const warnings = items.filter(({ event }) => event === "warning");
  if (warnings.length < 4) return items.map(drawEvent);
  const [first] = warnings;
  const all = h(
    "details",
    { class: "plain" },
    h("summary", {}, `${several(warnings.length, "warning")}`),
    h(
      "ul",
      { class: "remarks" },
      warnings.map(({ message }) => h("li", {}, message)),
    ),
  );
  return items.flatMap((item) =>
    item === first
      ? h("li", { class: "wait" }, h("span", { class: "dot" }, icon("warn")), all)
      : item.event === "warning"
        ? []
        : drawEvent(item),
  );
}

function drawEvent({ at, event, status: state, message }) {
  const [word, picture, tone] =
    event === "status"
      ? status(state)
      : [
          event === "warning" ? "Warning" : sentence(event),
          event === "warning" ? "warn" : "file",
          event === "warning" ? "wait" : "calm",
        ];
  return h(
    "li",
    { class: tone },
    h("span", { class: "dot" }, icon(picture)),
    h(
      "div",
      {},
      h("strong", {}, word),
      h("time", { class: "hint", datetime: at }, moment(at)),
      h("p", {}, message),
    ),
  );
}

/** One of its warnings. */
export const drawWarning = ({ code, path, message }) =>
  h(
    "li",
    {},
    path ? h("code", {}, path) : null,
    path ? " " : null,
    message,
    h("span", { class: "hint" }, ` ${code}`),
  );

/** What is not in the package, from its manifest. */
export async function leftOut({ id }, signal) {
  const { excluded = [], deleted = [] } = await get(`/exports/${id}/manifest`, {}, signal);
  if (!excluded.length && !deleted.length) return h("p", {}, "Nothing: all that was asked for is in it.");
  const most = 500;
  const rows = excluded
    .slice(0, most)
    .map((one) =>
      h("tr", {}, h("td", {}, h("code", {}, one.path)), h("td", {}, reason(one.reason), drawFindings(one))),
    );
  return [
    h(
      "div",
      { class: "scroll", tabindex: "0", role: "region", "aria-label": "What was left out" },
      h(
        "table",
        {},
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "What"), h("th", { scope: "col" }, "Why"))),
        h("tbody", {}, rows),
      ),
    ),
    excluded.length > most
      ? h("p", { class: "hint" }, `and ${several(excluded.length - most, "other")}; the manifest names all.`)
      : null,
    deleted.length ? h("p", {}, `Deleted since: ${deleted.slice(0, 50).join(", ")}`) : null,
  ];
}

/** Kind and line of what was found in a file; what it is, nobody is told. */
function drawFindings({ findings = [] }) {
  return findings.length
    ? h(
        "span",
        { class: "hint" },
        ` (${findings.map(({ kind: of, line }) => `${of} in line ${line}`).join(", ")})`,
      )
    : null;
}

/** Who has fetched it. */
export async function downloads({ id }, signal) {
  const { items, nextCursor } = await get(`/exports/${id}/downloads`, { limit: 50 }, signal);
  if (!items.length) return h("p", {}, "Nobody has downloaded it yet.");
  const rows = items.map((one) => [
    one.userId ?? "by a link",
    moment(one.startedAt),
    `${bytes(one.bytes)}${one.complete ? "" : one.active ? ", under way" : ", not all of it"}`,
    one.address,
    h("span", { class: "hint" }, one.userAgent ?? ""),
  ]);
  return [
    table("Downloads", ["Who", "When", "How much", "From", "With"], rows),
    nextCursor ? h("p", { class: "hint" }, "The newest 50 are shown.") : null,
  ];
}
