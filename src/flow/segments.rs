//! Segments of messages on a radio channel: joined in the order of their sequence numbers.
//!
//! Must not know what the messages hold beyond whether they look like pushes.

use std::collections::{HashMap, VecDeque};

use super::{Kept, Late};
use crate::dissect::{Answer, Claim, Facts, Leg, Segment, gsm_dtap, gsm_rp};
use crate::model::spec::TS_44_006;
use crate::model::{Derived, Duration, Group, Piece, Rule, Timestamp};

/// A segment never came.
pub static MISSING: Rule = Rule::warning("GSM-016", Group::Reassembly)
    .cite(&TS_44_006, "5.5")
    .text("segments of the message are missing")
    .explain(
        "The sequence numbers of a channel jump, or the last segment never came.",
        "What is missing cannot be read; on the air the link layer repeats lost frames, so the handset may have got it.",
        "The receiver lost a block: improve reception, or capture at the base station.",
    );

/// The rules of this module.
pub(super) static RULES: &[&Rule] = &[&MISSING];

/// Channels that are remembered.
const CHANNELS: usize = 4096;

/// Octets of one message: that of a CP-DATA, amply.
const OCTETS: usize = 512;

/// How long a message waits for its next segment.
const AGE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    leg: Leg,
    channel: Leg,
    to_network: Option<bool>,
    sapi: u8,
}

#[derive(Debug)]
struct Message<K> {
    id: u64,
    next: u8,
    /// Number and fingerprint of the last segment, to tell repetitions.
    last: (u8, Leg),
    bytes: Vec<u8>,
    pieces: Vec<Piece>,
    cut: bool,
    promised: u32,
    kept: Option<Kept<K>>,
    facts: Facts,
}

/// The segments that wait. See the module's documentation.
#[derive(Debug)]
pub struct Segments<K> {
    open: HashMap<Key, Message<K>>,
    queue: VecDeque<(Option<Timestamp>, Key, u64)>,
    serial: u64,
    now: Option<Timestamp>,
    late: VecDeque<Late<K>>,
}

impl<K> Segments<K> {
    pub(super) fn new() -> Self {
        Self { open: HashMap::new(), queue: VecDeque::new(), serial: 0, now: None, late: VecDeque::new() }
    }

    pub(super) fn late(&mut self) -> Option<Late<K>> {
        self.late.pop_front()
    }

    pub(super) fn advance(&mut self, time: Option<Timestamp>) {
        self.now = self.now.max(time);
        while let (Some(now), Some((born, key, id))) = (self.now, self.queue.front().copied()) {
            if born.is_some_and(|born| now.since(born) <= AGE) && self.queue.len() <= CHANNELS {
                return;
            }
            self.queue.pop_front();
            self.give_up(&key, Some(id));
        }
    }

    pub(super) fn finish(&mut self) {
        while let Some((_, key, id)) = self.queue.pop_front() {
            self.give_up(&key, Some(id));
        }
    }

    pub(super) fn add(
        &mut self,
        segment: &Segment,
        octets: &[u8],
        pieces: &[Piece],
        keep: impl FnOnce() -> Kept<K>,
    ) -> Answer {
        self.advance(segment.facts.time);
        let facts = segment.facts;
        let key =
            Key { leg: facts.leg, channel: facts.sms.channel, to_network: facts.sms.to_network, sapi: segment.sapi };
        let print = Leg::default().step("segment", octets);
        if let Some(message) = self.open.get(&key)
            && (segment.number, print) == message.last
        {
            return Answer::Wait;
        }
        if self.open.get(&key).is_some_and(|message| message.next != segment.number || message.bytes.len() > OCTETS) {
            self.give_up(&key, None);
        }
        let (number, serial) = (segment.number, self.serial + 1);
        if !self.open.contains_key(&key) {
            // In the middle of a message nothing can be read.
            if segment.sapi == 3 && !gsm_dtap::is_cp(octets) {
                return Answer::Wait;
            }
            self.serial = serial;
            self.queue.push_back((self.now, key, serial));
        }
        let message = self.open.entry(key).or_insert_with(|| Message {
            id: serial,
            next: number,
            last: (number, print),
            bytes: Vec::new(),
            pieces: Vec::new(),
            cut: false,
            promised: 0,
            kept: None,
            facts,
        });
        message.next = number.wrapping_add(1) & 7;
        message.last = (number, print);
        message.promised = message.promised.saturating_add(segment.promised);
        if !message.cut {
            let at = u32::try_from(message.bytes.len()).unwrap_or(u32::MAX).saturating_mul(8);
            message.pieces.extend(pieces.iter().map(|piece| Piece { at: piece.at.saturating_add(at), ..*piece }));
            message.bytes.extend_from_slice(octets);
            message.cut = u32::try_from(octets.len()).is_ok_and(|len| len < segment.promised);
        }
        if segment.more {
            if gsm_rp::holds_push(&message.bytes) {
                message.kept = Some(keep());
            }
            return Answer::Wait;
        }
        match self.open.remove(&key) {
            Some(message) => joined(message, Vec::new()),
            None => Answer::Wait,
        }
    }

    /// Forgets a message (only the one with this id, where one is given); one that looked like a push becomes late.
    fn give_up(&mut self, key: &Key, id: Option<u64>) {
        if id.is_some_and(|id| self.open.get(key).is_none_or(|message| message.id != id)) {
            return;
        }
        let Some(mut message) = self.open.remove(key) else { return };
        if let Some(kept) = message.kept.take() {
            // What never came is missing, not wrong: the message has the length that it states itself.
            let stated = gsm_dtap::extent(&message.bytes).unwrap_or(0);
            message.promised = message.promised.saturating_add(1).max(stated);
            let detail = format!("{} octets came, no segment with number {}", message.bytes.len(), message.next);
            let answer = joined(message, vec![(&MISSING, detail)]);
            self.late.push_back(Late { frame: kept.frame, answer });
        }
    }
}

fn joined<K>(message: Message<K>, remarks: Vec<(&'static Rule, String)>) -> Answer {
    Answer::Resume {
        buffer: Derived::new("joined LAPDm", message.bytes, message.pieces),
        promised: message.promised,
        claim: Claim::Named("gsm_a.dtap"),
        remarks,
        facts: Some(Box::new(message.facts)),
        cuts: Vec::new(),
    }
}
