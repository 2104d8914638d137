//! Widgets with a name of their own for assistive technologies.
//!
//! The functions that give one are for C alone before GTK 4.10, so the widget
//! is made by `GtkBuilder`, which could always give one.

use gtk::{glib, prelude::*};

/// A widget that a screen reader calls `name`.
pub fn named<W: IsA<gtk::Widget> + IsA<glib::Object>>(name: &str) -> W {
    build(name, "")
}

/// Likewise for one that shows a picture.
pub fn picture<W: IsA<gtk::Widget> + IsA<glib::Object>>(name: &str) -> W {
    build(name, r#"<property name="accessible-role">img</property>"#)
}

/// A label whose text changes, in a group that is called `name` for good: a label
/// is always called what it says.
pub fn value(name: &str, text: &str) -> (gtk::Box, gtk::Label) {
    let group: gtk::Box = build(name, r#"<property name="accessible-role">group</property>"#);
    let label = gtk::Label::new(Some(text));
    group.append(&label);
    (group, label)
}

fn build<W: IsA<gtk::Widget> + IsA<glib::Object>>(name: &str, properties: &str) -> W {
    let class = W::static_type().name();
    let name = glib::markup_escape_text(name);
    let builder = gtk::Builder::from_string(&format!(
        r#"<interface>
             <object class="{class}" id="widget">
               {properties}
               <accessibility><property name="label">{name}</property></accessibility>
             </object>
           </interface>"#
    ));
    builder.object("widget").expect("a widget of that class")
}
