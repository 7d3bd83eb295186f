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
    /// Its octets.
    pub bytes: Vec<u8>,
    /// Where they came from, sorted by `at`.
    pub pieces: Vec<Piece>,
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

    /// A packet that was kept: the octets of its frame and of the buffers derived from it.
    pub const fn over(number: u32, frame: &'f [u8], derived: &'f [Derived]) -> Self {
        Self { frame, number, derived: Cow::Borrowed(derived) }
    }

    /// The octets of a buffer; empty for one that does not exist.
    #[inline]
    pub fn bytes(&self, buf: BufId) -> &[u8] {
        match buf.0.checked_sub(1) {
            None => self.frame,
            Some(index) => self.derived.get(usize::from(index)).map_or(&[], |d| &d.bytes),
        }
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
        let bytes = self.bytes(span.buf);
        let range = span.octet_range();
        let end = range.end.min(bytes.len());
        bytes.get(range.start.min(end)..end).unwrap_or(&[])
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
        for piece in &derived.pieces {
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
            for piece in &derived.pieces {
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
        let id = buffers.derive(Derived { name: "test", bytes: vec![0; 4], pieces });
        assert_eq!(
            buffers.resolve(Span::new(id, 12, 8)),
            [FrameSpan { frame: 3, start: 92, len: 4 }, FrameSpan { frame: 7, start: 8, len: 4 }]
        );
    }

    #[test]
    fn six_bits_of_base64_resolve_to_the_whole_character() {
        let frame = *b"AAAA";
        let mut buffers = Buffers::new(1, &frame);
        let pieces = (0..4)
            .map(|i| Piece { at: i * 6, len: 6, origin: Origin::Buffer(BufId::FRAME), from: i * 8, from_len: 8 })
            .collect();
        let id = buffers.derive(Derived { name: "base64", bytes: vec![0; 3], pieces });
        assert_eq!(buffers.resolve(Span::new(id, 6, 2)), [FrameSpan { frame: 1, start: 8, len: 8 }]);
    }
}
