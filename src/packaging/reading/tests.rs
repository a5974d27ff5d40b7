use proptest::prelude::*;

use super::samples::Sample;
use super::*;

/// All bytes of `path` from `from` to `to`, read in strides of `stride`.
fn read(reader: &mut EntryReader, from: u64, to: u64, stride: usize) -> Result<Vec<u8>, Damage> {
    reader.go_to(from);
    let (mut got, mut room) = (Vec::new(), vec![0; stride]);
    while (got.len() as u64) < to - from {
        let most = room.len().min((to - from) as usize - got.len());
        match reader.read(&mut room[..most])? {
            Step::Bytes(0) => break,
            Step::Bytes(count) => got.extend_from_slice(&room[..count]),
            Step::NotYet => {}
        }
    }
    Ok(got)
}

#[test]
fn every_entry_comes_out_as_it_went_in_with_and_without_an_index() {
    for sample in Sample::few().into_iter().chain(Sample::large()) {
        for with_index in [true, false] {
            let contents = sample.contents(with_index);
            let is_direct = with_index || sample.format == crate::domain::Archive::Zip;
            assert_eq!(contents.is_indexed(), is_direct, "{}", sample.format);
            for (path, bytes) in &sample.files {
                let mut reader = contents.open(sample.readable(), path).expect("it is there");
                let got = read(&mut reader, 0, bytes.len() as u64, 1000).expect("whole");
                assert!(got == *bytes, "{path} in {} {with_index}", sample.format);
                assert_eq!(reader.read(&mut [0; 10]).expect("the end"), Step::Bytes(0));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_stretch_of_an_entry_is_that_stretch(
        stretches in prop::collection::vec((0u64..40_000, 1u64..3_000, any::<bool>()), 1..6),
        format in 0usize..3, with_index in any::<bool>(), stride in 1usize..5_000,
    ) {
        thread_local! { static SAMPLES: Vec<Sample> = Sample::large(); }
        SAMPLES.with(|samples| {
            let sample = &samples[format];
            let (path, bytes) = &sample.files[1];
            let mut reader = sample.contents(with_index).open(sample.readable(), path).expect("there");
            for (from, length, make_room) in stretches {
                let to = (from + length).min(bytes.len() as u64);
                let got = read(&mut reader, from, to, stride).expect("whole");
                prop_assert!(got == bytes[from as usize..to as usize], "{from}..{to}");
                if make_room {
                    reader.make_room();
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn an_index_that_lies_gives_the_right_bytes_or_none(
        format in 1usize..3, which in 0usize..50, field in 0usize..5, by in 1u64..3000,
    ) {
        let sample = &Sample::large()[format];
        let mut index = sample.index.clone().expect("an index");
        let pieces = index.pieces.len();
        let piece = &mut index.pieces[which % pieces];
        match field {
            0 => piece.at = piece.at.wrapping_add(by),
            1 => piece.raw = piece.raw.wrapping_add(by),
            2 => piece.packed = piece.packed.wrapping_sub(by),
            3 => piece.is_fresh = !piece.is_fresh,
            _ => index.places[which % 5].skip += by,
        }
        let contents = Contents::new(sample.manifest.clone(), Some(index), sample.readable()).expect("a package");
        for (path, bytes) in &sample.files {
            let mut reader = contents.open(sample.readable(), path).expect("there");
            if let Ok(got) = read(&mut reader, 0, bytes.len() as u64, 700) {
                prop_assert!(got == *bytes, "{path}");
            }
        }
    }
}

#[test]
fn a_flipped_byte_never_comes_out_as_a_whole_entry() {
    for sample in Sample::few() {
        for (with_index, from) in [(true, 0), (false, 1)] {
            for at in (from..sample.bytes.len()).step_by(2) {
                let mut bytes = sample.bytes.clone();
                bytes[at] ^= 0x20;
                let bytes: std::sync::Arc<dyn ReadAt> = std::sync::Arc::new(bytes);
                let index = sample.index.clone().filter(|_| with_index);
                let Ok(contents) = Contents::new(sample.manifest.clone(), index, bytes.clone()) else {
                    continue;
                };
                for (path, expected) in &sample.files {
                    let mut reader = contents.open(bytes.clone(), path).expect("there");
                    if let Ok(got) = read(&mut reader, 0, expected.len() as u64, 4096) {
                        assert!(got == *expected, "{path} of {} with byte {at} flipped", sample.format);
                    }
                }
            }
        }
    }
}

#[test]
fn entries_are_listed_by_path_whatever_their_order_in_the_package() {
    let files = [("b/2", vec![]), ("a", vec![]), ("b/1", vec![]), ("b0", vec![]), ("b/", vec![])];
    let contents = Sample::of(crate::domain::Archive::TarGz, &files).contents(true);
    let paths = |prefix: &str, after: Option<&str>, most| {
        let shelf = contents.shelf(prefix, after, most);
        let paths: Vec<_> = shelf.entries.iter().map(|entry| entry.path.clone()).collect();
        (paths.join(" "), shelf.has_more)
    };
    assert_eq!(paths("", None, 10), ("a b/ b/1 b/2 b0".into(), false));
    assert_eq!(paths("", None, 2), ("a b/".into(), true));
    assert_eq!(paths("", Some("b/"), 2), ("b/1 b/2".into(), true));
    assert_eq!(paths("b/", None, 10), ("b/ b/1 b/2".into(), false));
    assert_eq!(paths("b/", Some("b/1"), 1), ("b/2".into(), false));
    assert_eq!(paths("b/", Some("a"), 1), ("b/".into(), true));
    assert_eq!(paths("c", None, 10), (String::new(), false));
    assert_eq!(contents.why_not("b").expect("a reason"), "it is a folder; list it with `?prefix=`");
    assert_eq!(contents.why_not("nothing"), None);
}

#[test]
fn an_entry_that_is_shorter_than_its_manifest_says_comes_to_an_end() {
    for sample in Sample::large().into_iter().skip(1) {
        for with_index in [true, false] {
            let mut manifest = sample.manifest.clone();
            manifest.entries[1].size += 100_000;
            let index = sample.index.clone().filter(|_| with_index);
            let contents = Contents::new(manifest, index, sample.readable()).expect("a package");
            let mut reader = contents.open(sample.readable(), "a/large").expect("there");
            assert!(read(&mut reader, 0, 140_000, 5000).is_err(), "{} {with_index}", sample.format);
            assert!(read(&mut reader, 139_000, 140_000, 5000).is_err(), "{} {with_index}", sample.format);
        }
    }
}

#[test]
fn one_byte_far_in_is_reached_in_few_steps() {
    let files = [("a", samples::text(3 << 20))];
    for sample in crate::domain::Archive::ALL.map(|format| Sample::of(format, &files)) {
        for with_index in [true, false] {
            let mut reader = sample.contents(with_index).open(sample.readable(), "a").expect("there");
            reader.go_to((3 << 20) - 1);
            let steps = (1..).find(|_| reader.read(&mut [0]).expect("whole") != Step::NotYet);
            assert!(steps.is_some_and(|steps| steps < 10_000), "{} {steps:?}", sample.format);
        }
    }
}
