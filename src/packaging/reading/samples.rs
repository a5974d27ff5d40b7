//! Small packages of every format, made in plain sight.

use std::io::{self, Write};
use std::sync::Arc;

use flate2::{Compress, Compression, FlushCompress};
use sha2::{Digest, Sha256 as Hasher};
use tar::{EntryType, Header};

use super::{Contents, ReadAt};
use crate::domain::{Archive, Profile, Sha256};
use crate::packaging::index::{Coding, Index, Piece, Place};
use crate::packaging::manifest::{Manifest, ManifestEntry, PackageDigest, Recipe, Totals};
use crate::packaging::{
    Config, Content, Control, Entry, EntryKind, Limits, Output, PackError, Packer, Scan, Source,
};
use crate::telemetry::Metrics;

/// A package, and all that is known of it.
#[derive(Clone)]
pub struct Sample {
    pub format: Archive,
    pub bytes: Vec<u8>,
    pub manifest: Manifest,
    pub index: Option<Index>,
    pub files: Vec<(String, Vec<u8>)>,
}

/// Raw bytes in a piece of a tar format: small, so that there are many pieces.
const PIECE: usize = 1500;

impl Sample {
    /// These files in that format.
    pub fn of(format: Archive, files: &[(&str, Vec<u8>)]) -> Self {
        let files: Vec<_> = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
        match format {
            Archive::Zip => zip(files),
            Archive::TarGz => {
                let (tar, begins) = tarred(&files);
                let (bytes, pieces) = gzipped(&tar);
                Self::sealed(format, bytes, files, pieces, &begins)
            }
            Archive::TarZst => {
                let (tar, begins) = tarred(&files);
                let (bytes, pieces) = framed(&tar);
                Self::sealed(format, bytes, files, pieces, &begins)
            }
        }
    }

    /// A few files of every kind, in each format.
    pub fn few() -> Vec<Self> {
        let long = format!("{}/ü.txt", "folder".repeat(20));
        let files = [
            ("a.txt", b"hello, hello, hello, hello".to_vec()),
            ("empty", Vec::new()),
            ("folder/", Vec::new()),
            (long.as_str(), text(300)),
            ("noise.bin", noise(200)),
        ];
        Archive::ALL.map(|format| Self::of(format, &files)).into()
    }

    /// Larger ones, whose entries stretch over many pieces.
    pub fn large() -> Vec<Self> {
        let files = [
            ("a/first", text(10)),
            ("a/large", text(40_000)),
            ("a/noise", noise(9_000)),
            ("b/empty", Vec::new()),
            ("b/last", text(1234)),
        ];
        Archive::ALL.map(|format| Self::of(format, &files)).into()
    }

    pub fn readable(&self) -> Arc<dyn ReadAt> {
        Arc::new(self.bytes.clone())
    }

    /// Ready to be opened, with its index or without.
    pub fn contents(&self, with_index: bool) -> Contents {
        let index = self.index.clone().filter(|_| with_index);
        Contents::new(self.manifest.clone(), index, self.readable()).expect("a sound package")
    }

    fn sealed(
        format: Archive,
        bytes: Vec<u8>,
        files: Vec<(String, Vec<u8>)>,
        pieces: Vec<Piece>,
        begins: &[u64],
    ) -> Self {
        let manifest = manifest(format, &bytes, &files);
        let place = |(at, (_, content)): (&u64, &(String, Vec<u8>))| {
            let (mut piece, mut skip) = (0, *at);
            while skip >= pieces[piece].raw && piece + 1 < pieces.len() {
                skip -= pieces[piece].raw;
                piece += 1;
            }
            Place { piece: piece as u32, skip, crc: crc32fast::hash(content), identity: None }
        };
        let places = begins.iter().zip(&files).map(place).collect();
        let index = Some(Index {
            package: manifest.package.sha256,
            crc: crc32fast::hash(&bytes),
            pieces,
            places,
            units: Vec::new(),
        });
        Self { format, bytes, manifest, index, files }
    }
}

/// A manifest that fits.
pub fn manifest(format: Archive, bytes: &[u8], files: &[(String, Vec<u8>)]) -> Manifest {
    let digest = |bytes: &[u8]| Sha256(Hasher::digest(bytes).into());
    let entry = |(path, content): &(String, Vec<u8>)| ManifestEntry {
        path: path.clone(),
        size: content.len() as u64,
        compressed_size: 0,
        sha256: digest(content),
        mode: if path.ends_with('/') { "0755" } else { "0644" }.to_owned(),
    };
    Manifest {
        package: PackageDigest { size: bytes.len() as u64, sha256: digest(bytes) },
        recipe: Recipe {
            tool: "test".into(),
            format: format.to_string(),
            compression: crate::domain::Compression::None,
            codec: "x".into(),
            level: 6,
            profile: Profile::default(),
            rules: 1,
        },
        source: None,
        entries: files.iter().map(entry).collect(),
        deleted: Vec::new(),
        excluded: Vec::new(),
        secrets: Vec::new(),
        warnings: Vec::new(),
        totals: Totals::default(),
        signature: None,
    }
}

/// A tar archive, and where in it each file's content begins.
pub fn tarred(files: &[(String, Vec<u8>)]) -> (Vec<u8>, Vec<u64>) {
    let (mut tar, mut begins) = (Vec::new(), Vec::new());
    for (name, content) in files {
        if name.len() > 99 {
            let body = format!(" path={name}\n");
            let mut length = body.len() + 1;
            while length.to_string().len() + body.len() != length {
                length = length.to_string().len() + body.len();
            }
            let record = format!("{length}{body}").into_bytes();
            member(&mut tar, &header("pax", EntryType::XHeader, record.len() as u64), &record);
        }
        let kind = if name.ends_with('/') { EntryType::Directory } else { EntryType::Regular };
        let short: String = name.chars().take(90).filter(char::is_ascii).collect();
        let header = header(&short, kind, content.len() as u64);
        begins.push(tar.len() as u64 + 512);
        member(&mut tar, &header, content);
    }
    tar.extend_from_slice(&[0; 1024]);
    (tar, begins)
}

/// A header as packages have them.
pub fn header(name: &str, kind: EntryType, size: u64) -> Header {
    let mut header = Header::new_ustar();
    header.as_mut_bytes()[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_mode(if kind == EntryType::Directory { 0o755 } else { 0o644 });
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(0);
    header.set_cksum();
    header
}

/// Adds a member.
pub fn member(tar: &mut Vec<u8>, header: &Header, content: &[u8]) {
    tar.extend_from_slice(header.as_bytes());
    tar.extend_from_slice(content);
    tar.resize(tar.len().next_multiple_of(512), 0);
}

/// One gzip member, cut into pieces; every third can be read without those before it.
pub fn gzipped(tar: &[u8]) -> (Vec<u8>, Vec<Piece>) {
    let mut bytes = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    let mut pieces = Vec::new();
    let mut deflater = Compress::new(Compression::new(6), false);
    let count = tar.chunks(PIECE).count();
    for (number, raw) in tar.chunks(PIECE).enumerate() {
        let flush = match number {
            last if last + 1 == count => FlushCompress::Finish,
            number if number % 3 == 2 => FlushCompress::Full,
            _ => FlushCompress::Sync,
        };
        let mut packed = Vec::with_capacity(raw.len() * 2 + 1000);
        deflater.compress_vec(raw, &mut packed, flush).expect("it compresses");
        pieces.push(Piece {
            at: bytes.len() as u64,
            packed: packed.len() as u64,
            raw: raw.len() as u64,
            crc: crc32fast::hash(raw),
            sum: Some(crc32fast::hash(&packed)),
            coding: Coding::Deflate,
            is_fresh: number % 3 == 0,
        });
        bytes.extend_from_slice(&packed);
    }
    bytes.extend_from_slice(&crc32fast::hash(tar).to_le_bytes());
    bytes.extend_from_slice(&u32::try_from(tar.len()).expect("small").to_le_bytes());
    (bytes, pieces)
}

/// Frames, and a seek table.
pub fn framed(tar: &[u8]) -> (Vec<u8>, Vec<Piece>) {
    let (mut bytes, mut pieces, mut table) = (Vec::new(), Vec::new(), Vec::new());
    for raw in tar.chunks(PIECE) {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 3).expect("an encoder");
        encoder.include_checksum(true).expect("a parameter");
        encoder.write_all(raw).expect("memory takes it");
        let packed = encoder.finish().expect("memory takes it");
        let (at, coding, is_fresh) = (bytes.len() as u64, Coding::Zstd, true);
        let (crc, sum) = (crc32fast::hash(raw), Some(crc32fast::hash(&packed)));
        pieces.push(Piece {
            at,
            packed: packed.len() as u64,
            raw: raw.len() as u64,
            crc,
            sum,
            coding,
            is_fresh,
        });
        table.extend_from_slice(&(packed.len() as u32).to_le_bytes());
        table.extend_from_slice(&(raw.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&packed);
    }
    bytes.extend_from_slice(&0x184d_2a5e_u32.to_le_bytes());
    bytes.extend_from_slice(&(table.len() as u32 + 9).to_le_bytes());
    bytes.extend_from_slice(&table);
    bytes.extend_from_slice(&(pieces.len() as u32).to_le_bytes());
    bytes.push(0);
    bytes.extend_from_slice(&0x8f92_eab1_u32.to_le_bytes());
    (bytes, pieces)
}

/// What our own packer makes.
fn zip(files: Vec<(String, Vec<u8>)>) -> Sample {
    let packer =
        Packer::new(&Config { threads: 1, ..Config::default() }, Limits::default(), Metrics::new("test"));
    let mut out = InMemory(Vec::new());
    let source = Box::new(Files(files.clone()));
    let sealed = packer.pack(source, Archive::Zip, &mut out, &Control::default()).expect("packed");
    let index = Some(sealed.index).filter(|index| index.places.len() == files.len());
    Sample { format: Archive::Zip, bytes: out.0, manifest: sealed.manifest, index, files }
}

struct InMemory(Vec<u8>);

impl Write for InMemory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Output for InMemory {
    fn scratch_maker(&self) -> Box<dyn Fn() -> io::Result<std::fs::File>> {
        Box::new(tempfile::tempfile)
    }
}

struct Files(Vec<(String, Vec<u8>)>);

impl Source for Files {
    fn scan(&mut self, _: &Limits, _: &Control) -> Result<Scan, PackError> {
        let entry = |(path, bytes): &(String, Vec<u8>)| Entry {
            path: path.clone(),
            kind: if path.ends_with('/') { EntryKind::EmptyFolder } else { EntryKind::File },
            size: bytes.len() as u64,
            origin: None,
            identity: None,
        };
        Ok(Scan { entries: self.0.iter().map(entry).collect(), ..Scan::default() })
    }

    fn open(&self, entry: &Entry) -> io::Result<Box<dyn Content>> {
        let (_, bytes) =
            self.0.iter().find(|(path, _)| *path == entry.path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(InParts(io::Cursor::new(bytes.clone()))))
    }
}

struct InParts(io::Cursor<Vec<u8>>);

impl Content for InParts {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        io::Read::read(&mut self.0, room)
    }

    fn has_changed(&self) -> bool {
        false
    }
}

/// Text that compresses.
pub fn text(length: usize) -> Vec<u8> {
    (0..).flat_map(|i: usize| format!("line {} of {}\n", i, i * i % 97).into_bytes()).take(length).collect()
}

/// Bytes that do not (SplitMix64).
pub fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z >> 56) as u8
    };
    (0..length).map(|_| next()).collect()
}
