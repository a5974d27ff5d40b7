//! `datasets.toml`, read so that every fault names its line, its data set and what to do.

mod columns;
mod data_sets;
mod parameters;
mod queries;
mod sources;
mod table;

pub(super) use data_sets::read;
