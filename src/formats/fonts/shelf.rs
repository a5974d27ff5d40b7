//! Every font there is, read once. Their files are mapped, not copied: what no document uses costs
//! nothing.

use std::path::PathBuf;
use std::sync::Arc;

use parley::FontContext;
use parley::fontique::{
    Blob, CharmapIndex, Collection, CollectionOptions, FamilyId, FontInfoOverride, SourceCache,
};

/// The house's own font, in two weights (DejaVu Sans Condensed 2.37; its licence lies beside it).
const OWN: [&[u8]; 2] = [
    include_bytes!("../../../assets/fonts/DejaVuSansCondensed.ttf"),
    include_bytes!("../../../assets/fonts/DejaVuSansCondensed-Bold.ttf"),
];
/// What it is called here: unlike any of the system's.
pub(super) const OWN_NAME: &str = "exportd";

/// A family of fonts.
pub(super) struct Family {
    pub(super) name: String,
    file: Blob<u8>,
    characters: CharmapIndex,
}

/// Every font there is: the house's own, and then the others, the likeliest to look well first.
pub(super) struct Shelf {
    context: FontContext,
    pub(super) own: Vec<Family>,
    pub(super) others: Vec<Family>,
}

impl Shelf {
    /// Reads what lies at or beneath `places`.
    pub(super) fn read(places: &[PathBuf]) -> Self {
        let mut collection = Collection::new(CollectionOptions { shared: false, system_fonts: false });
        let mut files = SourceCache::new_shared();
        collection.load_fonts_from_paths(places);
        let mut ids: Vec<_> = collection.family_ids().collect();
        ids.sort_unstable();
        ids.dedup();
        let mut others: Vec<_> =
            ids.into_iter().filter_map(|id| Family::of(id, &mut collection, &mut files)).collect();
        others.sort_by_cached_key(|family| (rank(&family.name), family.name.clone()));
        let own_name = Some(OWN_NAME);
        for file in OWN {
            let named = FontInfoOverride { family_name: own_name, ..FontInfoOverride::default() };
            collection.register_fonts(Blob::new(Arc::new(file)), Some(named));
        }
        let own = collection.family_id(OWN_NAME);
        let own = own.and_then(|id| Family::of(id, &mut collection, &mut files)).into_iter().collect();
        Self { context: FontContext { collection, source_cache: files }, own, others }
    }

    /// What lays out text with these fonts: a copy, which shares their files.
    pub(super) fn context(&self) -> FontContext {
        self.context.clone()
    }
}

impl Family {
    fn of(id: FamilyId, collection: &mut Collection, files: &mut SourceCache) -> Option<Self> {
        let family = collection.family(id)?;
        let font = family.default_font()?;
        let file = font.load(Some(files))?;
        let characters = font.charmap_index();
        Some(Self { name: family.name().to_owned(), file, characters })
    }

    /// Whether it has a glyph for `character`.
    pub(super) fn has(&self, character: char) -> bool {
        let characters = self.characters.charmap(self.file.as_ref());
        characters.and_then(|characters| characters.map(character)).is_some_and(|glyph| glyph != 0)
    }
}

/// Where a family stands among the others: sans-serif before all that looks unlike the house's own;
/// last those that have a box for every character.
fn rank(name: &str) -> u8 {
    let has = |part: &str| name.contains(part);
    match () {
        () if has("LastResort") || has("Blank") || has("Unifont") => 9,
        () if has("Mono") || has("Looped") || has("Display") || has("Unjoined") || has("UI") => 6,
        () if has("Emoji") => 5,
        () if has("Nastaliq") || has("Rashi") || has("Music") => 4,
        () if has("Serif") => 3,
        () if name.starts_with("Noto Sans") => 0,
        () if has("Sans") => 1,
        () => 2,
    }
}
