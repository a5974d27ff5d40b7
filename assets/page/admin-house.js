// Who did what, who may what, and how the house is set up.

import { fill, h, icon } from "./dom.js";
import { attempt, choice, empty, field, toast, trouble } from "./parts.js";
import { ask, get } from "./server.js";
import { grid } from "./tables.js";
import { kind, moment } from "./words.js";

/** The audit, newest first. */
export async function audit({ signal, query }) {
  const wanted = Object.fromEntries(
    ["actor", "user", "action", "outcome", "subject", "cursor"]
      .filter((name) => query.get(name))
      .map((name) => [name, query.get(name)]),
  );
  const { items, nextCursor } = await get("/admin/audit", { ...wanted, limit: 50 }, signal);
  const go = (event) => {
    event.preventDefault();
    location.hash = `#/admin/audit?${new URLSearchParams([...new FormData(form)].filter(([, value]) => value))}`;
  };
  const text = (name, label) => field(label, h("input", { name, value: wanted[name] ?? "" }));
  const form = h(
    "form",
    { class: "columns", role: "search", "aria-label": "Find in the audit", onsubmit: go },
    text("actor", "Who"),
    text("user", "In whose name"),
    text("action", "What"),
    text("subject", "To what (id)"),
    field(
      "Outcome",
      choice([["", "Any"], "done", "refused", "failed"], wanted.outcome ?? "", { name: "outcome" }),
    ),
    h("div", { class: "row end" }, h("button", {}, "Find")),
  );
  const rows = items.map((one) => [
    moment(one.at),
    one.actor ?? "–",
    one.user && one.user !== one.actor ? one.user : "",
    one.action,
    h("span", { class: one.outcome === "done" ? "" : "danger-text" }, one.outcome),
    details(one),
    one.address ?? "",
  ]);
  const older = nextCursor
    ? h(
        "p",
        {},
        h(
          "a",
          {
            class: "button",
            href: `#/admin/audit?${new URLSearchParams({ ...wanted, cursor: nextCursor })}`,
          },
          "Older",
        ),
      )
    : null;
  return [
    form,
    rows.length
      ? grid("Entries", ["When", "Who", "In the name of", "What", "Outcome", "More", "From"], rows)
      : empty("No entry is like that", "Nothing was found in the audit."),
    older,
  ];
}

/** Whatever else an entry tells. */
function details(entry) {
  const known = [
    "seq",
    "at",
    "actor",
    "user",
    "action",
    "outcome",
    "address",
    "hash",
    "prevHash",
    "correlationId",
    "agent",
    "status",
    "way",
  ];
  const more = Object.entries(entry).filter(
    ([name, value]) => !known.includes(name) && value !== null && JSON.stringify(value) !== "{}",
  );
  const told = (value) =>
    typeof value === "object"
      ? Object.entries(value)
          .map(([key, of]) => `${key} ${typeof of === "object" ? JSON.stringify(of) : of}`)
          .join(", ")
      : String(value);
  return h("span", { class: "hint" }, more.map(([name, value]) => `${name}: ${told(value)}`).join("; "));
}

/** What a user may ask for: rules, each for a kind and a format; `*` is everyone. */
export async function permissions({ signal, query }) {
  const user = query.get("user") ?? "";
  const go = (event) => {
    event.preventDefault();
    location.hash = `#/admin/permissions?${new URLSearchParams(new FormData(form))}`;
  };
  const form = h(
    "form",
    { class: "row wrap end", onsubmit: go },
    field(
      "User",
      h("input", { name: "user", value: user, required: true, autocomplete: "off" }),
      "“*” for everyone",
    ),
    h("button", {}, "Show"),
  );
  if (!user) return form;
  const [{ rules }, { items }] = await Promise.all([
    get(`/admin/permissions/${encodeURIComponent(user)}`, {}, signal),
    get("/formats", {}, signal),
  ]);
  return [form, editor(user, rules, items)];
}

function editor(user, rules, items) {
  const list = h("div", { class: "stack" });
  const formats = [...new Set(items.flatMap(({ formats: all }) => all.map(({ format }) => format)))];
  const row = ({ kind: of = "*", format = "*", allow = false }) => {
    const [kinds, all] = [
      choice([["*", "Every kind"], ...items.map(({ kind: name }) => [name, kind(name)])], of),
      choice([["*", "every format"], ...formats], format),
    ];
    const may = choice(
      [
        ["true", "may be asked for"],
        ["false", "may not be asked for"],
      ],
      String(allow),
    );
    [kinds, all, may].forEach((control, at) =>
      control.setAttribute("aria-label", ["Kind", "Format", "Whether"][at]),
    );
    const line = h(
      "div",
      { class: "columns rule" },
      kinds,
      all,
      may,
      h(
        "button",
        { type: "button", "aria-label": "Take this rule away", onclick: () => line.remove() },
        icon("cross"),
        "Take away",
      ),
    );
    line.rule = () => ({ kind: kinds.value, format: all.value, allow: may.value === "true" });
    return line;
  };
  fill(
    list,
    rules.length
      ? rules.map(row)
      : h("p", { class: "hint" }, "Nothing is said of them: what is said of everyone counts."),
  );
  const told = h("div", { "aria-live": "assertive" });
  const save = h(
    "button",
    {
      type: "button",
      class: "primary",
      onclick: () =>
        attempt(async () => {
          const body = { rules: [...list.children].filter((line) => line.rule).map((line) => line.rule()) };
          try {
            await ask("PUT", `/admin/permissions/${encodeURIComponent(user)}`, { body });
            fill(told);
            toast("good", `This counts for ${user} from now on, on every server.`);
          } catch (error) {
            fill(told, trouble(error));
          }
        }, save),
    },
    "Save",
  );
  const add = h(
    "button",
    {
      type: "button",
      onclick: () => {
        list.querySelector("p")?.remove();
        list.append(row({}));
        list.lastChild.querySelector("select").focus();
      },
    },
    icon("plus"),
    "Another rule",
  );
  return h(
    "section",
    { class: "card stack" },
    h("h2", {}, `Rules for ${user}`),
    list,
    told,
    h("div", { class: "actions" }, add, save),
  );
}

/** The settings, with where each comes from; what may change while the server runs can be changed. */
export async function settings({ signal, reload }) {
  const found = await get("/admin/config", {}, signal);
  const changes = {};
  const inputs = [];
  const told = h("div", { "aria-live": "assertive" });
  const rows = (found.settings ?? found.items).map((one) => {
    const name = one.key ?? one.setting;
    const value = one.value === null ? "" : String(one.value);
    const input = one.changeable
      ? h("input", {
          value,
          "aria-label": name,
          onchange: () => {
            changes[name] = read(input.value);
          },
        })
      : h("code", {}, value || "–");
    if (one.changeable) inputs.push(input);
    return [
      [h("code", {}, name), one.meaning ? h("p", { class: "hint" }, one.meaning) : null],
      input,
      one.origin,
      one.default ?? one.configured ?? "–",
    ];
  });
  const save = h(
    "button",
    {
      type: "button",
      class: "primary",
      onclick: () =>
        attempt(async () => {
          if (!Object.keys(changes).length) return toast("calm", "Nothing was changed.");
          inputs.forEach((input) => input.removeAttribute("aria-invalid"));
          try {
            await ask("PATCH", "/admin/config", { body: { settings: changes } });
            fill(told);
          } catch (error) {
            const wrong = new Set((error.body?.errors ?? []).map(({ pointer }) => pointer.split("/").pop()));
            const marked = inputs.filter((input) => wrong.has(input.getAttribute("aria-label")));
            marked.forEach((input) => input.setAttribute("aria-invalid", "true"));
            fill(told, trouble(error));
            marked[0]?.focus();
            return undefined;
          }
          toast("good", "Changed, until the server starts again.");
          return reload();
        }, save),
    },
    "Save",
  );
  const changeable = rows.some(([, control]) => control.tagName === "INPUT");
  return [
    grid("Settings", ["Name", "Value", "From", "Otherwise"], rows, "No setting is told."),
    told,
    changeable
      ? h(
          "div",
          { class: "actions" },
          save,
          h("span", { class: "hint" }, "Counts at once, until the next start."),
        )
      : null,
  ];
}

/** What was typed, as JSON has it. */
const read = (text) =>
  /^-?\d+$/.test(text)
    ? Number(text)
    : ["true", "false"].includes(text)
      ? text === "true"
      : text === ""
        ? null
        : text;
