// Room: what is used and by whom, what will be free soon, and what was swept away.

import { h } from "./dom.js";
import { attempt, empty, toast } from "./parts.js";
import { get, post } from "./server.js";
import { grid, tile } from "./tables.js";
import { bytes, count, duration, moment, several } from "./words.js";

export async function storage({ signal }) {
  const found = await get("/admin/storage", {}, signal);
  const soon = found.expiringWithinDay;
  const full = h("progress", {
    max: found.totalBytes || 1,
    value: (found.totalBytes ?? 0) - (found.freeBytes ?? 0),
    "aria-label": "How full the disk is",
  });
  return [
    h(
      "div",
      { class: "tiles" },
      tile("Packages", count(found.packages)),
      tile("They take", bytes(found.usedBytes), "with their manifests and indexes"),
      tile("Free", bytes(found.freeBytes)),
      tile("Kept free", bytes(found.reserveBytes)),
      soon ? tile("Expires within a day", bytes(soon.bytes), several(soon.packages, "package")) : null,
    ),
    found.totalBytes
      ? h(
          "div",
          { class: "card stack" },
          h(
            "p",
            {},
            `The disk has ${bytes(found.totalBytes)}, of which ${bytes(found.freeBytes)} are free. Below ${bytes(found.reserveBytes)} nothing new is made.`,
          ),
          full,
        )
      : null,
    grid(
      "By format",
      ["Format", "Packages", "Size"],
      (found.byFormat ?? []).map((one) => [one.format, count(one.packages), bytes(one.bytes)]),
      "There are no packages.",
    ),
    grid(
      "By user",
      ["User", "Packages", "Size"],
      (found.users ?? []).map((one) => [one.userId, count(one.packages), bytes(one.bytes)]),
      "There are no packages.",
    ),
  ];
}

export async function cleanups({ signal, reload }) {
  const { items } = await get("/admin/cleanups", { limit: 50 }, signal);
  const button = h(
    "button",
    {
      type: "button",
      onclick: () =>
        attempt(async () => {
          const swept = await post("/admin/cleanup");
          toast(
            swept.errors ? "bad" : "good",
            `Swept: ${several(swept.expired, "package")} expired, ${several(swept.deletedFiles, "file")} deleted, ${bytes(swept.freedBytes)} made free.`,
          );
          await reload();
        }, button),
    },
    "Sweep now",
  );
  const reasons = { tick: "its time", deep: "the daily deep one", asked: "asked for" };
  const rows = items.map((one) => [
    moment(one.at),
    reasons[one.reason] ?? one.reason,
    count(one.expired),
    count(one.deletedFiles),
    bytes(one.freedBytes),
    count(one.orphansRemoved),
    count(one.errors),
    duration((one.durationMillis ?? 0) / 1000),
    one.worker,
  ]);
  return [
    h("p", {}, button),
    rows.length
      ? grid(
          "What was swept",
          ["When", "Why", "Expired", "Files", "Freed", "Orphans", "Errors", "Took", "By"],
          rows,
        )
      : empty("Nothing was swept yet", "Sweeps that had nothing to do are not told."),
  ];
}
