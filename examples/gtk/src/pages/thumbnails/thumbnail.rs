//! [`Thumbnail`]: a picture of the folder, when it is there.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use adw::{prelude::*, subclass::prelude::*};
use gtk::{gdk, glib, graphene};

glib::wrapper! {
    pub struct Thumbnail(ObjectSubclass<imp::Thumbnail>)
        @extends gtk::FlowBoxChild, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

/// Taken by the first worker that decodes a picture: there may be a second one for it.
#[derive(Clone, Default)]
pub struct Claim(Arc<AtomicBool>);

impl Claim {
    /// Whether this is the first call.
    pub fn take(&self) -> bool {
        !self.0.swap(true, Ordering::Relaxed)
    }
}

impl Thumbnail {
    pub fn new(path: PathBuf) -> Self {
        let this: Self = glib::Object::new();
        let imp = this.imp();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        imp.name.set_label(&name);
        imp.path.get_or_init(|| path);
        this
    }

    pub fn path(&self) -> &Path {
        self.imp().path.get().expect("it was made with one")
    }

    pub fn claim(&self) -> &Claim {
        &self.imp().claim
    }

    pub fn show_picture(&self, picture: Option<&gdk::Texture>) {
        let imp = self.imp();
        imp.picture.set_paintable(picture);
        let child = if picture.is_some() { "shown" } else { "failed" };
        imp.stack.set_visible_child_name(child);
    }

    /// Whether it is in this part of `grid`, for the first time.
    pub fn is_seen(&self, grid: &impl IsA<gtk::Widget>, part: &graphene::Rect) -> bool {
        let bounds = self.compute_bounds(grid);
        // It has no height as long as it has no place.
        let is_in =
            self.height() > 0 && bounds.is_some_and(|bounds| bounds.intersection(part).is_some());
        is_in && !self.imp().was_seen.replace(true)
    }
}

mod imp {
    use std::{
        cell::{Cell, OnceCell},
        path::PathBuf,
    };

    use adw::subclass::prelude::*;
    use gtk::glib;

    use super::Claim;

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/thumbnail.ui")]
    pub struct Thumbnail {
        #[template_child]
        pub(super) stack: TemplateChild<gtk::Stack>,
        #[template_child]
        pub(super) picture: TemplateChild<gtk::Image>,
        #[template_child]
        pub(super) name: TemplateChild<gtk::Label>,
        pub(super) path: OnceCell<PathBuf>,
        pub(super) claim: Claim,
        pub(super) was_seen: Cell<bool>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Thumbnail {
        const NAME: &'static str = "GalleryThumbnail";
        type Type = super::Thumbnail;
        type ParentType = gtk::FlowBoxChild;

        fn class_init(class: &mut Self::Class) {
            class.bind_template();
        }

        fn instance_init(instance: &glib::subclass::InitializingObject<Self>) {
            instance.init_template();
        }
    }

    impl ObjectImpl for Thumbnail {}
    impl WidgetImpl for Thumbnail {}
    impl FlowBoxChildImpl for Thumbnail {}
}
