// A declared data set, and what it may be asked with.

import { fill, h } from "./dom.js";
import { choice, field } from "./parts.js";

/** What is written on the lines of a text. */
export const lines = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** Members that say something. */
export const given = (members) =>
  Object.fromEntries(
    Object.entries(members).filter(
      ([, value]) => value !== undefined && value !== "" && !(Array.isArray(value) && !value.length),
    ),
  );

function parameter(
  { name, title, type, list, required, min, max, maxLength, values = [], default: usual = [] },
  start,
) {
  const kinds = { integer: "number", number: "number", date: "date", timestamp: "datetime-local" };
  const attributes = { required, min, max, maxlength: maxLength, "data-name": name };
  const at = start === undefined ? "" : String(start);
  let control;
  if (type === "boolean")
    control = choice(
      [
        ["", "As usual"],
        ["true", "Yes"],
        ["false", "No"],
      ],
      at,
    );
  else if (values.length && !list)
    control = choice([...(required ? [] : [["", "Any"]]), ...values], at, { required });
  else if (list) control = h("textarea", { rows: "2", spellcheck: "false" });
  else
    control = h("input", {
      ...attributes,
      type: kinds[type] ?? "text",
      step: type === "number" ? "any" : null,
      value: at,
    });
  if (list && Array.isArray(start)) control.value = start.join("\n");
  const hints = [
    list ? "one on each line" : null,
    usual.length ? `usually ${usual.join(", ")}` : null,
    values.length && list ? `some of ${values.join(", ")}` : null,
    min ? `from ${min}` : null,
    max ? `up to ${max}` : null,
  ];
  const read = (text) => {
    if (type === "integer" || type === "number") return Number(text);
    if (type === "boolean") return text === "true";
    return type === "timestamp" ? new Date(text).toISOString() : text;
  };
  const value = () =>
    list ? lines(control.value).map(read) : control.value === "" ? undefined : read(control.value);
  return {
    element: field(title, control, hints.filter(Boolean).join("; ") || undefined),
    value: () => [name, value()],
  };
}

/** The fields of kind `custom`. */
export function custom(before, sets, changed) {
  const own = sets.filter(({ kind }) => kind === "custom");
  const which = choice(
    own.map(({ name, title }) => [name, title]),
    before.dataset,
    { required: true },
  );
  const place = h("div", { class: "stack" });
  let parameters = [];
  const show = (start) => {
    parameters = (own.find(({ name }) => name === which.value)?.parameters ?? []).map((one) =>
      parameter(one, start[one.name]),
    );
    fill(
      place,
      parameters.map(({ element }) => element),
    );
  };
  which.addEventListener("change", () => {
    show({});
    changed();
  });
  show(before.parameters ?? {});
  return {
    element: [field("Data set", which), place],
    value: () =>
      given({
        dataset: which.value,
        parameters: given(Object.fromEntries(parameters.map((one) => one.value()))),
      }),
  };
}
