//! Rule 16: the library's threads take nothing from the program, nor from each other's tasks.

mod inherited;
mod neutral;
mod signals;
mod state;
