// Every link that leads to a package which is still there.

import { fill, h } from "./dom.js";
import { empty } from "./parts.js";
import { get, whose } from "./server.js";
import { linkTable } from "./sharing.js";

const A_PAGE = 50;
/** Asked for at a time. */
const AT_ONCE = 4;

export async function show({ query, signal, title }) {
  title("Links");
  const { items, nextCursor } = await get(
    "/exports",
    { status: "completed", linked: true, limit: A_PAGE, cursor: query.get("cursor") },
    signal,
  );
  const places = items.map((found) => ({ found, place: h("section", { class: "card", hidden: true }) }));
  const fetchAll = async () => {
    for (let at = 0; at < places.length; at += AT_ONCE)
      await Promise.all(places.slice(at, at + AT_ONCE).map((one) => refresh(one)));
  };
  const refresh = async ({ found, place }) => {
    const links = (await get(`/exports/${found.id}/links`, {}, signal)).items;
    place.hidden = !links.length;
    fill(
      place,
      h(
        "h2",
        {},
        h("a", { class: "name", href: `#/exports/${found.id}` }, found.fileName),
        whose(found) ? ` · ${whose(found)}’s` : null,
      ),
      linkTable(found, links, () => refresh({ found, place })),
    );
  };
  await fetchAll();
  const none = places.every(({ place }) => place.hidden)
    ? empty(
        "No links",
        "A link lets anyone who has it download one package, for as long and as often as you say. Open an export to make one.",
      )
    : null;
  return [
    h("h1", { tabindex: "-1" }, "Links"),
    none,
    h(
      "div",
      { class: "stack" },
      places.map(({ place }) => place),
    ),
    nextCursor
      ? h(
          "p",
          {},
          h(
            "a",
            { class: "button", href: `#/links?cursor=${encodeURIComponent(nextCursor)}` },
            "Links of older exports",
          ),
        )
      : null,
  ];
}
