//! What the editor's user has set: the keys of `frugix.toml`, laid over the file of each tree, and
//! what is shown.

use serde_json::{Map, Value};

use crate::config::{Config, Mistakes};

/// The section of an editor's settings that is ours.
pub(super) const SECTION: &str = "frugix";

/// The names of the one setting that is about the editor and not about the tree.
const INLAY_HINTS: [&str; 2] = ["inlay-hints", "inlayHints"];

/// The editor's settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Settings {
    keys: Map<String, Value>,
    /// Whether values and peaks are shown between the words.
    pub(super) inlay_hints: bool,
}

impl Settings {
    /// Reads what an editor says: our settings, or all of its settings with ours in a section.
    /// `None` where it says nothing.
    pub(super) fn read(said: &Value) -> Option<Settings> {
        let said = said.as_object()?;
        let mut keys = said.get(SECTION).and_then(Value::as_object).unwrap_or(said).clone();
        let asked = INLAY_HINTS.map(|name| keys.remove(name));
        let inlay_hints = asked.contains(&Some(Value::Bool(true)));
        Some(Settings { keys, inlay_hints })
    }

    /// Lays the settings over a tree's configuration.
    ///
    /// # Errors
    ///
    /// When keys or values mean nothing.
    pub(super) fn lay_over(&self, config: &mut Config) -> Result<(), Mistakes> {
        let mut mistakes = Mistakes::default();
        for (key, value) in &self.keys {
            // Editors give what is not set as null.
            if let Ok(value) = toml::Value::try_from(without_nulls(value)) {
                mistakes.note(config.merge_setting(key, &value));
            }
        }
        mistakes.or(Ok(()))
    }
}

/// TOML has no null: an absent key says the same.
fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(fields.map(|(key, value)| (key.clone(), without_nulls(value))).collect())
        }
        other => other.clone(),
    }
}
