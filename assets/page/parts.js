// What the views are made of: chips, progress, dialogs, notices, fields.

import { fill, h, icon, unique } from "./dom.js";
import { bytes, duration, isActive, phase, several, status } from "./words.js";
import { now } from "./server.js";

/** A status, as picture and word. */
export function chip(name, more = "") {
  const [word, picture, tone] = status(name);
  return h("span", { class: `chip ${tone}` }, icon(picture), word, more);
}

/** Tells something in passing; read out by screen readers. What is bad stays until it is put away. */
export function toast(tone, text, ...more) {
  const close = h(
    "button",
    { type: "button", class: "quiet", "aria-label": "Put this notice away" },
    icon("cross"),
  );
  const picture = { good: "check", bad: "warn" }[tone] ?? "clock";
  const box = h(
    "div",
    { class: `toast ${tone}`, role: tone === "bad" ? "alert" : "status" },
    icon(picture),
    h("div", {}, h("p", {}, text), ...more),
    close,
  );
  close.onclick = () => box.remove();
  const place = document.getElementById("toasts");
  while (place.childElementCount > 3) place.firstElementChild.remove();
  place.append(box);
  let timer;
  const leave = () => {
    timer = setTimeout(() => box.remove(), 8000);
  };
  const stay = () => clearTimeout(timer);
  if (tone === "bad") return;
  for (const [event, action] of [
    ["mouseenter", stay],
    ["focusin", stay],
    ["mouseleave", leave],
    ["focusout", leave],
  ])
    box.addEventListener(event, action);
  leave();
}

/** Does what may go wrong, and tells when it did. */
export async function attempt(doing, button) {
  button?.setAttribute("aria-busy", "true");
  if (button) button.disabled = true;
  try {
    return await doing();
  } catch (error) {
    if (error.name !== "AbortError") toast("bad", sentence(error.message));
    return undefined;
  } finally {
    button?.removeAttribute("aria-busy");
    if (button) {
      button.disabled = false;
      // Nothing that cannot be pressed keeps the focus, nor gets it back from a dialog.
      if (document.activeElement === document.body) button.focus();
    }
  }
}

export const sentence = (text) => (text ? text[0].toUpperCase() + text.slice(1) : "");

/** Asks before something is done; the answer is whether to. What `content` holds may be filled in. */
export function dialog(
  title,
  content,
  { yes = "Go on", no = "Leave it", danger = false, alone = false } = {},
) {
  const name = unique();
  return new Promise((resolve) => {
    const confirm = h("button", { class: danger ? "danger" : "primary", value: "yes" }, yes);
    const form = h(
      "form",
      { method: "dialog" },
      h("h2", { id: name }, title),
      content,
      h(
        "div",
        { class: "actions" },
        alone ? null : h("button", { value: "no", formnovalidate: true }, no),
        confirm,
      ),
    );
    const box = h(
      "dialog",
      {
        "aria-labelledby": name,
        onclose: () => {
          box.remove();
          resolve(box.returnValue === "yes");
        },
      },
      form,
    );
    document.body.append(box);
    box.showModal();
  });
}

/** A field with its label, and a hint if there is something to say. */
export function field(label, control, hint) {
  const id = control.id || (control.id = unique());
  const told = hint ? h("span", { class: "hint", id: `${id}h` }, hint) : null;
  if (told) control.setAttribute("aria-describedby", told.id);
  return h("div", { class: "field" }, h("label", { for: id }, label), control, told);
}

/** A choice among `options`, each a value or `[value, word]`. */
export function choice(options, chosen, attributes = {}) {
  const select = h(
    "select",
    attributes,
    options.map((option) => {
      const [value, word] = Array.isArray(option) ? option : [option, option];
      return h("option", { value, selected: value === chosen }, word);
    }),
  );
  return select;
}

/** A line to be copied. */
export function copyable(label, text) {
  const done = h("span", { class: "hint", role: "status" });
  const button = h(
    "button",
    {
      type: "button",
      "data-key": `copy ${label}`,
      "aria-label": `Copy: ${label}`,
      onclick: async () => {
        try {
          await navigator.clipboard.writeText(text);
          fill(done, "Copied");
        } catch {
          getSelection().selectAllChildren(code);
          fill(done, "Selected; copy it with the keyboard");
        }
      },
    },
    "Copy",
  );
  const code = h("code", { tabindex: "0", role: "region", "aria-label": label }, text);
  return h(
    "div",
    { class: "copyable" },
    h(
      "div",
      { class: "row between" },
      h("span", { class: "label" }, label),
      h("span", { class: "row" }, done, button),
    ),
    h("pre", {}, code),
  );
}

/** How fast bytes go by, smoothed over some seconds; 0 until it can be told. */
export class Speed {
  #at;
  #bytes;
  #rate = 0;

  seen(bytesRead, at = performance.now()) {
    const seconds = (at - this.#at) / 1000;
    if (this.#at !== undefined && seconds < 0.3) return this.#rate;
    if (this.#at !== undefined && bytesRead >= this.#bytes) {
      const rate = (bytesRead - this.#bytes) / seconds;
      this.#rate = this.#rate ? this.#rate * 0.6 + rate * 0.4 : rate;
    }
    [this.#at, this.#bytes] = [at, bytesRead];
    return this.#rate;
  }
}

/** How far an export has come: a bar, and in words what it is doing and how long it will take. */
export function progress(found, rate = 0) {
  const { progress: far, position, status: state } = found;
  const words = [];
  if (state === "scheduled") words.push("not yet due");
  else if (position) words.push(position === 1 ? "next in line" : `place ${position} in line`);
  else if (state === "cancelling") words.push("stopping");
  else words.push(phase(far.phase));
  if (state === "processing") words.push(`${far.percent} %`);
  if (state === "processing" && rate > 1) words.push(`${bytes(rate)}/s`);
  if (isActive(state) && far.etaSeconds) words.push(`about ${duration(far.etaSeconds)} left`);
  const bar = h("progress", { max: 100, "aria-label": `Progress of ${found.fileName}` });
  if (state === "processing") bar.value = far.percent;
  else if (!isActive(state) || position) bar.value = 0;
  return h("div", { class: "progress" }, bar, h("p", { class: "hint numbers" }, words.join(" · ")));
}

/** Files or rows so far. */
export function amount({ progress: far }) {
  if (far.rowsTotal !== undefined)
    return `${several(far.rowsDone ?? 0, "row")} of ${far.rowsTotal?.toLocaleString("en") ?? "?"}`;
  const of = far.filesTotal ? ` of ${far.filesTotal.toLocaleString("en")}` : "";
  return `${several(far.filesDone, "file")}${of}, ${bytes(far.bytesRead)} read, ${bytes(far.bytesWritten)} written`;
}

const clocks = new Set();
setInterval(() => {
  for (const tick of clocks) tick();
}, 1000);

/** Counts down to an instant, and tells when it has come. */
export function countdown(instant, { before = "", over = "expired", ended } = {}) {
  const text = h("time", { datetime: instant, title: new Date(instant).toLocaleString() });
  let was = "";
  const tick = () => {
    if (was && !text.isConnected) return clocks.delete(tick);
    const left = (Date.parse(instant) - now()) / 1000;
    const is = left > 0 ? before + duration(left) : over;
    if (is !== was) text.textContent = was = is;
    if (left > 0) return true;
    clocks.delete(tick);
    return ended?.();
  };
  clocks.add(tick);
  tick();
  return text;
}

/** What stands where nothing is. */
export function empty(title, text, ...more) {
  return h("div", { class: "empty" }, icon("archive"), h("h2", {}, title), h("p", {}, text), more);
}

/** What could not be shown, and why. */
export function trouble(error) {
  const correlation = error.body?.correlationId;
  return h(
    "div",
    { class: "notice bad", role: "alert" },
    icon("warn"),
    h(
      "div",
      {},
      h("p", {}, sentence(error.message)),
      correlation ? h("p", { class: "hint" }, `For your operator: request ${correlation}`) : null,
    ),
  );
}

/** A form's values by their names. */
export const values = (form) => Object.fromEntries(new FormData(form));
