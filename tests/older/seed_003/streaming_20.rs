//! Streaming Performance, 20 %: large files work.

use super::*;

/// A gibibyte that nothing compresses: the same block again, farther apart than any window.
fn gibibyte(site: &Site) {
    let block = noise(16 << 20);
    let folder = site.project("ada", "large").path;
    let mut file = std::fs::File::create(folder.join("noise.bin")).expect("a file");
    for _ in 0..64 {
        std::io::Write::write_all(&mut file, &block).expect("written");
    }
}

/// "Test large file download (1GB+)", "memory usage should be constant", "pause and resume",
/// "Verify Content-Length header matches file size"
#[test]
fn test_large_file_download_1gb_streams_in_constant_memory_and_resumes() {
    let site = Site::new(&[
        ("LIMITS__MAX_FILE", "2GiB"),
        ("LIMITS__MAX_PACKAGE", "2GiB"),
        ("PACKING__THREADS", "2"),
    ]);
    gibibyte(&site);
    let server = site.serve();
    let ada = server.user("ada");
    let job = tool_package(&ada, "large");
    let size = ada.export(&job).show()["fileSize"].as_u64().expect("bytes");
    assert!(size >= 1 << 30, "{size}");
    let before = most_memory(server.id());
    let half = size / 2;
    let told = thread::scope(|scope| {
        let reads: Vec<_> =
            [format!("bytes=0-{}", half - 1), format!("bytes={half}-"), "bytes=0-".to_owned()]
                .into_iter()
                .map(|range| scope.spawn(|| streamed(&ada, &job, range)))
                .collect();
        reads.into_iter().map(|read| read.join().expect("read")).collect::<Vec<_>>()
    });
    assert_eq!(told, [half, size - half, size], "two halves and the whole, at the same time");
    let more = most_memory(server.id()).saturating_sub(before);
    assert!(more < 64 << 10, "{more} KB more to send 2 GiB");
}

/// Bytes of the body of a download of `range`, which is thrown away as it comes.
fn streamed(api: &Api, job: &str, range: String) -> u64 {
    let mut socket = raw::connect(api.address());
    let head = format!("GET {} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n", tool_path(job));
    raw::send(&mut socket, &format!("{head}authorization: Bearer {}\r\nrange: {range}\r\n\r\n", api.token()));
    let mut bytes = vec![0; 256 << 10];
    let (mut head, mut body) = (Vec::new(), 0);
    loop {
        let read = socket.read(&mut bytes).expect("it goes on");
        if read == 0 {
            break body;
        }
        if body > 0 {
            body += read as u64;
            continue;
        }
        head.extend_from_slice(&bytes[..read]);
        if let Some(end) = head.windows(4).position(|window| window == b"\r\n\r\n") {
            assert!(head.starts_with(b"HTTP/1.1 206"), "{}", String::from_utf8_lossy(&head[..end]));
            body = (head.len() - end - 4) as u64;
        }
    }
}

fn most_memory(pid: u32) -> u64 {
    crate::older::seed_000::most_memory(pid)
}

/// "Test concurrent downloads don't conflict"
#[test]
fn test_concurrent_downloads_do_not_conflict_and_lose_no_counts() {
    let house = house_with("shop", 100_000);
    let ada = house.user("ada");
    let job = tool_package(&ada, "shop");
    let checksum = ada.export(&job).show()["checksum"].clone();
    thread::scope(|scope| {
        for number in 0..20 {
            let (admin, job, checksum) = (house.admin_called(&format!("admin{number}")), &job, &checksum);
            scope.spawn(move || {
                assert_eq!(sha256(&tool_download(&admin, job, &[]).expect(200).body), *checksum);
            });
        }
    });
    assert_eq!(count(&ada, &job), 20);
}
