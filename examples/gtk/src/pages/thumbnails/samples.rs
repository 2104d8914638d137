//! Sample pictures, for who has no folder of them at hand.

use std::{f64::consts::TAU, fs, path::PathBuf};

use gtk::{
    gdk_pixbuf::{Colorspace, Pixbuf},
    glib,
};
use qio_task::Worker;

/// How many there are.
const PICTURES: u32 = 40;
const WIDTH: u16 = 480;
const HEIGHT: u16 = 360;

/// Where they are.
pub fn folder() -> PathBuf {
    glib::user_cache_dir().join("task-gallery/samples")
}

/// Paints those that are not there.
pub fn paint(worker: &Worker) -> Result<(), glib::Error> {
    let folder = folder();
    let failed =
        |error: std::io::Error| glib::Error::new(glib::FileError::Failed, &error.to_string());
    fs::create_dir_all(&folder).map_err(failed)?;
    for number in 1..=PICTURES {
        worker.check_cancelled()?;
        let file = folder.join(format!("{number:02}.png"));
        if !file.exists() {
            let picture = picture(number).save_to_bufferv("png", &[])?;
            // Whole or not at all.
            glib::file_set_contents(file, &picture)?;
        }
    }
    Ok(())
}

/// Two waves of colour, which differ from picture to picture.
fn picture(number: u32) -> Pixbuf {
    let hue = f64::from(number) / f64::from(PICTURES);
    let turn = f64::from(number * 7 % PICTURES) / f64::from(PICTURES) * TAU;
    let mut pixels = Vec::with_capacity(3 * usize::from(WIDTH) * usize::from(HEIGHT));
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let (x, y) = (f64::from(x) / 120.0, f64::from(y) / 120.0);
            let wave = (x * (1.0 + hue * 3.0) + (y * 2.0 + turn).sin()).sin()
                + (y * (4.0 - hue * 3.0) + (x + turn).cos()).cos();
            for shift in [0.0, 0.1, 0.25] {
                let share = 0.5 + 0.4 * (TAU * (hue + shift + wave / 12.0)).sin();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "it is from 0.1 to 0.9"
                )]
                pixels.push((share * 255.0) as u8);
            }
        }
    }
    let (width, height) = (i32::from(WIDTH), i32::from(HEIGHT));
    Pixbuf::from_bytes(
        &glib::Bytes::from_owned(pixels),
        Colorspace::Rgb,
        false,
        8,
        width,
        height,
        3 * width,
    )
}
