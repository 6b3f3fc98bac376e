//! Edits in layouts that people really write.

use std::path::Path;

use text_size::{TextRange, TextSize};

use super::{Definition, EditedFile, Parses};
use crate::lint::FixEdit;
use crate::source::{Edit, FileId, Span, Tree, apply_edits};
use crate::syntax::parse;

fn open(text: &str) -> EditedFile {
    let tree = Tree::in_memory(Path::new("/tree"), [("a.nix", text)]);
    EditedFile::open(&tree, tree.files()[0], &Parses::default()).unwrap()
}

fn span(text: &str, part: &str) -> Span {
    let start = text.find(part).unwrap();
    let range = TextRange::at(TextSize::try_from(start).unwrap(), TextSize::of(part));
    Span::new(FileId::from_index(0), range)
}

#[track_caller]
fn applied(text: &str, edits: Option<Vec<FixEdit>>) -> String {
    let edits: Vec<Edit> = edits
        .expect("a fix")
        .into_iter()
        .map(|edit| Edit { range: edit.span.range, text: edit.text })
        .collect();
    let new = apply_edits(text, &edits).unwrap();
    assert_eq!(parse(&new).unwrap().errors(), [], "{new}");
    new
}

#[track_caller]
fn replaced(text: &str, place: &str, with: &str) -> String {
    applied(text, open(text).replace(span(text, place), with))
}

#[track_caller]
fn removed(text: &str, definition: &str) -> String {
    applied(text, open(text).remove_definition(span(text, definition)))
}

#[track_caller]
fn inserted(text: &str, set: &str) -> String {
    let definition = Definition { text: "timeout = 14400;", remark: Some("4 hours") };
    applied(text, open(text).insert(span(text, set), None, &[definition]))
}

#[track_caller]
fn extended(text: &str, place: &str) -> String {
    let definition = Definition { text: "timeout = 14400;", remark: Some("4 hours") };
    applied(text, open(text).extend(span(text, place), &definition))
}

#[test]
fn parentheses_go_where_nothing_needs_them() {
    let call = "pkgs.brave.override { }";
    for (text, expected) in [
        ("{ x = (pkgs.brave.override { }); }", "{ x = pkgs.brave; }"),
        ("[ (pkgs.brave.override { }) ]", "[ pkgs.brave ]"),
        ("[(pkgs.brave.override { })./b]", "[pkgs.brave ./b]"),
        ("f(pkgs.brave.override { })", "f pkgs.brave"),
        ("x:(pkgs.brave.override { })", "x: pkgs.brave"),
        ("((pkgs.brave.override { })).meta.name", "pkgs.brave.meta.name"),
        ("\"${(pkgs.brave.override { })}/bin\"", "\"${pkgs.brave}/bin\""),
        ("if(pkgs.brave.override { })then 1 else 2", "if pkgs.brave then 1 else 2"),
        ("{ inherit (pkgs.brave.override { }) meta; }", "{ inherit (pkgs.brave) meta; }"),
        ("(pkgs.brave.override { }) ? meta", "pkgs.brave ? meta"),
    ] {
        assert_eq!(replaced(text, call, "pkgs.brave"), expected);
    }
}

#[test]
fn parentheses_come_where_something_needs_them() {
    for (text, with, expected) in [
        ("[ X ]", "f x", "[ (f x) ]"),
        ("[ X ]", "(a.b or c)", "[ a.b or c ]"),
        ("X.meta", "a.b or c", "(a.b or c).meta"),
        ("X.meta", "f x", "(f x).meta"),
        ("X y", "f x", "f x y"),
        ("X y", "a: b", "(a: b) y"),
        ("a ++ X", "if a then b else c", "a ++ (if a then b else c)"),
        ("a ++ X", "b c", "a ++ b c"),
        ("{ x = X; }", "if a then b else c", "{ x = if a then b else c; }"),
        ("!X", "a && b", "!(a && b)"),
        ("a // X // b", "c // d", "a // (c // d) // b"),
    ] {
        assert_eq!(replaced(text, "X", with), expected);
    }
}

#[test]
fn comments_are_hoisted_or_nothing_is_done() {
    assert_eq!(
        replaced(
            "[\n  a\n  (x.override {\n    # not now\n    # b = 1;\n  }) # here\n]",
            "x.override {\n    # not now\n    # b = 1;\n  }",
            "x"
        ),
        "[\n  a\n  # not now\n  # b = 1;\n  x # here\n]"
    );
    assert_eq!(
        replaced(
            "{\n  y = f /* one */ (x.override { /* two */ });\n}",
            "x.override { /* two */ }",
            "x"
        ),
        "{\n  /* two */\n  y = f /* one */ x;\n}"
    );
    assert_eq!(
        replaced(
            "{\n  y = (x /* kept */ y).override { };\n}",
            "(x /* kept */ y).override { }",
            "(x /* kept */ y)"
        ),
        "{\n  y = x /* kept */ y;\n}"
    );
    let text = "[ (x.override { /* a */ }) ]";
    assert!(open(text).replace(span(text, "x.override { /* a */ }"), "x").is_none());
}

#[test]
fn what_is_no_expression_is_left_alone() {
    for (text, place) in [("{ a = 1; }", "a"), ("{ a = 1; }", "a = 1;"), ("x: y", "x")] {
        assert!(open(text).replace(span(text, place), "1").is_none(), "{text}");
    }
    let tree = Tree::in_memory(Path::new("/tree"), [("a.nix", "{ a = ; }")]);
    assert!(EditedFile::open(&tree, tree.files()[0], &Parses::default()).is_none());
}

#[test]
fn a_definition_leaves_no_gap() {
    let text = "{\n  a = 1;\n\n  # about b\n  b = {\n    c = 2;\n  };\n\n  d = 3;\n}\n";
    assert_eq!(
        removed(text, "a = 1;"),
        "{\n  # about b\n  b = {\n    c = 2;\n  };\n\n  d = 3;\n}\n"
    );
    assert_eq!(
        removed(text, "d = 3;"),
        "{\n  a = 1;\n\n  # about b\n  b = {\n    c = 2;\n  };\n}\n"
    );
    assert_eq!(removed(text, "c = 2;"), text.replace("    c = 2;\n", ""));
    let text = "{\n  a = 1;\n\n  b = 2;\n\n  c = 3;\n}\n";
    assert_eq!(removed(text, "b = 2;"), "{\n  a = 1;\n\n  c = 3;\n}\n");
    assert_eq!(removed("{ a = 1; b = 2; }", "b = 2;"), "{ a = 1; }");
    assert_eq!(removed("{a=1;b=2;}", "a=1;"), "{b=2;}");
    assert_eq!(removed("let\n  a = 1;\n\nin\na", "a = 1;"), "let\nin\na");
}

#[test]
fn comments_of_a_removed_definition_stay() {
    assert_eq!(removed("{\n  a = 1; # why\n  b = 2;\n}\n", "a = 1;"), "{\n  # why\n  b = 2;\n}\n");
    assert_eq!(
        removed(
            "{\n  a = {\n    # one\n    x = 1; # two\n  }; # three\n  b = 2;\n}\n",
            "a = {\n    # one\n    x = 1; # two\n  };"
        ),
        "{\n  # one\n  # two\n  # three\n  b = 2;\n}\n"
    );
    assert_eq!(
        removed("{\n  a = [ /* one */ ];\n}\n", "a = [ /* one */ ];"),
        "{\n  /* one */\n}\n"
    );
    let text = "{ a = [ /* one */ ]; }";
    assert!(open(text).remove_definition(span(text, "a = [ /* one */ ];")).is_none());
}

#[test]
fn names_leave_an_inherit() {
    assert_eq!(removed("{ inherit (p) a b c; }", "b"), "{ inherit (p) a c; }");
    assert_eq!(removed("{\n  inherit (p) b;\n  c = 1;\n}", "b"), "{\n  c = 1;\n}");
    assert_eq!(
        removed("{\n  inherit (p)\n    a\n    b\n    ;\n}", "b"),
        "{\n  inherit (p)\n    a\n    ;\n}"
    );
}

#[test]
fn elements_leave_a_list() {
    let element = "b.override { }";
    for (text, expected) in [
        ("[ (b.override { }) ]", "[ ]"),
        ("[\n  (b.override { })\n]", "[ ]"),
        ("[ a (b.override { }) c ]", "[ a c ]"),
        ("[\n  a\n  (b.override { }) # two\n  c\n]", "[\n  a\n  # two\n  c\n]"),
        ("[\n  a\n  (b.override { })\n]", "[\n  a\n]"),
    ] {
        assert_eq!(applied(text, open(text).remove_element(span(text, element), "")), expected);
    }
}

#[test]
fn a_definition_is_written_as_its_neighbours_are() {
    for (text, expected) in [
        ("{\n  a = 1;\n}\n", "{\n  a = 1;\n  timeout = 14400; # 4 hours\n}\n"),
        ("{\n\ta = 1;\n}\n", "{\n\ta = 1;\n\ttimeout = 14400; # 4 hours\n}\n"),
        (
            "{\n  a = 1; # one\n  # end\n}",
            "{\n  a = 1; # one\n  timeout = 14400; # 4 hours\n  # end\n}",
        ),
        ("rec {\n  a = 1; b = 2; }", "rec {\n  a = 1; b = 2; timeout = 14400; } # 4 hours"),
        ("{ a = 1;\n}", "{ a = 1;\n  timeout = 14400; # 4 hours\n}"),
        ("{ }", "{ timeout = 14400; } # 4 hours"),
        ("{}", "{ timeout = 14400; } # 4 hours"),
        ("{\n}", "{\n  timeout = 14400; # 4 hours\n}"),
        ("{\n  # b = 1;\n}", "{\n  # b = 1;\n  timeout = 14400; # 4 hours\n}"),
        ("{ a = 1; /* x\n y */\n}", "{ a = 1; /* x\n y */\n  timeout = 14400; # 4 hours\n}"),
        ("{ inherit b; }", "{ inherit b; timeout = 14400; } # 4 hours"),
    ] {
        assert_eq!(inserted(text, text.trim()), expected);
    }
    assert_eq!(
        inserted("f { a = 1; } # why", "{ a = 1; }"),
        "f { a = 1; timeout = 14400; /* 4 hours */ } # why"
    );
    assert_eq!(
        inserted("[ (f { a = 1; }) 2 ]", "{ a = 1; }"),
        "[ (f { a = 1; timeout = 14400; /* 4 hours */ }) 2 ]"
    );
    let text = "{ /* nothing */ }";
    let definition = Definition { text: "a = 1;", remark: None };
    assert!(open(text).insert(span(text, text), None, &[definition]).is_none());
}

#[test]
fn a_definition_of_several_lines_is_indented() {
    let text = "{\n  x = {\n    a = 1;\n  };\n}\n";
    let definition = Definition { text: "b = {\n  c = 2;\n};", remark: None };
    let edits = open(text).insert(span(text, "{\n    a = 1;\n  }"), None, &[definition]);
    assert_eq!(
        applied(text, edits),
        "{\n  x = {\n    a = 1;\n\n    b = {\n      c = 2;\n    };\n  };\n}\n"
    );
}

#[test]
fn a_definition_follows_the_one_it_belongs_to() {
    let text = "{\n  meta.a = 1;\n  b = 2;\n}\n";
    let definition = Definition { text: "meta.timeout = 1;", remark: None };
    let edits =
        open(text).insert(span(text, text.trim()), Some(span(text, "meta.a = 1;")), &[definition]);
    assert_eq!(applied(text, edits), "{\n  meta.a = 1;\n  meta.timeout = 1;\n  b = 2;\n}\n");
}

#[test]
fn an_update_takes_the_whole_expression() {
    for (text, place, expected) in [
        ("{ m = old.meta; }", "old.meta", "{ m = old.meta // { timeout = 14400; }; } # 4 hours"),
        (
            "{ m = old.meta or { }; }",
            "old.meta or { }",
            "{ m = old.meta or { } // { timeout = 14400; }; } # 4 hours",
        ),
        ("{ m = f x; }", "f x", "{ m = f x // { timeout = 14400; }; } # 4 hours"),
        ("{ m = a // b; }", "a // b", "{ m = a // b // { timeout = 14400; }; } # 4 hours"),
        (
            "{\n  m = if a then b else c;\n}",
            "if a then b else c",
            "{\n  m = (if a then b else c) // { timeout = 14400; }; # 4 hours\n}",
        ),
        (
            "{ m = (let a = b; in a); }",
            "let a = b; in a",
            "{ m = (let a = b; in a) // { timeout = 14400; }; } # 4 hours",
        ),
        ("f m x", "m", "f (m // { timeout = 14400; /* 4 hours */ }) x"),
        (
            "{\n  m = a # why\n  ;\n}",
            "a",
            "{\n  m = a // { timeout = 14400; /* 4 hours */ } # why\n  ;\n}",
        ),
    ] {
        assert_eq!(extended(text, place), expected);
    }
}

#[test]
fn a_remark_never_swallows_code() {
    let text = "{ m = old.meta; n = 1; }";
    assert_eq!(
        extended(text, "old.meta"),
        "{ m = old.meta // { timeout = 14400; /* 4 hours */ }; n = 1; }"
    );
}

#[test]
fn several_definitions_are_written_together() {
    let new = [
        Definition { text: "a = 1;", remark: Some("one") },
        Definition { text: "b = 2;", remark: Some("two") },
    ];
    for (text, expected) in [
        ("{\n  x = 1;\n}", "{\n  x = 1;\n  a = 1; # one\n  b = 2; # two\n}"),
        ("{ x = 1; }", "{ x = 1; a = 1; /* one */ b = 2; /* two */ }"),
    ] {
        assert_eq!(applied(text, open(text).insert(span(text, text), None, &new)), expected);
    }
}

#[track_caller]
fn with_old(text: &str, argument: &str, literal: &str) -> Option<(String, String)> {
    let old = open(text).old_attributes(span(text, argument), span(text, literal))?;
    Some((old.name, applied(text, Some(old.edits))))
}

#[test]
fn old_attributes_get_a_name() {
    for (text, argument, name, expected) in [
        ("x.f (old: { a = 1; })", "old: { a = 1; }", "old", "x.f (old: { a = 1; })"),
        ("x.f (_: { a = 1; })", "_: { a = 1; }", "old", "x.f (old: { a = 1; })"),
        ("x.f (_prev: { a = 1; })", "_prev: { a = 1; }", "prev", "x.f (prev: { a = 1; })"),
        (
            "x.f (_: f old { a = 1; })",
            "_: f old { a = 1; }",
            "oldAttrs",
            "x.f (oldAttrs: f old { a = 1; })",
        ),
        (
            "x.f (final: prev: { a = 1; })",
            "final: prev: { a = 1; }",
            "prev",
            "x.f (final: prev: { a = 1; })",
        ),
        (
            "x.f (final: _: { a = 1; })",
            "final: _: { a = 1; }",
            "old",
            "x.f (final: old: { a = 1; })",
        ),
        ("x.f { a = 1; }", "{ a = 1; }", "old", "x.f (old: { a = 1; })"),
        ("x.f{ a = 1; }", "{ a = 1; }", "old", "x.f(old: { a = 1; })"),
        ("x.f ({ a = 1; })", "{ a = 1; }", "old", "x.f (old: { a = 1; })"),
        ("x.f (o c { a = 1; })", "o c { a = 1; }", "old", "x.f (old: o c { a = 1; })"),
        (
            "x.f ({ p, ... }: { a = 1; })",
            "{ p, ... }: { a = 1; }",
            "old",
            "x.f ({ p, ... }@old: { a = 1; })",
        ),
        (
            "x.f (o@{ p, ... }: { a = 1; })",
            "o@{ p, ... }: { a = 1; }",
            "o",
            "x.f (o@{ p, ... }: { a = 1; })",
        ),
    ] {
        assert_eq!(with_old(text, argument, "{ a = 1; }"), Some((name.into(), expected.into())));
    }
}

#[test]
fn a_shadowed_or_far_parameter_is_no_help() {
    let text = "x.f (old: let old = 1; in { a = 1; })";
    assert_eq!(with_old(text, "old: let old = 1; in { a = 1; }", "{ a = 1; }"), None);
    let text = "let g = old: { a = 1; }; in x.f g";
    assert_eq!(with_old(text, "g", "{ a = 1; }"), None);
    let text = "x.f (map (y: { a = 1; }) z)";
    assert_eq!(with_old(text, "map (y: { a = 1; }) z", "{ a = 1; }"), None);
}

#[test]
fn neighbours_are_removed_together() {
    let text = "{\n  s = {\n    a = 1; b # why\n    = 2; c = 3;\n  };\n\n  d = 4;\n\n  e = 5;\n}\n";
    let removed = |definitions: &[&str]| {
        let spans = definitions.iter().map(|definition| span(text, definition));
        applied(text, open(text).remove_definitions(spans))
    };
    assert_eq!(
        removed(&["b # why\n    = 2;", "a = 1;"]),
        "{\n  # why\n  s = {\n     c = 3;\n  };\n\n  d = 4;\n\n  e = 5;\n}\n"
    );
    assert_eq!(
        removed(&["d = 4;", "e = 5;"]),
        "{\n  s = {\n    a = 1; b # why\n    = 2; c = 3;\n  };\n\n}\n"
    );
}

#[test]
fn a_changed_file_is_parsed_anew() {
    let tree = Tree::in_memory(Path::new("/tree"), [("a.nix", "[ 1 ]")]);
    let (file, parses) = (tree.files()[0], Parses::default());
    let text = |tree: &Tree| {
        let edited = EditedFile::open(tree, file, &parses);
        edited.map(|edited| edited.syntax.text().to_owned())
    };
    let with = |text: &str| tree.with_texts([(file, text.to_owned())]);
    assert_eq!(text(&tree).as_deref(), Some("[ 1 ]"));
    assert_eq!(text(&tree).as_deref(), Some("[ 1 ]"));
    assert_eq!(text(&with("[ 2 ]")).as_deref(), Some("[ 2 ]"));
    assert_eq!(text(&with("[ 2")), None);
    assert_eq!(text(&tree).as_deref(), Some("[ 1 ]"));
}
