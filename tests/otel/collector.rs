//! A collector that tests can look into.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::formats::tools::python;

/// A running collector, and what it was told.
pub struct Collector {
    folder: TempDir,
    child: Child,
    port: u16,
}

impl Collector {
    /// One at a free port.
    pub fn start() -> Self {
        Self::start_at(0)
    }

    /// One at `port`.
    pub fn start_at(port: u16) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(python())
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/otel/collector.py"))
            .arg(folder.path())
            .arg(port.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python is there");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says where");
        Self { folder, child, port: line.trim().parse().expect("a port") }
    }

    /// Its address.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every span that it was told.
    pub fn spans(&self) -> Vec<Value> {
        let spans = std::fs::read_to_string(self.file()).unwrap_or_default();
        spans.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }

    /// The only span of this name, in whatever trace.
    pub fn span(&self, name: &str) -> Value {
        let mut named: Vec<_> = self.spans().into_iter().filter(|span| span["name"] == name).collect();
        assert_eq!(named.len(), 1, "{name} of {:#?}", self.spans());
        named.swap_remove(0)
    }

    /// All that it was told, as it came.
    pub fn everything(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap_or_default()
    }

    fn file(&self) -> std::path::PathBuf {
        Path::join(self.folder.path(), "spans")
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // Gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
