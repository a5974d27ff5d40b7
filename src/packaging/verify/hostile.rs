//! Archives that nobody made by accident: a finding each, in bounded time and memory.

use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{EntryType, Header};
use tokio_util::sync::CancellationToken;

use super::{Verification, verify};
use crate::domain::Archive;
use crate::packaging::reading::samples::{self, Sample, header, member};
use crate::packaging::{Manifest, ReadAt};

fn verified(bytes: impl ReadAt + 'static, manifest: Option<&Manifest>) -> Verification {
    verify(Arc::new(bytes), manifest, &CancellationToken::new()).expect("memory can be read")
}

/// What is told of a package that has to be refused.
#[track_caller]
fn refused(bytes: impl ReadAt + 'static) -> String {
    let found = verified(bytes, None);
    assert!(!found.ok, "{found:#?}");
    found.checks.iter().filter(|check| !check.ok).map(|check| format!("{check:?}\n")).collect()
}

fn gzip(tar: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(tar).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

/// A tar.gz of one member, and a right end.
fn tar_gz(header: &Header, content: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    member(&mut tar, header, content);
    tar.extend_from_slice(&[0; 1024]);
    gzip(&tar)
}

/// A header whose size field is `field`.
fn sized(field: &[u8; 12]) -> Header {
    let mut header = header("a", EntryType::Regular, 0);
    header.as_mut_bytes()[124..136].copy_from_slice(field);
    header.set_cksum();
    header
}

#[test]
fn names_that_lead_elsewhere_and_what_is_no_file_are_findings() {
    for (name, told) in [
        ("/etc/passwd", "absolute"),
        ("../../a", "`..`"),
        ("a/../../b", "`..`"),
        ("C:\\a", "absolute"),
        ("a\\b", "backslash"),
    ] {
        let sample = |format| Sample::of(format, &[(name, b"x".to_vec())]);
        for format in Archive::ALL {
            let found = refused(sample(format).bytes);
            assert!(found.contains(told) && found.contains("entries"), "{format} {name}: {found}");
        }
    }
    for (kind, told) in [
        (EntryType::Symlink, "a symbolic link"),
        (EntryType::Link, "a hard link"),
        (EntryType::Char, "a device"),
        (EntryType::Block, "a device"),
        (EntryType::Fifo, "a pipe"),
        (EntryType::GNUSparse, "a sparse file"),
        (EntryType::XGlobalHeader, "a global header"),
        (EntryType::new(b'Z'), "of an unknown kind"),
    ] {
        let found = refused(tar_gz(&header("a", kind, 0), b""));
        assert!(found.contains(told), "{kind:?}: {found}");
    }
    let mut twice = Vec::new();
    for _ in 0..2 {
        member(&mut twice, &header("a", EntryType::Regular, 1), b"x");
    }
    twice.extend_from_slice(&[0; 1024]);
    assert!(refused(gzip(&twice)).contains("is there twice"));
}

#[test]
fn sizes_that_cannot_be_are_refused() {
    for (field, told) in [
        (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "negative"),
        (b"\x80\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff", "negative"),
        (b"\x80\x00\x00\x00\x7f\xff\xff\xff\xff\xff\xff\xff", "the archive ends in it"),
        (b"77777777777\0", "the archive ends in it"),
        (b"-0000000001\0", "is no number"),
        (b"zzzzzzzzzzz\0", "is no number"),
    ] {
        let found = refused(tar_gz(&sized(field), b""));
        assert!(found.contains(told), "{field:?}: {found}");
    }
    let record = |text: &str| {
        let mut tar = Vec::new();
        member(&mut tar, &header("pax", EntryType::XHeader, text.len() as u64), text.as_bytes());
        member(&mut tar, &header("a", EntryType::Regular, 0), b"");
        tar.extend_from_slice(&[0; 1024]);
        refused(gzip(&tar))
    };
    assert!(record("28 size=9223372036854775807\n").contains("archive"), "a size that overflows");
    assert!(record("12 size=-12\n").contains("is no number"));
    assert!(record("22 GNU.sparse.major=1\n").contains("a sparse file"));
    assert!(record("99999 path=a\n").contains("cannot be read"));
}

#[test]
fn an_extension_of_gigabytes_is_not_read() {
    for kind in [EntryType::XHeader, EntryType::GNULongName] {
        let found = refused(tar_gz(&header("x", kind, 4 << 30), &[b'a'; 4096]));
        assert!(found.contains("an extension of 4294967296 bytes"), "{found}");
    }
}

/// A gzip member of so many zeros, made as it is read: one deflate block of 8 MiB, again and again.
struct Bomb {
    begin: Vec<u8>,
    block: Vec<u8>,
    times: u64,
    read: AtomicU64,
}

impl Bomb {
    fn of(tar_header: &Header, gigabytes: u64) -> Self {
        let deflated = |bytes: &[u8]| {
            let mut deflater = flate2::Compress::new(Compression::new(9), false);
            let mut packed = Vec::with_capacity(bytes.len() / 100 + 1000);
            deflater.compress_vec(bytes, &mut packed, flate2::FlushCompress::Full).expect("it compresses");
            packed
        };
        let mut begin = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
        begin.extend(deflated(tar_header.as_bytes()));
        Self { begin, block: deflated(&vec![0; 8 << 20]), times: gigabytes * 128, read: AtomicU64::new(0) }
    }
}

impl ReadAt for Bomb {
    fn length(&self) -> io::Result<u64> {
        Ok(self.begin.len() as u64 + self.block.len() as u64 * self.times)
    }

    fn read_at(&self, room: &mut [u8], at: u64) -> io::Result<usize> {
        let (begin, block) = (self.begin.len() as u64, self.block.len() as u64);
        let from = match at.checked_sub(begin) {
            None => &self.begin[at as usize..],
            Some(after) if after >= block * self.times => return Ok(0),
            Some(after) => &self.block[(after % block) as usize..],
        };
        let read = room.len().min(from.len());
        room[..read].copy_from_slice(&from[..read]);
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[test]
fn ten_gigabytes_of_zeros_are_not_unpacked_to_the_end() {
    let bomb = Arc::new(Bomb::of(&header("a", EntryType::Regular, 8 << 30), 10));
    let sample = Sample::of(Archive::TarGz, &[("a", b"small".to_vec())]);
    let shared: Arc<dyn ReadAt> = bomb.clone();
    let found = verify(shared, Some(&sample.manifest), &CancellationToken::new()).expect("it can be read");
    let structure = found.checks.iter().find(|check| check.name == "structure").expect("the check");
    assert!(structure.detail.contains("unpacks to far more"), "{found:#?}");
}

#[test]
fn an_entry_reader_gives_up_on_a_bomb_too() {
    let bomb: Arc<dyn ReadAt> = Arc::new(Bomb::of(&header("b", EntryType::Regular, 8 << 30), 10));
    let sample = Sample::of(Archive::TarGz, &[("a", b"small".to_vec())]);
    let contents =
        crate::packaging::Contents::new(sample.manifest, None, bomb.clone()).expect("it begins well");
    let mut reader = contents.open(bomb, "a").expect("the manifest has it");
    let mut room = vec![0; 1 << 16];
    let end = loop {
        match reader.read(&mut room) {
            Ok(crate::packaging::Step::NotYet) => {}
            other => break other,
        }
    };
    assert!(end.is_err_and(|damage| damage.to_string().contains("far more")));
}

#[test]
fn a_window_of_two_gigabytes_gets_no_memory() {
    // A frame whose window is 2^31 bytes (RFC 8878 §3.1.1.1.2: exponent 21, mantissa 0), and a block.
    let frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 21 << 3][..], &[1, 0, 0]].concat();
    assert!(refused(frame).contains("wants more memory than 8 MiB"));
    // One segment of 2 GiB: the same by another way.
    let frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0xa0][..], &(2_u32 << 30).to_le_bytes(), &[1, 0, 0]].concat();
    assert!(refused(frame).contains("wants more memory than 8 MiB"));
}

#[test]
fn what_follows_a_package_is_told() {
    let samples = Sample::few();
    for (format, more, told) in [
        (Archive::TarGz, &b"more"[..], "something follows"),
        (Archive::TarGz, &gzip(b"another")[..], "another gzip member"),
        (Archive::TarZst, b"more", "something follows the seek table"),
        (Archive::Zip, b"more", "central directory"),
    ] {
        let sample = samples.iter().find(|sample| sample.format == format).expect("every format");
        let found = refused([&sample.bytes[..], more].concat());
        assert!(found.contains(told), "{format}: {found}");
    }
    let mut tar = samples::tarred(&[("a".into(), b"x".to_vec())]).0;
    tar.extend_from_slice(&[1; 512]);
    assert!(refused(gzip(&tar)).contains("something follows it"));
}

#[test]
fn a_seek_table_that_lies_is_told() {
    let sample = &Sample::few()[2];
    let length = sample.bytes.len();
    for at in length - 40..length {
        let mut bytes = sample.bytes.clone();
        bytes[at] ^= 0x10;
        assert!(refused(bytes).contains("seek table"), "byte {at} of {length}");
    }
    let other = samples::framed(&[0; 4000]).0;
    let table = other.windows(4).position(|window| window == 0x184d_2a5e_u32.to_le_bytes()).expect("a table");
    let own =
        sample.bytes.windows(4).position(|window| window == 0x184d_2a5e_u32.to_le_bytes()).expect("a table");
    assert!(refused([&sample.bytes[..own], &other[table..]].concat()).contains("seek table"));
}

mod zips {
    use super::*;

    fn number(bytes: &[u8], at: usize) -> usize {
        u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four")) as usize
    }

    fn put(bytes: &mut [u8], at: usize, number: u32) {
        bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }

    fn two() -> Vec<u8> {
        Sample::of(Archive::Zip, &[("a", b"first".to_vec()), ("b", b"other".to_vec())]).bytes
    }

    #[test]
    fn entries_that_share_bytes_are_told() {
        let mut bytes = two();
        let directory = number(&bytes, bytes.len() - 6);
        let second = directory + 46 + 1;
        put(&mut bytes, second + 42, 0);
        let found = refused(bytes);
        assert!(
            found.contains("lies inside of another entry") || found.contains("says otherwise"),
            "{found}"
        );
    }

    #[test]
    fn numbers_that_say_look_elsewhere_and_lead_nowhere_are_told() {
        for field in [20, 24, 42] {
            let mut bytes = two();
            let directory = number(&bytes, bytes.len() - 6);
            put(&mut bytes, directory + field, u32::MAX);
            assert!(refused(bytes).contains("needs one"), "{field}");
        }
        // A Zip64 end that points at itself, beyond the file, and before the directory.
        for at in [0u64, 50, u64::MAX, u64::MAX - 10, i64::MAX as u64] {
            let bytes = two();
            let end = bytes.len() - 22;
            let locator =
                [&0x0706_4b50_u32.to_le_bytes()[..], &[0; 4], &at.to_le_bytes(), &[1, 0, 0, 0]].concat();
            refused([&bytes[..end], &locator, &bytes[end..]].concat());
        }
    }

    #[test]
    fn a_directory_that_promises_millions_is_not_believed() {
        let mut bytes = two();
        let end = bytes.len() - 22;
        bytes[end + 8..end + 12].copy_from_slice(&[0xfe, 0xff, 0xfe, 0xff]);
        refused(bytes);
        // More records than the end tells of, which another reader would keep in memory.
        let one = two();
        let directory = number(&one, one.len() - 6);
        let (record, end) = (one[directory..directory + 47].to_vec(), one.len() - 22);
        let mut many = [&one[..directory], &record.repeat(5000), &one[end..]].concat();
        let at = many.len() - 10;
        put(&mut many, at, 47 * 5000);
        assert!(refused(many).contains("other entries than its end says"));
    }

    #[test]
    fn a_zip_that_was_streamed_is_read_by_its_directory() {
        // Python writes sizes behind the content of what it cannot seek in.
        let script = "import sys, zipfile
class Pipe:
    def write(self, data): sys.stdout.buffer.write(data); return len(data)
    def flush(self): pass
with zipfile.ZipFile(Pipe(), 'w', zipfile.ZIP_DEFLATED) as archive:
    archive.writestr('a.txt', 'hello ' * 100)
    archive.writestr('b.txt', 'x')";
        let made = std::process::Command::new("python3").args(["-c", script]).output().expect("python3");
        assert!(made.status.success());
        let found = verified(made.stdout.clone(), None);
        assert!(found.ok, "{found:#?}");
        let mut flipped = made.stdout;
        flipped[40] ^= 1;
        assert!(!verified(flipped, None).ok);
    }

    #[test]
    fn an_entry_that_holds_more_than_it_says_is_stopped() {
        let sample = Sample::of(Archive::Zip, &[("a", vec![0; 1 << 20])]);
        let mut bytes = sample.bytes;
        let directory = number(&bytes, bytes.len() - 6);
        put(&mut bytes, 22, 100);
        put(&mut bytes, directory + 24, 100);
        assert!(refused(bytes).contains("a: holds more than it says"));
    }
}
