// Which files of a project are wanted: a tree of boxes to tick, opened folder by folder.

import { fill, h, icon } from "./dom.js";
import { get } from "./server.js";
import { bytes, reason, several } from "./words.js";

/** As many of one folder are shown; who wants others writes patterns. */
const MOST_SHOWN = 500;

const isWithin = (path, folder) => folder === "" || path === folder || path.startsWith(`${folder}/`);
const parentOf = (path) => path.slice(0, Math.max(0, path.lastIndexOf("/")));
/** A path as gitignore patterns write it: from the root, its special signs meant as they are. */
const pattern = (path, isFolder) =>
  `/${path.replace(/[\\*?[\]!#]/g, "\\$&").replace(/ $/, "\\ ")}${isFolder ? "/" : ""}`;

/** What is ticked: paths, each standing for all that is in it; `""` is everything. */
export class Ticked {
  #paths = new Set([""]);
  /** What the folders hold that were looked into. */
  #children = new Map();

  learn(folder, items) {
    this.#children.set(folder, items);
  }

  isOn(path) {
    return [...this.#paths].some((one) => isWithin(path, one));
  }

  isPartly(path) {
    return !this.isOn(path) && [...this.#paths].some((one) => isWithin(one, path));
  }

  tick(path) {
    this.#paths = new Set([...this.#paths].filter((one) => !isWithin(one, path)));
    this.#paths.add(path);
    const parent = parentOf(path);
    if (path !== "" && this.#known(parent).every((item) => this.#paths.has(item.path))) this.tick(parent);
  }

  /** Everything beside the way down to `path` stays. */
  untick(path) {
    const top = [...this.#paths].find((one) => isWithin(path, one));
    this.#paths = new Set([...this.#paths].filter((one) => !isWithin(one, path) && one !== top));
    for (let at = path; top !== undefined && at !== top; at = parentOf(at)) {
      for (const item of this.#known(parentOf(at))) if (item.path !== at) this.#paths.add(item.path);
    }
  }

  /** As patterns of a request; none for everything. */
  patterns() {
    if (this.#paths.has("")) return [];
    const isFolder = (path) =>
      this.#known(parentOf(path)).find((item) => item.path === path)?.type === "folder";
    return [...this.#paths].sort().map((path) => pattern(path, isFolder(path)));
  }

  get isNothing() {
    return this.#paths.size === 0;
  }

  #known(folder) {
    return (this.#children.get(folder) ?? []).filter((item) => !item.excluded);
  }
}

/**
 * The tree of a project's version, or `null` where the server has none to show. `changed` is told what is
 * ticked whenever that changes.
 */
export async function tree({ projectId, versionId, exportType, signal }, changed) {
  const ticked = new Ticked();
  const look = async (path) => {
    const found = await get(
      `/projects/${encodeURIComponent(projectId)}/tree`,
      { versionId, exportType, path },
      signal,
    );
    ticked.learn(path, found.items);
    return found;
  };
  let top;
  try {
    top = await look("");
  } catch (error) {
    if (error.status === 404) return null;
    throw error;
  }
  const boxes = new Map();
  const refresh = () => {
    for (const [path, box] of boxes) {
      box.checked = ticked.isOn(path);
      box.indeterminate = ticked.isPartly(path);
    }
    changed(ticked);
  };
  // Where not all is told, a single one cannot be left out: the others have no names here.
  const branch = ({ items, leftOut = 0 }) =>
    h(
      "ul",
      { class: "tree" },
      items.slice(0, MOST_SHOWN).map((item) => twig(item, leftOut > 0)),
      items.length + leftOut > MOST_SHOWN
        ? h(
            "li",
            { class: "hint" },
            `and ${several(items.length + leftOut - Math.min(items.length, MOST_SHOWN), "other")}; patterns can choose among these`,
          )
        : null,
    );
  const twig = (item, isFixed) => {
    const isFolder = item.type === "folder";
    const box = h("input", {
      type: "checkbox",
      disabled: Boolean(item.excluded) || isFixed,
      onchange: () => {
        if (box.checked) ticked.tick(item.path);
        else ticked.untick(item.path);
        refresh();
      },
    });
    if (!item.excluded) boxes.set(item.path, box);
    box.checked = !item.excluded && ticked.isOn(item.path);
    const size = item.excluded ? null : h("span", { class: "hint numbers" }, bytes(item.size));
    const left = item.excluded ? h("span", { class: "hint" }, `stays out: ${reason(item.excluded)}`) : null;
    const name = h(
      "label",
      {},
      box,
      icon(isFolder ? "folder" : "file"),
      h("span", { class: "name" }, item.name),
      size,
      left,
    );
    const inside = h("div", { hidden: true });
    const open = h("button", {
      type: "button",
      class: "fold",
      "aria-expanded": "false",
      "aria-label": `What is in ${item.name}`,
      onclick: async () => {
        const opened = open.getAttribute("aria-expanded") === "true";
        open.setAttribute("aria-expanded", String(!opened));
        inside.hidden = opened;
        if (opened || inside.firstChild) return;
        fill(inside, h("p", { class: "hint" }, "Looking…"));
        try {
          const found = await look(item.path);
          fill(inside, found.items.length ? branch(found) : h("p", { class: "hint" }, "Nothing in here."));
        } catch (error) {
          fill(inside, h("p", { class: "hint" }, error.message));
        }
      },
    });
    return h(
      "li",
      {},
      h("div", { class: "twig" }, isFolder && !item.excluded ? open : h("span", { class: "fold" }), name),
      inside,
    );
  };
  const all = h("input", { type: "checkbox" });
  all.addEventListener("change", () => {
    if (all.checked) ticked.tick("");
    else ticked.untick("");
    refresh();
  });
  boxes.set("", all);
  all.checked = true;
  return h(
    "div",
    { class: "forest" },
    h("label", { class: "twig" }, all, h("strong", {}, "Everything in the project")),
    branch(top),
  );
}
