//! How a row of a table names attributes: literally, or as a family.
//!
//! A name is a dotted attribute path. In it `#` stands for a version number (digits, with `_` between
//! groups of them) and `*` for any text, neither ever reaching over a dot. So
//! `electron_#` is `electron_31` but not `electron_31-bin`, and `python#Packages.torch` is
//! `python313Packages.torch`. Families live in the data; the code knows no package by name.

/// A dotted attribute path of which some components may be families.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct NamePattern {
    components: Vec<Box<str>>,
}

impl NamePattern {
    pub(super) fn new(name: &str) -> NamePattern {
        NamePattern { components: name.split('.').map(Box::from).collect() }
    }

    /// Whether `name` stands for more than itself.
    pub(super) fn is_family(name: &str) -> bool {
        name.contains(['#', '*'])
    }

    /// Whether this names exactly `path`.
    pub(super) fn matches(&self, path: &[&str]) -> bool {
        self.components.len() == path.len() && self.matches_end_of(path)
    }

    /// Whether this names the last components of `path`, as `buildRustPackage` does those of
    /// `myPlatform.buildRustPackage`.
    pub(super) fn matches_end_of(&self, path: &[&str]) -> bool {
        let Some(start) = path.len().checked_sub(self.components.len()) else {
            return false;
        };
        self.components
            .iter()
            .zip(&path[start..])
            .all(|(pattern, text)| component_matches(pattern, text))
    }

    /// How many components it has: the longer of two that match says more.
    pub(super) fn len(&self) -> usize {
        self.components.len()
    }
}

/// Matches one component. Backtracks at `*` and `#`, which stand at most a few times in a name.
fn component_matches(pattern: &str, text: &str) -> bool {
    let Some(wild) = pattern.find(['#', '*']) else {
        return pattern == text;
    };
    let (literal, rest) = pattern.split_at(wild);
    let Some(text) = text.strip_prefix(literal) else {
        return false;
    };
    let (kind, rest) = rest.split_at(1);
    let reach = if kind == "*" {
        text.len()
    } else {
        text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len())
    };
    text.char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|&end| end <= reach)
        .filter(|&end| kind == "*" || is_version(&text[..end]))
        .any(|end| component_matches(rest, &text[end..]))
}

/// Digits, in groups joined by single underscores: `31`, `3_12`.
fn is_version(text: &str) -> bool {
    text.split('_').all(|group| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &[&str]) -> bool {
        NamePattern::new(pattern).matches(path)
    }

    #[test]
    fn a_literal_name_is_itself_and_nothing_longer() {
        assert!(matches("brave", &["brave"]));
        assert!(!matches("brave", &["brave-search-mcp"]));
        assert!(!matches("brave", &["apps", "brave"]));
        assert!(matches("chromium.browser", &["chromium", "browser"]));
    }

    #[test]
    fn a_number_sign_is_a_version() {
        assert!(matches("electron_#", &["electron_31"]));
        assert!(!matches("electron_#", &["electron_"]));
        assert!(!matches("electron_#", &["electron_31-bin"]));
        assert!(matches("electron_#-bin", &["electron_31-bin"]));
        assert!(matches("python#Packages.torch", &["python313Packages", "torch"]));
        assert!(!matches("python#Packages.torch", &["pythonPackages", "torch"]));
        assert!(matches("linux_#", &["linux_6_12"]));
        assert!(!matches("linux_#", &["linux_6_12_hardened"]));
        assert!(!matches("linux_#", &["linux_6__12"]));
    }

    #[test]
    fn a_star_is_any_text_within_a_component() {
        assert!(matches("firefox-*-unwrapped", &["firefox-esr-140-unwrapped"]));
        assert!(!matches("firefox-*-unwrapped", &["firefox-unwrapped"]));
        assert!(matches("electron-source.*", &["electron-source", "electron_38"]));
        assert!(!matches("electron-source.*", &["electron-source", "electron_38", "meta"]));
    }

    #[test]
    fn characters_of_more_than_one_byte_are_no_trap() {
        assert!(matches("a*", &["aü"]));
        assert!(!matches("a#", &["a1ü"]));
    }

    #[test]
    fn the_end_of_a_path_can_be_named() {
        let name = NamePattern::new("buildGo1#Module");
        assert!(name.matches_end_of(&["pkgs", "buildGo125Module"]));
        assert!(!name.matches_end_of(&["buildGo125Module", "override"]));
        assert!(!NamePattern::new("stdenv.mkDerivation").matches_end_of(&["mkDerivation"]));
    }
}
