// Tables and figures, as admins have them.

import { h } from "./dom.js";

/** A number with its name. */
export const tile = (name, value, more) =>
  h(
    "div",
    { class: "tile" },
    h("span", { class: "hint" }, name),
    h("strong", {}, value),
    more ? h("span", { class: "hint" }, more) : null,
  );

/** A table called `name`; on a phone, each row is a list of what its heads are. */
export function table(name, heads, rows) {
  const head = heads.map((word) =>
    h("th", { scope: "col", role: "columnheader" }, word || h("span", { class: "unseen" }, "Actions")),
  );
  const body = rows.map((cells) =>
    h(
      "tr",
      { role: "row" },
      cells.map((cell, at) =>
        h("td", { class: "numbers", role: "cell", "data-label": heads[at] }, h("div", {}, cell)),
      ),
    ),
  );
  return h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": name },
    h(
      "table",
      { class: "rows", role: "table" },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head)),
      h("tbody", { role: "rowgroup" }, body),
    ),
  );
}

/** The same on a card; what stands there when it has no rows. */
export const grid = (name, heads, rows, none = "") =>
  h(
    "section",
    { class: "card" },
    h("h2", {}, name),
    rows.length ? table(name, heads, rows) : h("p", { class: "hint" }, none),
  );
