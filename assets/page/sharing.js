// Links: an address by which anyone who has it may download one package.

import { fill, h, icon } from "./dom.js";
import { commands } from "./commands.js";
import { attempt, choice, copyable, countdown, dialog, field, toast } from "./parts.js";
import { ask, get, now, post } from "./server.js";
import { table } from "./tables.js";
import { count, moment, several } from "./words.js";

const LASTS = [
  ["", "As long as the package"],
  [3600, "An hour"],
  [24 * 3600, "A day"],
  [7 * 24 * 3600, "A week"],
];

/** The links of an export, and a form for another. */
export async function sharing(found, signal) {
  const list = h("div", { class: "stack" });
  const made = h("div", { class: "stack", "aria-live": "polite" });
  const refresh = async () => {
    const { items } = await get(`/exports/${found.id}/links`, {}, signal);
    fill(
      list,
      items.length ? linkTable(found, items, refresh) : h("p", { class: "hint" }, "There is no link to it."),
    );
  };
  await refresh();
  return [list, made, makeForm(found, made, refresh)];
}

function makeForm(found, made, refresh) {
  const left = (Date.parse(found.expiresAt) - now()) / 1000;
  const lasts = choice(
    LASTS.filter(([seconds]) => seconds === "" || seconds < left),
    "",
  );
  const most = h("input", { type: "number", min: "1", inputmode: "numeric" });
  const password = h("input", { type: "password", autocomplete: "new-password", maxlength: "256" });
  const button = h("button", { class: "primary" }, icon("link"), "Make a link");
  const make = async (event) => {
    event.preventDefault();
    await attempt(async () => {
      const wanted = {
        ...(lasts.value ? { expiresInSeconds: Number(lasts.value) } : {}),
        ...(most.value ? { maxDownloads: Number(most.value) } : {}),
        ...(password.value ? { password: password.value } : {}),
      };
      const link = await post(`/exports/${found.id}/links`, wanted);
      fill(
        made,
        h(
          "div",
          { class: "notice good" },
          icon("link"),
          h(
            "div",
            { class: "stack" },
            h(
              "p",
              {},
              h("strong", {}, "Keep this address: it is not told again."),
              link.hasPassword ? " Whoever opens it is asked for the password; any name will do." : "",
            ),
            copyable("Link", link.url),
            h(
              "details",
              { class: "plain" },
              h("summary", {}, "From a terminal"),
              commands(found, link.url, { withToken: false, password: link.hasPassword }),
            ),
          ),
        ),
      );
      password.value = most.value = "";
      await refresh();
    }, button);
  };
  return h(
    "form",
    { class: "stack", onsubmit: make },
    h("h3", {}, "Another link"),
    h(
      "div",
      { class: "columns" },
      field("Works for", lasts),
      field("Downloads at most", most, "Empty: any number."),
      field("Password", password, "Empty: none."),
    ),
    h("div", {}, button),
  );
}

const isOver = ({ revokedAt, expiresAt, maxDownloads, downloads }) =>
  revokedAt
    ? `taken back ${moment(revokedAt)}`
    : Date.parse(expiresAt) <= now()
      ? "expired"
      : maxDownloads && downloads >= maxDownloads
        ? "used up"
        : null;

/** Links in a table, each with a button that takes it back. */
export function linkTable(found, items, refresh) {
  const rows = items.map((link) => {
    const over = isOver(link);
    const button = over
      ? null
      : h(
          "button",
          {
            type: "button",
            "aria-label": `Take back the link made ${moment(link.createdAt)}`,
            onclick: () => attempt(() => revoke(found, link, refresh), button),
          },
          "Take back",
        );
    return [
      moment(link.createdAt),
      over ?? countdown(link.expiresAt, { before: "for " }),
      link.maxDownloads ? `${count(link.downloads)} of ${count(link.maxDownloads)}` : count(link.downloads),
      link.hasPassword ? "yes" : "no",
      button,
    ];
  });
  return table(`Links to ${found.fileName}`, ["Made", "Works", "Downloads", "Password", ""], rows);
}

async function revoke(found, { id, downloads }, refresh) {
  const isMeant = await dialog(
    "Take this link back?",
    h(
      "p",
      {},
      `It leads nowhere from now on, on every server. It was used for ${several(downloads, "download")}.`,
    ),
    { yes: "Take it back", danger: true },
  );
  if (!isMeant) return;
  await ask("DELETE", `/exports/${found.id}/links/${id}`);
  toast("good", "The link is taken back.");
  await refresh();
}
