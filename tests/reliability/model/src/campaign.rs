//! Many programs, one after the other, from a seed.

use std::hash::{DefaultHasher, Hash, Hasher};

use proptest::{
    strategy::{Strategy, ValueTree},
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::{
    Difference, Verdict, check, check::callbacks, program::Script, runner::Crew, strategy,
};

/// What came of the programs of a campaign.
#[derive(Default)]
pub struct Totals {
    /// How many did what the model says.
    pub programs: usize,
    /// How many steps they had.
    pub operations: usize,
    /// How many callbacks were called.
    pub callbacks: usize,
    /// Those that the machine was too slow for.
    pub slow: usize,
    /// The number of each program and a hash of what it did.
    pub hashes: Vec<(usize, u64)>,
}

/// A program that differs from the model, made small, and how.
pub struct Failure {
    /// The number of the program that it was found from.
    pub number: usize,
    /// The smallest one that was found.
    pub program: Script,
    /// What it does, and what the model says.
    pub difference: String,
}

fn tree(seed: u64, number: usize) -> impl ValueTree<Value = Script> {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes[8..16].copy_from_slice(&(number as u64).to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let tree = strategy::program().new_tree(&mut runner);
    tree.expect("no program is refused")
}

/// Program `number` of `seed`.
pub fn program(seed: u64, number: usize) -> Script {
    tree(seed, number).current()
}

/// Runs these programs of `seed`.
///
/// # Errors
///
/// With the first one that differs from the model.
pub fn run(
    seed: u64,
    numbers: impl Iterator<Item = usize>,
    mut watch: impl FnMut(usize),
) -> Result<Totals, Failure> {
    let crew = Crew::new();
    let mut totals = Totals::default();
    for number in numbers {
        watch(number);
        let program = program(seed, number);
        match check(&crew, &program) {
            Verdict::Agrees(events) => {
                totals.programs += 1;
                totals.operations += program.size();
                totals.callbacks += callbacks(&events);
                let mut hasher = DefaultHasher::new();
                events.hash(&mut hasher);
                totals.hashes.push((number, hasher.finish()));
            }
            Verdict::Slow => totals.slow += 1,
            Verdict::Differs(first) => return Err(shrink(&crew, seed, number, &first, &mut watch)),
        }
    }
    Ok(totals)
}

/// The smallest program that differs, found from one that does.
fn shrink(
    crew: &Crew,
    seed: u64,
    number: usize,
    first: &Difference,
    watch: &mut dyn FnMut(usize),
) -> Failure {
    let mut differs = |program: &Script| {
        watch(number);
        match check(crew, program) {
            Verdict::Differs(difference) => Some(difference.to_string()),
            _ => None,
        }
    };
    let mut tree = tree(seed, number);
    let mut failure = None;
    loop {
        let program = tree.current();
        let goes_on = if let Some(difference) = differs(&program) {
            failure = Some((program, difference));
            tree.simplify()
        } else {
            tree.complicate()
        };
        if !goes_on {
            break;
        }
    }
    let (mut program, mut difference) = failure.unwrap_or_else(|| {
        let program = self::program(seed, number);
        (program, format!("it differed once, and not again: {first}"))
    });
    // The strategy makes no program that is shorter than some.
    for index in (0..program.0.len()).rev() {
        let mut shorter = program.clone();
        shorter.0.remove(index);
        if let Some(how) = differs(&shorter) {
            (program, difference) = (shorter, how);
        }
    }
    Failure {
        number,
        program,
        difference,
    }
}
