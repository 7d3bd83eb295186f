//! The packets behind the list: where their octets are, what was answered to their needs, what was noted late.
//!
//! Shared by the threads that load, filter and look; everything is read again on demand, and reading again cannot change what
//! is seen. Must not know the screen.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use super::listed::listed;
use super::opened::Opened;
use super::store::Listed;
use crate::capture::{Frame, FrameStore, Handle, LinkType, Oddity};
use crate::dissect::{Answer, Claim, Table};
use crate::flow::{Digests, Signed};
use crate::model::notes::LateFinding;
use crate::model::{Author, Note, Notes, Timestamp};
use crate::scan::Packet;
use crate::scan::replay::replay;
use crate::verify::Keyring;

/// What is kept of every listed packet.
#[derive(Clone, Copy, Debug)]
pub struct Kept {
    handle: Handle,
    time: Option<Timestamp>,
    number: u32,
    file_number: u32,
    orig_len: u32,
    interface: u32,
    file: u16,
    link: u16,
    fcs_len: u8,
}

// The promise of the manual: 200 octets per listed packet, of which the list's record takes up to 128 and its index 4.
const _: () = assert!(size_of::<Kept>() <= 56);

/// What is kept of the packets that have it: those put together from several frames, duplicates, odd records.
#[derive(Clone, Debug, Default)]
struct Extra {
    record: Option<Box<Record>>,
    answers: Box<[Answer]>,
    /// What was noted beside the tree, verdicts and names of layers left out: those are found again.
    notes: Box<[Note]>,
    findings: Box<[LateFinding]>,
    /// Messages before it with the same digest as one of its own and other content.
    earlier: Box<[(Box<[u8]>, Signed)]>,
    /// The other frames it was put together from.
    others: Box<[(u32, Handle)]>,
}

/// What a frame's record says beyond [`Kept`].
#[derive(Clone, Debug)]
struct Record {
    meta: Frame<'static>,
    odd: Vec<Oddity>,
    options: Vec<u8>,
}

/// The packets behind the list. See the module's documentation.
pub struct Library {
    table: Table,
    inner: RwLock<Inner>,
    keys: RwLock<Arc<Keyring>>,
}

impl std::fmt::Debug for Library {
    /// The keys have none.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Library").field("packets", &self.len()).finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Inner {
    frames: FrameStore,
    kept: Vec<Kept>,
    extra: HashMap<u32, Extra>,
    /// Frames that a packet to come may be put together from.
    recent: BTreeMap<u32, Handle>,
}

/// Octets of messages with the same digest that are kept for one packet.
const EARLIER_MAX: usize = 1 << 20;
/// Frames that are remembered for packets put together from several.
const RECENT_MAX: usize = 1 << 16;

impl Library {
    /// An empty library.
    pub fn new(table: Table, keys: Keyring) -> Self {
        Self { table, inner: RwLock::new(Inner::default()), keys: RwLock::new(Arc::new(keys)) }
    }

    /// Who reads what.
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The keys in force.
    pub fn keys(&self) -> Arc<Keyring> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts other keys in force. What is being read goes on with the keys it began with.
    pub fn set_keys(&self, keys: Keyring) {
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
    }

    /// How many packets there are.
    pub fn len(&self) -> usize {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).kept.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Remembers a frame that packets to come may be put together from.
    pub fn remember(&self, frame: &Frame<'_>) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let handle = inner.frames.put(frame);
        inner.recent.insert(frame.number, handle);
        if inner.recent.len() > RECENT_MAX {
            inner.recent.pop_first();
        }
    }

    /// Keeps a listed packet.
    pub fn keep(&self, packet: &Packet<'_>) {
        let frame = packet.frame;
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let known = inner.recent.get(&frame.number).copied();
        let handle = known.unwrap_or_else(|| inner.frames.put(frame));
        let at = u32::try_from(inner.kept.len()).unwrap_or(u32::MAX);
        inner.kept.push(Kept {
            handle,
            time: frame.ts,
            number: frame.number,
            file_number: frame.file_number,
            orig_len: frame.orig_len,
            interface: frame.interface,
            file: frame.file,
            link: frame.link.0,
            fcs_len: frame.fcs_len,
        });
        let notes = packet.view.notes;
        let names = |note: &&Note| note.field.is(&crate::dissect::frame::PROTOCOLS);
        let others = packet.view.buffers.frames().into_iter().filter(|number| *number != frame.number);
        let odd = !frame.odd.is_empty() || !frame.options.is_empty();
        let extra = Extra {
            record: odd.then(|| {
                Box::new(Record {
                    meta: frame.without_data(),
                    odd: frame.odd.to_vec(),
                    options: frame.options.to_vec(),
                })
            }),
            answers: packet.answers.into(),
            notes: notes.nodes().iter().filter(|n| n.author != Author::Verdict && !names(n)).cloned().collect(),
            findings: notes.findings().iter().filter(|f| f.author != Author::Verdict).cloned().collect(),
            earlier: earlier(packet),
            others: others.filter_map(|number| Some((number, *inner.recent.get(&number)?))).collect(),
        };
        if extra.is_worth_keeping() {
            inner.extra.insert(at, extra);
        }
    }

    /// Takes out a packet.
    ///
    /// # Errors
    /// Its octets cannot be had again.
    pub fn open(&self, at: u32) -> Result<Opened, String> {
        self.look(at, |packet, others| {
            let view = packet.view;
            Opened {
                at,
                number: packet.frame.number,
                time: packet.frame.ts,
                frame: packet.frame.data.to_vec(),
                derived: view.buffers.derived().map(|(_, derived)| derived.clone()).collect(),
                tree: view.tree.clone(),
                notes: view.notes.clone(),
                found: packet.found.clone(),
                verdicts: packet.verdicts.to_vec(),
                others,
            }
        })
    }

    /// Reads a packet again and looks at it; the octets of the other frames it was put together from come beside it.
    ///
    /// # Errors
    /// Its octets cannot be had again.
    pub fn look<R>(&self, at: u32, look: impl FnOnce(&Packet<'_>, Vec<(u32, Vec<u8>)>) -> R) -> Result<R, String> {
        self.look_after(at, None, look)
    }

    /// The record of a packet after those that went into `digests`: what was copied from whom is found out anew, with the keys
    /// in force.
    ///
    /// # Errors
    /// As [`Library::open`].
    pub fn judge(&self, at: u32, digests: &mut Digests) -> Result<Listed, String> {
        let (listed, earlier) = self.look_after(at, Some(digests), |packet, _| (listed(packet), earlier(packet)))?;
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let number = inner.kept.get(at as usize).map(|kept| kept.number);
        if number.is_some() && (!earlier.is_empty() || inner.extra.contains_key(&at)) {
            inner.extra.entry(at).or_default().earlier = earlier;
        }
        Ok(listed)
    }

    fn look_after<R>(
        &self,
        at: u32,
        digests: Option<&mut Digests>,
        look: impl FnOnce(&Packet<'_>, Vec<(u32, Vec<u8>)>) -> R,
    ) -> Result<R, String> {
        let (kept, extra, octets, others) = {
            let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
            let kept = *inner.kept.get(at as usize).ok_or("there is no such packet")?;
            let octets = inner.frames.get(kept.handle).map_err(|error| format!("frame {}: {error}", kept.number))?;
            let extra = inner.extra.get(&at).cloned().unwrap_or_default();
            let others = extra.others.iter().filter_map(|(n, handle)| Some((*n, inner.frames.get(*handle).ok()?)));
            let others: Vec<(u32, Vec<u8>)> = others.collect();
            (kept, extra, octets, others)
        };
        let bare = Frame::new(kept.number, kept.time, LinkType(kept.link), &[]);
        let meta = extra.record.as_ref().map_or(bare, |record| record.meta);
        let frame = Frame {
            data: &octets,
            file: kept.file,
            file_number: kept.file_number,
            orig_len: kept.orig_len,
            interface: kept.interface,
            fcs_len: kept.fcs_len,
            odd: extra.record.as_ref().map_or(&[], |record| &record.odd),
            options: extra.record.as_ref().map_or(&[], |record| &record.options),
            ..meta
        };
        let mut late = Notes::default();
        for note in extra.notes {
            late.add(note.author, note.parent, note.field, note.value);
        }
        for found in extra.findings {
            late.flag(found.author, found.node, found.rule, found.detail);
        }
        let keys = self.keys();
        let claim = Claim::LinkType(kept.link);
        let mut own = Digests::new(EARLIER_MAX);
        let digests = digests.unwrap_or_else(|| {
            for (digest, signed) in &*extra.earlier {
                own.remember(digest, signed.place, &signed.message);
            }
            &mut own
        });
        Ok(replay(&self.table, &keys, &frame, claim, &extra.answers, &late, digests, |p| look(p, others)))
    }

    /// The frames of a packet, to write them to a file: those it was put together from first, its own last.
    ///
    /// # Errors
    /// As [`Library::open`], and what `write` says.
    pub fn with_frames(
        &self,
        at: u32,
        mut write: impl FnMut(&Frame<'_>, bool) -> Result<(), String>,
    ) -> Result<(), String> {
        self.look(at, |packet, others| {
            for (number, octets) in &others {
                // Its own record is not kept: time and link are those of the packet it belongs to.
                let frame = Frame { number: *number, odd: &[], options: &[], ..*packet.frame };
                let orig_len = u32::try_from(octets.len()).unwrap_or(u32::MAX);
                write(&Frame { data: octets, orig_len, ..frame }, false)?;
            }
            write(packet.frame, true)
        })?
    }
}

/// Messages before a packet with the same digest as one of its own and other content: what a digest may have been copied from.
fn earlier(packet: &Packet<'_>) -> Box<[(Box<[u8]>, Signed)]> {
    let buffers = packet.view.buffers;
    let of = |index: u16| {
        let signed = packet.earlier(index)?;
        let message = packet.found.messages.get(usize::from(index.checked_sub(1)?))?;
        let other = *signed.message != *buffers.octets(message.octets);
        other.then(|| Some((buffers.octets(message.digest?).into(), signed.clone())))?
    };
    (1u16..).zip(&packet.found.messages).filter_map(|(index, _)| of(index)).collect()
}

impl Extra {
    fn is_worth_keeping(&self) -> bool {
        let noted = !self.notes.is_empty() || !self.findings.is_empty();
        let joined = !self.answers.is_empty() || !self.others.is_empty();
        self.record.is_some() || noted || joined || !self.earlier.is_empty()
    }
}
