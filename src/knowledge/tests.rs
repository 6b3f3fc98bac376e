//! The built-in tables: their shape, and that the lookups find what they should.

use super::*;

fn known() -> &'static Knowledge {
    Knowledge::builtin()
}

#[test]
fn a_name_that_contains_a_browsers_is_none() {
    assert!(known().browser(&["chromium"]).is_some());
    assert!(known().browser(&["brave-search-mcp"]).is_none());
    assert!(known().browser(&["chromium", "foo"]).is_none());
}
