//! Values with a name of their own for assistive technologies.
//!
//! The functions that give one are for C alone before GTK 4.10, so the widget
//! is made by `GtkBuilder`, which could always give one.

use gtk::{glib, prelude::*};

/// A label whose text changes, in a group that is called `name` for good: a label
/// is always called what it says.
pub fn value(name: &str, text: &str) -> (gtk::Box, gtk::Label) {
    let builder = gtk::Builder::from_string(&format!(
        r#"<interface>
             <object class="GtkBox" id="group">
               <property name="accessible-role">group</property>
               <accessibility><property name="label">{}</property></accessibility>
             </object>
           </interface>"#,
        glib::markup_escape_text(name),
    ));
    let group: gtk::Box = builder.object("group").expect("it is in the text");
    let label = gtk::Label::new(Some(text));
    group.append(&label);
    (group, label)
}
