//! Names that Nix and nixpkgs' library have, whether they are followed or not: they decide which of
//! several `with`s around a name it is from.

use std::sync::LazyLock;

use rustc_hash::FxHashSet;

use crate::hir::Name;

/// Builtins that are not followed.
const OTHER_BUILTINS: &[&str] = &[
    "addDrvOutputDependencies",
    "appendContext",
    "break",
    "builtins",
    "convertHash",
    "currentSystem",
    "currentTime",
    "derivation",
    "derivationStrict",
    "exec",
    "fetchClosure",
    "fetchFinalTree",
    "fetchGit",
    "fetchMercurial",
    "fetchTarball",
    "fetchTree",
    "fetchurl",
    "filterSource",
    "findFile",
    "flakeRefToString",
    "genericClosure",
    "getContext",
    "getEnv",
    "getFlake",
    "hasContext",
    "hashFile",
    "importNative",
    "langVersion",
    "nixPath",
    "nixVersion",
    "outputOf",
    "parseFlakeRef",
    "path",
    "placeholder",
    "readFileType",
    "scopedImport",
    "storeDir",
    "storePath",
    "toFile",
    "toPath",
    "toXML",
    "unsafeDiscardOutputDependency",
    "unsafeGetAttrPos",
];

/// Names of nixpkgs' library that are not followed, but must not be mistaken for packages where
/// `with lib; with pkgs;` brings both into view.
const LIBRARY_NAMES: &[&str] = &[
    "mkOption",
    "mkEnableOption",
    "mkPackageOption",
    "types",
    "maintainers",
    "licenses",
    "platforms",
    "literalExpression",
    "mkRenamedOptionModule",
    "mkRemovedOptionModule",
    "mkAliasOptionModule",
    "generators",
    "hm",
    "nixosSystem",
    "fakeHash",
    "fakeSha256",
    "mdDoc",
    "teams",
    "sourceTypes",
    "cleanSource",
    "getExe",
    "getExe'",
    "getBin",
    "getLib",
    "getDev",
    "makeBinPath",
    "makeLibraryPath",
    "fileset",
    "systems",
    "version",
    "trivial",
    "attrsets",
    "lists",
    "strings",
    "evalModules",
    "concatMapAttrs",
    "gvariant",
];

/// The names of `lib.types`, which `with lib.types;` brings into view.
const TYPE_NAMES: &[&str] = &[
    "addCheck",
    "anything",
    "attrNamesToTrue",
    "attrTag",
    "attrs",
    "attrsOf",
    "bool",
    "boolByOr",
    "coercedTo",
    "commas",
    "deferredModule",
    "deferredModuleWith",
    "either",
    "enum",
    "envVar",
    "externalPath",
    "float",
    "functionTo",
    "int",
    "ints",
    "lazyAttrsOf",
    "lines",
    "listOf",
    "loaOf",
    "luaInline",
    "mkOptionType",
    "nonEmptyListOf",
    "nonEmptyStr",
    "nullOr",
    "number",
    "numbers",
    "oneOf",
    "optionType",
    "package",
    "passwdEntry",
    "path",
    "pathInStore",
    "pathWith",
    "pkgs",
    "port",
    "raw",
    "separatedString",
    "shellPackage",
    "singleLineStr",
    "str",
    "strMatching",
    "string",
    "submodule",
    "submoduleWith",
    "uniq",
    "unique",
    "unspecified",
];

/// The parts of nixpkgs' library whose functions are also reached without naming the part.
const LIBRARY_SECTIONS: &[&str] = &[
    "attrsets",
    "lists",
    "strings",
    "trivial",
    "modules",
    "options",
    "fixedPoints",
    "customisation",
    "filesystem",
];

pub(super) static OTHER_BUILTIN_SET: LazyLock<FxHashSet<Name>> =
    LazyLock::new(|| OTHER_BUILTINS.iter().map(|name| Name::new(name)).collect());

pub(super) static TYPE_NAME_SET: LazyLock<FxHashSet<Name>> =
    LazyLock::new(|| TYPE_NAMES.iter().map(|name| Name::new(name)).collect());

pub(super) static LIBRARY_NAME_SET: LazyLock<FxHashSet<Name>> =
    LazyLock::new(|| LIBRARY_NAMES.iter().map(|name| Name::new(name)).collect());

/// Whether `lib.name` is a part of the library that repeats what `lib` has.
pub(in crate::eval) fn is_library_section(name: Name) -> bool {
    LIBRARY_SECTIONS.contains(&name.as_str())
}

/// Whether `lib.types` has `name`, as far as is known here.
pub(in crate::eval) fn is_type_name(name: Name) -> bool {
    TYPE_NAME_SET.contains(&name)
}
