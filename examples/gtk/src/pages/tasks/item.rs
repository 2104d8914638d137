//! [`TaskItem`]: a task in flight, as a row of the list.

use gtk::{glib, subclass::prelude::*};
use qio_task::TaskInfo;

/// What stands where there is nothing to tell.
const NOTHING: &str = "–";

glib::wrapper! {
    /// It stays the same for as long as its task is there, so that the list
    /// keeps its place while the words change.
    pub struct TaskItem(ObjectSubclass<imp::TaskItem>);
}

impl TaskItem {
    pub fn new(task: &TaskInfo) -> Self {
        let item: Self = glib::Object::new();
        item.imp().id.set(task.id());
        item.set_name(task.name().unwrap_or(NOTHING));
        item.set_source(task.source_type().map_or(NOTHING, glib::Type::name));
        item.set_place(task.location().to_string());
        item.update(task);
        item
    }

    /// Takes over what changes.
    pub fn update(&self, task: &TaskInfo) {
        self.set_state(task.state().to_string());
        self.set_age(format!("{:.1} s", task.age().as_secs_f64()));
        self.set_thread(match (task.thread_name(), task.thread_id()) {
            (Some(name), Some(id)) => format!("{name} ({id})"),
            (Some(name), None) => name.to_owned(),
            (None, Some(id)) => id.to_string(),
            (None, None) => NOTHING.to_owned(),
        });
    }
}

mod imp {
    use std::cell::{Cell, RefCell};

    use gtk::{glib, prelude::*, subclass::prelude::*};

    #[derive(Default, glib::Properties)]
    #[properties(wrapper_type = super::TaskItem)]
    pub struct TaskItem {
        #[property(get)]
        pub(super) id: Cell<u64>,
        #[property(get, set)]
        name: RefCell<String>,
        #[property(get, set)]
        state: RefCell<String>,
        #[property(get, set)]
        age: RefCell<String>,
        #[property(get, set)]
        thread: RefCell<String>,
        #[property(get, set)]
        source: RefCell<String>,
        #[property(get, set)]
        place: RefCell<String>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for TaskItem {
        const NAME: &'static str = "GalleryTaskItem";
        type Type = super::TaskItem;
    }

    #[glib::derived_properties]
    impl ObjectImpl for TaskItem {}
}
