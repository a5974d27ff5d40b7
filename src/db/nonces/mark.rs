//! What a power cut may take, and how that does no harm: a mark, written ahead.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sea_orm::ConnectionTrait;
use uuid::Uuid;

use crate::db::statement::{change, sql};
use crate::db::{Database, StoreError};
use crate::domain::Timestamp;

/// How far ahead of the clock the mark is set. After a power cut, signatures are refused until
/// that has passed; no machine starts faster.
const AHEAD: Duration = Duration::from_secs(10);
/// The mark is moved when that much is gained.
const STEP: Duration = Duration::from_secs(5);
/// What is new at every start of the machine, and at no other time.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Up to when signatures may have been made whose nonces are in the database, but perhaps not on
/// the disk.
///
/// SQLite need not wait for the disk to make a commit outlive this process: the system has it
/// then. Only when the machine itself goes down may the last commits be lost. So a mark is on disk
/// before any nonce relies on it, and after another start of the machine no signature is believed
/// that was made up to the mark: those of lost nonces are among them.
#[derive(Debug)]
pub struct Mark {
    boot: String,
    known: Mutex<Option<Known>>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    /// Of this start of the machine.
    mark: Timestamp,
    /// Of earlier ones: whatever was signed up to it may have been here.
    floor: Timestamp,
}

impl Mark {
    /// The mark of this start of the machine; of a start of its own, where the system does not tell.
    pub fn new() -> Self {
        let boot = std::fs::read_to_string(BOOT_ID).map(|boot| boot.trim().to_owned());
        let boot = boot.ok().filter(|boot| !boot.is_empty());
        Self { boot: boot.unwrap_or_else(|| Uuid::now_v7().to_string()), known: Mutex::default() }
    }

    /// The latest instant of a signature that may have been here before the machine went down.
    pub async fn floor(&self, database: &Database) -> Result<Timestamp, StoreError> {
        Ok(self.known(database).await?.floor)
    }

    /// Whether nonces of signatures that were made up to `latest` may be written without waiting
    /// for the disk; moves the mark at `now` if that helps.
    pub async fn covers(
        &self,
        database: &Database,
        latest: Timestamp,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let known = self.known(database).await?;
        let ahead = now.plus(AHEAD);
        if latest <= known.mark || ahead < known.mark.plus(STEP) {
            return Ok(latest <= known.mark);
        }
        let text = "INSERT INTO nonce_marks (boot, signed_until) VALUES ($1, $2)
            ON CONFLICT (boot) DO UPDATE SET signed_until = $2 WHERE nonce_marks.signed_until < $2";
        let transaction = database.begin().await?;
        change(&transaction, text, [self.boot.as_str().into(), ahead.millis().into()]).await?;
        transaction.commit().await?;
        self.remember(Known { mark: ahead, ..known });
        Ok(latest <= ahead)
    }

    async fn known(&self, database: &Database) -> Result<Known, StoreError> {
        let known = *self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known {
            return Ok(known);
        }
        let text = "SELECT MAX(CASE WHEN boot = $1 THEN signed_until END) AS own,
            MAX(CASE WHEN boot <> $1 THEN signed_until END) AS earlier FROM nonce_marks";
        let asked = sql(&database.reader, text, [self.boot.as_str().into()]);
        let (mut mark, mut floor) = (None, None);
        if let Some(row) = database.reader.query_one_raw(asked).await? {
            (mark, floor) = (row.try_get("", "own")?, row.try_get("", "earlier")?);
        }
        let at = |millis: Option<i64>| Timestamp::from_millis(millis.unwrap_or(0));
        let known = Known { mark: at(mark), floor: at(floor) };
        self.remember(known);
        Ok(known)
    }

    fn remember(&self, known: Known) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(known);
    }
}
