// Asking for an export: what, as what, how long to keep it; and beside it what that will come to.

import { fill, h, slot } from "./dom.js";
import { attempt, choice, field, sentence, toast, trouble } from "./parts.js";
import { ask, get, post } from "./server.js";
import { selector } from "./selectors.js";
import { bytes, count, duration, kind as kindName, kindMeaning, several } from "./words.js";
import { noticed } from "./watch.js";

/** Whoever types is let finish a word. */
const PAUSE = 450;
const HOUR = 3600;
const KEPT = [
  ["", "As long as usual"],
  [HOUR, "An hour"],
  [24 * HOUR, "A day"],
  [7 * 24 * HOUR, "A week"],
  [30 * 24 * HOUR, "30 days"],
];
const ARCHIVES = ["zip", "tar.gz", "tar.zst"];
const REPORTS = ["html", "pdf", "markdown"];

export async function show({ query, signal, session, title }) {
  title("New export");
  const from = query.get("from");
  const [{ items: kinds }, { items: sets }, allowed, before] = await Promise.all([
    get("/formats", {}, signal),
    get("/datasets", {}, signal),
    get("/permissions", {}, signal).catch(() => null),
    from
      ? get(`/exports/${from}`, {}, signal)
      : { selector: { projectId: query.get("project") ?? undefined }, kind: query.get("kind") },
  ]);
  const offered = kinds.filter(({ kind }) => isOffered(kind, { sets, allowed, session }));
  if (!offered.length)
    return [
      h("h1", { tabindex: "-1" }, "New export"),
      h("p", {}, "There is nothing here that you may export. Ask whoever runs this server."),
    ];
  const asking = new Asking({ offered, sets, allowed, before, signal });
  await asking.take(offered.some(({ kind }) => kind === before.kind) ? before.kind : offered[0].kind);
  return asking.element;
}

function isOffered(kind, { sets, allowed, session }) {
  if (kind === "bulk" && session.role !== "admin") return false;
  const isThere = kind === "project" || kind === "bulk" || sets.some((set) => set.kind === kind);
  return isThere && (!allowed || allowed.effective.some((rule) => rule.kind === kind && rule.allow));
}

class Asking {
  #chosen;
  #part;
  #timer;
  #estimating;
  #key;

  constructor({ offered, sets, allowed, before, signal }) {
    Object.assign(this, { offered, sets, allowed, before, signal });
    this.what = h("div", { class: "stack" });
    this.how = h("div", { class: "stack" });
    this.estimate = slot("div", { class: "stack" }, drawEstimate);
    this.retention = choice(KEPT, "");
    this.start = h("input", { type: "datetime-local" });
    this.button = h("button", { class: "primary wide" }, "Make the export");
    this.told = h("div", { "aria-live": "assertive" });
    const kinds = h(
      "div",
      { class: "kinds" },
      offered.map(({ kind }) => this.#card(kind)),
    );
    this.form = h(
      "form",
      {
        class: "asking",
        onsubmit: (event) => {
          event.preventDefault();
          this.#submit();
        },
      },
      h(
        "div",
        { class: "stack" },
        h("fieldset", { class: "card" }, h("legend", {}, "What to export"), kinds, this.what),
        h("fieldset", { class: "card" }, h("legend", {}, "In which format"), this.how),
        h(
          "fieldset",
          { class: "card" },
          h("legend", {}, "How long, and when"),
          h(
            "div",
            { class: "columns" },
            field("Keep it for", this.retention, "Counted from when it is ready."),
            field("Not before", this.start, "Left empty: at once."),
          ),
        ),
      ),
      h(
        "aside",
        { class: "card estimate", "aria-label": "What it comes to" },
        h("h2", {}, "What it comes to"),
        h("div", { "aria-live": "polite" }, this.estimate),
        this.told,
        this.button,
      ),
    );
    this.form.addEventListener("input", () => this.changed());
    this.element = [h("h1", { tabindex: "-1" }, "New export"), this.form];
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  #card(kind) {
    const box = h("input", {
      type: "radio",
      name: "kind",
      value: kind,
      onchange: () => this.take(kind).catch((error) => fill(this.what, trouble(error))),
    });
    return h(
      "label",
      { class: "kind" },
      box,
      h("span", {}, h("strong", {}, kindName(kind)), h("span", { class: "hint" }, kindMeaning(kind))),
    );
  }

  /** Shows the fields of a kind. */
  async take(kind) {
    this.#chosen = this.offered.find((one) => one.kind === kind);
    this.form.querySelector(`input[value="${kind}"]`).checked = true;
    const before = this.before.kind === kind || !this.before.kind ? this.before : {};
    const formats = this.#chosen.formats.filter(
      ({ format }) =>
        !this.allowed ||
        this.allowed.effective.some((rule) => rule.kind === kind && rule.format === format && rule.allow),
    );
    this.format = choice(
      formats.map(({ format, extension }) => [
        format,
        format === extension ? format : `${format} (.${extension})`,
      ]),
      before.format,
    );
    this.options = h("div", { class: "columns" });
    this.format.addEventListener("change", () => this.#showOptions({}));
    fill(this.how, field("Format", this.format), this.options);
    this.#showOptions(before);
    this.#part = null;
    this.estimate.follow({ fault: "Looking…" });
    const part = await selector(kind, before.selector ?? {}, {
      sets: this.sets,
      signal: this.signal,
      changed: () => this.changed(),
    });
    if (this.#chosen.kind !== kind) return;
    this.#part = part;
    fill(this.what, part.element);
    this.changed();
  }

  #showOptions({ options = {}, template }) {
    const format = this.format.value;
    const offered = this.#chosen.formats.find((one) => one.format === format);
    const box = (name, word) =>
      h(
        "label",
        { class: "check" },
        h("input", { type: "checkbox", "data-option": name, checked: options[name] ?? false }),
        word,
      );
    const isArchive = ARCHIVES.includes(format);
    const template_ =
      this.#chosen.kind === "analytics" && REPORTS.includes(format)
        ? choice(
            [
              ["", "None: the figures alone"],
              ["executive", "Executive summary"],
              ["technical", "Technical report"],
            ],
            template ?? "",
            { "data-template": true },
          )
        : null;
    fill(
      this.options,
      isArchive
        ? field(
            "Compression",
            choice(
              [
                ["fast", "Fast"],
                ["balanced", "Balanced"],
                ["small", "Small"],
              ],
              options.profile ?? "balanced",
              { "data-option": "profile" },
            ),
          )
        : null,
      offered?.compressions
        ? field(
            "Compression",
            choice([["none", "None"], "gzip", "zstd"], options.compression ?? "none", {
              "data-option": "compression",
            }),
          )
        : null,
      template_ ? field("Written as", template_) : null,
      format === "csv" ? box("bom", "For Excel (with a byte order mark)") : null,
      this.#chosen.kind === "project" ? null : box("includeSystemFields", "With the system’s own fields"),
    );
  }

  #body() {
    const options = {};
    for (const control of this.options.querySelectorAll("[data-option]")) {
      const value = control.type === "checkbox" ? control.checked : control.value;
      if (value !== false && value !== "none" && value !== "balanced")
        options[control.dataset.option] = value;
    }
    const template = this.options.querySelector("[data-template]")?.value;
    return {
      kind: this.#chosen.kind,
      selector: this.#part.value(),
      format: this.format.value,
      ...(Object.keys(options).length ? { options } : {}),
      ...(template ? { template } : {}),
      ...(this.retention.value ? { retentionSeconds: Number(this.retention.value) } : {}),
      ...(this.start.value ? { runAt: new Date(this.start.value).toISOString() } : {}),
    };
  }

  /** Something was chosen: after a moment the server is asked what it comes to. */
  changed() {
    this.#key = null;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), PAUSE);
  }

  async #ask() {
    this.#estimating?.abort();
    if (!this.#part || (!this.form.isConnected && this.estimate.isConnected)) return;
    const mine = (this.#estimating = new AbortController());
    try {
      if (!this.form.checkValidity())
        return void this.estimate.follow({ fault: "There is something left to fill in." });
      const found = await post(
        "/exports/estimate",
        this.#body(),
        AbortSignal.any([mine.signal, this.signal]),
      );
      this.estimate.follow({ found });
    } catch (error) {
      if (error.name !== "AbortError") this.estimate.follow({ fault: sentence(error.message) });
    }
  }

  async #submit() {
    fill(this.told);
    // The same click sent twice, or again after a line broke, is one export.
    this.#key ??= [...crypto.getRandomValues(new Uint8Array(16))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
    await attempt(async () => {
      try {
        const made = await ask("POST", "/exports", {
          body: this.#body(),
          headers: { "idempotency-key": this.#key },
        });
        noticed(made);
        if (made.deduplicated) toast("calm", "There is such an export already: here it is.");
        location.hash = `#/exports/${made.id}`;
      } catch (error) {
        if (error.status === 422 || error.status === 429) this.#key = null;
        fill(this.told, trouble(error));
      }
    }, this.button);
  }
}

function drawEstimate({ found, fault }) {
  if (fault) return h("p", { class: "hint" }, fault);
  const row = (name, value) => [h("dt", {}, name), h("dd", {}, value)];
  const warnings = found.warnings
    .slice(0, 5)
    .map(({ path, message }) => h("li", {}, path ? h("code", {}, path) : null, path ? " " : null, message));
  return [
    h(
      "dl",
      { class: "figures" },
      found.rows === undefined ? row("Files", count(found.files)) : row("Rows", count(found.rows)),
      row("Before compression", bytes(found.bytes)),
      row("Takes about", duration(found.estimatedSeconds)),
      found.excluded ? row("Stays out", several(found.excluded, "entry", "entries")) : null,
    ),
    warnings.length
      ? h(
          "details",
          { class: "plain" },
          h("summary", {}, several(found.warnings.length, "remark")),
          h("ul", { class: "remarks" }, warnings),
        )
      : null,
  ];
}
