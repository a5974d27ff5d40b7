//! Signs what leaves the house, and checks what claims to have left it: Ed25519 (RFC 8032).

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The name of the only algorithm.
pub const ED25519_NAME: &str = "Ed25519";
/// What comes before the 32 bytes of a public key in its DER form (RFC 8410 §4).
const SPKI_PREFIX: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
const PRIVATE: &str = "PRIVATE KEY";
const PUBLIC: &str = "PUBLIC KEY";

/// Why nothing can be signed.
#[derive(Debug, thiserror::Error)]
pub enum SigningKeyError {
    /// The file cannot be read, or not be made.
    #[error("the signing key {} cannot be read or made: {source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file holds something else.
    #[error("{} is no Ed25519 private key in PEM (PKCS #8)", path.display())]
    NotAKey {
        /// Which.
        path: PathBuf,
    },
}

/// Why a text gives no public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("neither an Ed25519 public key in PEM nor the answer of /api/v1/keys")]
pub struct NotAPublicKey;

/// A private key. Never shown, not even to the log.
pub struct Signer {
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Signer({})", self.public.key_id)
    }
}

impl Signer {
    /// The signer whose key is in the file `path`; made there, for this user's eyes only, when
    /// there is none.
    ///
    /// # Errors
    /// [`SigningKeyError`].
    pub fn open(path: &Path) -> Result<Self, SigningKeyError> {
        let unreadable = |source| SigningKeyError::Unreadable { path: path.to_owned(), source };
        let pem = match fs::read_to_string(path) {
            Ok(pem) => pem,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make(path).map_err(unreadable)?;
                fs::read_to_string(path).map_err(unreadable)?
            }
            Err(error) => return Err(unreadable(error)),
        };
        Self::from_pem(&pem).ok_or_else(|| SigningKeyError::NotAKey { path: path.to_owned() })
    }

    /// The signer of a PEM text.
    pub fn from_pem(pem: &str) -> Option<Self> {
        let pair = Ed25519KeyPair::from_pkcs8(&from_pem(pem, PRIVATE)?).ok()?;
        let public = PublicKey::of(pair.public_key().as_ref().try_into().ok()?);
        Some(Self { pair, public })
    }

    /// The key that checks what this one signs.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The signature of `message`, in base64.
    pub fn sign(&self, message: &[u8]) -> String {
        BASE64.encode(self.pair.sign(message))
    }
}

/// A public key, as clients get it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PublicKey {
    /// By which signatures name it: the first 16 hexadecimal digits of the SHA-256 of its DER form.
    pub key_id: String,
    /// `Ed25519`.
    pub algorithm: String,
    /// Its 32 bytes, in base64.
    pub public_key: String,
    /// The same as programs like openssl read it (RFC 8410).
    #[serde(default)]
    pub pem: String,
}

impl PublicKey {
    fn of(key: [u8; 32]) -> Self {
        let der = [&SPKI_PREFIX[..], &key].concat();
        let digest = Sha256::digest(&der);
        Self {
            key_id: digest[..8].iter().map(|byte| format!("{byte:02x}")).collect(),
            algorithm: ED25519_NAME.to_owned(),
            public_key: BASE64.encode(key),
            pem: to_pem(&der, PUBLIC),
        }
    }

    /// Whether `signature`, in base64, was made of `message` by this key's other half.
    pub fn has_signed(&self, message: &[u8], signature: &str) -> bool {
        let (Ok(key), Ok(signature)) = (BASE64.decode(&self.public_key), BASE64.decode(signature)) else {
            return false;
        };
        UnparsedPublicKey::new(&ED25519, key).verify(message, &signature).is_ok()
    }
}

/// Several public keys: a server's past ones may be among them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicKeys {
    /// They.
    pub keys: Vec<PublicKey>,
}

impl PublicKeys {
    /// The keys in `text`: one or more in PEM, or what `/api/v1/keys` answers.
    ///
    /// # Errors
    /// [`NotAPublicKey`].
    pub fn parse(text: &str) -> Result<Self, NotAPublicKey> {
        let keys = if text.trim_start().starts_with('{') {
            let told: Self = serde_json::from_str(text).map_err(|_| NotAPublicKey)?;
            let again =
                |key: &PublicKey| Some(PublicKey::of(BASE64.decode(&key.public_key).ok()?.try_into().ok()?));
            // Only the key itself is believed, not the name it comes under.
            told.keys.iter().map(again).collect::<Option<Vec<_>>>()
        } else {
            let parts =
                text.split_inclusive("-----END PUBLIC KEY-----").filter(|part| part.contains("-----BEGIN"));
            let key = |pem| {
                Some(PublicKey::of(from_pem(pem, PUBLIC)?.strip_prefix(&SPKI_PREFIX)?.try_into().ok()?))
            };
            parts.map(key).collect()
        };
        keys.filter(|keys| !keys.is_empty()).map(|keys| Self { keys }).ok_or(NotAPublicKey)
    }

    /// The key of that name.
    pub fn find(&self, key_id: &str) -> Option<&PublicKey> {
        self.keys.iter().find(|key| key.key_id == key_id)
    }
}

impl From<&Signer> for PublicKeys {
    fn from(signer: &Signer) -> Self {
        Self { keys: vec![signer.public.clone()] }
    }
}

/// Writes a new key to `path`. Whoever comes second keeps the first one's: a link never replaces.
fn make(path: &Path) -> io::Result<()> {
    let pair =
        Ed25519KeyPair::generate().map_err(|_| io::Error::other("the system gives no random numbers"))?;
    let pkcs8 = pair.to_pkcs8v1().map_err(|_| io::Error::other("a new key cannot be written down"))?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let new = PathBuf::from(name);
    // One of that name was left by a process that died while it wrote.
    let _ = fs::remove_file(&new);
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    let written = file.write_all(to_pem(pkcs8.as_ref(), PRIVATE).as_bytes()).and_then(|()| file.sync_all());
    let linked =
        written.and_then(|()| fs::hard_link(&new, path)).and_then(|()| File::open(folder)?.sync_all());
    fs::remove_file(&new)?;
    match linked {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

fn to_pem(der: &[u8], label: &str) -> String {
    let text = BASE64.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", lines.collect::<String>())
}

fn from_pem(pem: &str, label: &str) -> Option<Vec<u8>> {
    let (_, after) = pem.split_once(&format!("-----BEGIN {label}-----"))?;
    let (within, _) = after.split_once(&format!("-----END {label}-----"))?;
    let digits: String = within.chars().filter(|c| !c.is_whitespace()).collect();
    BASE64.decode(digits).ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_its_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("below/manifest.key");
        let first = Signer::open(&path).expect("made");
        let again = Signer::open(&path).expect("read");
        assert_eq!(first.public(), again.public());
        let mode = fs::metadata(&path).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_dir(path.parent().expect("a folder")).expect("read").count(), 1);
        assert!(!format!("{first:?}").contains(&fs::read_to_string(&path).expect("text")[30..60]));
        fs::write(&path, "something else").expect("written");
        assert!(matches!(Signer::open(&path), Err(SigningKeyError::NotAKey { .. })));
    }

    #[test]
    fn only_the_other_half_says_yes_and_only_to_the_same_message() {
        let folder = tempfile::tempdir().expect("a folder");
        let [one, two] = ["one", "two"].map(|name| Signer::open(&folder.path().join(name)).expect("made"));
        let signature = one.sign(b"message");
        assert!(one.public().has_signed(b"message", &signature));
        assert!(!one.public().has_signed(b"massage", &signature));
        assert!(!two.public().has_signed(b"message", &signature));
        assert!(!one.public().has_signed(b"message", "no base64"));
    }

    #[test]
    fn public_keys_are_read_as_they_are_given_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let [one, two] = ["one", "two"].map(|name| Signer::open(&folder.path().join(name)).expect("made"));
        let both = PublicKeys { keys: vec![one.public().clone(), two.public().clone()] };
        let json = serde_json::to_string(&both).expect("JSON");
        assert_eq!(PublicKeys::parse(&json), Ok(both.clone()));
        assert_eq!(PublicKeys::parse(&format!("{}{}", one.public().pem, two.public().pem)), Ok(both));
        for wrong in ["", "{}", "{\"keys\":[]}", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"]
        {
            assert_eq!(PublicKeys::parse(wrong), Err(NotAPublicKey), "{wrong}");
        }
        // Its own name is not believed.
        let renamed = json.replace(&one.public().key_id, "0000000000000000");
        assert!(PublicKeys::parse(&renamed).expect("keys").find("0000000000000000").is_none());
    }
}
