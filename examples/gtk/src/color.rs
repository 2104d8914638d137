//! Colours of the theme, for what is drawn by hand.

use gtk::{gdk, glib::object::IsA, prelude::*};

/// A colour that the theme names, in its light or dark shade.
pub fn named_color(widget: &impl IsA<gtk::Widget>, name: &str) -> gdk::RGBA {
    let style = widget.style_context();
    style.lookup_color(name).unwrap_or_else(|| style.color())
}
