//! One sentence on a packet that an engineer can act on: what it is, from whom, and what is wrong.
//!
//! Must not know the screen.

use std::fmt::Write;

use super::opened::Opened;
use crate::dissect::wsp_headers::CONTENT_TYPE;
use crate::model::visible::push_visible;
use crate::model::{Group, Severity, View, Visible};
use crate::verify::{Status, Verdict};

/// The sentence.
pub(super) fn sentence(opened: &Opened) -> Visible {
    let mut out = String::new();
    opened.with(|view| {
        let count = opened.found.messages.len();
        for (at, message) in opened.found.messages.iter().enumerate().take(3) {
            if at > 0 {
                out.push_str("; ");
            }
            if count > 1 {
                let _ = write!(out, "{}) ", at.saturating_add(1));
            }
            let _ = write!(out, "{} notification", message.format.name());
            if let Some((span, _)) = message.server_id {
                out.push_str(" for ");
                push_visible(&mut out, view.buffers.octets(span));
            }
            if let Some((id, _)) = message.id {
                let what = if matches!(message.format.name(), "2.0" | "2.0-later") { "id" } else { "session" };
                let _ = write!(out, ", {what} {id:X}");
            }
            if let Some(verdict) = opened.verdicts.get(at) {
                push_verdict(&mut out, verdict);
            }
        }
        if count > 3 {
            let _ = write!(out, "; and {} more", count.saturating_sub(3));
        }
        if count == 0 {
            push_other(&mut out, opened, view);
        }
        let verdict_says = opened.verdicts.iter().any(|v| !matches!(v.status, Status::Valid | Status::Unchecked));
        let worst = view.worst().filter(|found| found.severity >= Severity::Warning);
        if let Some(found) = worst {
            // The verdict has said it already.
            if !(found.rule.group == Group::Security && verdict_says) {
                out.push_str(". ");
                push_visible(&mut out, found.rule.id.as_bytes());
                out.push_str(": ");
                push_visible(&mut out, found.text().as_bytes());
            }
        }
    });
    Visible::from_parts(out)
}

fn push_verdict(out: &mut String, verdict: &Verdict) {
    let _ = write!(out, ", digest {}", verdict.status.name());
    match verdict.status {
        Status::Valid | Status::Resync => {
            if let Some(key) = verdict.key() {
                out.push_str(" (key ");
                push_visible(out, key.as_bytes());
                out.push(')');
            }
            if verdict.status == Status::Resync {
                out.push_str(": the server asks to resynchronise nonces");
            }
        }
        Status::Deviant => {
            if let Some(deviation) = verdict.deviation() {
                out.push_str(": ");
                push_visible(out, deviation.as_bytes());
            }
            out.push_str("; a conforming device drops it");
        }
        Status::Invalid => {
            out.push_str(match verdict.keys {
                1 => ": the key for this server does not fit, nor does any known deviation",
                _ => ": no key for this server fits, nor does any known deviation",
            });
        }
        Status::Unchecked => out.push_str(" (no key for this server; S loads keys)"),
        Status::Unsigned => out.push_str(": there is none, or it was never filled in"),
        Status::Incomplete => out.push_str(": the capture lacks octets it needs"),
        Status::Malformed => out.push_str(": it is not where it must be"),
    }
    if let Some((frame, index)) = verdict.replay_of {
        let _ = write!(out, "; the digest was copied from frame {frame}");
        if index > 1 {
            let _ = write!(out, ".{index}");
        }
    }
}

/// A packet without a notification: its pushes, or its last layer.
fn push_other(out: &mut String, opened: &Opened, view: View<'_>) {
    let layers = view.tree.children(None).filter_map(|id| view.tree.get(id));
    let named =
        layers.filter(|node| node.field.name != "data").last().map_or("Nothing to read", |node| node.field.label);
    if opened.found.pushes.is_empty() {
        out.push_str("No notification: ");
        out.push_str(named);
        return;
    }
    out.push_str("Push without a notification");
    if let Some(item) = view.walk().find(|item| item.field.is(&CONTENT_TYPE)) {
        out.push_str(", of content type ");
        crate::output::value::push_plain(out, item.field, item.value, item.octets);
    }
}
