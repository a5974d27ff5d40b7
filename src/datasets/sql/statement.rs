//! SQL with parameters and optional clauses, and how it is bound.

use std::collections::BTreeSet;
use std::ops::Range;

use super::scan::{Token, scan};
use super::{Dialect, ScanFault};
use crate::datasets::Argument;

/// One statement of the operator's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::datasets) struct Statement {
    dialect: Dialect,
    clauses: Vec<Clause>,
}

/// A stretch of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Clause {
    /// Whether it was in `[[ … ]]`: kept only if every parameter in it has a value.
    optional: bool,
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Parameter(String),
}

/// A statement as a source gets it: the values beside it, in order.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::datasets) struct Bound {
    /// With placeholders.
    pub(in crate::datasets) sql: String,
    /// What they stand for.
    pub(in crate::datasets) arguments: Vec<Argument>,
    /// Which parameter each is of.
    pub(in crate::datasets) names: Vec<String>,
}

impl Statement {
    /// Reads `sql`.
    pub(in crate::datasets) fn parse(sql: &str, dialect: Dialect) -> Result<Self, ScanFault> {
        let mut clauses = vec![Clause { optional: false, pieces: Vec::new() }];
        let mut begun = 0;
        for (at, token) in scan(sql, dialect)? {
            let clause = clauses.last_mut().expect("there is always one");
            match token {
                Token::Text(text) => clause.pieces.push(Piece::Text(text.to_owned())),
                Token::Parameter(name) => clause.pieces.push(Piece::Parameter(name.to_owned())),
                Token::Begin => {
                    begun = at;
                    clauses.push(Clause { optional: true, pieces: Vec::new() });
                }
                Token::End if clause.parameters().next().is_none() => {
                    let why = "a `[[ … ]]` has no parameter, so nothing says when to keep it; write `[ [` where \
                               an array is meant";
                    return Err(ScanFault { at: begun, why: why.to_owned() });
                }
                Token::End => clauses.push(Clause { optional: false, pieces: Vec::new() }),
            }
        }
        Ok(Self { dialect, clauses })
    }

    /// Whose SQL it is.
    pub(in crate::datasets) fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// The parameters that must have a value.
    pub(in crate::datasets) fn needed(&self) -> BTreeSet<&str> {
        self.clauses.iter().filter(|clause| !clause.optional).flat_map(Clause::parameters).collect()
    }

    /// All parameters.
    pub(in crate::datasets) fn parameters(&self) -> BTreeSet<&str> {
        self.clauses.iter().flat_map(Clause::parameters).collect()
    }

    /// The statement with what `of` gives for its parameters. An optional clause without a value is
    /// left out; a parameter elsewhere must have one.
    ///
    /// # Errors
    /// The name of a parameter without a value.
    pub(in crate::datasets) fn bind<'a>(
        &self,
        of: impl Fn(&str) -> Option<&'a [Argument]>,
    ) -> Result<Bound, String> {
        let mut bound = Bound { sql: String::new(), arguments: Vec::new(), names: Vec::new() };
        let mut places: Vec<(&str, Range<usize>)> = Vec::new();
        for clause in &self.clauses {
            if clause.optional && clause.parameters().any(|name| of(name).is_none()) {
                continue;
            }
            for piece in &clause.pieces {
                match piece {
                    Piece::Text(text) => bound.sql.push_str(text),
                    Piece::Parameter(name) => {
                        let values = of(name).ok_or_else(|| name.clone())?;
                        let known = places.iter().find(|(other, _)| other == name);
                        let range = match known {
                            Some((_, range)) if self.dialect.has_numbers() => range.clone(),
                            _ => bound.add(name, values),
                        };
                        self.write_places(range.clone(), &mut bound.sql);
                        places.push((name, range));
                    }
                }
            }
        }
        Ok(bound)
    }

    fn write_places(&self, places: Range<usize>, sql: &mut String) {
        for place in places.clone() {
            if place != places.start {
                sql.push_str(", ");
            }
            self.dialect.write_placeholder(place, sql);
        }
    }
}

impl Clause {
    fn parameters(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().filter_map(|piece| match piece {
            Piece::Parameter(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }
}

impl Bound {
    /// Adds the values of a parameter and tells their places, counted from 1.
    fn add(&mut self, name: &str, values: &[Argument]) -> Range<usize> {
        let first = self.arguments.len() + 1;
        self.arguments.extend_from_slice(values);
        self.names.extend(values.iter().map(|_| name.to_owned()));
        first..first + values.len()
    }

    /// The same, asked only for how many rows there are.
    pub(in crate::datasets) fn counting(&self) -> Self {
        // The line break ends a comment that the query may end with.
        let sql = format!("SELECT count(*) FROM (\n{}\n) AS counted", self.sql);
        Self { sql, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "SELECT * FROM m WHERE u = :user_id [[ AND c IN (:ids) ]] [[ AND t >= :start AND u = :user_id ]] LIMIT :most";

    fn bound(dialect: Dialect, given: &[(&str, &[Argument])]) -> Result<Bound, String> {
        let statement = Statement::parse(SQL, dialect).expect("a statement");
        statement.bind(|name| given.iter().find(|(other, _)| *other == name).map(|(_, values)| *values))
    }

    #[test]
    fn a_clause_is_kept_only_if_all_of_it_has_values_and_a_list_has_as_many_places_as_values() {
        let text = |text: &str| Argument::Text(text.to_owned());
        let (user, ids, most) =
            ([text("ada")], [text("a"), text("b'; DROP TABLE m")], [Argument::Integer(9)]);
        let given: &[(&str, &[Argument])] = &[("user_id", &user), ("ids", &ids), ("most", &most)];
        let postgres = bound(Dialect::Postgres, given).expect("bound");
        assert_eq!(postgres.sql, "SELECT * FROM m WHERE u = $1  AND c IN ($2, $3)   LIMIT $4");
        assert_eq!(postgres.arguments, [user[0].clone(), ids[0].clone(), ids[1].clone(), most[0].clone()]);
        assert_eq!(postgres.names, ["user_id", "ids", "ids", "most"]);
        assert_eq!(bound(Dialect::Postgres, &given[..2]), Err("most".to_owned()));
    }

    #[test]
    fn a_parameter_used_twice_is_one_argument_where_arguments_have_numbers() {
        let (user, at) = ([Argument::Text("ada".to_owned())], [Argument::Timestamp(0)]);
        let given: &[(&str, &[Argument])] = &[("user_id", &user), ("start", &at), ("most", &user)];
        let sqlite = bound(Dialect::Sqlite, given).expect("bound");
        assert_eq!(sqlite.sql, "SELECT * FROM m WHERE u = ?1   AND t >= ?2 AND u = ?1  LIMIT ?3");
        let mysql = bound(Dialect::Mysql, given).expect("bound");
        assert_eq!(mysql.sql, "SELECT * FROM m WHERE u = ?   AND t >= ? AND u = ?  LIMIT ?");
        assert_eq!(mysql.names, ["user_id", "start", "user_id", "most"]);
    }

    #[test]
    fn a_clause_without_a_parameter_is_refused() {
        let fault = Statement::parse("SELECT ARRAY[[1, 2]]", Dialect::Postgres).expect_err("refused");
        assert_eq!(fault.at, 12);
    }
}
