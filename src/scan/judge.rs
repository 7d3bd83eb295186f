//! Verdicts: from what dissectors report to what verification is asked, and from its answer to notes and findings.
//!
//! Must not know how digests are computed.

use std::fmt::Write as _;

use crate::dissect::{Body, Carrier, Format, Found, Message, dmnoti, dmnoti12_rules as n12, dmnoti20_rules as n20};
use crate::flow::{Messages, Place, Signed};
use crate::model::{Author, Buffers, NoteValue, Notes, Rule, Value};
use crate::verify::{Earlier, Keyring, Learned, Match, PublicSteps, Status, Subject, Verdict, verify};

/// Verifies every message of a packet, in order. `learned` are the nonces seen before it, `seen` the messages, this packet's
/// included.
pub fn verdicts(
    keys: &Keyring,
    learned: Learned<'_>,
    seen: &Messages,
    buffers: &Buffers<'_>,
    found: &Found,
    out: &mut Vec<Verdict>,
) {
    for (index, message) in (1u16..).zip(&found.messages) {
        let before = before(seen, buffers, index, message);
        out.push(verdict(keys, learned, before.as_ref(), buffers, message));
    }
}

/// The first message with the digest of a packet's message `index` (from 1), where that is another one.
pub fn before<'s>(seen: &'s Messages, buffers: &Buffers<'_>, index: u16, message: &Message) -> Option<Signed<'s>> {
    let own = Place { frame: buffers.number(), index };
    seen.earlier(buffers.octets(message.digest?)).filter(|signed| signed.place != own)
}

/// The verdict on one message; `before` is the first message of the capture with the same digest.
pub fn verdict(
    keys: &Keyring,
    learned: Learned<'_>,
    before: Option<&Signed<'_>>,
    buffers: &Buffers<'_>,
    message: &Message,
) -> Verdict {
    let subject = match subject(buffers, message) {
        Ok(subject) => subject,
        Err(status) => return Verdict::plain(status),
    };
    let earlier = earlier(buffers, message, before);
    // Nonces that were learned belong to devices; nothing else does.
    let device = if keys.is_empty() || learned.is_empty() { None } else { device(message) };
    verify(keys, learned, &subject.at(message.facts.time).to(device.as_deref()).after(earlier.as_slice()))
}

/// The device a message was sent to, named as in [`crate::verify::Candidate::device`].
///
/// Reading: over IP it is the address, as long as the session that follows comes from the same one; a short message names a
/// subscriber, and nothing in a session says who that is.
pub fn device(message: &Message) -> Option<Vec<u8>> {
    let address = message.facts.dst.filter(|_| matches!(message.facts.carrier, Carrier::Udp | Carrier::Wtp));
    address.map(|address| address.to_string().into_bytes())
}

/// The message a digest may have been copied from, as verification takes it.
pub fn earlier<'b>(buffers: &'b Buffers<'_>, message: &Message, before: Option<&Signed<'b>>) -> Option<Earlier<'b>> {
    let digest = buffers.octets(message.digest?);
    before.map(|signed| Earlier {
        frame: signed.place.frame,
        index: signed.place.index,
        digest,
        message: signed.message,
    })
}

/// What is verified of a message.
///
/// # Errors
/// The status of a message that cannot be verified.
pub fn subject<'b>(buffers: &'b Buffers<'_>, message: &Message) -> Result<Subject<'b>, Status> {
    match message.body {
        Body::Incomplete => return Err(Status::Incomplete),
        Body::Malformed => return Err(Status::Malformed),
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
        Format::Dm20Later | Format::Dm13 => return Err(Status::Unchecked),
    };
    subject.ok_or(Status::Malformed)
}

/// Puts verdicts beside the tree: generated nodes, and the findings they amount to.
pub fn note(buffers: &Buffers<'_>, found: &Found, verdicts: &[Verdict], notes: &mut Notes) {
    for (index, (message, verdict)) in (1u64..).zip(found.messages.iter().zip(verdicts)) {
        let mut add = |parent, field, value| notes.add(Author::Verdict, parent, field, value);
        add(message.layer, &dmnoti::INDEX, NoteValue::Plain(Value::Uint(index)));
        let at = message.digest_node;
        add(at, &dmnoti::DIGEST_STATUS, NoteValue::Name(verdict.status.name()));
        if let Some(deviation) = verdict.deviation() {
            add(at, &dmnoti::DIGEST_DEVIATION, NoteValue::Text(deviation));
        }
        if let Some(key) = verdict.key() {
            add(at, &dmnoti::DIGEST_KEY, NoteValue::Text(key.to_owned()));
        }
        if let Some(found) = verdict.found.as_ref().filter(|found| found.nonce.tells()) {
            add(at, &dmnoti::DIGEST_NONCE, NoteValue::Text(found.nonce.to_string()));
        }
        if matches!(verdict.status, Status::Resync | Status::Deviant | Status::Invalid) {
            steps(buffers, message, notes);
        }
        if let Some((rule, detail)) = finding(message.format, verdict) {
            notes.flag(Author::Verdict, Some(at), rule, detail);
        }
        if verdict.status == Status::Deviant
            && let Some(found) = &verdict.found
        {
            for deviation in &found.deviations {
                notes.flag(Author::Verdict, Some(at), &deviation.row().rule, found.detail.clone());
            }
        }
    }
}

/// The steps of the computation that need no key. Not for valid digests: an archive of them would be read a third slower
/// for what nobody looks at.
fn steps(buffers: &Buffers<'_>, message: &Message, notes: &mut Notes) {
    let Some(steps) = subject(buffers, message).ok().as_ref().and_then(PublicSteps::of) else { return };
    let mut add = |field, text| notes.add(Author::Verdict, message.digest_node, field, NoteValue::Text(text));
    add(&dmnoti::DIGEST_COVERED, steps.covered());
    if let PublicSteps::Trigger { hash, base64, .. } = steps {
        add(&dmnoti::DIGEST_TRIGGER_HASH, hash);
        add(&dmnoti::DIGEST_TRIGGER_B64, base64);
    }
}

/// The finding a verdict amounts to, and what is particular to it.
fn finding(format: Format, verdict: &Verdict) -> Option<(&'static Rule, String)> {
    let wrong = match format {
        Format::Dm12 | Format::Ds12 => &n12::DIGEST_WRONG,
        Format::Dm20 | Format::Dm20Later | Format::Dm13 => &n20::DIGEST_WRONG,
    };
    match verdict.status {
        Status::Invalid => {
            let mut detail = if verdict.keys == 1 {
                "one key is configured, it does not fit".to_owned()
            } else {
                format!("{} keys are configured, none fits", verdict.keys)
            };
            if verdict.bounded {
                // The whole list is long: `explain` tells it.
                let short = verdict.left_out.iter().filter_map(|left| left.split(" (").next());
                let (tried, left) = (verdict.tried, short.collect::<Vec<_>>().join(", "));
                let _ = write!(detail, " ({tried} digests; not tried: {left})");
            }
            Some((wrong, detail))
        }
        Status::Deviant => {
            let deviation = verdict.deviation().unwrap_or_default();
            let mut detail = format!("it verifies under the deviation {deviation}");
            for (index, other) in verdict.others.iter().filter_map(Match::deviation).enumerate() {
                detail.push_str(if index == 0 { ", or else " } else { ", " });
                detail.push_str(&other);
            }
            Some((wrong, detail))
        }
        Status::Resync => Some((&n12::RESYNC, String::new())),
        _ => None,
    }
}
