//! What all measures run in: the dispatch of a main loop on the default context,
//! as an application's code does.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use glib::{ControlFlow, MainContext, MainLoop, Priority, thread_guard::ThreadGuard};

/// Ends the main loop with a result.
pub struct Finish<R>(Rc<(MainLoop, RefCell<Option<R>>)>);

impl<R> Clone for Finish<R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<R> Finish<R> {
    pub fn with(&self, result: R) {
        *self.0.1.borrow_mut() = Some(result);
        self.0.0.quit();
    }
}

/// Calls `start` in a dispatch of the main loop, and returns what the loop is
/// finished with.
pub fn run<R: 'static>(start: impl FnOnce(Finish<R>) + 'static) -> R {
    let main_loop = MainLoop::new(None, false);
    let finish = Finish(Rc::new((main_loop.clone(), RefCell::new(None))));
    let started = finish.clone();
    soon(Priority::DEFAULT, move || start(started));
    main_loop.run();
    finish.0.1.take().expect("only a result quits the loop")
}

/// Calls `function` in a later dispatch.
pub fn soon(priority: Priority, function: impl FnOnce() + 'static) {
    let function = ThreadGuard::new(Cell::new(Some(function)));
    glib::idle_source_new(None, priority, move || {
        if let Some(function) = function.get_ref().take() {
            function();
        }
        ControlFlow::Break
    })
    .attach(Some(&MainContext::default()));
}

/// State that the callbacks of a measure share. It stays for the program's life,
/// so that sharing it costs them nothing.
pub fn leak<T>(state: T) -> &'static T {
    Box::leak(Box::new(state))
}

/// Counts callbacks, and says which is the last.
pub struct Countdown(Cell<usize>);

impl Countdown {
    pub fn from(number: usize) -> Self {
        Self(Cell::new(number))
    }

    /// Whether this was the last one.
    pub fn is_over(&self) -> bool {
        let left = self.0.get() - 1;
        self.0.set(left);
        left == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_of_a_countdown_is_over() {
        let countdown = Countdown::from(3);
        assert_eq!([(); 3].map(|()| countdown.is_over()), [false, false, true]);
    }
}
