//! Writes the seeds of every target into `$SEEDS/{target}`: a target that fuzzes nothing, because
//! what is made for the fuzzer runs only with it.
#![no_main]

use std::fs;
use std::path::Path;

use exportd_fuzz::credentials::{own_token, provided, written};
use exportd_fuzz::domain::Archive;
use exportd_fuzz::packaging::samples::{Sample, tarred};
use exportd_fuzz::security::{ApiTokenSecret, SessionToken};
use exportd_fuzz::security::signature::samples::Sample as Signed;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { write().expect("the seeds are written") }, |_bytes: &[u8]| {});

fn write() -> std::io::Result<()> {
    let folder = std::env::var("SEEDS").expect("the folder to write into");
    let seed = |target: &str, name: &str, bytes: &[u8]| {
        let folder = Path::new(&folder).join(target);
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)
    };
    for (number, sample) in Sample::few().iter().chain(&Sample::large()).enumerate() {
        let (target, which) = match sample.format {
            Archive::Zip => ("zip", 0),
            Archive::TarGz => ("tar_gz", 1),
            Archive::TarZst => ("tar_zst", 2),
        };
        let name = format!("sample-{number}");
        seed(target, &name, &sample.bytes)?;
        seed("manifest", &name, &sample.manifest.to_json())?;
        if let Some(index) = &sample.index {
            // Without the sums at its end: whoever changes it cannot make those right.
            let bytes = index.to_bytes(b"");
            seed("entries", &name, &[&[which][..], &bytes[..bytes.len() - 8]].concat())?;
        }
        // An uncompressed archive, behind the byte that tells so.
        seed("tar_gz", &format!("raw-{number}"), &[&[0][..], &tarred(&sample.files).0].concat())?;
    }
    for (name, text) in [
        ("plain", "*.log\n/build/\n!keep.log\nsrc/**/test?.[ch]\n# a comment\n\\#not\n"),
        ("odd", "**\n/**/\n[!a-z]*\n{a,b}\na\\ \n ü?.txt\n[\n[[:alpha:]]\n***/x\n"),
    ] {
        seed("globs", name, text.as_bytes())?;
        seed("ignore", name, text.as_bytes())?;
    }
    let (token, session) = (ApiTokenSecret::new().expose(), SessionToken::new().expose());
    seed("credentials", "token", token.as_bytes())?;
    seed("credentials", "user", "M\u{fc}ller".as_bytes())?;
    let cookies = format!("theme=dark; exportd_session={session}\nlang=de;;=x; __Host-exportd_session=1");
    seed("credentials", "cookies", cookies.as_bytes())?;
    for (number, sample) in Signed::signed_rightly().iter().enumerate() {
        seed("signature", &format!("signed-{number}"), &written(sample))?;
    }
    let (token, set) = provided();
    seed("jwt", "own", format!("{}\n{set}", own_token()).as_bytes())?;
    seed("jwt", "provided", format!("{token}\n{set}").as_bytes())?;
    Ok(())
}
