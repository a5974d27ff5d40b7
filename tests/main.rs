//! What a user of exportd would notice: one file per behaviour.

mod auth;
mod cancelling;
mod cli;
mod clients;
mod commands;
mod crash_recovery;
mod database_away;
mod disk_full;
mod downloading;
mod engine;
mod entries;
mod expiry;
mod floors;
mod following;
mod listing;
mod metrics;
mod openapi;
mod packing;
mod problems;
mod projects;
mod repositories;
mod requesting;
mod shutdown;
mod support;
