// What is in a package, folder by folder; each file can be fetched by itself.

import { fill, h, icon } from "./dom.js";
import { attempt, field } from "./parts.js";
import { address, get } from "./server.js";
import { bytes } from "./words.js";

const A_PAGE = 100;

/** Each part of a path by itself: its slashes stay. */
const entryAddress = (id, path) =>
  address(`/exports/${id}/entries/${path.split("/").map(encodeURIComponent).join("/")}`);

/** A listing of what is in the package of an export, to be searched by the beginning of a path. */
export async function contents({ id }, signal) {
  const list = h("ul", { class: "entries" });
  const more = h("div");
  const search = h("input", { type: "search", placeholder: "such as src/", autocomplete: "off" });
  const load = async (cursor) => {
    const { items, nextCursor } = await get(
      `/exports/${id}/entries`,
      { prefix: search.value, limit: A_PAGE, cursor },
      signal,
    );
    const rows = items.map((entry) => drawEntry(id, entry));
    if (cursor) list.append(...rows);
    else fill(list, rows.length ? rows : h("li", { class: "hint" }, "Nothing begins so."));
    const button = h(
      "button",
      { type: "button", onclick: () => attempt(() => load(nextCursor), button) },
      "More",
    );
    fill(more, nextCursor ? button : null);
    if (cursor) rows[0]?.querySelector("a")?.focus();
  };
  let timer;
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => attempt(() => load()), 300);
  });
  await load();
  return [field("Whose path begins with", search), list, more];
}

function drawEntry(id, { path, size, sha256 }) {
  if (path.endsWith("/")) return h("li", {}, icon("folder"), h("span", { class: "name" }, path));
  const name = path.slice(path.lastIndexOf("/") + 1);
  const link = h(
    "a",
    { class: "name", href: entryAddress(id, path), download: name, title: `SHA-256 ${sha256}` },
    path,
  );
  return h("li", {}, icon("file"), link, h("span", { class: "hint numbers" }, bytes(size)));
}
