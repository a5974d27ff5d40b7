// My exports: what there is, how far each has come, and what can be done with all that match.

import { fill, h, icon } from "./dom.js";
import { bulk } from "./bulk.js";
import { polling } from "./live.js";
import { choice, empty, field } from "./parts.js";
import { Row } from "./row.js";
import { get } from "./server.js";
import { noticed } from "./watch.js";
import { STATUS_NAMES, isActive, kind, status } from "./words.js";

const A_PAGE = 25;
/** A browser has six connections to one server, for all its tabs together. */
const MOST_FOLLOWED = 2;
const FILTERS = "q status kind format projectId createdAfter createdBefore userId errorCode".split(" ");
/** Filters that come with an address alone, and stay. */
const KEPT = ["errorCode"];
const KINDS = ["project", "user_data", "conversation", "analytics", "trace", "custom", "bulk"];
const FORMATS = "zip tar.gz tar.zst json jsonl csv xml markdown txt html pdf parquet xlsx".split(" ");
const ACTIVE = STATUS_NAMES.filter(isActive).join(",");

export async function show({ query, signal, session, title, reload }) {
  title("Exports");
  const wanted = Object.fromEntries(
    FILTERS.filter((name) => query.get(name)).map((name) => [name, query.get(name)]),
  );
  const listing = new Listing({ wanted, cursor: query.get("cursor"), session, signal });
  await listing.look();
  const isFiltered = Object.keys(wanted).length > 0;
  const head = h(
    "div",
    { class: "row between wrap" },
    h("h1", { tabindex: "-1" }, "Exports"),
    h("a", { class: "button primary", href: "#/new" }, icon("plus"), "New export"),
  );
  return [
    head,
    filters(wanted, session.role === "admin"),
    isFiltered ? bulk(wanted, { admin: session.role === "admin", done: reload }) : null,
    listing.element,
  ];
}

/** The filters as a form; what is chosen goes into the address. */
function filters(wanted, admin) {
  const day = (name) => h("input", { type: "date", name, value: wanted[name]?.slice(0, 10) ?? "" });
  const go = (event) => {
    event?.preventDefault();
    const chosen = [...new FormData(form), ...KEPT.map((name) => [name, wanted[name]])].filter(
      ([, value]) => value,
    );
    location.hash = `#/exports${chosen.length ? `?${new URLSearchParams(chosen)}` : ""}`;
  };
  const statuses = [
    ["", "Any"],
    [ACTIVE, "Under way"],
    ...STATUS_NAMES.map((name) => [name, status(name)[0]]),
  ];
  const given = KEPT.filter((name) => wanted[name]).map((name) =>
    h("p", { class: "hint" }, "Failed by ", h("code", {}, wanted[name])),
  );
  const more = ["userId", "kind", "format", "projectId", "createdAfter", "createdBefore"].some((name) => wanted[name]);
  const form = h(
    "form",
    { class: "filters", role: "search", "aria-label": "Find exports", onsubmit: go },
    field(
      "Search",
      h("input", {
        type: "search",
        name: "q",
        value: wanted.q ?? "",
        placeholder: "File, project, version, id",
      }),
    ),
    field("Status", choice(statuses, wanted.status ?? "", { name: "status", onchange: go })),
    h(
      "div",
      { class: "row end" },
      h("button", {}, "Find"),
      Object.keys(wanted).length ? h("a", { class: "button quiet", href: "#/exports" }, "Show all") : null,
    ),
    given,
    h(
      "details",
      { class: "plain", open: more },
      h("summary", {}, "More filters"),
      h(
        "div",
        { class: "columns" },
        field(
          "Kind",
          choice([["", "Any"], ...KINDS.map((name) => [name, kind(name)])], wanted.kind ?? "", {
            name: "kind",
            onchange: go,
          }),
        ),
        field(
          "Format",
          choice([["", "Any"], ...FORMATS], wanted.format ?? "", { name: "format", onchange: go }),
        ),
        admin ? field("User", h("input", { name: "userId", value: wanted.userId ?? "" })) : null,
        field("Project", h("input", { name: "projectId", value: wanted.projectId ?? "" })),
        field("Asked for after", day("createdAfter")),
        field("Asked for before", day("createdBefore")),
      ),
    ),
  );
  return form;
}

class Listing {
  #rows = new Map();
  #before;

  constructor({ wanted, cursor, session, signal }) {
    Object.assign(this, { wanted, cursor, session, signal });
    const heads = ["Export", "Status", "Size", "Asked for", "Kept", "Actions"];
    this.body = h("tbody", { role: "rowgroup" });
    this.table = h(
      "table",
      { class: "cards", role: "table", "aria-label": "Exports" },
      h(
        "thead",
        { role: "rowgroup" },
        h(
          "tr",
          { role: "row" },
          heads.map((name) => h("th", { scope: "col", role: "columnheader" }, name)),
        ),
      ),
      this.body,
    );
    this.foot = h("nav", { class: "row between", "aria-label": "Pages" });
    this.element = h("div", {});
    this.soon = polling(() => this.look(), signal);
  }

  async look() {
    const day = (name) =>
      this.wanted[name]?.length === 10 ? `${this.wanted[name]}T00:00:00Z` : this.wanted[name];
    const query = {
      ...this.wanted,
      createdAfter: day("createdAfter"),
      createdBefore: day("createdBefore"),
      limit: A_PAGE,
      cursor: this.cursor,
    };
    const { items, nextCursor } = await get("/exports", query, this.signal);
    items.forEach(noticed);
    const told = JSON.stringify([
      items.map(({ id, status: state, progress: far }) => [id, state, far.percent, far.phase]),
      nextCursor,
    ]);
    const isNews = told !== this.#before;
    this.#before = told;
    this.#draw(items, nextCursor);
    return isNews;
  }

  #draw(items, nextCursor) {
    if (!items.length) return void fill(this.element, this.#nothing());
    for (const [id, row] of this.#rows) {
      if (!items.some((item) => item.id === id)) {
        row.leave();
        this.#rows.delete(id);
      }
    }
    for (const item of items) {
      if (!this.#rows.has(item.id)) this.#rows.set(item.id, new Row(item.id, this));
      this.#rows.get(item.id).follow(item);
    }
    const rows = items.map(({ id }) => this.#rows.get(id).element);
    if (rows.some((row, place) => this.body.children[place] !== row)) fill(this.body, rows);
    items
      .filter((item) => item.status === "processing")
      .slice(0, MOST_FOLLOWED)
      .forEach(({ id }) => this.#rows.get(id).listen());
    this.#pages(nextCursor);
    if (this.table.parentNode !== this.element) fill(this.element, this.table, this.foot);
  }

  #pages(nextCursor) {
    const told = `${this.cursor}${nextCursor}`;
    if (this.foot.dataset.told === told) return;
    this.foot.dataset.told = told;
    const to = (cursor) =>
      `#/exports?${new URLSearchParams(cursor ? { ...this.wanted, cursor } : this.wanted)}`;
    fill(
      this.foot,
      this.cursor ? h("a", { class: "button", href: to(null) }, "Newest") : h("span"),
      nextCursor ? h("a", { class: "button", href: to(nextCursor) }, "Older") : h("span"),
    );
  }

  #nothing() {
    if (Object.keys(this.wanted).length)
      return empty(
        "Nothing matches",
        "No export is like that.",
        h("p", {}, h("a", { href: "#/exports" }, "Show all")),
      );
    return empty(
      "No exports yet",
      "What you ask for appears here, with its progress and its package.",
      h("p", {}, h("a", { class: "button primary", href: "#/new" }, "Ask for the first")),
    );
  }
}
