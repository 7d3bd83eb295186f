//! Link layers as octets: Ethernet with any stack of tags, Linux cooked, loopback, PPP, `PPPoE`, MPLS.
//!
//! Each takes the layer above as octets. Numbers are the registered ones (link types of pcap, `EtherType`s of IEEE, protocols
//! of PPP).

/// Link types of pcap and pcapng.
pub mod link_type {
    /// BSD loopback, host byte order.
    pub const NULL: u16 = 0;
    /// Ethernet.
    pub const ETHERNET: u16 = 1;
    /// PPP with or without HDLC framing octets.
    pub const PPP: u16 = 9;
    /// Raw IP (historic number on some systems).
    pub const RAW_12: u16 = 12;
    /// Raw IP (historic number on OpenBSD).
    pub const RAW_14: u16 = 14;
    /// PPP in HDLC-like framing.
    pub const PPP_HDLC: u16 = 50;
    /// `PPPoE` session without Ethernet.
    pub const PPP_ETHER: u16 = 51;
    /// Raw IP, either version.
    pub const RAW: u16 = 101;
    /// OpenBSD loopback, network byte order.
    pub const LOOP: u16 = 108;
    /// Linux cooked capture.
    pub const SLL: u16 = 113;
    /// MPLS label stack first.
    pub const MPLS: u16 = 219;
    /// Raw IPv4.
    pub const IPV4: u16 = 228;
    /// Raw IPv6.
    pub const IPV6: u16 = 229;
    /// Linux cooked capture version 2.
    pub const SLL2: u16 = 276;
}

/// `EtherType`s.
pub mod ether_type {
    /// IPv4.
    pub const IPV4: u16 = 0x0800;
    /// ARP.
    pub const ARP: u16 = 0x0806;
    /// IPv6.
    pub const IPV6: u16 = 0x86DD;
    /// 802.1Q.
    pub const VLAN: u16 = 0x8100;
    /// 802.1ad.
    pub const QINQ: u16 = 0x88A8;
    /// Old double tagging.
    pub const QINQ_OLD: u16 = 0x9100;
    /// MPLS unicast.
    pub const MPLS: u16 = 0x8847;
    /// `PPPoE` session.
    pub const PPPOE: u16 = 0x8864;
    /// Transparent Ethernet bridging (Ethernet in GRE, Geneve).
    pub const BRIDGE: u16 = 0x6558;
}

const HOST: [u8; 6] = [2, 0, 0, 0, 0, 1];
const PEER: [u8; 6] = [2, 0, 0, 0, 0, 2];

/// The `EtherType` an IP packet asks for.
pub fn ether_type_of(packet: &[u8]) -> u16 {
    if packet.first().is_some_and(|octet| octet >> 4 == 6) { ether_type::IPV6 } else { ether_type::IPV4 }
}

/// An Ethernet frame from 02:00:00:00:00:01 to :02, not padded.
pub fn ethernet(kind: u16, payload: &[u8]) -> Vec<u8> {
    [&PEER[..], &HOST, &kind.to_be_bytes(), payload].concat()
}

/// An Ethernet frame with an IP packet.
pub fn ethernet_ip(packet: &[u8]) -> Vec<u8> {
    ethernet(ether_type_of(packet), packet)
}

/// An Ethernet frame with tags, outermost first: tag protocol and tag control.
pub fn tagged(tags: &[(u16, u16)], kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = [PEER, HOST].concat();
    for (protocol, control) in tags {
        out.extend(protocol.to_be_bytes());
        out.extend(control.to_be_bytes());
    }
    out.extend(kind.to_be_bytes());
    out.extend(payload);
    out
}

/// Padding to the shortest Ethernet frame (60 octets without check sequence).
pub fn padded(mut frame: Vec<u8>) -> Vec<u8> {
    if frame.len() < 60 {
        frame.resize(60, 0);
    }
    frame
}

/// Linux cooked capture, version 1: packet type (0 to us, 4 sent by us).
pub fn sll(packet_type: u16, kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = packet_type.to_be_bytes().to_vec();
    out.extend([0, 1, 0, 6]);
    out.extend(HOST);
    out.extend([0, 0]);
    out.extend(kind.to_be_bytes());
    out.extend(payload);
    out
}

/// Linux cooked capture, version 2.
pub fn sll2(interface: u32, packet_type: u8, kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut out = kind.to_be_bytes().to_vec();
    out.extend([0, 0]);
    out.extend(interface.to_be_bytes());
    out.extend([0, 1, packet_type, 6]);
    out.extend(HOST);
    out.extend([0, 0]);
    out.extend(payload);
    out
}

/// BSD loopback in little-endian order: address family 2 for IPv4, 30 (or 24, 28) for IPv6.
pub fn null_le(family: u32, packet: &[u8]) -> Vec<u8> {
    [&family.to_le_bytes(), packet].concat()
}

/// BSD loopback in big-endian order, and OpenBSD's loop.
pub fn null_be(family: u32, packet: &[u8]) -> Vec<u8> {
    [&family.to_be_bytes(), packet].concat()
}

/// The PPP protocol an IP packet asks for.
pub fn ppp_protocol_of(packet: &[u8]) -> u16 {
    if ether_type_of(packet) == ether_type::IPV6 { 0x0057 } else { 0x0021 }
}

/// PPP with address and control octets.
pub fn ppp_hdlc(packet: &[u8]) -> Vec<u8> {
    [&[0xFF, 0x03], &ppp_protocol_of(packet).to_be_bytes()[..], packet].concat()
}

/// PPP without them.
pub fn ppp(packet: &[u8]) -> Vec<u8> {
    [&ppp_protocol_of(packet).to_be_bytes()[..], packet].concat()
}

/// PPP with the protocol compressed to one octet.
pub fn ppp_compressed(packet: &[u8]) -> Vec<u8> {
    [&[ppp_protocol_of(packet) as u8], packet].concat()
}

/// A `PPPoE` session packet with PPP and an IP packet.
pub fn pppoe(session: u16, packet: &[u8]) -> Vec<u8> {
    let inner = ppp(packet);
    let mut out = vec![0x11, 0x00];
    out.extend(session.to_be_bytes());
    out.extend((inner.len() as u16).to_be_bytes());
    out.extend(inner);
    out
}

/// An MPLS label stack; the last one carries the bottom bit.
pub fn mpls(labels: &[u32], payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    for (index, label) in labels.iter().enumerate() {
        let bottom = u32::from(index + 1 == labels.len());
        out.extend((label << 12 | bottom << 8 | 64).to_be_bytes());
    }
    out.extend(payload);
    out
}
