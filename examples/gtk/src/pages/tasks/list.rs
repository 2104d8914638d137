//! [`InFlight`]: the list of the tasks in flight, as a table.

use std::collections::HashMap;

use gtk::{gio, prelude::*};
use qio_task::TaskInfo;

use super::item::TaskItem;

/// How many are shown. A flood has more, and nobody reads them.
const SHOWN: usize = 200;

/// Each column, and the property that it shows.
const COLUMNS: [(&str, &str); 6] = [
    ("Name", "name"),
    ("State", "state"),
    ("Age", "age"),
    ("Thread", "thread"),
    ("Source", "source"),
    ("Made at", "place"),
];

/// The rows of a table.
pub struct InFlight(gio::ListStore);

impl Default for InFlight {
    fn default() -> Self {
        Self(gio::ListStore::new::<TaskItem>())
    }
}

impl InFlight {
    /// Shows the rows in `view`.
    pub fn show_in(&self, view: &gtk::ColumnView) {
        view.set_model(Some(&gtk::NoSelection::new(Some(self.0.clone()))));
        for (title, property) in COLUMNS {
            view.append_column(&column(title, property));
        }
    }

    /// Shows `tasks`, in their order. Rows that stay are changed in place.
    pub fn update(&self, tasks: &[TaskInfo]) {
        let tasks = &tasks[..tasks.len().min(SHOWN)];
        let known: Vec<TaskItem> = self.0.iter().flatten().collect();
        if known
            .iter()
            .map(TaskItem::id)
            .eq(tasks.iter().map(TaskInfo::id))
        {
            for (item, task) in known.iter().zip(tasks) {
                item.update(task);
            }
            return;
        }
        let known: HashMap<u64, TaskItem> =
            known.into_iter().map(|item| (item.id(), item)).collect();
        let items: Vec<TaskItem> = tasks
            .iter()
            .map(|task| match known.get(&task.id()) {
                Some(item) => {
                    item.update(task);
                    item.clone()
                }
                None => TaskItem::new(task),
            })
            .collect();
        self.0.splice(0, self.0.n_items(), &items);
    }
}

fn column(title: &str, property: &'static str) -> gtk::ColumnViewColumn {
    let factory = gtk::SignalListItemFactory::new();
    factory.connect_setup(move |_, cell| {
        let Some(cell) = cell.downcast_ref::<gtk::ListItem>() else {
            return;
        };
        let label = gtk::Label::builder()
            .xalign(0.0)
            .css_classes(["numeric"])
            .build();
        cell.property_expression("item")
            .chain_property::<TaskItem>(property)
            .bind(&label, "label", gtk::Widget::NONE);
        cell.set_child(Some(&label));
    });
    gtk::ColumnViewColumn::builder()
        .title(title)
        .factory(&factory)
        .resizable(true)
        .expand(property == "place")
        .build()
}
