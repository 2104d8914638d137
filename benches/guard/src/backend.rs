//! The backend that this program was built with.

/// How it is called in `accepted.json`.
pub const BACKEND: &str = if cfg!(feature = "gtask") {
    "gtask"
} else {
    "native"
};

/// How to accept its counts.
pub const ACCEPT: &str = if cfg!(feature = "gtask") {
    "cargo run --release -p guard --features gtask -- accept"
} else {
    "cargo run --release -p guard -- accept"
};
