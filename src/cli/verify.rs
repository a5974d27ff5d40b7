//! `exportd verify`: is a package what was sealed?

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use hyper::Method;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::outcome::{Exit, Failure};
use super::output;
use super::pack::manifest_of;
use super::plain::{plain, plain_path};
use super::server_args::{ServerArgs, refused};
use super::signals::cancel_on_interrupt;
use crate::domain::ExportId;
use crate::packaging::{Check, Manifest, Verification, VerifyError, check_signature, verify};
use crate::security::PublicKeys;

/// Read a package again and hold it against its manifest
#[derive(Debug, Args)]
#[command(after_help = r#"Example:
  exportd verify shop.zip
Reads shop.zip.manifest.json too, if it is there; without it, structure and CRCs are checked.

  exportd verify shop.tar.zst --key key.pem
  exportd verify 01987b3e-5d1c-7c3a-9f5e-0123456789ab --server http://exports.example

The server signs manifests. To check that without exportd:
  curl -s http://127.0.0.1:8080/api/v1/keys | python3 -c 'import json,sys; print(json.load(sys.stdin)["keys"][0]["pem"])' > key.pem
  python3 -c 'import base64,json,sys; m=json.load(open(sys.argv[1],encoding="utf-8")); open("m.sig","wb").write(base64.b64decode(m.pop("signature")["value"])); open("m.jcs","wb").write(json.dumps(m,sort_keys=True,separators=(",",":"),ensure_ascii=False).encode())' shop.zip.manifest.json
  openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in m.jcs -sigfile m.sig"#)]
pub struct Verify {
    /// The package; or an export's id, whose package the server then reads
    #[arg(value_name = "FILE|ID")]
    what: PathBuf,
    /// Its manifest, if it lies elsewhere
    #[arg(long, value_name = "FILE")]
    manifest: Option<PathBuf>,
    /// Also check who signed the manifest: a public key in PEM, or what /api/v1/keys answers
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    server: ServerArgs,
}

impl Verify {
    /// Reads the package, or has it read, and tells what was found.
    ///
    /// # Errors
    /// When it cannot be read; a broken package is a finding, told by the exit code.
    pub fn run(self) -> Result<Exit, Failure> {
        let found = match self.export() {
            Some(id) => self.ask(id)?,
            None => self.read()?,
        };
        if self.json {
            output::json(&found)?;
        } else {
            output::result(told(&found))?;
        }
        Ok(if found.ok { Exit::Done } else { Exit::Damaged })
    }

    /// The export that is meant, unless a file is.
    fn export(&self) -> Option<ExportId> {
        let id = self.what.to_str()?.parse().ok()?;
        (!self.what.exists() && self.manifest.is_none()).then_some(id)
    }

    fn ask(&self, id: ExportId) -> Result<Verification, Failure> {
        if self.key.is_some() {
            let words = "the server checks signatures with its own keys; --key is for files";
            return Err(Failure::new(Exit::WrongUse, words));
        }
        let client = self.server.client()?;
        let path = format!("/api/v1/exports/{id}/verify");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answer = runtime.block_on(client.json(Method::POST, &path, Value::Null));
        let answer = answer.map_err(|error| refused(&error))?;
        serde_json::from_value(answer).map_err(|error| Failure::because(&error))
    }

    fn read(&self) -> Result<Verification, Failure> {
        let keys = self.keys()?;
        let json = self.manifest()?;
        let manifest: Option<Manifest> = json.as_deref().map(parsed).transpose()?;
        let package = File::open(&self.what).map_err(|error| unreadable(&self.what, &error))?;
        let cancel = CancellationToken::new();
        cancel_on_interrupt(&cancel);
        let found = verify(Arc::new(package), manifest.as_ref(), &cancel).map_err(|error| failure(&error))?;
        match (json, keys) {
            (Some(json), Some(keys)) => Ok(found.with(check_signature(&json, &keys))),
            (None, Some(_)) => Ok(found.with(Check::bad("signature", "there is no manifest to be signed"))),
            (None, None) => {
                output::note("no manifest beside it: structure and CRCs only");
                Ok(found)
            }
            (Some(_), None) => Ok(found),
        }
    }

    fn manifest(&self) -> Result<Option<Vec<u8>>, Failure> {
        let path = self.manifest.clone().unwrap_or_else(|| manifest_of(&self.what));
        match fs::read(&path) {
            Ok(json) => Ok(Some(json)),
            Err(error) if error.kind() == io::ErrorKind::NotFound && self.manifest.is_none() => Ok(None),
            Err(error) => Err(unreadable(&path, &error)),
        }
    }

    fn keys(&self) -> Result<Option<PublicKeys>, Failure> {
        let Some(path) = &self.key else { return Ok(None) };
        let text = fs::read_to_string(path).map_err(|error| unreadable(path, &error))?;
        let keys = PublicKeys::parse(&text);
        keys.map(Some).map_err(|error| Failure::new(Exit::WrongUse, format!("{}: {error}", plain_path(path))))
    }
}

fn parsed(json: &[u8]) -> Result<Manifest, Failure> {
    let no_manifest = |error| Failure::new(Exit::Damaged, format!("the manifest is none: {error}"));
    serde_json::from_slice(json).map_err(no_manifest)
}

fn failure(error: &VerifyError) -> Failure {
    match error {
        VerifyError::Cancelled => Failure::new(Exit::Interrupted, "interrupted"),
        VerifyError::Disk(_) => Failure::because(error),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let exit = if error.kind() == io::ErrorKind::NotFound { Exit::Missing } else { Exit::Failed };
    Failure::new(exit, format!("{} cannot be read: {error}", plain_path(path)))
}

/// One line a check.
pub fn told(found: &Verification) -> String {
    let line = |check: &Check| {
        format!("{:<7} {:<10} {}", if check.ok { "ok" } else { "BROKEN" }, check.name, plain(&check.detail))
    };
    found.checks.iter().map(line).collect::<Vec<_>>().join("\n")
}
