//! One capture file, read from its start to its end: a regular file, a pipe, standard input, packed or not.
//!
//! Nothing is read before the first frame is asked for, and never more is waited for than a record needs. Must not know what
//! is in the frames.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek};
use std::path::Path;
use std::sync::Arc;

use super::frame::{Frame, Glimpse, Home, Interface, Log, Problem};
use super::framer::{Base, Framer, Record, Step};
use super::octets::wide;
use super::place::read_at;
use super::refill::{Refill, USUAL};
use super::unpack::{Packing, Source, unpack};

/// One capture being read. See the module's documentation.
#[derive(Debug)]
pub struct Input {
    name: String,
    /// The file itself, where it is a regular one.
    regular: Option<Home>,
    /// Whether frames can be read again from it.
    rereadable: bool,
    packing: Packing,
    state: State,
    framer: Framer,
    log: Log,
    /// Frames read so far.
    count: u32,
    /// Set while the log's oddities belong to the frame that was given away.
    given: bool,
    file: u16,
}

/// How far reading has come.
enum State {
    /// Nothing was read: the source and the size of the buffer to come.
    Unread(Source, usize),
    /// The same, known to be unpacked already.
    Unpacked(Source, usize),
    Reading(Refill),
    Ended(Refill),
    /// It was no use.
    Failed,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Unread(..) => "Unread",
            Self::Unpacked(..) => "Unpacked",
            Self::Reading(_) => "Reading",
            Self::Ended(_) => "Ended",
            Self::Failed => "Failed",
        })
    }
}

impl Input {
    /// Opens a file, or standard input for `-`. What its content is turns out at the first [`Input::next`].
    ///
    /// # Errors
    /// It does not exist, may not be read, or is a folder.
    pub fn open(path: &Path) -> Result<Self, Problem> {
        let name = path.display().to_string();
        let problem = |text: String| Problem { file: name.clone(), offset: None, text };
        if path.as_os_str() == "-" {
            return Ok(Self::from_source("standard input".to_owned(), Box::new(std::io::stdin())));
        }
        let expected = "expected a capture file (pcap or pcapng, also packed with gzip, zstd, lz4, xz or bzip2)";
        // Asked before opening: on some systems a folder cannot be opened, and the error then does not say why.
        if path.is_dir() {
            return Err(problem(format!("is a folder; {expected}")));
        }
        let file = File::open(path).map_err(|error| {
            problem(match error.kind() {
                ErrorKind::NotFound => "does not exist".to_owned(),
                ErrorKind::PermissionDenied => "may not be read: permission denied".to_owned(),
                _ => format!("cannot be opened: {error}; {expected}"),
            })
        })?;
        let file = Arc::new(file);
        let regular = file.metadata().is_ok_and(|data| data.is_file());
        let mut input = Self::from_source(name, Box::new(Arc::clone(&file)));
        input.regular = regular.then_some(file);
        Ok(input)
    }

    /// Reads from anything; `name` stands for it in messages.
    pub fn from_reader(name: &str, source: impl Read + Send + 'static) -> Self {
        Self::from_source(name.to_owned(), Box::new(source))
    }

    /// Reads content that was unpacked before.
    pub(crate) fn from_content(name: String, content: Source, packing: Packing) -> Self {
        let mut input = Self::from_source(name, Box::new(std::io::empty()));
        input.packing = packing;
        input.state = State::Unpacked(content, USUAL);
        input
    }

    /// What it would read from.
    pub(crate) fn into_source(self) -> Source {
        match self.state {
            State::Unread(source, _) | State::Unpacked(source, _) => source,
            State::Reading(_) | State::Ended(_) | State::Failed => Box::new(std::io::empty()),
        }
    }

    fn from_source(name: String, source: Source) -> Self {
        Self {
            name,
            regular: None,
            rereadable: false,
            packing: Packing::None,
            state: State::Unread(source, USUAL),
            framer: Framer::Start,
            log: Log::default(),
            count: 0,
            given: false,
            file: 0,
        }
    }

    /// The same before its first frame, where it is a regular file; else as it is.
    #[must_use]
    pub(crate) fn restarted(self) -> Self {
        let Some(file) = self.regular.clone() else { return self };
        if (&*file).rewind().is_err() {
            return self;
        }
        let mut input = Self::from_source(self.name, Box::new(Arc::clone(&file)));
        input.regular = Some(file);
        input
    }

    /// The same with this index among the inputs, and a buffer of this many octets.
    #[must_use]
    pub(crate) fn placed(mut self, file: u16, buffer: usize) -> Self {
        self.file = file;
        if let State::Unread(_, size) | State::Unpacked(_, size) = &mut self.state {
            *size = buffer;
        }
        self
    }

    /// Its index among the inputs.
    pub(crate) const fn file(&self) -> u16 {
        self.file
    }

    /// The next frame; `None` at the end, or where nothing more can be read: see [`Input::problems`].
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend")]
    #[inline]
    pub fn next(&mut self) -> Option<Frame<'_>> {
        let record = self.advance()?;
        self.frame(&record)
    }

    /// The next record that is wanted, by what is seen of it; every one up to it is shown to `wanted`.
    #[inline]
    pub(crate) fn find(&mut self, mut wanted: impl FnMut(&Glimpse<'_>) -> bool) -> Option<Record> {
        loop {
            self.settle();
            // Where nothing waits to be said, the plain records are passed over at once.
            if let State::Reading(refill) = &mut self.state
                && self.log.odd.is_empty()
            {
                let base = Base { file: self.file, at: refill.at() };
                let sweep = self.framer.sweep(refill.octets(), base, &mut wanted);
                refill.consume(sweep.octets);
                self.count = self.count.saturating_add(sweep.frames);
                if let Some(record) = sweep.found {
                    self.given = true;
                    return Some(record);
                }
            }
            let record = self.advance()?;
            if wanted(&self.glimpse(&record)) {
                return Some(record);
            }
        }
    }

    /// Finds the next record and uses it up.
    #[inline]
    pub(crate) fn advance(&mut self) -> Option<Record> {
        self.settle();
        loop {
            let State::Reading(refill) = &mut self.state else {
                self.begin()?;
                continue;
            };
            match self.framer.step(refill.octets(), refill.at(), refill.ended(), &mut self.log) {
                Step::Frame(record) => {
                    refill.consume(wide(record.len));
                    self.count = self.count.saturating_add(1);
                    self.given = true;
                    return Some(record);
                }
                Step::Skip(count) => refill.consume(count),
                Step::Need(want) if !refill.ended() => {
                    refill.fill(want.max(refill.octets().len().saturating_add(1)));
                    if let Some(error) = refill.take_error() {
                        self.log.damage(refill.at(), format_args!("reading failed: {error}"));
                        self.log.muted = true;
                    }
                }
                Step::Need(_) | Step::End => {
                    self.finish();
                    return None;
                }
            }
        }
    }

    /// What was said about the frame that was given away is done with.
    #[inline]
    fn settle(&mut self) {
        if self.given {
            self.given = false;
            self.log.odd.clear();
        }
    }

    /// Starts reading; `None` where there is nothing to read any more.
    #[cold]
    fn begin(&mut self) -> Option<()> {
        match std::mem::replace(&mut self.state, State::Failed) {
            State::Unread(source, size) => match unpack(source) {
                Ok((source, packing)) => {
                    self.packing = packing;
                    self.rereadable = packing == Packing::None;
                    self.state = State::Reading(Refill::new(source, 0, size));
                    Some(())
                }
                Err(error) => {
                    self.log.damage(0, format_args!("reading failed: {error}"));
                    None
                }
            },
            State::Unpacked(source, size) => {
                self.state = State::Reading(Refill::new(source, 0, size));
                Some(())
            }
            other => {
                self.state = other;
                None
            }
        }
    }

    #[cold]
    fn finish(&mut self) {
        if let State::Reading(refill) = std::mem::replace(&mut self.state, State::Failed) {
            self.state = State::Ended(refill);
        }
    }

    /// What is to be seen of a record that [`Input::advance`] gave just now.
    #[inline]
    pub(crate) fn glimpse(&self, record: &Record) -> Glimpse<'_> {
        let (data, end): (&[u8], u64) = match &self.state {
            State::Reading(refill) | State::Ended(refill) => {
                let octets = refill.before(wide(record.len.saturating_sub(record.data)));
                (octets.get(..wide(record.data_len)).unwrap_or(&[]), refill.at())
            }
            State::Unread(..) | State::Unpacked(..) | State::Failed => (&[], 0),
        };
        Glimpse { ts: record.ts, link: record.link, data, file: self.file, end }
    }

    /// The frame of a record that [`Input::advance`] gave just now.
    #[inline]
    pub(crate) fn frame(&self, record: &Record) -> Option<Frame<'_>> {
        let (State::Reading(refill) | State::Ended(refill)) = &self.state else { return None };
        let at = refill.at().saturating_sub(u64::from(record.len));
        let mut frame = record.frame(refill.before(wide(record.len)), at, &self.log.odd);
        frame.number = self.count;
        frame.file_number = self.count;
        frame.file = self.file;
        frame.description = self.framer.interfaces().get(wide(record.interface));
        frame.home = self.seekable();
        Some(frame)
    }

    /// What could not be read, so far; the whole truth after [`Input::next`] gave `None`.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problem = self.log.problem(&self.name);
        if let Some(problem) = problem.as_mut().filter(|_| self.packing != Packing::None) {
            problem.text = format!("{} (in the {} content)", problem.text, self.packing.name());
        }
        problem.into_iter().collect()
    }

    /// The interfaces described so far, over all sections; [`Frame::interface`] counts in this list.
    pub fn interfaces(&self) -> &[Interface] {
        self.framer.interfaces()
    }

    /// The name it was opened by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is packed; known after the first frame was asked for.
    pub const fn packing(&self) -> Packing {
        self.packing
    }

    /// Frames read so far.
    pub const fn count(&self) -> u32 {
        self.count
    }

    /// Octets of (unpacked) content used up so far.
    pub const fn position(&self) -> u64 {
        match &self.state {
            State::Reading(refill) | State::Ended(refill) => refill.at(),
            State::Unread(..) | State::Unpacked(..) | State::Failed => 0,
        }
    }

    /// The file, where frames can be read again from it at [`Frame::data_offset`]: a regular one that is not packed. Known
    /// after the first frame was asked for.
    #[inline]
    pub fn seekable(&self) -> Option<&File> {
        if self.rereadable { self.regular() } else { None }
    }

    /// The file, where it is a regular one, packed or not.
    #[inline]
    pub fn regular(&self) -> Option<&File> {
        self.regular.as_deref()
    }

    /// Octets of the content, where they can be told without reading it: of a regular file that is not packed. To be asked
    /// before the first frame or after it.
    pub fn size(&self) -> Option<u64> {
        let file = self.regular.as_ref()?;
        let mut first = [0; 6];
        let there = read_at(file, 0, &mut first).ok()?;
        let packing = Packing::of(first.get(..there)?);
        (packing == Packing::None).then(|| file.metadata().ok()).flatten().map(|data| data.len())
    }

    /// The regular file, to be shared.
    pub(crate) fn home(&self) -> Option<&Home> {
        self.regular.as_ref()
    }
}
