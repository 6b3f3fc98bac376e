//! What Nix prints, in the forms that it has had.

use super::dry_run::DryRun;
use super::{Listed, Outcome};

const NEW: &str = "\
warning: Git tree '/home/me/dots' is dirty
these 2 derivations will be built:
  /nix/store/414g3rd6v9bqlszkcw8ssl10dcpj4czl-onnxruntime-1.22.2.drv
  /nix/store/mxqb2fnvikwdldx76v5ij655rxw47yxz-python3.12-torch-2.9.1.drv
these 3 paths will be fetched (12.3 MiB download, 45.6 MiB unpacked):
  /nix/store/892gi8gkq8kw04l9pv3hpizr1lwg206m-nodejs-24.11.1
  /nix/store/37rsmn4lmyy6dym2lypspp0q443blrb8-ripgrep-15.1.0
  /nix/store/xd12dk2p7xl6ww6lziclhb2ak887if09-ripgrep-all-0.10.9
don't know how to build these paths:
  /nix/store/3lc19z155yradvi0pl0cslls1bfy061h-mystery-1
";

const OLD: &str = "\
these derivations will be built:
  /nix/store/0fp7f41a6s1zfha98qf6180qghc3858y-android-studio-3.0.1.0.drv
these paths will be fetched (645.11 MiB download, 1151.45 MiB unpacked):
  /nix/store/5h6zhfg68lzih2r8v4bj3dqi7bkwlfml-android-studio-fhs-env-fhs
";

const ONE: &str = "\
this derivation will be built:
  /nix/store/rj2czlcgg9cdhrp5nvm2gi6xgpijcpd3-brave-1.83.112.drv
this path will be fetched (0.05 MiB download, 0.21 MiB unpacked):
  /nix/store/q1bmd6l0ln8fcclwdf43n43yzr7pdcin-hello-2.12.2
";

fn names(listed: &[Listed]) -> Vec<&str> {
    listed.iter().map(|listed| listed.name.as_str()).collect()
}

#[test]
fn counted_lists_are_read() {
    let found = DryRun::parse(NEW);
    assert_eq!(names(&found.built), ["onnxruntime-1.22.2", "python3.12-torch-2.9.1"]);
    assert_eq!(found.fetched.len(), 3);
    assert_eq!(found.sizes, ["12.3 MiB download, 45.6 MiB unpacked"]);
}

#[test]
fn older_lists_and_single_lines_are_read() {
    let found = DryRun::parse(OLD);
    assert_eq!(names(&found.built), ["android-studio-3.0.1.0"]);
    assert_eq!(found.sizes, ["645.11 MiB download, 1151.45 MiB unpacked"]);
    let found = DryRun::parse(ONE);
    assert_eq!(names(&found.built), ["brave-1.83.112"]);
    assert_eq!(names(&found.fetched), ["hello-2.12.2"]);
}

#[test]
fn attributes_are_found_by_what_the_store_calls_them() {
    let found = DryRun::parse(NEW);
    assert_eq!(found.outcome_of("onnxruntime"), Outcome::Built);
    assert_eq!(found.outcome_of("python3Packages.torch"), Outcome::Built);
    assert_eq!(found.outcome_of("nodejs_24"), Outcome::Fetched);
    assert_eq!(found.outcome_of("ripgrep"), Outcome::Fetched);
    assert_eq!(found.outcome_of("mystery"), Outcome::NotNamed);
    assert_eq!(found.outcome_of("onnx"), Outcome::NotNamed);
}

#[test]
fn other_text_is_nothing() {
    assert!(DryRun::parse("error: attribute 'x' missing\n/nix/store\n /etc/nixos\n").is_empty());
    assert!(DryRun::parse("").is_empty());
}
