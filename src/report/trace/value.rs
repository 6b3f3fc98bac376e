//! A value in a few words.

use crate::facts::{How, Origin, Package, Role, Traced, ValueFact, ValueKind};
use crate::report::line::ShownLine;
use crate::report::{counted, visible_name};

/// So many attributes of a set are named.
const MAX_NAMES: usize = 12;

/// So many elements of a list are shown.
const MAX_ITEMS: usize = 12;

/// What a value is, on one line.
pub fn described(traced: &Traced) -> String {
    let what = what(traced);
    match traced.priority {
        Some(50) => format!("{what}, forced (priority 50)"),
        Some(1000) => format!("{what}, as a default (priority 1000)"),
        Some(priority) => format!("{what}, with priority {priority}"),
        None => what,
    }
}

fn what(traced: &Traced) -> String {
    let short = short(&traced.value);
    if let Some(role) = &traced.role {
        return with_role(traced, role, &short);
    }
    match &traced.value.kind {
        ValueKind::Null => short,
        ValueKind::Bool(_) => format!("{short}, a Boolean"),
        ValueKind::Int(_) => format!("{short}, an integer"),
        ValueKind::Float(_) => format!("{short}, a float"),
        ValueKind::Str(_) => format!("{short}, a string"),
        ValueKind::PartialStr(_) => format!("{short}, a string that is known in part"),
        ValueKind::List(items) => format!("{short}, a list of {}", items.len()),
        ValueKind::Set if traced.attributes.is_empty() && traced.reasons.is_empty() => {
            "an empty set".to_owned()
        }
        ValueKind::Set => set(&traced.attributes),
        ValueKind::Function => "a function".to_owned(),
        ValueKind::Path(_) => format!("{short}, a path"),
        ValueKind::Package(package) => {
            format!("{short}, {}{}", visible_name(&origin_of(package)), overridden(traced))
        }
        ValueKind::Choice(items) => format!("one of {}", counted(items.len(), "value")),
        ValueKind::Unknown(_) | ValueKind::Unasked => "not known".to_owned(),
    }
}

/// What something is that nixpkgs or an input makes, and that is no package as it is found there.
fn with_role(traced: &Traced, role: &Role, short: &str) -> String {
    let of_package = |package: &Package| {
        let name = package_name(package);
        format!("{}, {}", visible_name(&name), visible_name(&origin_of(package)))
    };
    match role {
        Role::Method { of, name } => {
            format!(
                "the function {} of {}: it gives the package with changes",
                visible_name(name),
                of_package(of)
            )
        }
        Role::Function { name } => {
            format!("{}, a function that makes packages", visible_name(name))
        }
        Role::Attribute { of, name } => {
            format!("the attribute {} of {}", visible_name(name), of_package(of))
        }
        Role::Made { by } => {
            format!("{short}, which {} makes for this tree{}", visible_name(by), overridden(traced))
        }
        Role::Packages { by, path } if path.is_empty() => {
            format!("a set of packages, which {} makes for this tree", visible_name(by))
        }
        Role::Packages { by, path } => {
            let path = path.join(".");
            format!(
                "{} of the packages that {} makes for this tree",
                visible_name(&path),
                visible_name(by)
            )
        }
    }
}

fn overridden(traced: &Traced) -> &'static str {
    match traced.steps.iter().any(|step| step.how == How::Overridden) {
        true => ", overridden",
        false => "",
    }
}

/// What programs call the kind of a value.
pub(super) fn kind(value: &ValueFact) -> &'static str {
    match value.kind {
        ValueKind::Null => "null",
        ValueKind::Bool(_) => "boolean",
        ValueKind::Int(_) => "integer",
        ValueKind::Float(_) => "float",
        ValueKind::Str(_) => "string",
        ValueKind::PartialStr(_) => "partial-string",
        ValueKind::List(_) => "list",
        ValueKind::Set => "set",
        ValueKind::Function => "function",
        ValueKind::Path(_) => "path",
        ValueKind::Package(_) => "package",
        ValueKind::Choice(_) => "choice",
        ValueKind::Unknown(_) | ValueKind::Unasked => "unknown",
    }
}

/// How a package is named in the tree's language.
pub(super) fn package_name(package: &Package) -> String {
    match &package.origin {
        Origin::Stock => format!("pkgs.{}", package.path.join(".")),
        Origin::Own if package.path.is_empty() => "a derivation".to_owned(),
        _ => package.name(),
    }
}

fn origin_of(package: &Package) -> String {
    match &package.origin {
        Origin::Stock => "from nixpkgs".to_owned(),
        Origin::OtherNixpkgs(name) => format!("from {name}, another nixpkgs"),
        Origin::Input(input) => format!("from the flake input {input}"),
        Origin::Own => "which the tree makes itself".to_owned(),
        Origin::Unknown => "from a place that is not known".to_owned(),
    }
}

fn short(value: &ValueFact) -> String {
    match &value.kind {
        ValueKind::Null => "null".to_owned(),
        ValueKind::Bool(bool) => bool.to_string(),
        ValueKind::Int(int) => int.to_string(),
        ValueKind::Float(float) => float.to_string(),
        ValueKind::Str(text) | ValueKind::PartialStr(text) => {
            format!("\"{}\"", clipped(&text.replace('"', "\\\"").replace('\n', "\\n")))
        }
        ValueKind::List(items) => list(items),
        ValueKind::Set => "{ … }".to_owned(),
        ValueKind::Function => "a function".to_owned(),
        ValueKind::Path(path) => format!("./{}", clipped(path)),
        ValueKind::Package(package) => visible_name(&package_name(package)).into_owned(),
        ValueKind::Choice(_) | ValueKind::Unknown(_) | ValueKind::Unasked => "…".to_owned(),
    }
}

fn list(items: &[ValueFact]) -> String {
    if items.is_empty() {
        return "[ ]".to_owned();
    }
    let mut shown: Vec<String> = items.iter().take(MAX_ITEMS).map(short).collect();
    if items.len() > MAX_ITEMS {
        shown.push("…".to_owned());
    }
    format!("[ {} ]", clipped(&shown.join(" ")))
}

fn set(names: &[String]) -> String {
    if names.is_empty() {
        return "a set without known attributes".to_owned();
    }
    let count = counted(names.len(), "attribute");
    let shown: Vec<String> =
        names.iter().take(MAX_NAMES).map(|name| visible_name(name).into_owned()).collect();
    let more = if names.len() > MAX_NAMES { ", …" } else { "" };
    format!("a set of {count}: {}{more}", clipped(&shown.join(", ")))
}

fn clipped(text: &str) -> String {
    ShownLine::new(text, 0).text
}
