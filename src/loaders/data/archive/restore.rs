//! How to restore from an archive of everyone's data, with the very names that are in it.

use std::fmt::Write;

use crate::domain::Warning;
use crate::records::Type;

use super::block::{Block, Part};
use super::listing::USERS;
use super::notes::words;

/// The program that lies in the archive and does what the guide says.
pub const RESTORE: &str = include_str!("restore.py");

/// The guide that lies in the archive.
pub fn restore_guide(blocks: &[Block], warnings: &[Warning]) -> String {
    let mut guide = "# Restoring from this archive\n".to_owned();
    if !warnings.is_empty() {
        guide.push_str("\n**Know this first**, of this very archive:\n\n");
        for warning in warnings {
            let _ = writeln!(guide, "- {}", words(warning).replace(['\n', '\r'], " "));
        }
    }
    guide.push_str(HOW);
    let tables = tables(blocks);
    guide.push_str("\n## What is loaded\n\n| section | parts | rows |\n|---|---|---|\n");
    for table in &tables {
        let _ = writeln!(guide, "| `{}` | {} | {} |", table.first.section, table.parts, table.rows);
    }
    guide.push_str(ALIKE);
    for (kind, why) in UNLIKE {
        let columns = columns(&tables, kind);
        if !columns.is_empty() {
            let _ = writeln!(guide, "- {why}: {}", columns.join(", "));
        }
    }
    guide.push_str(BY_HAND);
    guide
}

const HOW: &str = "
Make the empty tables as your application does (of exportd's reference schema: `exportd datasets reference
--url …`). A section is a table of the same name, with the columns that the exporting data set declares. Then,
with Python 3.8 or later, and `DB` as one of

```
sqlite:app.db
postgres://user@host/database
mysql://user@host/database
```

let `restore.py` load them all:

```sh
python3 restore.py \"$DB\"
```

An address with a password is better left in the environment's `DB` alone (`python3 restore.py`), where other
users of the machine do not see it. SQLite is written by Python itself; for the others their own client must be
there, `psql` or `mariadb`.

Everything is loaded in one transaction. Every part's SHA-256 is held against the manifest first, and at the end
the rows of every table are counted and compared with it, and what refers to another table has to find it
there. It exits 0 if all of that is so; otherwise it exits 1, names the part, the row and the table, and the
database is as it was.

Sections are loaded in the order below. Where foreign keys ask for another, or a table is called otherwise, say so:
`python3 restore.py \"$DB\" users orders=shop_orders`. MariaDB looks at each row for itself, so that in a table that
refers to itself a row must come after the one that it refers to. An archive of some `kinds` only needs what these
refer to in the database already; one of a `dateRange`, unless the data set lets it come along, too. Triggers of
your tables fire: take them away meanwhile. On PostgreSQL, set the sequences afterwards
(`SELECT setval('orders_id_seq', (SELECT max(id) FROM orders))`).

A bulk export that is asked for again while this one is still kept is this one: a nightly script asks with
a `dateRange` that ends that night, deletes the last one first, or keeps each for less than a day
(`retentionSeconds`).
";

const ALIKE: &str = "
Cells come back as they were, with these exceptions:

- what a data set left out, masked or put together otherwise than its table has it
";

/// What may come back in another form, by the type that the data set declares.
const UNLIKE: [(Type, &str); 4] = [
    (
        Type::Timestamp,
        "instants come back as the same instants: in a text column of SQLite as RFC 3339 in UTC, with none, three \
         or six decimals as they need (`….000Z` becomes `…Z`, an offset becomes `Z`), in a column of whole \
         numbers as seconds since 1970. Declared as `text`, they come back to the letter",
    ),
    (Type::Date, "days come back as `YYYY-MM-DD`"),
    (
        Type::Json,
        "documents that are kept as text come back without the line breaks and blanks around them and the \
         line breaks between their parts",
    ),
    (Type::Decimal, "decimals come back digit for digit; in a column of SQLite without a type, as text"),
];

const BY_HAND: &str = "
## What is in the files

Whoever loads them otherwise has to know:

- Every file is JSON Lines: one row a line, its members named as the columns. `manifest.json` tells of each its
  columns, their types (in the same order), its rows and its SHA-256; `sha256sum -c --quiet SHA256SUMS` checks them.
- `null` is nothing (SQL's `NULL`), but in a column of type `json` it is JSON's `null`: there a member that is missing
  is nothing.
- In columns of type `bytes` they are in base64 (RFC 4648 §4).
- Instants are RFC 3339 in UTC, integers and decimals numbers with all their digits.
- What lies beside `users.jsonl` sums things up, to be compared with what was restored.
";

/// A section that is a table.
struct Table<'a> {
    first: &'a Part,
    parts: usize,
    rows: u64,
}

/// Every section that is a table, in the order of the data set. What is neither of users nor their list
/// sums something up, and is there to be compared with.
fn tables(blocks: &[Block]) -> Vec<Table<'_>> {
    let mut found: Vec<Table<'_>> = Vec::new();
    let parts = blocks.iter().flat_map(|block| &block.parts);
    for part in parts.filter(|part| part.path.contains('/') || part.section == USERS) {
        match found.iter_mut().find(|table| table.first.section == part.section) {
            Some(table) => (table.parts, table.rows) = (table.parts + 1, table.rows + part.rows),
            None => found.push(Table { first: part, parts: 1, rows: part.rows }),
        }
    }
    found
}

/// The columns of that type, as `section.column`.
fn columns(tables: &[Table<'_>], kind: Type) -> Vec<String> {
    let of = |table: &Table<'_>| {
        let columns = table.first.columns.iter().zip(&table.first.types);
        let those = columns.filter(|(_, other)| **other == kind);
        those.map(|(column, _)| format!("`{}.{column}`", table.first.section)).collect::<Vec<_>>()
    };
    tables.iter().flat_map(of).collect()
}
