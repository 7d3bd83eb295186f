//! The octets of an archive, read once from start to end, and shared between the walk and the member being read.
//!
//! A member owns its share of the stream, so that it can be read like any other source and on any thread. It ends when the
//! walk goes on. Must not know what the octets mean.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::capture::place::From;
use crate::capture::unpack::Source;

/// Octets thrown away at once where they cannot be jumped over.
const SKIP: usize = 64 << 10;

/// Where the octets come from.
enum Octets {
    /// A regular file: what nobody wants is jumped over.
    File(From, u64),
    /// Anything else.
    Source(Source),
}

/// The octets of an archive. See the module's documentation.
pub(super) struct Stream {
    octets: Octets,
    /// Octets of a source that were taken too many, last one first.
    back: Vec<u8>,
    /// Octets used up.
    at: u64,
    /// Counts the members: one that is no longer the current one reads nothing.
    turn: u64,
    /// Reading failed, or came to the end.
    ended: bool,
    /// How it failed: said again to whoever reads on.
    failed: Option<(ErrorKind, String)>,
}

/// A stream that several hold.
pub(super) type Shared = Arc<Mutex<Stream>>;

/// The stream, even if a thread died while it held it: it is consistent between any two statements.
pub(super) fn lock(shared: &Shared) -> MutexGuard<'_, Stream> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stream {
    /// The octets of a regular file.
    pub(super) fn of_file(file: &Arc<File>) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self::new(Octets::File(From { file: Arc::clone(file), at: 0 }, len)))
    }

    /// The octets of anything else.
    pub(super) fn of_source(source: Source) -> Self {
        Self::new(Octets::Source(source))
    }

    fn new(octets: Octets) -> Self {
        Self { octets, back: Vec::new(), at: 0, turn: 0, ended: false, failed: None }
    }

    /// The same, to be shared.
    pub(super) fn shared(self) -> Shared {
        Arc::new(Mutex::new(self))
    }

    /// How many octets were used up.
    pub(super) const fn at(&self) -> u64 {
        self.at
    }

    /// Reads what is there; 0 at the end.
    pub(super) fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        if !self.back.is_empty() {
            let mut count = 0usize;
            while let Some((to, octet)) = into.get_mut(count).and_then(|to| Some((to, self.back.pop()?))) {
                *to = octet;
                count = count.saturating_add(1);
            }
            self.at = self.at.saturating_add(count as u64);
            return Ok(count);
        }
        if let Some((kind, text)) = &self.failed {
            return Err(io::Error::new(*kind, text.clone()));
        }
        if self.ended {
            return Ok(0);
        }
        loop {
            let read = match &mut self.octets {
                Octets::File(from, _) => from.read(into),
                Octets::Source(source) => source.read(into),
            };
            match read {
                Ok(count) => {
                    self.ended = count == 0;
                    self.at = self.at.saturating_add(count as u64);
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failed = Some((error.kind(), error.to_string()));
                    return Err(error);
                }
            }
        }
    }

    /// Fills `into`; how many octets there were, fewer only at the end.
    pub(super) fn fill(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut count = 0usize;
        while let Some(rest) = into.get_mut(count..).filter(|rest| !rest.is_empty()) {
            match self.read(rest)? {
                0 => break,
                more => count = count.saturating_add(more),
            }
        }
        Ok(count)
    }

    /// Goes on to a place; whether there is one.
    pub(super) fn skip_to(&mut self, place: u64) -> io::Result<bool> {
        let left = place.saturating_sub(self.at);
        if let Octets::File(from, len) = &mut self.octets {
            let there = left.min(len.saturating_sub(from.at));
            from.at = from.at.saturating_add(there);
            self.at = self.at.saturating_add(there);
            return Ok(there == left);
        }
        let mut nothing = vec![0; SKIP.min(usize::try_from(left).unwrap_or(SKIP))];
        while self.at < place {
            let left = usize::try_from(place.saturating_sub(self.at)).unwrap_or(SKIP);
            let count = nothing.len().min(left);
            if self.read(nothing.get_mut(..count).unwrap_or_default())? == 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Gives back the last octets that were read.
    pub(super) fn put_back(&mut self, octets: &[u8]) {
        let count = octets.len() as u64;
        self.at = self.at.saturating_sub(count);
        match &mut self.octets {
            Octets::File(from, _) => {
                from.at = from.at.saturating_sub(count);
                self.ended = false;
            }
            Octets::Source(_) => self.back.extend(octets.iter().rev()),
        }
    }

    /// The next member's turn: what was lent before ends here.
    pub(super) const fn next_turn(&mut self) -> u64 {
        self.turn = self.turn.saturating_add(1);
        self.turn
    }

    /// Whose turn it is.
    pub(super) const fn turn(&self) -> u64 {
        self.turn
    }
}

/// A stretch of a stream: the octets of one member.
pub(super) struct Stretch {
    shared: Shared,
    turn: u64,
    end: u64,
}

impl Stretch {
    /// The octets from where the stream stands to `end`.
    pub(super) fn new(shared: &Shared, end: u64) -> Self {
        let turn = lock(shared).next_turn();
        Self { shared: Arc::clone(shared), turn, end }
    }
}

impl Read for Stretch {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut stream = lock(&self.shared);
        let left = usize::try_from(self.end.saturating_sub(stream.at())).unwrap_or(usize::MAX);
        if stream.turn() != self.turn || left == 0 || into.is_empty() {
            return Ok(0);
        }
        let count = into.len().min(left);
        match stream.read(into.get_mut(..count).unwrap_or_default())? {
            0 => Err(io::Error::new(ErrorKind::UnexpectedEof, "the archive ends within this member")),
            count => Ok(count),
        }
    }
}

/// Octets that were looked at, the error that ended looking, and what follows.
pub(super) struct Replay {
    first: io::Cursor<Vec<u8>>,
    error: Option<io::Error>,
    rest: Source,
}

impl Replay {
    /// Looks at up to `count` octets of a source. What goes wrong meanwhile is told again to whoever reads.
    pub(super) fn look(mut source: Source, count: usize) -> Self {
        let mut first = vec![0; count];
        let mut have = 0usize;
        let mut failed = None;
        while let Some(room) = first.get_mut(have..).filter(|room| !room.is_empty()) {
            match source.read(room) {
                Ok(0) => break,
                Ok(more) => have = have.saturating_add(more),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        first.truncate(have);
        Self { first: io::Cursor::new(first), error: failed, rest: source }
    }

    /// What was looked at.
    pub(super) fn first(&self) -> &[u8] {
        self.first.get_ref()
    }
}

impl Read for Replay {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.first.read(into)? {
            0 => match self.error.take() {
                Some(error) => Err(error),
                None => self.rest.read(into),
            },
            count => Ok(count),
        }
    }
}
