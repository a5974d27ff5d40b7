//! A file as nginx and logrotate treat it.

use std::io::Write as _;

use super::*;

struct Log {
    folder: tempfile::TempDir,
    tail: Tail,
    places: Vec<Place>,
}

impl Log {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let tail = Tail::resume(&folder.path().join("accel.log"), &[]);
        Self { folder, tail, places: Vec::new() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let file = OpenOptions::new().create(true).append(true).open(self.path(name));
        file.and_then(|mut file| file.write_all(text.as_ref())).expect("written");
    }

    fn rotate(&self) {
        fs::rename(self.path("accel.log"), self.path("accel.log.1")).expect("it is there");
    }

    fn read(&mut self) -> Vec<String> {
        let read = self.tail.read();
        (self.tail, self.places) = (read.tail, read.places);
        read.lines.into_iter().map(|line| String::from_utf8(line).expect("text")).collect()
    }

    /// What a later process reads, that begins where this one was.
    fn restart(&mut self) {
        let places = serde_json::to_value(&self.places).expect("JSON");
        let places: Vec<Place> = serde_json::from_value(places).expect("places");
        self.tail = Tail::resume(&self.path("accel.log"), &places);
    }
}

#[test]
fn lines_are_read_as_they_come_and_half_a_line_when_it_is_whole() {
    let mut log = Log::new();
    assert!(log.read().is_empty(), "it is not there yet");
    log.write("accel.log", "one\ntwo\nthr");
    assert_eq!(log.read(), ["one", "two"]);
    assert!(log.read().is_empty());
    log.write("accel.log", "ee\n\nfive\n");
    assert_eq!(log.read(), ["three", "", "five"]);
}

#[test]
fn what_was_read_and_not_taken_is_read_again() {
    let mut log = Log::new();
    log.write("accel.log", "one\n");
    drop(log.tail.read());
    assert_eq!(log.read(), ["one"]);
}

#[test]
fn a_file_that_was_rotated_is_read_to_its_end_and_then_the_new_one() {
    let mut log = Log::new();
    log.write("accel.log", "one\n");
    log.read();
    log.write("accel.log", "two\n");
    log.rotate();
    assert_eq!(log.read(), ["two"], "nginx has not heard of it");
    log.write("accel.log", "four\n");
    log.write("accel.log.1", "three\n");
    assert_eq!(log.read(), ["three", "four"]);
    log.write("accel.log.1", "late\n");
    assert_eq!(log.read(), ["late"], "a worker that went on with the old one");
}

#[test]
fn a_file_that_was_truncated_is_read_from_its_beginning() {
    let mut log = Log::new();
    log.write("accel.log", "a long line\n");
    log.read();
    File::options().write(true).open(log.path("accel.log")).and_then(|file| file.set_len(0)).expect("cut");
    assert!(log.read().is_empty());
    log.write("accel.log", "two\n");
    assert_eq!(log.read(), ["two"]);
}

#[test]
fn a_later_process_goes_on_where_the_earlier_one_was() {
    let mut log = Log::new();
    log.write("accel.log", "one\n");
    log.read();
    log.write("accel.log", "two\n");
    log.restart();
    assert_eq!(log.read(), ["two"]);

    log.write("accel.log", "three\n");
    log.rotate();
    log.write("accel.log", "four\n");
    log.restart();
    assert_eq!(log.read(), ["three", "four"], "rotated while nobody read");
}

#[test]
fn another_file_in_the_place_of_the_one_that_was_read_is_read_from_its_beginning() {
    let mut log = Log::new();
    log.write("accel.log", "one\n");
    log.read();
    // The same inode, as a file system gives it to the next file, with other bytes.
    fs::write(log.path("accel.log"), "two\nthree\n").expect("written");
    log.restart();
    assert_eq!(log.read(), ["two", "three"]);
    fs::remove_file(log.path("accel.log")).expect("it is there");
    log.restart();
    assert!(log.read().is_empty());
}

#[test]
fn what_has_no_end_is_no_line_and_is_passed_over() {
    let mut log = Log::new();
    log.write("accel.log", vec![b'x'; LONGEST_LINE + 1]);
    assert!(log.read().iter().all(|line| line.starts_with('x')));
    log.write("accel.log", "\ntwo\n");
    assert_eq!(log.read(), ["", "two"]);
}

#[test]
fn much_is_read_in_several_goes() {
    let mut log = Log::new();
    let line = "x".repeat(1_000);
    log.write("accel.log", format!("{line}\n").repeat(3_000));
    let (mut lines, mut goes) = (0, 0);
    loop {
        let read = log.tail.read();
        (lines, goes) = (lines + read.lines.len(), goes + 1);
        log.tail = read.tail;
        if !read.is_behind {
            break;
        }
    }
    assert_eq!(lines, 3_000);
    assert!(goes >= 3, "{goes}");
}

#[test]
fn what_was_read_takes_no_room_and_whoever_appends_does_not_notice() {
    let mut log = Log::new();
    let line = format!("{}\n", "x".repeat(1_023));
    log.write("accel.log", line.repeat(20 << 10));
    while log.tail.read().is_behind {
        log.read();
    }
    log.read();
    let room = |log: &Log| fs::metadata(log.path("accel.log")).expect("it is there").blocks() * 512;
    let before = room(&log);
    log.tail.give_back();
    assert!(room(&log) < before / 2, "{} of {before}", room(&log));
    log.write("accel.log", "next\n");
    assert_eq!(log.read(), ["next"]);
    log.write("accel.log", "last\n");
    log.restart();
    assert_eq!(log.read(), ["last"], "it is known again");
}

#[test]
fn a_pipe_in_its_place_is_not_waited_for() {
    let mut log = Log::new();
    let made = std::process::Command::new("mkfifo").arg(log.path("accel.log")).status();
    assert!(made.expect("mkfifo").success());
    assert!(log.read().is_empty());
}
