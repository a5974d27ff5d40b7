//! Signed requests of strangers: nothing is believed but what the owner of the key has signed.
#![no_main]

use std::sync::LazyLock;

use exportd_fuzz::credentials::read;
use exportd_fuzz::security::signature::Signatures;
use exportd_fuzz::security::signature::samples::{BODY, NOW, Sample, signatures};
use libfuzzer_sys::fuzz_target;

static SIGNATURES: LazyLock<Signatures> =
    LazyLock::new(|| signatures(tempfile::tempdir().expect("a folder").path()));
static SIGNED: LazyLock<Vec<Sample>> = LazyLock::new(Sample::signed_rightly);

fuzz_target!(|bytes: &[u8]| {
    let Some((request, body)) = read(bytes) else { return };
    let Some(message) = request.message() else { return };
    let Ok(signed) = SIGNATURES.check(&message, NOW) else { return };
    let original = SIGNED.iter().find(|sample| {
        let sample = sample.message().expect("its target is an address");
        let is_same = |name| sample.field(name) == message.field(name);
        sample.method == message.method
            && sample.target == message.target
            && ["x-on-behalf-of", "content-digest"].into_iter().all(is_same)
    });
    let original = original.expect("only what was signed is believed");
    let right = if original.method == "POST" { BODY } else { b"" };
    assert_eq!(signed.has_body(body).is_ok(), body == right);
});
