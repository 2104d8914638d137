//! Building with a sanitizer of the stable toolchain: it has the runtimes, though the
//! flag that links them is not stable.

use std::fs;
use std::process::Command;

use super::ending::{Stop, Work};
use super::rust::Rust;
use crate::run::{cargo, target};

#[derive(Clone, Copy)]
pub enum Sanitizer {
    Address,
    Thread,
}

impl Sanitizer {
    /// A command of cargo that builds with it, in a folder of its own. Only for the
    /// target is anything so built: scripts and macros run in the compiler.
    pub fn cargo(self, rust: &Rust, arguments: &[&str]) -> Work<Command> {
        self.look_for_runtime(rust)?;
        let mut cargo = cargo(arguments);
        cargo
            .args(["--target", &rust.host])
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTFLAGS", self.flags())
            .env(
                "CARGO_TARGET_DIR",
                target()?.join("check").join(self.name()),
            );
        Ok(cargo)
    }

    fn look_for_runtime(self, rust: &Rust) -> Work<()> {
        let runtime = format!("_rt.{}.", self.runtime());
        let is_runtime = |name: &str| name.contains(&runtime);
        let has = fs::read_dir(&rust.libraries).is_ok_and(|files| {
            files
                .flatten()
                .any(|file| is_runtime(&file.file_name().to_string_lossy()))
        });
        if has {
            return Ok(());
        }
        Err(Stop::Lacks(format!(
            "this Rust has no runtime of the {} sanitizer for {}; rustup's toolchains have it for \
             Linux and macOS, a distribution's may not",
            self.name(),
            rust.host
        )))
    }

    /// The flags of rustc. The standard library is not built with a sanitizer: that of
    /// addresses allows it, that of threads has to be told so.
    fn flags(self) -> &'static str {
        match self {
            Self::Address => "-Zsanitizer=address",
            Self::Thread => "-Zsanitizer=thread -Cunsafe-allow-abi-mismatch=sanitizer",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Thread => "thread",
        }
    }

    /// As its library is called.
    fn runtime(self) -> &'static str {
        match self {
            Self::Address => "asan",
            Self::Thread => "tsan",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toolchain_without_the_runtime_lacks_it() {
        let rust = Rust {
            host: "x86_64-unknown-linux-gnu".to_owned(),
            llvm: 22,
            libraries: "/no/such/place".into(),
        };
        let why = Sanitizer::Thread.cargo(&rust, &["test"]).unwrap_err();
        assert!(matches!(why, Stop::Lacks(_)), "{why:?}");
    }
}
