//! Programs of the model's language, made from bytes: what the library does
//! with each is what the model says.
#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use model::{Verdict, check, program::Script, runner::Crew};

/// What takes more is slow, and finds nothing that less does not.
const MOST_STEPS: usize = 64;
const MOST_SPINS: usize = 2;

thread_local! {
    static CREW: Crew = Crew::new();
}

fuzz_target!(|program: Script| -> Corpus {
    if program.size() > MOST_STEPS || program.spins() > MOST_SPINS {
        return Corpus::Reject;
    }
    match CREW.with(|crew| check(crew, &program)) {
        Verdict::Agrees(_) => Corpus::Keep,
        Verdict::Slow => Corpus::Reject,
        Verdict::Differs(difference) => panic!("{program:?}\n{difference}"),
    }
});
