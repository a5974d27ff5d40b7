//! A flipped byte anywhere is found, and named.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::*;
use crate::domain::Archive;
use crate::packaging::reading::samples::Sample;
use crate::packaging::{Manifest, ReadAt};

fn verified(bytes: Vec<u8>, manifest: Option<&Manifest>) -> Verification {
    let bytes: Arc<dyn ReadAt> = Arc::new(bytes);
    verify(bytes, manifest, &CancellationToken::new()).expect("memory can be read")
}

/// Whether more is told than that some byte is another.
fn is_named(found: &Verification) -> bool {
    found.checks.iter().any(|check| {
        let tells =
            !["size", "checksum"].contains(&&*check.name) || check.detail.contains("every entry is whole");
        !check.ok && tells
    })
}

#[test]
fn what_is_whole_is_found_whole_with_a_manifest_and_without() {
    for sample in Sample::few().into_iter().chain(Sample::large()) {
        let found = verified(sample.bytes.clone(), Some(&sample.manifest));
        assert!(found.ok, "{} {found:#?}", sample.format);
        let names: Vec<_> = found.checks.iter().map(|check| &*check.name).collect();
        assert_eq!(names, ["size", "checksum", "structure", "entries", "crc", "sha256"]);
        let found = verified(sample.bytes.clone(), None);
        assert!(found.ok, "{} {found:#?}", sample.format);
    }
}

#[test]
fn a_flipped_byte_anywhere_is_found_and_named() {
    for sample in Sample::few() {
        for at in 0..sample.bytes.len() {
            for flip in [0x01, 0x80] {
                let mut bytes = sample.bytes.clone();
                bytes[at] ^= flip;
                let found = verified(bytes, Some(&sample.manifest));
                assert!(!found.ok && is_named(&found), "{} byte {at} ^ {flip:#x}: {found:#?}", sample.format);
            }
        }
    }
}

#[test]
fn a_flipped_byte_of_an_entry_names_the_entry() {
    for sample in Sample::large() {
        let name = "a/noise";
        // Noise is stored nearly as it is, so the middle of it is found in the package.
        let (noise, bytes) = (&sample.files[2].1, &sample.bytes);
        let stored = |from: usize| bytes.windows(100).position(|window| window == &noise[from..from + 100]);
        let at = (4000..5000).step_by(100).find_map(stored).expect("some of it lies in one piece");
        let mut bytes = sample.bytes.clone();
        bytes[at + 50] ^= 4;
        let found = verified(bytes, Some(&sample.manifest));
        let told: String =
            found.checks.iter().filter(|check| !check.ok).map(|check| &*check.detail).collect();
        assert!(told.contains(name), "{}: {told}", sample.format);
    }
}

#[test]
fn a_flipped_byte_between_the_entries_tells_where() {
    let told = |sample: &Sample, at: usize| {
        let mut bytes = sample.bytes.clone();
        bytes[at] ^= 1;
        let found = verified(bytes, Some(&sample.manifest));
        let broken = found.checks.into_iter().filter(|check| !check.ok && check.name != "size");
        broken.map(|check| check.detail).collect::<Vec<_>>().join("\n")
    };
    let samples = Sample::few();
    for (format, from_end, place) in [
        (Archive::TarGz, 8, "gzip trailer: the CRC-32"),
        (Archive::TarGz, 1, "gzip trailer: what was unpacked has another length"),
        (Archive::TarZst, 1, "seek table: its last nine bytes"),
        (Archive::TarZst, 12, "seek table: does not fit frame"),
        (Archive::Zip, 1, "central directory"),
    ] {
        let sample = samples.iter().find(|sample| sample.format == format).expect("every format");
        let told = told(sample, sample.bytes.len() - from_end);
        assert!(told.contains(place), "{format} {from_end}: {told}");
    }
    let gzip = samples.iter().find(|sample| sample.format == Archive::TarGz).expect("every format");
    assert!(told(gzip, 4).contains("the gzip header has a time"), "{}", told(gzip, 4));
    // The date of a local header, and who made an entry, are in one place only.
    let zip = samples.iter().find(|sample| sample.format == Archive::Zip).expect("every format");
    assert!(told(zip, 10).contains("the header of a.txt is not as packages"), "{}", told(zip, 10));
    let record = zip.bytes.windows(4).position(|window| window == b"PK\x01\x02").expect("a directory");
    assert!(told(zip, record + 4).contains("the directory's record of a.txt"), "{}", told(zip, record + 4));
}

#[test]
fn a_package_cut_anywhere_is_found() {
    for sample in Sample::few() {
        for length in 0..sample.bytes.len() {
            let cut = sample.bytes[..length].to_vec();
            assert!(!verified(cut.clone(), Some(&sample.manifest)).ok, "{} cut to {length}", sample.format);
            // Without a manifest only the seek table can go unmissed: it was never promised.
            let found = verified(cut, None);
            let has_lost_only_the_table = sample.format == Archive::TarZst
                && sample.bytes[length..].starts_with(&0x184d_2a5e_u32.to_le_bytes());
            assert!(!found.ok || has_lost_only_the_table, "{} cut to {length}: {found:#?}", sample.format);
        }
    }
}

#[test]
fn another_package_s_manifest_is_told_from_this_one_s() {
    let samples = Sample::few();
    let (zip, gzip) = (&samples[0], &samples[1]);
    let found = verified(gzip.bytes.clone(), Some(&zip.manifest));
    let told = format!("{found:?}");
    assert!(!found.ok && told.contains("is a tar.gz, and was sealed as a zip"), "{told}");

    let mut other = gzip.manifest.clone();
    other.entries[0].path = "b.txt".to_owned();
    other.entries[3].size += 1;
    other.entries[4].mode = "0755".to_owned();
    let found = verified(gzip.bytes.clone(), Some(&other));
    let entries = found.checks.iter().find(|check| check.name == "entries").expect("the check");
    for fault in [
        "a.txt: is not in the manifest",
        "b.txt: is not in the package",
        "ü.txt: has another size",
        "noise.bin: has another mode",
    ] {
        assert!(entries.detail.contains(fault), "{fault}: {}", entries.detail);
    }
}

#[test]
fn whoever_asked_can_stop_it() {
    let cancel = CancellationToken::new();
    cancel.cancel();
    for sample in Sample::few() {
        let found = verify(sample.readable(), Some(&sample.manifest), &cancel);
        assert!(matches!(found, Err(VerifyError::Cancelled)), "{}", sample.format);
    }
}
