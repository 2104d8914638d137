//! The search, without the page.

use std::{cell::Cell, rc::Rc};

use gtk::glib::MainContext;
use qio_task::{Error, Progress, QioTask};

use super::names::{Found, LAST, TOLD, name, search};

fn find(text: &'static str) -> Found {
    let found = Rc::new(Cell::new(None));
    let context = MainContext::new();
    context
        .with_thread_default(|| {
            let progress = Progress::new(|_| {});
            QioTask::builder()
                .callback({
                    let found = found.clone();
                    move |result: Result<Found, Error>| found.set(result.ok())
                })
                .run_in_thread(move |worker| search(text, worker, &progress))
                .wait();
        })
        .unwrap();
    found.take().unwrap()
}

#[test]
fn numbers_have_names() {
    for (number, its_name) in [
        (0, "zero"),
        (19, "nineteen"),
        (20, "twenty"),
        (42, "forty-two"),
        (500, "five hundred"),
        (70_016, "seventy thousand sixteen"),
        (
            123_456,
            "one hundred twenty-three thousand four hundred fifty-six",
        ),
        (LAST, "five million"),
    ] {
        assert_eq!(name(number), its_name);
    }
}

#[test]
fn all_words_are_found_in_any_order() {
    let found = find("SIX forty");
    assert_eq!(found.numbers[..3], [46, 146, 246]);
    assert!(name(*found.numbers.last().unwrap()).contains("forty"));
    assert_eq!(found.numbers.len(), TOLD);
    assert_eq!(find("ZERO").numbers, [0]);
    assert_eq!(find("billion"), Found::default());
}
