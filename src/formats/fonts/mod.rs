//! What text is drawn with, in documents that carry their fonts: the house's own two, which know
//! the scripts of Europe and more, and whatever lies on this machine for all others.
//!
//! ```text
//! Fonts (one for all documents; reads what is there when the first asks) ─► Shelf ─► a document's Choice
//! ```

mod choice;
mod shelf;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

pub(super) use choice::Choice;
use shelf::Shelf;

/// Where systems keep their fonts.
const SYSTEM: [&str; 2] = ["/usr/share/fonts", "/usr/local/share/fonts"];

/// The fonts that documents may be written with. The house's own come first, so that a document
/// looks the same on every machine where they suffice.
#[derive(Default)]
pub struct Fonts {
    places: Vec<PathBuf>,
    shelf: OnceLock<Arc<Shelf>>,
}

impl Fonts {
    /// The house's own, and those that lie at or beneath `places` (files and folders; what is not
    /// there or is no font is passed over). Nothing is read before a document asks.
    pub fn new(places: Vec<PathBuf>) -> Self {
        Self { places, shelf: OnceLock::new() }
    }

    /// The house's own, those at or beneath `places`, and the system's.
    pub fn of_system(mut places: Vec<PathBuf>) -> Self {
        places.extend(SYSTEM.map(PathBuf::from));
        Self::new(places)
    }

    /// Those of `characters` that none of the fonts has a glyph for: a document shows a box instead.
    pub fn lacking(&self, characters: &[char]) -> Vec<char> {
        let shelf = self.shelf();
        let has =
            |character: &char| shelf.own.iter().chain(&shelf.others).any(|family| family.has(*character));
        characters.iter().copied().filter(|character| !has(character)).collect()
    }

    fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(self.shelf.get_or_init(|| Arc::new(Shelf::read(&self.places))))
    }

    /// What a new document chooses from.
    pub(super) fn choice(&self) -> Choice {
        Choice::new(self.shelf())
    }
}
