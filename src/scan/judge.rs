//! Verdicts: from what dissectors report to what verification is asked, and from its answer to notes and findings.
//!
//! Must not know how digests are computed.

use crate::dissect::{Body, Format, Found, Message, dmnoti, dmnoti12_rules as n12, dmnoti20_rules as n20};
use crate::model::{Author, Buffers, NoteValue, Notes, Rule, Value};
use crate::verify::{Keyring, Status, Subject, Verdict, verify};

/// Verifies every message of a packet, in order.
pub fn verdicts(keys: &Keyring, buffers: &Buffers<'_>, found: &Found, out: &mut Vec<Verdict>) {
    out.extend(found.messages.iter().map(|message| verdict(keys, buffers, message)));
}

/// The verdict on one message.
pub fn verdict(keys: &Keyring, buffers: &Buffers<'_>, message: &Message) -> Verdict {
    match message.body {
        Body::Incomplete => return Verdict::plain(Status::Incomplete),
        Body::Malformed => return Verdict::plain(Status::Malformed),
        Body::Whole => {}
    }
    let octets = buffers.octets(message.octets);
    let subject = match message.format {
        Format::Dm12 => Subject::v12(octets),
        Format::Ds12 => Subject::ds12(octets),
        Format::Dm20 => {
            let server_id = message.server_id.map(|(span, _)| buffers.octets(span));
            let digest_at = message.digest.map(|span| {
                let start = span.octet_range().start;
                start.saturating_sub(message.octets.octet_range().start)
            });
            Subject::v20(octets, server_id, digest_at)
        }
        // Layouts whose digest formula is not known for sure: nothing can be said.
        Format::Dm20Later | Format::Dm13 => return Verdict::plain(Status::Unchecked),
    };
    let Some(subject) = subject else { return Verdict::plain(Status::Malformed) };
    verify(keys, &[], &subject.at(message.facts.time))
}

/// Puts verdicts beside the tree: generated nodes, and the findings they amount to.
pub fn note(found: &Found, verdicts: &[Verdict], notes: &mut Notes) {
    for (index, (message, verdict)) in (1u64..).zip(found.messages.iter().zip(verdicts)) {
        let mut add = |parent, field, value| notes.add(Author::Verdict, parent, field, value);
        add(message.layer, &dmnoti::INDEX, NoteValue::Plain(Value::Uint(index)));
        let at = message.digest_node;
        add(at, &dmnoti::DIGEST_STATUS, NoteValue::Text(verdict.status.name().to_owned()));
        if let Some(deviation) = verdict.deviation() {
            add(at, &dmnoti::DIGEST_DEVIATION, NoteValue::Text(deviation));
        }
        if let Some(key) = verdict.key() {
            add(at, &dmnoti::DIGEST_KEY, NoteValue::Text(key.to_owned()));
        }
        if let Some((rule, detail)) = finding(message.format, verdict) {
            notes.flag(Author::Verdict, Some(at), rule, detail);
        }
    }
}

/// The finding a verdict amounts to, and what is particular to it.
fn finding(format: Format, verdict: &Verdict) -> Option<(&'static Rule, String)> {
    let wrong = match format {
        Format::Dm12 | Format::Ds12 => &n12::DIGEST_WRONG,
        Format::Dm20 | Format::Dm20Later | Format::Dm13 => &n20::DIGEST_WRONG,
    };
    match verdict.status {
        Status::Invalid => Some((wrong, format!("{} configured keys, none fits", verdict.keys))),
        Status::Deviant => {
            let deviation = verdict.deviation().unwrap_or_default();
            Some((wrong, format!("it verifies under the deviation {deviation}")))
        }
        Status::Resync => Some((&n12::RESYNC, String::new())),
        _ => None,
    }
}
