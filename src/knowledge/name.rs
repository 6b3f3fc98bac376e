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

/// No attribute's name is longer; what is, belongs to no family.
const LONGEST: usize = 1000;

/// Matches one component, in time that grows with the pattern and with the text: a pattern may be
/// anything that somebody wrote into a configuration.
fn component_matches(pattern: &str, text: &str) -> bool {
    let Some(wild) = pattern.find(['#', '*']) else {
        return pattern == text;
    };
    let (literal, pattern) = pattern.split_at(wild);
    // Each mark stands for one character at least.
    match text.strip_prefix(literal) {
        Some(text) if pattern.len() <= text.len() && text.len() <= LONGEST => {
            Matching::of(pattern).reaches_end_of(text)
        }
        _ => false,
    }
}

/// How far a pattern may have come, all ways of matching at once.
struct Matching<'p> {
    pattern: &'p str,
    /// By the place of a mark in the pattern: whether what comes next may begin it. The last is the
    /// pattern's end.
    begins: Vec<bool>,
    /// Whether what comes next may go on with the wild mark there.
    goes_on: Vec<bool>,
}

impl Matching<'_> {
    fn of(pattern: &str) -> Matching<'_> {
        let places = vec![false; pattern.len() + 1];
        let mut matching = Matching { pattern, begins: places.clone(), goes_on: places };
        matching.begins[0] = true;
        matching
    }

    fn reaches_end_of(mut self, text: &str) -> bool {
        for next in text.chars() {
            self.take(next);
        }
        self.begins[self.pattern.len()]
    }

    fn take(&mut self, next: char) {
        let mut begins = vec![false; self.begins.len()];
        let mut goes_on = vec![false; self.goes_on.len()];
        for (at, mark) in self.pattern.char_indices() {
            let behind = at + mark.len_utf8();
            let (is_begun, is_within) = (self.begins[at], self.goes_on[at]);
            // What may be the whole of a wild mark goes on, and leaves room for what is behind it.
            let is_met = match mark {
                '*' => is_begun || is_within,
                '#' => (is_begun || is_within) && next.is_ascii_digit(),
                literal => {
                    begins[behind] |= is_begun && next == literal;
                    continue;
                }
            };
            goes_on[at] |= is_met;
            begins[behind] |= is_met;
            // Another group of digits must follow.
            begins[at] |= mark == '#' && is_within && next == '_';
        }
        (self.begins, self.goes_on) = (begins, goes_on);
    }
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

    /// Trying each way after the other would take longer than anybody waits.
    #[test]
    fn a_pattern_of_many_marks_is_matched_at_once() {
        let name = "a".repeat(60);
        for mark in ["*a", "*", "*a*"] {
            let pattern = format!("{}z", mark.repeat(20));
            assert!(!matches(&pattern, &[&name]));
            assert!(matches(&pattern, &[&format!("{name}z")]));
        }
        let digits = "1".repeat(60);
        assert!(!matches(&format!("{}z", "#".repeat(30)), &[&digits]));
        assert!(matches(&"#".repeat(30), &[&digits]));
        assert!(matches("*#_*", &["a1_1_1"]));
        assert!(!matches("a#a", &["a1_a"]));
        assert!(!matches("a*", &[&"a".repeat(1_000_000)]));
    }

    #[test]
    fn the_end_of_a_path_can_be_named() {
        let name = NamePattern::new("buildGo1#Module");
        assert!(name.matches_end_of(&["pkgs", "buildGo125Module"]));
        assert!(!name.matches_end_of(&["buildGo125Module", "override"]));
        assert!(!NamePattern::new("stdenv.mkDerivation").matches_end_of(&["mkDerivation"]));
    }
}
