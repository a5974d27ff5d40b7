//! Responses under way: what they carry, how far they have come, and how they end.

use std::ops::Range;
use std::time::Duration;

use uuid::Uuid;

use crate::db::Sent;
use crate::domain::{ExportId, LinkId, Mode, Timestamp};
use crate::ledger::{Progress, Sending};

use super::download::Download;

/// A response that a proxy sends is given up after so long without a word: the proxy was killed
/// under it, or its report is lost. More than the slowest download that anybody waits for.
pub const GIVEN_UP: Duration = Duration::from_secs(24 * 60 * 60);

/// A response under way.
#[derive(Debug)]
pub struct UnderWay {
    planned: Vec<Range<u64>>,
    /// Bytes of `planned` that have been taken.
    taken: u64,
    progress: Progress,
    mode: Mode,
    export: ExportId,
    link: Option<LinkId>,
    settled: Option<Uuid>,
    reserved: Option<Uuid>,
    began_at: Timestamp,
}

/// How a response ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Every byte that was planned was handed over.
    Whole,
    /// It was broken off.
    Broken,
    /// Nobody told: given up.
    Lost,
}

impl Fate {
    /// As metrics have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Whole => "complete",
            Self::Broken => "broken",
            Self::Lost => "lost",
        }
    }
}

/// A response that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Whose package it carried.
    pub export: ExportId,
    /// The link by which it was asked for.
    pub link: Option<LinkId>,
    /// The download that it belonged to, where that was settled before it began.
    pub settled: Option<Uuid>,
    /// The bytes that were reserved for it, where they are limited.
    pub reserved: Option<Uuid>,
    /// Who sent it.
    pub mode: Mode,
    /// Whether this process began it; otherwise one did that is gone.
    pub is_ours: bool,
    /// How it ended.
    pub fate: Fate,
    /// The bytes that it was to carry.
    pub planned: Vec<Range<u64>>,
    /// Bytes of these that were sent: the first so many.
    pub sent: u64,
    /// When it began.
    pub began_at: Timestamp,
    /// When it ended.
    pub ended_at: Timestamp,
    /// The download that it belonged to, as that is now.
    pub download: Download,
    /// Whether that has every byte now, for the first time.
    pub brought_the_rest: bool,
}

impl UnderWay {
    /// What `sending` carries.
    pub fn new(sending: &Sending, mode: Mode, progress: Progress, at: Timestamp) -> Self {
        Self {
            planned: sending.planned.clone(),
            taken: 0,
            progress,
            mode,
            export: sending.export,
            link: sending.to.link,
            settled: sending.download,
            reserved: sending.reserved,
            began_at: at,
        }
    }

    /// The bytes that it carries.
    pub fn planned(&self) -> impl Iterator<Item = Range<u64>> {
        self.planned.iter().cloned()
    }

    /// Whether somebody else sends it, so that nothing is known of it before its end.
    pub fn is_afar(&self) -> bool {
        self.mode == Mode::Accel
    }

    /// How far it has come, if bytes were reserved for it and it is sent here.
    pub fn reserved(&self) -> Option<Sent> {
        let reserved = self.reserved.filter(|_| !self.is_afar())?;
        Some(Sent { reserved, bytes: self.taken, ended: false })
    }

    /// Whether nobody will tell what has become of it any more.
    pub fn is_given_up(&self, now: Timestamp) -> bool {
        self.is_afar() && now.since(self.began_at) > GIVEN_UP
    }

    /// The bytes handed over since the last look.
    pub fn take(&mut self) -> Vec<Range<u64>> {
        self.take_until(self.progress.sent())
    }

    /// The bytes handed over since the last look, when the first `sent` were in all.
    pub fn take_until(&mut self, sent: u64) -> Vec<Range<u64>> {
        let ranges = stretch(&self.planned, self.taken, sent);
        self.taken = self.taken.max(sent);
        ranges
    }

    /// It ended so, after the first `sent` bytes, as part of `download`.
    pub fn ending(&self, is_ours: bool, fate: Fate, sent: u64, at: Timestamp, download: Download) -> Ending {
        Ending {
            export: self.export,
            link: self.link,
            settled: self.settled,
            reserved: self.reserved,
            mode: self.mode,
            is_ours,
            fate,
            planned: self.planned.clone(),
            sent,
            began_at: self.began_at,
            ended_at: at,
            download,
            brought_the_rest: false,
        }
    }

    /// How it ended, when the first `sent` bytes were handed over.
    pub fn fate(&self, sent: u64) -> Fate {
        let planned: u64 = self.planned.iter().map(|range| range.end - range.start).sum();
        if sent >= planned { Fate::Whole } else { Fate::Broken }
    }
}

/// Of the bytes that `ranges` are, one after the other, those from number `from` to number `to`.
fn stretch(ranges: &[Range<u64>], from: u64, to: u64) -> Vec<Range<u64>> {
    let (mut taken, mut before) = (Vec::new(), 0);
    for range in ranges {
        let length = range.end - range.start;
        let (first, last) = (from.clamp(before, before + length), to.clamp(before, before + length));
        if first < last {
            taken.push(range.start + (first - before)..range.start + (last - before));
        }
        before += length;
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_of_several_ranges_is_cut_at_both_ends() {
        let ranges = [10..20, 100..105, 0..3];
        assert_eq!(stretch(&ranges, 0, 18), ranges);
        assert_eq!(stretch(&ranges, 5, 16), [15..20, 100..105, 0..1]);
        assert_eq!(stretch(&ranges, 11, 12), std::slice::from_ref(&(101..102)));
        assert_eq!(stretch(&ranges, 12, 99), [102..105, 0..3]);
        assert_eq!(stretch(&ranges, 7, 7), []);
    }
}
