//! Folders for tests: projects with something in them, and what became of them.

use std::fs;
use std::path::{Path, PathBuf};

/// A folder below a house's `projects.root`.
#[derive(Debug, Clone)]
pub struct ProjectFolder {
    /// Where it lies.
    pub path: PathBuf,
}

impl ProjectFolder {
    /// An empty project `id` of `user` below `root`.
    pub fn new(root: &Path, user: &str, id: &str) -> Self {
        let path = root.join(user).join(id);
        fs::create_dir_all(&path).expect("a project folder");
        Self { path }
    }

    /// Adds a file.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let file = self.path.join(path);
        fs::create_dir_all(file.parent().expect("inside the project")).expect("a folder");
        fs::write(file, content).expect("a file");
        self
    }

    /// Adds `count` small source files in folders of a hundred.
    pub fn sources(mut self, count: usize) -> Self {
        for i in 0..count {
            let text = format!("pub fn number_{i}() -> usize {{\n    {i}\n}}\n").repeat(20);
            self = self.file(&format!("src/part{:03}/file{i:05}.rs", i / 100), text);
        }
        self
    }

    /// Adds a file of `size` bytes that nothing compresses: the same bytes every time.
    pub fn noise(self, path: &str, size: usize) -> Self {
        self.file(path, noise(size))
    }
}

/// Every file of a package store, finished or not, but for its lock, its key and nginx's report.
pub fn stored_files(root: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    let is_beside =
        |file: &PathBuf| file.extension().is_some_and(|e| e == "lock" || e == "key" || e == "log");
    files.retain(|file| !is_beside(file));
    files
}

/// Text that takes a compressor long, at about half its size.
pub fn slow_text(megabytes: usize) -> Vec<u8> {
    let noise = noise(megabytes << 19);
    noise
        .iter()
        .flat_map(|byte| {
            [b"0123456789abcdef"[usize::from(byte >> 4)], b"0123456789abcdef"[usize::from(byte & 15)]]
        })
        .collect()
}

/// `size` bytes that nothing compresses, the same every time (SplitMix64).
pub fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bytes.extend_from_slice(&(z ^ (z >> 31)).to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}
