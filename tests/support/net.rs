//! IP, UDP and TCP as octets, with checksums right, wrong or absent, and fragments cut anywhere.
//!
//! Formats from the RFCs: IPv4 791, IPv6 8200, UDP 768, TCP 9293. Nothing above UDP is known here.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Protocol numbers.
pub mod protocol {
    /// IPv6 hop-by-hop options.
    pub const HOP_BY_HOP: u8 = 0;
    /// IP in IP.
    pub const IPV4: u8 = 4;
    /// TCP.
    pub const TCP: u8 = 6;
    /// UDP.
    pub const UDP: u8 = 17;
    /// IPv6 in IP.
    pub const IPV6: u8 = 41;
    /// IPv6 routing header.
    pub const ROUTING: u8 = 43;
    /// IPv6 fragment header.
    pub const FRAGMENT: u8 = 44;
    /// GRE.
    pub const GRE: u8 = 47;
    /// Authentication header.
    pub const AH: u8 = 51;
    /// IPv6 destination options.
    pub const DESTINATION: u8 = 60;
}

/// What goes into a checksum field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sum {
    /// The right sum.
    #[default]
    Right,
    /// A wrong one, never zero.
    Wrong,
    /// Zero.
    Zero,
}

impl Sum {
    fn apply(self, right: u16) -> u16 {
        match self {
            Self::Right => right,
            Self::Wrong => match right ^ 0x5555 {
                0 => 0xAAAA,
                other => other,
            },
            Self::Zero => 0,
        }
    }
}

/// The internet checksum over these parts, each but the last of even length.
pub fn checksum(parts: &[&[u8]]) -> u16 {
    let mut sum = 0_u32;
    for part in parts {
        for pair in part.chunks(2) {
            sum += u32::from(pair[0]) << 8 | pair.get(1).map_or(0, |low| u32::from(*low));
        }
    }
    while sum > 0xFFFF {
        sum = (sum & 0xFFFF) + (sum >> 16);
    }
    !(sum as u16)
}

/// A UDP header.
#[derive(Clone, Copy, Debug)]
pub struct Udp {
    /// Source port.
    pub source: u16,
    /// Destination port.
    pub destination: u16,
    /// The length written; `None`: the right one.
    pub length: Option<u16>,
    /// The checksum written.
    pub sum: Sum,
}

impl Udp {
    /// Ports, right length, right checksum.
    pub fn new(source: u16, destination: u16) -> Self {
        Self { source, destination, length: None, sum: Sum::Right }
    }
}

/// A TCP header.
#[derive(Clone, Copy, Debug)]
pub struct Tcp {
    /// Source port.
    pub source: u16,
    /// Destination port.
    pub destination: u16,
    /// Sequence number.
    pub sequence: u32,
    /// Acknowledgement number.
    pub acknowledgement: u32,
    /// Flags.
    pub flags: u8,
}

/// Either version of IP: what UDP and TCP need of it.
pub trait Ip {
    /// The pseudo header.
    fn pseudo(&self, protocol: u8, length: usize) -> Vec<u8>;

    /// A whole packet.
    fn packet(&self, protocol: u8, payload: &[u8]) -> Vec<u8>;

    /// A UDP datagram without the IP header (what fragments are cut from).
    fn datagram(&self, udp: &Udp, data: &[u8]) -> Vec<u8> {
        let length = 8 + data.len();
        let mut out = udp.source.to_be_bytes().to_vec();
        out.extend(udp.destination.to_be_bytes());
        out.extend(udp.length.unwrap_or(length as u16).to_be_bytes());
        out.extend([0, 0]);
        out.extend(data);
        let right = match checksum(&[&self.pseudo(protocol::UDP, length), &out]) {
            0 => 0xFFFF,
            sum => sum,
        };
        out[6..8].copy_from_slice(&udp.sum.apply(right).to_be_bytes());
        out
    }

    /// A packet with a UDP datagram.
    fn udp(&self, udp: &Udp, data: &[u8]) -> Vec<u8> {
        self.packet(protocol::UDP, &self.datagram(udp, data))
    }

    /// A packet with a push PDU: from port 49154 to 2948.
    fn push(&self, pdu: &[u8]) -> Vec<u8> {
        self.udp(&Udp::new(49154, 2948), pdu)
    }

    /// A packet with a TCP segment (no options but a padded timestamp, as most have).
    fn tcp(&self, tcp: &Tcp, data: &[u8]) -> Vec<u8> {
        let mut out = tcp.source.to_be_bytes().to_vec();
        out.extend(tcp.destination.to_be_bytes());
        out.extend(tcp.sequence.to_be_bytes());
        out.extend(tcp.acknowledgement.to_be_bytes());
        out.extend([0x80, tcp.flags, 0x01, 0xF5, 0, 0, 0, 0]);
        out.extend([1, 1, 8, 10, 0, 0x12, 0xD6, 0x87, 0, 0x0F, 0x42, 0x40]);
        out.extend(data);
        let sum = checksum(&[&self.pseudo(protocol::TCP, out.len()), &out]);
        out[16..18].copy_from_slice(&sum.to_be_bytes());
        self.packet(protocol::TCP, &out)
    }
}

/// An IPv4 header.
#[derive(Clone, Debug)]
pub struct Ip4 {
    /// Source.
    pub source: Ipv4Addr,
    /// Destination.
    pub destination: Ipv4Addr,
    /// Identification.
    pub id: u16,
    /// Time to live.
    pub ttl: u8,
    /// Don't fragment.
    pub df: bool,
    /// Options, a multiple of four octets.
    pub options: Vec<u8>,
    /// The total length written; `None`: the right one (0 as offloading leaves it).
    pub total_length: Option<u16>,
    /// The header checksum written.
    pub sum: Sum,
}

impl Ip4 {
    /// Addresses as text.
    pub fn new(source: &str, destination: &str) -> Self {
        Self {
            source: source.parse().expect("an IPv4 address"),
            destination: destination.parse().expect("an IPv4 address"),
            id: 1,
            ttl: 64,
            df: false,
            options: Vec::new(),
            total_length: None,
            sum: Sum::Right,
        }
    }

    /// With this identification.
    pub fn id(mut self, id: u16) -> Self {
        self.id = id;
        self
    }

    /// With this time to live.
    pub fn ttl(mut self, ttl: u8) -> Self {
        self.ttl = ttl;
        self
    }

    /// With options; padded to four octets.
    pub fn options(mut self, options: impl AsRef<[u8]>) -> Self {
        self.options = options.as_ref().to_vec();
        self.options.resize(self.options.len().next_multiple_of(4), 0);
        self
    }

    /// With this total length, right or wrong.
    pub fn total_length(mut self, length: u16) -> Self {
        self.total_length = Some(length);
        self
    }

    /// With this header checksum.
    pub fn sum(mut self, sum: Sum) -> Self {
        self.sum = sum;
        self
    }

    /// One fragment: these octets at this offset (a multiple of eight).
    pub fn fragment(&self, protocol: u8, part: &[u8], offset: usize, more: bool) -> Vec<u8> {
        assert!(offset.is_multiple_of(8), "a fragment offset counts in eights");
        let header = 20 + self.options.len();
        let length = self.total_length.unwrap_or((header + part.len()) as u16);
        let flags = u16::from(self.df) << 14 | u16::from(more) << 13 | (offset / 8) as u16;
        let mut out = vec![0x40 | (header / 4) as u8, 0];
        out.extend(length.to_be_bytes());
        out.extend(self.id.to_be_bytes());
        out.extend(flags.to_be_bytes());
        out.extend([self.ttl, protocol, 0, 0]);
        out.extend(self.source.octets());
        out.extend(self.destination.octets());
        out.extend(&self.options);
        let sum = self.sum.apply(checksum(&[&out]));
        out[10..12].copy_from_slice(&sum.to_be_bytes());
        out.extend(part);
        out
    }

    /// The payload cut at these offsets (multiples of eight, rising), in order.
    pub fn fragments(&self, protocol: u8, payload: &[u8], cuts: &[usize]) -> Vec<Vec<u8>> {
        pieces(payload, cuts)
            .into_iter()
            .map(|(offset, part, more)| self.fragment(protocol, part, offset, more))
            .collect()
    }
}

impl Ip for Ip4 {
    fn pseudo(&self, protocol: u8, length: usize) -> Vec<u8> {
        let mut out = self.source.octets().to_vec();
        out.extend(self.destination.octets());
        out.extend([0, protocol]);
        out.extend((length as u16).to_be_bytes());
        out
    }

    fn packet(&self, protocol: u8, payload: &[u8]) -> Vec<u8> {
        self.fragment(protocol, payload, 0, false)
    }
}

/// An IPv6 header with its extension headers.
#[derive(Clone, Debug)]
pub struct Ip6 {
    /// Source.
    pub source: Ipv6Addr,
    /// Destination.
    pub destination: Ipv6Addr,
    /// Hop limit.
    pub hops: u8,
    /// Flow label, 20 bits.
    pub flow: u32,
    /// Extension headers in order: type and content without the two leading octets.
    pub extensions: Vec<(u8, Vec<u8>)>,
    /// The payload length written; `None`: the right one.
    pub payload_length: Option<u16>,
}

impl Ip6 {
    /// Addresses as text.
    pub fn new(source: &str, destination: &str) -> Self {
        Self {
            source: source.parse().expect("an IPv6 address"),
            destination: destination.parse().expect("an IPv6 address"),
            hops: 64,
            flow: 0,
            extensions: Vec::new(),
            payload_length: None,
        }
    }

    /// With one more extension header; padded to eight octets.
    pub fn extension(mut self, kind: u8, content: impl AsRef<[u8]>) -> Self {
        self.extensions.push((kind, content.as_ref().to_vec()));
        self
    }

    /// With this payload length, right or wrong.
    pub fn payload_length(mut self, length: u16) -> Self {
        self.payload_length = Some(length);
        self
    }

    /// One fragment: the fragment header comes after the extension headers.
    pub fn fragment(&self, protocol: u8, part: &[u8], offset: usize, more: bool, id: u32) -> Vec<u8> {
        assert!(offset.is_multiple_of(8), "a fragment offset counts in eights");
        let mut header = ((offset as u16) | u16::from(more)).to_be_bytes().to_vec();
        header.extend(id.to_be_bytes());
        self.clone().extension(protocol::FRAGMENT, header).packet(protocol, part)
    }

    /// The payload cut at these offsets (multiples of eight, rising), in order.
    pub fn fragments(&self, protocol: u8, payload: &[u8], cuts: &[usize], id: u32) -> Vec<Vec<u8>> {
        pieces(payload, cuts)
            .into_iter()
            .map(|(offset, part, more)| self.fragment(protocol, part, offset, more, id))
            .collect()
    }
}

impl Ip for Ip6 {
    fn pseudo(&self, protocol: u8, length: usize) -> Vec<u8> {
        let mut out = self.source.octets().to_vec();
        out.extend(self.destination.octets());
        out.extend((length as u32).to_be_bytes());
        out.extend([0, 0, 0, protocol]);
        out
    }

    fn packet(&self, protocol: u8, payload: &[u8]) -> Vec<u8> {
        let mut body = Vec::new();
        for (index, (kind, content)) in self.extensions.iter().enumerate() {
            let next = self.extensions.get(index + 1).map_or(protocol, |(kind, _)| *kind);
            let mut header = vec![next, 0];
            header.extend(content);
            header.resize(header.len().next_multiple_of(8), 0);
            header[1] = match *kind {
                protocol::FRAGMENT => 0,
                protocol::AH => (header.len() / 4 - 2) as u8,
                _ => (header.len() / 8 - 1) as u8,
            };
            body.extend(header);
        }
        body.extend(payload);
        let first = self.extensions.first().map_or(protocol, |(kind, _)| *kind);
        let mut out = (6 << 28 | self.flow & 0xF_FFFF).to_be_bytes().to_vec();
        out.extend(self.payload_length.unwrap_or(body.len() as u16).to_be_bytes());
        out.extend([first, self.hops]);
        out.extend(self.source.octets());
        out.extend(self.destination.octets());
        out.extend(body);
        out
    }
}

fn pieces<'a>(payload: &'a [u8], cuts: &[usize]) -> Vec<(usize, &'a [u8], bool)> {
    let mut borders = vec![0];
    borders.extend(cuts);
    borders.push(payload.len());
    borders.windows(2).map(|pair| (pair[0], &payload[pair[0]..pair[1]], pair[1] < payload.len())).collect()
}
