//! What the databases have different words for.

use super::ReferenceError;

/// Whose SQL is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
}

impl Dialect {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::Sqlite, Self::Postgres, Self::Mysql];

    /// That of the database at `url`.
    ///
    /// # Errors
    /// [`ReferenceError::UnknownKind`] when it is none of these.
    pub fn of(url: &str) -> Result<Self, ReferenceError> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => Ok(Self::Sqlite),
            Some("postgres" | "postgresql") => Ok(Self::Postgres),
            Some("mysql" | "mariadb") => Ok(Self::Mysql),
            _ => Err(ReferenceError::UnknownKind),
        }
    }

    /// The address under which a SQLite file that is not there is made; that of a server is as it was.
    pub(super) fn url_that_creates(self, url: &str) -> String {
        match self {
            Self::Sqlite if !url.contains("mode=") && !url.contains(":memory:") => {
                format!("{url}{}mode=rwc", if url.contains('?') { '&' } else { '?' })
            }
            _ => url.to_owned(),
        }
    }

    /// `text` with this dialect's words for those in braces: `{step x}`, where the step of
    /// `:granularity` begins in which the instant `x` lies; `{seconds x, y}` from one instant to
    /// another; `{whole x}`, `{average x}` and `{money x}` of numbers; `{characters x}` and
    /// `{bytes x}` of a text; `{kept x}`, the type that a column of `x` is read as when it is to come back
    /// to the letter (SQLite keeps texts). Braces that no word follows stay.
    ///
    /// # Panics
    /// Of a word that there is not: the texts are ours, and a test reads them all.
    pub(super) fn expand(self, text: &str) -> String {
        let mut text = text.to_owned();
        // From behind, so that a word inside another's argument comes first.
        while let Some(begin) = last_word(&text) {
            let end = begin + text[begin..].find('}').expect("braces of ours are closed");
            let inside = &text[begin + 1..end];
            let (word, argument) = inside.split_once(' ').unwrap_or((inside, ""));
            let meant = self.meaning(word, argument);
            text.replace_range(begin..=end, &meant);
        }
        text
    }

    fn meaning(self, word: &str, of: &str) -> String {
        use Dialect::{Mysql, Postgres, Sqlite};
        match (word, self) {
            ("step", _) => self.step(of),
            ("seconds", _) => self.seconds(of),
            ("whole", Sqlite) => format!("CAST({of} AS INTEGER)"),
            ("whole", Postgres) => format!("CAST({of} AS BIGINT)"),
            ("whole", Mysql) => format!("CAST({of} AS SIGNED)"),
            ("average", Sqlite) => format!("avg({of})"),
            ("average", Postgres) => format!("CAST(avg({of}) AS DOUBLE PRECISION)"),
            // The average of whole numbers would have four places only.
            ("average", Mysql) => format!("avg({of} * 1e0)"),
            ("money", Sqlite) => format!("printf('%.6f', {of})"),
            ("money", _) => format!("CAST({of} AS DECIMAL(18, 6))"),
            ("characters", Sqlite) => format!("length({of})"),
            ("characters", _) => format!("char_length({of})"),
            ("kept", Sqlite) => "text".to_owned(),
            ("kept", _) => of.to_owned(),
            ("bytes", Sqlite) => format!("length(CAST({of} AS BLOB))"),
            ("bytes", _) => format!("octet_length({of})"),
            _ => panic!("there is no word `{word}`"),
        }
    }

    /// A week begins on Monday (ISO 8601); everything in UTC.
    fn step(self, at: &str) -> String {
        match self {
            Self::Sqlite => format!(
                "CASE :granularity WHEN 'hour' THEN strftime('%Y-%m-%dT%H:00:00.000Z', {at}) \
                 WHEN 'week' THEN strftime('%Y-%m-%dT00:00:00.000Z', {at}, 'weekday 0', '-6 days') \
                 WHEN 'month' THEN strftime('%Y-%m-01T00:00:00.000Z', {at}) \
                 ELSE strftime('%Y-%m-%dT00:00:00.000Z', {at}) END"
            ),
            Self::Postgres => format!("date_trunc(:granularity, {at}, 'UTC')"),
            Self::Mysql => format!(
                "CAST(CASE :granularity WHEN 'hour' THEN date_format({at}, '%Y-%m-%d %H:00:00') \
                 WHEN 'week' THEN date_format(date_sub({at}, INTERVAL weekday({at}) DAY), '%Y-%m-%d 00:00:00') \
                 WHEN 'month' THEN date_format({at}, '%Y-%m-01 00:00:00') \
                 ELSE date_format({at}, '%Y-%m-%d 00:00:00') END AS DATETIME)"
            ),
        }
    }

    fn seconds(self, between: &str) -> String {
        let (from, to) = between.split_once(", ").expect("two instants");
        match self {
            Self::Sqlite => format!("(unixepoch({to}, 'subsec') - unixepoch({from}, 'subsec'))"),
            Self::Postgres => format!("extract(epoch FROM {to} - {from})"),
            Self::Mysql => format!("(timestampdiff(MICROSECOND, {from}, {to}) / 1000000)"),
        }
    }
}

/// The last brace that a word follows at once; those of TOML's tables have a space behind them.
fn last_word(text: &str) -> Option<usize> {
    let begins = |at: &usize| text.as_bytes().get(at + 1).is_some_and(u8::is_ascii_lowercase);
    text.rmatch_indices('{').map(|(at, _)| at).find(begins)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dialect_is_read_off_the_address() {
        for (url, dialect) in [
            ("sqlite:///srv/app.db", Some(Dialect::Sqlite)),
            ("sqlite::memory:", Some(Dialect::Sqlite)),
            ("postgresql://me:secret@db/app", Some(Dialect::Postgres)),
            ("mariadb://db/app", Some(Dialect::Mysql)),
            ("oracle://db/app", None),
            ("app.db", None),
        ] {
            assert_eq!(Dialect::of(url).ok(), dialect, "{url}");
        }
        let refused = Dialect::of("oracle://me:secret@db/app").expect_err("refused").to_string();
        assert!(!refused.contains("secret"), "{refused}");
    }

    #[test]
    fn only_a_file_is_made() {
        let made = |url: &str| Dialect::of(url).expect("known").url_that_creates(url);
        assert_eq!(made("sqlite://app.db"), "sqlite://app.db?mode=rwc");
        assert_eq!(made("sqlite://app.db?cache=shared"), "sqlite://app.db?cache=shared&mode=rwc");
        assert_eq!(made("sqlite://app.db?mode=rw"), "sqlite://app.db?mode=rw");
        assert_eq!(made("postgres://db/app"), "postgres://db/app");
    }

    #[test]
    fn words_in_braces_become_the_dialect_s_and_other_braces_stay() {
        let text = "{ a = 1 } {whole sum({characters m.content})} < :start";
        let told = Dialect::ALL.map(|dialect| dialect.expand(text));
        assert_eq!(
            told,
            [
                "{ a = 1 } CAST(sum(length(m.content)) AS INTEGER) < :start",
                "{ a = 1 } CAST(sum(char_length(m.content)) AS BIGINT) < :start",
                "{ a = 1 } CAST(sum(char_length(m.content)) AS SIGNED) < :start",
            ]
        );
    }
}
