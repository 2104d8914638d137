//! Which circles are shown, and how.

use super::found;

#[test]
fn a_circle_of_two_is_shown_with_its_lines() {
    let found = found([
        ("src/main.rs", "mod a;\nmod b;\nuse a::A;"),
        ("src/a.rs", "\nuse crate::b::B;\npub struct A;"),
        ("src/b.rs", "pub struct B;\n\nuse crate::a::A;"),
    ]);
    assert_eq!(
        found,
        ["files import each other: src/a.rs:2 -> src/b.rs:3 -> src/a.rs"]
    );
}

#[test]
fn a_ring_of_three_is_shown() {
    let found = found([
        ("src/lib.rs", "mod a; mod b; mod c; mod d;"),
        ("src/a.rs", "use super::b::B; pub struct A;"),
        ("src/b.rs", "use super::c::C; pub struct B;"),
        (
            "src/c.rs",
            "use super::a::A; use super::d::D; pub struct C;",
        ),
        ("src/d.rs", "pub struct D;"),
    ]);
    let ring = "src/a.rs:1 -> src/b.rs:1 -> src/c.rs:1 -> src/a.rs";
    assert_eq!(found, [format!("files import each other: {ring}")]);
}

#[test]
fn in_a_knot_there_is_a_ring_for_each_import() {
    let found = found([
        ("src/lib.rs", "mod a; mod b; mod c;"),
        ("src/a.rs", "use crate::{b::B, c::C}; pub struct A;"),
        ("src/b.rs", "use crate::{a::A, c::C}; pub struct B;"),
        ("src/c.rs", "use crate::a::A; pub struct C;"),
    ]);
    let rings = [
        "src/a.rs:1 -> src/b.rs:1 -> src/a.rs",
        "src/a.rs:1 -> src/c.rs:1 -> src/a.rs",
        "src/a.rs:1 -> src/b.rs:1 -> src/c.rs:1 -> src/a.rs",
    ];
    assert_eq!(
        found,
        rings.map(|ring| format!("files import each other: {ring}"))
    );
}

#[test]
fn a_folder_and_its_file_may_use_each_other_one_way() {
    let files = |parent| {
        found([
            ("src/lib.rs", "mod a;"),
            ("src/a.rs", parent),
            ("src/a/b.rs", "use super::A; pub struct B;"),
        ])
    };
    assert_eq!(files("mod b; pub struct A; pub use b::B;"), [""; 0]);
    assert_eq!(
        files("mod b; pub struct A;\nuse b::B;"),
        ["files import each other: src/a/b.rs:1 -> src/a.rs:2 -> src/a/b.rs"]
    );
}

#[test]
fn each_crate_of_a_package_is_looked_at() {
    let found = found([
        ("src/bin/one.rs", ""),
        (
            "tests/two/main.rs",
            "mod a; fn f(_: a::A) {}\npub struct Two;",
        ),
        ("tests/two/a.rs", "use crate::Two; pub struct A;"),
    ]);
    assert_eq!(
        found,
        ["files import each other: tests/two/a.rs:1 -> tests/two/main.rs:1 -> tests/two/a.rs"]
    );
}

#[test]
fn what_can_not_be_looked_at_is_told() {
    for (files, told) in [
        (
            [("src/main.rs", ""), ("src/a.rs", "")],
            "src/a.rs is in no crate",
        ),
        (
            [("src/main.rs", "mod a;"), ("src/b.rs", "")],
            "src/main.rs declares the module `a`, and there is no src/a.rs",
        ),
        (
            [("src/main.rs", "mod a;"), ("src/a.rs", "\nfn {}")],
            "src/a.rs:2: expected identifier",
        ),
    ] {
        assert_eq!(found(files), [told]);
    }
}
