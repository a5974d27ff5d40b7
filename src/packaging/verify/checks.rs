//! The checks, in the order a person would make them.

use std::io;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::findings::{Findings, Verification};
use super::{document, tar, zip};
use crate::domain::{Archive, Sha256};
use crate::packaging::manifest::Manifest;
use crate::packaging::reading::{Damage, Input, ReadAt, most_unpacked, shape_of};

/// Without a manifest, a package may unpack to this much, or to so many times its size.
const USUAL: u64 = 1 << 30;
const USUAL_RATIO: u64 = 200;

/// Why nothing could be found out.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The disk failed.
    #[error("the package cannot be read")]
    Disk(#[source] io::Error),
    /// Whoever asked does not want to know any more.
    #[error("verifying was cancelled")]
    Cancelled,
}

/// Reads `package` from its beginning to its end, and holds it against its manifest: size, SHA-256,
/// structure, that it has the manifest's entries and no others, and of every entry the headers,
/// size, CRC and SHA-256. Without a manifest: structure, names, headers, sizes and CRCs.
///
/// Its format is known by its bytes. Memory and time are bounded, whatever it claims: it is not
/// unpacked further than its manifest, or 200 times its own size, would explain.
///
/// # Errors
/// [`VerifyError`] when the disk fails or `cancel` is cancelled; a broken package is a finding,
/// not an error.
pub fn verify(
    package: Arc<dyn ReadAt>,
    manifest: Option<&Manifest>,
    cancel: &CancellationToken,
) -> Result<Verification, VerifyError> {
    read(package, manifest, cancel).map_err(|damage| match damage {
        Damage::Disk(error) => VerifyError::Disk(error),
        Damage::Cancelled => VerifyError::Cancelled,
        Damage::Here { .. } => VerifyError::Disk(io::Error::other(damage)),
    })
}

fn read(
    package: Arc<dyn ReadAt>,
    manifest: Option<&Manifest>,
    cancel: &CancellationToken,
) -> Result<Verification, Damage> {
    let most = match manifest {
        Some(manifest) => most_unpacked(&manifest.entries),
        None => package.length()?.saturating_mul(USUAL_RATIO).max(USUAL),
    };
    if let Some((manifest, format)) = manifest.and_then(|manifest| Some((manifest, manifest.document()?))) {
        return document::read(package, manifest, format, cancel);
    }
    let (mut findings, whole) = match shape_of(&*package)? {
        Some(Archive::Zip) => {
            let whole = whole(&package, manifest, cancel)?;
            (zip::read(package, manifest, most, cancel)?, whole)
        }
        Some(format @ (Archive::TarGz | Archive::TarZst)) => {
            tar::read(package, format, manifest, most, cancel)?
        }
        None => {
            let mut findings = Findings::default();
            findings.structure.add("byte 0", "this is neither a zip nor a gzip nor a Zstandard file");
            (findings, whole(&package, manifest, cancel)?)
        }
    };
    compare_formats(&mut findings, manifest);
    Ok(Verification::of(findings.into_checks(whole, manifest)))
}

/// Size and digest, for whoever has something to compare them with. Only of a zip, whose
/// directory is at its end, is this a pass of its own.
fn whole(
    package: &Arc<dyn ReadAt>,
    manifest: Option<&Manifest>,
    cancel: &CancellationToken,
) -> Result<Option<(u64, Sha256)>, Damage> {
    let input = manifest.map(|_| Input::new(Arc::clone(package), cancel.clone()).hashing());
    input.map(Input::digest).transpose()
}

fn compare_formats(findings: &mut Findings, manifest: Option<&Manifest>) {
    let Some((manifest, found)) = manifest.zip(findings.format) else { return };
    if manifest.recipe.format != found.as_str() {
        let fault = format!("is a {found}, and was sealed as a {}", manifest.recipe.format);
        findings.structure.add("the package", &fault);
    }
}
