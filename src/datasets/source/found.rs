//! What a source says its columns are.

use crate::records::Type;

/// A column as the source tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::datasets) struct Found {
    /// Its name.
    pub(in crate::datasets) name: String,
    /// What the source calls its type.
    pub(in crate::datasets) told: String,
    /// What its cells come as.
    pub(in crate::datasets) gives: Gives,
}

/// What the cells of a column come as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::datasets) enum Gives {
    /// Cells of one type.
    One(Type),
    /// Cells of any type: each is looked at (an expression of SQLite, or a column of no affinity).
    Any,
    /// Cells of any type, of a column that was made for this one (SQLite keeps what it is given).
    Loose(Type),
    /// Nothing that is read here.
    Unreadable,
}

impl Gives {
    /// Whether such cells may be of the type `declared`; each is looked at when it comes.
    pub(in crate::datasets) fn may_be(self, declared: Type) -> bool {
        match self {
            Self::One(kind) => kind == declared || converts(kind, declared),
            Self::Any => true,
            // Whatever is put into a column of text becomes text, but for bytes.
            Self::Loose(Type::Text) => !matches!(declared, Type::Boolean | Type::Integer | Type::Number),
            Self::Loose(_) => true,
            Self::Unreadable => false,
        }
    }

    /// What to take such a column for when nobody declared it.
    pub(in crate::datasets) fn inferred(self) -> Option<Type> {
        match self {
            Self::One(kind) | Self::Loose(kind) => Some(kind),
            Self::Any | Self::Unreadable => None,
        }
    }
}

/// Whether a cell of `kind` can be one of `declared` without losing anything, perhaps.
fn converts(kind: Type, declared: Type) -> bool {
    matches!(
        (kind, declared),
        (Type::Integer, Type::Boolean | Type::Number | Type::Decimal)
            | (Type::Decimal, Type::Integer | Type::Number)
            | (Type::Json, Type::Text)
            | (Type::Text, Type::Json)
    )
}
