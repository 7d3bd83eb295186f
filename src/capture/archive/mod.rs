//! What a file holds: one capture, or an archive of captures (tar, zip, packed in any way, one within another), read without
//! unpacking to disk.
//!
//! Everything is recognised by its content, never by its name alone; names only decide whether something unreadable was meant
//! to be a capture. Members are read in their order and never held: memory does not depend on what an archive holds or claims
//! to hold. Must not know what is in the frames.

mod stream;
mod tar;
mod zip;

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::frame::Problem;
use super::input::Input;
use super::octets::Order;
use super::pcap::Pcap;
use super::pipe::Pipe;
use super::place::From;
use super::queue::Meanwhile;
use super::unpack::{Packing, Source, unpack};
use stream::{Replay, Shared, Stream, lock};

/// Archives within archives that are gone into.
const DEPTH_MAX: usize = 6;
/// Problems of one file that are told; more are counted.
const PROBLEMS_MAX: u32 = 100;
/// Between an archive's name and a member's.
pub const INTO: char = '!';

/// What is found in a file.
#[derive(Debug)]
pub enum Found {
    /// A capture, or what by its name should be one: its problems say what is wrong.
    Capture(Box<Capture>),
    /// Something else, by its name.
    Skipped(String),
    /// What keeps something from being read.
    Problem(Problem),
}

/// A capture that was found.
#[derive(Debug)]
pub struct Capture {
    /// The file.
    pub path: Arc<Path>,
    /// Its name within the archive; within archives in archives all names, with [`INTO`] between them.
    pub member: Option<String>,
    /// Its octets as they are stored there, where that is known.
    pub size: Option<u64>,
    /// Octets of its content, where that is known: of what is not packed.
    pub content: Option<u64>,
    /// Not read from yet. Is to be read, or dropped, before the next one is asked for.
    pub input: Input,
}

impl Capture {
    /// Its full name: the file's, and the member's.
    pub fn name(&self) -> &str {
        self.input.name()
    }
}

/// Which members of an archive are wanted, by their name.
pub type Wanted = Box<dyn Fn(&str) -> bool + Send>;

/// A file being looked into. See the module's documentation.
pub struct Contents {
    path: Arc<Path>,
    /// Whether it was asked for by name: then it is told of even if it is no capture.
    named: bool,
    wanted: Option<Wanted>,
    /// Asked whenever a pipe is waited for.
    meanwhile: Option<Meanwhile>,
    state: State,
    problems: u32,
}

enum State {
    Unopened,
    /// The archives gone into, the innermost last.
    Walking(Vec<Level>),
    Done,
}

/// An archive.
struct Level {
    /// Names of the archives around it and its own, below the file's.
    prefix: String,
    walk: Walked,
}

enum Walked {
    Tar(tar::Tar),
    Directory(zip::Directory),
    Local(zip::Local),
}

impl Walked {
    fn next(&mut self) -> Option<Step> {
        match self {
            Self::Tar(tar) => tar.next(),
            Self::Directory(zip) => zip.next(),
            Self::Local(zip) => zip.next(),
        }
    }
}

/// A walk over the members as they come in a stream.
trait Walk {
    /// The stream.
    fn shared(&self) -> &Shared;

    /// Whether nothing more comes.
    fn ended(&mut self) -> &mut bool;

    /// What is met next; `None` at the end.
    fn advance(&mut self) -> io::Result<Option<Step>>;

    /// The same; where reading fails the walk ends, and says so.
    fn next(&mut self) -> Option<Step> {
        if *self.ended() {
            return None;
        }
        let step = self.advance().unwrap_or_else(|error| {
            *self.ended() = true;
            let at = lock(self.shared()).at();
            Some(Step::Damage(at, format!("reading failed: {error}; members behind this place are lost")))
        });
        *self.ended() |= step.is_none();
        step
    }
}

/// A member of an archive.
struct Member {
    name: String,
    size: Option<u64>,
    source: Source,
}

/// What a walk meets.
enum Step {
    Member(Member),
    /// Where and what.
    Damage(u64, String),
}

/// What octets are, by the first of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Capture,
    Tar,
    Zip,
    Other,
}

impl Kind {
    fn of(first: &[u8]) -> Self {
        match Order::Big.u32(first, 0) {
            Some(magic) if magic == super::pcapng::SECTION || Pcap::is_magic(magic) => Self::Capture,
            _ if zip::is_zip(first) => Self::Zip,
            _ if tar::is_header(first) => Self::Tar,
            _ => Self::Other,
        }
    }
}

impl Contents {
    /// Looks into a file that was asked for by name (`-` is standard input).
    pub fn named(path: impl Into<PathBuf>) -> Self {
        Self::new(path.into(), true)
    }

    /// Looks into a file that was met in a folder: what is no capture there is skipped.
    pub fn met(path: impl Into<PathBuf>) -> Self {
        Self::new(path.into(), false)
    }

    fn new(path: PathBuf, named: bool) -> Self {
        Self { path: path.into(), named, wanted: None, meanwhile: None, state: State::Unopened, problems: 0 }
    }

    /// The same, with only those members of an archive that are wanted.
    #[must_use]
    pub fn only(mut self, wanted: Wanted) -> Self {
        self.wanted = Some(wanted);
        self
    }

    /// The same, where waiting for a pipe ends as soon as `meanwhile` says `false`.
    #[must_use]
    pub fn as_long_as(mut self, meanwhile: Meanwhile) -> Self {
        self.meanwhile = Some(meanwhile);
        self
    }

    /// The file.
    pub fn path(&self) -> &Arc<Path> {
        &self.path
    }

    /// What is found next.
    #[expect(
        clippy::should_implement_trait,
        reason = "what it gives must be used up before the next, unlike an iterator's"
    )]
    pub fn next(&mut self) -> Option<Found> {
        if matches!(self.state, State::Unopened) {
            self.state = State::Done;
            return match self.open() {
                Ok(Some(found)) => Some(found),
                Ok(None) => self.next(),
                Err(problem) => Some(Found::Problem(problem)),
            };
        }
        loop {
            let State::Walking(levels) = &mut self.state else { return None };
            let level = levels.last_mut()?;
            let found = match level.walk.next() {
                None => {
                    levels.pop();
                    None
                }
                Some(Step::Damage(at, text)) => {
                    let file = full_name(&self.path, level.prefix.trim_end_matches(INTO));
                    self.problem(Problem { file, offset: Some(at), text })
                }
                Some(Step::Member(member)) => {
                    let name = format!("{}{}", level.prefix, member.name);
                    let wanted = levels.len() > 1 || self.wanted.as_ref().is_none_or(|wanted| wanted(&member.name));
                    if wanted { self.member(name, member) } else { None }
                }
            };
            if found.is_some() {
                return found;
            }
        }
    }

    fn problem(&mut self, problem: Problem) -> Option<Found> {
        self.problems = self.problems.saturating_add(1);
        match self.problems {
            0..PROBLEMS_MAX => Some(Found::Problem(problem)),
            PROBLEMS_MAX => {
                Some(Found::Problem(Problem { text: "more is damaged than is told".to_owned(), ..problem }))
            }
            _ => None,
        }
    }

    /// Recognises the file itself.
    fn open(&mut self) -> Result<Option<Found>, Problem> {
        if let Some(meanwhile) = self.meanwhile.take()
            && Pipe::is_one(&self.path)
            && let Ok(pipe) = Pipe::open(&self.path, meanwhile)
        {
            let standard = self.path.as_os_str() == "-";
            let name = if standard { "standard input".to_owned() } else { self.path.display().to_string() };
            return Ok(self.source(None, name, None, Box::new(pipe)));
        }
        let input = Input::open(&self.path)?;
        let size = input.regular().and_then(|file| file.metadata().ok()).map(|data| data.len());
        let Some(file) = input.home().cloned() else {
            // What cannot be sought in is looked at once.
            let name = input.name().to_owned();
            return Ok(self.source(None, name, size, input.into_source()));
        };
        let look = |source: Source| Replay::look(source, tar::BLOCK);
        let plain = look(Box::new(From { file: Arc::clone(&file), at: 0 }));
        let (kind, first, packed) = if Packing::of(plain.first()) == Packing::None {
            (Kind::of(plain.first()), plain, false)
        } else {
            match unpack(Box::new(From { file: Arc::clone(&file), at: 0 })) {
                Ok((source, _)) => {
                    let unpacked = look(source);
                    (Kind::of(unpacked.first()), unpacked, true)
                }
                Err(_) => (Kind::Other, plain, false),
            }
        };
        let name = self.path.display().to_string();
        let problem = |error: io::Error| Problem { file: name, offset: None, text: format!("reading failed: {error}") };
        let walk = match kind {
            Kind::Capture => return Ok(Some(self.capture(None, size, size.filter(|_| !packed), input))),
            Kind::Other if self.named || looks_like_capture(&self.path.to_string_lossy()) => {
                return Ok(Some(self.capture(None, size, None, input)));
            }
            Kind::Other => return Ok(Some(Found::Skipped(input.name().to_owned()))),
            Kind::Tar if packed => Walked::Tar(tar::Tar::new(Stream::of_source(Box::new(first)).shared())),
            Kind::Tar => Walked::Tar(tar::Tar::new(Stream::of_file(&file).map_err(problem)?.shared())),
            Kind::Zip if packed => Walked::Local(zip::Local::new(Stream::of_source(Box::new(first)).shared())),
            Kind::Zip => return self.zip(&file).map_err(problem),
        };
        self.state = State::Walking(vec![Level { prefix: String::new(), walk }]);
        Ok(None)
    }

    /// Goes into a zip file by its directory, or without it.
    fn zip(&mut self, file: &Arc<File>) -> io::Result<Option<Found>> {
        if let Some(directory) = zip::Directory::find(file)? {
            self.state = State::Walking(vec![Level { prefix: String::new(), walk: Walked::Directory(directory) }]);
            return Ok(None);
        }
        let stream = Stream::of_file(file)?.shared();
        self.state =
            State::Walking(vec![Level { prefix: String::new(), walk: Walked::Local(zip::Local::new(stream)) }]);
        let text = "has no zip directory: it is cut off; its members are read as far as they go".to_owned();
        Ok(self.problem(Problem { file: self.path.display().to_string(), offset: Some(file.metadata()?.len()), text }))
    }

    fn member(&mut self, name: String, member: Member) -> Option<Found> {
        let full = full_name(&self.path, &name);
        self.source(Some(name), full, member.size, member.source)
    }

    /// Recognises what can be read once: a member, or what comes through a pipe.
    fn source(&mut self, member: Option<String>, full: String, size: Option<u64>, source: Source) -> Option<Found> {
        let meant = looks_like_capture(&full) || (member.is_none() && self.named);
        let packed = Replay::look(source, tar::BLOCK);
        if Packing::of(packed.first()) == Packing::None {
            return self.content(member, full, size, packed, Packing::None, meant);
        }
        match unpack(Box::new(packed)) {
            Ok((source, packing)) => self.content(member, full, size, Replay::look(source, tar::BLOCK), packing, meant),
            Err(error) => {
                self.problem(Problem { file: full, offset: Some(0), text: format!("reading failed: {error}") })
            }
        }
    }

    fn content(
        &mut self,
        member: Option<String>,
        full: String,
        size: Option<u64>,
        content: Replay,
        packing: Packing,
        meant: bool,
    ) -> Option<Found> {
        let kind = Kind::of(content.first());
        let walk = match kind {
            Kind::Other if !meant => return Some(Found::Skipped(full)),
            Kind::Capture | Kind::Other => {
                let input = Input::from_content(full, Box::new(content), packing);
                return Some(self.capture(member, size, size.filter(|_| packing == Packing::None), input));
            }
            Kind::Tar => Walked::Tar(tar::Tar::new(Stream::of_source(Box::new(content)).shared())),
            Kind::Zip => Walked::Local(zip::Local::new(Stream::of_source(Box::new(content)).shared())),
        };
        let prefix = member.map(|name| format!("{name}{INTO}")).unwrap_or_default();
        match &mut self.state {
            State::Walking(levels) if levels.len() >= DEPTH_MAX => {
                let text = format!("is an archive {DEPTH_MAX} archives deep, which is not read");
                self.problem(Problem { file: full, offset: None, text })
            }
            State::Walking(levels) => {
                levels.push(Level { prefix, walk });
                None
            }
            state => {
                *state = State::Walking(vec![Level { prefix, walk }]);
                None
            }
        }
    }

    fn capture(&self, member: Option<String>, size: Option<u64>, content: Option<u64>, input: Input) -> Found {
        Found::Capture(Box::new(Capture { path: Arc::clone(&self.path), member, size, content, input }))
    }
}

impl std::fmt::Debug for Contents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contents").field("path", &self.path).field("named", &self.named).finish_non_exhaustive()
    }
}

fn full_name(path: &Path, member: &str) -> String {
    let path = if path.as_os_str() == "-" { "standard input".into() } else { path.to_string_lossy() };
    if member.is_empty() { path.into_owned() } else { format!("{path}{INTO}{member}") }
}

/// Whether a name says that this is meant to be a capture or an archive of captures: `x.pcap`, `x.pcapng.gz`, `x.pcap12`.
fn looks_like_capture(name: &str) -> bool {
    let name = name.rsplit(['/', '\\', INTO]).next().unwrap_or(name).to_ascii_lowercase();
    let inner = [".gz", ".zst", ".lz4", ".xz", ".bz2"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    let Some((_, extension)) = inner.rsplit_once('.') else { return false };
    matches!(extension.trim_end_matches(|octet: char| octet.is_ascii_digit()), "pcap" | "pcapng" | "cap" | "ntar")
        || matches!(extension, "tar" | "tgz" | "tzst" | "txz" | "tbz2")
}

#[cfg(test)]
mod tests;
