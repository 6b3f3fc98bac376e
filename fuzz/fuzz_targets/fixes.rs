//! Random configurations with something to fix: fixes end, parse, keep comments, and change nothing
//! the second time.

#![no_main]

use frugix_fuzz::configuration::Choices;
use frugix_fuzz::{check_all, on_worker};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|choices: Vec<u16>| {
    on_worker(|| check_all(Choices(choices).files()));
});
