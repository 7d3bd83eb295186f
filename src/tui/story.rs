//! The digest screen's lines: from what verification tells to lines with a kind.
//!
//! Verification masks what must not be seen; nothing is computed here.

use super::msg::{StoryKind, StoryLine};
use crate::model::visible_str;
use crate::output::number::counted;
use crate::scan::{Packet, judge};
use crate::verify::{Keyring, Status, Story, tell};

fn line(kind: StoryKind, label: &str, text: &str) -> StoryLine {
    StoryLine { kind, label: visible_str(label), text: visible_str(text) }
}

/// The steps of all digests of a packet.
pub(super) fn story(keys: &Keyring, packet: &Packet<'_>) -> Vec<StoryLine> {
    let mut out = Vec::new();
    let several = packet.found.messages.len() > 1;
    for (at, message) in (1usize..).zip(&packet.found.messages) {
        if several {
            out.push(line(StoryKind::Heading, &format!("Notification {at}"), message.format.name()));
        }
        let subject = match judge::subject(packet.view.buffers, message) {
            Ok(subject) => subject,
            Err(status) => {
                out.push(line(StoryKind::Heading, "Result", status.name()));
                out.push(line(StoryKind::Diagnosis, "why", status.about()));
                continue;
            }
        };
        let before = packet.earlier(u16::try_from(at).unwrap_or(u16::MAX));
        let earlier = judge::earlier(packet.view.buffers, message, before.as_ref());
        let device = judge::device(message);
        told(
            &tell(
                keys,
                packet.learned(),
                &subject.at(message.facts.time).to(device.as_deref()).after(earlier.as_slice()),
            ),
            &mut out,
        );
    }
    out
}

fn told(story: &Story, out: &mut Vec<StoryLine>) {
    let verdict = &story.verdict;
    out.push(line(StoryKind::Heading, "Result", verdict.status.name()));
    let kind = match verdict.status {
        Status::Valid | Status::Resync => StoryKind::Fits,
        _ => StoryKind::Diagnosis,
    };
    for text in &story.conclusion {
        out.push(line(kind, "", text));
    }
    for text in &story.change {
        out.push(line(StoryKind::Diagnosis, "to change", text));
    }
    out.push(line(StoryKind::Heading, "Formula", story.formula));
    for input in &story.inputs {
        let kind = if input.masked { StoryKind::Masked } else { StoryKind::Fact };
        out.push(line(kind, input.name, &input.value));
    }
    out.push(line(StoryKind::Heading, "Steps", ""));
    for step in &story.steps {
        let kind = if step.masked { StoryKind::Masked } else { StoryKind::Fact };
        out.push(line(kind, step.formula, &step.value));
    }
    out.push(line(
        StoryKind::Heading,
        "Keys tried",
        &format!("{} computed and compared", counted(verdict.tried.into(), "digest", "digests")),
    ));
    if story.attempts.is_empty() {
        out.push(line(StoryKind::Misses, "none", "no key is configured for this server"));
    }
    for attempt in &story.attempts {
        let kind = if attempt.fits { StoryKind::Fits } else { StoryKind::Misses };
        let result = if attempt.fits { "fits" } else { "does not fit" };
        let force = if attempt.in_force { "" } else { " (not in force at that time)" };
        let nonce = if attempt.nonce_text.is_empty() { String::new() } else { format!("{}: ", attempt.nonce_text) };
        out.push(line(kind, &attempt.key, &format!("{nonce}{result}{force}")));
    }
    if story.unlisted > 0 {
        out.push(line(StoryKind::Misses, "and more", &format!("{} not listed", story.unlisted)));
    }
    out.push(line(StoryKind::Heading, "Known deviations", ""));
    for reading in &story.readings {
        let fits = reading.result == "fits";
        let kind = if fits { StoryKind::Diagnosis } else { StoryKind::Misses };
        out.push(line(kind, reading.name, &format!("{}: {}", reading.result, reading.text)));
    }
}
