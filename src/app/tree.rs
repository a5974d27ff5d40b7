//! What lies in a folder of a project, as an export would meet it.

use std::collections::BTreeMap;

use crate::domain::{Caller, Kind, Options, Pins, ProjectSelector, Selection};
use crate::packaging::{Control, EntryKind, ExcludeReason, LoadError, Material, Order, PackError, Scan};

use super::{Exports, RequestError};

/// Items of one folder that are told; nobody reads more.
const MOST_ITEMS: usize = 2_000;

/// What lies in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Folder {
    /// Folders and files, by name.
    pub items: Vec<FolderItem>,
    /// How many more there are.
    pub left_out: usize,
}

/// A file, or a folder with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderItem {
    /// From the project's folder on; what a selector's `paths` would say.
    pub path: String,
    /// Whether it is one.
    pub is_folder: bool,
    /// Files that would be packed.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Why nothing of it would be packed.
    pub excluded: Option<ExcludeReason>,
}

impl FolderItem {
    /// What it is called in its folder.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }
}

impl Exports {
    /// What lies in `folder` of what is selected: the project's own, when that is empty; otherwise it
    /// ends in `/`.
    ///
    /// # Errors
    /// As [`Exports::estimate`], and [`RequestError::NoFolder`].
    pub async fn folder(
        &self,
        caller: &Caller,
        selector: ProjectSelector,
        folder: &str,
    ) -> Result<Folder, RequestError> {
        let format = Kind::Project.formats()[0];
        if !self.may_have_any(caller, Kind::Project).await? {
            return Err(RequestError::NotPermitted { kind: Kind::Project, format });
        }
        let selection = Selection::Project(selector);
        self.project_of(caller, &selection).await?;
        let loader = self.registry.loader(Kind::Project);
        let pins: Pins = loader.pins(&caller.user, &selection).await?;
        let owner = caller.user.clone();
        let order =
            Order { export: None, owner, selection, pins, format, options: Options::default(), bench: None };
        let Material::Tree(mut source) = loader.open(&order).await? else {
            return Err(RequestError::Source(PackError::Load(LoadError::NotThere)));
        };
        let packer = self.packer.clone();
        let control = Control::default();
        // A caller who goes away takes the scan along.
        let _stop_with_caller = control.cancel.clone().drop_guard();
        let scan = tokio::task::spawn_blocking(move || packer.scan(&mut *source, &control));
        let scan = scan.await.expect("a scan does not panic").map_err(RequestError::Source)?;
        folder_in(&scan, folder).ok_or_else(|| RequestError::NoFolder(folder.to_owned()))
    }

    async fn may_have_any(&self, caller: &Caller, kind: Kind) -> Result<bool, RequestError> {
        for format in kind.formats() {
            if self.permissions.allow(caller, kind, *format).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What lies in `folder`, which is empty or ends in `/`.
fn folder_in(scan: &Scan, folder: &str) -> Option<Folder> {
    let mut items: BTreeMap<String, FolderItem> = BTreeMap::new();
    let mut is_there = folder.is_empty();
    for entry in &scan.entries {
        let Some(rest) = entry.path.strip_prefix(folder) else { continue };
        is_there = true;
        if rest.is_empty() {
            continue;
        }
        let (name, is_folder) = first(rest, entry.kind == EntryKind::EmptyFolder);
        let item = items.entry(name.to_owned()).or_insert_with(|| item(folder, name, is_folder));
        if entry.kind == EntryKind::File {
            item.files += 1;
            item.bytes += entry.size;
        }
        item.excluded = None;
    }
    for excluded in &scan.excluded {
        let Some(rest) = excluded.path.strip_prefix(folder).filter(|rest| !rest.is_empty()) else { continue };
        is_there = true;
        let (name, is_folder) = first(rest, false);
        let is_itself = rest.trim_end_matches('/') == name;
        // A folder of which something is left out is not left out itself, and may have nothing else.
        let item = items.entry(name.to_owned()).or_insert_with(|| item(folder, name, is_folder));
        if is_itself && item.files == 0 {
            item.excluded = Some(excluded.reason);
        }
    }
    let left_out = items.len().saturating_sub(MOST_ITEMS);
    is_there.then(|| Folder { items: items.into_values().take(MOST_ITEMS).collect(), left_out })
}

/// The first name of a path, and whether it is a folder's.
fn first(path: &str, is_folder: bool) -> (&str, bool) {
    match path.split_once('/') {
        Some((name, _)) => (name, true),
        None => (path, is_folder),
    }
}

fn item(folder: &str, name: &str, is_folder: bool) -> FolderItem {
    FolderItem { path: format!("{folder}{name}"), is_folder, files: 0, bytes: 0, excluded: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packaging::{Entry, Excluded};

    fn scan(files: &[&str], excluded: &[(&str, ExcludeReason)]) -> Scan {
        let entry = |path: &&str| Entry {
            path: path.trim_end_matches('/').to_owned(),
            kind: if path.ends_with('/') { EntryKind::EmptyFolder } else { EntryKind::File },
            size: 10,
            origin: None,
            identity: None,
        };
        let left =
            |(path, reason): &(&str, _)| Excluded { path: (*path).to_owned(), reason: *reason, rule: None };
        Scan {
            entries: files.iter().map(entry).collect(),
            excluded: excluded.iter().map(left).collect(),
            ..Scan::default()
        }
    }

    fn told(scan: &Scan, folder: &str) -> Option<Vec<String>> {
        let told = |item: FolderItem| {
            let what = if item.is_folder { "folder" } else { "file" };
            let why = item.excluded.map_or("packed", ExcludeReason::as_str);
            format!("{what} {} {} {why}", item.path, item.bytes)
        };
        Some(folder_in(scan, folder)?.items.into_iter().map(told).collect())
    }

    #[test]
    fn a_folder_tells_what_is_in_it_and_what_will_not_be_packed() {
        use ExcludeReason::{Dependency, Secret};
        let scan = scan(
            &["README.md", "assets/", "src/a.rs", "src/deep/b.rs", "src/deep/c.rs"],
            &[
                (".env", Secret),
                ("node_modules/", Dependency),
                ("src/deep/.env", Secret),
                ("keys/id_rsa", Secret),
            ],
        );
        let top = [
            "file .env 0 secret",
            "file README.md 10 packed",
            "folder assets 0 packed",
            "folder keys 0 packed",
            "folder node_modules 0 dependency",
            "folder src 30 packed",
        ];
        assert_eq!(told(&scan, "").as_deref(), Some(&top.map(str::to_owned)[..]));
        let deep =
            ["file src/deep/.env 0 secret", "file src/deep/b.rs 10 packed", "file src/deep/c.rs 10 packed"];
        assert_eq!(told(&scan, "src/deep/").as_deref(), Some(&deep.map(str::to_owned)[..]));
        assert_eq!(told(&scan, "nowhere/"), None);
    }

    #[test]
    fn no_folder_is_told_without_end() {
        let names: Vec<String> = (0..MOST_ITEMS + 3).map(|i| format!("{i:05}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let folder = folder_in(&scan(&names, &[]), "").expect("the project's own");
        assert_eq!((folder.items.len(), folder.left_out), (MOST_ITEMS, 3));
    }
}
