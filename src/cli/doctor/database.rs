//! Whether the database is there, and what it should be.

use std::fs;
use std::io::Read;
use std::net::{TcpStream, ToSocketAddrs};
use std::path::Path;
use std::time::Duration;

use rustix::fs::{Access, access, statfs};

use super::{clock, owner};
use crate::cli::finding::Finding;
use crate::cli::outcome::Failure;
use crate::clock::Clock;
use crate::config::Settings;
use crate::config_units::masked_url;
use crate::db::{Checkup, Config, Database, SchemaState, StoreError};
use crate::telemetry::Metrics;

/// How long a server has to take a connection.
const PATIENCE: Duration = Duration::from_secs(3);
/// What every SQLite database begins with. Source: sqlite.org/fileformat.html §1.3.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// File systems of other machines, where SQLite's shared memory is none: NFS, SMB, CIFS, SMB 2, 9P,
/// AFS, Ceph, Lustre. Source: statfs(2).
const REMOTE: [u64; 8] =
    [0x6969, 0x517B, 0xFF53_4D42, 0xFE53_4D42, 0x0102_1997, 0x5346_414F, 0x00C3_6400, 0x0BD0_0BD0];

/// Everything about it.
pub fn of(settings: &Settings) -> Vec<Finding> {
    let config = &settings.database;
    let first = if config.is_sqlite() { file(config) } else { server(config, "database.url") };
    let mut findings = match first {
        Ok(findings) => findings,
        // There is nothing to ask then.
        Err(finding) => return vec![finding],
    };
    match asked(config) {
        Ok(checkup) => {
            let (of_owner, may_migrate) = owner::of(config, &checkup);
            findings.extend(judged(config, &checkup, may_migrate));
            findings.extend(of_owner);
        }
        Err(error) => findings.push(away(config, "database.url", &error)),
    }
    findings
}

pub(super) fn asked(config: &Config) -> Result<Checkup, StoreError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime of this thread alone").block_on(async {
        let database = Database::connect(config, Metrics::new("cli")).await?;
        let checkup = database.checkup().await;
        database.close().await;
        checkup
    })
}

/// `config` is of what `setting` names.
pub(super) fn away(config: &Config, setting: &str, error: &StoreError) -> Finding {
    let what = format!("{}: {}", masked_url(&config.url), Failure::because(error));
    let next = match (config.is_sqlite(), error) {
        (true, _) => {
            "if another program holds it, stop that; if it is damaged, put back the last backup".to_owned()
        }
        (false, _) => format!(
            "check user, password and database name in `{setting}`; `psql` with the same address says more"
        ),
    };
    Finding::wrong(what, next)
}

/// Looks at the file before anything opens it: opening would make it.
fn file(config: &Config) -> Result<Vec<Finding>, Finding> {
    let path = config.files().into_iter().next().unwrap_or_default();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let shown = path.display();
    if !folder.is_dir() {
        let next = format!("`mkdir -p {}`, owned by the user that exportd runs as", folder.display());
        return Err(Finding::wrong(
            format!("{}, where the database is to be, is no folder", folder.display()),
            next,
        ));
    }
    if access(folder, Access::WRITE_OK | Access::EXEC_OK).is_err() {
        let next = format!("`chown exportd {}`: SQLite keeps its log beside the database", folder.display());
        return Err(Finding::wrong(format!("{} cannot be written to", folder.display()), next));
    }
    let local = local(folder, config)?;
    if !path.exists() {
        return Err(Finding::note(format!("{shown} is not there yet"), "the first `exportd serve` makes it"));
    }
    if access(&path, Access::READ_OK | Access::WRITE_OK).is_err() {
        return Err(Finding::wrong(
            format!("{shown} cannot be written"),
            format!("`chown exportd {shown}*`"),
        ));
    }
    let mut head = [0; 20];
    let read = fs::File::open(&path).and_then(|mut file| file.read(&mut head)).unwrap_or(0);
    if read > 0 && head[..16] != *MAGIC {
        let next = "name another file in `database.url`, or put back the last backup";
        return Err(Finding::wrong(format!("{shown} is no SQLite database"), next));
    }
    let mut findings = vec![local];
    if read == head.len() && head[18] != 2 {
        findings.push(Finding::note(
            format!("{shown} has no write-ahead log (WAL) yet"),
            "`serve` switches it on",
        ));
    }
    findings.push(super::secrets::file("people's requests", &path));
    Ok(findings)
}

fn local(folder: &Path, config: &Config) -> Result<Finding, Finding> {
    match statfs(folder).map(|system| system.f_type as u64 & 0xFFFF_FFFF) {
        Ok(kind) if REMOTE.contains(&kind) => Err(Finding::wrong(
            format!("{} is on the file system of another machine, where SQLite loses rows", folder.display()),
            "move it to a disk of this machine, or use PostgreSQL",
        )),
        Ok(_) => Ok(Finding::ok(format!("{} is on this machine", masked_url(&config.url)))),
        Err(error) => Err(Finding::wrong(
            format!("{} cannot be looked at: {error}", folder.display()),
            "check the mount",
        )),
    }
}

/// Looks whether anybody is there, before a pool asks again and again and says only "timed out".
pub(super) fn server(config: &Config, setting: &str) -> Result<Vec<Finding>, Finding> {
    let Some((host, port)) = config.host() else { return Ok(Vec::new()) };
    let shown = masked_url(&config.url);
    let addresses = (host.as_str(), port).to_socket_addrs().map_err(|error| {
        Finding::wrong(
            format!("{shown}: nobody knows the host {host}: {error}"),
            format!("check `{setting}`, and DNS"),
        )
    })?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(vec![Finding::ok(format!("{shown} is reached"))]),
            Err(error) => last = Some(error),
        }
    }
    let why = last.map_or_else(|| "it has no address".to_owned(), |error| error.to_string());
    let next = format!("is PostgreSQL running there, and does it listen? `pg_isready -h {host} -p {port}`");
    Err(Finding::wrong(format!("{shown} is not reached: {why}"), next))
}

fn judged(config: &Config, found: &Checkup, may_migrate: bool) -> Vec<Finding> {
    let mut findings = vec![version(found), schema(config, found, may_migrate)];
    if let Some(damage) = &found.damage {
        let next =
            "stop exportd, put back the last backup; `sqlite3 exportd.db .recover` saves what can be saved";
        findings
            .push(Finding::wrong(format!("the database is damaged: {}", damage.replace('\n', "; ")), next));
    }
    if found.is_replica {
        let next = "name the primary in `database.url`";
        findings.push(Finding::wrong("it is a replica, to which nothing can be written", next));
    }
    if !found.closed.is_empty() {
        let next =
            "`exportd migrate up` with `database.migrate_url` grants what is needed; see docs/postgres.md";
        findings.push(Finding::wrong(
            format!("the role may not read and write {}", found.closed.join(", ")),
            next,
        ));
    }
    findings.extend(found.way_past.map(|why| row_security(config, why)));
    findings.extend(found.now.map(|now| clock::compared(Clock::system().now(), now)));
    findings
}

fn version(found: &Checkup) -> Finding {
    if found.is_supported {
        return Finding::ok(format!("it is {}", found.product));
    }
    Finding::wrong(
        format!("it is {}, which exportd does not work with", found.product),
        "PostgreSQL 13 or later",
    )
}

fn schema(config: &Config, found: &Checkup, may_migrate: bool) -> Finding {
    match &found.schema {
        SchemaState::Current => Finding::ok("its schema is this version's"),
        SchemaState::Newer(migration) => Finding::wrong(
            format!("its schema was made by a newer exportd: it has {migration}"),
            "use that version, or put back the backup from before the upgrade",
        ),
        SchemaState::Behind { applied, known } => {
            let what = format!("its schema has {applied} of this version's {known} migrations");
            match (config.auto_migrate, may_migrate) {
                (true, true) => Finding::note(what, "`serve` applies the rest; make a backup first"),
                (false, true) => Finding::wrong(what, "make a backup, then `exportd migrate up`"),
                (_, false) if config.migrate_url.is_some() => Finding::wrong(
                    format!("{what}, and `database.migrate_url` brings no more"),
                    "put that right; what is wrong with it stands below",
                ),
                (_, false) => Finding::wrong(
                    format!("{what}, and the role may make no tables"),
                    "give `database.migrate_url` the owner's address; see docs/postgres.md",
                ),
            }
        }
    }
}

fn row_security(config: &Config, why: &str) -> Finding {
    let what = format!("row security does not bind the role of `database.url`: {why}");
    let next = "give the server a role of its own, as docs/postgres.md shows";
    if config.require_row_security { Finding::wrong(what, next) } else { Finding::note(what, next) }
}
