//! Entries that would have one and the same name.

use std::collections::HashSet;

use crate::domain::{Warning, WarningCode};
use crate::packaging::{ExcludeReason, Excluded, Scan};

/// Leaves out every entry whose escaped name is another's name, and tells it: names of their own
/// go first.
pub fn part_namesakes(scan: &mut Scan) {
    let entries = std::mem::take(&mut scan.entries);
    let own = entries.iter().filter(|entry| entry.origin.is_none());
    let mut taken: HashSet<String> = own.map(|entry| entry.path.clone()).collect();
    for entry in entries {
        if entry.origin.is_none() || taken.insert(entry.path.clone()) {
            scan.entries.push(entry);
            continue;
        }
        let (path, message) = (entry.path, "left out: its name is another file's".to_owned());
        scan.excluded.push(Excluded { path: path.clone(), reason: ExcludeReason::NameCollision, rule: None });
        scan.warnings.push(Warning { code: WarningCode::NameEscaped, path: Some(path), message });
    }
}
