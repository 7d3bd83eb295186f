//! Whether the leaves of a tree tile every buffer: the invariant every dissector is tested against.
//!
//! Must not know any protocol.

use crate::model::{BufId, Buffers, Span, Tree};

/// The runs of bits that no leaf was read from, or more than one was; empty when the leaves tile every buffer.
///
/// Generated nodes take no room, so they do not count.
pub fn untiled(buffers: &Buffers<'_>, tree: &Tree) -> Vec<Span> {
    let mut leaves: Vec<Span> = tree
        .iter()
        .filter(|(id, node)| tree.is_leaf(*id) && !node.field.generated && node.span.len > 0)
        .map(|(_, node)| node.span)
        .collect();
    leaves.sort_unstable();
    let all = std::iter::once(BufId::FRAME).chain(buffers.derived().map(|(id, _)| id));
    let mut wrong = Vec::new();
    for buf in all {
        let end = u32::try_from(buffers.bytes(buf).len()).unwrap_or(u32::MAX).saturating_mul(8);
        let mut at = 0u32;
        for leaf in leaves.iter().filter(|leaf| leaf.buf == buf) {
            if leaf.start > at {
                wrong.push(Span::new(buf, at, leaf.start.saturating_sub(at)));
            } else if leaf.start < at {
                wrong.push(Span::new(buf, leaf.start, at.min(leaf.end()).saturating_sub(leaf.start)));
            }
            at = at.max(leaf.end());
        }
        if at != end {
            wrong.push(Span::new(buf, at.min(end), at.abs_diff(end)));
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::untiled;
    use crate::dissect::reader::DATA;
    use crate::model::{BufId, Buffers, Span, Tree, Value};

    fn wrong(leaves: &[(u32, u32)]) -> Vec<(u32, u32)> {
        let buffers = Buffers::new(1, &[0; 4]);
        let mut tree = Tree::default();
        for (start, len) in leaves {
            tree.push(None, &DATA, Span::new(BufId::FRAME, *start, *len), Value::Raw);
        }
        untiled(&buffers, &tree).iter().map(|span| (span.start, span.len)).collect()
    }

    #[test]
    fn gaps_overlaps_and_overruns_are_told() {
        assert_eq!(wrong(&[(8, 24), (0, 8)]), []);
        assert_eq!(wrong(&[(0, 8), (12, 20)]), [(8, 4)]);
        assert_eq!(wrong(&[(0, 16), (8, 24)]), [(8, 8)]);
        assert_eq!(wrong(&[(0, 31)]), [(31, 1)]);
        assert_eq!(wrong(&[(0, 40)]), [(32, 8)]);
    }
}
