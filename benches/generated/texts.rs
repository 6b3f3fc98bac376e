//! What the files of a generated tree say: modules, packages, overlays, hosts and a flake, in the
//! shapes that public configurations have.

use std::fmt::Write as _;

use super::random::Random;

/// Folders of modules.
pub const AREAS: &[&str] =
    &["desktop", "editors", "misc", "networking", "programs", "security", "services", "shell"];

/// What programs are called.
pub const WORDS: &[&str] = &[
    "amber", "basalt", "cedar", "delta", "ember", "falcon", "garnet", "harbor", "indigo",
    "juniper", "kestrel", "linden", "meadow", "nimbus", "osprey", "pebble", "quartz", "ripple",
    "sable", "thistle", "umber", "violet", "walnut", "yarrow", "zephyr",
];

/// Packages that nixpkgs has.
const PACKAGES: &[&str] = &[
    "bat",
    "btop",
    "curl",
    "fd",
    "ffmpeg",
    "fzf",
    "git",
    "gnupg",
    "go",
    "htop",
    "imagemagick",
    "jq",
    "mpv",
    "neovim",
    "nodejs",
    "openssl",
    "pandoc",
    "python3",
    "ripgrep",
    "rsync",
    "sqlite",
    "tmux",
    "tree",
    "unzip",
    "wget",
    "zellij",
    "zstd",
];

/// Packages that take long to build.
const HEAVY: &[&str] =
    &["chromium", "electron", "ffmpeg-full", "firefox", "onnxruntime", "qemu", "webkitgtk"];

const LICENSES: &[&str] = &["asl20", "bsd3", "gpl3Plus", "mit", "mpl20"];

/// A module with options and what they come to, such as home-manager has thousands of.
pub fn module(random: &mut Random, area: &str, name: &str) -> String {
    let mut text = String::new();
    let package = random.one_of(PACKAGES);
    let _ = write!(
        text,
        "{{\n  config,\n  lib,\n  pkgs,\n  ...\n}}:\n\nlet\n  inherit (lib) mkEnableOption mkIf \
         mkOption types;\n\n  cfg = config.{area}.{name};\n\n  settingsFormat = pkgs.formats.{} \
         {{ }};\n\n  # What users say wins over what the module thinks.\n  settings = lib.recursiveUpdate \
         defaults cfg.settings;\n\n  defaults = {{\n",
        random.one_of(&["ini", "json", "toml", "yaml"]),
    );
    for name in several_words(random, 6) {
        let _ = writeln!(text, "    {name}.{} = {};", word(random), literal(random));
    }
    let _ = write!(
        text,
        "  }};\nin\n{{\n  options.{area}.{name} = {{\n    enable = mkEnableOption \"{name}\";\n\n    \
         package = lib.mkPackageOption pkgs \"{package}\" {{ nullable = true; }};\n\n"
    );
    for name in several_words(random, 5) {
        option(random, &mut text, name);
    }
    let _ = write!(
        text,
        "    settings = mkOption {{\n      type = settingsFormat.type;\n      default = {{ }};\n      \
         description = ''\n        Written to {{file}}`$XDG_CONFIG_HOME/{name}/config`.\n      '';\n    \
         }};\n  }};\n\n  config = mkIf cfg.enable {{\n    assertions = [\n      {{\n        assertion = \
         cfg.settings != {{ }} -> cfg.package != null;\n        message = \"{name} needs a package\";\n      \
         }}\n    ];\n\n    home.packages = lib.optional (cfg.package != null) cfg.package;\n\n    \
         xdg.configFile.\"{name}/config\" = mkIf (settings != {{ }}) {{\n      source = \
         settingsFormat.generate \"{name}-config\" settings;\n    }};\n"
    );
    if random.once_in(3) {
        service(random, &mut text, name);
    }
    if random.once_in(12) {
        let _ = write!(
            text,
            "\n    programs.{}.package = pkgs.{}.override {{ enable{} = {}; }};\n",
            word(random),
            random.one_of(HEAVY),
            capital(word(random)),
            random.one_of(&["false", "true"]),
        );
    }
    text.push_str("  };\n}\n");
    text
}

fn option(random: &mut Random, text: &mut String, name: &str) {
    let (kind, default) = match random.below(5) {
        0 => ("types.bool", "false"),
        1 => ("types.nullOr types.str", "null"),
        2 => ("types.listOf types.package", "[ ]"),
        3 => ("types.attrsOf types.anything", "{ }"),
        _ => ("types.int", "4"),
    };
    let _ = write!(
        text,
        "    {name}{} = mkOption {{\n      type = {kind};\n      default = {default};\n      example = \
         lib.literalExpression \"{}\";\n      description = \"How {} is {}.\";\n    }};\n\n",
        capital(word(random)),
        word(random),
        word(random),
        random.one_of(&["chosen", "counted", "drawn", "kept", "started"]),
    );
}

fn service(random: &mut Random, text: &mut String, name: &str) {
    let _ = write!(
        text,
        "\n    systemd.user.services.{name} = {{\n      Unit = {{\n        Description = \"{name}\";\n        \
         After = [ \"graphical-session.target\" ];\n      }};\n\n      Service = {{\n        ExecStart = \
         \"${{lib.getExe cfg.package}} --config ${{config.xdg.configHome}}/{name} --jobs {}\";\n        \
         Restart = \"on-failure\";\n        RestartSec = {};\n      }};\n\n      Install.WantedBy = [ \
         \"graphical-session.target\" ];\n    }};\n",
        1 + random.below(8),
        1 + random.below(60),
    );
}

/// A package, as `callPackage` takes it.
pub fn package(random: &mut Random, name: &str) -> String {
    let (builder, vendor) = match random.below(4) {
        0 => ("rustPlatform.buildRustPackage", "cargoHash"),
        1 => ("buildGoModule", "vendorHash"),
        2 => ("buildNpmPackage", "npmDepsHash"),
        _ => ("stdenv.mkDerivation", "outputHashAlgo"),
    };
    let argument = builder.split('.').next().unwrap_or(builder);
    let hash = format!("sha256-{}=", hash(random));
    let [first, second] = [random.one_of(PACKAGES), random.one_of(WORDS)];
    let mut text = format!(
        "{{\n  lib,\n  {argument},\n  fetchFromGitHub,\n  pkg-config,\n  {first},\n  with{second} ? \
         true,\n}}:\n\n{builder} rec {{\n  pname = \"{name}\";\n  version = \"{}.{}.{}\";\n\n  src = \
         fetchFromGitHub {{\n    owner = \"{}\";\n    repo = pname;\n    rev = \"v${{version}}\";\n    hash = \
         \"{hash}\";\n  }};\n\n",
        random.below(4),
        random.below(30),
        random.below(20),
        word(random),
    );
    if vendor != "outputHashAlgo" {
        let _ = write!(text, "  {vendor} = \"{hash}\";\n\n");
    }
    let _ = write!(
        text,
        "  nativeBuildInputs = [ pkg-config ];\n  buildInputs = [ {first} ];\n\n  configureFlags = \
         lib.optionals with{second} [ \"--with-{second}\" ];\n\n"
    );
    if random.once_in(4) {
        let _ = write!(
            text,
            "  preBuild = ''\n    export HOME=$(mktemp -d)\n    make -j{} -C vendor\n  '';\n\n",
            1 + random.below(16)
        );
    }
    let _ = write!(
        text,
        "  doCheck = {};\n\n  meta = {{\n    description = \"{} for the {}\";\n    homepage = \
         \"https://example.org/{name}\";\n    license = lib.licenses.{};\n    mainProgram = \
         \"{name}\";\n    platforms = lib.platforms.linux;\n  }};\n}}\n",
        random.one_of(&["false", "true"]),
        capital(word(random)),
        word(random),
        random.one_of(LICENSES),
    );
    text
}

/// An overlay that is handed a profile.
pub fn overlay(random: &mut Random) -> String {
    let mut text = String::from(
        "# What this machine wants otherwise.\nprofile: final: prev:\n\nlet\n  jobs = toString \
         (profile.build.jobs or 2);\nin\n{\n",
    );
    for suffix in several_words(random, 3) {
        let name = random.one_of(HEAVY);
        let heading = format!("  {name}-{suffix} = prev.{name}.overrideAttrs (old: {{\n");
        text.push_str(&heading);
        let _ = write!(
            text,
            "    env = (old.env or {{ }}) // {{\n      CARGO_BUILD_JOBS = jobs;\n    }};\n    patches = \
             (old.patches or [ ]) ++ [ ./{}.patch ];\n    meta = old.meta // {{\n      timeout = {};\n    \
             }};\n  }});\n\n",
            word(random),
            3600 * (1 + random.below(24)),
        );
    }
    let _ = write!(
        text,
        "  {} = final.callPackage (\n    {{ runCommand, coreutils }}: runCommand \"wrapped\" {{ }} ''\n      mkdir \
         -p $out/bin\n      ln -s ${{coreutils}} $out/bin/\n    ''\n  ) {{ }};\n}}\n",
        word(random),
    );
    text
}

/// What a machine has.
pub fn profile(random: &mut Random) -> String {
    let threads = 4 << random.below(3);
    format!(
        "{{\n  cpu = {{\n    march = \"{}\";\n    threads = {threads};\n  }};\n  memory.total = \"{}\";\n  \
         build = {{\n    jobs = {};\n    parallelism = {{\n      maxJobs = {};\n      maxCores = {};\n    \
         }};\n  }};\n}}\n",
        random.one_of(&["skylake", "x86-64-v3", "znver3"]),
        8 << random.below(4),
        1 + random.below(threads),
        1 + random.below(4),
        1 + random.below(threads),
    )
}

/// What an installer wrote of a machine.
pub fn hardware(random: &mut Random) -> String {
    format!(
        "{{\n  config,\n  lib,\n  modulesPath,\n  ...\n}}:\n\n{{\n  imports = [ (modulesPath + \
         \"/installer/scan/not-detected.nix\") ];\n\n  boot.initrd.availableKernelModules = [\n    \"ahci\"\n    \
         \"nvme\"\n    \"xhci_pci\"\n  ];\n  boot.kernelModules = [ \"kvm-{}\" ];\n\n  fileSystems.\"/\" = {{\n    \
         device = \"/dev/disk/by-uuid/{}\";\n    fsType = \"{}\";\n  }};\n\n  hardware.cpu.intel.updateMicrocode = \
         lib.mkDefault config.hardware.enableRedistributableFirmware;\n}}\n",
        random.one_of(&["amd", "intel"]),
        hash(random),
        random.one_of(&["btrfs", "ext4", "xfs"]),
    )
}

/// A host: its own settings, and the modules it imports.
pub fn host(random: &mut Random, name: &str, imports: &[&str]) -> String {
    let mut text = String::from(
        "{\n  config,\n  lib,\n  pkgs,\n  profile,\n  ...\n}:\n\n{\n  imports = [\n    ./hardware.nix\n",
    );
    for import in imports {
        let _ = writeln!(text, "    ../../{import}");
    }
    let _ = write!(
        text,
        "  ];\n\n  networking.hostName = \"{name}\";\n  system.stateVersion = \"24.11\";\n\n  nix.settings = \
         {{\n    max-jobs = profile.build.parallelism.maxJobs;\n    cores = lib.mkDefault {};\n    \
         substituters = [ \"https://nix-community.cachix.org\" ];\n  }};\n\n  environment.systemPackages = with \
         pkgs; [\n",
        random.below(8),
    );
    for _ in 0..6 {
        let _ = writeln!(text, "    {}", random.one_of(PACKAGES));
    }
    text.push_str("  ];\n");
    for import in imports.iter().step_by(3) {
        let path = import.trim_start_matches("modules/").trim_end_matches(".nix");
        let _ = write!(text, "\n  {}.enable = true;", path.replace('/', "."));
    }
    text.push_str("\n}\n");
    text
}

/// The packages of one folder, each in a folder of its own.
pub fn package_set(names: &[&str]) -> String {
    let mut text = String::from("{ callPackage }:\n\n{\n");
    for name in names {
        let _ = writeln!(text, "  {name} = callPackage ./{name} {{ }};");
    }
    text.push_str("}\n");
    text
}

/// The flake of so many hosts, each with two of the overlays, and of the packages in `folders`.
pub fn flake(hosts: usize, overlays: &[String], folders: &[&str]) -> String {
    let mut text = String::from(FLAKE);
    for host in 0..hosts {
        let own = overlays.iter().skip(host * 2).take(2);
        let own: Vec<String> = own.map(|overlay| format!("./{overlay}")).collect();
        let own = own.join(" ");
        let _ = writeln!(text, "        host{host:04} = host \"host{host:04}\" [ {own} ];");
    }
    text.push_str("      };\n\n      packages.${system} =\n        let\n          inherit (nixpkgs.legacyPackages.${system}) callPackage;\n        in\n        { }\n");
    for folder in folders {
        let _ = writeln!(text, "        // import ./packages/{folder} {{ inherit callPackage; }}");
    }
    text.push_str("      ;\n    };\n}\n");
    text
}

/// A flake down to the first of its hosts.
const FLAKE: &str = r#"{
  description = "Hosts";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      system = "x86_64-linux";

      host =
        name: overlays:
        let
          profile = import ./profiles/${name}.nix;
        in
        nixpkgs.lib.nixosSystem {
          inherit system;
          specialArgs = { inherit inputs profile; };
          modules = [
            ./hosts/${name}
            { nixpkgs.overlays = map (overlay: import overlay profile) overlays; }
          ];
        };
    in
    {
      nixosConfigurations = {
"#;

fn word(random: &mut Random) -> &'static str {
    WORDS[random.below(WORDS.len())]
}

/// One to `most` words, each once.
fn several_words(random: &mut Random, most: usize) -> impl Iterator<Item = &'static str> + use<> {
    let first = random.below(WORDS.len());
    WORDS.iter().cycle().skip(first).take(1 + random.below(most)).copied()
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

fn literal(random: &mut Random) -> String {
    match random.below(5) {
        0 => random.below(1000).to_string(),
        1 => random.one_of(&["false", "true"]).to_owned(),
        2 => format!("\"{}\"", word(random)),
        3 => format!("[ \"{}\" \"{}\" ]", word(random), word(random)),
        _ => format!("\"${{config.home.homeDirectory}}/{}\"", word(random)),
    }
}

/// 43 letters, as a hash in base 64 has.
fn hash(random: &mut Random) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..43).map(|_| char::from(LETTERS[random.below(LETTERS.len())])).collect()
}
