//! What a shell offers on Tab.

use std::process::Command;

/// What bash itself has learnt from our script to offer for a line.
fn offered(words: &[&str]) -> Vec<String> {
    let exportd = env!("CARGO_BIN_EXE_exportd");
    let script = format!(
        "source <({exportd} completions bash) && COMP_WORDS=(\"$@\") COMP_CWORD=$(($# - 1)) \
         && _exportd exportd \"${{@: -1}}\" \"${{@: -2:1}}\" && printf '%s\\n' \"${{COMPREPLY[@]}}\""
    );
    let ran =
        Command::new("bash").args(["--norc", "-c", &script, "bash"]).args(words).output().expect("bash");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("text").lines().map(ToOwned::to_owned).collect()
}

#[test]
fn bash_completes_commands_those_below_them_and_flags() {
    assert_eq!(offered(&["exportd", "expo"]), ["export"]);
    assert_eq!(offered(&["exportd", "export", "ca"]), ["cancel"]);
    assert!(offered(&["exportd", "export", "create", "--pa"]).contains(&"--paths".to_owned()));
    assert_eq!(offered(&["exportd", "token", "--role", ""]), ["user", "admin"]);
}

#[test]
fn every_shell_gets_a_script() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ran = Command::new(env!("CARGO_BIN_EXE_exportd"))
            .args(["completions", shell])
            .output()
            .expect("it runs");
        let script = String::from_utf8(ran.stdout).expect("text");
        assert!(ran.status.success() && script.contains("idempotency-key"), "{shell}: {script}");
    }
}
