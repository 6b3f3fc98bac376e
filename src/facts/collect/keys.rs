//! The public keys of caches that stand anywhere in the text: a key may reach its setting on ways that
//! evaluation does not follow.

use super::Collector;
use crate::hir::{Expr, File, StrPart};

/// How long the text of an Ed25519 key is in base 64.
const LENGTH: usize = 44;

impl Collector<'_, '_> {
    /// Keeps the names of the keys in the strings of the tree.
    pub(super) fn collect_public_keys(&mut self) {
        let mut names = Vec::new();
        for file in self.tree().files() {
            if let Some(hir) = self.evaluator.program().file(*file) {
                add_names(hir, &mut names);
            }
        }
        names.sort_unstable();
        names.dedup();
        self.facts.public_keys = names;
    }
}

fn add_names(hir: &File, names: &mut Vec<String>) {
    for expr in hir.expr_ids() {
        let Expr::Str(parts) = hir.expr(expr) else { continue };
        for part in parts {
            if let StrPart::Text(text) = part {
                names.extend(text.split_whitespace().filter_map(key_name).map(str::to_owned));
            }
        }
    }
}

/// The name of the public key that `word` is; `…` where only the end of the name is in the text.
fn key_name(word: &str) -> Option<&str> {
    let (name, key) = word.rsplit_once(':')?;
    let is_key = key.len() == LENGTH
        && key.strip_suffix('=').is_some_and(|key| {
            key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/".contains(&byte))
        });
    let is_whole = !name.is_empty() && !name.starts_with('-');
    is_key.then_some(if is_whole { name } else { "…" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_told_from_other_text() {
        let key = "6NCHdD59X431o0gWypbMrAURkbJ16ZPMQFGspcDShjY=";
        assert_eq!(key_name(&format!("cache.nixos.org-1:{key}")), Some("cache.nixos.org-1"));
        assert_eq!(key_name(&format!(":{key}")), Some("…"));
        assert_eq!(key_name(&format!("-1:{key}")), Some("…"));
        assert_eq!(key_name(key), None, "a key of WireGuard");
        assert_eq!(key_name(&format!("cache.nixos.org-1:{}", &key[1..])), None);
        assert_eq!(key_name(&format!("sha256-{key}")), None);
        assert_eq!(key_name("https://cache.nixos.org"), None);
        assert_eq!(key_name(&"é".repeat(22)), None);
    }
}
