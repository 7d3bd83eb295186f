//! Frames for datagrams that a socket received: the IP and UDP headers the system took off, put on again.
//!
//! What the socket does not tell (time to live, identification, options) is filled with usual values; checksums are right. Must
//! not know what is in the datagrams.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use etherparse::PacketBuilder;

/// Link type of the frames: IP without a link layer, of either version.
pub(crate) const RAW: u16 = 101;
/// Time to live of the frames; the sender's is not known.
const TTL: u8 = 64;

/// Puts the frame of a datagram into `out`. `false` where there is none: such a datagram does not fit its headers.
pub(crate) fn datagram(from: SocketAddr, to: SocketAddr, payload: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let builder = match (from.ip(), to.ip()) {
        (IpAddr::V4(from), IpAddr::V4(to)) => PacketBuilder::ipv4(from.octets(), to.octets(), TTL),
        (from, to) => PacketBuilder::ipv6(six(from).octets(), six(to).octets(), TTL),
    };
    builder.udp(from.port(), to.port()).write(out, payload).is_ok()
}

/// An address as IPv6 writes it.
const fn six(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    }
}

/// An address that was mapped into IPv6, as IPv4.
pub(crate) fn unmapped(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// The address that stands for any of a family.
pub(crate) const fn any(six: bool) -> IpAddr {
    if six { IpAddr::V6(Ipv6Addr::UNSPECIFIED) } else { IpAddr::V4(Ipv4Addr::UNSPECIFIED) }
}

#[cfg(test)]
mod tests {
    use super::datagram;

    /// The sum of 16-bit words in ones' complement: all ones over a header with a right checksum.
    fn sum(parts: &[&[u8]]) -> u32 {
        let all = parts.concat();
        let words = all.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(*pair.get(1).unwrap_or(&0)));
        let sum = words.sum::<u32>();
        (sum & 0xffff) + (sum >> 16)
    }

    #[test]
    fn headers_are_put_on_again_with_right_checksums() {
        let mut out = Vec::new();
        assert!(datagram("127.0.0.1:9".parse().unwrap(), "127.0.0.2:2948".parse().unwrap(), b"pushy", &mut out));
        assert_eq!((out[0], out[9], out.len()), (0x45, 17, 33));
        assert_eq!(sum(&[&out[..20]]), 0xffff);
        assert_eq!(sum(&[&out[12..20], &[0, 17, 0, 13], &out[20..]]), 0xffff);
        assert_eq!(out[20..26], [0, 9, 0x0b, 0x84, 0, 13]);
        assert!(datagram("[fe80::1]:9".parse().unwrap(), "[::1]:2948".parse().unwrap(), b"push", &mut out));
        assert_eq!((out[0], out[6], out.len()), (0x60, 17, 52));
        assert_eq!(sum(&[&out[8..40], &[0, 0, 0, 12, 0, 0, 0, 17], &out[40..]]), 0xffff);
        assert_eq!(out[48..], *b"push");
        assert!(!datagram("127.0.0.1:9".parse().unwrap(), "127.0.0.2:1".parse().unwrap(), &vec![0; 65_536], &mut out));
    }
}
