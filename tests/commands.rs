//! The command line.

use crate::support::process::Site;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_demo_walks_the_whole_road_and_exits() {
    let site = Site::new(&[]);
    let project = site.path().join("source");
    std::fs::create_dir_all(project.join("src")).expect("a folder");
    std::fs::write(project.join("src/main.rs"), "fn main() {}").expect("a file");
    let demo = site
        .exportd(&["demo", "--once", "--listen", "127.0.0.1:0", "--data", "data"])
        .current_dir(&project)
        .output()
        .expect("it ends");
    let told = text(&demo.stdout);
    assert!(demo.status.success(), "{told}\n{}", text(&demo.stderr));
    for step in ["curl", "Bearer", "206 Partial Content", "checksum"] {
        assert!(told.contains(step), "{step} in\n{told}");
    }
    let again = site
        .exportd(&["demo", "--once", "--listen", "127.0.0.1:0", "--data", "data"])
        .current_dir(&project)
        .output()
        .expect("it ends");
    assert!(again.status.success(), "a second run works too: {}", text(&again.stderr));
}

#[test]
fn what_was_packed_is_verified_and_a_flipped_byte_is_found() {
    let site = Site::new(&[]);
    let folder = site.project("ada", "shop").sources(40).noise("n", 50_000).path;
    let folder = folder.to_str().expect("text");
    let packed = site.exportd(&["pack", folder, "-o", "out.zip"]).output().expect("it ends");
    assert!(packed.status.success(), "{}", text(&packed.stderr));
    assert!(site.exportd(&["verify", "out.zip"]).output().expect("it ends").status.success());

    let file = site.path().join("out.zip");
    let whole = std::fs::read(&file).expect("a package");
    for at in [0, 12, whole.len() / 2, whole.len() - 1] {
        let mut flipped = whole.clone();
        flipped[at] ^= 1;
        std::fs::write(&file, &flipped).expect("written");
        let verified = site.exportd(&["verify", "out.zip"]).output().expect("it ends");
        assert_eq!(verified.status.code(), Some(5), "byte {at}: {}", text(&verified.stdout));
    }
    assert_eq!(site.exportd(&["verify", "nothing.zip"]).output().expect("it ends").status.code(), Some(3));
}

#[test]
fn a_device_or_a_pipe_is_not_replaced_by_a_package() {
    let site = Site::new(&[]);
    let folder = site.project("ada", "shop").sources(1).path;
    let pipe = site.path().join("pipe");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo is there").success());
    for there in ["pipe", "."] {
        let packed = site.exportd(&["pack"]).arg(&folder).args(["-o", there]).output().expect("it ends");
        assert_eq!(packed.status.code(), Some(2), "{there}");
        assert!(text(&packed.stderr).contains("-o -"), "{}", text(&packed.stderr));
    }
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&pipe.metadata().expect("it is there").file_type()));
    assert!(!site.path().join("pipe.manifest.json").exists());
}

#[test]
fn the_packer_alone_makes_the_same_bytes_as_the_server() {
    let site = Site::new(&[]);
    let folder = site.project("ada", "shop").sources(40).noise("n", 50_000).path;
    let server = site.serve();
    let export = server.user("ada").request("shop");
    export.completed();
    let served = export.download(&[]).expect(200).body;
    let packed =
        site.exportd(&["pack", folder.to_str().expect("text"), "-o", "-"]).output().expect("it ends");
    assert!(packed.status.success());
    assert!(packed.stdout == served, "same rules, same bytes");
}

#[test]
fn a_wrong_call_is_told_apart_from_a_failed_one() {
    let site = Site::new(&[]);
    assert_eq!(site.exportd(&["fly"]).output().expect("it ends").status.code(), Some(2));
    assert_eq!(site.exportd(&["pack"]).output().expect("it ends").status.code(), Some(2));
    let nothing = site.exportd(&["pack", "/nowhere", "-o", "x.zip"]).output().expect("it ends");
    assert_eq!(nothing.status.code(), Some(3), "{}", text(&nothing.stderr));
    let wrong =
        site.exportd(&["config", "check"]).env("EXPORTD__JOBS__LEASE", "soon").output().expect("it ends");
    assert_eq!(wrong.status.code(), Some(2));
    let help = site.exportd(&["--help"]).output().expect("it ends");
    assert!(help.status.success() && text(&help.stdout).contains("Example"));
}

#[test]
fn a_token_stands_alone_on_its_line() {
    let site = Site::new(&[]);
    let token = site
        .exportd(&["token", "--user", "ada", "--role", "admin", "--ttl", "5m"])
        .output()
        .expect("it ends");
    assert!(token.status.success());
    assert_eq!(text(&token.stdout).trim().split('.').count(), 3);
    assert_eq!(text(&token.stdout).lines().count(), 1);
}

#[test]
fn secrets_are_shown_as_stars() {
    let site = Site::new(&[("DATABASE__URL", "postgres://ada:hush@localhost/x")]);
    let shown = site.exportd(&["config", "show"]).output().expect("it ends");
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    let shown = text(&shown.stdout);
    assert!(!shown.contains("hush") && !shown.contains("a secret for tests"), "{shown}");
    assert!(shown.contains("***") && shown.contains("retention.default"));
}

#[test]
fn the_schema_goes_up_and_down_and_tells_where_it_is() {
    let site = Site::new(&[]);
    for (arguments, code) in
        [(["migrate", "up"], 0), (["migrate", "status"], 0), (["migrate", "down"], 0), (["migrate", "up"], 0)]
    {
        let done = site.exportd(&arguments).output().expect("it ends");
        assert_eq!(done.status.code(), Some(code), "{arguments:?}: {}", text(&done.stderr));
    }
}
