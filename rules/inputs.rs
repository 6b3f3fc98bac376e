//! The packages that a derivation has at hand while it is built, as far as they are known.

use crate::facts::{Change, ValueKind};
use crate::lint::TreeContext;
use crate::syntax::{Node, SyntaxKind};

/// The attributes that hold them. Without `strictDeps` the hooks of both run.
const ATTRIBUTES: [&str; 2] = ["nativeBuildInputs", "buildInputs"];

/// The inputs of one derivation, by their dotted paths.
#[derive(Clone, Default, Debug)]
pub struct Inputs {
    names: Vec<String>,
    open: bool,
}

impl Inputs {
    /// These, and perhaps others.
    pub fn open() -> Inputs {
        Inputs { names: Vec::new(), open: true }
    }

    /// Exactly these.
    pub fn exactly(names: &[String]) -> Inputs {
        Inputs { names: names.to_vec(), open: false }
    }

    /// Those that are known.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether the package at the dotted path `input` is among them; `None` where it cannot be told.
    /// The last name counts: `ninja` and `pkgs.ninja` are one.
    pub fn has(&self, input: &str) -> Option<bool> {
        let is_it = |name: &String| last(name) == last(input);
        match self.names.iter().any(is_it) {
            true => Some(true),
            false => (!self.open).then_some(false),
        }
    }

    /// The inputs of what gives `changes` to something that has these.
    pub fn changed_by(mut self, cx: &TreeContext<'_>, changes: &[Change]) -> Inputs {
        for change in changes.iter().filter(|change| ATTRIBUTES.contains(&change.name.as_str())) {
            if !change.is_identity {
                self.add(cx, change);
            }
        }
        self
    }

    /// Adds what `change` gives. What it replaces stays: it was there for something else too.
    fn add(&mut self, cx: &TreeContext<'_>, change: &Change) {
        if let ValueKind::List(items) = &change.value.kind {
            for item in items {
                match &item.kind {
                    ValueKind::Package(package) => self.names.push(package.path.join(".")),
                    _ => self.open = true,
                }
            }
            return;
        }
        let file = change.value.place.and_then(|place| cx.edited(place.file));
        let node = file.as_ref().zip(change.value.place).and_then(|(file, it)| file.node(it));
        match node {
            Some(node) => self.add_text(node, change.uses_old),
            None => self.open = true,
        }
    }

    /// What joined lists of names add, whichever conditions hold.
    fn add_text(&mut self, node: Node<'_>, uses_old: bool) {
        match node.kind() {
            SyntaxKind::NODE_LIST => {
                for element in node.children() {
                    match element.kind() {
                        SyntaxKind::NODE_IDENT | SyntaxKind::NODE_SELECT => {
                            self.names.push(element.text().to_owned());
                        }
                        _ => self.open = true,
                    }
                }
            }
            SyntaxKind::NODE_BIN_OP | SyntaxKind::NODE_PAREN => {
                node.children().for_each(|child| self.add_text(child, uses_old));
            }
            SyntaxKind::NODE_IF_ELSE => {
                node.children().skip(1).for_each(|child| self.add_text(child, uses_old));
            }
            SyntaxKind::NODE_WITH => {
                node.last_child().into_iter().for_each(|child| self.add_text(child, uses_old));
            }
            // `lib.optional condition input` and `lib.optionals condition [ … ]`.
            SyntaxKind::NODE_APPLY => self.add_optional(node, uses_old),
            // `old.nativeBuildInputs or [ ]`.
            SyntaxKind::NODE_SELECT if uses_old && is_inputs(node) => {}
            _ => self.open = true,
        }
    }

    fn add_optional(&mut self, node: Node<'_>, uses_old: bool) {
        let head = node.first_child().and_then(|function| function.first_child());
        let name = head.map(|head| last(head.text()));
        let argument = node.last_child();
        match (name, argument) {
            (Some("optionals"), Some(argument)) => self.add_text(argument, uses_old),
            (Some("optional"), Some(argument))
                if matches!(argument.kind(), SyntaxKind::NODE_IDENT | SyntaxKind::NODE_SELECT) =>
            {
                self.names.push(argument.text().to_owned());
            }
            _ => self.open = true,
        }
    }
}

fn last(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

fn is_inputs(select: Node<'_>) -> bool {
    let path = select.text().split_whitespace().next().unwrap_or_default();
    ATTRIBUTES.contains(&last(path))
}
