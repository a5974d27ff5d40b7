//! Templates: names that are nobody else's, and changes that overwrite nothing unseen.

use exportd::db::{MOST_TEMPLATES, Templates, Written};
use exportd::domain::{StoredTemplate, TemplateId};
use serde_json::json;

use super::{NOW, Rows, on_both, user};

on_both!(
    a_name_is_its_owner_s_own_and_a_shared_one_everyone_s,
    of_many_who_have_seen_the_same_one_changes_a_template,
    as_many_templates_as_a_user_may_have_whoever_races,
);

fn template(owner: &str, name: &str, shared: bool) -> StoredTemplate {
    StoredTemplate {
        id: TemplateId::new(),
        owner: user(owner),
        name: name.to_owned(),
        shared,
        body: json!({"name": name, "title": "Ä \u{1f600}"}),
        revision: 1,
        created_at: NOW,
        updated_at: NOW,
        updated_by: owner.to_owned(),
    }
}

async fn make(templates: &Templates, template: &StoredTemplate) -> Written {
    templates.make(template).await.expect("an answer")
}

async fn a_name_is_its_owner_s_own_and_a_shared_one_everyone_s(rows: Rows) {
    let templates = rows.database.templates();
    let (shared, own) = (template("root", "weekly", true), template("ada", "weekly", false));
    for one in [&shared, &own, &template("bob", "daily", false)] {
        assert_eq!(make(&templates, one).await, Written::Now(1));
    }
    assert_eq!(make(&templates, &template("ada", "weekly", false)).await, Written::Taken);
    assert_eq!(make(&templates, &template("sue", "weekly", true)).await, Written::Taken);

    let named = async |who: &str, name: &str| templates.named(&user(who), name).await.expect("an answer");
    assert_eq!(named("ada", "weekly").await.as_ref(), Some(&own));
    assert_eq!(named("bob", "weekly").await.as_ref(), Some(&shared));
    assert_eq!(named("ada", "daily").await, None);
    let listed = templates.list(&user("ada"), None, 9).await.expect("a list");
    assert_eq!(listed, [shared.clone(), own.clone()]);
    let rest = templates.list(&user("ada"), Some(shared.id), 9).await.expect("a list");
    assert_eq!(rest, std::slice::from_ref(&own));

    // A name that is somebody's, or everyone's, is not taken by renaming or sharing either.
    let other = template("ada", "other", false);
    make(&templates, &other).await;
    let renamed = StoredTemplate { name: "weekly".to_owned(), ..other.clone() };
    assert_eq!(templates.replace(&renamed, 1).await.expect("an answer"), Written::Taken);
    let now_shared = StoredTemplate { shared: true, ..own.clone() };
    assert_eq!(templates.replace(&now_shared, 1).await.expect("an answer"), Written::Taken);
    assert!(templates.delete(shared.id).await.expect("an answer"));
    assert!(!templates.delete(shared.id).await.expect("an answer"), "once");
    assert_eq!(templates.replace(&now_shared, 1).await.expect("an answer"), Written::Now(2));
    assert_eq!(named("bob", "weekly").await, Some(StoredTemplate { revision: 2, ..now_shared }));
}

async fn of_many_who_have_seen_the_same_one_changes_a_template(rows: Rows) {
    let one = template("ada", "weekly", false);
    make(&rows.database.templates(), &one).await;
    let racing = (0..8).map(|_| {
        let (templates, one) = (rows.database.templates(), one.clone());
        tokio::spawn(async move { templates.replace(&one, 1).await })
    });
    let told = futures_util::future::join_all(racing.collect::<Vec<_>>()).await;
    let told: Vec<_> = told.into_iter().map(|told| told.expect("no panic").expect("an answer")).collect();
    assert_eq!(told.iter().filter(|told| **told == Written::Now(2)).count(), 1, "{told:?}");
    assert_eq!(told.iter().filter(|told| **told == Written::Changed).count(), 7, "{told:?}");
}

async fn as_many_templates_as_a_user_may_have_whoever_races(rows: Rows) {
    let templates = rows.database.templates();
    for number in 1..MOST_TEMPLATES {
        assert_eq!(make(&templates, &template("ada", &format!("t{number}"), false)).await, Written::Now(1));
    }
    let racing = (0..6).map(|number| {
        let templates = rows.database.templates();
        tokio::spawn(async move { make(&templates, &template("ada", &format!("last{number}"), false)).await })
    });
    let told = futures_util::future::join_all(racing.collect::<Vec<_>>()).await;
    let told: Vec<_> = told.into_iter().map(|told| told.expect("no panic")).collect();
    assert_eq!(told.iter().filter(|told| **told == Written::Now(1)).count(), 1, "{told:?}");
    assert_eq!(told.iter().filter(|told| **told == Written::TooMany).count(), 5, "{told:?}");
    assert_eq!(make(&templates, &template("bob", "t1", false)).await, Written::Now(1));
}
