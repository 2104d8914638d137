//! A log of which each line counts: a thread writes, the list shows, and neither is overrun.

use adw::{prelude::*, subclass::prelude::*};
use gtk::glib::{self, clone};
use qio_task::{Error, Messages, QioTask};

use super::{Page, tasks_of_window, thousands};
use crate::{
    run_buttons::RunButtons,
    spinner::Spinner,
    status_row::{Status, StatusRow},
};

pub const PAGE: Page = Page {
    name: "log",
    title: "Stream a Log",
    icon: "text-x-generic-symbolic",
    build: || glib::Object::new::<LogPage>().upcast(),
};

/// How many lines may be on their way.
const BOUND: usize = 1_000;
/// How many the list keeps.
const KEPT: usize = 1_000;

/// A line, and the how many-eth it is.
struct Line {
    number: u32,
    text: String,
}

glib::wrapper! {
    pub struct LogPage(ObjectSubclass<imp::LogPage>)
        @extends adw::PreferencesPage, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl LogPage {
    fn stream(&self) {
        let imp = self.imp();
        let wanted = imp.begin();
        let lines = Messages::new(
            BOUND,
            clone!(
                #[weak(rename_to = page)]
                self,
                move |line: Line| page.imp().take(line)
            ),
        );
        let running = QioTask::builder()
            .name("log")
            // It may go on for as long as the window is there.
            .dedicated_thread()
            .group(&tasks_of_window(self))
            .messages(&lines)
            .source(self)
            .callback(Self::ended)
            .run_in_thread(move |_| {
                for number in 1..=wanted {
                    let text = format!("{number:>9}  A line of {wanted}");
                    // It fails when the task has ended, as at “Stop”: also while it waits.
                    lines.send(Line { number, text })?;
                }
                Ok(wanted)
            });
        imp.running.replace(Some(running));
    }

    /// The callback: all lines have come before it, and none comes after it.
    fn ended(&self, written: Result<u32, Error>) {
        let imp = self.imp();
        imp.running.take();
        imp.buttons.set_running(false);
        imp.follow();
        let came = imp.came.get();
        match written {
            Ok(written) => {
                let title = format!("All {} lines came", thousands(came));
                imp.status.show(Status::Done, &title, "");
                imp.missing.set(written.saturating_sub(came));
            }
            Err(error) => {
                let title = format!("Stopped after {} lines", thousands(came));
                imp.status.show_error(&title, &error);
            }
        }
        imp.tell();
    }
}

mod imp {
    use std::{
        cell::{Cell, RefCell},
        collections::VecDeque,
    };

    use adw::{prelude::*, subclass::prelude::*};
    use gtk::glib;
    use qio_task::Running;

    use super::{KEPT, Line, RunButtons, Spinner, Status, StatusRow, thousands};

    #[derive(gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/log.ui")]
    pub struct LogPage {
        #[template_child]
        wanted: TemplateChild<gtk::SpinButton>,
        #[template_child]
        pub(super) buttons: TemplateChild<RunButtons>,
        #[template_child]
        pub(super) status: TemplateChild<StatusRow>,
        #[template_child]
        list: TemplateChild<gtk::ListView>,
        lines: gtk::StringList,
        /// Those that came after the last frame. To change the list for each would take longer than
        /// all else.
        fresh: RefCell<VecDeque<String>>,
        pub(super) running: RefCell<Option<Running>>,
        /// How many lines came, are missing among these, and came after the end.
        pub(super) came: Cell<u32>,
        pub(super) missing: Cell<u32>,
        late: Cell<u32>,
        tick: RefCell<Option<gtk::TickCallbackId>>,
    }

    impl Default for LogPage {
        fn default() -> Self {
            Self {
                wanted: TemplateChild::default(),
                buttons: TemplateChild::default(),
                status: TemplateChild::default(),
                list: TemplateChild::default(),
                lines: gtk::StringList::new(&[]),
                fresh: RefCell::default(),
                running: RefCell::default(),
                came: Cell::default(),
                missing: Cell::default(),
                late: Cell::default(),
                tick: RefCell::default(),
            }
        }
    }

    #[glib::object_subclass]
    impl ObjectSubclass for LogPage {
        const NAME: &'static str = "GalleryLogPage";
        type Type = super::LogPage;
        type ParentType = adw::PreferencesPage;

        fn class_init(class: &mut Self::Class) {
            RunButtons::ensure_type();
            Spinner::ensure_type();
            StatusRow::ensure_type();
            class.bind_template();
            class.bind_template_callbacks();
        }

        fn instance_init(instance: &glib::subclass::InitializingObject<Self>) {
            instance.init_template();
        }
    }

    #[gtk::template_callbacks]
    impl LogPage {
        #[template_callback]
        fn on_start(&self) {
            self.obj().stream();
        }

        #[template_callback]
        fn on_stop(&self) {
            if let Some(running) = &*self.running.borrow() {
                running.cancel();
            }
        }

        /// Shows that a log begins, and returns how many lines are wanted of it.
        pub(super) fn begin(&self) -> u32 {
            self.lines.splice(0, self.lines.n_items(), &[]);
            self.fresh.take();
            for count in [&self.came, &self.missing, &self.late] {
                count.set(0);
            }
            self.status.show(Status::Working, "No line yet", "");
            self.buttons.set_running(true);
            #[expect(clippy::cast_sign_loss, reason = "the least of it is 1")]
            let wanted = self.wanted.value_as_int() as u32;
            wanted
        }

        /// What comes of the thread, a line at a time.
        pub(super) fn take(&self, line: Line) {
            if self.running.borrow().is_none() {
                self.late.set(self.late.get() + 1);
                self.tell();
            }
            let came = self.came.get() + 1;
            self.came.set(came);
            self.missing.set(line.number.saturating_sub(came));
            let mut fresh = self.fresh.borrow_mut();
            if fresh.len() == KEPT {
                fresh.pop_front();
            }
            fresh.push_back(line.text);
        }

        /// Tells how many are missing, and came late.
        pub(super) fn tell(&self) {
            let count = |count, none: &str| match count {
                0 => none.to_owned(),
                count => thousands(count),
            };
            let missing = count(self.missing.get(), "None");
            let late = count(self.late.get(), "none");
            let words = format!("{missing} missing, {late} after the end");
            self.status.set_subtitle(&words);
        }

        /// Shows the lines that have come since it was called.
        pub(super) fn follow(&self) {
            let fresh = self.fresh.take();
            let fresh: Vec<&str> = fresh.iter().map(String::as_str).collect();
            let shown = self.lines.n_items();
            self.lines.splice(shown, 0, &fresh);
            let surplus = (shown as usize + fresh.len()).saturating_sub(KEPT);
            #[expect(clippy::cast_possible_truncation, reason = "it was one before")]
            self.lines.splice(0, surplus as u32, &[]);
            if let Some(last) = self.lines.n_items().checked_sub(1) {
                let scroll = "list.scroll-to-item";
                // There is a list, which has that.
                let _ = self.list.activate_action(scroll, Some(&last.to_variant()));
            }
        }
    }

    impl ObjectImpl for LogPage {
        fn constructed(&self) {
            self.parent_constructed();
            let model = gtk::NoSelection::new(Some(self.lines.clone()));
            self.list.set_model(Some(&model));
        }
    }

    impl WidgetImpl for LogPage {
        /// Once a frame it shows how far it has got: nobody could read more.
        fn map(&self) {
            self.parent_map();
            let tick = self.obj().add_tick_callback(|page, _| {
                let imp = page.imp();
                if imp.running.borrow().is_some() {
                    let count = thousands(imp.came.get());
                    imp.status.set_title(&format!("{count} lines so far"));
                    imp.tell();
                    imp.follow();
                }
                glib::ControlFlow::Continue
            });
            self.tick.replace(Some(tick));
        }

        fn unmap(&self) {
            if let Some(tick) = self.tick.take() {
                tick.remove();
            }
            self.parent_unmap();
        }
    }

    impl PreferencesPageImpl for LogPage {}
}
