//! What the benches measure with: medians of ratios, and what a process has used.

pub mod nginx;
pub mod peer;
pub mod serve_dir;

use std::time::Duration;

/// The middle of `values`.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The value below which `share` of `values` lie.
pub fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values[((values.len() - 1) as f64 * share).round() as usize]
}

/// A number from the environment, to run a bench longer, shorter or smaller.
pub fn chosen(name: &str, usual: usize) -> usize {
    std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
}

/// Processor time that processes have used, in user and kernel mode together.
pub fn cpu(processes: &[u32]) -> Duration {
    let ticks: u64 = processes.iter().map(|id| ticks(*id)).sum();
    // USER_HZ is 100 wherever Linux tells it to programs.
    Duration::from_millis(ticks * 10)
}

/// The most memory that a process ever had resident, in MB.
pub fn peak_memory(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells it");
    let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number");
    kilobytes / 1024.0
}

/// From here on [`peak_memory`] of `processes` begins anew (proc_pid_clear_refs(5)).
pub fn forget_peak_memory(processes: &[u32]) {
    for process in processes {
        // Where it cannot be forgotten, the peak is that of everything so far.
        let _ = std::fs::write(format!("/proc/{process}/clear_refs"), "5");
    }
}

/// Files and sockets that processes hold open.
pub fn open_files(processes: &[u32]) -> usize {
    let of = |process: &u32| std::fs::read_dir(format!("/proc/{process}/fd")).map_or(0, Iterator::count);
    processes.iter().map(of).sum()
}

/// Fields 14 and 15 of proc_pid_stat(5); the name in field 2 may hold anything but ends at `)`.
fn ticks(process: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("it runs");
    let rest = stat.rsplit_once(')').expect("a name").1;
    rest.split_whitespace().skip(11).take(2).map(|field| field.parse::<u64>().expect("a number")).sum()
}
