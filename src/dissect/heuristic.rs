//! Package #0 on ports that nobody claims: found by structure alone, only when asked for.
//!
//! Strict: a bare Package #0, or a WSP push whose body is one; chance hits are rarer than one in 2^37. Must not know ports.

use super::claim::Claim;
use super::dmnoti_decide::{plausible_fit, structural_fit};
use crate::model::{Group, Rule};

/// Found by structure.
pub static BY_STRUCTURE: Rule = Rule::note("NET-090", Group::Assumption)
    .uncited("a structural test, asked for with --heuristic")
    .text("recognised by its structure, not by its port")
    .explain(
        "The octets have the structure of a Package #0, or of a push that carries one, on a port nobody claims.",
        "Devices listen on port 2948; what is sent elsewhere is a private arrangement, or not a notification at all.",
        "Ask whose port it is; read it for good with --decode-as udp.port==PORT,wsp.",
    );

/// Who reads a UDP payload, by its structure; `None` for what is no Package #0.
pub fn claim(payload: &[u8]) -> Option<Claim> {
    if structural_fit(payload).is_some() {
        return Some(Claim::Named("dmnoti"));
    }
    let (&[_, 6, len], rest) = payload.split_first_chunk::<3>()? else { return None };
    // Push headers of 128 octets and more do not occur with notifications: the standard allows 48.
    let body = rest.get(usize::from(len)..)?;
    (len < 0x80 && structural_fit(body).is_some()).then_some(Claim::Named("wsp"))
}

/// Whether octets are a bare Package #0 by strict structure.
pub fn is_message(octets: &[u8]) -> bool {
    structural_fit(octets).is_some()
}

/// Whether octets can be a bare Package #0 that breaks rules: for octets that somebody took for one.
pub fn may_be_message(octets: &[u8]) -> bool {
    plausible_fit(octets).is_some()
}
