//! `exportd pack`: the packer by itself, with the same rules and the same bytes as the server's.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use clap::Args;
use serde_json::json;

use super::outcome::{Exit, Failure};
use super::output;
use super::part::{self, Part, parent, part_of, with_end};
use super::plain::{plain, plain_path};
use super::settings_args::SettingsArgs;
use super::signals::cancel_on_interrupt;
use crate::config::Purpose;
use crate::domain::{Archive, ExportType, Profile, human_size};
use crate::loaders::{TreeRules, TreeSource};
use crate::packaging::{Config, Control, PackError, Packer, Previous, Sealed, Shape};
use crate::storage::{Ahead, Output, scratch_in};
use crate::telemetry::Metrics;

/// Pack a folder, with the same rules and the same bytes as the server
#[derive(Debug, Args)]
#[command(after_help = "Example:
  exportd pack ~/projects/shop -o shop.zip
  exportd pack ~/projects/shop -o shop.tar.zst --profile small
  exportd pack ~/projects/shop -o shop.zip --incremental     # every night
  exportd pack . -o - --include 'src/**' | ssh backup 'cat > src.zip'")]
pub struct Pack {
    /// The folder to pack
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Where to; `-` streams to standard output
    #[arg(short = 'o', long = "output", value_name = "FILE")]
    output: PathBuf,
    /// The package's format: zip, tar.gz or tar.zst [default: as the end of FILE says, or zip]
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Option<Archive>,
    /// How hard to press: fast, balanced or small [default: balanced]
    #[arg(long, value_name = "PROFILE", value_parser = profile)]
    profile: Option<Profile>,
    /// 1 is fastest, 9 smallest; wins over the profile
    #[arg(long, value_name = "1..9", value_parser = clap::value_parser!(u32).range(1..=9))]
    level: Option<u32>,
    /// Threads that compress
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=512))]
    threads: Option<u16>,
    /// Keep build output and version control folders too
    #[arg(long)]
    full: bool,
    /// Only what matches (gitignore syntax); may be repeated
    #[arg(long, value_name = "GLOB")]
    include: Vec<String>,
    /// Not what matches (gitignore syntax); may be repeated
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Take over what has not changed from the package that FILE is now; keeps FILE.index for that
    #[arg(long)]
    incremental: bool,
    /// Tell the result as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: SettingsArgs,
}

impl Pack {
    /// Packs, and tells what came of it. Nothing is left of a package that was not finished.
    ///
    /// # Errors
    /// When there is nothing to pack, no room, or a limit is passed.
    pub fn run(self) -> Result<Exit, Failure> {
        let settings = self.settings.settings(Purpose::Tool)?;
        let config = Config {
            threads: self.threads.map_or(settings.packing.threads, usize::from),
            level: self.level.unwrap_or(settings.packing.level),
            ..Config::default()
        };
        let packer = Packer::new(&config, settings.limits, Metrics::new("cli"));
        let source = self.source()?;
        let control = Control::default();
        cancel_on_interrupt(&control.cancel);
        let began = Instant::now();
        if self.output.as_os_str() == "-" {
            let sealed =
                packer.pack(source, self.shape()?, &mut Streamed, &control).map_err(|e| failure(&e))?;
            match self.json {
                true => output::note(facts(&sealed, began)),
                false => output::note(summary(&sealed, began)),
            }
        } else {
            let sealed = self.write_file(&packer, source, &control)?;
            if self.json {
                output::json(&facts(&sealed, began))?;
            } else {
                output::result(summary(&sealed, began))?;
            }
        }
        Ok(Exit::Done)
    }

    fn shape(&self) -> Result<Shape, Failure> {
        if self.format.is_none() && is_another_archive(&self.output) {
            let what = format!(
                "{} is named as an archive that exportd does not make; it makes zip, tar.gz and tar.zst, as --format says",
                plain_path(&self.output)
            );
            return Err(Failure::new(Exit::WrongUse, what));
        }
        let format = self.format.or_else(|| format_of(&self.output)).unwrap_or(Archive::Zip);
        let profile = self.profile.filter(|_| self.level.is_none()).unwrap_or_default();
        Ok(Shape { format, profile })
    }

    fn source(&self) -> Result<Box<TreeSource>, Failure> {
        let export_type = if self.full { ExportType::FullProject } else { ExportType::SourceCode };
        let rules = TreeRules::new(export_type, &self.include, &self.exclude)
            .map_err(|bad| Failure::new(Exit::WrongUse, bad.to_string()))?;
        // The package may lie in the folder that it is made of.
        let manifest = manifest_of(&self.output);
        let own = [
            part_of(&self.output),
            part_of(&manifest),
            self.output.clone(),
            manifest,
            index_of(&self.output),
        ];
        let own = own.iter().filter_map(|own| path_within(&self.folder, own)).collect();
        let source = TreeSource::open(&self.folder, rules.without(own)).map_err(|error| {
            let exit = if error.kind() == io::ErrorKind::NotFound { Exit::Missing } else { Exit::Failed };
            Failure::new(exit, format!("{} cannot be packed: {error}", plain_path(&self.folder)))
        })?;
        Ok(Box::new(source))
    }

    fn write_file(
        &self,
        packer: &Packer,
        source: Box<TreeSource>,
        control: &Control,
    ) -> Result<Sealed, Failure> {
        let unwritable = |error: io::Error| {
            Failure::new(Exit::Failed, format!("{} cannot be written: {error}", plain_path(&self.output)))
        };
        part::can_replace(&self.output)?;
        let mut part = Part::begin(&self.output).map_err(unwritable)?;
        let mut out = Written { file: &mut part.file, folder: parent(&self.output) };
        let sealed = packer.pack_after(self.previous(), source, self.shape()?, &mut out, control);
        let sealed = sealed.map_err(|error| failure(&error))?;
        let beside = manifest_of(&self.output);
        // Both are on the disk before either has its name: a full disk leaves what was there. The
        // disk takes the package while the manifest is put into words.
        let manifest = thread::scope(|threads| {
            let synced = threads.spawn(|| part.file.sync());
            let (mut manifest, json) = (Part::begin(&beside)?, sealed.manifest.to_json());
            manifest.file.write_all(&json)?;
            manifest.file.sync()?;
            synced.join().expect("syncing does not panic")?;
            Ok((manifest, json))
        });
        let (manifest, json) = manifest.map_err(unwritable)?;
        part.finish(&self.output).and_then(|()| manifest.finish(&beside)).map_err(unwritable)?;
        if self.incremental {
            // Lost or half written it does no harm: then everything is packed the next time.
            fs::write(index_of(&self.output), sealed.index.to_bytes(&json)).map_err(unwritable)?;
        }
        Ok(sealed)
    }

    /// The package that is there now, to take over from.
    fn previous(&self) -> Option<Previous> {
        let beside = |path: PathBuf| fs::read(path).ok().filter(|_| self.incremental);
        let (manifest, index) = (beside(manifest_of(&self.output))?, beside(index_of(&self.output))?);
        Previous::open(File::open(&self.output).ok()?, &manifest, &index)
    }
}

/// Where the manifest of the package at `path` is kept.
pub fn manifest_of(path: &Path) -> PathBuf {
    with_end(path, ".manifest.json")
}

fn index_of(path: &Path) -> PathBuf {
    with_end(path, ".index")
}

fn path_within(folder: &Path, path: &Path) -> Option<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt;
    let whole = parent(path).canonicalize().ok()?.join(path.file_name()?);
    let within = whole.strip_prefix(folder.canonicalize().ok()?).ok()?;
    Some(within.as_os_str().as_bytes().to_vec())
}

fn format(word: &str) -> Result<Archive, String> {
    Archive::parse(word).ok_or_else(|| {
        let known = Archive::ALL.map(Archive::as_str).join(", ");
        format!("`{word}` is not made by this version; it makes {known}")
    })
}

fn profile(word: &str) -> Result<Profile, String> {
    Profile::parse(word).ok_or_else(|| {
        let known = Profile::ALL.map(Profile::as_str).join(", ");
        format!("`{word}` is no profile; there are {known}")
    })
}

/// The format that a file's name asks for by its end.
fn format_of(path: &Path) -> Option<Archive> {
    let name = path.file_name()?.to_str()?.to_ascii_lowercase();
    let short = [(".tgz", Archive::TarGz), (".tzst", Archive::TarZst)];
    let long = Archive::ALL.into_iter().find(|format| name.ends_with(&format!(".{format}")));
    long.or_else(|| short.into_iter().find(|(end, _)| name.ends_with(end)).map(|(_, format)| format))
}

/// Whether the name promises what would not be in it.
fn is_another_archive(path: &Path) -> bool {
    const OTHERS: [&str; 7] = ["rar", "7z", "tar", "bz2", "xz", "lz4", "cpio"];
    path.extension().is_some_and(|end| OTHERS.iter().any(|other| end.eq_ignore_ascii_case(other)))
}

fn failure(error: &PackError) -> Failure {
    match error {
        PackError::Cancelled => Failure::new(Exit::Interrupted, "interrupted; nothing is left"),
        error => Failure::because(error),
    }
}

fn facts(sealed: &Sealed, began: Instant) -> serde_json::Value {
    json!({
        "size": sealed.size,
        "files": sealed.file_count,
        "excluded": sealed.manifest.totals.excluded,
        "sha256": sealed.checksum,
        "seconds": began.elapsed().as_secs_f64(),
        "warnings": sealed.warnings,
    })
}

fn summary(sealed: &Sealed, began: Instant) -> String {
    let warnings: String = sealed
        .warnings
        .iter()
        .map(|warning| {
            let path = warning.path.as_deref().unwrap_or("package");
            format!("warning   {}: {}\n", plain(path), plain(&warning.message))
        })
        .collect();
    format!(
        "{warnings}size      {} ({} bytes)\nentries   {}\nexcluded  {}\nsha256    {}\nseconds   {:.2}",
        human_size(sealed.size),
        sealed.size,
        sealed.file_count,
        sealed.manifest.totals.excluded,
        sealed.checksum,
        began.elapsed().as_secs_f64()
    )
}

struct Written<'a> {
    file: &'a mut Ahead,
    folder: &'a Path,
}

impl Write for Written<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Output for Written<'_> {
    fn scratch_maker(&self) -> Box<dyn Fn() -> io::Result<File>> {
        let folder = self.folder.to_owned();
        Box::new(move || scratch_in(&folder))
    }
}

/// Standard output.
struct Streamed;

impl Write for Streamed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        io::stdout().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush()
    }
}

impl Output for Streamed {
    fn scratch_maker(&self) -> Box<dyn Fn() -> io::Result<File>> {
        Box::new(|| scratch_in(&std::env::temp_dir()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_name_tells_the_format() {
        for (name, format) in [
            ("a.zip", Some(Archive::Zip)),
            ("dir.zip/a.tar.gz", Some(Archive::TarGz)),
            ("A.TGZ", Some(Archive::TarGz)),
            ("a.b.tar.zst", Some(Archive::TarZst)),
            ("a.tar", None),
            ("zip", None),
            ("-", None),
        ] {
            assert_eq!(format_of(Path::new(name)), format, "{name}");
        }
    }
}
