//! What is shown under the pointer of what things cost, and of what follows from numbers.

use std::path::Path;

use crate::PROFILE;
use crate::client::{Client, pulling, shoshin};
use crate::provenance::ask;
use crate::stdio;

/// The text that is shown at the first place of a file where `text` stands.
fn shown(client: &mut Client, folder: &Path, path: &str, text: &str) -> String {
    let shown = ask(client, folder, "textDocument/hover", path, text);
    shown["contents"]["value"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn an_override_says_what_it_costs_as_the_audit_does() {
    let folder = shoshin();
    let mut client = Client::start(folder.path(), pulling());
    let audit = stdio::frugix(folder.path(), &["audit"]);
    let audit = String::from_utf8_lossy(&audit.stdout).into_owned();
    for (path, text, cost, takes) in [
        (
            "chromium.nix",
            "pkgs.chromium.override",
            "flags (proprietaryCodecs); leaves the cache, 12–24 hours (estimate)",
            "- on shoshin: 8 processes, at most 24 GiB (estimate), 12–24 hours\n",
        ),
        (
            "overlays/codex-memory-limited.nix",
            "overrideAttrs",
            "flags (env, meta, preBuild); leaves the cache, 1–8 hours (estimate)",
            "- on shoshin: 6 processes, at most 18 GiB (measured), 1.1–9.1 hours\n",
        ),
        (
            "mcp-servers/go-custom.nix",
            "buildGoModule",
            "own package (buildGoModule); never in the cache, 1–12 minutes (estimate)",
            "- on shoshin: 8 processes, ",
        ),
        ("brave.nix", "override {", "repack (commandLineArgs); made here; nothing is compiled", ""),
    ] {
        let text = shown(&mut client, folder.path(), path, text);
        assert!(text.starts_with("**") && text.contains(cost) && text.contains(takes), "{text}");
        assert!(audit.contains(cost), "the audit says something else than {cost}:\n{audit}");
    }
    // Beside the call, its changes have things of their own to tell.
    let inside = shown(&mut client, folder.path(), "chromium.nix", "proprietaryCodecs");
    assert!(!inside.contains("12–24 hours"), "{inside}");
    // Of a helper that is given several packages, several are told.
    let helper = shown(&mut client, folder.path(), "overlays/system-libs.nix", "overrideAttrs");
    assert!(helper.contains("**curl**") && helper.contains("\n\nand "), "{helper}");
    client.stop();
}

#[test]
fn a_number_of_a_profile_tells_what_follows_from_it() {
    let folder = shoshin();
    let mut client = Client::start(folder.path(), pulling());
    let processes = "On shoshin: max-jobs 4 × cores 8 = 32 processes at once on 8 threads";
    let fits = "On shoshin, max-jobs 2 and cores 6 fit the threads";
    for (literal, says) in [
        (
            "4;\n      maxCores",
            [processes, "= 74 GiB together (estimate), of 20 GiB that"].as_slice(),
        ),
        ("8; # was 6", &[processes, fits]),
        (
            "3; # was 2\n",
            &["- [mcp-servers/rust-custom.nix:19](", "semtools on shoshin: 3 processes"],
        ),
        ("6; # was 2", &["codex on shoshin: 6 processes, at most 18 GiB (measured)"]),
        ("16\";", &["- [services/syncthing.nix:11]("]),
        ("64;", &["nothing in this tree is seen to use gpu.maxRegisterCount"]),
    ] {
        let text = shown(&mut client, folder.path(), PROFILE, literal);
        for says in says {
            assert!(text.contains(says), "{literal}: {text}");
        }
    }
    client.stop();
}
