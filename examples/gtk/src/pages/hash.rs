//! A walk through a folder, with progress, a cancel button and a timeout.

#[cfg(test)]
mod tests;
mod walk;

use std::{io, time::Duration};

use adw::{prelude::*, subclass::prelude::*};
use gtk::glib::{self, clone};
use qio_task::{Error, Progress, QioTask};

use super::{Page, tasks_of_window};
use crate::{
    folder_row::FolderRow,
    run_buttons::RunButtons,
    status_row::{Status, StatusRow},
};
use walk::Step;

pub const PAGE: Page = Page {
    name: "hash",
    title: "Hash a Folder",
    icon: "folder-symbolic",
    build: || glib::Object::new::<HashPage>().upcast(),
};

glib::wrapper! {
    pub struct HashPage(ObjectSubclass<imp::HashPage>)
        @extends adw::PreferencesPage, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl HashPage {
    fn hash(&self) {
        let imp = self.imp();
        let Some(folder) = imp.folder.folder() else {
            return;
        };
        imp.begin();
        let progress = Progress::new(clone!(
            #[weak(rename_to = page)]
            self,
            move |step: Step| page.imp().show(&step)
        ));
        let running = QioTask::builder()
            .name("hash")
            .timeout(Duration::from_secs_f64(imp.limit.value()))
            .group(&tasks_of_window(self))
            // A cancelled worker may report once more before it notices; by then
            // another run may be on the page.
            .progress(&progress)
            .source(self)
            .callback(|page: &Self, digest| page.ended(digest))
            .run_in_thread(move |worker| walk::hash(&folder, worker, &progress));
        imp.running.replace(Some(running));
    }

    /// The callback. What the progress has shown so far stays on the page,
    /// however the task ended.
    fn ended(&self, digest: Result<String, Error<io::Error>>) {
        let imp = self.imp();
        imp.running.take();
        imp.buttons.set_running(false);
        match digest {
            Ok(digest) => {
                imp.status.show(Status::Done, "All files are hashed", "");
                imp.bar.set_fraction(1.0);
                imp.digest.set_subtitle(&digest);
                imp.copy.set_sensitive(true);
            }
            Err(error) => {
                let title = match &error {
                    Error::Cancelled => "Cancelled before the end",
                    Error::TimedOut => "The time was over before the end",
                    _ => "The folder can't be hashed",
                };
                imp.status.show_error(title, &error);
            }
        }
    }
}

mod imp {
    use std::cell::RefCell;

    use adw::{prelude::*, subclass::prelude::*};
    use gtk::{gio, glib};
    use qio_task::Running;

    use super::{FolderRow, RunButtons, Status, StatusRow, Step};

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/hash.ui")]
    pub struct HashPage {
        #[template_child]
        pub(super) folder: TemplateChild<FolderRow>,
        #[template_child]
        pub(super) limit: TemplateChild<gtk::SpinButton>,
        #[template_child]
        pub(super) buttons: TemplateChild<RunButtons>,
        #[template_child]
        pub(super) status: TemplateChild<StatusRow>,
        #[template_child]
        pub(super) bar: TemplateChild<gtk::ProgressBar>,
        #[template_child]
        files_row: TemplateChild<adw::ActionRow>,
        #[template_child]
        files: TemplateChild<gtk::Label>,
        #[template_child]
        size: TemplateChild<gtk::Label>,
        #[template_child]
        speed: TemplateChild<gtk::Label>,
        #[template_child]
        pub(super) digest: TemplateChild<adw::ActionRow>,
        #[template_child]
        pub(super) copy: TemplateChild<gtk::Button>,
        pub(super) running: RefCell<Option<Running>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for HashPage {
        const NAME: &'static str = "GalleryHashPage";
        type Type = super::HashPage;
        type ParentType = adw::PreferencesPage;

        fn class_init(class: &mut Self::Class) {
            FolderRow::ensure_type();
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
    impl HashPage {
        #[template_callback]
        fn on_start(&self) {
            self.obj().hash();
        }

        #[template_callback]
        fn on_stop(&self) {
            if let Some(running) = &*self.running.borrow() {
                running.cancel();
            }
        }

        #[template_callback]
        fn on_copy(&self) {
            if let Some(digest) = self.digest.subtitle() {
                self.obj().clipboard().set_text(&digest);
            }
        }

        pub(super) fn begin(&self) {
            self.status.show(Status::Working, "Counting the files…", "");
            self.bar.set_fraction(0.0);
            self.digest.set_subtitle("");
            self.copy.set_sensitive(false);
            self.show(&Step::default());
            self.buttons.set_running(true);
        }

        pub(super) fn show(&self, step: &Step) {
            self.files.set_label(&step.files.to_string());
            self.files_row.set_subtitle(&match step.unreadable {
                0 => String::new(),
                count => format!("{count} can't be read"),
            });
            let size = glib::format_size(step.bytes);
            let Some(total) = step.total else {
                self.size.set_label(&size);
                self.speed.set_label("");
                return;
            };
            self.size
                .set_label(&format!("{size} of {}", glib::format_size(total)));
            #[allow(clippy::cast_precision_loss, reason = "it is only shown")]
            let (bytes, total) = (step.bytes as f64, total as f64);
            let speed = bytes / step.time.as_secs_f64().max(1e-6) / 1e6;
            self.speed.set_label(&format!("{speed:.0} MB/s"));
            if self.running.borrow().is_some() {
                self.status.set_title("Hashing…");
                self.status.set_subtitle(&step.file.to_string_lossy());
                // A file may have grown since it was counted.
                self.bar.set_fraction((bytes / total.max(1.0)).min(1.0));
            }
        }
    }

    impl ObjectImpl for HashPage {
        fn constructed(&self) {
            self.parent_constructed();
            let home = gio::File::for_path(glib::home_dir());
            self.folder.set_folder(&home);
            self.folder.take_drops(&*self.obj());
        }
    }

    impl WidgetImpl for HashPage {}

    impl PreferencesPageImpl for HashPage {}
}
