//! `exportd nginx`: what it prints is what nginx takes, and what it finds is what is wrong.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::support::nginx::{certificate_in, program};

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn exportd(folder: &Path, words: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exportd"));
    command
        .args(words)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    let ran = command.output().expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ran { code: ran.status.code().expect("it exits"), out: text(ran.stdout), err: text(ran.stderr) }
}

/// What `exportd nginx check` finds: verdict and words of each.
fn findings(folder: &Path, words: &[&str]) -> (i32, Vec<(String, String)>) {
    let ran = exportd(folder, &[&["nginx", "check", "--json"], words].concat());
    let found: Value =
        serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {}{}", ran.out, ran.err));
    let text = |finding: &Value, member: &str| finding[member].as_str().unwrap_or_default().to_owned();
    let told = |finding: &Value| {
        assert_eq!(
            finding["verdict"] == "ok",
            finding["next"].is_null(),
            "every fault has a next step: {finding}"
        );
        (text(finding, "verdict"), format!("{} → {}", text(finding, "what"), text(finding, "next")))
    };
    (ran.code, found.as_array().expect("a list").iter().map(told).collect())
}

#[track_caller]
fn assert_found(found: &[(String, String)], verdict: &str, words: &str) {
    assert!(
        found.iter().any(|(is, what)| is == verdict && what.contains(words)),
        "no {verdict} {words:?} in {found:#?}"
    );
}

const ACCEL: [&str; 2] = ["--set", "download.mode=accel"];

#[test]
fn the_files_as_they_lie_there_are_what_nginx_takes_without_a_word() {
    let folder = tempfile::tempdir().expect("a folder");
    let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("nginx");
    let (certificate, key) = certificate_in(folder.path());
    let here = folder.path().display().to_string();
    // Only where nginx would write, and a key that is there.
    let moved = |text: String| {
        text.replace("/var/log/nginx", &here)
            .replace("/var/lib/exportd/packages", &here)
            .replace("/etc/ssl/certs/ssl-cert-snakeoil.pem", &certificate)
            .replace("/etc/ssl/private/ssl-cert-snakeoil.key", &key)
            .replace("listen 443 ", &format!("listen unix:{here}/socket "))
    };
    std::fs::create_dir(folder.path().join("snippets")).expect("a folder");
    let copy = |from: &Path, to: &Path| {
        std::fs::write(to, moved(std::fs::read_to_string(from).expect("a file"))).expect("written");
    };
    copy(&files.join("exportd.conf"), &folder.path().join("exportd.conf"));
    for snippet in std::fs::read_dir(files.join("snippets")).expect("snippets").flatten() {
        copy(&snippet.path(), &folder.path().join("snippets").join(snippet.file_name()));
    }
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {here}/{kind};"));
    let main =
        format!("pid {here}/pid; events {{}} http {{ {} include {here}/exportd.conf; }}", temporary.concat());
    std::fs::write(folder.path().join("nginx.conf"), main).expect("written");
    let tried = Command::new(program())
        .args(["-t", "-e", "stderr", "-p", &here, "-c", &format!("{here}/nginx.conf")])
        .output()
        .expect("nginx is installed");
    let said = String::from_utf8_lossy(&tried.stderr).into_owned();
    assert!(tried.status.success() && !said.contains("warn") && !said.contains("alert"), "{said}");
}

#[test]
fn what_is_printed_is_one_text_that_nginx_takes_and_check_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let (certificate, key) = certificate_in(folder.path());
    let flags = [&ACCEL[..], &["--tls-certificate", &certificate, "--tls-key", &key]].concat();
    let printed = exportd(folder.path(), &[&["nginx", "print"], &flags[..]].concat());
    assert_eq!((printed.code, printed.err.as_str()), (0, ""));
    assert!(!printed.out.contains("include "), "one text");
    for line in ["listen 443 ssl http2;", &format!("ssl_certificate {certificate};")] {
        assert!(printed.out.contains(line), "{line}");
    }
    let (_, found) = findings(folder.path(), &flags);
    assert_found(&found, "ok", "`nginx -t` finds nothing wrong");
    assert_found(&found, "ok", "download.mode is accel");
    assert_found(&found, "ok", "server.trusted_proxies has 127.0.0.1");
}

#[test]
fn nginx_takes_what_is_printed_while_exportd_sends_everything_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let front = folder.path().join("front");
    std::fs::create_dir(&front).expect("a folder");
    let front = front.to_str().expect("text");
    let socket = format!("unix:{front}/socket");
    // As it is when nobody says anything: download.mode is direct.
    let flags = ["nginx", "print", "--plain", "--complete", front, "--listen", &socket];
    let printed = exportd(folder.path(), &flags);
    assert_eq!((printed.code, printed.err.as_str()), (0, ""));
    assert!(!printed.out.contains("exportd_ticket"), "{}", printed.out);
    let file = folder.path().join("nginx.conf");
    std::fs::write(&file, &printed.out).expect("written");
    let tried = Command::new(program())
        .args(["-t", "-e", "stderr", "-p", front, "-c"])
        .arg(&file)
        .output()
        .expect("nginx is installed");
    assert!(tried.status.success(), "{}", String::from_utf8_lossy(&tried.stderr));
    let (_, found) = findings(folder.path(), &["--plain"]);
    assert_found(&found, "ok", "`nginx -t` finds nothing wrong");
}

#[test]
fn what_is_wrong_is_told_with_what_to_do_next() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let check = |words: &[&str]| findings(here, &[&["--plain"], words].concat());
    let (code, found) = check(&[&ACCEL[..], &["--nginx", "/nowhere/nginx"]].concat());
    assert_eq!(code, 1);
    assert_found(&found, "wrong", "no nginx on PATH or in /usr/sbin → `apt install nginx`");

    let (_, found) = check(&[]);
    assert_found(&found, "note", "download.mode is direct");
    let (code, found) = check(&[&ACCEL[..], &["--set", "server.trusted_proxies=10.0.0.0/8"]].concat());
    assert_eq!(code, 1);
    assert_found(&found, "wrong", "server.trusted_proxies does not have 127.0.0.1");
    let (_, found) = check(&[&ACCEL[..], &["--set", "server.listen=0.0.0.0:8080"]].concat());
    assert_found(&found, "note", "others may get past nginx");
    let (_, found) = check(&[&ACCEL[..], &["--set", "download.total_rate_limit=1MiB"]].concat());
    assert_found(&found, "note", "only exportd can share it fairly");
    let (code, found) = check(&[&ACCEL[..], &["--user", "nobody-has-this-name"]].concat());
    assert_eq!(code, 1);
    assert_found(&found, "wrong", "there is no such user");

    let nothing = here.join("nothing.pem").display().to_string();
    let (code, found) = findings(here, &["--tls-certificate", &nothing, "--tls-key", &nothing]);
    assert_eq!(code, 1);
    assert_found(&found, "wrong", "give yours with --tls-certificate and --tls-key");

    for words in [
        &["nginx", "print", "--set", "server.listen=127.0.0.1:0"][..],
        &["nginx", "print", "--set", "storage.root=/srv/$x"],
        &["nginx", "print", "--server-name", "a; b"],
        &["nginx", "print", "--tls-key", "k"],
        &["nginx", "check", "--set", "download.mode=sideways"],
    ] {
        let ran = exportd(here, words);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{words:?}");
        assert!(!ran.err.is_empty(), "{words:?}");
    }
}

#[test]
fn a_folder_that_nginx_cannot_enter_is_named() {
    // Not in a test's own folder: nobody else passes that.
    let folder = tempfile::tempdir_in("/var/tmp").expect("a folder");
    let set = |path: &Path, mode| {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("ours");
    };
    let packages = folder.path().join("packages");
    std::fs::create_dir(&packages).expect("a folder");
    set(folder.path(), 0o755);
    let root = format!("storage.root={}", packages.display());
    let flags = [&ACCEL[..], &["--plain", "--user", "nobody", "--set", &root]].concat();
    set(&packages, 0o750);
    let (code, found) = findings(folder.path(), &flags);
    assert_eq!(code, 1);
    assert_found(&found, "wrong", &format!("nobody, as whom nginx runs, cannot pass {}", packages.display()));
    set(&packages, 0o755);
    let (code, found) = findings(folder.path(), &flags);
    assert_found(&found, "ok", "nobody, as whom nginx runs, can read the packages");
    assert_eq!(code, 0, "{found:#?}");
}

#[test]
fn an_nginx_that_is_run_with_other_values_is_found_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let at = here.display().to_string();
    let main = here.join("nginx.conf").display().to_string();
    let flags = [&ACCEL[..], &["--plain", "--listen", "unix:./s", "--set", "storage.root=packages"]].concat();
    std::fs::create_dir(here.join("packages")).expect("a folder");
    let printed = exportd(here, &[&["nginx", "print", "--complete", &at], &flags[..]].concat());
    std::fs::write(&main, &printed.out).expect("written");
    let check = |more: &[&str]| findings(here, &[&flags[..], &["--conf", &main], more].concat());
    let (_, found) = check(&[]);
    assert_found(&found, "ok", "nginx's configuration agrees with the settings");
    let (code, found) = check(&["--set", "server.listen=127.0.0.1:9999"]);
    assert_eq!(code, 1);
    assert_found(&found, "wrong", "server.listen asks for `server 127.0.0.1:9999;`");
    std::fs::write(&main, format!("pid {at}/pid; events {{}}")).expect("written");
    let (_, found) = check(&[]);
    assert_found(&found, "note", "nginx's configuration has no exportd in it yet");
}

/// What `nginx check` finds when `from` has become `to` in what is printed.
fn changed(from: &str, to: &str) -> (i32, Vec<(String, String)>) {
    let folder = tempfile::tempdir().expect("a folder");
    let here = folder.path();
    let main = here.join("nginx.conf").display().to_string();
    std::fs::create_dir(here.join("packages")).expect("a folder");
    let flags = [&ACCEL[..], &["--plain", "--listen", "unix:./s", "--set", "storage.root=packages"]].concat();
    let at = here.display().to_string();
    let printed = exportd(here, &[&["nginx", "print", "--complete", &at], &flags[..]].concat()).out;
    assert!(printed.contains(from), "{from}");
    std::fs::write(&main, printed.replace(from, &to.replace("HERE", &at))).expect("written");
    findings(here, &[&flags[..], &["--conf", &main]].concat())
}

#[test]
fn what_protects_counts_and_hands_over_is_missed_when_it_is_gone() {
    for (from, to, words) in [
        ("internal;\n            alias", "alias", "goes without `internal;`: anybody fetches packages"),
        ("internal;\n            alias", "alias", "in `location ^~ /_packages/` gives away"),
        ("X-Forwarded-For $", "X-Real-IP $", "`proxy_set_header X-Forwarded-For $remote_addr;`: clients"),
        (
            "X-Forwarded-For $remote_addr",
            "X-Forwarded-For $http_x_forwarded_for",
            "but has `proxy_set_header",
        ),
        ("$upstream_http_x_exportd_ticket", "$upstream_http_x_ticket", "downloads are not counted"),
        ("proxy_set_header X-Exportd-Ticket", "proxy_set_header X-Ticket", "is not sent at all"),
        ("proxy_set_header X-Exportd-Accel", "proxy_set_header X-Accel", "no package is handed over"),
        ("set $exportd_accel on;", "set $exportd_accel off;", "goes without `set $exportd_accel on;`"),
        ("proxy_buffering off;", "proxy_buffering on;", "by way of nginx's disk"),
        ("error_log /dev/null;", "", "tokens of links get into the log"),
        ("$exportd_logged_uri\"", "$request_uri\"", "logs the tokens of links"),
        ("limit_conn exportd_connections 512;", "", "goes without `limit_conn`"),
        ("location ^~ /metrics {", "location ^~ /figures {", "`location ^~ /metrics` is not there"),
        ("\"ticket\":\"$exportd_ticket\"", "\"ticket\":\"\"", "`log_format exportd_accel"),
        ("error_page 403 404 500 = @exportd_itself;", "", "goes without `error_page"),
        (
            "location ^~ /metrics {",
            "location /x { alias HERE/packages/; } location ^~ /metrics {",
            "gives away",
        ),
        ("location ^~ /metrics {", "location /x { root HERE; } location ^~ /metrics {", "gives away"),
        (
            "location ^~ /metrics {",
            "location /x { proxy_pass http://127.0.0.1:8080; } location ^~ /metrics {",
            "`location /x` goes without `proxy_set_header X-Forwarded-For $remote_addr;`",
        ),
    ] {
        let (code, found) = changed(from, to);
        assert_eq!(code, 1, "{from} → {to}: {found:#?}");
        assert_found(&found, "wrong", words);
    }
}

#[test]
fn what_is_an_operators_own_business_is_left_to_him() {
    for (from, to) in [
        ("proxy_read_timeout 1h;", "proxy_read_timeout 2h;"),
        ("limit_conn exportd_connections 512;", "limit_conn exportd_connections 9;"),
        ("location ^~ /metrics {", "location /about { return 204; } location ^~ /metrics {"),
        (
            "    sendfile on;",
            "    sendfile  on; # as it is\n add_header\n Strict-Transport-Security 'max-age=9';",
        ),
        ("server_name _;", "server_name exports.example;"),
    ] {
        let (code, found) = changed(from, to);
        assert_found(&found, "ok", "nginx's configuration agrees with the settings");
        assert_eq!(code, 0, "{from} → {to}: {found:#?}");
    }
}
