//! What machines sign, and what forgers would make of it.

use std::time::Duration;

use crate::domain::{Caller, Proof, Role, Timestamp};

use super::samples::{BODY, CREATED, NOW, SECRET, Sample, signatures};
use super::{SignatureFault, Signatures, Signed, WINDOW};

const TARGET: &str = "https://exports.example/api/v1/exports?limit=5";
const LINES: [&str; 2] =
    ["\"@method\": GET", "\"@target-uri\": https://exports.example/api/v1/exports?limit=5"];

fn checked(sample: &Sample) -> Result<Signed, SignatureFault> {
    let folder = tempfile::tempdir().expect("a folder");
    signatures(folder.path()).check(&sample.message().expect("an address"), NOW)
}

/// What becomes of a GET that is rightly signed with these lines and this input.
fn signed_so(headers: &[(&str, &str)], lines: &[&str], input: &str) -> Result<Signed, SignatureFault> {
    checked(&Sample::new("GET", TARGET, headers).signed("s", lines, input))
}

fn input(covered: &str, parameters: &str) -> String {
    format!("({covered});created={CREATED};nonce=\"n\";keyid=\"ci\"{parameters}")
}

fn proved(sample: &Sample, body: &[u8]) -> Caller {
    let signed = checked(sample).expect("a right signature");
    signed.has_body(body).expect("its body");
    signed.into_caller()
}

#[test]
fn what_was_signed_proves_its_key_s_user_or_whom_it_acts_for() {
    let samples = Sample::signed_rightly();
    let ci = proved(&samples[0], b"");
    assert_eq!((ci.user.as_str(), ci.role, &ci.acting), ("ci", Role::User, &None));
    assert_eq!(ci.proof, Proof::Signature { key: "ci".to_owned() });
    assert_eq!(proved(&samples[1], BODY).user.as_str(), "ci");
    let ana = proved(&samples[2], b"");
    assert_eq!((ana.user.as_str(), ana.actor()), ("ana", "key:ci"));
    let signed = checked(&samples[0]).expect("a right signature");
    assert_eq!((signed.key(), signed.nonce(), signed.good_until()), ("ci", "n1", NOW.plus(WINDOW)));
}

#[test]
fn a_body_is_the_one_that_was_signed_or_there_is_none() {
    let samples = Sample::signed_rightly();
    let fits = |sample: &Sample, body| checked(sample).expect("a right signature").has_body(body);
    assert_eq!(fits(&samples[1], b"{}"), Err(SignatureFault::OtherBody));
    assert_eq!(fits(&samples[1], b""), Err(SignatureFault::OtherBody));
    assert_eq!(fits(&samples[0], b"x"), Err(SignatureFault::DoesNotCover("content-digest")));
}

#[test]
fn whatever_is_changed_on_the_way_undoes_the_signature() {
    for sample in Sample::signed_rightly() {
        let changed = |change: &dyn Fn(&mut Sample)| {
            let mut sample = sample.clone();
            change(&mut sample);
            checked(&sample).expect_err("it was changed")
        };
        let forged = Err(SignatureFault::Forged);
        for (method, target) in [
            ("DELETE", TARGET),
            ("get", TARGET),
            (sample.method.as_str(), "http://exports.example/api/v1/exports?limit=5"),
            (sample.method.as_str(), "https://exports.example/api/v1/exports?limit=50"),
            (sample.method.as_str(), "https://exports.example/api/v1/exports"),
            (sample.method.as_str(), "https://exports.example:8443/api/v1/exports?limit=5"),
        ] {
            let other = Sample { method: method.into(), target: target.into(), ..sample.clone() };
            assert_eq!(checked(&other), forged, "{method} {target}");
        }
        for line in 0..sample.headers.len() {
            changed(&|sample| {
                let middle = sample.headers[line].1.len() / 2;
                sample.headers[line].1[middle] ^= 1;
            });
            changed(&|sample| drop(sample.headers.remove(line)));
            changed(&|sample| {
                let again = sample.headers[line].clone();
                sample.headers.push(again);
            });
        }
    }
}

#[test]
fn a_signature_is_good_within_its_window_and_until_it_expires() {
    let folder = tempfile::tempdir().expect("a folder");
    let signatures = signatures(folder.path());
    let samples = Sample::signed_rightly();
    let at = |sample: &Sample, now: Timestamp| {
        signatures.check(&sample.message().expect("an address"), now).map(drop)
    };
    let outside = Err(SignatureFault::OutsideWindow { created: NOW });
    let moment = Duration::from_millis(1);
    assert_eq!(at(&samples[0], NOW.plus(WINDOW)), Ok(()));
    assert_eq!(at(&samples[0], NOW.plus(WINDOW).plus(moment)), outside);
    assert_eq!(at(&samples[0], NOW.minus(WINDOW)), Ok(()));
    assert_eq!(at(&samples[0], NOW.minus(WINDOW).minus(moment)), outside);
    let end = NOW.plus(Duration::from_secs(60));
    assert_eq!(at(&samples[2], end.minus(moment)), Ok(()));
    assert_eq!(at(&samples[2], end), Err(SignatureFault::Expired { at: end }));
    for created in ["-1", "999999999999999", "-999999999999999"] {
        let input = format!("(\"@method\" \"@target-uri\");created={created};nonce=\"n\";keyid=\"ci\"");
        let refused = signed_so(&[], &LINES, &input);
        assert!(matches!(refused, Err(SignatureFault::OutsideWindow { .. })), "{refused:?}");
    }
}

#[test]
fn a_signature_has_to_say_and_to_cover_enough() {
    use SignatureFault as F;
    let both = "\"@method\" \"@target-uri\"";
    let whole = input(both, "");
    assert!(signed_so(&[], &LINES, &whole).is_ok());
    let unless = |gone: &str| whole.replace(gone, "");
    let now = format!(";created={CREATED}");
    let text = format!("({both});created=\"{CREATED}\";nonce=\"n\";keyid=\"ci\"");
    for (input, fault) in [
        (unless(&now), F::Lacks("created")),
        (unless(";nonce=\"n\""), F::Lacks("nonce")),
        (unless(";keyid=\"ci\""), F::NotOneKnown { known: 0 }),
        (whole.replace("\"ci\"", "\"cj\""), F::NotOneKnown { known: 0 }),
        (whole.replace("nonce=\"n\"", "nonce=\"\""), F::Lacks("nonce")),
        (whole.replace("nonce=\"n\"", &format!("nonce=\"{}\"", "n".repeat(129))), F::Lacks("nonce")),
        (whole.replace("nonce=\"n\"", "nonce=5"), F::Lacks("nonce")),
        (text, F::Malformed("instants are whole seconds")),
        (input(both, ";alg=\"hmac-sha512\""), F::WrongAlgorithm),
        (input(both, ";alg=hmac-sha256"), F::WrongAlgorithm),
        (input(both, ";alg"), F::WrongAlgorithm),
        (input("\"@target-uri\"", ""), F::DoesNotCover("@method")),
        (input("\"@method\"", ""), F::DoesNotCover("@target-uri")),
        (input("", ""), F::DoesNotCover("@method")),
        (input(&format!("{both} \"@method\""), ""), F::Malformed("a component is covered once")),
        (input("\"@method\" @target-uri", ""), F::Malformed("no dictionary in which nothing is said twice")),
        (input("\"@method\" 5", ""), F::Malformed("a component is a text")),
        (input(both, ";nonce=\"m\""), F::Malformed("no dictionary in which nothing is said twice")),
        (input(both, &format!(";x=\"{}\"", "x".repeat(9000))), F::Malformed("longer than any signature")),
        (
            input(&(0..65).map(|n| format!("\"h{n}\" ")).collect::<String>(), ""),
            F::Malformed("too many components"),
        ),
    ] {
        assert_eq!(signed_so(&[], &LINES, &input), Err(fault), "{input}");
    }
    let behalf = [("x-on-behalf-of", "ana")];
    assert_eq!(signed_so(&behalf, &LINES, &whole), Err(F::DoesNotCover("x-on-behalf-of")));
    let digest = [("content-digest", super::samples::DIGEST)];
    assert_eq!(signed_so(&digest, &LINES, &whole), Err(F::DoesNotCover("content-digest")));
}

#[test]
fn what_is_not_supported_is_refused_and_not_passed_over() {
    for component in [
        "\"accept\";sf",
        "\"accept\";bs",
        "\"accept\";key=\"a\"",
        "\"accept\";tr",
        "\"@method\";req",
        "\"@query-param\";name=\"limit\"",
        "\"@query-param\"",
        "\"@status\"",
        "\"@signature-params\"",
        "\"Accept\"",
        "\"missing\"",
        "\"\"",
        "\"a\\\"b\"",
    ] {
        let covered = format!("\"@method\" \"@target-uri\" {component}");
        let refused = signed_so(&[("accept", "a/b")], &LINES, &input(&covered, ""));
        assert!(
            matches!(refused, Err(SignatureFault::NoSuchComponent(_) | SignatureFault::Malformed(_))),
            "{component}: {refused:?}"
        );
    }
}

#[test]
fn of_several_signatures_one_at_most_may_be_by_a_key_of_ours() {
    let right = Sample::signed_rightly().swap_remove(0);
    let with = |input: &str, signature: &str| {
        let mut sample = right.clone();
        sample.headers.push(("signature-input".into(), input.into()));
        sample.headers.push(("signature".into(), signature.into()));
        checked(&sample).map(drop)
    };
    let proxy = "proxy=(\"@method\");created=5;keyid=\"edge\";alg=\"ed25519\"";
    assert_eq!(with(proxy, "proxy=:AAAA:"), Ok(()));
    assert_eq!(
        with("b=(\"@method\");created=5;keyid=\"ci\"", "b=:AAAA:"),
        Err(SignatureFault::NotOneKnown { known: 2 })
    );
    let twice = Err(SignatureFault::Malformed("no dictionary in which nothing is said twice"));
    assert_eq!(with("sig1=(\"@method\");keyid=\"x\"", "x=:AAAA:"), twice);
    assert_eq!(with(proxy, "sig1=:AAAA:"), twice);
    let lacking = SignatureFault::Malformed("no signature of this label");
    let relabelled = |value: &str| {
        let mut sample = right.clone();
        sample.headers[1].1 = value.into();
        checked(&sample)
    };
    for signature in ["other=:AAAA:", "sig1=AAAA", "sig1=(:AAAA:)", "sig1"] {
        assert_eq!(relabelled(signature), Err(lacking.clone()), "{signature}");
    }
    for signature in ["sig1=::", "sig1=:AAAA:"] {
        assert_eq!(relabelled(signature), Err(SignatureFault::Forged), "{signature}");
    }
}

#[test]
fn a_key_acts_for_whom_it_may_and_for_nobody_else() {
    let covered = input("\"@method\" \"@target-uri\" \"x-on-behalf-of\"", "");
    let acting = |lines: &[&str], signed: &str| {
        let headers: Vec<_> = lines.iter().map(|user| ("x-on-behalf-of", *user)).collect();
        let line = format!("\"x-on-behalf-of\": {signed}");
        signed_so(&headers, &[LINES[0], LINES[1], &line], &covered)
            .map(|signed| signed.into_caller().user.to_string())
    };
    assert_eq!(acting(&["ana"], "ana"), Ok("ana".to_owned()));
    let bob = "bob".parse().expect("a user");
    assert_eq!(acting(&["bob"], "bob"), Err(SignatureFault::MayNotActFor(bob)));
    assert_eq!(acting(&["ana", "bob"], "ana, bob"), Err(SignatureFault::NoUser));
    assert_eq!(acting(&["../x"], "../x"), Err(SignatureFault::NoUser));
    assert_eq!(acting(&[""], ""), Err(SignatureFault::NoUser));
}

#[test]
fn keys_change_with_their_file_and_stay_while_it_is_broken() {
    let folder = tempfile::tempdir().expect("a folder");
    let signatures: Signatures = signatures(folder.path());
    let sample = Sample::signed_rightly().swap_remove(0);
    let is_good = || signatures.check(&sample.message().expect("an address"), NOW).is_ok();
    let write = |text: &str| {
        std::fs::write(folder.path().join("keys.toml"), text).expect("a file");
        signatures.read_again();
    };
    write("[[key]");
    assert!(is_good(), "a file in the middle of being written");
    write(&format!("[[key]]\nid = \"new\"\nsecret = \"{SECRET}\"\nuser = \"ci\"\n"));
    assert!(!is_good(), "the key is gone");
    write(&format!("[[key]]\nid = \"ci\"\nsecret = \"{SECRET}\"\nuser = \"ci\"\n"));
    assert!(is_good());
}
