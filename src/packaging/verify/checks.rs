//! The checks, in the order a person would make them.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek};

use serde::Serialize;
use sha2::{Digest, Sha256 as Hasher};

use super::archive::Archive;
use crate::domain::Sha256;
use crate::packaging::manifest::{Manifest, ManifestEntry};

/// Broken entries that are named; more are counted.
const NAMED: usize = 5;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Whether every check is.
    pub ok: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `size`, `checksum`, `structure`, `entries`, `crc` or `sha256`.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found, for people; names what is broken.
    pub detail: String,
}

/// Why nothing could be found out.
#[derive(Debug, thiserror::Error)]
#[error("the package cannot be read")]
pub struct VerifyError(#[from] io::Error);

/// Reads `package` from its beginning to its end, and holds it against its manifest: size, SHA-256,
/// structure, that it has the manifest's entries and no others, and of every entry the headers,
/// size, CRC and SHA-256. Without a manifest: structure, headers, sizes and CRCs.
///
/// # Errors
/// [`VerifyError`] when the disk fails; a broken package is a finding, not an error.
pub fn verify(package: &mut File, manifest: Option<&Manifest>) -> Result<Verification, VerifyError> {
    let mut checks = Vec::new();
    if let Some(manifest) = manifest {
        checks.extend(whole(package, manifest)?);
    }
    match Archive::open(package) {
        Err(detail) => checks.push(Check { name: "structure", ok: false, detail }),
        Ok(mut archive) => {
            let detail = format!("{} entries", archive.entries.len());
            checks.push(Check { name: "structure", ok: true, detail });
            if let Some(manifest) = manifest {
                checks.push(same_entries(&archive, manifest));
            }
            checks.extend(contents(&mut archive, manifest));
        }
    }
    Ok(Verification { ok: checks.iter().all(|check| check.ok), checks })
}

fn whole(package: &mut File, manifest: &Manifest) -> io::Result<[Check; 2]> {
    package.rewind()?;
    let mut hasher = Hasher::new();
    let (mut block, mut size) = (vec![0; 256 << 10], 0);
    loop {
        match package.read(&mut block)? {
            0 => break,
            read => {
                hasher.update(&block[..read]);
                size += read as u64;
            }
        }
    }
    let (found, sealed) = (Sha256(hasher.finalize().into()), &manifest.package);
    let told =
        |ok, good: String, sealed: String| if ok { good } else { format!("{good}, sealed with {sealed}") };
    let (size_ok, sum_ok) = (size == sealed.size, found == sealed.sha256);
    let size = told(size_ok, format!("{size} bytes"), sealed.size.to_string());
    let sum = told(sum_ok, format!("sha256 {found}"), sealed.sha256.to_string());
    Ok([
        Check { name: "size", ok: size_ok, detail: size },
        Check { name: "checksum", ok: sum_ok, detail: sum },
    ])
}

fn by_path(manifest: &Manifest) -> HashMap<&str, &ManifestEntry> {
    manifest.entries.iter().map(|entry| (entry.path.as_str(), entry)).collect()
}

fn same_entries(archive: &Archive, manifest: &Manifest) -> Check {
    let mut broken = Broken::default();
    let mut known = by_path(manifest);
    for found in &archive.entries {
        match known.remove(found.name.as_str()) {
            None => broken.add(&found.name, "is not in the manifest"),
            Some(entry) if entry.size != found.size => broken.add(&found.name, "has another size"),
            Some(_) => {}
        }
    }
    for entry in manifest.entries.iter().filter(|entry| known.contains_key(entry.path.as_str())) {
        broken.add(&entry.path, "is not in the package");
    }
    broken.check("entries", archive.entries.len())
}

/// Reads every entry: its CRC against the archive, its SHA-256 against the manifest.
fn contents(archive: &mut Archive, manifest: Option<&Manifest>) -> Vec<Check> {
    let known = manifest.map(by_path);
    let (mut crcs, mut digests) = (Broken::default(), Broken::default());
    let entries = std::mem::take(&mut archive.entries);
    for (index, found) in entries.iter().enumerate() {
        let expected = known.as_ref().and_then(|known| known.get(found.name.as_str()));
        let mut hasher = expected.map(|_| Hasher::new());
        let read = archive.read(index, &mut |bytes| {
            if let Some(hasher) = &mut hasher {
                hasher.update(bytes);
            }
        });
        if let Err(fault) = read {
            crcs.add(&found.name, &fault);
        }
        let digest = hasher.map(|hasher| Sha256(hasher.finalize().into()));
        if digest != expected.map(|entry| entry.sha256) {
            digests.add(&found.name, "is not what was packed");
        }
    }
    let mut checks = vec![crcs.check("crc", entries.len())];
    if known.is_some() {
        checks.push(digests.check("sha256", entries.len()));
    }
    checks
}

/// What is wrong with which entries.
#[derive(Default)]
struct Broken {
    named: Vec<String>,
    count: usize,
}

impl Broken {
    fn add(&mut self, name: &str, fault: &str) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(format!("{name}: {fault}"));
        }
    }

    fn check(self, name: &'static str, entries: usize) -> Check {
        let more = self.count - self.named.len();
        let detail = match (self.count, more) {
            (0, _) => format!("{entries} good"),
            (_, 0) => self.named.join("; "),
            _ => format!("{}; and {more} more", self.named.join("; ")),
        };
        Check { name, ok: self.count == 0, detail }
    }
}
