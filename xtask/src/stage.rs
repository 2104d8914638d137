//! A part of the work with a title of its own.

use crate::run::Outcome;

/// Does `work` under a title, by which a failure is known.
pub fn stage<T>(title: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    eprintln!("\nxtask: == {title} ==");
    work().map_err(|why| format!("the stage \"{title}\" failed: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_stage_is_named() {
        let why = stage::<()>("lints", || Err("it broke".to_owned())).unwrap_err();
        assert_eq!(why, "the stage \"lints\" failed: it broke");
    }
}
