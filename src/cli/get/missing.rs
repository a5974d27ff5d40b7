//! Which bytes of a package are still to come.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Disjoint ranges in ascending order, none empty, that do not touch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Missing(Vec<Range<u64>>);

impl Missing {
    /// All of `size` bytes.
    pub fn all(size: u64) -> Self {
        Self(Some(0..size).filter(|range| !range.is_empty()).into_iter().collect())
    }

    /// These bytes are there now.
    pub fn fill(&mut self, there: &Range<u64>) {
        if there.is_empty() {
            return;
        }
        let first = self.0.partition_point(|range| range.end <= there.start);
        let last = self.0.partition_point(|range| range.start < there.end);
        if first >= last {
            return;
        }
        let before = self.0[first].start..there.start.max(self.0[first].start);
        let after = there.end.min(self.0[last - 1].end)..self.0[last - 1].end;
        let left = [before, after].into_iter().filter(|range| !range.is_empty());
        self.0.splice(first..last, left);
    }

    /// The ranges.
    pub fn ranges(&self) -> &[Range<u64>] {
        &self.0
    }

    /// How many bytes.
    pub fn bytes(&self) -> u64 {
        self.0.iter().map(|range| range.end - range.start).sum()
    }

    /// Whether these can be missing of `size` bytes: what was read from a file may say anything.
    pub fn is_of(&self, size: u64) -> bool {
        let sound = self.0.iter().all(|range| range.start < range.end && range.end <= size);
        sound && self.0.windows(2).all(|pair| pair[0].end < pair[1].start)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_comes_in_the_middle_leaves_two_gaps() {
        let mut missing = Missing::all(100);
        missing.fill(&(40..60));
        assert_eq!(missing.ranges(), [0..40, 60..100]);
        assert_eq!(missing.bytes(), 80);
        missing.fill(&(30..70));
        missing.fill(&(0..30));
        assert_eq!(missing.ranges(), std::slice::from_ref(&(70..100)));
        missing.fill(&(0..u64::MAX));
        assert_eq!((missing, Missing::all(0).bytes()), (Missing::all(0), 0));
    }

    #[test]
    fn what_cannot_be_missing_is_not_believed() {
        let read = |text: &str| serde_json::from_str::<Missing>(text).expect("ranges").is_of(100);
        assert!(read("[]") && read(r#"[{"start":0,"end":100}]"#));
        for wrong in [
            r#"[{"start":0,"end":101}]"#,
            r#"[{"start":5,"end":5}]"#,
            r#"[{"start":9,"end":5}]"#,
            r#"[{"start":50,"end":60},{"start":0,"end":10}]"#,
            r#"[{"start":0,"end":10},{"start":10,"end":20}]"#,
        ] {
            assert!(!read(wrong), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_byte_is_missing_exactly_until_it_came(filled in prop::collection::vec((0u64..70, 0u64..20), 0..20)) {
            let mut missing = Missing::all(60);
            for (start, length) in &filled {
                missing.fill(&(*start..start + length));
                prop_assert!(missing.is_of(60));
            }
            for byte in 0..60 {
                let came = filled.iter().any(|(start, length)| (*start..start + length).contains(&byte));
                let is_missing = missing.ranges().iter().any(|range| range.contains(&byte));
                prop_assert_eq!(is_missing, !came);
            }
        }
    }
}
