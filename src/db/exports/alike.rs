//! Alike: packages from which another may take over what is the same.

use sea_orm::ConnectionTrait;

use crate::domain::{Export, Options, PackageKey, Sha256, Timestamp};

use super::super::row::document;
use super::super::statement::sql;
use super::{Exports, StoreError};

impl Exports {
    /// The newest package of the same project in the same format and pressed as hard, made before
    /// for the same owner and still there at `now`: most of its bytes will be those of the next.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn previous(&self, export: &Export, now: Timestamp) -> Result<Option<PackageKey>, StoreError> {
        let text = "SELECT package_key, options FROM exports
            WHERE owner = $1 AND project_id = $2 AND format = $3 AND status = 'completed' AND expires_at > $4
            ORDER BY created_at DESC, id DESC";
        let project = export.selection.project().map(ToString::to_string);
        let values = [
            export.owner.as_str().into(),
            project.into(),
            export.format.as_str().into(),
            now.millis().into(),
        ];
        let reader = &self.database.reader().await?;
        for row in reader.query_all_raw(sql(reader, text, values)).await? {
            // The usual profile need not be said, and databases read documents in ways of their own.
            let options: Options = document("options", row.try_get("", "options")?)?;
            let key: Option<String> = row.try_get("", "package_key")?;
            if let Some(key) = key.filter(|_| options.profile() == export.options.profile()) {
                return Ok(Some(PackageKey::from_stored(key)));
            }
        }
        Ok(None)
    }

    /// A package whose bytes have this digest, whoever asked for it, still there at `now`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn same_bytes(
        &self,
        checksum: Sha256,
        now: Timestamp,
    ) -> Result<Option<PackageKey>, StoreError> {
        let text = "SELECT package_key FROM exports
            WHERE file_checksum = $1 AND status = 'completed' AND expires_at > $2 LIMIT 1";
        self.package_key(text, [checksum.to_string().into(), now.millis().into()]).await
    }

    async fn package_key<const N: usize>(
        &self,
        text: &str,
        values: [sea_orm::Value; N],
    ) -> Result<Option<PackageKey>, StoreError> {
        let reader = &self.database.reader().await?;
        let row = reader.query_one_raw(sql(reader, text, values)).await?;
        let key = row.map(|row| row.try_get::<Option<String>>("", "package_key")).transpose()?.flatten();
        Ok(key.map(PackageKey::from_stored))
    }
}
