//! Ignore files that strangers wrote.
#![no_main]

use std::path::Path;

use exportd_fuzz::packaging::Globs;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let lines: Vec<&str> = text.lines().collect();
    // One that is none must not keep the others from being looked at.
    for line in &lines {
        let _ = Globs::new(&[line]);
    }
    let Ok(globs) = Globs::new(&lines) else { return };
    for path in ["a", "src/main.rs", "build/x.log", "größe/日本.txt", ".env", "a/b/c/d/e/f/test1.c"] {
        for is_folder in [false, true] {
            let is_matched = globs.match_within(Path::new(path), is_folder);
            assert!(!globs.is_empty() || !is_matched);
        }
    }
});
