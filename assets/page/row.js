// One export in the list, as it changes.

import { fill, h } from "./dom.js";
import { download } from "./commands.js";
import { follow } from "./live.js";
import { Speed, attempt, chip, countdown, progress } from "./parts.js";
import { post, whose } from "./server.js";
import { noticed } from "./watch.js";
import { bytes, isActive, kind, moment, subject } from "./words.js";

/** One export of the list. */
export class Row {
  #speed = new Speed();
  #told;
  #listening;

  constructor(id, listing) {
    Object.assign(this, { id, listing });
    this.element = h("tr", { role: "row" });
    this.state = h("td", { role: "cell", "data-label": "Status" });
  }

  /** Events of it while it is being made. */
  listen() {
    if (this.#listening) return;
    this.#listening = new AbortController();
    const signal = AbortSignal.any([this.listing.signal, this.#listening.signal]);
    follow(
      this.id,
      (found) => {
        noticed(found);
        this.follow(found);
        if (!isActive(found.status)) this.leave();
      },
      signal,
    );
  }

  leave() {
    this.#listening?.abort();
    this.#listening = null;
  }

  follow(found) {
    const rate = found.status === "processing" ? this.#speed.seen(found.progress.bytesRead) : 0;
    const lasting = JSON.stringify({ ...found, progress: null, position: null });
    if (lasting !== this.#told) this.#draw(found);
    this.#told = lasting;
    fill(
      this.state,
      chip(found.status),
      isActive(found.status) ? progress(found, rate) : null,
      found.error ? h("p", { class: "hint" }, found.error.message) : null,
      found.warnings.length && found.status === "completed"
        ? h(
            "p",
            { class: "hint" },
            `with ${found.warnings.length} ${found.warnings.length === 1 ? "warning" : "warnings"}`,
          )
        : null,
    );
  }

  #draw(found) {
    const focused = this.element.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    const cell = (label, ...content) => h("td", { role: "cell", "data-label": label }, content);
    fill(
      this.element,
      h(
        "th",
        { scope: "row", role: "rowheader" },
        h("a", { class: "name", href: `#/exports/${found.id}`, "data-key": "name" }, found.fileName),
        h(
          "span",
          { class: "hint" },
          [...new Set([kind(found.kind), subject(found.selector, found.kind), found.format])].join(" · "),
          whose(found) ? h("strong", {}, ` · ${whose(found)}’s`) : null,
        ),
      ),
      this.state,
      cell("Size", h("span", { class: "numbers" }, bytes(found.fileSize))),
      cell("Asked for", h("time", { datetime: found.createdAt }, moment(found.createdAt))),
      cell(
        "Kept",
        found.status === "completed" && found.expiresAt
          ? countdown(found.expiresAt, { ended: this.listing.soon })
          : "–",
      ),
      h("td", { role: "cell", class: "tools" }, this.#tools(found)),
    );
    if (focused) this.element.querySelector(`[data-key="${focused}"]`)?.focus();
  }

  #tools(found) {
    const act = (word, doing) => {
      const button = h(
        "button",
        {
          type: "button",
          "data-key": word,
          "aria-label": `${word}: ${found.fileName}`,
          onclick: () =>
            attempt(async () => {
              await doing();
              this.listing.soon();
            }, button),
        },
        word,
      );
      return button;
    };
    if (found.status === "completed") return download(found, "small");
    if (found.links.cancel && found.status !== "cancelling")
      return act("Cancel", () => post(`/exports/${found.id}/cancel`));
    if (["failed", "cancelled", "expired"].includes(found.status))
      return act("Again", async () => noticed(await post(`/exports/${found.id}/retry`)));
    return null;
  }
}
