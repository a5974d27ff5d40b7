//! exportd: ask for an export, and download, resume and verify its package.
//!
//! One line per room; imports only go down (`ARCHITECTURE.md`, kept by `tests/floors`).

pub mod app;
pub mod bell;
pub mod cli;
pub mod clock;
pub mod config;
pub mod config_units;
pub mod daemon;
pub mod datasets;
pub mod db;
pub mod domain;
pub mod formats;
pub mod http;
pub mod jobs;
pub mod ledger;
pub mod loaders;
pub mod otel;
pub mod outbound;
pub mod packaging;
pub mod projects;
pub mod records;
pub mod reports;
pub mod security;
pub mod storage;
pub mod telemetry;
pub mod transfer;
