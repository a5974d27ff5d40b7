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
#[derive(Debug, Clone, PartialEq, Default)]
pub(in crate::datasets) struct Bound {
    /// With placeholders.
    pub(in crate::datasets) sql: String,
    /// What they stand for.
    pub(in crate::datasets) arguments: Vec<Argument>,
    /// Which parameter each is of.
    pub(in crate::datasets) names: Vec<String>,
    /// Where in the SQL the owner's id stands, where it is a text.
    owners: Vec<Range<usize>>,
}

/// Whose the rows are.
const OWNER: &str = "user_id";

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

    /// Whether all of these parameters are there, or none, and no two of them in one clause.
    pub(in crate::datasets) fn has_own_clauses<const N: usize>(&self, names: [&str; N]) -> bool {
        let found = |clause: &Clause| {
            names.iter().filter(|name| clause.parameters().any(|other| other == **name)).count()
        };
        let counts: Vec<_> = self.clauses.iter().map(found).collect();
        let there = self.parameters();
        let known = names.iter().filter(|name| there.contains(**name)).count();
        (known == 0 || known == N) && counts.iter().all(|count| *count <= 1)
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
        let mut bound = Bound::default();
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
                        let begin = bound.sql.len();
                        self.write_places(range.clone(), &mut bound.sql);
                        if name == OWNER && matches!(values, [Argument::Text(_)]) {
                            bound.owners.push(begin..bound.sql.len());
                        }
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
        self.within("SELECT count(*) FROM (", ") AS counted")
    }

    /// The same, as a part of another statement. The line breaks end a comment that it may end with.
    pub(in crate::datasets) fn within(&self, before: &str, behind: &str) -> Self {
        let sql = format!("{before}\n{}\n{behind}", self.sql);
        let moved = before.len() + 1;
        let owners = self.owners.iter().map(|place| place.start + moved..place.end + moved).collect();
        Self { sql, owners, ..self.clone() }
    }

    /// The place of the owner's id among the arguments, where it is a text.
    pub(in crate::datasets) fn owner(&self) -> Option<usize> {
        self.owners.first()?;
        self.names.iter().position(|name| name == OWNER)
    }

    /// The SQL, with the owner's id as `exactly` makes it: compared by its bytes, whatever the
    /// collation of what it is compared with takes for alike.
    pub(in crate::datasets) fn exactly(&self, exactly: &str) -> String {
        let mut sql = String::with_capacity(self.sql.len() + self.owners.len() * (exactly.len() + 2));
        let mut end = 0;
        for place in &self.owners {
            sql.push_str(&self.sql[end..place.start]);
            sql.push('(');
            sql.push_str(&self.sql[place.clone()]);
            sql.push_str(exactly);
            sql.push(')');
            end = place.end;
        }
        sql.push_str(&self.sql[end..]);
        sql
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
    fn the_owner_is_compared_exactly_wherever_the_id_stands() {
        let (user, number) = ([Argument::Text("ada".to_owned())], [Argument::Integer(1)]);
        let given: &[(&str, &[Argument])] = &[("user_id", &user), ("start", &user), ("most", &number)];
        let mysql = bound(Dialect::Mysql, given).expect("bound");
        let expected = "SELECT * FROM m WHERE u = (? X)   AND t >= ? AND u = (? X)  LIMIT ?";
        assert_eq!(mysql.exactly(" X"), expected);
        assert_eq!(
            mysql.counting().exactly(" X"),
            format!("SELECT count(*) FROM (\n{expected}\n) AS counted")
        );
        assert_eq!(mysql.owner(), Some(0));
        let by_number: &[(&str, &[Argument])] = &[("user_id", &number), ("most", &number)];
        let bound = bound(Dialect::Sqlite, by_number).expect("bound");
        assert_eq!((bound.exactly(" X"), bound.owner()), (bound.sql.clone(), None));
    }

    #[test]
    fn a_clause_without_a_parameter_is_refused() {
        let fault = Statement::parse("SELECT ARRAY[[1, 2]]", Dialect::Postgres).expect_err("refused");
        assert_eq!(fault.at, 12);
    }
}
