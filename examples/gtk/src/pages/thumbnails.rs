//! Thumbnails of a folder, in a group that has a limit and an end.

mod samples;
mod thumbnail;
mod work;

use std::{path::PathBuf, time::Duration};

use adw::{prelude::*, subclass::prelude::*};
use gtk::{
    gdk,
    glib::{self, clone},
    graphene,
};
use qio_task::{Error, Group, GroupError, QioTask};

use self::{
    thumbnail::Thumbnail,
    work::{AtWork, decode, find},
};
use super::{Page, toast};
use crate::{
    folder_row::FolderRow,
    run_buttons::RunButtons,
    status_row::{Status, StatusRow},
};

pub const PAGE: Page = Page {
    name: "thumbnails",
    title: "Thumbnails of a Folder",
    icon: "view-grid-symbolic",
    build: || glib::Object::new::<ThumbnailsPage>().upcast(),
};

/// The priority of those that can be seen, and of the rest.
const SEEN: glib::Priority = glib::Priority::DEFAULT_IDLE;
const UNSEEN: glib::Priority = glib::Priority::LOW;

glib::wrapper! {
    pub struct ThumbnailsPage(ObjectSubclass<imp::ThumbnailsPage>)
        @extends adw::PreferencesPage, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

/// What all tasks for one folder have in common.
#[derive(Clone)]
struct Run {
    group: Group,
    at_work: AtWork,
    /// How long a picture takes at least.
    least: Duration,
}

impl ThumbnailsPage {
    /// The group of this page. No more of its workers are at work than there are processors,
    /// together with those of other windows; and none is once the window is closed.
    fn tasks(&self) -> &Group {
        self.imp().tasks.get_or_init(|| {
            let tasks = Group::within(&Group::computing());
            tasks.set_name("thumbnails");
            if let Some(window) = self.root() {
                tasks.close_on_dispose(&window);
            }
            tasks
        })
    }

    fn show(&self) {
        let imp = self.imp();
        let Some(folder) = imp.folder.folder() else {
            return;
        };
        let run = Run {
            group: Group::within(self.tasks()),
            at_work: AtWork::default(),
            least: Duration::from_secs(imp.slow.is_active().into()),
        };
        imp.begin(&run);
        QioTask::builder()
            .name("find pictures")
            .group(&run.group)
            .source(self)
            .callback(Self::found)
            .run_in_thread(move |worker| find(&folder, worker));
        run.group.ended_with(clone!(
            #[weak(rename_to = page)]
            self,
            move |ended| page.ended(ended)
        ));
    }

    fn found(&self, pictures: Result<Vec<PathBuf>, Error>) {
        let imp = self.imp();
        let Some(run) = imp.run.borrow().clone() else {
            return;
        };
        // An error is the group's, too, which tells it in the end.
        for path in pictures.unwrap_or_default() {
            let thumbnail = Thumbnail::new(path);
            imp.add(&thumbnail);
            self.decode(&run, &thumbnail, UNSEEN);
        }
        // None more comes from here, but one may come again: so the group is not finished.
    }

    /// Has the picture decoded. Also for one that waits already, at a higher priority: whichever
    /// task starts first does it.
    fn decode(&self, run: &Run, thumbnail: &Thumbnail, priority: glib::Priority) {
        let (path, claim) = (thumbnail.path().to_owned(), thumbnail.claim().clone());
        let (at_work, least) = (run.at_work.clone(), run.least);
        QioTask::builder()
            .name("thumbnail")
            .priority(priority)
            .group(&run.group)
            .source(self)
            .callback(clone!(
                #[weak]
                thumbnail,
                move |page: &Self, picture| page.decoded(&thumbnail, picture)
            ))
            .run_in_thread(move |worker| {
                if !claim.take() {
                    return Ok(None);
                }
                let _one = at_work.begin();
                decode(&path, least, worker).map(Some)
            });
    }

    fn decoded(&self, thumbnail: &Thumbnail, picture: Result<Option<gdk::Texture>, Error>) {
        let imp = self.imp();
        match picture {
            Ok(Some(picture)) => {
                imp.shown.set(imp.shown.get() + 1);
                thumbnail.show_picture(Some(&picture));
            }
            Ok(None) | Err(Error::Cancelled) => {}
            Err(_) => {
                imp.failed.set(imp.failed.get() + 1);
                thumbnail.show_picture(None);
            }
        }
    }

    /// Every callback and every worker of the group has returned.
    fn ended(&self, ended: Result<(), GroupError>) {
        let imp = self.imp();
        imp.run.take();
        imp.buttons.set_running(false);
        let total = imp.thumbnails.borrow().len();
        let (shown, failed) = (imp.shown.get(), imp.failed.get());
        match ended {
            _ if shown + failed < total || imp.stopped.get() => {
                let title = format!("Stopped at {shown} of {total}");
                imp.status.show(Status::Stopped, &title, "");
            }
            Ok(()) if total == 0 => imp.status.show(Status::Done, "There is no picture", ""),
            Ok(()) => {
                let title = format!("All {total} are there");
                imp.status.show(Status::Done, &title, "");
            }
            Err(error) => {
                let title = match failed {
                    0 => "The folder can't be read".to_owned(),
                    1 => format!("{shown} of {total} are there, one can't be read"),
                    _ => format!("{shown} of {total} are there, {failed} can't be read"),
                };
                imp.status.show(Status::Failed, &title, &error.to_string());
                toast(self, &title);
            }
        }
    }

    /// Once a frame while there is something to do.
    fn tick(&self) -> glib::ControlFlow {
        let imp = self.imp();
        let Some(run) = imp.run.borrow().clone() else {
            return glib::ControlFlow::Break;
        };
        if imp.stopped.get() {
            imp.status.set_title("Stopping…");
            return glib::ControlFlow::Continue;
        }
        let (shown, total) = (imp.shown.get(), imp.thumbnails.borrow().len());
        if total > 0 {
            let at_work = run.at_work.count();
            let title = format!("{shown} of {total}, {at_work} at work");
            imp.status.set_title(&title);
        }
        if imp.has_moved.take() {
            let thumbnails = imp.thumbnails.borrow();
            let part = imp.seen();
            let seen = |thumbnail: &&Thumbnail| thumbnail.is_seen(&*imp.grid, &part);
            for thumbnail in thumbnails.iter().filter(seen) {
                self.decode(&run, thumbnail, SEEN);
            }
        }
        glib::ControlFlow::Continue
    }
}

mod imp {
    use std::cell::{Cell, OnceCell, RefCell};

    use adw::{prelude::*, subclass::prelude::*};
    use gtk::{
        gio,
        glib::{self, clone},
    };

    use super::{
        FolderRow, Group, Run, RunButtons, Status, StatusRow, Thumbnail, graphene::Rect, samples,
    };

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/thumbnails.ui")]
    pub struct ThumbnailsPage {
        #[template_child]
        pub(super) folder: TemplateChild<FolderRow>,
        #[template_child]
        pub(super) slow: TemplateChild<gtk::Switch>,
        #[template_child]
        pub(super) buttons: TemplateChild<RunButtons>,
        #[template_child]
        pub(super) status: TemplateChild<StatusRow>,
        #[template_child]
        scroller: TemplateChild<gtk::ScrolledWindow>,
        #[template_child]
        pub(super) grid: TemplateChild<gtk::FlowBox>,
        pub(super) tasks: OnceCell<Group>,
        pub(super) run: RefCell<Option<Run>>,
        /// The user has stopped it.
        pub(super) stopped: Cell<bool>,
        /// Those of the grid, and how many of them are shown and can't be read.
        pub(super) thumbnails: RefCell<Vec<Thumbnail>>,
        pub(super) shown: Cell<usize>,
        pub(super) failed: Cell<usize>,
        /// Others may be in sight than before.
        pub(super) has_moved: Cell<bool>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for ThumbnailsPage {
        const NAME: &'static str = "GalleryThumbnailsPage";
        type Type = super::ThumbnailsPage;
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
    impl ThumbnailsPage {
        #[template_callback]
        fn on_start(&self) {
            self.obj().show();
        }

        #[template_callback]
        fn on_stop(&self) {
            if let Some(run) = &*self.run.borrow() {
                self.stopped.set(true);
                run.group.close();
            }
        }

        pub(super) fn begin(&self, run: &Run) {
            for thumbnail in self.thumbnails.take() {
                self.grid.remove(&thumbnail);
            }
            self.shown.set(0);
            self.failed.set(0);
            self.stopped.set(false);
            self.status
                .show(Status::Working, "Looking for pictures…", "");
            self.buttons.set_running(true);
            self.run.replace(Some(run.clone()));
            self.obj().add_tick_callback(|page, _| page.tick());
        }

        pub(super) fn add(&self, thumbnail: &Thumbnail) {
            self.grid.insert(thumbnail, -1);
            self.thumbnails.borrow_mut().push(thumbnail.clone());
        }

        /// The part of the grid that is in sight.
        pub(super) fn seen(&self) -> Rect {
            let adjustment = self.scroller.vadjustment();
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_precision_loss,
                reason = "some thousand pixels"
            )]
            let (top, width, height) = (
                adjustment.value() as f32,
                self.grid.width() as f32,
                adjustment.page_size() as f32,
            );
            Rect::new(0.0, top, width, height)
        }
    }

    impl ObjectImpl for ThumbnailsPage {
        fn constructed(&self) {
            self.parent_constructed();
            let page = self.obj();
            self.folder
                .set_folder(&gio::File::for_path(samples::folder()));
            self.folder.take_drops(&*page);
            let moved = clone!(
                #[weak]
                page,
                move |_: &gtk::Adjustment| page.imp().has_moved.set(true)
            );
            let adjustment = self.scroller.vadjustment();
            adjustment.connect_value_changed(moved.clone());
            adjustment.connect_changed(moved);
        }
    }

    impl WidgetImpl for ThumbnailsPage {}
    impl PreferencesPageImpl for ThumbnailsPage {}
}
