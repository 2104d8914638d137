//! What the commands need from the system, and how each is looked for.

use std::env;
use std::path::Path;
use std::process::Command;

use crate::run::{is_on_path, output, succeeds};

/// Something that the system must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    PkgConfig,
    Glib,
    Compiler,
    Openssl,
    Websockets,
    Nginx,
    Valgrind,
    Strace,
    Libdex,
    CxxCompiler,
    OpensslFiles,
    Introspection,
    Meson,
    Gtk,
    Adwaita,
    Icons,
    Xvfb,
    Bus,
    Accessibility,
    PythonAtspi,
    WindowManager,
    Xdotool,
    Import,
    Font,
    Mmdebstrap,
    Venv,
    QtLibraries,
    PythonGi,
    PygobjectFiles,
    Gjs,
    Mingw,
    MingwTools,
    Wine,
}

/// The system's own, which has the modules of its packages.
pub const PYTHON: &str = "/usr/bin/python3";

/// Loads what the packages of `PyPI` leave to the system.
const LOAD_QT_LIBRARIES: &str = "\
import ctypes
for name in ('EGL.so.1', 'GL.so.1', 'xkbcommon.so.0', 'fontconfig.so.1', 'dbus-1.so.3'):
    ctypes.CDLL('lib' + name)
";

impl Need {
    /// To build and run the example.
    pub const FOR_DEMO: &[Self] = &[Self::PkgConfig, Self::Glib, Self::Compiler];

    /// To test, also against servers that are not ours.
    pub const FOR_TEST: &[Self] = &[
        Self::PkgConfig,
        Self::Glib,
        Self::Openssl,
        Self::Websockets,
        Self::Nginx,
    ];

    /// To test what is in C, too.
    pub const FOR_C: &[Self] = &[Self::Compiler];

    /// To count instructions and system calls.
    pub const FOR_GUARD: &[Self] = &[Self::Valgrind, Self::Strace];

    /// To compare what only some releases of a system have.
    pub const FOR_LIBDEX: &[Self] = &[Self::Libdex];

    /// To build cargo-c, and to look at what it installs.
    pub const FOR_CAPI: &[Self] = &[
        Self::PkgConfig,
        Self::Glib,
        Self::Compiler,
        Self::CxxCompiler,
        Self::OpensslFiles,
        Self::Valgrind,
        Self::Introspection,
        Self::Meson,
    ];

    /// To build cargo-c.
    pub const FOR_CARGO_C: &[Self] = &[Self::PkgConfig, Self::Compiler, Self::OpensslFiles];

    /// To build and run the application.
    pub const FOR_GALLERY: &[Self] = &[
        Self::PkgConfig,
        Self::Glib,
        Self::Compiler,
        Self::Gtk,
        Self::Adwaita,
        Self::Icons,
    ];

    /// To drive it in a window that nobody sees.
    pub const FOR_WINDOW: &[Self] = &[
        Self::Xvfb,
        Self::Bus,
        Self::Accessibility,
        Self::PythonAtspi,
        Self::WindowManager,
        Self::Xdotool,
        Self::Import,
        Self::Font,
    ];

    /// To have another release of Debian in a folder.
    pub const FOR_ROOT: &[Self] = &[Self::Mmdebstrap];

    /// To run what `PyPI` has of Qt.
    pub const FOR_QT: &[Self] = &[Self::Venv, Self::QtLibraries];

    /// To have GLib's loop for asyncio's.
    pub const FOR_ASYNCIO: &[Self] = &[Self::PythonGi];

    /// To build what `PyPI` has of it.
    pub const FOR_PYGOBJECT: &[Self] = &[Self::Venv, Self::Introspection, Self::PygobjectFiles];

    /// To draw frames in a window that nobody sees.
    pub const FOR_FRAMES: &[Self] = &[Self::Gtk, Self::Xvfb, Self::Bus, Self::WindowManager];

    /// To run scripts inside of a program.
    pub const FOR_GJS: &[Self] = &[Self::Gjs];

    /// To compile and link programs for Windows.
    pub const FOR_WINDOWS: &[Self] = &[Self::Mingw, Self::MingwTools];

    /// To have GLib there.
    pub const FOR_GLIB_OF_WINDOWS: &[Self] = &[
        Self::Venv,
        Self::PkgConfig,
        Self::Glib,
        Self::Mingw,
        Self::MingwTools,
    ];

    /// To run what is made for Windows.
    pub const FOR_WINE: &[Self] = &[Self::Mingw, Self::Wine];

    /// What to call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PkgConfig => "pkg-config",
            Self::Glib => "the development files of GLib 2.66 or later",
            Self::Compiler => "a C compiler (`cc`)",
            Self::Openssl => "the command `openssl`",
            Self::Websockets => "the module `websockets` of /usr/bin/python3",
            Self::Nginx => "the web server `nginx`",
            Self::Valgrind => "the command `valgrind`",
            Self::Strace => "the command `strace`",
            Self::Libdex => "the development files of libdex",
            Self::CxxCompiler => "a C++ compiler (`c++`)",
            Self::OpensslFiles => "the development files of OpenSSL",
            Self::Introspection => "the command `g-ir-scanner` and the descriptions of GLib for it",
            Self::Meson => "the command `meson`",
            Self::Gtk => "the development files of GTK 4.8 or later",
            Self::Adwaita => "the development files of libadwaita 1.2 or later",
            Self::Icons => "the icons of Adwaita and what loads them",
            Self::Xvfb => "the display server `Xvfb`",
            Self::Bus => "the command `dbus-daemon`",
            Self::Accessibility => "the accessibility bus (at-spi2-core)",
            Self::PythonAtspi => "the module `gi` of /usr/bin/python3 with Atspi",
            Self::WindowManager => "the window manager `openbox`",
            Self::Xdotool => "the command `xdotool`",
            Self::Import => "the command `import` of ImageMagick",
            Self::Font => "the font Cantarell",
            Self::Mmdebstrap => "the command `mmdebstrap`",
            Self::Venv => "the modules `venv` and `ensurepip` of /usr/bin/python3",
            Self::QtLibraries => "the system's libraries that Qt loads (EGL, GL, xkbcommon, …)",
            Self::PythonGi => "the module `gi` of /usr/bin/python3",
            Self::PygobjectFiles => "the development files of Python and of cairo",
            Self::Gjs => "the development files of GJS",
            Self::Mingw => "a C compiler for Windows (`x86_64-w64-mingw32-gcc`)",
            Self::MingwTools => "the command `gendef` of mingw-w64",
            Self::Wine => "the command `wine`, for 64 bits",
        }
    }

    /// Whether the system has it.
    pub fn is_met(self) -> bool {
        match self {
            Self::PkgConfig => succeeds(pkg_config().arg("--version")),
            Self::Glib => succeeds(pkg_config().args(["--atleast-version=2.66", "gio-2.0"])),
            Self::Compiler => succeeds(Command::new("cc").arg("--version")),
            Self::Openssl => succeeds(Command::new("openssl").arg("version")),
            Self::Websockets => {
                succeeds(Command::new("/usr/bin/python3").args(["-c", "import websockets"]))
            }
            // Debian has it where only root looks.
            Self::Nginx => is_on_path("nginx") || Path::new("/usr/sbin/nginx").is_file(),
            Self::Valgrind => succeeds(Command::new("valgrind").arg("--version")),
            Self::Strace => succeeds(Command::new("strace").arg("-V")),
            Self::Libdex => succeeds(pkg_config().args(["--exists", "libdex-1"])),
            Self::CxxCompiler => succeeds(Command::new("c++").arg("--version")),
            Self::OpensslFiles => succeeds(pkg_config().args(["--exists", "openssl"])),
            Self::Introspection => {
                succeeds(Command::new("g-ir-scanner").arg("--version"))
                    && succeeds(pkg_config().args(["--exists", "gobject-introspection-1.0"]))
            }
            Self::Meson => succeeds(Command::new("meson").arg("--version")),
            Self::Gtk => succeeds(pkg_config().args(["--atleast-version=4.8", "gtk4"])),
            Self::Adwaita => succeeds(pkg_config().args(["--atleast-version=1.2", "libadwaita-1"])),
            Self::Icons => is_data("icons/Adwaita/index.theme"),
            Self::Xvfb => is_on_path("Xvfb"),
            Self::Bus => succeeds(Command::new("dbus-daemon").arg("--version")),
            Self::Accessibility => is_data("dbus-1/services/org.a11y.Bus.service"),
            Self::PythonAtspi => succeeds(Command::new(PYTHON).args([
                "-c",
                "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi",
            ])),
            Self::WindowManager => succeeds(Command::new("openbox").arg("--version")),
            Self::Xdotool => is_on_path("xdotool"),
            Self::Import => is_on_path("import"),
            Self::Mmdebstrap => is_on_path("mmdebstrap"),
            Self::Venv => succeeds(Command::new(PYTHON).args(["-c", "import venv, ensurepip"])),
            Self::QtLibraries => succeeds(Command::new(PYTHON).args(["-c", LOAD_QT_LIBRARIES])),
            Self::PythonGi => succeeds(Command::new(PYTHON).args(["-c", "import gi"])),
            Self::PygobjectFiles => {
                succeeds(pkg_config().args(["--exists", "python3", "cairo-gobject"]))
            }
            Self::Gjs => succeeds(pkg_config().args(["--exists", "gjs-1.0"])),
            Self::Mingw => succeeds(Command::new("x86_64-w64-mingw32-gcc").arg("--version")),
            Self::MingwTools => is_on_path("gendef"),
            Self::Wine => succeeds(Command::new("wine").arg("--version")),
            Self::Font => output(Command::new("fc-list").arg("Cantarell"))
                .is_some_and(|found| !found.trim().is_empty()),
        }
    }
}

/// The one that build scripts use too.
pub fn pkg_config() -> Command {
    match env::var_os("PKG_CONFIG") {
        Some(chosen) => Command::new(chosen),
        None if is_on_path("pkg-config") => Command::new("pkg-config"),
        None => Command::new("pkgconf"),
    }
}

/// Whether a folder that programs share has this file.
fn is_data(file: &str) -> bool {
    let folders = env::var("XDG_DATA_DIRS").unwrap_or_default();
    ["/usr/share", "/usr/local/share", "/opt/homebrew/share"]
        .into_iter()
        .chain(folders.split(':'))
        .any(|folder| Path::new(folder).join(file).is_file())
}
