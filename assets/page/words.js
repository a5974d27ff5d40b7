// How things are called, and how sizes, times and names are written for people.

/** Bytes as `12.0 MB`, base 1024, as everywhere in the house. */
export function bytes(size) {
  if (size === null || size === undefined) return "–";
  const units = ["B", "KB", "MB", "GB", "TB", "PB"];
  let step = 0;
  let left = size;
  while (left >= 1024 && step < units.length - 1) {
    left /= 1024;
    step += 1;
  }
  return step ? `${left.toFixed(1)} ${units[step]}` : `${size} B`;
}

export const count = (number) =>
  number === null || number === undefined ? "–" : number.toLocaleString("en");

export const several = (number, one, more = `${one}s`) => `${count(number)} ${number === 1 ? one : more}`;

/** Seconds as `3 d 4 h`, `12 min`, `8 s`: the two largest units that say something. */
export function duration(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const left = Math.max(0, Math.round(seconds));
  const parts = [
    ["d", Math.floor(left / 86400)],
    ["h", Math.floor(left / 3600) % 24],
    ["min", Math.floor(left / 60) % 60],
    ["s", left % 60],
  ];
  const first = parts.findIndex(([, number]) => number > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([, number]) => number > 0)
    .map(([unit, number]) => `${number} ${unit}`)
    .join(" ");
}

const STAMP = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

export const moment = (instant) => (instant ? STAMP.format(new Date(instant)) : "–");

const STATUSES = {
  scheduled: ["Scheduled", "clock", "calm"],
  queued: ["In line", "queue", "wait"],
  processing: ["Being made", "run", "busy"],
  cancelling: ["Being cancelled", "run", "wait"],
  completed: ["Ready", "check", "good"],
  failed: ["Failed", "warn", "bad"],
  cancelled: ["Cancelled", "cross", "calm"],
  expired: ["Expired", "clock", "calm"],
};

/** Word, picture and tone of a status. */
export const status = (name) => STATUSES[name] ?? [name, "clock", "calm"];

export const STATUS_NAMES = Object.keys(STATUSES);

export const isActive = (name) => ["scheduled", "queued", "processing", "cancelling"].includes(name);

const PHASES = {
  queued: "Waiting",
  scanning: "Looking at what there is",
  compressing: "Compressing",
  formatting: "Writing the document",
  finalizing: "Finishing",
  completed: "Done",
};

export const phase = (name) => PHASES[name] ?? name;

const KINDS = {
  project: ["Project", "The files of a project, as an archive"],
  user_data: ["My data", "Profile, files and all that is known of you"],
  conversation: ["Conversations", "Messages, to read or to process"],
  analytics: ["Report", "Figures over time"],
  trace: ["Traces", "One row for each step that was taken"],
  custom: ["Data set", "Rows of a query that your operator declared"],
  bulk: ["Everyone’s data", "For disaster recovery; admins only"],
};

export const kind = (name) => KINDS[name]?.[0] ?? name;
export const kindMeaning = (name) => KINDS[name]?.[1] ?? "";

const REASONS = {
  secret: "holds a secret",
  own_data: "belongs to the export server itself",
  dependency: "dependencies, which can be installed again",
  build_output: "made by the build, and can be made again",
  cache: "a cache",
  version_control: "version control’s own files",
  os_junk: "left behind by an operating system",
  ignored: "ignored by the project’s ignore files",
  requested: "not asked for",
  submodule: "a submodule",
  symlink: "a symbolic link; links are never followed",
  special_file: "neither a file nor a folder",
  too_large: "larger than a file may be",
  unreadable: "could not be read",
  vanished: "disappeared while it was read",
  name_collision: "has the same name as another file on some systems",
  path_too_long: "its path is too long",
};

/** Why something was left out, in words. */
export const reason = (code) => REASONS[code] ?? code;

const PARTS = {
  exportType: "Contents",
  versionId: "Version",
  since: "Changed since",
  paths: "Only",
  dateRange: "From when",
  conversationIds: "Conversations",
  widgetSessionIds: "Sessions",
  traceIds: "Traces",
  limit: "Rows at most",
  granularity: "In steps of",
  parameters: "With",
  kinds: "Kinds",
};

/** A member of a selector, and what it says. */
export function part(name, value) {
  const date = (instant) => instant?.replace("T00:00:00.000Z", "") ?? "";
  if (name === "exportType") return [PARTS[name], value === "full_project" ? "everything" : "source code"];
  if (name === "dateRange")
    return [PARTS[name], `${date(value.start) || "the beginning"} – ${date(value.end) || "now"}`];
  if (Array.isArray(value)) return [PARTS[name] ?? name, value.join(", ")];
  return [
    PARTS[name] ?? name,
    typeof value === "object"
      ? Object.entries(value)
          .map(([key, of]) => `${key} = ${of}`)
          .join(", ")
      : String(value),
  ];
}

/** What an export is of, in a few words. */
export function subject(selector, kindName) {
  const of = selector ?? {};
  const version = of.versionId ? ` @ ${of.versionId}` : "";
  return of.projectId ? `${of.projectId}${version}` : (of.report ?? of.dataset ?? kind(kindName));
}
