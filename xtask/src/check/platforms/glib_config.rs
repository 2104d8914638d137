//! GLib's own header of what differs between systems, for Windows. The wheel has no headers; the
//! others are the same everywhere, and are this machine's.

use std::fs;
use std::path::{Path, PathBuf};

use crate::need::pkg_config;
use crate::run::{Outcome, output};

/// What is defined in another way where `long` has 32 bits and a pointer 64, and what GLib's
/// build says of Windows.
const CHANGED: [(&str, &str); 38] = [
    ("GLIB_HAVE_ALLOCA_H", ""),
    ("gint64", "typedef signed long long gint64;"),
    ("guint64", "typedef unsigned long long guint64;"),
    (
        "G_GINT64_CONSTANT",
        "#define G_GINT64_CONSTANT(val) (val##LL)",
    ),
    (
        "G_GUINT64_CONSTANT",
        "#define G_GUINT64_CONSTANT(val) (val##ULL)",
    ),
    ("G_GINT64_MODIFIER", "#define G_GINT64_MODIFIER \"ll\""),
    ("G_GINT64_FORMAT", "#define G_GINT64_FORMAT \"lli\""),
    ("G_GUINT64_FORMAT", "#define G_GUINT64_FORMAT \"llu\""),
    ("GLIB_SIZEOF_LONG", "#define GLIB_SIZEOF_LONG 4"),
    ("gssize", "typedef signed long long gssize;"),
    ("gsize", "typedef unsigned long long gsize;"),
    ("G_GSIZE_MODIFIER", "#define G_GSIZE_MODIFIER \"ll\""),
    ("G_GSSIZE_MODIFIER", "#define G_GSSIZE_MODIFIER \"ll\""),
    ("G_GSIZE_FORMAT", "#define G_GSIZE_FORMAT \"llu\""),
    ("G_GSSIZE_FORMAT", "#define G_GSSIZE_FORMAT \"lli\""),
    ("G_MAXSIZE", "#define G_MAXSIZE G_MAXUINT64"),
    ("G_MINSSIZE", "#define G_MINSSIZE G_MININT64"),
    ("G_MAXSSIZE", "#define G_MAXSSIZE G_MAXINT64"),
    ("G_POLLFD_FORMAT", "#define G_POLLFD_FORMAT \"%#llx\""),
    (
        "GPOINTER_TO_INT",
        "#define GPOINTER_TO_INT(p) ((gint) (gintptr) (p))",
    ),
    (
        "GPOINTER_TO_UINT",
        "#define GPOINTER_TO_UINT(p) ((guint) (guintptr) (p))",
    ),
    (
        "GINT_TO_POINTER",
        "#define GINT_TO_POINTER(i) ((gpointer) (gintptr) (i))",
    ),
    (
        "GUINT_TO_POINTER",
        "#define GUINT_TO_POINTER(u) ((gpointer) (guintptr) (u))",
    ),
    ("gintptr", "typedef signed long long gintptr;"),
    ("guintptr", "typedef unsigned long long guintptr;"),
    ("G_GINTPTR_MODIFIER", "#define G_GINTPTR_MODIFIER \"ll\""),
    ("G_GINTPTR_FORMAT", "#define G_GINTPTR_FORMAT \"lli\""),
    ("G_GUINTPTR_FORMAT", "#define G_GUINTPTR_FORMAT \"llu\""),
    ("G_OS_UNIX", "#define G_OS_WIN32\n#define G_PLATFORM_WIN32"),
    ("G_THREADS_IMPL_POSIX", "#define G_THREADS_IMPL_WIN32"),
    ("G_MODULE_SUFFIX", "#define G_MODULE_SUFFIX \"dll\""),
    ("G_DIR_SEPARATOR", "#define G_DIR_SEPARATOR '\\\\'"),
    ("G_DIR_SEPARATOR_S", "#define G_DIR_SEPARATOR_S \"\\\\\""),
    (
        "G_SEARCHPATH_SEPARATOR",
        "#define G_SEARCHPATH_SEPARATOR ';'",
    ),
    (
        "G_SEARCHPATH_SEPARATOR_S",
        "#define G_SEARCHPATH_SEPARATOR_S \";\"",
    ),
    ("GPid", "typedef void *GPid;"),
    ("G_PID_FORMAT", "#define G_PID_FORMAT \"p\""),
    ("GLIB_SYSDEF_AF_INET6", "#define GLIB_SYSDEF_AF_INET6 23"),
];

/// The folders of this machine's headers, and the one of this header, which is made in `place`.
pub fn set_up(place: &Path) -> Outcome<Vec<PathBuf>> {
    let variable = |name: &str| {
        let value = output(pkg_config().args([&format!("--variable={name}"), "glib-2.0"]));
        value
            .map(|value| PathBuf::from(value.trim()))
            .ok_or("pkg-config does not find GLib")
    };
    let headers = variable("includedir")?.join("glib-2.0");
    let config = variable("libdir")?.join("glib-2.0/include/glibconfig.h");
    let text = fs::read_to_string(&config)
        .map_err(|error| format!("can't read {}: {error}", config.display()))?;
    let changed = for_windows(&text)?;
    let folder = place.join("include");
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join("glibconfig.h"), changed))
        .map_err(|error| format!("can't write to {}: {error}", folder.display()))?;
    Ok(vec![folder, headers])
}

/// The header of a system with 64 bits, for Windows.
fn for_windows(text: &str) -> Outcome<String> {
    let mut changed = String::new();
    let mut left: Vec<_> = CHANGED.to_vec();
    for line in text.lines() {
        let at = left
            .iter()
            .position(|(name, _)| defined(line) == Some(name));
        changed += at.map_or(line, |at| left.swap_remove(at).1);
        changed.push('\n');
    }
    match left.as_slice() {
        [] => Ok(changed),
        [(name, _), ..] => Err(format!("glibconfig.h does not define {name}")),
    }
}

/// The name that `line` defines, as a macro or as a type.
fn defined(line: &str) -> Option<&str> {
    let name = match line.strip_prefix("#define ") {
        Some(rest) => rest.split(['(', ' ', '\t']).next()?,
        None => line
            .strip_prefix("typedef ")?
            .strip_suffix(';')?
            .rsplit(' ')
            .next()?,
    };
    Some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_defined() {
        assert_eq!(defined("#define G_OS_UNIX"), Some("G_OS_UNIX"));
        let call = "#define G_GINT64_CONSTANT(val)\t(val##L)";
        assert_eq!(defined(call), Some("G_GINT64_CONSTANT"));
        assert_eq!(defined("typedef unsigned long gsize;"), Some("gsize"));
        assert_eq!(defined("# define G_HAVE_GNUC_VARARGS 1"), None);
    }

    #[test]
    fn what_would_be_forgotten_is_told() {
        let lines = CHANGED.map(|(name, _)| format!("#define {name} as elsewhere\n"));
        let all = format!("#define GLIB_MAJOR_VERSION 2\n{}", lines.concat());
        let changed = for_windows(&all).unwrap();
        assert!(changed.starts_with("#define GLIB_MAJOR_VERSION 2\n"));
        assert!(!changed.contains("as elsewhere"));
        let why = for_windows(&all.replace("G_OS_UNIX", "G_OS_BEOS")).unwrap_err();
        assert!(why.contains("G_OS_UNIX"), "{why}");
    }
}
