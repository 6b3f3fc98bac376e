//! The JSON schema in `docs` is what the program prints. `FRUGIX_WRITE_README=1` writes it anew.

use std::fs;

#[test]
fn the_stored_schema_is_what_is_printed() {
    let path = super::package().join("docs/frugix.schema.json");
    let printed = super::stdout(&super::run(super::package(), &["schema"]));
    if std::env::var_os("FRUGIX_WRITE_README").is_some() {
        fs::write(&path, &printed).expect("the schema is written");
    }
    let stored = fs::read_to_string(&path).expect("the schema is read");
    assert!(stored == printed, "docs/frugix.schema.json is out of date; {}", super::HOW_TO_WRITE);
}
