//! Tunnel headers as octets: GRE, GTP-U, VXLAN, Geneve.
//!
//! Each takes the packet inside; the IP and UDP headers in front come from `net`. RFC 2784 and 2890, 3GPP TS 29.281,
//! RFC 7348, RFC 8926.

use super::net::checksum;

/// UDP port of GTP-U.
pub const GTPU: u16 = 2152;
/// UDP port of VXLAN.
pub const VXLAN: u16 = 4789;
/// UDP port of Geneve.
pub const GENEVE: u16 = 6081;

/// A GRE header.
#[derive(Clone, Copy, Debug, Default)]
pub struct Gre {
    /// With checksum.
    pub checksum: bool,
    /// With this key.
    pub key: Option<u32>,
    /// With this sequence number.
    pub sequence: Option<u32>,
}

/// GRE in front of a payload of this protocol type (an `EtherType`).
pub fn gre(header: Gre, kind: u16, payload: &[u8]) -> Vec<u8> {
    let flags = u16::from(header.checksum) << 15
        | u16::from(header.key.is_some()) << 13
        | u16::from(header.sequence.is_some()) << 12;
    let mut out = flags.to_be_bytes().to_vec();
    out.extend(kind.to_be_bytes());
    if header.checksum {
        out.extend([0; 4]);
    }
    if let Some(key) = header.key {
        out.extend(key.to_be_bytes());
    }
    if let Some(sequence) = header.sequence {
        out.extend(sequence.to_be_bytes());
    }
    out.extend(payload);
    if header.checksum {
        let sum = checksum(&[&out]);
        out[4..6].copy_from_slice(&sum.to_be_bytes());
    }
    out
}

/// GTP-U G-PDU: optional sequence number and extension headers (type, content of 4n - 2 octets).
pub fn gtpu(teid: u32, sequence: Option<u16>, extensions: &[(u8, &[u8])], payload: &[u8]) -> Vec<u8> {
    let mut rest = Vec::new();
    if sequence.is_some() || !extensions.is_empty() {
        rest.extend(sequence.unwrap_or(0).to_be_bytes());
        rest.push(0);
        rest.push(extensions.first().map_or(0, |(kind, _)| *kind));
        for (index, (_, content)) in extensions.iter().enumerate() {
            assert!((content.len() + 2).is_multiple_of(4), "an extension header is a multiple of four octets");
            rest.push(((content.len() + 2) / 4) as u8);
            rest.extend(*content);
            rest.push(extensions.get(index + 1).map_or(0, |(kind, _)| *kind));
        }
    }
    rest.extend(payload);
    let flags = 0x30 | u8::from(!extensions.is_empty()) << 2 | u8::from(sequence.is_some()) << 1;
    let mut out = vec![flags, 0xFF];
    out.extend((rest.len() as u16).to_be_bytes());
    out.extend(teid.to_be_bytes());
    out.extend(rest);
    out
}

/// VXLAN in front of an Ethernet frame.
pub fn vxlan(network: u32, frame: &[u8]) -> Vec<u8> {
    let mut out = vec![0x08, 0, 0, 0];
    out.extend((network << 8).to_be_bytes());
    out.extend(frame);
    out
}

/// Geneve in front of a payload of this protocol type: options are class, type, data of 4n octets.
pub fn geneve(network: u32, options: &[(u16, u8, &[u8])], kind: u16, payload: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    for (class, option, data) in options {
        assert!(data.len().is_multiple_of(4), "a Geneve option is a multiple of four octets");
        encoded.extend(class.to_be_bytes());
        encoded.push(*option);
        encoded.push((data.len() / 4) as u8);
        encoded.extend(*data);
    }
    let mut out = vec![(encoded.len() / 4) as u8, 0];
    out.extend(kind.to_be_bytes());
    out.extend((network << 8).to_be_bytes());
    out.extend(encoded);
    out.extend(payload);
    out
}
