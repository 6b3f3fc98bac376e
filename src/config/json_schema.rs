//! The JSON schema of `frugix.toml`, for editors that complete and check it while it is written.
//!
//! Written from the catalogue rather than derived from types: a configuration is read by hand, so
//! that each error names its place, and no type has the shape of the text. The schema allows
//! whatever can be read. Of what cannot be read it refuses what patterns and ranges can tell.

use serde_json::{Map, Value, json};

use super::catalogue::{ANY, Keys, SETTINGS, Setting, Shape, TABLES, Table, Unsaid, severities};

/// A name that selects rules, and what to say of it.
#[derive(Clone, Copy, Debug)]
pub struct RuleName<'a> {
    /// A rule, a group, or `ALL`.
    pub name: &'a str,
    /// What it flags, or holds.
    pub about: &'a str,
}

/// The schema, where `rules` are all the names that select rules.
pub fn json_schema(rules: &[RuleName<'_>]) -> Value {
    let mut schema = object("", rules);
    let names: Vec<&str> = rules.iter().map(|rule| rule.name).collect();
    let more = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "frugix.toml",
        "definitions": {
            "rule": { "description": "A rule, a group of rules, or ALL.", "enum": names },
            "severity": { "enum": severities() },
            "pattern": { "type": "string", "pattern": PATTERN },
        },
    });
    if let (Value::Object(schema), Value::Object(more)) = (&mut schema, more) {
        schema.extend(more);
    }
    schema
}

/// The table at `path`.
fn object(path: &str, rules: &[RuleName<'_>]) -> Value {
    let table = TABLES.iter().find(|table| table.path == path);
    let (keys, about) = table.map_or((Keys::Fixed, ""), |Table { keys, about, .. }| (*keys, about));
    let mut object =
        json!({ "type": "object", "description": about, "additionalProperties": false });
    match keys {
        Keys::Fixed => object["properties"] = Value::Object(properties(path, rules)),
        Keys::Rules => {
            let named = rules.iter().map(|rule| {
                let mut value = entry(&join(path, ANY), rules);
                value["description"] = json!(rule.about);
                (rule.name.to_owned(), value)
            });
            object["properties"] = Value::Object(named.collect());
        }
        Keys::Names => object["additionalProperties"] = entry(&join(path, ANY), rules),
        Keys::Patterns => {
            object["propertyNames"] = json!({ "$ref": "#/definitions/pattern" });
            object["additionalProperties"] = entry(&join(path, ANY), rules);
        }
    }
    object
}

/// The keys of the table at `path`.
fn properties(path: &str, rules: &[RuleName<'_>]) -> Map<String, Value> {
    let inside = |of: &'static str| match path {
        "" => Some(of),
        _ => of.strip_prefix(path)?.strip_prefix('.'),
    };
    let keys = SETTINGS.iter().filter_map(|setting| inside(setting.path)?.split('.').next());
    keys.map(|key| (key.to_owned(), entry(&join(path, key), rules))).collect()
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// The setting or table at `path`.
fn entry(path: &str, rules: &[RuleName<'_>]) -> Value {
    SETTINGS
        .iter()
        .find(|setting| setting.path == path)
        .map_or_else(|| object(path, rules), of_setting)
}

fn of_setting(setting: &Setting) -> Value {
    let mut schema = of_shape(setting.shape);
    let mut about = setting.about.to_owned();
    match setting.unsaid {
        Unsaid::Value(text) => {
            if let Some(value) = toml_value(text) {
                schema["default"] = value;
            }
        }
        Unsaid::Means(what) => about.push_str(&format!(" Without it: {what}.")),
    }
    schema["description"] = json!(about);
    schema
}

/// A value of TOML as one of JSON.
pub(super) fn toml_value(text: &str) -> Option<Value> {
    let table: toml::Table = format!("value = {text}").parse().ok()?;
    serde_json::to_value(table.get("value")?).ok()
}

/// No comment, no exception, not only blanks; brackets are closed.
const PATTERN: &str = r"^(?![#!])(?=.*\S)(?:[^\[\\]|\\.|\[[!^]?\]?[^\]]*\])*$";
const MEMORY: &str = r"^\s*\d+(\.\d*)?\s*([kKmMgGtT][iI]?)?[bB]\s*$";
const SOME_MEMORY: &str =
    r"^(?!\s*0+(\.0*)?\s*[a-zA-Z])\s*\d+(\.\d*)?\s*([kKmMgGtT][iI]?)?[bB]\s*$";
const TIME: &str = r"^(?=.*[1-9])\s*(\d+(\.\d*)?\s*d\s*)?(\d+(\.\d*)?\s*h\s*)?(\d+(\.\d*)?\s*m\s*)?(\d+(\.\d*)?\s*s\s*)?$";
const VERSIONS: &str = r"^\s*([<>]=?|[=~^])?\s*[\d*xX][^,]*(,\s*([<>]=?|[=~^])?\s*[\d*xX][^,]*)*$";

fn of_shape(shape: Shape) -> Value {
    let text = |pattern: &str| json!({ "type": "string", "pattern": pattern });
    let list =
        |of: &str| json!({ "type": "array", "items": { "$ref": format!("#/definitions/{of}") } });
    match shape {
        Shape::Text => json!({ "type": "string" }),
        Shape::Versions => text(VERSIONS),
        Shape::Rules => list("rule"),
        Shape::Severity => json!({ "enum": severities() }),
        Shape::FailOn => json!({ "enum": fail_on() }),
        Shape::Patterns => list("pattern"),
        Shape::Names => json!({ "type": "array", "items": { "type": "string" } }),
        Shape::Memory { or_none: true } => text(MEMORY),
        Shape::Memory { or_none: false } => text(SOME_MEMORY),
        Shape::Time => json!({
            "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "string", "pattern": TIME }]
        }),
        Shape::Count(least) => json!({ "type": "integer", "minimum": least, "maximum": u32::MAX }),
        Shape::Factor => above_zero(),
        Shape::Hours => json!({
            "anyOf": [above_zero(), {
                "type": "object",
                "properties": { "low": above_zero(), "high": above_zero() },
                "required": ["low", "high"],
                "additionalProperties": false,
            }]
        }),
        Shape::Flag => json!({ "type": "boolean" }),
        Shape::Tables => {
            json!({ "type": "object", "additionalProperties": { "type": "object" } })
        }
        Shape::Word(words) => json!({ "enum": words }),
    }
}

fn fail_on() -> Vec<&'static str> {
    let mut words = severities();
    words.push("never");
    words
}

fn above_zero() -> Value {
    json!({ "type": "number", "exclusiveMinimum": 0 })
}
