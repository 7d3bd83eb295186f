//! Requests that wait for their responses: which frame asked, how long the answer took, and whether a push failed by it.
//!
//! An answer is told in its own frame, and of a push also where the push was listed. Copies of both that came another way are
//! told apart from repetitions. Must not know any protocol: keys, rules and fields come from the dissectors.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet, VecDeque};

use super::hash::Seeded;
use super::{Kept, Late};
use crate::dissect::{Answer, Carrier, Change, Leg, Outcome, Peer, PeerKey, Role, Sighting, Teller, Told};
use crate::model::{Duration, Field, NodeId, Rule, Timestamp, Value};

/// Requests that are remembered.
const REQUESTS: usize = 32_768;
/// How many beyond them leave at once: looking for one after the other would wait for memory each time.
const AT_ONCE: usize = 64;

/// Copies of one request that are told its outcome.
const COPIES: usize = 8;

/// How long a request waits for its response; a receipt may take as long as a message may be valid.
const AGE: Duration = Duration::from_secs(120);
const RECEIPT_AGE: Duration = Duration::from_secs(3 * 86_400);

/// A frame that holds a request: its number, the way it came, the layer that asks.
#[derive(Clone, Copy, Debug)]
struct Seen {
    frame: u32,
    leg: Leg,
    layer: NodeId,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Response,
    Receipt,
    /// Nothing: the answer came this way. Remembered for copies of it.
    Answered(Leg),
}

/// Why a request is forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Time,
    Room,
    /// No more frames come.
    End,
}

#[derive(Debug)]
struct Request<K> {
    id: u64,
    /// The first; most have no copies.
    first: Seen,
    copies: Vec<Seen>,
    time: Option<Timestamp>,
    carries_push: bool,
    carrier: Carrier,
    unanswered: Option<&'static Rule>,
    /// Few have it, so it does not stand in the table.
    kept: Option<Box<Kept<K>>>,
    way: PeerKey,
    state: State,
}

impl<K> Request<K> {
    /// Whether a request with the same key on this way is a copy of this one.
    fn is_copied_by(&self, carries_push: bool, leg: Leg) -> bool {
        self.state == State::Response
            && self.carries_push == carries_push
            && self.first.leg != leg
            && self.copies.iter().all(|copy| copy.leg != leg)
    }

    /// Tells the outcome where it and its copies were listed.
    fn changes(&self, told_in: Option<(&'static Field, u32)>, outcome: Outcome) -> impl Iterator<Item = Change> {
        let all = std::iter::once(&self.first).chain(&self.copies);
        all.map(move |seen| Change { frame: seen.frame, layer: seen.layer, told_in, outcome })
    }
}

/// A place in a queue: when it was taken, what it names.
type Place = (Option<Timestamp>, PeerKey, u64);

/// The requests. See the module's documentation.
#[derive(Debug)]
pub struct Peers<K> {
    open: HashMap<PeerKey, Request<K>, Seeded>,
    queue: VecDeque<Place>,
    /// Those that wait for receipts, which take longer.
    receipts: VecDeque<Place>,
    /// Pairs of stations of which responses were seen, and the one of the last response.
    answering: HashSet<PeerKey, Seeded>,
    answered: Option<PeerKey>,
    /// Octets of kept frames, and how many there may be.
    octets: usize,
    octets_max: usize,
    serial: u64,
    now: Option<Timestamp>,
    late: VecDeque<Late<K>>,
    changes: VecDeque<Change>,
    evicted: u64,
}

impl<K> Peers<K> {
    pub(super) fn new(octets_max: usize) -> Self {
        Self {
            open: HashMap::default(),
            queue: VecDeque::new(),
            receipts: VecDeque::new(),
            answering: HashSet::default(),
            answered: None,
            octets: 0,
            octets_max,
            serial: 0,
            now: None,
            late: VecDeque::new(),
            changes: VecDeque::new(),
            evicted: 0,
        }
    }

    pub(super) fn late(&mut self) -> Option<Late<K>> {
        self.late.pop_front()
    }

    /// Outcomes of pushes that were listed before, one by one.
    pub(super) fn change(&mut self) -> Option<Change> {
        self.changes.pop_front()
    }

    /// Octets of frames kept.
    pub fn octets(&self) -> usize {
        self.octets
    }

    /// Requests that carried a push and were forgotten for lack of room.
    pub fn evicted(&self) -> u64 {
        self.evicted
    }

    pub(super) fn advance(&mut self, time: Option<Timestamp>) {
        self.now = self.now.max(time);
        for (receipts, age) in [(false, AGE), (true, RECEIPT_AGE)] {
            let mut most = REQUESTS + AT_ONCE;
            loop {
                let queue = if receipts { &mut self.receipts } else { &mut self.queue };
                let Some((born, key, id)) = queue.front().copied() else { break };
                let old = self.now.zip(born).is_some_and(|(now, born)| now.since(born) > age);
                let full = queue.len() > most;
                if !old && !full {
                    break;
                }
                most = if full { REQUESTS } else { most };
                queue.pop_front();
                self.give_up(key, id, if old { Reason::Time } else { Reason::Room });
            }
        }
    }

    pub(super) fn finish(&mut self) {
        while let Some((_, key, id)) = self.queue.pop_front() {
            self.give_up(key, id, Reason::End);
        }
        self.receipts.clear();
        self.open.clear();
    }

    pub(super) fn ask(&mut self, peer: &Peer, frame: u32, keep: impl FnOnce() -> Kept<K>) -> Answer {
        self.advance(peer.sighting.time);
        match peer.role {
            Role::Request { carries_push, unanswered } => {
                self.request(peer, frame, carries_push, unanswered, keep);
                Answer::Wait
            }
            Role::Response(told) => self.response(peer, &told, frame),
        }
    }

    fn request(
        &mut self,
        peer: &Peer,
        frame: u32,
        carries_push: bool,
        unanswered: Option<&'static Rule>,
        keep: impl FnOnce() -> Kept<K>,
    ) {
        let Sighting { time, leg, carrier, .. } = peer.sighting;
        let first = Seen { frame, leg, layer: peer.layer };
        let mut place = self.open.entry(peer.key);
        if let Entry::Occupied(place) = &mut place
            && place.get().is_copied_by(carries_push, leg)
        {
            // The same request on another way.
            let open = place.get_mut();
            if open.copies.len() + 1 < COPIES {
                open.copies.push(first);
            }
            return;
        }
        self.serial += 1;
        let id = self.serial;
        let kept = (carries_push && unanswered.is_some()).then(|| Box::new(keep()));
        self.octets += kept.as_ref().map_or(0, |kept| kept.octets);
        let (way, state, copies) = (peer.way, State::Response, Vec::new());
        let request = Request { id, first, copies, time, carries_push, carrier, unanswered, kept, way, state };
        if let Entry::Occupied(mut place) = place {
            let before = place.insert(request);
            self.octets = self.octets.saturating_sub(before.kept.map_or(0, |kept| kept.octets));
        } else {
            place.insert_entry(request);
        }
        self.queue.push_back((self.now, peer.key, id));
        while self.octets > self.octets_max
            && let Some((_, key, id)) = self.queue.pop_front()
        {
            self.give_up(key, id, Reason::Room);
        }
    }

    fn response(&mut self, peer: &Peer, told: &Told, frame: u32) -> Answer {
        if self.answered != Some(peer.way) && self.answering.len() < REQUESTS {
            self.answering.insert(peer.way);
            self.answered = Some(peer.way);
        }
        let mut keys = std::iter::once(peer.key).chain(peer.or.into_iter().flatten());
        let alone = peer.or == [None; 2];
        let key = if alone { Some(peer.key) } else { keys.find(|key| self.open.contains_key(key)) };
        let Some(request) = key.and_then(|key| self.open.get_mut(&key)) else { return Answer::Wait };
        let Sighting { time, leg, carrier, .. } = peer.sighting;
        let first = request.first;
        let latency = request.time.zip(time).map(|(then, now)| now.since(then));
        let mut nodes = Vec::with_capacity(2);
        nodes.push((told.request, Value::Frame { number: first.frame, index: 1 }));
        nodes.extend(latency.map(|latency| (told.latency, Value::Duration(latency))));
        // The same answer on the same way again says nothing new.
        let repeated = request.state == State::Answered(leg);
        let concerns_push = request.carries_push && !repeated;
        let outcome = concerns_push.then_some(Outcome {
            carrier,
            request: first.frame,
            layer: peer.layer,
            teller: told.teller,
            failed: told.failure.is_some(),
            status: told.status,
            latency,
        });
        let mut remarks = Vec::new();
        if let Some(rule) = told.failure.filter(|_| concerns_push) {
            let (status, name) = told.status;
            remarks.push((rule, format!("{name} ({status}); it carried the push of frame {}", first.frame)));
        }
        if !matches!(request.state, State::Answered(_)) {
            if let Some(outcome) = outcome {
                self.changes.extend(request.changes(Some((told.response, frame)), outcome));
            }
            if !told.stays {
                self.settle(key, told, leg);
            }
        }
        Answer::Tell { nodes, remarks, outcome, concerns_push }
    }

    /// A request that was answered: remembered for copies of the answer, and for its receipt.
    fn settle(&mut self, key: Option<PeerKey>, told: &Told, leg: Leg) {
        let Some(request) = key.and_then(|key| self.open.get_mut(&key)) else { return };
        self.octets = self.octets.saturating_sub(request.kept.take().map_or(0, |kept| kept.octets));
        let waits = request.carries_push && request.state == State::Response;
        request.state = State::Answered(leg);
        if let Some(again) = told.again.filter(|_| waits) {
            self.serial += 1;
            let receipt = Request {
                id: self.serial,
                first: request.first,
                copies: request.copies.clone(),
                time: request.time,
                carries_push: true,
                carrier: request.carrier,
                unanswered: None,
                kept: None,
                way: request.way,
                state: State::Receipt,
            };
            self.receipts.push_back((self.now, again, receipt.id));
            self.open.insert(again, receipt);
        }
        if self.queue.len() > self.open.len() * 2 + 1024 {
            let open = &self.open;
            self.queue.retain(|(_, key, id)| open.get(key).is_some_and(|request| request.id == *id));
        }
    }

    /// Forgets a request; that a push got no answer is told, unless it is forgotten for lack of room.
    fn give_up(&mut self, key: PeerKey, id: u64, reason: Reason) {
        let Entry::Occupied(place) = self.open.entry(key) else { return };
        if place.get().id != id {
            return;
        }
        let mut request = place.remove();
        let kept = request.kept.take();
        self.octets = self.octets.saturating_sub(kept.as_ref().map_or(0, |kept| kept.octets));
        if !request.carries_push || request.state != State::Response {
            return;
        }
        self.evicted += u64::from(reason == Reason::Room);
        if let Some(rule) = request.unanswered
            && reason != Reason::Room
            && self.answering.contains(&request.way)
        {
            let first = request.first;
            let outcome = Outcome {
                carrier: request.carrier,
                request: first.frame,
                layer: first.layer,
                teller: Teller::Nobody,
                failed: true,
                status: (0, if reason == Reason::End { "until the capture ends" } else { "within 120 s" }),
                latency: None,
            };
            self.changes.extend(request.changes(None, outcome));
            let answer = Answer::Tell {
                nodes: Vec::new(),
                remarks: vec![(rule, String::new())],
                outcome: Some(outcome),
                concerns_push: true,
            };
            self.late.extend(kept.map(|kept| Late { frame: kept.frame, answer }));
        }
    }
}
