//! How to restore from an archive of everyone's data, with the very names that are in it.

use std::fmt::Write;

use super::block::{Block, USERS};

/// The guide that lies in the archive.
pub fn restore_guide(blocks: &[Block]) -> String {
    let mut guide = HEAD.to_owned();
    for (section, columns) in sections(blocks) {
        let files = if section.is_ranged {
            format!("data/{}/part-*.jsonl", section.name)
        } else {
            format!("{}.jsonl", section.name)
        };
        let _ = write!(guide, "\n## {}\n\n{}", section.name, of_section(&section.name, &files, &columns));
    }
    guide
}

const HEAD: &str = "# Restoring from this archive

Every file is JSON Lines: one row a line, `null` for nothing. A section is a table of the same name;
its columns are those that the exporting data set declares. Parts of one section may come in any
order. Check first that everything is whole:

```sh
sha256sum -c --quiet SHA256SUMS
```

Then make the empty tables as your application does (of exportd's reference schema:
`exportd datasets reference --url …`) and load each section, in the order below; or, where foreign
keys ask for another order, in that. `manifest.json` tells how many rows each part has: count them
afterwards. What lies beside `users.jsonl` sums things up, to be compared with what was restored.
";

struct Section {
    name: String,
    is_ranged: bool,
}

/// Every section that is a table, with its columns, in the order of the data set. What is neither of
/// users nor their list sums something up, and is there to be compared with.
fn sections(blocks: &[Block]) -> Vec<(Section, Vec<String>)> {
    let mut found: Vec<(Section, Vec<String>)> = Vec::new();
    let parts = blocks.iter().flat_map(|block| &block.parts);
    for part in parts.filter(|part| part.path.contains('/') || part.section == USERS) {
        if found.iter().all(|(section, _)| section.name != part.section) {
            let section = Section { name: part.section.clone(), is_ranged: part.path.contains('/') };
            found.push((section, part.columns.clone()));
        }
    }
    found
}

fn of_section(name: &str, files: &str, columns: &[String]) -> String {
    let names = columns.iter().map(|column| quoted(column)).collect::<Vec<_>>().join(", ");
    let members =
        columns.iter().map(|column| format!("line ->> '$.\"{column}\"'")).collect::<Vec<_>>().join(", ");
    let table = quoted(name);
    format!(
        "SQLite 3.38 or later (`DB` is the database's file):

```sh
for part in {files}; do
  sqlite3 -bail \"$DB\" <<SQL
CREATE TEMP TABLE part (line TEXT);
.mode ascii
.separator \"\\001\" \"\\n\"
.import $part part
INSERT INTO {table} ({names}) SELECT {members} FROM part;
SQL
done
```

PostgreSQL (`DB` is its URL):

```sh
cat {files} | psql -q -v ON_ERROR_STOP=1 \"$DB\" \\
  -c 'CREATE TEMP TABLE part (line jsonb)' \\
  -c \"\\copy part FROM PSTDIN WITH (FORMAT csv, QUOTE E'\\x01', DELIMITER E'\\x02')\" \\
  -c 'INSERT INTO {table} ({names}) SELECT {names} FROM part, jsonb_populate_record(NULL::{table}, line)'
```
"
    )
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
