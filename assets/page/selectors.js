// Which part of what is exported: for each kind its own fields. Each gives its element and what it comes to.

import { fill, h } from "./dom.js";
import { choice, field } from "./parts.js";
import { custom, given, lines } from "./parameters.js";
import { get } from "./server.js";
import { tree } from "./tree.js";
import { moment } from "./words.js";

const number = (input) => (input.value === "" ? undefined : Number(input.value));

function dateRange(start = "", end = "", required = false) {
  const from = h("input", { type: "date", value: start, required });
  const to = h("input", { type: "date", value: end });
  const element = h(
    "div",
    { class: "columns" },
    field("From", from),
    field("Up to and with", to, "Days are of UTC."),
  );
  return {
    element,
    value: () => (from.value || to.value ? given({ start: from.value, end: to.value }) : undefined),
  };
}

const area = (label, hint, start = []) => {
  const control = h("textarea", { rows: "3", spellcheck: "false" });
  control.value = start.join("\n");
  return { element: field(label, control, hint), value: () => lines(control.value), control };
};

const limited = (start) => h("input", { type: "number", min: "1", inputmode: "numeric", value: start ?? "" });

async function project(before, signal, changed) {
  const { items, nextCursor } = await get("/projects", { limit: 200 }, signal);
  const known =
    items.some(({ id }) => id === before.projectId) || !before.projectId
      ? items
      : [{ id: before.projectId, name: before.projectId }, ...items];
  const which =
    nextCursor || !known.length
      ? h("input", { value: before.projectId ?? "", required: true, autocomplete: "off" })
      : choice(
          [
            // Nobody's hasty click makes an export of whichever happens to be the first.
            ...(known.length > 1 && !before.projectId ? [["", "Choose a project…"]] : []),
            ...known.map(({ id, name }) => [id, name === id ? id : `${name} (${id})`]),
          ],
          before.projectId,
          { required: true },
        );
  const version = h("select");
  const since = h("select");
  const files = choice(
    [
      ["source_code", "Source code"],
      ["full_project", "Everything but secrets and caches"],
    ],
    before.exportType,
  );
  const globs = area(
    "Only these files",
    "Patterns as in .gitignore, one on each line: src/, *.md. None for everything.",
    before.paths,
  );
  const forest = h("div");
  let ticked = null;
  const showVersions = async () => {
    const found = which.value
      ? (
          await get(`/projects/${encodeURIComponent(which.value)}/versions`, { limit: 200 }, signal).catch(
            () => ({ items: [] }),
          )
        ).items
      : [];
    const named = found.map((one) => [one.id, `${one.name} (${one.type}, ${moment(one.createdAt)})`]);
    const own = (chosen) => (chosen && !found.some(({ id }) => id === chosen) ? [[chosen, chosen]] : []);
    const options = (first, chosen) => choice([["", first], ...own(chosen), ...named], chosen).children;
    fill(version, [...options("As it is now", before.versionId)]);
    fill(since, [...options("Everything, changed or not", before.since)]);
    before = {};
  };
  const showTree = async () => {
    ticked = null;
    const wanted = which.value && !globs.value().length;
    const grown = wanted
      ? await tree(
          { projectId: which.value, versionId: version.value, exportType: files.value, signal },
          (now) => {
            ticked = now;
            changed();
          },
        )
      : null;
    fill(forest, grown ? h("fieldset", {}, h("legend", {}, "Which files"), grown) : null);
    fold.open = !grown;
  };
  const fold = h("details", { class: "plain" }, h("summary", {}, "By patterns"), globs.element);
  which.addEventListener("change", async () => {
    await showVersions();
    await showTree().catch(() => {});
    changed();
  });
  for (const one of [version, files]) one.addEventListener("change", () => showTree().catch(() => {}));
  await showVersions();
  await showTree().catch(() => {
    fold.open = true;
  });
  const hint = known.length
    ? undefined
    : "You have no project yet: a folder of yours below the server’s projects, or one that is registered.";
  const element = [
    h("div", { class: "columns" }, field("Project", which, hint), field("Version", version)),
    field("Contents", files, "Source code leaves out what can be installed or built again."),
    forest,
    fold,
    field("Changed since", since),
  ];
  const value = () => {
    const patterns = globs.value();
    if (!patterns.length && ticked?.isNothing) throw new Error("tick at least one file");
    return given({
      projectId: which.value,
      versionId: version.value,
      exportType: files.value,
      since: since.value,
      paths: patterns.length ? patterns : ticked?.patterns(),
    });
  };
  return { element, value };
}

function ofData(fields) {
  return (before) => {
    const range = dateRange(before.dateRange?.start?.slice(0, 10), before.dateRange?.end?.slice(0, 10));
    const more = fields(before);
    return {
      element: [range.element, more.map(({ element }) => element)],
      value: () =>
        given({ dateRange: range.value(), ...Object.assign({}, ...more.map((one) => one.members())) }),
    };
  };
}

const ids = (name, label, before) => {
  const list = area(label, "One on each line; none for all.", before[name]);
  return { element: list.element, members: () => ({ [name]: list.value() }) };
};

const rows = (label, before) => {
  const control = limited(before.limit);
  return {
    element: field(label, control, "Without a number: all of them."),
    members: () => ({ limit: number(control) }),
  };
};

function analytics(before, sets) {
  const reports = sets.filter(({ kind }) => kind === "analytics");
  const which = choice(
    reports.map(({ report, title }) => [report, title]),
    before.report,
    { required: true },
  );
  const step = choice(
    [
      ["hour", "Hours"],
      ["day", "Days"],
      ["week", "Weeks, from Monday"],
      ["month", "Months"],
    ],
    before.granularity ?? "day",
  );
  const month = new Date(Date.now() - 30 * 86400e3).toISOString().slice(0, 10);
  const range = dateRange(
    before.dateRange?.start?.slice(0, 10) ?? month,
    before.dateRange?.end?.slice(0, 10),
    true,
  );
  return {
    element: [
      h("div", { class: "columns" }, field("Report", which), field("In steps of", step)),
      range.element,
    ],
    value: () => ({ report: which.value, granularity: step.value, dateRange: range.value() ?? {} }),
  };
}

const someKinds = (before) => {
  const boxes = [
    ["user_data", "Users’ data"],
    ["conversation", "Conversations"],
    ["trace", "Traces"],
  ].map(([value, word]) => [
    h("input", { type: "checkbox", value, checked: before.kinds?.includes(value) ?? true }),
    word,
  ]);
  const element = h(
    "fieldset",
    {},
    h("legend", {}, "Of which kinds"),
    boxes.map(([box, word]) => h("label", { class: "check" }, box, word)),
  );
  const chosen = () => boxes.filter(([box]) => box.checked).map(([box]) => box.value);
  return { element, members: () => ({ kinds: chosen().length === boxes.length ? [] : chosen() }) };
};

const ALL = {
  project: (before, sets, signal, changed) => project(before, signal, changed),
  user_data: ofData(() => []),
  conversation: ofData((before) => [
    rows("Messages at most", before),
    ids("conversationIds", "Only these conversations", before),
    ids("widgetSessionIds", "Only of these sessions of a widget", before),
  ]),
  analytics,
  trace: ofData((before) => [rows("Rows at most", before), ids("traceIds", "Only these traces", before)]),
  custom: (before, sets, signal, changed) => custom(before, sets, changed),
  bulk: ofData((before) => [someKinds(before)]),
};

/** The fields of a kind, with what was chosen before; `changed` is called for what no event tells. */
export const selector = (kind, before, { sets, signal, changed }) => ALL[kind](before, sets, signal, changed);
