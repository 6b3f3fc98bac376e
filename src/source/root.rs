//! Which folder is the tree, when nobody said.

use std::path::{Path, PathBuf};

use super::gitignore::repository_of;

/// The names of frugix's own configuration file, the first one first.
const CONFIG_NAMES: [&str; 2] = ["frugix.toml", ".frugix.toml"];

/// The root of the configuration that `start` (a file or a folder, links followed) belongs to: the
/// nearest folder upwards with a `frugix.toml` or `.frugix.toml`, else the nearest git repository,
/// else the topmost folder with a `flake.nix`, else `start` itself, or its folder when it is a file.
pub fn find_root(start: &Path) -> PathBuf {
    let start = start.canonicalize().or_else(|_| std::path::absolute(start));
    let start = start.unwrap_or_else(|_| PathBuf::from("."));
    let folder = if start.is_dir() { &start } else { start.parent().unwrap_or(&start) };
    let is_configured = |above: &&Path| CONFIG_NAMES.iter().any(|name| above.join(name).is_file());
    let has_flake = |above: &&Path| above.join("flake.nix").is_file();

    let configured = || folder.ancestors().find(is_configured);
    let topmost_flake = || folder.ancestors().filter(has_flake).last();
    configured()
        .or_else(|| repository_of(folder))
        .or_else(topmost_flake)
        .unwrap_or(folder)
        .to_path_buf()
}
