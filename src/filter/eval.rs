//! Asks a compiled filter about one packet.
//!
//! Allocates nothing but room that is kept for the next packet. Must not know how a filter is written.

use std::cell::{Cell, RefCell};
use std::cmp::Ordering;
use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::literal::rank;
use super::program::{Case, Const, Element, Part, Term, Test, Ty};
use super::syntax::{Compare, Math, Range, Stop};
use crate::model::{BufId, Duration, Field, Kind, NodeId, Rule, Severity, Span, Value, View};

/// Values that are looked at for one packet. Only calculations with several fields of very many occurrences come near it;
/// a packet beyond it is not selected.
const VALUES_MAX: u32 = 1 << 22;

/// Whether the packet is selected.
pub(super) fn holds(test: &Test, view: &View<'_>) -> bool {
    let eval = Eval { view, left: Cell::new(VALUES_MAX) };
    eval.test(test) && eval.left.get() > 0
}

/// A value, or something on the right that stands for several.
#[derive(Clone, Copy, Debug)]
enum Val<'a> {
    Number(i128),
    Octets(&'a [u8]),
    Span(i128, i128),
    OneOf(&'a [i128]),
    Net(&'a [u8], u8),
}

/// One occurrence of a field.
#[derive(Clone, Copy, Debug)]
struct Read<'a> {
    value: Value,
    octets: &'a [u8],
    span: Span,
}

struct Eval<'p> {
    view: &'p View<'p>,
    left: Cell<u32>,
}

/// Is told every value; returns whether that is enough.
type Visit<'v> = dyn FnMut(Val<'_>) -> bool + 'v;

impl Eval<'_> {
    fn test(&self, test: &Test) -> bool {
        match test {
            Test::All(all) => all.iter().all(|test| self.test(test)),
            Test::Any(any) => any.iter().any(|test| self.test(test)),
            Test::Odd(odd) => odd.iter().filter(|test| self.test(test)).count() % 2 == 1,
            Test::Not(test) => !self.test(test),
            Test::Present(fields) => self.present(fields),
            Test::Flagged => !self.view.tree.findings().is_empty() || !self.view.notes.findings().is_empty(),
            Test::Exists(term) => self.each(term, &mut |value| !matches!(value, Val::Octets([]))),
            Test::NonZero(term) => self.each(term, &mut |value| matches!(value, Val::Number(number) if number != 0)),
            Test::Compare { all, compare, left, right } => {
                self.quantified(*all, left, |a, found| self.each(right, &mut |b| found(compares(*compare, a, b))))
            }
            Test::Contains { all, left, right } => {
                self.quantified(*all, left, |a, found| self.each(right, &mut |b| found(contains(a, b))))
            }
            Test::Matches { all, left, regex } => self
                .quantified(*all, left, |a, found| found(matches!(a, Val::Octets(octets) if regex.is_match(octets)))),
            Test::In { all, negated, left, elements } => self.quantified(*all, left, |a, found| {
                let inside = elements.iter().any(|element| self.is_element(a, element));
                found(inside != *negated)
            }),
        }
    }

    /// Whether any or all of what the term's values give is true; where there are no values, nothing is.
    ///
    /// `ask` tells `found` every result about one value and hands back whether that was enough.
    fn quantified(&self, all: bool, left: &Term, ask: impl Fn(Val<'_>, &mut dyn FnMut(bool) -> bool) -> bool) -> bool {
        let mut seen = false;
        // Looking for one that is true, or for one that is not.
        let stopped = self.each(left, &mut |value| {
            ask(value, &mut |result| {
                seen = true;
                result != all
            })
        });
        if all { seen && !stopped } else { stopped }
    }

    fn is_element(&self, value: Val<'_>, element: &Element) -> bool {
        match element {
            Element::One(term) => self.each(term, &mut |other| compares(Compare::Equal, value, other)),
            Element::Range(low, high) => {
                self.each(low, &mut |low| compares(Compare::GreaterEqual, value, low))
                    && self.each(high, &mut |high| compares(Compare::LessEqual, value, high))
            }
        }
    }

    fn present(&self, fields: &[&'static Field]) -> bool {
        let is_one = |field: &'static Field| fields.iter().any(|one| one.is(field));
        self.view.tree.nodes().iter().any(|node| is_one(node.field))
            || self.view.notes.nodes().iter().any(|note| is_one(note.field))
    }

    /// Tells every value of a term until that is enough.
    fn each(&self, term: &Term, visit: &mut Visit<'_>) -> bool {
        match self.left.get().checked_sub(1) {
            Some(left) => self.left.set(left),
            None => return true,
        }
        match term {
            Term::Fields(fields) => self.occurrences(fields, &mut |read| visit(value_of(read))),
            Term::Finding(part) => self.findings(*part, visit),
            Term::Const(value) => visit(constant(value)),
            Term::Slice(inner, ranges) => self.octets(inner, &mut |octets| slice(octets, ranges, visit)),
            Term::Masked(inner, bits) => self.octets(inner, &mut |octets| {
                let mut room = [0; 16];
                visit(Val::Octets(masked(octets, *bits, &mut room)))
            }),
            Term::Case(inner, case) => self.octets(inner, &mut |octets| {
                with_room(|room| {
                    room.extend_from_slice(octets);
                    match case {
                        Case::Upper => room.make_ascii_uppercase(),
                        Case::Lower => room.make_ascii_lowercase(),
                    }
                    visit(Val::Octets(room))
                })
            }),
            Term::Len(inner) => self.len(inner, visit),
            Term::Count(inner) => match self.count(inner) {
                0 => false,
                count => visit(Val::Number(count)),
            },
            Term::Lowest(terms) => self.extreme(terms, Ordering::Less, visit),
            Term::Highest(terms) => self.extreme(terms, Ordering::Greater, visit),
            Term::Abs(inner) => self.numbers(inner, &mut |number| visit(Val::Number(number.saturating_abs()))),
            Term::Minus(inner) => self.numbers(inner, &mut |number| visit(Val::Number(number.saturating_neg()))),
            Term::Math(math, left, right) => self.numbers(left, &mut |a| {
                self.numbers(right, &mut |b| calculate(*math, a, b).is_some_and(|number| visit(Val::Number(number))))
            }),
            Term::Text(inner, ty) => self.each(inner, &mut |value| {
                with_room(|room| {
                    write_text(room, value, *ty);
                    visit(Val::Octets(room))
                })
            }),
            Term::Number(inner) => self.octets(inner, &mut |octets| {
                let small = octets.len() < 16;
                small && visit(Val::Number(octets.iter().fold(0, |number, octet| number << 8 | i128::from(*octet))))
            }),
            Term::FrameNumber(inner) => self.numbers(inner, &mut |number| visit(Val::Number(number >> 16))),
        }
    }

    fn numbers(&self, term: &Term, visit: &mut dyn FnMut(i128) -> bool) -> bool {
        self.each(term, &mut |value| matches!(value, Val::Number(number) if visit(number)))
    }

    fn octets(&self, term: &Term, visit: &mut dyn FnMut(&[u8]) -> bool) -> bool {
        self.each(term, &mut |value| matches!(value, Val::Octets(octets) if visit(octets)))
    }

    fn occurrences(&self, fields: &[&'static Field], visit: &mut dyn FnMut(Read<'_>) -> bool) -> bool {
        let is_one = |field: &'static Field| fields.iter().any(|one| one.is(field));
        let View { tree, buffers, notes } = *self.view;
        for (id, node) in tree.iter().filter(|(_, node)| is_one(node.field)) {
            let octets = match (node.field.kind, node.value) {
                (Kind::Presence, _) => self.extent(id, node.span),
                (Kind::Group, _) | (_, Value::Raw | Value::Scratch { .. }) => {
                    tree.octets(buffers, node.span, node.value)
                }
                _ => &[],
            };
            if visit(Read { value: node.value, octets, span: node.span }) {
                return true;
            }
        }
        notes.nodes().iter().filter(|note| is_one(note.field)).any(|note| {
            let (value, octets) = note.value.seen();
            visit(Read { value, octets, span: Span::default() })
        })
    }

    /// The octets of a layer: from its first one to the end of what it carries, as in Wireshark; the frame's are all there are.
    fn extent(&self, layer: NodeId, span: Span) -> &[u8] {
        let View { tree, buffers, .. } = *self.view;
        let is_frame = tree.get(layer).is_some_and(|node| node.field.name == "frame");
        if is_frame {
            return buffers.bytes(BufId::FRAME);
        }
        let rest = tree.nodes().get(layer.index()..).unwrap_or_default();
        let carried = rest.iter().filter(|node| node.span.buf == span.buf && node.field.name != "frame.padding");
        let end = carried.map(|node| node.span.end()).max().unwrap_or(span.end());
        buffers.octets(Span { len: end.saturating_sub(span.start), ..span })
    }

    fn findings(&self, part: Part, visit: &mut Visit<'_>) -> bool {
        let View { tree, notes, .. } = *self.view;
        let read = tree.findings().iter().map(|found| (found.rule, found.severity(), tree.detail(found)));
        let late = notes
            .findings()
            .iter()
            .map(|found| (found.rule, found.severity.unwrap_or(found.rule.severity), found.detail.as_bytes()));
        read.chain(late).any(|(rule, severity, detail)| finding(part, rule, severity, detail, visit))
    }

    fn len(&self, term: &Term, visit: &mut Visit<'_>) -> bool {
        let number = |len: usize| Val::Number(i128::try_from(len).unwrap_or(i128::MAX));
        match term {
            Term::Fields(fields) => self.occurrences(fields, &mut |read| match read.value {
                Value::Raw | Value::Scratch { .. } => visit(number(read.octets.len())),
                _ => visit(Val::Number(i128::from(read.span.len.div_ceil(8)))),
            }),
            _ => self.octets(term, &mut |octets| visit(number(octets.len()))),
        }
    }

    fn count(&self, term: &Term) -> i128 {
        let mut count = 0;
        match term {
            Term::Fields(fields) => self.occurrences(fields, &mut |_| {
                count += 1;
                false
            }),
            _ => self.each(term, &mut |_| {
                count += 1;
                false
            }),
        };
        count
    }

    fn extreme(&self, terms: &[Term], wanted: Ordering, visit: &mut Visit<'_>) -> bool {
        let mut best: Option<i128> = None;
        for term in terms {
            self.numbers(term, &mut |number| {
                if best.is_none_or(|best| number.cmp(&best) == wanted) {
                    best = Some(number);
                }
                false
            });
        }
        best.is_some_and(|best| visit(Val::Number(best)))
    }
}

fn value_of(read: Read<'_>) -> Val<'_> {
    match read.value {
        Value::Bool(flag) => Val::Number(i128::from(flag)),
        Value::Uint(number) => Val::Number(i128::from(number)),
        Value::Int(number) => Val::Number(i128::from(number)),
        Value::Time(time) => Val::Number(i128::from(time.nanos())),
        Value::Duration(span) => Val::Number(i128::from(span.nanos())),
        Value::Frame { number, index } => Val::Number(i128::from(number) << 16 | i128::from(index)),
        Value::None | Value::Raw | Value::Scratch { .. } => Val::Octets(read.octets),
    }
}

fn constant(value: &Const) -> Val<'_> {
    match value {
        Const::Number(number) => Val::Number(*number),
        Const::Span(low, high) => Val::Span(*low, *high),
        Const::OneOf(all) => Val::OneOf(all),
        Const::Octets(octets) => Val::Octets(octets),
        Const::Net(octets, bits) => Val::Net(octets, *bits),
    }
}

fn finding(part: Part, rule: &Rule, severity: Severity, detail: &[u8], visit: &mut Visit<'_>) -> bool {
    match part {
        Part::Rule => visit(Val::Octets(rule.id.as_bytes())),
        Part::Rank => visit(Val::Number(rank(severity))),
        Part::Severity => visit(Val::Octets(severity.name().as_bytes())),
        Part::Group => visit(Val::Octets(rule.group.name().as_bytes())),
        Part::Text if detail.is_empty() => visit(Val::Octets(rule.text.as_bytes())),
        Part::Text => with_room(|room| {
            room.extend_from_slice(rule.text.as_bytes());
            room.extend_from_slice(b": ");
            room.extend_from_slice(detail);
            visit(Val::Octets(room))
        }),
    }
}

fn compares(compare: Compare, a: Val<'_>, b: Val<'_>) -> bool {
    let ordering = match (a, b) {
        (Val::Number(a), Val::Number(b)) => a.cmp(&b),
        (Val::Octets(a), Val::Octets(b)) => a.cmp(b),
        (Val::Number(a), Val::Span(low, high)) => {
            if a < low {
                Ordering::Less
            } else if a > high {
                Ordering::Greater
            } else {
                Ordering::Equal
            }
        }
        (Val::Number(a), Val::OneOf(all)) => {
            return match compare {
                Compare::Equal => all.contains(&a),
                Compare::Unequal => !all.contains(&a),
                _ => false,
            };
        }
        (Val::Octets(a), Val::Net(net, bits)) if a.len() == net.len() => {
            let (mut left, mut right) = ([0; 16], [0; 16]);
            masked(a, bits, &mut left).cmp(masked(net, bits, &mut right))
        }
        _ => return false,
    };
    match compare {
        Compare::Equal => ordering.is_eq(),
        Compare::Unequal => ordering.is_ne(),
        Compare::Less => ordering.is_lt(),
        Compare::LessEqual => ordering.is_le(),
        Compare::Greater => ordering.is_gt(),
        Compare::GreaterEqual => ordering.is_ge(),
    }
}

fn contains(a: Val<'_>, b: Val<'_>) -> bool {
    let (Val::Octets(hay), Val::Octets(needle)) = (a, b) else { return false };
    match needle.split_first() {
        None => true,
        Some((first, rest)) => {
            let mut hay = hay;
            while let Some(at) = hay.iter().position(|octet| octet == first) {
                hay = hay.get(at + 1..).unwrap_or_default();
                if hay.starts_with(rest) {
                    return true;
                }
            }
            false
        }
    }
}

/// The first bits of an address, the others 0.
fn masked<'r>(octets: &[u8], bits: u8, room: &'r mut [u8; 16]) -> &'r [u8] {
    let mut left = bits;
    for (to, from) in room.iter_mut().zip(octets) {
        let here = left.min(8);
        left -= here;
        let mask = u8::try_from(0xff00_u16 >> here & 0xff).unwrap_or(0xff);
        *to = from & mask;
    }
    room.get(..octets.len()).unwrap_or_default()
}

fn calculate(math: Math, a: i128, b: i128) -> Option<i128> {
    match math {
        Math::Add => a.checked_add(b),
        Math::Subtract => a.checked_sub(b),
        Math::Multiply => a.checked_mul(b),
        Math::Divide => a.checked_div(b),
        Math::Remainder => a.checked_rem(b),
        Math::BitAnd => Some(a & b),
    }
}

/// The octets of a slice; none where the value is too short for it.
fn slice(octets: &[u8], ranges: &[Range], visit: &mut Visit<'_>) -> bool {
    if let [range] = ranges {
        return run(octets, *range).is_some_and(|run| visit(Val::Octets(run)));
    }
    with_room(|room| {
        for range in ranges {
            match run(octets, *range) {
                Some(run) => room.extend_from_slice(run),
                None => return false,
            }
        }
        visit(Val::Octets(room))
    })
}

fn run(octets: &[u8], range: Range) -> Option<&[u8]> {
    let len = i64::try_from(octets.len()).ok()?;
    let from_start = |at: i64| if at < 0 { len.checked_add(at) } else { Some(at) };
    let start = from_start(range.start)?;
    let end = match range.stop {
        Stop::After(count) => start.checked_add(count)?,
        Stop::With(last) => from_start(last)?.checked_add(1)?,
        Stop::End => len,
    };
    octets.get(usize::try_from(start).ok()?..usize::try_from(end).ok()?).filter(|run| !run.is_empty())
}

fn write_text(room: &mut Vec<u8>, value: Val<'_>, ty: Ty) {
    // Writing to a vector does not fail.
    let _ = match (value, ty) {
        (Val::Number(nanos), Ty::Time) => match jiff::Timestamp::from_nanosecond(nanos) {
            Ok(time) => write!(room, "{time:.9}"),
            Err(_) => Ok(()),
        },
        (Val::Number(nanos), Ty::Duration) => {
            write!(room, "{}", Duration::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX)))
        }
        (Val::Number(number), Ty::Frame) if number & 0xffff > 1 => write!(room, "{}.{}", number >> 16, number & 0xffff),
        (Val::Number(number), Ty::Frame) => write!(room, "{}", number >> 16),
        (Val::Number(number), _) => write!(room, "{number}"),
        (Val::Octets(&[a, b, c, d]), Ty::Ipv4) => write!(room, "{}", Ipv4Addr::new(a, b, c, d)),
        (Val::Octets(octets), Ty::Ipv6) => match <[u8; 16]>::try_from(octets) {
            Ok(address) => write!(room, "{}", Ipv6Addr::from(address)),
            Err(_) => Ok(()),
        },
        (Val::Octets(octets), Ty::Ether) => octets
            .iter()
            .enumerate()
            .try_for_each(|(i, octet)| write!(room, "{}{octet:02x}", if i > 0 { ":" } else { "" })),
        (Val::Octets(octets), Ty::Text) => room.write_all(octets),
        (Val::Octets(octets), _) => octets.iter().try_for_each(|octet| write!(room, "{octet:02x}")),
        _ => Ok(()),
    };
}

/// Lends room for octets that stand nowhere in one piece. It is kept, so that the next packet allocates nothing.
fn with_room<R>(work: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    thread_local! {
        static ROOM: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    }
    let mut room = ROOM.with_borrow_mut(Vec::pop).unwrap_or_default();
    room.clear();
    let result = work(&mut room);
    ROOM.with_borrow_mut(|rooms| rooms.push(room));
    result
}
