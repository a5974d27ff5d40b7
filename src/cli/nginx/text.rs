//! A front written down: the files of `nginx/` with other values in their places.

use std::fmt::Write as _;
use std::path::Path;

use super::front::{Front, FrontArgs};
use crate::app::Mode;

const MAIN: &str = include_str!("../../../nginx/exportd.conf");
/// Read beside the main file where somebody wants to know.
const STATUS: &str = include_str!("../../../nginx/exportd-status.conf");

/// The snippets that the main file includes.
const SNIPPETS: [(&str, &str); 7] = [
    ("exportd-http.conf", include_str!("../../../nginx/snippets/exportd-http.conf")),
    ("exportd-tickets.conf", include_str!("../../../nginx/snippets/exportd-tickets.conf")),
    ("exportd-tls.conf", include_str!("../../../nginx/snippets/exportd-tls.conf")),
    ("exportd-limits.conf", include_str!("../../../nginx/snippets/exportd-limits.conf")),
    ("exportd-problems.conf", include_str!("../../../nginx/snippets/exportd-problems.conf")),
    ("exportd-proxy.conf", include_str!("../../../nginx/snippets/exportd-proxy.conf")),
    ("exportd-packages.conf", include_str!("../../../nginx/snippets/exportd-packages.conf")),
];

/// What marks a line whose value is not everybody's, before the value's name.
const REMARK: &str = "  #= ";

/// A place in the files: the name that stands in its remark, what stands in the line, and what
/// has to stand there instead. Of several values each gets a line of its own.
struct Place {
    name: &'static str,
    preset: &'static str,
    values: Vec<String>,
}

/// The whole configuration of `front`, in one text.
pub fn written(front: &Front) -> String {
    let mut text = String::new();
    write_file(MAIN, "", front, &places(front), &mut text);
    if front.args.status.is_some() {
        text.push('\n');
        write_file(STATUS, "", front, &places(front), &mut text);
    }
    match &front.args.complete {
        Some(folder) => complete(&text, front, folder),
        None => text,
    }
}

/// What of it stands inside `http`, and is about exportd.
pub fn of_http(front: &Front) -> String {
    let args = FrontArgs { complete: None, status: None, ..front.args.clone() };
    written(&Front { args, ..front.clone() })
}

/// The lines of `front` that hold the values called `names`, each with that name.
pub fn agreed(front: &Front, names: &[&'static str]) -> Vec<(&'static str, String)> {
    let text = of_http(front);
    let lines = text.lines().filter_map(|line| line.split_once(REMARK));
    let of_names = lines.filter_map(|(line, name)| {
        let name = names.iter().find(|wanted| **wanted == name)?;
        Some((*name, line.trim().to_owned()))
    });
    of_names.collect()
}

fn write_file(file: &str, indent: &str, front: &Front, places: &[Place], text: &mut String) {
    for line in file.lines() {
        if let Some((deeper, snippet)) = included(line) {
            if !is_left_out(snippet, front) {
                write_file(content(snippet), &format!("{indent}{deeper}"), front, places, text);
            }
            continue;
        }
        for line in filled_in(line, places) {
            let _never_fails = match line.is_empty() {
                true => writeln!(text),
                false => writeln!(text, "{indent}{line}"),
            };
        }
    }
}

/// The indent and the name of the snippet that `line` includes.
fn included(line: &str) -> Option<(&str, &str)> {
    let directive = line.trim_start();
    let snippet = directive.strip_prefix("include snippets/")?.strip_suffix(';')?;
    Some((&line[..line.len() - directive.len()], snippet))
}

fn content(snippet: &str) -> &'static str {
    let found = SNIPPETS.iter().find(|(name, _)| *name == snippet);
    found.expect("a test includes them all").1
}

fn is_left_out(snippet: &str, front: &Front) -> bool {
    match snippet {
        "exportd-tls.conf" => front.tls.is_none(),
        // Tickets come with packages alone: nginx refuses a format of a variable that nobody sets.
        "exportd-packages.conf" | "exportd-tickets.conf" => front.mode == Mode::Direct,
        _ => false,
    }
}

/// `line` with what has to stand there, once for each value.
fn filled_in(line: &str, places: &[Place]) -> Vec<String> {
    let place = line.split_once(REMARK).and_then(|(_, name)| places.iter().find(|place| place.name == name));
    match place {
        Some(place) => place.values.iter().map(|value| line.replacen(place.preset, value, 1)).collect(),
        None => vec![line.to_owned()],
    }
}

fn places(front: &Front) -> Vec<Place> {
    let one = |name, preset, value| Place { name, preset, values: vec![value] };
    let args = &front.args;
    let access_log = match (&args.access_log, &args.complete) {
        (Some(told), _) => told.clone(),
        (None, Some(folder)) => folder.join("access.log"),
        (None, None) => "/var/log/nginx/exportd.log".into(),
    };
    let server_name = if args.server_name.is_empty() { "_".to_owned() } else { args.server_name.join(" ") };
    let number =
        |told: Option<u32>, preset: &str| told.map_or(preset.to_owned(), |number| number.to_string());
    let mut places = vec![
        one("server.listen", "127.0.0.1:8080", front.upstream.to_string()),
        one("download.mode", "on", if front.mode == Mode::Accel { "on" } else { "off" }.to_owned()),
        one("download.accel_prefix", "/_packages/", front.prefix.clone()),
        one(
            "storage.root",
            "\"/var/lib/exportd/packages/\"",
            quoted(&format!("{}/", front.packages.display())),
        ),
        one("download.accel_log", "\"/var/lib/exportd/packages/accel.log\"", quoted_path(&front.accel_log)),
        Place { name: "--listen", preset: "listen 443 ssl http2;", values: listeners(front) },
        one("--server-name", "server_name _;", format!("server_name {server_name};")),
        one("--access-log", "/var/log/nginx/exportd.log", path(&access_log)),
        one("--requests-per-second", "500", number(args.requests_per_second, "500")),
        one("--connections", "512", number(args.connections, "512")),
        one("--status", "127.0.0.1:8081", args.status.clone().unwrap_or_else(|| "127.0.0.1:8081".to_owned())),
    ];
    if let Some((certificate, key)) = &front.tls {
        places.push(one("--tls-certificate", "/etc/ssl/certs/ssl-cert-snakeoil.pem", path(certificate)));
        places.push(one("--tls-key", "/etc/ssl/private/ssl-cert-snakeoil.key", path(key)));
    }
    places
}

fn listeners(front: &Front) -> Vec<String> {
    let (usual, words) = match (&front.tls, front.is_modern) {
        (None, _) => ("80", ""),
        (Some(_), true) => ("443", " ssl"),
        (Some(_), false) => ("443", " ssl http2"),
    };
    let told = front.args.listen.iter().map(String::as_str);
    let addresses: Vec<_> = if front.args.listen.is_empty() { vec![usual] } else { told.collect() };
    let mut lines: Vec<_> = addresses.iter().map(|address| format!("listen {address}{words};")).collect();
    if front.tls.is_some() && front.is_modern {
        lines.push("http2 on;".to_owned());
    }
    lines
}

/// All of nginx.conf around `text`, for an nginx that writes only into `folder`.
fn complete(text: &str, front: &Front, folder: &Path) -> String {
    let within = |name: &str| quoted_path(&folder.join(name));
    let mut whole = String::new();
    if let Some(user) = &front.args.user {
        let _never_fails = writeln!(whole, "user {user};");
    }
    let _never_fails = write!(
        whole,
        "worker_processes auto;\nworker_rlimit_nofile 8192;\npid {};\nerror_log {};\n\n\
         events {{\n    worker_connections 4096;\n}}\n\nhttp {{\n    default_type application/octet-stream;\n",
        within("nginx.pid"),
        within("error.log"),
    );
    // nginx makes all of them at its start, whether it will use them or not.
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        let _never_fails = writeln!(whole, "    {kind}_temp_path {};", within(kind));
    }
    for line in text.lines() {
        let _never_fails = match line.is_empty() {
            true => writeln!(whole),
            false => writeln!(whole, "    {line}"),
        };
    }
    whole + "}\n"
}

/// A path as nginx takes it: as it is where that is possible.
fn path(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+@:".contains(&byte));
    if is_plain { text } else { quoted(&text) }
}

fn quoted_path(path: &Path) -> String {
    quoted(&path.display().to_string())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::Settings;

    fn usual() -> Settings {
        let mut settings = Settings::default();
        settings.storage.root = "/var/lib/exportd/packages".into();
        settings.download.mode = Mode::Accel;
        settings
    }

    fn with(args: &FrontArgs, settings: &Settings) -> String {
        written(&args.of(settings, false).expect("a front"))
    }

    /// The files as nginx reads them: each snippet where it is included.
    fn files() -> String {
        fn put(file: &str, indent: &str, text: &mut String) {
            for line in file.lines() {
                match included(line) {
                    Some((deeper, snippet)) => put(content(snippet), &format!("{indent}{deeper}"), text),
                    None if line.is_empty() => text.push('\n'),
                    None => text.extend([indent, line, "\n"]),
                }
            }
        }
        let mut text = String::new();
        put(MAIN, "", &mut text);
        text
    }

    #[test]
    fn the_files_are_what_is_printed_for_default_settings() {
        assert_eq!(with(&FrontArgs::default(), &usual()), files());
    }

    #[test]
    fn every_remark_is_of_a_value_that_stands_in_its_line() {
        let places = places(&FrontArgs::default().of(&usual(), false).expect("a front"));
        let (mut named, files) = (BTreeSet::new(), files() + STATUS);
        for line in files.lines() {
            let Some((code, name)) = line.split_once(REMARK) else { continue };
            let place = places.iter().find(|place| place.name == name).unwrap_or_else(|| panic!("{line}"));
            assert_eq!(code.matches(place.preset).count(), 1, "{line}");
            named.insert(name);
        }
        assert_eq!(named.len(), places.len(), "{named:?}");
        for (name, content) in SNIPPETS {
            assert!(files.contains(content.lines().next().expect("a line")), "{name} is not included");
        }
    }

    #[test]
    fn settings_and_flags_find_their_places() {
        let mut settings = usual();
        "0.0.0.0:9000".clone_into(&mut settings.server.listen);
        settings.storage.root = "/srv/a \"b\"".into();
        "/given/".clone_into(&mut settings.download.accel_prefix);
        settings.download.accel_log = Some("/var/log/exportd/accel.log".into());
        let args = FrontArgs {
            listen: vec!["8443".into(), "[::]:8443".into()],
            server_name: vec!["a.example".into(), "b.example".into()],
            tls_certificate: Some("/tls/chain.pem".into()),
            tls_key: Some("/tls/key.pem".into()),
            connections: Some(7),
            ..FrontArgs::default()
        };
        let text = with(&args, &settings);
        for line in [
            "    server 127.0.0.1:9000;",
            "    listen 8443 ssl http2;",
            "    listen [::]:8443 ssl http2;",
            "    server_name a.example b.example;",
            "    ssl_certificate /tls/chain.pem;",
            "    location ^~ /given/ {",
            r#"        alias "/srv/a \"b\"/";"#,
            r#"        access_log "/var/log/exportd/accel.log" exportd_accel;"#,
            "    limit_conn exportd_connections 7;",
        ] {
            assert!(text.lines().any(|found| found.starts_with(line)), "{line} is missing in\n{text}");
        }
        let modern = written(&args.of(&settings, true).expect("a front"));
        assert!(modern.contains("listen [::]:8443 ssl;") && modern.contains("    http2 on;"), "{modern}");
    }

    #[test]
    fn it_tells_of_itself_where_it_is_told_to() {
        let args = FrontArgs { status: Some("[::1]:9000".into()), ..FrontArgs::default() };
        let text = with(&args, &usual());
        assert!(text.contains("    listen [::1]:9000;") && text.contains("stub_status;"), "{text}");
        assert!(!with(&FrontArgs::default(), &usual()).contains("stub_status"));
    }

    #[test]
    fn without_tls_or_packages_what_is_for_them_is_not_there() {
        let mut settings = usual();
        settings.download.mode = Mode::Direct;
        let text = with(&FrontArgs { plain: true, ..FrontArgs::default() }, &settings);
        assert!(text.contains("    listen 80;") && text.contains("set $exportd_accel off;"), "{text}");
        let directives = text.lines().map(str::trim_start).filter(|line| !line.starts_with('#'));
        for directive in directives {
            assert!(!directive.starts_with("ssl_") && !directive.starts_with("alias"), "{directive}");
        }
    }
}
