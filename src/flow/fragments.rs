//! IP fragments: collected in any order until a datagram is whole, or given up.
//!
//! A datagram is told from others by addresses, protocol, identification and the tunnels around it. Copies of its fragments that
//! came another way (another interface, another router) are collected apart, so that each copy shows as a sighting of its own;
//! only when no way alone has all of them are they joined. Must not know what datagrams carry.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use super::dulls::{Dulls, Glance, Id, Meets};
use super::hash::Seeded;
use super::set::{Fit, Part, Set, State};
use super::{Bounds, Kept, Late};
use crate::dissect::{Answer, Claim, IpFragment, Leg, Way};
use crate::model::spec::{RFC_791, RFC_5722};
use crate::model::{Derived, Group, Piece, Rule, Timestamp};

/// Overlapping octets differ.
pub static OVERLAP_DIFFERS: Rule = Rule::warning("NET-030", Group::Reassembly)
    .cite(&RFC_791, "3.2")
    .text("fragments overlap and disagree: the octets that came first are shown")
    .explain(
        "Two fragments of a datagram state different octets for the same place.",
        "Receivers differ in which octets they take, so what the device saw may not be what is shown; it is a known evasion.",
        "Find out which of the fragments are genuine: compare their TTL, link addresses and times.",
    );

/// IPv6 fragments overlap.
pub static OVERLAP: Rule =
    Rule::warning("NET-031", Group::Reassembly).cite(&RFC_5722, "3").text("IPv6 fragments overlap").explain(
        "Fragments of an IPv6 datagram must not overlap at all, and these do.",
        "Receivers discard the whole datagram, so the push never arrives; it is shown all the same.",
        "Look at the device that fragments.",
    );

/// The datagram never became whole.
pub static INCOMPLETE: Rule = Rule::warning("NET-032", Group::Reassembly)
    .cite(&RFC_791, "3.2")
    .text("fragments of the datagram are missing")
    .explain(
        "Not all fragments of the datagram are in the capture; what is shown ends where the first one is missing.",
        "Receivers drop incomplete datagrams. If the capture lost the fragment, the push may have arrived all the same.",
        "Capture again without loss; check firewalls and carrier-grade NAT, which often drop fragments without ports.",
    );

/// The fragments make a whole whose checksum does not hold.
pub static DOUBTFUL: Rule = Rule::warning("NET-035", Group::Reassembly)
    .cite(&RFC_791, "3.2")
    .text("the fragments make a datagram whose UDP checksum is wrong")
    .explain(
        "All octets are there, but the checksum over the whole does not come out, and no other fragments came that would do better.",
        "The datagram was damaged, or fragments of two datagrams with one identification were mixed on their way.",
        "Compare the fragments' times and link addresses; look for other datagrams with the same identification.",
    );

/// Another datagram with the same identification came before this one was whole.
pub static SUPERSEDED: Rule = Rule::note("NET-033", Group::Reassembly)
    .cite(&RFC_791, "3.2")
    .text("a fragment that contradicts this datagram ended the wait for the rest of it")
    .explain(
        "A fragment with the same identification states another length, or other first octets: it belongs to another datagram.",
        "The fragments of the two are not mixed.",
        "A sender that uses identifications again so soon loses datagrams in any network that reorders.",
    );

/// Forgotten for lack of room.
pub static EVICTED: Rule = Rule::warning("NET-034", Group::Reassembly)
    .uncited("our bound against floods of fragments")
    .text("the datagram was given up for lack of room")
    .explain(
        "More fragments waited for their datagram than may be remembered, and this one waited longest.",
        "The rest of it may be in the capture all the same.",
        "Read the part of the capture around this frame alone.",
    );

/// The rules of this module.
pub(super) static RULES: &[&Rule] = &[&OVERLAP_DIFFERS, &OVERLAP, &INCOMPLETE, &SUPERSEDED, &EVICTED, &DOUBTFUL];

/// Datagrams with one key that wait side by side: contradictions and other ways.
const SETS_PER_KEY: usize = 8;

/// Octets of administration counted per datagram.
const SET_COST: usize = 256;

/// Ranges named in a finding.
const RANGES_NAMED: usize = 4;

/// Tells by protocol number and the first octets of a datagram whether anybody will want it.
pub type Interest = Box<dyn Fn(u8, &[u8]) -> bool + Send>;

/// What was remembered, completed and forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Fragments seen.
    pub fragments: u64,
    /// Datagrams that became whole and were of interest.
    pub complete: u64,
    /// Datagrams that were given up after their first fragment had come.
    pub incomplete: u64,
    /// Datagrams that were given up without their first fragment: nothing can be said about them.
    pub headless: u64,
    /// Datagrams forgotten for lack of room, among the incomplete and headless ones.
    pub evicted: u64,
    /// Datagrams that interest nobody.
    pub dull: u64,
    /// Fragments that repeat one that was there.
    pub duplicates: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    scope: Leg,
    src: IpAddr,
    dst: IpAddr,
    id: u32,
    /// Not part of the identity of an IPv6 datagram: only its first fragment's counts.
    proto: Option<u8>,
}

/// Why a datagram is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reason {
    Age,
    End,
    Superseded,
    Room,
}

/// The fragments that wait. See the module's documentation.
pub struct Fragments<K> {
    bounds: Bounds,
    interest: Option<Interest>,
    dulls: Dulls,
    sets: HashMap<Key, Vec<Set<K>>, Seeded>,
    /// Every set in the order they began, with the time of the beginning; sets that are gone are skipped.
    queue: VecDeque<(Option<Timestamp>, Key, u64)>,
    live: usize,
    octets: usize,
    now: Option<Timestamp>,
    serial: u64,
    late: VecDeque<Late<K>>,
    stats: Stats,
}

impl<K> std::fmt::Debug for Fragments<K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fragments").field("live", &self.live).field("octets", &self.octets).finish_non_exhaustive()
    }
}

impl<K> Fragments<K> {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            interest: None,
            dulls: Dulls::default(),
            sets: HashMap::default(),
            queue: VecDeque::new(),
            live: 0,
            octets: 0,
            now: None,
            serial: 0,
            late: VecDeque::new(),
            stats: Stats::default(),
        }
    }

    pub(super) fn only(&mut self, interest: Interest) {
        self.interest = Some(interest);
    }

    pub(super) fn stats(&self) -> &Stats {
        &self.stats
    }

    pub(super) fn late(&mut self) -> Option<Late<K>> {
        self.late.pop_front()
    }

    /// Octets remembered.
    pub fn octets(&self) -> usize {
        self.octets
    }

    pub(super) fn advance(&mut self, time: Option<Timestamp>) {
        if time <= self.now {
            return;
        }
        self.now = time;
        let age = self.bounds.age;
        // A set that began without a time counts from the first time that is known.
        while let Some((born, key, id)) = self.queue.front().copied() {
            match (self.now, born) {
                (Some(now), Some(born)) if now.since(born) > age => {
                    self.queue.pop_front();
                    self.give_up(&key, id, Reason::Age);
                }
                (Some(now), None) => {
                    for entry in self.queue.iter_mut().take_while(|entry| entry.0.is_none()) {
                        entry.0 = Some(now);
                    }
                }
                _ => return,
            }
        }
    }

    pub(super) fn finish(&mut self) {
        while let Some((_, key, id)) = self.queue.pop_front() {
            self.give_up(&key, id, Reason::End);
        }
    }

    /// See [`super::Flow::is_dull`]. Tells the fragments of datagrams that interest nobody as long as they come in order;
    /// what else comes meets the datagram as a set, as if it had been one from the beginning.
    pub(super) fn is_dull(&mut self, fragment: &Glance<'_>, time: Option<Timestamp>) -> bool {
        let Way { leg, scope, src: Some(src), dst: Some(dst) } = fragment.way else { return false };
        self.advance(time);
        let Some(interest) = &self.interest else { return false };
        let key = Key { scope, src, dst, id: fragment.id, proto: src.is_ipv4().then_some(fragment.proto) };
        let id = Id { key, leg };
        if fragment.offset == 0 {
            if self.sets.contains_key(&key) || interest(fragment.proto, fragment.octets) {
                // Another datagram's begins: nothing of the one before goes on.
                self.dulls.forget(&id);
                return false;
            }
            self.stats.dull = self.stats.dull.saturating_add(1);
            self.dulls.begin(id, fragment, self.now);
            return true;
        }
        match self.dulls.meet(&id, fragment, self.now, self.bounds.age) {
            Meets::Fits => true,
            Meets::Not(known) => {
                if let Some(dull) = known {
                    self.serial = self.serial.saturating_add(1);
                    let set = Set::dull(self.serial, leg, &dull);
                    self.admit(&key, set, dull.born);
                }
                false
            }
        }
    }

    pub(super) fn add(
        &mut self,
        fragment: &IpFragment,
        octets: &[u8],
        pieces: Vec<Piece>,
        keep: impl FnOnce() -> Kept<K>,
    ) -> Answer {
        self.advance(fragment.sighting.time);
        self.stats.fragments = self.stats.fragments.saturating_add(1);
        self.serial = self.serial.saturating_add(1);
        let key = Key {
            scope: fragment.sighting.scope,
            src: fragment.src,
            dst: fragment.dst,
            id: fragment.id,
            proto: fragment.src.is_ipv4().then_some(fragment.proto),
        };
        let part = Part::new(fragment, octets, pieces, self.serial);
        let leg = fragment.sighting.leg;
        let repeat = self.repeats(&key, leg, &part);
        let touched = self.place(&key, leg, fragment, part, repeat);
        let answer = self.complete(&key, &touched, fragment);
        if matches!(answer, Answer::Wait) {
            self.keep(&key, &touched, keep);
        }
        self.shrink();
        answer
    }

    /// Whether the fragment is one of a datagram that was completed before.
    fn repeats(&self, key: &Key, leg: Leg, part: &Part) -> bool {
        let Some(sets) = self.sets.get(key) else { return false };
        sets.iter().any(|set| set.leg == leg && set.state == State::Done && set.fit(part) == Fit::Duplicate)
    }

    /// Puts the fragment where it fits. The answer names the sets that took it.
    fn place(&mut self, key: &Key, leg: Leg, fragment: &IpFragment, part: Part, repeat: bool) -> Vec<u64> {
        let mut touched = Vec::new();
        let mut contradicted = Vec::new();
        let mut settled = false;
        let bound = self.bounds.fragments;
        let sets = self.sets.entry(*key).or_default();
        for set in sets.iter_mut().filter(|set| set.leg == leg && set.state != State::Done) {
            let fit = set.fit(&part);
            if fit != Fit::Duplicate && fit != Fit::Contradicts && set.parts.len() >= bound {
                contradicted.push((set.id, Reason::Room));
                continue;
            }
            match fit {
                Fit::Duplicate => {
                    settled = true;
                    self.stats.duplicates = self.stats.duplicates.saturating_add(1);
                }
                Fit::Free | Fit::Agrees => {
                    settled = true;
                    set.repeat &= repeat;
                    set.overlaps |= fit == Fit::Agrees;
                    self.octets = self.octets.saturating_add(set.take(part.clone()));
                    touched.push(set.id);
                }
                // First come, first served: but the fragment may as well belong to another datagram, so it begins one too.
                Fit::Differs => {
                    let at = set.contested.map_or(part.at, |at| at.min(part.at));
                    set.contested = Some(at);
                    if set.state == State::Open {
                        self.octets = self.octets.saturating_add(set.take(part.clone()));
                        touched.push(set.id);
                    }
                }
                Fit::Contradicts => contradicted.push((set.id, Reason::Superseded)),
            }
        }
        for (id, reason) in contradicted {
            self.give_up(key, id, reason);
        }
        if !settled {
            self.begin(key, leg, part, repeat, &mut touched);
        }
        self.judge(key, fragment, &touched);
        touched
    }

    fn begin(&mut self, key: &Key, leg: Leg, part: Part, repeat: bool, touched: &mut Vec<u64>) {
        let mut set = Set::new(self.serial, leg, repeat);
        let _ = set.take(part);
        touched.push(set.id);
        self.admit(key, set, self.now);
    }

    /// One more set, that began at a time.
    fn admit(&mut self, key: &Key, set: Set<K>, born: Option<Timestamp>) {
        let full = self.sets.get(key).filter(|sets| sets.len() >= SETS_PER_KEY);
        // What is finished goes first.
        let oldest = full.and_then(|sets| sets.iter().find(|set| set.state == State::Done).or(sets.first()));
        if let Some(id) = oldest.map(|set| set.id) {
            self.give_up(key, id, Reason::Room);
        }
        self.octets = self.octets.saturating_add(set.cost()).saturating_add(SET_COST);
        self.live = self.live.saturating_add(1);
        self.queue.push_back((born, *key, set.id));
        let sets = self.sets.entry(*key).or_default();
        if sets.is_empty() {
            // Hardly ever are there two, and a vector would make room for four.
            sets.reserve_exact(1);
        }
        sets.push(set);
    }

    /// A set whose first fragment interests nobody keeps only the extents of its fragments.
    fn judge(&mut self, key: &Key, fragment: &IpFragment, touched: &[u64]) {
        let Some(interest) = &self.interest else { return };
        for set in self.sets.get_mut(key).into_iter().flatten() {
            if fragment.offset != 0 || set.state != State::Open || !touched.contains(&set.id) || set.contested.is_some()
            {
                continue;
            }
            let first = set.parts.iter().find(|part| part.at == 0);
            if first.is_some_and(|first| !interest(first.proto, &first.octets)) {
                self.octets = self.octets.saturating_sub(set.strip());
                set.state = State::Dull;
                self.stats.dull = self.stats.dull.saturating_add(1);
            }
        }
    }

    /// The datagram, if one of the sets is whole now, or all ways together are.
    fn complete(&mut self, key: &Key, touched: &[u64], fragment: &IpFragment) -> Answer {
        let Some(sets) = self.sets.get_mut(key) else { return Answer::Wait };
        for set in sets.iter_mut().filter(|set| touched.contains(&set.id) && set.is_whole()) {
            if set.state == State::Dull {
                set.state = State::Done;
                continue;
            }
            // Whole, but not right: perhaps its own fragments are still to come. Told when it is given up.
            if set.sum_fails(fragment.pseudo) {
                continue;
            }
            let answer = whole(set, fragment);
            self.octets = self.octets.saturating_sub(set.strip());
            set.state = State::Done;
            self.stats.complete = self.stats.complete.saturating_add(1);
            return answer;
        }
        let Some(joined) = join(sets, touched, fragment.pseudo) else { return Answer::Wait };
        let answer = whole(&joined, fragment);
        let used: Vec<u64> = joined.parts.iter().map(|part| part.serial).collect();
        let mut freed = 0usize;
        for set in sets.iter_mut().filter(|set| set.state == State::Open) {
            freed = freed.saturating_add(set.drop_parts(&used));
        }
        self.octets = self.octets.saturating_sub(freed);
        self.stats.complete = self.stats.complete.saturating_add(1);
        answer
    }

    /// Keeps the frame for the sets it went to, where it may be needed: those with their first fragment.
    fn keep(&mut self, key: &Key, touched: &[u64], keep: impl FnOnce() -> Kept<K>) {
        let Some(sets) = self.sets.get_mut(key) else { return };
        // Were there several, the oldest is the one that shows most.
        let wanted = sets.iter_mut().find(|set| {
            touched.contains(&set.id) && set.state == State::Open && set.parts.iter().any(|part| part.at == 0)
        });
        if let Some(set) = wanted {
            let kept = keep();
            self.octets = self.octets.saturating_add(kept.octets);
            if let Some(before) = set.kept.replace(kept) {
                self.octets = self.octets.saturating_sub(before.octets);
            }
        }
    }

    /// Forgets the oldest until the bounds hold.
    fn shrink(&mut self) {
        while self.octets > self.bounds.octets || self.live > self.bounds.datagrams {
            let Some((_, key, id)) = self.queue.pop_front() else { return };
            self.give_up(&key, id, Reason::Room);
        }
        // Sets that ended early leave their place in the queue.
        if self.queue.len() > self.live.saturating_mul(2).saturating_add(64) {
            let sets = &self.sets;
            self.queue.retain(|(_, key, id)| sets.get(key).is_some_and(|sets| sets.iter().any(|set| set.id == *id)));
        }
    }

    /// Removes a set; what its beginning shows becomes late.
    fn give_up(&mut self, key: &Key, id: u64, reason: Reason) {
        let Some(sets) = self.sets.get_mut(key) else { return };
        let Some(index) = sets.iter().position(|set| set.id == id) else { return };
        let mut set = sets.remove(index);
        if sets.is_empty() {
            self.sets.remove(key);
        }
        self.live = self.live.saturating_sub(1);
        let kept = set.kept.take();
        let freed = set.cost().saturating_add(SET_COST).saturating_add(kept.as_ref().map_or(0, |kept| kept.octets));
        self.octets = self.octets.saturating_sub(freed);
        if set.state != State::Open || set.parts.is_empty() || set.repeat {
            return;
        }
        if reason == Reason::Room {
            self.stats.evicted = self.stats.evicted.saturating_add(1);
        }
        match (kept, partial(&set, reason, key.src.is_ipv4())) {
            (Some(kept), Some(answer)) => {
                self.stats.incomplete = self.stats.incomplete.saturating_add(1);
                self.late.push_back(Late { frame: kept.frame, answer });
            }
            _ => self.stats.headless = self.stats.headless.saturating_add(1),
        }
    }
}

const fn name(v4: bool) -> &'static str {
    if v4 { "reassembled IPv4" } else { "reassembled IPv6" }
}

/// What was found while the set was filled.
fn remarks<K>(set: &Set<K>, v4: bool) -> Vec<(&'static Rule, String)> {
    let mut remarks = Vec::new();
    if let Some(at) = set.contested {
        remarks.push((&OVERLAP_DIFFERS, format!("at octet {at} of the datagram")));
    }
    if !v4 && (set.overlaps || set.contested.is_some()) {
        remarks.push((&OVERLAP, String::new()));
    }
    remarks
}

/// The answer for a set that is whole.
fn whole<K>(set: &Set<K>, fragment: &IpFragment) -> Answer {
    let v4 = fragment.src.is_ipv4();
    let (bytes, pieces) = set.assemble(u32::MAX);
    let proto = set.parts.iter().find(|part| part.at == 0).map_or(fragment.proto, |part| part.proto);
    Answer::Resume {
        buffer: Derived::new(name(v4), bytes, pieces),
        promised: set.total.unwrap_or(0),
        claim: Claim::IpProto(proto),
        remarks: remarks(set, v4),
        facts: None,
        cuts: Vec::new(),
    }
}

/// The answer for a set that is given up: its octets up to the first gap. `None` without its first fragment.
fn partial<K>(set: &Set<K>, reason: Reason, v4: bool) -> Option<Answer> {
    let first = set.parts.iter().find(|part| part.at == 0)?;
    // Octets that are in doubt are not shown when the datagram did not come out with them.
    let limit = if set.is_whole() { set.contested } else { None };
    let (bytes, pieces) = set.assemble(limit.unwrap_or(u32::MAX));
    let promised = set.total.unwrap_or_else(|| stated_total(first, &bytes).max(set.least_total()));
    let mut remarks = remarks(set, v4);
    if set.is_whole() {
        remarks.push((&DOUBTFUL, String::new()));
    } else {
        remarks.push((&INCOMPLETE, missing(set)));
    }
    match reason {
        Reason::Superseded => remarks.push((&SUPERSEDED, String::new())),
        Reason::Room => remarks.push((&EVICTED, String::new())),
        Reason::Age | Reason::End => {}
    }
    Some(Answer::Resume {
        buffer: Derived::new(name(v4), bytes, pieces),
        promised,
        claim: Claim::IpProto(first.proto),
        remarks,
        facts: None,
        cuts: Vec::new(),
    })
}

/// How long a datagram without its last fragment is: UDP says so itself; of others only the most it can be is known, so that
/// no length field inside looks wrong for what was lost.
fn stated_total(first: &Part, bytes: &[u8]) -> u32 {
    let most = u32::from(u16::MAX);
    match bytes.get(4..6) {
        Some([high, low]) if first.proto == 17 => u32::from(u16::from_be_bytes([*high, *low])),
        _ => most,
    }
}

/// Names the octets that are missing.
fn missing<K>(set: &Set<K>) -> String {
    let promised = set.least_total();
    let mut text = String::new();
    let gaps = set.gaps();
    for (start, end) in gaps.iter().take(RANGES_NAMED) {
        let open = if set.total.is_none() && *end >= promised { " and after" } else { "" };
        let comma = if text.is_empty() { "octets " } else { ", " };
        text = format!("{text}{comma}{start} to {}{open}", end.saturating_sub(1));
    }
    if gaps.len() > RANGES_NAMED {
        text += ", and more";
    }
    text
}

/// All ways together, when they make a whole that none of them makes alone.
fn join<K>(sets: &[Set<K>], touched: &[u64], addresses: Option<(IpAddr, IpAddr)>) -> Option<Set<K>> {
    let open = || sets.iter().filter(|set| set.state == State::Open && set.contested.is_none());
    let here = open().find(|set| touched.contains(&set.id))?;
    if open().all(|set| set.leg == here.leg) {
        return None;
    }
    let mut parts: Vec<&Part> = open().flat_map(|set| &set.parts).collect();
    parts.sort_by_key(|part| part.serial);
    let mut joined = Set::new(0, here.leg, false);
    for part in parts {
        match joined.fit(part) {
            Fit::Free => {
                let _ = joined.take(part.clone());
            }
            Fit::Duplicate | Fit::Agrees => {}
            Fit::Differs | Fit::Contradicts => return None,
        }
    }
    (joined.is_whole() && !joined.sum_fails(addresses)).then_some(joined)
}
