//! Entries by an index that may lie: the right bytes come, or none.
#![no_main]

use std::sync::{Arc, LazyLock};

use exportd_fuzz::packaging::samples::Sample;
use exportd_fuzz::packaging::{Contents, Index, Step};
use exportd_fuzz::{samples, summed};
use libfuzzer_sys::fuzz_target;

static SAMPLES: LazyLock<Vec<Sample>> = LazyLock::new(samples);

fuzz_target!(|bytes: &[u8]| {
    let Some((which, index)) = bytes.split_first() else { return };
    let sample = &SAMPLES[usize::from(*which) % SAMPLES.len()];
    let index = Index::from_bytes(&summed(index))
        .map(|index| Index { package: sample.manifest.package.sha256, ..index });
    let package = Arc::new(sample.bytes.clone());
    let contents = Contents::new(sample.manifest.clone(), index, package.clone()).expect("a sound package");
    for (path, expected) in &sample.files {
        let mut reader = contents.open(package.clone(), path).expect("it is there");
        let (mut got, mut room) = (Vec::new(), [0; 4096]);
        // So many steps are enough for anything that comes to an end.
        for _ in 0..10_000 {
            match reader.read(&mut room) {
                Ok(Step::Bytes(0)) => {
                    assert!(got == *expected, "{path}");
                    break;
                }
                Ok(Step::Bytes(count)) => got.extend_from_slice(&room[..count]),
                Ok(Step::NotYet) => {}
                Err(_) => break,
            }
        }
    }
});
