//! That something is left out, and why.

use std::borrow::Cow;

use crate::packaging::{ExcludeReason, Excluded, Scan, Withheld};

/// Why something is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Why.
    pub reason: ExcludeReason,
    /// The pattern that said so, with its place when it stands in an ignore file; none for what
    /// is no pattern's doing.
    pub rule: Option<Cow<'static, str>>,
}

impl Verdict {
    /// Left out by one of our own patterns.
    pub(super) const fn by(reason: ExcludeReason, rule: &'static str) -> Self {
        Self { reason, rule: Some(Cow::Borrowed(rule)) }
    }

    /// Writes into `scan` that what is called `path` is left out; a folder's ends in `/`.
    pub fn tell(self, path: String, scan: &mut Scan) {
        let rule = self.rule.map(Cow::into_owned);
        if self.reason == ExcludeReason::Secret {
            let rule = rule.clone().unwrap_or_default();
            scan.secrets.push(Withheld { path: path.clone(), rule, line: None });
        }
        scan.excluded.push(Excluded { path, reason: self.reason, rule });
    }
}
