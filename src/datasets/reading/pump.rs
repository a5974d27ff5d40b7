//! The task that reads sections from their source, one after another.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::flow::Flow;
use super::within::{GivenUp, within};
use crate::datasets::source::{Snapshot, Source, Trouble};
use crate::datasets::sql::Bound;
use crate::records::{DataError, DataFault};

/// One section that is to be read.
pub(super) struct Section {
    pub(super) name: String,
    pub(super) query: Bound,
    pub(super) flow: Flow,
}

/// A snapshot, and what is to be read in it.
pub(super) struct Pump {
    pub(super) data_set: String,
    pub(super) source: Arc<Source>,
    pub(super) snapshot: Box<dyn Snapshot>,
    pub(super) cancel: CancellationToken,
    /// The connection's place among those that the source has.
    pub(super) seat: OwnedSemaphorePermit,
}

impl Pump {
    /// Reads `sections` to their end, or until one of them fails: then nobody waits for the others.
    pub(super) async fn run(mut self, sections: Vec<Section>) {
        for mut section in sections {
            let out = section.flow.out();
            let Err(trouble) = self.read(&mut section).await else { continue };
            let fault = fault_of(trouble, &self.source, section.flow.row());
            self.snapshot.stop().await;
            // The connection and its seat are free before anyone hears of it.
            drop((self.snapshot, self.seat));
            let error = DataError { data_set: self.data_set, section: Some(section.name), fault };
            // When nobody reads any more, nobody needs to know.
            let _ = out.send(Err(error)).await;
            return;
        }
    }

    async fn read(&mut self, section: &mut Section) -> Result<(), Trouble> {
        let out = section.flow.out();
        let deadline = Instant::now() + self.source.timeout;
        let work = async {
            self.snapshot.read(&section.query, &mut section.flow).await?;
            section.flow.finish().await
        };
        tokio::select! {
            biased;
            () = out.closed() => Err(DataFault::Stopped.into()),
            read = within(deadline, &self.cancel, work) => read.map_err(Trouble::from)?,
        }
    }
}

impl From<GivenUp> for Trouble {
    fn from(given_up: GivenUp) -> Self {
        match given_up {
            GivenUp::Late => Self::Late,
            GivenUp::Stopped => Self::Fault(DataFault::Stopped),
        }
    }
}

/// What is told to whoever asked; what the source said goes into the log.
pub(super) fn fault_of(trouble: Trouble, source: &Source, row: Option<u64>) -> DataFault {
    let after: Duration = source.timeout;
    match trouble {
        Trouble::Lost(said) => {
            tracing::warn!(source = source.name, said, "a source of data does not answer");
            DataFault::SourceLost { row }
        }
        Trouble::Refused { why, said } => {
            tracing::warn!(source = source.name, said, "a source of data refuses a query");
            DataFault::Query { row, why }
        }
        Trouble::Late => DataFault::Deadline { after, row },
        Trouble::Fault(fault) => fault,
    }
}
