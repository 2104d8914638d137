//! What `ulimit -s` says, and the variable of Rust.

use std::process::{Command, Output};

use qio_task::{QioTask, set_stack_size, stack_size};

use super::{MIB, run};
use crate::common::{is_child, on_context};

/// The test of this name, where `ulimit -s` was told this before it started.
fn in_child_with_limit(test: &str, limit: &str, variables: &[(&str, String)]) -> Output {
    Command::new("sh")
        .arg("-c")
        .arg(format!("ulimit -S -s {limit} && exec \"$@\""))
        .arg("sh")
        .arg(std::env::current_exe().unwrap())
        .args([test, "--exact", "--nocapture", "--test-threads=1"])
        .env_remove("RUST_MIN_STACK")
        .env("QIO_TASK_TEST_CHILD", test)
        .env("LIMIT", limit)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .output()
        .unwrap()
}

const LIMIT: &str = "stack::ulimit::ulimit_is_honoured";

#[test]
fn ulimit_is_honoured() {
    if is_child(LIMIT) {
        let (size, used) = match &*std::env::var("LIMIT").unwrap() {
            "65536" => (64 * MIB, 48 * MIB),
            "1024" => (MIB, MIB / 2),
            "unlimited" => (8 * MIB, 6 * MIB),
            other => panic!("{other}"),
        };
        assert_eq!(stack_size(), size);
        on_context(|_| run(QioTask::builder(), used));
        return;
    }
    for limit in ["65536", "1024", "unlimited"] {
        let output = in_child_with_limit(LIMIT, limit, &[]);
        assert!(output.status.success(), "{limit}: {output:?}");
    }
}

const VARIABLE: &str = "stack::ulimit::the_variable_of_rust_counts_where_it_asks_for_more";

#[test]
fn the_variable_of_rust_counts_where_it_asks_for_more() {
    if is_child(VARIABLE) {
        let expected = std::env::var("EXPECTED").unwrap().parse::<usize>().unwrap();
        assert_eq!(stack_size(), expected);
        on_context(|_| run(QioTask::builder(), expected / 4 * 3));
        set_stack_size(MIB);
        assert_eq!(stack_size(), MIB, "what is set holds");
        return;
    }
    let limit = 32 * MIB;
    for (variable, expected) in [(64 * MIB, 64 * MIB), (MIB, limit), (0, limit)] {
        let variables = [
            ("RUST_MIN_STACK", variable.to_string()),
            ("EXPECTED", expected.to_string()),
        ];
        let output = in_child_with_limit(VARIABLE, "32768", &variables);
        assert!(output.status.success(), "{variable}: {output:?}");
    }
}
