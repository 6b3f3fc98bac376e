//! The default values that arguments are known to have.

use std::fmt;

use serde::Deserialize;

/// A value that a Nix literal can be compared with.
#[derive(Clone, Debug, Eq, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum DefaultValue {
    /// `true` or `false`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string without holes.
    String(String),
    /// A list of such values.
    List(Vec<DefaultValue>),
    /// What TOML cannot write.
    Special {
        /// Which of them.
        nix: SpecialValue,
    },
}

/// The Nix values that TOML has no word for.
#[derive(Copy, Clone, Debug, Eq, PartialEq, Deserialize)]
pub enum SpecialValue {
    /// `null`
    #[serde(rename = "null")]
    Null,
    /// The empty attribute set.
    #[serde(rename = "{ }")]
    EmptySet,
}

/// Prints as Nix source.
impl fmt::Display for DefaultValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DefaultValue::Bool(value) => write!(f, "{value}"),
            DefaultValue::Int(value) => write!(f, "{value}"),
            DefaultValue::String(value) => write_string(value, f),
            DefaultValue::List(values) => {
                f.write_str("[")?;
                for value in values {
                    write!(f, " {value}")?;
                }
                f.write_str(" ]")
            }
            DefaultValue::Special { nix: SpecialValue::Null } => f.write_str("null"),
            DefaultValue::Special { nix: SpecialValue::EmptySet } => f.write_str("{ }"),
        }
    }
}

fn write_string(value: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str("\"")?;
    f.write_str(&value.replace('\\', "\\\\").replace('"', "\\\"").replace("${", "\\${"))?;
    f.write_str("\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    struct Holder {
        value: DefaultValue,
    }

    fn printed(toml: &str) -> String {
        toml::from_str::<Holder>(toml)
            .map_or_else(|e| e.to_string(), |holder| holder.value.to_string())
    }

    #[test]
    fn a_default_prints_as_nix() {
        assert_eq!(printed("value = true"), "true");
        assert_eq!(printed("value = 3"), "3");
        assert_eq!(printed(r#"value = "a ${b}""#), r#""a \${b}""#);
        assert_eq!(printed("value = []"), "[ ]");
        assert_eq!(printed(r#"value = ["x", 1]"#), r#"[ "x" 1 ]"#);
        assert_eq!(printed(r#"value = { nix = "null" }"#), "null");
        assert_eq!(printed(r#"value = { nix = "{ }" }"#), "{ }");
    }

    #[test]
    fn an_unknown_special_value_is_refused() {
        assert!(toml::from_str::<Holder>(r#"value = { nix = "undefined" }"#).is_err());
    }
}
