//! A hundred thousand completions beside an animation.

mod floods;
mod frames;
mod plot;
mod results;

use std::time::Duration;

use adw::subclass::prelude::*;
use gtk::{
    glib::{self, clone},
    prelude::*,
};

use self::floods::{Library, flood};
use super::Page;

pub const PAGE: Page = Page {
    name: "flood",
    title: "Flood the Loop",
    icon: "weather-storm-symbolic",
    build: || glib::Object::new::<FloodPage>().upcast(),
};

/// How long the press of a button, and the flood before, have to calm down.
const CALM: Duration = Duration::from_millis(500);

glib::wrapper! {
    pub struct FloodPage(ObjectSubclass<imp::FloodPage>)
        @extends adw::PreferencesPage, gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl FloodPage {
    fn start(&self, libraries: &'static [Library]) {
        let imp = self.imp();
        imp.buttons.set_sensitive(false);
        let run = glib::spawn_future_local(clone!(
            #[weak(rename_to = page)]
            self,
            async move {
                for &library in libraries {
                    page.measure(library).await;
                }
                page.imp().buttons.set_sensitive(true);
            }
        ));
        imp.run.replace(Some(run));
    }

    /// Floods the loop, and judges the frames that were drawn meanwhile: from the
    /// last one before it to the first one after its last callback.
    async fn measure(&self, library: Library) {
        let imp = self.imp();
        let frames = imp.plot.frames();
        imp.results.begin(library);
        glib::timeout_future(CALM).await;
        frames.next().await;
        frames.reset();
        let flooded = flood(library).await;
        frames.next().await;
        if let Some(flooded) = flooded {
            imp.results.show(library, &flooded, frames.tally());
        }
    }
}

mod imp {
    use std::{cell::RefCell, time::Duration};

    use adw::{prelude::*, subclass::prelude::*};
    use gtk::glib::{self, clone};

    use super::{Library, plot::Plot, results::Results};
    use crate::spinner::Spinner;

    /// How often the plot is drawn.
    const REDRAW: Duration = Duration::from_millis(100);

    #[derive(Default, gtk::CompositeTemplate)]
    #[template(resource = "/io/github/qio_task/Gallery/flood.ui")]
    pub struct FloodPage {
        #[template_child]
        pub(super) plot: TemplateChild<Plot>,
        #[template_child]
        pub(super) buttons: TemplateChild<gtk::Box>,
        #[template_child]
        shown: TemplateChild<adw::PreferencesGroup>,
        pub(super) results: Results,
        /// The floods that are under way.
        pub(super) run: RefCell<Option<glib::JoinHandle<()>>>,
        /// What measures frames.
        tick: RefCell<Option<gtk::TickCallbackId>>,
        /// What draws the plot.
        redraw: RefCell<Option<glib::SourceId>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for FloodPage {
        const NAME: &'static str = "GalleryFloodPage";
        type Type = super::FloodPage;
        type ParentType = adw::PreferencesPage;

        fn class_init(class: &mut Self::Class) {
            Plot::ensure_type();
            Spinner::ensure_type();
            class.bind_template();
            class.bind_template_callbacks();
        }

        fn instance_init(instance: &glib::subclass::InitializingObject<Self>) {
            instance.init_template();
        }
    }

    #[gtk::template_callbacks]
    impl FloodPage {
        #[template_callback]
        fn on_both(&self) {
            self.obj().start(&Library::BOTH);
        }

        #[template_callback]
        fn on_qio_task(&self) {
            self.obj().start(&[Library::QioTask]);
        }

        #[template_callback]
        fn on_gio(&self) {
            self.obj().start(&[Library::Gio]);
        }
    }

    impl ObjectImpl for FloodPage {
        fn constructed(&self) {
            self.parent_constructed();
            self.shown.add(self.results.widget());
        }
    }

    impl WidgetImpl for FloodPage {
        fn map(&self) {
            self.parent_map();
            let tick = self.obj().add_tick_callback(|page, _| {
                page.imp().plot.frames().tick();
                glib::ControlFlow::Continue
            });
            self.tick.replace(Some(tick));
            let plot = self.plot.get();
            let redraw = glib::timeout_add_local(
                REDRAW,
                clone!(
                    #[weak]
                    plot,
                    #[upgrade_or]
                    glib::ControlFlow::Break,
                    move || {
                        plot.queue_draw();
                        glib::ControlFlow::Continue
                    }
                ),
            );
            self.redraw.replace(Some(redraw));
        }

        /// No frames are drawn from here on, so there is nothing to measure.
        fn unmap(&self) {
            if let Some(tick) = self.tick.take() {
                tick.remove();
            }
            if let Some(redraw) = self.redraw.take() {
                redraw.remove();
            }
            if let Some(run) = self.run.take() {
                run.abort();
            }
            self.plot.frames().pause();
            self.results.end();
            self.buttons.set_sensitive(true);
            self.parent_unmap();
        }
    }

    impl PreferencesPageImpl for FloodPage {}
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1_000.0)
}
