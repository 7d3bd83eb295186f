//! The octets of a packet: the frame, and the buffers derived from it.
//!
//! A derived buffer (a reassembled datagram, decoded base64, …) remembers for every bit where it came from, so that
//! [`Buffers::resolve`] can name each stretch of each frame a field was read from. Must not know how buffers are derived.

use std::borrow::Cow;

use super::span::{BufId, Span};

/// Where a stretch of a derived buffer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Another buffer of the same packet, made earlier.
    Buffer(BufId),
    /// A frame of the capture, by number (from 1, in the merged order).
    Frame(u32),
}

/// A stretch of a derived buffer and the stretch it was made from, in bits.
///
/// Where both have the same length, each bit comes from its counterpart. Where they differ (base64: 6 bits from 8) any part
/// comes from the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece {
    /// First bit in the derived buffer.
    pub at: u32,
    /// Number of bits in the derived buffer.
    pub len: u32,
    /// What it was made from.
    pub origin: Origin,
    /// First bit there.
    pub from: u32,
    /// Number of bits there.
    pub from_len: u32,
}

impl Piece {
    /// A stretch copied bit by bit.
    pub const fn copy(at: u32, len: u32, origin: Origin, from: u32) -> Self {
        Self { at, len, origin, from, from_len: len }
    }

    /// The part of the origin that `[start, end)` of the derived buffer came from, `None` where they do not meet.
    fn source(&self, start: u32, end: u32) -> Option<(u32, u32)> {
        let low = start.max(self.at);
        let high = end.min(self.at.saturating_add(self.len));
        if low >= high {
            return None;
        }
        if self.len == self.from_len {
            Some((self.from.saturating_add(low - self.at), high - low))
        } else {
            Some((self.from, self.from_len))
        }
    }
}

/// A buffer made from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derived {
    /// What it is, for tabs and JSON: `reassembled IPv4`.
    pub name: &'static str,
    content: Content,
}

/// The octets of a derived buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    /// Octets of its own, and where they came from, sorted by `at`.
    Own { bytes: Vec<u8>, pieces: Vec<Piece> },
    /// All of one run of whole octets of an earlier buffer: read where it stands.
    Run { piece: Piece, buf: BufId },
}

impl Derived {
    /// A buffer with octets of its own; `pieces` say where they came from, sorted by `at`.
    pub const fn new(name: &'static str, bytes: Vec<u8>, pieces: Vec<Piece>) -> Self {
        Self { name, content: Content::Own { bytes, pieces } }
    }

    /// A buffer that is a run of whole octets of an earlier buffer of the same packet: nothing is copied.
    pub fn run(name: &'static str, of: Span) -> Self {
        debug_assert!(of.is_aligned(), "a run of whole octets");
        let piece = Piece::copy(0, of.len, Origin::Buffer(of.buf), of.start);
        Self { name, content: Content::Run { piece, buf: of.buf } }
    }

    /// The run of an earlier buffer that it is, if it is one.
    pub const fn as_run(&self) -> Option<Span> {
        match &self.content {
            Content::Own { .. } => None,
            Content::Run { piece, buf } => Some(Span::new(*buf, piece.from, piece.len)),
        }
    }

    /// How many octets it has.
    pub const fn len(&self) -> usize {
        match &self.content {
            Content::Own { bytes, .. } => bytes.len(),
            Content::Run { piece, .. } => (piece.len / 8) as usize,
        }
    }

    /// Whether it has none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The octets that are its own; [`Buffers::bytes`] has those of every buffer.
    pub fn own(&self) -> &[u8] {
        match &self.content {
            Content::Own { bytes, .. } => bytes,
            Content::Run { .. } => &[],
        }
    }

    /// Where its octets came from, sorted by `at`.
    pub fn pieces(&self) -> &[Piece] {
        match &self.content {
            Content::Own { pieces, .. } => pieces,
            Content::Run { piece, .. } => std::slice::from_ref(piece),
        }
    }
}

/// A stretch of a frame, in bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FrameSpan {
    /// Frame number, from 1, in the merged order.
    pub frame: u32,
    /// First bit.
    pub start: u32,
    /// Number of bits.
    pub len: u32,
}

/// The octets of one packet.
#[derive(Clone, Debug)]
pub struct Buffers<'f> {
    frame: &'f [u8],
    number: u32,
    derived: Cow<'f, [Derived]>,
}

impl<'f> Buffers<'f> {
    /// Octets of the frame with this number.
    pub const fn new(number: u32, frame: &'f [u8]) -> Self {
        Self { frame, number, derived: Cow::Borrowed(&[]) }
    }

    /// The same, with room for derived buffers that another packet had.
    pub fn with_room(number: u32, frame: &'f [u8], mut room: Vec<Derived>) -> Self {
        room.clear();
        Self { frame, number, derived: Cow::Owned(room) }
    }

    /// The room for derived buffers, for the next packet.
    pub fn into_room(self) -> Vec<Derived> {
        match self.derived {
            Cow::Borrowed(_) => Vec::new(),
            Cow::Owned(room) => room,
        }
    }

    /// A packet that was kept: the octets of its frame and of the buffers derived from it.
    pub const fn over(number: u32, frame: &'f [u8], derived: &'f [Derived]) -> Self {
        Self { frame, number, derived: Cow::Borrowed(derived) }
    }

    /// The octets of a buffer; empty for one that does not exist.
    #[inline]
    pub fn bytes(&self, buf: BufId) -> &[u8] {
        bytes(self.frame, &self.derived, buf)
    }

    /// The octets of the frame, which live as long as it does.
    pub const fn frame(&self) -> &'f [u8] {
        self.frame
    }

    /// Number of the frame the packet is listed under.
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// Adds a derived buffer. More than 65,534 are never asked for: the chain is bounded.
    pub fn derive(&mut self, derived: Derived) -> BufId {
        self.derived.to_mut().push(derived);
        BufId(u16::try_from(self.derived.len()).unwrap_or(u16::MAX))
    }

    /// The id that the next derived buffer will get.
    pub fn next(&self) -> BufId {
        BufId(u16::try_from(self.derived.len()).unwrap_or(u16::MAX).saturating_add(1))
    }

    /// The derived buffers, with their ids.
    pub fn derived(&self) -> impl Iterator<Item = (BufId, &Derived)> {
        (1u16..).map(BufId).zip(self.derived.iter())
    }

    /// The octets that hold a span, as far as the buffer reaches.
    pub fn octets(&self, span: Span) -> &[u8] {
        stretch(self.bytes(span.buf), span)
    }

    /// Every stretch of every frame a span was read from, in the order of the span; neighbours are joined.
    pub fn resolve(&self, span: Span) -> Vec<FrameSpan> {
        let mut out = Vec::new();
        self.resolve_into(span, &mut out);
        out
    }

    /// The same, appended.
    pub fn resolve_into(&self, span: Span, out: &mut Vec<FrameSpan>) {
        let Some(index) = span.buf.0.checked_sub(1) else {
            push_joined(out, FrameSpan { frame: self.number, start: span.start, len: span.len });
            return;
        };
        let Some(derived) = self.derived.get(usize::from(index)) else { return };
        for piece in derived.pieces() {
            let Some((start, len)) = piece.source(span.start, span.end()) else { continue };
            match piece.origin {
                Origin::Frame(frame) => push_joined(out, FrameSpan { frame, start, len }),
                // A buffer is made from earlier ones only, so this ends.
                Origin::Buffer(buf) if buf < span.buf => self.resolve_into(Span::new(buf, start, len), out),
                Origin::Buffer(_) => {}
            }
        }
    }

    /// A span as pieces of frames that another packet can keep: what a fragment leaves behind.
    ///
    /// `at` is where the span's first bit will stand in the new buffer.
    pub fn pieces(&self, span: Span, at: u32) -> Vec<Piece> {
        let mut at = at;
        let mut out = Vec::new();
        for part in self.resolve(span) {
            out.push(Piece::copy(at, part.len, Origin::Frame(part.frame), part.start));
            at = at.saturating_add(part.len);
        }
        out
    }

    /// The highest frame number any buffer came from, and the lowest; both are the packet's own without reassembly.
    pub fn frames(&self) -> Vec<u32> {
        let mut frames = vec![self.number];
        for derived in self.derived.iter() {
            for piece in derived.pieces() {
                if let Origin::Frame(frame) = piece.origin {
                    frames.push(frame);
                }
            }
        }
        frames.sort_unstable();
        frames.dedup();
        frames
    }
}

/// The octets of a buffer of a packet with this frame and these buffers derived from it; empty for one that does not exist.
#[inline]
pub fn bytes<'a>(frame: &'a [u8], derived: &'a [Derived], buf: BufId) -> &'a [u8] {
    let Some(index) = buf.0.checked_sub(1) else { return frame };
    let Some(found) = derived.get(usize::from(index)) else { return &[] };
    match found.as_run() {
        // A buffer is made from earlier ones only, so this ends.
        Some(run) if run.buf < buf => stretch(bytes(frame, derived, run.buf), run),
        Some(_) => &[],
        None => found.own(),
    }
}

/// The octets that hold a span, as far as there are any.
#[inline]
fn stretch(bytes: &[u8], span: Span) -> &[u8] {
    let range = span.octet_range();
    let end = range.end.min(bytes.len());
    bytes.get(range.start.min(end)..end).unwrap_or(&[])
}

fn push_joined(out: &mut Vec<FrameSpan>, next: FrameSpan) {
    if next.len == 0 {
        return;
    }
    match out.last_mut() {
        Some(last) if last.frame == next.frame && last.start.saturating_add(last.len) == next.start => {
            last.len = last.len.saturating_add(next.len);
        }
        _ => out.push(next),
    }
}

#[cfg(test)]
mod tests {
    use super::{BufId, Buffers, Derived, FrameSpan, Origin, Piece, Span};

    #[test]
    fn a_span_over_two_fragments_resolves_to_both_frames() {
        let frame = [0u8; 10];
        let mut buffers = Buffers::new(7, &frame);
        let pieces =
            vec![Piece::copy(0, 16, Origin::Frame(3), 80), Piece::copy(16, 16, Origin::Buffer(BufId::FRAME), 8)];
        let id = buffers.derive(Derived::new("test", vec![0; 4], pieces));
        assert_eq!(
            buffers.resolve(Span::new(id, 12, 8)),
            [FrameSpan { frame: 3, start: 92, len: 4 }, FrameSpan { frame: 7, start: 8, len: 4 }]
        );
    }

    #[test]
    fn a_run_is_read_where_it_stands() {
        let frame = [10, 11, 12, 13, 14];
        let mut buffers = Buffers::new(7, &frame);
        let outer = buffers.derive(Derived::run("outer", Span::octets(BufId::FRAME, 1, 4)));
        let inner = buffers.derive(Derived::run("inner", Span::octets(outer, 1, 2)));
        assert_eq!((buffers.bytes(outer), buffers.bytes(inner)), (&[11, 12, 13, 14][..], &[12, 13][..]));
        assert_eq!(buffers.resolve(Span::octets(inner, 0, 2)), [FrameSpan { frame: 7, start: 16, len: 16 }]);
    }

    #[test]
    fn a_run_of_a_later_buffer_or_beyond_the_end_has_no_octets() {
        let frame = [1, 2];
        let mut buffers = Buffers::new(7, &frame);
        let itself = buffers.derive(Derived::run("itself", Span::octets(BufId(1), 0, 2)));
        let beyond = buffers.derive(Derived::run("beyond", Span::octets(BufId::FRAME, 1, 9)));
        assert_eq!((buffers.bytes(itself), buffers.bytes(beyond)), (&[][..], &[2][..]));
        assert_eq!(buffers.resolve(Span::octets(itself, 0, 2)), []);
    }

    #[test]
    fn six_bits_of_base64_resolve_to_the_whole_character() {
        let frame = *b"AAAA";
        let mut buffers = Buffers::new(1, &frame);
        let pieces = (0..4)
            .map(|i| Piece { at: i * 6, len: 6, origin: Origin::Buffer(BufId::FRAME), from: i * 8, from_len: 8 })
            .collect();
        let id = buffers.derive(Derived::new("base64", vec![0; 3], pieces));
        assert_eq!(buffers.resolve(Span::new(id, 6, 2)), [FrameSpan { frame: 1, start: 8, len: 8 }]);
    }
}
