//! The operator's SQL, as text with holes: which names are parameters, which clauses are optional.
//! Nothing here judges what the SQL does; that it only reads is the source's to enforce.

mod dialect;
mod scan;
mod statement;

pub(super) use dialect::Dialect;
pub(super) use scan::ScanFault;
pub(super) use statement::{Bound, Statement};
