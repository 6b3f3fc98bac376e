# As much of nixpkgs as our flake asks of it.
{ root }:
let
  lib = {
    genAttrs = names: make: builtins.listToAttrs (map (name: { inherit name; value = make name; }) names);
    importTOML = file: builtins.fromTOML (builtins.readFile file);
    fileset = { toSource = { fileset, ... }: fileset; unions = files: assert builtins.all builtins.pathExists files; files; };
    licenses = { mit = "MIT"; asl20 = "Apache-2.0"; };
    mkEnableOption = text: { inherit text; };
    mkOption = option: option;
    mkIf = condition: value: if condition then value else { };
    types.package = "package";
    literalExpression = text: text;
  };
  arguments = { inherit lib; installShellFiles = "tool"; rustPlatform.buildRustPackage = made: made; };
  pkgs = {
    callPackage = file: given:
      let make = import file; in make (builtins.intersectAttrs (builtins.functionArgs make) arguments // given);
    mkShell = shell: shell;
    cargo = 1; clippy = 1; rustc = 1; rustfmt = 1; neovim = 1; pre-commit = 1;
  };
  outputs = (import (root + "/flake.nix")).outputs {
    self = outputs;
    nixpkgs = { inherit lib; legacyPackages = lib.genAttrs [ "x86_64-linux" "aarch64-linux" "x86_64-darwin" "aarch64-darwin" ] (_: pkgs); };
  };
  module = outputs.homeManagerModules.default {
    inherit lib pkgs;
    config.programs.frugix = { enable = true; package = "given"; };
  };
in
{
  package = outputs.packages.x86_64-linux.default.pname;
  version = outputs.packages.aarch64-darwin.default.version;
  sources = builtins.length outputs.packages.x86_64-linux.default.src;
  overlay = (outputs.overlays.default pkgs { }).frugix.meta.mainProgram;
  shell = builtins.length outputs.devShells.x86_64-linux.default.packages;
  inherit (module.config) home;
  default = module.options.programs.frugix.package.default.pname;
}
