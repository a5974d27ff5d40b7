//! Rows that become one document.

use std::io::Write;

use tokio::task::AbortHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::datasets::{DataSet, Reading};
use crate::domain::{Format, Timestamp, Warning, WarningCode, slug};
use crate::formats::{FormatError, FormatOptions, formatter};
use crate::packaging::{Control, Document, Order, PackError, Written};
use crate::records::{Batch, DataError, Head, Section};

/// One data set, read once and written once.
pub struct DataDocument {
    data_set: String,
    head: Head,
    reading: Reading,
    format: Format,
    options: FormatOptions,
    is_masked: bool,
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
        now: Timestamp,
        cancel: CancellationToken,
    ) -> Self {
        let sections = reading.sections();
        let metadata = match order.options.include_metadata {
            Some(false) => Vec::new(),
            _ => metadata(set, order, Some(sections.iter().map(|section| section.rows).sum()), now),
        };
        Self {
            data_set: set.name().to_owned(),
            head: Head { title: set.title().to_owned(), metadata, sections },
            reading,
            format: order.format,
            options: FormatOptions { bom: order.options.bom.unwrap_or_default(), ..format.clone() },
            is_masked: set.has_masks() && !order.pins.unmasked,
            _ends_with_us: cancel.clone().drop_guard(),
            cancel,
        }
    }

    fn total(&self) -> u64 {
        self.head.sections.iter().map(|section| section.rows).sum()
    }

    fn format(&mut self, out: &mut (dyn Write + Send), control: &Control) -> Result<Vec<String>, PackError> {
        let mut formatter = formatter(self.format, out, &self.options)
            .ok_or_else(|| PackError::Format(format!("there is no formatter of {}", self.format)))?;
        let name = self.data_set.clone();
        let failed = |section: Option<&Section>| {
            let (data_set, section) = (name.clone(), section.map(|section| section.name.clone()));
            move |error| told(error, data_set, section)
        };
        formatter.begin(&self.head).map_err(failed(None))?;
        for (place, section) in self.head.sections.iter().enumerate() {
            formatter.section(section).map_err(failed(Some(section)))?;
            let mut rows = self.reading.rows(place);
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

    fn warnings(&self, messages: Vec<String>) -> Vec<Warning> {
        let left_out = self.reading.left_out().into_iter().zip(&self.head.sections);
        let left_out = left_out.filter(|(rows, _)| *rows > 0).map(|(rows, section)| Warning {
            code: WarningCode::RowsLeftOut,
            path: Some(section.name.clone()),
            message: format!(
                "{rows} rows are left out: an export has at most {} rows of this; ask for a part",
                section.rows
            ),
        });
        let changed = messages.into_iter().map(|message| Warning {
            code: WarningCode::ContentChanged,
            path: None,
            message,
        });
        let masked = self.is_masked.then(|| Warning {
            code: WarningCode::DataMasked,
            path: None,
            message: "personal data are masked".to_owned(),
        });
        left_out.chain(changed).chain(masked).collect()
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

/// What a document says of itself.
pub fn metadata(set: &DataSet, order: &Order, rows: Option<u64>, now: Timestamp) -> Vec<(String, String)> {
    let export = order.export.map(|id| ("export", id.to_string()));
    let facts = [
        ("kind", order.selection.kind().to_string()),
        ("data set", set.name().to_owned()),
        ("owner", order.owner.to_string()),
        ("selector", order.selection.to_json().to_string()),
        ("snapshot at", now.to_string()),
        ("made by", concat!("exportd ", env!("CARGO_PKG_VERSION")).to_owned()),
    ];
    let rows = rows.map(|rows| ("rows", rows.to_string()));
    export.into_iter().chain(facts).chain(rows).map(|(name, value)| (name.to_owned(), value)).collect()
}

/// What a formatter's error means for the package.
pub fn told(error: FormatError, data_set: String, section: Option<String>) -> PackError {
    match error {
        FormatError::Output(error) => PackError::Output(error),
        FormatError::Data(fault) => PackError::Data(DataError { data_set, section, fault }),
        FormatError::Library(why) => PackError::Format(why),
    }
}
