//! A package that is still being made is waited for.

use serde_json::Value;
use tokio::time::sleep;

use super::effort::Effort;
use super::fault::{GetError, Trouble};
use super::offer::Offer;
use crate::cli::plain::plain;

/// What the server offers, as soon as there is something; at once or not at all, where nobody
/// `waits`.
///
/// # Errors
/// When there will be no package.
pub async fn offer(effort: &Effort, waits: bool) -> Result<Offer, Trouble> {
    let mut told = String::new();
    loop {
        let (status, after) = match effort.insist(async || effort.source.offer().await).await {
            Err(Trouble::NotReady { status, .. }) if !waits => return Err(GetError::NotReady(status).into()),
            Err(Trouble::NotReady { status, after }) => (status, after),
            other => return other,
        };
        let export = effort.unless_stopped(effort.source.progress()).await?;
        let words = words(&status, export.as_ref());
        if words != told {
            effort.progress.note(&words);
            told = words;
        }
        effort.unless_stopped(sleep(after)).await?;
    }
}

/// How far the export is, to the tenth: a log is not to fill with it.
fn words(status: &str, export: Option<&Value>) -> String {
    let progress = export.map(|export| &export["progress"]);
    let phase = progress.and_then(|progress| progress["phase"].as_str()).map(plain);
    let percent =
        progress.and_then(|progress| progress["percent"].as_u64()).map_or(0, |percent| percent / 10 * 10);
    match phase {
        Some(phase) if percent > 0 => format!("waiting for the package: {phase}, {percent} %"),
        Some(phase) => format!("waiting for the package: {phase}"),
        None => format!("waiting for the package: {status}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::words;

    #[test]
    fn what_is_waited_for_is_told_as_far_as_it_is_known() {
        let export = json!({"progress": {"phase": "compressing", "percent": 47}});
        assert_eq!(words("processing", Some(&export)), "waiting for the package: compressing, 40 %");
        assert_eq!(words("queued", Some(&json!({}))), "waiting for the package: queued");
        assert_eq!(words("queued", None), "waiting for the package: queued");
    }
}
