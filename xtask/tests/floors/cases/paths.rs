//! Which paths count as an import, and of which file.

use super::found;

/// Fails unless `a.rs` and `b.rs`, where the first has a `B` and the other has `text` in its
/// first line, are found to import each other there.
#[track_caller]
fn assert_imports(text: &str) {
    assert_eq!(
        found_with(text),
        ["files import each other: src/a.rs:2 -> src/b.rs:1 -> src/a.rs"],
        "{text}"
    );
}

#[track_caller]
fn assert_imports_nothing(text: &str) {
    assert_eq!(found_with(text), [""; 0], "{text}");
}

fn found_with(text: &str) -> Vec<String> {
    found([
        ("src/lib.rs", "mod a; mod b; mod other;"),
        (
            "src/a.rs",
            "pub struct A; pub fn a() {} pub mod deep { pub struct D; }\nuse crate::b::B;",
        ),
        ("src/b.rs", &format!("{text}\npub struct B;")),
        ("src/other.rs", "pub(crate) use crate::a::{A as Ex, a};"),
    ])
}

#[test]
fn a_path_counts_wherever_it_is() {
    for text in [
        "use crate::a::A;",
        "use super::{other::nothing, a::{A as Other}};",
        "use crate::a::{self, deep::D};",
        "use crate::a::*;",
        "use crate::other::Ex;",
        "use crate::a; fn f() { a::a() }",
        "use crate::other; fn f() { other::a() }",
        "fn f(_: crate::a::A) {}",
        "fn f() -> Option<Box<super::a::A>> { None }",
        "fn f() { crate::a::A::new(); }",
        "fn f() { use crate::a; a::a() }",
        "impl Iterator for crate::a::A {}",
        "fn f() { println!(\"{:?}\", crate::a::a()); }",
        "fn f() { log!(target: x => crate::a::A); }",
        "macro_rules! m { () => { $crate::a::a() } }",
        "mod inside { use super::super::a::A; }",
        "use crate::other::*; fn f(_: Ex) {}",
        "pub use crate::a::A; fn f(_: A) {}",
    ] {
        assert_imports(text);
    }
}

#[test]
fn what_needs_nothing_of_the_other_file_does_not_count() {
    for text in [
        "pub use crate::a::A;",
        "pub(crate) use crate::a::*;",
        "use crate::a;",
        "use crate::other::*;",
        "use crate::a; use ::a::A;",
        "use crate::a; fn f(_: ::a::A) {}",
        "use std::a::A;",
        "pub(in crate::b) fn f() { let a = 1; a; }",
        "fn f() { self::B; B.a(); }",
        "/// [`A`](crate::a::A)\nfn f() {}",
    ] {
        assert_imports_nothing(text);
    }
}

#[test]
fn tests_do_not_count() {
    for text in [
        "#[cfg(test)] mod tests { use super::*; use crate::a::A; }",
        "#[cfg(all(test, unix))] use crate::a::A;",
        "#[cfg(any(test, all(test, unix)))] use crate::a::A;",
        "#[test] fn f() { crate::a::a() }",
        "impl B { #[cfg(test)] fn f() { crate::a::a() } }",
        "#[cfg(test)] mod in_no_file_of_ours { fn f() { crate::a::a() } }",
    ] {
        assert_imports_nothing(text);
    }
    for text in [
        "#[cfg(not(test))] use crate::a::A;",
        "#[cfg(any(test, unix))] use crate::a::A;",
        "#[cfg(unix)] use crate::a::A;",
    ] {
        assert_imports(text);
    }
}

#[test]
fn a_file_of_tests_does_not_count() {
    let files = |above| {
        found([
            ("src/lib.rs", above),
            ("src/a.rs", "pub struct A; #[cfg(test)] mod tests;"),
            ("src/a/tests.rs", "use super::*; use crate::b::B;"),
            ("src/b.rs", "use crate::a::A; pub struct B;"),
        ])
    };
    assert_eq!(files("mod a; mod b;"), [""; 0]);
}

#[test]
fn a_re_export_leads_to_the_file_that_has_the_item() {
    let files = |thing| {
        found([
            ("src/lib.rs", "mod a; mod node; pub use node::Thing;"),
            (
                "src/a.rs",
                "use crate::Thing; use crate::node::Thing as Other; pub struct A;",
            ),
            (
                "src/node.rs",
                "mod thing;\npub(crate) use thing::Thing;\nuse crate::a::A;",
            ),
            ("src/node/thing.rs", thing),
        ])
    };
    assert_eq!(files("pub struct Thing;"), [""; 0]);
    assert_eq!(
        files("pub struct Thing(crate::a::A);"),
        ["files import each other: src/a.rs:1 -> src/node/thing.rs:1 -> src/a.rs"]
    );
}

#[test]
fn a_re_export_may_be_written_for_each_system() {
    let both = "#[cfg(unix)] pub use a::A; #[cfg(not(unix))] pub use a::A;";
    let found = found([
        ("src/lib.rs", &format!("mod a; mod b; use b::B; {both}")),
        ("src/a.rs", "pub struct A;"),
        ("src/b.rs", "use crate::A; pub struct B;"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn what_another_crate_has_is_of_the_file_that_re_exports_it() {
    let found = found([
        ("src/lib.rs", "mod a; mod b; use std::fmt;"),
        (
            "src/a.rs",
            "pub use std::sync::Mutex; use crate::b::B; use std::fmt;",
        ),
        ("src/b.rs", "use std::fmt; pub struct B(crate::a::Mutex);"),
    ]);
    assert_eq!(
        found,
        ["files import each other: src/a.rs:1 -> src/b.rs:1 -> src/a.rs"]
    );
}

#[test]
fn of_what_only_re_exports_all_names_may_be_imported() {
    let files = |more| {
        found([
            ("src/lib.rs", "mod a; mod b; mod prelude;"),
            ("src/a.rs", "pub struct A;"),
            ("src/b.rs", "use crate::prelude::*; pub struct B;"),
            (
                "src/prelude.rs",
                &format!("pub use crate::a::A; impl crate::b::B {{}} {more}"),
            ),
        ])
    };
    assert_eq!(files(""), [""; 0]);
    assert_eq!(files("pub fn f() {}").len(), 1);
}

#[test]
fn each_choice_of_a_module_counts() {
    let found = found([
        ("src/lib.rs", "mod backend; mod node;"),
        (
            "src/backend.rs",
            "#[cfg(unix)]\n#[path = \"backend/one.rs\"]\nmod chosen;\n\
             #[cfg(not(unix))]\n#[path = \"backend/two.rs\"]\nmod chosen;\npub use chosen::Task;",
        ),
        ("src/backend/one.rs", "pub struct Task;"),
        (
            "src/backend/two.rs",
            "mod deep; pub struct Task(crate::node::Node);",
        ),
        ("src/backend/deep.rs", ""),
        ("src/node.rs", "use crate::backend::Task; pub struct Node;"),
    ]);
    assert_eq!(
        found,
        ["files import each other: src/backend/two.rs:1 -> src/node.rs:1 -> src/backend/two.rs"]
    );
}

#[test]
fn a_module_and_a_macro_may_share_a_name() {
    let found = found([
        ("src/lib.rs", "mod a; mod trace; use trace::trace;"),
        (
            "src/a.rs",
            "use crate::trace; use trace::Kind; pub fn a() { trace!(x) }",
        ),
        (
            "src/trace.rs",
            "macro_rules! trace { ($x:ident) => { $crate::a::a() } }\n\
             pub use trace;\npub enum Kind {}",
        ),
    ]);
    assert_eq!(
        found,
        ["files import each other: src/a.rs:1 -> src/trace.rs:1 -> src/a.rs"]
    );
}

#[test]
fn of_a_module_and_a_function_of_one_name_only_the_module_has_names() {
    let found = found([
        ("src/lib.rs", "mod a; mod b; mod both; use b::both;"),
        ("src/a.rs", "use crate::both::Kind; pub struct A;"),
        ("src/b.rs", "use crate::a::A; pub fn both() {}"),
        ("src/both.rs", "pub enum Kind {}"),
    ]);
    assert_eq!(found, [""; 0]);
}

#[test]
fn imports_that_go_round_come_to_an_end() {
    let found = found([
        ("src/lib.rs", "mod a; mod b; pub use nothing;"),
        (
            "src/a.rs",
            "pub use super::b::*; pub use super::b::X; fn f() { nowhere() }",
        ),
        (
            "src/b.rs",
            "pub use super::a::*; pub use super::a::X; fn f() { X::nowhere() }",
        ),
    ]);
    assert_eq!(found, [""; 0]);
}
