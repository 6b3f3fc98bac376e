//! What forges and review tools are told, read by parsers that are not ours.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::Value;

use super::sample::{LOUD, configuration, place, plain, tree};
use super::*;
use crate::lint::{Fix, FixEdit};

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("valid JSON")
}

/// A file whose name and text are full of what each form must write in another way.
fn awkward() -> (Tree, Vec<Diagnostic>) {
    let file = "a, b:c/<d> & \"e\" %|[x](y)ä.nix";
    let tree = tree(&[(file, "{ ä = x; }\n")]);
    let found =
        Diagnostic::new(&LOUD, place(&tree, file, "x"), "`a|b` <b>*c*</b> | 100% \u{1b} `d")
            .note("two\nlines, and \u{ffff}");
    (tree, vec![found])
}

#[test]
fn sarif_says_where_what_and_how_to_fix_it() {
    let (tree, diagnostics) = configuration();
    let log = json(&plain(write_sarif, &tree, &diagnostics));
    let run = &log["runs"][0];
    insta::assert_json_snapshot!(run["results"]);
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in run["results"].as_array().expect("results") {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    assert_eq!(json(&plain(write_sarif, &tree, &[]))["runs"][0]["results"], serde_json::json!([]));
}

#[test]
fn addresses_are_encoded() {
    let (tree, diagnostics) = awkward();
    let log = json(&plain(write_sarif, &tree, &diagnostics));
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
    assert_eq!(uri, "a%2C%20b%3Ac/%3Cd%3E%20%26%20%22e%22%20%25%7C%5Bx%5D%28y%29%C3%A4.nix");
}

#[test]
fn a_workflow_command_is_one_line_whatever_it_says() {
    let (tree, diagnostics) = configuration();
    insta::assert_snapshot!(plain(write_github, &tree, &diagnostics));
    let (tree, diagnostics) = awkward();
    let text = plain(write_github, &tree, &diagnostics);
    assert_eq!(text.lines().count(), 1);
    assert!(text.contains(",file=a%2C b%3Ac/<d>"), "{text}");
    assert!(text.contains("100%25") && text.contains("two%0Alines, and"), "{text}");
}

#[test]
fn gitlab_tells_findings_apart() {
    let (tree, mut diagnostics) = configuration();
    diagnostics.push(diagnostics[0].clone());
    let issues = json(&plain(write_gitlab, &tree, &diagnostics));
    insta::assert_json_snapshot!(issues);
    let fingerprints: std::collections::BTreeSet<&str> =
        (0..3).filter_map(|index| issues[index]["fingerprint"].as_str()).collect();
    assert_eq!(fingerprints.len(), 3);
    assert_eq!(plain(write_gitlab, &tree, &[]), "[]\n");
}

#[test]
fn rdjson_counts_columns_in_bytes_and_suggests_whole_fixes_only() {
    let (tree, diagnostics) = configuration();
    insta::assert_json_snapshot!(json(&plain(write_rdjson, &tree, &diagnostics)));

    let (tree, mut diagnostics) = awkward();
    let span = diagnostics[0].span;
    diagnostics[0] =
        diagnostics[0].clone().fix(Fix::safe("Write y", vec![FixEdit::replace(span, "y")]));
    let result = json(&plain(write_rdjson, &tree, &diagnostics));
    let found = &result["diagnostics"][0];
    let range = serde_json::json!({
        "start": { "line": 1, "column": 8 },
        "end": { "line": 1, "column": 9 },
    });
    assert_eq!(found["location"]["range"], range);
    let suggestion = serde_json::json!([{ "range": range, "text": "y" }]);
    assert_eq!(found["suggestions"], suggestion);
}

#[test]
fn junit_is_xml_with_a_failed_test_a_finding() {
    for (tree, diagnostics) in [configuration(), awkward()] {
        let text = plain(write_junit, &tree, &diagnostics);
        let document = roxmltree::Document::parse(&text).expect("XML");
        let failures: Vec<_> =
            document.descendants().filter(|node| node.has_tag_name("failure")).collect();
        assert_eq!(failures.len(), diagnostics.len());
        let root = document.root_element();
        assert_eq!(root.attribute("failures"), Some(diagnostics.len().to_string().as_str()));
        assert_eq!(failures[0].attribute("type"), Some("error"));
        let body = failures[0].text().expect("a text");
        assert!(body.ends_with("build.") || body.contains("two\nlines, and \\u{ffff}"), "{body}");
    }
    let (tree, _) = configuration();
    let text = plain(write_junit, &tree, &[]);
    let document = roxmltree::Document::parse(&text).expect("XML");
    assert_eq!(document.root_element().attribute("tests"), Some("1"));
    assert!(document.descendants().any(|node| node.has_tag_name("testcase")));
}

#[test]
fn checkstyle_is_xml_with_an_error_a_finding() {
    let (tree, diagnostics) = configuration();
    insta::assert_snapshot!(plain(write_checkstyle, &tree, &diagnostics));
    let (tree, diagnostics) = awkward();
    let text = plain(write_checkstyle, &tree, &diagnostics);
    let document = roxmltree::Document::parse(&text).expect("XML");
    let file = document.descendants().find(|node| node.has_tag_name("file")).expect("a file");
    assert_eq!(file.attribute("name"), Some("a, b:c/<d> & \"e\" %|[x](y)ä.nix"));
    let error = document.descendants().find(|node| node.has_tag_name("error")).expect("an error");
    assert_eq!(error.attribute("column"), Some("7"));
    assert!(roxmltree::Document::parse(&plain(write_checkstyle, &tree, &[])).is_ok());
}

#[test]
fn a_table_in_markdown_has_four_cells_a_row() {
    for (tree, diagnostics) in [configuration(), awkward()] {
        let text = plain(write_markdown, &tree, &diagnostics);
        let events: Vec<Event> = Parser::new_ext(&text, Options::ENABLE_TABLES).collect();
        let starts = |wanted: fn(&Tag) -> bool| {
            let starts = |event: &&Event| matches!(event, Event::Start(tag) if wanted(tag));
            events.iter().filter(starts).count()
        };
        assert_eq!(starts(|tag| matches!(tag, Tag::Table(_))), 1, "{text}");
        let rows = diagnostics.len();
        assert_eq!(starts(|tag| matches!(tag, Tag::TableRow)), rows, "{text}");
        assert_eq!(starts(|tag| matches!(tag, Tag::TableCell)), 4 + 4 * rows, "{text}");
        // The rule's name is the only link, and nothing of the finding is HTML.
        assert_eq!(starts(|tag| matches!(tag, Tag::Link { .. })), rows, "{text}");
        assert_eq!(starts(|tag| matches!(tag, Tag::Emphasis)), 0, "{text}");
        let html = |event: &Event| matches!(event, Event::InlineHtml(tag) if &**tag != "<br>");
        assert!(!events.iter().any(html), "{text}");
        assert!(matches!(events.last(), Some(Event::End(TagEnd::Table))), "{text}");
    }
    let (tree, diagnostics) = configuration();
    insta::assert_snapshot!(plain(write_markdown, &tree, &diagnostics));
    assert_eq!(plain(write_markdown, &tree, &[]), "frugix found nothing.\n");
}

#[test]
fn a_rule_s_page_is_markdown_with_one_title() {
    for rule in crate::rules::ALL {
        let page = rule_page(rule.meta());
        let title = |event: &Event| matches!(event, Event::Start(Tag::Heading { level, .. }) if *level == pulldown_cmark::HeadingLevel::H1);
        assert_eq!(Parser::new(&page).filter(title).count(), 1, "{page}");
        assert!(!page.contains("```nix "), "{page}");
    }
}
