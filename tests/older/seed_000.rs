//! The test plan for exporting project sources, as it was written for `/v1/export-jobs`: one test for
//! each of its items, named after it.
//!
//! What it took for granted and we decided otherwise:
//!
//! | the plan | here | tested by |
//! |---|---|---|
//! | download is `302` to a signed address of a bucket | the bytes come from the same address: `200`, `206`; no credential stands in an address that may be passed on | `download_is_streamed_and_never_redirects` |
//! | a stranger's job is `404` | `403`, unless the operator hides foreign jobs | `authentication_only_owners_export_and_download_their_own` |
//! | Redis counts requests | rows count them, so that no store beside the database has to be there | `redis_load_there_is_no_redis` |
//! | packages are uploaded to R2 | they are written to disk and published by renaming | `r2_upload_speed_packages_are_written_in_reasonable_time` |
//! | a Bull queue with fixed ids | rows; an id is new for every export | `queue_processing_handles_bursts_without_delays` |
//! | ids of projects and versions are UUIDs | names, as folders, tags and branches have them | `paths.rs` |
//! | without `X-Correlation-Id` the job's id is sent back as one | one is made: it names the request, not the job | `problems.rs` |
//! | errors are `{error, message}` | `{status, error, message, code, timestamp}` | `broken.rs` |
//! | packages are kept for 24 hours | for `retention.default`, counted from completion | `download_expiry_downloads_fail_after_24_hours` |

use std::collections::HashSet;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::{ask, completed, download, ended, names_in, status};
use crate::support::api::eventually;
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::project::{noise, slow_text};

const DAY: Duration = Duration::from_secs(86_400);

mod security {
    use super::*;

    /// "Attempt exports with malicious `../` sequences in project files"
    #[test]
    fn path_traversal_no_entry_leads_out() {
        let house = House::open();
        let project = house.project("ada", "shop").file("a..b.txt", "two dots").file("ab.txt", "none");
        let project = project.file("..\\..\\evil.txt", "x").file("sub/..hidden/...", "y").file("C:evil", "z");
        std::os::unix::fs::symlink("../../../etc/passwd", project.path.join("link")).expect("a link");
        let ada = house.user("ada");
        let names = names_in(&download(&ada, &completed(&ada, "shop"), &[]).expect(200).body);
        assert!(names.contains(&"a..b.txt".to_owned()) && names.contains(&"ab.txt".to_owned()), "{names:?}");
        assert!(!names.iter().any(|name| name.contains("passwd") || name == "link"), "{names:?}");
        for name in &names {
            let leads_out = name.split(['/', '\\']).any(|part| part == "..");
            assert!(!leads_out && !name.starts_with('/') && !name.contains([':', '\\']), "{name}");
        }
        assert_eq!(names.len(), 5, "nothing is lost either: {names:?}");
        for id in ["..%2f..%2fetc", "%2e%2e"] {
            ada.post(&format!("/v1/projects/{id}/export"), &json!({})).expect_one_of(&[400, 404]);
        }
    }

    /// "Test with highly compressible files (high compression ratios)"
    #[test]
    fn zip_bomb_protection_what_unpacks_to_very_much_carries_a_warning() {
        let house = House::open();
        house.project("ada", "bomb").file("zeros", vec![0; 16 << 20]);
        let ada = house.user("ada");
        let job = completed(&ada, "bomb");
        let warnings = ada.export(&job).show()["warnings"].clone();
        assert_eq!(warnings[0]["code"], "HIGH_COMPRESSION_RATIO", "{warnings}");
    }

    /// "Verify rejection of projects exceeding 500MB limit"
    #[test]
    fn file_size_limits_what_exceeds_them_is_rejected_and_nothing_is_left() {
        let limits = exportd::config::Settings::default().limits;
        assert_eq!((limits.max_package, limits.max_files), (500 << 20, 20_000));
        assert_eq!(limits.max_file, 100 << 20);
        let house = House::with(|settings| settings.limits.max_package = 1 << 20);
        house.project("ada", "large").noise("noise.bin", (1 << 20) + 1);
        let ada = house.user("ada");
        let told = ended(&ada, &ask(&ada, "large"));
        assert_eq!(told["status"], "failed");
        assert!(told["error"].as_str().is_some_and(|text| text.contains("1048576 bytes")), "{told}");
        assert!(house.stored_files().is_empty());
    }

    /// "Confirm `.env`, SSH keys, and tokens are excluded"
    #[test]
    fn sensitive_file_filtering_at_any_depth_and_nothing_that_only_sounds_like_it() {
        let house = House::open();
        let mut project = house.project("ada", "shop");
        for secret in [
            ".env",
            "apps/api/.env",
            "apps/api/.env.production",
            "deploy/.ssh/id_rsa",
            "config/.npmrc",
            "home/.pypirc",
            "certs/server.key",
            "certs/server.pem",
            "sub/.git/config",
            "node_modules/m/index.js",
        ] {
            project = project.file(secret, "secret");
        }
        let kept = ["src/tokenizer.rs", "design-tokens.json", "src/secretary.ts", "rebuild/x"];
        for name in kept {
            project = project.file(name, "kept");
        }
        drop(project);
        let ada = house.user("ada");
        let mut names = names_in(&download(&ada, &completed(&ada, "shop"), &[]).expect(200).body);
        names.retain(|name| !name.ends_with('/'));
        let mut kept = kept.map(str::to_owned).to_vec();
        kept.sort();
        assert_eq!(names, kept);
    }

    /// "Test 10+ exports/hour triggers proper 429 responses with retry-after"
    #[test]
    fn rate_limiting_the_eleventh_export_of_an_hour_is_429_with_retry_after() {
        let site = Site::new(&[("LIMITS__EXPORTS_PER_HOUR", "10")]);
        for i in 0..11 {
            site.project("ada", &format!("p{i}")).file("a", "a");
        }
        let server = site.serve();
        let ada = server.user("ada");
        let first = ask(&ada, "p0");
        for i in 1..10 {
            ask(&ada, &format!("p{i}"));
        }
        assert_eq!(ask(&ada, "p0"), first, "what is answered with a live export is free");
        let refused = ada.post("/v1/projects/p10/export", &json!({})).expect(429);
        assert_eq!(refused.older_code(), "RATE_LIMITED");
        let seconds: u64 = refused.header("retry-after").parse().expect("seconds");
        assert!((1..=3600).contains(&seconds), "{seconds}");
        let told = refused.json();
        assert_eq!((&told["retryAfter"], &told["remaining"]), (&json!(seconds), &json!(0)));
        assert_eq!(told["error"], "Export rate limit exceeded");
        site.project("bob", "p").file("a", "a");
        ask(&server.user("bob"), "p");
    }

    /// "Verify only project owners can export their own projects"
    #[test]
    fn authentication_only_owners_export_and_download_their_own() {
        let house = House::open();
        house.project("ada", "shop").file("a", "a");
        let (ada, eve) = (house.user("ada"), house.user("eve"));
        let job = completed(&ada, "shop");
        let refused = eve.post("/v1/projects/shop/export", &json!({"userId": "ada"})).expect(404);
        assert_eq!(refused.older_code(), "PROJECT_NOT_FOUND");
        assert_eq!(eve.get(&format!("/v1/export-jobs/{job}/status")).expect(403).older_code(), "FORBIDDEN");
        let refused = download(&eve, &job, &[]).expect(403);
        assert_eq!(refused.older_code(), "DOWNLOAD_UNAUTHORIZED");
        let nobody = download(&ada.anonymous(), &job, &[]).expect(401);
        assert_eq!(nobody.older_code(), "UNAUTHENTICATED");
        assert_eq!(nobody.text("/error"), "Authentication required");
        ada.anonymous().post("/v1/projects/shop/export", &json!({})).expect(401);
    }
}

mod edge_cases {
    use super::*;

    /// "Handle projects with zero files gracefully"
    #[test]
    fn empty_projects_are_empty_packages() {
        let house = House::open();
        house.project("ada", "empty");
        let ada = house.user("ada");
        let job = completed(&ada, "empty");
        assert_eq!(status(&ada, &job)["fileCount"], 0);
        assert_eq!(names_in(&download(&ada, &job, &[]).expect(200).body), Vec::<String>::new());
    }

    /// "Test projects with 20,000+ files and various file sizes"
    #[test]
    fn large_projects_of_20_000_files_pass_and_one_more_does_not() {
        let house = House::open();
        let folder = house.project("ada", "many").path;
        for number in 0..20_000usize {
            let part = folder.join(format!("part{:02}", number / 1000));
            if number % 1000 == 0 {
                std::fs::create_dir_all(&part).expect("a folder");
            }
            std::fs::write(part.join(format!("{number}.txt")), "x".repeat(number % 97)).expect("a file");
        }
        let ada = house.user("ada");
        let job = completed(&ada, "many");
        assert_eq!(status(&ada, &job)["fileCount"], 20_000);
        ada.delete(&format!("/api/v1/exports/{job}")).expect(204);
        std::fs::write(folder.join("one-more"), "x").expect("a file");
        let told = ended(&ada, &ask(&ada, "many"));
        assert_eq!(told["status"], "failed");
        assert!(told["error"].as_str().is_some_and(|text| text.contains("20000 files")), "{told}");
    }

    /// "Ensure proper handling of international characters"
    #[test]
    fn unicode_filenames_come_out_as_they_went_in() {
        let house = House::open();
        let names = ["größe.txt", "עברית.txt", "日本語/ファイル名.rs", "🦀.md"];
        let mut project = house.project("ada", "Straße 42");
        for name in names {
            project = project.file(name, name);
        }
        drop(project);
        let ada = house.user("ada");
        let job = completed(&ada, "Stra%C3%9Fe%2042");
        let answer = download(&ada, &job, &[]).expect(200);
        let found: HashSet<_> = names_in(&answer.body).into_iter().collect();
        for name in names {
            assert!(found.contains(name), "{name} in {found:?}");
        }
        let disposition = answer.header("content-disposition");
        assert!(disposition.contains("filename*=UTF-8''stra%C3%9Fe-42-"), "{disposition}");
    }

    /// "Verify symlinks are skipped without errors"
    #[test]
    fn symbolic_links_are_skipped_without_errors_and_told() {
        let house = House::open();
        let project = house.project("ada", "shop").file("real", "x");
        for (target, name) in
            [("real", "alias"), ("/etc/passwd", "out"), ("nowhere", "broken"), (".", "round")]
        {
            std::os::unix::fs::symlink(target, project.path.join(name)).expect("a link");
        }
        let ada = house.user("ada");
        let job = completed(&ada, "shop");
        assert_eq!(names_in(&download(&ada, &job, &[]).expect(200).body), ["real"]);
        let warnings = ada.export(&job).show()["warnings"].clone();
        let skipped = warnings.as_array().expect("warnings").iter();
        assert_eq!(skipped.filter(|warning| warning["code"] == "SYMLINK_SKIPPED").count(), 4, "{warnings}");
    }

    /// "Test deeply nested folder structures (20+ levels)"
    #[test]
    fn nested_directories_of_more_than_20_levels_are_packed() {
        let house = House::open();
        let deep = format!("{}file.txt", "level/".repeat(30));
        house.project("ada", "deep").file(&deep, "x");
        let ada = house.user("ada");
        assert!(names_in(&download(&ada, &completed(&ada, "deep"), &[]).expect(200).body).contains(&deep));
    }

    /// "Confirm images, PDFs, and executables are included correctly"
    #[test]
    fn binary_files_come_out_byte_by_byte() {
        let house = House::open();
        let png = [b"\x89PNG\r\n\x1a\n".as_slice(), &noise(5_000)].concat();
        let pdf = [b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".as_slice(), &noise(3_000)].concat();
        let elf = std::fs::read("/proc/self/exe").expect("an executable")[..200_000].to_vec();
        let files = [("logo.png", png), ("paper.pdf", pdf), ("tool", elf)];
        let mut project = house.project("ada", "shop");
        for (name, bytes) in &files {
            project = project.file(name, bytes);
        }
        drop(project);
        let ada = house.user("ada");
        let job = completed(&ada, "shop");
        for (name, bytes) in &files {
            let entry = ada.get(&format!("/api/v1/exports/{job}/entries/{name}")).expect(200);
            assert!(entry.body == *bytes, "{name} is another");
        }
        assert_eq!(ada.act(&format!("/api/exports/{job}/verify")).expect(200).json()["ok"], true);
    }
}

mod api_contract {
    use ureq::http::Method;

    use super::*;
    use crate::signing::machine::{KeyFile, Request};

    /// "Multiple identical export requests return same jobId"
    #[test]
    fn idempotency_multiple_identical_requests_return_the_same_job_id() {
        let house = House::open();
        house.project("ada", "shop").sources(100);
        let ada = house.user("ada");
        let jobs: HashSet<String> = thread::scope(|scope| {
            let asking: Vec<_> = (0..20).map(|_| scope.spawn(|| ask(&ada, "shop"))).collect();
            asking.into_iter().map(|asked| asked.join().expect("an answer")).collect()
        });
        assert_eq!(jobs.len(), 1, "{jobs:?}");
        let job = jobs.into_iter().next().expect("one");
        ended(&ada, &job);
        assert_eq!(ask(&ada, "shop"), job);
        let full = ada.post("/v1/projects/shop/export", &json!({"exportType": "full_project"})).expect(202);
        assert_ne!(full.text("/jobId"), job, "another kind of export is another job");
        ended(&ada, &full.text("/jobId"));
    }

    /// "Job progresses queued → processing → completed correctly"
    #[test]
    fn status_transitions_queued_processing_completed() {
        let house = House::with(|settings| settings.packing.level = 9);
        house.project("ada", "shop").file("text", slow_text(8));
        let ada = house.user("ada");
        let mut later = crate::support::api::wanted("shop");
        later["runAt"] = json!(house.clock().now().plus(DAY).to_string());
        let job = ada.post("/api/v1/exports", &later).expect(202).text("/id");
        let mut seen = vec![status(&ada, &job)["status"].clone()];
        house.clock().advance(DAY);
        let last = eventually("it has ended", || {
            let told = status(&ada, &job);
            if seen.last() != Some(&told["status"]) {
                seen.push(told["status"].clone());
            }
            (told["status"] == "completed").then_some(told)
        });
        // What lasts shorter than a look is in the log.
        let order = |word: &serde_json::Value| {
            ["queued", "processing", "completed"].iter().position(|known| word == *known).expect("known")
        };
        assert!(seen.is_sorted_by_key(order) && seen[0] == "queued", "{seen:?}");
        assert_eq!(last["progress"]["phase"], "completed");
        let log = ada.get(&format!("/api/exports/{job}/status")).expect(200).json()["logs"].clone();
        let mut steps: Vec<_> =
            log.as_array().expect("lines").iter().map(|line| line["status"].clone()).collect();
        steps.dedup();
        assert_eq!(json!(steps), json!(["scheduled", "queued", "processing", "completed"]));
    }

    /// "Downloads fail after 24-hour expiration"
    #[test]
    fn download_expiry_downloads_fail_after_24_hours() {
        let house = House::with(|settings| settings.retention.default = DAY);
        house.project("ada", "shop").file("a", "a");
        let ada = house.user("ada");
        let job = completed(&ada, "shop");
        house.clock().advance(DAY - Duration::from_secs(60));
        download(&ada, &job, &[]).expect(200);
        // Whoever downloads shortly before has a quarter of an hour to go on.
        house.clock().advance(Duration::from_secs(3_600));
        let gone = download(&ada, &job, &[]).expect(410);
        assert_eq!(gone.older_code(), "PACKAGE_EXPIRED");
        assert_eq!(gone.text("/message"), "Export has expired. Please create a new export.");
        assert_eq!(gone.text("/error"), gone.text("/message"));
        assert_eq!(gone.json()["expiresAt"], status(&ada, &job)["expiresAt"]);
        let told = status(&ada, &job);
        assert_eq!((&told["status"], &told["downloadUrl"]), (&json!("expired"), &serde_json::Value::Null));
        let new = completed(&ada, "shop");
        assert_ne!(new, job, "and a new one can be made");
        download(&ada, &new, &[]).expect(200);
    }

    /// "Failed jobs return proper error messages"
    #[test]
    fn error_handling_failed_jobs_return_proper_error_messages() {
        let house = House::with(|settings| settings.limits.max_files = 1);
        house.project("ada", "shop").file("a", "a").file("b", "b");
        let ada = house.user("ada");
        let job = ask(&ada, "shop");
        let told = ended(&ada, &job);
        assert_eq!(told["status"], "failed");
        let error = told["error"].as_str().expect("a message");
        assert!(error.contains("more than 1 file") && !error.contains("/tmp"), "{error}");
        let refused = download(&ada, &job, &[]).expect(404);
        assert_eq!(refused.older_code(), "PACKAGE_NOT_READY");
        assert_eq!(refused.text("/message"), "Export not ready for download");
        let unknown = ada.post("/v1/projects/nothing/export", &json!({})).expect(404);
        assert_eq!(unknown.older_code(), "PROJECT_NOT_FOUND");
        let unknown = download(&ada, "0198f2aa-0000-7000-8000-000000000000", &[]).expect(404);
        assert_eq!(unknown.text("/message"), "Export job not found");
    }

    /// "HMAC Authentication: All endpoints reject requests without valid signatures", in a house
    /// that knows machines only.
    #[test]
    fn hmac_authentication_every_endpoint_rejects_requests_without_valid_signatures() {
        let keys = KeyFile::new();
        let house = keys.house(|settings| settings.jwt.secret = None);
        house.project("ci", "shop").file("a", "a");
        let post = || Request::new(&house, "ci", Method::POST, "/v1/projects/shop/export");
        let job = post().json(&json!({})).signed().send(&house).expect(202).text("/jobId");
        let status = format!("/v1/export-jobs/{job}/status");
        eventually("it is completed", || {
            let told = Request::get(&house, "ci", &status).signed().send(&house).expect(200);
            (told.json()["status"] == "completed").then_some(())
        });
        let download = format!("/v1/export-jobs/{job}/download");
        Request::get(&house, "ci", &download).signed().send(&house).expect(200);
        for path in [status, download] {
            let get = Request::get(&house, "ci", &path);
            for wrong in [
                get.clone(),
                get.clone().saying("@method", "HEAD").signed(),
                get.signed_with("another secret"),
            ] {
                assert_eq!(wrong.send(&house).expect(401).json()["status"], "error");
            }
        }
        let elsewhere = post().json(&json!({})).signed_with("another secret");
        elsewhere.send(&house).expect(401);
    }

    /// The plan's `302`.
    #[test]
    fn download_is_streamed_and_never_redirects() {
        let house = House::open();
        house.project("ada", "shop").file("a", "a");
        let ada = house.user("ada");
        let job = completed(&ada, "shop");
        let answer = download(&ada, &job, &[]).expect(200);
        assert_eq!(answer.header("location"), "");
        assert!(answer.body.starts_with(b"PK"));
    }
}

mod performance;

/// The most memory that a process ever had, in kilobytes.
pub(super) fn most_memory(pid: u32) -> u64 {
    let told = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("a peak");
    line.trim().trim_end_matches(" kB").parse().expect("kilobytes")
}
