//! The modules of one crate, as its files declare them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use syn::ext::IdentExt;
use syn::{Item, ItemMod};

use crate::sources::Sources;
use crate::syntax::{Names, Used, all_used, attributes, is_test, name_of, path_of};

/// A module of a crate, by its number there; the root's is 0.
pub type Id = usize;

pub struct Module {
    pub file: PathBuf,
    pub parent: Option<Id>,
    /// Whether it, or one that it is in, is there for tests alone.
    pub is_test: bool,
    /// What is in it, without its modules.
    pub items: Vec<Item>,
    pub names: BTreeMap<String, Vec<Definition>>,
    /// What it imports all names of.
    pub globs: Vec<Names>,
}

/// What a name stands for. It may stand for several: a type and a function, or what is
/// chosen by features.
pub enum Definition {
    Module(Id),
    Item,
    /// What this path names, seen from the module.
    Import(Names),
}

/// Where a module is.
struct Place {
    file: PathBuf,
    /// Where its own modules' files are.
    folder: PathBuf,
    parent: Option<Id>,
    is_test: bool,
}

/// The modules of the crate that starts with the file `root`.
pub fn modules(sources: &Sources, root: &Path) -> Result<Vec<Module>, String> {
    let mut tree = Tree {
        sources,
        modules: Vec::new(),
    };
    tree.add_file(Place {
        file: root.to_owned(),
        folder: folder_of(root),
        parent: None,
        is_test: false,
    })?;
    Ok(tree.modules)
}

/// The files that these modules are in.
pub fn files(modules: &[Module]) -> BTreeSet<&Path> {
    modules.iter().map(|module| module.file.as_path()).collect()
}

struct Tree<'a> {
    sources: &'a Sources,
    modules: Vec<Module>,
}

impl Tree<'_> {
    fn add_file(&mut self, mut place: Place) -> Result<Id, String> {
        let text = self.sources.text(&place.file).unwrap_or_default();
        let parsed = syn::parse_file(text).map_err(|error| {
            let line = error.span().start().line;
            format!("{}:{line}: {error}", place.file.display())
        })?;
        place.is_test |= is_test(&parsed.attrs);
        self.add(&place, parsed.items)
    }

    fn add(&mut self, place: &Place, items: Vec<Item>) -> Result<Id, String> {
        let id = self.modules.len();
        self.modules.push(Module {
            file: place.file.clone(),
            parent: place.parent,
            is_test: place.is_test,
            items: Vec::new(),
            names: BTreeMap::new(),
            globs: Vec::new(),
        });
        for item in items {
            if let Item::Mod(declared) = item {
                let name = declared.ident.unraw().to_string();
                let child = self.add_declared(id, place, &name, declared)?;
                self.modules[id].define(name, Definition::Module(child));
            } else if !attributes(&item).is_some_and(is_test) {
                self.modules[id].add(item);
            }
        }
        Ok(id)
    }

    fn add_declared(
        &mut self,
        parent: Id,
        place: &Place,
        name: &str,
        declared: ItemMod,
    ) -> Result<Id, String> {
        let mut inside = Place {
            file: place.file.clone(),
            folder: place.folder.join(name),
            parent: Some(parent),
            is_test: place.is_test || is_test(&declared.attrs),
        };
        if let Some((_, items)) = declared.content {
            return self.add(&inside, items);
        }
        let in_folder = inside.folder.join("mod.rs");
        if let Some(path) = path_of(&declared.attrs) {
            inside.file = folder_of(&place.file).join(path);
            inside.folder = folder_of(&inside.file);
        } else if self.sources.text(&in_folder).is_some() {
            inside.file = in_folder;
        } else {
            inside.file = place.folder.join(format!("{name}.rs"));
        }
        if self.sources.text(&inside.file).is_none() {
            return Err(format!(
                "{} declares the module `{name}`, and there is no {}",
                place.file.display(),
                inside.file.display()
            ));
        }
        self.add_file(inside)
    }
}

impl Module {
    fn define(&mut self, name: String, definition: Definition) {
        self.names.entry(name).or_default().push(definition);
    }

    fn add(&mut self, item: Item) {
        if let Some(name) = name_of(&item) {
            self.define(name, Definition::Item);
        }
        // What a function imports for itself is taken as the module's: few do, and under
        // the same name.
        for Used { path, name, .. } in all_used(&item) {
            match name {
                Some(name) => self.define(name, Definition::Import(path)),
                None => self.globs.push(path),
            }
        }
        self.items.push(item);
    }
}

fn folder_of(file: &Path) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).to_owned()
}
