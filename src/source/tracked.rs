//! The names that a git repository tracks: what it knows, whatever `.gitignore` says of it since. Read
//! from the repository's index as it lies there, so that no program of anybody's is run for it.

use std::path::Path;

use super::read;

/// The longest index that is read, and the most that its names take, in bytes: several times nixpkgs'.
const MOST: u64 = 64 << 20;

/// How many bytes a name's hash may have: SHA-1, SHA-256.
const HASHES: [usize; 2] = [20, 32];

/// What comes before the hash of an entry: times, numbers and the size of a file.
const NUMBERS: usize = 40;

/// Tracked names, relative to the repository, sorted.
#[derive(Default)]
pub(super) struct Tracked {
    names: Vec<Vec<u8>>,
}

impl Tracked {
    /// Those of the repository whose own folder (`.git` as a rule) is `git`; none where its index
    /// cannot be read.
    pub(super) fn read(git: &Path) -> Tracked {
        let Ok(bytes) = read::bytes(&git.join("index"), MOST) else { return Tracked::default() };
        let names = HASHES.iter().find_map(|hash| names(&bytes, *hash));
        Tracked { names: names.unwrap_or_default() }
    }

    /// Whether `path` is tracked, or something below it.
    pub(super) fn has(&self, path: &Path, is_folder: bool) -> bool {
        let Some(path) = path.to_str() else { return false };
        let mut name = path.replace(std::path::MAIN_SEPARATOR, "/").into_bytes();
        if is_folder {
            name.push(b'/');
        }
        let at = self.names.partition_point(|known| *known < name);
        self.names.get(at).is_some_and(|known| match is_folder {
            true => known.starts_with(&name),
            false => *known == name,
        })
    }
}

/// The names in an index, whose hashes are so long; `None` where it is no such index.
fn names(index: &[u8], hash: usize) -> Option<Vec<Vec<u8>>> {
    let mut rest = index.strip_prefix(b"DIRC")?;
    let version = number(&mut rest)?;
    let count = number(&mut rest)?;
    let mut names: Vec<Vec<u8>> = Vec::new();
    // Each name may begin with all of the one before it, in two bytes.
    let mut room = MOST;
    for _ in 0..count {
        let before = rest.len();
        take(&mut rest, NUMBERS + hash)?;
        let flags = take(&mut rest, 2)?;
        // The one flag that says there are more.
        if flags[0] & 0x40 != 0 {
            take(&mut rest, 2)?;
        }
        let mut name = match version {
            2 | 3 => Vec::new(),
            4 => {
                let dropped = variable_number(&mut rest)?;
                let last = names.last().map_or(&[][..], Vec::as_slice);
                last[..last.len().checked_sub(dropped)?].to_vec()
            }
            _ => return None,
        };
        let length = rest.iter().position(|byte| *byte == 0)?;
        name.extend_from_slice(take(&mut rest, length)?);
        room = room.checked_sub(u64::try_from(name.len()).ok()?)?;
        let padding = match version {
            4 => 1,
            _ => 8 - (before - rest.len()) % 8,
        };
        let padding = take(&mut rest, padding)?;
        let follows = names.last().is_none_or(|last| *last <= name);
        if name.is_empty() || !follows || padding.iter().any(|byte| *byte != 0) {
            return None;
        }
        names.push(name);
    }
    Some(names)
}

fn take<'b>(rest: &mut &'b [u8], length: usize) -> Option<&'b [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    take(rest, 4)?.try_into().ok().map(u32::from_be_bytes)
}

/// A number of seven bits a byte, the highest first, of which none can be written in two ways.
fn variable_number(rest: &mut &[u8]) -> Option<usize> {
    let mut byte = take(rest, 1)?[0];
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = take(rest, 1)?[0];
        value = value.checked_add(1)?.checked_mul(128)?.checked_add(usize::from(byte & 0x7f))?;
    }
    Some(value)
}
