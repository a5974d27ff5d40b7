//! Statements written to cheat, in a transaction that acts for eve. Of bob they get nothing.

use std::process::Command;

use super::Scene;
use crate::support::postgres::psql;

/// Tables with rows of bob's.
const TABLES: &[&str] = &[
    "exports",
    "export_events",
    "downloads",
    "links",
    "passes",
    "projects",
    "snapshots",
    "replies",
    "tenants",
    "permissions",
];

/// A session of the server's role.
struct Session<'s> {
    scene: &'s Scene,
    bob: String,
}

impl Session<'_> {
    /// What `statements`, one after the other, print in a transaction that acts for eve; a failure
    /// of one is the end of it, or, when `stubborn`, undone and passed over.
    fn told(&self, statements: &[&str], stubborn: bool) -> String {
        let mut command = Command::new("psql");
        command.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align"]);
        command.arg(format!("--set=ON_ERROR_ROLLBACK={}", if stubborn { "on" } else { "off" }));
        let begin = "BEGIN; SET TRANSACTION DEFERRABLE; SET LOCAL exportd.\"user\" = 'eve'";
        for statement in std::iter::once(&begin).chain(statements).chain([&"COMMIT"]) {
            command.args(["--command", &statement.replace("BOB_ID", &self.bob)]);
        }
        let ran = command.arg(&self.scene.rows.url).output().expect("psql is installed");
        let notices = String::from_utf8_lossy(&ran.stderr).into_owned();
        // Errors repeat what was sent; what was found out would be a result or a notice.
        let notices = notices.lines().filter(|line| line.starts_with("NOTICE")).collect::<String>();
        format!("{}{notices}", String::from_utf8_lossy(&ran.stdout))
    }

    fn gets_nothing(&self, statements: &[&str]) {
        for stubborn in [false, true] {
            let told = self.told(statements, stubborn);
            let is_of_bob = told.contains("bob") || told.contains(&self.bob);
            assert!(!is_of_bob, "{statements:?} (stubborn: {stubborn}) told {told}");
        }
    }

    /// All rows that are bob's, as a superuser sees them.
    fn of_bob(&self) -> String {
        let of_export = format!("export_id = '{}'", self.bob);
        let mut all = String::new();
        for (table, which) in [
            ("exports", "owner = 'bob'"),
            ("export_events", of_export.as_str()),
            ("downloads", &of_export),
            ("links", &of_export),
            ("passes", &format!("link_id IN (SELECT id FROM links WHERE {of_export})")),
            ("projects", "owner = 'bob'"),
            ("snapshots", "owner = 'bob'"),
            ("replies", "user_id = 'bob'"),
            ("tenants", "user_id = 'bob'"),
            ("permissions", "user_id = 'bob'"),
        ] {
            let text = format!("SELECT t::text FROM {table} t WHERE {which} ORDER BY 1");
            let rows = psql(&self.scene.rows.superuser_url(), &text);
            assert!(!rows.trim().is_empty(), "bob has nothing in {table}, so that nothing can be lost");
            all += &rows;
        }
        all
    }
}

fn with_session(cheat: impl FnOnce(&Session<'_>)) {
    let scene = Scene::set();
    let (bob, _eve) = (scene.furnish("bob"), scene.furnish("eve"));
    // So that views and functions of eve's own can be tried: the page's roles may not even that.
    let temporary = format!("GRANT TEMPORARY ON DATABASE {} TO PUBLIC; ANALYZE", scene.rows.name());
    for statement in temporary.split("; ") {
        psql(&scene.rows.superuser_url(), statement);
    }
    let session = Session { scene: &scene, bob: bob.id.clone() };
    let before = session.of_bob();
    cheat(&session);
    assert_eq!(session.of_bob(), before, "bob's rows were touched");
    // Hers may be gone; their files go with the next sweep.
    scene.house.sweep();
}

#[test]
fn no_way_of_reading_leads_to_another_s_rows() {
    with_session(|session| {
        for table in TABLES {
            session.gets_nothing(&[&format!("SELECT * FROM {table}")]);
            session.gets_nothing(&[&format!("COPY {table} TO STDOUT")]);
            session.gets_nothing(&[&format!("SELECT * FROM {table} FOR UPDATE")]);
            session.gets_nothing(&[&format!("SELECT query_to_xml('SELECT * FROM {table}', true, true, '')")]);
        }
        for query in [
            "SELECT * FROM exports WHERE owner = 'bob' OR true",
            "SELECT * FROM exports WHERE id = 'BOB_ID'",
            "SELECT * FROM export_events WHERE export_id = 'BOB_ID'",
            "SELECT * FROM downloads WHERE export_id = 'BOB_ID'",
            "SELECT * FROM links WHERE export_id = 'BOB_ID'",
            "SELECT p.* FROM passes p JOIN links l ON l.id = p.link_id",
            "SELECT * FROM exports mine JOIN exports theirs ON theirs.owner <> mine.owner",
            "SELECT * FROM tenants t LEFT JOIN exports e ON true LEFT JOIN projects p ON true",
            "SELECT (SELECT string_agg(title, ',') FROM exports)",
            "SELECT * FROM exports WHERE EXISTS (SELECT 1 FROM exports o WHERE o.owner <> 'eve')",
            "WITH RECURSIVE all_of_it AS (SELECT * FROM exports) SELECT * FROM all_of_it",
            "SELECT * FROM exports UNION ALL SELECT * FROM exports",
            "SELECT e.* FROM generate_series(1, 2), LATERAL (SELECT * FROM exports) e",
            "COPY (SELECT * FROM exports) TO STDOUT",
            "SELECT most_common_vals, histogram_bounds FROM pg_stats WHERE schemaname = 'public'",
            "SELECT max(owner) OVER () FROM exports",
            "TABLE projects",
        ] {
            session.gets_nothing(&[query]);
        }
        session.gets_nothing(&["DECLARE c CURSOR FOR SELECT * FROM exports", "FETCH ALL FROM c"]);
        session.gets_nothing(&["PREPARE p AS SELECT * FROM exports", "EXECUTE p"]);
        let seen = session.told(&["SELECT count(*) FROM exports"], false);
        assert_eq!(seen.trim(), "1", "her own");
    });
}

#[test]
fn neither_views_nor_functions_of_one_s_own_lead_past() {
    with_session(|session| {
        session.gets_nothing(&["CREATE TEMP VIEW v AS SELECT * FROM exports", "SELECT * FROM v"]);
        session.gets_nothing(&["CREATE TEMP TABLE t AS SELECT * FROM exports", "SELECT * FROM t"]);
        let function = "CREATE FUNCTION pg_temp.f() RETURNS SETOF exports LANGUAGE sql SECURITY DEFINER
            AS 'SELECT * FROM exports'";
        session.gets_nothing(&[function, "SELECT * FROM pg_temp.f()"]);
        // Cheap, so that it is tried before anything else is: it would tell of every row it sees.
        let leak = "CREATE FUNCTION pg_temp.leak(text) RETURNS bool LANGUAGE plpgsql COST 0.0000001
            AS 'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END'";
        session.gets_nothing(&[leak, "SELECT 1 FROM exports WHERE pg_temp.leak(title)"]);
        session.gets_nothing(&[leak, "SELECT 1 FROM links WHERE pg_temp.leak(export_id)"]);
        session.gets_nothing(&[leak, "UPDATE exports SET title = title WHERE pg_temp.leak(title)"]);
        session.gets_nothing(&[leak, "DELETE FROM projects WHERE pg_temp.leak(name)"]);
        let by_error = "SELECT 1 FROM exports WHERE 1 / (CASE WHEN owner = 'bob' THEN 0 ELSE 1 END) = 1";
        assert_eq!(session.told(&[by_error], false).trim(), "1", "bob's row would have divided by zero");
    });
}

#[test]
fn no_way_of_writing_reaches_another_s_rows() {
    with_session(|session| {
        let event = "INSERT INTO export_events (export_id, at, kind, status, message)";
        let project = "INSERT INTO projects (owner, id, name, source, registered_at)";
        let download =
            "INSERT INTO downloads (id, export_id, user_id, address, began_at, last_at, size, bytes, covered,
            complete, mode)";
        for statement in [
            "UPDATE exports SET title = 'eve' RETURNING *",
            "UPDATE exports SET owner = 'eve' WHERE owner = 'bob' RETURNING *",
            "UPDATE exports SET owner = 'bob' RETURNING *",
            "UPDATE exports SET owner = 'bob'",
            "UPDATE exports e SET title = o.title FROM exports o WHERE o.owner <> e.owner RETURNING *",
            "UPDATE links SET export_id = 'BOB_ID'",
            "UPDATE projects SET owner = 'bob'",
            "INSERT INTO exports SELECT * FROM exports ON CONFLICT (id) DO UPDATE SET owner = 'bob' RETURNING *",
            &format!("{event} VALUES ('BOB_ID', 1, 'status', 'failed', 'eve') RETURNING *"),
            &format!("{project} VALUES ('bob', 'mine', 'x', '{{}}', 1)"),
            &format!(
                "{project} VALUES ('bob', 'bobsecret', 'x', '{{}}', 1) ON CONFLICT (owner, id) DO UPDATE SET name = 'x'"
            ),
            &format!("{download} VALUES ('d', 'BOB_ID', 'eve', '::1', 1, 1, 1, 1, '[]', true, 'direct')"),
            "INSERT INTO links (id, export_id, made_by, token_hash, created_at) VALUES ('l', 'BOB_ID', 'eve', 'h', 1)",
            "INSERT INTO snapshots VALUES ('bob', 'bobsecret', 'v2', '/', 1)",
            "INSERT INTO replies VALUES ('bob', 'k', 'f', 1)",
            "INSERT INTO tenants VALUES ('carol', 1)",
            "UPDATE permissions SET rules = '[]' RETURNING *",
            "INSERT INTO permissions VALUES ('eve2', '[]', 1, 1, 'eve')",
            "DELETE FROM permissions RETURNING *",
            "MERGE INTO exports e USING exports o ON true WHEN MATCHED THEN UPDATE SET title = 'eve'",
            "UPDATE duties SET holder = 'eve'",
            "INSERT INTO duties VALUES ('sweep2', 'eve', 1, 1)",
            "COPY projects FROM '/dev/null'",
            "TRUNCATE exports CASCADE",
            "TRUNCATE replies",
            "DELETE FROM exports USING projects RETURNING *",
            "WITH gone AS (DELETE FROM exports RETURNING *) SELECT * FROM gone",
        ] {
            session.gets_nothing(&[statement]);
        }
        for table in TABLES {
            session.gets_nothing(&[&format!("DELETE FROM {table} RETURNING *")]);
        }
    });
}

#[test]
fn nobody_becomes_somebody_else_half_way() {
    with_session(|session| {
        let owner = format!("{}_owner", session.scene.rows.name());
        let server = format!("{}_server", session.scene.rows.name());
        for escape in [
            "RESET exportd.\"user\"",
            "SET LOCAL exportd.\"user\" = ''",
            "SET exportd.\"user\" = DEFAULT",
            "SELECT set_config('exportd.user', '', true)",
            "SELECT set_config('exportd.user', NULL, false)",
            "RESET ALL",
            "DISCARD ALL",
            "SET row_security = off",
            "SET SESSION AUTHORIZATION DEFAULT",
            "RESET ROLE",
            "SET ROLE postgres",
            "SET SESSION AUTHORIZATION postgres",
            "SET TRANSACTION NOT DEFERRABLE",
            "RESET transaction_deferrable",
            "SET transaction_deferrable = off",
            "SELECT set_config('transaction_deferrable', 'off', true)",
            "SET SESSION CHARACTERISTICS AS TRANSACTION NOT DEFERRABLE",
            "ALTER TABLE exports DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE exports NO FORCE ROW LEVEL SECURITY",
            "DROP POLICY own ON exports",
            "CREATE POLICY mine ON exports USING (true)",
            "ALTER POLICY own ON exports USING (true)",
            "CREATE RULE r AS ON SELECT TO exports DO INSTEAD SELECT 1",
            "CREATE VIEW public.v AS SELECT * FROM exports",
            "ALTER TABLE exports OWNER TO CURRENT_USER",
            &format!("SET ROLE {owner}"),
            &format!("SET SESSION AUTHORIZATION {owner}"),
            &format!("GRANT {owner} TO {server}"),
            &format!("ALTER ROLE {server} BYPASSRLS"),
            &format!("ALTER ROLE {server} SUPERUSER"),
            "SAVEPOINT s; RESET exportd.\"user\"; SET LOCAL transaction_deferrable = off",
        ] {
            session.gets_nothing(&["SELECT count(*) FROM exports", escape, "SELECT * FROM exports"]);
            session.gets_nothing(&[escape, "SELECT * FROM exports", "DELETE FROM links RETURNING *"]);
        }
        let told = ["SELECT 1", "RESET exportd.\"user\"", "SELECT count(*) FROM exports"];
        assert_eq!(session.told(&told, false).trim(), "1\n0", "nobody's transaction sees nothing");
    });
}
