//! [`Spinner`]: dots that go round once in a second, if nothing is late.

use std::f64::consts::TAU;

use gtk::{cairo, glib};

use crate::color::named_color;

const DOTS: u32 = 12;
const MICROSECONDS: i64 = 1_000_000;

glib::wrapper! {
    /// It turns while it is shown, and draws nothing but itself again.
    pub struct Spinner(ObjectSubclass<imp::Spinner>)
        @extends gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

mod imp {
    use std::cell::{Cell, RefCell};

    use gtk::{glib, graphene, prelude::*, subclass::prelude::*};

    use super::{draw, share_of_second};

    #[derive(Default)]
    pub struct Spinner {
        turn: Cell<f64>,
        tick: RefCell<Option<gtk::TickCallbackId>>,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Spinner {
        const NAME: &'static str = "GallerySpinner";
        type Type = super::Spinner;
        type ParentType = gtk::Widget;
    }

    impl ObjectImpl for Spinner {}

    impl WidgetImpl for Spinner {
        fn map(&self) {
            self.parent_map();
            let tick = self.obj().add_tick_callback(|spinner, clock| {
                spinner.imp().turn.set(share_of_second(clock.frame_time()));
                spinner.queue_draw();
                glib::ControlFlow::Continue
            });
            self.tick.replace(Some(tick));
        }

        fn unmap(&self) {
            if let Some(tick) = self.tick.take() {
                tick.remove();
            }
            self.parent_unmap();
        }

        #[allow(clippy::cast_precision_loss, reason = "some hundred pixels")]
        fn snapshot(&self, snapshot: &gtk::Snapshot) {
            let spinner = self.obj();
            let (width, height) = (spinner.width() as f32, spinner.height() as f32);
            let cairo = snapshot.append_cairo(&graphene::Rect::new(0.0, 0.0, width, height));
            cairo.translate(f64::from(width) / 2.0, f64::from(height) / 2.0);
            // Cairo keeps its own error, and a spinner has nothing to add.
            let _ = draw(&spinner, &cairo, width.min(height).into(), self.turn.get());
        }
    }
}

#[allow(clippy::cast_precision_loss, reason = "20 bits")]
fn share_of_second(microseconds: i64) -> f64 {
    (microseconds % MICROSECONDS) as f64 / MICROSECONDS as f64
}

fn draw(
    spinner: &Spinner,
    cairo: &cairo::Context,
    size: f64,
    turn: f64,
) -> Result<(), cairo::Error> {
    let color = named_color(spinner, "accent_color");
    let [red, green, blue] = [color.red(), color.green(), color.blue()].map(f64::from);
    cairo.rotate(turn * TAU);
    for dot in 1..=DOTS {
        let share = f64::from(dot) / f64::from(DOTS);
        cairo.rotate(TAU / f64::from(DOTS));
        cairo.set_source_rgba(red, green, blue, share * share);
        cairo.arc(0.0, -size * 0.42, size * (0.02 + 0.05 * share), 0.0, TAU);
        cairo.fill()?;
    }
    Ok(())
}
