//! Those who come again and again: the first few are written down, of the rest only how many.
//!
//! Whoever tries 100,000 wrong keys must neither fill the disk nor go unseen.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::Duration;

use crate::domain::audit::{AuditEntry, Author, Detail, Outcome};
use crate::domain::{Timestamp, UserId};

use super::super::visitor::neighbourhood;

/// Entries of one party and outcome that are written down in a minute.
const FIRST_FEW: u64 = 10;
/// Counted for so long, then told.
const MINUTE: Duration = Duration::from_secs(60);
/// Parties told apart within a minute; whoever comes then is one of the others.
const PARTIES: usize = 256;

/// Who comes: a user wherever they are, or, as long as they have proved nothing, a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Party {
    User(UserId),
    Place(IpAddr),
    Others,
}

/// What one party came to within a minute.
#[derive(Debug)]
struct Tally {
    since: Timestamp,
    written: u64,
    /// Those that were not, and the last of them.
    more: Option<(u64, AuditEntry)>,
}

/// Counts. Bounded, whoever comes.
#[derive(Debug, Default)]
pub struct Crowd(HashMap<(Party, Outcome), Tally>);

impl Crowd {
    /// The entry, if it is one of the first few; otherwise it is counted.
    pub fn admit(&mut self, entry: AuditEntry) -> Option<AuditEntry> {
        let party = self.party(&entry);
        let begun = Tally { since: entry.at, written: 0, more: None };
        let tally = self.0.entry((party, entry.outcome)).or_insert(begun);
        if tally.written < FIRST_FEW {
            tally.written += 1;
            return Some(entry);
        }
        let before = tally.more.take().map_or(0, |(more, _)| more);
        tally.more = Some((before + 1, entry));
        None
    }

    /// What is to be told of those whose minute is over at `now`.
    pub fn over(&mut self, now: Timestamp) -> Vec<AuditEntry> {
        self.told(|tally| now.since(tally.since) >= MINUTE)
    }

    /// What is to be told of all.
    pub fn all(&mut self) -> Vec<AuditEntry> {
        self.told(|_| true)
    }

    fn told(&mut self, is_over: impl Fn(&Tally) -> bool) -> Vec<AuditEntry> {
        let over = self.0.extract_if(|_, tally| is_over(tally));
        let mut told: Vec<_> = over
            .filter_map(|((party, _), Tally { since, more, .. })| {
                let (more, last) = more?;
                Some(summary(&party, since, more, last))
            })
            .collect();
        told.sort_by_key(|entry| entry.at);
        told
    }

    fn party(&self, entry: &AuditEntry) -> Party {
        let party = match (&entry.by.user, entry.by.address) {
            (Some(user), _) => Party::User(user.clone()),
            (None, Some(address)) => Party::Place(neighbourhood(address)),
            (None, None) => Party::Others,
        };
        let is_known = self.0.contains_key(&(party.clone(), entry.outcome));
        if is_known || self.0.len() < PARTIES { party } else { Party::Others }
    }
}

/// One entry for `more` of which `last` was the last.
fn summary(party: &Party, since: Timestamp, more: u64, last: AuditEntry) -> AuditEntry {
    let by = match party {
        Party::User(_) | Party::Place(_) => Author { correlation_id: None, ..last.by },
        Party::Others => Author::default(),
    };
    let entry = AuditEntry { by, subject: None, detail: Detail::new(), ..last };
    entry.with("more", more).with("since", since.to_string().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::audit::{Action, Fact};

    const NOW: Timestamp = Timestamp::from_millis(1_763_683_200_000);

    fn refused(address: IpAddr, at: Timestamp) -> AuditEntry {
        let by = Author { address: Some(address), ..Author::default() };
        let outcome = Outcome::Refused;
        AuditEntry { outcome, ..AuditEntry::done(at, by, Action::AccessRefused) }
    }

    fn more(entry: &AuditEntry) -> Option<&Fact> {
        entry.detail.get("more")
    }

    #[test]
    fn a_hundred_thousand_from_one_place_are_ten_lines_and_one() {
        let mut crowd = Crowd::default();
        let admitted = (0..100_000).filter_map(|_| crowd.admit(refused([10, 0, 0, 1].into(), NOW))).count();
        assert_eq!(admitted as u64, FIRST_FEW);
        assert_eq!(crowd.over(NOW), [], "the minute is not over");
        let told = crowd.over(NOW.plus(MINUTE));
        assert_eq!(told.iter().map(more).collect::<Vec<_>>(), [Some(&Fact::Number(100_000 - FIRST_FEW))]);
        assert_eq!(crowd.all(), [], "told once");
        assert!(crowd.admit(refused([10, 0, 0, 1].into(), NOW)).is_some(), "a new minute");
    }

    #[test]
    fn however_many_places_they_come_from_memory_is_bounded_and_none_is_silent() {
        let mut crowd = Crowd::default();
        let admitted = (0..100_000u32).filter_map(|n| crowd.admit(refused(n.to_be_bytes().into(), NOW)));
        let admitted = admitted.count() as u64;
        assert!(admitted <= PARTIES as u64 + FIRST_FEW, "{admitted}");
        assert!(crowd.0.len() <= PARTIES + 1);
        let told = crowd.all();
        let more: Vec<_> = told.iter().filter_map(more).collect();
        assert_eq!(more, [&Fact::Number(100_000 - admitted)]);
        assert_eq!(told[0].by, Author::default(), "nobody in particular");
    }
}
