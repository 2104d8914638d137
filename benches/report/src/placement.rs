//! Keeping processes on one core: whoever starts them sets it for itself first, and
//! they inherit it.

use crate::case::Placement;

pub use system::Cores;

#[cfg(target_os = "linux")]
mod system {
    use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

    use super::Placement;

    /// The cores that this program was given.
    pub struct Cores {
        all: CpuSet,
        one: CpuSet,
    }

    impl Cores {
        /// None where they can't be told or chosen.
        pub fn find() -> Option<Self> {
            let all = sched_getaffinity(None).ok()?;
            // The last one: systems serve most of their interrupts on the first.
            let last = (0..CpuSet::MAX_CPU).rev().find(|cpu| all.is_set(*cpu))?;
            let mut one = CpuSet::new();
            one.set(last);
            let cores = Self { all, one };
            (cores.place(Placement::OneCore) && cores.place(Placement::Machine)).then_some(cores)
        }

        /// Moves this thread, and with it what it starts from now on.
        pub fn place(&self, placement: Placement) -> bool {
            let cores = match placement {
                Placement::Machine => &self.all,
                Placement::OneCore => &self.one,
            };
            sched_setaffinity(None, cores).is_ok()
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::Placement;

    /// Known on Linux only.
    pub struct Cores;

    impl Cores {
        pub fn find() -> Option<Self> {
            None
        }

        pub fn place(&self, _placement: Placement) -> bool {
            false
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::process::Command;
    use std::thread;

    use super::*;

    /// What a program that is started now is told.
    fn cores() -> String {
        let told = Command::new("nproc").output().unwrap();
        String::from_utf8(told.stdout).unwrap().trim().to_owned()
    }

    #[test]
    fn what_is_started_inherits_its_place() {
        let inherited = thread::spawn(|| {
            let found = Cores::find().unwrap();
            let all = cores();
            assert!(found.place(Placement::OneCore));
            assert_eq!(cores(), "1");
            assert!(found.place(Placement::Machine));
            assert_eq!(cores(), all);
        });
        inherited.join().unwrap();
    }
}
