//! Whether packages can be written, kept and read.

use std::fs::{self, OpenOptions};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{FlockOperation, StatVfs, StatVfsMountFlags, flock, statvfs};

use crate::cli::finding::Finding;
use crate::config::Settings;
use crate::domain::human_size;

/// A package takes three files, and a folder now and then.
const INODES: u64 = 1_000;

/// Everything about the folder of the packages.
pub fn of(settings: &Settings) -> Vec<Finding> {
    let root = &settings.storage.root;
    if let Err(finding) = there(root) {
        return vec![finding];
    }
    let mut findings = vec![writable(root), one_disk(root)];
    match statvfs(root) {
        Ok(disk) => {
            findings.push(room(&disk, settings));
            findings.extend(inodes(&disk));
            if disk.f_flag.contains(StatVfsMountFlags::RDONLY) {
                let next = "mount it for writing (`mount -o remount,rw`), and see in `dmesg` why it is not";
                findings.push(Finding::wrong(format!("{} is on a read-only mount", root.display()), next));
            }
        }
        Err(error) => {
            findings.push(Finding::wrong(
                format!("{} cannot be looked at: {error}", root.display()),
                "check the mount",
            ));
        }
    }
    findings.extend(who_looks(root));
    findings
}

fn there(root: &Path) -> Result<(), Finding> {
    let shown = root.display();
    match fs::metadata(root) {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(Finding::wrong(format!("{shown} is no folder"), "name another in `storage.root`")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let parent = root.ancestors().skip(1).find(|parent| parent.exists()).unwrap_or(Path::new("."));
            let parent = if parent.as_os_str().is_empty() { Path::new(".") } else { parent };
            match rustix::fs::access(parent, rustix::fs::Access::WRITE_OK) {
                Ok(()) => Err(Finding::note(
                    format!("{shown} is not there yet"),
                    "the first `exportd serve` makes it",
                )),
                Err(_) => Err(Finding::wrong(
                    format!("{shown} is not there, and cannot be made in {}", parent.display()),
                    format!("`mkdir -p {shown}` and `chown exportd {shown}`"),
                )),
            }
        }
        Err(error) => Err(Finding::wrong(
            format!("{shown} cannot be looked at: {error}"),
            "let the user that exportd runs as pass every folder above it (`chmod +x`)",
        )),
    }
}

/// Writes a file, syncs it, and gives it a second name, as a package has it.
fn writable(root: &Path) -> Finding {
    let shown = root.display();
    let tried = tempfile::Builder::new().prefix(".exportd-doctor-").tempfile_in(root).and_then(|mut file| {
        io::Write::write_all(&mut file, b"exportd")?;
        file.as_file().sync_all()?;
        Ok(file)
    });
    let file = match tried {
        Ok(file) => file,
        Err(error) if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
            return Finding::wrong(format!("{shown} is full"), "make room, or shorten `retention.default`");
        }
        Err(error) => {
            let next =
                format!("`chown -R exportd {shown}`, and of a unit's ReadWritePaths= it has to be one");
            return Finding::wrong(format!("{shown} cannot be written to: {error}"), next);
        }
    };
    let second = file.path().with_extension("link");
    let linked = fs::hard_link(file.path(), &second);
    let _ = fs::remove_file(&second);
    match linked {
        Ok(()) => Finding::ok(format!("{shown} can be written to")),
        Err(error) => Finding::note(
            format!("{shown} can be written to, but knows no hard links: {error}"),
            "packages of the same bytes take their room twice there",
        ),
    }
}

/// A package is renamed into its place: a folder on another disk would be no place for it.
fn one_disk(root: &Path) -> Finding {
    let device = |path: &Path| fs::metadata(path).map(|found| found.dev()).ok();
    let below = fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let other = below.filter(|path| path.is_dir()).find(|path| device(path) != device(root));
    match other {
        None => Finding::ok("all of it is on one file system"),
        Some(path) => Finding::wrong(
            format!("{} is on another file system than the folder it lies in", path.display()),
            "mount one disk at `storage.root`, and nothing below it",
        ),
    }
}

fn room(disk: &StatVfs, settings: &Settings) -> Finding {
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let (reserve, package) = (settings.storage.reserve, settings.limits.max_package);
    let told = format!("{} free, {} kept in reserve", human_size(free), human_size(reserve));
    if free < reserve {
        let next =
            "make room, lower `storage.reserve`, or shorten `retention.default` and run `exportd cleanup`";
        return Finding::wrong(format!("{told}: no export starts (507)"), next);
    }
    if free - reserve < package.saturating_mul(2) {
        let next =
            format!("a single package may take {} (`limits.max_package`): make room", human_size(package));
        return Finding::note(told, next);
    }
    Finding::ok(told)
}

/// Some file systems have no number of them; those say 0.
fn inodes(disk: &StatVfs) -> Option<Finding> {
    if disk.f_files == 0 {
        return None;
    }
    let (free, all) = (disk.f_favail, disk.f_files);
    Some(match free {
        free if free < INODES => Finding::wrong(
            format!("{free} of {all} inodes are free: soon no file can be made, whatever room there is"),
            "remove files, or make the file system anew with more inodes",
        ),
        free if free < all / 50 => {
            Finding::note(format!("{free} of {all} inodes are free"), "packages take three each: watch it")
        }
        free => Finding::ok(format!("{free} inodes are free")),
    })
}

/// Whether a server has a store open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// One has.
    Yes,
    /// None has.
    No,
    /// Whoever asks may not look.
    Unseen,
}

/// Whether a server has the store open. Only a look: the lock is not taken from anybody.
pub fn held(root: &Path) -> Held {
    match OpenOptions::new().read(true).open(root.join("exportd.lock")) {
        Ok(lock) if flock(&lock, FlockOperation::NonBlockingLockShared).is_err() => Held::Yes,
        Ok(_) => Held::No,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Held::No,
        Err(_) => Held::Unseen,
    }
}

/// Root may write everywhere, which says nothing of whoever owns the store.
fn who_looks(root: &Path) -> Option<Finding> {
    let owner = fs::metadata(root).ok()?.uid();
    (rustix::process::geteuid().is_root() && owner != 0).then(|| {
        let next = format!(
            "`setpriv --reuid {owner} --clear-groups exportd doctor`, or sudo -u, sees what exportd sees"
        );
        Finding::note(format!("this was looked at as root, and user {owner} owns the store"), next)
    })
}
