//! `exportd doctor`: each thing that goes wrong is made to go wrong, and found.

use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use super::{Ran, ran};
use crate::support::disk::SmallDisk;
use crate::support::postgres::OwnDatabase;
use crate::support::process::Site;

/// A site on SQLite that nothing is wrong with.
fn site() -> Site {
    let site = Site::new(&[("DATABASE__URL", "sqlite://exportd.db"), ("DATABASE__MIGRATE_URL", "")]);
    std::fs::create_dir(site.path().join("packages")).expect("a folder");
    site
}

fn doctor(site: &Site, settings: &[&str]) -> Ran {
    let sets = settings.iter().flat_map(|setting| ["--set", setting]);
    ran(site.exportd(&["doctor"].into_iter().chain(sets).collect::<Vec<_>>()))
}

impl Ran {
    /// There is such a line, and it is what has to be put right; its remedy follows.
    #[track_caller]
    fn finds(self, words: &str, remedy: &str) -> Self {
        let mut lines =
            self.out.lines().skip_while(|line| !(line.starts_with("WRONG") && line.contains(words)));
        assert!(lines.next().is_some(), "{words:?} is not wrong in\n{}{}", self.out, self.err);
        let next = lines.next().unwrap_or_default();
        assert!(next.trim_start().starts_with('→') && next.contains(remedy), "{remedy:?} is not in {next:?}");
        self.expect(1)
    }

    /// It is worth knowing, and no fault.
    #[track_caller]
    fn mentions(self, words: &str) -> Self {
        let is_there = self.out.lines().any(|line| line.starts_with("note") && line.contains(words));
        assert!(is_there, "{words:?} is not noted in\n{}{}", self.out, self.err);
        self
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").to_string()
}

#[test]
fn a_healthy_site_has_nothing_wrong_before_it_serves_and_while_it_does() {
    let site = site();
    doctor(&site, &[]).expect(0).tells("is free: no server runs").mentions("exportd.db is not there yet");
    let server = site.serve();
    let listen = format!("server.listen={}", server.user("ada").address());
    let told = doctor(&site, &[&listen]).expect(0).tells("an exportd answers at server.listen");
    let told =
        told.tells("its schema is this version's").tells("inodes are free").tells("is on this machine");
    assert!(
        told.out.lines().all(|line| ["ok ", "note", "   "].iter().any(|word| line.starts_with(word))),
        "{}",
        told.out
    );

    let json = ran(site.exportd(&["doctor", "--json", "--set", &listen])).expect(0).json();
    let findings = json["findings"].as_array().expect("a list");
    assert_eq!(json["ok"], true);
    for room in ["settings", "secrets", "database", "storage", "projects", "listen", "clock", "machine"] {
        assert!(findings.iter().any(|finding| finding["check"] == room), "{room} is missing in {json}");
    }
    assert!(
        findings
            .iter()
            .all(|one| one["what"].is_string() && (one["verdict"] == "ok") == one["next"].is_null())
    );
}

#[test]
fn settings_that_are_wrong_or_never_read_are_told() {
    let site = site();
    doctor(&site, &["jobs.lease=1", "packing.level=12"])
        .finds("jobs.lease", "")
        .finds("packing.level", "")
        .mentions("was not looked at");
    let with = |name: &str, value: &str| {
        let mut command = site.exportd(&["doctor"]);
        command.env(name, value);
        ran(command)
    };
    with("EXPORTD__AUTH__JWT__SECRET", "too short").finds("auth.jwt.secret", "");
    with("EXPORTD__AUTH__JWT__SECRET", &"ab".repeat(20)).finds("no different characters", "openssl rand");
    with("EXPORTD_STORAGE_ROOT", "/srv").finds("EXPORTD_STORAGE_ROOT is set", "EXPORTD__STORAGE__ROOT");
    let older = with("UNIFIED_EXPORT_STORAGE_PATH", "/srv").expect(0).mentions("UNIFIED_EXPORT_STORAGE_PATH");
    assert!(older.out.contains("EXPORTD__STORAGE__ROOT"), "{}", older.out);
}

#[test]
fn secrets_that_others_can_read_are_told_and_never_shown() {
    let site = site();
    let key = "4kd92mfn38dkqpz7xv61bty0swhgrcej";
    std::fs::write(site.path().join("exportd.toml"), "[auth.jwt]\nsecret_file = \"key\"\n").expect("written");
    std::fs::write(site.path().join("key"), key).expect("written");
    let look = |mode| {
        std::fs::set_permissions(site.path().join("key"), std::fs::Permissions::from_mode(mode))
            .expect("ours");
        let mut command = site.exportd(&["doctor"]);
        command.env_remove("EXPORTD__AUTH__JWT__SECRET");
        let told = ran(command);
        assert!(!told.out.contains(key) && !told.err.contains(key), "{}", told.out);
        told
    };
    look(0o644).finds("key, which holds auth.jwt.secret, is open to everybody (644)", "chmod 640");
    look(0o640).expect(0).mentions("is open to group");
    look(0o600).expect(0).tells("its owner's alone");
}

#[test]
fn a_sqlite_database_that_cannot_be_used_is_told() {
    let site = site();
    doctor(&site, &["database.url=sqlite://nowhere/x.db"]).finds("is no folder", "mkdir -p nowhere");
    std::fs::write(site.path().join("text.db"), "just some text, and more of it").expect("written");
    doctor(&site, &["database.url=sqlite://text.db"]).finds("is no SQLite database", "backup");

    ran(site.exportd(&["migrate", "up"])).expect(0);
    ran(site.exportd(&["migrate", "down"])).expect(0);
    doctor(&site, &[]).expect(0).mentions("migrations");
    doctor(&site, &["database.auto_migrate=false"]).finds("migrations", "exportd migrate up");
    ran(site.exportd(&["migrate", "up"])).expect(0);
    let sql = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20990101_000001_later', 0)";
    let done =
        Command::new("sqlite3").arg(site.path().join("exportd.db")).arg(sql).status().expect("sqlite3");
    assert!(done.success());
    doctor(&site, &[]).finds("made by a newer exportd: it has m20990101_000001_later", "that version");

    let path = site.path().join("exportd.db");
    let size = std::fs::metadata(&path).expect("it is there").len();
    let mut file = std::fs::File::options().write(true).open(&path).expect("ours");
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start(size / 2)).expect("a file");
    file.write_all(&vec![0xa5; 65_536_usize.min(size as usize / 3)]).expect("written");
    let told = doctor(&site, &[]).expect(1);
    assert!(told.out.contains("damaged") || told.out.contains("malformed"), "{}", told.out);
}

#[test]
fn a_postgres_that_is_away_or_closed_is_told_without_its_password() {
    let site = Site::new(&[]);
    let look = |url: &str| doctor(&site, &[&format!("database.url={url}"), "database.migrate_url=none"]);
    let away = look("postgres://ada:hunter2@127.0.0.1:1/exports")
        .finds("is not reached", "pg_isready -h 127.0.0.1 -p 1");
    assert!(!away.out.contains("hunter2") && away.out.contains("ada:***@"), "{}", away.out);
    look("postgres://ada@no-such-host.invalid/exports").finds("nobody knows the host", "DNS");

    let database = OwnDatabase::with_roles();
    let other = database.url.replace(database.name(), "exportd_no_such_database");
    look(&other).finds("does not exist", "database name");
    look(&database.url).finds("0 of this version's", "database.migrate_url");
    let migrate = format!("database.migrate_url={}", database.owner_url.as_deref().expect("two roles"));
    let url = format!("database.url={}", database.url);
    ran(site.exportd(&["migrate", "up", "--set", &url, "--set", &migrate])).expect(0);
    look(&database.url).expect(0).tells("it is PostgreSQL").tells("clock and this machine's agree");
    let role =
        database.url.split("//").nth(1).and_then(|rest| rest.split(['@', ':']).next()).expect("a role");
    let revoke = format!("REVOKE UPDATE ON exports FROM {role}");
    let done = Command::new("psql").args([&database.superuser_url(), "-qc", &revoke]).status().expect("psql");
    assert!(done.success());
    look(&database.url).finds("may not read and write exports", "docs/postgres.md");
    look(&database.superuser_url()).expect(0).mentions("row security does not bind");
}

#[test]
fn the_role_that_changes_the_schema_is_looked_at_as_serve_would_use_it() {
    let site = Site::new(&[]);
    let database = OwnDatabase::with_roles();
    let owner = database.owner_url.clone().expect("two roles");
    let look = |migrate_url: &str, others: &[&str]| {
        let both = [format!("database.url={}", database.url), format!("database.migrate_url={migrate_url}")];
        doctor(&site, &[&[both[0].as_str(), both[1].as_str()], others].concat())
    };
    let place = owner.rsplit_once('@').expect("a role").1;
    let unknown = owner.replace(place, "no-such-host.invalid/exports");
    look(&unknown, &[]).finds("nobody knows the host no-such-host.invalid", "`database.migrate_url`");
    // The server's own role owns nothing and may make nothing.
    look(&database.url, &[])
        .finds("the role of `database.migrate_url` may make no tables", "docs/postgres.md");
    let nobody_s = owner.replace("_owner:", "_nobody:");
    let refused = look(&nobody_s, &[]).finds("_nobody\" does not exist", "`database.migrate_url`");
    assert!(!refused.out.contains("one-of-its-own"), "{}", refused.out);
    look(&owner, &[]).expect(0).mentions("0 of this version's").tells("`database.migrate_url` is reached");
    look(&unknown, &["database.auto_migrate=false"]).mentions("nobody knows the host no-such-host.invalid");

    // With nothing left to do, a role that may make no tables does no harm: `serve` starts.
    let sets = [format!("database.url={}", database.url), format!("database.migrate_url={owner}")];
    ran(site.exportd(&["migrate", "up", "--set", &sets[0], "--set", &sets[1]])).expect(0);
    look(&database.url, &[]).expect(0).mentions("may make no tables");
    let (before, _) = owner.rsplit_once('/').expect("a database in the URL");
    look(&format!("{before}/postgres"), &[]).finds("is another database", "same database");
    let none = Site::new(&[("DATABASE__URL", &database.url), ("DATABASE__MIGRATE_URL", &database.url)]);
    drop(none.serve());
}

#[test]
fn a_disk_that_takes_no_package_is_told() {
    let site = site();
    std::fs::write(site.path().join("file"), "").expect("written");
    doctor(&site, &["storage.root=file"]).finds("file is no folder", "storage.root");
    doctor(&site, &["storage.root=not/yet"]).expect(0).mentions("is not there yet");
    doctor(&site, &["storage.reserve=900TiB"]).finds("no export starts (507)", "make room");
    doctor(&site, &["storage.reserve=0B", "limits.max_package=900TiB"]).expect(0).mentions("free, ");

    let small = SmallDisk::mounted_at(&site.path().join("small"));
    let root = format!("storage.root={}", small.0.display());
    doctor(&site, &[&root]).expect(0).mentions("free, 0 B kept");
    let remount = |options: &str| {
        let done = Command::new("mount").args(["-o", options]).arg(&small.0).status().expect("mount");
        assert!(done.success(), "{options}");
    };
    std::fs::create_dir(small.0.join("ab")).expect("a folder");
    let below = SmallDisk::mounted_at(&small.0.join("ab"));
    doctor(&site, &[&root]).finds("is on another file system", "nothing below it");
    drop(below);
    std::fs::write(small.0.join("full"), vec![1; 5 << 20]).expect_err("more than it takes");
    doctor(&site, &[&root]).finds("is full", "make room");
    remount("remount,ro");
    doctor(&site, &[&root]).finds("read-only mount", "dmesg");
}

#[test]
fn a_store_or_an_address_that_another_has_is_told() {
    let site = site();
    let server = site.serve();
    let address = server.user("ada").address();
    let elsewhere = free_address();
    doctor(&site, &[&format!("server.listen={elsewhere}")]).finds("another server has the store", "fuser");
    std::fs::create_dir(site.path().join("other")).expect("a folder");
    doctor(&site, &[&format!("server.listen={address}"), "storage.root=other"])
        .finds("has another store", "--config");
    let store = site.path().join("packages");
    std::os::unix::fs::chown(&store, Some(65_534), None).expect("a test runs as root");
    std::fs::set_permissions(&store, std::fs::Permissions::from_mode(0o700)).expect("ours");
    let elsewhere = as_a_stranger(site.exportd(&["doctor", "--set", &format!("server.listen={address}")]));
    let told = elsewhere.mentions("nobody here may see whether `storage.root` is its store");
    assert!(!told.out.contains("has another store"), "{}", told.out);
    drop(server);

    let other = TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = other.local_addr().expect("an address");
    let closing = std::thread::spawn(move || other.accept().map(drop));
    doctor(&site, &[&format!("server.listen={taken}")])
        .finds("another program has server.listen", "ss -ltnp");
    closing.join().expect("it ends").expect("somebody came");
    doctor(&site, &["server.listen=192.0.2.1:8080"]).finds("192.0.2.1:8080 cannot be had", "ip addr");
    let told =
        doctor(&site, &["server.public_url=http://exports.example", "server.ops_listen=0.0.0.0:0"]).expect(0);
    told.mentions("is not encrypted").mentions("can be asked from elsewhere");
}

#[test]
fn projects_data_sets_and_fonts_that_are_not_there_are_told() {
    let site = site();
    doctor(&site, &["projects.root=nowhere"]).expect(0).mentions("nowhere is not there");
    std::fs::write(site.path().join("datasets.toml"), "[sources.app]\nurl = \"ftp://x\"\n").expect("written");
    doctor(&site, &[]).finds("datasets.toml", "`serve` does not start");
    std::fs::remove_file(site.path().join("datasets.toml")).expect("it was there");
    doctor(&site, &["formats.fonts=nowhere"]).finds("nowhere of formats.fonts", "formats.fonts");
}

#[test]
fn nginx_that_is_not_trusted_a_clock_that_went_back_and_too_few_files_are_told() {
    let site = site();
    let listen = format!("server.listen={}", free_address());
    doctor(&site, &["download.mode=accel", "server.trusted_proxies=10.0.0.0/8", &listen])
        .finds("trusted_proxies does not have 127.0.0.1", "server.trusted_proxies");

    let lock = site.path().join("packages/exportd.lock");
    std::fs::write(&lock, "").expect("written");
    let touched = Command::new("touch").args(["-d", "+2 hours"]).arg(&lock).status().expect("touch");
    assert!(touched.success());
    doctor(&site, &[]).finds("the store was opened at", "set the clock");
    std::fs::remove_file(lock).expect("it was there");

    let few = with_few_files(site.exportd(&["doctor"]), Path::new(env!("CARGO_BIN_EXE_exportd")));
    few.finds("200 open files", "LimitNOFILE");
}

/// The same, by somebody who gets into no folder of another's, as root otherwise does.
fn as_a_stranger(doctor: Command) -> Ran {
    let mut stranger = Command::new("setpriv");
    stranger.arg("--bounding-set=-dac_override,-dac_read_search").arg(doctor.get_program()).env_clear();
    stranger.args(doctor.get_args()).current_dir(doctor.get_current_dir().expect("a folder"));
    stranger.envs(doctor.get_envs().filter_map(|(name, value)| Some((name, value?))));
    ran(stranger)
}

/// The same, by a shell that lowers the limit first.
fn with_few_files(doctor: Command, exportd: &Path) -> Ran {
    let mut shell = Command::new("bash");
    shell.args(["-c", "ulimit -n 200; exec \"$0\" doctor"]).arg(exportd).env_clear();
    shell.current_dir(doctor.get_current_dir().expect("a folder"));
    shell.envs(doctor.get_envs().filter_map(|(name, value)| Some((name, value?))));
    ran(shell)
}
