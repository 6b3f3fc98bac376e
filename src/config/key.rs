//! How keys are written.

/// The keys with dots between them, in quotes where TOML wants them.
pub fn dotted(path: &[&str]) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let written = |key: &&str| match !key.is_empty() && key.chars().all(is_bare) {
        true => (*key).to_owned(),
        false => toml::Value::String((*key).to_owned()).to_string(),
    };
    path.iter().map(written).collect::<Vec<_>>().join(".")
}
