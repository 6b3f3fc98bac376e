//! The findings that were there when somebody began to look, so that only new ones are told.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::{Deserialize, Serialize};

use crate::lint::{Diagnostic, Fingerprint};
use crate::source::Tree;

/// What this version of frugix writes and reads.
const VERSION: u32 = 1;

/// Why a baseline cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaselineError {
    /// The file cannot be read.
    #[error("cannot read the baseline {}: {error}; --write-baseline makes one", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        error: io::Error,
    },
    /// The file is no baseline.
    #[error("{} is no baseline: {error}; --write-baseline makes one", .path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        error: serde_json::Error,
    },
    /// Another version wrote it.
    #[error("{} is a baseline of version {version}, and this frugix knows version {VERSION}; write it again with --write-baseline", .path.display())]
    Version {
        /// The file.
        path: PathBuf,
        /// The version it is of.
        version: u32,
    },
    /// The file cannot be written.
    #[error("cannot write the baseline {}: {error}; check its folder and permissions", .path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        #[source]
        error: io::Error,
    },
}

/// The findings that are not told.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    known: BTreeSet<String>,
}

#[derive(Serialize, Deserialize)]
struct File {
    version: u32,
    findings: Vec<Entry>,
}

/// The fingerprint is what counts; the rest is for those who read the file.
#[derive(Serialize, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    file: String,
    rule: String,
    fingerprint: String,
}

impl Baseline {
    /// Reads what [`Baseline::write`] wrote.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or is no baseline.
    pub fn read(path: &Path) -> Result<Baseline, BaselineError> {
        let path_buf = || path.to_path_buf();
        let text = fs::read_to_string(path)
            .map_err(|error| BaselineError::Unreadable { path: path_buf(), error })?;
        let file: File = serde_json::from_str(&text)
            .map_err(|error| BaselineError::Invalid { path: path_buf(), error })?;
        if file.version != VERSION {
            return Err(BaselineError::Version { path: path_buf(), version: file.version });
        }
        Ok(Baseline { known: file.findings.into_iter().map(|entry| entry.fingerprint).collect() })
    }

    /// Whether the finding known by `fingerprint` was there.
    pub fn holds(&self, fingerprint: Fingerprint) -> bool {
        self.known.contains(&fingerprint.to_string())
    }

    /// Writes `findings`, sorted, so that versions of the file can be compared.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write<'a>(
        path: &Path,
        findings: impl IntoIterator<Item = (&'a Tree, &'a Diagnostic, Fingerprint)>,
    ) -> Result<(), BaselineError> {
        let entry = |(tree, found, fingerprint): (&Tree, &Diagnostic, Fingerprint)| {
            let steps = tree.path(found.span.file).components();
            let names: Vec<_> = steps.map(|step| step.as_os_str().to_string_lossy()).collect();
            Entry {
                file: names.join("/"),
                rule: found.rule.to_owned(),
                fingerprint: fingerprint.to_string(),
            }
        };
        let mut findings: Vec<Entry> = findings.into_iter().map(entry).collect();
        findings.sort_unstable();
        let unwritable = |error| BaselineError::Unwritable { path: path.to_path_buf(), error };
        let mut text = serde_json::to_string_pretty(&File { version: VERSION, findings })
            .map_err(|error| unwritable(error.into()))?;
        text.push('\n');
        fs::write(path, text).map_err(unwritable)
    }
}
