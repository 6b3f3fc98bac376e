//! What a first `frugix.toml` says of a tree: its hosts, and the overrides that it has. Each line is
//! explained, and what is only a suggestion is a comment.
//!
//! Figures that the tree tells are shown and not repeated: a copy would go on to hold when the
//! profile says something else.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter, Write};

use crate::budget::audit::{Audit, Cache, Row, Verdict};
use crate::budget::concern::{Concern, Judge};
use crate::budget::{Budget, Host, Teller, Told};
use crate::config::{Bytes, Config, Unsaid, dotted, quoted, setting_at};
use crate::facts::{Facts, ModuleKind};
use crate::knowledge::Knowledge;
use crate::report::{visible, visible_name};
use crate::source::{Span, Tree};

const HEAD: &str = "\
#:schema https://raw.githubusercontent.com/frugix/frugix/main/docs/frugix.schema.json

# Written by `frugix init`. Any line may go; `frugix config` shows what is in force.
";

/// A first `frugix.toml`.
pub(super) struct Draft<'a> {
    tree: &'a Tree,
    facts: &'a Facts,
    hosts: Vec<Host>,
    overrides: Vec<Override>,
}

/// A package that is overridden.
struct Override {
    name: String,
    /// Where, and what of it.
    told: String,
    /// Why it should not simply be kept.
    but: Option<String>,
}

impl<'a> Draft<'a> {
    pub(super) fn of(tree: &'a Tree, config: &Config, facts: &'a Facts) -> Draft<'a> {
        let hosts = Budget::new(tree, config, facts).hosts;
        Draft { tree, facts, hosts, overrides: overrides(tree, config, facts) }
    }

    fn write_hosts(&self, out: &mut dyn Write) -> fmt::Result {
        let is_known = |host: &&Host| host.threads.is_some() || host.memory.is_some();
        let known: Vec<&Host> = self.hosts.iter().filter(is_known).collect();
        if known.is_empty() {
            return write_unknown(out, &self.hosts.iter().collect::<Vec<_>>());
        }
        out.write_str(
            "\n# The machines that build. What the tree tells of them is read from there: of these lines, \
             those\n# in comments say what and where. Without its first #, a line outweighs the tree.\n",
        )?;
        let (certain, doubtful) = self.builders(&known);
        for (index, host) in certain.iter().enumerate() {
            out.write_str(if index == 0 { "" } else { "\n" })?;
            self.write_host(out, host)?;
        }
        if doubtful.is_empty() {
            return Ok(());
        }
        if !certain.is_empty() {
            out.write_str("\n")?;
        }
        let names: Vec<&str> = doubtful.iter().map(|host| host.name.as_str()).collect();
        writeln!(
            out,
            "# Profiles of machines that this tree configures no system of: {}.\n\
             # Without its #, a line says that the machine builds what is here.",
            visible_name(&names.join(", "))
        )?;
        for host in doubtful {
            writeln!(out, "# {}", visible_name(&format!("[{}]", dotted(&["host", &host.name]))))?;
        }
        Ok(())
    }

    /// The hosts that surely build something of this tree, and those that may. Where the figures of
    /// some are known, those without stand beside them: a host that stands alone is taken for the one
    /// that all is built on.
    fn builders<'h>(&'h self, known: &[&'h Host]) -> (Vec<&'h Host>, Vec<&'h Host>) {
        let is_system = |host: &&Host| {
            let systems = self
                .facts
                .configurations
                .iter()
                .filter(|it| matches!(it.kind, ModuleKind::Nixos | ModuleKind::Darwin));
            systems.map(|it| &it.host).any(|name| *name == host.name)
        };
        let systems: Vec<&Host> = self.hosts.iter().filter(is_system).collect();
        let has_system = known.iter().any(is_system);
        match (has_system, known) {
            (true, _) => (systems, known.iter().copied().filter(|host| !is_system(host)).collect()),
            (false, [only]) if systems.is_empty() => (vec![*only], Vec::new()),
            (false, _) => (Vec::new(), known.to_vec()),
        }
    }

    fn write_host(&self, out: &mut dyn Write, host: &Host) -> fmt::Result {
        writeln!(out, "[{}]", dotted(&["host", &host.name]))?;
        if let Some(profile) = host.profile.and_then(|index| self.facts.profiles.get(index)) {
            let path = self.tree.path(profile.file).to_string_lossy().replace('\\', "/");
            writeln!(out, "# The file that describes its hardware.")?;
            writeln!(out, "profile = {}", quoted(&path))?;
        }
        let threads = host.threads.map(|told| (told.value.to_string(), told.by));
        self.write_figure(out, "threads", threads, "8", "its hardware threads")?;
        let memory = |told: Told<Bytes>| (amount(told.value), told.by);
        let of = host.memory.map(memory);
        self.write_figure(out, "memory", of, "\"16GiB\"", "its main memory")?;
        if let Some(zram) = host.zram.map(memory) {
            self.write_figure(out, "zram", Some(zram), "", "")?;
        }
        Ok(())
    }

    fn write_figure(
        &self,
        out: &mut dyn Write,
        key: &str,
        told: Option<(String, Teller)>,
        example: &str,
        about: &str,
    ) -> fmt::Result {
        match told {
            Some((value, by)) => writeln!(out, "# {key} = {value}  # {}", self.teller(by)),
            None => writeln!(out, "# {key} = {example}  # {about}: nothing in the tree tells"),
        }
    }

    fn teller(&self, by: Teller) -> String {
        match by {
            Teller::Config => "frugix.toml".to_owned(),
            Teller::Profile(span) | Teller::Option(span) => place(self.tree, span),
            Teller::Report(span) => {
                format!("the nixos-facter report, {}", place(self.tree, span))
            }
        }
    }

    fn write_overrides(&self, out: &mut dyn Write) -> fmt::Result {
        if self.overrides.is_empty() {
            return out.write_str(
                "\n# Overrides that are wanted. This tree has none of a package of nixpkgs; with this \
                 list, each\n# that comes is reported until it stands here.\n\
                 # [overrides]\n# keep = []\n",
            );
        }
        out.write_str(
            "\n[overrides]\n# Packages of nixpkgs whose overrides are wanted: those that this tree has \
             now. From now on, each\n# that is not listed is reported.\n",
        )?;
        if self.overrides.iter().any(|it| it.but.is_some()) {
            out.write_str(
                "# Those in comments cost more than they need to, or than they may be worth: without its \
                 first #,\n# a line says that this is wanted all the same.\n",
            )?;
        }
        out.write_str("keep = [\n")?;
        for Override { name, told, but } in &self.overrides {
            let name = quoted(name);
            match but {
                None => writeln!(out, "  {name}, # {told}")?,
                Some(but) => writeln!(out, "  # {name}, # {told}: {but}")?,
            }
        }
        out.write_str("]\n")
    }
}

impl Display for Draft<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(HEAD)?;
        let version = env!("CARGO_PKG_VERSION");
        let version = version.rsplit_once('.').map_or(version, |(minor, _)| minor);
        writeln!(f, "\n# {}", about("required-version"))?;
        writeln!(f, "required-version = \">={version}\"")?;
        f.write_str(
            "\n# Rules and groups to run besides. Those of the group `advice` tell of optimisations worth\n\
             # considering.\n# extend-select = [\"advice\"]\n",
        )?;
        write_default(f, "exclude", "# exclude", "[\"generated/\"]")?;
        write_default(f, "fail-on", "fail-on", "")?;
        self.write_hosts(f)?;
        f.write_str("\n[budget]")?;
        for key in ["tolerance", "reserve-threads", "reserve-memory"] {
            write_default(f, &format!("budget.{key}"), key, "")?;
        }
        f.write_str(
            "\n# Timeouts of builds: with this table each package that is compiled here must have one; with\n\
             # \"heavy\", those that take more than an hour.\n\
             # [timeouts]\n# require = \"heavy\"\n",
        )?;
        self.write_overrides(f)
    }
}

/// What nothing in the tree tells anything of.
fn write_unknown(out: &mut dyn Write, hosts: &[&Host]) -> fmt::Result {
    /// More names than this say less.
    const LISTED: usize = 8;
    let names: Vec<&str> = hosts.iter().map(|host| host.name.as_str()).collect();
    let name = names.first().copied().unwrap_or("laptop");
    let whose = match names.as_slice() {
        [] => "The tree names none.".to_owned(),
        [name] => format!("Nothing in the tree tells what {name} has."),
        names => {
            let more = names.len().saturating_sub(LISTED);
            let more = if more == 0 { String::new() } else { format!(" and {more} more") };
            let listed = names[..names.len().min(LISTED)].join(", ");
            format!("Nothing in the tree tells what these have:\n# {}{more}.", visible(&listed))
        }
    };
    write!(
        out,
        "\n# The machines that build, by host name. {}\n\
         # Below, max-jobs, cores and memory are held against what they have.\n\
         # {}\n# threads = 8\n# memory = \"16GiB\"\n# zram = \"8GiB\"\n",
        visible(&whose),
        visible_name(&format!("[{}]", dotted(&["host", name]))),
    )
}

/// The setting at `path` as it is without this file, or `example` where that says little, explained.
fn write_default(out: &mut dyn Write, path: &str, key: &str, example: &str) -> fmt::Result {
    let setting = setting_at(&path.split('.').collect::<Vec<_>>());
    let value = match setting.map(|setting| setting.unsaid) {
        Some(Unsaid::Value(value)) if example.is_empty() => value,
        _ => example,
    };
    writeln!(out, "\n# {}", about(path))?;
    writeln!(out, "{key} = {value}")
}

fn about(path: &str) -> &'static str {
    setting_at(&path.split('.').collect::<Vec<_>>()).map_or("", |setting| setting.about)
}

fn amount(bytes: Bytes) -> String {
    format!("\"{}\"", bytes.to_string().replace(' ', ""))
}

fn place(tree: &Tree, span: Span) -> String {
    let name = tree.path(span.file).to_string_lossy().replace('\\', "/");
    let line = tree.source(span.file).map_or(1, |source| source.position(span.range.start()).line);
    format!("{}:{line}", visible_name(&name))
}

/// The packages of nixpkgs that the tree overrides, by name. What nothing but their change speaks
/// against is kept; of the others an audit says why not.
fn overrides(tree: &Tree, config: &Config, facts: &Facts) -> Vec<Override> {
    let knowledge = Knowledge::builtin();
    let judge = Judge { tree, knowledge, facts };
    let mut plain: BTreeMap<String, bool> = BTreeMap::new();
    for site in &facts.overrides {
        let package = site.package.as_ref().filter(|package| package.is_stock());
        let (Some(package), Some(concern)) = (package, judge.concern(site)) else { continue };
        *plain.entry(package.name()).or_insert(true) &= matches!(concern, Concern::Other);
    }
    let audit = Audit::new(tree, knowledge, config, facts);
    let of = |(name, is_plain): (String, bool)| {
        let leaves = |row: &&Row| matches!(row.cache, Cache::Leaves | Cache::MayLeave);
        let rows: Vec<&Row> =
            audit.rows.iter().filter(|row| row.name == name).filter(leaves).collect();
        let row = rows.iter().find(|row| row.verdict != Verdict::Keep).or(rows.first())?;
        let mut told = place(tree, row.place);
        if !row.changes.is_empty() {
            told = format!("{told}, {}", visible_name(&row.changes.join(", ")));
        }
        let but = (!is_plain).then(|| visible_name(&row.why).into_owned());
        Some(Override { name, told, but })
    };
    plain.into_iter().filter_map(of).collect()
}
