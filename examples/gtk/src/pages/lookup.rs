//! A lookup about a widget: the task keeps it until its callback has returned.

use std::{
    io,
    net::{IpAddr, ToSocketAddrs},
    thread,
    time::{Duration, Instant},
};

use adw::{prelude::*, subclass::prelude::*};
use gtk::glib;
use qio_task::{Error, QioTask, Worker};

use super::Page;
use crate::{
    run_buttons::RunButtons,
    status_row::{Status, StatusRow},
};

pub const PAGE: Page = Page {
    name: "lookup",
    title: "Look Up a Name",
    icon: "network-server-symbolic",
    build: || glib::Object::new::<LookupPage>().upcast(),
};

glib::wrapper! {
    pub struct LookupPage(ObjectSubclass<imp::LookupPage>)
        @extends adw::PreferencesPage, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl LookupPage {
    fn look_up(&self) {
        let imp = self.imp();
        let host = imp.host.text().trim().to_owned();
        let least = Duration::from_secs(if imp.slow.is_active() { 3 } else { 0 });
        imp.buttons.set_running(true);
        imp.forget();
        imp.status
            .show(Status::Working, &format!("Looking up {host}…"), "");
        let running = QioTask::builder()
            .name("lookup")
            .timeout(Duration::from_secs_f64(imp.limit.value()))
            .source(self)
            .callback({
                let host = host.clone();
                move |page: &Self, addresses| page.ended(&host, addresses)
            })
            .run_in_thread(move |worker| look_up(&host, least, worker));
        imp.running.replace(Some(running));
    }

    /// The callback of the lookup.
    fn ended(&self, host: &str, addresses: Result<Vec<IpAddr>, Error<io::Error>>) {
        let imp = self.imp();
        imp.running.take();
        // Whoever closes the window takes the page out of it, but the task keeps
        // the page: nothing here is gone, there is only nobody who looks at it.
        if self.root().is_none() {
            glib::g_debug!("task-gallery", "{host} was looked up for a closed window");
            return;
        }
        imp.buttons.set_running(false);
        match addresses {
            Ok(addresses) => {
                let title = match addresses.len() {
                    1 => format!("{host} has one address"),
                    count => format!("{host} has {count} addresses"),
                };
                imp.status.show(Status::Done, &title, "");
                imp.list(&addresses);
            }
            Err(error) => {
                let title = match &error {
                    Error::Cancelled => "The lookup was cancelled".to_owned(),
                    Error::TimedOut => format!("{host} was not found in time"),
                    _ => format!("{host} was not found"),
                };
                imp.status.show_error(&title, &error);
            }
        }
    }
}

/// The worker: asks the system, which may block for as long as it likes. The
/// user need not wait for it: who cancels, or runs out of time, is told at once.
fn look_up(host: &str, least: Duration, worker: &Worker) -> io::Result<Vec<IpAddr>> {
    let begun = Instant::now();
    while begun.elapsed() < least {
        worker.check_cancelled()?;
        thread::sleep(Duration::from_millis(50));
    }
    let addresses = (host, 0).to_socket_addrs()?;
    Ok(addresses.map(|address| address.ip()).collect())
}

mod imp {
    use std::{cell::RefCell, net::IpAddr};

    use adw::{prelude::*, subclass::prelude::*};
    use gtk::glib;
    use qio_task::Running;

    use super::{RunButtons, StatusRow};

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/lookup.ui")]
    pub struct LookupPage {
        #[template_child]
        pub(super) host: TemplateChild<adw::EntryRow>,
        #[template_child]
        pub(super) slow: TemplateChild<gtk::Switch>,
        #[template_child]
        pub(super) limit: TemplateChild<gtk::SpinButton>,
        #[template_child]
        pub(super) buttons: TemplateChild<RunButtons>,
        #[template_child]
        results: TemplateChild<adw::PreferencesGroup>,
        #[template_child]
        pub(super) status: TemplateChild<StatusRow>,
        /// The rows of the addresses that were found.
        found: RefCell<Vec<adw::ActionRow>>,
        pub(super) running: RefCell<Option<Running>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for LookupPage {
        const NAME: &'static str = "GalleryLookupPage";
        type Type = super::LookupPage;
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
    impl LookupPage {
        #[template_callback]
        fn on_start(&self) {
            if self.host.text().trim().is_empty() {
                self.host.grab_focus();
                self.obj().error_bell();
            } else if self.running.borrow().is_none() {
                // Enter in the entry comes here too, also while a lookup runs.
                self.obj().look_up();
            }
        }

        #[template_callback]
        fn on_stop(&self) {
            if let Some(running) = &*self.running.borrow() {
                running.cancel();
            }
        }

        pub(super) fn list(&self, addresses: &[IpAddr]) {
            for address in addresses {
                let family = if address.is_ipv4() { "IPv4" } else { "IPv6" };
                let row = adw::ActionRow::builder()
                    .title(address.to_string())
                    .subtitle(family)
                    .build();
                self.results.add(&row);
                self.found.borrow_mut().push(row);
            }
        }

        pub(super) fn forget(&self) {
            for row in self.found.take() {
                self.results.remove(&row);
            }
        }
    }

    impl ObjectImpl for LookupPage {}
    impl WidgetImpl for LookupPage {}
    impl PreferencesPageImpl for LookupPage {}
}
