//! The rule `native-cpu`.

use std::cell::LazyCell;

use super::march::{March, march};
use super::native_flag::{native_flag, natives_in};
use crate::declare_rule;
use crate::facts::{Change, ProfileName};
use crate::knowledge::{FlagVariable, NativeFlag, Row as _};
use crate::lint::{Diagnostic, Fix, FixEdit, Rule, RuleMeta, TreeContext};
use crate::rules::built::may_compile;
use crate::rules::made::{Made, made};
use crate::rules::profile_names::is_in_view;
use crate::rules::variables::{all_variables, commands, variables};
use crate::source::Span;

declare_rule! {
    /// # What it flags
    ///
    /// A flag in a derivation that asks for the CPU of the machine that builds: `-march=native`,
    /// `-mtune=native`, `target-cpu=native`.
    ///
    /// # Why it matters
    ///
    /// The hash of the derivation does not say which CPU that was. What a builder or a colleague put
    /// into a shared cache, and what a second host of the same configuration fetches from there, then
    /// stops with an illegal instruction, or is slower than it need be, and nothing tells the two
    /// builds apart. On the command line of a C compiler the flag does not even arrive: nixpkgs'
    /// wrapper takes it out.
    ///
    /// # Example
    ///
    /// ```nix bad
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///       RUSTFLAGS = "-C target-cpu=native";
    ///     })
    ///   ];
    /// }
    /// #- machine.nix
    /// {
    ///   build.parallelism.maxJobs = 2;
    ///   cpu.march = "skylake";
    /// }
    /// ```
    ///
    /// # Use instead
    ///
    /// ```nix good
    /// { lib, pkgs, ... }:
    ///
    /// {
    ///   home.packages = [
    ///     (pkgs.rustPlatform.buildRustPackage {
    ///       pname = "notes";
    ///       version = "1.0.0";
    ///       src = ./notes;
    ///       cargoHash = lib.fakeHash;
    ///       RUSTFLAGS = "-C target-cpu=skylake";
    ///     })
    ///   ];
    /// }
    /// #- machine.nix
    /// {
    ///   build.parallelism.maxJobs = 2;
    ///   cpu.march = "skylake";
    /// }
    /// ```
    ///
    /// # What the fix does
    ///
    /// Where the flag stands, and a name there is the hardware profile (`hardwareProfile:` of the
    /// overlay), it puts the profile's value in place of `native`: `${hardwareProfile.cpu.march}`. Where
    /// the profile has no name there, or `nixpkgs.hostPlatform.gcc.arch` says which CPU it is, it
    /// writes the CPU itself. It is unsafe: the derivation is another and is built once more, and the
    /// package runs on that CPU and its successors only. Where nothing says which CPU the machine has,
    /// or several profiles say different things, it is only described.
    ///
    /// # When it stays silent
    ///
    /// Dev shells, sessions and everything else that is no build of a package; comments in phases;
    /// scripts that take the flag out of a makefile; variables that no compiler is known to read.
    ///
    /// # Sources
    ///
    /// `rules/knowledge/flags.toml` says of each variable what becomes of the flag, and where from.
    pub struct NativeCpu {
        id: "native-cpu",
        group: Cache,
        severity: Warning,
        fix: Sometimes(Unsafe),
        since: "0.1.0",
    }
}

/// Commands that run rustc, whose flags nothing takes out.
const RUST: [&str; 2] = ["cargo", "rustc"];

/// Commands that run a C compiler or are one.
const C: [&str; 10] =
    ["make", "cmake", "meson", "configure", "cc", "c++", "gcc", "g++", "clang", "clang++"];

impl Rule for NativeCpu {
    fn meta(&self) -> &'static RuleMeta {
        const { &NativeCpu::META }
    }

    /// In a flag, or alone in a string that becomes a part of one.
    fn words(&self) -> &'static [&'static str] {
        &["=native", "\"native\""]
    }

    fn check_tree(&self, cx: &mut TreeContext<'_>) {
        if !self.words().iter().any(|word| cx.mentions(word)) {
            return;
        }
        let budget = cx.budget();
        let mut found: Vec<Diagnostic> = Vec::new();
        for made in made(cx).filter(|made| may_compile(cx, made)) {
            for flag in flags(cx, &made) {
                let march = march(cx, budget, made.call.reported_at().file);
                let diagnostic = report(cx, &made, &flag, march.as_ref());
                found.push(diagnostic);
            }
        }
        cx.report_once_a_place(found);
    }
}

/// Flags for the CPU of the machine that builds, in one attribute.
struct Native<'a> {
    change: &'a Change,
    /// The first flag, as it is written.
    flag: String,
    /// What it stands in, for a message.
    place: String,
    written: Vec<Span>,
    fate: NativeFlag,
    /// What becomes of the flag, and on what evidence.
    why: Option<String>,
    optional: bool,
}

fn flags<'a>(cx: &TreeContext<'_>, made: &Made<'a>) -> Vec<Native<'a>> {
    let mut found: Vec<Native<'a>> = Vec::new();
    let allows_native = LazyCell::new(|| {
        all_variables(cx, made).iter().any(|variable| {
            variable.name == "NIX_ENFORCE_NO_NATIVE" && matches!(variable.text.trim(), "" | "0")
        })
    });
    let fate = |row: &FlagVariable| match *allows_native {
        true => NativeFlag::Kept,
        false => row.native,
    };
    for variable in variables(cx, made) {
        let Some(row) = cx.knowledge.flag_variable(&variable.name) else { continue };
        let Some(flag) = native_flag(&variable.text) else { continue };
        let place = match variable.by_phase {
            true => format!("`{}`, set in {}", variable.name, variable.change.name),
            false => format!("`{}`", variable.name),
        };
        found.push(Native {
            change: variable.change,
            flag,
            place,
            written: variable.written,
            fate: fate(row),
            why: (fate(row) == row.native).then(|| format!("{} ({})", row.why, row.evidence())),
            optional: variable.optional || variable.guarded,
        });
    }
    let c = cx.knowledge.flag_variable("CFLAGS");
    for one in commands(cx, made) {
        let program = one.command.program().unwrap_or_default();
        let writes_config =
            one.command.output.iter().chain(&one.command.words).any(|file| {
                file.ends_with(".cargo/config") || file.ends_with(".cargo/config.toml")
            });
        let text = match (&one.command.input, writes_config) {
            (Some(text), true) => text.clone(),
            _ => one.command.words.join(" "),
        };
        let Some(flag) = native_flag(&text) else { continue };
        let (place, fate, why) = if writes_config {
            ("`.cargo/config.toml`".to_owned(), NativeFlag::Kept, None)
        } else if RUST.contains(&program) {
            (format!("a call of `{program}`"), NativeFlag::Kept, None)
        } else if let Some(row) = c.filter(|_| C.contains(&program)) {
            let why = Some(format!("{} ({})", row.why, row.evidence()));
            (format!("a call of `{program}`"), fate(row), why.filter(|_| !*allows_native))
        } else {
            continue;
        };
        let place = format!("{place} in {}", one.change.name);
        let (change, written) = (one.change, one.written);
        found.push(Native {
            change,
            flag,
            place,
            written,
            fate,
            why,
            optional: one.command.guarded,
        });
    }
    found
}

fn report(
    cx: &TreeContext<'_>,
    made: &Made<'_>,
    native: &Native<'_>,
    march: Option<&March>,
) -> Diagnostic {
    let Native { flag, place, change, .. } = native;
    let own = change.key.or(change.value.place).unwrap_or(made.call.span);
    let span = made.call.used_at.unwrap_or(own);
    let condition = match native.optional || made.call.condition.is_some() {
        true => "if the condition around it holds, ",
        false => "",
    };
    let name = &made.name;
    let message = match native.fate {
        NativeFlag::Kept => {
            format!("{condition}{name} is compiled for whatever CPU builds it: `{flag}` in {place}")
        }
        NativeFlag::Dropped => {
            format!("{condition}`{flag}` in {place} does nothing for {name}, whatever builds it")
        }
    };
    let mut found = Diagnostic::new(&NativeCpu::META, span, message);
    found = found.note(match native.fate {
        NativeFlag::Kept => {
            "The derivation's hash does not say which CPU it was: what a cache or a second host gets \
             may stop with an illegal instruction"
        }
        NativeFlag::Dropped => {
            "Yet it is part of the derivation, and where it did arrive, the derivation's hash would \
             not say which CPU the package is for"
        }
    });
    if let Some(why) = &native.why {
        found = found.note(why.clone());
    }
    if span != own {
        found = found.related(own, "in this helper");
    }
    let written = native.written.first().filter(|written| written.file != span.file);
    if let Some(written) = written {
        found = found.related(*written, "the flag is written here");
    }
    found.fix(fix(cx, made, native, march))
}

fn fix(cx: &TreeContext<'_>, made: &Made<'_>, native: &Native<'_>, march: Option<&March>) -> Fix {
    let Some(march) = march else {
        let title = "Name the CPU that it is for: its own, or a level such as x86-64-v3";
        return Fix::suggestion(title, Vec::new());
    };
    let Some(places) = natives(cx, &native.written) else {
        let title = format!("Name its CPU, which is {} as {} says", march.name, march.from);
        return Fix::suggestion(title, Vec::new());
    };
    let named = places.in_flags.then(|| reference(cx, &made.call.profiles, march, &places.spans));
    let (cpu, title) = match named.flatten() {
        Some(named) => {
            let title = format!("Take the CPU from the profile: {named}, which is {}", march.name);
            (format!("${{{named}}}"), title)
        }
        None => {
            let mut title =
                format!("Write {} in place of `native`, as {} says", march.name, march.from);
            if places.in_flags && march.profile.is_some() {
                title.push_str(" (no name stands for that profile where the flag is written)");
            }
            (march.name.clone(), title)
        }
    };
    let why = format!(
        "the derivation is another, and is built once more; it runs on {} and its successors only",
        march.name
    );
    let edits = places.spans.into_iter().map(|place| FixEdit::replace(place, cpu.clone()));
    Fix::unsafe_because(title, why, edits.collect())
}

/// Where `native` is written.
struct Places {
    spans: Vec<Span>,
    /// It is part of flags, and not a value that another text puts into them.
    in_flags: bool,
}

fn natives(cx: &TreeContext<'_>, written: &[Span]) -> Option<Places> {
    let found = |in_flags: bool| {
        let mut all = written.iter().map(|span| natives_in(cx, *span, !in_flags));
        let spans = all.find(|spans| !spans.is_empty())?;
        Some(Places { spans, in_flags })
    };
    // `march = "native"` in a profile, which another text puts into the flag.
    found(true).or_else(|| found(false))
}

/// How the profile's value is named at all of `places`; `None` where no name of it is in view.
fn reference(
    cx: &TreeContext<'_>,
    names: &[ProfileName],
    march: &March,
    places: &[Span],
) -> Option<String> {
    let (profile, path) = march.profile?;
    let of_profile = names.iter().filter(|name| name.profile == profile);
    let mut in_view = of_profile.filter(|name| places.iter().all(|it| is_in_view(cx, name, *it)));
    in_view.next().map(|name| format!("{}.{path}", name.name))
}
