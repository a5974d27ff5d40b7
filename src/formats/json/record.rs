//! Rows as JSON objects.

use crate::formats::Union;
use crate::formats::written::push_value;
use crate::records::{Batch, Type, Value};

use super::cells::{push_cell, push_string};

/// How the rows of one section become objects; keys are escaped once.
pub struct Record {
    /// What every object begins with.
    begin: Vec<u8>,
    members: Vec<Member>,
    text: Vec<u8>,
    keeps_nulls_apart: bool,
}

struct Member {
    /// With its colon.
    key: Vec<u8>,
    from: usize,
    kind: Type,
}

impl Record {
    /// Rows of the section at `section` of what is one table.
    pub fn new(union: &Union, section: usize) -> Self {
        let mut begin = vec![b'{'];
        let name = union.name(section);
        if let Some(name) = name {
            push_string(&mut begin, &union.schema.fields[0].name);
            begin.push(b':');
            push_string(&mut begin, name);
        }
        let fillers = union.fillers(section).into_iter().zip(&union.schema.fields);
        let filled = fillers.filter_map(|(from, field)| Some((from?, field)));
        let members = filled.map(|(from, field)| {
            let mut key = Vec::new();
            push_string(&mut key, &field.name);
            key.push(b':');
            Member { key, from, kind: field.kind }
        });
        Self { begin, members: members.collect(), text: Vec::new(), keeps_nulls_apart: false }
    }

    /// The same, without the JSON cells in which there is nothing: their `null` is a document.
    pub fn keeping_nulls_apart(self) -> Self {
        Self { keeps_nulls_apart: true, ..self }
    }

    /// Writes a row.
    pub fn push(&mut self, out: &mut Vec<u8>, batch: &Batch, row: usize) {
        out.extend_from_slice(&self.begin);
        let mut is_first = self.begin.len() == 1;
        for member in &self.members {
            let value = batch.value(row, member.from);
            if self.keeps_nulls_apart && member.kind == Type::Json && value == Value::Null {
                continue;
            }
            if !std::mem::take(&mut is_first) {
                out.push(b',');
            }
            out.extend_from_slice(&member.key);
            let is_of_another = member.kind == Type::Text && !matches!(value, Value::Text(_) | Value::Null);
            if is_of_another {
                self.text.clear();
                push_value(&mut self.text, value);
                push_string(out, str::from_utf8(&self.text).expect("values are written in UTF-8"));
            } else {
                push_cell(out, value);
            }
        }
        out.push(b'}');
    }
}
