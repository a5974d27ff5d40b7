//! Walking along the chain: does every record follow from the one before it?

use super::{AuditRecord, Head};

/// How far around its place a record's true number is looked for.
const NEARBY: u64 = 256;

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakKind {
    /// A record does not say what it said.
    Changed,
    /// A record is not there.
    Removed,
    /// A record is there that nobody wrote.
    Inserted,
    /// A record does not have the number that it had.
    Reordered,
    /// The chain does not end, or begin, where the house remembers.
    Head,
    /// The chain is not the one that was told of.
    Unexpected,
}

impl BreakKind {
    /// The word for programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Inserted => "inserted",
            Self::Reordered => "reordered",
            Self::Head => "head does not fit",
            Self::Unexpected => "not as expected",
        }
    }
}

/// Where a chain is broken, and how.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq}: {}: {told}", kind.as_str())]
pub struct Break {
    /// The first number at which something is wrong.
    pub seq: u64,
    /// What is.
    pub kind: BreakKind,
    /// For people.
    pub told: String,
}

impl Break {
    /// So it is at `seq`.
    pub fn new(seq: u64, kind: BreakKind, told: impl Into<String>) -> Self {
        Self { seq, kind, told: told.into() }
    }
}

/// Walks along records in the order of their numbers.
#[derive(Debug, Clone)]
pub struct Chain {
    /// The last record that fitted, or what is before the first.
    last: Head,
    /// The one before that.
    before: Option<Head>,
}

impl Chain {
    /// A walk that begins after `start`.
    pub const fn after(start: Head) -> Self {
        Self { last: start, before: None }
    }

    /// The last record that fitted.
    pub const fn last(&self) -> Head {
        self.last
    }

    /// Goes on to `record`, which is the next one there is.
    ///
    /// # Errors
    /// The [`Break`] between the last record and this one.
    pub fn step(&mut self, record: &AuditRecord) -> Result<(), Break> {
        let next = self.last.seq + 1;
        if record.seq != next {
            return Err(missing(next, record.seq));
        }
        let follows = record.prev_hash == self.last.hash;
        match (record.is_as_written(), follows) {
            (true, true) => {}
            (true, false) => return Err(self.rewritten(record)),
            (false, true) => return Err(Break::new(next, BreakKind::Changed, "it does not fit its hash")),
            (false, false) => return Err(self.out_of_place(record)),
        }
        self.before = Some(std::mem::replace(&mut self.last, record.head()));
        Ok(())
    }

    /// The record is true to itself, and remembers another one before it.
    fn rewritten(&self, record: &AuditRecord) -> Break {
        let told = format!("its hash was computed anew, but entry {} remembers the old one", record.seq);
        Break::new(self.last.seq, BreakKind::Changed, told)
    }

    /// The record is neither true to itself nor to the one before it: it may be so at another place.
    fn out_of_place(&self, record: &AuditRecord) -> Break {
        let Some(true_seq) = true_seq(record) else {
            let told = "it fits neither its hash nor the entry before it";
            return Break::new(record.seq, BreakKind::Changed, told);
        };
        if self.before.is_some_and(|before| before.hash == record.prev_hash && before.seq + 1 == true_seq) {
            let told = format!("entry {} was entry {true_seq} when it was written", record.seq);
            return Break::new(self.last.seq, BreakKind::Inserted, told);
        }
        let told = format!("what is here was entry {true_seq} when it was written");
        Break::new(record.seq, BreakKind::Reordered, told)
    }
}

/// There is no record `next`; the next one is `found`.
pub(super) fn missing(next: u64, found: u64) -> Break {
    let told = match found - next {
        1 => format!("it is not there; entry {found} is"),
        _ => format!("entries {next} to {} are not there", found - 1),
    };
    Break::new(next, BreakKind::Removed, told)
}

/// The number that `record` had when it was written, if it was moved by little.
fn true_seq(record: &AuditRecord) -> Option<u64> {
    let around = record.seq.saturating_sub(NEARBY)..=record.seq.saturating_add(NEARBY);
    around.into_iter().find(|seq| record.digest_as(*seq) == record.hash)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::{Action, AuditEntry, Author};
    use crate::domain::{Sha256, Timestamp};

    fn chain(length: u64) -> Vec<AuditRecord> {
        let mut head = Head::NONE;
        let record = |n| {
            let at = Timestamp::from_millis(1_763_683_200_000);
            let entry = AuditEntry::done(at, Author::server(), Action::ExportRequested).with("n", n);
            let record = AuditRecord::after(head, &entry);
            head = record.head();
            record
        };
        (0..length).map(record).collect()
    }

    fn walk(records: &[AuditRecord]) -> Result<Head, Break> {
        let mut chain = Chain::after(Head::NONE);
        records.iter().try_for_each(|record| chain.step(record))?;
        Ok(chain.last())
    }

    fn broken(records: &[AuditRecord]) -> (u64, BreakKind) {
        let found = walk(records).expect_err("it is broken");
        (found.seq, found.kind)
    }

    #[test]
    fn what_nobody_touched_is_unbroken() {
        let records = chain(9);
        assert_eq!(walk(&records), Ok(records[8].head()));
        assert_eq!(walk(&[]), Ok(Head::NONE));
    }

    #[test]
    fn every_way_to_touch_it_is_found_and_called_by_its_name() {
        let whole = chain(9);

        let mut changed = whole.clone();
        changed[3].actor = Some("nobody".into());
        assert_eq!(broken(&changed), (4, BreakKind::Changed));
        changed[3].hash = changed[3].digest();
        assert_eq!(broken(&changed), (4, BreakKind::Changed), "its hash was computed anew");

        let mut only_hash = whole.clone();
        only_hash[3].hash = Sha256([9; 32]);
        assert_eq!(broken(&only_hash), (4, BreakKind::Changed));

        let mut removed = whole.clone();
        removed.remove(3);
        assert_eq!(broken(&removed), (4, BreakKind::Removed));
        removed[3..].iter_mut().for_each(|record| record.seq -= 1);
        assert_eq!(broken(&removed), (4, BreakKind::Reordered), "and the rest numbered anew");

        let mut swapped = whole.clone();
        swapped.swap(3, 6);
        (swapped[3].seq, swapped[6].seq) = (4, 7);
        assert_eq!(broken(&swapped), (4, BreakKind::Reordered));

        let mut inserted = whole.clone();
        let entry = AuditEntry::done(Timestamp::from_millis(7), Author::server(), Action::AuditRead);
        inserted.insert(3, AuditRecord::after(whole[2].head(), &entry));
        inserted[4..].iter_mut().for_each(|record| record.seq += 1);
        assert_eq!(broken(&inserted), (4, BreakKind::Inserted));
    }
}
