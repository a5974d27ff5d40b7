//! Key files for tests, made when they are first needed: no private key is ever committed.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, KeyPair,
};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tempfile::TempDir;

/// A public key whose private half was never kept. Libraries no longer make keys this weak.
const RSA_1024: &str = "\
-----BEGIN PUBLIC KEY-----
MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDXBDA0SO7srEy2lHFdGQTteQeA
FAd8YMVPJEWvZS3Zv/fsPz/spJgewkq0bPe6mcosutUSuvizRyQREEzV5vDMt7od
u3TO5QcZ5Rq80R+IHO114qZX0IDAnDP/D/S7+0bm9pVvZ2IEzMfvkOTcM5Ao3mRz
iT5hA8Gptlk2NeL1EQIDAQAB
-----END PUBLIC KEY-----
";

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    rsa_pair(folder.path());
    ed25519_pair(folder.path());
    ecdsa_pair(folder.path(), "p256", &ECDSA_P256_SHA256_FIXED_SIGNING);
    ecdsa_pair(folder.path(), "p384", &ECDSA_P384_SHA384_FIXED_SIGNING);
    std::fs::write(folder.path().join("rsa1024_public.pem"), RSA_1024).expect("a file");
    std::fs::write(folder.path().join("words.pem"), "no key at all").expect("a file");
    folder
});

/// The file `{name}`: `rsa`, `p256`, `ed25519` or `p384` with `_private.pem` or `_public.pem`, or
/// `rsa1024_public.pem`, or `words.pem`, which is none.
pub fn test_key(name: &str) -> PathBuf {
    FOLDER.path().join(name)
}

fn rsa_pair(folder: &Path) {
    let pair = rsa::KeyPair::generate(KeySize::Rsa2048).expect("a key");
    let private = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).expect("it can be written");
    let public = pair.public_key().as_der().expect("it can be written");
    write(folder, "rsa", private.as_ref(), public.as_ref());
}

fn ed25519_pair(folder: &Path) {
    let pair = Ed25519KeyPair::generate().expect("a key");
    let private = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).expect("it can be written");
    let public = pair.public_key().as_der().expect("it can be written");
    write(folder, "ed25519", private.as_ref(), public.as_ref());
}

fn ecdsa_pair(folder: &Path, name: &str, algorithm: &'static EcdsaSigningAlgorithm) {
    let private = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new()).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, private.as_ref()).expect("what was just written");
    let public = pair.public_key().as_der().expect("it can be written");
    write(folder, name, private.as_ref(), public.as_ref());
}

fn write(folder: &Path, name: &str, private: &[u8], public: &[u8]) {
    for (half, label, der) in [("private", "PRIVATE KEY", private), ("public", "PUBLIC KEY", public)] {
        std::fs::write(folder.join(format!("{name}_{half}.pem")), pem(label, der)).expect("a file");
    }
}

/// Base64 in lines of 64 (RFC 7468 §2).
fn pem(label: &str, der: &[u8]) -> String {
    let text = BASE64_STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", lines.collect::<String>())
}
