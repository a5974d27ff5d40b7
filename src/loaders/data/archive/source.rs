//! The archive's entries: parts from the bench, and notes about them.

use std::collections::{BTreeSet, HashMap};
use std::io::{self, Cursor, Read};

use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::datasets::{self, DataSet, DataSets, Forecast, Stretch};
use crate::domain::Phase;
use crate::formats::FormatOptions;
use crate::packaging::{Content, Control, Entry, EntryKind, Limits, PackError, Scan, Source};
use crate::records::DataError;
use crate::storage::Bench;

use super::block::{Block, Press, finished, unpacked};
use super::listing::Span;
use super::notes::{Facts, Notes, notes};
use super::plan::Plan;
use super::warnings::warnings;

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
        let stretches = match self.plan {
            Plan::OfOne => Vec::new(),
            Plan::OfEveryone => stretches(&first.users),
        };
        control.tell(|progress| progress.files_total = Some(stretches.len() as u64 + 1));
        let mut blocks = vec![first];
        for (number, stretch) in (1..).zip(stretches) {
            let some = self.of_users(set, stretch);
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

    /// What is asked of the users in `stretch`.
    fn of_users(&self, set: Option<&DataSet>, stretch: Stretch) -> datasets::Order {
        let wanted = self.wanted.sections.as_ref();
        let mut sections = of_users(set);
        sections.retain(|name| wanted.is_none_or(|wanted| wanted.contains(name)));
        datasets::Order { sections: Some(sections), users: Some(stretch), ..self.wanted.clone() }
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

/// What everything that is not of some users would be like, and an order of all users' data.
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
    let forecast = sets.forecast(others).await?;
    let sections = wanted.sections.clone().map_or(ranged.clone(), |wanted| &wanted & &ranged);
    Ok((forecast, datasets::Order { sections: Some(sections), users: None, ..wanted }))
}

/// The users of each block, in stretches that leave nobody out: the first begins before the first who
/// is listed, each ends where the next begins, and the last has no end.
fn stretches(listed: &[Span]) -> Vec<Stretch> {
    let begins: Vec<_> = listed.iter().skip(1).map(|span| Some(span.first.clone())).collect();
    let firsts = std::iter::once(None).chain(begins.iter().cloned());
    let nexts = begins.iter().cloned().chain(std::iter::once(None));
    firsts.zip(nexts).map(|(first, next)| Stretch { first, next }).collect()
}

/// The sections that are of some users at a time.
fn of_users(set: Option<&DataSet>) -> BTreeSet<String> {
    set.into_iter().flat_map(DataSet::sections_of_users).map(|(name, _)| name.to_owned()).collect()
}

impl Source for ArchiveSource {
    fn scan(&mut self, _: &Limits, control: &Control) -> Result<Scan, PackError> {
        control.tell(|progress| progress.phase = Phase::Formatting);
        let blocks = self.blocks(control)?;
        let warnings = warnings(&blocks, self.wanted.is_ranged());
        let facts = Facts { about: &self.facts, warnings: &warnings };
        let Notes { files, rows } = notes(self.plan, &facts, &blocks);
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
