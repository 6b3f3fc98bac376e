//! `frugix schema`: the JSON schema of `frugix.toml`.

use std::io::Write;

use clap::Args;

use super::terminal::{Terminal, tolerate_closed};
use super::{CliError, Outcome};
use crate::config::{RuleName, json_schema};
use crate::lint::Group;
use crate::rules::ALL;

const LONG_HELP: &str = "\
Editors that know TOML complete and check frugix.toml by it: write this line at its top.

    #:schema https://raw.githubusercontent.com/frugix/frugix/main/docs/frugix.schema.json";

/// The arguments of `frugix schema`.
#[derive(Args, Debug)]
#[command(after_long_help = LONG_HELP)]
pub(super) struct SchemaArgs {}

impl SchemaArgs {
    pub fn run(self, terminal: &Terminal) -> Result<Outcome, CliError> {
        let metas = ALL.iter().map(|rule| rule.meta());
        let rules = metas.map(|meta| RuleName { name: meta.id, about: meta.summary });
        let abouts: Vec<String> =
            Group::ALL.iter().map(|group| format!("The rules of the group {group}.")).collect();
        let groups = Group::ALL.into_iter().zip(&abouts);
        let groups = groups.map(|(group, about)| RuleName { name: group.name(), about });
        let all = RuleName { name: "ALL", about: "Every rule." };
        let names: Vec<RuleName<'_>> = rules.chain(groups).chain([all]).collect();
        let mut out = terminal.raw_output();
        let written = serde_json::to_writer_pretty(&mut out, &json_schema(&names))
            .map_err(std::io::Error::from)
            .and_then(|()| writeln!(out))
            .and_then(|()| out.flush());
        tolerate_closed(written).map(|()| Outcome::Clean)
    }
}
