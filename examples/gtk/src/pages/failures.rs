//! Tasks that fail in every way there is, each shown as the user should see it.

mod ways;
mod words;

use adw::{prelude::*, subclass::prelude::*};
use gtk::glib::{self, clone};
use qio_task::Error;

use self::{
    ways::Way,
    words::{Offer, variant, words},
};
use super::{Page, show_toast, toast_title};
use crate::status_row::Status;

pub const PAGE: Page = Page {
    name: "failures",
    title: "Fail in Every Way",
    icon: "dialog-error-symbolic",
    build,
};

const ABOUT: &str = "Each button starts a task that fails. A toast tells what a user should \
    know of it, in human words, and the row tells the variant that the callback was given.";

fn build() -> gtk::Widget {
    let group = adw::PreferencesGroup::builder().description(ABOUT).build();
    for way in Way::ALL {
        group.add(&FailureRow::new(way));
    }
    let page = adw::PreferencesPage::new();
    page.add(&group);
    page.upcast()
}

glib::wrapper! {
    /// A row with a button that starts a task, which is about this row.
    pub struct FailureRow(ObjectSubclass<imp::FailureRow>)
        @extends adw::ActionRow, adw::PreferencesRow, gtk::ListBoxRow, gtk::Widget,
        @implements gtk::Actionable, gtk::Buildable, gtk::ConstraintTarget;
}

impl FailureRow {
    fn new(way: Way) -> Self {
        let row: Self = glib::Object::builder()
            .property("title", way.title())
            .property("subtitle", way.subtitle())
            .build();
        let imp = row.imp();
        imp.way.set(way);
        imp.button.set_label(way.verb());
        imp.button.connect_clicked(clone!(
            #[weak]
            row,
            move |_| row.clicked()
        ));
        row
    }

    fn clicked(&self) {
        match self.imp().running.take() {
            Some(running) => running.cancel(),
            None => self.start(),
        }
    }

    fn start(&self) {
        let imp = self.imp();
        imp.show(Status::Working, "");
        let running = imp.way.get().run(self);
        if running.is_some() {
            imp.button.set_label("Cancel");
        } else if imp.is_working() {
            imp.button.set_sensitive(false);
        }
        imp.running.replace(running);
    }

    /// The callback of each task.
    fn ended(&self, result: Result<(), Error>) {
        let imp = self.imp();
        let way = imp.way.get();
        imp.running.take();
        imp.button.set_label(way.verb());
        imp.button.set_sensitive(true);
        match result {
            Ok(()) => imp.show(Status::Done, "Ok"),
            Err(error) => {
                imp.show(Status::of(&error), variant(&error));
                self.tell(&error);
            }
        }
    }

    /// Tells the user.
    fn tell(&self, error: &Error) {
        let Some(words) = words("The list", error) else {
            return;
        };
        let toast = adw::Toast::new(&toast_title(&words.title));
        match words.offer {
            None => {}
            Some(Offer::TryAgain) => {
                toast.set_button_label(Some("Try Again"));
                toast.connect_button_clicked(clone!(
                    #[weak(rename_to = row)]
                    self,
                    move |_| row.start()
                ));
            }
            Some(Offer::CopyDetails(details)) => {
                toast.set_button_label(Some("Copy Details"));
                toast.connect_button_clicked(clone!(
                    #[weak(rename_to = row)]
                    self,
                    move |_| row.clipboard().set_text(&details)
                ));
            }
        }
        show_toast(self, toast);
    }
}

mod imp {
    use std::cell::{Cell, RefCell};

    use adw::{prelude::*, subclass::prelude::*};
    use gtk::glib;
    use qio_task::Running;

    use super::{Status, Way};

    #[derive(Default)]
    pub struct FailureRow {
        pub(super) way: Cell<Way>,
        pub(super) button: gtk::Button,
        pub(super) running: RefCell<Option<Running>>,
        spinner: gtk::Spinner,
        /// The variant that the callback was given.
        variant: gtk::Label,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for FailureRow {
        const NAME: &'static str = "GalleryFailureRow";
        type Type = super::FailureRow;
        type ParentType = adw::ActionRow;
    }

    impl FailureRow {
        pub(super) fn show(&self, status: Status, variant: &str) {
            self.spinner.set_spinning(status == Status::Working);
            self.variant.set_label(variant);
            let class = match status {
                Status::Done => "success",
                Status::Failed => "error",
                _ => "dim-label",
            };
            self.variant.set_css_classes(&[class]);
        }

        pub(super) fn is_working(&self) -> bool {
            self.spinner.is_spinning()
        }
    }

    impl ObjectImpl for FailureRow {
        fn constructed(&self) {
            self.parent_constructed();
            let row = self.obj();
            self.button.set_valign(gtk::Align::Center);
            row.add_suffix(&self.spinner);
            row.add_suffix(&self.variant);
            row.add_suffix(&self.button);
        }
    }

    impl WidgetImpl for FailureRow {}

    impl ListBoxRowImpl for FailureRow {}
    impl PreferencesRowImpl for FailureRow {}
    impl ActionRowImpl for FailureRow {}
}
