//! From an order to rows that can be read: a connection, a snapshot, and what there is in it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::mpsc;
use tokio::time::Instant;

use super::flow::Flow;
use super::pump::{Pump, Section as Pumped, fault_of};
use super::rows::{DEPTH, SectionRows};
use super::share::Share;
use super::{Order, Plan, folder, within};
use crate::datasets::mask::MaskKey;
use crate::datasets::query::{Query, Reads};
use crate::datasets::source::{Place, Snapshot, Source, Trouble};
use crate::datasets::sql::{Bound, Statement};
use crate::datasets::{Arguments, DataSet, owner};
use crate::domain::Timestamp;
use crate::records::{DataError, DataFault, LeftOut, LimitOf, Rows, Section};

/// A data set that is being read: its snapshot is open, its rows are counted.
pub struct Reading {
    sections: Vec<Section>,
    snapshot_at: Timestamp,
    rows: VecDeque<Box<dyn Rows>>,
}

impl Reading {
    /// Its sections, with how many rows each will have, and how many are left out.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Of which moment all of it is.
    pub fn snapshot_at(&self) -> Timestamp {
        self.snapshot_at
    }

    /// The rows of the next section. Sections are read in order, each to its end.
    pub fn next_section(&mut self) -> Option<Box<dyn Rows>> {
        self.rows.pop_front()
    }

    fn new() -> Self {
        let snapshot_at = SystemTime::now().into();
        Self { sections: Vec::new(), snapshot_at, rows: VecDeque::new() }
    }

    pub(super) fn push(&mut self, section: Section, rows: Box<dyn Rows>) {
        self.sections.push(section);
        self.rows.push_back(rows);
    }
}

/// Opens what is ordered of `data_set`.
pub(in crate::datasets) async fn begin(
    data_set: &Arc<DataSet>,
    order: Order,
    key: &Arc<MaskKey>,
) -> Result<Reading, DataError> {
    let fault = |fault| DataError { data_set: data_set.name.clone(), section: None, fault };
    let source = Arc::clone(&data_set.source);
    if let Some(wrong) = data_set.faults_of(&order.arguments).into_iter().next() {
        return Err(fault(DataFault::Parameter { name: wrong.name, why: wrong.why }));
    }
    let arguments = owner::bind(data_set, &order).map_err(fault)?;
    if let Place::Folder(_) = source.place {
        return of_folder(data_set, order, arguments, key).await;
    }
    let told = |trouble: Trouble| fault(fault_of(trouble, &source, None));
    let deadline = Instant::now() + source.timeout;
    let opening = async { (source.seat().await, source.open().await) };
    let (seat, snapshot) = within(deadline, &order.cancel, opening).await.map_err(|up| told(up.into()))?;
    let mut opening = Opening {
        data_set,
        source: &source,
        snapshot: snapshot.map_err(told)?,
        order: &order,
        arguments: &arguments,
        key,
        reading: Reading::new(),
        pumped: Vec::new(),
    };
    for query in data_set.queries.iter().filter(|query| order.wants(&query.name)) {
        opening.add(query).await?;
    }
    let Opening { snapshot, reading, pumped, .. } = opening;
    let (data_set, cancel) = (data_set.name.clone(), order.cancel);
    tokio::spawn(Pump { data_set, source, snapshot, cancel, seat }.run(pumped));
    Ok(reading)
}

/// Files are read on a thread where that may take its time.
async fn of_folder(
    data_set: &Arc<DataSet>,
    order: Order,
    arguments: Arguments,
    key: &Arc<MaskKey>,
) -> Result<Reading, DataError> {
    let (shared, key) = (Arc::clone(data_set), Arc::clone(key));
    let opening =
        tokio::task::spawn_blocking(move || folder::begin(&shared, &order, &arguments, &key, Reading::new()));
    let stopped = |_| DataError { data_set: data_set.name.clone(), section: None, fault: DataFault::Stopped };
    opening.await.map_err(stopped)?
}

/// How many rows a query gives, and what the request's own limit leaves out.
struct Counted {
    rows: u64,
    asked: Option<LeftOut>,
}

/// A reading that is being put together.
struct Opening<'a> {
    data_set: &'a DataSet,
    source: &'a Source,
    snapshot: Box<dyn Snapshot>,
    order: &'a Order,
    arguments: &'a Arguments,
    key: &'a Arc<MaskKey>,
    reading: Reading,
    pumped: Vec<Pumped>,
}

impl Opening<'_> {
    /// Counts the rows of `query` and makes ready to read them.
    async fn add(&mut self, query: &Query) -> Result<(), DataError> {
        let deadline = Instant::now() + self.source.timeout;
        let cancel = self.order.cancel.clone();
        let work = self.counted(query);
        let done = within(deadline, &cancel, work).await.map_err(Trouble::from).and_then(|done| done);
        match done {
            Ok((bound, plan, counted)) => {
                self.take(query, bound, plan, counted);
                Ok(())
            }
            Err(trouble) => {
                self.snapshot.stop().await;
                let fault = fault_of(trouble, self.source, None);
                Err(DataError {
                    data_set: self.data_set.name.clone(),
                    section: Some(query.name.clone()),
                    fault,
                })
            }
        }
    }

    async fn counted(&mut self, query: &Query) -> Result<(Bound, Plan, Counted), Trouble> {
        let Reads::Sql { rows, count } = &query.reads else {
            return Err(DataFault::NotThere.into());
        };
        let bound = self.bind(rows, self.arguments)?;
        let found = self.snapshot.columns(&bound).await?;
        let plan = Plan::new(query, &found, self.order.unmasked, self.order.system_fields, self.key)?;
        let count = count.as_ref();
        let rows_given = self.number(rows, count, self.arguments).await?;
        let limit = self.data_set.limit_of(self.arguments).filter(|limit| rows_given >= *limit);
        let asked = match limit.filter(|_| query.knows("limit")) {
            None => None,
            Some(most) => {
                // Whoever asks for a few of many is told how many there are.
                let all = self.number(rows, count, &self.arguments.clone().without("limit")).await?;
                let rows = all.saturating_sub(rows_given);
                (rows > 0).then_some(LeftOut { rows, most, limit: LimitOf::Request })
            }
        };
        Ok((bound, plan, Counted { rows: rows_given, asked }))
    }

    /// How many rows there are of a query that is bound to `arguments`.
    async fn number(
        &mut self,
        rows: &Statement,
        count: Option<&Statement>,
        arguments: &Arguments,
    ) -> Result<u64, Trouble> {
        let counting = match count {
            Some(count) => self.bind(count, arguments)?,
            None => self.bind(rows, arguments)?.counting(),
        };
        self.snapshot.number(&counting).await
    }

    fn bind(&self, statement: &Statement, arguments: &Arguments) -> Result<Bound, DataFault> {
        let bound = statement
            .bind(|name| arguments.of(name))
            .map_err(|name| DataFault::Parameter { name, why: "has no value".to_owned() })?;
        let most = statement.dialect().most_arguments();
        match bound.names.get(most) {
            Some(name) => Err(DataFault::Parameter {
                name: name.clone(),
                why: format!("has more values than its source takes: {most}"),
            }),
            None => Ok(bound),
        }
    }

    fn take(&mut self, query: &Query, bound: Bound, plan: Plan, counted: Counted) {
        let Counted { rows: counted, asked } = counted;
        let Share { wanted, left_out } = Share::of(query, self.order.most_rows, counted, asked);
        let schema = Arc::clone(&plan.schema);
        let (out, passed) = mpsc::channel(DEPTH);
        let (spare, spares) = mpsc::channel(DEPTH);
        let section = Section {
            name: query.name.clone(),
            title: query.title.clone(),
            layout: query.layout(&schema),
            schema: Arc::clone(&schema),
            rows: wanted,
            left_out,
        };
        let rows = SectionRows {
            data_set: self.data_set.name.clone(),
            section: query.name.clone(),
            schema,
            passed,
            spare,
            ended: false,
        };
        self.reading.push(section, Box::new(rows));
        let flow = Flow::new(plan, counted, wanted, out, spares);
        self.pumped.push(Pumped { name: query.name.clone(), query: bound, flow });
    }
}
