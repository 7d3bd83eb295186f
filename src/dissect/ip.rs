//! What IPv4 and IPv6 share: pseudo-header checksums.

use std::net::IpAddr;

use etherparse::checksum::Sum16BitWords;

/// The Internet checksum over pseudo header and segment, its checksum field included: 0 when it holds.
///
/// RFC 1071; RFC 8200 section 8.1 for IPv6. Addresses of different families never meet: the answer is then 1.
pub fn transport_sum(src: IpAddr, dst: IpAddr, proto: u8, segment: &[u8]) -> u16 {
    let length = u32::try_from(segment.len()).unwrap_or(u32::MAX).to_be_bytes();
    let mut sum = Sum16BitWords::new();
    sum = match (src, dst) {
        (IpAddr::V4(src), IpAddr::V4(dst)) => sum.add_4bytes(src.octets()).add_4bytes(dst.octets()),
        (IpAddr::V6(src), IpAddr::V6(dst)) => sum.add_16bytes(src.octets()).add_16bytes(dst.octets()),
        _ => return 1,
    };
    sum.add_4bytes(length).add_2bytes([0, proto]).add_slice(segment).ones_complement()
}
