//! What can be exported beside projects: data sets, declared by the operator over their own
//! databases and files.

pub mod reference;
