//! What a report is made over: files, and the captures in folders.
//!
//! The only part of the report that touches files. Must not know what is read from them.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use crate::capture::{Input, Problem};

/// One thing to read: a capture. A container of captures would give several, one after the other.
#[derive(Clone, Debug)]
pub struct Item {
    name: String,
    path: PathBuf,
    octets: u64,
}

/// A capture that is open: what [`Item::read`] lends out.
#[derive(Debug)]
pub struct Member {
    /// The name reports show, not escaped: the path, with the name inside a container behind it.
    pub name: String,
    /// Its frames.
    pub input: Input,
}

impl Item {
    /// The name reports show, not escaped; items are sorted by it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Octets of the file; 0 where that is not known.
    pub const fn octets(&self) -> u64 {
        self.octets
    }

    /// Hands the captures of this item to `each`, in their order, one at a time; `Break` ends that.
    ///
    /// # Errors
    /// It cannot be opened, or the container is damaged; what came before was handed out.
    pub fn read(&self, each: &mut dyn FnMut(Member) -> ControlFlow<()>) -> Result<ControlFlow<()>, Problem> {
        let input = Input::open(&self.path)?;
        Ok(each(Member { name: self.name.clone(), input }))
    }
}

/// What there is to read, in the order of names, and what could not be listed.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// The captures.
    pub items: Vec<Item>,
    /// Folders that could not be read, paths that do not exist.
    pub problems: Vec<Problem>,
}

/// Ends of names by which captures are found in folders; a file that is named is read whatever its name.
const ENDINGS: [&str; 3] = ["pcap", "pcapng", "cap"];
/// The same behind which packing may follow.
const PACKED: [&str; 5] = ["gz", "zst", "lz4", "xz", "bz2"];

/// Lists files, and folders with all that is below them.
pub fn list(paths: &[PathBuf]) -> Listing {
    let mut listing = Listing::default();
    for path in paths {
        if path.is_dir() {
            walk(path, &mut listing);
        } else {
            listing.add(path.clone());
        }
    }
    listing.items.sort_by(|a, b| a.name.cmp(&b.name));
    listing.items.dedup_by(|a, b| a.path == b.path);
    listing
}

impl Listing {
    fn add(&mut self, path: PathBuf) {
        let octets = path.metadata().map_or(0, |data| data.len());
        self.items.push(Item { name: path.display().to_string(), path, octets });
    }
}

fn walk(folder: &Path, listing: &mut Listing) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) => {
                let text = format!("the folder cannot be read: {error}");
                listing.problems.push(Problem { file: folder.display().to_string(), offset: None, text });
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            // What a link points to may be the folder it stands in: only files are followed.
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(_) if is_capture(&path) && path.is_file() => listing.add(path),
                _ => {}
            }
        }
    }
}

/// Whether a name in a folder looks like that of a capture.
fn is_capture(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let mut parts = name.rsplit('.');
    let mut last = parts.next().unwrap_or_default();
    if PACKED.contains(&last) {
        last = parts.next().unwrap_or_default();
    }
    // tcpdump appends the number of the file to the name: x.pcap12.
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    parts.next().is_some() && ENDINGS.contains(&last)
}

#[cfg(test)]
mod tests {
    use super::is_capture;
    use std::path::Path;

    #[test]
    fn captures_are_told_by_their_names() {
        for name in ["a.pcap", "a.PCAPNG", "a.pcap.gz", "a.pcap3", "x_00001_20260101.pcapng.zst", "a.cap"] {
            assert!(is_capture(Path::new(name)), "{name}");
        }
        for name in ["a.txt", "pcap", "a.gz", "a.pcap.txt", ".gz"] {
            assert!(!is_capture(Path::new(name)), "{name}");
        }
    }
}
