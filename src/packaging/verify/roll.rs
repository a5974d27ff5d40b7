//! The roll call: are those here who should be, and nobody else?

use std::collections::hash_map::{Entry, HashMap};

use super::findings::Broken;
use crate::packaging::manifest::{Manifest, ManifestEntry};
use crate::packaging::reading::{Damage, Kind, Member, told, why_unsafe};

/// Entries that are read without a manifest that says how many there are.
pub const MOST_ENTRIES: usize = 250_000;

/// Holds entries against a manifest, one by one.
pub struct Roll<'m> {
    /// Each name of the manifest, or each that came; and whether it came.
    known: HashMap<String, (Option<&'m ManifestEntry>, bool)>,
    manifest: Option<&'m Manifest>,
    came: usize,
}

impl<'m> Roll<'m> {
    /// The roll of `manifest`; without one, names may still be wrong in themselves.
    pub fn of(manifest: Option<&'m Manifest>) -> Self {
        let entries = manifest.map(|manifest| &manifest.entries[..]).unwrap_or_default();
        let known = entries.iter().map(|entry| (entry.path.clone(), (Some(entry), false))).collect();
        Self { known, manifest, came: 0 }
    }

    /// How many entries a package may have before nobody counts any further.
    pub fn most(&self) -> usize {
        self.manifest.map_or(MOST_ENTRIES, |manifest| 2 * manifest.entries.len() + 1000)
    }

    /// Takes the next entry in: what the manifest knows of it. What is wrong with it goes to
    /// `broken`.
    ///
    /// # Errors
    /// [`Damage`] when there are too many to go on.
    pub fn arrives(
        &mut self,
        member: &Member,
        broken: &mut Broken,
    ) -> Result<Option<&'m ManifestEntry>, Damage> {
        self.came += 1;
        if self.came > self.most() {
            return Err(Damage::archive(
                told(&member.name),
                "there are far more entries than there should be",
            ));
        }
        let name = told(&member.name);
        if let Some(fault) = fault_of(member) {
            broken.add(&name, &fault);
        }
        match self.known.entry(member.name.clone()) {
            Entry::Vacant(new) => {
                new.insert((None, true));
                if self.manifest.is_some() {
                    broken.add(&name, "is not in the manifest");
                }
                Ok(None)
            }
            Entry::Occupied(mut old) => {
                let (entry, has_come) = old.get_mut();
                if std::mem::replace(has_come, true) {
                    broken.add(&name, "is there twice");
                    return Ok(None);
                }
                if let Some(fault) = entry.and_then(|entry| difference(member, entry)) {
                    broken.add(&name, fault);
                }
                Ok(*entry)
            }
        }
    }

    /// Everybody has come, or nobody else will be heard: who is missing goes to `broken`.
    pub fn ends(self, was_stopped: bool, broken: &mut Broken) {
        let entries = self.manifest.map(|manifest| &manifest.entries[..]).unwrap_or_default();
        let missing = entries.iter().filter(|entry| !self.known[&entry.path].1);
        if !was_stopped {
            missing.for_each(|entry| broken.add(&told(&entry.path), "is not in the package"));
        } else if let count @ 1.. = missing.count() {
            broken.add("the package", &format!("{count} entries could not be reached"));
        }
    }
}

fn fault_of(member: &Member) -> Option<String> {
    match member.kind {
        Kind::Other(what) => Some(format!("is {what}")),
        Kind::Folder if member.size > 0 => Some("is a folder with bytes".to_owned()),
        Kind::File | Kind::Folder => why_unsafe(&member.name).map(str::to_owned),
    }
}

fn difference(member: &Member, entry: &ManifestEntry) -> Option<&'static str> {
    if (member.kind == Kind::Folder) != entry.path.ends_with('/') {
        Some("is of another kind")
    } else if member.size != entry.size {
        Some("has another size")
    } else if u32::from_str_radix(&entry.mode, 8) != Ok(member.mode & 0o7777) {
        Some("has another mode")
    } else {
        None
    }
}
