//! The tree of a packet as nested JSON objects, notes included.
//!
//! Members of a node stand in this order: what its field decides, its span, its value, and what is particular to the packet, so
//! that a layer can be written by filling in the form that an earlier one left. Must not know any protocol.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

use super::super::number::push_number;
use super::findings::{Findings, NAMED};
use super::forms::{Follows, Form, Forms, Hole, Owner, Shape, What, moves_with};
use super::text::push_string;
use super::values::Values;
use crate::model::walk::View;
use crate::model::{Field, FrameSpan, Node, NodeId, Origin, Span, Value};

/// What opens the children of a node.
const CHILDREN: &[u8] = b",\"children\":[";

/// Writes trees. Reuses its memory.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    pub(super) values: Values,
    forms: Forms,
    heads: Heads,
    /// Nodes whose subtree is being written, innermost last.
    open: Vec<Open>,
    /// Of each derived buffer, whether all of it came from the packet's own frame.
    own: Vec<bool>,
    spans: Vec<FrameSpan>,
}

/// What is written: a packet and what is found in it.
#[derive(Clone, Copy)]
struct Work<'p> {
    view: View<'p>,
    findings: &'p Findings,
}

/// A node whose subtree is being written.
#[derive(Debug)]
struct Open {
    id: NodeId,
    end: u32,
    /// It has children already.
    parent: bool,
}

impl Nodes {
    /// A writer; with `ascii` every character beyond ASCII is escaped.
    pub(super) fn new(ascii: bool) -> Self {
        Self { values: Values::new(ascii), ..Self::default() }
    }

    /// Writes the layers of a packet, as the inside of an array.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, view: View<'_>, findings: &Findings) {
        self.find_own(view);
        let work = Work { view, findings };
        let mut rest = view.tree.nodes();
        let mut noted = view.notes.nodes();
        let mut base = 0u32;
        while let Some(layer) = rest.first() {
            let len = layer.end.saturating_sub(base).max(1);
            let (nodes, after) = rest.split_at_checked(len as usize).unwrap_or((rest, &[]));
            if base > 0 {
                out.push(b',');
            }
            let next = base.saturating_add(len);
            let of_layer = noted.iter().take_while(|note| note.parent.0 < next).count();
            let (of_layer, later) = noted.split_at_checked(of_layer).unwrap_or((noted, &[]));
            let marks = findings.marks(base, nodes.len());
            let shape = Shape { base, nodes, marks, notes: of_layer, foreign: self.is_foreign(layer.span) };
            if !self.fill_in(out, work, &shape) {
                self.write_layer(out, work, &shape);
            }
            (base, rest, noted) = (next, after, later);
        }
    }

    /// Writes a layer by the form of an earlier one; tells whether there is one.
    fn fill_in(&mut self, out: &mut Vec<u8>, work: Work<'_>, shape: &Shape<'_>) -> bool {
        let Some(form) = self.forms.find(shape) else { return false };
        let mut text = form.text(shape);
        for hole in form.holes() {
            match hole.of {
                Owner::Node(at) => {
                    let Some(node) = shape.nodes.get(at as usize) else { continue };
                    if form.holds(hole, node.value, || octets(work.view, node)) {
                        continue;
                    }
                    text.to(out, hole);
                    self.values.push(out, node.field, node.value, octets(work.view, node));
                    if let What::Particular = hole.what {
                        let id = NodeId(shape.base.saturating_add(at));
                        particular(out, work, (node, id), shape.foreign, &mut self.spans, self.values.ascii);
                    }
                }
                Owner::Note(at) => {
                    let Some(note) = shape.notes.get(at as usize) else { continue };
                    let (value, octets) = note.value.seen();
                    if !form.holds(hole, value, || octets) {
                        text.to(out, hole);
                        self.values.push(out, note.field, value, octets);
                    }
                }
            }
        }
        text.rest(out);
        true
    }

    /// Writes a layer node by node, and leaves a form behind.
    #[cold]
    fn write_layer(&mut self, out: &mut Vec<u8>, work: Work<'_>, shape: &Shape<'_>) {
        let start = out.len();
        let mut form = Form::default();
        // Nodes of several buffers are not told apart by a form.
        let mut alike = true;
        self.open.clear();
        for (at, node) in (0u32..).zip(shape.nodes) {
            let id = NodeId(shape.base.saturating_add(at));
            while let Some(open) = self.open.pop_if(|open| open.end <= id.0) {
                self.close(out, shape, &open, (&mut form, start));
            }
            if let Some(open) = self.open.last_mut() {
                out.extend_from_slice(if open.parent { b"," } else { CHILDREN });
                open.parent = true;
            }
            let foreign = self.is_foreign(node.span);
            alike &= node.field.generated || foreign == shape.foreign;
            head(out, &mut self.heads, node.field);
            if !node.field.generated {
                let (bit, len) = push_span(out, node.span);
                let place = |run: Range<usize>| (place(start, run.start), place(start, run.end));
                if shape.nodes.first().is_some_and(|layer| moves_with(layer, node)) {
                    form.following(place(bit), node.span.start, Follows::Start);
                }
                if at == 0 {
                    form.following(place(len), node.span.len, Follows::Len);
                }
            }
            let from = out.len();
            let octets = octets(work.view, node);
            self.values.push(out, node.field, node.value, octets);
            particular(out, work, (node, id), foreign, &mut self.spans, self.values.ascii);
            // Nothing may be particular to this packet, and yet to the next.
            let may_differ = work.findings.mark(id) & NAMED != 0 || foreign && !node.field.generated;
            if may_differ || out.len() > from {
                let what = if may_differ { What::Particular } else { held(&mut form, node.value, octets) };
                form.hole(Hole { start: place(start, from), end: place(start, out.len()), of: Owner::Node(at), what });
            }
            self.open.push(Open { id, end: node.end, parent: false });
        }
        while let Some(open) = self.open.pop() {
            self.close(out, shape, &open, (&mut form, start));
        }
        if alike {
            self.forms.insert(form, shape, out.get(start..).unwrap_or(&[]));
        }
    }

    /// Ends a node: the notes that belong to it are its last children.
    fn close(&mut self, out: &mut Vec<u8>, shape: &Shape<'_>, open: &Open, (form, start): (&mut Form, usize)) {
        let mut parent = open.parent;
        for (at, note) in (0u32..).zip(shape.notes).filter(|(_, note)| note.parent == open.id) {
            out.extend_from_slice(if parent { b"," } else { CHILDREN });
            parent = true;
            head(out, &mut self.heads, note.field);
            let from = out.len();
            let (value, octets) = note.value.seen();
            self.values.push(out, note.field, value, octets);
            if out.len() > from {
                let what = held(form, value, octets);
                form.hole(Hole { start: place(start, from), end: place(start, out.len()), of: Owner::Note(at), what });
            }
            out.push(b'}');
        }
        out.extend_from_slice(if parent { b"]}" } else { b"}" });
    }

    /// Whether a span has bits of other frames than the packet's own.
    fn is_foreign(&self, span: Span) -> bool {
        let derived = span.buf.0.checked_sub(1);
        derived.is_some_and(|at| !self.own.get(usize::from(at)).is_some_and(|own| *own))
    }

    fn find_own(&mut self, view: View<'_>) {
        self.own.clear();
        for (_, derived) in view.buffers.derived() {
            let own = !derived.pieces().is_empty()
                && derived.pieces().iter().all(|piece| match piece.origin {
                    Origin::Frame(frame) => frame == view.buffers.number(),
                    Origin::Buffer(buf) => !self.is_foreign(Span::new(buf, 0, 0)),
                });
            self.own.push(own);
        }
    }
}

/// A value as a form keeps it.
fn held(form: &mut Form, value: Value, octets: &[u8]) -> What {
    match value {
        Value::Raw | Value::Scratch { .. } => form.keep(octets),
        value => What::Value(value),
    }
}

/// A place in a text that starts somewhere.
fn place(start: usize, at: usize) -> u32 {
    u32::try_from(at.saturating_sub(start)).unwrap_or(u32::MAX)
}

/// The octets of a node's value, where it has any.
fn octets<'p>(view: View<'p>, node: &Node) -> &'p [u8] {
    match node.value {
        Value::Raw | Value::Scratch { .. } => view.tree.octets(view.buffers, node.span, node.value),
        _ => &[],
    }
}

/// Members that differ from packet to packet: the frames of a span that came from others than the packet's own, findings.
fn particular(
    out: &mut Vec<u8>,
    Work { view, findings }: Work<'_>,
    (node, id): (&Node, NodeId),
    foreign: bool,
    spans: &mut Vec<FrameSpan>,
    ascii: bool,
) {
    if foreign && !node.field.generated {
        frames(out, view, node.span, spans);
    }
    if findings.mark(id) & NAMED != 0 {
        out.extend_from_slice(b",\"id\":");
        push_number(out, id.0.into());
        findings.of(out, view, id, ascii);
    }
}

/// The frames of a span, unless the packet's own is the only one.
fn frames(out: &mut Vec<u8>, view: View<'_>, span: Span, spans: &mut Vec<FrameSpan>) {
    spans.clear();
    view.buffers.resolve_into(span, spans);
    spans.dedup_by_key(|part| part.frame);
    if let [only] = &**spans
        && only.frame == view.buffers.number()
    {
        return;
    }
    out.extend_from_slice(b",\"frames\":[");
    for (at, part) in spans.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        push_number(out, part.frame.into());
    }
    out.push(b']');
}

type Heads = HashMap<usize, Box<[u8]>, BuildHasherDefault<AddressHasher>>;

/// Writes where a node stands; tells where in the text its first bit is, and its number of bits.
fn push_span(out: &mut Vec<u8>, span: Span) -> (Range<usize>, Range<usize>) {
    let mut number = |name: &[u8], number: u32| {
        out.extend_from_slice(name);
        let start = out.len();
        push_number(out, number.into());
        start..out.len()
    };
    number(b",\"span\":{\"buffer\":", span.buf.0.into());
    let bit = number(b",\"bit\":", span.start);
    let len = number(b",\"len\":", span.len);
    out.push(b'}');
    (bit, len)
}

/// Writes the members that a node's field alone decides, the opening brace included.
fn head(out: &mut Vec<u8>, heads: &mut Heads, field: &'static Field) {
    let known = heads.entry(std::ptr::from_ref(field).addr()).or_insert_with(|| {
        let mut head = Vec::new();
        head.extend_from_slice(b"{\"name\":");
        push_string(&mut head, field.name.as_bytes(), true);
        head.extend_from_slice(b",\"label\":");
        push_string(&mut head, field.label.as_bytes(), true);
        if let Some(cite) = field.cite {
            head.extend_from_slice(b",\"cite\":");
            push_string(&mut head, cite.to_string().as_bytes(), true);
        }
        if field.generated {
            head.extend_from_slice(b",\"generated\":true");
        }
        head.into_boxed_slice()
    });
    out.extend_from_slice(known);
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
