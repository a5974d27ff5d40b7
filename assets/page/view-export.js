// One export: how far it is, what is in it, what is not and why, and all that can be done with it.

import { fill, h, icon, slot } from "./dom.js";
import { downloads, drawEvents, drawFacts, drawHead, drawWarning, drawWhile, leftOut } from "./about.js";
import { act } from "./bulk.js";
import { commands, download } from "./commands.js";
import { contents } from "./contents.js";
import { follow } from "./live.js";
import { Speed, attempt, countdown, dialog, progress, sentence, toast } from "./parts.js";
import { ask, get, inTheNameOf, now, post, whose } from "./server.js";
import { sharing } from "./sharing.js";
import { forgotten, noticed } from "./watch.js";
import { bytes, count, isActive, several } from "./words.js";

export async function show({ parts: [id], signal, title }) {
  const first = noticed(await get(`/exports/${id}`, {}, signal));
  const view = new View(first, { signal, title });
  view.follow(first);
  view.again = follow(id, (found) => view.follow(noticed(found)), signal);
  return view.element;
}

class View {
  #speed = new Speed();
  #far;
  #status;

  constructor({ id }, { signal, title }) {
    Object.assign(this, { id, signal, title });
    this.head = slot("div", { class: "head" }, drawHead);
    this.state = slot("section", { class: "card state", "aria-label": "How it stands" }, (found) =>
      this.#drawState(found),
    );
    this.facts = slot("section", { class: "card" }, drawFacts);
    this.more = h("div", { class: "stack" });
    this.log = h("ol", { class: "timeline" });
    const history = h("section", { class: "card" }, h("h2", {}, "What happened"), this.log);
    this.element = [
      this.head,
      h(
        "div",
        { class: "two" },
        h("div", { class: "stack" }, this.state, this.more),
        h("div", { class: "stack" }, this.facts, history),
      ),
    ];
  }

  follow(found) {
    this.found = found;
    this.title(
      found.status === "processing" ? `${found.progress.percent} % ${found.fileName}` : found.fileName,
    );
    this.head.follow({
      fileName: found.fileName,
      kind: found.kind,
      selector: found.selector,
      status: found.status,
    });
    this.state.follow({ ...found, progress: null, position: null });
    const rate = found.status === "processing" ? this.#speed.seen(found.progress.bytesRead) : 0;
    if (this.#far && isActive(found.status)) fill(this.#far, progress(found, rate), drawWhile(found));
    this.facts.follow({ ...found, progress: null, position: null });
    if (this.#status === found.status) return;
    this.#status = found.status;
    this.#look();
    fill(this.more, found.status === "completed" ? this.#ofPackage(found) : null);
  }

  /** What happened is asked for whenever the status is another. */
  async #look() {
    const { items } = await get(`/exports/${this.id}/log`, {}, this.signal).catch(() => ({ items: [] }));
    if (items.length) fill(this.log, drawEvents(items));
  }

  #drawState(found) {
    this.#far = isActive(found.status) ? h("div", {}) : null;
    const worst = found.status === "failed" && found.error;
    return [
      worst
        ? h(
            "div",
            { class: "notice bad" },
            icon("warn"),
            h(
              "div",
              {},
              h("p", {}, sentence(found.error.message)),
              h(
                "p",
                { class: "hint" },
                `${found.error.code} · after ${several(found.attempt, "attempt")} of ${found.maxAttempts}`,
              ),
            ),
          )
        : null,
      this.#far,
      found.status === "completed"
        ? h(
            "p",
            { class: "lead numbers" },
            bytes(found.fileSize),
            h("span", { class: "hint" }, ` · ${several(found.fileCount, "file")}`),
            found.expiresAt
              ? h(
                  "span",
                  { class: "hint" },
                  " · ",
                  countdown(found.expiresAt, { before: "expires in ", ended: () => this.again() }),
                )
              : null,
          )
        : null,
      found.status === "expired"
        ? h("p", {}, Date.parse(found.expiresAt) > now()
            ? "The package was deleted. It can be made again with one click."
            : "The package has expired and is deleted. It can be made again with one click.")
        : null,
      found.status === "cancelled" ? h("p", {}, "It was cancelled; nothing is kept of it.") : null,
      h(
        "div",
        { class: "actions" },
        isActive(found.status)
          ? null
          : ["completed", "expired"].includes(found.status)
            ? download(found)
            : null,
        this.#tools(found),
      ),
      h("div", { id: "verdict", "aria-live": "polite" }),
    ];
  }

  #tools(found) {
    const tool = (word, doing, look = "") => {
      const button = h(
        "button",
        { type: "button", class: look, "data-key": word, onclick: () => attempt(doing, button) },
        word,
      );
      return button;
    };
    const isOver = ["failed", "cancelled", "expired"].includes(found.status);
    return [
      found.links.cancel && found.status !== "cancelling" ? tool("Cancel", () => this.#cancel()) : null,
      isOver ? tool("Make it again", () => this.#retry(), "primary") : null,
      found.status === "completed"
        ? [
            tool("Make a new one", () => this.#afresh()),
            tool("Verify", () => this.#verify()),
            tool("Keep longer…", () => act("extend", { ids: [this.id] }, () => this.again())),
          ]
        : null,
      // Whoever asks for a similar one chooses among what is their own.
      isActive(found.status) || whose(found)
        ? null
        : h(
            "a",
            { class: "button", href: `#/new?from=${this.id}`, "data-key": "similar" },
            "Ask for a similar one",
          ),
      found.status === "completed" ? tool("Delete…", () => this.#remove(), "quiet danger-text") : null,
    ];
  }

  async #cancel() {
    noticed(await post(`/exports/${this.id}/cancel`));
    await this.again();
  }

  async #retry() {
    const made = noticed(await post(`/exports/${this.id}/retry`));
    location.hash = `#/exports/${made.id}`;
  }

  /** Of what there is now: this one stays as it is. */
  async #afresh() {
    const { kind, selector, format, options, template } = this.found;
    const body = { kind, selector, format, options, template, fresh: true };
    const made = noticed(await ask("POST", "/exports", { body, headers: inTheNameOf(this.found) }));
    location.hash = `#/exports/${made.id}`;
  }

  async #remove() {
    const isMeant = await dialog(
      `Delete ${this.found.fileName}?`,
      h(
        "p",
        {},
        "The package is deleted at once, and its links lead nowhere. That it was there stays in the list.",
      ),
      { yes: "Delete", danger: true },
    );
    if (!isMeant) return;
    await ask("DELETE", `/exports/${this.id}`);
    forgotten(this.id);
    toast("calm", "It is deleted.");
    await this.again();
  }

  async #verify() {
    const place = document.getElementById("verdict");
    fill(place, h("p", { class: "hint" }, "Reading the package again…"));
    const { ok, checks } = await post(`/exports/${this.id}/verify`).catch((error) => {
      fill(place);
      throw error;
    });
    const lines = checks.map((check) =>
      h(
        "li",
        { class: check.ok ? "good" : "bad" },
        icon(check.ok ? "check" : "warn"),
        h(
          "span",
          {},
          h("strong", {}, check.name),
          ` ${check.ok ? "as it should be" : "is wrong"}: ${check.detail}`,
        ),
      ),
    );
    fill(
      place,
      h(
        "div",
        { class: `notice ${ok ? "good" : "bad"}` },
        icon(ok ? "shield" : "warn"),
        h(
          "div",
          {},
          h("p", {}, ok ? "Every byte is as it should be." : "This package is damaged."),
          h("ul", { class: "checks" }, lines),
        ),
      ),
    );
  }

  #ofPackage(found) {
    const section = (name, hint, load, open = false) => {
      const place = h("div", { class: "stack" });
      const loaded = () => {
        if (!box.open || place.firstChild) return;
        fill(place, h("p", { class: "hint" }, "Looking…"));
        load().then(
          (content) => fill(place, content),
          (error) => {
            if (!this.signal.aborted) fill(place, h("p", { class: "hint" }, sentence(error.message)));
          },
        );
      };
      const box = h(
        "details",
        { class: "card fold", ontoggle: loaded, open },
        h("summary", {}, h("h2", {}, name), hint ? h("span", { class: "hint" }, hint) : null),
        place,
      );
      return box;
    };
    return [
      section("What is in it", several(found.fileCount, "file"), () => contents(found, this.signal), true),
      section("What was left out, and why", "", () => leftOut(found, this.signal)),
      found.warnings.length
        ? section("Warnings", count(found.warnings.length), async () =>
            h("ul", { class: "remarks" }, found.warnings.map(drawWarning)),
          )
        : null,
      section("Share it", "by a link, with whoever has it", () => sharing(found, this.signal)),
      section("Fetch it from a terminal", "curl, wget, aria2", async () => commands(found)),
      section("Downloads", "who, when, from where", () => downloads(found, this.signal)),
    ];
  }
}
