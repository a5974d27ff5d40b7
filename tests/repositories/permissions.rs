//! Permissions: said of a user or of everyone, and overwritten only by whoever has seen them.

use exportd::db::EVERYONE;
use exportd::domain::{Format, Kind, Rule};

use super::{NOW, Rows, on_both, user};

on_both!(
    what_was_said_last_of_a_user_counts_beside_what_was_said_of_everyone,
    of_many_who_have_seen_the_same_one_changes_it,
);

const NO_ZIP: Rule = Rule { kind: Some(Kind::Project), format: Some(Format::Zip), allow: false };
const ALL: Rule = Rule { kind: None, format: None, allow: true };

async fn what_was_said_last_of_a_user_counts_beside_what_was_said_of_everyone(rows: Rows) {
    let permissions = rows.database.permissions();
    let nothing = permissions.of(&user("ada")).await.expect("an answer");
    assert_eq!((nothing.0.revision, nothing.0.updated, nothing.1.rules), (0, None, vec![]));
    for (who, rules, by) in
        [("ada", vec![ALL], "root"), (EVERYONE, vec![NO_ZIP], "root"), ("ada", vec![NO_ZIP, ALL], "sue")]
    {
        permissions.put(&user(who), &rules, None, by, NOW).await.expect("written");
    }
    let (own, everyone) = permissions.of(&user("ada")).await.expect("an answer");
    assert_eq!((own.rules, own.revision), (vec![NO_ZIP, ALL], 2));
    assert_eq!(own.updated, Some((NOW, "sue".to_owned())));
    assert_eq!((everyone.rules, everyone.revision), (vec![NO_ZIP], 1));
    let (of_bob, _) = permissions.of(&user("bob")).await.expect("an answer");
    assert!(of_bob.rules.is_empty(), "nothing of another's");
}

async fn of_many_who_have_seen_the_same_one_changes_it(rows: Rows) {
    let ada = user("ada");
    for seen in [0, 1] {
        let racing = (0..8).map(|_| {
            let (permissions, ada) = (rows.database.permissions(), ada.clone());
            tokio::spawn(async move { permissions.put(&ada, &[ALL], Some(seen), "root", NOW).await })
        });
        let changed = futures_util::future::join_all(racing.collect::<Vec<_>>()).await.into_iter();
        let changed = changed.filter_map(|told| told.expect("it does not panic").expect("an answer"));
        assert_eq!(changed.collect::<Vec<_>>(), [seen + 1]);
    }
    let stale = rows.database.permissions().put(&user("bob"), &[ALL], Some(7), "root", NOW).await;
    assert_eq!(stale.expect("an answer"), None, "it never had a seventh");
}
