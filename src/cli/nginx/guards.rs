//! Whether what nginx is run with still has what a front protects, counts and hands over by.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::blocks::{Directive, parse};
use super::front::Front;
use super::text;
use crate::app::Mode;

/// Where exportd is, in a `proxy_pass`.
const UPSTREAM: &str = "http://exportd";
/// What an operator may have otherwise, within a location: it is about speed and patience.
const TUNABLE: [&str; 12] = [
    "access_log",
    "aio",
    "output_buffers",
    "proxy_buffer_size",
    "proxy_buffers",
    "proxy_connect_timeout",
    "proxy_max_temp_file_size",
    "proxy_read_timeout",
    "proxy_send_timeout",
    "sendfile",
    "sendfile_max_chunk",
    "tcp_nopush",
];
/// What the server itself has to say.
const OF_THE_SERVER: [&str; 2] = ["set", "gzip"];
/// What has to be there in some size.
const LIMITS: [&str; 2] = ["limit_conn", "limit_req"];
/// What is called by names that have to mean the same: what is passed on, and what logs may have.
const NAMES: [&str; 4] = ["$exportd_correlation_id", "$exportd_host", "$exportd_logged_uri", "$exportd_path"];
/// What tells the token of a link when it is logged.
const TELLING: [&str; 6] =
    ["$request", "$request_uri", "$uri", "$document_uri", "$request_filename", "$http_referer"];

/// What comes of it when something is not there.
const OTHERWISE: [(&str, &str); 9] = [
    ("internal", "anybody fetches packages without a token"),
    ("proxy_set_header X-Forwarded-For", "clients say themselves who they are"),
    ("proxy_set_header Forwarded", "clients say themselves who they are"),
    ("proxy_set_header X-Exportd-Accel", "no package is handed over"),
    ("proxy_set_header X-Exportd-Ticket", "what nginx cannot read is not sent at all"),
    ("set $exportd_ticket", "downloads are not counted"),
    ("access_log", "downloads are not counted"),
    ("error_log", "tokens of links get into the log"),
    ("proxy_buffering", "downloads and events come late, by way of nginx's disk"),
];

/// One block and those around it, the outermost first.
type Within<'d> = Vec<&'d Directive>;

/// What `found`, all of nginx's configuration, lacks of `front`, in words; nothing when all is well.
pub fn lacking(front: &Front, found: &[Directive]) -> BTreeSet<String> {
    let wanted = parse(&text::of_http(front));
    let mut lacking = BTreeSet::new();
    for http in found.iter().filter(|block| block.is("http")) {
        let servers = places(http).into_iter().filter(|within| is_front(within, front));
        let mut servers = servers.peekable();
        if servers.peek().is_none() {
            lacking.insert(format!("no server has `proxy_pass {UPSTREAM};`"));
        }
        names(&wanted, http, &mut lacking);
        for within in servers {
            server(front, &wanted, &within, &mut lacking);
        }
        passing_on(front, &wanted, http, &mut lacking);
    }
    lacking
}

/// Every location but the one for packages that gives away files of the storage's folder.
pub fn serving(front: &Front, found: &[Directive]) -> BTreeSet<String> {
    let root = canonical(&front.packages);
    let mut serving = BTreeSet::new();
    for within in found.iter().filter(|block| block.is("http")).flat_map(places) {
        let is_internal = within.iter().any(|block| block.block.iter().any(|line| line.is("internal")));
        let here = within.last().expect("a place has its block");
        for line in here.block.iter().filter(|line| line.is("root") || line.is("alias")) {
            if !is_internal && leads_into(line.value(), &root) {
                serving.insert(format!("`{line}` in `{}` gives away {}", heading(here), root.display()));
            }
        }
    }
    serving
}

/// Every block of `http` that requests get to, and `http` itself.
fn places(http: &Directive) -> Vec<Within<'_>> {
    let mut all = vec![vec![http]];
    let mut at = 0;
    while let Some(within) = all.get(at).cloned() {
        let here: &Directive = within.last().expect("a place has its block");
        let is_place =
            |block: &&Directive| ["server", "location", "if", "limit_except"].contains(&block.name());
        all.extend(here.block.iter().filter(is_place).map(|block| [&within[..], &[block]].concat()));
        at += 1;
    }
    all
}

/// Whether it is a server that passes requests on to exportd, or hands over its packages.
fn is_front(within: &Within<'_>, front: &Front) -> bool {
    let here = within.last().expect("a place has its block");
    let is_ours = |line: &Directive| {
        line.is("proxy_pass") && is_exportd(line.value(), front)
            || (line.is("location") && line.words.last().is_some_and(|path| *path == front.prefix))
    };
    here.is("server") && any(here, &is_ours)
}

fn any(block: &Directive, is_one: &dyn Fn(&Directive) -> bool) -> bool {
    block.block.iter().any(|line| is_one(line) || any(line, is_one))
}

/// By its name, or past it.
fn is_exportd(address: &str, front: &Front) -> bool {
    let past = format!("http://{}", front.upstream);
    let rest = address.strip_prefix(UPSTREAM).or_else(|| address.strip_prefix(&past));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '$', ':']))
}

/// What is said once, in `http`.
fn names(wanted: &[Directive], http: &Directive, lacking: &mut BTreeSet<String>) {
    let is_name = |line: &&Directive| {
        let is_map = line.is("map") && line.words.last().is_some_and(|name| NAMES.contains(&name.as_str()));
        is_map || (line.is("log_format") && line.value() == "exportd_accel")
    };
    for line in wanted.iter().filter(is_name) {
        if !http.block.contains(line) {
            lacking.insert(format!("`{line}` is another one or not there"));
        }
    }
}

fn server(front: &Front, wanted: &[Directive], within: &Within<'_>, lacking: &mut BTreeSet<String>) {
    let here = within.last().expect("a place has its block");
    let wanted = wanted.iter().find(|block| block.is("server")).expect("a front has a server");
    for line in wanted.block.iter().filter(|line| OF_THE_SERVER.contains(&line.name())) {
        // Nothing is handed over then, whatever nginx says.
        if !(front.mode == Mode::Direct && line.is("set")) {
            one(line, within, lacking);
        }
    }
    for name in LIMITS {
        if effective(name, within).is_empty() {
            lacking.insert(format!("`{}` goes without `{name}`", heading(here)));
        }
    }
    for location in wanted.block.iter().filter(|block| block.is("location")) {
        let is_own_error = location.words.iter().any(|word| word.starts_with("/_exportd/"));
        let found = here.block.iter().find(|block| block.words == location.words);
        match found {
            _ if is_own_error => {}
            Some(found) => inside(location, &[&within[..], &[found]].concat(), lacking),
            None => {
                lacking.insert(format!("`{}` is not there", heading(location)));
            }
        }
    }
    logs(within, lacking);
}

/// Every directive of a location, but what may be otherwise.
fn inside(location: &Directive, within: &Within<'_>, lacking: &mut BTreeSet<String>) {
    let is_counting = |line: &Directive| line.words.last().is_some_and(|format| format == "exportd_accel");
    let is_compared = |line: &&Directive| !TUNABLE.contains(&line.name()) || is_counting(line);
    location.block.iter().filter(is_compared).for_each(|line| one(line, within, lacking));
}

/// Whether `line` holds in the innermost of these blocks, and nothing beside it says otherwise.
fn one(line: &Directive, within: &Within<'_>, lacking: &mut BTreeSet<String>) {
    let here = within.last().expect("a place has its block");
    let effective = effective(line.name(), within);
    let key = key(line);
    let others: Vec<_> = effective.iter().filter(|other| key.is_some() && self::key(other) == key).collect();
    let is_there = effective.iter().any(|other| other.words == line.words);
    if is_there && others.len() < 2 {
        return;
    }
    let instead = others.iter().find(|other| other.words != line.words);
    let instead = instead.map_or_else(String::new, |other| format!(", but has `{other}`"));
    let said = line.words.join(" ");
    let otherwise = OTHERWISE.iter().find(|(begin, _)| said.starts_with(begin));
    let otherwise = otherwise.map_or_else(String::new, |(_, why)| format!(": {why}"));
    lacking.insert(format!("`{}` goes without `{line}`{instead}{otherwise}", heading(here)));
}

/// What holds in the innermost of these blocks: its own lines of that name or, when it has none,
/// those of the next around it that has.
fn effective<'d>(name: &str, within: &Within<'d>) -> Vec<&'d Directive> {
    let of = |block: &'d Directive| block.block.iter().filter(|line| line.is(name)).collect::<Vec<_>>();
    // Variables and conditions add up.
    if name == "set" {
        return within.iter().copied().flat_map(of).collect();
    }
    within.iter().rev().copied().map(of).find(|lines| !lines.is_empty()).unwrap_or_default()
}

/// What a directive says something about, where there may be many of its name.
fn key(line: &Directive) -> Option<String> {
    ["proxy_set_header", "add_header"].contains(&line.name()).then(|| line.value().to_ascii_lowercase())
}

/// Wherever requests are passed on, clients are not to speak in nginx's name.
fn passing_on(front: &Front, wanted: &[Directive], http: &Directive, lacking: &mut BTreeSet<String>) {
    let all = Directive { words: vec!["http".to_owned()], block: wanted.to_vec() };
    let is_catch_all = |within: &Within<'_>| {
        within.last().is_some_and(|here| here.words == ["location", "/"] && has_pass(here, front))
    };
    let places_of_wanted = places(&all);
    let usual = places_of_wanted.iter().find(|within| is_catch_all(within)).expect("a front passes on");
    let headers = effective("proxy_set_header", usual);
    for within in places(http).iter().filter(|within| within.last().is_some_and(|here| has_pass(here, front)))
    {
        headers.iter().for_each(|header| one(header, within, lacking));
    }
}

fn has_pass(block: &Directive, front: &Front) -> bool {
    block.block.iter().any(|line| line.is("proxy_pass") && is_exportd(line.value(), front))
}

/// Requests of links are logged without their tokens, or not at all.
fn logs(within: &Within<'_>, lacking: &mut BTreeSet<String>) {
    let (http, server) = (within[0], *within.last().expect("a place has its block"));
    if effective("access_log", within).is_empty() {
        let told = "goes without an `access_log` of its own: tokens of links get into the usual one";
        lacking.insert(format!("`{}` {told}", heading(server)));
    }
    let inner = places(server);
    let blocks = inner.iter().filter_map(|within| within.last()).chain([&http]);
    for here in blocks {
        let mut logs = here.block.iter().filter(|line| line.is("access_log"));
        // Those of `http` hold where the server has none.
        let is_heard = !here.is("http") || !server.block.iter().any(|line| line.is("access_log"));
        if let Some(log) = logs.find(|log| is_heard && is_telling(http, log)) {
            lacking.insert(format!("`{log}` in `{}` logs the tokens of links", heading(here)));
        }
    }
}

fn is_telling(http: &Directive, log: &Directive) -> bool {
    if log.value() == "off" || log.value() == "/dev/null" {
        return false;
    }
    let Some(name) = log.words.get(2).filter(|name| !name.contains('=')) else { return true };
    let format = http.block.iter().find(|line| line.is("log_format") && line.value() == name);
    let Some(format) = format else { return true };
    let text = format.words[2..].concat();
    TELLING.iter().any(|variable| is_in(variable, &text))
}

/// Whether `text` has this very variable, and not only one whose name begins so.
fn is_in(variable: &str, text: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let bare = text.match_indices(variable).any(|(at, _)| ends(&text[at + variable.len()..]));
    bare || text.contains(&format!("${{{}}}", &variable[1..]))
}

/// Whether a file of `root` may be reached by way of `path`, which may have variables in it.
fn leads_into(path: &str, root: &Path) -> bool {
    let (told, is_whole) = path.split_once('$').map_or((path, true), |(told, _)| (told, false));
    if !told.starts_with('/') {
        return false;
    }
    let reached = canonical(Path::new(told));
    let is_begun = !is_whole && root.to_string_lossy().starts_with(told);
    root.starts_with(&reached) || reached.starts_with(root) || is_begun
}

/// A path without its links, as far as it is there.
fn canonical(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn heading(block: &Directive) -> String {
    if !block.is("server") {
        return block.words.join(" ");
    }
    let name = block.block.iter().find(|line| line.is("server_name"));
    name.map_or_else(|| "server".to_owned(), |name| format!("server {}", name.words[1..].join(" ")))
}
