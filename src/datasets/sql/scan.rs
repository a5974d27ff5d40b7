//! Finds what is a parameter in SQL, and what only looks like one: in strings, quoted identifiers,
//! dollar quotes, comments and after `::`, a `:name` is text.

use super::Dialect;

/// What SQL consists of, for binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// SQL that stays as it is.
    Text(&'a str),
    /// `:name`.
    Parameter(&'a str),
    /// `[[`.
    Begin,
    /// `]]` that belongs to a `[[`.
    End,
}

/// Why SQL is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(in crate::datasets) struct ScanFault {
    /// Where in it, in bytes.
    pub(in crate::datasets) at: usize,
    /// What is wrong, and what to do.
    pub(in crate::datasets) why: String,
}

/// The tokens of `sql`, with where each begins.
pub(super) fn scan(sql: &str, dialect: Dialect) -> Result<Vec<(usize, Token<'_>)>, ScanFault> {
    let mut scan =
        Scan { sql, bytes: sql.as_bytes(), dialect, at: 0, begun: 0, clause: None, tokens: Vec::new() };
    while scan.at < scan.bytes.len() {
        scan.step()?;
    }
    if let Some(clause) = scan.clause {
        return Err(scan.fault(clause.begun, UNCLOSED));
    }
    scan.close_text();
    Ok(scan.tokens)
}

const UNCLOSED: &str = "a `[[` is not closed; close it with `]]`, or write `[ [` where an array is meant";

/// The optional clause that is being read.
#[derive(Clone, Copy)]
struct Optional {
    /// Where its `[[` is.
    begun: usize,
    /// How many `[` of its own are open.
    open: usize,
}

struct Scan<'a> {
    sql: &'a str,
    bytes: &'a [u8],
    dialect: Dialect,
    at: usize,
    /// Where the text that is not a token yet begins.
    begun: usize,
    clause: Option<Optional>,
    tokens: Vec<(usize, Token<'a>)>,
}

impl<'a> Scan<'a> {
    fn step(&mut self) -> Result<(), ScanFault> {
        let rest = &self.bytes[self.at..];
        match rest {
            [b'-', b'-', next @ ..] if self.is_dash_comment(next) => self.skip_line(),
            [b'#', ..] if self.dialect == Dialect::Mysql => self.skip_line(),
            [b'/', b'*', ..] => self.skip_block()?,
            [b'$', ..] if self.dialect == Dialect::Postgres => self.dollar()?,
            [quote, ..] if self.dialect.quotes(*quote) => self.skip_quoted(*quote)?,
            [b'[', b'[', ..] => self.begin()?,
            [b']', b']', ..] if self.clause.is_some_and(|clause| clause.open == 0) => self.end(),
            [b'[', ..] => self.bracket()?,
            [b']', ..] => self.closing_bracket()?,
            [b':', b':' | b'=', ..] => self.at += 2,
            [b':', first, ..] if is_name_start(*first) => self.parameter(),
            [b';', ..] => self.semicolon()?,
            [b'?', ..] if self.dialect != Dialect::Postgres => {
                return Err(
                    self.fault(self.at, "a `?` stands for nothing here; write a parameter as `:name`")
                );
            }
            [b'$' | b'@', first, ..] if self.dialect == Dialect::Sqlite && is_name_start(*first) => {
                return Err(self.fault(self.at, "parameters are written as `:name`"));
            }
            [byte, ..] if is_name_start(*byte) => self.word(),
            _ => self.at += 1,
        }
        Ok(())
    }

    /// MySQL takes two dashes for a comment only before white space.
    fn is_dash_comment(&self, next: &[u8]) -> bool {
        self.dialect != Dialect::Mysql
            || next.first().is_none_or(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control())
    }

    fn skip_line(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    }

    /// PostgreSQL's comments nest.
    fn skip_block(&mut self) -> Result<(), ScanFault> {
        let begin = self.at;
        let mut open = 0_usize;
        while self.at < self.bytes.len() {
            let step = match &self.bytes[self.at..] {
                [b'/', b'*', ..] if open == 0 || self.dialect == Dialect::Postgres => {
                    open += 1;
                    2
                }
                [b'*', b'/', ..] => {
                    open -= 1;
                    2
                }
                _ => 1,
            };
            self.at += step;
            if open == 0 {
                return Ok(());
            }
        }
        Err(self.fault(begin, "a comment is not closed"))
    }

    fn skip_quoted(&mut self, quote: u8) -> Result<(), ScanFault> {
        let begin = self.at;
        let escapes = self.dialect.escapes(quote) || (quote == b'\'' && self.is_e_string());
        self.at += 1;
        while let Some(byte) = self.bytes.get(self.at) {
            self.at += 1;
            if *byte == b'\\' && escapes {
                self.at += 1;
            } else if *byte == quote {
                // A doubled quote is one quote; the next round begins it anew, which comes to the same.
                return Ok(());
            }
        }
        self.at = self.bytes.len();
        Err(self.fault(begin, format!("a `{}` is not closed", char::from(quote))))
    }

    /// Whether the quote here is that of `E'…'`, where PostgreSQL has backslashes.
    fn is_e_string(&self) -> bool {
        let before = |back: usize| self.at.checked_sub(back).map(|at| self.bytes[at]);
        self.dialect == Dialect::Postgres
            && matches!(before(1), Some(b'e' | b'E'))
            && before(2).is_none_or(|byte| !is_name(byte))
    }

    /// `$tag$ … $tag$`; anything else with a dollar and a digit is a parameter of another kind.
    fn dollar(&mut self) -> Result<(), ScanFault> {
        let begin = self.at;
        let rest = &self.sql[begin..];
        let name = rest[1..].bytes().take_while(|byte| is_name(*byte)).count();
        if rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
            return Err(self.fault(begin, "parameters are written as `:name`, not by number"));
        }
        if rest.as_bytes().get(1 + name) != Some(&b'$') {
            self.at += 1;
            return Ok(());
        }
        let tag = &rest[..name + 2];
        match rest[tag.len()..].find(tag) {
            Some(end) => self.at += 2 * tag.len() + end,
            None => return Err(self.fault(begin, format!("a `{tag}` is not closed"))),
        }
        Ok(())
    }

    fn begin(&mut self) -> Result<(), ScanFault> {
        if self.clause.is_some() {
            return Err(self.fault(self.at, "a `[[` is inside another; write `[ [` where an array is meant"));
        }
        self.close_text();
        self.tokens.push((self.at, Token::Begin));
        self.clause = Some(Optional { begun: self.at, open: 0 });
        self.skip_token(2);
        Ok(())
    }

    fn end(&mut self) {
        self.close_text();
        self.tokens.push((self.at, Token::End));
        self.clause = None;
        self.skip_token(2);
    }

    /// A name in SQLite; an array or its index elsewhere.
    fn bracket(&mut self) -> Result<(), ScanFault> {
        if self.dialect == Dialect::Sqlite {
            let close = self.bytes[self.at..].iter().position(|byte| *byte == b']');
            let Some(close) = close else { return Err(self.fault(self.at, "a `[` is not closed")) };
            self.at += close + 1;
            return Ok(());
        }
        if let Some(clause) = &mut self.clause {
            clause.open += 1;
        }
        self.at += 1;
        Ok(())
    }

    fn closing_bracket(&mut self) -> Result<(), ScanFault> {
        if let Some(clause) = &mut self.clause {
            clause.open = match clause.open.checked_sub(1) {
                Some(open) => open,
                None => return Err(ScanFault { at: clause.begun, why: UNCLOSED.to_owned() }),
            };
        }
        self.at += 1;
        Ok(())
    }

    fn parameter(&mut self) {
        let begin = self.at;
        let name = self.bytes[begin + 1..].iter().take_while(|byte| is_name(**byte)).count();
        self.close_text();
        self.tokens.push((begin, Token::Parameter(&self.sql[begin + 1..begin + 1 + name])));
        self.skip_token(1 + name);
    }

    /// One statement is taken: what follows its `;` may only be white space and comments.
    fn semicolon(&mut self) -> Result<(), ScanFault> {
        let semicolon = self.at;
        self.close_text();
        self.at += 1;
        while self.at < self.bytes.len() {
            match &self.bytes[self.at..] {
                [b'-', b'-', next @ ..] if self.is_dash_comment(next) => self.skip_line(),
                [b'/', b'*', ..] => self.skip_block()?,
                [b';', ..] => self.at += 1,
                [byte, ..] if byte.is_ascii_whitespace() => self.at += 1,
                _ => return Err(self.fault(semicolon, "there is more than one statement; a query is one")),
            }
        }
        self.begun = self.at;
        Ok(())
    }

    /// A word, whole, so that no quote or colon in the middle of one is looked at.
    fn word(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().take_while(|byte| is_name(**byte) || **byte == b'$').count();
    }

    fn skip_token(&mut self, bytes: usize) {
        self.at += bytes;
        self.begun = self.at;
    }

    fn close_text(&mut self) {
        if self.begun < self.at {
            self.tokens.push((self.begun, Token::Text(&self.sql[self.begun..self.at])));
        }
        self.begun = self.at;
    }

    fn fault(&self, at: usize, why: impl Into<String>) -> ScanFault {
        ScanFault { at, why: why.into() }
    }
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(sql: &str, dialect: Dialect) -> Vec<&str> {
        let tokens = scan(sql, dialect).expect(sql);
        tokens
            .into_iter()
            .filter_map(|(_, token)| if let Token::Parameter(name) = token { Some(name) } else { None })
            .collect()
    }

    #[test]
    fn a_name_after_a_colon_is_a_parameter_only_where_sql_is_read() {
        use Dialect::{Mysql, Postgres, Sqlite};
        for (dialect, sql, found) in [
            (
                Postgres,
                "SELECT :a, ':b', \":c\", $$:d$$, $x$ :e $$ $x$, 'it''s :f' /* :g */ -- :h\n, :i",
                &["a", "i"][..],
            ),
            (Postgres, "SELECT '1'::text, :a::int, x[1:2], f(a := :b)", &["a", "b"]),
            (Postgres, "SELECT E'\\':x', :a, E'\\\\', :b, tale'\\', :c", &["a", "b", "c"]),
            (Postgres, "SELECT /* /* :x */ :y */ :a", &["a"]),
            (Postgres, "SELECT a ? 'k', a$1b, :a, 'ä:ö', :b", &["a", "b"]),
            (Sqlite, "SELECT [:x], `:y`, /* /* :z */ :a", &["a"]),
            (Sqlite, "SELECT '\\', :a, '\\'", &["a"]),
            (Mysql, "SELECT '\\':x', \"\\\":y\", `\\`, :a # :z\n, 5--:b, @v := :c", &["a", "b", "c"]),
            (Mysql, "SELECT 1 -- :a\n", &[]),
        ] {
            assert_eq!(parameters(sql, dialect), found, "{sql}");
        }
    }

    #[test]
    fn what_is_not_closed_or_more_than_one_statement_is_refused_where_it_begins() {
        use Dialect::{Mysql, Postgres, Sqlite};
        for (dialect, sql, at) in [
            (Postgres, "SELECT 'x", 7),
            (Postgres, "SELECT $a$ x $b$", 7),
            (Postgres, "SELECT /* /* */", 7),
            (Postgres, "SELECT 1; DROP TABLE x", 8),
            (Postgres, "SELECT 1; ; -- x\n /* y */ z", 8),
            (Postgres, "SELECT $1", 7),
            (Postgres, "SELECT 1 [[ AND :a", 9),
            (Postgres, "SELECT ARRAY[[1, 2], [3]]", 12),
            (Postgres, "SELECT [[ :a [[ :b ]] ]]", 13),
            (Sqlite, "SELECT ?", 7),
            (Sqlite, "SELECT @a", 7),
            (Mysql, "SELECT 'it\\'", 7),
        ] {
            let fault = scan(sql, dialect).expect_err(sql);
            assert_eq!(fault.at, at, "{sql}: {fault}");
        }
        assert!(scan("SELECT 1 ; -- that was all\n ", Postgres).is_ok());
    }
}
