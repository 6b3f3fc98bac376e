//! The text of a nix.conf that the tree writes: its lines, with the numbers in it as values.

use text_size::{TextRange, TextSize};

use super::Collector;
use super::module::ModuleContext;
use crate::eval::{EnvId, Site, ThunkId};
use crate::facts::{Priority, Setting, SettingPlace, ValueFact, ValueKind};
use crate::hir::{Expr, StrPart};
use crate::source::Span;

impl Collector<'_, '_> {
    /// Keeps the lines of `thunk`, if the option at `path` is the text of a nix.conf.
    pub(super) fn collect_nix_conf(
        &mut self,
        thunk: ThunkId,
        path: &[&str],
        condition: Option<Span>,
        context: &ModuleContext,
    ) -> bool {
        if !is_nix_conf(path) {
            return false;
        }
        let Some((site, env)) = self.evaluator.expression_of(thunk) else { return true };
        let Some(hir) = self.evaluator.program().file(site.file) else { return true };
        let Expr::Str(_) = hir.expr(site.expr) else { return true };
        let range = hir.range(site.expr);
        let Some(source) = self.evaluator.source(site.file) else { return true };
        let mut start = range.start();
        for line in source.slice(range).split_inclusive('\n') {
            self.collect_line(line, start, site, env, condition, context);
            start += TextSize::of(line);
        }
        true
    }

    fn collect_line(
        &mut self,
        line: &str,
        start: TextSize,
        string: Site,
        env: EnvId,
        condition: Option<Span>,
        context: &ModuleContext,
    ) {
        let Some((name, rest)) = line.split_once('=') else { return };
        let name =
            name.trim_matches(|char: char| char.is_whitespace() || char == '\'' || char == '"');
        let is_name = !name.is_empty()
            && name.chars().all(|char| char.is_ascii_alphanumeric() || char == '-');
        if !is_name {
            return;
        }
        let written =
            rest.trim_matches(|char: char| char.is_whitespace() || char == '\'' || char == '"');
        let Some(offset) = line.rfind(written).filter(|_| !written.is_empty()) else { return };
        let at = start + TextSize::of(&line[..offset]);
        let place = Span::new(string.file, TextRange::at(at, TextSize::of(written)));
        let value = self.line_value(written, place, string, env);
        let trimmed = line.trim();
        let key_at = start + TextSize::of(&line[..line.find(trimmed).unwrap_or(0)]);
        self.facts.settings.push(Setting {
            calls: Vec::new(),
            profiles: Vec::new(),
            path: vec!["nix".into(), "settings".into(), name.to_owned()],
            key: Span::new(string.file, TextRange::at(key_at, TextSize::of(trimmed))),
            definition: None,
            value,
            priority: Priority::PLAIN,
            condition,
            place: SettingPlace::NixConf(context.kind),
            host: context.host.clone(),
        });
    }

    fn line_value(&mut self, written: &str, place: Span, string: Site, env: EnvId) -> ValueFact {
        let literal = |kind: ValueKind| ValueFact {
            kind,
            place: Some(place),
            literal: Some(place),
            ..ValueFact::default()
        };
        if let Ok(int) = written.parse() {
            return literal(ValueKind::Int(int));
        }
        if !written.contains("${") {
            return literal(ValueKind::Str(written.to_owned()));
        }
        let Some(hole) = self.only_hole(string, place) else {
            return ValueFact {
                kind: ValueKind::Unknown("a line with several values".to_owned()),
                place: Some(place),
                ..ValueFact::default()
            };
        };
        let value = self.evaluator.evaluate(Site { expr: hole, ..string }, env);
        let fact = self.freeze_value(&value, 0);
        let kind = match fact.as_str().and_then(|text| text.parse().ok()) {
            Some(int) => ValueKind::Int(int),
            None => fact.kind,
        };
        ValueFact { kind, place: Some(place), ..fact }
    }

    /// The expression of the one `${ }` that lies in `place`.
    fn only_hole(&self, string: Site, place: Span) -> Option<crate::hir::ExprId> {
        let hir = self.evaluator.program().file(string.file)?;
        let Expr::Str(parts) = hir.expr(string.expr) else { return None };
        let mut holes = parts.iter().filter_map(|part| match part {
            StrPart::Hole(hole) if place.range.contains_range(hir.range(*hole)) => Some(*hole),
            _ => None,
        });
        let hole = holes.next()?;
        holes.next().is_none().then_some(hole)
    }
}

/// The options that hold the text of a nix.conf.
fn is_nix_conf(path: &[&str]) -> bool {
    match path {
        ["nix", "extraOptions"] => true,
        ["home", "file", name, "text"]
        | ["xdg", "configFile", name, "text"]
        | ["environment", "etc", name, "text"] => name.ends_with("nix/nix.conf"),
        _ => false,
    }
}
