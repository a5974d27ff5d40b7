//! The layers together, path by path.

use crate::domain::ExportType;
use crate::packaging::{ExcludeReason, Scan};

use super::{Judge, MOST_BYTES, TreeRules};

fn rules(export_type: ExportType) -> TreeRules {
    TreeRules::new(export_type, &[], &[]).expect("no globs")
}

fn reason(judge: &mut Judge<'_>, path: &str) -> Option<ExcludeReason> {
    let bare = path.strip_suffix('/').unwrap_or(path);
    judge.judge(bare.as_bytes(), bare != path).map(|verdict| verdict.reason)
}

/// The earlier systems' lists shipped the first half of these and dropped the second.
#[test]
fn whole_names_at_any_depth_and_no_parts_of_names() {
    let rules = rules(ExportType::SourceCode);
    let mut judge = rules.judge();
    for secret in [
        ".env",
        "apps/api/.env",
        "apps/api/.env.production",
        "apps/api/.env.example",
        "deploy/prod.env",
        "config/.npmrc",
        "a/b/server.KEY",
        "keys/id_rsa",
        "x/id_ed25519.pub",
        "deploy/cert.pem",
        "private_key",
        "conf/token",
        "Secrets.yml",
        "infra/terraform.tfstate.backup",
        "gcp/service-account-prod.json",
        "a/.docker/config.json",
        "home/.kube/",
        "deploy/.ssh/",
        ".env/",
        "x/.vault-token",
        "kubeconfig",
    ] {
        assert_eq!(reason(&mut judge, secret), Some(ExcludeReason::Secret), "{secret}");
    }
    for left in
        ["module/.git", "sub/.git/", "a/node_modules/", "web/dist/", "build/", "x/.DS_Store", "a/x.swp"]
    {
        assert!(reason(&mut judge, left).is_some(), "{left}");
    }
    for kept in [
        "src/tokenizer.rs",
        "design-tokens.json",
        "src/secretary.ts",
        "rebuild/x",
        "environment.ts",
        "keyboard.rs",
        "src/env.ts",
        ".gitignore",
        ".github/workflows/ci.yml",
        "dist.md",
        "monkey",
        "a..b.txt",
        "secrets.rs",
        "src/secrets/",
        "src/token/",
        "src/credentials/",
        "docker/config.json",
        "config",
        ".exportignore",
        "src/build.rs",
        "vendor/",
    ] {
        assert_eq!(reason(&mut judge, kept), None, "{kept}");
    }
}

#[test]
fn a_full_project_keeps_builds_and_history_but_no_secret() {
    let rules = TreeRules::new(ExportType::FullProject, &[], &["*.log".to_owned()]).expect("globs");
    let mut judge = rules.judge();
    for kept in [".git/", ".git/HEAD", ".git/refs/heads/config", "dist/", "target/", ".hg/", "app/config"] {
        assert_eq!(reason(&mut judge, kept), None, "{kept}");
    }
    for secret in [
        "a/.env",
        ".git/config",
        "sub/.git/config",
        ".git/modules/lib/config",
        ".hg/hgrc",
        "mirror.git/config",
    ] {
        assert_eq!(reason(&mut judge, secret), Some(ExcludeReason::Secret), "{secret}");
    }
    assert_eq!(reason(&mut judge, "node_modules/"), Some(ExcludeReason::Dependency));
    assert_eq!(reason(&mut judge, "a/x.log"), Some(ExcludeReason::Requested));
}

#[test]
fn a_wish_cannot_bring_a_secret_in() {
    let only = ["!.env".to_owned(), ".env".to_owned(), "src/**".to_owned()];
    let rules = TreeRules::new(ExportType::FullProject, &only, &["!.env".to_owned()]).expect("globs");
    assert_eq!(reason(&mut rules.judge(), ".env"), Some(ExcludeReason::Secret));
    assert!(rules.is_wanted(b"src/a/b.rs") && !rules.is_wanted(b"docs/a.md"));
}

#[test]
fn a_project_leaves_out_and_brings_back_but_no_secret_and_nothing_the_request_refused() {
    let rules = TreeRules::new(ExportType::SourceCode, &[], &["*.tmp".to_owned()]).expect("globs");
    let mut judge = rules.judge();
    let text = b"# ours\n*.log\n!important.log\n!dist/\n!.env\n!*.pem\n!x.tmp\n/docs/*.pdf\nfolder/\n";
    assert!(judge.obey(b"", ".exportignore", text).is_empty());
    assert_eq!(reason(&mut judge, "a/b.log"), Some(ExcludeReason::Ignored));
    assert_eq!(reason(&mut judge, "a/important.log"), None);
    assert_eq!((reason(&mut judge, "dist/"), reason(&mut judge, "a/dist/")), (None, None));
    assert_eq!(reason(&mut judge, "build/"), Some(ExcludeReason::BuildOutput));
    assert_eq!(reason(&mut judge, ".env"), Some(ExcludeReason::Secret));
    assert_eq!(reason(&mut judge, "dist/cert.pem"), Some(ExcludeReason::Secret));
    assert_eq!(reason(&mut judge, "x.tmp"), Some(ExcludeReason::Requested));
    assert_eq!(reason(&mut judge, "docs/a.pdf"), Some(ExcludeReason::Ignored));
    assert_eq!(reason(&mut judge, "a/docs/a.pdf"), None);
    assert_eq!(
        (reason(&mut judge, "folder"), reason(&mut judge, "folder/")),
        (None, Some(ExcludeReason::Ignored))
    );
}

#[test]
fn the_nearest_ignore_file_decides_and_only_in_its_folder() {
    let rules = rules(ExportType::SourceCode);
    let mut judge = rules.judge();
    judge.obey(b"", ".sheenexportignore", b"*.md\n*.txt\n");
    judge.obey(b"", ".exportignore", b"!*.txt\n");
    assert_eq!(reason(&mut judge, "a.md"), Some(ExcludeReason::Ignored));
    assert_eq!(reason(&mut judge, "a.txt"), None, "of one folder's two the later has the last word");
    judge.obey(b"docs/", ".exportignore", b"!*.md\n/x\n");
    assert_eq!((reason(&mut judge, "docs/a.md"), reason(&mut judge, "docs/deep/a.md")), (None, None));
    assert_eq!(reason(&mut judge, "docs/x"), Some(ExcludeReason::Ignored));
    assert_eq!(reason(&mut judge, "docs/deep/x"), None);
    assert_eq!(reason(&mut judge, "docs2/a.md"), Some(ExcludeReason::Ignored), "out of that folder again");
    assert_eq!(reason(&mut judge, "x"), None);
}

#[test]
fn the_rule_is_told_with_its_place_and_a_secret_twice() {
    let rules = TreeRules::new(ExportType::SourceCode, &[], &["*.bak".to_owned()]).expect("globs");
    let (mut judge, mut scan) = (rules.judge(), Scan::default());
    judge.obey(b"docs/", ".exportignore", b"\n# drafts\n*.{a,b}  \r\n*.draft\n");
    for path in ["docs/x.draft", "docs/x.{a,b}", "x.bak", "Cert.PEM", "Thumbs.db", "docs/x.a"] {
        if let Some(verdict) = judge.judge(path.as_bytes(), false) {
            verdict.tell(path.to_owned(), &mut scan);
        }
    }
    let rules: Vec<_> = scan.excluded.iter().map(|left| left.rule.as_deref().expect("a rule")).collect();
    assert_eq!(
        rules,
        ["docs/.exportignore:4 *.draft", "docs/.exportignore:3 *.{a,b}", "*.bak", "*.pem", "Thumbs.db"]
    );
    assert_eq!(scan.secrets.len(), 1);
    assert_eq!((scan.secrets[0].path.as_str(), scan.secrets[0].rule.as_str()), ("Cert.PEM", "*.pem"));
}

fn told(judge: &mut Judge<'_>, text: &[u8]) -> Vec<String> {
    judge.obey(b"", ".exportignore", text).into_iter().map(|warning| warning.message).collect()
}

#[test]
fn what_is_not_understood_is_told_with_its_line_and_the_rest_counts() {
    let rules = rules(ExportType::SourceCode);
    let mut judge = rules.judge();
    let long = "x".repeat(1_025);
    let text = format!("*.log\n[z-a]\n{long}\n{}\n*.tmp\n", "*a".repeat(17));
    let mut text = text.into_bytes();
    text.extend_from_slice(b"caf\xe9\n*.bak\n");
    let told = told(&mut judge, &text);
    let lines: Vec<_> = told.iter().map(|fault| &fault[..6]).collect();
    assert_eq!(lines, ["line 2", "line 3", "line 4", "line 6"], "{told:?}");
    for path in ["a.log", "a.tmp", "a.bak"] {
        assert_eq!(reason(&mut judge, path), Some(ExcludeReason::Ignored), "{path}");
    }
}

#[test]
fn too_much_of_an_ignore_file_is_not_read_and_that_is_told() {
    let rules = rules(ExportType::SourceCode);
    let many: String = (0..1_500).map(|number| format!("f{number}\n")).collect();
    let mut judge = rules.judge();
    assert_eq!(
        told(&mut judge, many.as_bytes()),
        ["line 1001 and what follows is not read: more patterns than are obeyed"]
    );
    assert_eq!(reason(&mut judge, "f999"), Some(ExcludeReason::Ignored));
    assert_eq!(reason(&mut judge, "f1000"), None);

    let comment = format!("first\n#{}\nlast\n", "x".repeat(MOST_BYTES));
    let mut judge = rules.judge();
    assert_eq!(told(&mut judge, comment.as_bytes()), ["only its first 64 KiB are read"]);
    assert_eq!((reason(&mut judge, "first").is_some(), reason(&mut judge, "last")), (true, None));

    let bad = "[z-a]\n".repeat(100);
    assert_eq!(
        told(&mut rules.judge(), bad.as_bytes()).last().expect("faults"),
        "90 more lines are not obeyed"
    );

    let mut judge = rules.judge();
    let folders: Vec<_> = (0..12).map(|number| format!("folder{number}/")).collect();
    let faults: Vec<_> = folders
        .iter()
        .map(|folder| judge.obey(folder.as_bytes(), ".exportignore", many.as_bytes()).len())
        .collect();
    assert_eq!(faults, [1; 12]);
    assert_eq!(reason(&mut judge, "folder11/f0"), None, "ten thousand patterns in all");
}
