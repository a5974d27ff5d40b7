//! `docs/api-guide.md`, followed from its first line to its last by somebody who has a token.

use crate::support::api::eventually;
use crate::support::house::House;
use crate::support::snippets::Terminal;

#[test]
fn the_guide_of_the_api_works_as_it_stands() {
    let house = House::open();
    house.project("ada", "shop").file("src/main.rs", "fn main() {}\n").file("README.md", "# Shop\n");
    let ada = house.user("ada");
    let folder = tempfile::tempdir().expect("a folder");
    let server = format!("http://{}", house.address());
    let environment = [("EXPORTD_SERVER", server.as_str()), ("EXPORTD_TOKEN", ada.token())];
    let mut terminal = Terminal::new(folder.path(), &environment);
    let done = terminal.follows("docs/api-guide.md");
    assert!(done.len() >= 12, "{}", done.len());
    for (snippet, ran) in &done {
        assert!(!ran.stdout.contains(ada.token()), "line {} shows a token", snippet.line);
    }
    // What it fetched, by each of the tools, is one and the same package.
    let fetched = eventually("the packages", || {
        let files = std::fs::read_dir(folder.path()).expect("a folder").flatten();
        let packages: Vec<_> = files
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "zip"))
            .collect();
        (packages.len() >= 5).then_some(packages)
    });
    let digests: std::collections::BTreeSet<_> =
        fetched.iter().map(|path| crate::support::sha256(&std::fs::read(path).expect("a file"))).collect();
    assert_eq!(digests.len(), 1, "{fetched:?}");
}
