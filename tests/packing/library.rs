//! The packer as a library, into memory, and packages read back by other people's code.

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::process::Command;
use std::sync::Arc;
use std::{fs, path};

use exportd::domain::{Archive, ExportType};
use exportd::loaders::{TreeRules, TreeSource};
use exportd::packaging::{
    Config, Content, Control, Entry, Identity, Limits, Output, PackError, Packer, Previous, Scan, Sealed,
    Shape, Source, verify,
};
use exportd::telemetry::Metrics;
use tokio_util::sync::CancellationToken;

/// A package in memory.
#[derive(Default)]
struct Memory(Vec<u8>);

impl Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for Memory {
    fn scratch_maker(&self) -> Box<dyn Fn() -> io::Result<fs::File>> {
        Box::new(tempfile::tempfile)
    }
}

/// Packs `source`, and gives the package too.
pub fn packed(source: impl Source + 'static, shape: impl Into<Shape>, threads: usize) -> (Sealed, Vec<u8>) {
    packed_after(None, source, shape, Config { threads, ..Config::default() })
}

/// The same after another package, and as `config` says.
pub fn packed_after(
    previous: Option<Previous>,
    source: impl Source + 'static,
    shape: impl Into<Shape>,
    config: Config,
) -> (Sealed, Vec<u8>) {
    let limits = Limits { max_file: 1 << 30, ..Limits::default() };
    let packer = Packer::new(&config, limits, Metrics::new("test"));
    let mut out = Memory::default();
    let sealed = packer.pack_after(previous, Box::new(source), shape, &mut out, &Control::default());
    let sealed = sealed.expect("a package");
    assert_eq!(sealed.size, out.0.len() as u64);
    (sealed, out.0)
}

/// A folder's tree by the usual rules.
pub fn tree(folder: &path::Path) -> TreeSource {
    let rules = TreeRules::new(ExportType::SourceCode, &[], &[]).expect("no globs");
    TreeSource::open(folder, rules).expect("a folder")
}

/// A tree in which every entry is known again: by the CRC-32 of its path.
pub struct Known(pub TreeSource);

/// How an entry of that path is known again.
pub fn identity(path: &str) -> Identity {
    let mut identity = [0; 32];
    identity[..4].copy_from_slice(&crc32fast::hash(path.as_bytes()).to_le_bytes());
    Identity(identity)
}

impl Source for Known {
    fn scan(&mut self, limits: &Limits, control: &Control) -> Result<Scan, PackError> {
        let mut scan = self.0.scan(limits, control)?;
        for entry in &mut scan.entries {
            entry.identity = Some(identity(&entry.path));
        }
        Ok(scan)
    }

    fn open(&self, entry: &Entry) -> io::Result<Box<dyn Content>> {
        self.0.open(entry)
    }
}

/// What is in a package, read back; all of it is as its manifest says.
pub fn read_back(format: Archive, package: &[u8], sealed: &Sealed) -> BTreeMap<String, Vec<u8>> {
    let (bytes, never) = (Arc::new(package.to_vec()), CancellationToken::new());
    let found = verify(bytes, Some(&sealed.manifest), &never).expect("it can be read");
    assert!(found.ok, "{format}: {found:?}");
    let files = match format {
        Archive::Zip => unzipped(package, sealed),
        Archive::TarGz => untarred(flate2::read::GzDecoder::new(package)),
        Archive::TarZst => untarred(zstd::stream::read::Decoder::new(package).expect("frames")),
    };
    let listed: BTreeMap<_, _> =
        sealed.manifest.entries.iter().map(|entry| (entry.path.clone(), entry.size)).collect();
    let found = files.iter().map(|(path, bytes)| (path.clone(), bytes.len() as u64)).collect();
    assert_eq!(listed, found, "{format}");
    for entry in &sealed.manifest.entries {
        assert_eq!(sha256(&files[&entry.path]), entry.sha256.0, "{format}: {}", entry.path);
    }
    files
}

/// The SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::Digest;
    sha2::Sha256::digest(bytes).into()
}

fn untarred(stream: impl Read) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(stream);
    let mut files = BTreeMap::new();
    for entry in archive.entries().expect("an archive") {
        let mut entry = entry.expect("an entry");
        let path = String::from_utf8(entry.path_bytes().into_owned()).expect("text");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("its bytes");
        assert!(files.insert(path, bytes).is_none(), "every entry is there once");
    }
    // Whatever checks there are stand at the end.
    io::copy(&mut archive.into_inner(), &mut io::sink()).expect("a whole stream");
    files
}

fn unzipped(package: &[u8], sealed: &Sealed) -> BTreeMap<String, Vec<u8>> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("package.zip");
    fs::write(&path, package).expect("written");
    // unzip finds a package without entries worth a warning.
    let ended =
        Command::new("unzip").arg("-q").arg(&path).current_dir(folder.path()).output().expect("unzip");
    assert!(ended.status.success() || sealed.manifest.entries.is_empty(), "{ended:?}");
    let bytes = |path: &str| {
        if path.ends_with('/') { Vec::new() } else { fs::read(folder.path().join(path)).expect("a file") }
    };
    sealed.manifest.entries.iter().map(|entry| (entry.path.clone(), bytes(&entry.path))).collect()
}
