//! What the kernel knows about this process.

use std::{collections::HashMap, fs, time::Duration};

use anyhow::Context as _;
use rustix::time::{ClockId, clock_gettime};

/// The memory that is resident, in bytes.
pub fn resident() -> anyhow::Result<f64> {
    // Unlike `statm`, this is counted page by page as it is read.
    let rollup = fs::read_to_string("/proc/self/smaps_rollup")?;
    let kilobytes = field(&rollup, "Rss:").context("`smaps_rollup` has no `Rss`")?;
    Ok(crate::stats::count(usize::try_from(kilobytes)?) * 1024.0)
}

/// How often each thread has blocked and been woken again.
pub fn wakeups() -> anyhow::Result<HashMap<String, u64>> {
    let mut wakeups = HashMap::new();
    for thread in fs::read_dir("/proc/self/task")? {
        let thread = thread?;
        // One that has ended meanwhile is none.
        let Ok(status) = fs::read_to_string(thread.path().join("status")) else {
            continue;
        };
        if let Some(number) = field(&status, "voluntary_ctxt_switches:") {
            wakeups.insert(thread.file_name().to_string_lossy().into_owned(), number);
        }
    }
    Ok(wakeups)
}

/// How many wake-ups there were between two readings. A thread that has ended
/// was woken for it.
pub fn wakeups_between(before: &HashMap<String, u64>, after: &HashMap<String, u64>) -> u64 {
    let ended = before
        .keys()
        .filter(|thread| !after.contains_key(*thread))
        .count() as u64;
    let woken: u64 = after
        .iter()
        .map(|(thread, number)| number - before.get(thread).unwrap_or(&0))
        .sum();
    ended + woken
}

/// The processor time that all threads but this one have used, also those that
/// have ended.
pub fn time_of_others() -> Duration {
    let mine = clock(ClockId::ThreadCPUTime);
    clock(ClockId::ProcessCPUTime).saturating_sub(mine)
}

fn clock(id: ClockId) -> Duration {
    Duration::try_from(clock_gettime(id)).unwrap_or_default()
}

/// The number after `name` at the start of a line.
fn field(text: &str, name: &str) -> Option<u64> {
    text.lines()
        .find_map(|line| line.strip_prefix(name))?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_the_number_after_its_name() {
        let text = "Name:\tx\nRss:     1234 kB\nvoluntary_ctxt_switches:\t7\n\
                    nonvoluntary_ctxt_switches:\t9\n";
        assert_eq!(field(text, "Rss:"), Some(1234));
        assert_eq!(field(text, "voluntary_ctxt_switches:"), Some(7));
        assert_eq!(field(text, "Pss:"), None);
    }

    #[test]
    fn threads_that_end_or_begin_are_counted() {
        let reading = |threads: &[(&str, u64)]| {
            threads
                .iter()
                .map(|(thread, number)| ((*thread).to_owned(), *number))
                .collect()
        };
        let before = reading(&[("stays", 10), ("ends", 99)]);
        let after = reading(&[("stays", 12), ("begins", 3)]);
        assert_eq!(wakeups_between(&before, &after), 2 + 1 + 3);
        assert_eq!(wakeups_between(&after, &after), 0);
    }

    #[test]
    fn this_process_has_memory_and_threads() {
        assert!(resident().unwrap() > 0.0);
        assert!(!wakeups().unwrap().is_empty());
    }
}
