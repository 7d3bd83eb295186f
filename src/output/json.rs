//! Packets as JSON: one object per packet, the tree nested, every span with its frames.
//!
//! The shape is documented in docs/json.md and in the JSON Schema beside it; [`SCHEMA`] counts its versions. Written straight
//! into a buffer: this is the path of large exports. Must not know any protocol.

mod findings;
mod forms;
mod nodes;
mod text;
mod values;

use crate::model::walk::View;
use crate::model::{Span, Timestamp};
use crate::scan::Packet;

use self::findings::Findings;
use self::nodes::Nodes;
use self::text::{push_hex, push_string};
use super::number::push_number;

/// Version of the shape.
pub const SCHEMA: u32 = 1;

/// How JSON is written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Only ASCII: for terminals, which bidirectional and C1 characters would steer.
    pub ascii: bool,
    /// The octets of every buffer too.
    pub octets: bool,
}

/// Writes packets as JSON objects. Reuses its memory.
#[derive(Debug, Default)]
pub struct JsonWriter {
    options: Options,
    out: Vec<u8>,
    nodes: Nodes,
    findings: Findings,
}

impl JsonWriter {
    /// A writer with these options.
    pub fn new(options: Options) -> Self {
        Self { options, nodes: Nodes::new(options.ascii), ..Self::default() }
    }

    /// The packet as one JSON object without line breaks.
    pub fn packet(&mut self, packet: &Packet<'_>) -> &[u8] {
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        self.push(&mut out, packet);
        self.out = out;
        &self.out
    }

    /// Appends the packet as one JSON object without line breaks.
    pub fn push(&mut self, out: &mut Vec<u8>, packet: &Packet<'_>) {
        let (view, frame) = (packet.view, packet.frame);
        out.extend_from_slice(b"{\"schema\":");
        push_number(out, SCHEMA.into());
        member(out, b",\"frame\":{\"number\":", frame.number.into());
        member(out, b",\"file\":", frame.file.into());
        member(out, b",\"file_number\":", frame.file_number.into());
        if let Some(time) = frame.ts {
            self.time(out, time);
        }
        member(out, b",\"len\":", frame.orig_len.into());
        member(out, b",\"cap_len\":", frame.data.len() as u64);
        member(out, b",\"link_type\":", frame.link.0.into());
        member(out, b",\"interface\":", frame.interface.into());
        self.buffers(out, view);
        self.notifications(out, packet);
        out.extend_from_slice(b",\"layers\":[");
        self.findings.read(view, packet.found.messages.iter().map(|message| message.layer));
        self.nodes.write(out, view, &self.findings);
        out.extend_from_slice(b"],\"findings\":[");
        Findings::all(out, view, self.options.ascii);
        out.extend_from_slice(b"]}");
    }

    fn time(&mut self, out: &mut Vec<u8>, time: Timestamp) {
        out.extend_from_slice(b",\"time\":");
        self.nodes.values.times.push(out, time);
    }

    fn buffers(&self, out: &mut Vec<u8>, view: View<'_>) {
        let frame = view.buffers.frame();
        member(out, b"},\"buffers\":[{\"id\":0,\"name\":\"frame\",\"len\":", frame.len() as u64);
        self.hex_member(out, frame);
        out.push(b'}');
        for (id, derived) in view.buffers.derived() {
            member(out, b",{\"id\":", id.0.into());
            out.extend_from_slice(b",\"name\":\"");
            out.extend_from_slice(derived.name.as_bytes());
            member(out, b"\",\"len\":", derived.len() as u64);
            out.extend_from_slice(b",\"pieces\":[");
            let whole = Span::octets(id, 0, u32::try_from(derived.len()).unwrap_or(u32::MAX));
            let mut at = 0u32;
            for part in view.buffers.resolve(whole) {
                member(out, if at > 0 { b",{\"at\":" } else { b"{\"at\":" }, at.into());
                member(out, b",\"len\":", part.len.into());
                member(out, b",\"frame\":", part.frame.into());
                member(out, b",\"bit\":", part.start.into());
                out.push(b'}');
                at = at.saturating_add(part.len);
            }
            out.push(b']');
            self.hex_member(out, view.buffers.bytes(id));
            out.push(b'}');
        }
        out.push(b']');
    }

    fn hex_member(&self, out: &mut Vec<u8>, octets: &[u8]) {
        if self.options.octets {
            out.extend_from_slice(b",\"hex\":\"");
            push_hex(out, octets);
            out.push(b'"');
        }
    }

    fn notifications(&self, out: &mut Vec<u8>, packet: &Packet<'_>) {
        let ascii = self.options.ascii;
        out.extend_from_slice(b",\"notifications\":[");
        for (index, (message, verdict)) in (1u64..).zip(packet.messages()) {
            member(out, if index > 1 { b",{\"index\":" } else { b"{\"index\":" }, index);
            out.extend_from_slice(b",\"format\":\"");
            out.extend_from_slice(message.format.name().as_bytes());
            out.push(b'"');
            if let Some(verdict) = verdict {
                out.extend_from_slice(b",\"status\":\"");
                out.extend_from_slice(verdict.status.name().as_bytes());
                out.push(b'"');
                if let Some(found) = &verdict.found {
                    if let Some(deviation) = found.deviation() {
                        out.extend_from_slice(b",\"deviation\":");
                        push_string(out, deviation.as_bytes(), ascii);
                    }
                    out.extend_from_slice(b",\"key\":");
                    push_string(out, found.key.as_bytes(), ascii);
                }
            }
            member(out, b",\"node\":", message.layer.0.into());
            out.push(b'}');
        }
        out.push(b']');
    }
}

/// Appends what stands before a number, and the number.
fn member(out: &mut Vec<u8>, before: &[u8], number: u64) {
    out.extend_from_slice(before);
    push_number(out, number);
}
