//! What can be wrong with a package.

use std::io;

/// Which part of a package a fault is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// What compresses: gzip, Zstandard, DEFLATE.
    Coding,
    /// What holds the entries: tar, zip.
    Archive,
    /// The index beside the package.
    Index,
}

/// Why a package cannot be read on.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    /// It is not what it should be.
    #[error("{place}: {fault}")]
    Here {
        /// In which part.
        layer: Layer,
        /// Where, in words: `gzip trailer`, `header of a/b`.
        place: String,
        /// What is wrong there.
        fault: String,
    },
    /// The disk does not give it.
    #[error("the package cannot be read")]
    Disk(#[from] io::Error),
    /// Whoever wanted it does not any more.
    #[error("reading was cancelled")]
    Cancelled,
}

impl Damage {
    /// A fault of what compresses.
    pub(in crate::packaging) fn coding(place: impl Into<String>, fault: impl Into<String>) -> Self {
        Self::Here { layer: Layer::Coding, place: place.into(), fault: fault.into() }
    }

    /// A fault of what holds the entries.
    pub(in crate::packaging) fn archive(place: impl Into<String>, fault: impl Into<String>) -> Self {
        Self::Here { layer: Layer::Archive, place: place.into(), fault: fault.into() }
    }

    /// An index that does not fit its package.
    pub(in crate::packaging) fn index(fault: impl Into<String>) -> Self {
        Self::Here { layer: Layer::Index, place: "index".to_owned(), fault: fault.into() }
    }
}
