#!/bin/sh
# glib-sys 0.22.9: on Windows for ARM of 64 bits a `GPollFD` has 32 bits for its handle, and GLib 64.
#
# GLib's header has the wide one on Windows wherever a pointer has 64 bits. The crate has it where
# the processor is an x86-64 besides: on ARM, for which there are packages of GTK, the struct is half
# as large as GLib reads and writes, and the flags in it are at another place. It compiles there
# without a word. (Sources with a handle of their own, `g_source_add_poll`, are what needs it.)
#
# Seen with glib-sys 0.22.9, and gpoll.h of libglib2.0-dev 2.74.6-2+deb12u9. Nothing runs on that
# platform here: the compilers are asked.
# Needs Rust 1.92 or later, cc and apt. Prints, and fails when that changes:
#   GLib where a pointer has 64 bits, on Windows: gint64 fd;
#   glib-sys for x86_64-pc-windows-msvc: 16 bytes
#   glib-sys for aarch64-pc-windows-msvc: 8 bytes
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"
apt-get download -qq -o APT::Sandbox::User=root "libglib2.0-dev=2.74.6-2+deb12u9" >/dev/null
dpkg-deb -x libglib2.0-dev_*.deb root

mkdir -p package/src
: >package/src/lib.rs
cat >package/Cargo.toml <<'TOML'
[package]
name = "package"
edition = "2024"

[dependencies]
glib-sys = "=0.22.9"
TOML
cargo vendor --quiet --manifest-path package/Cargo.toml vendor >/dev/null 2>&1

# Enough of a language for the struct alone: there is no standard library for these targets.
{
  cat <<'RUST'
#![feature(no_core, lang_items)]
#![no_core]
#![crate_type = "lib"]
#![allow(internal_features, non_camel_case_types, unused)]
#[lang = "pointee_sized"]
pub trait PointeeSized {}
#[lang = "meta_sized"]
pub trait MetaSized: PointeeSized {}
#[lang = "sized"]
pub trait Sized: MetaSized {}
#[lang = "copy"]
pub trait Copy {}
type c_int = i32;
type c_ushort = u16;
pub fn moved(it: GPollFD) -> GPollFD {
    it
}
RUST
  awk '/^pub struct GPollFD/ { print "#[repr(C)]"; print before }
       /^pub struct GPollFD/, /^}/ { print }
       { before = $0 }' vendor/glib-sys/src/manual.rs
} >program.rs

{
  {
    printf '#define G_OS_WIN32\n#define GLIB_SIZEOF_VOID_P 8\n'
    sed -n '/^struct _GPollFD/,/^};/p' root/usr/include/glib-2.0/glib/gpoll.h
  } | cc -E -P - |
    sed -n 's/^ *\(gint[0-9]*\)[[:space:]]*fd;/GLib where a pointer has 64 bits, on Windows: \1 fd;/p'
  for target in x86_64-pc-windows-msvc aarch64-pc-windows-msvc; do
    RUSTC_BOOTSTRAP=1 rustc --target "$target" --emit=llvm-ir -o program.ll \
      -Zprint-type-sizes program.rs |
      sed -n "s/^.*type: .GPollFD.: \([0-9]*\) bytes.*/glib-sys for $target: \1 bytes/p"
  done
} | tee seen
diff - seen <<'SEEN'
GLib where a pointer has 64 bits, on Windows: gint64 fd;
glib-sys for x86_64-pc-windows-msvc: 16 bytes
glib-sys for aarch64-pc-windows-msvc: 8 bytes
SEEN
