//! The layers put on one another, every value checked, and the rooms' parts cut out.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use config::{Config, Value, ValueKind};

use super::changed::AsFound;
use super::fault::{Fault, Faults};
use super::layer::{Layer, PREFIX};
use super::settings::Settings;
use super::table::{Preset, SETTINGS, Setting};
use super::values::{AUTH, Counting, Purpose, Values};
use super::{together, toml_file};
use crate::app::{LimitsConfig, SettingOrigin};
use crate::{datasets, jobs};

/// The file that is read when none is named.
const FILE: &str = "exportd.toml";

/// The file that declares data sets when none is named.
const DATA_SETS: &str = "datasets.toml";

/// The limits of one package; the other `limits.*` are of one user.
const PACKAGE_LIMITS: [&str; 4] = ["max_package", "max_files", "max_file", "ratio_alert"];
/// Those of one export of data.
const DATA_LIMITS: [&str; 4] = ["max_messages", "max_analytics_points", "max_traces", "max_rows"];
/// And these are those.
const USER_LIMITS: [&str; 5] =
    ["exports_per_hour", "exports_per_day", "downloads_per_minute", "download_bytes_per_day", "user_storage"];

/// Where settings are looked for.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Must be there if named; otherwise `exportd.toml` in the working directory, if it is there.
    pub file: Option<PathBuf>,
    /// The environment's variables; others than `EXPORTD__…` are passed over.
    pub environment: Vec<(OsString, OsString)>,
    /// `(key, value, the flag they came by)`, over everything else.
    pub flags: Vec<(String, String, String)>,
}

impl Sources {
    /// Nowhere: every setting is what it is when nobody says anything.
    pub(super) fn nowhere() -> Self {
        // A file named by nobody would be looked for.
        Self { file: Some(PathBuf::from("/dev/null")), ..Self::default() }
    }
}

/// All settings as they were found, right or wrong.
#[derive(Debug, Clone)]
pub struct Found {
    pub(super) values: Values,
    /// Secrets that stand in files of their own, and which.
    pub(super) twins: Vec<(&'static str, PathBuf)>,
    faults: Vec<Fault>,
}

impl Found {
    /// Looks everywhere and checks everything; what is wrong is kept for [`Self::settings`].
    pub fn from(sources: &Sources) -> Self {
        let layers = layers(sources);
        let mut faults = faults(&layers);
        let twins = layers.iter().flat_map(|layer| layer.twins.clone()).collect();
        let merged = merged(layers);
        let mut values = Values::default();
        for setting in SETTINGS {
            let (counts, fault) = check(setting, at(&merged.cache, setting.key));
            values.0.insert(setting.key, counts);
            faults.extend(fault);
        }
        Self { values, twins, faults }
    }

    /// The settings, ready to build from.
    ///
    /// # Errors
    /// Everything that is wrong with them for `purpose`.
    pub fn settings(&self, purpose: Purpose) -> Result<Settings, Faults> {
        let mut faults = self.faults.clone();
        faults.extend(together::faults(&self.values, purpose));
        if !faults.is_empty() {
            return Err(Faults(faults));
        }
        self.composed().map_err(|fault| Faults(vec![fault]))
    }

    fn composed(&self) -> Result<Settings, Fault> {
        let jobs: jobs::Config = self.values.part("jobs", None)?;
        Ok(Settings {
            as_found: AsFound::keeping(self),
            server: self.values.part("server", None)?,
            database: self.values.part("database", None)?,
            projects: self.values.part("projects", None)?,
            storage: self.values.part("storage", None)?,
            download: self.values.part("download", None)?,
            user_limits: self.user_limits(&jobs)?,
            jobs,
            packing: self.values.part("packing", None)?,
            datasets: self.datasets()?,
            formats: self.values.part("formats", None)?,
            limits: self.values.part("limits", Some(&PACKAGE_LIMITS))?,
            caps: self.values.part("limits", Some(&DATA_LIMITS))?,
            retention: self.values.part("retention", None)?,
            access: self.values.part("access", None)?,
            audit: self.values.part("audit", None)?,
            cleanup: self.values.part("cleanup", None)?,
            auth: self.values.part("auth", Some(&AUTH))?,
            jwt: self.values.part("auth.jwt", None)?,
            session: self.values.part("auth.session", None)?,
            log: self.values.part("log", None)?,
            otel: self.values.part("otel", None)?,
        })
    }

    fn datasets(&self) -> Result<datasets::Config, Fault> {
        let mut config: datasets::Config = self.values.part("datasets", None)?;
        let usual = Path::new(DATA_SETS);
        config.file = config.file.or_else(|| usual.exists().then(|| usual.to_owned()));
        Ok(config)
    }

    fn user_limits(&self, jobs: &jobs::Config) -> Result<LimitsConfig, Fault> {
        let mut limits: LimitsConfig = self.values.part("limits", Some(&USER_LIMITS))?;
        limits.jobs_per_user = Some(jobs.per_user.into());
        limits.written(|setting| origin(self.values.origin(setting)));
        Ok(limits)
    }
}

/// The kind of place that an origin names.
pub(super) fn origin(named: Option<&str>) -> SettingOrigin {
    match named {
        None => SettingOrigin::Default,
        Some(name) if name.starts_with(PREFIX) => SettingOrigin::Environment,
        Some(flag) if flag.starts_with("--") => SettingOrigin::CommandLine,
        Some(_) => SettingOrigin::File,
    }
}

/// File, environment, flags: later ones win.
fn layers(sources: &Sources) -> Vec<Layer> {
    let file = match &sources.file {
        Some(named) => Some(toml_file::read(named)),
        None => Path::new(FILE).exists().then(|| toml_file::read(Path::new(FILE))),
    };
    let others = [Layer::from_environment(&sources.environment), Layer::from_flags(&sources.flags)];
    file.into_iter().chain(others).collect()
}

/// What is wrong in each place. A secret's own file that cannot be read is no fault where a later
/// layer has the secret: a service is handed its own copy of what only root may read.
fn faults(layers: &[Layer]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (place, layer) in layers.iter().enumerate() {
        let later = &layers[place + 1..];
        let counts = |fault: &&Fault| !later.iter().any(|later| later.has_instead_of(&fault.key));
        faults.extend(layer.faults.iter().filter(counts).cloned());
    }
    faults
}

fn merged(layers: Vec<Layer>) -> Config {
    let mut builder = Config::builder();
    for layer in layers {
        builder = builder.add_source(layer);
    }
    builder.build().expect("our layers are read already and collecting them cannot fail")
}

/// The value at `key`, with its origin.
fn at<'a>(root: &'a Value, key: &str) -> Option<&'a Value> {
    key.split('.').try_fold(root, |value, name| match &value.kind {
        ValueKind::Table(table) => table.get(name),
        _ => None,
    })
}

pub(super) fn check(setting: &'static Setting, written: Option<&Value>) -> (Counting, Option<Fault>) {
    let Some(written) = written else {
        return (Counting { value: preset(setting), origin: None }, None);
    };
    let origin = written.origin().unwrap_or_default().to_owned();
    let checked = match (setting.preset, &written.kind) {
        (Preset::Unset(_), ValueKind::String(text)) if text == "none" => Ok(None),
        _ => setting.kind.check(written).map(Some),
    };
    let (value, fault) = match checked {
        Ok(value) => (value, None),
        Err(message) => (None, Some(Fault::new(setting.key, &origin, message))),
    };
    (Counting { value, origin: Some(origin) }, fault)
}

/// What `setting` is when nobody says anything.
fn preset(setting: &Setting) -> Option<ValueKind> {
    let text = match setting.preset {
        Preset::Is(text) => text.to_owned(),
        Preset::Found(find, _) => find(),
        Preset::Unset(_) => return None,
    };
    Some(setting.kind.check(&Value::from(text)).expect("a test checks every default"))
}
