//! Where a package is put.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256 as Hasher};
use tokio_util::sync::CancellationToken;

use super::address::Address;
use super::fault::GetError;
use super::name::harmless;
use super::offer::Offer;
use crate::domain::Sha256;

/// What a package is called that nobody names.
const NAMELESS: &str = "download";
/// Bytes hashed at a time.
const BLOCK: usize = 1 << 20;

/// A file to be, and what is kept beside it until it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The package's own name.
    pub target: PathBuf,
}

impl Place {
    /// The file that `output` names; in the folder that it names, or here, under the name that the
    /// server gives.
    pub fn of(output: Option<&Path>, offer: &Offer, address: &Address) -> Self {
        let by_address = || address.last_step().and_then(harmless);
        let name = || offer.name.clone().or_else(by_address).unwrap_or_else(|| NAMELESS.to_owned());
        let target = match output {
            Some(folder) if folder.is_dir() => folder.join(name()),
            Some(file) => file.to_owned(),
            None => PathBuf::from(name()),
        };
        Self { target }
    }

    /// What came so far.
    pub fn part(&self) -> PathBuf {
        self.with_end(".part")
    }

    /// Which bytes these are.
    pub fn state(&self) -> PathBuf {
        self.with_end(".part.json")
    }

    /// Its last step, for people.
    pub fn name(&self) -> String {
        self.target.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    /// Whether the very package that is offered is there already.
    ///
    /// # Errors
    /// [`GetError::InTheWay`] when something else is, unless that may be written over.
    pub fn is_filled(&self, offer: &Offer, force: bool, stop: &CancellationToken) -> Result<bool, GetError> {
        let there = match fs::metadata(&self.target) {
            Ok(there) => there,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(GetError::disk(&self.target, 0, error)),
        };
        if !there.is_file() {
            return Err(GetError::NoFile(self.target.clone()));
        }
        if let Some(promised) = offer.sha256.filter(|_| offer.size == Some(there.len())) {
            let unreadable = |error| GetError::disk(&self.target, 0, error);
            let file = File::open(&self.target).map_err(unreadable)?;
            if digest_of(file, stop).map_err(unreadable)? == promised {
                return Ok(true);
            }
            if stop.is_cancelled() {
                return Err(GetError::Interrupted);
            }
        }
        if force { Ok(false) } else { Err(GetError::InTheWay(self.target.clone())) }
    }

    fn with_end(&self, end: &str) -> PathBuf {
        let mut name = self.target.as_os_str().to_owned();
        name.push(end);
        name.into()
    }
}

/// The SHA-256 of what `file` holds from where it stands; of less when `stop` is cancelled.
pub fn digest_of(mut file: impl Read, stop: &CancellationToken) -> io::Result<Sha256> {
    let (mut hasher, mut block) = (Hasher::new(), vec![0; BLOCK]);
    while !stop.is_cancelled() {
        match file.read(&mut block) {
            Ok(0) => break,
            Ok(read) => hasher.update(&block[..read]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Sha256(hasher.finalize().into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(output: Option<&Path>, name: Option<&str>, url: &str) -> PathBuf {
        let base = "http://exports.example".parse().expect("a server");
        let address = Address::of(url, &base, None, None).expect("an address");
        let offer = Offer { name: name.map(ToOwned::to_owned), ..Offer::default() };
        Place::of(output, &offer, &address).target
    }

    #[test]
    fn the_name_is_the_callers_or_the_servers_or_the_addresss_and_never_a_secret() {
        let folder = tempfile::tempdir().expect("a folder");
        let url = "http://exports.example/files/shop.zip";
        assert_eq!(place(Some(Path::new("x/y.zip")), Some("a.zip"), url), Path::new("x/y.zip"));
        assert_eq!(place(Some(folder.path()), Some("a.zip"), url), folder.path().join("a.zip"));
        assert_eq!(place(None, Some("a.zip"), url), Path::new("a.zip"));
        assert_eq!(place(None, None, url), Path::new("shop.zip"));
        assert_eq!(place(None, None, "http://exports.example/d/sesame"), Path::new("download"));
        assert_eq!(place(None, None, "http://exports.example"), Path::new("download"));
    }

    #[test]
    fn what_is_there_is_kept_unless_it_is_the_package_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place { target: folder.path().join("a.zip") };
        let sha256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824".parse().ok();
        let offer = Offer { size: Some(5), sha256, ..Offer::default() };
        let never = CancellationToken::new();
        let filled = |offer: &Offer, force| place.is_filled(offer, force, &never);

        assert!(matches!(filled(&offer, false), Ok(false)));
        fs::write(&place.target, "hello").expect("written");
        assert!(matches!(filled(&offer, false), Ok(true)));
        assert!(matches!(
            filled(&Offer { sha256: None, ..offer.clone() }, false),
            Err(GetError::InTheWay(_))
        ));
        fs::write(&place.target, "jello").expect("written");
        assert!(matches!(filled(&offer, false), Err(GetError::InTheWay(_))));
        assert!(matches!(filled(&offer, true), Ok(false)));
        let folder = Place { target: folder.path().to_owned() };
        assert!(matches!(folder.is_filled(&offer, true, &never), Err(GetError::NoFile(_))));
    }
}
