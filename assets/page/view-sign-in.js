// Signing in: by a token, which is given back for a session at once and kept nowhere.

import { fill, h, icon } from "./dom.js";
import { field, trouble } from "./parts.js";
import { current, signIn, tidings } from "./server.js";

function form(done) {
  const token = h("input", {
    type: "password",
    name: "token",
    required: true,
    autocomplete: "off",
    spellcheck: "false",
    autocapitalize: "off",
  });
  const told = h("div", { "aria-live": "assertive" });
  const button = h("button", { class: "primary" }, "Sign in");
  const submit = async (event) => {
    event.preventDefault();
    button.disabled = true;
    fill(told, h("p", { class: "hint" }, "One moment…"));
    try {
      await signIn(token.value.trim().replace(/^Bearer\s+/i, ""));
      token.value = "";
      fill(told);
      await done();
    } catch (error) {
      fill(
        told,
        trouble(
          error.status === 401 ? { ...error, message: `this token does not sign you in: ${error.message}` } : error,
        ),
      );
      token.focus();
      token.select();
    } finally {
      button.disabled = false;
    }
  };
  return h(
    "form",
    { class: "stack", onsubmit: submit },
    field(
      "Token",
      token,
      "An access token of your provider, or an API token (exd_…). Your operator makes one with “exportd token --user …”.",
    ),
    told,
    h("div", {}, button),
  );
}

/** What is shown to whom nobody knows yet. */
export function signInView(done) {
  const elsewhere =
    location.hash.length > 2 ? h("p", { class: "hint" }, "Then you get to where you were going.") : null;
  return h(
    "div",
    { class: "card narrow" },
    h("h1", { tabindex: "-1" }, "Sign in"),
    h("p", {}, "Ask for exports, watch them being made, download and share them."),
    form(done),
    elsewhere,
  );
}

let open = null;

/** Over whatever is shown: the session has ended, and with another one it all goes on. */
export function signInAgain() {
  if (open) return;
  const box = h(
    "dialog",
    { "aria-labelledby": "again" },
    h("h2", { id: "again" }, "Your session has ended"),
    h(
      "p",
      {},
      icon("clock"),
      ` You were signed in as ${current()?.user}. Sign in again and go on where you were; nothing is lost.`,
    ),
    form(() => {}),
    h("p", {}, h("button", { type: "button", class: "quiet", onclick: () => location.reload() }, "Leave it")),
  );
  const close = () => {
    box.close();
  };
  box.addEventListener("cancel", (event) => event.preventDefault());
  box.addEventListener("close", () => {
    box.remove();
    open = null;
  });
  tidings.addEventListener("changed", close, { once: true });
  open = box;
  document.body.append(box);
  box.showModal();
}
