//! What is read of rows while they go by: who the users are, and how many rows there are to be.

use serde::{Deserialize, Serialize};

use crate::records::{Batch, Section, Value};

/// Users in a row, as the list has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The first.
    pub first: String,
    /// The last.
    pub last: String,
    /// How many.
    pub count: u64,
}

/// The section of everyone's data that lists the users.
pub const USERS: &str = "users";
/// What the column may be called there that tells who somebody is.
const USER_IDS: [&str; 2] = ["user_id", "id"];

/// Users as they come, in spans.
pub struct Listing {
    place: Option<(usize, u64)>,
    /// Those so far.
    pub spans: Vec<Span>,
}

impl Listing {
    /// Of `section`, so many in a span; none are listed where this is nothing.
    pub fn new(section: &Section, span: Option<u64>) -> Self {
        let place = USER_IDS.iter().find_map(|name| section.schema.place(name));
        Self { place: place.zip(span), spans: Vec::new() }
    }

    /// Notes the users in `batch`.
    pub fn add(&mut self, batch: &Batch) {
        let Some((place, most)) = self.place else { return };
        for row in 0..batch.len() {
            let user = match batch.value(row, place) {
                Value::Text(user) => user.to_owned(),
                Value::Integer(user) => user.to_string(),
                _ => continue,
            };
            match self.spans.last_mut().filter(|span| span.count < most) {
                Some(span) => (span.last, span.count) = (user, span.count + 1),
                None => self.spans.push(Span { first: user.clone(), last: user, count: 1 }),
            }
        }
    }
}

/// The section of everyone's data that tells how many rows the others have.
const STATISTICS: &str = "statistics";

/// What it tells, as it comes: a row for each section, with its name as `item` and the number of its
/// rows as `total`.
pub struct Statistics {
    places: Option<(usize, usize)>,
    /// Sections and their rows so far.
    pub told: Vec<(String, u64)>,
}

impl Statistics {
    /// Of `section`, if it is this one and everyone's data are read.
    pub fn new(section: &Section, span: Option<u64>) -> Self {
        let place = |name| section.schema.place(name);
        let places = place("item").zip(place("total"));
        Self { places: places.filter(|_| span.is_some() && section.name == STATISTICS), told: Vec::new() }
    }

    /// Notes what `batch` tells.
    pub fn add(&mut self, batch: &Batch) {
        let Some((item, total)) = self.places else { return };
        for row in 0..batch.len() {
            if let (Value::Text(item), Value::Integer(total)) =
                (batch.value(row, item), batch.value(row, total))
            {
                self.told.push((item.to_owned(), u64::try_from(total).unwrap_or_default()));
            }
        }
    }
}
