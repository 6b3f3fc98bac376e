//! Random configurations, fixed safely: Nix makes the same packages of them before and after. It is
//! asked about many at once.

#![no_main]

use frugix_fuzz::configuration::Choices;
use frugix_fuzz::{ask_nix_now_and_then, on_worker};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|choices: Vec<u16>| {
    on_worker(|| ask_nix_now_and_then(Choices(choices).files()));
});
