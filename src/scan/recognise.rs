//! What are these octets? Finds the layer that pasted octets start with, by letting the dissectors read them.
//!
//! Must not know any protocol: a reading is judged by what the dissectors report.

use crate::capture::{Frame, LinkType};
use crate::dissect::{Carrier, Chain, Window, Work};
use crate::dissect::{Claim, Facts, Found, Table};
use crate::model::{BufId, Buffers, Group, Severity, Tree};

/// A reading of pasted octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Who reads them.
    pub claim: Claim,
    /// What they are, in words.
    pub what: &'static str,
    /// Octets in front of it that belong to nothing.
    pub skip: usize,
}

/// Layers that pasted octets can start with, in the order of preference.
const STARTS: [(Claim, &str); 3] = [
    (Claim::Named("gsm_sms_ud"), "user data header and WSP push"),
    (Claim::Named("wsp"), "WSP push"),
    (Claim::Named("dmnoti"), "bare Package #0"),
];

/// Octets of junk in front that are looked past.
const SKIP_MAX: usize = 64;

/// The best reading of `octets`, and how good it is; `None` when nothing of ours can be in them.
pub fn recognise(table: &Table, octets: &[u8]) -> Option<(Reading, i64)> {
    let mut best: Option<(Reading, i64)> = None;
    for skip in 0..=SKIP_MAX.min(octets.len().saturating_sub(1)) {
        let rest = octets.get(skip..).unwrap_or(&[]);
        for (claim, what) in STARTS {
            let Some(score) = score(table, rest, claim) else { continue };
            // A later start must explain clearly more than an earlier one.
            let score = score - i64::try_from(skip).unwrap_or(0) * 3 - i64::from(skip > 0) * 50;
            if best.as_ref().is_none_or(|b| score > b.1) {
                best = Some((Reading { claim, what, skip }, score));
            }
        }
        if best.as_ref().is_some_and(|b| b.1 >= 1000) {
            break;
        }
    }
    best.filter(|b| b.1 > 0)
}

/// How much the dissectors make of octets under one claim: messages count most, malformation against.
fn score(table: &Table, octets: &[u8], claim: Claim) -> Option<i64> {
    let frame = Frame::new(1, None, LinkType(0), octets);
    let mut buffers = Buffers::new(1, frame.data);
    let mut tree = Tree::default();
    let mut found = Found::default();
    let mut chain = Chain::default();
    let facts = Facts { carrier: Carrier::Pasted, ..Facts::default() };
    chain.start(Window::whole(BufId::FRAME, octets.len(), 0), claim, facts);
    let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
    let _ = chain.run(table, &mut work);
    if found.pushes.is_empty() && found.messages.is_empty() {
        return None;
    }
    let malformed =
        tree.findings().iter().filter(|f| f.rule.group == Group::Malformed && f.severity() == Severity::Error).count();
    let protocol = tree.findings().iter().filter(|f| f.severity() == Severity::Error).count() - malformed;
    let count = |n: usize| i64::try_from(n.min(1000)).unwrap_or(1000);
    Some(
        count(found.messages.len().min(1)) * 1000 + count(found.pushes.len().min(1)) * 400
            - count(malformed) * 600
            - count(protocol) * 20,
    )
}
