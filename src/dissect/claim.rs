//! Claims: by which keys a dissector is reached, and the table that finds it.
//!
//! Must not know any protocol beyond the kinds of keys there are.

use std::collections::BTreeMap;

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
    /// A number of its own, never 0: names have the upper half, and no two names of a table have the same.
    #[inline]
    fn number(self) -> u32 {
        let (kind, key) = match self {
            Self::LinkType(key) => (1, key),
            Self::EtherType(key) => (2, key),
            Self::PppProtocol(key) => (3, key),
            Self::IpProto(key) => (4, u16::from(key)),
            Self::UdpPort(key) => (UDP, key),
            Self::TcpPort(key) => (6, key),
            Self::SmsPort(key) => (7, key),
            Self::PushBody => (8, 0),
            Self::Named(name) => return named(name),
        };
        kind << 16 | u32::from(key)
    }
}

/// The kind of UDP ports.
const UDP: u32 = 5;

/// The number of a name.
#[inline]
fn named(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |all: u32, octet| (all ^ u32::from(octet)).wrapping_mul(0x0100_0193)) | 1 << 31
}

/// Keys to be tried in turn, by their numbers. No layer knows more than [`CLAIMS_MAX`] for one payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claims([u32; CLAIMS_MAX]);

/// See [`Claims`].
const CLAIMS_MAX: usize = 3;

impl Claims {
    pub(super) const NONE: Self = Self([0; CLAIMS_MAX]);

    #[inline]
    pub(super) fn first_of(claims: &[Claim]) -> Self {
        debug_assert!(claims.len() <= CLAIMS_MAX, "more keys than are tried");
        let Self(mut all) = Self::NONE;
        for (slot, claim) in all.iter_mut().zip(claims) {
            *slot = claim.number();
        }
        Self(all)
    }

    /// Whether one of them is a UDP port.
    pub(super) fn is_datagram(&self) -> bool {
        self.0.iter().any(|number| number >> 16 == UDP)
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
    /// Who has a claim or a name, by its number: what every layer of every packet looks up. A power of two of slots, most of
    /// them empty; a row stands at the first empty one from where its number leads.
    slots: Box<[Row]>,
    by_name: BTreeMap<&'static str, &'static Dissector>,
    structure: bool,
}

/// Who has a claim.
#[derive(Clone, Copy, Debug, Default)]
struct Row {
    /// The claim's number; 0 for a slot that is empty.
    number: u32,
    /// The one that reads whatever it is given.
    only: Option<&'static Dissector>,
    /// Where there is none: the place in `by_claim` of those to choose from.
    several: usize,
}

impl Table {
    /// The table of a list of dissectors.
    pub fn new(list: &[&'static Dissector]) -> Self {
        let mut by_claim: BTreeMap<Claim, Vec<&'static Dissector>> = BTreeMap::new();
        let mut by_name = BTreeMap::new();
        for dissector in list {
            by_name.insert(dissector.layer.name, *dissector);
            for claim in dissector.claims {
                by_claim.entry(*claim).or_default().push(dissector);
            }
        }
        let by_claim = by_claim.into_iter().collect();
        let mut table = Self { by_claim, slots: Box::default(), by_name, structure: false };
        table.number();
        table
    }

    /// Makes the slots.
    fn number(&mut self) {
        let rows = self.by_claim.len().saturating_add(self.by_name.len());
        self.slots = vec![Row::default(); rows.saturating_mul(4).next_power_of_two()].into();
        for (several, (claim, all)) in self.by_claim.iter().enumerate() {
            let only = all.first().copied().filter(|one| all.len() == 1 && one.probe.is_none());
            put(&mut self.slots, Row { number: claim.number(), only, several });
        }
        for (name, dissector) in &self.by_name {
            put(&mut self.slots, Row { number: named(name), only: Some(*dissector), several: 0 });
        }
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
        self.row(claim.number()).is_some()
    }

    /// The first dissector of a claim, whatever the octets: who reads a stream on a port.
    pub fn stream(&self, claim: Claim) -> Option<&'static Dissector> {
        let row = self.row(claim.number())?;
        row.only.or_else(|| self.several(row).first().copied())
    }

    /// All claims somebody has.
    pub fn claims(&self) -> impl Iterator<Item = Claim> {
        self.by_claim.iter().map(|row| row.0)
    }

    #[inline]
    fn row(&self, number: u32) -> Option<&Row> {
        let last = self.slots.len().wrapping_sub(1);
        let mut at = home(number) & last;
        // Most slots are empty, so this ends.
        loop {
            let row = self.slots.get(at)?;
            if row.number == number {
                return Some(row);
            }
            if row.number == 0 {
                return None;
            }
            at = at.wrapping_add(1) & last;
        }
    }

    fn several(&self, row: &Row) -> &[&'static Dissector] {
        self.by_claim.get(row.several).map_or(&[], |row| &row.1)
    }

    /// Who reads a payload handed over under `claim`: the best fit among those that claim it.
    pub fn find(&self, claim: Claim, probe: &Probe<'_>) -> Option<&'static Dissector> {
        self.first_of(Claims::first_of(&[claim]), || *probe)
    }

    /// Who reads a payload, where one alone has the first of its claims.
    #[inline]
    pub(super) fn only(&self, claims: Claims) -> Option<&'static Dissector> {
        let Claims([first, ..]) = claims;
        self.row(first)?.only
    }

    /// Who reads a payload, by the first of its claims that anyone has. It is looked at only where several may have it.
    pub(super) fn first_of<'b>(&self, claims: Claims, probe: impl Fn() -> Probe<'b>) -> Option<&'static Dissector> {
        for number in &claims.0 {
            let Some(row) = self.row(*number).filter(|_| *number != 0) else { continue };
            let found = row.only.or_else(|| best(self.several(row), &probe()));
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

/// The best fit.
fn best(all: &[&'static Dissector], probe: &Probe<'_>) -> Option<&'static Dissector> {
    let mut best: Option<(Fit, &'static Dissector)> = None;
    for dissector in all {
        let fit = dissector.probe.map_or(Fit::Certain, |fit| fit(probe));
        if fit > best.map_or(Fit::No, |b| b.0) {
            best = Some((fit, dissector));
        }
        if fit == Fit::Certain {
            // Nothing fits better, and the first one wins a tie.
            break;
        }
    }
    best.map(|b| b.1)
}

/// Where a number is looked for first.
#[inline]
fn home(number: u32) -> usize {
    usize::try_from(number.wrapping_mul(0x9e37_79b9) >> 16).unwrap_or(0)
}

/// Puts a row into a slot; there are more of these than rows.
fn put(slots: &mut [Row], row: Row) {
    let last = slots.len().wrapping_sub(1);
    let mut at = home(row.number) & last;
    while let Some(slot) = slots.get_mut(at) {
        debug_assert_ne!(slot.number, row.number, "two claims with one number");
        if slot.number == 0 {
            *slot = row;
            return;
        }
        at = at.wrapping_add(1) & last;
    }
}
