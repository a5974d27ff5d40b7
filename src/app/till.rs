//! The till: charges downloads, those that come at the same time in one transaction. A database
//! commits many as fast as one.

use tokio::sync::{mpsc, oneshot};

use crate::clock::Clock;
use crate::db::{Admitted, Charges, Fetch, Sent, StoreError};
use crate::domain::Limits;

/// Charged in one transaction.
const AT_ONCE: usize = 256;

type Answer = oneshot::Sender<Result<Admitted, StoreError>>;

/// Charges downloads. Whoever has asked is charged although they go away: what was reserved for
/// them is given back then.
#[derive(Debug, Clone)]
pub struct Till {
    line: mpsc::UnboundedSender<(Fetch, Answer)>,
    charges: Charges,
    configured: Limits,
    clock: Clock,
}

impl Till {
    /// A till where the server's own limits are `configured`. It closes with its runtime.
    pub fn open(charges: Charges, configured: Limits, clock: Clock) -> Self {
        let (line, mut waiting) = mpsc::unbounded_channel();
        let till = Self { line, charges: charges.clone(), configured, clock: clock.clone() };
        tokio::spawn(async move {
            let mut together = Vec::new();
            while waiting.recv_many(&mut together, AT_ONCE).await > 0 {
                let (fetches, answers): (Vec<Fetch>, Vec<Answer>) = together.drain(..).unzip();
                serve(&charges, &fetches, answers, &configured, &clock).await;
            }
        });
        till
    }

    /// Charges `fetch`, or refuses it.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is charged then.
    pub async fn charge(&self, fetch: Fetch) -> Result<Admitted, StoreError> {
        let (answer, answered) = oneshot::channel();
        if self.line.send((fetch.clone(), answer)).is_ok()
            && let Ok(admitted) = answered.await
        {
            return admitted;
        }
        // Nobody serves any more: the house is closing.
        self.charges.admit(&fetch, &self.configured, self.clock.now()).await
    }
}

async fn serve(
    charges: &Charges,
    fetches: &[Fetch],
    answers: Vec<Answer>,
    configured: &Limits,
    clock: &Clock,
) {
    let admitted: Vec<_> = match charges.admit_all(fetches, configured, clock.now()).await {
        Ok(admitted) => admitted.into_iter().map(Ok).collect(),
        // What is wrong with one is no fault of the others.
        Err(_) if fetches.len() > 1 => {
            let mut one_by_one = Vec::new();
            for fetch in fetches {
                one_by_one.push(charges.admit(fetch, configured, clock.now()).await);
            }
            one_by_one
        }
        Err(error) => vec![Err(error)],
    };
    for (answer, admitted) in answers.into_iter().zip(admitted) {
        if let Err(Ok(Admitted::In { reserved: Some(reserved), .. })) = answer.send(admitted) {
            give_back(charges, Sent { reserved, bytes: 0, ended: true }).await;
        }
    }
}

async fn give_back(charges: &Charges, sent: Sent) {
    if let Err(error) = charges.settle(&[sent]).await {
        tracing::warn!(%error, "bytes that nobody waited for were not given back; they count for a day");
    }
}
