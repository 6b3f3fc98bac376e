//! Why a value is not known, in words for people.

use std::sync::Arc;

use super::Collector;
use crate::eval::{Kind, Piece, Root, Symbol, Value, Why};

impl Collector<'_, '_> {
    /// Why `value`, or a part of it, is not known.
    pub(super) fn reasons(&mut self, value: &Value) -> Vec<String> {
        let mut reasons = match &value.kind {
            Kind::Unknown(why) => vec![why.to_string()],
            Kind::Choice(_) => vec![Why::Undecided.to_string()],
            Kind::Symbol(symbol) => vec![reason(symbol)],
            Kind::Str(text) => {
                let holes = text.pieces.iter().filter_map(|piece| match piece {
                    Piece::Hole(value) => Some(value.clone()),
                    Piece::Text(_) => None,
                });
                holes.collect::<Vec<_>>().iter().flat_map(|hole| self.reasons(hole)).collect()
            }
            Kind::Attrs(set) => {
                let rest = set.rest.iter();
                rest.map(|rest| format!("it may have other attributes: {}", rest.why)).collect()
            }
            _ => Vec::new(),
        };
        let mut seen = Vec::new();
        reasons.retain(|reason| {
            let is_new = !seen.contains(reason);
            seen.push(reason.clone());
            is_new
        });
        reasons
    }
}

/// Why what `symbol` stands for is not known.
fn reason(symbol: &Arc<Symbol>) -> String {
    let Some((root, names)) = symbol.path() else {
        return match &**symbol {
            Symbol::Call(function, _) => {
                format!("it is what `{function}` gives, which lies outside the tree")
            }
            _ => Why::Beyond(symbol.clone()).to_string(),
        };
    };
    let names: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    match (root, names.as_slice()) {
        (Root::Config, [_, ..]) => format!(
            "no module seen beside this one sets the option `{}`; NixOS or home-manager decide it",
            names.join("."),
        ),
        (Root::Config, []) => "it is the whole configuration, most of which NixOS or home-manager \
             decide"
            .to_owned(),
        (Root::Parameter(_, name), _) => {
            format!("nothing is seen to give the parameter `{name}` a value")
        }
        (Root::Input(name), []) => format!("it is the flake input `{name}`, outside the tree"),
        (Root::Inputs, _) => "it is the inputs of the flake, outside the tree".to_owned(),
        (Root::Packages(_), []) => "it is the package set of nixpkgs, outside the tree".to_owned(),
        (Root::Nixpkgs(_), []) => "it is the function that nixpkgs is, outside the tree".to_owned(),
        (Root::Lib, []) => "it is the library of nixpkgs, outside the tree".to_owned(),
        (Root::Lib, [..]) => format!("`lib.{}` is not followed", names.join(".")),
        (Root::SearchPath(name), []) => {
            format!("`<{name}>` is looked up by Nix when it runs, outside the tree")
        }
        _ => Why::Beyond(symbol.clone()).to_string(),
    }
}
