//! The reference schema, its made-up rows and its shipped data sets: one suite, on SQLite,
//! PostgreSQL and MariaDB.

mod columns;
mod command;
mod documents;
mod hand_made;
mod mariadb;
mod place;
mod plans;
mod reports;
mod room;
mod schema;
mod seeding;
mod shipped;
mod whose;

use exportd::domain::Timestamp;

/// When the made-up world ends in these tests: Saturday, 2026-11-21, noon.
pub const UNTIL: Timestamp = Timestamp::from_millis(1_795_262_400_000);

/// Makes a test of each case for each database.
macro_rules! on_all {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[test] fn $case() { crate::reference::place::run(crate::reference::place::Place::sqlite(), super::$case); })+
        }
        mod postgres {
            $(#[test] fn $case() { crate::reference::place::run(crate::reference::place::Place::postgres(), super::$case); })+
        }
        mod mariadb {
            $(#[test] fn $case() { crate::reference::place::run(crate::reference::place::Place::mariadb(), super::$case); })+
        }
    };
}
pub(crate) use on_all;
