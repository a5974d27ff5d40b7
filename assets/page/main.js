// Where one is, who one is, and what is shown there.
//
// The address's fragment says all of it (`#/exports?status=failed`): it can be kept, sent and gone back to,
// and what somebody looks for never reaches a log of the server.

import { fill, h, icon } from "./dom.js";
import { connection } from "./live.js";
import { sentence, toast, trouble } from "./parts.js";
import { current, forget, recognise, signOut, tidings } from "./server.js";
import { signInAgain, signInView } from "./view-sign-in.js";
import { watching } from "./watch.js";

const VIEWS = [
  [/^\/exports$/, "exports"],
  [/^\/exports\/([0-9a-f-]{36})$/, "export"],
  [/^\/new$/, "new"],
  [/^\/links$/, "links"],
  [/^\/admin(?:\/([a-z]+))?$/, "admin"],
];

const main = document.getElementById("main");
let leaving = new AbortController();
let shown;

function where() {
  const [path, query = ""] = (location.hash.slice(1) || "/exports").split(/\?(.*)/s);
  const found = VIEWS.map(([pattern, name]) => ({ name, parts: pattern.exec(path) })).find(
    ({ parts }) => parts,
  );
  return { path, name: found?.name, parts: found?.parts?.slice(1) ?? [], query: new URLSearchParams(query) };
}

/** Shows what the address says; `again` is whether its reader was here before and keeps the focus. */
async function show(again = false) {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const place = where();
  const moved = shown !== undefined && shown !== place.path;
  shown = place.path;
  draw(place);
  if (!current())
    return fill(
      main,
      signInView(() => show(true)),
    );
  main.setAttribute("aria-busy", "true");
  try {
    if (!place.name) throw new Error("there is nothing at this address");
    const view = await import(`/assets/view-${place.name}.js`);
    if (signal.aborted) return undefined;
    const content = await view.show({
      ...place,
      signal,
      session: current(),
      title,
      reload: () => show(true),
    });
    if (signal.aborted) return undefined;
    fill(main, content);
  } catch (error) {
    if (signal.aborted) return undefined;
    fill(
      main,
      h("h1", { tabindex: "-1" }, "This cannot be shown"),
      trouble(error),
      h("p", {}, h("a", { href: "#/exports" }, "To your exports")),
    );
  } finally {
    if (!signal.aborted) main.removeAttribute("aria-busy");
  }
  if (!moved && !again) return undefined;
  if (moved) scrollTo(0, 0);
  return moved ? main.querySelector("h1")?.focus() : undefined;
}

function title(text) {
  document.title = text ? `${text} – exportd` : "exportd";
}

function draw({ name, path }) {
  const session = current();
  const link = (to, word, view) =>
    h("a", { href: `#${to}`, "aria-current": name === view ? (path === to ? "page" : "true") : null }, word);
  fill(
    document.getElementById("views"),
    session
      ? [
          link("/exports", "Exports", name === "export" ? "export" : "exports"),
          link("/new", "New", "new"),
          link("/links", "Links", "links"),
          session.role === "admin" ? link("/admin", "Admin", "admin") : null,
        ]
      : [],
  );
  const out = h("button", { type: "button", class: "quiet", onclick: leave }, "Sign out");
  const whose = session?.acting ? `${session.user} (by ${session.acting})` : session?.user;
  fill(document.getElementById("who"), session ? [h("span", { class: "user" }, whose), out] : []);
  if (!session) title("Sign in");
}

async function leave() {
  try {
    await signOut();
    await show(true);
    toast("calm", "You have signed out.");
  } catch (error) {
    toast("bad", sentence(error.message));
  }
}

tidings.addEventListener("ended", () => signInAgain());
tidings.addEventListener("changed", () => draw(where()));
tidings.addEventListener("elsewhere", async ({ detail }) => {
  if (detail === "out" && current()) {
    forget();
    await show(true);
    toast("calm", "You have signed out in another tab.");
  } else if (detail === "in") {
    const before = current();
    await recognise();
    if (!before) await show(true);
  }
});
connection((isThere) => {
  const banner = document.getElementById("connection");
  fill(
    banner,
    isThere
      ? []
      : h(
          "p",
          { class: "banner" },
          icon("warn"),
          "The connection is lost. Trying again; what is shown may be old.",
        ),
  );
  if (isThere) toast("good", "The connection is back.");
});
addEventListener("hashchange", () => show());
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

try {
  await recognise();
} catch (error) {
  fill(
    main,
    h("h1", {}, "exportd"),
    trouble(error),
    h("button", { type: "button", class: "primary", onclick: () => location.reload() }, "Try again"),
  );
}
if (!main.querySelector(".notice")) await show();
watching(new AbortController().signal);
