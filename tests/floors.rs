//! The floors hold: nothing imports what stands above it.
//!
//! Every file of the crate is read as tokens, so that comments and strings do not count, and each
//! path that begins at the root of the crate is held against the order of the floors. What is only
//! compiled for tests may look upwards.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// From the ground up.
const FLOORS: [&str; 14] = [
    "source",
    "config",
    "syntax",
    "hir",
    "eval",
    "knowledge",
    "facts",
    "budget",
    "lint",
    "rules",
    "analysis",
    "report",
    "lsp",
    "cli",
];

#[test]
fn imports_run_towards_the_ground() {
    let files = SourceFile::all();
    let macros = exported_macros(&files);
    let mut wrong = Vec::new();
    for file in &files {
        for import in &file.scan.imports {
            let target = macros.get(&import.name).unwrap_or(&import.name);
            if let Some(complaint) = complaint(&file.floor, target) {
                wrong.push(format!("{}:{}: {complaint}", file.path.display(), import.line));
            }
        }
    }
    assert!(wrong.is_empty(), "imports that run upwards:\n{}", wrong.join("\n"));
}

#[test]
fn every_module_of_the_crate_is_a_floor() {
    let lib = fs::read_to_string(root().join("src/lib.rs")).expect("src/lib.rs is read");
    let modules: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert!(modules.len() > 5, "src/lib.rs declares its modules as `pub mod name;`: {modules:?}");
    for module in modules {
        assert!(FLOORS.contains(&module), "`{module}` has no floor; give it one in {}", file!());
    }
}

#[test]
fn the_guide_for_contributors_shows_these_floors() {
    let guide = fs::read_to_string(root().join("CONTRIBUTING.md")).expect("the guide is read");
    let order = FLOORS.join(" → ");
    assert!(guide.contains(&order), "CONTRIBUTING.md does not hold the line\n{order}");
}

/// What is wrong with an import of `target` on the floor `from`, if anything.
fn complaint(from: &str, target: &str) -> Option<String> {
    let height = |floor: &str| FLOORS.iter().position(|known| *known == floor);
    match (height(from), height(target)) {
        (None, _) => Some(format!("`{from}` has no floor")),
        (_, None) => Some(format!("`crate::{target}` is no floor and no macro of one")),
        (Some(own), Some(other)) => {
            (other > own).then(|| format!("`{from}` imports `{target}`, which stands above it"))
        }
    }
}

struct SourceFile {
    /// Relative to the root of the package.
    path: PathBuf,
    floor: String,
    scan: Scan,
}

impl SourceFile {
    /// Every file that is compiled outside of tests, apart from the two that tie the crate together.
    fn all() -> Vec<SourceFile> {
        let mut files = Vec::new();
        for folder in ["src", "rules"] {
            collect(&root().join(folder), &mut files);
        }
        let test_only: Vec<PathBuf> = files.iter().flat_map(SourceFile::test_modules).collect();
        files.retain(|file| {
            let module = file.path.with_extension("");
            !test_only.iter().any(|folder| module.starts_with(folder))
        });
        assert!(files.len() > 50, "the files of the crate are found: {}", files.len());
        files
    }

    fn read(path: &Path) -> Option<SourceFile> {
        let path = path.strip_prefix(root()).expect("a path of the package").to_path_buf();
        let module = module_path(&path)?;
        let text = fs::read_to_string(root().join(&path)).expect("a source file is read");
        let scan = Scan::of(&text, module.len());
        Some(SourceFile { path, floor: module[0].clone(), scan })
    }

    /// Where the modules of their own file lie that are only compiled for tests, without `.rs`.
    fn test_modules(&self) -> impl Iterator<Item = PathBuf> {
        let own = self.path.with_extension("");
        let folder = if own.ends_with("mod") { own.with_file_name("") } else { own };
        self.scan.test_modules.iter().map(move |name| folder.join(name))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn collect(folder: &Path, files: &mut Vec<SourceFile>) {
    for entry in fs::read_dir(folder).expect("a folder is read") {
        let path = entry.expect("an entry is read").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.extend(SourceFile::read(&path));
        }
    }
}

/// The path of the module that a file holds, from the root of the crate: `["eval", "apply"]`. None
/// for `lib.rs` and `main.rs`.
fn module_path(file: &Path) -> Option<Vec<String>> {
    let own = file.with_extension("");
    let own = own.strip_prefix("src").unwrap_or(&own);
    let mut names: Vec<String> =
        own.iter().map(|name| name.to_str().expect("a name in Unicode").to_owned()).collect();
    if names.last().is_some_and(|name| name == "mod") {
        names.pop();
    }
    (!matches!(names.as_slice(), [name] if name == "lib" || name == "main")).then_some(names)
}

/// The macros that can be named at the root of the crate, with the floor that defines each.
fn exported_macros(files: &[SourceFile]) -> BTreeMap<String, String> {
    let defined = |file: &SourceFile| {
        let floor = file.floor.clone();
        let names = file.scan.macros.clone();
        names.into_iter().map(move |name| (name, floor.clone()))
    };
    files.iter().flat_map(defined).collect()
}

/// What the tokens of a file say.
#[derive(Default)]
struct Scan {
    imports: Vec<Import>,
    /// `#[cfg(test)] mod name;`
    test_modules: Vec<String>,
    /// `macro_rules! name`
    macros: Vec<String>,
}

/// A name below the root of the crate: the `facts` of `crate::facts::Facts`.
#[derive(Debug)]
struct Import {
    name: String,
    line: usize,
}

impl Scan {
    /// Reads the text of a module that lies `depth` below the root of the crate.
    fn of(text: &str, depth: usize) -> Scan {
        let mut scan = Scan::default();
        let tokens: TokenStream = text.parse().expect("a source file is Rust");
        scan.read(tokens, depth);
        scan
    }

    fn read(&mut self, tokens: TokenStream, depth: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut rest = tokens.as_slice();
        while let [token, after @ ..] = rest {
            rest = after;
            match (token, after) {
                (TokenTree::Punct(mark), [TokenTree::Group(attribute), item @ ..])
                    if mark.as_char() == '#' && is_for_tests(attribute) =>
                {
                    rest = self.skip_item(item);
                }
                (
                    TokenTree::Ident(word),
                    [TokenTree::Ident(_), TokenTree::Group(body), after @ ..],
                ) if word == "mod" => {
                    self.read(body.stream(), depth + 1);
                    rest = after;
                }
                (TokenTree::Ident(word), [_, TokenTree::Ident(name), ..])
                    if word == "macro_rules" =>
                {
                    self.macros.push(name.to_string());
                }
                (TokenTree::Ident(word), _) if word == "crate" => self.follow(after, 0),
                (TokenTree::Ident(word), _) if word == "super" => {
                    self.follow(after, depth.saturating_sub(1));
                    // Its further steps are no paths of their own.
                    while let [TokenTree::Punct(_), TokenTree::Punct(_), next, after @ ..] = rest {
                        if !is_super(next) {
                            break;
                        }
                        rest = after;
                    }
                }
                (TokenTree::Group(group), _) => self.read(group.stream(), depth),
                _ => {}
            }
        }
    }

    /// Follows a path behind its first step, which led to `depth` below the root.
    fn follow(&mut self, tokens: &[TokenTree], depth: usize) {
        if let [TokenTree::Punct(first), TokenTree::Punct(second), path @ ..] = tokens
            && (first.as_char(), second.as_char()) == (':', ':')
        {
            self.step(path, depth);
        }
    }

    /// Takes the next step of a path that has led to `depth` below the root.
    fn step(&mut self, path: &[TokenTree], depth: usize) {
        match path {
            [step, after @ ..] if is_super(step) => self.follow(after, depth.saturating_sub(1)),
            [TokenTree::Group(group), ..] if group.delimiter() == Delimiter::Brace => {
                let branches: Vec<TokenTree> = group.stream().into_iter().collect();
                let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
                for branch in branches.split(is_comma) {
                    self.step(branch, depth);
                }
            }
            [step @ (TokenTree::Ident(_) | TokenTree::Punct(_)), ..] if depth == 0 => {
                let name = step.to_string();
                if name != "self" {
                    self.imports.push(Import { name, line: step.span().start().line });
                }
            }
            _ => {}
        }
    }

    /// What follows an item that is only compiled for tests.
    fn skip_item<'a>(&mut self, item: &'a [TokenTree]) -> &'a [TokenTree] {
        if let [TokenTree::Ident(word), TokenTree::Ident(name), TokenTree::Punct(_), ..] = item
            && word == "mod"
        {
            self.test_modules.push(name.to_string());
        }
        let ends = |token: &TokenTree| match token {
            TokenTree::Punct(mark) => mark.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        let end = item.iter().position(ends).map_or(item.len(), |at| at + 1);
        &item[end..]
    }
}

fn is_super(token: &TokenTree) -> bool {
    matches!(token, TokenTree::Ident(word) if word == "super")
}

fn is_for_tests(attribute: &proc_macro2::Group) -> bool {
    let text: String = attribute.stream().to_string().split_whitespace().collect();
    text == "cfg(test)"
}

#[test]
fn every_way_to_import_is_seen() {
    let imports = |text: &str| -> Vec<String> {
        let scan = Scan::of(text, 2);
        scan.imports.into_iter().map(|import| import.name).collect()
    };
    assert_eq!(imports("use crate::cli;"), ["cli"]);
    assert_eq!(imports("pub(crate) use crate::{cli::{self, Run}, report};"), ["cli", "report"]);
    assert_eq!(imports("use crate::{self, *};"), ["*"]);
    assert_eq!(imports("use super::super::cli::Run;"), ["cli"]);
    assert_eq!(imports("use super::{apply, super::{cli, report}};"), ["cli", "report"]);
    assert_eq!(imports("mod inner { use super::super::super::cli; }"), ["cli"]);
    assert_eq!(imports("fn f() -> crate::cli::Run { g(&[crate::report::X]) }"), ["cli", "report"]);
    assert_eq!(imports("macro_rules! m { () => { $crate::cli::run!() } }"), ["cli"]);
    assert_eq!(imports("#[derive(Debug)] struct A(crate::cli::Run);"), ["cli"]);
    let after = "#[cfg(test)] mod tests; use crate::report;";
    assert_eq!(imports(after), ["report"]);
}

#[test]
fn what_is_no_import_is_not_taken_for_one() {
    let imports = |text: &str| Scan::of(text, 2).imports.len();
    assert_eq!(imports("use super::cli; use super::{cli, report}; use self::cli;"), 0);
    assert_eq!(imports("/// [`crate::cli`]\n// crate::cli\nconst A: &str = \"crate::cli\";"), 0);
    assert_eq!(imports("#[cfg(test)] mod tests { use crate::cli; }"), 0);
    assert_eq!(imports("#[cfg(test)] use crate::{cli, report};"), 0);
    assert_eq!(imports("pub(crate) fn cli() {} use std::cli::Run;"), 0);
    assert_eq!(Scan::of("#[cfg(test)] mod tests;", 2).test_modules, ["tests"]);
}

#[test]
fn only_imports_from_above_are_complained_of() {
    assert_eq!(complaint("eval", "source"), None);
    assert_eq!(complaint("eval", "eval"), None);
    assert_eq!(
        complaint("eval", "facts").as_deref(),
        Some("`eval` imports `facts`, which stands above it")
    );
    assert!(complaint("lint", "rules").is_some());
    assert!(complaint("lsp", "cli").is_some());
}
