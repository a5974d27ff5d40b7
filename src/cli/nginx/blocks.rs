//! nginx's configuration as nginx reads it: directives, and the blocks of them.

use std::path::{Path, PathBuf};

/// What `nginx -T` writes before each file.
const FILE: &str = "# configuration file ";
/// How deep files may include each other; nginx itself would run out of files first.
const DEPTH: usize = 32;

/// One directive, without its quotes and remarks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Directive {
    /// Its name and what stands behind it.
    pub words: Vec<String>,
    /// What stands in its braces.
    pub block: Vec<Directive>,
}

impl Directive {
    /// What it is called.
    pub fn name(&self) -> &str {
        self.words.first().map_or("", String::as_str)
    }

    /// The word behind its name; empty where there is none.
    pub fn value(&self) -> &str {
        self.words.get(1).map_or("", String::as_str)
    }

    /// Whether it is called so, and begins a block of its own or not.
    pub fn is(&self, name: &str) -> bool {
        self.name() == name
    }
}

/// On one line, as a person would look for it.
impl std::fmt::Display for Directive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let quoted = |word: &String| match word.is_empty() || word.contains([' ', ';', '{', '}', '"']) {
            true => format!("\"{}\"", word.replace('"', "\\\"")),
            false => word.clone(),
        };
        let words = self.words.iter().map(quoted).collect::<Vec<_>>().join(" ");
        f.write_str(&words)?;
        f.write_str(if self.block.is_empty() { ";" } else { " { … }" })
    }
}

/// The directives of one text; as many as can be read of a broken one.
pub fn parse(text: &str) -> Vec<Directive> {
    // What is open, the outermost first; each with the block it will have.
    let mut open = vec![Directive::default()];
    let mut words = Vec::new();
    for token in (Tokens { text }) {
        match token {
            Token::Word(word) => words.push(word),
            Token::Begin => open.push(Directive { words: std::mem::take(&mut words), block: Vec::new() }),
            Token::End if open.len() > 1 => close(&mut open),
            Token::End => {}
            Token::Semicolon => {
                let words = std::mem::take(&mut words);
                open.last_mut()
                    .expect("the outermost stays")
                    .block
                    .push(Directive { words, block: Vec::new() });
            }
        }
    }
    while open.len() > 1 {
        close(&mut open);
    }
    open.pop().expect("the outermost stays").block
}

fn close(open: &mut Vec<Directive>) {
    let closed = open.pop().expect("somebody looked");
    open.last_mut().expect("the outermost stays").block.push(closed);
}

/// Everything that `nginx -T` tells, each file where it is included.
pub fn of_dump(dump: &str) -> Vec<Directive> {
    let files = files(dump);
    let Some((main, text)) = files.first() else { return parse(dump) };
    let folder = main.parent().unwrap_or(Path::new("/")).to_owned();
    with_included(parse(text), &folder, &files, DEPTH)
}

fn files(dump: &str) -> Vec<(PathBuf, String)> {
    let mut files: Vec<(PathBuf, String)> = Vec::new();
    for line in dump.lines() {
        match line.strip_prefix(FILE).and_then(|path| path.strip_suffix(':')) {
            Some(path) => files.push((path.into(), String::new())),
            None => {
                if let Some((_, text)) = files.last_mut() {
                    text.extend([line, "\n"]);
                }
            }
        }
    }
    files
}

fn with_included(
    directives: Vec<Directive>,
    folder: &Path,
    files: &[(PathBuf, String)],
    depth: usize,
) -> Vec<Directive> {
    let resolved = directives.into_iter().flat_map(|directive| {
        if !directive.is("include") || depth == 0 {
            let block = with_included(directive.block, folder, files, depth);
            return vec![Directive { block, ..directive }];
        }
        let pattern = folder.join(directive.value()).display().to_string();
        let included = files.iter().filter(|(path, _)| is_like(&path.display().to_string(), &pattern));
        included.flat_map(|(_, text)| with_included(parse(text), folder, files, depth - 1)).collect()
    });
    resolved.collect()
}

/// Whether `path` is one that a pattern with `*` and `?` means.
fn is_like(path: &str, pattern: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => path.is_empty(),
        Some('*') => {
            let ends = path.char_indices().map(|(at, _)| at).chain([path.len()]);
            ends.take_while(|at| !path[..*at].contains('/')).any(|at| is_like(&path[at..], rest.as_str()))
        }
        Some(wanted) => {
            let mut path = path.chars();
            let fits = path.next().is_some_and(|c| c == wanted || (wanted == '?' && c != '/'));
            fits && is_like(path.as_str(), rest.as_str())
        }
    }
}

enum Token {
    Word(String),
    Begin,
    End,
    Semicolon,
}

/// As nginx parts its words: a quote or a remark only begins where a word does.
struct Tokens<'t> {
    text: &'t str,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            self.text = self.text.trim_start();
            let first = self.text.chars().next()?;
            let behind = &self.text[first.len_utf8()..];
            let token = match first {
                '#' => {
                    self.text = behind.split_once('\n').map_or("", |(_, rest)| rest);
                    continue;
                }
                ';' => Token::Semicolon,
                '{' => Token::Begin,
                '}' => Token::End,
                '"' | '\'' => return Some(self.word(behind, |c, _| c == first, 1)),
                _ => {
                    let ends = |c: char, before| c.is_whitespace() || c == ';' || (c == '{' && before != '$');
                    return Some(self.word(self.text, ends, 0));
                }
            };
            self.text = behind;
            return Some(token);
        }
    }
}

impl<'t> Tokens<'t> {
    /// The word that `text` begins with, up to where it `ends`, with so many bytes that end it.
    fn word(&mut self, text: &'t str, ends: impl Fn(char, char) -> bool, closing: usize) -> Token {
        let (mut word, mut before, mut is_escaped) = (String::new(), ' ', false);
        for (at, c) in text.char_indices() {
            if is_escaped {
                // Any other than these keeps its backslash: regular expressions live on that.
                if !['"', '\'', '\\'].contains(&c) {
                    word.push('\\');
                }
                word.push(c);
            } else if ends(c, before) {
                self.text = &text[at + closing..];
                return Token::Word(word);
            } else if c != '\\' {
                word.push(c);
            }
            (is_escaped, before) = (!is_escaped && c == '\\', c);
        }
        self.text = "";
        Token::Word(word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(directives: &[Directive]) -> Vec<String> {
        directives.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn words_are_parted_as_nginx_parts_them() {
        let text = "user www; # a remark; {\nlog_format x 'a # b' \"c \\\" {$d}\";location ~ ^/(a|b)\\.x$ {\
                    return 200 ''; set $x a#b;}\nroot ${there}/x;";
        let read = parse(text);
        assert_eq!(
            told(&read),
            [
                "user www;",
                "log_format x \"a # b\" \"c \\\" {$d}\";",
                "location ~ ^/(a|b)\\.x$ { … }",
                "root \"${there}/x\";"
            ]
        );
        assert_eq!(told(&read[2].block), ["return 200 \"\";", "set $x a#b;"]);
        // Nobody panics on what nginx would not take.
        for broken in ["}", "a { b", "\"", "a \\", "}}{{;;"] {
            parse(broken);
        }
    }

    #[test]
    fn each_file_is_read_where_it_is_included() {
        let dump = "# configuration file /etc/nginx/nginx.conf:\nhttp { include conf.d/*.conf; include /x/y; }\n\
                    # configuration file /etc/nginx/conf.d/a.conf:\nserver { include snippets/one; }\n\
                    # configuration file /etc/nginx/snippets/one:\ninternal;\n\
                    # configuration file /x/y:\ngzip off;\n# configuration file /etc/nginx/conf.d/b/c.conf:\nno;\n";
        let http = &of_dump(dump)[0].block;
        assert_eq!(told(http), ["server { … }", "gzip off;"]);
        assert_eq!(told(&http[0].block), ["internal;"]);
    }
}
