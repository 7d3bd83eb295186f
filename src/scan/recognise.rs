//! What are these octets? Finds the layer that pasted octets start with, by letting the dissectors read them.
//!
//! Must not know any protocol: a reading is judged by what the dissectors report, and by whether octets have the structure of
//! a bare message. What carries a push is preferred to what does not, and what was always recognised to what came later.

use crate::capture::{Frame, LinkType};
use crate::dissect::{Carrier, Chain, Window, Work, heuristic};
use crate::dissect::{Claim, Facts, Found, SHARED_FIELDS, Table};
use crate::model::{BufId, Buffers, Group, Severity, Tree};

/// A reading of pasted octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Who reads them.
    pub claim: Claim,
    /// What they are, in words.
    pub what: &'static str,
    /// Layout of the first Package #0 in them.
    pub format: Option<&'static str>,
    /// Octets in front of it that belong to nothing.
    pub skip: usize,
}

/// Layers that carry a push, in the order of preference.
const CARRIERS: [(Claim, &str); 2] =
    [(Claim::Named("gsm_sms_ud"), "user data header and WSP push"), (Claim::Named("wsp"), "WSP push")];

/// Layers around those, which explain octets that would else be in front of something. The first three are recognised without
/// a push, too.
const AROUND: [(Claim, &str); 5] = [
    (Claim::Named("sms_modem"), "modem PDU (service centre address, SMS TPDU)"),
    (Claim::Named("gsm_sms"), "SMS TPDU"),
    (Claim::Named("smpp"), "SMPP PDU"),
    (Claim::Named("gsm_a.rp"), "SMS in the relay layer (RP)"),
    (Claim::Named("gsm_a.dtap"), "SMS in the control layer (CP)"),
];
const WITHOUT_PUSH: usize = 3;

/// A message without anything around it.
const BARE: (Claim, &str) = (Claim::Named("dmnoti"), "bare Package #0");

/// Octets of junk in front that are looked past.
const SKIP_MAX: usize = 64;

/// What a push is worth, with and without a message in it; a bare message by its structure, and one with violations.
const WITH_MESSAGE: i64 = 1500;
const PUSH: i64 = 1000;
const BARE_STRICT: i64 = 1100;
const BARE_LOOSE: i64 = 700;
/// A carrier without a push, in which nothing is odd: only where nothing else is found.
const CARRIER_ALONE: i64 = 510;
/// Less than this is nothing of ours.
const ENOUGH: i64 = 500;

/// Octets of the shortest carrier that is recognised without a push.
const ALONE_MIN: usize = 12;

/// The best reading of `octets`, and how good it is; `None` when nothing of ours can be in them.
pub fn recognise(table: &Table, octets: &[u8]) -> Option<(Reading, i64)> {
    let mut best: Option<(Reading, i64)> = None;
    for skip in 0..=SKIP_MAX.min(octets.len().saturating_sub(1)) {
        let rest = octets.get(skip..).unwrap_or(&[]);
        let carried = CARRIERS.iter().chain(&AROUND).filter_map(|(claim, what)| {
            let (format, score) = push(table, rest, *claim, skip > 0)?;
            Some((Reading { claim: *claim, what, format, skip }, score))
        });
        let alone = AROUND.iter().take(if skip == 0 { WITHOUT_PUSH } else { 0 }).filter_map(|(claim, what)| {
            let fits = rest.len() >= ALONE_MIN && Read::new(table, rest, *claim).is_clean;
            fits.then_some((Reading { claim: *claim, what, format: None, skip }, CARRIER_ALONE))
        });
        for (reading, score) in carried.chain(bare(table, rest, skip)).chain(alone) {
            // A later start must explain clearly more than an earlier one.
            let score = score - i64::try_from(skip).unwrap_or(0) * 3 - i64::from(skip > 0) * 50;
            if score >= ENOUGH && best.as_ref().is_none_or(|b| score > b.1) {
                best = Some((reading, score));
            }
        }
        if best.as_ref().is_some_and(|b| b.1 >= PUSH) {
            break;
        }
    }
    best
}

/// A push under this claim: the layout of the message in it, and how much speaks for it.
fn push(table: &Table, octets: &[u8], claim: Claim, sure: bool) -> Option<(Option<&'static str>, i64)> {
    let read = Read::new(table, octets, claim);
    let head = read.found.pushes.first()?.facts.push?;
    // In the middle of something else, an unknown content type is no sign of a push.
    if sure && (head.content_type.is_none_or(|content| content.code.is_none()) || read.malformed > 0) {
        return None;
    }
    let format = read.format();
    let worth = if format.is_some() { WITH_MESSAGE } else { PUSH };
    Some((format, worth - read.malformed * 400 - read.errors * 20 - read.guesses * 5))
}

/// A message without a carrier.
fn bare(table: &Table, octets: &[u8], skip: usize) -> Option<(Reading, i64)> {
    let worth = if heuristic::is_message(octets) {
        BARE_STRICT
    } else if skip == 0 && heuristic::may_be_message(octets) {
        BARE_LOOSE
    } else {
        return None;
    };
    let (claim, what) = BARE;
    let format = Read::new(table, octets, claim).format();
    Some((Reading { claim, what, format, skip }, worth))
}

/// What the dissectors make of octets under one claim.
struct Read {
    found: Found,
    malformed: i64,
    errors: i64,
    guesses: i64,
    /// Every octet has its place, and nothing is odd.
    is_clean: bool,
}

impl Read {
    fn new(table: &Table, octets: &[u8], claim: Claim) -> Self {
        let frame = Frame::new(1, None, LinkType(0), octets);
        let mut buffers = Buffers::new(1, frame.data);
        let mut tree = Tree::default();
        let mut found = Found::default();
        let mut chain = Chain::default();
        let facts = Facts { carrier: Carrier::Pasted, ..Facts::default() };
        chain.start(Window::whole(BufId::FRAME, octets.len(), 0), claim, facts);
        // Nothing is remembered: what a layer asks about other frames stays open.
        loop {
            let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
            if chain.run(table, &mut work).is_none() {
                break;
            }
        }
        let count = |test: fn(Group, Severity) -> bool| {
            let n = tree.findings().iter().filter(|f| test(f.rule.group, f.severity())).count();
            i64::try_from(n.min(1000)).unwrap_or(1000)
        };
        Self {
            found,
            malformed: count(|group, severity| group == Group::Malformed && severity == Severity::Error),
            errors: count(|group, severity| group != Group::Malformed && severity == Severity::Error),
            guesses: count(|group, _| matches!(group, Group::Undecoded | Group::Assumption)),
            is_clean: tree.findings().is_empty() && SHARED_FIELDS.iter().all(|field| tree.find(None, field).is_none()),
        }
    }

    fn format(&self) -> Option<&'static str> {
        self.found.messages.first().map(|message| message.format.name())
    }
}
