//! Reading a document from one end to the other.

use std::sync::Arc;

use sha2::{Digest, Sha256 as Hasher};
use tokio_util::sync::CancellationToken;

use super::findings::{Findings, Verification};
use crate::domain::{Compression, Format, Sha256};
use crate::packaging::manifest::{Manifest, ManifestEntry};
use crate::packaging::reading::{Damage, Decoded, Frames, Gzip, Input, ReadAt};

/// Bytes read at a time.
const BLOCK: usize = 128 << 10;

/// Reads `package`, of which `manifest` says that it is a document of `format`: size and digest of
/// the package, and of what it is compressed from.
///
/// # Errors
/// [`Damage::Disk`] and [`Damage::Cancelled`] only; what is broken is a finding.
pub fn read(
    package: Arc<dyn ReadAt>,
    manifest: &Manifest,
    format: Format,
    cancel: &CancellationToken,
) -> Result<Verification, Damage> {
    let input = || Input::new(Arc::clone(&package), cancel.clone()).hashing();
    let mut findings = Findings { format: Some(format), ..Findings::default() };
    let [entry] = &manifest.entries[..] else {
        findings.entries.add("the manifest", "names not one entry, as a document's does");
        return Ok(Verification::of(findings.into_checks(Some(input().digest()?), Some(manifest))));
    };
    let decoded: Option<Box<dyn Decoded>> = match manifest.recipe.compression {
        Compression::None => None,
        Compression::Gzip => Some(Box::new(Gzip::new(input()))),
        Compression::Zstd => Some(Box::new(Frames::new(input()))),
    };
    let whole = match decoded {
        None => {
            let whole = input().digest()?;
            compare(&mut findings, entry, whole);
            findings.coded = "not compressed".to_owned();
            whole
        }
        Some(mut decoded) => {
            match unpack(&mut *decoded, entry.size) {
                Ok(unpacked) => compare(&mut findings, entry, unpacked),
                Err(damage @ Damage::Here { .. }) => findings.stopped_by(&damage, &entry.path),
                Err(damage) => return Err(damage),
            }
            (findings.coded, findings.oddities) = (decoded.told(), decoded.oddities());
            decoded.into_input().digest()?
        }
    };
    findings.read = 1;
    Ok(Verification::of(findings.into_checks(Some(whole), Some(manifest))))
}

/// The size and the digest of what comes out, which is not to be more than `most` bytes.
fn unpack(decoded: &mut dyn Decoded, most: u64) -> Result<(u64, Sha256), Damage> {
    let (mut hasher, mut block, mut size) = (Hasher::new(), vec![0; BLOCK], 0);
    loop {
        let read = decoded.read(&mut block)?;
        if read == 0 {
            return Ok((size, Sha256(hasher.finalize().into())));
        }
        size += read as u64;
        if size > most {
            return Err(Damage::archive("the document", "is longer than was sealed"));
        }
        hasher.update(&block[..read]);
    }
}

fn compare(findings: &mut Findings, entry: &ManifestEntry, (size, sha256): (u64, Sha256)) {
    if size != entry.size {
        findings.entries.add(&entry.path, &format!("has {size} bytes, sealed with {}", entry.size));
    }
    if sha256 != entry.sha256 {
        findings.digests.add(&entry.path, "is not what was sealed");
    }
}
