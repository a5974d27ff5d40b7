//! Our own queries, asked by somebody whose rows they do not ask for.

use std::time::Duration;

use exportd::clock::Clock;
use exportd::db::{Database, Filter};
use exportd::domain::{Caller, ExportId, Link, LinkId, Role, Sha256, Status};
use exportd::telemetry::Metrics;

use super::Scene;

#[test]
fn whoever_acts_for_a_user_and_forgets_to_ask_whose_gets_no_one_else_s() {
    let scene = Scene::set();
    let (bob, _eve) = (scene.furnish("bob"), scene.furnish("eve"));
    let id: ExportId = bob.id.parse().expect("an id");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let database = Database::open(&scene.rows.config(), Metrics::new("test")).await.expect("opened");
        let (eve, now) = (Caller::new("eve".parse().expect("a user id"), Role::User), Clock::system().now());
        let (exports, links) = (database.exports().acting_for(&eve), database.links().acting_for(&eve));

        let page = exports.list(&Filter::default(), None, 50, now).await.expect("a page");
        assert!(page.items.iter().all(|export| export.owner == eve.user) && page.items.len() == 1);
        let of_bob = Filter { owner: Some("bob".parse().expect("a user id")), ..Filter::default() };
        assert!(exports.list(&of_bob, None, 50, now).await.expect("a page").items.is_empty());
        assert!(exports.find(id).await.expect("an answer").is_none());
        assert!(exports.owner(id).await.expect("an answer").is_none());
        assert!(exports.events(id, 0, 100).await.expect("an answer").is_empty());
        assert!(exports.counts().await.expect("counts").iter().map(|(_, n)| n).sum::<u64>() == 1);
        assert_eq!(exports.ask_cancel(id, now).await.expect("an answer"), None);
        assert!(!exports.delete(id, now).await.expect("an answer"));
        assert!(
            exports.expire_due(now.plus(Duration::from_secs(1 << 30)), 10).await.expect("told").len() == 1
        );
        assert!(exports.note(id, "status", Status::Failed, "eve was here", now).await.is_err());
        assert!(database.downloads().acting_for(&eve).of(id, None, 10).await.expect("told").items.is_empty());
        assert!(
            links.of(id).await.expect("an answer").is_empty()
                && links.tallies(id).await.expect("told").is_empty()
        );
        let theirs = database.links().of(id).await.expect("an answer").pop().expect("bob's link");
        assert!(!links.revoke(id, theirs.id, &eve.user, Status::Completed, now).await.expect("told"));
        let forged = Link { id: LinkId::new(), token_hash: Sha256([9; 32]), ..theirs };
        assert!(!links.make(&forged).await.expect("an answer"), "a link to bob's package");

        let untouched = database.exports().find(id).await.expect("an answer").expect("it is there");
        assert_eq!(untouched.status, Status::Completed);
        assert_eq!(database.links().of(id).await.expect("an answer").len(), 1);
        database.close().await;
    });
    bob.download(&[]).expect(200);
}
