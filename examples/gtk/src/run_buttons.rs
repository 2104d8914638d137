//! [`RunButtons`]: one button starts something, the other one cancels it.

use adw::{prelude::*, subclass::prelude::*};
use gtk::glib;

glib::wrapper! {
    /// Two buttons, of which one can be pressed at a time. Its signals `start`
    /// and `stop` tell that one was.
    pub struct RunButtons(ObjectSubclass<imp::RunButtons>)
        @extends gtk::Box, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget, gtk::Orientable;
}

impl RunButtons {
    /// Offers to cancel what runs, else to start it.
    pub fn set_running(&self, running: bool) {
        let (start, stop) = (&self.imp().start, &self.imp().stop);
        let focused = start.has_focus() || stop.has_focus();
        start.set_sensitive(!running);
        stop.set_sensitive(running);
        // An insensitive widget loses the focus, and who uses the keyboard the place.
        if focused {
            if running { stop } else { start }.grab_focus();
        }
    }
}

mod imp {
    use std::{cell::RefCell, sync::OnceLock};

    use adw::{prelude::*, subclass::prelude::*};
    use gtk::glib::{self, subclass::Signal};

    #[derive(Default, gtk::CompositeTemplate, glib::Properties)]
    #[properties(wrapper_type = super::RunButtons)]
    #[template(resource = "/io/github/qio_task/Gallery/run-buttons.ui")]
    pub struct RunButtons {
        /// What the first button says.
        #[property(get, set)]
        start_text: RefCell<String>,
        /// What the second one says.
        #[property(get, set, construct, default = "_Cancel")]
        stop_text: RefCell<String>,
        #[template_child]
        pub(super) start: TemplateChild<gtk::Button>,
        #[template_child]
        pub(super) stop: TemplateChild<gtk::Button>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for RunButtons {
        const NAME: &'static str = "GalleryRunButtons";
        type Type = super::RunButtons;
        type ParentType = gtk::Box;

        fn class_init(class: &mut Self::Class) {
            class.bind_template();
            class.bind_template_callbacks();
        }

        fn instance_init(instance: &glib::subclass::InitializingObject<Self>) {
            instance.init_template();
        }
    }

    #[gtk::template_callbacks]
    impl RunButtons {
        #[template_callback]
        fn on_start(&self) {
            self.obj().emit_by_name::<()>("start", &[]);
        }

        #[template_callback]
        fn on_stop(&self) {
            self.obj().emit_by_name::<()>("stop", &[]);
        }
    }

    #[glib::derived_properties]
    impl ObjectImpl for RunButtons {
        fn signals() -> &'static [Signal] {
            static SIGNALS: OnceLock<[Signal; 2]> = OnceLock::new();
            SIGNALS.get_or_init(|| ["start", "stop"].map(|name| Signal::builder(name).build()))
        }
    }

    impl WidgetImpl for RunButtons {}
    impl BoxImpl for RunButtons {}
}
