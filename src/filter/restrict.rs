//! What a filter rules out before a packet is dissected.
//!
//! Must not know the gate. A restriction says only what every selected packet has in common; whether leaving out the others
//! changes anything (sequence numbers, duplicates, fragments) is for who uses it to know.

use super::program::{Const, Element, Term, Test};
use super::syntax::Compare;

/// What every selected packet has in common. [`Restriction::default`] says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restriction {
    /// Ranges of ports (first and last): some UDP header of the packet has a destination port in one of them.
    pub udp_dst_ports: Option<Vec<(u16, u16)>>,
}

/// The restriction of a test.
pub(super) fn of(test: &Test) -> Restriction {
    Restriction { udp_dst_ports: ports(test) }
}

fn ports(test: &Test) -> Option<Vec<(u16, u16)>> {
    match test {
        // Several headers (tunnels) may fulfil several conditions, so the narrowest is as much as is certain.
        Test::All(all) => all.iter().filter_map(ports).min_by_key(|ranges| width(ranges)),
        Test::Any(any) => {
            let mut joined = Vec::new();
            for test in any {
                joined.extend(ports(test)?);
            }
            joined.sort_unstable();
            Some(joined)
        }
        Test::Compare { compare: Compare::Equal, left, right, .. } if is_port(left) => {
            let port = constant(right)?;
            Some(vec![(port, port)])
        }
        Test::In { negated: false, left, elements, .. } if is_port(left) => elements
            .iter()
            .map(|element| match element {
                Element::One(term) => constant(term).map(|port| (port, port)),
                Element::Range(low, high) => Some((constant(low)?, constant(high)?)),
            })
            .collect(),
        _ => None,
    }
}

fn width(ranges: &[(u16, u16)]) -> u32 {
    ranges.iter().map(|(low, high)| u32::from(high.saturating_sub(*low)) + 1).sum()
}

fn is_port(term: &Term) -> bool {
    matches!(term, Term::Fields(fields) if matches!(&**fields, [field] if field.name == "udp.dstport"))
}

fn constant(term: &Term) -> Option<u16> {
    match term {
        Term::Const(Const::Number(number)) => u16::try_from(*number).ok(),
        _ => None,
    }
}
