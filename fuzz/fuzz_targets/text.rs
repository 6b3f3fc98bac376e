//! Any bytes: decoded, parsed, lowered and evaluated.

#![no_main]

use frugix::source::SourceFile;
use frugix_fuzz::{on_worker, parse_lower_evaluate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(file) = SourceFile::decode("x.nix", bytes) {
        on_worker(|| parse_lower_evaluate(&file.text));
    }
});
