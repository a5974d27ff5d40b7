//! Reading a package again: is it what was sealed?

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek};

use async_zip::base::read1::{ZipOptions, seek::ZipArchiveReader};
use futures_lite::future::block_on;
use futures_lite::io::{AssertAsync, AsyncReadExt, BufReader};
use serde::Serialize;
use sha2::{Digest, Sha256 as Hasher};

use crate::domain::Sha256;

use super::manifest::{Manifest, ManifestEntry};

/// Bytes read at once.
const BLOCK: usize = 128 * 1024;
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
    /// `size`, `checksum`, `structure` or `entries`.
    pub name: &'static str,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found, for people.
    pub detail: String,
}

/// Why nothing could be found out.
#[derive(Debug, thiserror::Error)]
#[error("the package cannot be read")]
pub struct VerifyError(#[from] io::Error);

/// Reads `package` from its beginning to its end, and holds it against its manifest: size, SHA-256,
/// structure, and of every entry its CRC and SHA-256. Without a manifest, structure and CRCs.
///
/// # Errors
/// [`VerifyError`] when the disk fails; a broken package is a finding, not an error.
pub fn verify(package: &mut File, manifest: Option<&Manifest>) -> Result<Verification, VerifyError> {
    let mut checks = Vec::new();
    if let Some(manifest) = manifest {
        checks.extend(whole(package, manifest)?);
    }
    let entries: HashMap<&str, &ManifestEntry> = manifest
        .iter()
        .flat_map(|manifest| &manifest.entries)
        .map(|entry| (entry.path.as_str(), entry))
        .collect();
    let mut reading = Reading { known: manifest.is_some().then_some(entries), good: 0, broken: Vec::new() };
    package.rewind()?;
    let structure = block_on(reading.read(package));
    checks.push(match &structure {
        Ok(()) => Check { name: "structure", ok: true, detail: "directory and headers agree".to_owned() },
        Err(what) => Check { name: "structure", ok: false, detail: what.clone() },
    });
    checks.push(reading.check(structure.is_ok()));
    Ok(Verification { ok: checks.iter().all(|check| check.ok), checks })
}

fn whole(package: &mut File, manifest: &Manifest) -> io::Result<[Check; 2]> {
    package.rewind()?;
    let mut hasher = Hasher::new();
    let (mut block, mut size) = (vec![0; BLOCK], 0);
    loop {
        match package.read(&mut block)? {
            0 => break,
            read => {
                hasher.update(&block[..read]);
                size += read as u64;
            }
        }
    }
    let found = Sha256(hasher.finalize().into());
    let sealed = &manifest.package;
    let told = |ok, good: String, bad: String| if ok { good } else { bad };
    let (size_ok, sum_ok) = (size == sealed.size, found == sealed.sha256);
    Ok([
        Check {
            name: "size",
            ok: size_ok,
            detail: told(
                size_ok,
                format!("{size} bytes"),
                format!("{size} bytes, sealed with {}", sealed.size),
            ),
        },
        Check {
            name: "checksum",
            ok: sum_ok,
            detail: told(
                sum_ok,
                format!("sha256 {found}"),
                format!("sha256 {found}, sealed with {}", sealed.sha256),
            ),
        },
    ])
}

/// Reading entries one after the other.
struct Reading<'a> {
    known: Option<HashMap<&'a str, &'a ManifestEntry>>,
    good: usize,
    broken: Vec<String>,
}

impl Reading<'_> {
    /// What is wrong with the structure, if that keeps entries from being read.
    async fn read(&mut self, package: &File) -> Result<(), String> {
        let reader = BufReader::with_capacity(BLOCK, AssertAsync::new(package));
        let options = ZipOptions {
            // Packages are as large as the operator allows; nothing here is kept in memory.
            max_cd_num_files: u64::MAX,
            max_cd_num_files_load: u64::MAX,
            max_cd_size_in_bytes: u64::MAX,
            max_compressed_size_per_file: u64::MAX,
            max_uncompressed_size_per_file: u64::MAX,
            ..ZipOptions::untrusted()
        };
        let mut archive =
            ZipArchiveReader::open_with_options(reader, options).await.map_err(|e| e.to_string())?;
        let names: Vec<_> = archive
            .cdrs()
            .iter()
            .map(|record| String::from_utf8_lossy(record.insecure_file_name.as_bytes()).into_owned())
            .collect();
        for (index, name) in names.iter().enumerate() {
            match entry(&mut archive, index).await {
                Ok(found) => self.compare(name, found),
                Err(what) => self.broken.push(format!("{name}: {what}")),
            }
        }
        let missing =
            self.known.iter().flat_map(HashMap::keys).map(|name| format!("{name}: is not in the package"));
        self.broken.extend(missing.collect::<Vec<_>>());
        Ok(())
    }

    fn compare(&mut self, name: &str, (size, sha256): (u64, Sha256)) {
        let Some(known) = self.known.as_mut() else { return self.good += 1 };
        match known.remove(name) {
            Some(entry) if entry.size == size && entry.sha256 == sha256 => self.good += 1,
            Some(_) => self.broken.push(format!("{name}: is not what was packed")),
            None => self.broken.push(format!("{name}: is not in the manifest")),
        }
    }

    fn check(&self, could_read: bool) -> Check {
        let ok = could_read && self.broken.is_empty();
        let mut detail = format!("{} good", self.good);
        if !self.broken.is_empty() {
            detail = format!(
                "{detail}, {} broken: {}",
                self.broken.len(),
                self.broken[..self.broken.len().min(NAMED)].join("; ")
            );
        }
        Check { name: "entries", ok, detail }
    }
}

async fn entry(
    archive: &mut ZipArchiveReader<BufReader<AssertAsync<&File>>>,
    index: usize,
) -> Result<(u64, Sha256), String> {
    let mut file = archive.file(index).await.map_err(|error| error.to_string())?;
    let (mut block, mut size, mut hasher) = (vec![0; BLOCK], 0, Hasher::new());
    loop {
        // The reader checks CRC and size itself, at the end.
        match file.read(&mut block).await.map_err(|error| error.to_string())? {
            0 => return Ok((size, Sha256(hasher.finalize().into()))),
            read => {
                hasher.update(&block[..read]);
                size += read as u64;
            }
        }
    }
}
