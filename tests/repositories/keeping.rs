//! Keeping: replies for their keys, duties for their holders, projects for their owners.

use std::time::Duration;

use exportd::db::{Begun, StoredReply};
use exportd::domain::{Project, ProjectSource, Sha256, Snapshot};
use uuid::Uuid;

use super::{MINUTE, NOW, Rows, on_both, user};

on_both!(
    a_key_belongs_to_one_user_and_one_body,
    of_many_requests_with_one_key_one_is_carried_out,
    a_key_is_forgotten_after_a_day,
    a_request_that_takes_long_keeps_its_key,
    a_duty_has_one_holder_and_its_term_grows,
    projects_are_put_listed_and_deleted_by_their_owner,
    snapshots_belong_to_their_project_and_go_with_it,
    ids_are_ordered_by_their_bytes_whatever_the_server_s_language,
);

/// After so long a request that was begun counts as dead.
const GIVEN_UP: Duration = Duration::from_secs(120);

async fn a_key_belongs_to_one_user_and_one_body(rows: Rows) {
    let replies = rows.database.replies();
    let (ada, bob, body, other) = (user("ada"), user("bob"), Sha256([1; 32]), Sha256([2; 32]));
    let begin =
        async |user, body: &Sha256| replies.begin(user, "k", body, NOW, GIVEN_UP).await.expect("told");
    assert_eq!(begin(&ada, &body).await, Begun::Fresh);
    assert_eq!(begin(&ada, &body).await, Begun::InProgress);
    assert_eq!(begin(&bob, &other).await, Begun::Fresh, "another user's key is another key");
    let reply = StoredReply {
        status: 202,
        headers: vec![("location".to_owned(), "/x".to_owned())],
        body: "{\"a\":\"ü\"}".to_owned(),
    };
    replies.finish(&ada, "k", &reply, NOW).await.expect("written");
    assert_eq!(begin(&ada, &body).await, Begun::Replay(reply));
    assert_eq!(begin(&ada, &other).await, Begun::OtherBody);
    replies.forget(&bob, "k").await.expect("written");
    assert_eq!(begin(&bob, &body).await, Begun::Fresh, "it failed, and may be tried again");
}

async fn of_many_requests_with_one_key_one_is_carried_out(rows: Rows) {
    let asked = (0..50).map(|_| {
        let replies = rows.database.replies();
        tokio::spawn(async move {
            replies.begin(&user("ada"), "k", &Sha256([1; 32]), NOW, GIVEN_UP).await.expect("told")
        })
    });
    let begun = futures_util::future::join_all(asked.collect::<Vec<_>>()).await;
    let fresh = begun.into_iter().filter(|begun| matches!(begun, Ok(Begun::Fresh))).count();
    assert_eq!(fresh, 1);
}

async fn a_key_is_forgotten_after_a_day(rows: Rows) {
    let (replies, ada, body) = (rows.database.replies(), user("ada"), Sha256([1; 32]));
    replies.begin(&ada, "k", &body, NOW, GIVEN_UP).await.expect("told");
    let later = NOW.plus(GIVEN_UP + MINUTE);
    let begun = replies.begin(&ada, "k", &body, later, GIVEN_UP).await.expect("told");
    assert_eq!(begun, Begun::Fresh, "whoever began it has died");
    let reply = StoredReply { status: 202, headers: Vec::new(), body: String::new() };
    replies.finish(&ada, "k", &reply, later).await.expect("written");
    let next_day = later.plus(MINUTE * 60 * 24);
    replies.prune(next_day.minus(MINUTE)).await.expect("written");
    let kept = replies.begin(&ada, "k", &body, next_day.minus(MINUTE), GIVEN_UP).await.expect("told");
    assert_eq!(kept, Begun::Replay(reply));
    replies.prune(next_day).await.expect("written");
    let begun = replies.begin(&ada, "k", &body, next_day, GIVEN_UP).await.expect("told");
    assert_eq!(begun, Begun::Fresh);
}

async fn a_request_that_takes_long_keeps_its_key(rows: Rows) {
    let (replies, ada, body) = (rows.database.replies(), user("ada"), Sha256([1; 32]));
    let begin = async |now| replies.begin(&ada, "k", &body, now, GIVEN_UP).await.expect("told");
    assert_eq!(begin(NOW).await, Begun::Fresh);
    replies.still(&ada, "k", NOW.plus(MINUTE)).await.expect("written");
    assert_eq!(begin(NOW.plus(GIVEN_UP)).await, Begun::InProgress);
    assert_eq!(begin(NOW.plus(MINUTE + GIVEN_UP)).await, Begun::Fresh, "nothing was heard of it any more");
    let reply = StoredReply { status: 202, headers: Vec::new(), body: String::new() };
    replies.finish(&ada, "k", &reply, NOW.plus(GIVEN_UP * 2)).await.expect("written");
    replies.still(&ada, "k", NOW.plus(MINUTE * 60 * 23)).await.expect("written");
    let next_day = NOW.plus(GIVEN_UP * 2 + MINUTE * 60 * 24);
    assert_eq!(begin(next_day).await, Begun::Fresh, "what is answered gets no older by that");
}

async fn a_duty_has_one_holder_and_its_term_grows(rows: Rows) {
    let duties = rows.database.duties();
    let (store, later) = (Uuid::new_v4(), NOW.plus(MINUTE));
    let (ours, theirs) = (format!("{store}.host.1"), "other.host.1".to_owned());
    let hold =
        async |holder: &str, now| duties.hold("sweep", holder, now, now.plus(MINUTE)).await.expect("told");
    assert_eq!(hold(&ours, NOW).await, Some(1));
    assert_eq!(hold(&ours, NOW).await, Some(1), "kept");
    assert_eq!(hold(&theirs, NOW).await, None);
    assert_eq!(hold(&theirs, later).await, Some(2), "lapsed at its instant");
    duties.release("sweep", &ours).await.expect("told");
    assert_eq!(hold(&ours, later).await, None, "nobody lays down another's duty");
    duties.release("sweep", &theirs).await.expect("told");
    assert_eq!(hold(&ours, later).await, Some(3));
    duties.free_of(Uuid::new_v4()).await.expect("told");
    assert_eq!(hold(&theirs, later).await, None, "another store's dead had it not");
    duties.free_of(store).await.expect("told");
    assert_eq!(hold(&theirs, later).await, Some(4));
}

async fn projects_are_put_listed_and_deleted_by_their_owner(rows: Rows) {
    let projects = rows.database.projects();
    let project = |owner: &str, id: &str, name: &str| Project {
        owner: user(owner),
        id: id.parse().expect("a project id"),
        name: name.to_owned(),
        framework: Some("actix".to_owned()),
        source: ProjectSource::Directory { path: format!("/srv/{id}").into() },
        registered_at: Some(NOW),
    };
    for (owner, id) in [("ada", "b"), ("ada", "a"), ("ada", "c"), ("bob", "a")] {
        projects.put(&project(owner, id, "first")).await.expect("written");
    }
    projects.put(&project("ada", "a", "it's \"second\"")).await.expect("written");
    let ada = user("ada");
    let listed = projects.list(&ada, None, 2).await.expect("a page");
    assert_eq!(listed, [project("ada", "a", "it's \"second\""), project("ada", "b", "first")]);
    let rest = projects.list(&ada, Some(&listed[1].id), 2).await.expect("a page");
    assert_eq!(rest, [project("ada", "c", "first")]);
    assert!(projects.delete(&ada, &listed[0].id).await.expect("told"));
    assert!(!projects.delete(&ada, &listed[0].id).await.expect("told"), "once");
    assert_eq!(projects.find(&ada, &listed[0].id).await.expect("told"), None);
    assert!(projects.find(&user("bob"), &listed[0].id).await.expect("told").is_some());
}

async fn snapshots_belong_to_their_project_and_go_with_it(rows: Rows) {
    let (projects, snapshots) = (rows.database.projects(), rows.database.snapshots());
    let snapshot = |version: &str, path: &str, registered_at| Snapshot {
        version: version.parse().expect("a version"),
        path: path.into(),
        registered_at,
    };
    let (ada, bob, later) = (user("ada"), user("bob"), NOW.plus(MINUTE));
    let (shop, other) = ("shop".parse().expect("an id"), "other".parse().expect("an id"));
    let first = snapshot("v1", "/srv/it's", NOW);
    for (owner, project) in [(&ada, &shop), (&ada, &other), (&bob, &shop)] {
        snapshots.put(owner, project, &first).await.expect("written");
    }
    snapshots.put(&ada, &shop, &snapshot("feature/x", "/srv/x", later)).await.expect("written");
    snapshots.put(&ada, &shop, &snapshot("v1", "/srv/it's", later)).await.expect("written");
    let found = async |owner, version: &str| {
        snapshots.find(owner, &shop, &version.parse().expect("a version")).await.expect("told")
    };
    assert_eq!(found(&ada, "v1").await, Some(first.clone()), "the same folder is the same snapshot");
    snapshots.put(&ada, &shop, &snapshot("v1", "/srv/new", later)).await.expect("written");
    let listed = snapshots.list(&ada, &shop, 9).await.expect("a list");
    assert_eq!(listed, [snapshot("feature/x", "/srv/x", later), snapshot("v1", "/srv/new", later)]);
    assert_eq!(snapshots.list(&ada, &shop, 1).await.expect("a list").len(), 1);
    assert_eq!(found(&ada, "v2").await, None);

    assert!(!projects.delete(&ada, &shop).await.expect("told"), "it was found, not registered");
    assert!(found(&ada, "v1").await.is_some());
    let project = Project {
        owner: ada.clone(),
        id: shop.clone(),
        name: "shop".to_owned(),
        framework: None,
        source: ProjectSource::Git { path: "/srv/shop.git".into() },
        registered_at: Some(NOW),
    };
    projects.put(&project).await.expect("written");
    assert_eq!(projects.find(&ada, &shop).await.expect("told"), Some(project));
    assert!(projects.delete(&ada, &shop).await.expect("told"));
    assert_eq!(found(&ada, "v1").await, None);
    assert_eq!(found(&bob, "v1").await, Some(first.clone()));
    assert_eq!(snapshots.list(&ada, &other, 9).await.expect("a list"), [first]);
}

/// Pages are merged with folders in this order: where people put `a` before `B`, the two would
/// disagree on what comes after.
async fn ids_are_ordered_by_their_bytes_whatever_the_server_s_language(rows: Rows) {
    let projects = rows.database.projects();
    let mut ids = ["a", "B", "_c", "c-d", "cB", "c.e", "0"];
    for id in ids {
        let project = Project {
            owner: user("ada"),
            id: id.parse().expect("a project id"),
            name: id.to_owned(),
            framework: None,
            source: ProjectSource::Directory { path: "/srv".into() },
            registered_at: Some(NOW),
        };
        projects.put(&project).await.expect("written");
    }
    ids.sort_unstable();
    let (mut seen, mut after) = (Vec::new(), None);
    while let Some(project) =
        projects.list(&user("ada"), after.as_ref(), 1).await.expect("a page").into_iter().next()
    {
        seen.push(project.id.to_string());
        after = Some(project.id);
    }
    assert_eq!(seen, ids);
}
