//! Guides, read by somebody who does what they say: every fenced block is run, saved or looked at.
//!
//! The language of a block tells what becomes of it, and words behind the language how:
//!
//! | block | what the reader does |
//! |---|---|
//! | `sh`, `bash` | types it into the one terminal that is open: variables, functions and folder last |
//! | `python`, `js` | runs it as a program of its own, in the terminal's folder and environment |
//! | any language with `file=NAME` | saves it as `NAME` in the terminal's folder |
//! | `text`, `json`, `toml`, `http`… without `file=` | looks at it |
//! | `not-run=WHY` | leaves it alone; a test may ask how many there are |

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// What is shown and not run.
const SHOWN: [&str; 10] =
    ["text", "json", "toml", "yaml", "http", "ini", "nginx", "sql", "promql", "dockerfile"];

/// A fenced block of a guide (CommonMark 0.31 §4.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snippet {
    /// The first word of its info string.
    pub language: String,
    /// The other words: `file=nightly.sh`, `not-run=needs-systemd`.
    pub words: Vec<String>,
    /// The heading that it stands under.
    pub section: String,
    /// The line of its first line of code, from 1.
    pub line: usize,
    /// The code itself, with its last newline.
    pub code: String,
}

impl Snippet {
    /// What follows `name=` among its words.
    pub fn word(&self, name: &str) -> Option<&str> {
        self.words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    }
}

/// The blocks of `guide`, a path from the root of the repository, in their order.
///
/// # Panics
/// If a block has no language: then nobody could say whether it is to be run.
pub fn snippets(guide: &str) -> Vec<Snippet> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(guide);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{guide}: {error}"));
    blocks(guide, &text)
}

fn blocks(guide: &str, text: &str) -> Vec<Snippet> {
    let (mut found, mut section, mut open) = (Vec::new(), String::new(), None::<(&str, Snippet)>);
    for (number, line) in (1..).zip(text.lines()) {
        match &mut open {
            Some((fence, _)) if line.trim() == *fence => found.extend(open.take().map(|(_, block)| block)),
            Some((_, block)) => block.code.extend([line, "\n"]),
            None => match fence(line) {
                Some((fence, info)) => {
                    let mut words = info.split_whitespace().map(str::to_owned);
                    let language = words.next().unwrap_or_else(|| panic!("{guide}:{number}: no language"));
                    let (words, section) = (words.collect(), section.clone());
                    let block = Snippet { language, words, section, line: number + 1, code: String::new() };
                    open = Some((fence, block));
                }
                None if line.starts_with('#') => line.trim_start_matches('#').trim().clone_into(&mut section),
                None => {}
            },
        }
    }
    assert!(open.is_none(), "{guide}: a block does not end");
    found
}

/// The backticks that open a block, and what is said behind them.
fn fence(line: &str) -> Option<(&str, &str)> {
    let length = line.bytes().take_while(|byte| *byte == b'`').count();
    (length >= 3).then(|| line.split_at(length))
}

/// How a block ended.
#[derive(Debug)]
pub struct Ran {
    /// Its exit status; that of the terminal, if it closed that.
    pub status: i32,
    /// What it wrote.
    pub stdout: String,
    /// What it complained of.
    pub stderr: String,
}

/// A reader's terminal: one shell, as long as this lives, that stops at what fails (`set -euo
/// pipefail`). What it started ends with it, and all of it after five minutes.
pub struct Terminal {
    folder: PathBuf,
    shell: Child,
    keyboard: ChildStdin,
    screen: BufReader<ChildStdout>,
    /// Where blocks and what they write lie: not where the reader would see them.
    aside: tempfile::TempDir,
}

impl Terminal {
    /// A terminal in `folder`, where these variables are set beside those of the test.
    pub fn new(folder: &Path, environment: &[(&str, &str)]) -> Self {
        // `timeout` leads a process group, and hands on to all of it what ends it.
        let mut shell = Command::new("timeout")
            .args(["--kill-after=5", "300", "bash", "--noprofile", "--norc"])
            .current_dir(folder)
            .env("HOME", folder)
            .envs(environment.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("timeout and bash are there");
        let keyboard = shell.stdin.take().expect("a pipe");
        let screen = BufReader::new(shell.stdout.take().expect("a pipe"));
        let aside = tempfile::tempdir().expect("a folder");
        let mut terminal = Self { folder: folder.to_owned(), shell, keyboard, screen, aside };
        terminal.types("set -euo pipefail");
        terminal
    }

    /// Does with one block what a reader would.
    ///
    /// # Panics
    /// If it is in a language that nobody here speaks.
    pub fn does(&mut self, snippet: &Snippet) -> Option<Ran> {
        if snippet.word("not-run").is_some() {
            return None;
        }
        if let Some(name) = snippet.word("file") {
            std::fs::write(self.folder.join(name), &snippet.code).expect("room for a file");
            return None;
        }
        let (program, name) = match snippet.language.as_str() {
            "sh" | "bash" => (".", "block.sh"),
            "python" => ("python3", "block.py"),
            "js" => ("node", "block.mjs"),
            shown if SHOWN.contains(&shown) => return None,
            other => panic!("line {}: nobody knows how to read {other}", snippet.line),
        };
        Some(self.runs(program, name, &snippet.code))
    }

    /// Follows the whole of `guide`; every block has to go well. Gives what each wrote that was run.
    ///
    /// # Panics
    /// At the first that does not, with its line.
    pub fn follows(&mut self, guide: &str) -> Vec<(Snippet, Ran)> {
        let mut done = Vec::new();
        for snippet in snippets(guide) {
            let Some(ran) = self.does(&snippet) else { continue };
            assert!(
                ran.status == 0,
                "{guide}:{} ({}) ended with {}\n{}\n{}{}",
                snippet.line,
                snippet.section,
                ran.status,
                snippet.code,
                ran.stdout,
                ran.stderr
            );
            done.push((snippet, ran));
        }
        done
    }

    /// Has `program` (`.` is the shell itself) read `code`, as a file of that `name`.
    fn runs(&mut self, program: &str, name: &str, code: &str) -> Ran {
        let [block, out, err] = [name, "out", "err"].map(|name| self.aside.path().join(name));
        std::fs::write(&block, code).expect("room for a file");
        let place = |path: &Path| path.to_str().expect("a path of text").to_owned();
        let (block, written, complained) = (place(&block), place(&out), place(&err));
        self.types(&format!("{program} {block} </dev/null >{written} 2>{complained}\necho done"));
        let mut line = String::new();
        self.screen.read_line(&mut line).expect("a line");
        let status = if line.trim() == "done" {
            0
        } else {
            self.shell.wait().expect("it has ended").code().unwrap_or(-1)
        };
        let text = |path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
        Ran { status, stdout: text(out), stderr: text(err) }
    }

    fn types(&mut self, line: &str) {
        // A shell that has closed is noticed when it is asked what came of it.
        let _ = writeln!(self.keyboard, "{line}").and_then(|()| self.keyboard.flush());
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let pid = rustix::process::Pid::from_child(&self.shell);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.shell.wait();
    }
}

#[test]
fn a_reader_finds_every_block_and_does_what_it_says() {
    let guide = "# One\n\n```sh\nname=ada\n```\n\n## Two\n\n```python file=hello.py\nimport sys\n\
                 print('hello', sys.argv[1])\n```\n\n````text\n```\n````\n```bash\npython3 hello.py \"$name\"\n```\n\
                 ```js\nconsole.log(1 + 1)\n```\n```sh not-run=never\nfalse\n```\n";
    let blocks = blocks("a guide", guide);
    let sections: Vec<_> = blocks.iter().map(|block| (block.section.as_str(), block.line)).collect();
    assert_eq!(sections, [("One", 4), ("Two", 10), ("Two", 15), ("Two", 18), ("Two", 21), ("Two", 24)]);
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::new(folder.path(), &[]);
    let ran: Vec<_> = blocks.iter().filter_map(|block| terminal.does(block)).collect();
    assert!(ran.iter().all(|ran| ran.status == 0), "{ran:?}");
    let written: Vec<_> = ran.iter().map(|ran| ran.stdout.as_str()).collect();
    assert_eq!(written, ["", "hello ada\n", "2\n"]);
}

#[test]
fn what_fails_in_a_guide_is_noticed() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut terminal = Terminal::new(folder.path(), &[]);
    let ran = terminal.runs(".", "block.sh", "false | true\necho not seen\n");
    assert_eq!((ran.status, ran.stdout.as_str()), (1, ""), "{ran:?}");
    let mut terminal = Terminal::new(folder.path(), &[]);
    let ran = terminal.runs(".", "block.sh", "echo \"$NOBODY_SET_THIS\"\n");
    assert!(ran.status != 0 && ran.stderr.contains("NOBODY_SET_THIS"), "{ran:?}");
}
