//! What a path means where it is written.

use std::collections::BTreeSet;
use std::path::Path;

use crate::modules::{Definition, Id, Module};
use crate::syntax::Names;

/// What a path leads to: a module, or an item in a file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target<'a> {
    Module(Id),
    Item(&'a Path),
}

type Targets<'a> = BTreeSet<Target<'a>>;

/// What `path` leads to from the module `from`. A re-export is followed to what it is of;
/// what is not of this crate is nothing, unless a file of this crate re-exports it.
pub fn targets<'a>(modules: &'a [Module], from: Id, path: &[String]) -> Targets<'a> {
    let mut walk = Walk {
        modules,
        under_way: BTreeSet::new(),
    };
    walk.path(from, path)
}

struct Walk<'a> {
    modules: &'a [Module],
    /// What it is looking for: imports may go round.
    under_way: BTreeSet<(Id, Names)>,
}

impl<'a> Walk<'a> {
    fn path(&mut self, from: Id, path: &[String]) -> Targets<'a> {
        let this = (from, path.to_vec());
        if !self.under_way.insert(this.clone()) {
            return Targets::new();
        }
        let mut here = Targets::from([Target::Module(from)]);
        for (index, name) in path.iter().enumerate() {
            let next = here.iter().flat_map(|target| match *target {
                Target::Module(id) => self.name(id, name),
                // A function or a variant of a type.
                item @ Target::Item(_) => Targets::from([item]),
            });
            here = next.collect();
            // A name may be that of a module and that of a macro; only the one has names.
            let is_module = |target: &Target| matches!(target, Target::Module(_));
            if index + 1 < path.len() && here.iter().any(is_module) {
                here.retain(is_module);
            }
        }
        self.under_way.remove(&this);
        here
    }

    fn name(&mut self, module: Id, name: &str) -> Targets<'a> {
        let Module {
            file,
            parent,
            names,
            globs,
            ..
        } = &self.modules[module];
        match name {
            "crate" | "$crate" => return Targets::from([Target::Module(0)]),
            "self" => return Targets::from([Target::Module(module)]),
            "super" => return parent.iter().copied().map(Target::Module).collect(),
            _ => {}
        }
        let known = names.get(name).map_or(&[][..], Vec::as_slice);
        let mut found = Targets::new();
        for definition in known {
            match definition {
                Definition::Module(id) => {
                    found.insert(Target::Module(*id));
                }
                Definition::Item => {
                    found.insert(Target::Item(file));
                }
                Definition::Import(path) => {
                    let mut there = self.path(module, path);
                    if there.is_empty() {
                        // Of another crate: who has it by way of this file needs this file.
                        there.insert(Target::Item(file));
                    }
                    found.extend(there);
                }
            }
        }
        if known.is_empty() {
            for glob in globs {
                let longer = [&glob[..], &[name.to_owned()]].concat();
                found.extend(self.path(module, &longer));
            }
        }
        found
    }
}
