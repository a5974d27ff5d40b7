//! Whose the data are, as a source has to be told.

use super::source::{Source, UserIds};
use super::sql::Dialect;
use super::{Argument, Arguments, DataSet, Order, Stretch};
use crate::domain::UserId;
use crate::records::DataFault;

/// Beyond this MySQL, which compares a text with a whole number as two numbers of binary64, cannot
/// tell one from the next.
const EXACT: u64 = 1 << 53;

/// The order's arguments with `user_id` bound to its owner, and the ends of a stretch of users, where
/// `data_set` asks for them.
///
/// # Errors
/// When the source might take the id for another user's.
pub(super) fn bind(data_set: &DataSet, order: &Order) -> Result<Arguments, DataFault> {
    let source = &data_set.source;
    let mut arguments = order.arguments.clone();
    if let Some(Stretch { first, next }) = &order.users {
        for (name, user) in [("first_user", first), ("next_user", next)] {
            let user = user.as_deref().map(|user| listed(source, user));
            arguments = arguments.with(name, user.into_iter().collect());
        }
    }
    if !data_set.is_of_users() {
        return Ok(arguments);
    }
    owned(arguments, source, &order.owner)
}

/// A user as the source itself has listed them.
fn listed(source: &Source, user: &str) -> Argument {
    match (source.user_ids, whole(user)) {
        (UserIds::Integer, Some(number)) => Argument::Integer(number),
        _ => Argument::Text(user.to_owned()),
    }
}

fn owned(arguments: Arguments, source: &Source, owner: &UserId) -> Result<Arguments, DataFault> {
    let refused = |why: &str| DataFault::Parameter { name: "user_id".to_owned(), why: why.to_owned() };
    let argument = match source.user_ids {
        UserIds::Integer => match whole(owner.as_str()) {
            Some(number) => Argument::Integer(number),
            None => return Err(refused("is no whole number, as this source's user ids are")),
        },
        UserIds::Unsaid if is_ambiguous(owner.as_str(), source.dialect()) => {
            return Err(refused(
                "could be taken for another user's; the operator has to say how `user_ids` are kept",
            ));
        }
        UserIds::Unsaid | UserIds::Text => Argument::Text(owner.to_string()),
    };
    Ok(arguments.with("user_id", vec![argument]))
}

/// A number that is written in one way only: `010` is another user than `10`.
pub(super) fn whole(text: &str) -> Option<i64> {
    text.parse::<i64>().ok().filter(|number| number.to_string() == text)
}

/// Whether SQLite or MySQL would find the id equal to a number that another id is, too: `010`,
/// `1e1` and `10.0` are all 10 beside a column of numbers.
fn is_ambiguous(id: &str, dialect: Option<Dialect>) -> bool {
    let trimmed = id.trim();
    let looks_like_one = trimmed
        .starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'))
        && trimmed.parse::<f64>().is_ok();
    match dialect {
        Some(Dialect::Sqlite) => looks_like_one && whole(id).is_none(),
        Some(Dialect::Mysql) => {
            looks_like_one && whole(id).is_none_or(|number| number.unsigned_abs() > EXACT)
        }
        Some(Dialect::Postgres) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_spelling() {
        assert_eq!(whole("10"), Some(10));
        assert_eq!(whole("-9223372036854775808"), Some(i64::MIN));
        for other in ["010", "+10", "1e1", "10.0", " 10", "10 ", "", "-0", "9223372036854775808"] {
            assert_eq!(whole(other), None, "{other:?}");
        }
    }

    #[test]
    fn an_id_that_is_another_s_number_is_ambiguous() {
        for id in ["010", "1e1", "10.0", "+10", " 10", "10 ", "-0", ".5", "1E5"] {
            assert!(is_ambiguous(id, Some(Dialect::Sqlite)), "{id:?}");
            assert!(is_ambiguous(id, Some(Dialect::Mysql)), "{id:?}");
            assert!(!is_ambiguous(id, Some(Dialect::Postgres)), "{id:?}");
        }
        for id in ["10", "-10", "ada", "auth0|42", "inf", "nan", "0x10", "12ab"] {
            assert!(!is_ambiguous(id, Some(Dialect::Sqlite)), "{id:?}");
        }
        assert!(is_ambiguous("9007199254740993", Some(Dialect::Mysql)));
        assert!(!is_ambiguous("9007199254740993", Some(Dialect::Sqlite)));
    }
}
