//! Compiles what the application carries besides its code.

fn main() {
    glib_build_tools::compile_resources(
        &["data"],
        "data/gallery.gresource.xml",
        "gallery.gresource",
    );
}
