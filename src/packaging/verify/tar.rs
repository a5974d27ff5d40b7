//! Reading a tar format from one end to the other.

use std::sync::Arc;

use sha2::{Digest, Sha256 as Hasher};
use tokio_util::sync::CancellationToken;

use super::findings::Findings;
use super::roll::Roll;
use crate::domain::{Archive, Sha256};
use crate::packaging::manifest::Manifest;
use crate::packaging::reading::{Damage, Decoded, Frames, Gzip, Input, Kind, Member, ReadAt, Tar, told};

/// Bytes of content read at a time.
const BLOCK: usize = 128 << 10;

/// Reads `package`, of one of the tar formats, once: what was found, and its size and digest if
/// there is a manifest to compare them with.
///
/// # Errors
/// [`Damage::Disk`] and [`Damage::Cancelled`] only; what is broken is a finding.
pub fn read(
    package: Arc<dyn ReadAt>,
    format: Archive,
    manifest: Option<&Manifest>,
    most: u64,
    cancel: &CancellationToken,
) -> Result<(Findings, Option<(u64, Sha256)>), Damage> {
    let input = Input::new(package, cancel.clone());
    let input = if manifest.is_some() { input.hashing() } else { input };
    let decoded: Box<dyn Decoded> = match format {
        Archive::TarZst => Box::new(Frames::new(input)),
        Archive::TarGz | Archive::Zip => Box::new(Gzip::new(input)),
    };
    let mut tar = Tar::new(decoded, most);
    let mut findings = Findings { format: Some(format.format()), ..Findings::default() };
    let mut roll = Roll::of(manifest);
    let walked = walk(&mut tar, &mut roll, &mut findings);
    roll.ends(walked.is_err(), &mut findings.entries);
    match walked {
        Err(damage @ Damage::Here { .. }) => findings.stopped_by(&damage, &told(tar.current())),
        walked => walked?,
    }
    findings.coded = tar.decoded().told();
    findings.oddities = tar.decoded().oddities();
    let whole = manifest.map(|_| tar.into_input().digest()).transpose()?;
    Ok((findings, whole))
}

fn walk(tar: &mut Tar, roll: &mut Roll<'_>, findings: &mut Findings) -> Result<(), Damage> {
    let mut block = vec![0; BLOCK];
    while let Some(member) = tar.next()? {
        let member = as_listed(member);
        let expected = roll.arrives(&member, &mut findings.entries)?;
        let mut hasher = expected.map(|_| Hasher::new());
        loop {
            let read = tar.read(&mut block)?;
            if read == 0 {
                break;
            }
            if let Some(hasher) = &mut hasher {
                hasher.update(&block[..read]);
            }
        }
        findings.read += 1;
        let digest = hasher.map(|hasher| Sha256(hasher.finalize().into()));
        if digest != expected.map(|entry| entry.sha256) {
            findings.digests.add(&told(&member.name), "is not what was packed");
        }
    }
    Ok(())
}

/// A folder's name ends in `/` in manifests; in archives it may.
fn as_listed(mut member: Member) -> Member {
    if member.kind == Kind::Folder && !member.name.ends_with('/') {
        member.name.push('/');
    }
    member
}
