//! The low floors of exportd, for the fuzz targets: they compile without what stands above them.

#[path = "../../src/clock.rs"]
pub mod clock;
#[path = "../../src/config_units/mod.rs"]
pub mod config_units;
pub mod credentials;
#[path = "../../src/domain/mod.rs"]
pub mod domain;
pub mod loaders;
#[path = "../../src/packaging/mod.rs"]
pub mod packaging;
#[path = "../../src/records/mod.rs"]
pub mod records;
#[path = "../../src/security/mod.rs"]
pub mod security;
#[path = "../../src/storage/mod.rs"]
pub mod storage;
#[path = "../../src/telemetry/mod.rs"]
pub mod telemetry;

use std::sync::Arc;

use packaging::{Manifest, samples::Sample, verify};
use tokio_util::sync::CancellationToken;

/// Whatever the bytes are, verifying them ends with findings, and whoever has a manifest is told
/// when they are not its package.
pub fn verified(bytes: Vec<u8>, sample: &Sample) {
    let never = CancellationToken::new();
    let is_it = bytes == sample.bytes;
    let bytes = Arc::new(bytes);
    verify(bytes.clone(), None, &never).expect("memory can be read");
    let found = verify(bytes, Some(&sample.manifest), &never).expect("memory can be read");
    assert_eq!(found.ok, is_it, "{found:?}");
}

/// The package that the corpora begin with, in each format.
pub fn samples() -> Vec<Sample> {
    Sample::few()
}

/// A manifest, as it lies beside a package.
pub fn manifest() -> Manifest {
    Sample::few().swap_remove(0).manifest
}

/// An index with the sums that it would be stored with, so that what is in it is looked at.
pub fn summed(index: &[u8]) -> Vec<u8> {
    let mut bytes = [index, &crc32fast::hash(b"").to_le_bytes()].concat();
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    bytes
}
