//! What the system and the allocator know about this process.

use std::fs;

/// One reading. What the system does not tell is zero.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gauges {
    /// Resident memory, in bytes.
    pub resident: u64,
    /// What is allocated, by Rust and by C, in bytes.
    pub heap: u64,
    pub threads: u64,
    pub descriptors: u64,
}

impl Gauges {
    pub fn read() -> Self {
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        Self {
            resident: 1024 * field(&status, "VmRSS:"),
            heap: heap(),
            threads: field(&status, "Threads:"),
            descriptors: descriptors(),
        }
    }
}

fn descriptors() -> u64 {
    let listed = fs::read_dir("/dev/fd").map_or(0, Iterator::count);
    // The listing has one of its own.
    listed.saturating_sub(1) as u64
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn heap() -> u64 {
    // SAFETY: it takes nothing, and returns numbers.
    let info = unsafe { libc::mallinfo2() };
    // Small blocks, and those that are mapped by themselves.
    (info.uordblks + info.hblkhd) as u64
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn heap() -> u64 {
    0
}

/// The number after `name` at the start of a line.
fn field(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// The names of the threads that are alive, and how each stands with the kernel.
pub fn threads() -> String {
    let mut names: Vec<String> = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.ok()?.path().join("status")).ok())
        .filter_map(|status| {
            let word = |name: &str| {
                let line = status.lines().find_map(|line| line.strip_prefix(name));
                Some(line?.trim().to_owned())
            };
            Some(format!("{:<16} {}", word("Name:")?, word("State:")?))
        })
        .collect();
    names.sort();
    names.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_the_number_after_its_name() {
        let text = "Name:\tVmRSS: 3\nVmRSS:\t 1234 kB\n";
        assert_eq!(field(text, "VmRSS:"), 1234);
        assert_eq!(field(text, "Threads:"), 0);
    }

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn what_is_taken_is_seen() {
        let before = Gauges::read();
        let files: Vec<_> = (0..50).map(|_| fs::File::open("/dev/null")).collect();
        let block = vec![1_u8; 50 << 20];
        let after = Gauges::read();
        assert!(after.descriptors >= before.descriptors + 40);
        assert!(after.heap >= before.heap + (40 << 20));
        assert!(after.resident >= before.resident + (40 << 20));
        assert!(threads().contains("running") || threads().contains("sleeping"));
        drop((files, block));
    }
}
