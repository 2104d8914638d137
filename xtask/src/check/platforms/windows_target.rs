//! The target whose programs run here: Windows, with mingw-w64's C library and linker.

/// As cargo calls it.
pub const TARGET: &str = "x86_64-pc-windows-gnu";

/// As the names of variables have it.
pub const UNDERSCORED: &str = "x86_64_pc_windows_gnu";

/// The program of mingw-w64's of this name.
pub fn mingw(program: &str) -> String {
    format!("x86_64-w64-mingw32-{program}")
}
