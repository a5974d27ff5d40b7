//! Figures outlive their exports, count each once, and are there for whoever asks the database itself.

use std::time::Duration;

use exportd::db::Database;
use exportd::domain::{Status, Timestamp};
use serde_json::json;

use super::told;
use crate::repositories::{MINUTE, NOW, Rows, on_both};
use crate::support::house::House;
use crate::support::postgres::{OwnDatabase, psql};

const DAY: Duration = Duration::from_secs(86_400);

on_both!(what_is_deleted_for_its_age_is_counted_as_before_and_once, a_day_that_is_too_old_is_forgotten,);

/// Everyone's figures at `now`: day, status, exports, bytes, files, downloads, milliseconds.
async fn figures(database: &Database, now: Timestamp) -> Vec<(String, Status, u64, u64, u64, u64, u128)> {
    let stats = database.exports().stats(None, NOW.minus(400 * DAY), now).await.expect("figures");
    let told = |lot: &exportd::db::Lot| {
        (lot.day.date(), lot.status, lot.exports, lot.bytes, lot.files, lot.downloads, lot.took.as_millis())
    };
    stats.lots.iter().map(told).collect()
}

/// Two packages of ada's and one of bob's, each downloaded three times, and one that was cancelled.
async fn filled(rows: &Rows) {
    for (owner, project) in [("ada", "shop"), ("ada", "blog"), ("bob", "shop")] {
        rows.ask(owner, project, NOW).await;
        let claim =
            exportd::db::Claim { worker: "w".to_owned(), slots: 1, per_user: 9, lease_for: MINUTE, now: NOW };
        let export = rows.exports().claim(&claim).await.expect("a claim").pop().expect("claimed");
        rows.complete(&export, &[]).await;
    }
    let other = rows.ask("ada", "other", NOW).await;
    rows.exports().ask_cancel(other.id, NOW).await.expect("cancelled");
    rows.change("UPDATE exports SET download_count = 3 WHERE status = 'completed'").await;
}

async fn what_is_deleted_for_its_age_is_counted_as_before_and_once(rows: Rows) {
    filled(&rows).await;
    let exports = rows.exports();
    let soon = NOW.plus(MINUTE);
    exports.expire_due(soon, 10).await.expect("expired");
    for (id, _) in exports.unswept(10).await.expect("told") {
        exports.mark_swept(id, soon).await.expect("marked");
    }
    let before = figures(&rows.database, soon).await;
    let day = NOW.date();
    assert_eq!(
        before,
        [(day.clone(), Status::Cancelled, 1, 0, 0, 0, 0), (day, Status::Expired, 3, 3_000, 9, 9, 0)]
    );
    let later = NOW.plus(DAY);
    // In several strokes, which add up.
    for left in [2, 2, 0] {
        assert_eq!(exports.prune(later, 2).await.expect("pruned"), left);
        assert_eq!(figures(&rows.database, later).await, before, "each is counted once, wherever it stands");
    }
    let ada = "ada".parse().expect("a user");
    let of_ada = exports.stats(Some(&ada), NOW.minus(DAY), later).await.expect("figures");
    let counts: Vec<_> = of_ada.lots.iter().map(|lot| (lot.status, lot.exports, lot.downloads)).collect();
    assert_eq!(counts, [(Status::Cancelled, 1, 0), (Status::Expired, 2, 6)]);
    filled(&rows).await;
    let both = figures(&rows.database, later).await;
    assert_eq!(both.iter().map(|lot| lot.2).sum::<u64>(), 8, "new ones of that day come on top: {both:?}");
}

async fn a_day_that_is_too_old_is_forgotten(rows: Rows) {
    filled(&rows).await;
    let exports = rows.exports();
    assert_eq!(exports.prune(NOW.plus(DAY), 10).await.expect("pruned"), 1, "packages that are there stay");
    exports.forget_days(NOW.minus(DAY)).await.expect("nothing is so old");
    assert_eq!(figures(&rows.database, NOW).await.len(), 2);
    exports.forget_days(NOW.plus(DAY)).await.expect("forgotten");
    assert_eq!(figures(&rows.database, NOW).await.len(), 1);
}

#[test]
fn figures_stay_when_their_exports_go_and_one_with_three_downloads_is_one() {
    let house = House::with(|settings| settings.retention.records = 10 * DAY);
    house.project("ada", "shop").noise("n", 50_000);
    let export = house.user("ada").request("shop");
    let size = export.completed()["fileSize"].clone();
    for _ in 0..3 {
        export.download(&[]).expect(200);
        house.clock().advance(Duration::from_secs(3_600));
    }
    export.until("the downloads are counted", |export| export["downloadCount"] == 3);
    let stats = || {
        let told = told(&house.user("ada"), "/api/v1/stats?days=60");
        ["exports", "completed", "bytes", "downloads", "byDay"].map(|member| told[member].clone())
    };
    let before = stats();
    assert_eq!(before[..4], [json!(1), json!(1), size, json!(3)]);
    house.clock().advance(30 * DAY);
    assert_eq!(house.sweep().pruned_rows, 1);
    export.api.get(&export.path("")).expect(404);
    let told = told(&house.user("ada"), "/api/v1/stats?days=90");
    assert_eq!(
        ["exports", "completed", "bytes", "downloads", "byDay"].map(|member| told[member].clone()),
        before
    );
}

#[test]
fn views_tell_the_same_to_whoever_asks_the_database() {
    let house = House::with(|settings| settings.limits.max_files = 1);
    house.project("ada", "shop").noise("n", 50_000);
    house.project("ada", "bad").file("a", "a").file("b", "b");
    let export = house.user("ada").request("shop");
    let size = export.completed()["fileSize"].as_i64().expect("a size");
    for _ in 0..3 {
        export.download(&[]).expect(200);
        house.clock().advance(Duration::from_secs(3_600));
    }
    export.until("the downloads are counted", |export| export["downloadCount"] == 3);
    house.user("ada").request("bad").ended();
    let one = |text: &str| house.stored::<i64>(text);
    assert_eq!(one("SELECT exports FROM export_summary WHERE status = 'completed'"), 1);
    assert_eq!(one("SELECT bytes FROM export_summary WHERE status = 'completed'"), size);
    assert_eq!(one("SELECT downloads FROM export_summary WHERE status = 'completed'"), 3);
    let day: String = house.stored("SELECT min(day) FROM export_summary");
    assert_eq!(day, export.show()["createdAt"].as_str().expect("an instant")[..10]);
    let missing: Option<i64> = house.stored("SELECT average_ms FROM export_summary WHERE status = 'failed'");
    assert_eq!(missing, None);
    for (column, is) in [("exports", 2), ("completed", 1), ("failed", 1), ("active", 0), ("downloads", 3)] {
        assert_eq!(
            one(&format!("SELECT {column} FROM user_export_summary WHERE user_id = 'ada'")),
            is,
            "{column}"
        );
    }
    assert_eq!(one("SELECT package_bytes FROM user_export_summary WHERE user_id = 'ada'"), size);
    house.admin().act("/api/v1/admin/queue/pause").expect(200);
    assert_eq!(
        i64::from(house.stored::<i32>("SELECT CAST(paused AS INTEGER) FROM export_health_metrics")),
        1
    );
    assert_eq!(one("SELECT completed_24h FROM export_health_metrics"), 1);
    assert_eq!(one("SELECT failed_24h FROM export_health_metrics"), 1);
    assert_eq!(one("SELECT package_bytes FROM export_health_metrics"), size);
    let rate = "SELECT CAST(success_rate_24h * 100 AS BIGINT) FROM export_health_metrics";
    assert_eq!(one(rate), 50);
}

#[test]
fn row_security_binds_whoever_asks_by_a_view() {
    let rows = OwnDatabase::with_roles();
    let house = House::with(|settings| settings.database = rows.config());
    for user in ["ada", "bob"] {
        house.project(user, "shop").file("a", "a");
        house.user(user).request("shop").completed();
    }
    let views = psql(
        &rows.superuser_url(),
        "SELECT relname FROM pg_class WHERE relkind = 'v' AND relnamespace = 'public'::regnamespace
            AND NOT coalesce('security_invoker=true' = ANY (reloptions), false)",
    );
    assert_eq!(views, "", "views that ask as their owner");
    let acting = "SET TRANSACTION DEFERRABLE; SET LOCAL exportd.\"user\" = 'ada';";
    for (acting, users) in [("", "ada\nbob\n"), (acting, "ada\n")] {
        let asked = format!("BEGIN; {acting} SELECT user_id FROM user_export_summary ORDER BY 1; COMMIT");
        assert_eq!(psql(&rows.url, &asked), users, "{acting}");
        let summed = format!("BEGIN; {acting} SELECT sum(exports) FROM export_summary; COMMIT");
        assert_eq!(psql(&rows.url, &summed).trim(), users.lines().count().to_string(), "{acting}");
    }
}

#[test]
fn a_dashboard_s_role_reads_the_views_by_what_the_page_grants() {
    let rows = OwnDatabase::with_roles();
    let _house = House::with(|settings| settings.database = rows.config());
    let page = include_str!("../../docs/views.md");
    let shown = page.split("```sql\n").nth(1).and_then(|rest| rest.split("```").next()).expect("statements");
    let role = format!("{}_dashboards", rows.name());
    let shown =
        shown.replace("dashboards", &role).replace("DATABASE exports", &format!("DATABASE {}", rows.name()));
    psql(&rows.superuser_url(), &shown);
    let (_, place) = rows.url.split_once('@').expect("a role in the URL");
    let url = format!("postgres://{role}:of-its-own@{place}");
    for view in ["export_summary", "export_health_metrics", "user_export_summary"] {
        psql(&url, &format!("SELECT count(*) FROM {view}"));
    }
    psql(&rows.superuser_url(), &format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn what_the_page_says_of_views_is_so() {
    let page =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/views.md")).expect("the page");
    let house = House::open();
    for view in ["export_summary", "export_health_metrics", "user_export_summary"] {
        let section = page.split(&format!("## `{view}`")).nth(1).expect("a section");
        let section = section.split("\n## ").next().expect("its text");
        let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split('|').next());
        let columns: Vec<_> =
            cells.flat_map(|cell| cell.split(['`', ',', ' '])).filter(|word| !word.is_empty()).collect();
        assert!(columns.len() >= 12, "{columns:?}");
        // A column that is not there is an error.
        let _: Option<i64> = house
            .stored(&format!("SELECT count(*) FROM (SELECT {} FROM {view}) AS all_of", columns.join(", ")));
    }
    let example =
        page.split("```sql\n").nth(2).and_then(|rest| rest.split("```").next()).expect("an example");
    let count = format!("SELECT count(*) FROM ({}) AS days", example.trim().trim_end_matches(';'));
    assert_eq!(house.stored::<i64>(&count), 0);
}
