//! Claims: by which keys a dissector is reached, and the table that finds it.
//!
//! Must not know any protocol beyond the kinds of keys there are.

use std::collections::{BTreeMap, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

use super::facts::Facts;
use super::reader::{Reader, Stop};
use crate::model::{Field, Rule};

/// A key under which a layer hands its payload on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Claim {
    /// Link type of the capture file, without FCS bits.
    LinkType(u16),
    /// Ethernet type.
    EtherType(u16),
    /// PPP protocol number.
    PppProtocol(u16),
    /// IP protocol number.
    IpProto(u8),
    /// UDP port, destination first.
    UdpPort(u16),
    /// TCP port.
    TcpPort(u16),
    /// Application port of WDP over SMS.
    SmsPort(u16),
    /// The body of a push: all that claim it are probed, the best fit reads it.
    PushBody,
    /// A layer by the name of its dissector: `wsp`.
    Named(&'static str),
}

impl Claim {
    /// A number of its own; a name has none.
    fn number(self) -> Option<u32> {
        let (kind, key) = match self {
            Self::LinkType(key) => (0u32, key),
            Self::EtherType(key) => (1, key),
            Self::PppProtocol(key) => (2, key),
            Self::IpProto(key) => (3, u16::from(key)),
            Self::UdpPort(key) => (4, key),
            Self::TcpPort(key) => (5, key),
            Self::SmsPort(key) => (6, key),
            Self::PushBody => (7, 0),
            Self::Named(_) => return None,
        };
        Some(kind << 16 | u32::from(key))
    }
}

/// Hashes the numbers of claims: the list of dissectors decides which there are, not a packet.
#[derive(Clone, Debug, Default)]
struct NumberHasher(u64);

impl Hasher for NumberHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.write_u32(u32::from(*octet));
        }
    }

    fn write_u32(&mut self, number: u32) {
        let mixed = (self.0 ^ u64::from(number)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// Keys to be tried in turn. No layer knows more than [`CLAIMS_MAX`] for one payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claims([Option<Claim>; CLAIMS_MAX]);

/// See [`Claims`].
const CLAIMS_MAX: usize = 3;

impl Claims {
    pub(super) const NONE: Self = Self([None; CLAIMS_MAX]);

    pub(super) const fn one(claim: Claim) -> Self {
        Self([Some(claim), None, None])
    }

    pub(super) fn first_of(claims: &[Claim]) -> Self {
        debug_assert!(claims.len() <= CLAIMS_MAX, "more keys than are tried");
        let Self(mut all) = Self::NONE;
        for (slot, claim) in all.iter_mut().zip(claims) {
            *slot = Some(*claim);
        }
        Self(all)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Claim> {
        self.0.iter().flatten().copied()
    }
}

/// How well octets fit a dissector. Higher wins; the first in [`super::DISSECTORS`] wins a tie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fit {
    /// Not at all.
    No,
    /// Nothing better known: show as it is.
    Fallback,
    /// By label alone: the content type says so, the structure does not confirm it.
    Labelled,
    /// By structure alone, under another label.
    Structural,
    /// Label and structure agree.
    Certain,
}

/// What a probe may look at.
#[derive(Clone, Copy, Debug)]
pub struct Probe<'b> {
    /// The octets there are.
    pub octets: &'b [u8],
    /// How many octets the carrier promised: more than there are when the capture cut the message.
    pub promised: usize,
    /// What the layers below know.
    pub facts: &'b Facts,
}

impl Probe<'_> {
    /// Whether the capture lacks octets that the carrier had.
    pub const fn is_cut(&self) -> bool {
        self.promised > self.octets.len()
    }
}

/// One protocol. Its file, its `mod` line and its entry in [`super::DISSECTORS`] are all there is to add.
#[derive(Debug)]
pub struct Dissector {
    /// The layer's field; its name is the protocol's name in filters.
    pub layer: &'static Field,
    /// Keys it is reached by.
    pub claims: &'static [Claim],
    /// Every other field it can emit.
    pub fields: &'static [&'static Field],
    /// Every rule it can find broken.
    pub rules: &'static [&'static Rule],
    /// Reads one layer.
    pub dissect: fn(&mut Reader<'_, '_>) -> Result<(), Stop>,
    /// How well octets fit, where several claim one key.
    pub probe: Option<fn(&Probe<'_>) -> Fit>,
}

/// How far a message goes that starts at the first of some octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// It has this many octets.
    Octets(usize),
    /// Too few octets to tell.
    Unknown,
    /// No message starts here.
    Nothing,
}

/// How a stream is cut into the messages of a protocol.
#[derive(Debug)]
pub struct Framing {
    /// The layer of the messages: the name of their dissector.
    pub layer: &'static Field,
    /// How far a message goes.
    pub extent: fn(&[u8]) -> Extent,
    /// Whether a message plausibly starts here: for streams on any port, and for going on after a loss.
    pub starts: fn(&[u8]) -> bool,
    /// Bits of the first eight octets that no message sets: the gate asks for them before `starts`, of every TCP payload.
    pub clear: u64,
}

/// Finds dissectors by claim.
#[derive(Clone, Debug)]
pub struct Table {
    /// Sorted by claim.
    by_claim: Vec<(Claim, Vec<&'static Dissector>)>,
    /// The rows of `by_claim` that are kept under a number, by that: what every layer of every packet looks up.
    by_number: HashMap<u32, usize, BuildHasherDefault<NumberHasher>>,
    by_name: HashMap<&'static str, &'static Dissector>,
    structure: bool,
}

impl Table {
    /// The table of a list of dissectors.
    pub fn new(list: &[&'static Dissector]) -> Self {
        let mut by_claim: BTreeMap<Claim, Vec<&'static Dissector>> = BTreeMap::new();
        let mut by_name = HashMap::new();
        for dissector in list {
            by_name.insert(dissector.layer.name, *dissector);
            for claim in dissector.claims {
                by_claim.entry(*claim).or_default().push(dissector);
            }
        }
        let by_claim = by_claim.into_iter().collect();
        let mut table = Self { by_claim, by_number: HashMap::default(), by_name, structure: false };
        table.number();
        table
    }

    fn number(&mut self) {
        let rows = self.by_claim.iter().enumerate();
        self.by_number = rows.filter_map(|(at, row)| Some((row.0.number()?, at))).collect();
    }

    /// Makes `claim` belong to the dissector of this name alone (decode-as). `false` when there is none of that name.
    pub fn redirect(&mut self, claim: Claim, name: &str) -> bool {
        let found = self.by_name.get(name).copied();
        let known = found.is_some_and(|dissector| {
            match self.by_claim.binary_search_by_key(&claim, |row| row.0) {
                Ok(at) => self.by_claim.splice(at..=at, [(claim, vec![dissector])]).for_each(drop),
                Err(at) => self.by_claim.insert(at, (claim, vec![dissector])),
            }
            true
        });
        self.number();
        known
    }

    /// Payloads of UDP ports that nobody claims are looked at for Package #0, by structure.
    pub fn look_for_structure(&mut self) {
        self.structure = true;
    }

    /// Whether payloads of UDP ports that nobody claims are looked at.
    pub const fn looks_for_structure(&self) -> bool {
        self.structure
    }

    /// The dissector of this name.
    pub fn named(&self, name: &str) -> Option<&'static Dissector> {
        self.by_name.get(name).copied()
    }

    /// Whether anyone claims this key.
    pub fn knows(&self, claim: Claim) -> bool {
        match claim {
            Claim::Named(name) => self.by_name.contains_key(name),
            _ => !self.of(claim).is_empty(),
        }
    }

    /// The first dissector of a claim, whatever the octets: who reads a stream on a port.
    pub fn stream(&self, claim: Claim) -> Option<&'static Dissector> {
        self.of(claim).first().copied()
    }

    /// All claims somebody has.
    pub fn claims(&self) -> impl Iterator<Item = Claim> {
        self.by_claim.iter().map(|row| row.0)
    }

    /// All that claim a key.
    fn of(&self, claim: Claim) -> &[&'static Dissector] {
        let found = claim.number().and_then(|number| self.by_number.get(&number).copied());
        found.and_then(|at| self.by_claim.get(at)).map_or(&[], |row| &row.1)
    }

    /// Who reads a payload handed over under `claim`: the best fit among those that claim it.
    pub fn find(&self, claim: Claim, probe: &Probe<'_>) -> Option<&'static Dissector> {
        if let Claim::Named(name) = claim {
            return self.named(name);
        }
        let mut best: Option<(Fit, &'static Dissector)> = None;
        for dissector in self.of(claim) {
            let fit = dissector.probe.map_or(Fit::Certain, |fit| fit(probe));
            if fit > best.map_or(Fit::No, |b| b.0) {
                best = Some((fit, dissector));
            }
        }
        best.map(|b| b.1)
    }
}
