//! Gzip members, and the tar within. What begins with a zero is the tar itself: its headers get
//! right checksums, and it a right gzip, which no fuzzer would guess.
#![no_main]

use std::sync::LazyLock;

use exportd_fuzz::packaging::samples::{Sample, gzipped};
use exportd_fuzz::{samples, verified};
use libfuzzer_sys::fuzz_target;

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| samples().swap_remove(1));

fuzz_target!(|bytes: &[u8]| {
    match bytes.split_first() {
        Some((0, tar)) => verified(gzipped(&summed(tar)).0, &SAMPLE),
        _ => verified(bytes.to_vec(), &SAMPLE),
    }
});

/// The same, with the sum that each block that looks like a header should have.
fn summed(tar: &[u8]) -> Vec<u8> {
    let mut tar = tar.to_vec();
    for block in tar.chunks_exact_mut(512).filter(|block| block[257..262] == *b"ustar") {
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    tar
}
