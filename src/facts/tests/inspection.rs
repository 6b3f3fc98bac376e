//! What is told of single places.

use text_size::TextSize;

use super::*;

struct Asked {
    tree: Tree,
    inspection: Inspection,
}

/// What stands in `path` where its text has a `¦`, which is taken out.
fn ask_with(place: fn(TextSize) -> Place, path: &str, files: &[(&str, &str)]) -> Asked {
    let marked = files.iter().find(|(name, _)| *name == path).unwrap().1;
    let offset = TextSize::of(marked.split_once('¦').unwrap().0);
    let texts = files.iter().map(|(name, text)| (*name, text.replace('¦', "")));
    let tree = Tree::in_memory(Path::new("/tree"), texts);
    let lowered: Vec<_> = tree
        .files()
        .iter()
        .map(|file| {
            Some(Arc::new(hir::lower(&parse(&tree.source(*file).unwrap().text).unwrap()).into()))
        })
        .collect();
    let program = Program::new(&tree, &lowered);
    let file = tree.file_at(Path::new(path)).unwrap();
    let inspection = inspect(program, Knowledge::builtin(), file, place(offset));
    Asked { tree, inspection }
}

fn ask(text: &str) -> Asked {
    ask_with(Place::At, "home.nix", &[("home.nix", text)])
}

impl Asked {
    fn text(&self, span: Span) -> String {
        let source = self.tree.source(span.file).unwrap();
        format!("{} {}", source.path.display(), source.slice(span.range))
    }

    fn texts(&self, spans: &[Span]) -> Vec<String> {
        spans.iter().map(|span| self.text(*span)).collect()
    }

    fn only(&self) -> &Traced {
        assert_eq!(self.inspection.values.len(), 1, "{:?}", self.inspection.values);
        &self.inspection.values[0]
    }

    /// `how file text` for each step of the only value.
    fn steps(&self) -> Vec<String> {
        let steps = self.only().steps.iter();
        steps.map(|step| format!("{} {}", step.how.word(), self.text(step.span))).collect()
    }
}

const TREE: [(&str, &str); 3] = [
    (
        "flake.nix",
        "{ outputs = { nixpkgs, ... }: let hw = import ./hw.nix; in { x = import nixpkgs { overlays = [ (import ./o.nix hw) ]; }; }; }",
    ),
    ("hw.nix", "{ build.jobs = 4; }"),
    (
        "o.nix",
        "h: final: prev: let inherit (h.build) jobs; in { btop = prev.btop.overrideAttrs { J = toString jobs; }; }",
    ),
];

/// The tree with a mark put before `text` in `path`.
fn asked_at(path: &str, text: &str) -> Asked {
    let marked = TREE.map(|(name, whole)| {
        let whole = match name == path {
            true => whole.replacen(text, &format!("¦{text}"), 1),
            false => whole.to_owned(),
        };
        (name, whole)
    });
    let files: Vec<(&str, &str)> =
        marked.iter().map(|(name, text)| (*name, text.as_str())).collect();
    ask_with(Place::At, path, &files)
}

#[test]
fn a_value_is_followed_through_files_to_where_it_is_written() {
    let asked = asked_at("o.nix", "toString jobs");
    assert_eq!(asked.only().value.as_str(), Some("4"));
    assert_eq!(
        asked.steps(),
        [
            "written hw.nix 4",
            "imported flake.nix import ./hw.nix",
            "named flake.nix hw",
            "named o.nix h.build",
            "named o.nix jobs",
            "named o.nix jobs",
            "computed o.nix toString jobs",
        ]
    );
    assert!(asked.inspection.uses.is_empty());
}

#[test]
fn a_literal_tells_who_uses_it() {
    let asked = asked_at("hw.nix", "4");
    assert_eq!(asked.only().value.as_int(), Some(4));
    assert_eq!(asked.texts(&asked.inspection.uses), ["o.nix jobs", "o.nix jobs"]);
}

#[test]
fn a_package_tells_where_it_is_overridden() {
    let asked = asked_at("o.nix", "prev.btop.overrideAttrs {");
    let btop = Package::stock(&["btop"]);
    assert_eq!(asked.only().value.kind, ValueKind::Package(Box::new(btop)));
    let call = "o.nix prev.btop.overrideAttrs { J = toString jobs; }";
    assert_eq!(asked.steps(), ["named o.nix prev.btop", &format!("overridden {call}")]);
    assert_eq!(asked.texts(&asked.only().overridden_at), [call]);
    let own = ask("{ pkgs, ... }: [ (¦pkgs.stdenv.mkDerivation { pname = \"a\"; }) ]");
    let ValueKind::Package(package) = &own.only().value.kind else { panic!("{:?}", own.only()) };
    assert_eq!((&package.origin, package.name().as_str()), (&Origin::Own, "a"));
}

#[test]
fn every_call_gives_its_value() {
    let asked = ask("let one = 1; f = x: ¦x + 1; in [ (f one) (f 2) (f one) ]");
    let values: Vec<_> = asked
        .inspection
        .values
        .iter()
        .map(|traced| (traced.value.as_int(), asked.texts(&traced.called_from)))
        .collect();
    let mapped = ask("{ a = map (n: ¦n * 2) [ 1 2 ]; }");
    let ints = mapped.inspection.values.iter().map(|traced| traced.value.as_int());
    assert_eq!(ints.collect::<Vec<_>>(), [Some(2), Some(4)]);
    let calls = |text: &str| format!("home.nix {text}");
    assert_eq!(
        values,
        [(Some(2), vec![calls("f one"), calls("f one")]), (Some(3), vec![calls("f 2")])]
    );
}

#[test]
fn branches_that_are_taken_are_followed_and_others_are_not() {
    let asked = ask("let on = true; in { a = ¦if on then 1 else 2; }");
    assert_eq!(asked.only().value.as_int(), Some(1));
    assert_eq!(asked.steps(), ["written home.nix 1", "chosen home.nix on"]);
    let open = ask("{ config, ... }: { a = ¦if config.on then 1 else 2; }");
    let traced = open.only();
    assert_eq!(traced.condition.map(|span| open.text(span)).unwrap(), "home.nix config.on");
    let alternatives: Vec<_> =
        traced.alternatives.iter().map(|traced| traced.value.as_int()).collect();
    assert_eq!(alternatives, [Some(1), Some(2)]);
    assert!(traced.reasons[0].contains("condition"), "{:?}", traced.reasons);
}

#[test]
fn what_is_not_known_says_why() {
    for (text, reason) in [
        ("{ config, ... }: { a = ¦config.xdg.stateHome; }", "the option `xdg.stateHome`"),
        ("{ config, ... }: { a = \"¦${config.home.x}/y\"; }", "the option `home.x`"),
        ("{ hw, ... }: { a = ¦hw.cores; }", "the parameter `hw`"),
        ("{ a = ¦import ./gone.nix; }", "gone.nix is not in the tree"),
        ("{ a = ¦nowhere; }", "nothing binds `nowhere`"),
        ("{ a = { b = 1; }; c = ¦({ b = 1; }).x; }", "`x` is missing"),
        ("rec { a = ¦a; }", "depends on itself"),
        ("{ a = ¦<nixpkgs>; }", "`<nixpkgs>` is looked up"),
    ] {
        let asked = ask(text);
        let traced = asked.only();
        assert!(!traced.value.is_known(), "{text}: {:?}", traced.value);
        assert!(traced.reasons.join("; ").contains(reason), "{text}: {:?}", traced.reasons);
    }
    let uncalled = ask("{ hw, ... }: ¦hw");
    assert!(uncalled.only().uncalled.is_some());
}

#[test]
fn what_an_option_is_set_to_is_told_without_its_wrapping() {
    let asked = ask("{ lib, ... }: { a = ¦lib.mkIf (1 > 2) (lib.mkForce 3); }");
    let traced = asked.only();
    assert_eq!((traced.value.as_int(), traced.priority), (Some(3), Some(50)));
    let conditions: Vec<_> = traced
        .only_if
        .iter()
        .map(|only_if| (asked.text(only_if.span.unwrap()), only_if.is_open))
        .collect();
    assert_eq!(conditions, [("home.nix 1 > 2".to_owned(), false)]);
}

#[test]
fn names_stand_for_what_they_are_given() {
    let value = |place: fn(TextSize) -> Place, text: &str| {
        ask_with(place, "home.nix", &[("home.nix", text)]).only().value.as_int()
    };
    for text in [
        "{ ¦a = 1; }",
        "{ a.¦b = 1; }",
        "let s = { a = 1; }; in { inherit (s) ¦a; }",
        "let a = 1; in { inherit ¦a; }",
        "(¦x: x) 1",
        "({ ¦x, ... }: x) { x = 1; y = 2; }",
        "({ y ? 1, ¦x ? y }: x) { }",
        "let s.a.b = 1; in { c = ¦s.a.b; }",
        "with { a = 1; }; { b = ¦a; }",
    ] {
        assert_eq!(value(Place::At, text), Some(1), "{text}");
    }
    // The start of an expression means the whole of it, a cursor what is under it.
    let text = "let a = 1; in { b = ¦a + 1; }";
    assert_eq!((value(Place::At, text), value(Place::Under, text)), (Some(2), Some(1)));
}

#[test]
fn the_first_expression_of_a_line_is_found() {
    let on_line = |offset: TextSize| Place::FirstIn(text_size::TextRange::at(offset, 9.into()));
    let text = |text: &str| {
        let asked = ask_with(on_line, "home.nix", &[("home.nix", text)]);
        asked.inspection.span.map(|span| asked.text(span))
    };
    assert_eq!(text("{\n¦  a = f 1;\n}").as_deref(), Some("home.nix f 1"));
    assert_eq!(text("{\n¦  a.b = 1;\n}").as_deref(), Some("home.nix 1"));
    assert_eq!(text("{\n¦         \n}").as_deref(), None);
}

#[test]
fn long_and_circular_ways_end() {
    let mut text = String::from("let a0 = 1; ");
    for n in 1..400 {
        text.push_str(&format!("a{n} = a{} + a{0}; ", n - 1));
    }
    text.push_str("in { x = ¦a399; }");
    let asked = ask(&text);
    assert!(asked.only().steps.len() < 400);
    let circular = ask("let a = { b = a; c = 1; }; in { x = ¦a.b.b.b.c; }");
    assert_eq!(circular.only().value.as_int(), Some(1));
}

#[test]
fn equal_values_that_are_written_apart_are_told_apart() {
    let asked = ask("let f = n: [ ¦n ]; one = 8; in [ (f one) (f one) (f 8) ]");
    let written: Vec<(String, usize)> = (asked.inspection.values.iter())
        .map(|value| (asked.text(value.steps[0].span), value.called_from.len()))
        .collect();
    assert_eq!(written, [("home.nix 8".to_owned(), 2), ("home.nix 8".to_owned(), 1)]);
}

#[test]
fn a_place_that_is_named_twice_is_one_step() {
    let asked = ask("{ config, ... }: let a.b = 1; in ¦a.b or 2");
    assert_eq!(asked.steps(), ["written home.nix 1", "named home.nix a.b or 2"]);
}

#[test]
fn without_a_flake_configurations_begin_at_their_entries() {
    let nix = "{ config, lib, ... }: { options.my.jobs = lib.mkOption { }; config.nix.settings.max-jobs = ¦config.my.jobs; }";
    let one = [
        ("configuration.nix", "{ imports = [ ./nix.nix ]; my.jobs = 4; }"),
        ("nix.nix", nix),
        ("a/home.nix", "{ imports = [ ./shell.nix ]; my.jobs = 8; }"),
        ("a/shell.nix", "{ }"),
    ];
    let asked = ask_with(Place::At, "nix.nix", &one);
    assert_eq!(asked.only().value.as_int(), Some(4));
    assert_eq!(asked.steps(), ["written configuration.nix 4", "named nix.nix config.my.jobs"]);

    let literal = [
        ("configuration.nix", "{ imports = [ ./nix.nix ]; my.jobs = ¦4; }"),
        ("nix.nix", &nix.replace('¦', "")),
    ];
    let asked = ask_with(Place::At, "configuration.nix", &literal);
    assert_eq!(asked.texts(&asked.inspection.uses), ["nix.nix config.my.jobs"]);

    // What two machines share is not known of either.
    let shared = [
        ("a/configuration.nix", "{ imports = [ ../nix.nix ]; my.jobs = 4; }"),
        ("b/configuration.nix", "{ imports = [ ../nix.nix ]; my.jobs = 8; }"),
        ("nix.nix", nix),
    ];
    let asked = ask_with(Place::At, "nix.nix", &shared);
    assert_eq!(asked.only().value.as_int(), None);
}

/// What a value in a home that takes `pkgs` is told to be.
fn described(value: &str) -> String {
    let text = format!("{{ pkgs, ... }}: {{ home.packages = [ (¦{value}) ]; }}");
    let asked = ask(&text);
    format!("{:?}", asked.only().role)
}

#[test]
fn what_nixpkgs_makes_and_offers_is_told_apart() {
    let method =
        |name| format!("Some(Method {{ of: {:?}, name: {name:?} }})", Package::stock(&["hello"]));
    assert_eq!(described("pkgs.hello.overrideAttrs"), method("overrideAttrs"));
    assert_eq!(described("pkgs.hello.override"), method("override"));
    for (value, by) in [
        ("pkgs.texlive.combine { inherit (pkgs.texlive) scheme-small; }", "pkgs.texlive.combine"),
        ("pkgs.python3.withPackages (ps: [ ps.numpy ])", "pkgs.python3.withPackages"),
        ("pkgs.wrapFirefox pkgs.firefox-unwrapped { }", "pkgs.wrapFirefox"),
        ("pkgs.stdenv.mkDerivation { pname = \"a\"; }", "pkgs.stdenv.mkDerivation"),
    ] {
        assert_eq!(described(value), format!("Some(Made {{ by: {by:?} }})"), "{value}");
    }
    for (value, by, path) in [
        ("pkgs.linuxPackagesFor pkgs.linux", "pkgs.linuxPackagesFor", "[]"),
        ("pkgs.linuxPackages.extend (_: _: { })", "pkgs.linuxPackages.extend", "[]"),
        ("pkgs.extend (_: _: { })", "pkgs.extend", "[]"),
        (
            "let k = pkgs.linuxPackagesFor pkgs.linux; in k.zfs",
            "pkgs.linuxPackagesFor",
            "[\"zfs\"]",
        ),
    ] {
        let role = format!("Some(Packages {{ by: {by:?}, path: {path} }})");
        assert_eq!(described(value), role, "{value}");
    }
    let attribute = |name| {
        format!("Some(Attribute {{ of: {:?}, name: {name:?} }})", Package::stock(&["hello"]))
    };
    assert_eq!(described("pkgs.hello.version"), attribute("version"));
    assert_eq!(described("pkgs.hello.meta.mainProgram"), attribute("meta.mainProgram"));
    for value in ["pkgs.callPackage", "pkgs.texlive.combine", "pkgs.rustPlatform.buildRustPackage"]
    {
        assert_eq!(described(value), format!("Some(Function {{ name: {value:?} }})"), "{value}");
    }
    for value in ["pkgs.hello", "pkgs.python3Packages.numpy", "pkgs.hello.override { a = 1; }", "1"]
    {
        assert_eq!(described(value), "None", "{value}");
    }
}

#[test]
fn a_list_names_the_derivations_that_it_holds() {
    let asked = ask(
        "{ pkgs, ... }: { home.packages = ¦[ (pkgs.stdenv.mkDerivation { pname = \"a\"; }) ]; }",
    );
    let ValueKind::List(items) = &asked.only().value.kind else { panic!("a list") };
    let own = Package { origin: Origin::Own, path: vec!["a".to_owned()] };
    assert_eq!(items[0].kind, ValueKind::Package(Box::new(own)));
}

#[test]
fn elements_of_lists_are_used_where_their_lists_are() {
    let home = "{ pkgs, ... }: let data = import ./data.nix; in { \
                  nix.settings.substituters = data.caches; a = map (it: it + 1) data.deep; }";
    let used = |data: &str| {
        let files = [("data.nix", data), ("home.nix", home)];
        let asked = ask_with(Place::Under, "data.nix", &files);
        (asked.text(asked.inspection.span.unwrap()), asked.texts(&asked.inspection.uses))
    };
    let caches = vec!["home.nix data.caches".to_owned()];
    assert_eq!(
        used("{ caches = [ \"a\" ¦\"b\" ]; deep = [ [ 1 ] ]; }"),
        ("data.nix \"b\"".to_owned(), caches.clone())
    );
    assert_eq!(
        used("{ caches = ¦[ \"a\" \"b\" ]; deep = [ [ 1 ] ]; }"),
        ("data.nix [ \"a\" \"b\" ]".to_owned(), caches)
    );
    let (_, deep) = used("{ caches = [ ]; deep = [ [ ¦1 ] ]; }");
    assert!(deep.contains(&"home.nix data.deep".to_owned()), "{deep:?}");
    let (_, none) = used("{ caches = [ ]; deep = [ ]; other = [ ¦1 ]; }");
    assert!(none.is_empty(), "{none:?}");
}
