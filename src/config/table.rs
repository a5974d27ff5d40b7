//! Every setting there is, declared once.

use std::time::Duration;

use super::kind::Kind;

/// One setting: everything that is to be known about it before anyone sets it.
#[derive(Debug)]
pub struct Setting {
    /// `section.name`.
    pub key: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// What it is when nobody says anything.
    pub preset: Preset,
    /// What it does, in a line.
    pub meaning: &'static str,
    /// Whether it may change while a server runs.
    pub at_run_time: bool,
}

/// What a setting is when nobody says anything.
#[derive(Debug, Clone, Copy)]
pub enum Preset {
    /// This, written as anyone would.
    Is(&'static str),
    /// What this machine suggests; the words say how.
    Found(fn() -> String, &'static str),
    /// Nothing; the words say what that means.
    Unset(&'static str),
}

impl Setting {
    const fn new(key: &'static str, kind: Kind, preset: Preset, meaning: &'static str) -> Self {
        Self { key, kind, preset, meaning, at_run_time: false }
    }

    const fn at_run_time(mut self) -> Self {
        self.at_run_time = true;
        self
    }

    /// The key whose value is the name of a file that holds this setting, for secrets.
    pub fn twin(&self) -> Option<String> {
        self.kind.is_secret().then(|| format!("{}_file", self.key))
    }
}

/// The setting called `key`.
pub(super) fn find(key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.key == key)
}

const MILLI: u64 = 1;
const SECOND: u64 = 1000 * MILLI;
const HOUR: u64 = 3600 * SECOND;
const DAY: u64 = 24 * HOUR;

const fn between(least: u64, most: u64) -> Kind {
    Kind::Duration(Duration::from_millis(least), Duration::from_millis(most))
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

use Kind::{
    Flag, Folder, Folders, Networks, NewFile, Number, NumberOrNone, Origins, Secret, Size, Text, UriPrefix,
    WebAddress,
};
use Preset::{Found, Is, Unset};

const LISTEN: Kind = Kind::Listen { or_off: false };
const LISTEN_OR_OFF: Kind = Kind::Listen { or_off: true };
const BACKEND: Kind = Kind::Word { known: &["local"], not_yet: &["s3"] };
const MODE: Kind = Kind::Word { known: &["direct", "accel"], not_yet: &[] };
const LOG_FORMAT: Kind = Kind::Word { known: &["auto", "json", "pretty"], not_yet: &[] };
const THREADS: Kind = Number(1, 1024);
const COUNT: Kind = Number(1, 1_000_000_000);

/// Every setting, in the order in which people read them.
#[rustfmt::skip]
pub static SETTINGS: &[Setting] = &[
    Setting::new("server.listen", LISTEN, Is("127.0.0.1:8080"), "the API and the page"),
    Setting::new("server.ops_listen", LISTEN_OR_OFF, Is("127.0.0.1:9464"), "metrics and health only; off disables"),
    Setting::new("server.public_url", WebAddress, Unset("from the request"), "used in links"),
    Setting::new("server.trusted_proxies", Networks, Is("127.0.0.1/32, ::1/128"), "whose X-Forwarded-For is believed"),
    Setting::new("server.cors_origins", Origins, Is("none"), "whose pages may read the API's answers (CORS)"),
    Setting::new("database.url", Kind::Database, Is("sqlite://exportd.db"), "or postgres://…"),
    Setting::new("database.migrate_url", Kind::Database, Unset("the same"), "the role that owns the tables, for migrations; database.url is then a role that row security binds"),
    Setting::new("database.auto_migrate", Flag, Is("true"), "serve brings the schema up to date itself"),
    Setting::new("database.require_row_security", Flag, Is("false"), "PostgreSQL: refuse to start as a role that row security does not bind"),
    Setting::new("projects.root", Folder, Is("./projects"), "{root}/{userId}/{projectId} is that user's project"),
    Setting::new("projects.allowed_roots", Folders, Unset("the root"), "where registered sources may lie"),
    Setting::new("storage.backend", BACKEND, Is("local"), "where packages are kept"),
    Setting::new("storage.root", Folder, Is("./packages"), "the folder of the packages"),
    Setting::new("storage.reserve", Size(0), Is("1GiB"), "below this much free space no job starts"),
    Setting::new("download.mode", MODE, Is("direct"), "who sends the bytes: exportd, or nginx in front of it"),
    Setting::new("download.accel_prefix", UriPrefix, Is("/_packages/"), "the internal location of nginx"),
    Setting::new("download.accel_log", NewFile, Unset("accel.log beside the packages"), "where nginx writes down what it has sent"),
    Setting::new("download.rate_limit", Size(1), Unset("none"), "bytes per second for one download, however many connections it has").at_run_time(),
    Setting::new("download.total_rate_limit", Size(1), Unset("none"), "bytes per second for all downloads of this node, shared fairly between users, then between their downloads").at_run_time(),
    Setting::new("jobs.concurrency", THREADS, Found(|| cores().saturating_sub(1).max(1).to_string(), "cores - 1, at least 1"), "jobs running on this node").at_run_time(),
    Setting::new("jobs.per_user", THREADS, Is("3"), "of one user, at a time").at_run_time(),
    Setting::new("jobs.attempts", Number(1, 100), Is("3"), "tries before an export is given up"),
    Setting::new("jobs.backoff", between(MILLI, 600 * SECOND), Is("2s"), "before the second try; ×4 each time, ±20 %, at most 10 min"),
    Setting::new("jobs.lease", between(20 * MILLI, HOUR), Is("60s"), "a worker silent for so long has lost its job"),
    Setting::new("jobs.heartbeat", between(10 * MILLI, HOUR), Is("15s"), "how often a worker says that it lives"),
    Setting::new("jobs.deadline", between(10 * MILLI, 7 * DAY), Is("30m"), "the longest that one try may take"),
    Setting::new("datasets.file", Kind::File, Unset("datasets.toml beside the settings, if it is there"), "declares which data can be exported, and from where"),
    Setting::new("datasets.mask_key", Secret(32), Unset("new at every start"), "what the mask hash is keyed with: the same value, the same hash"),
    Setting::new("formats.fonts", Folders, Unset("the system's"), "folders of fonts for PDF, looked at before the system's"),
    Setting::new("packing.threads", THREADS, Found(|| cores().to_string(), "cores"), "threads that compress"),
    Setting::new("packing.level", Number(1, 9), Is("6"), "1 is fastest, 9 smallest"),
    Setting::new("packing.signing_key_file", NewFile, Unset("manifest.key beside the packages"), "Ed25519 key that signs manifests; made when it is not there"),
    Setting::new("limits.max_package", Size(1), Is("500MiB"), "a larger package fails, nothing left behind"),
    Setting::new("limits.max_files", Number(1, 100_000_000), Is("20000"), "likewise, more entries"),
    Setting::new("limits.max_file", Size(1), Is("100MiB"), "larger files are left out with a warning"),
    Setting::new("limits.ratio_alert", COUNT, Is("100"), "uncompressed/compressed above this: warning, metric"),
    Setting::new("limits.max_messages", COUNT, Is("1000000"), "of an export of conversations; more are left out with a warning"),
    Setting::new("limits.max_analytics_points", COUNT, Is("1000000"), "rows of a report; likewise"),
    Setting::new("limits.max_traces", COUNT, Is("1000000"), "of an export of traces; likewise"),
    Setting::new("limits.max_rows", COUNT, Is("10000000"), "of any other section of data; likewise"),
    Setting::new("limits.exports_per_hour", NumberOrNone, Is("10"), "per user; a deduplicated request is free").at_run_time(),
    Setting::new("limits.exports_per_day", NumberOrNone, Is("50"), "per user; a deduplicated request is free").at_run_time(),
    Setting::new("limits.downloads_per_minute", NumberOrNone, Is("60"), "per user; pieces and resumes belong to the download they are of").at_run_time(),
    Setting::new("limits.download_bytes_per_day", Size(1), Unset("none"), "per user, those that leave by the user's links too").at_run_time(),
    Setting::new("limits.user_storage", Size(1), Unset("none"), "sum of a user's live packages").at_run_time(),
    Setting::new("retention.default", between(SECOND, 36_500 * DAY), Is("7d"), "how long a package is kept, from completion").at_run_time(),
    Setting::new("retention.max", between(SECOND, 36_500 * DAY), Is("30d"), "the longest that a request may ask for").at_run_time(),
    Setting::new("retention.records", between(SECOND, 36_500 * DAY), Is("365d"), "how long rows outlive their packages"),
    Setting::new("audit.retention", between(DAY, 36_500 * DAY), Is("730d"), "how long it is kept who did what; cut from the oldest end"),
    Setting::new("cleanup.interval", between(10 * MILLI, DAY), Is("60s"), "between sweeps for what has expired").at_run_time(),
    Setting::new("cleanup.deep_at", Kind::TimeOfDay, Is("03:00"), "orphans, strays and old rows; UTC"),
    Setting::new("access.hide_foreign_jobs", Flag, Is("false"), "another's export answers 404, as if there were none, instead of 403"),
    Setting::new("auth.jwt.secret", Secret(32), Unset("not set"), "signs and checks tokens (HS256)"),
    Setting::new("auth.jwt.public_key_file", Kind::File, Unset("not set"), "PEM that checks tokens signed elsewhere"),
    Setting::new("auth.jwt.jwks_file", Kind::File, Unset("not set"), "JWK Set that checks tokens signed elsewhere; read again when it changes"),
    Setting::new("auth.jwt.jwks_url", Kind::Outside, Unset("not set"), "JWK Set of an identity provider: https, or http on this machine"),
    Setting::new("auth.jwt.issuer", Text, Unset("not checked"), "the iss that tokens must carry"),
    Setting::new("auth.jwt.audience", Text, Unset("not checked"), "the aud that tokens must carry"),
    Setting::new("auth.session.lifetime", between(60 * SECOND, 30 * DAY), Is("12h"), "how long a sign-in to the page lasts at most"),
    Setting::new("auth.session.idle", between(300 * SECOND, 30 * DAY), Is("2h"), "a sign-in that nobody used for so long has ended"),
    Setting::new("auth.signing_keys_file", Kind::File, Unset("not set"), "keys of machines that sign their requests; read again when it changes"),
    Setting::new("log.format", LOG_FORMAT, Is("auto"), "auto is json when not on a terminal"),
    Setting::new("log.level", Kind::LogFilter, Is("info"), "a level, or a filter like info,exportd::jobs=debug").at_run_time(),
    Setting::new("otel.endpoint", WebAddress, Unset("nothing is traced"), "the OpenTelemetry collector that traces go to (OTLP over HTTP), like http://127.0.0.1:4318"),
    Setting::new("otel.header", Secret(3), Unset("none"), "a header that the collector wants, as Name: value"),
    Setting::new("otel.one_in", COUNT, Is("1"), "one request in so many is traced; a caller's own trace is the caller's decision"),
    Setting::new("otel.service_name", Text, Is("exportd"), "service.name of every span"),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_setting_has_one_name_a_meaning_and_a_default_that_is_valid() {
        let keys: BTreeSet<_> = SETTINGS.iter().map(|setting| setting.key).collect();
        assert_eq!(keys.len(), SETTINGS.len(), "two settings share a name");
        for Setting { key, kind, preset, meaning, .. } in SETTINGS {
            assert!(!meaning.is_empty() && key.contains('.'), "{key}");
            let text = match preset {
                Is(text) => (*text).to_owned(),
                Found(find, _) => find(),
                Unset(_) => continue,
            };
            kind.check(&config::Value::from(text)).unwrap_or_else(|wrong| panic!("{key}: {wrong}"));
        }
    }

    #[test]
    fn no_setting_is_the_section_of_another() {
        for setting in SETTINGS {
            let section = format!("{}.", setting.key);
            assert!(SETTINGS.iter().all(|other| !other.key.starts_with(&section)), "{section}");
        }
    }
}
