//! The configuration of a tree as the editor has it, saved or not, and what is wrong with it.

use std::path::{Path, PathBuf};

use gen_lsp_types as lsp;
use text_size::{TextRange, TextSize};

use super::client::Client;
use super::conversion::uri_of;
use super::diagnostics::SOURCE;
use super::documents::Documents;
use super::settings::Settings;
use crate::analysis::Analyzer;
use crate::config::{Config, ConfigError, Location, Mistake, Mistakes, find_config_where};
use crate::lint::Selectors;
use crate::report::visible_name;
use crate::rules::ALL;
use crate::source::{SourceFile, config_text};

/// Why a tree cannot be looked at as it is asked for.
#[derive(Clone, Eq, PartialEq, Debug)]
pub(super) enum Complaint {
    /// No place can be given for it.
    General(String),
    /// What is written has no meaning.
    Written(Mistakes),
}

/// Something that is wrong with a document, with its address and version.
pub(super) type Told = (lsp::Uri, Option<i32>, lsp::Diagnostic);

impl Complaint {
    /// One that no place can be given for.
    pub(super) fn general(message: impl ToString) -> Complaint {
        Complaint::General(message.to_string())
    }

    fn mistakes(&self) -> impl Iterator<Item = &Mistake> {
        let mistakes = match self {
            Complaint::General(_) => None,
            Complaint::Written(mistakes) => Some(mistakes),
        };
        mistakes.into_iter().flat_map(Mistakes::iter)
    }

    /// Whether the editor has all that has to be changed open, and shows there what it is.
    pub(super) fn is_shown(&self, documents: &Documents) -> bool {
        let is_open = |mistake| path_of(mistake).is_some_and(|path| documents.get(path).is_some());
        match self {
            Complaint::General(_) => false,
            Complaint::Written(_) => self.mistakes().all(is_open),
        }
    }

    /// What is wrong, and where.
    pub(super) fn sentence(&self) -> String {
        match self {
            Complaint::General(message) => message.clone(),
            Complaint::Written(mistakes) => mistakes.to_string(),
        }
    }

    /// The same for the documents that have to be changed.
    pub(super) fn told<'a>(
        &'a self,
        documents: &'a Documents,
        client: &'a Client,
    ) -> impl Iterator<Item = Told> + 'a {
        self.mistakes().filter_map(|mistake| told(mistake, documents, client))
    }
}

fn path_of(mistake: &Mistake) -> Option<&Path> {
    match &mistake.at {
        Location::File { path, .. } => Some(path),
        Location::Argument(_) => None,
    }
}

fn told(mistake: &Mistake, documents: &Documents, client: &Client) -> Option<Told> {
    let Location::File { path, line, column } = &mistake.at else { return None };
    let (uri, version, source) = match documents.get(path) {
        Some(document) => {
            let source = SourceFile::new(&**path, &document.source.text);
            (document.uri.clone(), Some(document.version), source)
        }
        None => (uri_of(path)?, None, SourceFile::new(&**path, &config_text(path).ok()?)),
    };
    let number = |from_one: usize| u32::try_from(from_one).unwrap_or(u32::MAX);
    let start = source.offset(number(*line), number(*column));
    let range = client.encoding.range(&source, token_at(&source.text, start));
    let diagnostic = lsp::Diagnostic {
        range,
        severity: Some(lsp::DiagnosticSeverity::Error),
        source: Some(SOURCE.to_owned()),
        message: lsp::Message::String(visible_name(&mistake.message).into_owned()),
        ..Default::default()
    };
    Some((uri, version, diagnostic))
}

impl From<ConfigError> for Complaint {
    fn from(error: ConfigError) -> Complaint {
        match error {
            ConfigError::Invalid(mistakes) => mistakes.into(),
            error @ ConfigError::Unreadable { .. } => Complaint::general(error),
        }
    }
}

impl From<Mistakes> for Complaint {
    fn from(mistakes: Mistakes) -> Complaint {
        Complaint::Written(mistakes)
    }
}

/// The configuration of the tree at `root`, with the editor's settings over it, and an analyser that
/// heeds it.
pub(super) fn load(
    root: &Path,
    documents: &Documents,
    settings: &Settings,
) -> Result<(Config, Analyzer), Complaint> {
    let open = documents.configurations();
    let is_there = |path: &Path| open.contains_key(path) || path.is_file();
    let read = |path: &Path| match documents.get(path) {
        Some(document) => Ok(document.source.text.to_string()),
        None => config_text(path),
    };
    let (mut config, mut mistakes) = match find_config_where(root, &is_there) {
        Some(path) => Config::read_with(&path, &read)?,
        None => Default::default(),
    };
    mistakes.note(settings.lay_over(&mut config));
    let analyzer = mistakes.or(Analyzer::new(config.clone(), ALL, &Selectors::default()))?;
    Ok((config, analyzer))
}

/// The deepest folder of an open configuration that `path` lies in. It need not be saved yet.
pub(super) fn root_above(path: &Path, documents: &Documents) -> Option<PathBuf> {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let folders = documents.configurations().keys().filter_map(|config| config.parent());
    let above = folders.filter(|folder| path.starts_with(folder));
    above.max_by_key(|folder| folder.components().count()).map(Path::to_owned)
}

/// The word, string or mark of TOML that begins at `start`; in a string, up to its end.
fn token_at(text: &str, start: TextSize) -> TextRange {
    let rest = text.get(usize::from(start)..).unwrap_or_default();
    let line = rest.split(['\n', '\r']).next().unwrap_or_default();
    let length = match line.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let end = line[1..].find(quote);
            end.map_or(line.trim_end().len(), |end| end + 2)
        }
        Some(first) => {
            let ends = |char: char| char.is_whitespace() || "=,[]{}#\"'".contains(char);
            line.find(ends).unwrap_or(line.len()).max(first.len_utf8())
        }
        None => 0,
    };
    TextRange::at(start, TextSize::try_from(length).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_of_toml_is_underlined() {
        for (text, start, token) in [
            ("ignore = 1\n", 0, "ignore"),
            ("ignore = 1\n", 9, "1"),
            ("a = [\"x y\", 'z']", 5, "\"x y\""),
            ("a = [\"x y\", 'z']", 12, "'z'"),
            ("a = \"open # \nb", 4, "\"open #"),
            ("a = [1]", 4, "["),
            ("a.b = 1", 0, "a.b"),
            ("ä=1", 0, "ä"),
            ("a =", 3, ""),
            ("a =\n", 3, ""),
            ("", 9, ""),
        ] {
            let range = token_at(text, TextSize::new(start));
            let range = std::ops::Range::<usize>::from(range);
            assert_eq!(text.get(range).unwrap_or_default(), token, "{text:?} {start}");
        }
    }
}
