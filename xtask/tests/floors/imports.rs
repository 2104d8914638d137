//! Which file imports which, and where.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proc_macro2::{TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::visit::{self, Visit};
use syn::{Attribute, Expr, ImplItemFn, Item, ItemUse, Macro, Token, Visibility};

use crate::modules::{Definition, Id, Module};
use crate::scope::{Target, targets};
use crate::syntax::{Names, attributes, is_test, used};

/// From one file to another, with the first line that says so and what it names.
pub type Imports = BTreeMap<(PathBuf, PathBuf), Reason>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reason {
    pub line: usize,
    pub path: String,
}

/// The imports between the files of one crate. A re-export is none, nor is the declaration
/// of a module: neither needs what the other file says.
pub fn imports(modules: &[Module]) -> Imports {
    let mut imports = Imports::new();
    // Tests look at what they test, from wherever they are.
    for (id, module) in modules.iter().enumerate().filter(|(_, it)| !it.is_test) {
        let mut reader = Reader {
            modules,
            id,
            imports: &mut imports,
        };
        module.items.iter().for_each(|item| reader.visit_item(item));
    }
    imports
}

struct Reader<'a> {
    modules: &'a [Module],
    id: Id,
    imports: &'a mut Imports,
}

impl Reader<'_> {
    fn names(&mut self, path: &Names, line: usize) {
        for target in targets(self.modules, self.id, path) {
            if let Target::Item(file) = target {
                self.import(file, path, line);
            }
        }
    }

    fn all_names(&mut self, path: &Names, line: usize) {
        for target in targets(self.modules, self.id, path) {
            match target {
                Target::Item(file) => self.import(file, path, line),
                // Of what it only re-exports, each name counts where it is used.
                Target::Module(id) if has_items(&self.modules[id]) => {
                    self.import(&self.modules[id].file, path, line);
                }
                Target::Module(_) => {}
            }
        }
    }

    fn import(&mut self, file: &Path, path: &Names, line: usize) {
        let from = &self.modules[self.id].file;
        if from != file {
            let path = path.join("::");
            let reason = Reason { line, path };
            let known = self.imports.entry((from.clone(), file.to_owned()));
            let known = known.or_insert_with(|| reason.clone());
            if reason < *known {
                *known = reason;
            }
        }
    }

    /// What no grammar is known of: all that looks like a path with several names.
    fn tokens(&mut self, tokens: TokenStream) {
        let (mut path, mut line, mut colons) = (Names::new(), 0, 0);
        for token in tokens {
            match token {
                TokenTree::Punct(colon) if colon.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.end(&mut path, line);
                        line = name.span().start().line;
                    }
                    path.push(name.unraw().to_string());
                }
                TokenTree::Group(group) => {
                    self.end(&mut path, line);
                    self.tokens(group.stream());
                }
                _ => self.end(&mut path, line),
            }
            colons = 0;
        }
        self.end(&mut path, line);
    }

    fn end(&mut self, path: &mut Names, line: usize) {
        if path.len() > 1 {
            self.names(path, line);
        }
        path.clear();
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast Item) {
        if !attributes(item).is_some_and(is_test) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, function: &'ast ImplItemFn) {
        if !is_test(&function.attrs) {
            visit::visit_impl_item_fn(self, function);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !matches!(item.vis, Visibility::Inherited) {
            return;
        }
        for it in used(item) {
            match it.name {
                Some(_) => self.names(&it.path, it.line),
                None => self.all_names(&it.path, it.line),
            }
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut names = Names::new();
        if path.leading_colon.is_some() {
            names.push(String::new());
        }
        names.extend(path.segments.iter().map(|it| it.ident.unraw().to_string()));
        if let Some(first) = path.segments.first() {
            self.names(&names, first.ident.span().start().line);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, called: &'ast Macro) {
        self.visit_path(&called.path);
        match called.parse_body_with(Punctuated::<Expr, Token![,]>::parse_terminated) {
            Ok(arguments) => arguments.iter().for_each(|it| self.visit_expr(it)),
            Err(_) => self.tokens(called.tokens.clone()),
        }
    }

    /// Those have names of their own, such as `test`, which are none of ours.
    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

fn has_items(module: &Module) -> bool {
    let mut all = module.names.values().flatten();
    all.any(|definition| matches!(definition, Definition::Item))
}
