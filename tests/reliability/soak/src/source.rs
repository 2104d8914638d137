//! [`Homebound`]: an object that a task is about, which must not be finalized
//! away from its thread.

use glib::subclass::types::ObjectSubclassIsExt;

use crate::{ledger, place::thread_number, token::Token};

mod imp {
    use std::cell::{Cell, RefCell};

    use glib::subclass::prelude::*;

    use crate::{fail::broken, ledger, place::thread_number, token::Token};

    #[derive(Default)]
    pub struct Homebound {
        pub home: Cell<u32>,
        /// For a task whose callback nobody sees: it ends as its source goes.
        pub token: RefCell<Option<Token>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Homebound {
        const NAME: &'static str = "QioTaskSoakHomebound";
        type Type = super::Homebound;
    }

    impl ObjectImpl for Homebound {}

    impl Drop for Homebound {
        fn drop(&mut self) {
            let (home, here) = (self.home.get(), thread_number());
            if home != here {
                broken!("a source was dropped on thread {here}; its home is thread {home}");
            }
            ledger::thing_dropped();
        }
    }
}

glib::wrapper! {
    pub struct Homebound(ObjectSubclass<imp::Homebound>);
}

impl Homebound {
    /// An object of this thread.
    pub fn new() -> Self {
        let object: Self = glib::Object::new();
        object.imp().home.set(thread_number());
        ledger::thing_made();
        object
    }

    /// One that ends `token` as it goes.
    pub fn with(token: Token) -> Self {
        let object = Self::new();
        object.imp().token.replace(Some(token));
        object
    }
}
