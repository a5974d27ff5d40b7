//! Sections that become one table, in formats that have but one.

use std::sync::Arc;

use crate::records::{Batch, Field, Schema, Section, Type, Value};

use super::written::push_value;

/// The one table that a document's sections become.
///
/// One section is that table. Several are a first column with the section's name and every column of
/// every section, by its name, in the order of its first coming; a name that is of several types is of
/// text. A section without a column has nothing in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Union {
    /// The table's columns.
    pub schema: Arc<Schema>,
    /// For every section, and every column of it, its place in the table.
    pub places: Vec<Vec<usize>>,
    /// The sections' names, where the first column has them.
    names: Vec<String>,
}

impl Union {
    /// The table that `sections` become.
    pub fn of(sections: &[Section]) -> Self {
        if let [only] = sections {
            let places = vec![(0..only.schema.fields.len()).collect()];
            return Self { schema: Arc::clone(&only.schema), places, names: Vec::new() };
        }
        let mut schema = Schema { fields: vec![Field::new(name_of_first(sections), Type::Text)] };
        "Section".clone_into(&mut schema.fields[0].title);
        let places = sections.iter().map(|section| joined(&mut schema, &section.schema)).collect();
        let names = sections.iter().map(|section| section.name.clone()).collect();
        Self { schema: Arc::new(schema), places, names }
    }

    /// What stands in the first column of the rows of the section at `section`, if the table has one of
    /// that kind.
    pub fn name(&self, section: usize) -> Option<&str> {
        self.names.get(section).map(String::as_str)
    }

    /// For every column of the table, the place in the section at `section` that fills it, if one does.
    pub fn fillers(&self, section: usize) -> Vec<Option<usize>> {
        let mut fillers = vec![None; self.schema.fields.len()];
        for (from, to) in self.places[section].iter().enumerate() {
            fillers[*to] = Some(from);
        }
        fillers
    }

    /// Rows of the section at `section` as rows of the table.
    pub fn batch(&self, section: usize, rows: &Batch) -> Batch {
        let mut batch = Batch::new(&self.schema);
        let mut text = Vec::new();
        for (place, filler) in self.fillers(section).into_iter().enumerate() {
            let column = batch.column_mut(place);
            for row in 0..rows.len() {
                let value = match filler {
                    Some(from) => rows.value(row, from),
                    None if place == 0 => self.name(section).map_or(Value::Null, Value::Text),
                    None => Value::Null,
                };
                if !column.push(value) {
                    text.clear();
                    push_value(&mut text, value);
                    let words = str::from_utf8(&text).expect("values are written in UTF-8");
                    assert!(column.push(Value::Text(words)), "a column of several types is of text");
                }
            }
        }
        batch
    }
}

/// `section`, or a name like it that no section has a column of.
fn name_of_first(sections: &[Section]) -> String {
    let is_taken = |name: &str| sections.iter().any(|section| section.schema.place(name).is_some());
    let mut name = "section".to_owned();
    while is_taken(&name) {
        name.insert(0, '_');
    }
    name
}

/// Adds to `all` what is not in it yet, and tells where each column of `schema` is in it.
fn joined(all: &mut Schema, schema: &Schema) -> Vec<usize> {
    let place = |field: &Field| match all.place(&field.name) {
        Some(place) => {
            if all.fields[place].kind != field.kind {
                all.fields[place].kind = Type::Text;
            }
            place
        }
        None => {
            all.fields.push(field.clone());
            all.fields.len() - 1
        }
    };
    schema.fields.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Layout;

    fn section(name: &str, columns: &[(&str, Type)]) -> Section {
        let fields = columns.iter().map(|(name, kind)| Field::new(*name, *kind)).collect();
        let (name, title) = (name.to_owned(), name.to_uppercase());
        Section {
            name,
            title,
            schema: Schema::new(fields),
            rows: 0,
            left_out: Vec::new(),
            layout: Layout::Table,
        }
    }

    fn names(union: &Union) -> Vec<(&str, Type)> {
        union.schema.fields.iter().map(|field| (field.name.as_str(), field.kind)).collect()
    }

    #[test]
    fn one_section_is_the_table() {
        let only = section("files", &[("id", Type::Integer), ("section", Type::Text)]);
        let union = Union::of(std::slice::from_ref(&only));
        assert_eq!(union.schema, only.schema);
        assert_eq!((union.name(0), union.fillers(0)), (None, vec![Some(0), Some(1)]));
    }

    #[test]
    fn several_sections_are_one_table_of_all_their_columns() {
        let sections = [
            section("users", &[("id", Type::Integer), ("email", Type::Text)]),
            section("files", &[("size", Type::Integer), ("id", Type::Text)]),
        ];
        let union = Union::of(&sections);
        let all =
            [("section", Type::Text), ("id", Type::Text), ("email", Type::Text), ("size", Type::Integer)];
        assert_eq!(names(&union), all);
        assert_eq!(union.places, [vec![1, 2], vec![3, 1]]);

        let mut rows = Batch::new(&sections[0].schema);
        assert!(rows.column_mut(0).push(Value::Integer(7)) && rows.column_mut(1).push(Value::Null));
        let batch = union.batch(0, &rows);
        let cells: Vec<_> = (0..4).map(|place| batch.value(0, place)).collect();
        assert_eq!(cells, [Value::Text("users"), Value::Text("7"), Value::Null, Value::Null]);
    }

    #[test]
    fn a_column_that_is_called_section_keeps_its_name() {
        let sections =
            [section("a", &[("section", Type::Integer)]), section("b", &[("_section", Type::Text)])];
        let union = Union::of(&sections);
        assert_eq!(names(&union)[0], ("__section", Type::Text));
        assert_eq!(names(&union)[1], ("section", Type::Integer));
    }

    #[test]
    fn no_section_is_an_empty_table() {
        assert_eq!(Union::of(&[]).schema.fields.len(), 1);
    }
}
