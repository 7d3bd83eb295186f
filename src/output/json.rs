//! Packets as JSON: one object per packet, the tree nested, every span with its frames.
//!
//! The shape is documented in docs/json.md and in the JSON Schema beside it; [`SCHEMA`] counts its versions. Written straight
//! into a buffer: this is the path of large exports. Must not know any protocol.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::io::Write;

use crate::model::walk::{FindingView, Item, View};
use crate::model::{Field, Kind, NodeId, Value};
use crate::scan::Packet;

use super::number::push_number;
use super::value::{push_hex, push_labelled, push_plain, push_time};

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
    text: String,
    heads: HashMap<usize, Box<[u8]>, BuildHasherDefault<AddressHasher>>,
    open: Vec<bool>,
    /// Nodes that findings belong to, sorted.
    flagged: Vec<NodeId>,
}

impl JsonWriter {
    /// A writer with these options.
    pub fn new(options: Options) -> Self {
        Self { options, ..Self::default() }
    }

    /// The packet as one JSON object without line breaks.
    pub fn packet(&mut self, packet: &Packet<'_>) -> &[u8] {
        self.out.clear();
        let _ = write!(self.out, "{{\"schema\":{SCHEMA},\"frame\":{{\"number\":{}", packet.frame.number);
        let frame = packet.frame;
        let _ = write!(self.out, ",\"file\":{},\"file_number\":{}", frame.file, frame.file_number);
        if let Some(time) = frame.ts {
            self.out.extend_from_slice(b",\"time\":\"");
            self.text.clear();
            push_time(&mut self.text, time);
            self.out.extend_from_slice(self.text.as_bytes());
            self.out.push(b'"');
        }
        let _ = write!(
            self.out,
            ",\"len\":{},\"cap_len\":{},\"link_type\":{},\"interface\":{}}}",
            frame.orig_len,
            frame.data.len(),
            frame.link.0,
            frame.interface
        );
        self.buffers(packet.view);
        self.notifications(packet);
        self.layers(packet.view);
        self.out.extend_from_slice(b",\"findings\":[");
        let mut first = true;
        for found in packet.view.findings() {
            comma(&mut self.out, &mut first);
            self.finding(&found, true);
        }
        self.out.extend_from_slice(b"]}");
        &self.out
    }

    fn buffers(&mut self, view: View<'_>) {
        self.out.extend_from_slice(b",\"buffers\":[{\"id\":0,\"name\":\"frame\",\"len\":");
        let frame = view.buffers.frame();
        let _ = write!(self.out, "{}", frame.len());
        self.hex_member(frame);
        self.out.push(b'}');
        for (id, derived) in view.buffers.derived() {
            let _ =
                write!(self.out, ",{{\"id\":{},\"name\":\"{}\",\"len\":{}", id.0, derived.name, derived.bytes.len());
            self.out.extend_from_slice(b",\"pieces\":[");
            let mut first = true;
            let whole = crate::model::Span::octets(id, 0, u32::try_from(derived.bytes.len()).unwrap_or(u32::MAX));
            let mut at = 0u32;
            for part in view.buffers.resolve(whole) {
                comma(&mut self.out, &mut first);
                let _ = write!(
                    self.out,
                    "{{\"at\":{at},\"len\":{},\"frame\":{},\"bit\":{}}}",
                    part.len, part.frame, part.start
                );
                at = at.saturating_add(part.len);
            }
            self.out.push(b']');
            self.hex_member(&derived.bytes);
            self.out.push(b'}');
        }
        self.out.push(b']');
    }

    fn hex_member(&mut self, octets: &[u8]) {
        if self.options.octets {
            self.text.clear();
            push_hex(&mut self.text, octets);
            self.out.extend_from_slice(b",\"hex\":\"");
            self.out.extend_from_slice(self.text.as_bytes());
            self.out.push(b'"');
        }
    }

    fn notifications(&mut self, packet: &Packet<'_>) {
        self.out.extend_from_slice(b",\"notifications\":[");
        for (index, (message, verdict)) in packet.messages().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            let _ = write!(self.out, "{{\"index\":{},\"format\":\"{}\"", index + 1, message.format.name());
            if let Some(verdict) = verdict {
                let _ = write!(self.out, ",\"status\":\"{}\"", verdict.status.name());
                if let Some(found) = &verdict.found {
                    if let Some(deviation) = found.deviation() {
                        self.out.extend_from_slice(b",\"deviation\":");
                        self.string(deviation.as_bytes());
                    }
                    self.out.extend_from_slice(b",\"key\":");
                    self.string(found.key.as_bytes());
                }
            }
            let _ = write!(self.out, ",\"node\":{}}}", message.layer.0);
        }
        self.out.push(b']');
    }

    fn layers(&mut self, view: View<'_>) {
        self.out.extend_from_slice(b",\"layers\":[");
        self.open.clear();
        // `open[d]`: whether the object at depth d already has children.
        self.flagged.clear();
        self.flagged.extend(view.tree.findings().iter().map(|found| found.node));
        self.flagged.extend(view.notes.findings().iter().filter_map(|found| found.node));
        self.flagged.sort_unstable();
        for item in view.walk() {
            self.close_to(item.depth);
            match self.open.last_mut() {
                Some(children) if *children => self.out.push(b','),
                Some(children) => {
                    *children = true;
                    self.out.extend_from_slice(b",\"children\":[");
                }
                // A layer after another: the array is open, its first element is not preceded by a comma.
                None if self.out.ends_with(b"[") => {}
                None => self.out.push(b','),
            }
            self.node(view, &item);
            self.open.push(false);
        }
        self.close_to(0);
        self.out.push(b']');
    }

    fn close_to(&mut self, depth: usize) {
        while self.open.len() > depth {
            if self.open.pop() == Some(true) {
                self.out.push(b']');
            }
            self.out.push(b'}');
        }
    }

    /// Writes all of a node but its children and the closing brace.
    fn node(&mut self, view: View<'_>, item: &Item<'_>) {
        let key = std::ptr::from_ref(item.field).addr();
        let head = self.heads.entry(key).or_insert_with(|| head(item.field));
        self.out.extend_from_slice(head);
        if let Some(id) = item.node {
            self.out.extend_from_slice(b",\"id\":");
            push_number(&mut self.out, id.0.into());
        }
        self.value(item);
        if item.node.is_some() && !item.field.generated {
            let span = item.span;
            self.out.extend_from_slice(b",\"span\":{\"buffer\":");
            push_number(&mut self.out, span.buf.0.into());
            self.out.extend_from_slice(b",\"bit\":");
            push_number(&mut self.out, span.start.into());
            self.out.extend_from_slice(b",\"len\":");
            push_number(&mut self.out, span.len.into());
            self.out.extend_from_slice(b"},\"frames\":[");
            if span.buf == crate::model::BufId::FRAME {
                push_number(&mut self.out, view.buffers.number().into());
            } else {
                let mut frames: Vec<u32> = view.buffers.resolve(span).iter().map(|part| part.frame).collect();
                frames.dedup();
                for (i, frame) in frames.iter().enumerate() {
                    if i > 0 {
                        self.out.push(b',');
                    }
                    push_number(&mut self.out, (*frame).into());
                }
            }
            self.out.push(b']');
        }
        if let Some(id) = item.node
            && self.flagged.binary_search(&id).is_ok()
        {
            self.findings_of(view, id);
        }
    }

    fn findings_of(&mut self, view: View<'_>, id: NodeId) {
        let mut first = true;
        for found in view.findings().filter(|found| found.node == Some(id)) {
            if first {
                self.out.extend_from_slice(b",\"findings\":[");
            }
            comma(&mut self.out, &mut first);
            self.finding(&found, false);
        }
        if !first {
            self.out.push(b']');
        }
    }

    fn finding(&mut self, found: &FindingView<'_>, with_node: bool) {
        let (rule, severity) = (found.rule, found.severity.name());
        let _ = write!(
            self.out,
            "{{\"rule\":\"{}\",\"severity\":\"{severity}\",\"group\":\"{}\",\"text\":",
            rule.id,
            rule.group.name()
        );
        self.string(found.text().as_bytes());
        if with_node && let Some(node) = found.node {
            let _ = write!(self.out, ",\"node\":{}", node.0);
        }
        self.out.push(b'}');
    }

    fn value(&mut self, item: &Item<'_>) {
        if item.value == Value::None {
            return;
        }
        self.out.extend_from_slice(b",\"value\":");
        self.text.clear();
        match item.value {
            Value::Bool(flag) => self.out.extend_from_slice(if flag { b"true" } else { b"false" }),
            Value::Uint(number) => push_number(&mut self.out, number),
            Value::Int(number) => {
                let _ = write!(self.out, "{number}");
            }
            Value::Duration(_) => {
                push_plain(&mut self.text, item.field, item.value, item.octets);
                self.out.extend_from_slice(self.text.as_bytes());
                self.text.clear();
            }
            _ if item.field.kind == Kind::Text => {
                let octets = item.octets;
                self.string(octets);
                if std::str::from_utf8(octets).is_err() {
                    push_hex(&mut self.text, octets);
                    self.out.extend_from_slice(b",\"raw\":\"");
                    self.out.extend_from_slice(self.text.as_bytes());
                    self.out.push(b'"');
                    self.text.clear();
                }
            }
            _ => {
                push_plain(&mut self.text, item.field, item.value, item.octets);
                let plain = self.text.as_bytes();
                for part in [b"\"", plain, b"\",\"text\":\"", plain, b"\""] {
                    self.out.extend_from_slice(part);
                }
                self.text.clear();
                // The same for people: only numbers, flags, spans of time and text are shown in another way.
                return;
            }
        }
        self.out.extend_from_slice(b",\"text\":");
        let mut text = std::mem::take(&mut self.text);
        push_labelled(&mut text, item.field, item.value, item.octets);
        self.string(text.as_bytes());
        self.text = text;
    }

    /// Writes octets as a JSON string; what is not UTF-8 becomes U+FFFD.
    fn string(&mut self, octets: &[u8]) {
        self.out.push(b'"');
        if octets.iter().all(|b| (0x20..0x7f).contains(b) && *b != b'"' && *b != b'\\') {
            self.out.extend_from_slice(octets);
        } else {
            for c in String::from_utf8_lossy(octets).chars() {
                push_json_char(&mut self.out, c, self.options.ascii);
            }
        }
        self.out.push(b'"');
    }
}

/// Appends one character of a JSON string.
fn push_json_char(out: &mut Vec<u8>, c: char, ascii: bool) {
    match c {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        ' '..='~' => out.extend(u8::try_from(c)),
        _ if ascii || c.is_control() => {
            let mut units = [0u16; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
        _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

/// Hashes addresses of statics: they differ enough, and nobody outside chooses them.
#[derive(Debug, Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, octets: &[u8]) {
        for octet in octets {
            self.write_usize(usize::from(*octet));
        }
    }

    fn write_usize(&mut self, address: usize) {
        let mixed = (self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 32);
    }
}

/// The members of a node that its field alone decides.
fn head(field: &'static Field) -> Box<[u8]> {
    let mut out = Vec::new();
    let _ = write!(out, "{{\"name\":\"{}\",\"label\":\"", field.name);
    for c in field.label.chars() {
        push_json_char(&mut out, c, true);
    }
    out.push(b'"');
    if let Some(cite) = field.cite {
        out.extend_from_slice(b",\"cite\":\"");
        for c in cite.to_string().chars() {
            push_json_char(&mut out, c, true);
        }
        out.push(b'"');
    }
    if field.generated {
        out.extend_from_slice(b",\"generated\":true");
    }
    out.into_boxed_slice()
}

fn comma(out: &mut Vec<u8>, first: &mut bool) {
    if !*first {
        out.push(b',');
    }
    *first = false;
}
