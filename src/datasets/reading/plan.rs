//! How a query's columns become a section's.

use std::sync::Arc;

use crate::datasets::column::DeclaredColumn;
use crate::datasets::mask::{Mask, MaskKey};
use crate::datasets::query::Query;
use crate::datasets::source::{Found, Gives};
use crate::records::{DataFault, Schema, Type};

/// Which of a source's columns go where, and as what.
#[derive(Clone)]
pub(in crate::datasets) struct Plan {
    /// What comes out.
    pub(in crate::datasets) schema: Arc<Schema>,
    /// In the order of the schema.
    pub(in crate::datasets) targets: Vec<Target>,
    /// For hashes.
    pub(in crate::datasets) key: Arc<MaskKey>,
}

/// One column of what comes out.
#[derive(Clone)]
pub(in crate::datasets) struct Target {
    /// Which of the source's columns.
    pub(in crate::datasets) ordinal: usize,
    pub(in crate::datasets) name: String,
    pub(in crate::datasets) declared: Type,
    /// How it is hidden, if it is.
    pub(in crate::datasets) mask: Option<Mask>,
}

impl Plan {
    /// The plan of `query`, whose source has the columns `found`.
    ///
    /// # Errors
    /// [`DataFault::Columns`] if these are not those that were declared.
    pub(in crate::datasets) fn new(
        query: &Query,
        found: &[Found],
        unmasked: bool,
        system_fields: bool,
        key: &Arc<MaskKey>,
    ) -> Result<Self, DataFault> {
        let columns = declared(query, found)?;
        let wanted: Vec<_> = columns.iter().filter(|column| system_fields || !column.system).collect();
        let schema = Schema::new(wanted.iter().map(|column| column.field(unmasked)).collect());
        let target = |column: &&DeclaredColumn| Target {
            ordinal: found
                .iter()
                .position(|found| found.name == column.name)
                .expect("it was looked for above"),
            name: column.name.clone(),
            declared: column.kind,
            mask: column.mask.filter(|_| !unmasked),
        };
        Ok(Self { schema, targets: wanted.iter().map(target).collect(), key: Arc::clone(key) })
    }
}

/// The query's columns: as they were declared, and the source must have them all and no other; or,
/// when none were, as the source has them.
fn declared<'a>(query: &'a Query, found: &[Found]) -> Result<&'a [DeclaredColumn], DataFault> {
    twice(found)?;
    if query.columns.is_empty() {
        let inferred = infer(found)?;
        let known = query.inferred.get_or_init(|| inferred.clone());
        // The columns of a query that declares none may change while the server runs.
        return if *known == inferred { Ok(known) } else { Err(DataFault::Columns(CHANGED.to_owned())) };
    }
    let faults = differences(&query.columns, found);
    if faults.is_empty() { Ok(&query.columns) } else { Err(DataFault::Columns(faults.join("; "))) }
}

const CHANGED: &str = "they are others than when the server first saw them; declare them, or restart it";

fn twice(found: &[Found]) -> Result<(), DataFault> {
    let again = found
        .iter()
        .enumerate()
        .find(|(place, one)| found[..*place].iter().any(|other| other.name == one.name));
    again.map_or(Ok(()), |(_, one)| {
        Err(DataFault::Columns(format!("`{}` comes twice; name one of them otherwise", one.name)))
    })
}

fn infer(found: &[Found]) -> Result<Vec<DeclaredColumn>, DataFault> {
    if found.is_empty() {
        return Err(DataFault::Columns("the query gives none".to_owned()));
    }
    let untold = found.iter().filter(|one| one.gives.inferred().is_none());
    let untold: Vec<_> = untold.map(|one| format!("`{}` is {}", one.name, one.told)).collect();
    if !untold.is_empty() {
        let told = format!("{}, so nothing tells the type; declare the columns", untold.join("; "));
        return Err(DataFault::Columns(told));
    }
    let infer = |one: &Found| {
        let (name, title) = (one.name.clone(), one.name.clone());
        Some(DeclaredColumn { name, title, kind: one.gives.inferred()?, mask: None, system: false })
    };
    Ok(found.iter().filter_map(infer).collect())
}

fn differences(declared: &[DeclaredColumn], found: &[Found]) -> Vec<String> {
    let mut faults = Vec::new();
    for column in declared {
        match found.iter().find(|found| found.name == column.name) {
            None => faults.push(format!("`{}` is not there", column.name)),
            Some(one) if one.gives == Gives::Unreadable => {
                faults.push(format!(
                    "`{}` is {}, which is not read; cast it to text in the query",
                    one.name, one.told
                ));
            }
            Some(one) if !one.gives.may_be(column.kind) => {
                faults.push(format!("`{}` is {}, and was declared as {}", one.name, one.told, column.kind));
            }
            Some(_) => {}
        }
    }
    for one in found.iter().filter(|found| declared.iter().all(|column| column.name != found.name)) {
        faults.push(format!("`{}` comes and was not declared", one.name));
    }
    faults
}

#[cfg(test)]
mod tests {
    use std::sync::OnceLock;

    use super::*;
    use crate::datasets::column::DeclaredLayout;
    use crate::datasets::query::{FileQuery, Reads};

    fn column(name: &str, kind: Type) -> DeclaredColumn {
        DeclaredColumn { name: name.to_owned(), title: name.to_owned(), kind, mask: None, system: false }
    }

    fn query(columns: Vec<DeclaredColumn>) -> Query {
        Query {
            name: "rows".to_owned(),
            title: "Rows".to_owned(),
            kind: None,
            reads: Reads::Files(FileQuery::default()),
            max_rows: None,
            columns,
            inferred: OnceLock::new(),
            layout: DeclaredLayout::Table,
        }
    }

    fn found(name: &str, told: &str, gives: Gives) -> Found {
        Found { name: name.to_owned(), told: told.to_owned(), gives }
    }

    fn plan(query: &Query, found: &[Found], system_fields: bool) -> Result<Plan, String> {
        let key = Arc::new(MaskKey::new(Some("key")));
        Plan::new(query, found, false, system_fields, &key).map_err(|fault| fault.to_string())
    }

    #[test]
    fn columns_are_found_by_name_and_every_difference_is_told() {
        let query = query(vec![column("a", Type::Integer), column("b", Type::Text), column("c", Type::Text)]);
        let right = [
            found("c", "text", Gives::One(Type::Text)),
            found("a", "numeric", Gives::One(Type::Decimal)),
            found("b", "json", Gives::One(Type::Json)),
        ];
        let targets = plan(&query, &right, false).expect("a plan").targets;
        assert_eq!(targets.iter().map(|target| target.ordinal).collect::<Vec<_>>(), [1, 2, 0]);
        let wrong = [
            found("a", "text", Gives::One(Type::Text)),
            found("b", "interval", Gives::Unreadable),
            found("d", "text", Gives::One(Type::Text)),
        ];
        let told = plan(&query, &wrong, false).map(|_| ()).expect_err("refused");
        for part in
            ["`a` is text, and was declared as integer", "`b` is interval", "`c` is not there", "`d` comes"]
        {
            assert!(told.contains(part), "{told}");
        }
    }

    #[test]
    fn a_system_field_comes_only_when_asked_for_and_a_masked_one_is_text() {
        let system = DeclaredColumn { system: true, ..column("s", Type::Text) };
        let masked = DeclaredColumn { mask: Some(Mask::Hide), ..column("m", Type::Integer) };
        let query = query(vec![system, masked]);
        let found = [found("s", "text", Gives::Any), found("m", "int8", Gives::Any)];
        let few = plan(&query, &found, false).expect("a plan");
        assert_eq!(
            few.schema.fields.iter().map(|field| (field.name.as_str(), field.kind)).collect::<Vec<_>>(),
            [("m", Type::Text)]
        );
        assert_eq!(plan(&query, &found, true).expect("a plan").schema.fields.len(), 2);
    }

    #[test]
    fn columns_that_nobody_declared_are_those_of_the_source_and_stay_so() {
        let query = query(Vec::new());
        let one = [found("a", "int8", Gives::One(Type::Integer))];
        assert!(plan(&query, &one, false).is_ok());
        assert!(plan(&query, &[found("a", "text", Gives::One(Type::Text))], false).is_err());
        let unclear = self::query(Vec::new());
        assert!(plan(&unclear, &[found("n", "an expression", Gives::Any)], false).is_err());
    }
}
