//! The order of the list: by a column, worked out beside the keys, its first rows at once.
//!
//! Must not know the screen, nor where the values come from beyond the records of the list.

use std::cmp::Ordering;
use std::net::IpAddr;
use std::sync::Arc;

use super::model::Column;
use super::store::{Line, Rows};
use super::texts::{Sym, Texts, Written};
use crate::model::Visible;

/// Packets in an order, whole or only some stretches of it.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Where each known stretch begins, and its packets.
    parts: Vec<(usize, Arc<Vec<u32>>)>,
    len: usize,
}

impl Order {
    /// The whole order.
    pub fn whole(packets: Vec<u32>) -> Self {
        Self { len: packets.len(), parts: vec![(0, Arc::new(packets))] }
    }

    /// How many packets it has, known or not yet.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether it has none.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// All of it, where it is known.
    pub fn all(&self) -> Option<&Arc<Vec<u32>>> {
        self.parts.first().map(|(_, packets)| packets).filter(|packets| packets.len() == self.len)
    }

    /// The packet at a position, where it is known yet.
    pub fn get(&self, position: usize) -> Option<u32> {
        let found = |(start, packets): &(usize, Arc<Vec<u32>>)| packets.get(position.checked_sub(*start)?).copied();
        self.parts.iter().find_map(found)
    }

    /// Where a packet stands, if that is known yet.
    pub fn position(&self, packet: u32) -> Option<usize> {
        let found = |(start, packets): &(usize, Arc<Vec<u32>>)| {
            packets.iter().position(|id| *id == packet).map(|at| start.saturating_add(at))
        };
        self.parts.iter().find_map(found)
    }

    /// The nearest position whose packet is known.
    pub fn nearest(&self, position: usize) -> usize {
        let into = |(start, packets): &(usize, Arc<Vec<u32>>)| {
            position.clamp(*start, start.saturating_add(packets.len()).saturating_sub(1).max(*start))
        };
        let known = self.parts.iter().filter(|(_, packets)| !packets.is_empty()).map(into);
        known.min_by_key(|near| near.abs_diff(position)).unwrap_or(0)
    }
}

/// A packet and what it is sorted by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    /// Numbers, and the start of texts.
    key: u128,
    /// The text, where the start does not decide.
    text: Sym,
    packet: u32,
}

/// Nothing comes last.
const NOTHING: u128 = u128::MAX;
/// Above all numbers.
const TEXTS: u128 = 1 << 120;

impl Entry {
    /// By what a record says in a column.
    pub(super) fn of(rows: &Rows, column: Column, packet: u32, line: &Line) -> Self {
        let text = |sym: Sym| (text_key(rows.texts.get(sym)), sym);
        let address = |sym: Sym| match rows.texts.get(sym).parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => (u128::from(u32::from(address)), Sym::default()),
            Ok(IpAddr::V6(address)) => ((u128::from(address) >> 8).max(1 << 33), sym),
            Err(_) => text(sym),
        };
        let plain = |key: Option<u128>| (key.unwrap_or(NOTHING), Sym::default());
        let (key, text) = match column {
            Column::Number | Column::Field(_) => plain(Some(u128::from(line.number))),
            Column::Time => plain(line.time.map(|time| u128::from(time.nanos().abs_diff(i64::MIN)))),
            Column::Source => address(line.source),
            Column::Destination => address(line.destination),
            Column::Carrier => (text_key(line.carrier), Sym::default()),
            Column::Server => text(line.server),
            Column::Content => text(line.content),
            Column::Summary => text(line.summary),
            Column::Id => plain(line.id.map(u128::from)),
            Column::Verdict => plain(line.status.map(|status| status as u128)),
            // The worst first.
            Column::Finding => match line.worst {
                None => plain(None),
                Some((rule, severity)) => {
                    let rank = 2u128.saturating_sub(severity as u128);
                    (rank << 124 | text_key(rule.id) >> 4, Sym::default())
                }
            },
        };
        Self { key, text, packet }
    }

    /// By a text that was worked out: numbers by size, texts by letters, nothing last.
    pub(super) fn of_text(texts: &mut Texts, packet: u32, text: &Visible) -> Self {
        let sym = texts.keep(text);
        let text = texts.get(sym);
        let number = text.parse::<f64>().ok().filter(|n| n.is_finite()).or_else(|| {
            let digits = text.strip_prefix("0x")?;
            u32::from_str_radix(digits, 16).ok().map(f64::from)
        });
        let key = match number {
            // The bits of numbers are in order once the sign is seen to.
            Some(number) => {
                let bits = number.to_bits();
                u128::from(if bits >> 63 == 0 { bits | 1 << 63 } else { !bits })
            }
            None => text_key(text),
        };
        Self { key, text: sym, packet }
    }
}

/// A number in whose order texts are, as far as their first letters go.
fn text_key(text: &str) -> u128 {
    if text.is_empty() {
        return NOTHING;
    }
    let start = text.bytes().chain(std::iter::repeat(0)).take(15);
    TEXTS.saturating_add(start.fold(0u128, |key, octet| key << 8 | u128::from(octet)).min(NOTHING - TEXTS - 1))
}

/// What decides the order.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compare<'t> {
    /// Texts of the entries.
    pub(super) texts: &'t Written,
    /// The highest first.
    pub(super) down: bool,
}

impl Compare<'_> {
    fn order(&self, a: &Entry, b: &Entry) -> Ordering {
        let by = a.key.cmp(&b.key).then_with(|| {
            if a.text == b.text { Ordering::Equal } else { self.texts.get(a.text).cmp(self.texts.get(b.text)) }
        });
        // Of equals the earlier packet comes first either way.
        (if self.down { by.reverse() } else { by }).then(a.packet.cmp(&b.packet))
    }
}

/// Rows that are worked out first: at both ends, and around the packet that is to stay on screen.
const GLANCE: usize = 512;
/// Below this many packets the whole order is there before anybody would miss it.
const FEW: usize = 50_000;
/// Packets sorted between two looks at whether it is still wanted.
const RUN: usize = 1 << 15;

/// The ends of the order, and what is around a packet; `None` where the whole order takes no longer.
pub(super) fn glance(entries: &mut [Entry], compare: Compare<'_>, around: Option<u32>) -> Option<Order> {
    let len = entries.len();
    if len < FEW {
        return None;
    }
    let middle = around.and_then(|packet| entries.iter().find(|entry| entry.packet == packet).copied());
    let before = middle.map(|one| entries.iter().filter(|entry| compare.order(entry, &one).is_lt()).count());
    let start = before.unwrap_or(0).saturating_sub(GLANCE / 2).min(len.saturating_sub(GLANCE));
    let mut parts = Vec::new();
    for start in [0, start, len.saturating_sub(GLANCE)] {
        if parts.iter().any(|(other, _)| *other == start) {
            continue;
        }
        parts.push((start, Arc::new(stretch(entries, start, compare))));
    }
    Some(Order { parts, len })
}

/// What stands at some positions of the order, which is not worked out.
fn stretch(entries: &mut [Entry], start: usize, compare: Compare<'_>) -> Vec<u32> {
    let order = |a: &Entry, b: &Entry| compare.order(a, b);
    let rest = match start.checked_sub(1) {
        Some(last) if last < entries.len() => entries.select_nth_unstable_by(last, order).2,
        _ => entries,
    };
    let some = match GLANCE.checked_sub(1) {
        Some(last) if GLANCE < rest.len() => {
            rest.select_nth_unstable_by(last, order);
            rest.get_mut(..GLANCE).unwrap_or_default()
        }
        _ => rest,
    };
    some.sort_unstable_by(order);
    some.iter().map(|entry| entry.packet).collect()
}

/// Puts all packets in order; `None` where it was stopped.
pub(super) fn sorted(mut entries: Vec<Entry>, compare: Compare<'_>, stopped: &dyn Fn() -> bool) -> Option<Vec<u32>> {
    for run in entries.chunks_mut(RUN) {
        if stopped() {
            return None;
        }
        run.sort_unstable_by(|a, b| compare.order(a, b));
    }
    let mut width = RUN;
    let mut other = Vec::with_capacity(entries.len());
    while width < entries.len() {
        other.clear();
        for pair in entries.chunks(width.saturating_mul(2)) {
            if stopped() {
                return None;
            }
            let (left, right) = pair.split_at(width.min(pair.len()));
            merge(left, right, compare, &mut other);
        }
        std::mem::swap(&mut entries, &mut other);
        width = width.saturating_mul(2);
    }
    Some(entries.iter().map(|entry| entry.packet).collect())
}

fn merge(left: &[Entry], right: &[Entry], compare: Compare<'_>, out: &mut Vec<Entry>) {
    let (mut left, mut right) = (left, right);
    while let (Some((a, more_left)), Some((b, more_right))) = (left.split_first(), right.split_first()) {
        if compare.order(a, b).is_le() {
            out.push(*a);
            left = more_left;
        } else {
            out.push(*b);
            right = more_right;
        }
    }
    out.extend_from_slice(left);
    out.extend_from_slice(right);
}

#[cfg(test)]
mod tests {
    use super::{Compare, Entry, FEW, GLANCE, Order, glance, sorted};
    use crate::model::visible_str;
    use crate::tui::model::Column;
    use crate::tui::store::{Listed, Store};
    use crate::tui::texts::Texts;

    fn by(texts: &[&str], down: bool) -> Vec<u32> {
        let mut kept = Texts::default();
        let entries = (0u32..).zip(texts).map(|(at, text)| Entry::of_text(&mut kept, at, &visible_str(text))).collect();
        sorted(entries, Compare { texts: &kept, down }, &|| false).expect("nobody stops it")
    }

    #[test]
    fn numbers_go_by_size_texts_by_letters_and_nothing_last() {
        assert_eq!(by(&["", "b", "10", "9", "-3", "0x0b", "a"], false), [4, 3, 2, 5, 6, 1, 0]);
        assert_eq!(by(&["a long text that goes on b", "a long text that goes on a"], false), [1, 0]);
        assert_eq!(by(&["x", "y", "x"], false), [0, 2, 1]);
        assert_eq!(by(&["x", "y", "x"], true), [1, 0, 2]);
    }

    #[test]
    fn addresses_go_by_number_not_by_letters() {
        let mut store = Store::default();
        for source in ["192.0.2.10", "192.0.2.9", "", "2001:db8::2", "10.0.0.1", "491700000"] {
            store.push(&Listed { source: visible_str(source), ..Listed::default() });
        }
        let rows = store.rows();
        let entry = |at| Entry::of(&rows, Column::Source, at, &rows.line(at).expect("kept"));
        let order = sorted((0..6).map(entry).collect(), Compare { texts: &rows.texts, down: false }, &|| false);
        assert_eq!(order.expect("nobody stops it"), [4, 1, 0, 3, 5, 2]);
    }

    #[test]
    fn a_glance_shows_what_the_whole_order_will() {
        let count = u32::try_from(FEW + 999).expect("small");
        let mut kept = Texts::default();
        let value = |n: u32| (n.wrapping_mul(2_654_435_761) % 1000).to_string();
        let entries: Vec<Entry> = (0..count).map(|n| Entry::of_text(&mut kept, n, &visible_str(&value(n)))).collect();
        for down in [false, true] {
            let compare = Compare { texts: &kept, down };
            let first = glance(&mut entries.clone(), compare, Some(777)).expect("many packets");
            let whole = Order::whole(sorted(entries.clone(), compare, &|| false).expect("nobody stops it"));
            assert!(first.all().is_none() && whole.all().is_some());
            assert_eq!(first.len(), whole.len());
            let at = whole.position(777).expect("it is there");
            assert_eq!(first.position(777), Some(at), "what is selected is in the glance");
            let known: Vec<usize> = (0..whole.len()).filter(|at| first.get(*at).is_some()).collect();
            assert!(known.len() > GLANCE && known.contains(&0) && known.contains(&(whole.len() - 1)));
            assert!(known.iter().all(|at| first.get(*at) == whole.get(*at)));
            assert_eq!((first.nearest(0), first.nearest(at), first.nearest(GLANCE + 1)), (0, at, GLANCE - 1));
        }
        assert!(sorted(entries, Compare { texts: &kept, down: false }, &|| true).is_none(), "it can be stopped");
    }
}
