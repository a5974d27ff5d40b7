//! Whoever acts for a user reads that user's templates and the shared ones, and writes the former alone.

use exportd::db::{Database, Written};
use exportd::domain::{Caller, Role, StoredTemplate, TemplateId};
use exportd::telemetry::Metrics;
use serde_json::json;

use super::Scene;

#[test]
fn no_query_reaches_another_s_template_or_writes_one_for_everyone() {
    let scene = Scene::set();
    let (bob, root) = (scene.house.user("bob"), scene.house.admin());
    let new = |name: &str, shared: bool| {
        json!({"name": name, "title": "T", "audience": "customer", "shared": shared,
            "sections": [{"type": "facts"}]})
    };
    let of_bob: TemplateId =
        bob.post("/api/v1/templates", &new("mine", false)).expect(201).text("/id").parse().expect("an id");
    let of_all: TemplateId =
        root.post("/api/v1/templates", &new("ours", true)).expect(201).text("/id").parse().expect("an id");

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let database = Database::open(&scene.rows.config(), Metrics::new("test")).await.expect("opened");
        let eve = Caller::new("eve".parse().expect("a user id"), Role::User);
        let (all, templates) = (database.templates(), database.templates().acting_for(&eve));
        let (theirs, shared) = (all.find(of_bob).await.expect("told"), all.find(of_all).await.expect("told"));
        let (theirs, shared) = (theirs.expect("it is there"), shared.expect("it is there"));

        assert_eq!(templates.find(of_bob).await.expect("an answer"), None);
        assert_eq!(templates.named(&theirs.owner, "mine").await.expect("an answer"), None);
        let listed = templates.list(&theirs.owner, None, 50).await.expect("a list");
        assert_eq!(listed, std::slice::from_ref(&shared), "what is shared, and nothing of bob's");
        for one in [&theirs, &shared] {
            assert_eq!(templates.replace(one, 1).await.expect("an answer"), Written::Changed);
            assert!(!templates.delete(one.id).await.expect("an answer"));
        }
        let forged = StoredTemplate { id: TemplateId::new(), name: "forged".to_owned(), ..theirs.clone() };
        assert!(templates.make(&forged).await.is_err(), "in bob's name");
        let for_all = StoredTemplate { owner: eve.user.clone(), shared: true, ..forged };
        assert!(templates.make(&for_all).await.is_err(), "for everyone");
        assert_eq!(all.find(of_bob).await.expect("an answer"), Some(theirs));
        assert_eq!(all.find(of_all).await.expect("an answer"), Some(shared));
        database.close().await;
    });
}
