//! A download that breaks off half way, for whichever client tells it on.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::api::ExportHandle;
use super::house::House;
use super::proxy::{Asked, Proxy};
use super::sha256;

/// A package whose first download breaks off, an address that a person would click on, and a folder
/// to put it in.
pub struct Story {
    /// The exporter.
    pub house: House,
    /// The export.
    pub export: ExportHandle,
    /// The line, and who said what on it.
    pub proxy: Proxy,
    folder: TempDir,
    cut: usize,
}

impl Story {
    /// A package of `size` bytes, about, on a line that breaks after `cut` of them.
    pub fn begin(size: usize, cut: usize) -> Self {
        Self::through(|house| house.user("ada").address(), size, cut)
    }

    /// The same behind a front that stands before the house.
    pub fn through(front: impl FnOnce(&House) -> SocketAddr, size: usize, cut: usize) -> Self {
        let house = House::open();
        house.project("ada", "shop").noise("noise.bin", size);
        let export = house.user("ada").request("shop");
        export.completed();
        // The authority that a person has and an address has not.
        let authority = format!("Authorization: Bearer {}", export.api.token());
        let proxy = Proxy::to(front(&house)).adding(authority).cutting(1, cut);
        Self { house, export, proxy, folder: tempfile::tempdir().expect("a folder"), cut }
    }

    /// An address that needs nothing beside it.
    pub fn address(&self) -> String {
        self.proxy.url(&self.export.path("/download"))
    }

    /// Where downloads go.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where the finished package is, for clients that go by the server's name for it.
    pub fn file(&self) -> PathBuf {
        self.folder().join(self.export.show()["fileName"].as_str().expect("a name"))
    }

    /// It is there, whole, with nothing beside it, and it was one download.
    pub fn ends_well(&self, file: &Path) {
        self.is_whole(file);
        let files = std::fs::read_dir(self.folder()).expect("a folder");
        assert_eq!(files.count(), 1, "nothing is left beside it");
        let counted = self.export.until("it is counted", |export| export["downloadCount"] != 0);
        assert_eq!(counted["downloadCount"], 1, "cut and resumed is one download");
    }

    /// It is there, whole.
    pub fn is_whole(&self, file: &Path) {
        let bytes = std::fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert_eq!(self.export.show()["checksum"], sha256(&bytes));
    }

    /// The only request that went on, which says where it goes on.
    pub fn resumed(&self) -> Asked {
        let gets = self.proxy.gets();
        // A browser asks for an icon, too.
        let packages: Vec<_> = gets.iter().filter(|asked| !asked.path.contains("favicon")).collect();
        assert_eq!(packages.len(), 2, "{packages:#?}");
        assert_eq!(packages[0].first_byte().unwrap_or(0), 0);
        let at = packages[1].first_byte().expect("a range");
        assert!(at > 0 && at <= self.cut as u64, "it goes on at {at}");
        packages[1].clone()
    }

    /// The package's tag.
    pub fn tag(&self) -> String {
        // A byte of it would be a download.
        self.export.api.head(&self.export.path("/download"), &[]).expect(200).header("etag")
    }
}
