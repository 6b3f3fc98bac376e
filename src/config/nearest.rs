//! The word that was probably meant.

/// The one of `known` that `word` is probably a misspelling of, if any is near enough.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word);
    let allowed = (word.chars().count() / 3).clamp(1, 4);
    known
        .into_iter()
        .map(|candidate| (distance(&word, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, candidate)| candidate)
}

fn plain(word: &str) -> String {
    word.trim().to_lowercase().replace('_', "-")
}

/// Letters to change, counting a missing or added ending ("timeout" for "timeouts") as one.
fn distance(word: &str, candidate: &str) -> usize {
    let ending = word.starts_with(candidate) || candidate.starts_with(word);
    match strsim::damerau_levenshtein(word, candidate) {
        0 => 0,
        changes if ending => changes.min(2),
        changes => changes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["timeouts", "budget", "browsers", "fail-on"];

    #[test]
    fn misspellings_are_recognised() {
        assert_eq!(nearest("timeout", KNOWN), Some("timeouts"));
        assert_eq!(nearest("budjet", KNOWN), Some("budget"));
        assert_eq!(nearest("fail_on", KNOWN), Some("fail-on"));
        assert_eq!(nearest("Budget", KNOWN), Some("budget"));
        assert_eq!(nearest("borwsers", KNOWN), Some("browsers"));
    }

    #[test]
    fn other_words_are_not() {
        assert_eq!(nearest("colour", KNOWN), None);
        assert_eq!(nearest("", KNOWN), None);
    }

    #[test]
    fn of_equals_the_first_by_name_is_taken() {
        assert_eq!(nearest("cat", ["rat", "bat"]), Some("bat"));
    }
}
