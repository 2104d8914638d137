//! [`PageRow`]: a page, as the list of the window shows it.

use adw::subclass::prelude::*;
use gtk::glib;

use crate::pages::Page;

glib::wrapper! {
    /// A row with the icon and the title of a page.
    pub struct PageRow(ObjectSubclass<imp::PageRow>)
        @extends gtk::ListBoxRow, gtk::Widget,
        @implements gtk::Actionable, gtk::Buildable, gtk::ConstraintTarget;
}

impl PageRow {
    pub fn new(page: &Page) -> Self {
        let this: Self = glib::Object::new();
        this.imp().icon.set_icon_name(Some(page.icon));
        this.imp().title.set_label(page.title);
        this
    }
}

mod imp {
    use adw::subclass::prelude::*;
    use gtk::glib;

    /// A template, since that is where a widget gets its accessible name
    /// before GTK 4.10.
    #[derive(Default, gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/page-row.ui")]
    pub struct PageRow {
        #[template_child]
        pub(super) icon: TemplateChild<gtk::Image>,
        #[template_child]
        pub(super) title: TemplateChild<gtk::Label>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for PageRow {
        const NAME: &'static str = "GalleryPageRow";
        type Type = super::PageRow;
        type ParentType = gtk::ListBoxRow;

        fn class_init(class: &mut Self::Class) {
            class.bind_template();
        }

        fn instance_init(instance: &glib::subclass::InitializingObject<Self>) {
            instance.init_template();
        }
    }

    impl ObjectImpl for PageRow {}
    impl WidgetImpl for PageRow {}
    impl ListBoxRowImpl for PageRow {}
}
