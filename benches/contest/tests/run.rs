//! Every contestant in each of its measures, in tiny sizes, as the program that
//! compares them runs it.

use std::process::{Command, Output};

use serde_json::Value;

/// The measures, with the values that every contestant has and whether they are
/// above zero in any size.
const MEASURES: &[(&str, &[&str], bool)] = &[
    ("inline", &["per_task_ns"], true),
    ("round-trip", &["p50_ns", "p99_ns", "p999_ns"], true),
    ("burst", &["per_task_ns"], true),
    ("blockers", &["elapsed_ns"], true),
    // No tick is late where so few tasks arrive between two.
    ("frame", &["worst_ns", "p99_ns", "total_ns"], false),
    ("foreign", &["per_second"], true),
    // Few tasks fit into memory that is there already.
    // libdex before 1.2 has no threads that could be told to run.
    ("memory", &["pending_bytes"], false),
    (
        "idle",
        &[
            "wakeups_per_second",
            "cpu_ms_per_second",
            "retired_wakeups_per_second",
            "retired_cpu_ms_per_second",
        ],
        false,
    ),
    ("cancel", &["latency_ns", "fanout_per_task_ns"], true),
    // All are over before the loop comes round.
    (
        "groups",
        &[
            "inline_ns",
            "inline_alone_ns",
            "limited_ns",
            "max_threads_ns",
            "cancel_ns",
            "cancellable_ns",
        ],
        true,
    ),
    (
        "timeouts",
        &["per_task_ns", "without_ns", "longest_ns"],
        false,
    ),
    // No redraw is due before so few have come.
    ("messages", &["per_second", "redraw_late_ns"], false),
    ("null", &[], true),
];

fn contest(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_contest"))
        .args(arguments)
        .output()
        .unwrap()
}

/// What `contest list` prints.
fn offers() -> Vec<(String, String)> {
    let listed = contest(&["list"]);
    assert!(listed.status.success());
    let lines = String::from_utf8(listed.stdout).unwrap();
    let name = |offer: &Value, key: &str| offer[key].as_str().unwrap().to_owned();
    lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .map(|offer: Value| (name(&offer, "contestant"), name(&offer, "measure")))
        .collect()
}

fn check(contestant: &str, measure: &str) {
    let tiny = [
        "--n",
        "20",
        "--threads",
        "2",
        "--repeat",
        "2",
        "--seconds",
        "0.2",
    ];
    let output = contest(&[&["run", contestant, measure], &tiny[..]].concat());
    let who = format!("{contestant} {measure}: {output:?}");
    assert!(output.status.success(), "{who}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.lines().count(), 1, "{who}");
    let line: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(line["contestant"], contestant, "{who}");
    assert_eq!(line["measure"], measure, "{who}");
    assert_eq!(
        (&line["n"], &line["threads"]),
        (&20.into(), &2.into()),
        "{who}"
    );

    let (_, names, above_zero) = MEASURES
        .iter()
        .find(|(known, ..)| *known == measure)
        .unwrap_or_else(|| panic!("{who}"));
    let values = line["values"].as_object().unwrap();
    assert!(names.iter().all(|name| values.contains_key(*name)), "{who}");
    for value in values.values() {
        let value = value.as_f64().unwrap();
        assert!(value.is_finite(), "{who}");
        assert!(value > 0.0 || !above_zero, "{who}");
    }
}

#[test]
fn every_offer_prints_its_values() {
    let offers = offers();
    // A few at a time: most of it is waiting.
    std::thread::scope(|scope| {
        for share in offers.chunks(offers.len().div_ceil(4)) {
            scope.spawn(move || {
                for (contestant, measure) in share {
                    check(contestant, measure);
                }
            });
        }
    });
}

#[test]
fn all_contestants_take_part_in_what_they_can() {
    let offers = offers();
    let takers = |measure: &str| {
        let takers = offers.iter().filter(|offer| offer.1 == measure);
        takers.map(|offer| offer.0.as_str()).collect::<Vec<_>>()
    };
    let everywhere = ["qio-task", "gtask", "gio", "qiotask", "blocking", "tokio"];
    // Where the system has none, nothing of it is offered.
    let libdex: &[&str] = if cfg!(libdex) { &["libdex"] } else { &[] };
    let its_pool = if cfg!(libdex_pool) { libdex } else { &[] };
    let threads = [&everywhere[..], libdex].concat();
    for measure in ["memory", "idle"] {
        assert_eq!(takers(measure), threads, "{measure}");
    }
    assert_eq!(takers("blockers"), [&everywhere[..], its_pool].concat());
    for measure in ["round-trip", "burst", "frame", "null"] {
        assert_eq!(
            takers(measure),
            [&threads[..], &["limit"]].concat(),
            "{measure}"
        );
    }
    for measure in ["inline", "foreign"] {
        let by_hand = [&["qio-task", "gtask", "qiotask"][..], libdex, &["limit"]];
        assert_eq!(takers(measure), by_hand.concat(), "{measure}");
    }
    assert_eq!(takers("messages"), ["qio-task", "async-channel"]);
    let cancel = ["qio-task", "gtask", "gio", "blocking", "tokio"];
    assert_eq!(takers("cancel"), [&cancel[..], libdex].concat());
}

#[test]
fn what_cannot_be_run_is_said_on_stderr() {
    for arguments in [
        &["run", "gio", "inline"][..],
        &["run", "nobody", "burst"],
        &["run", "qio-task", "idle", "--seconds", "-1"],
        &["run", "qio-task", "burst", "--n", "none"],
    ] {
        let output = contest(arguments);
        assert!(!output.status.success(), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}
