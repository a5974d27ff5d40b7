//! A machine of a test's own: this one's files and kernel, but a systemd, processes, users and a
//! network of its own.
//!
//! Whatever is changed there (packages installed, services started, files written anywhere) is gone
//! with it, and nothing of it is seen outside. It takes root, or a `sudo` that does not ask, and a
//! kernel that lets namespaces and overlays be made: in a container, a privileged one.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use super::api::eventually;
use super::snippets::{Snippet, snippets};

/// A machine that runs. Dropping it ends everything in it.
pub struct Machine {
    keeper: Child,
    /// Its first process, as numbered here.
    first: String,
    shared: TempDir,
}

impl Machine {
    /// Starts one, and waits until its systemd has nothing left to start.
    pub fn boot() -> Self {
        let shared = tempfile::tempdir().expect("a folder");
        let own = tempfile::Builder::new().prefix("exportd-machine-").tempdir().expect("a folder").keep();
        let mut keeper = as_root("setsid")
            .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/machine/boot.sh"))
            .args([own.as_path(), shared.path()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("setsid is there");
        let mut first = String::new();
        let mut told = BufReader::new(keeper.stdout.take().expect("a pipe"));
        told.read_line(&mut first).expect("a line");
        let first = first.trim().to_owned();
        assert!(!first.is_empty(), "no machine without root (or sudo), namespaces and overlays; see above");
        let machine = Self { keeper, first, shared };
        eventually("systemd has started what there is", || {
            let state = machine.runs("systemctl is-system-running");
            let state = String::from_utf8_lossy(&state.stdout).trim().to_owned();
            assert_ne!(state, "degraded", "{}", machine.does("systemctl --failed"));
            (state == "running").then_some(())
        });
        machine
    }

    /// A folder that is `/mnt` inside.
    pub fn shared(&self) -> &Path {
        self.shared.path()
    }

    /// Puts a file into `/mnt`, and gives its path there.
    pub fn brings(&self, file: &Path) -> String {
        let name = file.file_name().expect("a file has a name");
        std::fs::copy(file, self.shared().join(name)).expect("room for a file");
        format!("/mnt/{}", name.to_str().expect("a name of text"))
    }

    /// Types `script` as root, into a shell that stops at what fails.
    pub fn runs(&self, script: &str) -> Output {
        as_root("nsenter")
            .args(["--target", &self.first, "--all", "--", "env", "-i", "HOME=/root", "LANG=C.UTF-8"])
            .args(["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"])
            .args(["DEBIAN_FRONTEND=noninteractive", "SYSTEMD_PAGER=cat"])
            .args(["bash", "-euo", "pipefail", "-c", &format!("cd /root; {script}")])
            .stdin(Stdio::null())
            .output()
            .expect("nsenter is there")
    }

    /// The same, which has to go well. Gives what was written.
    #[track_caller]
    pub fn does(&self, script: &str) -> String {
        let ran = self.runs(script);
        let (out, err) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        assert!(ran.status.success(), "{script}\n{}\n{out}{err}{}", ran.status, self.journal());
        out.into_owned()
    }

    /// Does what `guide` says, from its first block to its last, in one shell.
    ///
    /// # Panics
    /// At the first block that does not go well, with its line.
    pub fn follows(&self, guide: &str) {
        let script: String = snippets(guide).iter().filter_map(typed).collect();
        std::fs::write(self.shared().join("guide.sh"), script).expect("room for a file");
        let ran = self.runs("bash -euo pipefail /mnt/guide.sh 2>&1");
        let told = String::from_utf8_lossy(&ran.stdout);
        let (_, last) = told.rsplit_once("== line ").unwrap_or_default();
        assert!(ran.status.success(), "{guide}: {}, at line {last}\n{}", ran.status, self.journal());
    }

    /// The last that exportd has logged.
    fn journal(&self) -> String {
        let journal = self.runs("journalctl --no-pager --unit exportd --lines 40 --output cat");
        String::from_utf8_lossy(&journal.stdout).into_owned()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        // Its standard input ends, and with that the machine.
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// A block as it is typed: saved, run, or only looked at.
fn typed(snippet: &Snippet) -> Option<String> {
    let Snippet { language, line, code, .. } = snippet;
    if snippet.word("not-run").is_some() {
        return None;
    }
    if let Some(name) = snippet.word("file") {
        return Some(format!("echo '== line {line}'\ncat > {name} <<'END-OF-{line}'\n{code}END-OF-{line}\n"));
    }
    (language == "sh").then(|| format!("echo '== line {line}'\n{code}"))
}

/// `program` with all rights.
fn as_root(program: &str) -> Command {
    if rustix::process::geteuid().is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    command
}

/// exportd's Debian package, made by `scripts/package` from the program that is being tested.
pub fn package() -> &'static Path {
    static PACKAGE: std::sync::OnceLock<PathBuf> = std::sync::OnceLock::new();
    PACKAGE.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("package");
        let staged = folder.join("release");
        std::fs::create_dir_all(&staged).expect("a folder");
        // As a release is: what is for debuggers would be most of it.
        let stripped = Command::new("strip")
            .arg("-o")
            .arg(staged.join("exportd"))
            .arg(env!("CARGO_BIN_EXE_exportd"))
            .status()
            .expect("strip comes with every C compiler");
        assert!(stripped.success());
        let made = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/package"))
            .args(["--no-build", "--no-strip", "--offline", "--fast", "--compress-system"])
            .args(["--deb-version", "0.1.0-1", "--output"])
            .arg(folder.join("exportd_0.1.0-1_amd64.deb"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env("CARGO_TARGET_DIR", &folder)
            .env("CARGO_DEB", std::env::var_os("EXPORTD_TEST_CARGO_DEB").unwrap_or("cargo-deb".into()))
            .output()
            .expect("bash is there");
        let complaints = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{complaints}");
        assert!(!complaints.contains("warning"), "{complaints}");
        std::fs::remove_dir_all(staged).expect("ours");
        folder.join("exportd_0.1.0-1_amd64.deb")
    })
}

/// The same package as a later version, with one more line in its settings.
pub fn newer_package(machine: &Machine) -> String {
    let older = machine.brings(package());
    machine.does(&format!(
        "dpkg-deb --raw-extract {older} /tmp/newer
         sed -i 's/^Version: .*/Version: 0.2.0-1/' /tmp/newer/DEBIAN/control
         echo '# new in this version' >> /tmp/newer/etc/exportd/exportd.toml
         dpkg-deb --root-owner-group -Zgzip -z1 --build /tmp/newer /mnt/newer.deb >/dev/null
         rm -r /tmp/newer"
    ));
    "/mnt/newer.deb".to_owned()
}
