//! Names, folders and things that are no files, as the program meets them.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use super::folder;
use super::program::{end, frugix, run};

fn made(command: &str, arguments: &[&OsStr]) -> bool {
    std::process::Command::new(command)
        .args(arguments)
        .status()
        .is_ok_and(|status| status.success())
}

#[test]
fn any_name_can_be_looked_at_and_fixed() {
    let folder = folder(&[("frugix.toml", b"")]);
    let names: [&[u8]; 9] = [
        b"with space.nix",
        b"[brackets]{a,b}*?.nix",
        b"new\nline.nix",
        b"tab\tand \x1b[31m.nix",
        b"caf\xe9.nix",
        b"-rf.nix",
        b"#x'\"$(id)`.nix",
        "\u{202e}xin.nix".as_bytes(),
        b"back\\slash.nix",
    ];
    let old = "# frugix: ignore[syntax-error] gone\n{ }\n";
    for name in names {
        fs::write(folder.path().join(OsStr::from_bytes(name)), old).expect("a file is written");
    }
    let found =
        run(folder.path(), &["lint", "--output-format", "json", "--exclude", "witness.nix"]);
    assert_eq!(found.code(), 1, "{}", found.stderr);
    assert_eq!(
        found.stdout.matches("\"unused-suppression\"").count(),
        names.len(),
        "{}",
        found.stdout
    );
    let fixed = run(folder.path(), &["lint", "--fix", "--exclude", "witness.nix"]);
    assert_eq!(fixed.code(), 0, "{}", fixed.stderr);
    for name in names {
        let text = fs::read_to_string(folder.path().join(OsStr::from_bytes(name)));
        assert_eq!(text.expect("a file"), "{ }\n", "{}", String::from_utf8_lossy(name));
    }
    // And by name.
    for name in names {
        let mut command = frugix(folder.path(), &["lint", "--"]);
        let ended = end(command.arg(OsStr::from_bytes(name)).spawn().expect("the program starts"));
        assert_eq!(ended.code(), 0, "{}", ended.stderr);
    }
}

/// Pipes, sockets and devices under the name of a source are told of, once each, and never opened.
#[test]
fn what_is_no_file_is_told() {
    let folder = folder(&[("frugix.toml", b""), ("dir.nix/inner.nix", b"{")]);
    let path = folder.path();
    assert!(made("mkfifo", &[path.join("pipe.nix").as_os_str()]));
    let _socket = std::os::unix::net::UnixListener::bind(path.join("socket.nix"));
    // Only a superuser makes devices; a link to one is there for everybody.
    let device = path.join("device.nix");
    let _ = made("mknod", &[device.as_os_str(), "c".as_ref(), "1".as_ref(), "5".as_ref()]);
    symlink("/dev/zero", path.join("zero.nix")).expect("a link");
    symlink("/nix/store/00000000000000000000000000000000-x", path.join("result")).expect("a link");
    symlink("pipe.nix", path.join("to-pipe.nix")).expect("a link");
    assert!(made("mkfifo", &[path.join("pipe").as_os_str()]));
    symlink("pipe", path.join("to-other.nix")).expect("a link");
    symlink("dir.nix", path.join("to-folder.nix")).expect("a link");
    symlink(".", path.join("loop")).expect("a link");
    fs::write(path.join("home.nix"), "[ ./pipe.nix (import ./pipe.nix) (builtins.readFile ./device.nix) (import ./zero.nix) (import ./result) (import ./dir.nix) (builtins.readDir ./loop/loop) (builtins.readFile ./to-pipe.nix) ]").expect("a file");
    let ended = run(path, &["lint", "--output-format", "concise"]);
    assert_eq!(ended.code(), 1, "{}", ended.stderr);
    let places = ended.stdout.lines().filter_map(|line| line.split_once(": "));
    let mut places: Vec<&str> = places.map(|(place, _)| place).collect();
    // Where nobody may make one, there is none.
    let is_device = |place: &&str| *place == "device.nix:1:1";
    assert_eq!(places.iter().any(is_device), device.exists(), "{}", ended.stdout);
    places.retain(|place| !is_device(place));
    assert_eq!(
        places,
        [
            "dir.nix/inner.nix:1:2",
            "pipe:1:1",
            "pipe.nix:1:1",
            "socket.nix:1:1",
            "witness.nix:1:9",
            "zero.nix:1:1"
        ],
        "{}",
        ended.stdout
    );
    for what in ["pipe.nix:1:1: error[unreadable-file] this file is a named pipe", "is a socket"] {
        assert!(ended.stdout.contains(what), "{what}: {}", ended.stdout);
    }
    for name in ["pipe.nix", "device.nix", "/dev/null", "/dev/zero", "to-pipe.nix", "pipe"] {
        for command in [&["lint"][..], &["lint", "--fix"], &["audit"], &["budget"]] {
            let ended = run(path, &[command, &["--root", ".", name]].concat());
            assert!([0, 1, 2].contains(&ended.code()), "{command:?} {name}: {}", ended.stderr);
        }
        let ended = run(path, &["trace", &format!("{name}:1")]);
        assert_eq!(ended.code(), 2, "{name}: {}", ended.stdout);
        let is_pipe = ["pipe.nix", "to-pipe.nix"].contains(&name);
        assert_eq!(ended.stderr.contains("is a named pipe"), is_pipe, "{name}: {}", ended.stderr);
    }
    // What a tree's own configuration extends is no more than a name that somebody wrote.
    for extended in ["pipe.nix", "/dev/zero", "zero.nix", "dir.nix", "frugix.toml"] {
        fs::write(path.join("frugix.toml"), format!("extend = \"{extended}\"")).expect("a file");
        let ended = run(path, &["lint"]);
        assert_eq!(ended.code(), 2, "{extended}: {}", ended.stderr);
        assert!(ended.stderr.contains("frugix.toml:1:10: "), "{}", ended.stderr);
    }
    let ended = run(path, &["lint", "--config", "/dev/zero"]);
    assert_eq!(ended.code(), 2, "{}", ended.stderr);
}

/// The configuration beside a tree is read before anything else, whatever it is.
#[test]
fn a_configuration_that_is_no_file_is_told() {
    for make in [
        |path: &Path| made("mkfifo", &[path.as_os_str()]),
        |path: &Path| symlink("/dev/zero", path).is_ok(),
        |path: &Path| fs::create_dir(path).is_ok(),
        |path: &Path| fs::write(path, b"\xff\xfe\0").is_ok(),
    ] {
        for name in ["frugix.toml", ".gitignore", "flake.lock"] {
            let folder = folder(&[("flake.nix", b"{ outputs = _: { }; }")]);
            assert!(make(&folder.path().join(name)));
            let ended = run(folder.path(), &["lint", "--root", "."]);
            assert!([0, 1, 2].contains(&ended.code()), "{name}: {}", ended.stderr);
        }
    }
}

/// Told of, and the rest is looked at. The superuser may read everything: then another user is
/// asked for.
#[test]
fn what_may_not_be_read_is_told() {
    let folder = folder(&[("frugix.toml", b""), ("dir/x.nix", b"{"), ("y.nix", b"{ }")]);
    let set = |name: &str, mode: u32| {
        let path = folder.path().join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("ours to forbid");
    };
    set("", 0o755);
    set("dir", 0o000);
    set("y.nix", 0o000);
    let mut command = frugix(folder.path(), &["lint", "--output-format", "concise"]);
    if fs::read_dir(folder.path().join("dir")).is_ok() {
        // The program may lie where that user cannot reach it.
        let program = folder.path().join("frugix-under-test");
        fs::copy(env!("CARGO_BIN_EXE_frugix"), &program).expect("a copy");
        let mut other = std::process::Command::new(&program);
        other.current_dir(folder.path()).args(["lint", "--output-format", "concise"]);
        other.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        std::os::unix::process::CommandExt::uid(&mut other, 65_534);
        command = other;
    }
    let ended = end(command.spawn().expect("the program starts"));
    set("dir", 0o755);
    assert!(ended.stdout.contains("dir:1:1: "), "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stdout.contains("this folder cannot be read: "), "{}", ended.stdout);
    assert!(ended.stdout.contains("y.nix:1:1: "), "{}", ended.stdout);
    assert!(ended.stdout.contains("witness.nix:1:9: "), "{}", ended.stdout);
    assert_eq!(ended.code(), 1, "{}", ended.stderr);
}

/// Files come, go and change under the program's hands.
#[test]
fn a_tree_that_changes_does_no_harm() {
    let folder = folder(&[("frugix.toml", b"")]);
    let path = folder.path().to_owned();
    let done = AtomicBool::new(false);
    let name = |number: usize| path.join(format!("f{number}.nix"));
    let texts = ["# frugix: ignore[syntax-error] gone\n{ }\n", "{ }\n", "{", "", "\0"];
    for number in 0..60 {
        fs::write(name(number), texts[0]).expect("a file is written");
    }
    thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0_usize.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                let file = name(round % 60);
                let _ = match round % 7 {
                    0 => fs::remove_file(&file),
                    1 => fs::create_dir(&file),
                    2 => fs::remove_dir(&file),
                    3 => fs::rename(name((round + 9) % 60), &file),
                    _ => fs::write(&file, texts[round % texts.len()]),
                };
            }
        });
        for round in 0..8 {
            let arguments: &[&str] = if round % 2 == 0 { &["lint"] } else { &["lint", "--fix"] };
            let ended = run(&path, arguments);
            assert!([0, 1, 2].contains(&ended.code()), "{}", ended.stderr);
            assert!(!ended.stderr.contains("has a fault"), "{}", ended.stderr);
        }
        done.store(true, Ordering::Relaxed);
    });
    // Whatever was written, it is one of the texts and no half of one.
    for number in 0..60 {
        if let Ok(text) = fs::read_to_string(name(number)) {
            assert!(texts.contains(&text.as_str()), "{text:?}");
        }
    }
}
