//! Saying an override of a browser as options of home-manager.

use rustc_hash::FxHashSet;

use super::extend;
use crate::facts::{Change, Context, OverrideSite};
use crate::knowledge::{Browser, HomeManagerModule};
use crate::lint::edits::{Definition, EditedFile, binds, defined_value, definition_path};
use crate::lint::{FixEdit, TreeContext};
use crate::syntax::{Node, SyntaxKind, rewrite};

/// The option of which the elements are joined with spaces.
const JOINED: &str = "commandLineArgs";

/// The edits that set the browser's options instead of overriding it, in `home.packages` or as the
/// module's `package`.
pub(super) fn as_option(
    cx: &TreeContext<'_>,
    written: &Written,
    site: &OverrideSite,
    browser: &Browser,
) -> Option<Vec<FixEdit>> {
    let module = browser.home_manager.as_ref()?;
    if site.call.used_at.is_some() || site.call.condition.is_some() || site.chained {
        return None;
    }
    let file = cx.edited(site.call.span.file)?;
    match &site.call.context {
        Context::ListElement { option } if option == "home.packages" => {
            installed_by_module(written, &file, site, module)
        }
        Context::OptionValue { option } if *option == format!("{}.package", module.path) => {
            beside_package(written, &file, site, module)
        }
        _ => None,
    }
}

/// Takes the browser out of `home.packages` and turns its module on.
fn installed_by_module(
    written: &Written,
    file: &EditedFile,
    site: &OverrideSite,
    module: &HomeManagerModule,
) -> Option<Vec<FixEdit>> {
    if written.has(&module.path) {
        return None;
    }
    let home = plain_definition(file.node(site.call.span)?, "home.packages")?;
    let set = home.parent().filter(|node| node.kind() == SyntaxKind::NODE_ATTR_SET)?;
    let mut lines = vec!["  enable = true;".to_owned()];
    for change in &site.changes {
        let option = module.options.get(change.name.as_str())?;
        let value = moved_value(file, change, option, set)?.replace('\n', "\n  ");
        lines.push(format!("  {option} = {value};"));
    }
    let body = lines.join("\n");
    let mut edits = file.remove_element(site.call.span, &format!("{{\n{body}\n}}"))?;
    edits.extend(insert_module(file, set, home, module, &body)?);
    Some(edits)
}

/// Leaves the plain package as the module's, and sets the options beside it.
fn beside_package(
    written: &Written,
    file: &EditedFile,
    site: &OverrideSite,
    module: &HomeManagerModule,
) -> Option<Vec<FixEdit>> {
    let call = rewrite::with_parentheses(file.node(site.call.span)?);
    let definition = call.parent().filter(|node| node.kind() == SyntaxKind::NODE_ATTRPATH_VALUE)?;
    let set = definition.parent().filter(|node| node.kind() == SyntaxKind::NODE_ATTR_SET)?;
    let path = definition.first_child()?.text();
    let prefix = path.strip_suffix("package")?;
    let mut texts = Vec::new();
    for change in &site.changes {
        let option = module.options.get(change.name.as_str())?;
        if written.has(&format!("{}.{option}", module.path)) {
            return None;
        }
        let value = moved_value(file, change, option, set)?;
        texts.push(format!("{prefix}{option} = {value};"));
    }
    let base = file.slice(site.base.range);
    let moved = format!("{{ x = {base}; {} }}", texts.join("\n"));
    let mut edits = file.replace_keeping(site.call.span, base, &moved)?;
    let new: Vec<Definition<'_>> =
        texts.iter().map(|text| Definition { text, remark: None }).collect();
    let after = file.span(definition.range());
    edits.extend(file.insert(file.span(set.range()), Some(after), &new)?);
    Some(edits)
}

/// What is written in a tree to home-manager's modules for browsers: the dotted paths of the modules,
/// and of what is set in them.
pub(super) struct Written(FxHashSet<String>);

impl Written {
    /// All that is written in the tree of `cx`.
    pub(super) fn in_tree(cx: &TreeContext<'_>) -> Written {
        let rows = cx.knowledge.browsers.rows().iter();
        let modules: FxHashSet<&str> =
            rows.filter_map(|row| Some(row.home_manager.as_ref()?.path.as_str())).collect();
        let modules: Vec<Vec<&str>> =
            modules.into_iter().map(|module| module.split('.').collect()).collect();
        let mut found = FxHashSet::default();
        for file in cx.tree.files() {
            let Ok(source) = cx.tree.glance(*file) else { continue };
            let here = modules.iter().filter(|it| it.iter().all(|name| source.text.contains(name)));
            let here: Vec<&Vec<&str>> = here.collect();
            let edited = (!here.is_empty()).then(|| cx.edited(*file)).flatten();
            for definition in edited.iter().flat_map(EditedFile::definitions) {
                let path = whole_path(definition);
                for module in &here {
                    let at = path.windows(module.len()).position(|part| part.iter().eq(*module));
                    let Some(at) = at else { continue };
                    let dotted = module.join(".");
                    if let Some(option) = path.get(at + module.len()) {
                        found.insert(format!("{dotted}.{option}"));
                    }
                    found.insert(dotted);
                }
            }
        }
        Written(found)
    }

    /// Whether anything is written to the dotted `option` or below it.
    fn has(&self, option: &str) -> bool {
        self.0.contains(option)
    }
}

/// The names from the outermost set around a definition to its own, as far as they are written out.
fn whole_path(definition: Node<'_>) -> Vec<String> {
    let definitions = definition.ancestors().filter_map(definition_path);
    let mut paths: Vec<Vec<String>> = definitions.collect();
    paths.reverse();
    paths.concat()
}

/// The definition of `option` in the module's set, when `element` stands in its list with nothing but
/// `with`, parentheses and `++` between.
fn plain_definition<'f>(element: Node<'f>, option: &str) -> Option<Node<'f>> {
    let mut names: Vec<String> = Vec::new();
    let mut lists = 0;
    for node in element.ancestors().skip(1) {
        match node.kind() {
            SyntaxKind::NODE_PAREN | SyntaxKind::NODE_ATTR_SET => {}
            SyntaxKind::NODE_WITH if names.is_empty() => {}
            SyntaxKind::NODE_LIST if names.is_empty() && lists == 0 => lists += 1,
            SyntaxKind::NODE_BIN_OP if names.is_empty() && lists == 1 => {
                if !extend::is_concat(node) {
                    return None;
                }
            }
            SyntaxKind::NODE_ATTRPATH_VALUE => {
                let mut path = definition_path(node)?;
                path.append(&mut names);
                names = path;
                if names.join(".") == option {
                    return Some(node);
                }
            }
            _ => return None,
        }
    }
    None
}

/// `body` as the module's option, in the set `programs` where that is written out, else beside the
/// definition `after`.
fn insert_module(
    file: &EditedFile,
    set: Node<'_>,
    after: Node<'_>,
    module: &HomeManagerModule,
    body: &str,
) -> Option<Vec<FixEdit>> {
    let (parent, name) = module.path.split_once('.')?;
    for definition in set.children().filter(|node| node.kind() == SyntaxKind::NODE_ATTRPATH_VALUE) {
        let path = definition_path(definition)?;
        if path.first().is_some_and(|first| first == parent) {
            if path.get(1).is_some_and(|second| second == name) {
                return None;
            }
            if path.len() == 1 {
                let programs = definition.last_child()?;
                if programs.kind() != SyntaxKind::NODE_ATTR_SET {
                    return None;
                }
                let text = format!("{name} = {{\n{body}\n}};");
                let new = Definition { text: &text, remark: None };
                return file.insert(file.span(programs.range()), None, &[new]);
            }
        }
    }
    let text = format!("{} = {{\n{body}\n}};", module.path);
    let new = Definition { text: &text, remark: None };
    let after = file.span(after.range());
    file.insert(file.span(set.range()), Some(after), &[new])
}

/// The text of an argument's value as the option takes it, where every name in it means the same in
/// the module's set.
fn moved_value(file: &EditedFile, change: &Change, option: &str, set: Node<'_>) -> Option<String> {
    let value = defined_value(file.node(change.definition?)?)?;
    if !names_are_bound_outside(value, set) || has_long_string(value) {
        return None;
    }
    let text = if option == JOINED { as_list(value)? } else { value.text().to_owned() };
    Some(unindented(file, value, &text))
}

/// A list of which the elements joined with spaces are what `value` is.
fn as_list(value: Node<'_>) -> Option<String> {
    match value.kind() {
        SyntaxKind::NODE_PAREN => as_list(value.first_child()?),
        SyntaxKind::NODE_STRING => Some(format!("[ {} ]", value.text())),
        SyntaxKind::NODE_LIST => Some(value.text().to_owned()),
        SyntaxKind::NODE_BIN_OP => extend::is_concat(value).then(|| value.text().to_owned()),
        SyntaxKind::NODE_APPLY => joined_list(value),
        _ => None,
    }
}

/// The elements that, joined with spaces, are what `value` is; `None` where they are not all written
/// there.
pub(super) fn elements_of(value: Node<'_>) -> Option<Vec<Node<'_>>> {
    match value.kind() {
        SyntaxKind::NODE_PAREN => elements_of(value.first_child()?),
        SyntaxKind::NODE_STRING if !has_long_string(value) => Some(vec![value]),
        SyntaxKind::NODE_LIST => Some(value.children().collect()),
        SyntaxKind::NODE_APPLY => elements_of(joined(value)?),
        _ => None,
    }
}

/// The text of `L` of `concatStringsSep " " L` and `toString L`.
fn joined_list(value: Node<'_>) -> Option<String> {
    let argument = joined(value)?;
    Some(match argument.kind() {
        SyntaxKind::NODE_PAREN => argument.first_child()?.text().to_owned(),
        _ => argument.text().to_owned(),
    })
}

/// `L` of `concatStringsSep " " L` and `toString L`.
fn joined(value: Node<'_>) -> Option<Node<'_>> {
    let (function, argument) = applied(value)?;
    let joins = match applied(function) {
        Some((inner, separator)) => {
            separator.text() == "\" \"" && last_name(inner)? == "concatStringsSep"
        }
        None => last_name(function)? == "toString" && argument.kind() == SyntaxKind::NODE_LIST,
    };
    joins.then_some(argument)
}

/// The function and the argument of a call.
fn applied(value: Node<'_>) -> Option<(Node<'_>, Node<'_>)> {
    let is_call = value.kind() == SyntaxKind::NODE_APPLY;
    is_call.then(|| Some((value.first_child()?, value.last_child()?)))?
}

fn last_name(function: Node<'_>) -> Option<&str> {
    match function.kind() {
        SyntaxKind::NODE_IDENT => Some(function.text()),
        SyntaxKind::NODE_SELECT => {
            Some(function.child(SyntaxKind::NODE_ATTRPATH)?.last_child()?.text())
        }
        _ => None,
    }
}

/// Names that Nix itself binds everywhere.
const GLOBALS: &[&str] = &["true", "false", "null", "builtins", "toString", "map", "import"];

/// Whether each name in `value` is bound by a function or `let` around `set`, or by Nix itself: then
/// it means the same in the set as where it stands.
fn names_are_bound_outside(value: Node<'_>, set: Node<'_>) -> bool {
    let names = value
        .descendants()
        .filter(|node| node.kind() == SyntaxKind::NODE_IDENT)
        .filter(|node| {
            node.parent().is_none_or(|parent| parent.kind() != SyntaxKind::NODE_ATTRPATH)
        })
        .map(Node::text);
    let mut names = names.peekable();
    let is_recursive =
        set.kind() != SyntaxKind::NODE_ATTR_SET || set.has_token(SyntaxKind::TOKEN_REC);
    names.peek().is_none()
        || !is_recursive
            && names.all(|name| {
                let is_global = GLOBALS.contains(&name);
                (is_global || set.ancestors().skip(1).any(|node| binds(node, name)))
                    && !between(value, set).any(|node| binds(node, name))
            })
}

fn between<'f>(value: Node<'f>, set: Node<'f>) -> impl Iterator<Item = Node<'f>> {
    value.ancestors().skip(1).take_while(move |node| *node != set)
}

/// Whether a string in `value` has several lines, whose indentation may count.
fn has_long_string(value: Node<'_>) -> bool {
    value
        .descendants()
        .any(|node| node.kind() == SyntaxKind::NODE_STRING && node.text().contains('\n'))
}

/// `text` with its further lines indented relative to the one that it begins on.
fn unindented(file: &EditedFile, value: Node<'_>, text: &str) -> String {
    let indentation = file.indentation(value.range().start());
    let lines = text.lines().enumerate().map(|(index, line)| match index {
        0 => line.to_owned(),
        _ => line.strip_prefix(indentation).unwrap_or(line.trim_start()).to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}
