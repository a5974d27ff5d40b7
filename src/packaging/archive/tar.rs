//! Tar (POSIX.1-2001, "pax"; IEEE Std 1003.1, `pax` utility): a head before each entry's bytes.
//!
//! A plain ustar head where the name fits into it, an extended one before it where it does not:
//! for names that are long or not ASCII, and for files of 8 GiB and more. Nothing of the machine
//! or the day goes in: the owner is nobody by name and 0 by number, the date is 1980-01-01 as in
//! our zip archives, the mode 0644, or 0755 for folders.

use super::super::source::EntryKind;
use super::{FILE_MODE, FOLDER_MODE};

/// All of a tar archive is made of blocks.
pub const BLOCK: usize = 512;
/// What ends an archive: two blocks of zeros.
pub const END: [u8; 2 * BLOCK] = [0; 2 * BLOCK];
/// 1980-01-01T00:00:00Z.
const DATE: u64 = 315_532_800;
/// The largest size that the eleven octal digits of a head can say.
const LARGEST: u64 = (1 << 33) - 1;
/// How long a ustar name can be, and what may stand before it.
const NAME: usize = 100;
const PREFIX: usize = 155;

/// Adds an entry's head to `raw`. Its bytes and their [`padding`] have to follow.
pub fn head(raw: &mut Vec<u8>, path: &str, kind: EntryKind, size: u64) {
    let fitting = split(path);
    let mut records = Vec::new();
    if fitting.is_none() {
        record(&mut records, "path", path);
    }
    if size > LARGEST {
        record(&mut records, "size", &size.to_string());
    }
    let short = shortened(path);
    if !records.is_empty() {
        let name = shortened(&format!("PaxHeaders/{short}"));
        block(raw, ("", &name), b'x', FILE_MODE, records.len() as u64);
        raw.extend_from_slice(&records);
        raw.resize(raw.len() + padding(records.len() as u64), 0);
    }
    let (kind, mode) = match kind {
        EntryKind::File => (b'0', FILE_MODE),
        EntryKind::EmptyFolder => (b'5', FOLDER_MODE),
    };
    let said = if size > LARGEST { 0 } else { size };
    block(raw, fitting.unwrap_or(("", &short)), kind, mode, said);
}

/// Zeros after `size` bytes, up to a whole block.
pub fn padding(size: u64) -> usize {
    usize::try_from(size.next_multiple_of(BLOCK as u64) - size).expect("less than a block")
}

/// `path` as a ustar head can say it, in a prefix and a name; `None` if it cannot.
fn split(path: &str) -> Option<(&str, &str)> {
    if !path.is_ascii() {
        return None;
    }
    if path.len() <= NAME {
        return Some(("", path));
    }
    // The name takes all it can, but a folder's last slash is none to cut at.
    let earliest = path.len() - NAME - 1;
    let cut = earliest + path.as_bytes()[earliest..path.len() - 1].iter().position(|byte| *byte == b'/')?;
    (1..=PREFIX).contains(&cut).then(|| (&path[..cut], &path[cut + 1..]))
}

/// A name for those that do not know extended heads: ASCII, and short enough.
fn shortened(path: &str) -> String {
    let plain = path.chars().map(|c| if c.is_ascii() { c } else { '_' });
    plain.take(NAME).collect()
}

/// An extended record: its length, which counts itself, a keyword and a value.
fn record(records: &mut Vec<u8>, keyword: &str, value: &str) {
    let rest = keyword.len() + value.len() + 3;
    let mut length = rest;
    while length != rest + digits(length) {
        length = rest + digits(length);
    }
    records.extend_from_slice(format!("{length} {keyword}={value}\n").as_bytes());
}

fn digits(number: usize) -> usize {
    number.to_string().len()
}

/// Adds one ustar head.
fn block(raw: &mut Vec<u8>, (prefix, name): (&str, &str), kind: u8, mode: u32, size: u64) {
    let mut head = [0; BLOCK];
    head[..name.len()].copy_from_slice(name.as_bytes());
    octal(&mut head[100..108], u64::from(mode));
    octal(&mut head[108..116], 0);
    octal(&mut head[116..124], 0);
    octal(&mut head[124..136], size);
    octal(&mut head[136..148], DATE);
    head[156] = kind;
    head[257..265].copy_from_slice(b"ustar\x0000");
    octal(&mut head[329..337], 0);
    octal(&mut head[337..345], 0);
    head[345..345 + prefix.len()].copy_from_slice(prefix.as_bytes());
    // The sum is taken with spaces in its own place.
    head[148..156].fill(b' ');
    let sum = head.iter().map(|byte| u64::from(*byte)).sum();
    octal(&mut head[148..155], sum);
    raw.extend_from_slice(&head);
}

/// `number` in octal digits, zeros before and a NUL behind, over all of `field`.
fn octal(field: &mut [u8], mut number: u64) {
    let last = field.len() - 1;
    for digit in field[..last].iter_mut().rev() {
        *digit = b'0' + u8::try_from(number & 7).expect("one digit");
        number >>= 3;
    }
    field[last] = 0;
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::fs::FileExt;
    use std::process::Command;

    use super::*;

    /// What another reader makes of a head: the path, the size and the kind.
    fn read(path: &str, kind: EntryKind, size: u64) -> (String, u64, tar::EntryType) {
        let mut raw = Vec::new();
        head(&mut raw, path, kind, size);
        assert_eq!(raw.len() % BLOCK, 0);
        let mut archive = tar::Archive::new(raw.chain(std::io::repeat(0)));
        let entry = archive.entries().expect("an archive").next().expect("an entry").expect("a head");
        let told = entry.header();
        assert_eq!((told.uid().ok(), told.gid().ok(), told.mtime().ok()), (Some(0), Some(0), Some(DATE)));
        let path = String::from_utf8(entry.path_bytes().into_owned()).expect("text");
        (path, entry.size(), told.entry_type())
    }

    #[test]
    fn any_name_is_read_back_by_another_reader() {
        let deep = "deep/".repeat(60);
        for path in [
            "a".to_owned(),
            "x".repeat(100),
            "x".repeat(101),
            "x".repeat(255),
            format!("{}/{}", "p".repeat(155), "n".repeat(100)),
            format!("{}/{}", "p".repeat(156), "n".repeat(100)),
            format!("{}/{}", "p".repeat(155), "n".repeat(101)),
            format!("{deep}file"),
            "größe.txt".to_owned(),
            "日本語/".repeat(30) + "ファイル",
        ] {
            let read = read(&path, EntryKind::File, 7);
            assert_eq!(read, (path, 7, tar::EntryType::Regular));
        }
        for path in ["empty/", &"x/".repeat(80), &format!("{}/", "x".repeat(100)), &format!("{deep}é/")] {
            let read = read(path, EntryKind::EmptyFolder, 0);
            assert_eq!(read, (path.to_owned(), 0, tar::EntryType::Directory));
        }
    }

    #[test]
    fn an_extended_head_is_written_only_where_a_plain_one_will_not_do() {
        let blocks = |path: &str, size| {
            let mut raw = Vec::new();
            head(&mut raw, path, EntryKind::File, size);
            raw.len() / BLOCK
        };
        assert_eq!(blocks(&"x".repeat(100), LARGEST), 1);
        assert_eq!(blocks(&format!("{}/{}", "p".repeat(155), "n".repeat(100)), 0), 1);
        assert_eq!(blocks(&"x".repeat(101), 0), 3);
        assert_eq!(blocks("ö", 0), 3);
        assert_eq!(blocks("x", LARGEST + 1), 3);
    }

    #[test]
    fn sizes_beyond_eight_gigabytes_are_read_back() {
        for size in [LARGEST, LARGEST + 1, 1 << 40] {
            assert_eq!(read("big", EntryKind::File, size).1, size);
        }
    }

    /// Holes, which cost no disk: who seeks is done at once.
    #[test]
    fn every_tool_lists_a_file_of_nine_gigabytes_and_what_comes_after_it() {
        const SIZE: u64 = 9 << 30;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        head(&mut before, "huge", EntryKind::File, SIZE);
        head(&mut after, "nächste", EntryKind::File, 0);
        after.extend_from_slice(&END);
        let file = tempfile::NamedTempFile::with_suffix(".tar").expect("a file");
        file.as_file().write_all_at(&before, 0).expect("written");
        file.as_file().write_all_at(&after, before.len() as u64 + SIZE).expect("written");
        let python = "import sys, tarfile\nfor i in tarfile.open(sys.argv[1]): print(i.size, i.name)";
        for words in [&["tar", "-tvf"][..], &["bsdtar", "-tvf"], &["python3", "-c", python]] {
            let mut tool = Command::new(words[0]);
            let listed = tool.env("LC_ALL", "C.UTF-8").args(&words[1..]).arg(file.path()).output();
            let listed = listed.expect("it is there");
            let told = String::from_utf8_lossy(&listed.stdout);
            assert!(listed.status.success() && told.contains(&SIZE.to_string()), "{words:?}: {listed:?}");
            assert!(told.contains("nächste"), "{words:?}: {told}");
        }
    }

    #[test]
    fn a_record_counts_its_own_length() {
        for length in [1, 80, 87, 88, 89, 90, 91, 985, 986, 987, 990, 5_000] {
            let mut records = Vec::new();
            record(&mut records, "path", &"x".repeat(length));
            let said = String::from_utf8_lossy(&records).split(' ').next().map(str::parse);
            assert_eq!(said, Some(Ok(records.len())));
        }
    }

    #[test]
    fn bytes_are_padded_to_whole_blocks() {
        assert_eq!([0, 1, 511, 512, 513].map(padding), [0, 511, 1, 0, 511]);
    }
}
