//! What a report is made over: files, folders with all that is below them, archives, lists of those.
//!
//! The only part of the report that touches files. What a file is turns out when it is read, by its content; of what is met in
//! folders, files that hold no capture are passed over and counted. Must not know what is in the frames.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::{self, BufRead};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use globset::{Glob, GlobBuilder, GlobSet, GlobSetBuilder};
use walkdir::WalkDir;

use crate::capture::archive::{Contents, Found};
use crate::capture::{Input, Meanwhile, Problem};

/// One thing to read: a capture, or an archive of captures.
#[derive(Clone, Debug)]
pub struct Item {
    name: String,
    path: PathBuf,
    octets: u64,
    modified: Option<i64>,
    /// What is chosen of an archive's members; `None` where the file was chosen already.
    select: Option<Arc<Select>>,
    /// It was asked for, not met in a folder.
    named: bool,
}

/// A capture that is open: what [`Item::read`] lends out.
#[derive(Debug)]
pub struct Member {
    /// The name reports show, not escaped: the path, and behind `!` the name inside an archive.
    pub name: String,
    /// Its octets as they are stored, where that is known.
    pub octets: Option<u64>,
    /// Octets of its content, where that is known.
    pub content: Option<u64>,
    /// Its frames.
    pub input: Input,
}

/// How reading an item went.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Whether it was ended by whom the captures were handed to.
    pub flow: ControlFlow<()>,
    /// What could not be opened, and damage of archives. Damage of captures is theirs to tell: [`Input::problems`].
    pub problems: Vec<Problem>,
    /// Files and members that are no captures.
    pub skipped: u64,
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

    /// When the file was last changed, in nanoseconds since 1970.
    pub const fn modified(&self) -> Option<i64> {
        self.modified
    }

    /// Hands the captures of this item to `each`, in their order, one at a time; `Break` ends that. A capture is to be read
    /// before `each` returns.
    pub fn read(&self, each: &mut dyn FnMut(Member) -> ControlFlow<()>) -> Outcome {
        self.read_while(Box::new(|| true), each)
    }

    /// The same, where waiting for a pipe ends as soon as `meanwhile` says `false`.
    pub fn read_while(&self, meanwhile: Meanwhile, each: &mut dyn FnMut(Member) -> ControlFlow<()>) -> Outcome {
        let mut outcome = Outcome { flow: ControlFlow::Continue(()), problems: Vec::new(), skipped: 0 };
        let mut contents =
            if self.named { Contents::named(&self.path) } else { Contents::met(&self.path) }.as_long_as(meanwhile);
        if let Some(select) = self.select.clone() {
            contents = contents.only(Box::new(move |member| select.wants(Path::new(member))));
        }
        while let Some(found) = contents.next() {
            match found {
                Found::Capture(capture) => {
                    let member = Member {
                        name: capture.name().to_owned(),
                        octets: capture.size,
                        content: capture.content,
                        input: capture.input,
                    };
                    outcome.flow = each(member);
                    if outcome.flow.is_break() {
                        break;
                    }
                }
                Found::Skipped(_) => outcome.skipped = outcome.skipped.saturating_add(1),
                Found::Problem(problem) => outcome.problems.push(problem),
            }
        }
        outcome
    }
}

/// What there is to read, in the order of names, and what could not be listed.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// What is to be read, each once.
    pub items: Vec<Item>,
    /// Folders that could not be read.
    pub problems: Vec<Problem>,
    /// Files met a second time: named twice, or reached through a link.
    pub again: u64,
}

/// Which files of a folder, or members of an archive, are chosen.
///
/// A pattern without `/` is about the last part of a name, one with `/` about the whole name below the folder or in the
/// archive. An archive met in a folder is chosen by its own name, and all its members with it.
#[derive(Debug, Default)]
pub struct Select {
    wanted: Option<GlobSet>,
    unwanted: GlobSet,
}

impl Select {
    /// Files that match one of `globs` (all where there is none), and none of `excludes`.
    ///
    /// # Errors
    /// A pattern is wrong: the message names it.
    pub fn new(globs: &[String], excludes: &[String]) -> Result<Self, String> {
        let wanted = if globs.is_empty() { None } else { Some(set(globs)?) };
        Ok(Self { wanted, unwanted: set(excludes)? })
    }

    fn wants(&self, name: &Path) -> bool {
        self.wanted.as_ref().is_none_or(|wanted| wanted.is_match(name)) && !self.drops(name)
    }

    /// Whether a file, or a folder with all that is below it, is left out. A name that stands in a folder that is left out
    /// is left out too.
    fn drops(&self, name: &Path) -> bool {
        !self.unwanted.is_empty()
            && name.ancestors().filter(|part| !part.as_os_str().is_empty()).any(|part| self.unwanted.is_match(part))
    }
}

fn set(patterns: &[String]) -> Result<GlobSet, String> {
    let mut builder = GlobSetBuilder::new();
    for pattern in patterns {
        builder.add(glob(pattern).map_err(|error| format!("the pattern `{pattern}`: {}", error.kind()))?);
    }
    builder.build().map_err(|error| format!("the patterns: {error}"))
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    let anywhere =
        if pattern.contains('/') { pattern.trim_start_matches('/').to_owned() } else { format!("**/{pattern}") };
    GlobBuilder::new(&anywhere).literal_separator(true).backslash_escape(true).build()
}

/// Lists files, and folders with all that is below them. A file that is reached in several ways is listed once.
pub fn list(paths: &[PathBuf], select: &Arc<Select>) -> Listing {
    let mut listing = Listing::default();
    let mut reached = Vec::new();
    for path in paths {
        // A link to a folder is the folder.
        if path.is_dir() {
            walk(path, select, &mut listing, &mut reached);
        } else {
            let linked = path.is_symlink();
            reached
                .push(Reached { item: Item::new(path.clone(), path.metadata().ok().as_ref(), Some(select)), linked });
        }
    }
    listing.once(reached);
    listing.items.sort_by(|a, b| a.name.cmp(&b.name));
    listing
}

/// A file, and whether a link led to it.
struct Reached {
    item: Item,
    linked: bool,
}

impl Item {
    fn new(path: PathBuf, data: Option<&std::fs::Metadata>, named: Option<&Arc<Select>>) -> Self {
        let since = data.and_then(|data| data.modified().ok()?.duration_since(UNIX_EPOCH).ok());
        Self {
            name: path.display().to_string(),
            path,
            octets: data.map_or(0, std::fs::Metadata::len),
            modified: since.and_then(|since| i64::try_from(since.as_nanos()).ok()),
            select: named.cloned(),
            named: named.is_some(),
        }
    }
}

fn walk(folder: &Path, select: &Arc<Select>, listing: &mut Listing, reached: &mut Vec<Reached>) {
    let below = |path: &Path| path.strip_prefix(folder).unwrap_or(path).to_owned();
    let walk = WalkDir::new(folder).follow_links(true).sort_by_file_name().into_iter();
    let mut linked_at = None;
    for entry in walk.filter_entry(|entry| entry.depth() == 0 || !select.drops(&below(entry.path()))) {
        match entry {
            Ok(entry) => {
                // What stands in a folder that a link led to was reached through that link.
                linked_at = linked_at.filter(|depth| entry.depth() > *depth);
                if entry.depth() > 0 && entry.path_is_symlink() {
                    linked_at = linked_at.or(Some(entry.depth()));
                }
                if entry.file_type().is_file() && select.wants(&below(entry.path())) {
                    let data = entry.metadata().ok();
                    let item = Item::new(entry.into_path(), data.as_ref(), None);
                    reached.push(Reached { item, linked: linked_at.is_some() });
                }
            }
            // A link back to a folder above: all that is there is listed already.
            Err(error) if error.loop_ancestor().is_some() => listing.again = listing.again.saturating_add(1),
            Err(error) => {
                let file = error.path().unwrap_or(folder).display().to_string();
                let text = match error.io_error().map(io::Error::kind) {
                    Some(io::ErrorKind::NotFound) => "the link leads nowhere".to_owned(),
                    Some(io::ErrorKind::PermissionDenied) => "may not be read: permission denied".to_owned(),
                    _ => format!("cannot be listed: {error}"),
                };
                listing.problems.push(Problem { file, offset: None, text });
            }
        }
    }
}

impl Listing {
    /// Takes over each file once: where links lead to a file that is listed without them, under its own name.
    fn once(&mut self, reached: Vec<Reached>) {
        let mut real = Real::default();
        let mut known: BTreeSet<PathBuf> = BTreeSet::new();
        let (linked, plain): (Vec<Reached>, Vec<Reached>) = reached.into_iter().partition(|one| one.linked);
        for Reached { item, .. } in plain.into_iter().chain(linked) {
            if item.path.as_os_str() == "-" || known.insert(real.path(&item.path)) {
                self.items.push(item);
            } else {
                self.again = self.again.saturating_add(1);
            }
        }
    }
}

/// Paths without links and dots. Each folder is asked for once.
#[derive(Default)]
struct Real {
    folders: BTreeMap<PathBuf, PathBuf>,
}

impl Real {
    fn path(&mut self, path: &Path) -> PathBuf {
        let (Some(folder), Some(name), false) = (path.parent(), path.file_name(), path.is_symlink()) else {
            return path.canonicalize().unwrap_or_else(|_| path.to_owned());
        };
        let real = self.folders.entry(folder.to_owned()).or_insert_with(|| {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
        });
        real.join(name)
    }
}

/// The paths in a list: one per line, or with NUL between them. Empty ones are left out.
///
/// # Errors
/// The list cannot be read; or, where paths are text, one is none.
pub fn names(mut list: impl BufRead, nul: bool) -> io::Result<Vec<PathBuf>> {
    let end = if nul { 0 } else { b'\n' };
    let mut paths = Vec::new();
    let mut name = Vec::new();
    while list.read_until(end, &mut name)? > 0 {
        if name.last() == Some(&end) {
            name.pop();
        }
        if !nul && name.last() == Some(&b'\r') {
            name.pop();
        }
        if !name.is_empty() {
            paths.push(PathBuf::from(os_string(&name)?));
        }
        name.clear();
    }
    Ok(paths)
}

#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere a path must be text")]
fn os_string(name: &[u8]) -> io::Result<OsString> {
    Ok(std::os::unix::ffi::OsStringExt::from_vec(name.to_vec()))
}

#[cfg(not(unix))]
fn os_string(name: &[u8]) -> io::Result<OsString> {
    let text = std::str::from_utf8(name).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    Ok(OsString::from(text))
}

#[cfg(test)]
mod tests {
    use super::{Listing, Select, list, names};
    use std::fs;
    use std::ops::ControlFlow;
    use std::path::{Path, PathBuf};
    use std::sync::Arc;

    fn select(globs: &[&str], excludes: &[&str]) -> Arc<Select> {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        Arc::new(Select::new(&owned(globs), &owned(excludes)).unwrap())
    }

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for name in ["b/2.pcap", "b/1.pcap.gz", "a/deep/x.pcapng", "a/notes.txt", ".hidden/y.pcap", "z.pcap"] {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, b"").unwrap();
        }
        fs::write(root.path().join(".gitignore"), "*.pcap\n").unwrap();
        root
    }

    fn shown(listing: &Listing, root: &Path) -> Vec<String> {
        let root = format!("{}/", root.display());
        listing.items.iter().map(|item| item.name().replace(&root, "")).collect()
    }

    #[test]
    fn folders_are_listed_in_the_order_of_names_whatever_git_ignores() {
        let root = tree();
        let listing = list(&[root.path().to_owned()], &select(&[], &[]));
        let all =
            [".gitignore", ".hidden/y.pcap", "a/deep/x.pcapng", "a/notes.txt", "b/1.pcap.gz", "b/2.pcap", "z.pcap"];
        assert_eq!(shown(&listing, root.path()), all);
        assert_eq!((listing.problems.len(), listing.again), (0, 0));
        assert!(listing.items.iter().all(|item| item.modified().is_some()));
    }

    #[test]
    fn patterns_choose_by_the_last_part_or_by_the_whole_name() {
        let root = tree();
        let names = |globs: &[&str], excludes: &[&str]| {
            shown(&list(&[root.path().to_owned()], &select(globs, excludes)), root.path())
        };
        assert_eq!(names(&["*.pcap"], &[]), [".hidden/y.pcap", "b/2.pcap", "z.pcap"]);
        assert_eq!(names(&["*.pcap", "*.pcapng"], &[".*"]), ["a/deep/x.pcapng", "b/2.pcap", "z.pcap"]);
        assert_eq!(names(&["a/**"], &[]), ["a/deep/x.pcapng", "a/notes.txt"]);
        assert_eq!(names(&["a/*"], &[]), ["a/notes.txt"]);
        assert_eq!(names(&["/*.pcap"], &[]), ["z.pcap"]);
        assert_eq!(names(&[], &["a", "*.gz", ".*"]), ["b/2.pcap", "z.pcap"]);
        assert_eq!(names(&["*.{gz,pcapng}"], &["deep"]), ["b/1.pcap.gz"]);
        let error = Select::new(&["[".to_owned()], &[]).unwrap_err();
        assert!(error.starts_with("the pattern `[`: "), "{error}");
    }

    #[test]
    fn a_file_named_twice_is_listed_once() {
        let root = tree();
        let named = root.path().join("b/2.pcap");
        let paths = [root.path().to_owned(), named.clone(), root.path().join("a/../b/2.pcap"), named];
        let listing = list(&paths, &select(&["*.pcap"], &[]));
        assert_eq!(shown(&listing, root.path()), [".hidden/y.pcap", "b/2.pcap", "z.pcap"]);
        assert_eq!(listing.again, 3);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_once_and_loops_end() {
        use std::os::unix::fs::symlink;
        let root = tree();
        let at = |name: &str| root.path().join(name);
        symlink("..", at("b/up")).unwrap();
        symlink("b/2.pcap", at("0-newest.pcap")).unwrap();
        symlink("nowhere", at("b/dangling.pcap")).unwrap();
        let outside = tempfile::tempdir().unwrap();
        fs::write(outside.path().join("o.pcap"), b"").unwrap();
        symlink(outside.path(), at("out")).unwrap();
        let listing = list(&[root.path().to_owned()], &select(&["*.pcap"], &[]));
        assert_eq!(shown(&listing, root.path()), [".hidden/y.pcap", "b/2.pcap", "out/o.pcap", "z.pcap"]);
        assert_eq!(listing.again, 2, "the loop and the link to the newest");
        assert_eq!(listing.problems.len(), 1);
        assert!(listing.problems[0].to_string().ends_with("b/dangling.pcap: the link leads nowhere"));
    }

    #[test]
    fn what_is_no_capture_is_counted_and_what_should_be_one_is_told() {
        let root = tree();
        let listing = list(&[root.path().to_owned(), root.path().join("none.pcap")], &select(&[], &[]));
        let (mut skipped, mut members, mut problems) = (0, Vec::new(), Vec::new());
        for item in &listing.items {
            let outcome = item.read(&mut |mut member| {
                while member.input.next().is_some() {}
                assert_eq!(member.input.problems().len(), 1);
                members.push(member.name);
                ControlFlow::Continue(())
            });
            skipped += outcome.skipped;
            problems.extend(outcome.problems);
        }
        assert_eq!((skipped, members.len()), (2, 5), "{members:?}");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].to_string().ends_with("none.pcap: does not exist"));
    }

    #[test]
    fn lists_are_read_line_by_line_or_with_nul_between() {
        let paths = |names: &[&str]| names.iter().map(PathBuf::from).collect::<Vec<_>>();
        assert_eq!(names(&b"a.pcap\n\nb c.pcap\r\nlast"[..], false).unwrap(), paths(&["a.pcap", "b c.pcap", "last"]));
        assert_eq!(names(&b"a\nb\0c\0\0"[..], true).unwrap(), paths(&["a\nb", "c"]));
    }
}
