//! The settings of the extension for VS Code are the keys of `frugix.toml`. `FRUGIX_WRITE_README=1`
//! writes them anew.

use std::fs;

use serde_json::{Map, Value, json};

/// Keys that only a file can hold.
const NOT_HERE: [&str; 2] = ["extend", "required-version"];

fn settings() -> Value {
    let schema = super::stdout(&super::run(super::package(), &["schema"]));
    let schema: Value = serde_json::from_str(&schema).expect("the schema is JSON");
    let keys = schema["properties"].as_object().expect("keys").iter();
    let keys = keys.filter(|(key, _)| !NOT_HERE.contains(&key.as_str()));
    let setting = |(key, value): (&String, &Value)| {
        let mut value = without_references(value, &schema);
        // The server asks for one set of settings, whatever folders are open.
        value["scope"] = json!("window");
        // What nobody has set is left to frugix.toml.
        value.as_object_mut().expect("an object").remove("default");
        (format!("frugix.{key}"), value)
    };
    let mut settings: Map<String, Value> = keys.map(setting).collect();
    let path = json!({
        "type": "string",
        "default": "frugix",
        "scope": "machine-overridable",
        "description": "The program frugix: its name, or where it is.",
    });
    let inlay_hints = json!({
        "type": "boolean",
        "default": false,
        "scope": "window",
        "description": "Show what computed values come to, and the peak beside each package of a profile.",
    });
    settings.insert("frugix.path".to_owned(), path);
    settings.insert("frugix.inlay-hints".to_owned(), inlay_hints);
    Value::Object(settings)
}

/// Editors do not follow references in settings.
fn without_references(value: &Value, schema: &Value) -> Value {
    match value {
        Value::Object(fields) => match fields.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let mut target = schema.pointer(&reference[1..]).expect("a definition").clone();
                if let (Some(about), Some(target)) =
                    (fields.get("description"), target.as_object_mut())
                {
                    target.insert("description".to_owned(), about.clone());
                }
                target
            }
            None => {
                let fields = fields.iter();
                let fields =
                    fields.map(|(key, value)| (key.clone(), without_references(value, schema)));
                Value::Object(fields.collect())
            }
        },
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| without_references(item, schema)).collect())
        }
        other => other.clone(),
    }
}

#[test]
fn the_settings_of_the_extension_are_the_keys_of_frugix_toml() {
    let path = super::package().join("editors/vscode/package.json");
    let text = fs::read_to_string(&path).expect("the extension is read");
    let mut manifest: Value = serde_json::from_str(&text).expect("the extension is JSON");
    assert_eq!(manifest["version"], env!("CARGO_PKG_VERSION"), "one version for all");
    let properties = &mut manifest["contributes"]["configuration"]["properties"];
    let settings = settings();
    if *properties != settings && std::env::var_os("FRUGIX_WRITE_README").is_some() {
        *properties = settings.clone();
        let text = serde_json::to_string_pretty(&manifest).expect("JSON");
        fs::write(&path, text + "\n").expect("the extension is written");
        return;
    }
    assert!(*properties == settings, "other settings than the schema has; {}", super::HOW_TO_WRITE);
}
