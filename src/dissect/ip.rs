//! What IPv4 and IPv6 and the transports over them share: ports, pseudo-header checksums, rules, and telling from octets alone what a tunnel carries.

use std::net::IpAddr;

use etherparse::checksum::Sum16BitWords;

use super::reader::{At, Reader, Stop};
use crate::model::spec::{RFC_791, RFC_8200};
use crate::model::{Field, Group, Rule};

/// Reads source and destination port, and lets the layers above know them.
///
/// # Errors
/// The octets run out.
pub fn ports(
    r: &mut Reader<'_, '_>,
    source: &'static Field,
    destination: &'static Field,
) -> Result<(At<u16>, At<u16>), Stop> {
    let src = r.u16(source)?;
    let dst = r.u16(destination)?;
    let facts = r.facts();
    facts.src_port = Some(src.value);
    facts.dst_port = Some(dst.value);
    facts.dst_port_node = Some(dst.node);
    Ok((src, dst))
}

/// The header states more octets than the frame had.
pub static LENGTH_BEYOND: Rule = Rule::warning("NET-005", Group::Malformed)
    .cite(&RFC_791, "3.1")
    .text("the IP length is larger than the frame")
    .explain(
        "The IP header states more octets than the frame had on the wire, not counting what the capture cut.",
        "Receivers drop such a packet; what it carries is shown as far as it is there, and taken for incomplete.",
        "Look at the tool that wrote or cut the capture, or at the tunnel around the packet.",
    );

/// The version is not the one the layer below names.
pub static WRONG_VERSION: Rule = Rule::error("NET-007", Group::Malformed)
    .cite(&RFC_791, "3.1")
    .text("the IP version is not what the layer below says")
    .explain(
        "The layer below announces one version of IP, the first four bits of the packet another.",
        "Receivers drop such a packet; its header is not dissected.",
        "Look at the device that built the frame, or whether a tag or label before the packet is missing.",
    );

/// Fragment beyond the largest datagram.
pub static FRAGMENT_BEYOND: Rule = Rule::error("NET-010", Group::Malformed)
    .cite(&RFC_791, "3.2")
    .text("the fragment reaches beyond the largest datagram")
    .explain(
        "Offset and length of the fragment add up to more than 65,535 octets.",
        "Such fragments are made to attack receivers; it is not reassembled.",
        "Find the sender; no IP implementation makes such a fragment.",
    );

/// A fragment that is not the last has a length that is no multiple of 8.
pub static FRAGMENT_LENGTH: Rule = Rule::error("NET-011", Group::Malformed)
    .cite(&RFC_8200, "4.5")
    .text("a fragment before the last has a length that is no multiple of 8")
    .explain(
        "Offsets count in units of 8 octets, so only the last fragment may have another length.",
        "The datagram cannot be put together without gap or overlap; receivers drop it.",
        "Look at the device that fragments.",
    );

/// An option does not fit.
pub static BAD_OPTION: Rule =
    Rule::warning("NET-008", Group::Malformed).cite(&RFC_791, "3.1").text("an option's length does not fit").explain(
        "An option of the header states a length that is too small for itself or larger than the room of all options.",
        "Receivers may drop the packet; the options after this one cannot be told apart.",
        "Look at the sender, or at a device that rewrites options.",
    );

/// What the payload of a tunnel is, as far as its octets tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inside {
    /// An IP packet.
    Ip,
    /// An Ethernet frame.
    Ethernet {
        /// Four octets of pseudowire control word stand before it.
        control_word: bool,
    },
}

/// Tells what a payload is when nothing names it: IP by its version, unless it makes a better Ethernet frame.
///
/// Reading: addresses that begin with 4 or 6 make frames look like IP, so the header's checksum or length decides then.
pub fn looks_like(octets: &[u8]) -> Option<Inside> {
    let ethernet = is_ethernet(octets);
    match octets.first()? >> 4 {
        4 if !ethernet || header_holds(octets) => Some(Inside::Ip),
        6 if !ethernet || length_fits(octets) => Some(Inside::Ip),
        _ if ethernet => Some(Inside::Ethernet { control_word: false }),
        0 if octets.get(4..).is_some_and(is_ethernet) => Some(Inside::Ethernet { control_word: true }),
        _ => None,
    }
}

/// Whether the checksum of an IPv4 header holds.
fn header_holds(octets: &[u8]) -> bool {
    let len = octets.first().map_or(0, |octet| usize::from(octet & 15)).saturating_mul(4);
    let header = octets.get(..len).unwrap_or(&[]);
    len >= 20 && !header.is_empty() && Sum16BitWords::new().add_slice(header).ones_complement() == 0
}

/// Whether an IPv6 payload length is not larger than what is there.
fn length_fits(octets: &[u8]) -> bool {
    let Some([high, low]) = octets.get(4..6) else { return false };
    usize::from(u16::from_be_bytes([*high, *low])).saturating_add(40) <= octets.len()
}

/// Whether octets are plausible as an Ethernet frame: a type that is known here, and what must follow it.
pub(crate) fn is_ethernet(octets: &[u8]) -> bool {
    let Some([high, low, next, after, ..]) = octets.get(12..) else { return false };
    match u16::from_be_bytes([*high, *low]) {
        0x0800 => next >> 4 == 4,
        0x86dd => next >> 4 == 6,
        0x0806 => *next == 0 && *after == 1,
        0x8100 | 0x88a8 | 0x9100 | 0x8847 | 0x8848 | 0x8863 | 0x8864 => true,
        0..=1500 => (*next, *after) == (0xaa, 0xaa),
        _ => false,
    }
}

/// What is wrong with a checksum that does not hold, in words, and whether the sender's capture explains it.
///
/// A network card that finishes checksums is given the sum of the pseudo header alone, and a capture on the sending host sees
/// that. `at` is where the checksum stands in the segment.
pub fn checksum_blame(src: IpAddr, dst: IpAddr, proto: u8, segment: &[u8], at: usize, found: u16) -> (bool, String) {
    let (before, after) = segment.split_at(at.min(segment.len()));
    let Some(sum) = pseudo_sum(src, dst, proto, segment.len()) else { return (false, String::new()) };
    if found.to_be() == !sum.ones_complement() {
        return (
            true,
            format!("0x{found:04x} is the sum of the pseudo header alone, left to the network card (offload)"),
        );
    }
    let sum = sum.add_slice(before).add_slice(after.get(2..).unwrap_or(&[]));
    (false, format!("0x{found:04x}, expected 0x{:04x}", sum.ones_complement().to_be()))
}

/// The sum of the pseudo header; none for addresses of different families.
fn pseudo_sum(src: IpAddr, dst: IpAddr, proto: u8, len: usize) -> Option<Sum16BitWords> {
    let length = u32::try_from(len).unwrap_or(u32::MAX).to_be_bytes();
    let mut sum = match (src, dst) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => Sum16BitWords::new().add_4bytes(src.octets()).add_4bytes(dst.octets()),
        (IpAddr::V6(src), IpAddr::V6(dst)) => Sum16BitWords::new().add_16bytes(src.octets()).add_16bytes(dst.octets()),
        _ => return None,
    };
    Some(sum.add_4bytes(length).add_2bytes([0, proto]))
}

/// The Internet checksum over pseudo header and segment, its checksum field included: 0 when it holds.
///
/// RFC 1071; RFC 8200 section 8.1 for IPv6. Addresses of different families never meet: the answer is then 1.
pub fn transport_sum(src: IpAddr, dst: IpAddr, proto: u8, segment: &[u8]) -> u16 {
    pseudo_sum(src, dst, proto, segment.len()).map_or(1, |sum| sum.add_slice(segment).ones_complement())
}
