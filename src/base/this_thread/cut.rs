//! A name that fits where the system keeps it.

use std::ffi::CString;

/// What is left of `name` in at most so many bytes, for C. Half of a character is no name.
pub(super) fn cut(name: &str, bytes: usize) -> CString {
    let name = name.replace('\0', "");
    let name = &name[..name.floor_char_boundary(bytes)];
    CString::new(name).expect("it has no zero")
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn a_name_is_cut_between_characters() {
        assert_eq!(cut("0123456789abcdef", 15), *c"0123456789abcde");
        assert_eq!(
            cut("0123456789abc\u{df}\u{df}", 15),
            *c"0123456789abc\u{df}"
        );
        assert_eq!(cut("0123456789abcd\u{df}", 15), *c"0123456789abcd");
        assert_eq!(cut("a\0b", 15), *c"ab");
    }
}
