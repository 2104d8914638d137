//! The command line.

use std::time::Duration;

use clap::Parser;

use crate::kinds::sabotage::Sabotage;

/// Makes tasks of all kinds on many threads, and counts each.
#[derive(Parser, Debug)]
pub struct Options {
    /// How long to go on
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    pub minutes: f64,
    /// How long to go on, instead of minutes
    #[arg(long, value_name = "N", conflicts_with = "minutes")]
    pub seconds: Option<f64>,
    /// How many threads make and end tasks
    #[arg(long, value_name = "N", default_value_t = 16)]
    pub threads: usize,
    /// How many contexts they use; each fourth one is iterated by two threads in turn
    #[arg(long, value_name = "N", default_value_t = 8)]
    pub contexts: usize,
    /// Where the random choices begin
    #[arg(long, value_name = "S")]
    pub seed: Option<u64>,
    /// Leave tasks to threads that end: their callbacks are leaked, as documented, and so may be
    /// nothing else
    #[arg(long)]
    pub orphans: bool,
    /// How long nothing may happen, in seconds, before that is a failure
    #[arg(long, value_name = "N", default_value_t = 60)]
    pub patience: u64,
    /// Do not judge what grows: under valgrind or a sanitizer, memory does
    #[arg(long)]
    pub instrumented: bool,
    /// Break a promise now and then, to see that it is seen
    #[arg(long, value_name = "HOW")]
    pub sabotage: Option<Sabotage>,
}

impl Options {
    pub fn duration(&self) -> Duration {
        Duration::from_secs_f64(self.seconds.unwrap_or(60.0 * self.minutes))
    }

    pub fn patience(&self) -> Duration {
        Duration::from_secs(self.patience)
    }

    /// How many contexts two threads iterate in turn.
    pub fn shared(&self) -> usize {
        self.contexts / 4
    }

    /// How many threads iterate contexts.
    pub fn homes(&self) -> usize {
        self.contexts + self.shared()
    }

    /// Why the options can't be.
    pub fn check(&self) -> Result<(), String> {
        if self.contexts == 0 {
            return Err("there must be a context".to_owned());
        }
        let least = self.homes() + 1;
        if self.threads < least {
            let contexts = self.contexts;
            return Err(format!("{contexts} contexts need {least} threads or more"));
        }
        let seconds = self.seconds.unwrap_or(60.0 * self.minutes);
        if !(0.1..1e7).contains(&seconds) {
            return Err("the time must be a tenth of a second or more".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(words: &[&str]) -> Options {
        Options::parse_from([&["soak"], words].concat())
    }

    #[test]
    fn the_time_is_in_minutes_or_in_seconds() {
        let minutes = options(&["--minutes", "0.5"]).duration();
        assert_eq!(minutes, Duration::from_secs(30));
        let seconds = options(&["--seconds", "2"]).duration();
        assert_eq!(seconds, Duration::from_secs(2));
    }

    #[test]
    fn there_are_threads_for_all_contexts_and_one_more() {
        let default = options(&[]);
        assert_eq!((default.homes(), default.check()), (10, Ok(())));
        assert!(options(&["--threads", "10"]).check().is_err());
        assert_eq!(options(&["--threads", "11"]).check(), Ok(()));
        assert!(options(&["--contexts", "0"]).check().is_err());
        assert!(options(&["--minutes", "0"]).check().is_err());
    }
}
