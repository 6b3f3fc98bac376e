//! JUnit's report of tests: a suite a file, a failed test a finding.

use std::io::{self, Write};

use quick_xml::Writer;

use super::place::Place;
use super::xml::{legal, text, write_document};
use super::{DisplayPaths, Finding};

/// Writes one document. Without findings it holds one test that passed, for some readers take an
/// empty report for a broken one.
///
/// # Errors
///
/// Those of `out`.
pub fn write_junit(
    out: &mut dyn Write,
    findings: &[Finding],
    paths: &DisplayPaths,
) -> io::Result<()> {
    let placed: Vec<(Place, &Finding)> =
        findings.iter().map(|finding| (Place::of_finding(finding, paths), finding)).collect();
    let total = placed.len().max(1).to_string();
    let failed = placed.len().to_string();
    write_document(out, |xml| {
        xml.create_element("testsuites")
            .with_attributes([
                ("name", "frugix"),
                ("tests", total.as_str()),
                ("failures", failed.as_str()),
            ])
            .write_inner_content(|xml| {
                if placed.is_empty() {
                    return write_passed(xml);
                }
                for suite in placed.chunk_by(|(one, _), (other, _)| one.name == other.name) {
                    write_suite(xml, suite)?;
                }
                Ok(())
            })
            .map(|_| ())
    })
}

fn write_passed(xml: &mut Writer<&mut dyn Write>) -> io::Result<()> {
    xml.create_element("testsuite")
        .with_attributes([("name", "frugix"), ("tests", "1"), ("failures", "0")])
        .write_inner_content(|xml| {
            let test = xml.create_element("testcase");
            test.with_attributes([("name", "frugix"), ("classname", "frugix")]).write_empty()?;
            Ok(())
        })
        .map(|_| ())
}

fn write_suite(xml: &mut Writer<&mut dyn Write>, suite: &[(Place, &Finding)]) -> io::Result<()> {
    let name = suite.first().map_or_else(String::new, |(place, _)| legal(&place.name));
    let count = suite.len().to_string();
    xml.create_element("testsuite")
        .with_attributes([
            ("name", name.as_str()),
            ("tests", count.as_str()),
            ("failures", count.as_str()),
        ])
        .write_inner_content(|xml| {
            for (place, finding) in suite {
                write_test(xml, &name, place, finding)?;
            }
            Ok(())
        })
        .map(|_| ())
}

fn write_test(
    xml: &mut Writer<&mut dyn Write>,
    file: &str,
    place: &Place,
    finding: &Finding,
) -> io::Result<()> {
    let found = finding.diagnostic;
    let name = format!("{} {}:{}", found.rule, place.start.line, place.start.column);
    let line = place.start.line.to_string();
    let message = legal(&found.message);
    let at = format!("{file}:{line}:{}: {}", place.start.column, found.message);
    let body = std::iter::once(&at).chain(&found.notes);
    let body = body.map(String::as_str).collect::<Vec<_>>().join("\n");
    xml.create_element("testcase")
        .with_attributes([
            ("name", name.as_str()),
            ("classname", file),
            ("file", file),
            ("line", line.as_str()),
        ])
        .write_inner_content(|xml| {
            xml.create_element("failure")
                .with_attributes([("type", found.severity.name()), ("message", message.as_str())])
                .write_text_content(text(&body))?;
            Ok(())
        })
        .map(|_| ())
}
