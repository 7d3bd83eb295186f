//! Is it a Package #0, and of which layout? By label (content type, application id), confirmed by structure.
//!
//! The order of the decision is that of the references: 0x44 is 1.2, 0x58 is 2.0 (or 1.3, or the later layout), 0x4E is Data
//! Sync; application id 0x1A takes 0x44 away for LwM2M; a body of another layout is read as what it is. Must not read fields.

use super::base64body;
use super::claim::{Fit, Probe};
use super::facts::PushHead;
use super::message::Format;

/// Content type code of 1.2 notifications.
pub(super) const TYPE_12: u32 = 0x44;
/// Content type code of 2.0 (and 1.3) notifications.
pub(super) const TYPE_20: u32 = 0x58;
/// Content type code of Data Sync notifications.
pub(super) const TYPE_DS: u32 = 0x4E;
/// Application id of DM.
pub(super) const APP_DM: u32 = 0x07;
/// Application id of Data Sync.
pub(super) const APP_DS: u32 = 0x05;
/// Application id of LwM2M.
pub(super) const APP_LWM2M: u32 = 0x1A;

/// Octets of a 1.2 message before the server identifier.
pub(super) const FIXED_12: usize = 24;
/// Octets of the trigger header: what is left without the digest.
const TRIGGER_12: usize = 8;

/// Whose octets these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Decision {
    /// A Package #0 of this layout.
    Dm(Format, Fit),
    /// An LwM2M trigger.
    Lwm2m(Fit),
    /// Base64 text of a Package #0.
    Base64,
    /// Addressed to the DM client, but none of its formats.
    Addressed,
    /// Nobody of ours.
    Nobody,
}

/// Decides for one payload.
pub(super) fn decide(probe: &Probe<'_>) -> Decision {
    match &probe.facts.push {
        None => unlabelled(probe),
        Some(head) => labelled(probe, head),
    }
}

/// The layout that octets fit strictly by structure alone: for unknown UDP ports and for pasted octets.
///
/// 1.2 needs version 11, zero future-use bits and a server identifier that fits (by chance about once in 2^37 messages). 2.0
/// needs zero reserved bits and an option walk that ends exactly, in increasing numbers, with known options of their right
/// length and at least SERVER-ID or digest among them.
pub fn structural_fit(octets: &[u8]) -> Option<Format> {
    let len = octets.len();
    if fits_12(octets, len, 11..=11, true) {
        Some(Format::Dm12)
    } else if fits_20(octets) {
        Some(Format::Dm20)
    } else if fits_12(octets, len, 12..=12, true) && super::dsnoti::fits(octets) {
        Some(Format::Ds12)
    } else {
        None
    }
}

/// The layout that octets fit best, violations allowed: what pasted octets are read as when nothing else fits.
pub fn plausible_fit(octets: &[u8]) -> Option<Format> {
    let later = || is_later(octets).then_some(Format::Dm20Later);
    let loose = || fits_12(octets, octets.len(), 10..=12, false).then_some(Format::Dm12);
    structural_fit(octets)
        .or_else(|| (octets.len() > 4 && walk(octets, 4)).then_some(Format::Dm20))
        .or_else(later)
        .or_else(loose)
        .or_else(|| lacks_digest(octets).then_some(Format::Dm12))
}

fn unlabelled(probe: &Probe<'_>) -> Decision {
    match plausible_fit(probe.octets) {
        Some(format) => Decision::Dm(format, Fit::Structural),
        None if base64body::holds_message(probe.octets) => Decision::Base64,
        None => Decision::Nobody,
    }
}

/// The layout to show octets as that somebody called a Package #0: the best fit, or else what the first four bits say.
pub(super) fn nearest(octets: &[u8]) -> Format {
    let by_nibble = if octets.first().is_some_and(|first| first >> 4 == 2) { Format::Dm20 } else { Format::Dm12 };
    plausible_fit(octets).unwrap_or(by_nibble)
}

fn labelled(probe: &Probe<'_>, head: &PushHead) -> Decision {
    let code = head.content_type.and_then(|content| content.code);
    let app = head.app_id.and_then(|app| app.code);
    match code {
        Some(TYPE_12) => type_12(probe, app),
        Some(TYPE_20) => type_20(probe),
        Some(TYPE_DS) if app == Some(APP_DM) && strict_12(probe) => Decision::Dm(Format::Dm12, Fit::Structural),
        Some(TYPE_DS) => Decision::Dm(Format::Ds12, Fit::Certain),
        _ => other_type(probe, app),
    }
}

/// Under content type 0x44.
fn type_12(probe: &Probe<'_>, app: Option<u32>) -> Decision {
    let octets = probe.octets;
    if app == Some(APP_LWM2M) {
        return Decision::Lwm2m(Fit::Certain);
    }
    if strict_12(probe) {
        return Decision::Dm(Format::Dm12, Fit::Certain);
    }
    if app == Some(APP_DS) && is_data_sync(probe) {
        return Decision::Dm(Format::Ds12, Fit::Structural);
    }
    if !probe.is_cut() && walk(octets, 4) {
        return Decision::Dm(Format::Dm20, Fit::Structural);
    }
    if fits_12(octets, probe.promised, 10..=12, false) || lacks_digest(octets) {
        return Decision::Dm(Format::Dm12, Fit::Certain);
    }
    if !probe.is_cut() && super::lwm2m::ends_exactly(octets) {
        return Decision::Lwm2m(Fit::Structural);
    }
    if base64body::holds_message(octets) {
        return Decision::Base64;
    }
    Decision::Dm(Format::Dm12, Fit::Labelled)
}

/// Under content type 0x58.
fn type_20(probe: &Probe<'_>) -> Decision {
    let octets = probe.octets;
    let whole = !probe.is_cut();
    let is_2 = octets.first().is_none_or(|first| first >> 4 == 2);
    if whole && walk(octets, 4) {
        Decision::Dm(Format::Dm20, Fit::Certain)
    } else if strict_12(probe) {
        Decision::Dm(Format::Dm12, Fit::Structural)
    } else if whole && is_later(octets) {
        Decision::Dm(Format::Dm20Later, Fit::Certain)
    } else if base64body::holds_message(octets) {
        Decision::Base64
    } else if is_2 {
        Decision::Dm(Format::Dm20, Fit::Labelled)
    } else {
        Decision::Dm(Format::Dm13, Fit::Labelled)
    }
}

/// Under a content type that is none of ours.
fn other_type(probe: &Probe<'_>, app: Option<u32>) -> Decision {
    if app == Some(APP_LWM2M) {
        return Decision::Lwm2m(Fit::Labelled);
    }
    if app == Some(APP_DS) && is_data_sync(probe) {
        return Decision::Dm(Format::Ds12, Fit::Structural);
    }
    if strict_12(probe) {
        return Decision::Dm(Format::Dm12, Fit::Structural);
    }
    let whole = !probe.is_cut();
    if whole && fits_20(probe.octets) {
        return Decision::Dm(Format::Dm20, Fit::Structural);
    }
    if app == Some(APP_DM) {
        if lacks_digest(probe.octets) {
            return Decision::Dm(Format::Dm12, Fit::Structural);
        }
        if base64body::holds_message(probe.octets) {
            return Decision::Base64;
        }
        return Decision::Addressed;
    }
    Decision::Nobody
}

fn strict_12(probe: &Probe<'_>) -> bool {
    fits_12(probe.octets, probe.promised, 11..=11, true)
}

fn is_data_sync(probe: &Probe<'_>) -> bool {
    fits_12(probe.octets, probe.promised, 12..=12, true) && (probe.is_cut() || super::dsnoti::fits(probe.octets))
}

/// The version in the first ten bits of a trigger.
fn version(trigger: &[u8]) -> Option<u16> {
    let [high, low, ..] = trigger else { return None };
    Some(u16::from_be_bytes([*high, *low]) >> 6)
}

/// Whether a trigger of one of these versions starts here and its server identifier ends within `len` octets.
fn is_trigger(trigger: &[u8], len: usize, versions: &std::ops::RangeInclusive<u16>, strict: bool) -> bool {
    let [_, flags, f2, f3, f4, _, _, id, ..] = trigger else { return false };
    let future_is_zero = [flags & 7, *f2, *f3, *f4] == [0; 4];
    version(trigger).is_some_and(|v| versions.contains(&v))
        && (future_is_zero || !strict)
        && TRIGGER_12.saturating_add(usize::from(*id)) <= len
}

/// The structural test of the header that 1.2 and Data Sync share.
fn fits_12(octets: &[u8], promised: usize, versions: std::ops::RangeInclusive<u16>, strict: bool) -> bool {
    octets.get(16..).is_some_and(|trigger| is_trigger(trigger, promised.saturating_sub(16), &versions, strict))
}

/// Whether the trigger stands where the digest should.
pub(super) fn lacks_digest(octets: &[u8]) -> bool {
    is_trigger(octets, octets.len(), &(11..=11), true) && !fits_12(octets, octets.len(), 10..=12, false)
}

/// Version nibble 2, and the options the header announces end exactly at the last octet; `header` octets long.
fn walk(octets: &[u8], header: usize) -> bool {
    walk_with(octets, header, |_, _| true)
}

/// Whether the later layout ends exactly. Less than a header of the draft is nothing of either.
fn is_later(octets: &[u8]) -> bool {
    octets.len() >= 4 && walk(octets, 2)
}

/// As [`walk`], asking of each option (number, length) whether it is plausible.
fn walk_with(octets: &[u8], header: usize, mut plausible: impl FnMut(u16, usize) -> bool) -> bool {
    let Some((word, mut rest)) = octets.split_at_checked(header) else { return false };
    let [high, low, ..] = word else { return false };
    let first = u16::from_be_bytes([*high, *low]);
    if first >> 12 != 2 {
        return false;
    }
    let mut number = 0u16;
    for _ in 0..(first >> 7) & 31 {
        let [high, low, after @ ..] = rest else { return false };
        let option = u16::from_be_bytes([*high, *low]);
        let len = usize::from(option & 0xFFF);
        number = number.saturating_add(option >> 12);
        let Some((_, after)) = after.split_at_checked(len) else { return false };
        if !plausible(number, len) {
            return false;
        }
        rest = after;
    }
    rest.is_empty()
}

/// The structural test of 2.0. See [`structural_fit`].
fn fits_20(octets: &[u8]) -> bool {
    if octets.get(1).is_none_or(|second| second & 0x7F != 0) {
        return false;
    }
    let (mut before, mut known) = (0, false);
    let exact = walk_with(octets, 4, |number, len| {
        let increasing = number > before;
        before = number;
        known |= matches!(number, 1 | 5);
        increasing
            && match number {
                1 => (1..=255).contains(&len),
                2 => (1..=8).contains(&len),
                3 => len.is_multiple_of(2),
                4 => len.is_multiple_of(6),
                5 => len == 36,
                _ => true,
            }
    });
    exact && known
}
