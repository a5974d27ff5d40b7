//! Zip archives: our reader of the directory, and async_zip behind it.
#![no_main]

use std::sync::LazyLock;

use exportd_fuzz::packaging::samples::Sample;
use exportd_fuzz::{samples, verified};
use libfuzzer_sys::fuzz_target;

static SAMPLE: LazyLock<Sample> = LazyLock::new(|| samples().swap_remove(0));

fuzz_target!(|bytes: &[u8]| verified(bytes.to_vec(), &SAMPLE));
