//! The members of a zip archive: by its directory where it can be sought in, else by the headers before each member.
//!
//! ```text
//! local header  signature "PK\3\4", 30 octets, name, extra · contents · data descriptor, where flag 3 says so   …
//! directory     signature "PK\1\2", 46 octets, name, extra, comment                                             …
//! end           zip64 record and locator, where needed · signature "PK\5\6", 22 octets, comment
//! ```
//! The directory is read entry by entry and never held: what an archive claims to hold allocates nothing. Without one (a copy
//! that was cut off, a zip within another archive) members are read in their order. Must not know what members hold.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::stream::{Shared, Stream, Stretch, lock};
use super::tar::shown;
use super::{Member, Step, Walk};
use crate::capture::octets::Order;
use crate::capture::place::{From, read_exact_at};
use crate::capture::unpack::{Packing, Source, unpacked};

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const ENTRY: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
const END64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR64: [u8; 4] = *b"PK\x06\x07";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
/// Octets of a local header before its name.
const LOCAL_LEN: usize = 30;
/// Octets of a directory entry before its name.
const ENTRY_LEN: usize = 46;
/// Octets of the end record before its comment.
const END_LEN: usize = 22;
/// A number that stands in the zip64 extra field instead.
const ELSEWHERE: u32 = u32::MAX;

/// Whether an archive starts so; also one without members.
pub(super) fn is_zip(first: &[u8]) -> bool {
    first.starts_with(&LOCAL) || first.starts_with(&END)
}

/// What both kinds of headers say of a member.
#[derive(Clone, Debug, Default)]
struct Entry {
    name: String,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    /// Where its local header stands.
    local: u64,
}

impl Entry {
    const fn encrypted(&self) -> bool {
        self.flags & 1 != 0
    }

    /// Sizes and checksum follow the contents.
    const fn described_later(&self) -> bool {
        self.flags & 8 != 0
    }

    /// Numbers too large for their field; `all` says which of size, packed size and place are missing.
    fn wide_numbers(&mut self, extra: &[u8]) {
        let mut rest = extra;
        while let (Some(id), Some(len)) = (Order::Little.u16(rest, 0), Order::Little.u16(rest, 2)) {
            let (Some(value), more) = (rest.get(4..4 + usize::from(len)), rest.get(4 + usize::from(len)..)) else {
                return;
            };
            if id == 1 {
                let mut at = 0;
                for number in [&mut self.size, &mut self.packed, &mut self.local] {
                    if *number == u64::from(ELSEWHERE) {
                        let Some(found) = Order::Little.u64(value, at) else { return };
                        *number = found;
                        at += 8;
                    }
                }
                return;
            }
            rest = more.unwrap_or(&[]);
        }
    }

    /// The contents of a member whose packed octets these are.
    fn open(&self, packed: Source) -> Result<Source, String> {
        if self.encrypted() {
            return Err(format!("{} is encrypted", self.name));
        }
        let inner: Source = match self.method {
            0 => packed,
            8 => Box::new(flate2::bufread::DeflateDecoder::new(BufReader::new(packed))),
            12 => unpacked(Packing::Bzip2, packed),
            93 => unpacked(Packing::Zstd, packed),
            95 => unpacked(Packing::Xz, packed),
            other => return Err(format!("{} is packed by a method that is not read ({other})", self.name)),
        };
        Ok(Box::new(Checked { inner, crc: flate2::Crc::new(), stated: self.crc, left: self.size }))
    }
}

/// Contents that must have the size and checksum their header states.
struct Checked {
    inner: Source,
    crc: flate2::Crc,
    stated: u32,
    left: u64,
}

impl Read for Checked {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let bad = |text: &str| io::Error::new(ErrorKind::InvalidData, text.to_owned());
        if into.is_empty() {
            return Ok(0);
        }
        let count = self.inner.read(into)?;
        self.crc.update(into.get(..count).unwrap_or(&[]));
        match self.left.checked_sub(count as u64) {
            None => Err(bad("it is longer than the zip directory says")),
            Some(left) if count == 0 && left > 0 => Err(bad("it is shorter than the zip directory says")),
            Some(0) if count == 0 && self.crc.sum() != self.stated => Err(bad("its zip checksum is wrong")),
            Some(left) => {
                self.left = left;
                Ok(count)
            }
        }
    }
}

/// A walk by the directory. See the module's documentation.
pub(super) struct Directory {
    file: Arc<File>,
    entries: io::Take<BufReader<From>>,
    start: u64,
    len: u64,
    /// Octets before the archive, which its places do not count.
    shift: u64,
    /// Entries not read yet, as the end record says.
    left: u64,
    ended: bool,
}

impl Directory {
    /// The directory of a file; `None` where there is none.
    pub(super) fn find(file: &Arc<File>) -> io::Result<Option<Self>> {
        let len = file.metadata()?.len();
        let tail_len = len.min(END_LEN as u64 + u64::from(u16::MAX));
        let tail_at = len.saturating_sub(tail_len);
        let mut tail = vec![0; usize::try_from(tail_len).unwrap_or(0)];
        read_exact_at(file, tail_at, &mut tail)?;
        let Some(at) = tail.windows(END_LEN).rposition(|window| window.starts_with(&END)) else { return Ok(None) };
        let end = tail.get(at..).unwrap_or(&[]);
        let end_at = tail_at.saturating_add(at as u64);
        let little = Order::Little;
        let (Some(count), Some(size), Some(start)) = (little.u16(end, 10), little.u32(end, 12), little.u32(end, 16))
        else {
            return Ok(None);
        };
        let (mut count, mut size, mut start) = (u64::from(count), u64::from(size), u64::from(start));
        let mut behind = end_at;
        if count == u64::from(u16::MAX) || size == u64::from(ELSEWHERE) || start == u64::from(ELSEWHERE) {
            let locator = tail.get(at.saturating_sub(20)..at).filter(|octets| octets.starts_with(&LOCATOR64));
            let place = locator.and_then(|octets| little.u64(octets, 8));
            let mut record = [0; 56];
            if let Some(place) = place
                && read_exact_at(file, place, &mut record).is_ok()
                && record.starts_with(&END64)
            {
                let (more, wide_size, place_of) =
                    (little.u64(&record, 32), little.u64(&record, 40), little.u64(&record, 48));
                (count, size) = (more.unwrap_or(count), wide_size.unwrap_or(size));
                start = place_of.unwrap_or(start);
                behind = place;
            }
        }
        // The directory ends where the end record starts; where its stated place differs, something stands before the archive.
        let real = behind.checked_sub(size);
        let shift = real.and_then(|real| real.checked_sub(start)).unwrap_or(0);
        let start = start.saturating_add(shift);
        if start > len {
            return Ok(None);
        }
        let entries = BufReader::new(From { file: Arc::clone(file), at: start }).take(size);
        Ok(Some(Self { file: Arc::clone(file), entries, start, len: size, shift, left: count, ended: false }))
    }

    /// The next member.
    pub(super) fn next(&mut self) -> Option<Step> {
        while !self.ended && self.left > 0 {
            self.left = self.left.saturating_sub(1);
            let at = self.start.saturating_add(self.len.saturating_sub(self.entries.limit()));
            let Ok(Some(entry)) = self.entry() else {
                self.ended = true;
                let left = self.left.saturating_add(1);
                return Some(Step::Damage(at, format!("the zip directory is damaged; {left} members are lost")));
            };
            if entry.name.ends_with('/') {
                continue;
            }
            return Some(match self.open(&entry) {
                Ok(source) => Step::Member(Member { name: entry.name, size: Some(entry.size), source }),
                Err(text) => Step::Damage(entry.local, text),
            });
        }
        None
    }

    fn entry(&mut self) -> io::Result<Option<Entry>> {
        let mut fixed = [0; ENTRY_LEN];
        self.entries.read_exact(&mut fixed)?;
        let little = Order::Little;
        let number = |at| little.u32(&fixed, at).map_or(0, u64::from);
        let lengths = [28, 30, 32].map(|at| little.u16(&fixed, at).map_or(0, usize::from));
        let [name_len, extra_len, comment_len] = lengths;
        let mut rest = vec![0; name_len + extra_len + comment_len];
        self.entries.read_exact(&mut rest)?;
        if !fixed.starts_with(&ENTRY) {
            return Ok(None);
        }
        let (name, rest) = rest.split_at(name_len);
        let mut entry = Entry {
            name: shown(name),
            flags: little.u16(&fixed, 8).unwrap_or(0),
            method: little.u16(&fixed, 10).unwrap_or(0),
            crc: little.u32(&fixed, 16).unwrap_or(0),
            packed: number(20),
            size: number(24),
            local: number(42),
        };
        entry.wide_numbers(rest.get(..extra_len).unwrap_or(&[]));
        entry.local = entry.local.saturating_add(self.shift);
        Ok(Some(entry))
    }

    fn open(&self, entry: &Entry) -> Result<Source, String> {
        let mut header = [0; LOCAL_LEN];
        let read = read_exact_at(&self.file, entry.local, &mut header);
        let lengths = [26, 28].map(|at| Order::Little.u16(&header, at).map_or(0, u64::from));
        if read.is_err() || !header.starts_with(&LOCAL) {
            return Err(format!("{} does not stand where the zip directory says", entry.name));
        }
        let at = lengths.iter().fold(entry.local.saturating_add(LOCAL_LEN as u64), |sum, len| sum.saturating_add(*len));
        entry.open(Box::new(From { file: Arc::clone(&self.file), at }.take(entry.packed)))
    }
}

/// A walk by the headers before the members. See the module's documentation.
pub(super) struct Local {
    shared: Shared,
    /// Where the next header stands, if that is known.
    next: Next,
    ended: bool,
}

/// Where the next header stands.
enum Next {
    At(u64),
    /// Behind a member whose contents tell themselves where they end.
    Behind(Arc<Mutex<Inflate>>),
}

impl Walk for Local {
    fn shared(&self) -> &Shared {
        &self.shared
    }

    fn ended(&mut self) -> &mut bool {
        &mut self.ended
    }

    fn advance(&mut self) -> io::Result<Option<Step>> {
        loop {
            let mut header = [0; LOCAL_LEN];
            let (at, count) = self.header(&mut header)?;
            if !header.starts_with(&LOCAL) {
                self.ended = true;
                // The directory follows the members; what it says was told by them.
                let fine = header.starts_with(&ENTRY) || header.starts_with(&END) || header.starts_with(&END64);
                return Ok((!fine).then(|| Step::Damage(at, "the zip archive is cut off or damaged here".to_owned())));
            }
            let little = Order::Little;
            let [name_len, extra_len] = [26, 28].map(|at| little.u16(&header, at).map_or(0, usize::from));
            let mut rest = vec![0; name_len + extra_len];
            if count < LOCAL_LEN || lock(&self.shared).fill(&mut rest)? < rest.len() {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            let (name, extra) = rest.split_at(name_len);
            let number = |at| little.u32(&header, at).map_or(0, u64::from);
            let mut entry = Entry {
                name: shown(name),
                flags: little.u16(&header, 6).unwrap_or(0),
                method: little.u16(&header, 8).unwrap_or(0),
                crc: little.u32(&header, 14).unwrap_or(0),
                packed: number(18),
                size: number(22),
                local: at,
            };
            entry.wide_numbers(extra);
            let opened = self.open(&entry);
            if opened.is_ok() && entry.name.ends_with('/') {
                continue;
            }
            return Ok(Some(match opened {
                Ok(source) => {
                    let size = (!entry.described_later()).then_some(entry.size);
                    Step::Member(Member { name: entry.name, size, source })
                }
                Err(text) => Step::Damage(at, text),
            }));
        }
    }
}

impl Local {
    /// The members from where the stream stands.
    pub(super) fn new(shared: Shared) -> Self {
        let next = Next::At(lock(&shared).at());
        Self { shared, next, ended: false }
    }

    /// Reads the next header: where it stands, and how many octets there were.
    fn header(&mut self, header: &mut [u8; LOCAL_LEN]) -> io::Result<(u64, usize)> {
        let mut stream = lock(&self.shared);
        stream.next_turn();
        match &self.next {
            Next::At(at) => {
                if !stream.skip_to(*at)? {
                    return Err(io::Error::new(ErrorKind::UnexpectedEof, "the zip archive is cut off"));
                }
            }
            Next::Behind(inflate) => {
                let mut nothing = [0; 4096];
                while alone(inflate).read(&mut stream, &mut nothing)? > 0 {}
            }
        }
        let at = stream.at();
        Ok((at, stream.fill(header)?))
    }

    /// The contents of a member; remembers where the next header stands.
    fn open(&mut self, entry: &Entry) -> Result<Source, String> {
        let at = lock(&self.shared).at();
        if !entry.described_later() {
            let end = at.saturating_add(entry.packed);
            self.next = Next::At(end);
            return entry.open(Box::new(Stretch::new(&self.shared, end)));
        }
        if entry.method != 8 || entry.encrypted() {
            self.ended = true;
            let name = &entry.name;
            return Err(format!("where {name} ends is not said before its contents; it and what follows are lost"));
        }
        let inflate = Arc::new(Mutex::new(Inflate::default()));
        self.next = Next::Behind(Arc::clone(&inflate));
        let turn = lock(&self.shared).next_turn();
        Ok(Box::new(Inflated { shared: Arc::clone(&self.shared), turn, inflate }))
    }
}

/// A deflated member that is read from a shared stream without taking more than belongs to it.
struct Inflated {
    shared: Shared,
    turn: u64,
    inflate: Arc<Mutex<Inflate>>,
}

impl Read for Inflated {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut stream = lock(&self.shared);
        if stream.turn() == self.turn { alone(&self.inflate).read(&mut stream, into) } else { Ok(0) }
    }
}

fn alone(inflate: &Arc<Mutex<Inflate>>) -> MutexGuard<'_, Inflate> {
    inflate.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far a deflated member was unpacked.
struct Inflate {
    state: flate2::Decompress,
    octets: Vec<u8>,
    crc: flate2::Crc,
    ended: bool,
}

impl Default for Inflate {
    fn default() -> Self {
        Self { state: flate2::Decompress::new(false), octets: Vec::new(), crc: flate2::Crc::new(), ended: false }
    }
}

impl Inflate {
    fn read(&mut self, stream: &mut Stream, into: &mut [u8]) -> io::Result<usize> {
        if self.ended || into.is_empty() {
            return Ok(0);
        }
        match self.unpack(stream, into) {
            Ok(0) => {
                self.ended = true;
                stream.put_back(&std::mem::take(&mut self.octets));
                self.descriptor(stream).map(|()| 0)
            }
            Ok(count) => {
                self.crc.update(into.get(..count).unwrap_or(&[]));
                Ok(count)
            }
            Err(error) => {
                self.ended = true;
                Err(error)
            }
        }
    }

    /// Unpacks what there is; 0 at the end of the contents.
    fn unpack(&mut self, stream: &mut Stream, into: &mut [u8]) -> io::Result<usize> {
        loop {
            if self.octets.is_empty() {
                let mut more = vec![0; 16 << 10];
                let count = stream.read(&mut more)?;
                if count == 0 {
                    return Err(io::Error::new(ErrorKind::UnexpectedEof, "the archive ends within this member"));
                }
                more.truncate(count);
                self.octets = more;
            }
            let (before_in, before_out) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(&self.octets, into, flate2::FlushDecompress::None).map_err(|error| {
                io::Error::new(ErrorKind::InvalidData, format!("the deflate stream is damaged: {error}"))
            })?;
            let count = |from: u64, to: u64| usize::try_from(to.saturating_sub(from)).unwrap_or(usize::MAX);
            let used = count(before_in, self.state.total_in()).min(self.octets.len());
            self.octets.drain(..used);
            let made = count(before_out, self.state.total_out());
            if made > 0 || status == flate2::Status::StreamEnd {
                return Ok(made);
            }
        }
    }

    /// Sizes and checksum behind the contents, in one of their four forms.
    fn descriptor(&mut self, stream: &mut Stream) -> io::Result<()> {
        let mut octets = [0; 24];
        let have = stream.fill(&mut octets)?;
        let signed = if octets.starts_with(&DESCRIPTOR) { 4 } else { 0 };
        let little = Order::Little;
        let (packed, size) = (self.state.total_in(), self.state.total_out());
        let wide_sizes =
            [little.u64(&octets, signed + 4), little.u64(&octets, signed + 12)] == [Some(packed), Some(size)];
        let used = signed + if wide_sizes { 20 } else { 12 };
        stream.put_back(octets.get(used.min(have)..have).unwrap_or(&[]));
        if have < used {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if little.u32(&octets, signed) != Some(self.crc.sum()) {
            return Err(io::Error::new(ErrorKind::InvalidData, "its zip checksum is wrong"));
        }
        Ok(())
    }
}
