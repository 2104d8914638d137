//! The runner: executes a program against the library, and notes what happens.

mod crowd;
mod drive;
mod handles;
mod limits;
mod make;
mod messages;
mod op;
mod sets;
mod watched;
mod worker;

use std::{
    cell::{Cell, RefCell},
    collections::HashMap,
    os::unix::net::UnixStream,
    sync::{
        Arc, Mutex, MutexGuard, Once, PoisonError, Weak,
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use glib::{MainContext, MainLoop};
use qio_task::{Group, Latest, Messages, Progress, QioTask, Running, TaskFuture, Watch};

use crate::{
    event::{Event, Id, What, Who, canonical},
    model::{Settled, THREADS},
    program::{Bar, On, Op, Place, Script, Slot, Step, Team, Thread, ending},
};

use limits::Limits;
use watched::Value;
use worker::Link;

/// Longer than anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A dispatch that has taken as long gives way, wherever it is.
const SLICE: Duration = Duration::from_millis(2);

/// What all deliberate panics say.
pub(crate) const ON_PURPOSE: &str = "on purpose";

/// What has been seen of a program.
pub struct Seen {
    /// What has happened.
    pub events: Vec<Event>,
    /// The machine was so slow that a dispatch may have given way: then the
    /// order of events is not what the model says, and it has to be run again.
    pub was_slow: bool,
}

/// The threads of programs, for one program after the other.
pub struct Crew(Vec<Sender<Order>>);

struct Order {
    world: Arc<World>,
    what: Errand,
    done: Sender<()>,
}

enum Errand {
    Step(Step),
    /// Make a task and complete it, so that what was sent home is seen.
    UseLibrary,
}

impl Crew {
    /// Two more threads; the first one is the caller's.
    pub fn new() -> Self {
        prepare();
        let hire = |thread: Thread| {
            let (sender, orders) = mpsc::channel::<Order>();
            thread::spawn(move || serve(thread, &orders));
            sender
        };
        Self(vec![hire(Thread::T1), hire(Thread::T2)])
    }

    /// Runs `program`, and then what ends every program. Members of groups that had to wait for
    /// their places go on as `settled` says: who runs it can't see for whom to wait.
    pub(crate) fn run(&self, program: &Script, settled: Vec<Settled>) -> Seen {
        let _maximum = crowd::maximum(program.is_alone());
        WHO.set(Who::Home(Thread::T0));
        let world = Arc::new(World {
            events: Mutex::default(),
            some_time: Mutex::default(),
            state: Mutex::new(State {
                limits: Limits::new(settled),
                ..State::default()
            }),
            crew: self.0.clone(),
        });
        WORLD.set(Arc::downgrade(&world));
        for step in program.0.iter().chain(&ending(false)) {
            world.step(Thread::T0, step);
        }
        world.state().is_last = true;
        for step in &ending(true) {
            world.step(Thread::T0, step);
        }
        for _ in 0..2 {
            for thread in THREADS {
                world.send(Thread::T0, thread, Errand::UseLibrary);
            }
        }
        let all_messages = std::mem::take(&mut world.state().all_messages);
        drop(all_messages);
        // Waits: a worker's thread may be about to drop what nobody wants.
        let kept = still_kept(&world);
        let mut events = std::mem::take(&mut *lock(&world.events));
        events.extend(kept);
        events.append(&mut lock(&world.some_time));
        let stray = std::mem::take(&mut *lock(&STRAY));
        let who = Who::Stranger;
        events.extend(stray.into_iter().map(|what| Event { who, what }));
        Seen {
            events: canonical(events),
            was_slow: world.state().was_slow,
        }
    }
}

impl Default for Crew {
    fn default() -> Self {
        Self::new()
    }
}

/// What each of the other threads does.
fn serve(thread: Thread, orders: &Receiver<Order>) {
    WHO.set(Who::Home(thread));
    for Order { world, what, done } in orders {
        WORLD.set(Arc::downgrade(&world));
        world.run_errand(thread, &what);
        drop(world);
        let _ = done.send(());
    }
}

thread_local! {
    static WHO: Cell<Who> = const { Cell::new(Who::Stranger) };
    /// The program that this thread takes steps of.
    static WORLD: RefCell<Weak<World>> = const { RefCell::new(Weak::new()) };
    /// They can't leave their thread.
    static RUNNING: RefCell<HashMap<Id, Running>> = RefCell::default();
    /// The task that is completed or waited for by the call on top of the stack.
    static INLINE: Cell<Option<Id>> = const { Cell::new(None) };
}

/// What GLib's log said on threads of no program, or as they ended: no program
/// may make it say that, so it does not matter which one is blamed.
static STRAY: Mutex<Vec<What>> = Mutex::new(Vec::new());

/// What is the whole process's.
fn prepare() {
    static PREPARED: Once = Once::new();
    PREPARED.call_once(|| {
        // So that a thread that ends says that its worker's result is on its way.
        qio_task::set_max_idle_time(Duration::ZERO);
        // Nothing is to depend on the clock.
        if !qio_task::max_delay().is_zero() {
            qio_task::set_max_delay(Duration::MAX);
        }
        glib::log_set_default_handler(|_, _, message| {
            let warned = What::Warned(message.to_owned());
            match WORLD.try_with(|world| world.borrow().upgrade()) {
                Ok(Some(world)) => world.log(WHO.get(), warned),
                _ => lock(&STRAY).push(warned),
            }
        });
        let hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if panic.payload_as_str() != Some(ON_PURPOSE) {
                hook(panic);
            }
        }));
    });
}

/// Everything that knows the program goes with it. A worker's thread may be
/// about to let go of the last of it.
fn still_kept(world: &Arc<World>) -> Option<Event> {
    let start = Instant::now();
    while Arc::strong_count(world) > 1 {
        thread::yield_now();
        if start.elapsed() > PATIENCE / 60 {
            let message = "something of the program is leaked".to_owned();
            return Some(Event {
                who: Who::Stranger,
                what: What::Warned(message),
            });
        }
    }
    None
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A program under way.
struct World {
    events: Mutex<Vec<Event>>,
    /// What happens on threads that nobody knows. All of it has come when nothing is kept.
    some_time: Mutex<Vec<Event>>,
    /// Never locked while the library is called.
    state: Mutex<State>,
    crew: Vec<Sender<Order>>,
}

#[derive(Default)]
struct State {
    slots: [Option<Kept>; Slot::ALL.len()],
    places: [Option<MainContext>; Place::COUNT],
    /// All contexts by their addresses; a later one may have an earlier one's.
    contexts: HashMap<usize, Context>,
    tokens: [gio::Cancellable; 2],
    bars: [Option<Progress<u32>>; Bar::ALL.len()],
    /// Each with its number.
    groups: [Option<(Id, Group)>; Team::ALL.len()],
    latest: Option<Latest>,
    limits: Limits,
    loops: Vec<MainLoop>,
    /// The other ends of the descriptors of driven tasks: none is closed.
    ends: Vec<Arc<UnixStream>>,
    /// All that were made. None is dropped, which would make work for a context.
    all_messages: Vec<Messages<u32>>,
    /// Who owns which context, the last on top.
    owners: Vec<(Thread, Id)>,
    busy: [bool; 3],
    next_task: Id,
    next_context: Id,
    next_bar: Id,
    next_group: Id,
    reports: u32,
    messages: u32,
    /// A cancellable was given a handler that completes a task: callbacks may run inside of
    /// the cancellation, wherever that is.
    has_handlers: bool,
    /// Callbacks take no steps any more.
    is_last: bool,
    was_slow: bool,
    /// For how long callbacks were slow on purpose.
    spun: Duration,
}

#[derive(Clone, Copy)]
struct Context {
    id: Id,
    /// Whose it is; the free one is nobody's.
    thread: Option<Thread>,
}

/// A task, with all that is held of it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
struct Kept {
    id: Id,
    context: Id,
    home: Option<Thread>,
    task: Option<QioTask<Value, Value>>,
    future: Option<TaskFuture<Value, Value>>,
    running: Option<Thread>,
    worker: Option<Link>,
    /// Its worker waits for places in its groups; by this it is heard that it starts.
    waits: Option<(Link, Receiver<(Id, bool)>)>,
    watch: Option<Watch>,
    messages: Option<Messages<u32>>,
    /// Its worker is past the point of no return.
    is_committed: bool,
    /// What makes its descriptor ready.
    ready: Option<Arc<UnixStream>>,
    /// Its context is nobody's.
    is_free: bool,
    /// Its worker has a thread of its own.
    is_dedicated: bool,
    is_grouped: bool,
    /// Whether it matters if its worker has returned before it is waited for.
    is_delicate: bool,
}

impl World {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn log(&self, who: Who, what: What) {
        let events = match who {
            Who::Stranger => &self.some_time,
            _ => &self.events,
        };
        lock(events).push(Event { who, what });
    }

    /// Takes a step on its thread, unless that is busy.
    fn step(self: &Arc<Self>, here: Thread, step: &Step) {
        self.settle();
        let by = self.thread_of(step);
        if by == here {
            self.take_step(by, step);
        } else if by != Thread::T0 && !self.state().busy[by as usize] {
            self.state().busy[by as usize] = true;
            self.send(here, by, Errand::Step(step.clone()));
            self.state().busy[by as usize] = false;
        }
        self.settle();
    }

    /// Has something done on another thread, and waits for it.
    fn send(self: &Arc<Self>, here: Thread, to: Thread, what: Errand) {
        if here == to {
            return self.run_errand(to, &what);
        }
        let (done, is_done) = mpsc::channel();
        let order = Order {
            world: self.clone(),
            what,
            done,
        };
        self.crew[to as usize - 1]
            .send(order)
            .expect("that thread has panicked");
        is_done
            .recv_timeout(PATIENCE)
            .expect("a step panics or hangs");
    }

    fn run_errand(self: &Arc<Self>, by: Thread, what: &Errand) {
        match what {
            Errand::Step(step) => self.take_step(by, step),
            Errand::UseLibrary => MainContext::new()
                .with_thread_default(|| {
                    QioTask::builder()
                        .callback(|_: Result<(), qio_task::Error>| {})
                        .complete(Ok(()));
                })
                .expect("nobody else knows it"),
        }
    }

    /// A `Running` can't leave its thread.
    fn thread_of(&self, step: &Step) -> Thread {
        let (Op::Wait(slot, _)
        | Op::Cancel(slot)
        | Op::CancelSending(slot)
        | Op::Detach(slot)
        | Op::Ask(slot)) = step.op
        else {
            return step.by;
        };
        let state = self.state();
        let kept = state.slots[slot as usize].as_ref();
        kept.and_then(|kept| kept.running).unwrap_or(step.by)
    }

    fn take_step(self: &Arc<Self>, by: Thread, step: &Step) {
        let place = match step.on {
            On::Current => return self.run_op(by, &step.op),
            On::First => Place::FirstOf(by),
            On::Second => Place::SecondOf(by),
            On::Free => Place::Free,
        };
        let (context, id) = self.state().ensure(place);
        if self.state().is_taken(id, by) {
            return;
        }
        self.state().owners.push((by, id));
        context
            .with_thread_default(|| self.run_op(by, &step.op))
            .expect("no other thread owns it");
        self.state().owners.pop();
    }

    /// The number of this thread's default context.
    fn default_context(&self) -> Option<Context> {
        let context = MainContext::thread_default()?;
        let address = context.as_ptr().addr();
        self.state().contexts.get(&address).copied()
    }

    /// Iterates a context, by the clock.
    fn timed<R>(&self, iterate: impl FnOnce() -> R) -> R {
        let spun = self.state().spun;
        let start = Instant::now();
        let result = iterate();
        let took = start.elapsed();
        let mut state = self.state();
        let on_purpose = state.spun.saturating_sub(spun);
        if took.saturating_sub(on_purpose) >= SLICE {
            state.was_slow = true;
        }
        drop(state);
        result
    }
}

impl State {
    fn ensure(&mut self, place: Place) -> (MainContext, Id) {
        let next = &mut self.next_context;
        let contexts = &mut self.contexts;
        let context = self.places[place.index()].get_or_insert_with(|| {
            let context = MainContext::new();
            let thread = match place {
                Place::FirstOf(thread) | Place::SecondOf(thread) => Some(thread),
                Place::Free => None,
            };
            contexts.insert(context.as_ptr().addr(), Context { id: *next, thread });
            *next += 1;
            context
        });
        (context.clone(), contexts[&context.as_ptr().addr()].id)
    }

    /// Whether something of the task is still held, or its worker has not returned.
    fn is_in_use(&self, slot: Slot) -> bool {
        self.slots[slot as usize].as_ref().is_some_and(|kept| {
            kept.task.is_some()
                || kept.future.is_some()
                || kept.running.is_some()
                || kept.watch.is_some()
                || kept.worker.is_some()
                || kept.waits.is_some()
                || self.limits.has_lent(kept.id)
        })
    }

    fn owner(&self, context: Id) -> Option<Thread> {
        let mut owners = self.owners.iter().rev();
        let owner = owners.find(|(_, owned)| *owned == context);
        owner.map(|(thread, _)| *thread)
    }

    /// Whether another thread owns it.
    fn is_taken(&self, context: Id, by: Thread) -> bool {
        self.owner(context).is_some_and(|owner| owner != by)
    }
}
