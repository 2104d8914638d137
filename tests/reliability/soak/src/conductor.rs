//! The conductor: starts and replaces the actors, lets them run and rest,
//! compares the counts, and says how it went.

use std::{
    num::NonZero,
    process::ExitCode,
    sync::{Arc, mpsc},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use qio_task::{set_max_idle_time, set_max_threads};

use crate::{
    errand,
    fail::broken,
    gauges::{self, Gauges},
    home::{self, Manners},
    kinds::grouped,
    ledger::Sums,
    options::Options,
    place::Place,
    refusal::{self, Refuse},
    report::{History, Line},
    verdict::{self, Run},
    world::{self, Phase, world},
};

/// How long the actors run before they rest.
const STRETCH: Duration = Duration::from_secs(10);

/// How often the conductor looks.
const LOOK: Duration = Duration::from_millis(20);

/// For so long all threads are refused, at the beginning of each stretch.
const REFUSAL: Duration = Duration::from_millis(20);

/// Worker threads at most: so few that tasks queue now and then.
const WORKERS: NonZero<usize> = NonZero::new(24).expect("not zero");

/// Runs the soak.
pub fn conduct(options: &Options) -> ExitCode {
    let seed = options.seed.unwrap_or_else(|| fastrand::u64(..));
    let backend = if cfg!(feature = "gtask") {
        "gtask"
    } else {
        "native"
    };
    println!(
        "soak: {:?} on the {backend} backend, {} threads, {} contexts, --seed {seed}",
        options.duration(),
        options.threads,
        options.contexts
    );
    let mut conductor = Conductor::begin(options, seed);
    let began = conductor.began;
    while began.elapsed() < options.duration() {
        conductor.run();
        conductor.rest();
    }
    conductor.end()
}

struct Conductor<'a> {
    options: &'a Options,
    seed: u64,
    began: Instant,
    homes: Vec<Home>,
    completers: Vec<JoinHandle<()>>,
    line: Line,
    history: History,
    /// How many tasks had ended when that number last changed, and when.
    last_end: (u64, Instant),
    next_reading: Duration,
    lives: u64,
    /// How often all have rested and the counts were right, and how long that took.
    rests: (u32, Duration),
    descriptors_at_start: u64,
}

/// A home thread, and what its successor needs.
struct Home {
    place: Arc<Place>,
    replaces_context: bool,
    thread: JoinHandle<()>,
}

impl<'a> Conductor<'a> {
    fn begin(options: &'a Options, seed: u64) -> Self {
        set_max_threads(WORKERS);
        let first_shared = options.contexts - options.shared();
        let places: Vec<Arc<Place>> = (0..options.contexts)
            .map(|number| Arc::new(Place::new(number, number >= first_shared)))
            .collect();
        start_glib();
        let descriptors_at_start = Gauges::read().descriptors;
        let (senders, receivers): (Vec<_>, Vec<_>) = (options.homes()..options.threads)
            .map(|_| mpsc::channel())
            .unzip();
        world::begin(places.clone(), senders, options.sabotage);
        let mut conductor = Self {
            options,
            seed,
            began: Instant::now(),
            homes: Vec::new(),
            completers: Vec::new(),
            line: Line::new(),
            history: History::default(),
            last_end: (0, Instant::now()),
            next_reading: Duration::ZERO,
            lives: 0,
            rests: (0, Duration::ZERO),
            descriptors_at_start,
        };
        for (number, errands) in receivers.into_iter().enumerate() {
            let seed = conductor.next_seed();
            let name = format!("completer {number}");
            conductor
                .completers
                .push(start(name, move || errand::live(&errands, seed)));
        }
        for place in &places {
            conductor.add_home(place, true);
            if place.is_shared {
                conductor.add_home(place, false);
            }
        }
        conductor
    }

    fn next_seed(&mut self) -> u64 {
        self.lives += 1;
        self.seed.wrapping_add(self.lives)
    }

    fn add_home(&mut self, place: &Arc<Place>, replaces_context: bool) {
        let thread = self.start_home(place, replaces_context);
        self.homes.push(Home {
            place: place.clone(),
            replaces_context,
            thread,
        });
    }

    fn start_home(&mut self, place: &Arc<Place>, replaces_context: bool) -> JoinHandle<()> {
        let manners = Manners {
            seed: self.next_seed(),
            replaces_context,
            leaves_orphans: self.options.orphans,
            patience: self.options.patience(),
        };
        let name = format!("home {}", place.number);
        let place = place.clone();
        start(name, move || home::live(&place, manners))
    }

    /// Lets the actors run for a stretch. At first no thread is to be had, and
    /// none is alive; then each one in some is refused.
    fn run(&mut self) {
        let duration = self.options.duration();
        let left = duration.saturating_sub(self.began.elapsed());
        let until = Instant::now() + STRETCH.min(duration / 4).min(left);
        refusal::refuse(Refuse::All);
        set_max_idle_time(Duration::from_secs(5));
        world().set_phase(Phase::Run);
        thread::sleep(REFUSAL);
        refusal::refuse(Refuse::OneIn(8));
        let idle_times = [
            Duration::ZERO,
            Duration::from_millis(1),
            Duration::from_secs(5),
        ];
        set_max_idle_time(idle_times[fastrand::usize(..idle_times.len())]);
        while Instant::now() < until {
            self.look();
            thread::sleep(LOOK);
        }
        refusal::refuse(Refuse::None);
    }

    /// Has the actors end what is under way, and compares the counts while
    /// they rest.
    fn rest(&mut self) {
        let since = Instant::now();
        set_max_idle_time(Duration::ZERO);
        loop {
            world().set_phase(Phase::Drain);
            self.wait_until("ends its last tasks", since, || {
                let sums = Sums::take();
                sums.is_drained() && sums.things_made == sums.things_dropped
            });
            world().set_phase(Phase::Park);
            let actors = self.options.threads;
            self.wait_until("rests", since, || world().parked() == actors);
            // One that was about to begin something has begun it.
            if Sums::take().imbalance().is_none() {
                break;
            }
        }
        // A member leaves as its callback and its worker have returned, after they have been counted.
        self.wait_until("leaves its groups", since, || grouped::all().is_empty());
        // So that they have retired, and those that are refused are all.
        thread::sleep(REFUSAL);
        let gauges = Gauges::read();
        self.history.push_at_rest(self.began.elapsed(), &gauges);
        self.rests.0 += 1;
        self.rests.1 += since.elapsed();
    }

    /// Looks after the actors until `condition` holds.
    fn wait_until(&mut self, what: &str, since: Instant, condition: impl Fn() -> bool) {
        while !condition() {
            self.look();
            if since.elapsed() > self.options.patience() {
                self.give_up(&format!("not every thread {what}"));
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Replaces homes that have ended, shows how it goes, and sees to it that it goes.
    fn look(&mut self) {
        for number in 0..self.homes.len() {
            if self.homes[number].thread.is_finished() {
                let home = &self.homes[number];
                let (place, replaces_context) = (home.place.clone(), home.replaces_context);
                let next = self.start_home(&place, replaces_context);
                let last = std::mem::replace(&mut self.homes[number].thread, next);
                join(last);
            }
        }
        let at = self.began.elapsed();
        if at < self.next_reading {
            return;
        }
        self.next_reading = at + Duration::from_secs(1);
        let (sums, gauges) = (Sums::take(), Gauges::read());
        self.history.push(at, &gauges);
        self.line.show(at, &sums, &gauges);
        if sums.ended() != self.last_end.0 {
            self.last_end = (sums.ended(), Instant::now());
        } else if self.last_end.1.elapsed() > self.options.patience() {
            self.give_up("no callback has been called");
        }
    }

    /// Nothing happens any more.
    fn give_up(&self, what: &str) -> ! {
        self.line.end();
        let sums = Sums::take();
        println!("pending:\n{}", sums.pending_by_kind());
        println!("threads:\n{}", gauges::threads());
        if let Some(imbalance) = sums.imbalance() {
            println!("{imbalance}");
        }
        broken!(
            "{what} for {:?}; the process ends with a core for `gdb --core`, and \
             with `--patience 100000` it stays for `gdb -p {} -batch -ex 'thread apply all bt'`",
            self.options.patience(),
            std::process::id()
        );
    }

    /// Ends the actors, and passes the verdict.
    fn end(mut self) -> ExitCode {
        let run = self.began.elapsed();
        world().set_phase(Phase::Leave);
        let since = Instant::now();
        let all_have_ended = |all: &[Home]| all.iter().all(|home| home.thread.is_finished());
        while !all_have_ended(&self.homes) {
            if since.elapsed() > self.options.patience() {
                self.give_up("not every thread ends");
            }
            thread::sleep(LOOK);
        }
        self.homes.drain(..).for_each(|home| join(home.thread));
        self.wait_until("ends what was left to it", since, || {
            Sums::take().imbalance().is_none()
        });
        world().set_phase(Phase::Stop);
        self.completers.drain(..).for_each(join);
        world().places.iter().for_each(|place| place.replace());
        thread::sleep(REFUSAL);
        self.line.end();
        verdict::pass(&Run {
            options: self.options,
            time: run,
            sums: Sums::take(),
            history: self.history,
            rests: self.rests,
            descriptors_at_start: self.descriptors_at_start,
        })
    }
}

/// GLib ends the process when the thread that it starts with the first `GTask`
/// is refused: here none is yet.
fn start_glib() {
    let context = glib::MainContext::new();
    let ran = context.with_thread_default(|| {
        let source = gio::Cancellable::new();
        qio_task::QioTask::<()>::new(&source, |_, _| {}).complete(Ok(()));
        while context.iteration(false) {}
    });
    assert!(ran.is_ok(), "a new context has no owner");
}

fn start(name: String, live: impl FnOnce() + Send + 'static) -> JoinHandle<()> {
    let started = refusal::spared(|| thread::Builder::new().name(name).spawn(live));
    match started {
        Ok(thread) => thread,
        Err(error) => broken!("the system refuses the soak's own threads: {error}"),
    }
}

fn join(thread: JoinHandle<()>) {
    if thread.join().is_err() {
        broken!("a thread of the soak has panicked");
    }
}
