// Elements out of words. A text is always a text: nothing here, or anywhere in this page, reads markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (`onclick` and the like are listeners) and children. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...known(children));
  return element;
}

/** `parent` with these children and no others. */
export function fill(parent, ...children) {
  parent.replaceChildren(...known(children));
  return parent;
}

function known(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : visible(String(child))));
}

/** What turns the direction of writing, or has no width, is shown: `exe.piz` would look like a zip. */
const visible = (text) =>
  text.replace(
    /[\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (sign) => `\\u{${sign.codePointAt(0).toString(16)}}`,
  );

const ICONS = {
  archive: "M4 4h16v5H4zM6 9v11h12V9M10 13h4",
  check: "M5 13l4 4L19 7",
  clock: "M12 3a9 9 0 100 18 9 9 0 000-18zM12 7v5l3 3",
  cross: "M6 6l12 12M18 6L6 18",
  download: "M12 4v11M7 11l5 5 5-5M5 20h14",
  file: "M7 3h7l4 4v14H7zM14 3v4h4",
  folder: "M3 6h6l2 2h10v11H3z",
  link: "M10 14a4 4 0 006 0l3-3a4 4 0 00-6-6l-1 1M14 10a4 4 0 00-6 0l-3 3a4 4 0 006 6l1-1",
  pause: "M8 5v14M16 5v14",
  plus: "M12 5v14M5 12h14",
  queue: "M5 6h14M5 12h14M5 18h9",
  run: "M20 12a8 8 0 11-2.3-5.7M20 3v4h-4",
  shield: "M12 3l8 3v6c0 5-3.5 8-8 9-4.500-1-8-4-8-9V6z",
  warn: "M12 4L2.500 20h19zM12 10v4M12 17v.5",
};

/** A picture beside a word; it says nothing that the word does not. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [key, value] of [
    ["viewBox", "0 0 24 24"],
    ["class", "icon"],
    ["aria-hidden", "true"],
  ])
    svg.setAttribute(key, value);
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * A place whose content follows a value: drawn again only when the value is another, and whoever had the
 * focus on something in it (told by `data-key`) keeps it.
 */
export function slot(tag, attributes, draw) {
  const place = h(tag, attributes);
  let drawn;
  place.follow = (value) => {
    const now = JSON.stringify(value);
    if (now === drawn) return place;
    drawn = now;
    const focused = place.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    fill(place, draw(value));
    if (focused)
      [...place.querySelectorAll("[data-key]")].find((same) => same.dataset.key === focused)?.focus();
    return place;
  };
  return place;
}

/** A number that no other element of the page has in its id. */
export const unique = (
  (next) => () =>
    `n${next++}`
)(1);
