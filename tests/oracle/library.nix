# What the functions of nixpkgs' library mean, in Nix alone: the other side of the oracle for the
# ones that frugix implements itself.
let
  inherit (builtins)
    attrNames attrValues compareVersions concatMap concatStringsSep elem elemAt filter foldl' genList
    head isAttrs isList isString length listToAttrs map mapAttrs removeAttrs replaceStrings
    stringLength substring tail tryEval typeOf;

  step = list: nul: op: if list == [ ] then nul else op (head list) (step (tail list) nul op);
  find = text: part: from:
    if from + stringLength part > stringLength text then null
    else if substring from (stringLength part) text == part then from
    else find text part (from + 1);
  pieces = separator: text:
    let at = find text separator 0; in
    if at == null then [ text ]
    else
      [ (substring 0 at text) ]
      ++ pieces separator (substring (at + stringLength separator) (-1) text);
  letters = from: to: replaceStrings (split1 from) (split1 to);
  split1 = text: genList (index: substring index 1 text) (stringLength text);
  lower = "abcdefghijklmnopqrstuvwxyz";
  upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

  # The parts of the library, all of which are given whole here.
  strings = lib;
  attrsets = lib;
  lists = lib;
  lib = builtins // rec {
  inherit strings attrsets lists;
  id = x: x;
  const = x: _: x;
  flip = f: a: b: f b a;
  pipe = foldl' (value: function: function value);
  min = a: b: if a < b then a else b;
  max = a: b: if a > b then a else b;
  mergeAttrs = a: b: a // b;

  optional = condition: item: if condition then [ item ] else [ ];
  optionals = condition: items: if condition then items else [ ];
  optionalString = condition: text: if condition then text else "";
  optionalAttrs = condition: set: if condition then set else { };
  singleton = item: [ item ];
  toList = value: if isList value then value else [ value ];
  range = first: last: if first > last then [ ] else genList (n: first + n) (last - first + 1);
  last = list: elemAt list (length list - 1);
  sublist = start: count: list:
    let rest = length list - start; in
    genList (n: elemAt list (start + n)) (if rest <= 0 then 0 else min count rest);
  take = sublist 0;
  drop = count: list: sublist count (length list) list;
  flatten = value: if isList value then concatMap flatten value else [ value ];
  unique = foldl' (seen: item: if elem item seen then seen else seen ++ [ item ]) [ ];
  reverseList = list: genList (n: elemAt list (length list - n - 1)) (length list);
  imap0 = function: list: genList (n: function n (elemAt list n)) (length list);
  imap1 = function: list: genList (n: function (n + 1) (elemAt list n)) (length list);
  forEach = list: function: map function list;
  foldr = op: nul: list: step list nul op;
  fold = foldr;
  foldl = op: nul: list:
    if list == [ ] then nul else foldl op (op nul (head list)) (tail list);

  concatStrings = concatStringsSep "";
  concatMapStrings = function: list: concatStrings (map function list);
  concatMapStringsSep = separator: function: list: concatStringsSep separator (map function list);
  concatLines = concatMapStrings (line: line + "\n");
  hasPrefix = part: text: substring 0 (stringLength part) text == part;
  hasSuffix = part: text:
    stringLength text >= stringLength part
    && substring (stringLength text - stringLength part) (-1) text == part;
  hasInfix = part: text: find text part 0 != null;
  removePrefix = part: text:
    if hasPrefix part text then substring (stringLength part) (-1) text else text;
  removeSuffix = part: text:
    if hasSuffix part text then substring 0 (stringLength text - stringLength part) text else text;
  toLower = letters upper lower;
  toUpper = letters lower upper;
  splitString = separator: text: pieces separator text;
  toInt = text:
    let
      parsed = builtins.match "[[:space:]]*(-?[[:digit:]]+)[[:space:]]*" text;
      padded = builtins.match "[[:space:]]*0[[:digit:]]+[[:space:]]*" text;
    in
    if parsed == null || padded != null then throw "no integer: ${text}"
    else builtins.fromJSON (head parsed);
  versionOlder = a: b: compareVersions b a == 1;
  versionAtLeast = a: b: !(versionOlder a b);

  remove = unwanted: filter (item: item != unwanted);
  intersectLists = wanted: filter (item: elem item wanted);
  count = test: list: length (filter test list);
  replicate = count: item: genList (_: item) count;
  findFirstIndex = test: default: list:
    let hits = filter (n: test (elemAt list n)) (genList (n: n) (length list)); in
    if hits == [ ] then default else head hits;
  zipListsWith = function: left: right:
    genList (n: function (elemAt left n) (elemAt right n)) (min (length left) (length right));
  attrsToList = mapAttrsToList nameValuePair;
  foldlAttrs = op: nul: set: foldl' (so-far: name: op so-far name set.${name}) nul (attrNames set);
  mergeAttrsWithFunc =
    f: left: right:
    builtins.foldl' (set: name: set // { ${name} = f set.${name} right.${name}; }) (right // left) (
      builtins.attrNames right
    );
  zipAttrs = builtins.zipAttrsWith (_: values: values);
  concatMapAttrsStringSep = separator: function: set:
    concatStringsSep separator (mapAttrsToList function set);
  stringToCharacters = split1;
  trim = text:
    let inner = builtins.match "[ \t\r\n]*(.*[^ \t\r\n])[ \t\r\n]*" text; in
    if inner == null then "" else head inner;
  escapeShellArg = value:
    let text = toString value; in
    if builtins.match "[[:alnum:],._+:@%/-]+" text == null
    then "'${replaceStrings [ "'" ] [ "'\\''" ] text}'"
    else text;
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  escape = characters: replaceStrings characters (map (character: "\\" + character) characters);
  replaceString = from: to: replaceStrings [ from ] [ to ];
  toHexString = number:
    let digit = elemAt (split1 "0123456789ABCDEF") (number - number / 16 * 16); in
    if number < 16 then digit else toHexString (number / 16) + digit;
  assertMsg = holds: message: holds || throw message;
  throwIf = condition: message: value: if condition then throw message else value;
  throwIfNot = condition: throwIf (!condition);
  mod = base: by: base - by * (base / by);
  fix = function: let finished = function finished; in finished;

  nameValuePair = name: value: { inherit name value; };
  genAttrs = names: function: listToAttrs (map (name: nameValuePair name (function name)) names);
  filterAttrs = keep: set: removeAttrs set (filter (name: !(keep name set.${name})) (attrNames set));
  mapAttrsToList = function: set: attrValues (mapAttrs function set);
  mapAttrs' = function: set: listToAttrs (map (name: function name set.${name}) (attrNames set));
  attrByPath = path: default: set:
    if path == [ ] then set
    else if set ? ${head path} then attrByPath (tail path) default set.${head path}
    else default;
  hasAttrByPath = path: set:
    path == [ ] || set ? ${head path} && hasAttrByPath (tail path) set.${head path};
  getAttrFromPath = path: set: foldl' (set: name: set.${name}) set path;
  setAttrByPath = path: value:
    if path == [ ] then value else { ${head path} = setAttrByPath (tail path) value; };
  recursiveUpdate = under: over:
    if isAttrs under && isAttrs over then
      under
      // mapAttrs (
        name: value: if under ? ${name} then merge under.${name} value else value
      ) over
    else under // over;
  merge = under: over: if isAttrs under && isAttrs over then recursiveUpdate under over else over;
  mergeAttrsList = foldl' (merged: set: merged // set) { };
  attrVals = names: set: map (name: set.${name}) names;
  getAttrs = names: set: genAttrs names (name: set.${name});
  isDerivation = value: (value.type or null) == "derivation";

  mkIf = condition: content: { _type = "if"; inherit condition content; };
  mkMerge = contents: { _type = "merge"; inherit contents; };
  mkOverride = priority: content: { _type = "override"; inherit priority content; };
  mkOptionDefault = mkOverride 1500;
  mkDefault = mkOverride 1000;
  mkImageMediaOverride = mkOverride 60;
  mkForce = mkOverride 50;
  mkVMOverride = mkOverride 10;
  mkOrder = priority: content: { _type = "order"; inherit priority content; };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
  composeExtensions = f: g: final: prev:
    let first = f final prev; in first // g final (prev // first);
};
in
lib
