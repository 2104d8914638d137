//! What all threads of the soak share.

use std::{
    sync::{
        Arc, OnceLock,
        atomic::{AtomicU8, AtomicUsize, Ordering::SeqCst},
        mpsc::Sender,
    },
    thread,
    time::Duration,
};

use crate::{errand::Errand, kinds::sabotage::Sabotage, place::Place};

/// What all actors are to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Make tasks.
    Run,
    /// Make none, and end those that are under way.
    Drain,
    /// Rest, so that the counts can be compared.
    Park,
    /// Homes end what is theirs and return; completers go on for them.
    Leave,
    /// Completers return, too.
    Stop,
}

/// See the module's documentation.
pub struct World {
    pub places: Vec<Arc<Place>>,
    /// What is done wrong now and then.
    pub sabotage: Option<Sabotage>,
    /// The ways to the completers.
    errands: Vec<Sender<Errand>>,
    phase: AtomicU8,
    parked: AtomicUsize,
}

static WORLD: OnceLock<World> = OnceLock::new();

/// Sets the world up, once.
pub fn begin(places: Vec<Arc<Place>>, errands: Vec<Sender<Errand>>, sabotage: Option<Sabotage>) {
    WORLD.get_or_init(|| World {
        places,
        sabotage,
        errands,
        phase: AtomicU8::new(Phase::Park as u8),
        parked: AtomicUsize::new(0),
    });
}

pub fn world() -> &'static World {
    WORLD.get().expect("set up before any thread is started")
}

impl World {
    pub fn phase(&self) -> Phase {
        let phases = [
            Phase::Run,
            Phase::Drain,
            Phase::Park,
            Phase::Leave,
            Phase::Stop,
        ];
        phases[usize::from(self.phase.load(SeqCst))]
    }

    pub fn set_phase(&self, phase: Phase) {
        self.phase.store(phase as u8, SeqCst);
    }

    /// Rests until the phase is another one.
    pub fn park(&self) {
        self.parked.fetch_add(1, SeqCst);
        while self.phase() == Phase::Park {
            thread::sleep(Duration::from_millis(1));
        }
        self.parked.fetch_sub(1, SeqCst);
    }

    pub fn parked(&self) -> usize {
        self.parked.load(SeqCst)
    }

    /// Sends one of the completers on an errand.
    pub fn send(&self, errand: Errand) {
        let to = &self.errands[fastrand::usize(..self.errands.len())];
        to.send(errand)
            .expect("completers live longer than who sends them");
    }

    pub fn any_place(&self) -> &Arc<Place> {
        &self.places[fastrand::usize(..self.places.len())]
    }
}
