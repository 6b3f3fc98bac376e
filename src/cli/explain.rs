//! `frugix explain`: a rule's documentation.

use std::io::{self, Write};

use anstyle::Style;
use clap::Args;

use super::terminal::{Terminal, tolerate_closed};
use super::{CliError, Outcome};
use crate::config::nearest;
use crate::lint::RuleMeta;
use crate::report::fix_phrase;
use crate::rules::ALL;

/// The arguments of `frugix explain`.
#[derive(Args, Debug)]
pub(super) struct ExplainArgs {
    /// The rule's name, as findings show it in brackets
    rule: String,
}

impl ExplainArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        let mut metas = ALL.iter().map(|rule| rule.meta());
        let Some(meta) = metas.clone().find(|meta| meta.id == self.rule) else {
            return Err(CliError::UnknownRule {
                nearest: nearest(&self.rule, metas.by_ref().map(|meta| meta.id)),
                name: self.rule,
            });
        };
        let mut out = terminal.styled_output();
        tolerate_closed(write_rule(&mut out, meta).and_then(|()| out.flush()))
            .map(|()| Outcome::Clean)
    }
}

fn write_rule(out: &mut dyn Write, meta: &RuleMeta) -> io::Result<()> {
    const BOLD: Style = Style::new().bold();
    writeln!(out, "{BOLD}{}{BOLD:#}", meta.id)?;
    writeln!(
        out,
        "{} · {} · {} · since {}{}",
        meta.group.name(),
        meta.severity.name(),
        fix_phrase(meta),
        meta.since,
        if meta.default_on { "" } else { " · runs only when selected" },
    )?;
    let mut in_code = false;
    for line in meta.docs.trim_end().lines() {
        in_code ^= line.starts_with("```");
        if !in_code && line.starts_with('#') {
            writeln!(out, "\n{BOLD}{}{BOLD:#}", line.trim_start_matches('#').trim_start())?;
        } else {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}
