//! Rows that become one document.

use std::io::Write;
use std::sync::Arc;

use serde_json::Value;
use tokio::task::AbortHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::datasets::{DataSet, Reading};
use crate::domain::{Format, Timestamp, Warning, WarningCode, slug};
use crate::formats::{FormatError, FormatOptions, blocks, formatter};
use crate::packaging::{Control, Document, LoadError, Order, PackError, Written};
use crate::records::{Batch, DataError, DataFault, Head, Rows, Schema, Section};
use crate::reports::{self, Report, ReportError};

use super::lacking;

/// One data set, read once and written once.
pub struct DataDocument {
    data_set: String,
    head: Head,
    reading: Reading,
    format: Format,
    options: FormatOptions,
    report: Option<Report>,
    cancel: CancellationToken,
    _ends_with_us: DropGuard,
}

impl DataDocument {
    /// What `reading` gives of `set`, as `order` wants it.
    pub fn new(
        set: &DataSet,
        order: &Order,
        reading: Reading,
        format: &FormatOptions,
        cancel: CancellationToken,
    ) -> Result<Self, LoadError> {
        let sections = reading.sections().to_vec();
        let metadata = match order.options.include_metadata {
            Some(false) => Vec::new(),
            _ => {
                let rows = sections.iter().map(|section| section.rows).sum();
                let mut facts = metadata(set, order, Some((rows, reading.snapshot_at())));
                facts.extend(lacking::facts(&sections));
                facts
            }
        };
        Ok(Self {
            report: order.pins.template.clone().map(|template| report(set, template)).transpose()?,
            data_set: set.name().to_owned(),
            head: Head { title: set.title().to_owned(), metadata, sections },
            reading,
            format: order.format,
            options: FormatOptions { bom: order.options.bom.unwrap_or_default(), ..format.clone() },
            _ends_with_us: cancel.clone().drop_guard(),
            cancel,
        })
    }

    fn total(&self) -> u64 {
        self.head.sections.iter().map(|section| section.rows).sum()
    }

    fn format(&mut self, out: &mut (dyn Write + Send), control: &Control) -> Result<Vec<String>, PackError> {
        if let Some(report) = self.report.take() {
            return self.render(&report, out, control);
        }
        let mut formatter = formatter(self.format, out, &self.options)
            .ok_or_else(|| PackError::Format(format!("there is no formatter of {}", self.format)))?;
        let name = self.data_set.clone();
        let failed = |section: Option<&Section>| {
            let (data_set, section) = (name.clone(), section.map(|section| section.name.clone()));
            move |error| told(error, data_set, section)
        };
        formatter.begin(&self.head).map_err(failed(None))?;
        for section in &self.head.sections {
            formatter.section(section).map_err(failed(Some(section)))?;
            let mut rows = next_of(&mut self.reading, section)?;
            let mut room = Batch::new(&section.schema);
            while let Some(batch) = rows.next(room)? {
                control.check()?;
                formatter.rows(&batch).map_err(failed(Some(section)))?;
                control.tell(|progress| progress.rows_done += batch.len() as u64);
                room = batch;
                room.clear();
            }
            formatter.end_section().map_err(failed(Some(section)))?;
        }
        formatter.finish().map_err(failed(None))
    }

    /// The rows as a report: they all go by before its first word is written.
    fn render(
        &mut self,
        report: &Report,
        out: &mut (dyn Write + Send),
        control: &Control,
    ) -> Result<Vec<String>, PackError> {
        let blocks = blocks(self.format, out, &self.options)
            .ok_or_else(|| PackError::Format(format!("no report can be a {}", self.format)))?;
        let (reading, data_set) = (&mut self.reading, self.data_set.clone());
        let mut sections = self.head.sections.iter().map(|section| {
            let counted = Counted { rows: next_of(reading, section)?, control: control.clone() };
            Ok(Box::new(counted) as Box<dyn Rows>)
        });
        reports::render(report, &self.head, &mut sections, blocks, &self.options).map_err(|error| match error
        {
            ReportError::Rows(error) => PackError::Data(error),
            ReportError::Document(error) => told(error, data_set, None),
            ReportError::Scratch(error) => PackError::Output(error),
        })
    }

    fn warnings(&self, messages: Vec<String>) -> Vec<Warning> {
        let changed = messages.into_iter().map(|message| Warning {
            code: WarningCode::ContentChanged,
            path: None,
            message,
        });
        lacking::warnings(&self.head.sections).into_iter().chain(changed).collect()
    }
}

/// Rows that are waited for come no more, by `cancel`, once the attempt is told to stop.
pub fn follow(control: &Control, cancel: &CancellationToken) -> Follower {
    let (stop, cancel) = (control.cancel.clone(), cancel.clone());
    let following = tokio::spawn(async move {
        stop.cancelled().await;
        cancel.cancel();
    });
    Follower(following.abort_handle())
}

/// The rows of the next section, which is `section`.
///
/// # Errors
/// When there is none: a reading has as many as it tells of.
pub fn next_of(reading: &mut Reading, section: &Section) -> Result<Box<dyn Rows>, DataError> {
    let lost = || DataError {
        data_set: section.name.clone(),
        section: Some(section.name.clone()),
        fault: DataFault::SourceLost { row: None },
    };
    reading.next_section().ok_or_else(lost)
}

/// Rows that are told as they go by.
struct Counted {
    rows: Box<dyn Rows>,
    control: Control,
}

impl Rows for Counted {
    fn schema(&self) -> &Arc<Schema> {
        self.rows.schema()
    }

    fn next(&mut self, room: Batch) -> Result<Option<Batch>, DataError> {
        let batch = self.rows.next(room)?;
        let came = batch.as_ref().map_or(0, Batch::len) as u64;
        self.control.tell(|progress| progress.rows_done += came);
        Ok(batch)
    }
}

/// Ends with what it follows.
pub struct Follower(AbortHandle);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Document for DataDocument {
    fn name(&self) -> String {
        format!("{}.{}", slug(&self.data_set), self.format.extension())
    }

    fn write(&mut self, out: &mut (dyn Write + Send), control: &Control) -> Result<Written, PackError> {
        let total = self.total();
        control.tell(|progress| progress.rows_total = Some(total));
        let _follows = follow(control, &self.cancel);
        let written = self.format(out, control);
        // Whoever is told to stop says so, whatever else broke because of it.
        control.check()?;
        let warnings = self.warnings(written?);
        Ok(Written { warnings, rows: Some(total), ..Written::default() })
    }
}

/// The report that a template, as it was when it was asked for, makes.
fn report(set: &DataSet, template: Value) -> Result<Report, LoadError> {
    Report::read(template).map_err(|faults| {
        let why = faults.into_iter().map(|fault| fault.to_string()).collect::<Vec<_>>().join("; ");
        let fault = DataFault::Template { template: "of this export".to_owned(), why };
        LoadError::Data(DataError { data_set: set.name().to_owned(), section: None, fault })
    })
}

/// What a document says of itself.
pub fn metadata(set: &DataSet, order: &Order, read: Option<(u64, Timestamp)>) -> Vec<(String, String)> {
    let export = order.export.map(|id| ("export", id.to_string()));
    let facts = [
        ("kind", order.selection.kind().to_string()),
        ("data set", set.name().to_owned()),
        ("owner", order.owner.to_string()),
        ("selector", order.selection.to_json().to_string()),
        ("made by", concat!("exportd ", env!("CARGO_PKG_VERSION")).to_owned()),
    ];
    let read = read.map(|(rows, at)| [("snapshot at", at.to_string()), ("rows", rows.to_string())]);
    export
        .into_iter()
        .chain(facts)
        .chain(read.into_iter().flatten())
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// What a formatter's error means for the package.
pub fn told(error: FormatError, data_set: String, section: Option<String>) -> PackError {
    match error {
        FormatError::Output(error) => PackError::Output(error),
        FormatError::Data(fault) => PackError::Data(DataError { data_set, section, fault }),
        FormatError::Library(why) => PackError::Format(why),
    }
}
