//! Requests that wait for their responses: which frame asked, how long the answer took, and whether a push failed by it.
//!
//! An answer is told in its own frame, and of a push also where the push was listed. Copies of both that came another way are
//! told apart from repetitions. Must not know any protocol: keys, rules and fields come from the dissectors.

use std::collections::{HashMap, HashSet, VecDeque};

use super::hash::Seeded;
use super::{Kept, Late};
use crate::dissect::{Answer, Carrier, Change, Leg, Outcome, Peer, PeerKey, Role, Teller, Told};
use crate::model::{Duration, Field, NodeId, Rule, Timestamp, Value};

/// Requests that are remembered.
const REQUESTS: usize = 32_768;

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
    /// The first, then its copies.
    seen: Vec<Seen>,
    time: Option<Timestamp>,
    carries_push: bool,
    carrier: Carrier,
    unanswered: Option<&'static Rule>,
    /// Few have it, so it does not stand in the table.
    kept: Option<Box<Kept<K>>>,
    way: PeerKey,
    state: State,
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
    /// Pairs of stations of which responses were seen.
    answering: HashSet<PeerKey, Seeded>,
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
            loop {
                let queue = if receipts { &mut self.receipts } else { &mut self.queue };
                let Some((born, key, id)) = queue.front().copied() else { break };
                let old = self.now.zip(born).is_some_and(|(now, born)| now.since(born) > age);
                let full = queue.len() > REQUESTS;
                if !old && !full {
                    break;
                }
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
        self.advance(peer.facts.time);
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
        let seen = Seen { frame, leg: peer.facts.leg, layer: peer.layer };
        if let Some(open) = self.open.get_mut(&peer.key)
            && open.state == State::Response
            && open.carries_push == carries_push
            && open.seen.iter().all(|copy| copy.leg != seen.leg)
        {
            // The same request on another way.
            if open.seen.len() < COPIES {
                open.seen.push(seen);
            }
            return;
        }
        self.serial += 1;
        let id = self.serial;
        let kept = (carries_push && unanswered.is_some()).then(|| Box::new(keep()));
        self.octets += kept.as_ref().map_or(0, |kept| kept.octets);
        let request = Request {
            id,
            seen: vec![seen],
            time: peer.facts.time,
            carries_push,
            carrier: peer.facts.carrier,
            unanswered,
            kept,
            way: peer.way,
            state: State::Response,
        };
        if let Some(before) = self.open.insert(peer.key, request) {
            self.octets = self.octets.saturating_sub(before.kept.map_or(0, |kept| kept.octets));
        }
        self.queue.push_back((self.now, peer.key, id));
        while self.octets > self.octets_max
            && let Some((_, key, id)) = self.queue.pop_front()
        {
            self.give_up(key, id, Reason::Room);
        }
    }

    fn response(&mut self, peer: &Peer, told: &Told, frame: u32) -> Answer {
        if self.answering.len() < REQUESTS {
            self.answering.insert(peer.way);
        }
        let mut keys = std::iter::once(peer.key).chain(peer.or.into_iter().flatten());
        let Some(key) = keys.find(|key| self.open.contains_key(key)) else { return Answer::Wait };
        let Some(request) = self.open.get(&key) else { return Answer::Wait };
        let leg = peer.facts.leg;
        let Some(first) = request.seen.first().copied() else { return Answer::Wait };
        let latency = request.time.zip(peer.facts.time).map(|(then, now)| now.since(then));
        let mut nodes = vec![(told.request, Value::Frame { number: first.frame, index: 1 })];
        nodes.extend(latency.map(|latency| (told.latency, Value::Duration(latency))));
        // The same answer on the same way again says nothing new.
        let repeated = request.state == State::Answered(leg);
        let concerns_push = request.carries_push && !repeated;
        let outcome = concerns_push.then_some(Outcome {
            carrier: peer.facts.carrier,
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
        if let (Some(outcome), false) = (outcome, matches!(request.state, State::Answered(_))) {
            self.change_all(key, Some((told.response, frame)), outcome);
        }
        if !told.stays {
            self.settle(key, told, leg);
        }
        Answer::Tell { nodes, remarks, outcome, concerns_push }
    }

    /// Tells the outcome of a request where it and its copies were listed.
    fn change_all(&mut self, key: PeerKey, told_in: Option<(&'static Field, u32)>, outcome: Outcome) {
        let Some(request) = self.open.get(&key) else { return };
        let of = |seen: &Seen| Change { frame: seen.frame, layer: seen.layer, told_in, outcome };
        self.changes.extend(request.seen.iter().map(of));
    }

    /// A request that was answered: remembered for copies of the answer, and for its receipt.
    fn settle(&mut self, key: PeerKey, told: &Told, leg: Leg) {
        let Some(request) = self.open.get_mut(&key) else { return };
        if matches!(request.state, State::Answered(_)) {
            return;
        }
        self.octets = self.octets.saturating_sub(request.kept.take().map_or(0, |kept| kept.octets));
        let waits = request.carries_push && request.state == State::Response;
        request.state = State::Answered(leg);
        if let Some(again) = told.again.filter(|_| waits) {
            self.serial += 1;
            let receipt = Request {
                id: self.serial,
                seen: request.seen.clone(),
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
        if self.open.get(&key).is_none_or(|request| request.id != id) {
            return;
        }
        if let Some(request) = self.open.get(&key)
            && let (Some(rule), Some(first), State::Response) =
                (request.unanswered, request.seen.first().copied(), request.state)
            && request.carries_push
            && reason != Reason::Room
            && self.answering.contains(&request.way)
        {
            let outcome = Outcome {
                carrier: request.carrier,
                request: first.frame,
                layer: first.layer,
                teller: Teller::Nobody,
                failed: true,
                status: (0, if reason == Reason::End { "until the capture ends" } else { "within 120 s" }),
                latency: None,
            };
            self.change_all(key, None, outcome);
            let answer = Answer::Tell {
                nodes: Vec::new(),
                remarks: vec![(rule, String::new())],
                outcome: Some(outcome),
                concerns_push: true,
            };
            let kept = self.open.get_mut(&key).and_then(|request| request.kept.take());
            if let Some(kept) = kept {
                self.octets = self.octets.saturating_sub(kept.octets);
                self.late.push_back(Late { frame: kept.frame, answer });
            }
        }
        if let Some(request) = self.open.remove(&key) {
            self.octets = self.octets.saturating_sub(request.kept.map_or(0, |kept| kept.octets));
            self.evicted +=
                u64::from(reason == Reason::Room && request.carries_push && request.state == State::Response);
        }
    }
}
