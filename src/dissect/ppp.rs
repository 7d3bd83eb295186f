//! PPP, with and without HDLC framing, and PPP over Ethernet.
//!
//! ```text
//! PPP     | FF 03 (HDLC address and control, often left out) | protocol 16, or 8 when its first octet is odd | payload …   (RFC 1661 chapter 2)
//! PPPoE   | version 4 | type 4 | code 8 | session 16 | length 16 | payload …   (RFC 2516 chapter 4)
//! ```

use super::claim::{Claim, Dissector};
use super::reader::{Reader, Stop};
use crate::model::spec::{RFC_1661, RFC_1662, RFC_2516};
use crate::model::{Field, Group, Rule};

/// PPP.
pub static PPP: Field = Field::layer("ppp", "Point-to-Point Protocol").cite(&RFC_1661, "2");
/// HDLC address.
pub static ADDRESS: Field = Field::uint("ppp.address", "Address").cite(&RFC_1662, "3.1").hex(2);
/// HDLC control.
pub static CONTROL: Field = Field::uint("ppp.control", "Control").cite(&RFC_1662, "3.1").hex(2);
/// Protocol.
pub static PROTOCOL: Field = Field::uint("ppp.protocol", "Protocol").cite(&RFC_1661, "2").hex(4).values(&[
    (0x0021, "IPv4"),
    (0x002d, "Van Jacobson compressed TCP/IP"),
    (0x002f, "Van Jacobson uncompressed TCP/IP"),
    (0x003d, "Multilink"),
    (0x0057, "IPv6"),
    (0x00fd, "Compressed datagram"),
    (0x0281, "MPLS"),
    (0x0283, "MPLS multicast"),
    (0x8021, "IPCP"),
    (0x8057, "IPv6CP"),
    (0x80fd, "CCP"),
    (0xc021, "LCP"),
    (0xc023, "PAP"),
    (0xc223, "CHAP"),
]);
/// Cisco HDLC's protocol: an Ethernet type.
pub static CHDLC_TYPE: Field = Field::uint("chdlc.protocol", "Protocol")
    .uncited("Cisco HDLC was never published as a standard")
    .hex(4)
    .values(super::names::ETHER_TYPES);

/// PPPoE in its session stage.
pub static SESSION: Field = Field::layer("pppoes", "PPP over Ethernet session").cite(&RFC_2516, "4");
/// PPPoE in its discovery stage.
pub static DISCOVERY: Field = Field::layer("pppoed", "PPP over Ethernet discovery").cite(&RFC_2516, "4");
/// Version.
pub static VERSION: Field = Field::uint("pppoe.version", "Version").cite(&RFC_2516, "4");
/// Type.
pub static TYPE: Field = Field::uint("pppoe.type", "Type").cite(&RFC_2516, "4");
/// Code.
pub static CODE: Field = Field::uint("pppoe.code", "Code").cite(&RFC_2516, "4").hex(2).values(&[
    (0x00, "Session data"),
    (0x07, "PADO"),
    (0x09, "PADI"),
    (0x19, "PADR"),
    (0x65, "PADS"),
    (0xa7, "PADT"),
]);
/// Session.
pub static SESSION_ID: Field = Field::uint("pppoe.session_id", "Session id").cite(&RFC_2516, "4").hex(4);
/// Length of the payload.
pub static LENGTH: Field = Field::uint("pppoe.payload_length", "Payload length").cite(&RFC_2516, "4");

/// The length is larger than the frame.
pub static LENGTH_BEYOND: Rule = Rule::warning("NET-023", Group::Malformed)
    .cite(&RFC_2516, "4")
    .text("the PPPoE payload length is larger than the frame")
    .explain(
        "PPPoE states more octets than the frame had on the wire.",
        "Receivers drop such a frame.",
        "Look at the access concentrator or the tool that wrote the capture.",
    );

/// PPP's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &PPP,
    claims: &[Claim::LinkType(9), Claim::LinkType(50), Claim::EtherType(0x880b)],
    fields: &[&ADDRESS, &CONTROL, &PROTOCOL, &CHDLC_TYPE],
    rules: &[],
    dissect,
    probe: None,
};

/// The session stage's entry in the list.
pub static SESSION_DISSECTOR: Dissector = Dissector {
    layer: &SESSION,
    claims: &[Claim::EtherType(0x8864), Claim::LinkType(51)],
    fields: &[&VERSION, &TYPE, &CODE, &SESSION_ID, &LENGTH],
    rules: &[&LENGTH_BEYOND],
    dissect: session,
    probe: None,
};

/// The discovery stage's entry in the list.
pub static DISCOVERY_DISSECTOR: Dissector = Dissector {
    layer: &DISCOVERY,
    claims: &[Claim::EtherType(0x8863)],
    fields: &[],
    rules: &[],
    dissect: discovery,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    match r.peek() {
        [0xff, 0x03, ..] => {
            r.u8(&ADDRESS)?;
            r.u8(&CONTROL)?;
        }
        // Cisco HDLC shares the link type of PPP over HDLC.
        [0x0f | 0x8f, 0x00, ..] => {
            r.u8(&ADDRESS)?;
            r.u8(&CONTROL)?;
            let ty = r.u16(&CHDLC_TYPE)?.value;
            r.hand_over(Claim::EtherType(ty));
            return Ok(());
        }
        _ => {}
    }
    // Only the last octet of a protocol number is odd: an odd first octet is a compressed one.
    let compressed = r.peek().first().is_some_and(|octet| octet & 1 == 1);
    let protocol = r.bits(&PROTOCOL, if compressed { 8 } else { 16 })?.value;
    r.hand_over(Claim::PppProtocol(u16::try_from(protocol).unwrap_or(0)));
    Ok(())
}

fn session(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    if head(r)? == 0 {
        r.hand_over(Claim::Named("ppp"));
    }
    Ok(())
}

fn discovery(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    head(r).map(|_| ())
}

/// Reads the header; the answer is the code.
fn head(r: &mut Reader<'_, '_>) -> Result<u8, Stop> {
    r.bits(&VERSION, 4)?;
    r.bits(&TYPE, 4)?;
    let code = r.u8(&CODE)?.value;
    let id = r.u16(&SESSION_ID)?.value;
    r.facts().enter_tunnel("pppoe", &id.to_be_bytes());
    let length = r.u16(&LENGTH)?.map(usize::from);
    let left = r.promised();
    if length.value > left {
        r.flag_with(&LENGTH_BEYOND, length.node, format_args!("states {} octets, {left} are left", length.value));
    }
    r.limit(length.value);
    Ok(code)
}
