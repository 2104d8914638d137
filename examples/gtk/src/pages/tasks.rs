//! What a developer opens when the application feels stuck: the tasks in flight,
//! the callbacks that hold the main loop, and the last trace events.

mod item;
mod list;
mod slow;

use std::{convert::Infallible, sync::mpsc, thread, time::Duration};

use adw::{prelude::*, subclass::prelude::*};
use gtk::glib;
use qio_task::{Error, QioTask};

use super::{Page, toast};
use crate::trace_log;

pub const PAGE: Page = Page {
    name: "tasks",
    title: "See What Runs",
    icon: "utilities-system-monitor-symbolic",
    build: || glib::Object::new::<TasksPage>().upcast(),
};

/// A frame at 60 Hz.
const FRAME: Duration = Duration::from_millis(16);
const HOLD: Duration = Duration::from_millis(100);

glib::wrapper! {
    pub struct TasksPage(ObjectSubclass<imp::TasksPage>)
        @extends adw::Bin, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl TasksPage {
    /// Starts a task whose worker blocks until it is let go.
    fn hang(&self) {
        let (let_go, wait) = mpsc::channel::<Infallible>();
        self.imp().hung.borrow_mut().push(let_go);
        QioTask::builder()
            .name("hang")
            .source(self)
            .callback(|page: &Self, _: Result<(), Error>| toast(page, "It hangs no more"))
            .run_in_thread(move |_| {
                // It ends as the other end is dropped.
                let _ = wait.recv();
                Ok(())
            });
    }

    /// Starts a task whose callback does what no callback should.
    fn hold(&self) {
        QioTask::builder()
            .name("hold")
            .source(self)
            .callback(|_: &Self, _: Result<(), Error>| thread::sleep(HOLD))
            .run_in_thread(|_| Ok(()));
    }

    fn refresh(&self) {
        let imp = self.imp();
        // Another window may have switched it. To set it, even to what it is, would
        // end its animation, and with it the press that it belongs to.
        if imp.watch.is_active() != qio_task::is_inspecting() {
            imp.watch.set_active(qio_task::is_inspecting());
        }
        let tasks = qio_task::inspect();
        imp.in_flight.set_description(Some(&match tasks.len() {
            _ if !qio_task::is_inspecting() => "Not watched".to_owned(),
            0 => "No task".to_owned(),
            1 => "1 task".to_owned(),
            count => format!("{count} tasks, the oldest first"),
        }));
        imp.tasks.update(&tasks);
        imp.slow_rows.update(&imp.slow, &qio_task::slow_callbacks());
        let mut lines = trace_log::lines();
        if lines.is_empty() {
            // What has no text has no name either, for those who can't see it.
            lines.push_str("None yet");
        }
        if imp.events.text() != lines {
            imp.events.set_text(&lines);
        }
    }
}

/// Watches tasks, slow callbacks and trace events, or nothing.
fn watch(on: bool) {
    qio_task::set_inspecting(on);
    qio_task::set_slow_callback_limit(on.then_some(FRAME));
    trace_log::set_recording(on);
}

/// Whether this process lists its tasks at a signal. Others are ended by it.
fn lists_at_signal() -> bool {
    let debug = std::env::var("QIO_TASK_DEBUG").unwrap_or_default();
    debug.contains("tasks") || debug.contains("all")
}

mod imp {
    use std::{
        cell::{Cell, RefCell},
        convert::Infallible,
        process,
        sync::mpsc::Sender,
        time::Duration,
    };

    use adw::{prelude::*, subclass::prelude::*};
    use gtk::glib::{self, clone};

    use super::{list::InFlight, lists_at_signal, slow::SlowRows, toast, watch};

    /// How often the page is brought up to date while it is shown.
    const REFRESH: Duration = Duration::from_millis(250);

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/tasks.ui")]
    pub struct TasksPage {
        #[template_child]
        pub(super) watch: TemplateChild<gtk::Switch>,
        #[template_child]
        let_go: TemplateChild<gtk::Button>,
        #[template_child]
        pub(super) in_flight: TemplateChild<adw::PreferencesGroup>,
        #[template_child]
        columns: TemplateChild<gtk::ColumnView>,
        #[template_child]
        pub(super) slow: TemplateChild<adw::PreferencesGroup>,
        #[template_child]
        pub(super) events: TemplateChild<gtk::Label>,
        #[template_child]
        debug: TemplateChild<adw::ActionRow>,
        #[template_child]
        signal: TemplateChild<adw::ActionRow>,
        pub(super) tasks: InFlight,
        pub(super) slow_rows: SlowRows,
        /// Dropped to let the tasks go that hang.
        pub(super) hung: RefCell<Vec<Sender<Infallible>>>,
        refresh: Cell<Option<glib::SourceId>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for TasksPage {
        const NAME: &'static str = "GalleryTasksPage";
        type Type = super::TasksPage;
        type ParentType = adw::Bin;

        fn class_init(class: &mut Self::Class) {
            class.bind_template();
            class.bind_template_callbacks();
        }

        fn instance_init(instance: &glib::subclass::InitializingObject<Self>) {
            instance.init_template();
        }
    }

    #[gtk::template_callbacks]
    impl TasksPage {
        #[template_callback]
        fn on_watch(&self) {
            if self.watch.is_active() != qio_task::is_inspecting() {
                watch(self.watch.is_active());
                self.obj().refresh();
            }
        }

        #[template_callback]
        fn on_hang(&self) {
            self.obj().hang();
            self.let_go.set_sensitive(true);
        }

        #[template_callback]
        fn on_let_go(&self) {
            self.hung.take();
            self.let_go.set_sensitive(false);
        }

        #[template_callback]
        fn on_hold(&self) {
            self.obj().hold();
        }

        #[template_callback]
        fn on_copy_debug(&self) {
            self.copy(&self.debug.title());
        }

        #[template_callback]
        fn on_copy_signal(&self) {
            self.copy(&self.signal.title());
        }

        fn copy(&self, text: &str) {
            let page = self.obj();
            page.clipboard().set_text(text);
            toast(&*page, "Copied");
        }
    }

    impl ObjectImpl for TasksPage {
        fn constructed(&self) {
            self.parent_constructed();
            self.tasks.show_in(&self.columns);
            self.signal
                .set_title(&format!("kill -USR1 {}", process::id()));
            self.signal.set_subtitle(if lists_at_signal() {
                "Lists the tasks of this process, also while it hangs"
            } else {
                "Lists them; but this process was started without, and would be ended"
            });
        }
    }

    impl WidgetImpl for TasksPage {
        fn map(&self) {
            self.parent_map();
            let page = self.obj();
            page.refresh();
            let refresh = glib::timeout_add_local(
                REFRESH,
                clone!(
                    #[weak]
                    page,
                    #[upgrade_or]
                    glib::ControlFlow::Break,
                    move || {
                        page.refresh();
                        glib::ControlFlow::Continue
                    }
                ),
            );
            self.refresh.set(Some(refresh));
        }

        fn unmap(&self) {
            if let Some(refresh) = self.refresh.take() {
                refresh.remove();
            }
            self.parent_unmap();
        }

        /// The window is closed, and nobody could let them go any more.
        fn unrealize(&self) {
            self.on_let_go();
            self.parent_unrealize();
        }
    }

    impl BinImpl for TasksPage {}
}
