//! A search as one types: the newest one wins.

mod names;
#[cfg(test)]
mod tests;

use adw::{prelude::*, subclass::prelude::*};
use gtk::glib::{self, clone};
use qio_task::{Error, Group, Progress, QioTask};

use self::names::{Found, TOLD, name, search};
use super::{Page, tasks_of_window, thousands};
use crate::status_row::{Status, StatusRow};

pub const PAGE: Page = Page {
    name: "search",
    title: "Search as You Type",
    icon: "edit-find-symbolic",
    build: || glib::Object::new::<SearchPage>().upcast(),
};

glib::wrapper! {
    pub struct SearchPage(ObjectSubclass<imp::SearchPage>)
        @extends adw::PreferencesPage, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl SearchPage {
    /// Searches for `text`. The search before is cancelled.
    fn search(&self, text: String) {
        let imp = self.imp();
        let number = imp.begin(&text);
        let progress = Progress::new(clone!(
            #[weak(rename_to = page)]
            self,
            move |count: u32| page.imp().so_far(number, count)
        ));
        QioTask::builder()
            .name("search")
            .latest(&imp.newest)
            // It keeps a processor busy.
            .group(&Group::computing())
            .group(&tasks_of_window(self))
            .progress(&progress)
            .source(self)
            .callback({
                let text = text.clone();
                move |page: &Self, found| page.ended(number, &text, found)
            })
            .run_in_thread(move |worker| search(&text, worker, &progress));
    }

    /// The callback of each search.
    fn ended(&self, number: u32, text: &str, found: Result<Found, Error>) {
        let imp = self.imp();
        match found {
            Ok(found) => {
                imp.expect_newest(number);
                imp.list(&found);
                let title = match found.count {
                    0 => format!("No number is like “{text}”"),
                    1 => format!("One number is like “{text}”"),
                    count => format!("{} numbers are like “{text}”", thousands(count)),
                };
                let detail = match found.count as usize {
                    0..=TOLD => String::new(),
                    _ => "The first thousand are below".to_owned(),
                };
                imp.status.show(Status::Done, &title, &detail);
            }
            // There is a newer one, or nothing to search for: the page shows that already.
            Err(Error::Cancelled) => imp.count_cancelled(),
            Err(error) => imp.status.show_error("The search has failed", &error),
        }
    }
}

mod imp {
    use std::cell::Cell;

    use adw::{prelude::*, subclass::prelude::*};
    use gtk::{
        gdk,
        glib::{self, clone},
    };
    use qio_task::Latest;

    use super::{Found, Status, StatusRow, name, thousands};

    #[derive(gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/search.ui")]
    pub struct SearchPage {
        #[template_child]
        entry: TemplateChild<adw::EntryRow>,
        #[template_child]
        pub(super) status: TemplateChild<StatusRow>,
        #[template_child]
        tally: TemplateChild<adw::ActionRow>,
        #[template_child]
        list: TemplateChild<gtk::ListView>,
        found: gtk::StringList,
        pub(super) newest: Latest,
        /// How many searches there were: that of the newest is its number.
        searches: Cell<u32>,
        cancelled: Cell<u32>,
        /// How often something came of one that was not the newest.
        late: Cell<u32>,
    }

    impl Default for SearchPage {
        fn default() -> Self {
            Self {
                entry: TemplateChild::default(),
                status: TemplateChild::default(),
                tally: TemplateChild::default(),
                list: TemplateChild::default(),
                found: gtk::StringList::new(&[]),
                newest: Latest::new(),
                searches: Cell::default(),
                cancelled: Cell::default(),
                late: Cell::default(),
            }
        }
    }

    #[glib::object_subclass]
    impl ObjectSubclass for SearchPage {
        const NAME: &'static str = "GallerySearchPage";
        type Type = super::SearchPage;
        type ParentType = adw::PreferencesPage;

        fn class_init(class: &mut Self::Class) {
            StatusRow::ensure_type();
            class.bind_template();
            class.bind_template_callbacks();
        }

        fn instance_init(instance: &glib::subclass::InitializingObject<Self>) {
            instance.init_template();
        }
    }

    #[gtk::template_callbacks]
    impl SearchPage {
        #[template_callback]
        fn on_changed(&self) {
            let text = self.entry.text().trim().to_owned();
            if !text.is_empty() {
                self.obj().search(text);
                return;
            }
            self.newest.cancel();
            self.list(&Found::default());
            let title = "Nothing is searched for";
            self.status.show(Status::Waiting, title, "");
        }

        /// Shows that a search for `text` begins, and returns its number.
        pub(super) fn begin(&self, text: &str) -> u32 {
            self.searches.set(self.searches.get() + 1);
            let title = format!("Searching for “{text}”…");
            self.status.show(Status::Working, &title, "");
            self.count();
            self.searches.get()
        }

        pub(super) fn so_far(&self, number: u32, count: u32) {
            self.expect_newest(number);
            // What was reported before Escape may come after it, until the callback does.
            if !self.entry.text().trim().is_empty() {
                let words = format!("{} so far", thousands(count));
                self.status.set_subtitle(&words);
            }
        }

        pub(super) fn list(&self, found: &Found) {
            let lines = found.numbers.iter().map(|number| {
                let (digits, name) = (thousands(*number), name(*number));
                format!("{name} ({digits})")
            });
            let lines: Vec<String> = lines.collect();
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            self.found.splice(0, self.found.n_items(), &lines);
        }

        pub(super) fn expect_newest(&self, number: u32) {
            if number != self.searches.get() {
                self.late.set(self.late.get() + 1);
            }
            self.count();
        }

        pub(super) fn count_cancelled(&self) {
            self.cancelled.set(self.cancelled.get() + 1);
            self.count();
        }

        fn count(&self) {
            let searches = match self.searches.get() {
                1 => "1 search".to_owned(),
                count => format!("{} searches", thousands(count)),
            };
            let cancelled = match self.cancelled.get() {
                0 => "none cancelled".to_owned(),
                count => format!("{} cancelled", thousands(count)),
            };
            let late = match self.late.get() {
                0 => "none came late".to_owned(),
                count => format!("{} came late", thousands(count)),
            };
            self.tally
                .set_title(&format!("{searches}: {cancelled}, {late}"));
        }
    }

    impl ObjectImpl for SearchPage {
        fn constructed(&self) {
            self.parent_constructed();
            let model = gtk::NoSelection::new(Some(self.found.clone()));
            self.list.set_model(Some(&model));
            let keys = gtk::EventControllerKey::new();
            let entry = self.entry.get();
            keys.connect_key_pressed(clone!(
                #[weak]
                entry,
                #[upgrade_or]
                glib::Propagation::Proceed,
                move |_, key, _, _| {
                    let is_escape = key == gdk::Key::Escape;
                    if is_escape {
                        entry.set_text("");
                    }
                    is_escape.into()
                }
            ));
            self.entry.add_controller(keys);
        }
    }

    impl WidgetImpl for SearchPage {}
    impl PreferencesPageImpl for SearchPage {}
}
