//! The shipped `datasets.toml`, read and bound.

use std::collections::BTreeMap;

use exportd::domain::Timestamp;
use serde_json::Value;
use toml::de::{DeTable, DeValue};

/// The declared data sets.
pub struct Shipped(pub Vec<DataSet>);

/// One of them.
pub struct DataSet {
    pub name: String,
    pub kind: String,
    pub report: Option<String>,
    pub admins_only: bool,
    pub queries: Vec<Query>,
}

/// One query, as declared.
pub struct Query {
    pub name: String,
    pub sql: String,
    /// Names and types.
    pub columns: Vec<(String, String)>,
}

/// A statement with its values.
#[derive(Debug, Clone)]
pub struct Bound {
    pub sql: String,
    pub arguments: Vec<Argument>,
}

/// What a parameter is bound to.
#[derive(Debug, Clone)]
pub enum Argument {
    Text(String),
    Whole(i64),
    At(Timestamp),
}

/// The values of parameters, by name.
pub type Given = BTreeMap<&'static str, Vec<Argument>>;

/// TOML as JSON.
pub fn toml(text: &str) -> Value {
    json(&DeValue::Table(DeTable::parse(text).expect("TOML").into_inner()))
}

fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(&**text),
        DeValue::Integer(number) => Value::from(number.as_str().parse::<i64>().expect("a whole number")),
        DeValue::Float(number) => Value::from(number.as_str().parse::<f64>().expect("a number")),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(at) => Value::from(at.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            table.iter().map(|(name, value)| (name.get_ref().to_string(), json(value.get_ref()))).collect()
        }
    }
}

impl Shipped {
    pub fn read(text: &str) -> Self {
        let file = toml(text);
        let data_sets = file["datasets"].as_array().expect("data sets");
        Self(data_sets.iter().map(DataSet::read).collect())
    }

    /// The data set of this kind that has no sisters.
    pub fn of_kind(&self, kind: &str) -> &DataSet {
        self.0.iter().find(|set| set.kind == kind).expect("there is one")
    }

    /// The only query of this report.
    pub fn report(&self, report: &str) -> &Query {
        let set = self.0.iter().find(|set| set.report.as_deref() == Some(report));
        &set.unwrap_or_else(|| panic!("there is no report {report}")).queries[0]
    }

    /// The only query of the data set called so.
    pub fn called(&self, name: &str) -> &Query {
        &self.0.iter().find(|set| set.name == name).expect("there is one").queries[0]
    }
}

impl DataSet {
    fn read(set: &Value) -> Self {
        let text = |name: &str| set.get(name).map(|text| text.as_str().expect("text").to_owned());
        Self {
            name: text("name").expect("a name"),
            kind: text("kind").unwrap_or_else(|| "custom".to_owned()),
            report: text("report"),
            admins_only: text("for").as_deref() == Some("admins"),
            queries: set["queries"].as_array().expect("queries").iter().map(Query::read).collect(),
        }
    }

    pub fn query(&self, name: &str) -> &Query {
        self.queries.iter().find(|query| query.name == name).expect("there is one")
    }
}

impl Query {
    fn read(query: &Value) -> Self {
        let text = |value: &Value, name: &str| value[name].as_str().expect("text").to_owned();
        let columns = query["columns"].as_array().expect("columns");
        Self {
            name: text(query, "name"),
            sql: text(query, "sql"),
            columns: columns.iter().map(|column| (text(column, "name"), text(column, "type"))).collect(),
        }
    }

    /// The place of a column.
    pub fn place(&self, column: &str) -> usize {
        self.columns.iter().position(|(name, _)| name == column).expect("a column")
    }

    /// Leaves out the optional clauses without values, and puts placeholders where parameters are.
    pub fn bind(&self, dialect: exportd::datasets::reference::Dialect, given: &Given) -> Bound {
        let mut bound = Bound { sql: String::new(), arguments: Vec::new() };
        let mut rest = self.sql.as_str();
        while let Some((before, after)) = rest.split_once("[[") {
            bound.add(before, dialect, given);
            let (clause, behind) = after.split_once("]]").expect("closed");
            if parameters(clause).iter().all(|name| given.contains_key(name)) {
                bound.add(clause, dialect, given);
            }
            rest = behind;
        }
        bound.add(rest, dialect, given);
        bound
    }

    /// The parameters anywhere in it.
    pub fn parameters(&self) -> Vec<&str> {
        parameters(&self.sql)
    }
}

/// The parameters in a text: names after a colon, outside of strings.
fn parameters(text: &str) -> Vec<&str> {
    let outside = text.split('\'').step_by(2);
    outside.flat_map(|part| part.split(':').skip(1)).map(|part| &part[..name_length(part)]).collect()
}

fn name_length(text: &str) -> usize {
    text.find(|letter: char| letter != '_' && !letter.is_ascii_alphanumeric()).unwrap_or(text.len())
}

impl Bound {
    fn add(&mut self, text: &str, dialect: exportd::datasets::reference::Dialect, given: &Given) {
        use exportd::datasets::reference::Dialect;
        for (place, part) in text.split('\'').enumerate() {
            if place > 0 {
                self.sql.push('\'');
            }
            if place % 2 == 1 {
                self.sql.push_str(part);
                continue;
            }
            for (place, piece) in part.split(':').enumerate() {
                if place == 0 {
                    self.sql.push_str(piece);
                    continue;
                }
                let (name, behind) = piece.split_at(name_length(piece));
                let values = given.get(name).unwrap_or_else(|| panic!("{name} has no value"));
                let mut placeholders = Vec::new();
                for value in values {
                    self.arguments.push(value.clone());
                    let number = self.arguments.len();
                    placeholders.push(match (dialect, value) {
                        (Dialect::Postgres, Argument::At(_)) => format!("CAST(${number} AS TIMESTAMPTZ)"),
                        (Dialect::Postgres, _) => format!("${number}"),
                        _ => "?".to_owned(),
                    });
                }
                self.sql.push_str(&placeholders.join(", "));
                self.sql.push_str(behind);
            }
        }
    }
}

impl Argument {
    pub fn bind<'q, D>(&self, query: Asked<'q, D>) -> Asked<'q, D>
    where
        D: sqlx::Database,
        String: sqlx::Encode<'q, D> + sqlx::Type<D>,
        i64: sqlx::Encode<'q, D> + sqlx::Type<D>,
    {
        match self {
            Self::Text(text) => query.bind(text.clone()),
            Self::Whole(number) => query.bind(*number),
            // As the room binds them: what is left off makes it stand before all that begins with it.
            Self::At(at) => {
                let text = at.to_string();
                query.bind(text.strip_suffix(".000Z").unwrap_or(text.trim_end_matches('Z')).to_owned())
            }
        }
    }
}

type Asked<'q, D> = sqlx::query::Query<'q, D, <D as sqlx::Database>::Arguments>;

/// Of `user`, in steps of `granularity`, from then until then.
pub fn given(user: &str, granularity: &str, from: Option<&str>, until: Option<&str>) -> Given {
    let mut given = Given::new();
    given.insert("user_id", vec![Argument::Text(user.to_owned())]);
    given.insert("granularity", vec![Argument::Text(granularity.to_owned())]);
    for (name, at) in [("start", from), ("end", until)] {
        if let Some(at) = at {
            given.insert(name, vec![Argument::At(Timestamp::parse(at).expect("an instant"))]);
        }
    }
    given
}
