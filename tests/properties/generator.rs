//! Random configurations: a tree of a flake, a home, an overlay, a profile and a `frugix.toml`, with
//! something in it for every rule that fixes what it finds.

use std::path::PathBuf;
use std::slice;

use definitions::Definitions;
use vocabulary::{BUILDERS, IN_LIST, IN_MODULE, IN_OVERLAY, NUMBERS, PACKAGES};

#[path = "definitions.rs"]
mod definitions;
#[path = "vocabulary.rs"]
mod vocabulary;

/// The choices that make a configuration, nought being the plainest: shorter lists of smaller
/// numbers make simpler ones, which is how those that fail are shrunk.
#[derive(Clone)]
pub struct Choices(pub Vec<u16>);

impl Choices {
    /// The files of the tree, each with its path.
    pub fn files(&self) -> Vec<(PathBuf, String)> {
        let mut generator = Generator { choices: self.0.iter(), comments: 0, sets: IN_MODULE };
        let files = [
            ("flake.nix", generator.flake()),
            ("home.nix", generator.module()),
            ("overlay.nix", generator.overlay()),
            ("profile.nix", generator.profile()),
            ("frugix.toml", generator.config()),
        ];
        files.into_iter().map(|(path, text)| (PathBuf::from(path), text)).collect()
    }
}

impl std::fmt::Debug for Choices {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (path, text) in self.files() {
            write!(f, "\n#- {}\n{text}", path.display())?;
        }
        Ok(())
    }
}

struct Generator<'a> {
    choices: slice::Iter<'a, u16>,
    comments: usize,
    /// What packages are taken from here.
    sets: &'static [&'static str],
}

impl Generator<'_> {
    fn pick(&mut self, count: usize) -> usize {
        self.choices.next().map_or(0, |choice| usize::from(*choice) % count)
    }

    fn one_of(&mut self, texts: &[&'static str]) -> &'static str {
        texts[self.pick(texts.len())]
    }

    /// Space between two tokens, now and then with a comment that no other place has.
    fn gap(&mut self) -> String {
        self.comments += 1;
        let number = self.comments;
        match self.pick(16) {
            11 => "\n    ".to_owned(),
            12 => format!(" # comment {number}\n    "),
            13 => format!(" /* comment {number} */ "),
            14 => format!("\n    # frugix: ignore[{}] r{number}\n    ", self.silenced()),
            15 => "\n\n".to_owned(),
            _ => " ".to_owned(),
        }
    }

    fn silenced(&mut self) -> &'static str {
        self.one_of(&["needless-override", "override", "timeout, parallelism", "cpu-over-budget"])
    }

    /// `count` to `count + 3` of what `make` makes, with space between.
    fn several(&mut self, count: usize, make: fn(&mut Self) -> String) -> String {
        let count = count + self.pick(4);
        (0..count).map(|_| make(self) + &self.gap()).collect()
    }

    /// As [`several`](Self::several), nothing defined twice.
    fn definitions(&mut self, count: usize, make: fn(&mut Self) -> Definitions) -> Definitions {
        let count = count + self.pick(4);
        let mut all = Definitions::default();
        for _ in 0..count {
            let (definition, gap) = (make(self), self.gap());
            all.add(definition, &gap);
        }
        all
    }

    /// A set of definitions, and what it defines.
    fn set_of(&mut self, inside: fn(&mut Self) -> Definitions) -> Definitions {
        let (open, inside) = (self.gap(), self.definitions(0, inside));
        let rec = if self.pick(9) == 8 { "rec " } else { "" };
        let text = format!("{rec}{{{open}{}}}", inside.text);
        inside.with_text(text)
    }

    fn set(&mut self, inside: fn(&mut Self) -> Definitions) -> String {
        self.set_of(inside).text
    }

    fn package(&mut self) -> String {
        let set = self.one_of(self.sets);
        format!("{set}{}", self.one_of(PACKAGES))
    }

    /// Something that is a package.
    fn built(&mut self) -> String {
        match self.pick(6) {
            0 => self.package(),
            1 | 2 => self.overridden(),
            3 => format!("({})", self.overridden()),
            4 => self.derivation(),
            _ => format!("(helper{}{})", self.gap(), self.package()),
        }
    }

    /// Something in a list of packages.
    fn element(&mut self) -> String {
        match self.pick(3) {
            2 => self.package(),
            _ => format!("({})", self.built()),
        }
    }

    fn overridden(&mut self) -> String {
        let base = match self.pick(5) {
            3 => format!("({})", self.overridden()),
            4 => format!("(if c then {} else {})", self.package(), self.package()),
            _ => self.package(),
        };
        let gap = self.gap();
        match self.pick(6) {
            0 | 5 => format!("{base}.override{gap}{}", self.set(Self::argument)),
            1 => format!("{base}.override{gap}(old:{}{})", self.gap(), self.set(Self::argument)),
            2 => {
                format!("{base}.overrideAttrs{gap}(_:{}{})", self.gap(), self.set(Self::attribute))
            }
            3 => format!(
                "{base}.overrideAttrs{gap}(old:{}{})",
                self.gap(),
                self.set(Self::attribute)
            ),
            _ => format!(
                "{base}.overrideAttrs(final: prev:{{{}{}}})",
                self.gap(),
                self.definitions(0, Self::attribute).text
            ),
        }
    }

    fn argument(&mut self) -> Definitions {
        let name = self.one_of(&[
            "commandLineArgs",
            "commandLineArgs",
            "proprietaryCodecs",
            "cupsSupport",
            "withPCRE2",
            "enableWideVine",
            "cudaSupport",
        ]);
        let value = self.one_of(&["true", "false", "\"--flag\"", "[ \"a\" ]", "null", "pkgs.zlib"]);
        Definitions::of(name, format!("{name}{}={}{value};", self.gap(), self.gap()))
    }

    fn attribute(&mut self) -> Definitions {
        let gap = self.gap();
        let (name, value) = match self.pick(20) {
            17 => ("NIX_CFLAGS_COMPILE", "\"-O3\"".to_owned()),
            16 => ("patches", format!("[ ./a.patch{}]", self.gap())),
            15 => ("postPatch", "\"true\"".to_owned()),
            14 => ("NIX_CXXFLAGS_COMPILE", "\"-O3\"".to_owned()),
            13 => ("CARGO_INCREMENTAL", "\"1\"".to_owned()),
            12 => ("RUSTC_WRAPPER", "\"${pkgs.sccache}/bin/sccache\"".to_owned()),
            11 => ("RUSTFLAGS", format!("[ \"-C\" \"target-cpu=native\"{}]", self.gap())),
            10 | 18 | 19 => ("CARGO_BUILD_JOBS", "\"2\"".to_owned()),
            9 => ("cargoBuildFlags", format!("[ \"-j4\" \"--release\"{}]", self.gap())),
            0 => ("doCheck", "false".to_owned()),
            1 => ("patches", "old.patches".to_owned()),
            2 => ("timeout", self.one_of(NUMBERS).to_owned()),
            3 => {
                let text = format!("meta ={gap}{{ description = \"x\";{}}};", self.gap());
                return Definitions::of("description", String::new()).below("meta", text);
            }
            4 => ("meta.timeout", self.one_of(NUMBERS).to_owned()),
            5 => {
                let text = format!("maxSilent={gap}{};", self.one_of(NUMBERS));
                return Definitions::of("maxSilent", text);
            }
            6 => ("meta", "(old.meta or { }) // { broken = false; }".to_owned()),
            7 => return Definitions::of("src", format!("inherit (old){gap}src;")),
            _ => ("env", format!("{{ A = \"{}\"; }}", self.one_of(NUMBERS))),
        };
        Definitions::of(name, format!("{name} ={gap}{value};"))
    }

    fn derivation(&mut self) -> String {
        let (set, builder) = (self.one_of(self.sets), self.one_of(BUILDERS));
        let name = self.one_of(&["codex", "tool", "onnxruntime"]);
        let gap = self.gap();
        let attributes = self.definitions(0, Self::attribute).text;
        match self.pick(3) {
            2 => {
                format!("({set}{builder} (finalAttrs: {{ pname = \"{name}\";{gap}{attributes}}}))")
            }
            _ => format!("({set}{builder} {{ pname = \"{name}\";{gap}{attributes}}})"),
        }
    }

    fn number(&mut self) -> String {
        let number = self.one_of(NUMBERS);
        // `f -1` subtracts.
        let argument =
            if number.starts_with('-') { format!("({number})") } else { number.to_owned() };
        match self.pick(6) {
            1 => format!("lib.mkDefault {argument}"),
            2 => format!("lib.mkIf config.x.enable {argument}"),
            3 => "profile.build.parallelism.maxJobs".to_owned(),
            4 => "profile.build.parallelism.maxCores".to_owned(),
            5 => format!("(lib.mkForce ({number}))"),
            _ => number.to_owned(),
        }
    }

    fn limit(&mut self) -> Definitions {
        match self.pick(12) {
            2 | 5 | 8 | 11 => return self.caches(),
            10 => return self.features(),
            _ => {}
        }
        let name = self.one_of(&["max-jobs", "cores", "timeout", "max-silent-time"]);
        Definitions::of(name, format!("{name}{}={}{};", self.gap(), self.gap(), self.number()))
    }

    /// What the machine offers to builds.
    fn features(&mut self) -> Definitions {
        let features = self.one_of(&["\"kvm\"", "\"kvm\" \"big-parallel\"", ""]);
        let text =
            format!("system-features ={}lib.mkForce [{features}{}];", self.gap(), self.gap());
        Definitions::of("system-features", text)
    }

    /// A list of caches or keys.
    fn caches(&mut self) -> Definitions {
        let name = self.one_of(&[
            "substituters",
            "extra-substituters",
            "trusted-public-keys",
            "trusted-substituters",
        ]);
        let text = format!(
            "{name}{}={}[{}{}];",
            self.gap(),
            self.gap(),
            self.gap(),
            self.several(0, Self::cache)
        );
        Definitions::of(name, text)
    }

    fn cache(&mut self) -> String {
        let cache = self.one_of(&[
            "https://nix-community.cachix.org",
            "https://app.cachix.org/cache/hyprland",
            "https://hyprland.cachix.org",
            "https://cache.nixos.org",
            "http://localhost:5000",
            "hyprland.cachix.org-1:a7pgxzMz7+chwVL3/pzj6jIBMioiJM7ypFP8PwtkuGc=",
        ]);
        format!("\"{cache}\"")
    }

    fn option(&mut self) -> Definitions {
        let gap = self.gap();
        let (name, value) = match self.pick(7) {
            6 => ("programs.chromium.commandLineArgs", format!("[ \"--b\"{}]", self.gap())),
            0 => ("home.packages", format!("[{}{}]", self.gap(), self.several(1, Self::element))),
            1 => {
                self.sets = IN_LIST;
                let packages = self.several(1, Self::element);
                self.sets = IN_MODULE;
                return Definitions::of(
                    "home.packages",
                    format!("home.packages = with pkgs;{gap}[ {packages}];"),
                );
            }
            2 => ("programs.chromium.package", self.overridden()),
            3 => {
                let limit = self.limit();
                let text = format!("nix.settings.{}", limit.text);
                return limit.below("nix.settings", text);
            }
            4 => {
                let settings = self.set_of(Self::limit);
                let text = format!("nix.settings ={gap}{};", settings.text);
                return settings.below("nix.settings", text);
            }
            _ => ("nix.extraOptions", "''\n      max-jobs = 4\n      cores = 8\n    ''".to_owned()),
        };
        Definitions::of(name, format!("{name} ={gap}{value};"))
    }

    fn module(&mut self) -> String {
        let gap = self.gap();
        let options = self.definitions(1, Self::option).text;
        let memory = self.one_of(&["", "  home.room = profile.memory.total * 2;\n"]);
        let server = self.one_of(&["", "  services.nix-serve.enable = true;\n"]);
        format!(
            "{{ config, lib, pkgs, profile, ... }}:\nlet helper = p: p.override {{ }};{gap}in\n\
             {{\n  {options}\n{memory}{server}}}\n"
        )
    }

    fn entry(&mut self) -> Definitions {
        let name = self.one_of(&["hello", "brave", "chromium", "mine", "zlib"]);
        let text = match self.pick(5) {
            1 => format!("{name} ={}prev.{name};", self.gap()),
            2 => format!("inherit (prev){}{name};", self.gap()),
            4 => {
                // What much else is built with, made from what it was.
                let name = self.one_of(&["zlib", "onnxruntime"]);
                let changes = self.set(Self::attribute);
                let text =
                    format!("{name} ={}prev.{name}.overrideAttrs (old: {changes});", self.gap());
                return Definitions::of(name, text);
            }
            _ => format!("{name} ={}{};", self.gap(), self.built()),
        };
        Definitions::of(name, text)
    }

    fn overlay(&mut self) -> String {
        self.sets = IN_OVERLAY;
        let entries = self.definitions(1, Self::entry).text;
        self.sets = IN_MODULE;
        format!("profile: final: prev:{}{{\n  {entries}\n}}\n", self.gap())
    }

    fn profile(&mut self) -> String {
        let (jobs, cores) = (self.one_of(NUMBERS), self.one_of(NUMBERS));
        let (first, second) = (self.gap(), self.gap());
        let tier = self.one_of(&["", "tier1MaxJobs = 4;\n    tier1Cores = 8;\n  "]);
        format!(
            "{{\n  system.hostname = \"box\";\n  memory.total = \"16\";\n  cpu.march = \"skylake\";\n  \
             build.parallelism = {{\n    maxJobs = {jobs};{first}\
             maxCores ={second}{cores};\n    {tier}}};\n}}\n"
        )
    }

    fn flake(&mut self) -> String {
        let config = self.definitions(0, Self::limit).text;
        let follows = self.one_of(&["", "inputs.nixpkgs.follows = \"nixpkgs\";\n"]);
        let system = match self.pick(3) {
            2 => format!(
                "    nixosConfigurations.box = nixpkgs.lib.nixosSystem {{\n      modules = [ ({{ lib, ... }}: \
                 {{ nix.settings = {}; }}) ];\n    }};\n",
                self.set(Self::limit)
            ),
            _ => String::new(),
        };
        format!(
            "{{\n  nixConfig = {{ {config}}};\n  inputs.hyprland = {{\n    url = \"github:hyprwm/Hyprland\";\n    \
             {follows}  }};\n  outputs = {{ nixpkgs, home-manager, hyprland, ... }}: let\n    \
             profile = import ./profile.nix;\n    pkgs = import nixpkgs {{\n      \
             system = \"x86_64-linux\";\n      overlays = [ (import ./overlay.nix profile) ];\n    }};\n  \
             in {{\n    packages.x86_64-linux.desktop = hyprland.packages.x86_64-linux.hyprland;\n    \
             homeConfigurations.me = home-manager.lib.homeManagerConfiguration {{\n      \
             inherit pkgs;\n      modules = [ ./home.nix ];\n      \
             extraSpecialArgs = {{ inherit profile; }};\n    }};\n{system}  }};\n}}\n"
        )
    }

    fn config(&mut self) -> String {
        let memory = self.one_of(&["", "memory = \"4GiB\"\n"]);
        let host = format!("[host.box]\nthreads = 8\nprofile = \"profile.nix\"\n{memory}");
        let more = self.one_of(&[
            "",
            "[timeouts]\n",
            "[timeouts]\nstyle = \"attr+meta\"\n",
            "[timeouts]\nrequire = \"all\"\n",
            "[browsers]\nforbid-overrides = true\n",
        ]);
        format!("{host}{more}")
    }
}
