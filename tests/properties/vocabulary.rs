//! The words that random configurations are made of.

/// What packages are taken from in a module, in a list under `with pkgs`, and in an overlay.
pub const IN_MODULE: &[&str] = &["pkgs."];
pub const IN_LIST: &[&str] = &["", "", "pkgs."];
pub const IN_OVERLAY: &[&str] = &["prev.", "prev.", "final."];

/// Packages, some of them twice: they are what rules speak of.
pub const PACKAGES: &[&str] = &[
    "hello",
    "ripgrep",
    "brave",
    "brave",
    "chromium",
    "chromium",
    "firefox",
    "ungoogled-chromium",
    "electron",
    "vscode",
    "google-chrome",
    "firefox-unwrapped",
    "brave-search-mcp",
    "nodejs",
    "ffmpeg",
    "codex",
    "zlib",
    "python3Packages.torch",
];

/// Functions that make derivations.
pub const BUILDERS: &[&str] = &[
    "stdenv.mkDerivation",
    "rustPlatform.buildRustPackage",
    "buildGoModule",
    "buildNpmPackage",
    "python3Packages.buildPythonApplication",
    "stdenvNoCC.mkDerivation",
    "symlinkJoin",
];

/// Numbers of jobs, cores and seconds, some of them wrong.
pub const NUMBERS: &[&str] = &["2", "8", "0", "1", "4", "600", "86400", "14400000", "-1"];
