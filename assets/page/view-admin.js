// What operators look at: the line, what fails and why, room, what was swept, who did what, who may what.

import { h, icon } from "./dom.js";
import { trouble } from "./parts.js";

const SECTIONS = {
  queue: ["Queue", () => import("/assets/admin-queue.js")],
  failures: ["Failures", () => import("/assets/admin-queue.js")],
  storage: ["Storage", () => import("/assets/admin-storage.js")],
  cleanups: ["Clean-up", () => import("/assets/admin-storage.js")],
  audit: ["Audit", () => import("/assets/admin-house.js")],
  permissions: ["Permissions", () => import("/assets/admin-house.js")],
  settings: ["Settings", () => import("/assets/admin-house.js")],
};

export async function show(place) {
  const [name = "queue"] = place.parts;
  if (place.session.role !== "admin") throw new Error("this is for admins");
  const [word, load] = SECTIONS[name] ?? SECTIONS.queue;
  place.title(`Admin: ${word}`);
  const tabs = h(
    "nav",
    { class: "tabs", "aria-label": "For admins" },
    Object.entries(SECTIONS).map(([key, [told]]) =>
      h("a", { href: `#/admin/${key}`, "aria-current": key === name ? "page" : null }, told),
    ),
  );
  return [h("h1", { tabindex: "-1" }, word), tabs, await section(name, await load(), place)];
}

/** A server that is older than its page has not everything. */
async function section(name, module, place) {
  try {
    return await module[name](place);
  } catch (error) {
    if (place.signal.aborted) throw error;
    if (error.status !== 404) return trouble(error);
    return h("div", { class: "notice" }, icon("clock"), h("p", {}, "This server does not tell of this yet."));
  }
}
