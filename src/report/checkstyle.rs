//! Checkstyle's report, which many tools that know no other linter read.

use std::io::{self, Write};

use super::place::Place;
use super::xml::{legal, write_document};
use super::{DisplayPaths, Finding};

/// Writes one document, the findings by file.
///
/// # Errors
///
/// Those of `out`.
pub fn write_checkstyle(
    out: &mut dyn Write,
    findings: &[Finding],
    paths: &DisplayPaths,
) -> io::Result<()> {
    let placed: Vec<(Place, &Finding)> =
        findings.iter().map(|finding| (Place::of_finding(finding, paths), finding)).collect();
    write_document(out, |xml| {
        let root = xml.create_element("checkstyle").with_attribute(("version", "4.3"));
        if placed.is_empty() {
            return root.write_empty().map(|_| ());
        }
        root.write_inner_content(|xml| {
            for file in placed.chunk_by(|(one, _), (other, _)| one.name == other.name) {
                let name = file.first().map_or_else(String::new, |(place, _)| legal(&place.name));
                let element = xml.create_element("file").with_attribute(("name", name.as_str()));
                element.write_inner_content(|xml| {
                    for (place, finding) in file {
                        let found = finding.diagnostic;
                        let sentences = std::iter::once(&found.message).chain(&found.notes);
                        let message =
                            sentences.map(|text| legal(text)).collect::<Vec<_>>().join("\n");
                        xml.create_element("error")
                            .with_attributes([
                                ("line", place.start.line.to_string().as_str()),
                                ("column", place.start.column.to_string().as_str()),
                                ("severity", found.severity.name()),
                                ("message", message.as_str()),
                                ("source", format!("frugix.{}", found.rule).as_str()),
                            ])
                            .write_empty()?;
                    }
                    Ok(())
                })?;
            }
            Ok(())
        })
        .map(|_| ())
    })
}
