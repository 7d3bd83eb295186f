//! Generic routing encapsulation with all optional fields, and the enhanced form that carries PPP.
//!
//! ```text
//!  0 1 2 3 4 5     8      13      16              32
//!  |C|R|K|S|s|recur|flags |version| protocol type |  then, each where its bit is set:
//!  | checksum 16, offset 16 (C or R) | key 32 (K) | sequence 32 (S) | routing (R) | payload …   (RFC 2784 chapter 2, RFC 2890 chapter 2)
//!  version 1: the key is payload length 16, call id 16; bit 8 (A) adds an acknowledgment 32      (RFC 2637 section 4.1)
//! ```

use etherparse::checksum::Sum16BitWords;

use super::claim::{Claim, Dissector};
use super::reader::{Reader, Stop};
use crate::model::spec::{RFC_1701, RFC_2637, RFC_2784, RFC_2890};
use crate::model::{Field, Group, Rule, Value};

/// The layer.
pub static GRE: Field = Field::layer("gre", "Generic Routing Encapsulation").cite(&RFC_2784, "2");
/// All flags.
pub static FLAGS: Field = Field::uint("gre.flags_and_version", "Flags and version").cite(&RFC_2784, "2").hex(4);
/// Checksum present.
pub static HAS_CHECKSUM: Field = Field::bool("gre.flags.checksum", "Checksum present").cite(&RFC_2784, "2");
/// Routing present.
pub static HAS_ROUTING: Field = Field::bool("gre.flags.routing", "Routing present").cite(&RFC_1701, "fields");
/// Key present.
pub static HAS_KEY: Field = Field::bool("gre.flags.key", "Key present").cite(&RFC_2890, "2");
/// Sequence number present.
pub static HAS_SEQUENCE: Field =
    Field::bool("gre.flags.sequence_number", "Sequence number present").cite(&RFC_2890, "2");
/// Strict source route.
pub static STRICT: Field =
    Field::bool("gre.flags.strict_source_route", "Strict source route").cite(&RFC_1701, "fields");
/// Recursion control.
pub static RECURSION: Field = Field::uint("gre.flags.recursion_control", "Recursion control").cite(&RFC_1701, "fields");
/// Acknowledgment present (version 1).
pub static HAS_ACK: Field = Field::bool("gre.flags.ack", "Acknowledgment present").cite(&RFC_2637, "4.1");
/// Reserved flags.
pub static RESERVED: Field = Field::uint("gre.flags.reserved", "Reserved").cite(&RFC_2784, "2");
/// Version.
pub static VERSION: Field =
    Field::uint("gre.flags.version", "Version").cite(&RFC_2784, "2").values(&[(0, "GRE"), (1, "Enhanced GRE")]);
/// Ethernet type of the payload.
pub static PROTOCOL: Field =
    Field::uint("gre.proto", "Protocol type").cite(&RFC_2784, "2").hex(4).values(super::names::ETHER_TYPES);
/// Checksum.
pub static CHECKSUM: Field = Field::uint("gre.checksum", "Checksum").cite(&RFC_2784, "2").hex(4);
/// Whether the checksum holds.
pub static CHECKSUM_STATUS: Field = Field::uint("gre.checksum.status", "Checksum status")
    .cite(&RFC_2784, "2")
    .values(super::names::CHECKSUM_STATUS)
    .generated();
/// Offset into the routing field.
pub static OFFSET: Field = Field::uint("gre.offset", "Offset").cite(&RFC_1701, "fields");
/// Key.
pub static KEY: Field = Field::uint("gre.key", "Key").cite(&RFC_2890, "2").hex(8);
/// Payload length of the enhanced form.
pub static PAYLOAD_LENGTH: Field = Field::uint("gre.key.payload_length", "Payload length").cite(&RFC_2637, "4.1");
/// Call id of the enhanced form.
pub static CALL_ID: Field = Field::uint("gre.key.call_id", "Call id").cite(&RFC_2637, "4.1");
/// Sequence number.
pub static SEQUENCE: Field = Field::uint("gre.sequence_number", "Sequence number").cite(&RFC_2890, "2");
/// Acknowledgment number of the enhanced form.
pub static ACK: Field = Field::uint("gre.ack_number", "Acknowledgment number").cite(&RFC_2637, "4.1");
/// One source route entry.
pub static ROUTING: Field = Field::group("gre.routing", "Source route entry").cite(&RFC_1701, "fields");
/// Address family of a route; 0 with length 0 ends the list.
pub static ROUTE_FAMILY: Field = Field::uint("gre.routing.address_family", "Address family").cite(&RFC_1701, "fields");
/// Offset of the active entry.
pub static ROUTE_OFFSET: Field = Field::uint("gre.routing.sre_offset", "Offset").cite(&RFC_1701, "fields");
/// Length of the entry's information.
pub static ROUTE_LENGTH: Field = Field::uint("gre.routing.src_length", "Length").cite(&RFC_1701, "fields");
/// The entry's information.
pub static ROUTE_INFO: Field = Field::bytes("gre.routing.information", "Routing information").cite(&RFC_1701, "fields");

/// The checksum does not hold.
pub static BAD_CHECKSUM: Rule =
    Rule::warning("NET-016", Group::Protocol).cite(&RFC_2784, "2").text("GRE checksum is wrong").explain(
        "The checksum over the GRE header and its payload does not come out.",
        "The end of the tunnel drops such a packet, and the push with it.",
        "Look for the device that damaged or rewrote the packet inside the tunnel.",
    );

/// A version nobody has defined.
pub static UNKNOWN_VERSION: Rule = Rule::note("NET-022", Group::Undecoded)
    .uncited("our limit: the layout of this version is not known to us")
    .text("version of the tunnel header is not known")
    .explain(
        "The version field of the tunnel header has a value whose layout is not known.",
        "What the tunnel carries is shown as octets only.",
        "See whether another protocol uses the same port or protocol number here.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &GRE,
    claims: &[Claim::IpProto(47)],
    fields: &[
        &FLAGS,
        &HAS_CHECKSUM,
        &HAS_ROUTING,
        &HAS_KEY,
        &HAS_SEQUENCE,
        &STRICT,
        &RECURSION,
        &HAS_ACK,
        &RESERVED,
        &VERSION,
        &PROTOCOL,
        &CHECKSUM,
        &CHECKSUM_STATUS,
        &OFFSET,
        &KEY,
        &PAYLOAD_LENGTH,
        &CALL_ID,
        &SEQUENCE,
        &ACK,
        &ROUTING,
        &ROUTE_FAMILY,
        &ROUTE_OFFSET,
        &ROUTE_LENGTH,
        &ROUTE_INFO,
    ],
    rules: &[&BAD_CHECKSUM, &UNKNOWN_VERSION],
    dissect,
    probe: None,
};

/// The flags that decide the layout.
#[expect(clippy::struct_excessive_bools, reason = "one per bit of the header")]
struct Flags {
    checksum: bool,
    routing: bool,
    key: bool,
    sequence: bool,
    ack: bool,
    version: u64,
}

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let whole = r.peek();
    let cut = r.is_cut();
    let flags = r.group(&FLAGS, |r| {
        let checksum = r.bit(&HAS_CHECKSUM)?.value;
        let routing = r.bit(&HAS_ROUTING)?.value;
        let key = r.bit(&HAS_KEY)?.value;
        let sequence = r.bit(&HAS_SEQUENCE)?.value;
        r.bit(&STRICT)?;
        r.bits(&RECURSION, 3)?;
        let ack = r.bit(&HAS_ACK)?.value;
        r.bits(&RESERVED, 4)?;
        let version = r.bits(&VERSION, 3)?.value;
        Ok(Flags { checksum, routing, key, sequence, ack, version })
    })?;
    let raw = whole.iter().take(2).fold(0u64, |sum, octet| (sum << 8) | u64::from(*octet));
    r.set_value(flags.node, Value::Uint(raw));
    let protocol = r.u16(&PROTOCOL)?.value;
    if flags.value.version > 1 {
        return Err(r.stop(&UNKNOWN_VERSION, flags.node));
    }
    let flags = flags.value;
    if flags.checksum || flags.routing {
        let at = r.u16(&CHECKSUM)?;
        let status = if !flags.checksum {
            3
        } else if cut {
            2
        } else {
            u64::from(Sum16BitWords::new().add_slice(whole).ones_complement() == 0)
        };
        if status == 0 {
            r.flag(&BAD_CHECKSUM, at.node);
        }
        r.generated(&CHECKSUM_STATUS, Value::Uint(status));
        r.u16(&OFFSET)?;
    }
    let mut step = [0u8; 4];
    if flags.version == 1 {
        // The key is no identity here but a length and the call: only the call tells tunnels apart.
        let length = r.u16(&PAYLOAD_LENGTH)?.value;
        let call = r.u16(&CALL_ID)?.value;
        r.facts().enter_tunnel("pptp", &call.to_be_bytes());
        if flags.sequence {
            r.u32(&SEQUENCE)?;
        }
        if flags.ack {
            r.u32(&ACK)?;
        }
        if flags.sequence && length > 0 {
            r.hand_over(Claim::EtherType(protocol));
        }
        return Ok(());
    }
    if flags.key {
        step = r.u32(&KEY)?.value.to_be_bytes();
    }
    r.facts().enter_tunnel("gre", &step);
    if flags.sequence {
        r.u32(&SEQUENCE)?;
    }
    if flags.routing {
        routes(r)?;
    }
    if r.promised() > 0 {
        r.hand_over(Claim::EtherType(protocol));
    }
    Ok(())
}

fn routes(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    loop {
        let last = r.group(&ROUTING, |r| {
            let family = r.u16(&ROUTE_FAMILY)?.value;
            r.u8(&ROUTE_OFFSET)?;
            let length = r.u8(&ROUTE_LENGTH)?.value;
            if length > 0 {
                r.bytes(&ROUTE_INFO, usize::from(length))?;
            }
            Ok(family == 0 && length == 0)
        })?;
        if last.value {
            return Ok(());
        }
    }
}
