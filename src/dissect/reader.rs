//! The reader: reading is emitting. One call reads bits, adds the node that shows them and returns the value.
//!
//! A [`Stop`] can only be made while a finding is recorded, so `?` never hides malformation. Reading is sequential, and what a
//! layer or a part leaves unread becomes a `data` node, so leaves tile every buffer. Must not know any protocol.

use std::fmt::Arguments;

use nom::Parser;

use super::claim::Claim;
use super::facts::Facts;
use super::message::{Found, Message, Push};
use super::need::Need;
use super::outbox::Outbox;
use crate::model::{BufId, Derived, Field, NodeId, Rule, Severity, Span, Tree, Value};

/// Octets nobody claims.
pub static DATA: Field = Field::bytes("data", "Data")
    .uncited("octets that no field was read from")
    .about("Octets no dissector reads: unknown content, or what is left where reading stopped.");

/// Octets after the end of a datagram.
pub static PADDING: Field = Field::bytes("frame.padding", "Octets after the datagram")
    .uncited("the datagram's own length ends before the frame does")
    .about("Octets of the frame beyond the end the network layer states: link-layer padding, or a trailer.");

/// The octets a field needs were not captured.
pub static CUT: Rule = Rule::note("CAP-040", crate::model::Group::Reassembly)
    .uncited("a matter of the capture, not of a protocol")
    .text("the capture lacks octets that the message had")
    .explain(
        "The frame, or a part of the message, was captured short: the carrier states more octets than the capture holds.",
        "What needs those octets cannot be shown, and a digest cannot be checked.",
        "Capture again with a larger snapshot length, or look for the lost fragment or part.",
    );

/// A field does not fit into what is left.
pub static SHORT: Rule = Rule::error("NET-001", crate::model::Group::Malformed)
    .uncited("any layout: a field needs its octets")
    .text("the layer ends before a field that must follow")
    .explain(
        "The layer has fewer octets than its layout needs.",
        "Receivers drop what they cannot parse; the fields from here on are missing.",
        "Compare the lengths stated by the layers below with what the sender meant to send.",
    );

/// Reading of this part is over, and a finding says why. Only [`Reader`] makes it.
#[derive(Debug)]
pub struct Stop(());

/// A value, and where it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At<O> {
    /// The value.
    pub value: O,
    /// Its node.
    pub node: NodeId,
    /// Its bits.
    pub span: Span,
}

impl<O> At<O> {
    /// The same place with another value.
    #[inline]
    pub fn map<P>(self, f: impl FnOnce(O) -> P) -> At<P> {
        At { value: f(self.value), node: self.node, span: self.span }
    }
}

/// What can be the value of a node.
pub trait Shown {
    /// As the tree holds it.
    fn shown(&self) -> Value;
}

macro_rules! shown_uint {
    ($($t:ty),*) => {$(impl Shown for $t {
        #[inline]
        fn shown(&self) -> Value { Value::Uint(u64::from(*self)) }
    })*};
}
shown_uint!(u8, u16, u32, u64);

impl Shown for &[u8] {
    fn shown(&self) -> Value {
        Value::Raw
    }
}

impl Shown for bool {
    fn shown(&self) -> Value {
        Value::Bool(*self)
    }
}

/// The octets a layer may read: a run of a buffer, in bits, and how far the carrier says it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// The buffer.
    pub buf: BufId,
    /// First bit.
    pub start: u32,
    /// One past the last bit there is.
    pub end: u32,
    /// One past the last bit the carrier promised; beyond `end` when the capture cut the message.
    pub promised: u32,
}

impl Window {
    /// All of a buffer of `len` octets of which the carrier promised `promised`.
    pub fn whole(buf: BufId, len: usize, promised: u32) -> Self {
        let end = u32::try_from(len).unwrap_or(u32::MAX / 8).saturating_mul(8);
        Self { buf, start: 0, end, promised: promised.saturating_mul(8).max(end) }
    }

    /// The octets there are.
    #[inline]
    pub const fn octets(&self) -> Span {
        Span::new(self.buf, self.start, self.end.saturating_sub(self.start))
    }
}

/// Reads one layer. See the module's documentation.
#[derive(Debug)]
pub struct Reader<'t, 'b> {
    /// The whole buffer.
    bytes: &'b [u8],
    /// Its whole octets up to the end of the window, so that one comparison tells whether a field is there.
    part: &'b [u8],
    window: Window,
    /// Never beyond the end of the window.
    pos: u32,
    layer: NodeId,
    parent: NodeId,
    short: &'static Rule,
    buffers: u16,
    tree: &'t mut Tree,
    found: &'t mut Found,
    out: &'t mut Outbox,
}

/// Whole octets in a number of bits.
#[inline]
pub(super) fn octets_in(bits: u32) -> usize {
    usize::try_from(bits / 8).unwrap_or(usize::MAX)
}

/// Result of reading one field.
pub type Read<O> = Result<At<O>, Stop>;

/// The first `bits` bits of a buffer, as far as they are whole octets.
#[inline]
fn part_of(bytes: &[u8], bits: u32) -> &[u8] {
    bytes.get(..octets_in(bits)).unwrap_or(bytes)
}

/// So many octets from octet `start` on, if they are there.
#[inline]
fn chunk<const N: usize>(bytes: &[u8], start: usize) -> Option<&[u8; N]> {
    bytes.get(start..start.saturating_add(N))?.first_chunk()
}

impl<'t, 'b> Reader<'t, 'b> {
    #[inline]
    pub(super) fn new(
        bytes: &'b [u8],
        window: Window,
        layer: NodeId,
        buffers: u16,
        (tree, found, out): (&'t mut Tree, &'t mut Found, &'t mut Outbox),
    ) -> Self {
        let part = part_of(bytes, window.end);
        Self { bytes, part, window, pos: window.start, layer, parent: layer, short: &SHORT, buffers, tree, found, out }
    }

    /// What the layers below know. Changes reach the layers above.
    #[inline]
    pub fn facts(&mut self) -> &mut Facts {
        self.out.facts()
    }

    /// The tree so far, for looking at earlier nodes.
    #[inline]
    pub fn tree(&self) -> &Tree {
        self.tree
    }

    /// The layer's own node.
    #[inline]
    pub const fn layer(&self) -> NodeId {
        self.layer
    }

    /// The rule that is broken when this layer ends too early; [`SHORT`] unless set.
    #[inline]
    pub fn short_is(&mut self, rule: &'static Rule) {
        self.short = rule;
    }

    // --- where we are ---

    /// Bits left to read.
    #[inline]
    pub const fn bits_left(&self) -> u32 {
        self.window.end.saturating_sub(self.pos)
    }

    /// Whole octets left to read.
    #[inline]
    pub fn left(&self) -> usize {
        octets_in(self.bits_left())
    }

    /// Octets left as the carrier promised; more than [`Reader::left`] when the capture cut the message.
    #[inline]
    pub fn promised(&self) -> usize {
        octets_in(self.window.promised.saturating_sub(self.pos))
    }

    /// Whether the capture lacks octets of the current part.
    #[inline]
    pub const fn is_cut(&self) -> bool {
        self.window.promised > self.window.end
    }

    /// Nothing left, neither captured nor promised.
    #[inline]
    pub const fn is_done(&self) -> bool {
        self.bits_left() == 0 && !self.is_cut()
    }

    /// The octets left, without reading them. Empty within an octet.
    #[inline]
    pub fn peek(&self) -> &'b [u8] {
        if !self.pos.is_multiple_of(8) {
            return &[];
        }
        self.part.get(octets_in(self.pos)..).unwrap_or(&[])
    }

    /// The place where the next bit is read.
    #[inline]
    pub const fn here(&self) -> Span {
        Span::new(self.window.buf, self.pos, 0)
    }

    /// The bits from `start` (a place got from [`Reader::here`]) to here.
    #[inline]
    pub const fn since(&self, start: Span) -> Span {
        Span::new(start.buf, start.start, self.pos.saturating_sub(start.start))
    }

    /// All bits of the current part that are left, as a span.
    #[inline]
    pub const fn ahead(&self) -> Span {
        Span::new(self.window.buf, self.pos, self.bits_left())
    }

    /// The octets of an earlier span of this buffer.
    pub fn octets(&self, span: Span) -> &'b [u8] {
        let range = span.octet_range();
        let end = range.end.min(self.bytes.len());
        self.bytes.get(range.start.min(end)..end).unwrap_or(&[])
    }

    // --- reading ---

    /// Reads with a nom parser (over complete input, at an octet border).
    ///
    /// # Errors
    /// The octets run out, or the parser refuses them: a finding is recorded.
    #[inline]
    pub fn take<O, P>(&mut self, field: &'static Field, mut parser: P) -> Read<O>
    where
        O: Shown,
        P: Parser<&'b [u8], Output = O, Error = nom::error::Error<&'b [u8]>>,
    {
        let input = self.peek();
        match parser.parse(input) {
            Ok((rest, value)) => {
                let used = u32::try_from(input.len().saturating_sub(rest.len())).unwrap_or(0).saturating_mul(8);
                let shown = value.shown();
                Ok(self.emit(field, used, shown, value))
            }
            Err(_) => Err(self.lacking(field)),
        }
    }

    #[inline]
    fn emit<O>(&mut self, field: &'static Field, bits: u32, shown: Value, value: O) -> At<O> {
        let span = Span::new(self.window.buf, self.pos, bits);
        let node = self.tree.add(Some(self.parent), field, span, shown);
        // Whoever calls has seen that the bits are there.
        self.pos = self.pos.wrapping_add(bits);
        At { value, node, span }
    }

    /// The finding for a field that does not fit: cut by the capture, or too short by its layout.
    #[cold]
    #[inline(never)]
    fn lacking(&mut self, field: &'static Field) -> Stop {
        let left = self.left();
        if self.is_cut() {
            return self.stop_with(
                &CUT,
                self.parent,
                format_args!("{} ({}): {left} octets left", field.label, field.name),
            );
        }
        let short = self.short;
        self.stop_with(short, self.parent, format_args!("{} ({}): {left} octets left", field.label, field.name))
    }

    /// Reads one octet.
    ///
    /// # Errors
    /// The octets run out.
    #[inline]
    pub fn u8(&mut self, field: &'static Field) -> Read<u8> {
        let [octet] = self.fixed(field)?;
        Ok(self.emit(field, 8, Value::Uint(octet.into()), octet))
    }

    /// The next octets of a field of so many; [`Reader::emit`] comes afterwards.
    #[inline]
    fn fixed<const N: usize>(&mut self, field: &'static Field) -> Result<[u8; N], Stop> {
        match chunk::<N>(self.part, octets_in(self.pos)) {
            Some(octets) if self.pos.is_multiple_of(8) => Ok(*octets),
            _ => Err(self.lacking(field)),
        }
    }

    /// Reads two octets, most significant first.
    ///
    /// # Errors
    /// The octets run out.
    #[inline]
    pub fn u16(&mut self, field: &'static Field) -> Read<u16> {
        let value = u16::from_be_bytes(self.fixed(field)?);
        Ok(self.emit(field, 16, Value::Uint(value.into()), value))
    }

    /// Reads four octets, most significant first.
    ///
    /// # Errors
    /// The octets run out.
    #[inline]
    pub fn u32(&mut self, field: &'static Field) -> Read<u32> {
        let value = u32::from_be_bytes(self.fixed(field)?);
        Ok(self.emit(field, 32, Value::Uint(value.into()), value))
    }

    /// Reads `n` bits (at most 64), most significant first, at any bit.
    ///
    /// # Errors
    /// The bits run out.
    #[inline]
    pub fn bits(&mut self, field: &'static Field, n: u32) -> Read<u64> {
        let value = self.bits_ahead(field, n)?;
        Ok(self.emit(field, n, Value::Uint(value), value))
    }

    /// The value of the next `n` bits; [`Reader::emit`] comes afterwards.
    #[inline]
    fn bits_ahead(&mut self, field: &'static Field, n: u32) -> Result<u64, Stop> {
        if n > 64 || n > self.bits_left() {
            return Err(self.lacking(field));
        }
        let start = octets_in(self.pos);
        let before = self.pos % 8;
        // Within one octet, what is before it and behind it goes.
        if (1..=8).contains(&n)
            && before.saturating_add(n) <= 8
            && let Some(octet) = self.bytes.get(start)
        {
            let left = u32::from(octet.wrapping_shl(before));
            return Ok(u64::from(left.wrapping_shr(8u32.wrapping_sub(n))));
        }
        // Else there are nearly always eight octets ahead that hold all of it.
        if (1..=56).contains(&n)
            && let Some(eight) = chunk::<8>(self.bytes, start)
        {
            let (left, right) = (u64::from_be_bytes(*eight).wrapping_shl(before), u64::BITS.wrapping_sub(n));
            return Ok(left.wrapping_shr(right));
        }
        Ok(self.bits_at_the_end(n))
    }

    /// The value of the next `n` bits, at most 64, which are there: from all octets that hold a bit of it, at most nine.
    #[cold]
    #[inline(never)]
    fn bits_at_the_end(&self, n: u32) -> u64 {
        let end = self.pos.saturating_add(n);
        let octets = octets_in(self.pos)..octets_in(end.saturating_add(7));
        let all = self.bytes.get(octets).unwrap_or(&[]).iter().fold(0u128, |all, octet| all << 8 | u128::from(*octet));
        let value = all >> (end.wrapping_neg() % 8) & (1u128 << n).wrapping_sub(1);
        u64::try_from(value).unwrap_or(0)
    }

    /// Reads one bit as a flag.
    ///
    /// # Errors
    /// The bits run out.
    #[inline]
    pub fn bit(&mut self, field: &'static Field) -> Read<bool> {
        let value = self.bits_ahead(field, 1)? == 1;
        Ok(self.emit(field, 1, Value::Bool(value), value))
    }

    /// Reads `n` octets: text, bytes, an address. What there is of a field that is cut gets its node too.
    ///
    /// # Errors
    /// The octets run out.
    #[inline]
    pub fn bytes(&mut self, field: &'static Field, n: usize) -> Read<&'b [u8]> {
        let input = self.peek();
        match input.get(..n) {
            Some(octets) => {
                let bits = u32::try_from(n).unwrap_or(u32::MAX).saturating_mul(8);
                Ok(self.emit(field, bits, Value::Raw, octets))
            }
            None => Err(self.lacking_octets(field, n)),
        }
    }

    /// The same for a field of `n` octets: what there is of it gets its node.
    #[cold]
    #[inline(never)]
    fn lacking_octets(&mut self, field: &'static Field, n: usize) -> Stop {
        let left = self.peek().len();
        if left == 0 {
            return self.lacking(field);
        }
        let at = self.rest(field);
        let rule = if self.is_cut() { &CUT } else { self.short };
        self.stop_with(rule, at.node, format_args!("{}: {left} of {n} octets", field.label))
    }

    /// Reads all octets left, maybe none.
    #[inline]
    pub fn rest(&mut self, field: &'static Field) -> At<&'b [u8]> {
        let octets = self.peek();
        let bits = self.bits_left();
        self.emit(field, bits, Value::Raw, octets)
    }

    /// Reads up to and including the first zero octet; the value leaves the zero out.
    ///
    /// # Errors
    /// There is no zero octet: what is left is read, and a finding recorded.
    pub fn c_string(&mut self, field: &'static Field) -> Read<&'b [u8]> {
        let input = self.peek();
        match input.iter().position(|octet| *octet == 0) {
            Some(len) => {
                let text = input.get(..len).unwrap_or(&[]);
                let bits = u32::try_from(len).unwrap_or(0).saturating_add(1).saturating_mul(8);
                // The value is the text alone, so it stands in scratch space; the span includes the zero.
                let value = self.tree.scratch_bytes(text);
                Ok(self.emit(field, bits, value, text))
            }
            None if input.is_empty() => Err(self.lacking(field)),
            None => {
                let at = self.rest(field);
                let rule = if self.is_cut() { &CUT } else { self.short };
                Err(self.stop_with(rule, at.node, format_args!("{}: no zero octet ends the text", field.label)))
            }
        }
    }

    // --- nodes ---

    /// A group: what the closure reads becomes its children. The group closes on every path.
    ///
    /// # Errors
    /// Whatever the closure stopped at.
    #[inline]
    pub fn group<T>(
        &mut self,
        field: &'static Field,
        read: impl FnOnce(&mut Self) -> Result<T, Stop>,
    ) -> Result<At<T>, Stop> {
        let start = self.here();
        let node = self.tree.add(Some(self.parent), field, start, Value::None);
        let above = std::mem::replace(&mut self.parent, node);
        let result = read(self);
        self.parent = above;
        let span = self.since(start);
        self.tree.close(node, span);
        result.map(|value| At { value, node, span })
    }

    /// The group that is open, or the layer: where the next node goes.
    #[inline]
    pub const fn open(&self) -> NodeId {
        self.parent
    }

    /// Reads a part of `len` octets, which an earlier field stated.
    ///
    /// A length beyond what is left is blamed on its own node with `rule`, and the part is clamped. What the closure leaves
    /// unread becomes a `data` node; reading goes on after the part even if the closure stopped: then the answer is `None`.
    #[inline]
    pub fn within<T>(
        &mut self,
        len: At<usize>,
        rule: &'static Rule,
        read: impl FnOnce(&mut Self) -> Result<T, Stop>,
    ) -> Option<T> {
        let wanted = u32::try_from(len.value).unwrap_or(u32::MAX).saturating_mul(8);
        let stated = self.pos.saturating_add(wanted);
        if stated > self.window.promised {
            self.overrun(len, rule);
        }
        let promised = stated.min(self.window.promised);
        self.part(promised.min(self.window.end), promised, read)
    }

    /// Reads a part of `octets` octets, which are there. Else as [`Reader::within`].
    #[inline]
    pub fn inside<T>(&mut self, octets: usize, read: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Option<T> {
        let stated = u32::try_from(octets).unwrap_or(u32::MAX).saturating_mul(8).saturating_add(self.pos);
        let end = stated.min(self.window.end);
        self.part(end, end, read)
    }

    /// Reads a part that ends at bit `end`, of which an earlier field promised all up to `promised`.
    #[inline]
    fn part<T>(&mut self, end: u32, promised: u32, read: impl FnOnce(&mut Self) -> Result<T, Stop>) -> Option<T> {
        let outer = (self.window, self.part);
        self.end_at(end);
        self.window.promised = promised;
        let result = read(self);
        self.fill_gap();
        (self.window, self.part) = outer;
        result.ok()
    }

    #[cold]
    #[inline(never)]
    fn overrun(&mut self, len: At<usize>, rule: &'static Rule) {
        let left = self.promised();
        self.flag_with(rule, len.node, format_args!("states {} octets, {left} are left", len.value));
    }

    /// The window ends here: at the end it has, or before.
    #[inline]
    fn end_at(&mut self, end: u32) {
        self.window.end = end;
        self.part = part_of(self.part, end);
    }

    /// What is left of the current part becomes a `data` node.
    #[inline]
    fn fill_gap(&mut self) {
        let bits = self.bits_left();
        if bits > 0 {
            self.emit(&DATA, bits, Value::Raw, ());
        }
    }

    /// The layer ends after `len` octets from here; what the window has beyond them belongs to no layer.
    #[inline]
    pub fn limit(&mut self, len: usize) {
        let stated = self.pos.saturating_add(u32::try_from(len).unwrap_or(u32::MAX).saturating_mul(8));
        if stated < self.window.end {
            let bits = self.window.end.saturating_sub(stated);
            self.out.trailing = Some(Span::new(self.window.buf, stated, bits));
            self.end_at(stated);
        }
        self.window.promised = stated.max(self.window.end);
    }

    /// The last `len` octets of the window, read now: a trailer such as a frame check sequence. Nothing when they are not there.
    pub fn tail(&mut self, field: &'static Field, len: usize) -> Option<At<&'b [u8]>> {
        let bits = u32::try_from(len).ok()?.saturating_mul(8);
        if self.is_cut() || bits == 0 || bits > self.bits_left() {
            return None;
        }
        let start = self.window.end.saturating_sub(bits);
        let span = Span::new(self.window.buf, start, bits);
        let node = self.tree.add(Some(self.parent), field, span, Value::Raw);
        let value = self.octets(span);
        self.end_at(start);
        self.window.promised = start;
        Some(At { value, node, span })
    }

    /// A generated node: computed from what was read, shown in brackets, takes no room.
    #[inline]
    pub fn generated(&mut self, field: &'static Field, value: Value) -> NodeId {
        debug_assert!(field.generated, "{} is not declared as generated", field.name);
        let span = self.here();
        self.tree.add(Some(self.parent), field, span, value)
    }

    /// A generated node with text.
    pub fn generated_text(&mut self, field: &'static Field, text: Arguments<'_>) -> NodeId {
        let value = self.tree.scratch(text);
        self.generated(field, value)
    }

    /// A generated node with text that is there already.
    pub fn generated_octets(&mut self, field: &'static Field, text: &[u8]) -> NodeId {
        let value = self.tree.scratch_bytes(text);
        self.generated(field, value)
    }

    /// The same, in lower case.
    pub fn generated_lower_case(&mut self, field: &'static Field, text: &[u8]) -> NodeId {
        let value = self.tree.scratch_lower_case(text);
        self.generated(field, value)
    }

    /// A child of an earlier leaf that shows the same bits in another way must be generated; this gives the leaf's value a
    /// new meaning instead: another field, another value.
    pub fn revise<O>(&mut self, at: &At<O>, field: &'static Field, value: Value) {
        self.tree.set_field(at.node, field);
        self.tree.set_value(at.node, value);
    }

    /// Sets the value of a node: a group that turns out to have one, a number read as octets.
    #[inline]
    pub fn set_value(&mut self, node: NodeId, value: Value) {
        self.tree.set_value(node, value);
    }

    /// Puts octets into the tree's scratch space, as the value of a node.
    pub fn scratch_bytes(&mut self, octets: &[u8]) -> Value {
        self.tree.scratch_bytes(octets)
    }

    // --- findings ---

    /// Records a finding.
    pub fn flag(&mut self, rule: &'static Rule, node: NodeId) {
        self.tree.flag(rule, node, format_args!(""));
    }

    /// Records a finding with what is particular to it.
    pub fn flag_with(&mut self, rule: &'static Rule, node: NodeId, detail: Arguments<'_>) {
        self.tree.flag(rule, node, detail);
    }

    /// Records a finding whose severity differs from its rule's.
    pub fn flag_as(&mut self, rule: &'static Rule, severity: Severity, node: NodeId, detail: Arguments<'_>) {
        self.tree.flag_as(rule, severity, node, detail);
    }

    /// Records a finding and stops.
    #[must_use]
    pub fn stop(&mut self, rule: &'static Rule, node: NodeId) -> Stop {
        self.stop_with(rule, node, format_args!(""))
    }

    /// Records a finding with what is particular to it, and stops.
    #[must_use]
    #[cold]
    pub fn stop_with(&mut self, rule: &'static Rule, node: NodeId, detail: Arguments<'_>) -> Stop {
        self.tree.flag(rule, node, detail);
        Stop(())
    }

    // --- handing on ---

    /// The rest of the layer belongs to whoever claims it.
    #[inline]
    pub fn hand_over(&mut self, claim: Claim) {
        self.hand_over_any(&[claim]);
    }

    /// The rest of the layer belongs to whoever claims the first of these keys that anyone claims.
    #[inline]
    pub fn hand_over_any(&mut self, claims: &[Claim]) {
        let window = Window { start: self.pos, ..self.window };
        self.out.hand(window, claims);
        self.pos = self.window.end;
    }

    /// The next `len` octets belong to whoever claims them; reading goes on after them.
    pub fn hand_over_part(&mut self, len: usize, claim: Claim) {
        let stated = self.pos.saturating_add(u32::try_from(len).unwrap_or(u32::MAX).saturating_mul(8));
        let promised = stated.min(self.window.promised);
        let end = promised.min(self.window.end);
        let window = Window { buf: self.window.buf, start: self.pos, end, promised };
        self.out.hand(window, &[claim]);
        self.pos = end;
    }

    /// New octets made from this buffer belong to whoever claims them. The pieces name this buffer by [`Reader::buffer`].
    pub fn hand_over_derived(&mut self, derived: Derived, claim: Claim) {
        let made = u16::try_from(self.out.derived.len()).unwrap_or(u16::MAX);
        let buf = BufId(self.buffers.saturating_add(made));
        let window = Window::whole(buf, derived.len(), 0);
        self.out.derived.push(derived);
        self.out.hand(window, &[claim]);
    }

    /// The buffer this layer reads.
    pub const fn buffer(&self) -> BufId {
        self.window.buf
    }

    /// Memory is needed: the layer ends here, and the engine asks. What was not read goes with the question. Questions of one
    /// layer are put in the order they are asked, and at most one of them leads to octets.
    pub fn ask(&mut self, need: Need) {
        self.out.ask(need);
    }

    /// Reports this layer as a push, with what is known.
    pub fn push(&mut self) {
        let facts = *self.out.known();
        self.found.pushes.push(Push { layer: self.layer, facts });
    }

    /// Reports a Package #0.
    pub fn message(&mut self, message: Message) {
        self.found.messages.push(message);
    }

    /// The packet is worth listing though it holds no push that can be read.
    pub fn concerns_push(&mut self) {
        self.found.concerns_push = true;
    }

    /// Ends the layer: unread bits become a `data` node, and the layer's node spans what was read.
    #[inline]
    pub(super) fn finish(mut self) {
        self.parent = self.layer;
        self.fill_gap();
        let window = self.window;
        let end = match self.out.handed().last() {
            Some(last) if last.window.buf == window.buf && last.window.end == window.end => last.window.start,
            _ => self.pos,
        };
        let span = Span::new(window.buf, window.start, end.saturating_sub(window.start));
        self.tree.close(self.layer, span);
    }
}

#[cfg(test)]
mod tests;
