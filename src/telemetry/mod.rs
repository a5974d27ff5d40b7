//! Every instrument exportd owns, in one struct, and the log's set-up.

mod log;
mod metrics;

pub use log::{LogConfig, LogFormat, filter_log, init as init_log, whole_millis};
pub use metrics::{Instruments, Metrics};
