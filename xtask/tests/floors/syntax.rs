//! What the check reads off the syntax of a file.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::visit::Visit;
use syn::{Attribute, Expr, ExprLit, Item, ItemUse, Lit, Meta, Token, UseTree};

/// A path as it is written, name by name. What begins with `::` has an empty first name,
/// which is that of nothing in this crate.
pub type Names = Vec<String>;

/// One path of a `use`, which may have many in braces.
pub struct Used {
    pub path: Names,
    /// Under which name; none is all that are there.
    pub name: Option<String>,
    pub line: usize,
}

/// All paths that `item` uses, in its functions as well.
pub fn all_used(item: &Item) -> Vec<Used> {
    let mut uses = Uses(Vec::new());
    uses.visit_item(item);
    uses.0
}

struct Uses(Vec<Used>);

impl Visit<'_> for Uses {
    fn visit_item_use(&mut self, item: &ItemUse) {
        self.0.extend(used(item));
    }
}

/// The paths of `item`, out of their braces.
pub fn used(item: &ItemUse) -> Vec<Used> {
    let mut all = Vec::new();
    let start = match item.leading_colon {
        Some(_) => vec![String::new()],
        None => Vec::new(),
    };
    take_apart(&item.tree, &start, &mut all);
    all
}

fn take_apart(tree: &UseTree, before: &[String], all: &mut Vec<Used>) {
    let with = |name: String| [before, &[name]].concat();
    let mut push = |path: Names, name: Option<String>| {
        let line = tree.span().start().line;
        all.push(Used { path, name, line });
    };
    match tree {
        UseTree::Path(path) => take_apart(&path.tree, &with(path.ident.unraw().to_string()), all),
        UseTree::Group(group) => group
            .items
            .iter()
            .for_each(|tree| take_apart(tree, before, all)),
        UseTree::Glob(_) => push(before.to_vec(), None),
        UseTree::Name(name) if name.ident == "self" => {
            push(before.to_vec(), before.last().cloned());
        }
        UseTree::Name(name) => {
            let name = name.ident.unraw().to_string();
            push(with(name.clone()), Some(name));
        }
        UseTree::Rename(renamed) => {
            let path = if renamed.ident == "self" {
                before.to_vec()
            } else {
                with(renamed.ident.unraw().to_string())
            };
            push(path, Some(renamed.rename.unraw().to_string()));
        }
    }
}

/// Whether what has `attributes` is there for tests alone.
pub fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let is_condition = attribute.path().is_ident("cfg");
        attribute.path().is_ident("test")
            || is_condition && attribute.parse_args().is_ok_and(|it| needs_test(&it))
    })
}

fn needs_test(condition: &Meta) -> bool {
    let parts = match condition {
        Meta::List(list) => list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated),
        _ => return condition.path().is_ident("test"),
    };
    let parts = parts.unwrap_or_default();
    match condition
        .path()
        .get_ident()
        .map(ToString::to_string)
        .as_deref()
    {
        Some("all") => parts.iter().any(needs_test),
        Some("any") => !parts.is_empty() && parts.iter().all(needs_test),
        _ => false,
    }
}

/// The file that `#[path]` names.
pub fn path_of(attributes: &[Attribute]) -> Option<String> {
    let meta = &attributes
        .iter()
        .find(|it| it.path().is_ident("path"))?
        .meta;
    match &meta.require_name_value().ok()?.value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(path),
            ..
        }) => Some(path.value()),
        _ => None,
    }
}

/// The name that `item` gives its module.
pub fn name_of(item: &Item) -> Option<String> {
    let ident = match item {
        Item::Const(item) => &item.ident,
        Item::Enum(item) => &item.ident,
        Item::Fn(item) => &item.sig.ident,
        Item::Macro(item) => item.ident.as_ref()?,
        Item::Static(item) => &item.ident,
        Item::Struct(item) => &item.ident,
        Item::Trait(item) => &item.ident,
        Item::TraitAlias(item) => &item.ident,
        Item::Type(item) => &item.ident,
        Item::Union(item) => &item.ident,
        _ => return None,
    };
    Some(ident.unraw().to_string())
}

pub fn attributes(item: &Item) -> Option<&[Attribute]> {
    Some(match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => return None,
    })
}
