//! What lowering must keep of a text.

use super::*;
use crate::syntax::{DepthLimit, parse};

fn lowered(text: &str) -> File {
    lower(&parse(text).unwrap())
}

fn names(attrs: &Attrs) -> Vec<&'static str> {
    attrs.definitions.iter().map(|definition| definition.name.as_str()).collect()
}

fn inner<'f>(file: &'f File, attrs: &Attrs, name: &str) -> &'f Attrs {
    match attrs.get(Name::new(name)).unwrap().value {
        DefinitionValue::Expr(id) => file.attrs_of(id).unwrap(),
        _ => panic!("{name} is inherited"),
    }
}

#[test]
fn dotted_and_repeated_definitions_are_one_set() {
    let file = lowered("{ a.b = 1; a = { c = 2; d.e = 3; }; a.d.f = 4; x = 5; }");
    let root = file.attrs_of(file.root()).unwrap();
    assert_eq!(names(root), ["a", "x"]);
    let a = inner(&file, root, "a");
    assert_eq!(names(a), ["b", "c", "d"]);
    assert_eq!(names(inner(&file, a, "d")), ["e", "f"]);
}

#[test]
fn a_name_defined_twice_is_missing() {
    let file = lowered("{ a = 1; a = 2; }");
    let root = file.attrs_of(file.root()).unwrap();
    let DefinitionValue::Expr(value) = root.definitions[0].value else { panic!() };
    assert!(matches!(file.expr(value), Expr::Missing));
}

fn is_missing(text: &str, name: &str) -> bool {
    let file = lowered(text);
    let root = file.attrs_of(file.root()).unwrap();
    match root.get(Name::new(name)).unwrap().value {
        DefinitionValue::Expr(value) => matches!(file.expr(value), Expr::Missing),
        _ => false,
    }
}

#[test]
fn sets_merge_as_nix_merges_them() {
    // Two sets given to one name are merged, and so are the sets inside them.
    let file = lowered("{ a.b.c = 1; a = { b = { d = 2; }; e = 1; }; a.e = 2; }");
    let root = file.attrs_of(file.root()).unwrap();
    let a = inner(&file, root, "a");
    assert_eq!(names(inner(&file, a, "b")), ["c", "d"]);
    let DefinitionValue::Expr(e) = a.get(Name::new("e")).unwrap().value else { panic!() };
    assert!(matches!(file.expr(e), Expr::Missing));
    assert!(is_missing("{ a = x; a.b = 1; }", "a"));
    assert!(is_missing("{ a.b = 1; a = x; }", "a"));
    assert!(!is_missing("{ a.b.c = 1; a = { d = 2; }; a.b.e = 3; }", "a"));
    assert!(is_missing("{ f = { a, a }: a; }", "f"));
    assert!(is_missing("{ f = { a }@a: a; }", "f"));
}

#[test]
fn a_computed_name_that_is_a_literal_is_a_name() {
    let file = lowered("rec { ${\"a\"} = 1; ${(''b'')}.c = a; ${\"a${\"x\"}\"} = 2; }");
    let root = file.attrs_of(file.root()).unwrap();
    assert_eq!(names(root), ["a", "b"]);
    assert_eq!(root.dynamic.len(), 1);
}

fn variables(text: &str) -> Vec<String> {
    let file = lowered(text);
    file.expr_ids()
        .filter_map(|id| match file.expr(id) {
            Expr::Variable(variable) => Some(format!("{variable:?}")),
            _ => None,
        })
        .collect()
}

#[test]
fn variables_find_their_frame() {
    let local = |name: &str, depth: u32, slot: u32| {
        format!("Local {{ name: `{name}`, depth: {depth}, slot: {slot} }}")
    };
    assert_eq!(variables("x: y: x"), [local("x", 1, 0)]);
    assert_eq!(variables("{ a, b }@args: args"), [local("args", 0, 2)]);
    assert_eq!(variables("x: rec { y = x; z = y; }"), [local("x", 1, 0), local("y", 0, 0)]);
    assert_eq!(variables("x: rec { inherit x; }"), [local("x", 0, 0)]);
    assert_eq!(variables("let a = 1; in { inherit (a) b; }"), [local("a", 0, 0)]);
    assert_eq!(variables("toString")[0], "Builtin(`toString`)");
    assert_eq!(variables("p: with p; with p.q; z")[2], "Dynamic { name: `z`, withs: [0, 1] }");
    assert_eq!(variables("x: with x; x")[1], local("x", 1, 0));
}

#[test]
fn scopes_know_their_owners() {
    let file = lowered("x: let y = 1; in rec { z = with x; y; }");
    for id in file.expr_ids() {
        let scope = match file.expr(id) {
            Expr::Lambda(lambda) => Some(ScopeKind::Lambda(id)).zip(Some(lambda.scope)),
            Expr::Let { attrs, .. } => Some(ScopeKind::Let(id)).zip(attrs.scope),
            Expr::Attrs(attrs) => Some(ScopeKind::Recursive(id)).zip(attrs.scope),
            Expr::With { scope, .. } => Some((ScopeKind::With(id), *scope)),
            _ => None,
        };
        if let Some((kind, scope)) = scope {
            assert_eq!(file.scope(scope).kind, kind);
        }
    }
}

#[test]
fn parents_and_definitions_are_found_back() {
    let file = lowered("{ a = [ (f x) ]; }");
    let apply = file.expr_ids().find(|id| matches!(file.expr(*id), Expr::Apply { .. })).unwrap();
    let list = file.parent(apply).unwrap();
    assert!(matches!(file.expr(list), Expr::List(_)));
    assert_eq!(file.definition_of(list).unwrap().1.name, "a");
    assert_eq!(file.ancestors(apply).count(), 2);
}

#[test]
fn pipes_are_applications() {
    let file = lowered("a |> f");
    assert!(matches!(file.expr(file.root()), Expr::Apply { .. }));
}

#[test]
fn broken_text_lowers_to_something() {
    for text in [
        "{ a = ; b = 1; }",
        "let x = in",
        "f (",
        "\"${",
        "{ ...",
        "a.",
        "[ ${ ]",
        "",
        "{ inherit (",
    ] {
        if let Ok(parsed) = parse(text) {
            lower(&parsed);
        }
    }
}

/// What a file is lowered to by its tokens, and by way of the parser, over all fixtures.
#[test]
fn no_tree_of_the_parser_is_needed() {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")];
    let mut compared = 0;
    while let Some(folder) = folders.pop() {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "nix") {
                let Ok(text) = std::fs::read_to_string(&path) else { continue };
                let Ok(parsed) = parse(&text) else { continue };
                let direct = lower_text(&text, DepthLimit::USUAL);
                assert_eq!(direct.is_some(), parsed.errors().is_empty(), "{}", path.display());
                if let Some(direct) = direct {
                    compared += 1;
                    let (direct, lowered) =
                        (format!("{direct:?}"), format!("{:?}", lower(&parsed)));
                    assert_eq!(direct, lowered, "{}", path.display());
                }
            }
        }
    }
    assert!(compared > 500, "{compared}");
}
