//! [`Plot`]: the frame times of the last ten seconds.

use std::{
    collections::VecDeque,
    f64::consts::TAU,
    time::{Duration, Instant},
};

use gtk::{
    cairo, gdk::prelude::GdkCairoContextExt, glib, graphene, pango, prelude::*,
    subclass::prelude::*,
};

use super::{
    frames::{FRAME, Frame, Frames, LATE, SPAN},
    milliseconds,
};
use crate::color::named_color;

/// The scale is logarithmic: a frame and a freeze of a second fit on it.
const LEAST: f64 = 0.006;
const MOST: f64 = 3.0;

glib::wrapper! {
    /// It is drawn when it is told to: with each frame, it would be part of what
    /// it measures.
    pub struct Plot(ObjectSubclass<imp::Plot>)
        @extends gtk::Widget,
        @implements gtk::Buildable, gtk::ConstraintTarget;
}

impl Plot {
    /// The frames that it shows.
    pub fn frames(&self) -> &Frames {
        &self.imp().frames
    }
}

mod imp {
    use gtk::{glib, prelude::*, subclass::prelude::*};

    use super::{Drawing, Frames, Instant};

    #[derive(Default)]
    pub struct Plot {
        pub(super) frames: Frames,
    }

    #[glib::object_subclass]
    impl ObjectSubclass for Plot {
        const NAME: &'static str = "GalleryFloodPlot";
        type Type = super::Plot;
        type ParentType = gtk::Widget;
    }

    impl ObjectImpl for Plot {}

    impl WidgetImpl for Plot {
        fn snapshot(&self, snapshot: &gtk::Snapshot) {
            let plot = self.obj();
            let drawing = Drawing {
                plot: &plot,
                snapshot,
                width: plot.width().into(),
                height: plot.height().into(),
                now: Instant::now(),
            };
            // Cairo keeps its own error, and a plot has nothing to add.
            let _ = self.frames.with_recent(|recent| drawing.draw(recent));
        }
    }
}

struct Drawing<'a> {
    plot: &'a Plot,
    snapshot: &'a gtk::Snapshot,
    width: f64,
    height: f64,
    now: Instant,
}

impl Drawing<'_> {
    fn draw(&self, frames: &VecDeque<Frame>) -> Result<(), cairo::Error> {
        #[allow(clippy::cast_possible_truncation, reason = "some hundred pixels")]
        let bounds = graphene::Rect::new(0.0, 0.0, self.width as f32, self.height as f32);
        let cairo = self.snapshot.append_cairo(&bounds);
        self.frames(&cairo, frames)?;
        self.line(&cairo, FRAME, "success_color")?;
        self.line(&cairo, LATE, "warning_color")?;
        let worst = frames.iter().max_by_key(|frame| frame.took);
        if let Some(worst) = worst {
            let (x, y) = self.place(worst);
            cairo.set_source_color(&named_color(self.plot, "error_color"));
            cairo.arc(x, y, 4.0, 0.0, TAU);
            cairo.fill()?;
        }
        drop(cairo);
        // One frame's words are below its line, as those of two are just above.
        self.words("16.7 ms", 2.0, self.y(FRAME), 1.0);
        self.words("34 ms", 2.0, self.y(LATE), -18.0);
        if let Some(worst) = worst {
            let (x, y) = self.place(worst);
            self.words(&milliseconds(worst.took), x + 8.0, y, -18.0);
        }
        Ok(())
    }

    fn place(&self, frame: &Frame) -> (f64, f64) {
        (self.x(frame.end).max(0.0), self.y(frame.took))
    }

    fn x(&self, at: Instant) -> f64 {
        let ago = self.now.saturating_duration_since(at);
        self.width * (1.0 - ago.as_secs_f64() / SPAN.as_secs_f64())
    }

    fn y(&self, took: Duration) -> f64 {
        let took = took.as_secs_f64().clamp(LEAST, MOST);
        self.height * (1.0 - (took / LEAST).ln() / (MOST / LEAST).ln())
    }

    /// Each frame as wide as it took, all filled in one go.
    fn frames(&self, cairo: &cairo::Context, frames: &VecDeque<Frame>) -> Result<(), cairo::Error> {
        let mut color = named_color(self.plot, "accent_color");
        color.set_alpha(0.5);
        cairo.set_source_color(&color);
        cairo.set_antialias(cairo::Antialias::None);
        for frame in frames {
            let end = self.x(frame.end);
            let width = self.width * frame.took.as_secs_f64() / SPAN.as_secs_f64();
            let top = self.y(frame.took);
            cairo.rectangle(end - width, top, width, self.height - top);
        }
        cairo.fill()?;
        cairo.set_antialias(cairo::Antialias::Default);
        Ok(())
    }

    fn line(
        &self,
        cairo: &cairo::Context,
        took: Duration,
        color: &str,
    ) -> Result<(), cairo::Error> {
        let y = self.y(took).round() + 0.5;
        cairo.set_source_color(&named_color(self.plot, color));
        cairo.set_line_width(1.0);
        cairo.set_dash(&[4.0, 3.0], 0.0);
        cairo.move_to(0.0, y);
        cairo.line_to(self.width, y);
        cairo.stroke()
    }

    /// Words at `x`, as far from `y`, within the plot.
    fn words(&self, words: &str, x: f64, y: f64, offset: f64) {
        let layout = self.plot.create_pango_layout(Some(words));
        let attributes = pango::AttrList::new();
        attributes.insert(pango::AttrFloat::new_scale(pango::SCALE_SMALL));
        layout.set_attributes(Some(&attributes));
        let (width, height) = layout.pixel_size();
        let x = x.min(self.width - f64::from(width)).max(0.0);
        let y = (y + offset).min(self.height - f64::from(height)).max(0.0);
        self.snapshot.save();
        #[allow(clippy::cast_possible_truncation, reason = "some hundred pixels")]
        self.snapshot
            .translate(&graphene::Point::new(x as f32, y as f32));
        self.snapshot
            .append_layout(&layout, &self.plot.style_context().color());
        self.snapshot.restore();
    }
}
