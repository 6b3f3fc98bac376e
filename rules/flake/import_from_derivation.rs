//! Evaluation that has to wait for a build.

use crate::declare_rule;
use crate::facts::{DerivationRead, OutputRead};
use crate::knowledge::Knowledge;
use crate::lint::{Diagnostic, Fix, Rule, RuleMeta, TreeContext};

declare_rule! {
    /// # What it flags
    ///
    /// `import`, `readFile`, `readDir` and what else reads while Nix evaluates, of a derivation's
    /// output: a package, what `pkgs.fetchFromGitHub` fetches, what `runCommand` makes. So do
    /// `cargoLock.lockFile` out of a fetched source, and `callCabal2nix`.
    ///
    /// # Why it matters
    ///
    /// Evaluation stops there until the derivation is built or fetched, one after the other: nothing is
    /// built side by side, a dry run already builds, and a configuration for another system may not be
    /// evaluated without a machine of that system.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { pkgs, ... }:
    ///
    /// {
    ///   programs.zsh.initContent = builtins.readFile "${pkgs.fzf}/share/fzf/key-bindings.zsh";
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { pkgs, ... }:
    ///
    /// {
    ///   programs.zsh.initContent = "source ${pkgs.fzf}/share/fzf/key-bindings.zsh";
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// It is suggested what to do instead: to have a program read the file when it runs, to make a
    /// fetched source an input of the flake, to keep in the tree what is generated.
    ///
    /// # When it stays silent
    ///
    /// - Files of the tree, inputs of flakes, and what `builtins.fetchTarball`, `fetchGit` and the like
    ///   fetch: these are there without a build.
    /// - `pkgs.path`, `pkgs.lib`, and other attributes of nixpkgs that are no packages.
    /// - A path that is only written down, as in `source = "${pkgs.fzf}/share/fzf"`.
    /// - What hangs on a package in its `passthru`: only who asks for that waits.
    /// - Names that an overlay of the tree gives to something else, parameters that nobody gives, and
    ///   what cannot be followed.
    ///
    /// # Sources
    ///
    /// - Nix manual, "Import From Derivation", and `allow-import-from-derivation`.
    pub struct ImportFromDerivation {
        id: "import-from-derivation",
        group: Flake,
        severity: Info,
        fix: None(Suggestion),
        since: "0.1.0",
    }
}

impl Rule for ImportFromDerivation {
    fn meta(&self) -> &'static RuleMeta {
        const { &ImportFromDerivation::META }
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        let reads = cx.facts.derivation_reads.iter();
        let found: Vec<Diagnostic> = reads.map(|read| report(cx.knowledge, read)).collect();
        cx.report_all(found);
    }
}

fn report(knowledge: &Knowledge, read: &DerivationRead) -> Diagnostic {
    let function = &read.function;
    let waits = match &read.output {
        OutputRead::Package(package) => {
            format!(
                "{function} reads from {package}: evaluation waits until that is fetched or built"
            )
        }
        OutputRead::SourceOf(package) => {
            format!(
                "{function} reads from the source of {package}: evaluation waits until that is fetched"
            )
        }
        OutputRead::Fetched(fetcher) => {
            format!("{function} reads what {fetcher} fetches in a build: evaluation waits for it")
        }
        OutputRead::Made(builder) => {
            format!("{function} reads what {builder} makes: evaluation waits until that is built")
        }
        OutputRead::Generated => {
            format!("{function} imports Nix that it generates in a build: evaluation waits for it")
        }
    };
    let message = match read.condition {
        Some(_) => format!("if its condition holds, {waits}"),
        None => waits,
    };
    Diagnostic::new(&ImportFromDerivation::META, read.place, message)
        .note("such builds run one by one, a dry run among them, and fail where allow-import-from-derivation is off")
        .fix(Fix::suggestion(instead(knowledge, read), Vec::new()))
}

/// What spares the build, as the title of a fix.
fn instead(knowledge: &Knowledge, read: &DerivationRead) -> String {
    let reading = &knowledge.reading;
    let name = [read.function.as_str()];
    let known = match &read.output {
        OutputRead::Generated => reading.generators.get(&name).map(|row| &row.instead),
        _ => reading.readers.get(&name).and_then(|row| row.instead.as_ref()),
    };
    match (&read.output, known) {
        (_, Some(instead)) => capitalised(instead),
        (OutputRead::Package(_), None) => {
            "Have the program read the file when it runs, or keep a copy of it in the tree"
                .to_owned()
        }
        (OutputRead::SourceOf(_) | OutputRead::Fetched(_), None) => {
            "Make the source an input of the flake, or fetch it with builtins.fetchTarball and its hash"
                .to_owned()
        }
        (OutputRead::Made(_) | OutputRead::Generated, None) => {
            "Keep the result in the tree, or let the build that needs it read it".to_owned()
        }
    }
}

fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}
