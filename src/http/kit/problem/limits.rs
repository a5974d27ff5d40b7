//! Limits that were reached.

use http::StatusCode;
use http::header::RETRY_AFTER;

use super::Problem;
use super::rooms::unavailable;
use crate::app::{AdmitError, LimitsError, SettingsError, Unchanged};
use crate::domain::{Allowance, Policy, Refusal, human_size};
use crate::http::kit::fields::FieldFault;
use crate::http::rate_limit;

impl From<AdmitError> for Problem {
    fn from(error: AdmitError) -> Self {
        match error {
            AdmitError::Refused(refusal) => refusal.into(),
            AdmitError::Store(error) => unavailable(&error),
        }
    }
}

impl From<LimitsError> for Problem {
    fn from(error: LimitsError) -> Self {
        match error {
            LimitsError::NotAllowed => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", error.to_string()),
            LimitsError::Store(error) => unavailable(&error),
        }
    }
}

impl From<SettingsError> for Problem {
    fn from(error: SettingsError) -> Self {
        let detail = error.to_string();
        match error {
            SettingsError::NotAdmin => Self::new(StatusCode::FORBIDDEN, "FORBIDDEN", detail),
            SettingsError::Unchanged(unchanged) => {
                let fault = |Unchanged { key, why }| {
                    let key = key.replace('~', "~0").replace('/', "~1");
                    FieldFault { pointer: format!("/settings/{key}"), message: why }
                };
                let faults = unchanged.into_iter().map(fault).collect();
                Self::new(StatusCode::BAD_REQUEST, "VALIDATION_FAILED", format!("{detail}; see errors"))
                    .with_errors(faults)
            }
            SettingsError::Store(error) => unavailable(&error),
        }
    }
}

/// Told in the words of whoever's limit it is.
impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let Refusal { reached, .. } = &refusal;
        let code = match reached.policy {
            Policy::ExportsPerHour
            | Policy::ExportsPerDay
            | Policy::DownloadsPerMinute
            | Policy::JobsPerUser => "RATE_LIMITED",
            Policy::DownloadBytesPerDay | Policy::UserStorage => "QUOTA_EXCEEDED",
        };
        let seconds = refusal.retry_after_seconds();
        Self::new(StatusCode::TOO_MANY_REQUESTS, code, detail(reached, seconds))
            .with_headers(rate_limit::fields(&refusal.looked_at, refusal.now))
            .header(RETRY_AFTER, seconds)
            .with("retryAfterSeconds", seconds)
            .with("policy", rate_limit::name(reached.policy))
            .with("limit", reached.limit)
            .with("used", reached.used)
            .with("remaining", reached.remaining())
    }
}

fn detail(reached: &Allowance, seconds: u64) -> String {
    let Allowance { policy, limit, used, .. } = *reached;
    let [most, taken] = [limit, used].map(human_size);
    match policy {
        Policy::ExportsPerHour => {
            format!("you may ask for {limit} exports in an hour; try again in {seconds} s")
        }
        Policy::ExportsPerDay => {
            format!("you may ask for {limit} exports in a day; try again in {seconds} s")
        }
        Policy::DownloadsPerMinute => {
            format!("you may begin {limit} downloads in a minute; try again in {seconds} s")
        }
        Policy::DownloadBytesPerDay => {
            format!(
                "this would be more than the {most} that you may download in a day, of which {taken} are used"
            )
        }
        Policy::UserStorage => format!(
            "your packages take {taken} of the {most} that you may keep; delete some that you no longer need, or wait until they expire"
        ),
        Policy::JobsPerUser => format!("{limit} of your jobs run already"),
    }
}
