//! The file that the example `trace_file` writes is what Perfetto opens.

use std::{collections::BTreeMap, env, fs, path::PathBuf, process};

use serde_json::Value;

use crate::common::{in_child_with, is_child};

#[allow(dead_code, reason = "its `main`")]
#[path = "../../examples/trace_file.rs"]
mod example;

/// Where the child writes to.
const FILE: &str = "QIO_TASK_TRACE_FILE";

const WRITES: &str = "file::the_slices_of_each_task_are_on_their_threads";

#[test]
fn the_slices_of_each_task_are_on_their_threads() {
    if is_child(WRITES) {
        example::record(&PathBuf::from(env::var_os(FILE).unwrap())).unwrap();
        return;
    }
    let path = env::temp_dir().join(format!("qio-task-trace-{}.json", process::id()));
    let output = in_child_with(WRITES, &[(FILE, path.to_str().unwrap())]);
    assert!(output.status.success(), "{output:?}");
    let trace = Trace::of(&fs::read_to_string(&path).unwrap());
    fs::remove_file(&path).unwrap();

    trace.assert_balanced();
    // Each worker and each callback is a slice.
    let main = trace.thread_of("wait for the camera");
    for (name, workers, callbacks) in [
        ("import picture", 6, 6),
        ("draw thumbnails", 1, 1),
        ("look up places", 1, 1),
    ] {
        let slices = trace.slices(name);
        let (on_main, elsewhere): (Vec<_>, Vec<_>) =
            slices.iter().partition(|slice| slice.thread == main);
        assert_eq!(on_main.len(), callbacks, "{name}");
        assert_eq!(elsewhere.len(), workers, "{name}");
        for slice in elsewhere {
            assert_eq!(trace.names[&slice.thread], "qio-worker");
        }
        assert!(slices.iter().all(|slice| slice.task.is_some()), "{name}");
    }
    // Its function and its callback.
    assert!(trace.slices("wait for the camera").len() >= 2);
    // One is slow by intent; on a busy machine others may be.
    let slow = trace.marks("slow callback");
    assert!(!slow.is_empty() && slow.iter().all(|&thread| thread == main));
    assert!(!trace.marks("qio_task_thread_run").contains(&main));
    assert_eq!(trace.marks("qio_task_thread_run").len(), 8);
}

/// The events of a file in the format of Chrome's trace viewer.
struct Trace {
    events: Vec<Value>,
    /// Of the threads, by their numbers.
    names: BTreeMap<u64, String>,
}

struct Slice {
    thread: u64,
    task: Option<String>,
}

impl Trace {
    fn of(json: &str) -> Self {
        let events: Vec<Value> = serde_json::from_str(json).unwrap();
        let is_name = |event: &&Value| event["ph"] == "M" && event["name"] == "thread_name";
        let name = |event: &Value| {
            let name = event["args"]["name"].as_str().unwrap();
            (thread(event), name.to_owned())
        };
        let names = events.iter().filter(is_name).map(name).collect();
        Self { events, names }
    }

    /// On each thread slices begin and end in each other, and time goes on.
    fn assert_balanced(&self) {
        let mut open: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
        let mut last: BTreeMap<u64, f64> = BTreeMap::new();
        for event in self.events.iter().filter(|event| event["ph"] != "M") {
            let (thread, name) = (thread(event), event["name"].as_str().unwrap());
            assert!(self.names.contains_key(&thread), "{event}");
            let time = event["ts"].as_f64().unwrap();
            let before = last.insert(thread, time).unwrap_or_default();
            assert!(before <= time, "{event}");
            let open = open.entry(thread).or_default();
            match event["ph"].as_str().unwrap() {
                "B" => open.push(name),
                "E" => assert_eq!(open.pop(), Some(name), "{event}"),
                phase => assert_eq!(phase, "i", "{event}"),
            }
        }
        assert!(open.values().all(Vec::is_empty), "{open:?}");
    }

    fn slices(&self, name: &str) -> Vec<Slice> {
        let begins = |event: &&Value| event["ph"] == "B" && event["name"] == name;
        let slice = |event: &Value| Slice {
            thread: thread(event),
            task: event["args"]["task"].as_str().map(str::to_owned),
        };
        self.events.iter().filter(begins).map(slice).collect()
    }

    /// The only thread with slices of this name.
    fn thread_of(&self, name: &str) -> u64 {
        let slices = self.slices(name);
        let thread = slices.first().expect("it has run").thread;
        assert!(slices.iter().all(|slice| slice.thread == thread));
        thread
    }

    /// The threads of the marks with this name.
    fn marks(&self, name: &str) -> Vec<u64> {
        let is_it = |event: &&Value| event["ph"] == "i" && event["name"] == name;
        self.events.iter().filter(is_it).map(thread).collect()
    }
}

fn thread(event: &Value) -> u64 {
    event["tid"].as_u64().unwrap()
}
