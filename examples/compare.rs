//! What frugix takes, against the least that it could take and against other tools, on one tree.
//!
//! ```text
//! cargo build --release && cargo run --release --example compare -- 1000 10000 ~/src/configuration
//! ```
//!
//! A number is a generated tree of so many files, `apart:NUMBER` one of which no file refers to
//! another; anything else is a folder. The floor is a program that lists the folder, and on all cores
//! reads every file, parses it and walks its tree once, with the parser that frugix uses. Of statix,
//! deadnix and nil, those on the PATH take part. All take turns, so that what else the machine does
//! meets all of them; the figures are medians. `--rounds N` says how often, `--jobs N` on how many
//! threads, `--frugix PATH` which binary it is.

#[path = "../benches/generated/mod.rs"]
mod generated;

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

use rayon::prelude::*;
use wait4::Wait4;
use walkdir::WalkDir;

/// What frugix has, for the floor is to have no worse.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The seed of the generated trees.
const SEED: u64 = 1;

/// What the first argument is when this program calls itself to be measured.
const FLOOR: &str = "--floor";

/// What it is when this program calls itself to write a tree: what is started from a program is said to
/// have taken as much memory as that program had, and this one is to have little.
const GENERATE: &str = "--generate";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args_os().skip(1);
    let (mut rounds, mut jobs) = (7, None);
    let mut frugix = sibling("frugix")?;
    let mut trees = Vec::new();
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument:?} wants a value"));
        match argument.to_str() {
            Some(FLOOR) => return floor(Path::new(&value()?)),
            Some(GENERATE) => return generate(&value()?, Path::new(&value()?)),
            Some("--rounds") => rounds = value()?.to_string_lossy().parse()?,
            Some("--jobs") => jobs = Some(value()?),
            Some("--frugix") => frugix = value()?.into(),
            _ => trees.push(Folder::of(&argument)?),
        }
    }
    if !frugix.is_file() {
        return Err(
            "there is no frugix beside this program; `cargo build --release` makes it".into()
        );
    }
    for tree in &trees {
        compare(tree, &contestants(&frugix, &tree.path, jobs.as_ref())?, rounds)?;
    }
    Ok(())
}

/// A folder to be measured with. One that was generated goes when this does.
struct Folder {
    name: String,
    path: PathBuf,
    _generated: Option<tempfile::TempDir>,
}

impl Folder {
    fn of(argument: &OsString) -> Result<Folder, Box<dyn Error>> {
        let name = argument.to_string_lossy().into_owned();
        let Some(shape) = shape(&name) else {
            return Ok(Folder { name, path: fs::canonicalize(argument)?, _generated: None });
        };
        // Some tools look into no folder whose name begins with a dot.
        let folder = tempfile::Builder::new().prefix("frugix-compare-").tempdir()?;
        let mut child = Command::new(env::current_exe()?);
        let written = child.arg(GENERATE).arg(argument).arg(folder.path()).status()?;
        if !written.success() {
            return Err(format!("{name} could not be written: {written}").into());
        }
        let name = match shape.linked {
            true => format!("{} files generated", shape.files),
            false => format!("{} files generated, none of which refers to another", shape.files),
        };
        Ok(Folder { name, path: folder.path().to_path_buf(), _generated: Some(folder) })
    }
}

/// The tree that an argument asks for, unless it names a folder.
fn shape(argument: &str) -> Option<generated::Shape> {
    let apart = argument.strip_prefix("apart:");
    let files = apart.unwrap_or(argument).parse().ok()?;
    Some(generated::Shape { files, seed: SEED, linked: apart.is_none() })
}

fn generate(argument: &OsString, folder: &Path) -> Result<(), Box<dyn Error>> {
    let shape = shape(&argument.to_string_lossy()).ok_or("this is no number of files")?;
    Ok(generated::write(folder, shape)?)
}

/// The least that could be done: every file listed, read, parsed, and its tree walked once.
fn floor(folder: &Path) -> Result<(), Box<dyn Error>> {
    let files = sources(folder);
    let nodes = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap_or_default();
        rnix::Root::parse(&text).syntax().descendants().count()
    };
    let pool = rayon::ThreadPoolBuilder::new().stack_size(256 << 20).build()?;
    let nodes: usize = pool.install(|| files.par_iter().map(nodes).sum());
    println!("{} files, {nodes} nodes", files.len());
    Ok(())
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_file()).map(|entry| entry.into_path());
    files.filter(|path| path.extension().is_some_and(|extension| extension == "nix")).collect()
}

/// One who takes part.
struct Contestant {
    name: String,
    program: PathBuf,
    arguments: Vec<OsString>,
    /// It looks at one file a process, and so only once: at each of these.
    each: Vec<PathBuf>,
}

fn contestants(
    frugix: &Path,
    folder: &Path,
    jobs: Option<&OsString>,
) -> Result<Vec<Contestant>, Box<dyn Error>> {
    let new = |name: &str, program: &Path, arguments: &[&str]| Contestant {
        name: name.to_owned(),
        program: program.to_path_buf(),
        arguments: arguments.iter().map(OsString::from).collect(),
        each: Vec::new(),
    };
    let in_folder = |mut contestant: Contestant| {
        contestant.arguments.push(folder.into());
        contestant
    };
    let lint = |more: &[&str]| {
        let mut run = new("frugix lint", frugix, &["lint", "--isolated", "--exit-zero"]);
        run.name.extend(more.iter().map(|argument| format!(" {argument}")));
        run.arguments.extend(more.iter().map(OsString::from));
        run.arguments.extend(["--root".into(), folder.into()]);
        run.arguments.extend(jobs.into_iter().flat_map(|jobs| ["--jobs".into(), jobs.clone()]));
        in_folder(run)
    };
    let mut all = vec![
        in_folder(new("the floor", &env::current_exe()?, &[FLOOR])),
        lint(&[]),
        lint(&["--fix", "--diff"]),
    ];
    for (name, arguments) in
        [("statix", &["check"][..]), ("deadnix", &["--no-lambda-pattern-names"])]
    {
        all.extend(on_path(name).map(|program| in_folder(new(name, &program, arguments))));
    }
    all.extend(on_path("nil").map(|program| Contestant {
        each: sources(folder),
        ..new("nil, a process a file", &program, &["diagnostics"])
    }));
    Ok(all)
}

/// What a run took.
#[derive(Copy, Clone, Default)]
struct Taken {
    wall: Duration,
    /// On all cores, in the program and for it in the system.
    cpu: Duration,
    /// Bytes of memory at the most.
    peak: u64,
}

fn compare(tree: &Folder, contestants: &[Contestant], rounds: usize) -> Result<(), Box<dyn Error>> {
    let files = sources(&tree.path).len();
    let mut taken: BTreeMap<usize, Vec<Taken>> = BTreeMap::new();
    for round in 0..=rounds {
        for (index, contestant) in contestants.iter().enumerate() {
            if round > 0 || contestant.each.is_empty() {
                let took = contestant.run()?;
                // The first round fills the caches of the system.
                if round == 1 || (round > 1 && contestant.each.is_empty()) {
                    taken.entry(index).or_default().push(took);
                }
            }
        }
    }
    let cores = std::thread::available_parallelism()?;
    println!("\n## {}: {files} files, {cores} cores, {rounds} rounds\n", tree.name);
    println!("| | time | × floor | CPU | × floor | peak memory | CPU a file |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    let floor = Medians::of(&taken[&0]);
    for (index, runs) in &taken {
        let own = Medians::of(runs);
        println!(
            "| {} | {:.0} ms | {:.2} | {:.0} ms | {:.2} | {:.1} MB | {:.0} µs |",
            contestants[*index].name,
            own.wall * 1e3,
            own.wall / floor.wall,
            own.cpu * 1e3,
            own.cpu / floor.cpu,
            own.peak / 1e6,
            own.cpu * 1e6 / files as f64,
        );
    }
    Ok(())
}

impl Contestant {
    fn run(&self) -> Result<Taken, Box<dyn Error>> {
        if self.each.is_empty() {
            return self.run_once(None);
        }
        let mut sum = Taken::default();
        for file in &self.each {
            let took = self.run_once(Some(file))?;
            sum.wall += took.wall;
            sum.cpu += took.cpu;
            sum.peak = sum.peak.max(took.peak);
        }
        Ok(sum)
    }

    fn run_once(&self, file: Option<&Path>) -> Result<Taken, Box<dyn Error>> {
        let began = Instant::now();
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .args(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let used = child.wait4()?;
        let wall = began.elapsed();
        if used.status.code().is_none_or(|code| code > 1) {
            return Err(format!("{} failed: {}", self.name, used.status).into());
        }
        let cpu = used.rusage.utime + used.rusage.stime;
        Ok(Taken { wall, cpu, peak: used.rusage.maxrss })
    }
}

/// Seconds and bytes in the middle of several runs.
struct Medians {
    wall: f64,
    cpu: f64,
    peak: f64,
}

impl Medians {
    fn of(runs: &[Taken]) -> Medians {
        let median = |of: fn(&Taken) -> f64| {
            let mut values: Vec<f64> = runs.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Medians {
            wall: median(|run| run.wall.as_secs_f64()),
            cpu: median(|run| run.cpu.as_secs_f64()),
            peak: median(|run| run.peak as f64),
        }
    }
}

/// A program that cargo put beside the folder of examples.
fn sibling(name: &str) -> Result<PathBuf, Box<dyn Error>> {
    let own = env::current_exe()?;
    let folder = own.parent().and_then(Path::parent).ok_or("this program lies nowhere")?;
    Ok(folder.join(name).with_extension(env::consts::EXE_EXTENSION))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders).map(|folder| folder.join(name)).find(|path| path.is_file())
}
