//! What was found, in the order in which a person would ask.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::domain::{Format, Sha256};
use crate::packaging::manifest::Manifest;
use crate::packaging::reading::{Damage, Layer};

/// Broken entries that are named; more are counted.
const NAMED: usize = 5;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verification {
    /// Whether every check is.
    pub ok: bool,
    /// What was looked at.
    pub checks: Vec<Check>,
}

impl Verification {
    /// These checks, and whether all are well.
    pub fn of(checks: Vec<Check>) -> Self {
        Self { ok: checks.iter().all(|check| check.ok), checks }
    }

    /// The same with one check more.
    #[must_use]
    pub fn with(mut self, check: Check) -> Self {
        self.checks.push(check);
        Self::of(self.checks)
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// `size`, `checksum`, `structure`, `entries`, `crc`, `sha256`, `format`, `manifest` or `signature`.
    pub name: Cow<'static, str>,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What was found, for people; names what is broken.
    pub detail: String,
}

impl Check {
    /// As it should be.
    pub fn good(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name: name.into(), ok: true, detail: detail.into() }
    }

    /// Not as it should be.
    pub fn bad(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name: name.into(), ok: false, detail: detail.into() }
    }
}

/// What is wrong with which entries, or parts of the package.
#[derive(Debug, Default)]
pub struct Broken {
    named: Vec<String>,
    count: usize,
}

impl Broken {
    /// Another one.
    pub fn add(&mut self, name: &str, fault: &str) {
        self.count += 1;
        if self.named.len() < NAMED {
            self.named.push(format!("{name}: {fault}"));
        }
    }

    /// Whether there is none.
    pub fn is_none(&self) -> bool {
        self.count == 0
    }

    fn check(self, name: &'static str, good: String) -> Check {
        let more = self.count - self.named.len();
        match (self.count, more) {
            (0, _) => Check::good(name, good),
            (_, 0) => Check::bad(name, self.named.join("; ")),
            _ => Check::bad(name, format!("{}; and {more} more", self.named.join("; "))),
        }
    }
}

/// All that reading a package brought to light.
#[derive(Debug, Default)]
pub struct Findings {
    /// Which format it has.
    pub format: Option<Format>,
    /// What is wrong with what holds the entries.
    pub structure: Broken,
    /// Names, kinds and sizes that are not those of the manifest, or nobody should unpack.
    pub entries: Broken,
    /// What is wrong with what compresses, and CRCs that do not fit.
    pub coding: Broken,
    /// Entries whose bytes are not those that were packed.
    pub digests: Broken,
    /// What is harmless, but not as packages are made: where to look when nothing else is wrong.
    pub oddities: Vec<String>,
    /// Entries that were read to their end.
    pub read: usize,
    /// What the coding was, for people.
    pub coded: String,
}

impl Findings {
    /// Takes in why reading did not go on, `within` some entry.
    pub fn stopped_by(&mut self, damage: &Damage, within: &str) {
        let Damage::Here { layer, place, fault } = damage else { return };
        let place =
            if within.is_empty() || place == within { place.clone() } else { format!("{within}: {place}") };
        match layer {
            Layer::Coding => self.coding.add(&place, fault),
            Layer::Archive | Layer::Index => self.structure.add(&place, fault),
        }
    }

    /// The checks, for a package of this size and digest.
    pub fn into_checks(self, found: Option<(u64, Sha256)>, manifest: Option<&Manifest>) -> Vec<Check> {
        let mut checks = Vec::new();
        let all_well = self.structure.is_none()
            && self.entries.is_none()
            && self.coding.is_none()
            && self.digests.is_none();
        if let Some((manifest, (size, digest))) = manifest.zip(found) {
            checks.extend(whole(size, digest, manifest, all_well, &self.oddities));
        }
        let format = self.format.map_or("no package of ours", Format::as_str);
        let is_readable = self.format.is_some();
        checks.push(self.structure.check("structure", format!("{format}, {} entries", self.read)));
        if !is_readable {
            return checks;
        }
        checks.push(self.entries.check("entries", format!("{} good", self.read)));
        checks.push(self.coding.check("crc", format!("{} good", self.coded)));
        if manifest.is_some() {
            checks.push(self.digests.check("sha256", format!("{} good", self.read)));
        }
        checks
    }
}

fn whole(size: u64, found: Sha256, manifest: &Manifest, all_well: bool, oddities: &[String]) -> [Check; 2] {
    let sealed = &manifest.package;
    let size = match size == sealed.size {
        true => Check::good("size", format!("{size} bytes")),
        false => Check::bad("size", format!("{size} bytes, sealed with {}", sealed.size)),
    };
    if found == sealed.sha256 {
        return [size, Check::good("checksum", format!("sha256 {found}"))];
    }
    let place = match oddities {
        _ if !all_well => String::new(),
        [] => "; every entry is whole: it is in bits between them that no reader looks at".to_owned(),
        oddities => format!("; every entry is whole, but {}", oddities.join("; ")),
    };
    [size, Check::bad("checksum", format!("sha256 {found}, sealed with {}{place}", sealed.sha256))]
}
