# `programs.frugix.enable = true;` puts frugix on the path.
{ config, lib, pkgs, ... }:

let
  cfg = config.programs.frugix;
in
{
  options.programs.frugix = {
    enable = lib.mkEnableOption "frugix, a linter for NixOS and home-manager configurations";
    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.callPackage ../package.nix { };
      defaultText = lib.literalExpression "pkgs.callPackage ./package.nix { }";
      description = "The package to use.";
    };
  };

  config = lib.mkIf cfg.enable {
    home.packages = [ cfg.package ];
  };
}
