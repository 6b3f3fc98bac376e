//! Expressions that Nix refuses, each for another reason: frugix must not claim to know them.

use crate::nix::Nix;
use crate::ours;

/// Expressions that Nix refuses, and that frugix must not claim to know.
const REFUSED: &[&str] = &[
    "{ a = 1; a = 2; }",
    "{ a = { b.c = 1; }; a = { b.c = 2; }; }",
    "{ a.b = 1; a = 2; }",
    "{ a = 1; a.b = 2; }",
    "{ a = let x = { }; in x; a.b = 2; }",
    "{ a = { b = 1; }; a.b = 2; }",
    "{ a.b = 1; a = { b = 2; }; }",
    "let a = 1; a = 2; in a",
    "{ ${\"a\"} = 1; a = 2; }",
    "let b = { }; in { inherit b; b.c = 1; }",
    "{ a = 1; ${\"a\" + \"\"} = 2; }",
    "{ ${1} = 1; }",
    "({ a, a }: a) { a = 1; }",
    "({ a }@a: a) { a = 1; }",
    "1 + \"a\"",
    "\"a\" + 1",
    "\"${1}\"",
    "\"${true}\"",
    "\"${[ ]}\"",
    "\"${{ }}\"",
    "\"a\" < 1",
    "{ } < { }",
    "null < null",
    "true < false",
    "builtins.seq (with { }; z'free) 1",
    // Names are compared as they were met.
    "{ z'met = throw \"z\"; a'met = 1; } == { a'met = 2; z'met = 1; }",
    "[ 1 ] < [ \"a\" ]",
    "[ [ 1 ] ] < [ 1 ]",
    "1 < 2 < 3",
    "1 == 1 == true",
    "1 && true",
    "!1",
    "-\"a\"",
    "if 1 then 2 else 3",
    "assert 1; 2",
    "[ 1 ] ++ 1",
    "{ } // 1",
    "{ a = 1; }.b",
    "1.a",
    "{ a = 1; }.a.b",
    "({ a }: a) { }",
    "({ a }: a) { a = 1; b = 2; }",
    "({ a }: a) 1",
    "1 2",
    "{ } 1",
    "let x = x; in x",
    "let x = y; y = x; in x",
    "rec { a = b; b = a; }",
    "builtins.head [ ]",
    "builtins.tail [ ]",
    "builtins.elemAt [ 1 ] 1",
    "builtins.elemAt [ 1 ] (-1)",
    "builtins.substring (-1) 1 \"a\"",
    "builtins.genList (x: x) (-1)",
    "builtins.getAttr \"a\" { }",
    "builtins.length { }",
    "builtins.attrNames [ ]",
    "builtins.listToAttrs [ { name = \"a\"; } ]",
    "builtins.replaceStrings [ \"a\" ] [ ] \"a\"",
    "builtins.fromJSON \"{\"",
    "builtins.fromJSON \"01\"",
    "builtins.fromJSON \"\"",
    "builtins.foldl' (a: b: throw \"x\") 0 [ 1 2 ]",
    "builtins.functionArgs 1",
    "builtins.toJSON (x: x)",
    "1 / 0",
    "1.0 / 0",
    "builtins.partition (x: true) [ (throw \"x\") ] == 1",
    "builtins.sort (a: b: true) [ (throw \"x\") ] == 1",
    "(builtins.tryEval (1 + \"a\")).success",
    "(builtins.tryEval (abort \"x\")).success",
    "(builtins.tryEval (throw 1)).success",
    "(builtins.tryEval (throw \"${1}\")).success",
    "(builtins.tryEval { }.a).success",
    "with 1; a",
    "undefined",
    "throw \"x\"",
    "toString { }",
    "toString (x: x)",
    "builtins.concatStringsSep \",\" [ 1 ]",
    "builtins.stringLength 1",
    "builtins.compareVersions 1 2",
    "builtins.sort (a: b: 1) [ 1 2 ]",
    "builtins.all (x: 1) [ 1 ]",
    "lib.take (-1) [ 1 ] == [ ]",
    "lib.toInt \"a\"",
    "lib.toInt \"01\"",
    "lib.toInt \"\"",
    "lib.optional 1 2",
    "lib.getAttrFromPath [ \"a\" \"b\" ] { a = 1; }",
    "lib.last [ ]",
    "lib.min 1 \"a\"",
];

#[test]
fn what_nix_refuses_is_not_known() {
    let Some(nix) = Nix::find() else { return };
    let mut wrong = Vec::new();
    let answers = nix.evaluate(REFUSED).into_iter().zip(ours::evaluate_all(REFUSED));
    for (expression, (nix, ours)) in REFUSED.iter().zip(answers) {
        if nix.is_some() || ours.is_ok() {
            wrong.push(format!("{expression}\n  frugix {ours:?}\n  nix    {nix:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
