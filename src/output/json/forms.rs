//! What was written of a layer, to be written again: most packets of a capture say nearly the same, in the same places.
//!
//! A form is the text of one layer with the holes in it: the places where it may differ from packet to packet. A layer whose
//! nodes are those of a form, at the same bits, is copied from it, but for the holes that hold something else. Bounded. Must not
//! know what the text means.

use crate::model::{Node, Value};

/// Octets that all forms may take together; beyond them all start anew.
const ROOM: usize = 3 << 20;
/// Octets of the text of a layer that has a form, and its nodes.
const TEXT_MAX: usize = 1 << 15;
const NODES_MAX: usize = 256;
/// Places for forms: two to this power, in pairs.
const PLACES: u32 = 10;

/// A place in a text that may differ.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hole {
    /// First octet in the text, and one past the last.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The node, counted from the layer.
    pub(super) node: u32,
    /// What is there.
    pub(super) what: What,
}

/// What is in a [`Hole`].
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// A value that is no octets.
    Value(Value),
    /// A value in octets: a run of those of the form.
    Octets(u32, u32),
    /// The value, and what is particular to a packet: always written anew.
    Particular,
    /// The end of a node with generated children, always written anew; whether it has others.
    End(bool),
}

/// A layer as it was written once.
#[derive(Debug, Default)]
pub(super) struct Form {
    nodes: Vec<Node>,
    marks: Vec<u8>,
    foreign: bool,
    text: Vec<u8>,
    holes: Vec<Hole>,
    octets: Vec<u8>,
}

/// What decides the text of a layer but for the holes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape<'n> {
    /// The layer's place among all nodes.
    pub(super) base: u32,
    /// Its nodes, itself included.
    pub(super) nodes: &'n [Node],
    /// What is particular to each.
    pub(super) marks: &'n [u8],
    /// Its octets came from other frames than the packet's own.
    pub(super) foreign: bool,
}

impl Shape<'_> {
    fn place(&self) -> usize {
        let of = |node: Option<&Node>| {
            node.map_or(0, |node| {
                let address = std::ptr::from_ref(node.field).addr() as u64;
                (address >> 3) ^ u64::from(node.span.start) << 40 ^ u64::from(node.span.len) << 20
            })
        };
        let mut mixed = u64::from(self.base) << 32 ^ self.nodes.len() as u64;
        for node in [self.nodes.first(), self.nodes.get(self.nodes.len() / 2), self.nodes.last()] {
            mixed = (mixed ^ of(node)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            mixed ^= mixed >> 29;
        }
        (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - PLACES)) as usize
    }
}

impl Form {
    fn fits(&self, shape: &Shape<'_>) -> bool {
        self.nodes.len() == shape.nodes.len()
            && self.foreign == shape.foreign
            && self.nodes.last().zip(shape.nodes.last()).is_some_and(|(a, b)| differs(a, b) == 0)
            && self.marks == shape.marks
            // Nearly always all are equal: asking once for all costs less than asking for each.
            && self.nodes.iter().zip(shape.nodes).fold(0, |odd, (a, b)| odd | differs(a, b)) == 0
    }

    /// The holes, in the order of the text.
    pub(super) fn holes(&self) -> &[Hole] {
        &self.holes
    }

    /// A part of the text.
    pub(super) fn text(&self, start: u32, end: u32) -> &[u8] {
        self.text.get(start as usize..end as usize).unwrap_or(&[])
    }

    /// The end of the text.
    pub(super) fn end(&self) -> u32 {
        u32::try_from(self.text.len()).unwrap_or(u32::MAX)
    }

    /// The octets of a value in a hole.
    pub(super) fn octets(&self, start: u32, len: u32) -> &[u8] {
        self.octets.get(start as usize..).and_then(|octets| octets.get(..len as usize)).unwrap_or(&[])
    }

    /// A hole with a value in octets.
    pub(super) fn keep(&mut self, octets: &[u8]) -> What {
        let start = u32::try_from(self.octets.len()).unwrap_or(u32::MAX);
        let Ok(len) = u32::try_from(octets.len()) else { return What::Particular };
        self.octets.extend_from_slice(octets);
        What::Octets(start, len)
    }

    /// The next hole.
    pub(super) fn hole(&mut self, hole: Hole) {
        self.holes.push(hole);
    }

    /// About how many octets it takes.
    fn size(&self) -> usize {
        let of = |count: usize, size: usize| count.saturating_mul(size);
        of(self.nodes.len(), size_of::<Node>() + 1)
            + of(self.holes.len(), size_of::<Hole>())
            + self.text.len()
            + self.octets.len()
            + size_of::<Self>()
    }
}

/// 0 where two nodes have the same text but for their values. The ends of nodes count from the first of all nodes: equal ends
/// mean an equal base.
#[inline]
fn differs(a: &Node, b: &Node) -> u64 {
    let address = |node: &Node| std::ptr::from_ref(node.field).addr() as u64;
    let bare = |node: &Node| matches!(node.value, Value::None);
    (address(a) ^ address(b))
        | u64::from(a.span.start ^ b.span.start)
        | u64::from(a.span.len ^ b.span.len)
        | u64::from(a.span.buf.0 ^ b.span.buf.0)
        | u64::from(a.end ^ b.end)
        | u64::from(bare(a) ^ bare(b))
}

/// All forms. See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Forms {
    places: Vec<Option<Box<Form>>>,
    used: usize,
    turn: usize,
}

impl Forms {
    /// The form that fits a layer.
    pub(super) fn find(&self, shape: &Shape<'_>) -> Option<&Form> {
        let place = shape.place();
        let pair = [place, place ^ 1];
        pair.into_iter().filter_map(|at| self.places.get(at)?.as_deref()).find(|form| form.fits(shape))
    }

    /// Keeps a form for a layer that was written, if it is not too large; `text` is what was written.
    pub(super) fn insert(&mut self, mut form: Form, shape: &Shape<'_>, text: &[u8]) {
        if text.len() > TEXT_MAX || shape.nodes.len() > NODES_MAX {
            return;
        }
        form.nodes.extend_from_slice(shape.nodes);
        form.marks.extend_from_slice(shape.marks);
        form.foreign = shape.foreign;
        form.text.extend_from_slice(text);
        if self.used + form.size() > ROOM {
            self.places.clear();
            self.used = 0;
        }
        self.places.resize_with(1 << PLACES, || None);
        let place = shape.place();
        let free = [place, place ^ 1].into_iter().find(|at| self.places.get(*at).is_some_and(Option::is_none));
        // One of the pair goes, now this one, now that one.
        self.turn ^= 1;
        if let Some(slot) = self.places.get_mut(free.unwrap_or(place ^ self.turn)) {
            self.used = (self.used + form.size()).saturating_sub(slot.as_ref().map_or(0, |form| form.size()));
            *slot = Some(Box::new(form));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{BufId, Field, Span};

    static LAYER: Field = Field::layer("a", "A");
    static OTHER: Field = Field::layer("b", "B");

    fn node(field: &'static Field, start: u32) -> Node {
        Node { field, span: Span::new(BufId::FRAME, start, 8), value: Value::None, parent: None, end: 1 }
    }

    #[test]
    fn a_form_fits_only_the_same_nodes_at_the_same_bits() {
        let mut forms = Forms::default();
        let shape = |nodes, foreign| Shape { base: 0, nodes, marks: &[0], foreign };
        let here = [node(&LAYER, 8)];
        forms.insert(Form::default(), &shape(&here, false), b"text");
        let text = |forms: &Forms, nodes: &[Node], foreign| {
            forms.find(&Shape { base: 0, nodes, marks: &[0], foreign }).map(|form| form.text(0, form.end()).to_vec())
        };
        assert_eq!(text(&forms, &here, false).as_deref(), Some(&b"text"[..]));
        assert_eq!(text(&forms, &here, true), None);
        assert_eq!(text(&forms, &[node(&LAYER, 9)], false), None);
        assert_eq!(text(&forms, &[node(&OTHER, 8)], false), None);
        assert_eq!(text(&forms, &[Node { value: Value::Uint(1), ..here[0] }], false), None);
        assert_eq!(text(&forms, &[Node { end: 2, ..here[0] }], false), None);
        let marked = Shape { marks: &[1], ..shape(&here, false) };
        assert!(forms.find(&marked).is_none());
    }

    #[test]
    fn any_number_of_forms_takes_no_more_room() {
        let mut forms = Forms::default();
        for start in 0..5000 {
            let here = [node(&LAYER, start)];
            forms.insert(Form::default(), &Shape { base: 0, nodes: &here, marks: &[0], foreign: false }, &[b'x'; 9000]);
            assert!(forms.used <= ROOM);
            let taken: usize = forms.places.iter().flatten().map(|form| form.size()).sum();
            assert_eq!(taken, forms.used);
        }
        let here = [node(&LAYER, 4999)];
        assert!(forms.find(&Shape { base: 0, nodes: &here, marks: &[0], foreign: false }).is_some());
    }
}
