//! Which paths are meant: one line of a `.gitignore`.

use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Paths, written as in a `.gitignore` at the root of the tree: `*.nix` in any folder,
/// `overlays/*.nix` in that one, `hosts/` with all below it.
#[derive(Clone, Debug)]
pub struct PathPattern {
    text: String,
    matcher: Gitignore,
}

impl PathPattern {
    /// Reads a pattern. The error says what is wrong with it.
    pub fn new(text: &str) -> Result<PathPattern, PatternError> {
        if text.trim().is_empty() {
            return Err(PatternError("is empty".to_owned()));
        }
        if text.starts_with(['#', '!']) {
            return Err(PatternError(format!(
                "begins with `{}`, which has no meaning here",
                &text[..1]
            )));
        }
        let mut builder = GitignoreBuilder::new("");
        let built = builder
            .allow_unclosed_class(false)
            .add_line(None, text)
            .and_then(|builder| builder.build());
        match built {
            Ok(matcher) => Ok(PathPattern { text: text.to_owned(), matcher }),
            Err(error) => Err(PatternError(format!("is not a glob: {}", reason(&error)))),
        }
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the file at `path`, relative to the root of the tree, is meant.
    pub fn matches(&self, path: &Path) -> bool {
        !path.has_root() && self.matcher.matched_path_or_any_parents(path, false).is_ignore()
    }
}

impl PartialEq for PathPattern {
    fn eq(&self, other: &PathPattern) -> bool {
        self.text == other.text
    }
}

/// Why a text is no pattern of paths. Reads on from the pattern.
#[derive(Clone, Eq, PartialEq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct PatternError(String);

fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        ignore::Error::WithLineNumber { err, .. } | ignore::Error::WithPath { err, .. } => {
            reason(err)
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        PathPattern::new(pattern).unwrap().matches(Path::new(path))
    }

    #[test]
    fn patterns_are_those_of_gitignore() {
        assert!(matches("*.nix", "a/b/c.nix"));
        assert!(matches("overlays/*.nix", "overlays/rust.nix"));
        assert!(!matches("overlays/*.nix", "x/overlays/rust.nix"));
        assert!(!matches("overlays/*.nix", "overlays/rust/tool.nix"));
        assert!(matches("overlays/", "x/overlays/rust.nix"));
        assert!(matches("/hosts", "hosts/a/b.nix"));
        assert!(matches("**/gen/**", "a/gen/b.nix"));
        assert!(!matches("*.nix", "/outside.nix"));
    }

    #[test]
    fn what_is_no_pattern_says_why() {
        let error = |text| PathPattern::new(text).unwrap_err().to_string();
        assert_eq!(error(" "), "is empty");
        assert_eq!(error("!a"), "begins with `!`, which has no meaning here");
        assert_eq!(error("a[b"), "is not a glob: unclosed character class; missing ']'");
    }
}
