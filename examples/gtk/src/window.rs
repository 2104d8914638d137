//! The window: a list of the pages, and the page that is open.

use adw::{prelude::*, subclass::prelude::*};
use gtk::{gio, glib};
use qio_task::Group;

use crate::{page_row::PageRow, pages};

glib::wrapper! {
    /// A window of the gallery. Each has pages of its own.
    pub struct Window(ObjectSubclass<imp::Window>)
        @extends adw::ApplicationWindow, gtk::ApplicationWindow, gtk::Window, gtk::Widget,
        @implements gio::ActionGroup, gio::ActionMap, gtk::Buildable,
            gtk::ConstraintTarget, gtk::Native, gtk::Root, gtk::ShortcutManager;
}

impl Window {
    /// Makes a window that shows the first page.
    pub fn new(application: &adw::Application) -> Self {
        glib::Object::builder()
            .property("application", application)
            .build()
    }

    /// The tasks that nobody waits for once this window is closed.
    pub fn tasks(&self) -> &Group {
        self.imp().tasks.get_or_init(|| {
            let tasks = Group::new();
            tasks.set_name("window");
            tasks.close_on_dispose(self);
            tasks
        })
    }

    /// Shows the page of this name, if there is one.
    pub fn show_page(&self, name: &str) {
        let imp = self.imp();
        let Some((index, page)) = (0..).zip(&pages::ALL).find(|(_, page)| page.name == name) else {
            return;
        };
        imp.list.select_row(imp.list.row_at_index(index).as_ref());
        imp.page_title.set_title(page.title);
        imp.stack.set_visible_child_name(name);
        imp.leaflet.set_visible_child_name("page");
    }

    /// Moves the focus to the first thing on the page that takes it.
    fn focus_page(&self) {
        if let Some(page) = self.imp().stack.visible_child() {
            page.child_focus(gtk::DirectionType::TabForward);
        }
    }

    /// Moves the focus to the page's row in the list.
    fn focus_list(&self) {
        if let Some(row) = self.imp().list.selected_row() {
            row.grab_focus();
        }
    }
}

mod imp {
    use std::cell::OnceCell;

    use adw::{prelude::*, subclass::prelude::*};
    use gtk::glib;
    use qio_task::Group;

    use super::{PageRow, pages};

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/window.ui")]
    pub struct Window {
        #[template_child]
        pub(super) leaflet: TemplateChild<adw::Leaflet>,
        #[template_child]
        pub(super) list: TemplateChild<gtk::ListBox>,
        #[template_child]
        pub(super) page_title: TemplateChild<adw::WindowTitle>,
        #[template_child]
        pub(super) stack: TemplateChild<gtk::Stack>,
        pub(super) tasks: OnceCell<Group>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Window {
        const NAME: &'static str = "GalleryWindow";
        type Type = super::Window;
        type ParentType = adw::ApplicationWindow;

        fn class_init(class: &mut Self::Class) {
            class.bind_template();
            class.bind_template_callbacks();
            class.install_action(
                "win.page",
                Some(glib::VariantTy::STRING),
                |window, _, name| {
                    if let Some(name) = name.and_then(glib::Variant::str) {
                        window.show_page(name);
                        window.focus_page();
                    }
                },
            );
            class.install_action("win.back", None, |window, _, _| {
                let leaflet = &window.imp().leaflet;
                leaflet.navigate(adw::NavigationDirection::Back);
                window.focus_list();
            });
        }

        fn instance_init(instance: &glib::subclass::InitializingObject<Self>) {
            instance.init_template();
        }
    }

    #[gtk::template_callbacks]
    impl Window {
        #[template_callback]
        fn on_row_activated(&self, row: &gtk::ListBoxRow) {
            let index = usize::try_from(row.index()).ok();
            if let Some(page) = index.and_then(|index| pages::ALL.get(index)) {
                self.obj().show_page(page.name);
                // The focus stays in the list, unless that is gone.
                if self.leaflet.is_folded() {
                    self.obj().focus_page();
                }
            }
        }
    }

    impl ObjectImpl for Window {
        fn constructed(&self) {
            self.parent_constructed();
            for page in &pages::ALL {
                let content = (page.build)();
                self.stack.add_titled(&content, Some(page.name), page.title);
                self.list.append(&PageRow::new(page));
            }
            self.obj().show_page(pages::ALL[0].name);
            // A narrow window begins with the list.
            self.leaflet.navigate(adw::NavigationDirection::Back);
            self.obj().focus_list();
        }
    }

    impl WidgetImpl for Window {}
    impl WindowImpl for Window {}
    impl ApplicationWindowImpl for Window {}
    impl AdwApplicationWindowImpl for Window {}
}
