//! The public keys of caches that stand anywhere in the text: a key may reach its setting on ways that
//! evaluation does not follow.

use crate::facts::Facts;
use crate::hir::{Expr, File, StrPart};

/// How long the text of an Ed25519 key is in base 64, without the `=` at its end, which Nix does not ask
/// for.
const LENGTH: usize = 43;

/// Stands for the name of a key of which only the end is in the text.
const CUT: &str = "…";

/// The name of a key, and the whole of it.
pub(super) type Key = (String, String);

/// Keeps the keys of a tree.
pub(super) fn keep_keys(facts: &mut Facts, mut keys: Vec<Key>) {
    keys.sort_unstable();
    keys.dedup();
    let mut names: Vec<String> = keys.iter().map(|(name, _)| name.clone()).collect();
    names.dedup();
    facts.public_keys = names;
    let whole = keys.into_iter().filter(|(name, _)| name != CUT);
    facts.public_key_texts = whole.map(|(_, key)| key).collect();
}

/// The keys in the strings of a file.
pub(super) fn keys_in(hir: &File) -> Vec<Key> {
    let mut keys = Vec::new();
    for expr in hir.expr_ids() {
        let Expr::Str(parts) = hir.expr(expr) else { continue };
        for part in parts {
            let StrPart::Text(text) = part else { continue };
            let words = text.split_whitespace();
            let key = |word: &str| Some((key_name(word)?.to_owned(), padded(word)));
            keys.extend(words.filter_map(key));
        }
    }
    keys
}

/// The key, with the `=` at its end.
fn padded(key: &str) -> String {
    format!("{}=", key.trim_end_matches('='))
}

/// Whether `text`, as it is written, may hold a key.
pub(super) fn may_hold_key(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let Some(colon) = rest.iter().position(|byte| *byte == b':') {
        rest = &rest[colon + 1..];
        if rest.get(..LENGTH).is_some_and(is_key) {
            return true;
        }
    }
    false
}

/// Whether `word` is the text of a key in base 64.
fn is_key(word: &[u8]) -> bool {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    let key = word.strip_suffix(b"=").unwrap_or(word);
    key.len() == LENGTH && key.iter().all(is_digit)
}

/// The name of the public key that `word` is; `…` where only the end of the name is in the text.
fn key_name(word: &str) -> Option<&str> {
    let (name, key) = word.rsplit_once(':')?;
    let is_whole = !name.is_empty() && !name.starts_with('-');
    // Fingerprints of SSH keys are as long: `SHA256:…`.
    let may_be = key.ends_with('=') || is_whole && is_numbered(name);
    (may_be && is_key(key.as_bytes())).then_some(if is_whole { name } else { CUT })
}

/// Whether a key is called `NAME-1`, as they are by custom.
fn is_numbered(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(_, number)| number.bytes().all(|it| it.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_other_text() {
        let key = "6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";
        assert_eq!(key_name(&format!("cache.nixos.org-1:{key}")), Some("cache.nixos.org-1"));
        let unpadded = key.trim_end_matches('=');
        assert_eq!(key_name(&format!("x-1:{unpadded}")), Some("x-1"));
        assert_eq!(key_name(&format!("SHA256:{unpadded}")), None, "a fingerprint");
        assert_eq!(key_name(&format!(":{key}")), Some("…"));
        assert_eq!(key_name(&format!("-1:{key}")), Some("…"));
        assert_eq!(key_name(key), None, "a key of WireGuard");
        assert_eq!(key_name(&format!("cache.nixos.org-1:{}", &key[1..])), None);
        assert_eq!(key_name(&format!("sha256-{key}")), None);
        assert_eq!(key_name("https://cache.nixos.org"), None);
        assert_eq!(key_name(&"é".repeat(22)), None);
    }
}
