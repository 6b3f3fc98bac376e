//! Random expressions of Nix's grammar. They need not mean anything, but each is one that Nix
//! parses: operators are put in parentheses where they must be, and no set defines a name twice.

use std::fmt::Write as _;
use std::path::PathBuf;

use arbitrary::{Arbitrary, Result, Unstructured};

/// The text of an expression.
#[derive(Clone, Debug)]
pub struct Nix(pub String);

impl<'a> Arbitrary<'a> for Nix {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Nix> {
        let mut writer = Writer { input, text: String::new(), comments: 0, attributes: 0 };
        writer.gap()?;
        writer.expression(7)?;
        writer.gap()?;
        Ok(Nix(writer.text))
    }
}

/// The files of a tree whose overlay, home and flake are `text`.
pub fn everywhere(text: &str) -> Vec<(PathBuf, String)> {
    let flake = "{ outputs = { self, nixpkgs, home-manager, ... }: { \
                 overlays.default = import ./overlay.nix; \
                 homeConfigurations.me = home-manager.lib.homeManagerConfiguration { \
                 pkgs = import nixpkgs { overlays = [ (import ./overlay.nix) ]; }; \
                 modules = [ ./home.nix ]; }; }; }";
    [("flake.nix", flake), ("home.nix", text), ("overlay.nix", text), ("sub/default.nix", text)]
        .map(|(path, text)| (PathBuf::from(path), text.to_owned()))
        .into()
}

struct Writer<'i, 'a> {
    input: &'i mut Unstructured<'a>,
    text: String,
    comments: usize,
    attributes: usize,
}

const NAMES: &[&str] = &[
    "a", "b", "x'", "foo-bar", "_", "pkgs", "final", "prev", "lib", "old", "builtins", "true",
    "null", "import", "self",
];

/// Words that rules listen to.
const KNOWN: &[&str] = &[
    "override",
    "overrideAttrs",
    "nix",
    "settings",
    "max-jobs",
    "cores",
    "substituters",
    "brave",
    "stdenv",
    "mkDerivation",
    "home",
    "packages",
    "meta",
    "timeout",
    "doCheck",
    "passthru",
    "src",
    "hello",
    "enableParallelBuilding",
    "NIX_BUILD_CORES",
    "buildInputs",
    "commandLineArgs",
    "mkIf",
    "nixConfig",
    "inputs",
    "outputs",
    "url",
    "environment",
    "systemPackages",
    "chromium",
    "mkForce",
];

const NUMBERS: &[&str] = &["0", "1", "8", "600", "1.5", ".5", "1e3", "9223372036854775807"];

const PATHS: &[&str] =
    &["./a.nix", "../b", "./.", "/etc/x", "~/x", "<nixpkgs>", "<a/b>", "https://x.y/z?a=b"];

const OPERATORS: &[&str] = &[
    "+", "-", "*", "/", "++", "//", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "->", "|>", "<|",
];

const STRINGS: &[&str] = &[
    "text",
    " ",
    "$",
    "$$",
    "\\n",
    "\\\"",
    "\\${",
    "é",
    "{ [ (",
    "# no comment",
    "/* nor this */",
    "''",
    "https://x.cachix.org",
    "--flag",
    "-j 8",
    "make ",
];

const INDENTED: &[&str] = &[
    "text",
    "\n    ",
    "\n",
    "$",
    "''$",
    "''\\n",
    "'''",
    "\"",
    "é",
    "# no comment",
    "make -j$NIX_BUILD_CORES ",
    "export X=1\n",
    "$(",
];

impl Writer<'_, '_> {
    fn below(&mut self, count: usize) -> Result<usize> {
        self.input.int_in_range(0..=count - 1)
    }

    fn pick(&mut self, texts: &[&'static str]) -> Result<&'static str> {
        self.input.choose(texts).copied()
    }

    fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Space, now and then with a comment that no other place has.
    fn gap(&mut self) -> Result<()> {
        self.comments += 1;
        let number = self.comments;
        // Writing to a string cannot fail.
        let _ = match if self.input.is_empty() { 0 } else { self.below(20)? } {
            15 => write!(self.text, "\n  "),
            16 => writeln!(self.text, " # comment {number}"),
            17 => write!(self.text, " /* comment {number} */ "),
            18 => writeln!(self.text, "\r\n# frugix: ignore[timeout] {number}"),
            19 => write!(self.text, "\t\n\n"),
            _ => write!(self.text, " "),
        };
        Ok(())
    }

    fn name(&mut self) -> Result<()> {
        let name = if self.below(3)? == 0 { self.pick(KNOWN)? } else { self.pick(NAMES)? };
        self.put(name);
        Ok(())
    }

    /// Any expression, with what may only stand where nothing follows.
    fn expression(&mut self, depth: usize) -> Result<()> {
        if depth == 0 || self.input.is_empty() {
            return self.leaf();
        }
        let depth = depth - 1;
        match self.below(16)? {
            0 => {
                self.put("let");
                self.definitions(depth)?;
                self.put("in");
                self.gap()?;
                self.expression(depth)
            }
            1 => {
                let word = self.pick(&["with", "assert"])?;
                self.put(word);
                self.gap()?;
                self.expression(depth)?;
                self.put(";");
                self.gap()?;
                self.expression(depth)
            }
            2 => {
                for word in ["if", "then", "else"] {
                    self.put(word);
                    self.gap()?;
                    self.expression(depth)?;
                    self.gap()?;
                }
                Ok(())
            }
            3 | 4 => self.function(depth),
            5..=7 => {
                self.operand(depth)?;
                self.gap()?;
                let operator = self.pick(OPERATORS)?;
                self.put(operator);
                self.gap()?;
                self.operand(depth)
            }
            8 => {
                let operator = self.pick(&["!", "- "])?;
                self.put(operator);
                self.operand(depth)
            }
            9 => {
                self.operand(depth)?;
                self.put(" ? ");
                self.attribute_path(depth)
            }
            _ => self.operand(depth),
        }
    }

    fn function(&mut self, depth: usize) -> Result<()> {
        match self.below(3)? {
            0 => self.name()?,
            kind => {
                self.put("{");
                self.gap()?;
                for _ in 0..self.below(4)? {
                    self.attributes += 1;
                    let name = format!("f{}", self.attributes);
                    self.put(&name);
                    self.gap()?;
                    if self.below(3)? == 0 {
                        self.put("?");
                        self.gap()?;
                        self.expression(depth)?;
                    }
                    // Without a space it would belong to a URI before it.
                    self.put(" ,");
                    self.gap()?;
                }
                let rest = self.pick(&["...", "pkgs"])?;
                self.put(rest);
                self.gap()?;
                self.put("}");
                if kind == 2 {
                    self.put("@args");
                }
            }
        }
        self.put(":");
        self.gap()?;
        self.expression(depth)
    }

    /// An application, or what may be part of one.
    fn operand(&mut self, depth: usize) -> Result<()> {
        self.atom(depth)?;
        for _ in 0..self.below(5)?.saturating_sub(2) {
            self.gap()?;
            self.atom(depth)?;
        }
        Ok(())
    }

    /// What stands by itself anywhere.
    fn atom(&mut self, depth: usize) -> Result<()> {
        if depth == 0 || self.input.is_empty() {
            return self.leaf();
        }
        let depth = depth - 1;
        match self.below(9)? {
            0 | 1 => {
                self.put("(");
                self.gap()?;
                self.expression(depth)?;
                self.gap()?;
                self.put(")");
            }
            2 => {
                self.put("[");
                self.gap()?;
                for _ in 0..self.below(5)? {
                    self.atom(depth)?;
                    self.gap()?;
                }
                self.put("]");
            }
            3 | 4 => {
                let open = self.pick(&["{", "rec {"])?;
                self.put(open);
                self.definitions(depth)?;
                self.put("}");
            }
            5 => self.string(depth, "\"", STRINGS)?,
            6 => self.string(depth, "''", INDENTED)?,
            7 => self.leaf()?,
            _ => {
                self.put("(");
                self.expression(depth)?;
                self.put(").");
                self.attribute_path(depth)?;
                if self.below(3)? == 0 {
                    self.put(" or");
                    self.gap()?;
                    self.put("(");
                    self.expression(depth)?;
                    self.put(")");
                }
            }
        }
        Ok(())
    }

    fn leaf(&mut self) -> Result<()> {
        if self.input.is_empty() {
            self.put("a");
            return Ok(());
        }
        match self.below(6)? {
            0 => {
                let number = self.pick(NUMBERS)?;
                self.put(number);
            }
            1 => {
                let path = self.pick(PATHS)?;
                self.put(path);
            }
            2 => {
                self.name()?;
                self.put(".");
                self.name()?;
            }
            _ => self.name()?,
        }
        Ok(())
    }

    fn string(&mut self, depth: usize, mark: &str, pieces: &[&'static str]) -> Result<()> {
        self.put(mark);
        for _ in 0..self.below(5)? {
            if self.below(3)? == 0 {
                self.put("${");
                self.expression(depth)?;
                self.put("}");
            } else {
                let piece = self.pick(pieces)?;
                self.put(piece);
                // Else the next piece could make an interpolation of it.
                self.put(" ");
            }
        }
        self.put(mark);
        Ok(())
    }

    /// Names that are not defined twice, and their values.
    fn definitions(&mut self, depth: usize) -> Result<()> {
        self.gap()?;
        let mut known: Vec<&str> = Vec::new();
        for _ in 0..self.below(5)? {
            if self.below(8)? == 0 {
                self.attributes += 1;
                let name = format!("i{}", self.attributes);
                self.put("inherit ");
                if self.below(2)? == 0 {
                    self.put("(");
                    self.expression(depth)?;
                    self.put(") ");
                }
                self.put(&name);
            } else {
                let word = self.pick(KNOWN)?;
                if known.contains(&word) {
                    continue;
                }
                known.push(word);
                self.put(word);
                if self.below(3)? == 0 {
                    self.put(".");
                    self.attribute_path(0)?;
                }
                self.gap()?;
                self.put("=");
                self.gap()?;
                self.expression(depth)?;
            }
            self.put(";");
            self.gap()?;
        }
        Ok(())
    }

    fn attribute_path(&mut self, depth: usize) -> Result<()> {
        match if depth == 0 { 0 } else { self.below(4)? } {
            3 => {
                self.put("${");
                self.expression(depth - 1)?;
                self.put("}");
            }
            2 => self.put("\"quoted name\""),
            _ => self.name()?,
        }
        Ok(())
    }
}
