//! What was written of a layer, to be written again: most packets of a capture say nearly the same, in the same places.
//!
//! A form is the text of one layer with the holes in it: the places where it may differ from packet to packet. A layer whose
//! nodes are those of a form, at the same places within the layer, is copied from it, but for the holes that hold something else
//! and for the numbers that say where the layer stands. Bounded. Must not know what the text means.

use super::super::number::push_number;
use crate::model::{Field, Node, Note, Span, Value};

/// Octets that all forms may take together; beyond them all start anew.
const ROOM: usize = 3 << 20;
/// Octets of the text of a layer that has a form, and its nodes, generated ones included.
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
    /// Whose value it is.
    pub(super) of: Owner,
    /// What is there.
    pub(super) what: What,
}

/// Whose value is in a [`Hole`], counted from the first of the layer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Owner {
    Node(u32),
    Note(u32),
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
}

/// A place in a text that holds a number which follows the span of the layer.
#[derive(Clone, Copy, Debug)]
struct Following {
    start: u32,
    end: u32,
    number: u32,
    what: Follows,
}

/// What a number in the text follows.
#[derive(Clone, Copy, Debug)]
pub(super) enum Follows {
    /// First bit of the layer.
    Start,
    /// Number of bits of the layer.
    Len,
}

/// What decides the text of a node but for its value.
#[derive(Clone, Copy, Debug)]
struct Known {
    field: usize,
    /// First bit, of those that move with the layer counted from it.
    start: u32,
    /// All ones for those that move with the layer.
    moves: u32,
    /// All ones for those whose first bit is in the text.
    told: u32,
    len: u32,
    /// All ones but for the layer itself, which may have any length.
    long: u32,
    /// One past the last node of its subtree, counted from the layer.
    end: u32,
    buf: u16,
    bare: bool,
    mark: u8,
}

/// What decides the text of a generated node of the notes but for its value.
#[derive(Clone, Copy, Debug)]
struct KnownNote {
    field: usize,
    /// The node it belongs to, counted from the layer.
    parent: u32,
    bare: bool,
}

/// A layer as it was written once.
#[derive(Debug, Default)]
pub(super) struct Form {
    nodes: Vec<Known>,
    notes: Vec<KnownNote>,
    foreign: bool,
    /// The layer's.
    span: Span,
    text: Vec<u8>,
    holes: Vec<Hole>,
    following: Vec<Following>,
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
    /// The generated nodes that belong to them.
    pub(super) notes: &'n [Note],
    /// Its octets came from other frames than the packet's own.
    pub(super) foreign: bool,
}

fn address(field: &'static Field) -> usize {
    std::ptr::from_ref(field).addr()
}

impl Shape<'_> {
    /// The layer's.
    fn span(&self) -> Span {
        self.nodes.first().map_or(Span::default(), |layer| layer.span)
    }

    /// By what a layer finds its form wherever it stands: fields and lengths, from which the places in the layer follow.
    fn place(&self) -> usize {
        const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
        // The layer itself, the first of all, may have any length.
        let Some(layer) = self.nodes.first() else { return 0 };
        let start = address(layer.field) as u64 ^ u64::from(layer.span.buf.0) << 1 ^ u64::from(self.foreign);
        let read = self.nodes.iter().zip(self.marks).skip(1).fold(start, |sum, (node, mark)| {
            let here = (address(node.field) as u64).wrapping_add(node.span.len.into()).wrapping_add((*mark).into());
            sum.wrapping_mul(3).wrapping_add(here)
        });
        let noted = self.notes.iter().fold(read, |sum, note| {
            let parent = u64::from(note.parent.0.wrapping_sub(self.base));
            sum.wrapping_mul(31).wrapping_add(address(note.field) as u64 ^ parent)
        });
        let mixed = (noted ^ noted >> 31).wrapping_mul(MIX);
        let mixed = (mixed ^ mixed >> 29).wrapping_mul(MIX);
        (mixed >> (u64::BITS - PLACES)) as usize
    }
}

impl Form {
    fn fits(&self, shape: &Shape<'_>) -> bool {
        let (start, base) = (shape.span().start, shape.base);
        self.nodes.len() == shape.nodes.len()
            && self.notes.len() == shape.notes.len()
            && self.foreign == shape.foreign
            // Nearly always all are equal: asking once for all costs less than asking for each.
            && self.nodes.iter().zip(shape.nodes).zip(shape.marks).fold(0, |odd, ((known, node), mark)| {
                odd | known.differs(node, start, base) | u64::from(known.mark ^ mark)
            }) == 0
            && self.notes.iter().zip(shape.notes).all(|(known, note)| known.is(note, base))
    }

    /// The holes, in the order of the text.
    pub(super) fn holes(&self) -> &[Hole] {
        &self.holes
    }

    /// A reader of the text, from its start, for a layer that fits.
    pub(super) fn text(&self, shape: &Shape<'_>) -> Text<'_> {
        let span = shape.span();
        let by = (span.start.wrapping_sub(self.span.start), span.len.wrapping_sub(self.span.len));
        Text { whole: &self.text, following: if by == (0, 0) { &[] } else { &self.following }, by, done: 0 }
    }

    /// Whether a hole holds this value; `octets` has its octets, where it has any.
    #[inline]
    pub(super) fn holds<'v>(&self, hole: &Hole, value: Value, octets: impl FnOnce() -> &'v [u8]) -> bool {
        match hole.what {
            What::Value(was) => is_same(was, value),
            What::Octets(start, len) => {
                matches!(value, Value::Raw | Value::Scratch { .. }) && self.octets(start, len) == octets()
            }
            What::Particular => false,
        }
    }

    /// The octets of a value in a hole.
    fn octets(&self, start: u32, len: u32) -> &[u8] {
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

    /// The next number that follows the span of the layer, from here to there in the text.
    pub(super) fn following(&mut self, (start, end): (u32, u32), number: u32, what: Follows) {
        self.following.push(Following { start, end, number, what });
    }

    /// About how many octets it takes.
    fn size(&self) -> usize {
        let of = |count: usize, size: usize| count.saturating_mul(size);
        of(self.nodes.len(), size_of::<Known>())
            + of(self.notes.len(), size_of::<KnownNote>())
            + of(self.holes.len(), size_of::<Hole>())
            + of(self.following.len(), size_of::<Following>())
            + self.text.len()
            + self.octets.len()
            + size_of::<Self>()
    }
}

/// Copies the text of a form piece by piece; numbers that follow the span of the layer are told as it is now.
#[derive(Debug)]
pub(super) struct Text<'f> {
    whole: &'f [u8],
    following: &'f [Following],
    /// How far first bit and length are from those of the form.
    by: (u32, u32),
    done: u32,
}

impl Text<'_> {
    /// Copies the text up to a hole, and goes on behind it.
    #[inline]
    pub(super) fn to(&mut self, out: &mut Vec<u8>, hole: &Hole) {
        self.copy(out, hole.start);
        self.done = hole.end;
    }

    /// Copies the rest.
    pub(super) fn rest(mut self, out: &mut Vec<u8>) {
        self.copy(out, u32::try_from(self.whole.len()).unwrap_or(u32::MAX));
    }

    #[inline]
    fn copy(&mut self, out: &mut Vec<u8>, end: u32) {
        while let Some((first, rest)) = self.following.split_first()
            && first.start < end
        {
            out.extend_from_slice(self.piece(self.done, first.start));
            let by = match first.what {
                Follows::Start => self.by.0,
                Follows::Len => self.by.1,
            };
            push_number(out, first.number.wrapping_add(by).into());
            self.done = first.end;
            self.following = rest;
        }
        out.extend_from_slice(self.piece(self.done, end));
    }

    fn piece(&self, start: u32, end: u32) -> &[u8] {
        self.whole.get(start as usize..end as usize).unwrap_or(&[])
    }
}

impl Known {
    fn new(node: &Node, mark: u8, layer: &Node, base: u32) -> Self {
        let ones = |on: bool| if on { u32::MAX } else { 0 };
        let moves = ones(moves_with(layer, node));
        Self {
            field: address(node.field),
            start: node.span.start.wrapping_sub(layer.span.start & moves),
            moves,
            told: ones(!node.field.generated),
            len: node.span.len,
            long: ones(!std::ptr::eq(layer, node)),
            end: node.end.wrapping_sub(base),
            buf: node.span.buf.0,
            bare: node.value == Value::None,
            mark,
        }
    }

    /// 0 where the node has the same text but for its value.
    #[inline]
    fn differs(&self, node: &Node, start: u32, first: u32) -> u64 {
        let valueless = matches!(node.value, Value::None);
        (self.field ^ address(node.field)) as u64
            | u64::from((self.start.wrapping_add(start & self.moves) ^ node.span.start) & self.told)
            | u64::from((self.len ^ node.span.len) & self.long)
            | u64::from(self.buf ^ node.span.buf.0)
            | u64::from(self.end.wrapping_add(first) ^ node.end)
            | u64::from(self.bare ^ valueless)
    }
}

impl KnownNote {
    fn new(note: &Note, base: u32) -> Self {
        let (value, _) = note.value.seen();
        Self { field: address(note.field), parent: note.parent.0.wrapping_sub(base), bare: value == Value::None }
    }

    fn is(&self, note: &Note, base: u32) -> bool {
        let (value, _) = note.value.seen();
        self.field == address(note.field)
            && self.parent.wrapping_add(base) == note.parent.0
            && self.bare == (value == Value::None)
    }
}

/// Whether two values that are no octets are equal. Nearly all are numbers.
#[inline]
fn is_same(one: Value, other: Value) -> bool {
    match (one, other) {
        (Value::Uint(one), Value::Uint(other)) => one == other,
        (Value::Bool(one), Value::Bool(other)) => one == other,
        _ => one == other,
    }
}

/// Whether a node stands in the buffer of its layer, so that its first bit moves with it.
pub(super) fn moves_with(layer: &Node, node: &Node) -> bool {
    !node.field.generated && node.span.buf == layer.span.buf
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
        let Some(layer) = shape.nodes.first() else { return };
        if text.len() > TEXT_MAX || shape.nodes.len() + shape.notes.len() > NODES_MAX {
            return;
        }
        let nodes = shape.nodes.iter().zip(shape.marks);
        form.nodes.extend(nodes.map(|(node, mark)| Known::new(node, *mark, layer, shape.base)));
        form.notes.extend(shape.notes.iter().map(|note| KnownNote::new(note, shape.base)));
        form.foreign = shape.foreign;
        form.span = layer.span;
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
    use crate::model::{Author, BufId, NodeId, NoteValue};

    static LAYER: Field = Field::layer("a", "A");
    static LEAF: Field = Field::layer("b", "B");
    static OTHER: Field = Field::layer("c", "C");

    fn node(field: &'static Field, start: u32, len: u32) -> Node {
        Node { field, span: Span::new(BufId::FRAME, start, len), value: Value::None, parent: None, end: 2 }
    }

    /// A layer and a leaf in it.
    fn layer(start: u32, len: u32) -> [Node; 2] {
        [node(&LAYER, start, len), node(&LEAF, start + 4, len - 4)]
    }

    fn shape(nodes: &[Node]) -> Shape<'_> {
        Shape { base: 0, nodes, marks: &[0, 0], notes: &[], foreign: false }
    }

    fn text(forms: &Forms, shape: &Shape<'_>) -> Option<String> {
        let mut out = Vec::new();
        forms.find(shape)?.text(shape).rest(&mut out);
        String::from_utf8(out).ok()
    }

    #[test]
    fn a_form_fits_the_same_nodes_wherever_the_layer_stands() {
        let mut forms = Forms::default();
        let here = layer(96, 32);
        let mut form = Form::default();
        form.following((4, 6), 96, Follows::Start);
        form.following((10, 12), 32, Follows::Len);
        form.following((18, 21), 100, Follows::Start);
        forms.insert(form, &shape(&here), b"bit 96 of 32, bit 100.");
        assert_eq!(text(&forms, &shape(&here)).as_deref(), Some("bit 96 of 32, bit 100."));
        assert_eq!(text(&forms, &shape(&layer(8, 32))).as_deref(), Some("bit 8 of 32, bit 12."));
        // A layer may be longer, what is in it not.
        let longer = [node(&LAYER, 8, 1000), layer(8, 32)[1]];
        assert_eq!(text(&forms, &shape(&longer)).as_deref(), Some("bit 8 of 1000, bit 12."));
        assert_eq!(text(&forms, &shape(&layer(8, 40))), None);
        // Among all nodes it may stand elsewhere too.
        let later = layer(1000, 32).map(|node| Node { end: node.end + 40, ..node });
        assert_eq!(text(&forms, &Shape { base: 40, ..shape(&later) }).as_deref(), Some("bit 1000 of 32, bit 1004."));
        assert_eq!(text(&forms, &shape(&later)), None);
    }

    #[test]
    fn a_form_fits_no_other_nodes() {
        let mut forms = Forms::default();
        let here = layer(8, 32);
        forms.insert(Form::default(), &shape(&here), b"text");
        let fits = |layer: Node, leaf: Node| text(&forms, &shape(&[layer, leaf])).is_some();
        let [first, last] = here;
        assert!(fits(first, last));
        assert!(!fits(first, node(&OTHER, 12, 28)));
        assert!(!fits(first, node(&LEAF, 13, 28)));
        assert!(!fits(first, node(&LEAF, 12, 27)));
        assert!(!fits(first, Node { value: Value::Uint(1), ..last }));
        assert!(!fits(first, Node { end: 3, ..last }));
        assert!(!fits(first, Node { span: Span::new(BufId(1), 12, 28), ..last }));
        assert!(forms.find(&Shape { marks: &[0, 1], ..shape(&here) }).is_none());
        assert!(forms.find(&Shape { foreign: true, ..shape(&here) }).is_none());
        let note =
            Note { parent: NodeId(1), field: &LEAF, value: NoteValue::Plain(Value::Uint(1)), author: Author::Capture };
        let noted = [note];
        let with_note = Shape { notes: &noted, ..shape(&here) };
        assert!(forms.find(&with_note).is_none());
        forms.insert(Form::default(), &with_note, b"more");
        assert_eq!(text(&forms, &with_note).as_deref(), Some("more"));
        let elsewhere = [Note { parent: NodeId(0), ..noted[0].clone() }];
        assert!(forms.find(&Shape { notes: &elsewhere, ..shape(&here) }).is_none());
    }

    #[test]
    fn any_number_of_forms_takes_no_more_room() {
        let mut forms = Forms::default();
        for len in 8..5000 {
            forms.insert(Form::default(), &shape(&layer(0, len)), &[b'x'; 9000]);
            assert!(forms.used <= ROOM);
            let taken: usize = forms.places.iter().flatten().map(|form| form.size()).sum();
            assert_eq!(taken, forms.used);
        }
        assert!(forms.find(&shape(&layer(0, 4999))).is_some());
    }
}
