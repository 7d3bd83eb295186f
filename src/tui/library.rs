//! The packets behind the list: where their octets are, what was answered to their needs, what was noted late.
//!
//! Shared by the threads that load, filter and look; everything is read again on demand, and reading again cannot change what
//! is seen. Must not know the screen.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock};

use super::chunks::Chunks;
use super::kept::Kept;
use super::listed::listed;
use super::opened::Opened;
use super::pack::{Extra, Statics, pack, unpack};
use super::packs::Packs;
use super::store::Listed;
use crate::capture::{Frame, FrameStore, Oddity};
use crate::dissect::{Change, Claim, OUTCOME, Table};
use crate::flow::{Messages, Place};
use crate::model::{Author, NoteValue, Notes, Value};
use crate::output::colors::ColorRules;
use crate::scan::Packet;
use crate::scan::replay::replay;
use crate::verify::{Keyring, NonceLog};

/// What a frame's record says beyond [`Kept`].
#[derive(Clone, Debug)]
struct Record {
    meta: Frame<'static>,
    odd: Vec<Oddity>,
    options: Vec<u8>,
}

impl Record {
    /// The record of a frame, where [`Kept`] is too short for it.
    fn of(frame: &Frame<'_>) -> Option<Arc<Self>> {
        Kept::is_short_for(frame).then(|| {
            Arc::new(Self { meta: frame.without_data(), odd: frame.odd.to_vec(), options: frame.options.to_vec() })
        })
    }
}

/// What few packets have.
#[derive(Debug, Default)]
struct Rare {
    /// What is particular to the packet, where it could not be packed.
    extra: Option<Box<Extra>>,
    /// Messages before it with the same digest as one of its own and other content.
    earlier: Box<[Earlier]>,
    /// What became of it, as later frames told.
    outcomes: Vec<Change>,
}

/// A message before a packet from which a digest may have been copied.
#[derive(Debug)]
struct Earlier {
    place: Place,
    message: Box<[u8]>,
    /// Where its digest stands.
    digest: Range<usize>,
}

/// The packets behind the list. See the module's documentation.
pub struct Library {
    table: Table,
    inner: RwLock<Inner>,
    keys: RwLock<Arc<Keyring>>,
    /// Nonces learned while the capture was read; every packet knows how many there were at its frame.
    nonces: Arc<NonceLog>,
    colors: Option<Arc<ColorRules>>,
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
    kept: Chunks<Kept>,
    /// What is particular to some packets, packed.
    packs: Packs,
    statics: Statics,
    rare: HashMap<u32, Rare>,
    /// Packets listed under a lower number than one before them: decided late.
    late: BTreeSet<u32>,
    highest: u32,
    /// Records of frames that [`Kept`] is too short for, by frame number.
    records: BTreeMap<u32, Arc<Record>>,
    /// Frames that a packet to come may be put together from.
    recent: BTreeMap<u32, (Kept, Option<Arc<Record>>)>,
    /// Comments of the user's own, by frame number.
    comments: BTreeMap<u32, String>,
}

/// Octets of messages with the same digest that are kept for one packet.
const EARLIER_MAX: usize = 1 << 20;
/// Outcomes that are kept for one packet: a response, receipts.
const OUTCOMES_MAX: usize = 16;
/// Frames that are remembered for packets put together from several.
const RECENT_MAX: usize = 1 << 16;

impl Library {
    /// An empty library.
    pub fn new(table: Table, keys: Keyring) -> Self {
        let (inner, keys) = (RwLock::default(), RwLock::new(Arc::new(keys)));
        Self { table, inner, keys, nonces: Arc::default(), colors: None }
    }

    /// The same, with colour rules of the user's own.
    #[must_use]
    pub fn with_colors(mut self, colors: Option<Arc<ColorRules>>) -> Self {
        self.colors = colors;
        self
    }

    /// The same, whose spool file takes at most so many octets.
    #[cfg(test)]
    pub(super) fn with_spool(self, limit: u64) -> Self {
        self.inner.write().unwrap_or_else(PoisonError::into_inner).frames = FrameStore::new(limit);
        self
    }

    /// Who reads what.
    pub const fn table(&self) -> &Table {
        &self.table
    }

    /// The nonces learned from the capture: whoever reads it appends to them.
    pub const fn nonces(&self) -> &Arc<NonceLog> {
        &self.nonces
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

    /// Octets of memory it takes, but for what does not grow with the packets.
    pub fn octets(&self) -> usize {
        let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
        // An entry of a hash table takes a little more than its key and value.
        let rare = inner.rare.capacity().saturating_mul(size_of::<(u32, Rare)>().saturating_add(2));
        inner.kept.octets().saturating_add(inner.packs.octets()).saturating_add(rare)
    }

    /// Writes a comment on a frame, or takes it away.
    pub fn comment(&self, number: u32, text: Option<String>) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        match text {
            Some(text) => inner.comments.insert(number, text),
            None => inner.comments.remove(&number),
        };
    }

    /// The comments of the user's own, by frame number.
    pub fn comments(&self) -> BTreeMap<u32, String> {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).comments.clone()
    }

    /// Remembers a frame that packets to come may be put together from.
    pub fn remember(&self, frame: &Frame<'_>) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let handle = inner.frames.put(frame);
        inner.recent.insert(frame.number, (Kept::of(frame, handle), Record::of(frame)));
        if inner.recent.len() > RECENT_MAX {
            inner.recent.pop_first();
        }
    }

    /// No packet to come is put together from frames before.
    pub fn forget_recent(&self) {
        self.inner.write().unwrap_or_else(PoisonError::into_inner).recent.clear();
    }

    /// What the list knows of a packet.
    pub fn listed(&self, packet: &Packet<'_>) -> Listed {
        let rule = self.colors.as_ref().and_then(|colors| {
            let rule = colors.rules().iter().position(|rule| rule.filter.matches(&packet.view))?;
            u8::try_from(rule.saturating_add(1)).ok()
        });
        Listed { color: rule.unwrap_or(0), ..listed(packet) }
    }

    /// Keeps a listed packet.
    pub fn keep(&self, packet: &Packet<'_>) {
        let frame = packet.frame;
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *inner;
        let kept = match inner.recent.get(&frame.number) {
            Some((kept, _)) => *kept,
            None => Kept::of(frame, inner.frames.put(frame)),
        };
        let at = u32::try_from(inner.kept.len()).unwrap_or(u32::MAX);
        inner.kept.push(kept);
        if kept.number < inner.highest {
            inner.late.insert(at);
        }
        inner.highest = inner.highest.max(kept.number);
        if let Some(record) = Record::of(frame) {
            inner.records.insert(frame.number, record);
        }
        let notes = packet.view.notes;
        let answers = packet.past.map_or(&[][..], |past| past.answers);
        let joined = !answers.is_empty() || packet.view.buffers.derived().next().is_some();
        let mut others = Vec::new();
        if joined {
            for number in packet.view.buffers.frames().into_iter().filter(|number| *number != frame.number) {
                let Some((kept, record)) = inner.recent.get(&number) else { continue };
                others.push(*kept);
                if let Some(record) = record {
                    inner.records.insert(number, Arc::clone(record));
                }
            }
        }
        let own = |note: &&crate::model::Note| {
            note.author != Author::Verdict && !note.field.is(&crate::dissect::frame::PROTOCOLS)
        };
        let extra = Extra {
            answers: answers.to_vec(),
            notes: notes.nodes().iter().filter(own).cloned().collect(),
            findings: notes.findings().iter().filter(|f| f.author != Author::Verdict).cloned().collect(),
            others,
            learned: u32::try_from(packet.learned().len()).unwrap_or(u32::MAX),
        };
        let earlier = earlier(packet);
        let mut left = None;
        if !extra.is_empty() {
            let octets = pack(&extra, &mut inner.statics);
            let put = octets.is_some_and(|octets| inner.packs.put(at, &octets, &mut inner.frames));
            left = (!put).then(|| Box::new(extra));
        }
        if left.is_some() || !earlier.is_empty() {
            inner.rare.insert(at, Rare { extra: left, earlier, outcomes: Vec::new() });
        }
    }

    /// Lets go of packets before this one. What is left of them cannot be looked at again.
    pub fn forget(&self, upto: u32) {
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        let inner = &mut *inner;
        let gone = inner.kept.forget(upto as usize);
        let first = u32::try_from(gone).unwrap_or(u32::MAX);
        inner.packs.forget(first);
        inner.rare.retain(|at, _| *at >= first);
        inner.late = inner.late.split_off(&first);
        if let Some(kept) = inner.kept.get(gone).copied() {
            inner.records = inner.records.split_off(&kept.number);
            inner.frames.forget_before(kept.handle());
        }
    }

    /// Octets in the spool file, and how many may be.
    pub fn spooled(&self) -> (u64, u64) {
        self.inner.read().unwrap_or_else(PoisonError::into_inner).frames.spooled()
    }

    /// Notes what became of a push; the answer is the packet that holds it, and what is known of it now.
    pub fn change(&self, change: &Change) -> Option<(u32, Listed)> {
        let at = {
            let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
            let at = inner.at_frame(change.frame)?;
            let outcomes = &mut inner.rare.entry(at).or_default().outcomes;
            if outcomes.len() < OUTCOMES_MAX {
                outcomes.push(change.clone());
            }
            at
        };
        self.look(at, |packet, _| self.listed(packet)).ok().map(|listed| (at, listed))
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
                others: others.into_iter().map(|other| (other.number(), other.into_octets())).collect(),
            }
        })
    }

    /// Reads a packet again and looks at it; the octets of the other frames it was put together from come beside it.
    ///
    /// # Errors
    /// Its octets cannot be had again.
    pub fn look<R>(&self, at: u32, look: impl FnOnce(&Packet<'_>, Vec<Contributor>) -> R) -> Result<R, String> {
        self.look_after(at, &self.keys(), None, look)
    }

    /// The same without checking digests, where nobody asks for verdicts: much faster.
    ///
    /// # Errors
    /// As [`Library::open`].
    pub fn look_unjudged<R>(&self, at: u32, look: impl FnOnce(&Packet<'_>) -> R) -> Result<R, String> {
        self.look_after(at, &Keyring::default(), None, |packet, _| look(packet))
    }

    /// The record of a packet after those that went into `seen`: what was copied from whom is found out anew, with the keys
    /// in force.
    ///
    /// # Errors
    /// As [`Library::open`].
    pub fn judge(&self, at: u32, seen: &mut Messages) -> Result<Listed, String> {
        let (listed, earlier) =
            self.look_after(at, &self.keys(), Some(seen), |packet, _| (self.listed(packet), earlier(packet)))?;
        let mut inner = self.inner.write().unwrap_or_else(PoisonError::into_inner);
        if (at as usize) < inner.kept.len() && (!earlier.is_empty() || inner.rare.contains_key(&at)) {
            inner.rare.entry(at).or_default().earlier = earlier;
        }
        Ok(listed)
    }

    fn look_after<R>(
        &self,
        at: u32,
        keys: &Keyring,
        seen: Option<&mut Messages>,
        look: impl FnOnce(&Packet<'_>, Vec<Contributor>) -> R,
    ) -> Result<R, String> {
        let mut own = Messages::new(EARLIER_MAX);
        let (taken, extra, others, outcomes) = {
            let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
            let kept = *inner.kept.get(at as usize).ok_or("there is no such packet")?;
            let taken = inner.take(kept)?;
            let extra = inner.extra(at).map_err(|error| format!("frame {}: {error}", kept.number))?;
            let others: Vec<Contributor> = extra.others.iter().filter_map(|kept| inner.take(*kept).ok()).collect();
            for earlier in inner.rare.get(&at).iter().flat_map(|rare| &rare.earlier) {
                own.remember_octets(earlier.place, earlier.digest.clone(), &earlier.message);
            }
            let outcomes = inner.rare.get(&at).map_or_else(Vec::new, |rare| rare.outcomes.clone());
            (taken, extra, others, outcomes)
        };
        let frame = taken.frame();
        let mut late = Notes::default();
        for note in extra.notes {
            late.add(note.author, note.parent, note.field, note.value);
        }
        for change in outcomes {
            if let Some((field, number)) = change.told_in {
                let frame = NoteValue::Plain(Value::Frame { number, index: 1 });
                late.add(Author::Sequence, change.layer, field, frame);
            }
            late.add(Author::Sequence, change.layer, &OUTCOME, NoteValue::Text(change.outcome.to_string()));
        }
        for found in extra.findings {
            late.flag(found.author, found.node, found.rule, found.detail);
        }
        let claim = Claim::LinkType(frame.link.0);
        let seen = seen.unwrap_or(&mut own);
        let learned = self.nonces.prefix(extra.learned as usize);
        Ok(replay(&self.table, keys, &frame, claim, &extra.answers, &late, seen, learned, |p| look(p, others)))
    }

    /// The frames of a packet, to write them to a file: those it was put together from first, its own last. `write` hears whether
    /// the user wrote a comment on the frame.
    ///
    /// # Errors
    /// As [`Library::open`], and what `write` says.
    pub fn with_frames(
        &self,
        at: u32,
        mut write: impl FnMut(&Frame<'_>, bool) -> Result<(), String>,
    ) -> Result<(), String> {
        let (own, others) = {
            let inner = self.inner.read().unwrap_or_else(PoisonError::into_inner);
            let kept = *inner.kept.get(at as usize).ok_or("there is no such packet")?;
            let extra = inner.extra(at).map_err(|error| format!("frame {}: {error}", kept.number))?;
            let others: Result<Vec<Contributor>, String> = extra.others.iter().map(|kept| inner.take(*kept)).collect();
            (inner.take(kept)?, others?)
        };
        others.iter().chain([&own]).try_for_each(|one| write(&one.frame(), one.commented))
    }
}

/// A frame taken out: its octets, and what its record says.
#[derive(Clone, Debug)]
pub struct Contributor {
    kept: Kept,
    record: Option<Arc<Record>>,
    /// The options of its record, where the user's comment is among them.
    options: Option<Vec<u8>>,
    commented: bool,
    octets: Vec<u8>,
}

impl Contributor {
    /// Its number.
    pub const fn number(&self) -> u32 {
        self.kept.number
    }

    /// Its octets.
    pub fn into_octets(self) -> Vec<u8> {
        self.octets
    }

    fn frame(&self) -> Frame<'_> {
        let bare = self.kept.frame(&self.octets);
        let Some(record) = &self.record else {
            return Frame { options: self.options.as_deref().unwrap_or_default(), ..bare };
        };
        let options = self.options.as_deref().unwrap_or(&record.options);
        // Its number is that of the reading in force.
        Frame { data: &self.octets, odd: &record.odd, options, number: bare.number, ..record.meta }
    }
}

impl Inner {
    /// Takes out a frame.
    fn take(&self, kept: Kept) -> Result<Contributor, String> {
        let octets = self.frames.get(kept.handle()).map_err(|error| format!("frame {}: {error}", kept.number))?;
        let record = self.records.get(&kept.number).cloned();
        let comment = self.comments.get(&kept.number);
        let options = comment.map(|comment| {
            record.as_ref().map_or_else(
                || kept.frame(&[]).options_with(comment),
                |record| Frame { options: &record.options, ..record.meta }.options_with(comment),
            )
        });
        Ok(Contributor { kept, record, options, commented: comment.is_some(), octets })
    }

    /// The packet that was listed under this number when its frame came.
    fn at_frame(&self, number: u32) -> Option<u32> {
        let (mut low, mut high) = (0, u32::try_from(self.kept.len()).unwrap_or(u32::MAX));
        while low < high {
            let middle = u32::midpoint(low, high);
            // What was decided late has no place in the order: the one before it counts.
            let probe = (low..=middle).rev().find(|at| !self.late.contains(at));
            match probe.and_then(|probe| Some((probe, self.kept.get(probe as usize)?.number))) {
                Some((probe, known)) if known >= number => high = probe,
                _ => low = middle.saturating_add(1),
            }
        }
        let end = u32::try_from(self.kept.len()).unwrap_or(u32::MAX);
        let found = (low..end).find(|at| !self.late.contains(at))?;
        (self.kept.get(found as usize)?.number == number).then_some(found)
    }

    /// What is particular to a packet.
    fn extra(&self, at: u32) -> Result<Extra, String> {
        if let Some(extra) = self.rare.get(&at).and_then(|rare| rare.extra.as_ref()) {
            return Ok(Extra::clone(extra));
        }
        let Some(octets) = self.packs.get(at, &self.frames)? else { return Ok(Extra::default()) };
        unpack(&octets, &self.statics).ok_or_else(|| "what was kept of it cannot be read again".to_owned())
    }
}

/// Messages before a packet with the same digest as one of its own and other content: what a digest may have been copied from.
fn earlier(packet: &Packet<'_>) -> Box<[Earlier]> {
    let buffers = packet.view.buffers;
    let of = |index: u16| {
        let signed = packet.earlier(index)?;
        let message = packet.found.messages.get(usize::from(index.checked_sub(1)?))?;
        let other = signed.message != buffers.octets(message.octets);
        other.then(|| Earlier { place: signed.place, message: signed.message.into(), digest: signed.digest })
    };
    (1u16..).zip(&packet.found.messages).filter_map(|(index, _)| of(index)).collect()
}
