//! A place to pack at: folders, the packer, and what comes of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::support::process::Site;
use crate::support::project::ProjectFolder;

/// Names for packages of every format.
pub const EVERY: [&str; 3] = ["out.zip", "out.tar.gz", "out.tar.zst"];

/// Room for projects and their packages.
pub struct Bench {
    site: Site,
}

/// A package, and what was told of it.
pub struct Package {
    /// Where it lies.
    pub path: PathBuf,
    /// What `pack --json` said.
    pub told: Value,
    /// What lies beside it.
    pub manifest: Value,
}

impl Bench {
    pub fn new() -> Self {
        Self { site: Site::new(&[]) }
    }

    /// An empty project.
    pub fn project(&self, id: &str) -> ProjectFolder {
        self.site.project("ada", id)
    }

    /// A place beside the projects.
    pub fn place(&self, name: &str) -> PathBuf {
        self.site.path().join(name)
    }

    /// exportd, about to pack `folder` into `name`.
    pub fn packer(&self, folder: &Path, name: &str, arguments: &[&str]) -> Command {
        let mut command = self.site.exportd(&["pack", "--json", "-o", name]);
        command.args(arguments).arg(folder);
        command
    }

    /// Packs `folder` into `name`; nothing may stand in the way.
    pub fn pack_into(&self, name: &str, folder: &Path, arguments: &[&str]) -> Package {
        self.packed(name, &self.packer(folder, name, arguments).output().expect("it ends"))
    }

    /// Packs `folder`; nothing may stand in the way.
    pub fn pack(&self, folder: &Path) -> Package {
        self.pack_into("out.zip", folder, &[])
    }

    /// The package `name` that a packer has made.
    pub fn packed(&self, name: &str, ended: &Output) -> Package {
        assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
        let path = self.place(name);
        let manifest = fs::read(self.place(&format!("{name}.manifest.json"))).expect("a manifest");
        Package {
            path,
            told: serde_json::from_slice(&ended.stdout).expect("JSON"),
            manifest: serde_json::from_slice(&manifest).expect("JSON"),
        }
    }

    /// What `exportd verify` has to say of `package`.
    pub fn verified(&self, package: &Path) -> Output {
        self.site.exportd(&["verify"]).arg(package).output().expect("it ends")
    }
}

impl Package {
    /// The names of its entries, in order.
    pub fn names(&self) -> Vec<&str> {
        let entries = self.manifest["entries"].as_array().expect("entries");
        entries.iter().map(|entry| entry["path"].as_str().expect("a path")).collect()
    }

    /// What was left out, and why.
    pub fn excluded(&self) -> BTreeMap<&str, &str> {
        pairs(&self.manifest["excluded"], "reason")
    }

    /// What was left out by a rule, and by which.
    pub fn rules(&self) -> BTreeMap<&str, &str> {
        let list = self.manifest["excluded"].as_array().expect("a list").iter();
        list.filter_map(|one| Some((one["path"].as_str()?, one["rule"].as_str()?))).collect()
    }

    /// What was warned of: paths and codes.
    pub fn warnings(&self) -> BTreeMap<&str, &str> {
        pairs(&self.told["warnings"], "code")
    }

    /// Its bytes.
    pub fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).expect("a package")
    }
}

fn pairs<'a>(list: &'a Value, what: &str) -> BTreeMap<&'a str, &'a str> {
    let list = list.as_array().expect("a list").iter();
    list.map(|one| (one["path"].as_str().unwrap_or_default(), one[what].as_str().expect("a word"))).collect()
}
