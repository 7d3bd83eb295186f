//! Requests that wait for their responses: which frame asked, how long the answer took, and whether a push failed by it.
//!
//! Must not know any protocol: keys, rules and fields come from the dissectors.

use std::collections::{HashMap, HashSet, VecDeque};

use super::{Kept, Late};
use crate::dissect::{Answer, Outcome, Peer, PeerKey, Role, Told};
use crate::model::{Duration, Rule, Timestamp, Value};

/// Requests that are remembered.
const REQUESTS: usize = 65_536;

/// How long a request waits for its response; a receipt may take as long as a message may be valid.
const AGE: Duration = Duration::from_secs(120);
const RECEIPT_AGE: Duration = Duration::from_secs(3 * 86_400);

#[derive(Debug)]
struct Request<K> {
    id: u64,
    frame: u32,
    time: Option<Timestamp>,
    carries_push: bool,
    unanswered: Option<&'static Rule>,
    kept: Option<Kept<K>>,
    way: PeerKey,
    /// Waits for a receipt, not for a response.
    receipt: bool,
}

/// The requests. See the module's documentation.
#[derive(Debug)]
pub struct Peers<K> {
    open: HashMap<PeerKey, Request<K>>,
    queue: VecDeque<(Option<Timestamp>, PeerKey, u64)>,
    /// Those that wait for receipts, which take longer.
    receipts: VecDeque<(Option<Timestamp>, PeerKey, u64)>,
    /// Pairs of stations of which responses were seen.
    answering: HashSet<PeerKey>,
    serial: u64,
    now: Option<Timestamp>,
    late: VecDeque<Late<K>>,
}

impl<K> Peers<K> {
    pub(super) fn new() -> Self {
        Self {
            open: HashMap::new(),
            queue: VecDeque::new(),
            receipts: VecDeque::new(),
            answering: HashSet::new(),
            serial: 0,
            now: None,
            late: VecDeque::new(),
        }
    }

    pub(super) fn late(&mut self) -> Option<Late<K>> {
        self.late.pop_front()
    }

    pub(super) fn advance(&mut self, time: Option<Timestamp>) {
        self.now = self.now.max(time);
        for (receipts, age) in [(false, AGE), (true, RECEIPT_AGE)] {
            loop {
                let queue = if receipts { &mut self.receipts } else { &mut self.queue };
                let Some((born, key, id)) = queue.front().copied() else { break };
                let old = self.now.zip(born).is_some_and(|(now, born)| now.since(born) > age);
                if !old && queue.len() <= REQUESTS {
                    break;
                }
                queue.pop_front();
                self.give_up(key, id);
            }
        }
    }

    pub(super) fn finish(&mut self) {
        while let Some((_, key, id)) = self.queue.pop_front() {
            self.give_up(key, id);
        }
        self.receipts.clear();
        self.open.clear();
    }

    pub(super) fn ask(&mut self, peer: &Peer, frame: u32, keep: impl FnOnce() -> Kept<K>) -> Answer {
        self.advance(peer.facts.time);
        match peer.role {
            Role::Request { carries_push, unanswered } => {
                self.serial += 1;
                let id = self.serial;
                let kept = (carries_push && unanswered.is_some()).then(keep);
                let time = peer.facts.time;
                let request =
                    Request { id, frame, time, carries_push, unanswered, kept, way: peer.way, receipt: false };
                self.open.insert(peer.key, request);
                self.queue.push_back((self.now, peer.key, id));
                Answer::Wait
            }
            Role::Response(told) => self.response(peer, &told),
        }
    }

    fn response(&mut self, peer: &Peer, told: &Told) -> Answer {
        if self.answering.len() < REQUESTS {
            self.answering.insert(peer.way);
        }
        let Some(request) = self.open.get(&peer.key) else { return Answer::Wait };
        let mut nodes = vec![(told.request, Value::Frame { number: request.frame, index: 1 })];
        if let (Some(then), Some(now)) = (request.time, peer.facts.time) {
            nodes.push((told.latency, Value::Duration(now.since(then))));
        }
        let concerns_push = request.carries_push;
        let outcome = concerns_push.then_some(Outcome {
            carrier: peer.facts.carrier,
            request: request.frame,
            text: told.status.1,
        });
        let mut remarks = Vec::new();
        if let Some(rule) = told.failure.filter(|_| concerns_push) {
            let (status, name) = told.status;
            remarks.push((rule, format!("{name} ({status}); it carried the push of frame {}", request.frame)));
        }
        if !told.stays {
            self.settle(peer.key, told);
        }
        Answer::Tell { nodes, remarks, outcome, concerns_push }
    }

    /// A request that was answered: forgotten, or remembered for its receipt.
    fn settle(&mut self, key: PeerKey, told: &Told) {
        let Some(mut request) = self.open.remove(&key) else { return };
        if let Some(again) = told.again.filter(|_| request.carries_push && !request.receipt) {
            request.kept = None;
            request.receipt = true;
            self.receipts.push_back((self.now, again, request.id));
            self.open.insert(again, request);
        }
        if self.queue.len() > self.open.len() * 2 + 1024 {
            let open = &self.open;
            self.queue.retain(|(_, key, id)| open.get(key).is_some_and(|request| request.id == *id));
        }
    }

    fn give_up(&mut self, key: PeerKey, id: u64) {
        if self.open.get(&key).is_none_or(|request| request.id != id) {
            return;
        }
        let Some(request) = self.open.remove(&key) else { return };
        if let (Some(kept), Some(rule), false) = (request.kept, request.unanswered, request.receipt)
            && self.answering.contains(&request.way)
        {
            let remarks = vec![(rule, String::new())];
            let answer = Answer::Tell { nodes: Vec::new(), remarks, outcome: None, concerns_push: true };
            self.late.push_back(Late { frame: kept.frame, answer });
        }
    }
}
