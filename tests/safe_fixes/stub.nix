# A nixpkgs in which every attribute is a package, a function and a set, and knows how it was made: two
# texts that give the same identities give the same derivations. `meta`, `passthru` and `pos` do not
# count, `meta.mainProgram` does, as in stdenv's mkDerivation.
#
# Where a `condition` is given, the files may name what they do not define, as texts written at random do:
# `c` is that condition, and the rest is there for the taking.
{ names, library, profile, files, condition ? null }:
let
  inherit (builtins)
    attrNames filter functionArgs hashString isAttrs isFunction isList listToAttrs map mapAttrs removeAttrs
    toJSON;

  genAttrs = names: make: listToAttrs (map (name: { inherit name; value = make name; }) names);

  # A value as JSON can say it.
  plain = value:
    if isFunction value then "<function>"
    else if builtins.isPath value then baseNameOf value
    else if isAttrs value then (if value ? identity then value.identity else mapAttrs (_: plain) value)
    else if isList value then map plain value
    else value;

  withoutMeta = attributes: removeAttrs attributes [ "meta" "passthru" "pos" ];

  package = depth: identity: mainProgram:
    (if depth == 0 then { } else genAttrs names (name: package (depth - 1) "${identity}.${name}" name))
    // {
      inherit identity;
      outPath = "/stub/${hashString "sha256" identity}";
      meta = { inherit mainProgram; };
      override = given:
        let arguments = if isFunction given then given { } else given; in
        if arguments == { } then package depth identity mainProgram
        else package depth "${identity}.override ${toJSON (plain arguments)}" mainProgram;
      overrideAttrs = change:
        let
          old = anything "${identity}.old" // { meta = { inherit mainProgram; }; };
          once = if isFunction change then change old else change;
          changes = if isFunction once then once old else once;
          main = if changes ? meta then changes.meta.mainProgram or null else mainProgram;
          # What is as it was is no change.
          kept = filter (name: plain changes.${name} == plain (old.${name} or null)) (attrNames changes);
          seen = removeAttrs (withoutMeta changes) kept // (if main == mainProgram then { } else { inherit main; });
        in
        if seen == { } then package depth identity mainProgram
        else package depth "${identity}.overrideAttrs ${toJSON (plain seen)}" main;
      __functor = _: argument:
        let
          given = if isFunction argument then argument (set "final") else argument;
          main = if isAttrs given then given.meta.mainProgram or null else null;
        in
        if isAttrs given && !(given ? identity) then
          package depth "${identity} ${toJSON (plain (withoutMeta given // { inherit main; }))}" main
        else
          package depth "${identity} ${toJSON (plain given)}" null;
    };

  # Attributes that nobody knows anything about, where the texts are random.
  anything = of: if condition == null then { } else genAttrs names (name: set "${of}.${name}");

  set = name: package 4 name name;
  pkgs = genAttrs names set // { inherit lib; identity = "pkgs"; };
  lib = genAttrs names (name: set "lib.${name}") // import library // { identity = "lib"; };
  hardwareProfile = import profile;
  arguments = genAttrs names set // {
    inherit lib pkgs hardwareProfile;
    profile = hardwareProfile;
    system = "x86_64-linux";
  };
  load =
    if condition == null then import
    else builtins.scopedImport (arguments // {
      c = condition;
      final = pkgs;
      prev = pkgs;
      old = set "old";
    });

  overlay = file:
    let made = (load file) hardwareProfile pkgs pkgs; in
    { inherit made; resolved = names: genAttrs names (name: plain (made.${name} or pkgs.${name})); };
  module = file:
    let value = load file; in
    plain (if isFunction value then value (builtins.intersectAttrs (functionArgs value) arguments) else value);
in
{
  overlayNames = mapAttrs (_: file: attrNames (overlay file).made) files.overlays;
  overlays = resolved: mapAttrs (name: file: (overlay file).resolved resolved.${name}) files.overlays;
  modules = mapAttrs (_: module) files.modules;
}
