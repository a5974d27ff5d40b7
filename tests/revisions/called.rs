//! What people call revisions, and what comes of it.

use exportd::loaders::RevisionError;

use crate::support::git::Repository;

use super::bench::open;

fn commit(repository: &Repository, version: &str) -> String {
    match open(&repository.path).commit(&version.parse().expect("a version")) {
        Ok(commit) => commit.id.to_string(),
        Err(RevisionError::Unknown) => "unknown".to_owned(),
        Err(RevisionError::Ambiguous) => "ambiguous".to_owned(),
        Err(error) => panic!("{version}: {error}"),
    }
}

#[test]
fn names_mean_what_they_mean_to_git() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path());
    let first = repository.file("a", "1").commit("first");
    repository.git(&["tag", "-a", "-m", "x", "v1"]);
    repository.git(&["tag", "-a", "-m", "x", "of-a-tag", "v1"]);
    repository.git(&["branch", "feature/x"]);
    let second = repository.file("a", "2").commit("second");
    // A tag and a branch of one name: git takes the tag.
    repository.git(&["tag", "both", &first]);
    repository.git(&["branch", "both", &second]);
    repository.git(&["branch", &second[..6], &first]);
    repository.git(&["update-ref", "refs/remotes/origin/far", &first]);
    repository.git(&["tag", "a-file", "HEAD:a"]);
    repository.git(&["symbolic-ref", "refs/heads/other-name", "refs/heads/main"]);
    for _ in 0..2 {
        for (name, expected) in [
            ("main", &*second),
            ("HEAD", &second),
            ("v1", &first),
            ("of-a-tag", &first),
            ("feature/x", &first),
            ("both", &first),
            ("heads/both", &second),
            ("refs/heads/both", &second),
            ("tags/both", &first),
            ("origin/far", &first),
            ("other-name", &second),
            (&first, &first),
            (&first[..7], &first),
            (&second[..4], &second),
            (&second[..6], &first),
            (&first[..3], "unknown"),
            ("a-file", "unknown"),
            ("nothing", "unknown"),
            ("feature", "unknown"),
            ("config", "unknown"),
            ("0000000000000000000000000000000000000000", "unknown"),
        ] {
            assert_eq!(commit(&repository, name), expected, "{name}");
        }
        // `git rev-parse` agrees on every one that it takes.
        for name in ["main", "v1", "both", "heads/both", "origin/far", "feature/x", "other-name"] {
            let by_git = repository.git(&["rev-parse", &format!("{name}^{{commit}}")]);
            assert_eq!(commit(&repository, name), by_git, "{name}");
        }
        repository.git(&["pack-refs", "--all"]);
        repository.git(&["repack", "-adq"]);
    }
}

#[test]
fn an_abbreviation_means_a_commit_and_only_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path());
    let mut commits = vec![repository.file("a", "1").commit("0")];
    let tree = repository.git(&["rev-parse", "HEAD^{tree}"]);
    // Until two begin alike: by the birthdays that is soon, at four digits.
    let (one, other) = loop {
        let new = repository.git(&["commit-tree", "-m", &commits.len().to_string(), &tree]);
        if let Some(alike) = commits.iter().find(|known| known[..4] == new[..4] && **known != new) {
            break (alike.clone(), new);
        }
        commits.push(new);
    };
    assert_eq!(commit(&repository, &one[..4]), "ambiguous");
    assert_eq!(commit(&repository, &one[..12]), one);
    assert_eq!(commit(&repository, &other[..12]), other);
    // A file that begins like a commit is not meant.
    let lone =
        commits.iter().find(|lone| commits.iter().filter(|other| other[..4] == lone[..4]).count() == 1);
    let lone = lone.expect("one is alone").clone();
    let mut i = 0;
    loop {
        i += 1;
        let blob = repository.object("blob", format!("{i}").as_bytes());
        if blob[..2] == lone[..2] || i > 600 {
            break;
        }
    }
    assert_eq!(commit(&repository, &lone[..4]), lone);
}

#[test]
fn tags_and_branches_are_listed_with_what_they_stand_for() {
    let folder = tempfile::tempdir().expect("a folder");
    let repository = Repository::new(folder.path());
    let first = repository.file("a", "1").commit("Begin\n\nlong words");
    repository.git(&["tag", "v1"]);
    let second = repository.file("a", "2").commit("Go on");
    repository.git(&["branch", "feature/ü x".replace(' ', "-").as_str(), &first]);
    repository.git(&["branch", "v1", &second]);
    let mut listed: Vec<_> = open(&repository.path)
        .versions()
        .expect("a list")
        .into_iter()
        .map(|version| (version.kind.as_str(), version.name, version.id.to_string(), version.subject))
        .collect();
    listed.sort();
    let (begin, go_on) = (Some("Begin".to_owned()), Some("Go on".to_owned()));
    assert_eq!(
        listed,
        [
            // What cannot be said is asked for by its commit.
            ("branch", "feature/ü-x".to_owned(), first, begin.clone()),
            ("branch", "main".to_owned(), "main".to_owned(), go_on.clone()),
            ("branch", "v1".to_owned(), "refs/heads/v1".to_owned(), go_on),
            ("tag", "v1".to_owned(), "v1".to_owned(), begin),
        ]
    );
    for (_, name, id, subject) in &listed {
        let commit = open(&repository.path).commit(&id.parse().expect("a version")).expect("a commit");
        assert_eq!(Some(commit.subject), *subject, "{name}");
    }
}
