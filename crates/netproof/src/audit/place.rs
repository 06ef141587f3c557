//! Where things are written, as somebody who looks at the repository finds them.

use crate::{Analysis, Location};

/// Where the files of a snapshot are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Root {
    /// It is not known, as with standard input: files are named as they are inside the snapshot.
    #[default]
    Unknown,
    /// In this folder, named with `/`; empty is the folder one is in.
    Folder(String),
    /// Packed into this file.
    Packed(String),
}

/// A snapshot and where it is.
#[derive(Debug, Clone)]
pub struct Site<'a> {
    /// The snapshot.
    pub analysis: &'a Analysis,
    /// Where its files are.
    pub root: Root,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Placed {
    /// The file, from where one is, with `/`.
    pub file: String,
    /// The line, from 1; `None` in what is packed.
    pub line: Option<u32>,
    /// JSON pointer into the document; empty means all of it.
    pub pointer: String,
    /// File and line inside a packed snapshot.
    pub inside: Option<String>,
}

impl Site<'_> {
    /// A place in the snapshot.
    pub fn place(&self, location: &Location) -> Placed {
        let Location { file, line, pointer } = location;
        let plain = |file: String| Placed { file, line: Some(*line), pointer: pointer.clone(), inside: None };
        match &self.root {
            Root::Unknown => plain(file.clone()),
            Root::Folder(folder) if folder.is_empty() => plain(file.clone()),
            Root::Folder(folder) => plain(format!("{}/{file}", folder.trim_end_matches('/'))),
            Root::Packed(packed) => Placed {
                file: packed.clone(),
                line: None,
                pointer: pointer.clone(),
                inside: Some(format!("{file}:{line}")),
            },
        }
    }
}

impl std::fmt::Display for Placed {
    /// `folder/file.json:12`, or `export.zip (file.json:12)`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(inside) = &self.inside {
            write!(f, " ({inside})")?;
        }
        Ok(())
    }
}
