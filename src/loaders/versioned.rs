//! One version of a project, whole or only what has changed since another.

use std::collections::HashMap;
use std::io;

use crate::packaging::{Content, Control, Entry, Limits, PackError, Provenance, Scan, Source, fill};

/// Bytes that are compared at once.
const BLOCK: usize = 64 << 10;

/// A version, told which it is.
pub struct Versioned {
    source: Box<dyn Source>,
    /// The version from which on changes are packed; everything, without.
    older: Option<Box<dyn Source>>,
    provenance: Provenance,
}

impl Versioned {
    /// All of `source`.
    pub fn whole(source: Box<dyn Source>, provenance: Provenance) -> Self {
        Self { source, older: None, provenance }
    }

    /// What is in `source` and not, or not so, in `older`.
    pub fn since(older: Box<dyn Source>, source: Box<dyn Source>, provenance: Provenance) -> Self {
        Self { source, older: Some(older), provenance }
    }
}

impl Source for Versioned {
    fn scan(&mut self, limits: &Limits, control: &Control) -> Result<Scan, PackError> {
        let mut scan = self.source.scan(limits, control)?;
        if let Some(older) = &mut self.older {
            let before = older.scan(limits, control)?;
            scan = Changes { newer: &*self.source, older: &**older, control }.of(scan, before)?;
        }
        scan.provenance = Some(self.provenance.clone());
        Ok(scan)
    }

    fn open(&self, entry: &Entry) -> io::Result<Box<dyn Content>> {
        self.source.open(entry)
    }
}

/// Compares two versions by what would be in their packages: whoever has the older one, deletes
/// what was deleted and unpacks what has changed, has the newer one. So a file that a rule lets
/// through only now is new, and one that it does not let through any more is deleted.
struct Changes<'a> {
    newer: &'a dyn Source,
    older: &'a dyn Source,
    control: &'a Control,
}

impl Changes<'_> {
    fn of(&self, newer: Scan, older: Scan) -> Result<Scan, PackError> {
        let mut before: HashMap<String, Entry> =
            older.entries.into_iter().map(|entry| (entry.path.clone(), entry)).collect();
        let (mut entries, mut same) = (Vec::new(), Vec::new());
        for entry in newer.entries {
            match before.remove(&entry.path) {
                Some(known) if self.is_same(&entry, &known)? => same.push(entry.path),
                _ => entries.push(entry),
            }
        }
        let mut deleted: Vec<_> = before.into_keys().collect();
        deleted.sort_unstable();
        let unchanged: std::collections::HashSet<_> = same.iter().map(String::as_str).collect();
        let mut warnings = newer.warnings;
        // Nobody needs to hear of what is not in this package and was not left out of it either.
        warnings.retain(|warning| !warning.path.as_deref().is_some_and(|path| unchanged.contains(path)));
        Ok(Scan { entries, deleted, warnings, ..newer })
    }

    fn is_same(&self, newer: &Entry, older: &Entry) -> Result<bool, PackError> {
        if newer.kind != older.kind || newer.size != older.size {
            return Ok(false);
        }
        if newer.identity.is_some() && newer.identity == older.identity {
            return Ok(true);
        }
        let (Ok(newer), Ok(older)) = (self.newer.open(newer), self.older.open(older)) else {
            return Ok(false);
        };
        // What cannot be read is told when it is packed.
        self.have_same_bytes(newer, older).map(|same| same.unwrap_or(false))
    }

    fn have_same_bytes(
        &self,
        mut newer: Box<dyn Content>,
        mut older: Box<dyn Content>,
    ) -> Result<io::Result<bool>, PackError> {
        let (mut one, mut other) = (vec![0; BLOCK], vec![0; BLOCK]);
        loop {
            if self.control.cancel.is_cancelled() {
                return Err(PackError::Cancelled);
            }
            match (fill(&mut *newer, &mut one), fill(&mut *older, &mut other)) {
                (Ok(read), Ok(known)) if one[..read] != other[..known] => return Ok(Ok(false)),
                (Ok(0), Ok(0)) => return Ok(Ok(true)),
                (Ok(_), Ok(_)) => {}
                (Err(error), _) | (_, Err(error)) => return Ok(Err(error)),
            }
        }
    }
}
