//! The ignore files of a project, as a walk through it obeys them.
#![no_main]

use exportd_fuzz::domain::ExportType;
use exportd_fuzz::loaders::rules::{IGNORE_FILES, TreeRules};
use exportd_fuzz::packaging::ExcludeReason;
use libfuzzer_sys::fuzz_target;

const PATHS: [&str; 8] =
    ["a", "src/main.rs", "src/build/x.log", "größe/日本.txt", "src/.env", "src/.envrc", "a/b/c/d/e", "dist"];

fuzz_target!(|bytes: &[u8]| {
    let rules = TreeRules::new(ExportType::SourceCode, &[], &[]).expect("no globs");
    let mut judge = rules.judge();
    let half = bytes.len() / 2;
    judge.obey(b"", IGNORE_FILES[1], &bytes[..half]);
    judge.obey(b"src/", IGNORE_FILES[0], &bytes[half..]);
    for path in PATHS {
        for is_folder in [false, true] {
            let verdict = judge.judge(path.as_bytes(), is_folder);
            if path.contains(".env") && !is_folder {
                // Whatever an ignore file says, secrets stay.
                assert_eq!(verdict.map(|verdict| verdict.reason), Some(ExcludeReason::Secret), "{path}");
            }
        }
    }
});
