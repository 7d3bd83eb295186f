//! Which octets and bits a field came from, in every frame and every derived buffer; and which field an octet belongs to.
//!
//! Must not know the screen.

use crate::model::{BufId, NodeId, Origin, Span, View};

use super::opened::Opened;

/// Something with octets that can be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tab {
    /// A frame of the capture, by number.
    Frame(u32),
    /// A derived buffer.
    Buffer(BufId),
}

/// A run of bits in one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Light {
    /// Where.
    pub tab: Tab,
    /// First bit.
    pub start: u32,
    /// Number of bits.
    pub len: u32,
}

/// The tabs of a packet: its frame, the other frames it was put together from, its derived buffers.
pub fn tabs(view: View<'_>) -> Vec<Tab> {
    let own = view.buffers.number();
    let mut tabs = vec![Tab::Frame(own)];
    tabs.extend(view.buffers.frames().into_iter().filter(|n| *n != own).map(Tab::Frame));
    tabs.extend(view.buffers.derived().map(|(id, _)| Tab::Buffer(id)));
    tabs
}

/// The title of a tab.
pub fn title(view: View<'_>, tab: Tab) -> String {
    match tab {
        Tab::Frame(number) => format!("frame {number}"),
        Tab::Buffer(id) => view
            .buffers
            .derived()
            .find(|(d, _)| *d == id)
            .map_or_else(String::new, |(_, derived)| derived.name.to_owned()),
    }
}

/// The octets of a tab; `None` where the frame cannot be had again.
pub fn octets(opened: &Opened, tab: Tab) -> Option<&[u8]> {
    match tab {
        Tab::Frame(number) => opened.frame_octets(number),
        Tab::Buffer(id) => Some(opened.buffer_octets(id)),
    }
}

/// The tab in which a span stands as it was read.
pub fn home(view: View<'_>, span: Span) -> Tab {
    if span.buf == BufId::FRAME { Tab::Frame(view.buffers.number()) } else { Tab::Buffer(span.buf) }
}

/// Where a span stands, in words: `octets 28 to 31 of reassembled IPv4`.
pub fn place(view: View<'_>, span: Span) -> String {
    if span.len == 0 {
        return String::new();
    }
    let (first, last) = (span.start, span.end().saturating_sub(1));
    let of =
        if span.buf == BufId::FRAME { String::new() } else { format!(" of {}", title(view, Tab::Buffer(span.buf))) };
    if span.is_aligned() && first / 8 == last / 8 {
        format!("octet {}{of}", first / 8)
    } else if span.is_aligned() {
        format!("octets {} to {}{of}", first / 8, last / 8)
    } else if first / 8 == last / 8 {
        // Bits of an octet count from the right, as standards draw them.
        let (high, low) = (7u32.saturating_sub(first % 8), 7u32.saturating_sub(last % 8));
        let bits = if high == low { format!("bit {high}") } else { format!("bits {high} to {low}") };
        format!("{bits} of octet {}{of}", first / 8)
    } else {
        let (high, low) = (7u32.saturating_sub(first % 8), 7u32.saturating_sub(last % 8));
        format!("octet {} bit {high} to octet {} bit {low}{of}", first / 8, last / 8)
    }
}

/// Every run of bits a span was read from, in every frame and buffer.
pub fn lights(view: View<'_>, span: Span) -> Vec<Light> {
    let mut out = Vec::new();
    if span.len > 0 {
        add(view, span, &mut out);
    }
    out
}

fn add(view: View<'_>, span: Span, out: &mut Vec<Light>) {
    push(out, Light { tab: home(view, span), start: span.start, len: span.len });
    let Some(index) = span.buf.0.checked_sub(1) else { return };
    let Some((_, derived)) = view.buffers.derived().nth(usize::from(index)) else { return };
    for piece in derived.pieces() {
        let low = span.start.max(piece.at);
        let high = span.end().min(piece.at.saturating_add(piece.len));
        if low >= high {
            continue;
        }
        let (start, len) = if piece.len == piece.from_len {
            (piece.from.saturating_add(low.saturating_sub(piece.at)), high.saturating_sub(low))
        } else {
            (piece.from, piece.from_len)
        };
        match piece.origin {
            Origin::Frame(number) => push(out, Light { tab: Tab::Frame(number), start, len }),
            // A buffer is made from earlier ones only, so this ends.
            Origin::Buffer(buf) if buf < span.buf => add(view, Span::new(buf, start, len), out),
            Origin::Buffer(_) => {}
        }
    }
}

fn push(out: &mut Vec<Light>, light: Light) {
    match out.iter_mut().rev().find(|l| l.tab == light.tab) {
        Some(last) if last.start.saturating_add(last.len) == light.start => {
            last.len = last.len.saturating_add(light.len);
        }
        _ => out.push(light),
    }
}

/// The innermost field that a bit of a tab belongs to.
pub fn field_at(view: View<'_>, tab: Tab, bit: u32) -> Option<NodeId> {
    let covers = |light: &Light| light.tab == tab && light.start <= bit && bit < light.start.saturating_add(light.len);
    let mut best: Option<(u32, std::cmp::Reverse<u32>, NodeId)> = None;
    for (id, node) in view.tree.iter() {
        if node.field.generated || node.span.len == 0 {
            continue;
        }
        // A field further inside is further on in the tree; of equal ones the last is the innermost.
        let rank = (node.span.len, std::cmp::Reverse(id.0), id);
        if best.is_some_and(|b| (b.0, b.1) <= (rank.0, rank.1)) {
            continue;
        }
        let here = home(view, node.span) == tab && node.span.start <= bit && bit < node.span.end();
        if here || (node.span.buf != BufId::FRAME && lights(view, node.span).iter().any(covers)) {
            best = Some(rank);
        }
    }
    best.map(|b| b.2)
}

#[cfg(test)]
mod tests {
    use super::{Light, Tab, field_at, lights, tabs};
    use crate::model::{BufId, Derived, Field, Origin, Piece, Span, Value};
    use crate::tui::opened::Opened;

    static OUTER: Field = Field::bytes("outer", "Outer").uncited("test");
    static INNER: Field = Field::uint("inner", "Inner").uncited("test");

    fn packet() -> Opened {
        let mut opened = Opened { number: 7, frame: vec![0; 4], ..Opened::default() };
        let pieces =
            vec![Piece::copy(0, 16, Origin::Frame(3), 80), Piece::copy(16, 16, Origin::Buffer(BufId::FRAME), 8)];
        opened.derived.push(Derived::new("joined", vec![0; 4], pieces));
        let layer = opened.tree.push(None, &OUTER, Span::octets(BufId::FRAME, 0, 4), Value::Raw);
        opened.tree.push(Some(layer), &INNER, Span::new(BufId(1), 12, 8), Value::Uint(1));
        opened
    }

    #[test]
    fn a_field_of_a_joined_buffer_lights_up_in_both_frames_bit_by_bit() {
        packet().with(|view| {
            assert_eq!(tabs(view), [Tab::Frame(7), Tab::Frame(3), Tab::Buffer(BufId(1))]);
            let found = lights(view, Span::new(BufId(1), 12, 8));
            let want = |tab, start, len| Light { tab, start, len };
            assert_eq!(
                found,
                [want(Tab::Buffer(BufId(1)), 12, 8), want(Tab::Frame(3), 92, 4), want(Tab::Frame(7), 8, 4)]
            );
        });
    }

    #[test]
    fn a_bit_of_a_frame_finds_the_field_that_was_read_from_a_joined_buffer() {
        packet().with(|view| {
            let inner = view.tree.find(None, &INNER);
            assert_eq!(field_at(view, Tab::Frame(7), 11), inner);
            assert_eq!(field_at(view, Tab::Frame(3), 92), inner);
            assert_eq!(field_at(view, Tab::Frame(7), 12), view.tree.find(None, &OUTER));
            assert_eq!(field_at(view, Tab::Frame(3), 0), None);
        });
    }
}
