//! What else the machine has to have.

use rustix::process::{Resource, getrlimit};

use crate::cli::finding::Finding;
use crate::config::Settings;
use crate::formats::Fonts;

/// Every download holds a descriptor or two.
const FILES: u64 = 4_096;
/// Below this not even the database and a few jobs are sure of theirs.
const FEWEST_FILES: u64 = 256;

/// A character of each script that people write in and the house's own font does not have, what to
/// call it, and the Debian package that has it.
const SCRIPTS: [(char, &str, &str); 7] = [
    ('語', "Chinese and Japanese", "fonts-noto-cjk"),
    ('한', "Korean", "fonts-noto-cjk"),
    ('ก', "Thai", "fonts-noto-core"),
    ('अ', "Devanagari", "fonts-noto-core"),
    ('א', "Hebrew", "fonts-noto-core"),
    ('ع', "Arabic", "fonts-noto-core"),
    ('🦀', "emoji", "fonts-noto-color-emoji"),
];

/// Open files and fonts.
pub fn of(settings: &Settings) -> Vec<Finding> {
    let missing = settings.formats.fonts.iter().filter(|place| !place.exists()).map(|place| {
        let next = "name a folder that is there in `formats.fonts`";
        Finding::wrong(format!("{} of formats.fonts is not there", place.display()), next)
    });
    let mut findings: Vec<_> = missing.collect();
    findings.insert(0, open_files(getrlimit(Resource::Nofile).maximum));
    findings.push(fonts(&Fonts::of_system(settings.formats.fonts.clone())));
    findings
}

/// The soft limit is raised by `serve`; the hard one is what counts.
fn open_files(most: Option<u64>) -> Finding {
    let next = "LimitNOFILE=65536 in the unit, or `ulimit -Hn 65536`";
    match most {
        Some(most) if most < FEWEST_FILES => {
            Finding::wrong(format!("a process may have {most} open files, which is too few to serve"), next)
        }
        Some(most) if most < FILES => Finding::note(
            format!("a process may have {most} open files: about {} downloads at a time", most / 2),
            next,
        ),
        Some(most) => Finding::ok(format!("a process may have {most} open files")),
        None => Finding::ok("a process may have any number of open files"),
    }
}

fn fonts(fonts: &Fonts) -> Finding {
    let lacking = fonts.lacking(&SCRIPTS.map(|(character, _, _)| character));
    let lacks: Vec<_> = SCRIPTS.iter().filter(|(character, _, _)| lacking.contains(character)).collect();
    if lacks.is_empty() {
        return Finding::ok("there are fonts for PDFs in every script that was looked for");
    }
    let scripts: Vec<_> = lacks.iter().map(|(_, script, _)| *script).collect();
    let mut packages: Vec<_> = lacks.iter().map(|(_, _, package)| *package).collect();
    packages.dedup();
    Finding::note(
        format!("PDFs show boxes for {}: there is no font for them", scripts.join(", ")),
        format!("`apt install {}`, or name a folder of fonts in `formats.fonts`", packages.join(" ")),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::finding::Verdict;

    #[test]
    fn who_may_open_too_few_files_is_told_how_to_get_more() {
        let verdict = |most| open_files(most).verdict;
        assert_eq!((verdict(Some(100)), verdict(Some(1024))), (Verdict::Wrong, Verdict::Note));
        assert_eq!((verdict(Some(1 << 20)), verdict(None)), (Verdict::Ok, Verdict::Ok));
    }

    #[test]
    fn without_fonts_of_the_system_boxes_are_foretold() {
        let found = fonts(&Fonts::new(Vec::new()));
        assert_eq!(found.verdict, Verdict::Note);
        assert!(found.what.contains("emoji") && found.what.contains("Korean"), "{}", found.what);
    }
}
