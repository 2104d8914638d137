//! A TLS handshake that the main loop drives, without a thread.

mod client;
mod server;
#[cfg(test)]
mod tests;

use std::{
    io,
    ops::ControlFlow,
    sync::Arc,
    time::{Duration, Instant},
};

use adw::{prelude::*, subclass::prelude::*};
use gtk::glib::{self, IOCondition, clone};
use qio_task::{Builder, Error, Group, QioTask};
use rustls::ClientConfig;

use super::{Page, tasks_of_window};
use crate::{
    run_buttons::RunButtons,
    status_row::{Status, StatusRow},
};
use client::{Handshake, Step, Turn};
use server::{Manner, Server};

pub const PAGE: Page = Page {
    name: "handshake",
    title: "Shake Hands",
    icon: "channel-secure-symbolic",
    build: || glib::Object::new::<HandshakePage>().upcast(),
};

glib::wrapper! {
    pub struct HandshakePage(ObjectSubclass<imp::HandshakePage>)
        @extends adw::PreferencesPage, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

/// What all tasks of one handshake have in common.
#[derive(Debug, Clone)]
struct Terms {
    /// Closed to cancel it: then its next task is not let in either.
    tasks: Group,
    begun: Instant,
    limit: Duration,
}

impl Terms {
    /// A builder for a task that ends when the handshake has to.
    fn task(&self, name: &str) -> Builder {
        QioTask::builder()
            .name(name)
            .group(&self.tasks)
            .timeout(self.limit.saturating_sub(self.begun.elapsed()))
    }
}

impl HandshakePage {
    /// Starts a server. Making its key is work for a thread, the only such here.
    fn begin(&self) {
        let imp = self.imp();
        let terms = Terms {
            tasks: Group::within(&tasks_of_window(self)),
            begun: Instant::now(),
            limit: Duration::from_secs_f64(imp.limit.value()),
        };
        imp.begin(&terms);
        let manner = imp.manner();
        terms
            .task("tls-prepare")
            .source(self)
            .callback(|page: &Self, prepared| {
                let begun = prepared.and_then(|(server, client)| {
                    page.connect(server, client).map_err(Error::Failed)
                });
                if let Err(error) = begun {
                    page.ended(Err(error));
                }
            })
            .run_in_thread(move |_| Server::listen(manner));
    }

    fn connect(&self, server: Server, config: Arc<ClientConfig>) -> io::Result<()> {
        let address = server.address()?;
        self.took(Step::Prepare, &address.to_string());
        let handshake = Handshake::begin(address, config)?;
        // It is done when the client hangs up, however the client fares: nobody
        // need be told.
        QioTask::builder()
            .name("tls-server")
            .callback(|_: Result<(), Error<io::Error>>| {})
            .run_in_thread(move |_| server.serve());
        self.drive(handshake, IOCondition::OUT);
        Ok(())
    }

    /// Lets the main loop go on with the handshake whenever `condition` holds.
    ///
    /// A task watches for one condition. When the handshake comes to need the
    /// other one, a new task takes over: to watch for both would spin, since an
    /// idle socket can always be written to.
    fn drive(&self, handshake: Handshake, condition: IOCondition) {
        let Some(terms) = self.imp().terms.borrow().clone() else {
            return;
        };
        let task = terms
            .task("handshake")
            .source(self)
            .callback(|page: &Self, turn| match turn {
                Ok((handshake, Turn::Waits(condition))) => page.drive(handshake, condition),
                Ok((_, Turn::Done)) => page.ended(Ok(())),
                Err(error) => page.ended(Err(error)),
            });
        let socket = handshake.socket();
        let mut handshake = Some(handshake);
        task.watch_fd(
            socket,
            condition,
            clone!(
                #[weak(rename_to = page)]
                self,
                #[upgrade_or]
                ControlFlow::Continue(()),
                move |_| {
                    let Some(mut current) = handshake.take() else {
                        return ControlFlow::Continue(());
                    };
                    match current.advance(|step, detail| page.took(step, detail)) {
                        Ok(Turn::Waits(same)) if same == condition => {
                            handshake = Some(current);
                            ControlFlow::Continue(())
                        }
                        Ok(turn) => ControlFlow::Break(Ok((current, turn))),
                        Err(error) => ControlFlow::Break(Err(error)),
                    }
                }
            ),
        );
    }

    /// Shows that a step has been taken, and that the next one is under way.
    fn took(&self, step: Step, detail: &str) {
        let imp = self.imp();
        if let (Some(terms), Some(row)) = (&*imp.terms.borrow(), imp.row(step)) {
            let time = terms.begun.elapsed();
            row.show(Status::Done, step.title(), detail);
            row.set_note(format_args!("{:.1} ms", time.as_secs_f64() * 1e3));
        }
        if let Some(next) = Step::ALL.into_iter().find(|other| *other > step) {
            imp.go_on(next);
        }
    }

    /// The handshake's end.
    fn ended(&self, result: Result<(), Error<io::Error>>) {
        let imp = self.imp();
        imp.terms.take();
        imp.buttons.set_running(false);
        let error = match result {
            Ok(()) => {
                imp.status
                    .show(Status::Done, "The connection is secure", "");
                return;
            }
            Err(error) => error,
        };
        let title = match &error {
            Error::Cancelled => "The handshake was cancelled",
            Error::TimedOut => "The server did not answer in time",
            _ => "The handshake failed",
        };
        imp.status.show_error(title, &error);
        if let Some(row) = imp.under_way.get().and_then(|step| imp.row(step)) {
            row.set_status(Status::of(&error));
        }
    }
}

mod imp {
    use std::cell::{Cell, OnceCell, RefCell};

    use adw::{prelude::*, subclass::prelude::*};
    use gtk::glib;

    use super::{Manner, RunButtons, Status, StatusRow, Step, Terms};

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/handshake.ui")]
    pub struct HandshakePage {
        #[template_child]
        manner: TemplateChild<adw::ComboRow>,
        #[template_child]
        pub(super) limit: TemplateChild<gtk::SpinButton>,
        #[template_child]
        pub(super) buttons: TemplateChild<RunButtons>,
        #[template_child]
        steps: TemplateChild<adw::PreferencesGroup>,
        #[template_child]
        pub(super) status: TemplateChild<StatusRow>,
        /// One for each of `Step::ALL`.
        rows: OnceCell<Vec<StatusRow>>,
        /// Of the handshake that is under way.
        pub(super) terms: RefCell<Option<Terms>>,
        pub(super) under_way: Cell<Option<Step>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for HandshakePage {
        const NAME: &'static str = "GalleryHandshakePage";
        type Type = super::HandshakePage;
        type ParentType = adw::PreferencesPage;

        fn class_init(class: &mut Self::Class) {
            RunButtons::ensure_type();
            StatusRow::ensure_type();
            class.bind_template();
            class.bind_template_callbacks();
        }

        fn instance_init(instance: &glib::subclass::InitializingObject<Self>) {
            instance.init_template();
        }
    }

    #[gtk::template_callbacks]
    impl HandshakePage {
        #[template_callback]
        fn on_start(&self) {
            self.obj().begin();
        }

        #[template_callback]
        fn on_stop(&self) {
            if let Some(terms) = &*self.terms.borrow() {
                terms.tasks.close();
            }
        }

        pub(super) fn manner(&self) -> Manner {
            let selected = usize::try_from(self.manner.selected()).ok();
            let manner = selected.and_then(|index| Manner::ALL.get(index));
            manner.copied().unwrap_or(Manner::Prompt)
        }

        pub(super) fn row(&self, step: Step) -> Option<&StatusRow> {
            self.rows.get()?.get(step as usize)
        }

        pub(super) fn begin(&self, terms: &Terms) {
            self.terms.replace(Some(terms.clone()));
            for row in self.rows.get().into_iter().flatten() {
                row.set_status(Status::Waiting);
                row.set_subtitle("");
                row.set_note("");
            }
            self.status.show(Status::Working, "Shaking hands…", "");
            self.go_on(Step::Prepare);
            self.buttons.set_running(true);
        }

        /// Shows that `step` is under way.
        pub(super) fn go_on(&self, step: Step) {
            self.under_way.set(Some(step));
            if let Some(row) = self.row(step) {
                row.set_status(Status::Working);
            }
        }
    }

    impl ObjectImpl for HandshakePage {
        fn constructed(&self) {
            self.parent_constructed();
            let titles = Manner::ALL.map(Manner::title);
            self.manner.set_model(Some(&gtk::StringList::new(&titles)));
            let rows = Step::ALL.map(|step| StatusRow::new(step.title()));
            for row in &rows {
                self.steps.add(row);
            }
            self.rows.get_or_init(|| rows.to_vec());
        }
    }

    impl WidgetImpl for HandshakePage {}

    impl PreferencesPageImpl for HandshakePage {}
}
