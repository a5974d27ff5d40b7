//! Alike: which package another may be made from.

use exportd::domain::{Format, Sha256};

use super::{MINUTE, NOW, Rows, held, on_both, package, wanted};

on_both!(
    the_previous_package_is_the_newest_of_the_same_project_and_format,
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
