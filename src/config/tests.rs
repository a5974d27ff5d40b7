//! What a person who writes settings would notice.

use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;

use super::{Found, Purpose, SETTINGS, Setting, Settings, Sources};
use crate::app::SettingOrigin;

/// A folder with an `exportd.toml` in it, an environment and flags.
struct Desk {
    folder: TempDir,
    sources: Sources,
}

impl Desk {
    fn with_file(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("exportd.toml");
        std::fs::write(&file, text).expect("written");
        Self { folder, sources: Sources { file: Some(file), ..Sources::default() } }
    }

    fn env(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.push((name.into(), value.into()));
        self
    }

    fn flag(mut self, key: &str, value: &str) -> Self {
        self.sources.flags.push((key.into(), value.into(), "--set".into()));
        self
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("written");
        path
    }

    fn found(&self) -> Found {
        Found::from(&self.sources)
    }

    fn settings(&self) -> Settings {
        self.found().settings(Purpose::Tool).unwrap_or_else(|faults| panic!("{faults}"))
    }

    /// The faults, with the folder's name cut off.
    fn faults(&self, purpose: Purpose) -> Vec<String> {
        let folder = format!("{}/", self.folder.path().display());
        match self.found().settings(purpose) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.0.iter().map(|fault| fault.to_string().replace(&folder, "")).collect(),
        }
    }

    fn origin(&self, key: &str) -> String {
        let shown = self.found().shown();
        let line = shown.iter().find(|line| line.key == key).expect("a setting");
        line.origin.replace(&format!("{}/", self.folder.path().display()), "")
    }
}

#[test]
fn without_a_word_everything_is_as_documented() {
    let settings = Desk::with_file("").settings();
    assert_eq!(settings.server.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.server.ops_listen.address(), Some("127.0.0.1:9464"));
    assert_eq!(settings.database.url, "sqlite://exportd.db");
    assert_eq!(settings.jobs.lease, Duration::from_secs(60));
    assert_eq!(settings.limits.max_package, 500 << 20);
    assert_eq!(settings.retention.records, Duration::from_secs(365 * 86_400));
    assert_eq!(settings.cleanup.deep_at.to_string(), "03:00");
    assert!(settings.jwt.secret.is_none() && settings.projects.allowed_roots.is_empty());
}

#[test]
fn a_flag_beats_the_environment_beats_the_file_beats_the_default_and_each_says_so() {
    let desk = Desk::with_file("[jobs]\nattempts = 4\nper_user = 5\nlease = \"90s\"\n")
        .env("EXPORTD__JOBS__PER_USER", "6")
        .env("EXPORTD__JOBS__LEASE", "2m")
        .flag("jobs.lease", "3m");
    let jobs = desk.settings().jobs;
    assert_eq!((jobs.attempts, jobs.per_user, jobs.lease), (4, 6, Duration::from_secs(180)));
    assert_eq!(desk.origin("jobs.attempts"), "exportd.toml:2");
    assert_eq!(desk.origin("jobs.per_user"), "EXPORTD__JOBS__PER_USER");
    assert_eq!(desk.origin("jobs.lease"), "--set");
    assert_eq!(desk.origin("jobs.backoff"), "default");
}

#[test]
fn all_faults_are_told_at_once_each_with_its_place_and_its_remedy() {
    let file = "[jobs]\nattempts = 0\nlease = \"sixty\"\nwrokers = 3\n\n[sever]\nlisten = \"x\"\n\n[limits]\nmax_file = \"huge\"\n";
    let desk = Desk::with_file(file)
        .env("EXPORTD__PACKING__LEVEL", "10")
        .env("EXPORTD__SERVER__LISTEN", "8080")
        .env("EXPORTD__NONSENSE", "1")
        .flag("retention.default", "31d");
    let faults = desk.faults(Purpose::Serve);
    let expected = [
        "exportd.toml:2: jobs.attempts: 0 is out of bounds; write 1 to 100",
        "exportd.toml:3: jobs.lease: `sixty` is not a duration; write 30s, 15m, 24h or 7d",
        "exportd.toml:4: jobs.wrokers: no such setting; `jobs` has concurrency, per_user, attempts, backoff, lease, heartbeat, deadline",
        "exportd.toml:6: sever: no such section; there are server, database, projects, storage, download, jobs, datasets, formats, packing, limits, retention, audit, cleanup, access, auth, log, otel",
        "exportd.toml:10: limits.max_file: `huge` is not a size; write 1048576, 100MiB or 1GiB",
        "EXPORTD__PACKING__LEVEL: packing.level: 10 is out of bounds; write 1 to 9",
        "EXPORTD__SERVER__LISTEN: server.listen: `8080` is not an address with a port; write 127.0.0.1:8080 or [::]:8080",
        "EXPORTD__NONSENSE: nonsense: no such section; there are server, database, projects, storage, download, jobs, datasets, formats, packing, limits, retention, audit, cleanup, access, auth, log, otel",
        "--set: retention.default: longer than retention.max; write no more than that",
        "default: auth.jwt: no key is configured: set auth.jwt.secret, .public_key_file, .jwks_file or .jwks_url, or auth.signing_keys_file",
    ];
    for fault in expected {
        assert!(faults.iter().any(|told| told == fault), "missing {fault:?} in {faults:#?}");
    }
    assert_eq!(faults.len(), expected.len(), "{faults:#?}");
}

#[test]
fn a_secret_s_file_that_cannot_be_read_is_no_fault_where_the_secret_comes_from_elsewhere() {
    let desk = Desk::with_file("[auth.jwt]\nsecret_file = \"/nowhere/secret\"\n");
    assert!(
        desk.faults(Purpose::Serve)[0].contains("exportd.toml:2: auth.jwt.secret_file: `/nowhere/secret`")
    );
    let handed = desk.write("handed", "a secret of thirty-two bytes or more\n");
    let desk = desk.env("EXPORTD__AUTH__JWT__SECRET_FILE", handed.to_str().expect("text"));
    assert_eq!(desk.faults(Purpose::Serve), Vec::<String>::new());
    let desk = desk.flag("auth.jwt.secret_file", "/nowhere/else");
    assert_eq!(desk.faults(Purpose::Tool).len(), 1, "what counts has to be there");
}

#[test]
fn a_file_that_is_not_toml_is_told_by_line_without_repeating_the_line() {
    let desk = Desk::with_file("[auth.jwt]\nsecret = \"hunter2-hunter2\n[jobs]\nattempts = 0\n");
    let faults = desk.faults(Purpose::Tool);
    assert!(faults[0].starts_with("exportd.toml:2: syntax: "), "{faults:#?}");
    assert!(!faults.concat().contains("hunter2"), "{faults:#?}");
}

#[test]
fn a_named_file_must_be_there() {
    let mut desk = Desk::with_file("");
    desk.sources.file = Some(desk.folder.path().join("other.toml"));
    assert!(desk.faults(Purpose::Tool)[0].starts_with("other.toml: file: cannot be read"));
}

#[test]
fn what_takes_a_list_takes_commas_too() {
    let desk = Desk::with_file("[server]\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n")
        .env("EXPORTD__PROJECTS__ALLOWED_ROOTS", "/srv/a, /srv/b");
    let settings = desk.settings();
    assert_eq!(settings.projects.allowed_roots, [PathBuf::from("/srv/a"), PathBuf::from("/srv/b")]);
    let proxies: Vec<_> = settings.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "::1/128"]);

    let nobody = Desk::with_file("").env("EXPORTD__SERVER__TRUSTED_PROXIES", "none");
    assert!(nobody.settings().server.trusted_proxies.is_empty());
    let odd = Desk::with_file("").env("EXPORTD__SERVER__TRUSTED_PROXIES", "10.1.0.0/8");
    assert!(odd.faults(Purpose::Tool)[0].ends_with("did you mean 10.0.0.0/8?"));
}

#[test]
fn roles_are_for_postgresql_and_their_passwords_are_never_shown() {
    let url = "postgres://owner:hunter2@localhost/exports";
    let both = Desk::with_file("").flag("database.url", "postgres://server:hunter3@localhost/exports");
    let both = both.flag("database.migrate_url", url).flag("database.require_row_security", "true");
    let database = both.settings().database;
    assert_eq!(database.migrate_url.as_deref(), Some(url));
    assert!(database.require_row_security);
    assert!(!format!("{database:?}").contains("hunter"), "{database:?}");
    for (key, value) in [
        ("database.migrate_url", url),
        ("database.migrate_url", "sqlite://other.db"),
        ("database.require_row_security", "true"),
    ] {
        let faults = Desk::with_file("").flag(key, value).faults(Purpose::Tool);
        assert!(faults.len() == 1 && faults[0].starts_with(&format!("--set: {key}: ")), "{faults:#?}");
    }
}

#[test]
fn the_operations_listener_can_be_turned_off_and_cannot_share_the_api_s_port() {
    let off = Desk::with_file("[server]\nops_listen = \"off\"\n");
    assert_eq!(off.settings().server.ops_listen.address(), None);
    let same = Desk::with_file("[server]\nops_listen = \"127.0.0.1:8080\"\n");
    assert!(same.faults(Purpose::Tool)[0].contains("the same as server.listen"));
    let any = Desk::with_file("[server]\nlisten = \"127.0.0.1:0\"\nops_listen = \"127.0.0.1:0\"\n");
    assert_eq!(any.faults(Purpose::Tool), [] as [String; 0]);
}

#[test]
fn a_secret_may_stand_in_its_own_file_and_is_never_shown() {
    const SECRET: &str = "correct horse battery staple, and more";
    let desk = Desk::with_file("");
    let path = desk.write("secret", &format!("{SECRET}\n")).display().to_string();
    let desk = desk.env("EXPORTD__AUTH__JWT__SECRET_FILE", &path);
    let settings = desk.settings();
    assert_eq!(settings.jwt.secret.as_ref().expect("set").expose(), SECRET);
    assert_eq!(desk.origin("auth.jwt.secret"), "EXPORTD__AUTH__JWT__SECRET_FILE (auth.jwt.secret_file)");
    assert_eq!(desk.faults(Purpose::Serve), [] as [String; 0]);
    let told = format!("{settings:?} {}", serde_json::json!(desk.found().shown()));
    assert!(!told.contains("battery") && told.contains("***"), "{told}");

    let both = desk.env("EXPORTD__AUTH__JWT__SECRET", SECRET);
    assert!(both.faults(Purpose::Tool)[0].contains("also set by"), "{:?}", both.faults(Purpose::Tool));
    let gone = Desk::with_file("[database]\nurl_file = \"/nowhere/url\"\n");
    assert!(
        gone.faults(Purpose::Tool)[0].starts_with("exportd.toml:2: database.url_file: `/nowhere/url` cannot")
    );
}

#[test]
fn a_server_starts_with_one_key_that_can_be_relied_on() {
    let one = |file: &str| Desk::with_file(file).faults(Purpose::Serve);
    let by_file = |key: &str| {
        format!("[auth.jwt]\npublic_key_file = \"{}\"\n", crate::security::test_key(key).display())
    };
    let public = by_file("p256_public.pem");
    assert_eq!(one(&public), [] as [String; 0]);
    let both = one(&format!("{public}secret = \"{}\"\n", "x".repeat(32)));
    assert_eq!(both.len(), 1, "{both:#?}");
    assert!(
        both[0].starts_with("exportd.toml:2: auth.jwt.public_key_file: ") && both[0].contains("both set")
    );
    let weak = one(&by_file("rsa1024_public.pem"));
    assert!(weak[0].contains("is not a PEM public key"), "{weak:#?}");
    let private = one(&by_file("rsa_private.pem"));
    assert!(private[0].contains("holds a private key"), "{private:#?}");
}

#[test]
fn a_faulty_secret_is_not_repeated() {
    let desk =
        Desk::with_file("[auth.jwt]\nsecret = \"hunter2\"\n[database]\nurl = \"mysql://me:hunter2@db/x\"\n");
    let faults = desk.faults(Purpose::Serve);
    assert_eq!(faults.len(), 2, "{faults:#?}");
    assert!(!faults.concat().contains("hunter2"), "{faults:#?}");
    let shown = serde_json::json!(desk.found().shown()).to_string();
    assert!(!shown.contains("hunter2"), "{shown}");
}

#[test]
fn a_database_s_password_is_masked_wherever_it_is_told() {
    let desk = Desk::with_file("[database]\nurl = \"postgres://me:hunter2@db/exports\"\n");
    let told = format!("{:?} {}", desk.settings(), serde_json::json!(desk.found().shown()));
    assert!(told.contains("postgres://me:***@db/exports") && !told.contains("hunter2"), "{told}");
}

#[test]
fn what_is_not_in_this_version_is_refused_rather_than_passed_over() {
    let refused = Desk::with_file("[storage]\nbackend = \"s3\"\n");
    let faults = refused.faults(Purpose::Tool);
    assert_eq!(faults.len(), 1, "{faults:#?}");
    assert!(faults[0].contains("not in this version"), "{faults:#?}");
}

#[test]
fn keys_of_providers_and_of_machines_are_looked_at_before_anything_starts() {
    let serve = |desk: Desk| desk.faults(Purpose::Serve);
    let url = |url: &str| Desk::with_file("").env("EXPORTD__AUTH__JWT__JWKS_URL", url);
    for good in ["https://id.example.com/keys?p=B2C_1", "http://127.0.0.1:9/keys/"] {
        assert_eq!(serve(url(good)), [] as [String; 0], "{good}");
        let settings = url(good).settings();
        assert_eq!(settings.jwt.jwks_url.as_deref(), Some(good), "as it was written");
    }
    for wrong in ["http://id.example.com/keys", "https://me:pw@id.example.com/", "id.example.com"] {
        let told = serve(url(wrong));
        assert!(told[0].starts_with("EXPORTD__AUTH__JWT__JWKS_URL: auth.jwt.jwks_url: "), "{told:?}");
    }
    let both = serve(url("https://id.example.com/keys").env("EXPORTD__AUTH__JWT__SECRET", &"x".repeat(32)));
    assert!(both[0].contains("auth.jwt.secret and auth.jwt.jwks_url are both set"), "{both:?}");

    let desk = Desk::with_file("");
    let keys = desk.write("keys.toml", "[[key]]\nid = \"ci\"\nuser = \"ci\"\nsecret = \"hunter2\"\n");
    let desk = desk.env("EXPORTD__AUTH__SIGNING_KEYS_FILE", &keys.display().to_string());
    let short = desk.faults(Purpose::Serve);
    assert!(short.len() == 1 && short[0].contains("line 1: the secret has 7 bytes"), "{short:?}");
    assert!(!short[0].contains("hunter2"));
    let secret = "x".repeat(32);
    desk.write("keys.toml", &format!("[[key]]\nid = \"ci\"\nuser = \"ci\"\nsecret = \"{secret}\"\n"));
    assert_eq!(desk.faults(Purpose::Serve), [] as [String; 0], "machines alone are enough");
    let set = desk.write("jwks.json", "{\"keys\": []}");
    let none = desk.env("EXPORTD__AUTH__JWT__JWKS_FILE", &set.display().to_string()).faults(Purpose::Serve);
    assert!(none.len() == 1 && none[0].contains("none of its 0 keys can be used"), "{none:?}");
}

#[test]
fn a_variable_that_nobody_filled_in_is_no_setting() {
    let desk =
        Desk::with_file("").env("EXPORTD__LOG__LEVEL", "").env("PATH", "/bin").env("EXPORTD_TOKEN", "x");
    assert_eq!(desk.settings().log.level, "info");
}

#[test]
fn toml_s_own_types_and_text_mean_the_same() {
    let typed = Desk::with_file(
        "[database]\nauto_migrate = false\n[cleanup]\ndeep_at = 04:30:00\n[limits]\nmax_file = 1024\n",
    );
    let text = Desk::with_file("")
        .env("EXPORTD__DATABASE__AUTO_MIGRATE", "false")
        .env("EXPORTD__CLEANUP__DEEP_AT", "04:30")
        .env("EXPORTD__LIMITS__MAX_FILE", "1KiB");
    let (typed, text) = (typed.settings(), text.settings());
    assert_eq!(typed.database, text.database);
    assert_eq!(typed.cleanup, text.cleanup);
    assert_eq!(typed.limits, text.limits);
}

#[test]
fn odd_values_are_faults_and_never_a_panic() {
    let values = [
        "",
        " ",
        "-1",
        "1e3",
        "99999999999999999999",
        "0x",
        "nan",
        "inf",
        "none",
        "true",
        "\\u0000",
        "é",
        "1 s s",
        "[",
        "9999999999d",
        "1h -1s",
    ];
    for Setting { key, .. } in SETTINGS {
        for value in values {
            let desk = Desk::with_file("").flag(key, value);
            let _ = (desk.found().settings(Purpose::Serve), desk.found().shown());
            let (section, name) = key.rsplit_once('.').expect("a section");
            let desk = Desk::with_file(&format!("[{section}]\n{name} = {{ a = [1, {{ b = 2 }}] }}\n"));
            assert!(!desk.faults(Purpose::Tool).is_empty(), "{key}");
        }
    }
}

#[test]
fn the_limits_of_users_are_numbers_or_none_and_know_where_they_are_written() {
    let desk = Desk::with_file(
        "[limits]\nexports_per_hour = 3\ndownloads_per_minute = \"none\"\nuser_storage = \"1GiB\"\n",
    )
    .env("EXPORTD__LIMITS__EXPORTS_PER_DAY", "none");
    let limits = desk.settings().user_limits;
    assert_eq!(
        (limits.exports_per_hour, limits.exports_per_day, limits.downloads_per_minute),
        (Some(3), None, None)
    );
    assert_eq!(
        (limits.user_storage, limits.download_bytes_per_day, limits.jobs_per_user),
        (Some(1 << 30), None, Some(3))
    );
    let origin = |setting| {
        limits.origins.iter().find(|(policy, _)| policy.setting() == setting).map(|(_, origin)| *origin)
    };
    assert_eq!(origin("limits.exports_per_hour"), Some(SettingOrigin::File));
    assert_eq!(origin("limits.exports_per_day"), Some(SettingOrigin::Environment));
    assert_eq!(origin("jobs.per_user"), Some(SettingOrigin::Default));
    for nonsense in ["0", "-1", "1.5", "many", "9223372036854775808"] {
        let faults =
            Desk::with_file(&format!("[limits]\nexports_per_hour = \"{nonsense}\"\n")).faults(Purpose::Tool);
        assert!(
            faults
                .iter()
                .any(|fault| fault.contains("limits.exports_per_hour") && fault.ends_with("or none")),
            "{faults:?}"
        );
    }
}

#[test]
fn what_a_server_could_not_live_with_is_refused_before_it_starts() {
    for (key, value, told) in [
        ("database.url", "sqlite::memory:", "gone with the process; write sqlite://exportd.db"),
        ("database.url", "sqlite://x.db?mode=memory", "gone with the process"),
        ("log.level", "inof", "`inof` is not a log level; write off, error, warn, info, debug, trace, or"),
        ("log.level", "info,exportd::jobs", "is not a log level"),
        ("log.level", "info,exportd::jobs=", "is not a log level"),
        ("log.level", "exportd=loud", "is not a log level"),
        ("storage.reserve", "99999999999999999999GiB", "is out of bounds; write less than 8EiB"),
        ("limits.user_storage", "8EiB", "is out of bounds"),
        ("download.rate_limit", "18446744073709551615", "is out of bounds"),
    ] {
        let faults = Desk::with_file("").flag(key, value).faults(Purpose::Tool);
        assert!(faults.len() == 1 && faults[0].contains(told), "{key}={value}: {faults:?}");
    }
    for (key, value) in [
        ("log.level", "off"),
        ("log.level", "WARN"),
        ("log.level", "info,exportd::jobs=debug,[request{id=7}]=trace"),
        ("log.level", "exportd=debug"),
        ("storage.reserve", "7EiB"),
        ("database.url", "sqlite:///srv/:memory:/x.db"),
    ] {
        assert_eq!(
            Desk::with_file("").flag(key, value).faults(Purpose::Tool),
            [] as [&str; 0],
            "{key}={value}"
        );
    }
}
