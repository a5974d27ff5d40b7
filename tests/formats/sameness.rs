//! The same rows are the same bytes, whenever they are written.

use exportd::domain::Format;

use super::cases;
use super::writing::write;

#[test]
fn the_same_rows_are_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    for format in Format::ALL {
        for case in cases::all() {
            let once = || {
                let mut bytes = Vec::new();
                write(&case, format, &mut bytes, folder.path()).map(|told| (told, bytes))
            };
            assert!(once() == once(), "{format}, {}", case.name);
        }
    }
    assert_eq!(
        std::fs::read_dir(&folder).expect("it is there").count(),
        0,
        "nothing is left in the scratch place"
    );
}
