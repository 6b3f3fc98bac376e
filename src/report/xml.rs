//! What the forms in XML share: text that XML 1.0 can hold, and elements.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::visible;

/// Writes a document with what `body` writes.
pub(super) fn write_document(
    out: &mut dyn Write,
    body: impl FnOnce(&mut Writer<&mut dyn Write>) -> io::Result<()>,
) -> io::Result<()> {
    let mut writer = Writer::new_with_indent(out, b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    body(&mut writer)?;
    writeln!(writer.into_inner())
}

/// The text of an element.
pub(super) fn text(text: &str) -> BytesText<'static> {
    BytesText::new(&legal(text)).into_owned()
}

/// `text` with everything written out that would be illegal even as a reference.
pub(super) fn legal(text: &str) -> String {
    visible(text).replace('\u{fffe}', "\\u{fffe}").replace('\u{ffff}', "\\u{ffff}")
}
