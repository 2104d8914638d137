//! [`FolderRow`]: a folder, and a button to choose another one.

use std::path::PathBuf;

use adw::{prelude::*, subclass::prelude::*};
use gtk::{
    gdk, gio,
    glib::{self, clone},
};

glib::wrapper! {
    /// A row that tells which folder is chosen.
    pub struct FolderRow(ObjectSubclass<imp::FolderRow>)
        @extends adw::ActionRow, adw::PreferencesRow, gtk::ListBoxRow, gtk::Widget,
        @implements gtk::Actionable, gtk::Buildable, gtk::ConstraintTarget;
}

impl FolderRow {
    /// The folder that is chosen.
    pub fn folder(&self) -> Option<PathBuf> {
        self.imp().chosen.borrow().clone()
    }

    /// Chooses `folder`. Whether it is one that can be read as a file.
    pub fn set_folder(&self, folder: &gio::File) -> bool {
        let path = folder.path();
        if let Some(path) = &path {
            self.set_subtitle(&path.to_string_lossy());
            self.imp().chosen.replace(Some(path.clone()));
        }
        path.is_some()
    }

    /// Takes folders that are dropped on `page`.
    pub fn take_drops(&self, page: &impl IsA<gtk::Widget>) {
        let drops = gtk::DropTarget::new(gio::File::static_type(), gdk::DragAction::COPY);
        drops.connect_drop(clone!(
            #[weak(rename_to = row)]
            self,
            #[upgrade_or]
            false,
            move |_, file, _, _| {
                file.get::<gio::File>()
                    .is_ok_and(|file| row.set_folder(&file))
            }
        ));
        page.add_controller(drops);
    }

    fn choose(&self) {
        let window = self.root().and_downcast::<gtk::Window>();
        let chooser = gtk::FileChooserNative::new(
            Some("Choose a Folder"),
            window.as_ref(),
            gtk::FileChooserAction::SelectFolder,
            Some("_Choose"),
            Some("_Cancel"),
        );
        chooser.set_modal(true);
        if let Some(folder) = self.folder() {
            // It may be gone; the dialog begins elsewhere then.
            let _ = chooser.set_current_folder(Some(&gio::File::for_path(folder)));
        }
        chooser.connect_response(clone!(
            #[weak(rename_to = row)]
            self,
            move |chooser, response| {
                if response == gtk::ResponseType::Accept
                    && let Some(folder) = chooser.file()
                {
                    row.set_folder(&folder);
                }
                row.imp().chooser.take();
            }
        ));
        chooser.show();
        // Nobody else keeps a native dialog.
        self.imp().chooser.replace(Some(chooser));
    }
}

mod imp {
    use std::{cell::RefCell, path::PathBuf};

    use adw::subclass::prelude::*;
    use gtk::glib;

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/folder-row.ui")]
    pub struct FolderRow {
        pub(super) chosen: RefCell<Option<PathBuf>>,
        pub(super) chooser: RefCell<Option<gtk::FileChooserNative>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for FolderRow {
        const NAME: &'static str = "GalleryFolderRow";
        type Type = super::FolderRow;
        type ParentType = adw::ActionRow;

        fn class_init(class: &mut Self::Class) {
            class.bind_template();
            class.bind_template_callbacks();
        }

        fn instance_init(instance: &glib::subclass::InitializingObject<Self>) {
            instance.init_template();
        }
    }

    #[gtk::template_callbacks]
    impl FolderRow {
        #[template_callback]
        fn on_choose(&self) {
            self.obj().choose();
        }
    }

    impl ObjectImpl for FolderRow {}
    impl WidgetImpl for FolderRow {}
    impl ListBoxRowImpl for FolderRow {}
    impl PreferencesRowImpl for FolderRow {}
    impl ActionRowImpl for FolderRow {}
}
