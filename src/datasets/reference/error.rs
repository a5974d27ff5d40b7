//! Why the reference schema is not there, or not filled.

/// What went wrong with the reference schema. Says nothing of the address: it may carry a password.
#[derive(Debug, thiserror::Error)]
pub enum ReferenceError {
    /// Of no database that is known here.
    #[error(
        "the address is of no database that data sets can be read from: it begins with sqlite:, postgres: or mysql:"
    )]
    UnknownKind,
    /// Something is in it, which no seed is mixed with.
    #[error("there are {0} users already; rows are only made up for a schema without any")]
    NotEmpty(i64),
    /// The database does not answer, or refuses.
    #[error("the database refuses: {0}")]
    Database(String),
}

impl From<sqlx::Error> for ReferenceError {
    /// In the database's own words. It has to be said by whoever runs the command, not by a client.
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(refusal) => Self::Database(refusal.message().to_owned()),
            other => Self::Database(other.to_string()),
        }
    }
}
