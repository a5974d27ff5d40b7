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

/** A table with a name; what stands there when it has no rows. */
export function grid(name, heads, rows, none = "") {
  const head = heads.map((word) => h("th", { scope: "col", role: "columnheader" }, word));
  const body = rows.map((cells) =>
    h(
      "tr",
      { role: "row" },
      cells.map((cell, at) =>
        h("td", { class: "numbers", role: "cell", "data-label": heads[at] }, h("div", {}, cell)),
      ),
    ),
  );
  const table = h(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": name },
    h(
      "table",
      { class: "rows", role: "table" },
      h("thead", { role: "rowgroup" }, h("tr", { role: "row" }, head)),
      h("tbody", { role: "rowgroup" }, body),
    ),
  );
  return h(
    "section",
    { class: "card" },
    h("h2", {}, name),
    rows.length ? table : h("p", { class: "hint" }, none),
  );
}
