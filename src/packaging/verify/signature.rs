//! Whether a manifest is what its server sealed.

use super::findings::Check;
use crate::packaging::signature::{Signed, signed_by};
use crate::security::PublicKeys;

const NAME: &str = "signature";

/// Holds the manifest `json` against its signature, which has to be by one of `keys`.
pub fn check_signature(json: &[u8], keys: &PublicKeys) -> Check {
    match signed_by(json, keys) {
        None => Check::bad(NAME, "this is no manifest"),
        Some(Signed::By(key)) => Check::good(NAME, format!("signed by key {key}")),
        Some(Signed::ByNobody) => Check::bad(NAME, "the manifest is not signed"),
        Some(Signed::ByStranger(key)) => {
            Check::bad(NAME, format!("signed by key {key}, which is not the one given"))
        }
        Some(Signed::Wrongly(key)) => {
            Check::bad(NAME, format!("wrong: the manifest is not what key {key} signed"))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::{Compression, Sha256};
    use crate::packaging::{Manifest, ManifestEntry, PackageDigest, Recipe, Totals};
    use crate::security::Signer;

    fn signer() -> Signer {
        let folder = tempfile::tempdir().expect("a folder");
        Signer::open(&folder.path().join("key")).expect("a key")
    }

    fn manifest() -> Manifest {
        let sha256 = Sha256([7; 32]);
        let entry = |path: &str| ManifestEntry {
            path: path.to_owned(),
            size: 3,
            compressed_size: 5,
            sha256,
            mode: "0644".to_owned(),
        };
        Manifest {
            package: PackageDigest { size: 100, sha256 },
            recipe: Recipe {
                tool: "exportd".into(),
                format: "zip".into(),
                compression: Compression::None,
                codec: "x".into(),
                level: 6,
                profile: crate::domain::Profile::default(),
                rules: 1,
            },
            source: None,
            entries: vec![entry("größe/日本 \"q\"\u{7f}.txt"), entry("b")],
            deleted: Vec::new(),
            excluded: Vec::new(),
            secrets: Vec::new(),
            warnings: Vec::new(),
            totals: Totals { files: 2, bytes: 6, compressed_bytes: 10, excluded: 0 },
            signature: None,
        }
    }

    /// Every place in `value` that could be changed, as JSON Pointers.
    fn places(value: &Value, at: String, found: &mut Vec<String>) {
        found.push(at.clone());
        match value {
            Value::Object(members) => {
                members.iter().for_each(|(name, value)| places(value, format!("{at}/{name}"), found));
            }
            Value::Array(values) => {
                values.iter().enumerate().for_each(|(i, value)| places(value, format!("{at}/{i}"), found));
            }
            _ => {}
        }
    }

    #[test]
    fn a_manifest_altered_in_any_member_is_found() {
        let signer = signer();
        let keys = PublicKeys::from(&signer);
        let json: Value = serde_json::from_slice(&manifest().signed(&signer).to_json()).expect("JSON");
        let check = |json: &Value| check_signature(json.to_string().as_bytes(), &keys);
        assert!(check(&json).ok, "{}", check(&json).detail);
        let pretty = serde_json::to_vec_pretty(&json).expect("JSON");
        assert!(check_signature(&pretty, &keys).ok, "how it is written does not matter");

        let mut found = Vec::new();
        places(&json, String::new(), &mut found);
        assert!(found.len() > 30, "{found:?}");
        for place in found {
            let mut altered = json.clone();
            let value = altered.pointer_mut(&place).expect("it was found");
            *value = match value {
                Value::Number(number) => json!(number.as_u64().expect("whole") + 1),
                Value::String(text) => json!(format!("{text}0")),
                _ => json!(null),
            };
            assert!(!check(&altered).ok, "{place}");
        }
        for (name, value) in [("more", json!(1)), ("deleted", json!(["a"]))] {
            let mut altered = json.clone();
            altered[name] = value;
            assert!(!check(&altered).ok, "{name}");
        }
        let mut removed = json.clone();
        removed["entries"].as_array_mut().expect("a list").pop();
        assert!(!check(&removed).ok);
    }

    #[test]
    fn not_signed_signed_by_another_and_no_manifest_are_told_apart() {
        let (signer, other) = (signer(), signer());
        let keys = PublicKeys::from(&signer);
        let told = |json: &[u8]| check_signature(json, &keys).detail;
        assert_eq!(told(&manifest().to_json()), "the manifest is not signed");
        assert!(told(&manifest().signed(&other).to_json()).contains("not the one given"));
        assert_eq!(told(b"{}"), "this is no manifest");
        let json = String::from_utf8(manifest().signed(&signer).to_json()).expect("text");
        let twice = json.replacen("{\"package\"", "{\"deleted\":[],\"deleted\":[],\"package\"", 1);
        assert_eq!(told(twice.as_bytes()), "this is no manifest", "a member that is there twice");
    }
}
