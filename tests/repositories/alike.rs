//! Alike: which package another may be made from.

use exportd::domain::{Export, Format, Options, Profile, Sha256};

use super::{MINUTE, NOW, Rows, held, on_both, package, wanted};

on_both!(
    the_previous_package_is_the_newest_of_the_same_project_and_format,
    an_older_package_that_is_pressed_as_hard_is_preferred_to_a_newer_one,
    packages_of_the_same_bytes_are_found_by_their_digest_while_they_last,
);

async fn the_previous_package_is_the_newest_of_the_same_project_and_format(rows: Rows) {
    let first = rows.running("ada", "shop").await;
    assert_eq!(rows.exports().previous(&first, NOW).await.expect("an answer"), None);
    rows.complete(&first, &[]).await;
    let mut formats = Vec::new();
    for (format, later) in [(Format::Zip, 1), (Format::TarGz, 2)] {
        let at = NOW.plus(MINUTE / 10 * later);
        let mut new = wanted("ada", "shop", at);
        (new.format, new.title) = (format, format!("once more, {format}"));
        let asked = rows.ask_for(&new, at).await;
        rows.claim("w", 1, at).await;
        formats.push(rows.found(&asked).await);
    }
    let [zip, tar] = [&formats[0], &formats[1]];
    let key = Some(package(&first).key);
    assert_eq!(rows.exports().previous(zip, NOW).await.expect("an answer"), key);
    assert_eq!(rows.exports().previous(tar, NOW).await.expect("an answer"), None, "another format");
    rows.complete(zip, &[]).await;
    let newest = Some(package(zip).key);
    assert_eq!(rows.exports().previous(&first, NOW).await.expect("an answer"), newest);
    let expired = rows.exports().previous(&first, NOW.plus(MINUTE)).await;
    assert_eq!(expired.expect("an answer"), None, "it is no longer there");
    for (owner, project) in [("bob", "shop"), ("ada", "blog")] {
        let other = rows.ask(owner, project, NOW).await;
        assert_eq!(
            rows.exports().previous(&other, NOW).await.expect("an answer"),
            None,
            "{owner}'s {project}"
        );
    }
}

async fn an_older_package_that_is_pressed_as_hard_is_preferred_to_a_newer_one(rows: Rows) {
    let made = async |profile: Option<Profile>, later: u32| {
        let at = NOW.plus(MINUTE / 100 * later);
        let mut new = wanted("ada", "shop", at);
        (new.options, new.title) = (Options { profile, ..Options::default() }, format!("number {later}"));
        let asked = rows.ask_for(&new, at).await;
        rows.claim("w", 1, at).await;
        rows.found(&asked).await
    };
    let previous = async |of: &Export| rows.exports().previous(of, NOW).await.expect("an answer");
    let usual = made(None, 1).await;
    rows.complete(&usual, &[]).await;
    let small = made(Some(Profile::Small), 2).await;
    rows.complete(&small, &[]).await;
    let balanced = made(Some(Profile::Balanced), 3).await;
    assert_eq!(previous(&balanced).await, Some(package(&usual).key), "said or not, it is the same profile");
    rows.complete(&balanced, &[]).await;
    let fast = made(Some(Profile::Fast), 4).await;
    assert_eq!(previous(&fast).await, None, "nothing was pressed so little");
    rows.complete(&fast, &[]).await;
    let new = made(Some(Profile::Small), 5).await;
    assert_eq!(previous(&new).await, Some(package(&small).key), "two newer ones are pressed otherwise");
    assert_eq!(previous(&usual).await, Some(package(&balanced).key), "the newest of those that fit");
}

async fn packages_of_the_same_bytes_are_found_by_their_digest_while_they_last(rows: Rows) {
    let export = rows.running("ada", "shop").await;
    let made = package(&export);
    let found = async |sum, at| rows.exports().same_bytes(sum, at).await.expect("an answer");
    assert_eq!(found(made.checksum, NOW).await, None);
    rows.complete(&export, &[]).await;
    assert_eq!(found(made.checksum, NOW).await, Some(made.key));
    assert_eq!(found(Sha256([8; 32]), NOW).await, None);
    assert_eq!(found(made.checksum, NOW.plus(MINUTE)).await, None);
    assert!(rows.exports().delete(held(&export).id, NOW).await.expect("an answer"));
    assert_eq!(found(made.checksum, NOW).await, None);
}
