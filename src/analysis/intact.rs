//! Whether a text that fixes made has lost something that they may not take.

use std::collections::BTreeMap;

use super::workers::on_worker;
use crate::lint::{Broken, is_directive};
use crate::syntax::{DepthLimit, SyntaxError, comments, parse_within};

/// Refuses `after`, made from `before`, when it has more syntax errors or when a comment is gone.
/// What comments say to frugix is frugix's own and may go.
pub(super) fn check_intact(before: &str, after: &str, limit: DepthLimit) -> Result<(), Broken> {
    on_worker(|| {
        let (before, after) = (Traits::of(before, limit), Traits::of(after, limit));
        if let Some(error) = after.errors.get(before.errors.len()) {
            return Err(Broken(format!("leaves a syntax error: {}", error.message)));
        }
        let is_lost = |(text, count): &(&String, &usize)| {
            after.comments.get(*text).is_none_or(|left| left < *count)
        };
        match before.comments.iter().find(is_lost) {
            Some((comment, _)) => Err(Broken(format!("loses the comment `{comment}`"))),
            None => Ok(()),
        }
    })
}

/// What is compared of a text.
struct Traits {
    errors: Vec<SyntaxError>,
    /// How often each comment stands in it.
    comments: BTreeMap<String, usize>,
}

impl Traits {
    fn of(text: &str, limit: DepthLimit) -> Traits {
        let parsed = match parse_within(text, limit) {
            Ok(parsed) => parsed,
            Err(error) => return Traits { errors: vec![error], comments: BTreeMap::new() },
        };
        let mut counts = BTreeMap::new();
        for comment in comments(&parsed.syntax()) {
            if !is_directive(&comment.text) {
                *counts.entry(comment.text.trim_end().to_owned()).or_insert(0) += 1;
            }
        }
        Traits { errors: parsed.errors().to_vec(), comments: counts }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(before: &str, after: &str) -> Option<String> {
        check_intact(before, after, DepthLimit::USUAL).err().map(|broken| broken.0)
    }

    #[test]
    fn a_new_syntax_error_is_refused() {
        let refused = refusal("{ a = 1; }", "{ a = 1 }");
        assert_eq!(refused.as_deref(), Some("leaves a syntax error: expected `;`, found `}`"));
        assert_eq!(refusal("{ a = 1 }", "{ b = 1 }"), None);
        assert_eq!(refusal("{ a = 1 }", "{ b = 1; }"), None);
    }

    #[test]
    fn comments_stay() {
        let before = "{\n  # why\n  a = 1; # why\n}";
        assert_eq!(refusal(before, "{ a = 1; /* and */\n# why\n# why\n}"), None);
        let refused = refusal(before, "{\n  a = 1; # why\n}");
        assert_eq!(refused.as_deref(), Some("loses the comment `# why`"));
        assert!(refusal("[ /* x */ ]", "[ /* y */ ]").is_some());
        assert_eq!(refusal("# a\r\n1", "# a\n2"), None);
    }

    #[test]
    fn what_is_said_to_frugix_may_go() {
        assert_eq!(refusal("# frugix: ignore[timeout] x\n1", "1"), None);
        assert!(refusal("# frugix is slow\n1", "1").is_some());
    }
}
