//! Manifests that strangers hand in: none is taken for signed.
#![no_main]

use std::sync::LazyLock;

use exportd_fuzz::manifest;
use exportd_fuzz::packaging::{Manifest, check_signature};
use exportd_fuzz::security::{PublicKeys, Signer};
use libfuzzer_sys::fuzz_target;

static SIGNER: LazyLock<Signer> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder");
    Signer::open(&folder.path().join("key")).expect("a key")
});

fuzz_target!(|bytes: &[u8]| {
    let keys = PublicKeys::from(&*SIGNER);
    assert!(!check_signature(bytes, &keys).ok);
    // Whatever is a manifest can be signed, and then is.
    let Ok(read) = serde_json::from_slice::<Manifest>(bytes) else { return };
    let largest = read.entries.iter().map(|entry| entry.size.max(entry.compressed_size)).max();
    let totals = [read.totals.files, read.totals.bytes, read.totals.compressed_bytes, read.totals.excluded];
    let lines = read.secrets.iter().filter_map(|secret| secret.line);
    let numbers = totals.into_iter().chain(largest).chain(lines).chain([read.package.size]);
    if numbers.max().is_some_and(|largest| largest >= 1 << 53) {
        return;
    }
    let signed = read.signed(&SIGNER).to_json();
    assert!(check_signature(&signed, &keys).ok);
    let mut altered = manifest().signed(&SIGNER);
    altered.signature = serde_json::from_slice::<Manifest>(&signed).expect("its own").signature;
    let is_same = serde_json::to_value(&altered).ok() == serde_json::from_slice(&signed).ok();
    assert_eq!(check_signature(&altered.to_json(), &keys).ok, is_same);
});
