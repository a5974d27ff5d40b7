//! What is known of a partial file: kept beside it, so that another run can go on.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::missing::Missing;
use super::offer::Offer;
use crate::domain::Sha256;

/// A file of another shape is not ours to go on from.
const VERSION: u8 = 1;

/// Which package a partial file is of, and what it lacks. Nothing in here opens anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    version: u8,
    /// The SHA-256 of the address: a link's is a secret.
    address: Sha256,
    tag: Option<String>,
    size: Option<u64>,
    sha256: Option<Sha256>,
    /// What is still to come. Whatever is not in here is on the disk.
    pub missing: Missing,
}

impl State {
    /// Nothing is there yet of what is offered at `address`.
    pub fn new(offer: &Offer, address: Sha256) -> Self {
        Self {
            version: VERSION,
            address,
            tag: offer.tag.as_ref().map(|tag| String::from_utf8_lossy(tag.as_bytes()).into_owned()),
            size: offer.size,
            sha256: offer.sha256,
            missing: Missing::all(offer.size.unwrap_or(u64::MAX)),
        }
    }

    /// The same package, of which only this is still to come.
    pub fn lacking(self, missing: Missing) -> Self {
        Self { missing, ..self }
    }

    /// Whether what is there is a part of what `other` describes: by the digest, or, where there is
    /// none, by the tag that this very address gave.
    pub fn is_of(&self, other: &Self) -> bool {
        let is_same = match (self.sha256, other.sha256) {
            (Some(ours), Some(theirs)) => ours == theirs,
            _ => self.tag.is_some() && self.tag == other.tag && self.address == other.address,
        };
        is_same && self.size == other.size && self.size.is_some_and(|size| self.missing.is_of(size))
    }

    /// Whether what is there is a part of something else.
    pub fn is_of_another(&self, other: &Self) -> bool {
        self.size.is_some() && !self.is_of(other)
    }

    /// Up to where the file must reach for this to be true.
    pub fn reaches(&self) -> u64 {
        match (self.size, self.missing.ranges().last()) {
            (Some(size), Some(last)) if last.end == size => last.start,
            (size, _) => size.unwrap_or(0),
        }
    }

    /// What is kept at `path`, if it is a state that we wrote.
    pub fn read(path: &Path) -> Option<Self> {
        let state: Self = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
        (state.version == VERSION).then_some(state)
    }

    /// Puts it at `path`: whenever the power fails, the old or the new one is there, whole.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn write(&self, path: &Path) -> io::Result<()> {
        let fresh = fresh(path);
        // What a kill left; and a link, which somebody may have put there, is not followed.
        match fs::remove_file(&fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file = File::create_new(&fresh)?;
        file.write_all(&serde_json::to_vec(self)?)?;
        file.sync_data()?;
        fs::rename(&fresh, path)
    }

    /// Removes what is kept at `path`. A state without its part does no harm: it is written over.
    pub fn forget(path: &Path) {
        let _ = fs::remove_file(path);
        let _ = fs::remove_file(fresh(path));
    }
}

/// The state to come.
fn fresh(path: &Path) -> PathBuf {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    fresh.into()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn state(tag: &'static str, digest: Option<u8>, address: u8) -> State {
        let offer = Offer {
            size: Some(100),
            tag: Some(HeaderValue::from_static(tag)),
            sha256: digest.map(|byte| Sha256([byte; 32])),
            ..Offer::default()
        };
        State::new(&offer, Sha256([address; 32]))
    }

    #[test]
    fn a_part_is_of_the_same_digest_wherever_that_lies_or_of_the_same_tag_right_there() {
        assert!(state("\"a\"", Some(1), 1).is_of(&state("\"a\"", Some(1), 2)), "a new link to it");
        assert!(!state("\"a\"", Some(1), 1).is_of(&state("\"a\"", Some(2), 1)));
        assert!(state("\"a\"", None, 1).is_of(&state("\"a\"", None, 1)));
        assert!(!state("\"a\"", None, 1).is_of(&state("\"a\"", None, 2)), "tags are an address's own");
        assert!(!state("\"a\"", None, 1).is_of(&state("\"b\"", None, 1)));
    }

    #[test]
    fn a_state_comes_back_as_it_was_and_a_foreign_one_does_not() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("a.zip.part.json");
        let mut kept = state("\"a\"", Some(1), 1);
        kept.missing.fill(&(10..20));
        kept.write(&path).expect("written");
        assert_eq!(State::read(&path), Some(kept.clone()));
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 1, "nothing beside it");
        assert_eq!(kept.reaches(), 20);
        fs::write(fresh(&path), "what a kill left").expect("written");
        kept.write(&path).expect("written once more");

        for foreign in ["", "{}", "[1]", &serde_json::to_string(&kept).expect("JSON").replace(":1,", ":9,")] {
            fs::write(&path, foreign).expect("written");
            assert_eq!(State::read(&path), None, "{foreign}");
        }
        State::forget(&path);
        assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 0);
    }
}
