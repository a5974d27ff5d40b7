//! A scratch place that is full.

use std::io::ErrorKind;

use exportd::domain::Format;
use exportd::formats::{FormatError, FormatOptions, formatter};

use super::cases;
use super::writing::written;
use crate::support::disk::SmallDisk;

#[test]
fn a_full_scratch_place_is_told_as_that() {
    let folder = tempfile::tempdir().expect("a folder");
    let disk = SmallDisk::mounted_at(&folder.path().join("scratch"));
    for format in Format::ALL {
        let (mut out, options) = (Vec::new(), FormatOptions::scratching_in(&disk.0));
        let Some(formatter) = formatter(format, &mut out, &options) else { continue };
        match written(&cases::many_rows(30_000), formatter) {
            Err(FormatError::Output(error)) => assert_eq!(error.kind(), ErrorKind::StorageFull, "{format}"),
            Err(other) => panic!("{format}: {other}"),
            Ok(_) => assert_ne!(format, Format::Xlsx, "its scratch file does not fit"),
        }
    }
    assert_eq!(std::fs::read_dir(&disk.0).expect("it is there").count(), 0, "nothing is left");
}
