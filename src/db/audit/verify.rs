//! Is the chain what was written?

use sea_orm::{ConnectionTrait, FromQueryResult};
use serde::Serialize;

use crate::domain::audit::{Action, AuditRecord, Break, BreakKind, Chain, FIRST_HASH, Fact, Head};
use crate::domain::{Sha256, Timestamp};

use super::super::row::{big, bytes};
use super::super::statement::sql;
use super::row::readable_rows;
use super::{Audit, StoreError};

/// Records read at a time.
const PAGE: u64 = 1000;
/// So often a walk begins anew because its beginning was cut off under it.
const TRIES: usize = 5;

/// What somebody who kept it elsewhere knows of a chain.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expected {
    /// The number to begin at; the oldest there is when not told.
    pub from: Option<u64>,
    /// The hash that the head has to have: nothing was written since.
    pub head: Option<Sha256>,
    /// A record, and the hash that it has to have: what was written since may be more, not less.
    pub told: Option<Head>,
}

/// An unbroken chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unbroken {
    /// Records that were read.
    pub entries: u64,
    /// The number of the first of them.
    pub first_seq: u64,
    /// The number of the last one.
    pub last_seq: u64,
    /// When the first of them happened.
    pub first_at: Option<Timestamp>,
    /// When the last one did.
    pub last_at: Option<Timestamp>,
    /// The hash of the last one: it stands for the whole chain.
    pub head: Sha256,
}

/// What a walk along the chain came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// It is what was written.
    Unbroken(Unbroken),
    /// It is not.
    Broken(Break),
}

/// What the house remembers of its chain, and how far the rows go, all of one moment.
#[derive(Debug, FromQueryResult)]
struct Remembered {
    seq: i64,
    hash: String,
    first_seq: i64,
    anchor_hash: String,
    oldest: Option<i64>,
    newest: Option<i64>,
}

/// Why a walk ended before its end.
enum Stopped {
    Broken(Break),
    Store(StoreError),
}

impl From<Break> for Stopped {
    fn from(found: Break) -> Self {
        Self::Broken(found)
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Audit {
    /// Walks along the chain, page by page, and holds every record against its hash and against the
    /// one before it. What is written meanwhile is left for the next walk.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be read; a broken chain is a finding.
    pub async fn verify(&self, expected: &Expected) -> Result<Verified, StoreError> {
        let mut tries = 0;
        loop {
            let Some(remembered) = self.remembered().await? else {
                return Ok(Verified::Broken(Break::new(0, BreakKind::Head, "there is no head")));
            };
            tries += 1;
            match self.walked(&remembered, expected).await {
                Ok(unbroken) => return Ok(Verified::Unbroken(unbroken)),
                Err(Stopped::Store(error)) => return Err(error),
                Err(Stopped::Broken(found)) => {
                    let now = self.remembered().await?;
                    let was_cut = now.is_some_and(|now| now.first_seq > remembered.first_seq);
                    if !was_cut || tries == TRIES {
                        return Ok(Verified::Broken(found));
                    }
                }
            }
        }
    }

    async fn remembered(&self) -> Result<Option<Remembered>, StoreError> {
        let text = "SELECT seq, hash, first_seq, anchor_hash, (SELECT min(seq) FROM audit_entries) AS oldest,
            (SELECT max(seq) FROM audit_entries) AS newest FROM audit_head";
        let reader = &self.database.reader;
        Ok(Remembered::find_by_statement(sql(reader, text, [])).one(reader).await?)
    }

    async fn walked(&self, remembered: &Remembered, expected: &Expected) -> Result<Unbroken, Stopped> {
        let end = remembered.end()?;
        let begin = self.beginning(remembered, end, expected.from).await?;
        let mut walk = Walk::new(begin);
        while walk.chain.last().seq < end.seq {
            let after = walk.chain.last().seq;
            let values = [big(after).into(), big(end.seq).into(), big(PAGE).into()];
            let which = "seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3";
            let page = readable_rows(&self.database.reader, which, values).await?;
            if page.is_empty() {
                return Err(gone(after + 1, end.seq).into());
            }
            for row in page {
                let unreadable = |seq| Break::new(bytes(seq), BreakKind::Changed, "it cannot be read");
                let row = row.map_err(unreadable)?;
                let seq = row.seq();
                let record = AuditRecord::try_from(row);
                walk.step(&record.map_err(|error| Break::new(seq, BreakKind::Changed, error.to_string()))?)?;
            }
        }
        remembered.check_end(walk.chain.last(), end)?;
        if begin.seq == remembered.anchor()?.seq {
            walk.check_cut(begin)?;
        }
        self.check_expected(remembered, end, expected).await?;
        Ok(walk.unbroken(begin))
    }

    /// What is before the first record of the walk.
    async fn beginning(
        &self,
        remembered: &Remembered,
        end: Head,
        from: Option<u64>,
    ) -> Result<Head, Stopped> {
        let anchor = remembered.anchor()?;
        if let Some(oldest) = remembered.oldest.map(bytes).filter(|oldest| *oldest <= anchor.seq) {
            let told = format!("it is there, although everything up to entry {} was cut off", anchor.seq);
            return Err(Break::new(oldest, BreakKind::Head, told).into());
        }
        let seq = from.map_or(anchor.seq, |from| from.saturating_sub(1)).clamp(anchor.seq, end.seq);
        if seq == anchor.seq {
            return Ok(anchor);
        }
        match self.hash_of(seq).await? {
            Some(hash) => Ok(Head { seq, hash }),
            None => Err(gone(seq, seq).into()),
        }
    }

    async fn check_expected(
        &self,
        remembered: &Remembered,
        end: Head,
        expected: &Expected,
    ) -> Result<(), Stopped> {
        if let Some(told) = expected.told {
            let anchor = remembered.anchor()?;
            let found =
                if told.seq == anchor.seq { Some(anchor.hash) } else { self.hash_of(told.seq).await? };
            let words = match found {
                Some(hash) if hash == told.hash => None,
                Some(hash) => Some(format!("its hash is {hash}, and not {}", told.hash)),
                None if told.seq > end.seq => {
                    Some(format!("it is not there: the chain ends with entry {}", end.seq))
                }
                None => Some("it is past its retention; compare with a newer one".to_owned()),
            };
            if let Some(words) = words {
                return Err(Break::new(told.seq, BreakKind::Unexpected, words).into());
            }
        }
        match expected.head.filter(|head| *head != end.hash) {
            Some(head) => {
                let told = format!("the chain ends with {}, and not with {head}", end.hash);
                Err(Break::new(end.seq, BreakKind::Unexpected, told).into())
            }
            None => Ok(()),
        }
    }

    async fn hash_of(&self, seq: u64) -> Result<Option<Sha256>, Stopped> {
        let reader = &self.database.reader;
        let asked = sql(reader, "SELECT hash FROM audit_entries WHERE seq = $1", [big(seq).into()]);
        let Some(row) = reader.query_one_raw(asked).await.map_err(StoreError::from)? else { return Ok(None) };
        let hash: String = row.try_get("", "hash").map_err(StoreError::from)?;
        let is_none = |why: &str| Break::new(seq, BreakKind::Changed, why);
        Ok(Some(hash.parse().map_err(is_none)?))
    }
}

impl Remembered {
    fn end(&self) -> Result<Head, Break> {
        let seq = bytes(self.seq);
        let is_none = |why: &str| Break::new(seq, BreakKind::Head, why);
        Ok(Head { seq, hash: self.hash.parse().map_err(is_none)? })
    }

    /// What is before the oldest record that is kept.
    fn anchor(&self) -> Result<Head, Break> {
        let seq = bytes(self.first_seq).saturating_sub(1);
        let is_none = |why: &str| Break::new(seq, BreakKind::Head, why);
        Ok(Head { seq, hash: self.anchor_hash.parse().map_err(is_none)? })
    }

    fn check_end(&self, last: Head, end: Head) -> Result<(), Break> {
        if last.hash != end.hash {
            let told = format!("its hash is {}, but the head remembers {}", last.hash, end.hash);
            return Err(Break::new(end.seq, BreakKind::Head, told));
        }
        if self.newest.map(bytes).is_some_and(|newest| newest > end.seq) {
            let told = format!("it is there, but the head tells of {} entries", end.seq);
            return Err(Break::new(end.seq + 1, BreakKind::Inserted, told));
        }
        Ok(())
    }
}

/// Entries `from` to `to`, which were the last, are not there.
fn gone(from: u64, to: u64) -> Break {
    let told = match to - from {
        0 => "it is not there".to_owned(),
        _ => format!("entries {from} to {to} are not there"),
    };
    Break::new(from, BreakKind::Removed, told)
}

/// A walk, and what it saw on the way.
struct Walk {
    chain: Chain,
    entries: u64,
    first_at: Option<Timestamp>,
    last_at: Option<Timestamp>,
    /// What the newest cut tells: the last record that is gone, and its hash.
    cut: Option<(Option<Fact>, Option<Fact>)>,
}

impl Walk {
    const fn new(begin: Head) -> Self {
        Self { chain: Chain::after(begin), entries: 0, first_at: None, last_at: None, cut: None }
    }

    fn step(&mut self, record: &AuditRecord) -> Result<(), Break> {
        self.chain.step(record)?;
        self.entries += 1;
        self.first_at.get_or_insert(record.at);
        self.last_at = Some(record.at);
        if record.action == Action::AuditCut.as_str() {
            let fact = |name| record.detail.get(name).cloned();
            self.cut = Some((fact("last"), fact("anchor")));
        }
        Ok(())
    }

    /// The newest cut is always there, and tells of the same anchor as the head does.
    fn check_cut(&self, anchor: Head) -> Result<(), Break> {
        let fits = match &self.cut {
            None => anchor == Head { seq: 0, hash: FIRST_HASH },
            Some(told) => *told == (Some(anchor.seq.into()), Some(anchor.hash.to_string().as_str().into())),
        };
        let told = "no cut tells that what was before it is gone";
        if fits { Ok(()) } else { Err(Break::new(anchor.seq + 1, BreakKind::Removed, told)) }
    }

    fn unbroken(self, begin: Head) -> Unbroken {
        let Head { seq, hash } = self.chain.last();
        Unbroken {
            entries: self.entries,
            first_seq: begin.seq + 1,
            last_seq: seq,
            first_at: self.first_at,
            last_at: self.last_at,
            head: hash,
        }
    }
}
