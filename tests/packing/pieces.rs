//! The index of a package: every entry can be read by itself, and what did not change is there
//! byte for byte in the next package.

use std::collections::HashSet;
use std::io::Read;

use exportd::domain::Archive;
use exportd::packaging::{Coding, Index, Piece, Sealed};

use super::library::{Known, identity, packed, tree};
use crate::support::project::{ProjectFolder, noise, slow_text};

fn project(root: &tempfile::TempDir) -> ProjectFolder {
    let text = slow_text(20);
    let folder = ProjectFolder::new(root.path(), "ada", "shop")
        .sources(3_000)
        .file("empty", "")
        .file("large.txt", &text)
        .file("whole chunks", &text[..4 << 20])
        .file("half.bin", [&text[..2_000_000], &noise(2_500_000), &text[..1_000_000]].concat())
        .noise("large.bin", 5 << 20)
        .noise("small.png", 100_000);
    std::fs::create_dir_all(folder.path.join("nothing/in it")).expect("a folder");
    folder
}

fn data<'p>(package: &'p [u8], piece: &Piece) -> &'p [u8] {
    let at = usize::try_from(piece.at).expect("in memory");
    &package[at..at + usize::try_from(piece.packed).expect("in memory")]
}

/// What pieces unpack to, of which the first is fresh.
fn unpacked(package: &[u8], pieces: &[Piece]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let packed: Vec<u8> = pieces.iter().flat_map(|piece| data(package, piece)).copied().collect();
    match pieces[0].coding {
        Coding::Plain => bytes = packed,
        Coding::Deflate => {
            // Within a stream there is no last block.
            let ended = packed.as_slice().chain(&[3, 0][..]);
            flate2::read::DeflateDecoder::new(ended).read_to_end(&mut bytes).expect("a stream");
        }
        Coding::Zstd => {
            zstd::stream::read::Decoder::new(&packed[..])
                .and_then(|mut frames| frames.read_to_end(&mut bytes))
                .expect("frames");
        }
    }
    bytes
}

#[test]
fn every_entry_can_be_read_by_the_index_alone() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = project(&root).path;
    for format in Archive::ALL {
        let (sealed, package) = packed(Known(tree(&folder)), format, 2);
        let Sealed { manifest, index, .. } = &sealed;
        assert_eq!(Index::from_bytes(&index.to_bytes(b"{}")).as_ref(), Some(index));
        assert_eq!(index.package, sealed.checksum);
        assert_eq!(index.crc, crc32fast::hash(&package));
        assert_eq!(index.places.len(), manifest.entries.len());
        // Small entries share pieces: what was unpacked for one is kept for the next.
        let mut kept = (0..0, Vec::new());
        for (entry, place) in manifest.entries.iter().zip(&index.places) {
            assert_eq!(place.identity, Some(identity(&entry.path)));
            let first = place.piece as usize;
            let mut raw = 0;
            let pieces = index.pieces[first..].iter().take_while(|piece| {
                let wanted = raw < place.skip + entry.size || raw == 0;
                raw += piece.raw;
                wanted
            });
            let last = first + pieces.count();
            assert!(index.pieces[first].is_fresh, "{format}: {}", entry.path);
            if kept.0 != (first..last) {
                kept = (first..last, unpacked(&package, &index.pieces[first..last]));
            }
            let skip = usize::try_from(place.skip).expect("in memory");
            let bytes = &kept.1[skip..skip + usize::try_from(entry.size).expect("in memory")];
            assert_eq!(crc32fast::hash(bytes), place.crc, "{format}: {}", entry.path);
            assert_eq!(super::library::sha256(bytes), entry.sha256.0, "{format}: {}", entry.path);
        }
    }
}

#[test]
fn pieces_tell_what_they_are_and_the_middle_of_an_entry_is_never_far_from_a_fresh_one() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = project(&root).path;
    for format in Archive::ALL {
        let (sealed, package) = packed(tree(&folder), format, 2);
        let pieces = &sealed.index.pieces;
        let units = &sealed.index.units;
        let last = usize::from(format != Archive::Zip);
        assert_eq!(units.iter().map(|unit| unit.pieces as usize).sum::<usize>(), pieces.len() - last);
        assert_eq!(units.iter().map(|unit| unit.entries as usize).sum::<usize>(), sealed.index.places.len());
        let (mut start, mut after, mut longest) = (0, 0, 0);
        for (number, piece) in pieces.iter().enumerate() {
            assert!(piece.at >= after, "{format}: pieces do not overlap");
            after = piece.at + piece.packed;
            assert_eq!(Some(crc32fast::hash(data(&package, piece))), piece.sum);
            if piece.is_fresh {
                start = number;
            }
            let run = &pieces[start..=number];
            longest = longest.max(run.iter().map(|piece| piece.raw).sum());
            // From the fresh piece on, this one's bytes are the last that come out.
            let bytes = unpacked(&package, run);
            let own = &bytes[bytes.len() - usize::try_from(piece.raw).expect("in memory")..];
            assert_eq!(crc32fast::hash(own), piece.crc, "{format}: piece {number}");
        }
        assert!(longest <= 16 << 20, "{format}: {longest}");
        assert!(pieces.len() > 20, "{format}: {}", pieces.len());
    }
}

#[test]
fn the_shares_of_the_entries_add_up_to_the_body() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = project(&root).path;
    for format in Archive::ALL {
        let (sealed, _) = packed(tree(&folder), format, 2);
        let last = if format == Archive::Zip { 0 } else { sealed.index.pieces.last().expect("some").packed };
        let body: u64 = sealed.index.pieces.iter().map(|piece| piece.packed).sum();
        assert_eq!(sealed.manifest.totals.compressed_bytes, body - last, "{format}");
        let entries = &sealed.manifest.entries;
        assert_eq!(entries.iter().map(|entry| entry.compressed_size).sum::<u64>(), body - last, "{format}");
    }
}

/// The CRC-32 of each piece's packed bytes, with their number: what could be taken over.
fn known(sealed: &Sealed) -> HashSet<(Option<u32>, u64)> {
    sealed.index.pieces.iter().map(|piece| (piece.sum, piece.packed)).collect()
}

#[test]
fn what_did_not_change_is_the_same_pieces_in_the_next_package() {
    let root = tempfile::tempdir().expect("a folder");
    let folder = project(&root);
    for format in Archive::ALL {
        let before = packed(tree(&folder.path), format, 2).0;
        let changed = folder.clone().file("aaa", "a new one").file("src/part011/file01150.rs", "other words");
        let moved = folder.path.join("src/part020/file02011.rs");
        let kept = std::fs::read(&moved).expect("a file");
        std::fs::remove_file(&moved).expect("it was there");
        let after = packed(tree(&changed.path), format, 2).0;
        let known = known(&before);
        let strangers = |pieces: &[Piece]| {
            pieces
                .iter()
                .filter(|piece| !known.contains(&(piece.sum, piece.packed)))
                .map(|piece| piece.raw)
                .sum::<u64>()
        };
        // Three changes, each of which costs a batch or a few.
        let new = strangers(&after.index.pieces);
        assert!(new < 10 << 20, "{format}: {new} bytes are packed anew");
        std::fs::write(moved, kept).expect("written");
        std::fs::remove_file(changed.path.join("aaa")).expect("it was there");
    }
}
