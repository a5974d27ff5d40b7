//! The archive's entries: parts from the bench, and notes about them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Cursor, Read};

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::datasets::{self, DataSet, DataSets, Forecast};
use crate::domain::{Phase, Warning, WarningCode};
use crate::formats::FormatOptions;
use crate::packaging::{Content, Control, Entry, EntryKind, Limits, PackError, Scan, Source};
use crate::records::{DataError, LeftOut, LimitOf};
use crate::storage::Bench;

use super::super::lacking;
use super::block::{Block, Press, Span, USERS, finished, listed, unpacked};
use super::notes::{Notes, notes};
use super::plan::Plan;

/// What becomes an archive.
pub struct ArchiveSource {
    /// What is in it.
    pub plan: Plan,
    /// Facts about it, for its manifest.
    pub facts: Vec<(String, String)>,
    /// What is asked of the data set; blocks of users ask for some of it.
    pub wanted: datasets::Order,
    /// The data sets.
    pub sets: DataSets,
    /// Where parts are kept.
    pub bench: Bench,
    /// What is the same about all documents.
    pub options: FormatOptions,
    /// The contents of entries, by their paths.
    pub contents: HashMap<String, Kept>,
}

/// Where an entry's bytes are.
pub enum Kept {
    /// On the bench, under this name.
    Bench(String),
    /// Here.
    Memory(Vec<u8>),
}

impl ArchiveSource {
    /// Every block, from the bench or made now.
    fn blocks(&self, control: &Control) -> Result<Vec<Block>, PackError> {
        let set = self.sets.find(&self.wanted.data_set);
        let first = self.block(0, self.first(set), control)?;
        let spans = first.users.clone();
        control.tell(|progress| progress.files_total = Some(spans.len() as u64 + 1));
        let mut blocks = vec![first];
        for (number, span) in (1..).zip(&spans) {
            let some = self.of_users(set, span);
            blocks.push(self.block(number, some, control)?);
        }
        Ok(blocks)
    }

    /// What is asked first: everything that is not of some users.
    fn first(&self, set: Option<&DataSet>) -> datasets::Order {
        if self.plan == Plan::OfOne {
            return self.wanted.clone();
        }
        let ranged = of_users(set);
        let all = set.map(DataSet::sections).unwrap_or_default().into_iter().map(|outline| outline.name);
        let others = all.filter(|name| !ranged.contains(name)).collect();
        datasets::Order { sections: Some(others), ..self.wanted.clone() }
    }

    /// What is asked of the users in `span`.
    fn of_users(&self, set: Option<&DataSet>, span: &Span) -> datasets::Order {
        let wanted = self.wanted.sections.as_ref();
        let mut sections = of_users(set);
        sections.retain(|name| wanted.is_none_or(|wanted| wanted.contains(name)));
        let users = Some((span.first.clone(), span.last.clone()));
        datasets::Order { sections: Some(sections), users, ..self.wanted.clone() }
    }

    fn block(&self, number: usize, wanted: datasets::Order, control: &Control) -> Result<Block, PackError> {
        control.check()?;
        let block = match finished(&self.bench, number)? {
            Some(block) => {
                let rows = block.rows();
                control.tell(|progress| progress.rows_done += rows);
                block
            }
            None => self.made(number, wanted, control)?,
        };
        control.tell(|progress| progress.files_done += 1);
        Ok(block)
    }

    fn made(&self, number: usize, wanted: datasets::Order, control: &Control) -> Result<Block, PackError> {
        if wanted.sections.as_ref().is_some_and(BTreeSet::is_empty) {
            return Ok(Block::default());
        }
        // Whoever stops the attempt ends its queries.
        let cancel = CancellationToken::new();
        let _ends_with_us = cancel.clone().drop_guard();
        let wanted = datasets::Order { cancel: cancel.clone(), ..wanted };
        let begun = Handle::current().block_on(async {
            tokio::select! {
                reading = self.sets.begin(wanted) => Ok(reading?),
                () = control.cancel.cancelled() => Err(PackError::Cancelled),
            }
        });
        let mut reading = begun?;
        let _follows = super::super::document::follow(control, &cancel);
        let press = Press {
            bench: &self.bench,
            options: &self.options,
            control,
            formats: self.plan.formats(),
            number,
            path: &|section, format| self.plan.path(section, number, format),
            span: self.plan.span().filter(|_| number == 0),
        };
        let made = press.block(&mut reading);
        control.check()?;
        made
    }
}

/// What everything that is not of some users would be like, and an order of all users' data. Reads
/// the list of users.
///
/// # Errors
/// [`DataError`].
pub async fn everyone(
    sets: &DataSets,
    set: &DataSet,
    wanted: datasets::Order,
) -> Result<(Forecast, datasets::Order), DataError> {
    let ranged = of_users(Some(set));
    let others = set.sections().into_iter().map(|outline| outline.name).filter(|name| !ranged.contains(name));
    let others = datasets::Order { sections: Some(others.collect()), ..wanted.clone() };
    let forecast = sets.forecast(others.clone()).await?;
    let listing = datasets::Order { sections: Some(BTreeSet::from([USERS.to_owned()])), ..others };
    let mut reading = sets.begin(listing).await?;
    let listed = tokio::task::spawn_blocking(move || listed(&mut reading)).await;
    let all = listed.unwrap_or(Ok(None))?;
    // Without users there is nothing of theirs.
    let sections = match &all {
        Some(_) => wanted.sections.clone().map_or(ranged.clone(), |wanted| &wanted & &ranged),
        None => BTreeSet::new(),
    };
    let users = all.map(|all| (all.first, all.last));
    Ok((forecast, datasets::Order { sections: Some(sections), users, ..wanted }))
}

/// The sections that are of some users at a time.
fn of_users(set: Option<&DataSet>) -> BTreeSet<String> {
    set.into_iter().flat_map(DataSet::sections_of_users).map(|(name, _)| name.to_owned()).collect()
}

impl Source for ArchiveSource {
    fn scan(&mut self, _: &Limits, control: &Control) -> Result<Scan, PackError> {
        control.tell(|progress| progress.phase = Phase::Formatting);
        let blocks = self.blocks(control)?;
        let Notes { files, rows } = notes(self.plan, &self.facts, &blocks);
        let (mut entries, mut contents) = (Vec::new(), HashMap::new());
        for (path, bytes) in files {
            entries.push(entry(&path, bytes.len() as u64));
            contents.insert(path, Kept::Memory(bytes));
        }
        for part in blocks.iter().flat_map(|block| &block.parts) {
            entries.push(entry(&part.path, part.bytes));
            contents.insert(part.path.clone(), Kept::Bench(part.kept_as.clone()));
        }
        entries.sort_by(|one, other| one.path.as_bytes().cmp(other.path.as_bytes()));
        self.contents = contents;
        control.tell(|progress| (progress.files_done, progress.rows_total) = (0, Some(rows)));
        let warnings = warnings(&blocks);
        Ok(Scan { entries, warnings, rows: Some(rows), is_data: true, ..Scan::default() })
    }

    fn open(&self, entry: &Entry) -> io::Result<Box<dyn Content>> {
        let bytes: Box<dyn Read + Send> = match self.contents.get(&entry.path) {
            Some(Kept::Bench(name)) => unpacked(&self.bench, name)?,
            Some(Kept::Memory(bytes)) => Box::new(Cursor::new(bytes.clone())),
            None => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(Box::new(PartContent(bytes)))
    }
}

/// The bytes of one entry; nobody changes a part that is finished.
struct PartContent(Box<dyn Read + Send>);

impl Content for PartContent {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.0.read(room)
    }

    fn has_changed(&self) -> bool {
        false
    }
}

fn entry(path: &str, size: u64) -> Entry {
    Entry { path: path.to_owned(), kind: EntryKind::File, size, origin: None, identity: None }
}

fn warnings(blocks: &[Block]) -> Vec<Warning> {
    let mut warnings: Vec<_> = left_out(blocks).collect();
    let mut warn = |code, message: String| warnings.push(Warning { code, path: None, message });
    for changed in blocks.iter().flat_map(|block| &block.changed) {
        warn(WarningCode::ContentChanged, changed.clone());
    }
    let moments: Vec<_> = blocks.iter().filter_map(|block| block.snapshot_at).collect();
    if let [first, .., last] = &moments[..] {
        let message = format!(
            "its parts are of different moments, from {} to {}; the manifest tells which",
            first, last
        );
        warn(WarningCode::SeveralMoments, message);
    }
    let parts = blocks.iter().flat_map(|block| &block.parts).filter(|part| part.rows > 0);
    let masked = parts.flat_map(|part| part.masked.iter().map(|column| (&*part.section, &**column)));
    let masked: BTreeSet<_> = masked.collect();
    warnings.extend(masked.into_iter().map(|(section, column)| lacking::masked(section, column)));
    warnings
}

/// What each limit leaves out of all blocks; a block for itself has as many rows as a document.
fn left_out(blocks: &[Block]) -> impl Iterator<Item = Warning> {
    let mut sums: BTreeMap<(&str, LimitOf), LeftOut> = BTreeMap::new();
    for (section, left_out) in blocks.iter().flat_map(|block| &block.left_out) {
        let sum = sums.entry((section, left_out.limit)).or_insert(LeftOut { rows: 0, ..*left_out });
        sum.rows += left_out.rows;
    }
    let is_one = blocks.len() == 1;
    sums.into_iter().map(move |((section, _), sum)| {
        let message =
            if is_one { sum.to_string() } else { format!("{sum} (each part of the archive for itself)") };
        lacking::left_out(section, &sum, message)
    })
}
