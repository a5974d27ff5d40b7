//! The test plan for downloading packages of tools, with its weights: one test for each of its items,
//! against `/api/tool-registry/export-jobs/{id}/download`.
//!
//! What it took for granted and we decided otherwise:
//!
//! | the plan | here | tested by |
//! |---|---|---|
//! | state is looked at before the owner | who asks is looked at first: a stranger hears nothing of a job | `test_download_by_unauthorized_user_403` |
//! | `PACKAGE_NOT_FOUND` for whatever is missing | the three codes that its own listing sends: `JOB_NOT_FOUND`, `PACKAGE_NOT_READY`, `FILE_NOT_FOUND` | `test_download_of_non_existent_package_404` |
//! | `filename="export-{toolName}-{date}.tar.gz"` | `{slug}-{version or date}-{id}.tar.gz`, quoted, and in any script | `content_disposition_is_an_attachment_with_a_safe_name` |
//! | `Cache-Control: private, max-age=3600` | the same, but never past expiry, and `no-transform` | `cache_control_is_private_for_an_hour_at_most` |
//! | `X-Package-Size: 12 MB` and `12.5 MB` | one decimal, always: `12.0 MB` | `x_package_size_is_human_readable` |
//! | kept for 30 days | for as long as asked for, 7 days when nothing is said, 30 at most | `delete_package_file_after_30_days` |
//! | counted at the stream's end event | counted before a request for the count is answered | `seed_004.rs` |
//! | a full disk breaks a download off | downloads write nothing to the disk of the packages; their counts wait in memory until rows can be written | `database_away.rs`, `disk_full.rs` |
//! | a file without the right to be read | is sent by nobody: it is lost like one that is gone | `handle_file_not_found_404` |
//! | Swagger UI at `/api-docs` | the document is there; the page that tries calls comes with the page | `swagger_json_describes_the_endpoint` |

use std::io::Read;
use std::thread;
use std::time::Duration;

use exportd::domain::human_size;
use serde_json::{Value, json};

use super::{count, house_with, tool_download, tool_package, tool_path};
use crate::support::api::{Api, eventually, wanted};
use crate::support::house::House;
use crate::support::process::Site;
use crate::support::project::noise;
use crate::support::raw;
use crate::support::sha256;

const DAY: Duration = Duration::from_secs(86_400);
const UNKNOWN: &str = "0198f2aa-0000-7000-8000-000000000000";

/// Replaces whatever lies in the store as a package.
fn without_file(house: &House) {
    for file in house.stored_files() {
        if file.extension().is_some_and(|e| e == "gz") {
            std::fs::remove_file(file).expect("it is there");
        }
    }
}

/// Integration Test Coverage, 30 %: all of the endpoint.
mod integration_30 {
    use super::*;

    #[test]
    fn test_download_by_job_creator_200() {
        let house = house_with("shop", 30_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        let answer = tool_download(&ada, &job, &[]).expect(200);
        assert_eq!(answer.header("content-type"), "application/gzip");
        assert_eq!(answer.header("accept-ranges"), "bytes");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string());
        assert_eq!(sha256(&answer.body), ada.export(&job).show()["checksum"]);
        assert!(answer.body.starts_with(&[0x1f, 0x8b]), "gzip");
    }

    #[test]
    fn content_disposition_is_an_attachment_with_a_safe_name() {
        let house = house_with("Customer Form", 1_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "Customer Form");
        let name = tool_download(&ada, &job, &[]).expect(200).header("content-disposition");
        let date = house.clock().now().date();
        assert!(name.starts_with(&format!("attachment; filename=\"customer-form-{date}-")), "{name}");
        assert!(name.contains(".tar.gz\"; filename*=UTF-8''customer-form-"), "{name}");
    }

    #[test]
    fn cache_control_is_private_for_an_hour_at_most() {
        let house = house_with("shop", 1_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        let told = tool_download(&ada, &job, &[]).expect(200).header("cache-control");
        assert_eq!(told, "private, no-transform, max-age=3600");
        house.clock().advance(7 * DAY - Duration::from_secs(1_800));
        let told = tool_download(&ada, &job, &[]).expect(200).header("cache-control");
        let age: u64 = told.rsplit('=').next().and_then(|age| age.parse().ok()).expect("seconds");
        assert!(told.starts_with("private, ") && age <= 1_800, "{told}");
    }

    #[test]
    fn x_package_size_is_human_readable() {
        let house = house_with("shop", 12 << 20);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        let answer = ada.head(&tool_path(&job), &[]).expect(200);
        let size: u64 = answer.header("content-length").parse().expect("bytes");
        assert_eq!(answer.header("x-package-size"), human_size(size));
        assert!(
            answer.header("x-package-size").starts_with("12.")
                && answer.header("x-package-size").ends_with(" MB")
        );
    }

    #[test]
    fn range_requests_are_206_with_their_bytes_and_bounds_are_checked() {
        let house = house_with("shop", 30_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        let whole = tool_download(&ada, &job, &[]).expect(200).body;
        let size = whole.len();
        let part = tool_download(&ada, &job, &[("range", "bytes=0-99")]).expect(206);
        assert_eq!(part.header("content-range"), format!("bytes 0-99/{size}"));
        assert_eq!((part.header("content-length").as_str(), &part.body[..]), ("100", &whole[..100]));
        for (range, bytes) in
            [("bytes=-500", size - 500..size), ("bytes=0-99999999", 0..size), ("bytes=29000-", 29_000..size)]
        {
            let part = tool_download(&ada, &job, &[("range", range)]).expect(206);
            let told = format!("bytes {}-{}/{size}", bytes.start, bytes.end - 1);
            assert_eq!(part.header("content-range"), told, "{range}");
            assert_eq!(part.body, whole[bytes], "{range}");
        }
        assert_eq!(tool_download(&ada, &job, &[("range", "bytes=900-100")]).expect(200).body, whole);
        let several = tool_download(&ada, &job, &[("range", "bytes=0-1,500-509")]).expect(206);
        assert!(several.header("content-type").starts_with("multipart/byteranges"));
        let past = tool_download(&ada, &job, &[("range", &format!("bytes={size}-"))]).expect(416);
        assert_eq!(past.header("content-range"), format!("bytes */{size}"));
        let changed = [("range", "bytes=5-"), ("if-range", "\"another\"")];
        assert_eq!(tool_download(&ada, &job, &changed).expect(200).body, whole);
    }

    #[test]
    fn download_count_increments_and_last_downloaded_at_updates_on_each_download() {
        let house = house_with("shop", 1_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        let last = || ada.export(&job).show()["lastDownloadedAt"].clone();
        assert_eq!((count(&ada, &job), last()), (0, Value::Null));
        tool_download(&ada, &job, &[]).expect(200);
        let first = last();
        assert_eq!(count(&ada, &job), 1);
        house.clock().advance(Duration::from_secs(3_600));
        tool_download(&ada, &job, &[]).expect(200);
        assert_eq!(count(&ada, &job), 2);
        assert!(last().as_str() > first.as_str(), "{first} {}", last());
    }

    /// "Log download events with userId, jobId, and file size"
    #[test]
    fn get_download_stats_tells_who_downloaded_how_much() {
        let house = house_with("shop", 1_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        let size = tool_download(&house.admin(), &job, &[]).expect(200).body.len();
        let path = format!("/api/v1/exports/{job}/downloads");
        let listed = eventually("it is written down", || {
            let page = ada.get(&path).expect(200).json();
            page["items"].as_array().filter(|items| !items.is_empty()).cloned()
        });
        assert_eq!((&listed[0]["userId"], &listed[0]["bytes"]), (&json!("root"), &json!(size)), "{listed:?}");
        assert_eq!(listed[0]["complete"], true);
    }

    #[test]
    fn delete_package_file_after_30_days() {
        let house = house_with("shop", 1_000);
        let ada = house.user("ada");
        let mut asked = wanted("shop");
        asked["retentionSeconds"] = json!(30 * 86_400);
        let job = ada.post("/api/v1/exports", &asked).expect(202).text("/id");
        ada.export(&job).completed();
        house.clock().advance(29 * DAY);
        house.sweep();
        tool_download(&ada, &job, &[]).expect(200);
        house.clock().advance(2 * DAY);
        house.sweep();
        assert!(house.stored_files().is_empty(), "the file is gone");
        let gone = tool_download(&ada, &job, &[]).expect(410);
        assert_eq!(gone.older_code(), "PACKAGE_EXPIRED");
        assert_eq!(gone.text("/message"), "Export package has expired and was deleted");
        assert!(gone.json()["expiresAt"].is_string());
        let kept = ada.get(&format!("/api/exports/{job}/status")).expect(200).json();
        assert_eq!(
            (&kept["export"]["status"], &kept["export"]["downloadUrl"]),
            (&json!("expired"), &Value::Null)
        );
        let again = ada.post("/api/v1/exports", &asked).expect(202).text("/id");
        assert_ne!(again, job, "and it can be made again");
        ada.export(&again).completed();
    }
}

/// Permission Checks, 25 %: creator or admin.
mod permissions_25 {
    use super::*;

    #[test]
    fn test_admin_can_download_any_jobs_package() {
        let house = house_with("shop", 1_000);
        let job = tool_package(&house.user("ada"), "shop");
        tool_download(&house.admin(), &job, &[]).expect(200);
    }

    #[test]
    fn test_download_by_unauthorized_user_403() {
        let house = house_with("shop", 1_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        let eve = house.user("eve");
        let refused = tool_download(&eve, &job, &[]).expect(403);
        assert_eq!(refused.older_code(), "DOWNLOAD_UNAUTHORIZED");
        assert_eq!(refused.text("/message"), "Only job creator or admin can download this package");
        assert_eq!(count(&ada, &job), 0);
        house.clock().advance(8 * DAY);
        tool_download(&eve, &job, &[]).expect(403);
        let mut later = wanted("shop");
        later["runAt"] = json!(house.clock().now().plus(DAY).to_string());
        let waiting = ada.post("/api/v1/exports", &later).expect(202).text("/id");
        let refused = tool_download(&eve, &waiting, &[("if-none-match", "*")]).expect(403);
        assert!(!String::from_utf8_lossy(&refused.body).contains("queued"), "strangers learn no status");
        ada.act(&format!("/api/v1/exports/{waiting}/cancel")).expect(202);
    }

    #[test]
    fn test_anonymous_user_cannot_download_401() {
        let house = house_with("shop", 1_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        let nobody = tool_download(&ada.anonymous(), &job, &[]).expect(401);
        assert_eq!(nobody.older_code(), "UNAUTHENTICATED");
        let forged = Api::new(ada.address(), Some(format!("{}x", ada.token())));
        assert_eq!(tool_download(&forged, &job, &[]).expect(401).older_code(), "UNAUTHENTICATED");
    }
}

mod streaming_20;

/// Error Handling, 15 %: all error paths.
mod errors_15 {
    use super::*;

    #[test]
    fn test_download_of_non_existent_package_404() {
        let house = house_with("shop", 1_000);
        let ada = house.user("ada");
        let unknown = tool_download(&ada, UNKNOWN, &[]).expect(404);
        assert_eq!(unknown.older_code(), "JOB_NOT_FOUND");
        assert_eq!(unknown.text("/message"), "Export job not found");
        let mut later = wanted("shop");
        later["runAt"] = json!(house.clock().now().plus(DAY).to_string());
        let job = ada.post("/api/v1/exports", &later).expect(202).text("/id");
        let early = tool_download(&ada, &job, &[]).expect(404);
        assert_eq!(early.older_code(), "PACKAGE_NOT_READY");
        assert_eq!(early.text("/message"), "Export package not ready. Job status: queued");
        assert_eq!(early.header("retry-after"), "1");
        ada.act(&format!("/api/v1/exports/{job}/cancel")).expect(202);
        tool_download(&ada, "download-test-job-123", &[]).expect(400);
    }

    #[test]
    fn handle_file_not_found_404() {
        let house = house_with("shop", 1_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        without_file(&house);
        let lost = tool_download(&ada, &job, &[]).expect(404);
        assert_eq!(lost.older_code(), "FILE_NOT_FOUND");
        assert_eq!(lost.text("/message"), "Export package file not found on server");
        assert!(house.metric("exportd_package_missing_total") >= 1.0, "and somebody is told");
        let again = tool_package(&ada, "shop");
        assert_ne!(again, job);
        tool_download(&ada, &again, &[]).expect(200);
    }

    /// "Test stream error (file deleted during download)"
    #[test]
    fn test_stream_errors_a_file_deleted_meanwhile_is_sent_to_its_end() {
        let house = house_with("shop", 16_000_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        let size = ada.export(&job).show()["fileSize"].as_u64().expect("bytes");
        let mut socket = begun(&ada, &job);
        without_file(&house);
        let mut rest = Vec::new();
        socket.read_to_end(&mut rest).expect("it goes on");
        assert!(rest.len() as u64 >= size - 64_000, "{} of {size}", rest.len());
        ada.delete(&format!("/api/v1/exports/{job}")).expect(204);
    }

    /// "Test network interruption (client closes connection)"
    #[test]
    fn test_network_interruption_disturbs_nobody_and_is_not_taken_for_a_whole_download() {
        let house = house_with("shop", 16_000_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        drop(begun(&ada, &job));
        assert_eq!(
            sha256(&tool_download(&house.admin(), &job, &[]).expect(200).body),
            ada.export(&job).show()["checksum"]
        );
        let listed = eventually("both are written down", || {
            let page = ada.get(&format!("/api/v1/exports/{job}/downloads")).expect(200).json();
            let items = page["items"].as_array().cloned().expect("items");
            (items.len() == 2 && items.iter().any(|item| item["complete"] == true)).then_some(items)
        });
        let broken = listed.iter().find(|item| item["userId"] == "ada").expect("hers");
        assert_eq!(broken["complete"], false, "{broken}");
    }

    /// "Test download during package cleanup (race condition)"
    #[test]
    fn test_download_during_package_cleanup_meets_200_or_410_and_never_half_a_file() {
        let house = house_with("shop", 2_000_000);
        let ada = house.user("ada");
        let job = tool_package(&ada, "shop");
        let checksum = ada.export(&job).show()["checksum"].clone();
        thread::scope(|scope| {
            let readers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        loop {
                            let answer = tool_download(&ada, &job, &[]).expect_one_of(&[200, 410]);
                            if answer.status == 410 {
                                assert_eq!(answer.older_code(), "PACKAGE_EXPIRED");
                                break;
                            }
                            assert_eq!(sha256(&answer.body), checksum);
                        }
                    })
                })
                .collect();
            ada.delete(&format!("/api/v1/exports/{job}")).expect(204);
            house.sweep();
            readers.into_iter().for_each(|reader| reader.join().expect("200 or 410"));
        });
    }

    /// A download that has begun, and is far from its end.
    fn begun(api: &Api, job: &str) -> std::net::TcpStream {
        let mut socket = raw::connect(api.address());
        let (path, token) = (tool_path(job), api.token());
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n");
        raw::send(&mut socket, &format!("{head}authorization: Bearer {token}\r\n\r\n"));
        let told = raw::read_some(&mut socket);
        assert!(told.starts_with("HTTP/1.1 200"), "{told:.200}");
        socket
    }
}

/// API Documentation, 10 %: complete.
mod documentation_10 {
    use super::*;

    #[test]
    fn swagger_json_describes_the_endpoint() {
        let house = House::open();
        let document = house.user("ada").anonymous().get("/api/openapi.json").expect(200).json();
        let path = "/api/tool-registry/export-jobs/{id}/download";
        let described = &document["paths"][path]["get"];
        assert_eq!((&described["deprecated"], &described["tags"][0]), (&json!(true), &json!("older")));
        assert!(described["summary"].is_string() && described["security"].is_array(), "{described}");
        for status in ["200", "206", "403", "404", "410", "416"] {
            let response = &described["responses"][status];
            let shared =
                response["$ref"].as_str().and_then(|to| document.pointer(to.trim_start_matches('#')));
            assert!(shared.unwrap_or(response)["description"].is_string(), "{status}");
        }
        let parameters = described["parameters"].as_array().expect("parameters");
        for name in ["id", "Range"] {
            assert!(parameters.iter().any(|parameter| parameter["name"] == name), "{name}");
        }
        let envelope = document["components"]["schemas"]["OlderProblem"].to_string();
        for member in ["status", "message", "code", "timestamp", "PACKAGE_EXPIRED"] {
            assert!(envelope.contains(&format!("\"{member}\"")), "{member} in {envelope}");
        }
    }
}
