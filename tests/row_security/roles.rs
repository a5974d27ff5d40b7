//! The server's role: what it was granted, and what is said of one that nothing binds.

use exportd::db::{Config, Database, StoreError};
use exportd::telemetry::Metrics;

use crate::support::postgres::{OwnDatabase, psql};
use crate::support::process::Site;

fn opened(config: &Config) -> Result<(), StoreError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let database = Database::open(config, Metrics::new("test")).await?;
        database.close().await;
        Ok(())
    })
}

#[test]
fn a_role_that_nothing_binds_is_refused_when_that_is_required() {
    let rows = OwnDatabase::with_roles();
    let bound = Config { require_row_security: true, ..rows.config() };
    opened(&bound).expect("the server's own role");
    let owner = rows.owner_url.clone().expect("an owner");
    let bypassing = format!("ALTER ROLE {}_server BYPASSRLS", rows.name());
    for (url, why, before) in [
        (rows.superuser_url(), "superuser", None),
        (owner, "owns the tables", None),
        (rows.url.clone(), "BYPASSRLS", Some(bypassing.as_str())),
    ] {
        if let Some(before) = before {
            psql(&rows.superuser_url(), before);
        }
        let refused = opened(&Config { url: url.clone(), ..bound.clone() }).expect_err("it gets past");
        let told = refused.to_string();
        assert!(matches!(refused, StoreError::Unbound { .. }), "{told}");
        assert!(told.contains(why) && told.contains("docs/postgres.md"), "{told}");
        opened(&Config { url, require_row_security: false, ..bound.clone() }).expect("it is only said");
    }
}

#[test]
fn the_server_may_read_and_write_rows_and_nothing_else() {
    let rows = OwnDatabase::with_roles();
    opened(&rows.config()).expect("opened");
    let may = |right: &str, table: &str| {
        let text = format!("SELECT has_table_privilege('{}_server', '{table}', '{right}')", rows.name());
        psql(&rows.superuser_url(), &text).trim() == "t"
    };
    for right in ["SELECT", "INSERT", "UPDATE", "DELETE"] {
        assert!(may(right, "exports") && may(right, "permissions"), "{right}");
        assert_eq!(may(right, "seaql_migrations"), right == "SELECT", "{right}");
    }
    for right in ["TRUNCATE", "REFERENCES", "TRIGGER"] {
        assert!(!may(right, "exports"), "{right}");
    }
    let owned = format!("SELECT count(*) FROM pg_class WHERE relowner = '{}_server'::regrole", rows.name());
    assert_eq!(psql(&rows.superuser_url(), &owned).trim(), "0");
}

#[test]
fn a_server_that_knows_no_owner_says_what_to_do_and_migrating_grants_what_it_needs() {
    let rows = OwnDatabase::with_roles();
    let alone = Config { migrate_url: None, auto_migrate: false, ..rows.config() };
    let refused = opened(&alone).expect_err("there are no tables");
    assert!(refused.to_string().contains("exportd migrate up"), "{refused}");
    let owner = rows.owner_url.as_deref().expect("an owner");
    let site = Site::new(&[]);
    let mut migrate = site.exportd(&["migrate", "up"]);
    migrate.env("EXPORTD__DATABASE__URL", &rows.url).env("EXPORTD__DATABASE__MIGRATE_URL", owner);
    let ran = migrate.output().expect("it runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    opened(&alone).expect("it needs no more than that");

    let mut shown = site.exportd(&["config", "show"]);
    shown.env("EXPORTD__DATABASE__URL", &rows.url).env("EXPORTD__DATABASE__MIGRATE_URL", owner);
    let shown = String::from_utf8(shown.output().expect("it runs").stdout).expect("text");
    assert!(shown.contains("_owner:***@") && !shown.contains("one-of-its-own"), "{shown}");
}

#[test]
fn servers_that_start_at_once_grant_in_turn() {
    let rows = OwnDatabase::with_roles();
    opened(&rows.config()).expect("opened");
    let revoke = format!("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {}_server", rows.name());
    psql(&rows.superuser_url(), &revoke);
    std::thread::scope(|scope| {
        let starting: Vec<_> = (0..6).map(|_| scope.spawn(|| opened(&rows.config()))).collect();
        for started in starting {
            started.join().expect("it does not panic").expect("opened");
        }
    });
}

#[test]
fn a_backup_by_the_owner_has_everyone_s_rows() {
    let rows = OwnDatabase::with_roles();
    opened(&rows.config()).expect("opened");
    psql(&rows.superuser_url(), "INSERT INTO tenants VALUES ('ada', 1), ('bob', 1)");
    let owner = rows.owner_url.as_deref().expect("an owner");
    let dump = |arguments: &[&str]| {
        std::process::Command::new("pg_dump")
            .args(arguments)
            .arg(owner)
            .output()
            .expect("pg_dump is installed")
    };
    let whole = dump(&["--enable-row-security", "--data-only", "--table=tenants"]);
    let text = String::from_utf8_lossy(&whole.stdout).into_owned();
    assert!(whole.status.success() && text.contains("ada\t1") && text.contains("bob\t1"), "{text}");
    assert!(
        !dump(&["--data-only", "--table=tenants"]).status.success(),
        "nobody thinks that half is the whole"
    );
}
