//! GTP-U, version 1: the tunnels of a mobile core's user plane.
//!
//! ```text
//!  0    3  4  5 6 7 8          16              32             64
//!  | ver|PT|* |E|S|P| type     | length        | tunnel id    |  then, where any of E, S, P is set:
//!  | sequence 16 | N-PDU 8 | next extension 8 | extensions: length in 4 octets 8, content, next extension 8 | payload …
//! ```
//!
//! (3GPP TS 29.281 chapter 5. The length counts what follows the first 8 octets.)

use super::claim::{Claim, Dissector};
use super::gre::UNKNOWN_VERSION;
use super::ip::{Inside, looks_like};
use super::reader::{Reader, Stop};
use crate::model::spec::TS_29_281;
use crate::model::{Field, Group, Rule, Value};

/// The layer.
pub static GTP: Field = Field::layer("gtp", "GPRS Tunneling Protocol, user plane").cite(&TS_29_281, "5");
/// All flags.
pub static FLAGS: Field = Field::uint("gtp.flags", "Flags").cite(&TS_29_281, "5").hex(2);
/// Version.
pub static VERSION: Field = Field::uint("gtp.flags.version", "Version").cite(&TS_29_281, "5");
/// Protocol type.
pub static PROTOCOL_TYPE: Field =
    Field::uint("gtp.flags.payload", "Protocol type").cite(&TS_29_281, "5").values(&[(0, "GTP'"), (1, "GTP")]);
/// Reserved bit.
pub static RESERVED: Field = Field::uint("gtp.flags.reserved", "Reserved").cite(&TS_29_281, "5");
/// Extension header present.
pub static HAS_EXTENSION: Field = Field::bool("gtp.flags.e", "Extension header present").cite(&TS_29_281, "5");
/// Sequence number present.
pub static HAS_SEQUENCE: Field = Field::bool("gtp.flags.s", "Sequence number present").cite(&TS_29_281, "5");
/// N-PDU number present.
pub static HAS_NPDU: Field = Field::bool("gtp.flags.pn", "N-PDU number present").cite(&TS_29_281, "5");
/// Message type.
pub static MESSAGE: Field = Field::uint("gtp.message", "Message type").cite(&TS_29_281, "5").hex(2).values(&[
    (1, "Echo request"),
    (2, "Echo response"),
    (26, "Error indication"),
    (31, "Supported extension headers notification"),
    (253, "Tunnel status"),
    (254, "End marker"),
    (255, "T-PDU"),
]);
/// Length of what follows the first 8 octets.
pub static LENGTH: Field = Field::uint("gtp.length", "Length").cite(&TS_29_281, "5");
/// Tunnel endpoint identifier.
pub static TEID: Field = Field::uint("gtp.teid", "Tunnel endpoint id").cite(&TS_29_281, "5").hex(8);
/// Sequence number.
pub static SEQUENCE: Field = Field::uint("gtp.seq_number", "Sequence number").cite(&TS_29_281, "5").hex(4);
/// N-PDU number.
pub static NPDU: Field = Field::uint("gtp.npdu_number", "N-PDU number").cite(&TS_29_281, "5").hex(2);
/// Type of the next extension header.
pub static NEXT: Field = Field::uint("gtp.next", "Next extension header").cite(&TS_29_281, "5").hex(2).values(&[
    (0x00, "None"),
    (0x20, "Service class indicator"),
    (0x32, "Long PDCP PDU number"),
    (0x40, "UDP port"),
    (0x81, "RAN container"),
    (0x82, "Long PDCP PDU number"),
    (0x83, "Xw RAN container"),
    (0x84, "NR RAN container"),
    (0x85, "PDU session container"),
    (0xc0, "PDCP PDU number"),
]);
/// One extension header.
pub static EXTENSION: Field = Field::group("gtp.ext_hdr", "Extension header").cite(&TS_29_281, "5");
/// Length of an extension header in units of 4 octets.
pub static EXTENSION_LENGTH: Field = Field::uint("gtp.ext_hdr.length", "Length")
    .cite(&TS_29_281, "5")
    .about("In units of 4 octets, this one and the type of the next included.");
/// Content of an extension header.
pub static EXTENSION_CONTENT: Field = Field::bytes("gtp.ext_hdr.content", "Content").cite(&TS_29_281, "5");

/// The length is larger than the datagram.
pub static LENGTH_BEYOND: Rule = Rule::warning("NET-017", Group::Malformed)
    .cite(&TS_29_281, "5")
    .text("the GTP length is larger than the datagram")
    .explain(
        "The tunnel header states more octets than the datagram carries.",
        "The gateway drops such a packet, and the push inside it.",
        "Look at the sender's tunnel endpoint, or at a device that cut the datagram.",
    );

/// An extension header of length 0.
pub static EMPTY_EXTENSION: Rule =
    Rule::error("NET-027", Group::Malformed).cite(&TS_29_281, "5").text("a GTP extension header has length 0").explain(
        "An extension header holds at least its length and the type of the next one: its length is never 0.",
        "Where the payload begins cannot be told, so it is not dissected.",
        "Look at the sender's tunnel endpoint.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &GTP,
    claims: &[Claim::UdpPort(2152)],
    fields: &[
        &FLAGS,
        &VERSION,
        &PROTOCOL_TYPE,
        &RESERVED,
        &HAS_EXTENSION,
        &HAS_SEQUENCE,
        &HAS_NPDU,
        &MESSAGE,
        &LENGTH,
        &TEID,
        &SEQUENCE,
        &NPDU,
        &NEXT,
        &EXTENSION,
        &EXTENSION_LENGTH,
        &EXTENSION_CONTENT,
    ],
    rules: &[&LENGTH_BEYOND, &EMPTY_EXTENSION, &UNKNOWN_VERSION],
    dissect,
    probe: None,
};

/// The message that carries a packet of the user.
const T_PDU: u8 = 255;

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let first = r.peek().first().copied().unwrap_or(0);
    let flags = r.group(&FLAGS, |r| {
        let version = r.bits(&VERSION, 3)?.value;
        let gtp = r.bits(&PROTOCOL_TYPE, 1)?.value;
        r.bits(&RESERVED, 1)?;
        let extension = r.bit(&HAS_EXTENSION)?.value;
        let sequence = r.bit(&HAS_SEQUENCE)?.value;
        let npdu = r.bit(&HAS_NPDU)?.value;
        Ok((version == 1 && gtp == 1, extension, extension || sequence || npdu))
    })?;
    r.set_value(flags.node, Value::Uint(u64::from(first)));
    let (known, extension, optional) = flags.value;
    if !known {
        return Err(r.stop(&UNKNOWN_VERSION, flags.node));
    }
    let message = r.u8(&MESSAGE)?.value;
    let length = r.u16(&LENGTH)?.map(usize::from);
    let teid = r.u32(&TEID)?.value;
    r.facts().enter_tunnel("gtp", &teid.to_be_bytes());
    let left = r.promised();
    if length.value > left {
        r.flag_with(&LENGTH_BEYOND, length.node, format_args!("states {} octets, {left} are left", length.value));
    }
    r.limit(length.value);
    if optional {
        r.u16(&SEQUENCE)?;
        r.u8(&NPDU)?;
        let mut next = r.u8(&NEXT)?.value;
        while extension && next != 0 {
            next = extension_header(r)?;
        }
    }
    if message == T_PDU {
        match looks_like(r.peek()) {
            Some(Inside::Ip) => r.hand_over(Claim::Named("raw")),
            Some(Inside::Ethernet { control_word: false }) => r.hand_over(Claim::Named("eth")),
            _ => {}
        }
    }
    Ok(())
}

/// Reads one extension header; the answer is the type of the next.
fn extension_header(r: &mut Reader<'_, '_>) -> Result<u8, Stop> {
    let next = r.group(&EXTENSION, |r| {
        let length = r.u8(&EXTENSION_LENGTH)?.map(usize::from);
        let Some(content) = length.value.saturating_mul(4).checked_sub(2) else {
            return Err(r.stop(&EMPTY_EXTENSION, length.node));
        };
        r.bytes(&EXTENSION_CONTENT, content)?;
        Ok(r.u8(&NEXT)?.value)
    })?;
    Ok(next.value)
}
