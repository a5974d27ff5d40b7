//! A place to read repositories at: what is in a revision's package, and what is told of it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Cursor, Write};
use std::path::Path;

use exportd::domain::{Archive, ExportType, Warning, WarningCode};
use exportd::loaders::{GitSource, Repository, TreeRules};
use exportd::packaging::{
    Config, Control, Entry, ExcludeReason, Limits, Output, PackError, Packer, Scan, Sealed, Source,
};
use exportd::telemetry::Metrics;

/// What is read of a repository.
pub struct Read {
    pub scan: Scan,
    source: GitSource,
}

/// Opens `path`, which may borrow from nowhere.
pub fn open(path: &Path) -> Repository {
    Repository::open(&path.canonicalize().expect("it is there"), &|_| false).expect("a repository")
}

/// The source of `version` of the repository at `path`.
pub fn source(path: &Path, version: &str) -> GitSource {
    source_of(open(path), version, ExportType::SourceCode)
}

pub fn source_of(repository: Repository, version: &str, export_type: ExportType) -> GitSource {
    let commit = repository.commit(&version.parse().expect("a version")).expect("a commit");
    GitSource::new(repository, &commit, TreeRules::new(export_type, &[], &[]).expect("rules"))
}

/// Scans `version` of the repository at `path`.
pub fn read(path: &Path, version: &str) -> Read {
    let mut source = source(path, version);
    let scan = source.scan(&Limits::default(), &Control::default()).expect("a scan");
    Read { scan, source }
}

impl Read {
    /// The names of what is packed.
    pub fn names(&self) -> Vec<&str> {
        self.scan.entries.iter().map(|entry| entry.path.as_str()).collect()
    }

    /// The bytes of an entry.
    pub fn bytes(&self, entry: &Entry) -> std::io::Result<Vec<u8>> {
        let (mut content, mut bytes, mut room) = (self.source.open(entry)?, Vec::new(), [0; 4096]);
        loop {
            match content.read(&mut room)? {
                0 => return Ok(bytes),
                read => bytes.extend_from_slice(&room[..read]),
            }
        }
    }

    /// The bytes of the entry called `name`.
    pub fn bytes_of(&self, name: &str) -> Vec<u8> {
        let entry = self.scan.entries.iter().find(|entry| entry.path == name);
        self.bytes(entry.unwrap_or_else(|| panic!("no {name} in {:?}", self.names()))).expect("its bytes")
    }

    /// Why what was left out was.
    pub fn excluded(&self) -> BTreeMap<&str, ExcludeReason> {
        self.scan.excluded.iter().map(|excluded| (excluded.path.as_str(), excluded.reason)).collect()
    }

    /// What was warned of, by path.
    pub fn warned(&self) -> BTreeMap<&str, WarningCode> {
        let path = |warning: &'_ Warning| warning.path.clone().expect("a path");
        assert!(self.scan.warnings.iter().all(|warning| !path(warning).is_empty()));
        let told = self.scan.warnings.iter();
        told.map(|warning| (warning.path.as_deref().expect("a path"), warning.code)).collect()
    }
}

/// Packs `source` on two threads.
pub fn pack(source: impl Source + 'static) -> Result<(Sealed, Vec<u8>), PackError> {
    let packer =
        Packer::new(&Config { threads: 2, ..Config::default() }, Limits::default(), Metrics::new("test"));
    let mut out = Memory(Cursor::new(Vec::new()));
    let sealed = packer.pack(Box::new(source), Archive::Zip, &mut out, &Control::default())?;
    Ok((sealed, out.0.into_inner()))
}

struct Memory(Cursor<Vec<u8>>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Output for Memory {
    fn scratch_maker(&self) -> Box<dyn Fn() -> std::io::Result<File>> {
        Box::new(tempfile::tempfile)
    }
}
