//! Data sets, as those see them who may ask for them.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::{DataSet, DeclaredColumn, Outline, Parameter};

/// The data sets that the caller may ask for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = DataSets)]
pub struct DataSetsView {
    items: Vec<DataSetView>,
}

impl DataSetsView {
    /// These.
    pub fn of<'a>(sets: impl Iterator<Item = &'a DataSet>) -> Self {
        Self { items: sets.map(DataSetView::from).collect() }
    }
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DataSet)]
struct DataSetView {
    /// What a selector of kind `custom` calls it.
    #[schema(example = "orders")]
    name: String,
    /// What people call it.
    title: String,
    /// Of which kind its exports are.
    #[schema(example = "custom")]
    kind: &'static str,
    /// What a selector of kind `analytics` calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    report: Option<String>,
    /// The one that is meant when none is named comes first.
    formats: Vec<&'static str>,
    /// What it may be asked with, beside what the kind's selector brings.
    parameters: Vec<ParameterView>,
    sections: Vec<SectionView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DataSetParameter)]
struct ParameterView {
    #[schema(example = "country")]
    name: String,
    /// What people call it.
    title: String,
    /// `text`, `integer`, `number`, `decimal`, `boolean`, `timestamp` or `date`.
    #[serde(rename = "type")]
    #[schema(example = "text")]
    kind: &'static str,
    /// Whether it takes a list of them.
    list: bool,
    required: bool,
    /// What it is when it is not given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    default: Vec<String>,
    /// The least that it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    min: Option<String>,
    /// The most that it may be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    max: Option<String>,
    /// Most characters of a text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    max_length: Option<usize>,
    /// What all of a text has to match.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    pattern: Option<String>,
    /// One of these.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    values: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DataSetSection)]
struct SectionView {
    #[schema(example = "orders")]
    name: String,
    /// What people call it.
    title: String,
    /// None before the first look at a query that declares none.
    columns: Vec<ColumnView>,
    /// Most rows of it in an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    max_rows: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = DataSetColumn)]
struct ColumnView {
    #[schema(example = "email")]
    name: String,
    /// What people call it.
    title: String,
    /// What is in it.
    #[serde(rename = "type")]
    #[schema(example = "text")]
    kind: &'static str,
    /// Personal data, masked for those who may not see them.
    personal: bool,
    /// Only with `options.includeSystemFields`.
    system: bool,
}

impl From<&DataSet> for DataSetView {
    fn from(set: &DataSet) -> Self {
        Self {
            name: set.name().to_owned(),
            title: set.title().to_owned(),
            kind: set.kind().as_str(),
            report: set.report().map(str::to_owned),
            formats: set.kind().formats().iter().map(|format| format.as_str()).collect(),
            parameters: set.parameters().iter().map(ParameterView::from).collect(),
            sections: set.sections().into_iter().map(SectionView::from).collect(),
        }
    }
}

impl From<&Parameter> for ParameterView {
    fn from(parameter: &Parameter) -> Self {
        let bounds = &parameter.bounds;
        Self {
            name: parameter.name.clone(),
            title: parameter.title.clone(),
            kind: parameter.kind.as_str(),
            list: parameter.list,
            required: parameter.required,
            default: parameter.default.iter().map(ToString::to_string).collect(),
            min: bounds.min.as_ref().map(ToString::to_string),
            max: bounds.max.as_ref().map(ToString::to_string),
            max_length: bounds.max_length,
            pattern: bounds.pattern.as_ref().map(ToString::to_string),
            values: bounds.values.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<Outline> for SectionView {
    fn from(outline: Outline) -> Self {
        let Outline { name, title, columns, max_rows, .. } = outline;
        Self { name, title, columns: columns.into_iter().map(ColumnView::from).collect(), max_rows }
    }
}

impl From<DeclaredColumn> for ColumnView {
    fn from(column: DeclaredColumn) -> Self {
        let DeclaredColumn { name, title, kind, mask, system } = column;
        Self { name, title, kind: kind.as_str(), personal: mask.is_some(), system }
    }
}
