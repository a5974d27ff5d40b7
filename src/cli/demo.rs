//! `exportd demo`: the whole road on embedded defaults, each step shown.

use std::fs::{self, File};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clap::Args;
use hyper::Method;
use hyper::header::{ETAG, HeaderName, IF_RANGE, RANGE};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::app::LimitsConfig;
use crate::clock::Clock;
use crate::config::Settings;
use crate::daemon::{self, OpenHouse};
use crate::domain::{Role, Sha256, UserId, human_size};
use crate::packaging::{Manifest, verify};
use crate::security::{Claims, Secret, sign};
use crate::telemetry;

use super::client::{Client, ClientError};
use super::outcome::{Exit, Failure};
use super::output;
use super::sample;
use super::signals::stop_on_signal;
use super::verify::told;

/// Walk the whole road on embedded defaults: ask, follow, download in two halves, verify
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd demo --once --listen 127.0.0.1:0 --data /tmp/exportd-demo")]
pub struct Demo {
    /// Exit when everything worked, instead of serving on
    #[arg(long)]
    once: bool,
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Where database and packages lie
    #[arg(long, value_name = "DIR", default_value = "./exportd-demo")]
    data: PathBuf,
}

/// The sample user.
const USER: &str = "demo";
/// The sample project.
const PROJECT: &str = "this-folder";
/// How long the sample user stays signed in.
const SIGNED_IN: Duration = Duration::from_secs(86_400);

impl Demo {
    /// Opens a house, walks through it, and serves on unless told otherwise.
    ///
    /// # Errors
    /// The step that did not work.
    pub fn run(self) -> Result<Exit, Failure> {
        let here = std::env::current_dir()?;
        fs::create_dir_all(&self.data)?;
        let secret = kept_secret(&self.data)?;
        sample::prepare(&self.data, USER)?;
        let settings = settings(&self, &here, &secret);
        telemetry::init_log(&settings.log);

        let stop = CancellationToken::new();
        let outcome = Arc::new(Mutex::new(Ok(Exit::Done)));
        let (shown, walk_stop) = (Arc::clone(&outcome), stop.clone());
        daemon::run(&settings, Clock::system(), &stop, move |house| {
            stop_on_signal(walk_stop.clone());
            tokio::spawn(async move {
                let walked = walk(&house, &secret, &here, &self.data).await;
                if walked.is_ok() && !self.once {
                    say(format_args!("\nStill serving on http://{}; press Ctrl-C to stop.", house.address));
                    return;
                }
                *shown.lock().unwrap_or_else(PoisonError::into_inner) = walked.map(|()| Exit::Done);
                walk_stop.cancel();
            });
        })
        .map_err(|error| Failure::because(&error))?;
        std::mem::replace(&mut *outcome.lock().unwrap_or_else(PoisonError::into_inner), Ok(Exit::Done))
    }
}

fn settings(args: &Demo, here: &Path, secret: &Secret) -> Settings {
    let mut settings = Settings::default();
    args.listen.to_string().clone_into(&mut settings.server.listen);
    settings.server.ops_listen = "off".to_owned().into();
    settings.database.url = format!("sqlite://{}", args.data.join("exportd.db").display());
    settings.storage.root = args.data.join("packages");
    settings.projects.root = args.data.join("projects");
    settings.projects.allowed_roots = vec![here.to_owned()];
    settings.projects.own = vec![args.data.clone()];
    settings.datasets.file = Some(args.data.join(sample::DECLARED));
    settings.jwt.secret = Some(secret.clone());
    // Whoever tries things out is not to be stopped at the tenth.
    settings.user_limits =
        LimitsConfig { jobs_per_user: settings.user_limits.jobs_per_user, ..LimitsConfig::unlimited() };
    settings.log.level = "warn".to_owned();
    settings
}

/// The key that signs the sample user's token; the same at every start, so that a token shown
/// earlier keeps working.
fn kept_secret(data: &Path) -> io::Result<Secret> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let path = data.join("jwt.secret");
    if let Ok(kept) = fs::read_to_string(&path) {
        return Ok(Secret::new(kept));
    }
    let fresh: String = rand::random::<[u8; 32]>().iter().map(|byte| format!("{byte:02x}")).collect();
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?
        .write_all(fresh.as_bytes())?;
    Ok(Secret::new(fresh))
}

/// One step, as a person would take it with curl.
pub(super) struct Tour {
    pub(super) client: Client,
    pub(super) base: String,
    step: u8,
}

impl Tour {
    pub(super) fn step(&mut self, what: &str, curl: &str) {
        self.step += 1;
        say(format_args!("\n{}. {what}", self.step));
        say(format_args!("   curl -H \"Authorization: Bearer $TOKEN\" {curl}"));
    }
}

async fn walk(house: &OpenHouse, secret: &Secret, here: &Path, data: &Path) -> Result<(), Failure> {
    let user: UserId = USER.parse().expect("a valid id");
    let claims = Claims::new(user, Role::User, Clock::system().now().plus(SIGNED_IN));
    let token = sign(secret, &claims).map_err(|error| Failure::because(&error))?;
    let base = format!("http://{}/api/v1", house.address);
    say(format_args!("listening on http://{}", house.address));
    say(format_args!(
        "\nYou are signed in as `{USER}`. In a browser, sign in with this token at http://{}/\n\
         In another terminal, the steps below work after\n\n   TOKEN={token}",
        house.address
    ));
    let mut tour = Tour { client: Client::at(house.address, token), base, step: 0 };

    register(&mut tour, here).await?;
    let export = request(&mut tour).await?;
    let export = follow(&mut tour, &export).await?;
    let package = download(&mut tour, &export, data).await?;
    check(&mut tour, &export, &package).await?;
    sample::show(&mut tour, data).await
}

async fn register(tour: &mut Tour, here: &Path) -> Result<(), Failure> {
    let project = json!({"name": folder_name(here), "source": {"type": "directory", "path": here}});
    let url = format!("{}/projects/{PROJECT}", tour.base);
    tour.step(
        "Register this folder as a project",
        &format!("-X PUT -H 'Content-Type: application/json' \\\n     -d '{project}' {url}"),
    );
    tour.client.json(Method::PUT, &format!("/api/v1/projects/{PROJECT}"), project).await?;
    say(format_args!("   → {}", here.display()));
    Ok(())
}

async fn request(tour: &mut Tour) -> Result<Value, Failure> {
    let wanted = json!({"kind": "project", "format": "zip", "selector": {"projectId": PROJECT}});
    tour.step(
        "Ask for an export of it",
        &format!("-H 'Content-Type: application/json' \\\n     -d '{wanted}' {}/exports", tour.base),
    );
    let export = tour.client.json(Method::POST, "/api/v1/exports", wanted).await?;
    let seen =
        if export["deduplicated"] == json!(true) { " (an identical one was there already)" } else { "" };
    say(format_args!("   → export {} is {}{seen}", text(&export["id"]), text(&export["status"])));
    Ok(export)
}

pub(super) async fn follow(tour: &mut Tour, export: &Value) -> Result<Value, Failure> {
    let id = text(&export["id"]);
    tour.step("Follow it to its end", &format!("-H 'Prefer: wait=30' {}/exports/{id}", tour.base));
    let mut shown = None;
    loop {
        let export = tour.client.json(Method::GET, &format!("/api/v1/exports/{id}"), Value::Null).await?;
        let progress = &export["progress"];
        let line = format!("{}, {} %", text(&progress["phase"]), progress["percent"]);
        if shown.as_ref() != Some(&line) {
            say(format_args!("   → {line}"));
            shown = Some(line);
        }
        match export["status"].as_str() {
            Some("completed") => {
                let size = human_size(export["fileSize"].as_u64().unwrap_or(0));
                say(format_args!(
                    "   → {}: {} files, {size}",
                    text(&export["fileName"]),
                    export["fileCount"]
                ));
                return Ok(export);
            }
            Some("scheduled" | "queued" | "processing") => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            _ => {
                let why = text(&export["error"]["message"]).to_owned();
                return Err(Failure::new(Exit::Failed, format!("the export did not complete: {why}")));
            }
        }
    }
}

async fn download(tour: &mut Tour, export: &Value, data: &Path) -> Result<PathBuf, Failure> {
    let path = format!("/api/v1/exports/{}/download", text(&export["id"]));
    let url = format!("{}/exports/{}/download", tour.base, text(&export["id"]));
    let (name, size) = (text(&export["fileName"]), export["fileSize"].as_u64().unwrap_or(0));
    let target = data.join(name);
    let mut file = File::create(&target)?;

    let half = size / 2;
    tour.step(
        "Download the first half, as if the line had broken",
        &format!("-r 0-{} -o {name} {url}", half - 1),
    );
    let first = [(RANGE, format!("bytes=0-{}", half - 1))];
    let (status, headers) = tour.client.receive(&path, &first, &mut file).await?;
    say(format_args!("   → {status}, {}", human_size(half)));

    tour.step("Resume", &format!("-C - -o {name} {url}"));
    let etag = headers.get(ETAG).and_then(|tag| tag.to_str().ok()).unwrap_or_default().to_owned();
    let rest: [(HeaderName, String); 2] = [(RANGE, format!("bytes={half}-")), (IF_RANGE, etag)];
    let (status, _) = tour.client.receive(&path, &rest, &mut file).await?;
    say(format_args!("   → {status}, saved as {}", target.display()));
    Ok(target)
}

async fn check(tour: &mut Tour, export: &Value, package: &Path) -> Result<(), Failure> {
    let path = format!("/api/v1/exports/{}/manifest", text(&export["id"]));
    tour.step(
        "Verify it against its checksum and its manifest",
        &format!("{}/exports/{}/manifest", tour.base, text(&export["id"])),
    );
    let manifest = tour.client.json(Method::GET, &path, Value::Null).await?;
    let manifest: Manifest = serde_json::from_value(manifest).map_err(ClientError::from)?;
    let checksum = manifest.package.sha256;
    let package = Arc::new(File::open(package)?);
    let never = CancellationToken::new();
    let found = tokio::task::spawn_blocking(move || verify(package, Some(&manifest), &never));
    let found = found.await.expect("verifying does not panic").map_err(|error| Failure::because(&error))?;
    for line in told(&found).lines() {
        say(format_args!("   → {line}"));
    }
    let promised: Result<Sha256, _> = text(&export["checksum"]).parse();
    if !found.ok || promised != Ok(checksum) {
        return Err(Failure::new(Exit::Damaged, "the package is not what was sealed".to_owned()));
    }
    Ok(())
}

fn folder_name(folder: &Path) -> String {
    folder.file_name().map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned())
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The tour is the result. Nobody may be reading it any more; the house stays open all the same.
pub(super) fn say(words: std::fmt::Arguments<'_>) {
    let _ = output::result(words);
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::because(&error)
    }
}
