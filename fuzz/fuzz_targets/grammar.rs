//! Valid Nix by its grammar: it parses, and everything else holds of it.

#![no_main]

use frugix::syntax::parse;
use frugix_fuzz::grammar::{Nix, everywhere};
use frugix_fuzz::{check_all, on_worker, parse_lower_evaluate};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|nix: Nix| {
    on_worker(|| {
        if let Ok(parsed) = parse(&nix.0) {
            assert_eq!(parsed.errors(), [], "{}", nix.0);
            parse_lower_evaluate(&nix.0);
            check_all(everywhere(&nix.0));
        }
    });
});
