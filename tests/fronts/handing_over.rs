//! Who sends what, when nginx cannot, and when it may not.

use super::packed;
use crate::support::api::ExportHandle;
use crate::support::house::House;
use crate::support::nginx::{Nginx, told};

/// `export` through `nginx`.
fn at(nginx: &Nginx, export: &ExportHandle) -> ExportHandle {
    export.api.at(nginx.address()).export(&export.id)
}

#[test]
fn what_nginx_cannot_read_is_sent_by_exportd_and_nobody_notices() {
    let house = House::behind_nginx(|_| {});
    let export = packed(&house, 100_000);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mut lost = house.settings().clone();
    lost.storage.root = elsewhere.path().to_owned();
    let nginx = Nginx::before(&told(&lost, house.direct(&export.api).address()), &[]);
    let (well, ill) = (&export, at(&nginx, &export));
    for (number, headers) in
        [&[][..], &[("range", "bytes=5-9")], &[("want-digest", "SHA-256")]].iter().enumerate()
    {
        let name = format!("ill-{number}");
        let (well, ill) = (
            well.download(headers),
            ill.download(&[*headers, &[("x-correlation-id", name.as_str())]].concat()),
        );
        assert_eq!((well.status, &well.body), (ill.status, &ill.body));
        let names = |answer: &crate::support::api::Answer| {
            let mut lines: Vec<_> =
                answer.headers.iter().map(|(name, value)| format!("{name}: {value:?}")).collect();
            lines.retain(|line| {
                !["date: ", "x-correlation-id: ", "connection: "].iter().any(|n| line.starts_with(n))
            });
            lines.sort();
            lines
        };
        assert_eq!(names(&well), names(&ill));
        assert!(!nginx.sent(&name));
    }
    // It was told that nothing came of what nginx was handed: nobody waits for it, and it is one.
    let object = export.until("all is counted", |object| object["downloadCount"] != 0);
    assert!(object["downloadCount"].as_u64().is_some_and(|count| count <= 6), "{object}");
    house.metric_is("exportd_downloads_in_flight", 0.0);
}

#[test]
fn a_folder_that_nginx_may_not_enter_keeps_nobody_from_a_package() {
    use std::os::unix::fs::PermissionsExt;
    let house = House::behind_nginx(|_| {});
    let export = packed(&house, 100_000);
    let root = &house.settings().storage.root;
    let mode = std::fs::metadata(root).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o050, 0o050, "exportd opens it to its group");
    std::fs::set_permissions(root, std::fs::Permissions::from_mode(0o700)).expect("it is ours");
    let is_root = rustix::process::geteuid().is_root();
    let nginx = Nginx::before(&house.told(), if is_root { &["--user", "www-data"] } else { &[] });
    let answer = at(&nginx, &export).download(&[("x-correlation-id", "shut-out")]).expect(200);
    assert_eq!(crate::support::sha256(&answer.body), export.show()["checksum"]);
    assert_eq!(nginx.sent("shut-out"), !is_root, "a user sees into its own folders");
}

#[test]
fn the_only_download_of_a_link_is_not_used_up_by_an_nginx_that_cannot() {
    let house = House::behind_nginx(|_| {});
    let export = packed(&house, 100_000);
    let elsewhere = tempfile::tempdir().expect("a folder");
    let mut lost = house.settings().clone();
    lost.storage.root = elsewhere.path().to_owned();
    let nginx = Nginx::before(&told(&lost, house.direct(&export.api).address()), &[]);
    let link = super::link_of(&export, &serde_json::json!({"maxDownloads": 1}));
    let answer = export.api.anonymous().at(nginx.address()).get(&link).expect(200);
    assert_eq!(crate::support::sha256(&answer.body), export.show()["checksum"]);
    let other = export.api.anonymous();
    let used_up = other.get_with(&link, &[("user-agent", "another")]);
    assert!((400..500).contains(&used_up.status), "{used_up:?}");
}

#[test]
fn a_file_that_is_lost_between_exportd_and_nginx_is_told_as_lost() {
    let house = House::behind_nginx(|_| {});
    let export = packed(&house, 1_000);
    export.download(&[]).expect(200);
    // exportd looks only at the folder that nginx does not have, and the other way round.
    for file in house.stored_files() {
        std::fs::remove_file(file).expect("a stored file");
    }
    let answer = export.download(&[]).expect(404);
    assert_eq!(answer.code(), "FILE_NOT_FOUND");
    assert_eq!(answer.header("content-disposition"), "");
    assert_eq!(answer.headers.get_all("cache-control").iter().count(), 1);
}

#[test]
fn a_limit_for_one_download_is_nginx_s_to_keep_unless_it_has_to_be_shared() {
    let house = House::behind_nginx(|settings| settings.download.rate_limit = Some(50_000_000));
    let export = packed(&house, 100_000);
    let size = export.show()["fileSize"].as_u64().expect("a size");
    for (name, range, by_nginx) in
        [("whole", None, true), ("rest", Some("bytes=1000-"), false), ("piece", Some("bytes=0-999"), false)]
    {
        let range = range.map(|range| ("range", range));
        let headers: Vec<_> = range.into_iter().chain([("x-correlation-id", name)]).collect();
        let answer = export.download(&headers).expect_one_of(&[200, 206]);
        assert!(answer.body.len() as u64 <= size);
        assert_eq!(house.nginx().sent(name), by_nginx, "{name}");
    }
}

#[test]
fn a_download_at_a_limited_speed_takes_its_time() {
    const RATE: u64 = 1_000_000;
    let house = House::behind_nginx(|settings| settings.download.rate_limit = Some(RATE));
    let export = packed(&house, 3_000_000);
    let began = std::time::Instant::now();
    let answer = export.download(&[("x-correlation-id", "limited")]).expect(200);
    assert!(house.nginx().sent("limited"));
    // Never faster, whatever else the machine does; nginx counts by seconds.
    let least = answer.body.len() as u64 / RATE - 1;
    assert!(began.elapsed().as_secs() >= least, "{:?} for {} bytes", began.elapsed(), answer.body.len());
}

#[test]
fn a_limit_for_all_together_is_kept_by_exportd() {
    let house = House::behind_nginx(|settings| settings.download.total_rate_limit = Some(1 << 30));
    let export = packed(&house, 1_000);
    export.download(&[("x-correlation-id", "shared")]).expect(200);
    assert!(!house.nginx().sent("shared"));
}

#[test]
fn the_package_s_name_is_its_own_wherever_it_lies() {
    let house = House::behind_nginx(|settings| {
        settings.storage.root = settings.storage.root.with_file_name("größe \"1\" & co");
        "/held-back~1/".clone_into(&mut settings.download.accel_prefix);
    });
    let export = packed(&house, 10_000);
    let answer = export.download(&[("x-correlation-id", "named")]).expect(200);
    assert_eq!(crate::support::sha256(&answer.body), export.show()["checksum"]);
    assert!(house.nginx().sent("named"));
}
