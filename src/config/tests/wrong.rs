//! Texts that are no configuration, and what is said of each, without the name of the file.

/// Keys that do not exist.
pub(super) const KEYS: &[(&str, &str)] = &[
    ("\n[budjet]\ntolerance = 2", "2:2: unknown key `budjet`; did you mean `budget`?"),
    (
        "[host.shoshin]\nthreads = 8\nmemry = \"16GiB\"",
        "3:1: unknown key `memry` in [host.shoshin]; did you mean `memory`?",
    ),
    (
        "[host.a]\nreserve = { cpus = 2 }",
        "2:13: unknown key `cpus` in [host.a.reserve]; write `threads` or `memory`",
    ),
    ("fail_on = \"error\"", "1:1: unknown key `fail_on`; did you mean `fail-on`?"),
    ("[overrides]\nallow = []", "2:1: unknown key `allow` in [overrides]; write `keep`"),
];

/// Values that mean nothing where they stand.
pub(super) const VALUES: &[(&str, &str)] = &[
    ("select = \"override\"", "1:10: `select` must be a list of strings, not a string"),
    ("select = [\"a\", 1]", "1:16: `select` must hold strings only, not a whole number"),
    ("budget = 2", "1:10: `budget` must be a table, not a whole number"),
    ("host.a = 1", "1:10: `a` must be a table, not a whole number"),
    ("host.a.threads = \"8\"", "1:18: `threads` must be a whole number, not a string"),
    ("host.a.threads = 0", "1:18: `threads` must be at least 1 and at most 4294967295"),
    ("host.a.threads = 99999999999999999999", "1:18: `threads` is too large a number"),
    ("host.a.memory = \"0GiB\"", "1:17: `memory` must be above 0"),
    ("host.a.profile = 1", "1:18: `profile` must be a string, not a whole number"),
    (
        "host.a.memory = 16",
        "1:17: `16` is not an amount of memory; write a number and one of B, kB, MB, GB, TB, \
         KiB, MiB, GiB, TiB, as in \"16GiB\"",
    ),
    (
        "host.a.memory = true",
        "1:17: `memory` must be an amount of memory, such as \"16GiB\", not true or false",
    ),
    ("budget.tolerance = 0.0", "1:20: `tolerance` must be above 0"),
    ("budget.tolerance = nan", "1:20: `tolerance` must be above 0"),
    ("budget.tolerance = \"2\"", "1:20: `tolerance` must be a number, not a string"),
    (
        "browsers.forbid-overrides = 1",
        "1:29: `forbid-overrides` must be true or false, not a whole number",
    ),
    ("timeouts.default = 0", "1:20: `default` must be above 0"),
    ("timeouts.default = -5", "1:20: `default` must be above 0"),
    (
        "timeouts.default = 1.5",
        "1:20: `default` must be a length of time, such as \"4h\" or whole seconds, \
         not a number with a fraction",
    ),
    (
        "packages.x.timeout = \"4 hours\"",
        "1:22: `4 hours` is not a length of time; write numbers with d, h, m or s, as in \
         \"4h\" or \"1h30m\", or whole seconds without quotes",
    ),
    (
        "packages.x.hours = { low = 3, high = 1 }",
        "1:20: expected `{ low = 1, high = 4 }`, the low number first",
    ),
    ("packages.x.processes = 0", "1:24: `processes` must be at least 1 and at most 4294967295"),
    (
        "packages.x.memory = 1",
        "1:12: unknown key `memory` in [packages.x]; did you mean `memory-per-process`?",
    ),
    (
        "timeouts.require = \"some\"",
        "1:20: `some` is not a value of `require`; write \"auto\", \"none\", \"heavy\" or \
         \"all\"",
    ),
    (
        "severity.heavy-override = \"fatal\"",
        "1:27: `fatal` is not a severity; write `info`, `warning` or `error`",
    ),
    (
        "fail-on = \"always\"",
        "1:11: `always` is not a severity; write `info`, `warning`, `error` or `never`",
    ),
    (
        "exclude = [\"a[\"]",
        "1:12: the pattern `a[` is not a glob: unclosed character class; missing ']'",
    ),
    (
        "[per-file-ignores]\n\"!x\" = []",
        "2:1: the pattern `!x` begins with `!`, which has no meaning here",
    ),
];
