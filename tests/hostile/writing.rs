//! Each file is wholly old or wholly new, whatever happens to the program or the disk.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::program::{Ended, end, frugix, run};
use tempfile::TempDir;

/// Enough files that a run can be killed at many points.
const FILES: usize = 200;

/// How often it is.
const KILLS: u32 = 8;

fn new_text(number: usize) -> String {
    format!("{{ a = {number}; b = ''{}''; }}\n", "text ".repeat(200 + number * 7))
}

fn old_text(number: usize) -> String {
    format!("# frugix: ignore[syntax-error] gone\n{}", new_text(number))
}

fn path(folder: &Path, number: usize) -> PathBuf {
    folder.join(format!("d{}/f{number}.nix", number % 7))
}

/// A tree in which every file has something to fix.
fn fill(folder: &Path, files: usize) {
    fs::write(folder.join("frugix.toml"), "").expect("a file is written");
    for number in 0..files {
        let path = path(folder, number);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder is made");
        fs::write(&path, old_text(number)).expect("a file is written");
    }
}

/// How many files are new. Every other one must be old.
fn count_new(folder: &Path, files: usize) -> usize {
    let is_new = |number: &usize| {
        let text = fs::read_to_string(path(folder, *number)).expect("the file is there");
        assert!(text == new_text(*number) || text == old_text(*number), "{number}: {text:?}");
        text == new_text(*number)
    };
    (0..files).filter(is_new).count()
}

/// The files that are not those of the tree.
fn litter(folder: &Path, files: usize) -> Vec<PathBuf> {
    let ours: BTreeSet<PathBuf> = (0..files).map(|number| path(folder, number)).collect();
    walkdir::WalkDir::new(folder)
        .into_iter()
        .map(|entry| entry.expect("the folder is ours").into_path())
        .filter(|path| path.is_file() && !ours.contains(path) && !path.ends_with("frugix.toml"))
        .collect()
}

#[test]
fn a_killed_run_leaves_every_file_whole() {
    let mut killed_within = 0;
    for round in 0..KILLS {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fill(folder.path(), FILES);
        let mut child = frugix(folder.path(), &["lint", "--fix"]).spawn().expect("it starts");
        // Files are written in order: this one is the first.
        let first = path(folder.path(), 0);
        let patience = Instant::now();
        while fs::metadata(&first).is_ok_and(|file| file.len() == old_text(0).len() as u64)
            && patience.elapsed() < Duration::from_secs(120)
        {
            sleep(Duration::from_micros(200));
        }
        sleep(Duration::from_micros(u64::from(round * round) * 700));
        child.kill().expect("it is ours to kill");
        child.wait().expect("it ends");
        let new = count_new(folder.path(), FILES);
        killed_within += u32::from((1..FILES).contains(&new));
        // At most the one that was being written, under a name that says whose it is.
        let left = litter(folder.path(), FILES);
        let is_ours = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            name.starts_with(".frugix-")
        };
        assert!(left.len() <= 1 && left.iter().all(is_ours), "{left:?}");
        // What is left harms no later run.
        let ended = run(folder.path(), &["lint", "--fix"]);
        assert_eq!(ended.code(), 0, "{}", ended.stderr);
        assert_eq!(count_new(folder.path(), FILES), FILES);
        assert_eq!(litter(folder.path(), FILES), left);
    }
    assert!(killed_within >= KILLS / 3, "only {killed_within} runs were killed while they wrote");
}

#[test]
fn two_runs_at_once_do_no_harm() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fill(folder.path(), FILES);
    let start = || frugix(folder.path(), &["lint", "--fix"]).spawn().expect("it starts");
    let runs: Vec<_> = (0..3).map(|_| start()).collect();
    for ended in runs.into_iter().map(end) {
        // Who comes second is told that the file changed under its hands.
        assert!([0, 2].contains(&ended.code()), "{}", ended.stderr);
        assert_eq!(
            ended.code() == 2,
            ended.stderr.contains("it changed on disk"),
            "{}",
            ended.stderr
        );
    }
    assert_eq!(count_new(folder.path(), FILES), FILES);
    assert_eq!(litter(folder.path(), FILES), [""; 0].map(PathBuf::from));
}

/// A new text is on the disk before it takes the place of the old one, and its name before the run
/// ends: asked of the calls that the kernel sees.
#[test]
fn what_is_written_survives_a_power_cut() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fill(folder.path(), 1);
    let log = folder.path().join("calls");
    let program = env!("CARGO_BIN_EXE_frugix");
    let calls = "trace=openat,fsync,fdatasync,rename,renameat,renameat2";
    let mut command = Command::new("strace");
    command.current_dir(folder.path()).args(["-f", "-o"]).arg(&log).args(["-e", calls]);
    let traced = command.args([program, "lint", "--fix"]).output();
    if !traced.is_ok_and(|traced| traced.status.success()) {
        eprintln!("strace is missing or forbidden; that files are synced is not tested");
        return;
    }
    assert_eq!(count_new(folder.path(), 1), 1);
    let log = fs::read_to_string(log).expect("a log");
    // What follows the making of the file that is to take the place.
    let (_, rest) = log.split_once(".frugix-").expect("a new file is made");
    let of_interest = |line: &str| match line {
        line if line.contains("sync(") && line.ends_with("= 0") => Some("sync"),
        line if line.contains("rename") && line.ends_with("= 0") => Some("rename"),
        _ => None,
    };
    let order: Vec<&str> = rest.lines().filter_map(of_interest).collect();
    assert_eq!(order, ["sync", "rename", "sync"], "{rest}");
}

/// A file system of its own, of which the last byte can be used up.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// None where nobody lets us make one.
    fn mount() -> Option<SmallDisk> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let arguments = ["-t", "tmpfs", "-o", "size=1m,nr_inodes=400", "tmpfs"];
        let mounted = Command::new("mount").args(arguments).arg(folder.path()).output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then(|| SmallDisk(folder))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

fn assert_all_old(folder: &Path, files: usize, ended: &Ended, words: &str) {
    assert_eq!(ended.code(), 2, "{}{}", ended.stdout, ended.stderr);
    assert!(ended.stderr.contains(words), "{}", ended.stderr);
    assert_eq!(count_new(folder, files), 0);
}

#[test]
fn a_full_disk_leaves_everything_as_it_was() {
    const FEW: usize = 30;
    let Some(disk) = SmallDisk::mount() else {
        assert!(
            std::env::var_os("FRUGIX_REQUIRE_MOUNT").is_none(),
            "a small disk could not be mounted; run as root"
        );
        eprintln!("no small disk can be mounted here; a full disk is not tested");
        return;
    };
    let folder = disk.0.path();
    fill(folder, FEW);
    // Full to the last byte.
    let filler = folder.join("filler");
    let _ = fs::write(&filler, vec![b'x'; 2 << 20]);
    assert!(fs::write(folder.join("more"), [b'x'; 8192]).is_err(), "the disk is not full");
    let _ = fs::remove_file(folder.join("more"));
    let ended = run(folder, &["lint", "--fix"]);
    assert_all_old(folder, FEW, &ended, "No space left on device");
    assert_eq!(litter(folder, FEW), std::slice::from_ref(&filler));

    // Room for the beginning of a file and not for all of it.
    fs::remove_file(&filler).expect("ours");
    let _ = fs::write(&filler, vec![b'x'; 2 << 20]);
    let file = fs::OpenOptions::new().write(true).open(&filler).expect("ours");
    let full = file.metadata().expect("a file").len();
    file.set_len(full.saturating_sub(4096)).expect("ours");
    let long = path(folder, FEW - 1);
    for number in (0..FEW).filter(|number| *number != FEW - 1) {
        fs::write(path(folder, number), new_text(number)).expect("a shorter text fits");
    }
    let _ = fs::remove_file(folder.join("pad"));
    let ended = run(folder, &["lint", "--fix"]);
    if ended.code() != 0 {
        assert!(ended.stderr.contains("No space left on device"), "{}", ended.stderr);
        assert_eq!(fs::read_to_string(&long).expect("a file"), old_text(FEW - 1));
    }
    assert_eq!(litter(folder, FEW), std::slice::from_ref(&filler));

    // With room again, the same run does what it should.
    fs::remove_file(&filler).expect("ours");
    assert_eq!(run(folder, &["lint", "--fix"]).code(), 0);
    assert_eq!(count_new(folder, FEW), FEW);
}

#[test]
fn a_disk_without_room_for_names_leaves_everything_as_it_was() {
    const FEW: usize = 10;
    let Some(disk) = SmallDisk::mount() else { return };
    let folder = disk.0.path();
    fill(folder, FEW);
    let many = (0..500).take_while(|n| fs::write(folder.join(format!("n{n}")), "").is_ok());
    assert!(many.count() < 500, "the disk has room for names");
    let ended = run(folder, &["lint", "--fix"]);
    assert_all_old(folder, FEW, &ended, "No space left on device");
}

/// What is not ours to write is told of, file by file, and all others are written.
#[test]
fn what_may_not_be_written_is_refused_and_the_rest_is_not() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fill(folder.path(), 6);
    let mode = |file: &Path, mode: u32| {
        fs::set_permissions(file, fs::Permissions::from_mode(mode)).expect("ours to forbid");
    };
    mode(&path(folder.path(), 0), 0o444);
    fs::hard_link(path(folder.path(), 1), folder.path().join("twin")).expect("a link");
    mode(&folder.path().join("d2"), 0o555);
    mode(&path(folder.path(), 3), 0o640);
    let owner = std::os::unix::fs::chown(path(folder.path(), 3), Some(4321), Some(1234)).is_ok();
    let ended = run(folder.path(), &["lint", "--fix"]);
    mode(&folder.path().join("d2"), 0o755);
    assert_eq!(ended.code(), 2, "{}", ended.stderr);
    for words in [
        "d0/f0.nix is not written: ",
        "is read-only; make it writable (chmod u+w)",
        "d1/f1.nix is not written: ",
        "has 2 hard links, and replacing it would part them",
        "d2/f2.nix is not written: ",
        "make the folder writable (chmod u+w)",
    ] {
        assert!(ended.stderr.contains(words), "{words}: {}", ended.stderr);
    }
    let text = |number| fs::read_to_string(path(folder.path(), number)).expect("a file");
    for number in 0..6 {
        let expected = if number < 3 { old_text(number) } else { new_text(number) };
        assert_eq!(text(number), expected, "{number}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("twin")).expect("a file"), old_text(1));
    let written = fs::metadata(path(folder.path(), 3)).expect("a file");
    assert_eq!(written.mode() & 0o7777, 0o640);
    if owner {
        assert_eq!((written.uid(), written.gid()), (4321, 1234));
    }
}

/// In a view of the file system of its own, where the store is a folder like any other.
#[test]
fn nothing_in_the_store_is_written() {
    let script = "mount -t tmpfs tmpfs /nix && mkdir -p /nix/store/x && cd /nix/store/x && \
                  printf '%s' \"$1\" > a.nix && : > frugix.toml && echo mounted && \
                  \"$0\" lint --fix a.nix; echo \"code $?\"; cat a.nix";
    let arguments = ["-m", "sh", "-c", script, env!("CARGO_BIN_EXE_frugix"), &old_text(1)];
    let output = Command::new("unshare").args(arguments).output();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) =
        output.map(|output| (text(&output.stdout), text(&output.stderr))).unwrap_or_default();
    if !stdout.starts_with("mounted") {
        eprintln!("no store of our own can be made here; writing to one is not tested");
        return;
    }
    assert!(stdout.contains("code 2\n"), "{stdout}{stderr}");
    assert!(stdout.ends_with(&old_text(1)), "{stdout}");
    assert!(stderr.contains("is in the Nix store, which is never edited"), "{stderr}");
}
