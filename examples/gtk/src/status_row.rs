//! [`StatusRow`]: how something stands, as a sign and in words.

use std::fmt;

use adw::{prelude::*, subclass::prelude::*};
use gtk::glib;
use qio_task::Error;

use crate::pages::toast;

glib::wrapper! {
    /// A row whose title tells how something stands. It stays there to be read,
    /// as a toast does not.
    pub struct StatusRow(ObjectSubclass<imp::StatusRow>)
        @extends adw::ActionRow, adw::PreferencesRow, gtk::ListBoxRow, gtk::Widget,
        @implements gtk::Actionable, gtk::Buildable, gtk::ConstraintTarget;
}

/// What the sign of a [`StatusRow`] tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Not begun.
    Waiting,
    Working,
    Done,
    /// The user, or the time limit, has stopped it.
    Stopped,
    Failed,
}

impl Status {
    /// How a task that ended with `error` stands.
    pub fn of<E>(error: &Error<E>) -> Self {
        match error {
            Error::Cancelled | Error::TimedOut => Self::Stopped,
            _ => Self::Failed,
        }
    }

    /// The name of its sign in the template.
    fn sign(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Working => "working",
            Self::Done => "done",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
        }
    }
}

impl StatusRow {
    /// Makes a row of which nothing has begun yet.
    pub fn new(title: &str) -> Self {
        glib::Object::builder().property("title", title).build()
    }

    /// Shows how it stands, and leaves the words as they are.
    pub fn set_status(&self, status: Status) {
        let imp = self.imp();
        imp.spinner.set_spinning(status == Status::Working);
        imp.sign.set_visible_child_name(status.sign());
    }

    /// Shows how it stands, in words and with what is to be known besides.
    pub fn show(&self, status: Status, title: &str, detail: &str) {
        self.set_status(status);
        self.set_title(title);
        self.set_subtitle(detail);
    }

    /// Shows that a task has failed. The user is told by a toast too, except of
    /// what the user did.
    pub fn show_error<E: fmt::Display>(&self, title: &str, error: &Error<E>) {
        self.set_status(Status::of(error));
        self.set_title(title);
        // The title says it all of the others.
        if Status::of(error) == Status::Failed {
            self.set_subtitle(&error.to_string());
        }
        if !matches!(error, Error::Cancelled) {
            toast(self, title);
        }
    }

    /// Shows a figure at the end of the row.
    pub fn set_note(&self, note: impl fmt::Display) {
        let label = &self.imp().note;
        label.set_label(&note.to_string());
        label.set_visible(!label.label().is_empty());
    }
}

mod imp {
    use adw::subclass::prelude::*;
    use gtk::glib;

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/status-row.ui")]
    pub struct StatusRow {
        #[template_child]
        pub(super) sign: TemplateChild<gtk::Stack>,
        #[template_child]
        pub(super) spinner: TemplateChild<gtk::Spinner>,
        #[template_child]
        pub(super) note: TemplateChild<gtk::Label>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for StatusRow {
        const NAME: &'static str = "GalleryStatusRow";
        type Type = super::StatusRow;
        type ParentType = adw::ActionRow;

        fn class_init(class: &mut Self::Class) {
            class.bind_template();
        }

        fn instance_init(instance: &glib::subclass::InitializingObject<Self>) {
            instance.init_template();
        }
    }

    impl ObjectImpl for StatusRow {}
    impl WidgetImpl for StatusRow {}
    impl ListBoxRowImpl for StatusRow {}
    impl PreferencesRowImpl for StatusRow {}
    impl ActionRowImpl for StatusRow {}
}
