//! Statements with their values.

use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement, Value};

use super::StoreError;

/// `text` with `$1`, `$2`, … standing for `values`; SQLite and PostgreSQL both read that.
pub fn sql(on: &impl ConnectionTrait, text: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(on.get_database_backend(), text, values)
}

/// Runs a statement that changes rows, and tells how many it changed.
pub async fn change(
    on: &DatabaseTransaction,
    text: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, StoreError> {
    Ok(on.execute_raw(sql(on, text, values)).await?.rows_affected())
}

/// A document as a value.
pub fn json(document: &impl serde::Serialize) -> Value {
    let document = serde_json::to_value(document).expect("our documents have text keys");
    Value::Json(Some(Box::new(document)))
}

/// `$from, $from+1, …`: `count` places for values.
pub fn places(from: usize, count: usize) -> String {
    (from..from + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
}
