//! The animation: dots that go round once in a second, if nothing is late.

use std::{cell::Cell, f64::consts::TAU, rc::Rc};

use gtk::{cairo, prelude::*};

use crate::pages::accessible::picture;

const SIZE: i32 = 96;
const DOTS: u32 = 12;
const MICROSECONDS: i64 = 1_000_000;

/// A spinner that calls `ticked` with each frame while it is shown.
pub fn spinner(ticked: impl Fn() + 'static) -> gtk::DrawingArea {
    let area: gtk::DrawingArea = picture("Spinning animation");
    area.set_content_width(SIZE);
    area.set_content_height(SIZE);
    area.set_halign(gtk::Align::Center);
    area.set_valign(gtk::Align::Center);

    let turn = Rc::new(Cell::new(0.0));
    area.set_draw_func({
        let turn = turn.clone();
        move |area, cairo, width, height| {
            // Cairo keeps its own error, and a spinner has nothing to add.
            let _ = draw(area, cairo, f64::from(width.min(height)), turn.get());
        }
    });
    area.add_tick_callback(move |area, clock| {
        ticked();
        #[allow(clippy::cast_precision_loss, reason = "less than 20 bits are left")]
        turn.set((clock.frame_time() % MICROSECONDS) as f64 / MICROSECONDS as f64);
        // This area alone is drawn again.
        area.queue_draw();
        gtk::glib::ControlFlow::Continue
    });
    area
}

fn draw(
    area: &gtk::DrawingArea,
    cairo: &cairo::Context,
    size: f64,
    turn: f64,
) -> Result<(), cairo::Error> {
    let color = super::named_color(area, "accent_color");
    cairo.translate(size / 2.0, size / 2.0);
    cairo.rotate(turn * TAU);
    for dot in 1..=DOTS {
        let share = f64::from(dot) / f64::from(DOTS);
        cairo.rotate(TAU / f64::from(DOTS));
        cairo.set_source_rgba(
            color.red().into(),
            color.green().into(),
            color.blue().into(),
            share * share,
        );
        cairo.arc(0.0, -size * 0.4, size * (0.02 + 0.04 * share), 0.0, TAU);
        cairo.fill()?;
    }
    Ok(())
}
