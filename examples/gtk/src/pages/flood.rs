//! A hundred thousand completions beside an animation.

mod floods;
mod frames;
mod plot;
mod results;
mod spinner;

use std::{cell::RefCell, rc::Rc, time::Duration};

use adw::prelude::*;
use gtk::{
    gdk,
    glib::{self, clone},
};

use self::{
    floods::{Library, flood},
    frames::Frames,
    plot::Plot,
    results::Results,
};
use super::Page;

pub const PAGE: Page = Page {
    name: "flood",
    title: "Flood the Loop",
    icon: "weather-storm-symbolic",
    build,
};

const WHY: &str = "Each of 100,000 tasks ends in a callback on this main loop. \
    qio-task delivers them at idle priority, below redraw, and gives way after 2 ms, \
    so that frames are drawn in between. gio::spawn_blocking wakes each future at \
    default priority, above redraw, so that frames wait for them all.";

/// How often the plot is drawn.
const REDRAW: Duration = Duration::from_millis(100);
/// How long the press of a button, and the flood before, have to calm down.
const CALM: Duration = Duration::from_millis(500);

fn build(_toasts: &adw::ToastOverlay) -> gtk::Widget {
    let frames = Rc::new(Frames::default());
    let plot = Plot::new(&frames);
    let spinner = spinner::spinner(clone!(
        #[strong]
        frames,
        move || frames.tick()
    ));

    let animation = gtk::Box::builder()
        .spacing(24)
        .css_classes(["card"])
        .build();
    spinner.set_margin_start(24);
    plot.set_margin_top(12);
    plot.set_margin_bottom(12);
    plot.set_margin_end(12);
    animation.append(&spinner);
    animation.append(&plot);

    let page = Rc::new(FloodPage {
        frames,
        plot: plot.clone(),
        buttons: gtk::Box::builder()
            .orientation(gtk::Orientation::Vertical)
            .spacing(12)
            .halign(gtk::Align::Center)
            .build(),
        results: Results::new(),
        run: RefCell::default(),
        redraw: RefCell::default(),
    });
    for (words, libraries) in [
        ("Flood with qio-task", &[Library::QioTask][..]),
        ("Flood with gio::spawn_blocking", &[Library::Gio]),
        ("Both, One after the Other", &Library::BOTH),
    ] {
        page.add_button(words, libraries);
    }

    let shown = adw::PreferencesGroup::builder()
        .title("Frames")
        .description(WHY)
        .build();
    shown.add(&animation);
    let buttons = adw::PreferencesGroup::new();
    buttons.add(&page.buttons);
    let results = adw::PreferencesGroup::builder().title("Results").build();
    results.add(page.results.widget());

    let root = adw::PreferencesPage::new();
    root.add(&shown);
    root.add(&buttons);
    root.add(&results);
    // The root alone owns the page, which knows nothing of it.
    root.connect_map(clone!(
        #[strong]
        page,
        move |_| page.shown()
    ));
    root.connect_unmap(move |_| page.hidden());
    root.upcast()
}

struct FloodPage {
    frames: Rc<Frames>,
    plot: Plot,
    buttons: gtk::Box,
    results: Results,
    /// The flood that is under way.
    run: RefCell<Option<glib::JoinHandle<()>>>,
    /// What draws the plot.
    redraw: RefCell<Option<glib::SourceId>>,
}

impl FloodPage {
    fn add_button(self: &Rc<Self>, words: &str, libraries: &'static [Library]) {
        let button = gtk::Button::builder()
            .label(words)
            .css_classes(["pill"])
            .build();
        if libraries.len() > 1 {
            button.add_css_class("suggested-action");
        }
        button.connect_clicked(clone!(
            #[weak(rename_to = page)]
            self,
            move |_| page.start(libraries)
        ));
        self.buttons.append(&button);
    }

    fn start(self: &Rc<Self>, libraries: &'static [Library]) {
        self.buttons.set_sensitive(false);
        let run = glib::spawn_future_local(clone!(
            #[weak(rename_to = page)]
            self,
            async move {
                for &library in libraries {
                    page.measure(library).await;
                }
                page.buttons.set_sensitive(true);
            }
        ));
        self.run.replace(Some(run));
    }

    /// Floods the loop and judges the frames that were drawn meanwhile: from the
    /// last one before it to the first one after its last callback.
    async fn measure(&self, library: Library) {
        self.results.begin(library);
        glib::timeout_future(CALM).await;
        self.frames.next().await;
        self.frames.reset();
        let flooded = flood(library).await;
        self.frames.next().await;
        if let Some(flooded) = flooded {
            self.results.show(library, &flooded, self.frames.tally());
        }
    }

    fn shown(&self) {
        let plot = self.plot.downgrade();
        let redraw = glib::timeout_add_local(REDRAW, move || {
            plot.upgrade().map_or(glib::ControlFlow::Break, |plot| {
                plot.queue_draw();
                glib::ControlFlow::Continue
            })
        });
        self.redraw.replace(Some(redraw));
    }

    /// No frames are drawn from here on, so there is nothing to measure.
    fn hidden(&self) {
        if let Some(redraw) = self.redraw.take() {
            redraw.remove();
        }
        if let Some(run) = self.run.take() {
            run.abort();
        }
        self.frames.pause();
        self.results.end();
        self.buttons.set_sensitive(true);
    }
}

/// A colour that the theme names, in its light or dark shade.
fn named_color(widget: &impl IsA<gtk::Widget>, name: &str) -> gdk::RGBA {
    let style = widget.style_context();
    style.lookup_color(name).unwrap_or_else(|| style.color())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
