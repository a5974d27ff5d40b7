//! Every table is bound; and what is bound is still read by its indexes.

use super::Scene;
use crate::support::postgres::psql;

/// Which migrations were applied is no user's affair, and the server may only read it.
const UNBOUND: &str = "seaql_migrations";
/// What a column is called that tells whose a row is, or on whose it hangs.
const TELLS_WHOSE: &str = "'owner', 'user_id', 'made_by', 'export_id', 'link_id', 'pass_id'";
/// Tables that tell whose their rows are, and are the house's all the same.
const HOUSE_S: &[&str] = &["audit_entries"];

#[test]
fn every_table_is_bound_and_none_is_forgotten() {
    let scene = Scene::set();
    let tables = psql(
        &scene.rows.superuser_url(),
        &format!(
            "SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                (SELECT string_agg(polname, ' ' ORDER BY polname) FROM pg_policy WHERE polrelid = c.oid),
                EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = c.oid AND attname IN ({TELLS_WHOSE}))
            FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1"
        ),
    );
    for line in tables.lines().filter(|line| !line.starts_with(UNBOUND)) {
        let [table, is_forced, policies, tells_whose] = line.split('|').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let is_bound = is_forced == "t" && policies.split(' ').any(|policy| policy == "house");
        assert!(is_bound, "{table} has no row security: say in its migration whose its rows are");
        let is_somebody_s = policies != "house";
        let told = (tells_whose == "t") && !HOUSE_S.contains(&table);
        assert_eq!(is_somebody_s, told, "{table} has the policies `{policies}`");
    }
    assert!(tables.lines().count() >= 14, "{tables}");
}

#[test]
fn what_is_bound_is_still_found_by_its_index() {
    let scene = Scene::set();
    let ask = |text: &str| psql(&scene.rows.superuser_url(), text);
    ask("INSERT INTO exports (id, owner, kind, format, title, data_selector, options, metadata, status, dedup_key,
            run_at, rank_at, max_attempts, progress, warnings, retention_ms, correlation_id, created_at, updated_at)
        SELECT 'x' || i, 'u' || i % 50, 'project', 'zip', 't', '{}', '{}', '{}', 'cancelled', 'd' || i, i, i, 3, '{}', '[]',
            1, 'c', i, i FROM generate_series(1, 20000) i");
    ask("INSERT INTO export_events (export_id, at, kind, status, message)
        SELECT 'x' || i % 20000 + 1, 1, 'status', 'queued', 'm' FROM generate_series(1, 60000) i");
    ask("ANALYZE");
    for (query, index) in [
        ("SELECT * FROM exports WHERE owner = 'u7' ORDER BY created_at DESC, id DESC LIMIT 51", "exports_of_owner"),
        (
            "SELECT * FROM exports WHERE owner = 'u7' AND (created_at, id) < (9000, 'x') ORDER BY created_at DESC, id DESC
            LIMIT 51",
            "exports_of_owner",
        ),
        ("SELECT * FROM exports WHERE id = 'x7' AND owner = 'u7'", "exports_pkey"),
        ("SELECT * FROM export_events WHERE export_id = 'x7' AND seq > 0 ORDER BY seq LIMIT 100", "export_events_of"),
    ] {
        for acting in ["", "SET TRANSACTION DEFERRABLE; SET LOCAL exportd.\"user\" = 'u7';"] {
            let plan = psql(&scene.rows.url, &format!("BEGIN; {acting} EXPLAIN {query}; COMMIT"));
            assert!(plan.contains(index) && !plan.contains("Seq Scan"), "{acting}{query}\n{plan}");
        }
    }
    ask("TRUNCATE exports CASCADE");
}
