//! What a document becomes in every compression, and that it comes back.

use std::fs;
use std::sync::Arc;

use sha2::Digest as _;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::packaging::{Config, Contents, Limits, LoadError, Step, verify};
use crate::records::{DataError, DataFault};
use crate::telemetry::Metrics;

/// Lines, as many as are asked for.
struct Lines(u64);

impl Lines {
    fn all(&self) -> Vec<u8> {
        (0..self.0)
            .flat_map(|line| format!("{line},{}\n", line.wrapping_mul(0x9e37_79b9_7f4a)).into_bytes())
            .collect()
    }
}

impl Document for Lines {
    fn name(&self) -> String {
        "lines.csv".to_owned()
    }

    fn write(&mut self, out: &mut (dyn Write + Send), _: &Control) -> Result<Written, PackError> {
        for some in self.all().chunks(1000) {
            out.write_all(some).map_err(PackError::Output)?;
        }
        Ok(Written { rows: Some(self.0), ..Written::default() })
    }
}

/// Begins, and then has no more.
struct Broken;

impl Document for Broken {
    fn name(&self) -> String {
        "broken.csv".to_owned()
    }

    fn write(&mut self, out: &mut (dyn Write + Send), _: &Control) -> Result<Written, PackError> {
        out.write_all(b"some").map_err(PackError::Output)?;
        let fault = DataFault::SourceLost { row: Some(1) };
        Err(PackError::Data(DataError { data_set: "orders".to_owned(), section: None, fault }))
    }
}

/// Bytes in memory.
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

fn packer(max_package: u64) -> Packer {
    let limits = Limits { max_package, ..Limits::default() };
    Packer::new(&Config { threads: 2, ..Config::default() }, limits, Metrics::new("test"))
}

fn shape(compression: Compression) -> DocumentShape {
    DocumentShape { format: Format::Csv, compression, profile: Profile::Balanced }
}

fn written(lines: u64, compression: Compression) -> (Vec<u8>, Sealed) {
    let mut out = Memory::default();
    let sealed = packer(1 << 30)
        .write(&mut Lines(lines), shape(compression), &mut out, &Control::default())
        .expect("nothing is in the way");
    (out.0, sealed)
}

#[test]
fn a_document_comes_back_whatever_it_is_compressed_with() {
    for lines in [0, 1, 300_000] {
        let all = Lines(lines).all();
        for compression in Compression::ALL {
            let (package, sealed) = written(lines, compression);
            let back = match compression {
                Compression::None => package.clone(),
                Compression::Gzip => {
                    let mut back = Vec::new();
                    let mut member = flate2::bufread::GzDecoder::new(&package[..]);
                    io::copy(&mut member, &mut back).expect("one member");
                    assert!(member.into_inner().is_empty(), "and nothing behind it");
                    back
                }
                Compression::Zstd => zstd::decode_all(&package[..]).expect("frames"),
            };
            assert!(back == all, "{lines} lines, {compression:?}");
            assert_eq!(sealed.checksum, Sha256(Hasher::digest(&package).into()));
            let [entry] = &sealed.manifest.entries[..] else { panic!("one entry") };
            assert_eq!(entry.path, "lines.csv", "what is inside is not compressed");
            assert_eq!((entry.size, entry.sha256), (all.len() as u64, Sha256(Hasher::digest(&all).into())));
            assert_eq!((sealed.rows, sealed.size), (Some(lines), package.len() as u64));
        }
    }
}

#[test]
fn any_stretch_of_it_is_read_with_its_index_and_without() {
    let all = Lines(300_000).all();
    for compression in Compression::ALL {
        let (package, sealed) = written(300_000, compression);
        let package = Arc::new(package);
        for index in [Some(sealed.index.clone()), None] {
            let contents = Contents::new(sealed.manifest.clone(), index, package.clone()).expect("a package");
            let path = &sealed.manifest.entries[0].path;
            for at in [0, 1_500_000, all.len() as u64 - 10] {
                let mut reader = contents.open(package.clone(), path).expect("an entry");
                reader.go_to(at);
                let mut got = vec![0; 10];
                let mut filled = 0;
                while filled < 10 {
                    match reader.read(&mut got[filled..]).expect("whole") {
                        Step::Bytes(read) => filled += read,
                        Step::NotYet => {}
                    }
                }
                let at = usize::try_from(at).expect("small");
                assert_eq!(got, all[at..at + 10], "{compression:?} at {at}");
            }
        }
    }
}

#[test]
fn a_flipped_bit_anywhere_is_found() {
    let never = CancellationToken::new();
    for compression in Compression::ALL {
        let (package, sealed) = written(20_000, compression);
        let found = verify(Arc::new(package.clone()), Some(&sealed.manifest), &never).expect("memory");
        assert!(found.ok, "{found:?}");
        for at in (0..package.len()).step_by(package.len() / 40) {
            let mut flipped = package.clone();
            flipped[at] ^= 4;
            let found = verify(Arc::new(flipped), Some(&sealed.manifest), &never).expect("memory");
            assert!(!found.ok, "{compression:?}, byte {at}");
        }
    }
}

#[test]
fn the_same_rows_are_the_same_bytes() {
    for compression in Compression::ALL {
        assert!(written(100_000, compression).0 == written(100_000, compression).0, "{compression:?}");
    }
}

#[test]
fn a_document_that_is_too_large_or_breaks_off_is_no_package() {
    let mut out = Memory::default();
    let control = Control::default();
    let lines = packer(1 << 20).write(&mut Lines(300_000), shape(Compression::None), &mut out, &control);
    assert!(matches!(lines, Err(PackError::TooLarge { limit }) if limit == 1 << 20), "{lines:?}");
    let broken = packer(1 << 20).write(&mut Broken, shape(Compression::Gzip), &mut out, &control);
    let failure = broken.expect_err("it broke off").failure();
    assert!(failure.message.contains("orders") && failure.message.contains("row 1"), "{failure:?}");
    assert!(PackError::from(LoadError::NotThere).failure().message.contains("not there"));
}
