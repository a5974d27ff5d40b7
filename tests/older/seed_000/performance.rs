//! Performance Testing.

use super::*;

/// "10+ simultaneous exports don't exceed system resources"
#[test]
fn concurrent_exports_twelve_at_once_keep_to_their_slots() {
    let house = House::with(|settings| (settings.jobs.concurrency, settings.jobs.per_user) = (3, 3));
    for i in 0..12 {
        house.project("ada", &format!("p{i}")).sources(50).noise("n", 200_000);
    }
    let ada = house.user("ada");
    let jobs: Vec<String> = thread::scope(|scope| {
        let ada = &ada;
        let asking: Vec<_> = (0..12).map(|i| scope.spawn(move || ask(ada, &format!("p{i}")))).collect();
        asking.into_iter().map(|asked| asked.join().expect("an answer")).collect()
    });
    let mut most = 0;
    eventually("all have ended", || {
        // All at one moment: asked for one by one, the next may have begun before the last is looked at.
        let listed = ada.get("/api/exports?limit=50").expect(200).json();
        let told = listed["exports"].as_array().expect("a list").iter().map(|export| &export["status"]);
        let told: Vec<_> = told.collect();
        assert_eq!(told.len(), jobs.len());
        most = most.max(told.iter().filter(|status| **status == "processing").count());
        told.iter().all(|status| **status == "completed").then_some(())
    });
    assert!(most <= 3, "{most} at a time");
}

/// "ZIP streaming doesn't accumulate excessive memory"
#[test]
fn memory_usage_does_not_grow_with_the_package() {
    let site = Site::new(&[("LIMITS__MAX_FILE", "1GiB"), ("PACKING__THREADS", "2")]);
    site.project("ada", "large").noise("noise.bin", 256 << 20);
    let server = site.serve();
    let ada = server.user("ada");
    completed(&ada, "large");
    let peak = most_memory(server.id());
    assert!(peak < 160 << 10, "{peak} KB to pack 256 MiB");
}

/// "Rate limiting doesn't create Redis bottlenecks"
#[test]
fn redis_load_there_is_no_redis() {
    let manifest = include_str!("../../../Cargo.toml");
    assert!(!manifest.contains("redis"), "whatever is counted is counted in rows");
}

/// "Large project uploads complete within reasonable time": under half a minute for 100 MB.
#[test]
fn r2_upload_speed_packages_are_written_in_reasonable_time() {
    let site = Site::new(&[]);
    site.project("ada", "large").noise("noise.bin", 95 << 20).sources(1_000);
    let server = site.serve();
    let ada = server.user("ada");
    let began = Instant::now();
    completed(&ada, "large");
    // Not a measurement: a stall would be minutes.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

/// "Bull queue handles export bursts without delays"
#[test]
fn queue_processing_handles_bursts_without_delays() {
    let house = House::open();
    for i in 0..60 {
        house.project("ada", &format!("p{i}")).file("a", "a");
    }
    house.project("bob", "one").file("a", "a");
    let ada = house.user("ada");
    let jobs: Vec<_> = (0..60).map(|i| ask(&ada, &format!("p{i}"))).collect();
    completed(&house.user("bob"), "one");
    for job in &jobs {
        assert_eq!(ended(&ada, job)["status"], "completed");
    }
}
