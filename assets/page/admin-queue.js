// The line of exports: how long it is, who waits, who works; and what fails, by cause.

import { h, icon, slot } from "./dom.js";
import { act } from "./bulk.js";
import { polling } from "./live.js";
import { attempt, chip, empty, progress, sentence, toast } from "./parts.js";
import { get, now, post } from "./server.js";
import { grid, tile } from "./tables.js";
import { count, duration, kind, moment, several, status } from "./words.js";

const WAITING = ["scheduled", "queued", "processing", "cancelling"];

/** The line, as it moves. */
export async function queue({ signal }) {
  const place = slot("div", { class: "stack" }, (found) => drawQueue(found, look));
  const look = async () => {
    const before = place.childElementCount;
    const told = place.textContent;
    place.follow(await get("/admin/queue", {}, signal));
    return !before || told !== place.textContent;
  };
  await look();
  polling(look, signal);
  return place;
}

function drawQueue(found, look) {
  const turn = (word, to, tone) => {
    const button = h(
      "button",
      {
        type: "button",
        class: tone,
        "data-key": "turn",
        onclick: () =>
          attempt(async () => {
            await post(`/admin/queue/${to}`);
            toast(
              "calm",
              to === "pause"
                ? "The queue is paused: what runs goes on, nothing new begins."
                : "The queue goes on.",
            );
            await look();
          }, button),
      },
      icon(to === "pause" ? "pause" : "run"),
      word,
    );
    return button;
  };
  const stands = found.paused
    ? h(
        "div",
        { class: "notice bad" },
        icon("pause"),
        h(
          "div",
          {},
          h(
            "p",
            {},
            h("strong", {}, "The queue is paused. "),
            `${found.pausedBy ?? "Somebody"} paused it ${found.pausedAt ? moment(found.pausedAt) : ""}. Requests are still taken.`,
          ),
        ),
        turn("Resume", "resume", ""),
      )
    : null;
  const ago = (instant) => duration(Math.max(0, (now() - Date.parse(instant)) / 1000));
  return [
    stands,
    h(
      "div",
      { class: "row between wrap" },
      h(
        "div",
        { class: "tiles grow" },
        WAITING.map((name) => tile(status(name)[0], count(found.depth?.[name] ?? 0))),
        tile("Oldest waits", duration(found.oldestQueuedSeconds)),
      ),
      found.paused ? null : turn("Pause the queue", "pause", ""),
    ),
    grid(
      "Running now",
      ["Export", "Whose", "How far", "Worker"],
      (found.running ?? []).map((one) => [
        h("a", { class: "name", href: `#/exports/${one.export.id}` }, one.export.fileName),
        one.userId,
        progress(one.export),
        `${one.worker}${one.heartbeatAt ? `, heard of ${moment(one.heartbeatAt)}` : ""}`,
      ]),
      "Nothing runs.",
    ),
    grid(
      "Load by user",
      ["User", "In line", "Running"],
      (found.users ?? []).map((one) => [
        h("a", { href: `#/exports?${new URLSearchParams({ userId: one.userId })}` }, one.userId),
        count(one.queued),
        count(one.running),
      ]),
      "Nobody waits.",
    ),
    grid(
      "Workers",
      ["Name", "Slots", "Running", "Last heard of"],
      (found.workers ?? []).map((one) => [
        one.name,
        count(one.slots),
        count(one.running),
        [
          h("time", { datetime: one.seenAt }, `${ago(one.seenAt)} ago`),
          one.alive === false ? h("strong", { class: "danger-text" }, ", silent") : null,
        ],
      ]),
      "No worker has been heard of.",
    ),
  ];
}

/** What failed in the last days, grouped by its cause. */
export async function failures({ signal, query, reload }) {
  const days = Number(query.get("days")) || 7;
  const { items } = await get("/admin/failures", { days }, signal);
  const spans = h(
    "p",
    { class: "row" },
    "Of the last ",
    [1, 7, 30].map((one) =>
      h(
        "a",
        { href: `#/admin/failures?days=${one}`, "aria-current": one === days ? "true" : null },
        several(one, "day"),
      ),
    ),
  );
  if (!items.length)
    return [
      spans,
      empty("Nothing has failed", `In the last ${several(days, "day")}, every export came to its end.`),
    ];
  const again = (one) => {
    const filter = { status: ["failed"], kind: one.kind, format: one.format, errorCode: one.code };
    const button = h(
      "button",
      {
        type: "button",
        "aria-label": `All again… that failed by ${one.code}`,
        onclick: () => attempt(() => act("retry", { filter }, reload), button),
      },
      "All again…",
    );
    return button;
  };
  const rows = items.map((one) => [
    [
      chip("failed"),
      h(
        "p",
        {},
        h(
          "a",
          {
            href: `#/exports?${new URLSearchParams({ status: "failed", kind: one.kind, format: one.format, errorCode: one.code })}`,
          },
          h("code", {}, one.code),
        ),
      ),
    ],
    `${kind(one.kind)}, ${one.format}`,
    count(one.exports),
    count(one.users),
    h("span", {}, moment(one.lastAt), h("span", { class: "hint" }, ` since ${moment(one.firstAt)}`)),
    one.example ? h("a", { href: `#/exports/${one.example.id}` }, sentence(one.example.message)) : "–",
    again(one),
  ]);
  return [
    spans,
    grid("By cause", ["Cause", "What", "Exports", "Users", "Last", "For example", "Actions"], rows),
  ];
}
