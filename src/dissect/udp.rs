//! UDP.
//!
//! ```text
//!  0              16              32              48              64
//!  | source port  | dest. port    | length        | checksum      | payload …      (RFC 768)
//! ```

use std::net::IpAddr;

use super::claim::{Claim, Dissector};
use super::facts::Carrier;
use super::ip::ports;
use super::reader::{At, Reader, Stop};
use crate::model::spec::RFC_768;
use crate::model::{Field, Group, Rule, Severity, Value};

/// The layer.
pub static UDP: Field = Field::layer("udp", "User Datagram Protocol").cite(&RFC_768, "fields");
/// Source port.
pub static SRCPORT: Field = Field::uint("udp.srcport", "Source port").cite(&RFC_768, "fields");
/// Destination port.
pub static DSTPORT: Field = Field::uint("udp.dstport", "Destination port").cite(&RFC_768, "fields");
/// Length of header and payload.
pub static LENGTH: Field =
    Field::uint("udp.length", "Length").cite(&RFC_768, "fields").about("Header and payload, in octets.");
/// Checksum over pseudo header, header and payload.
pub static CHECKSUM: Field = Field::uint("udp.checksum", "Checksum").cite(&RFC_768, "fields").hex(4);
/// Whether the checksum holds.
pub static CHECKSUM_STATUS: Field = Field::uint("udp.checksum.status", "Checksum status")
    .cite(&RFC_768, "fields")
    .values(super::names::CHECKSUM_STATUS)
    .generated();

/// The length field contradicts the octets there are.
pub static BAD_LENGTH: Rule = Rule::error("NET-020", Group::Malformed)
    .cite(&RFC_768, "fields")
    .text("UDP length does not fit the datagram")
    .explain(
        "The UDP length is smaller than its own header, or larger than what the network layer carries.",
        "Receivers drop such datagrams, so the push never arrives.",
        "Look at the device that built or rewrote the datagram; a tunnel or NAT may have changed one length only.",
    );

/// The checksum does not hold.
pub static BAD_CHECKSUM: Rule = Rule::warning("NET-021", Group::Protocol)
    .cite(&RFC_768, "fields")
    .text("UDP checksum is wrong")
    .explain(
        "The checksum over the datagram does not come out; a sender with checksum offload shows this before the wire.",
        "Receivers drop datagrams with a wrong checksum.",
        "Captured on the sending host: offload, harmless. Captured elsewhere: the datagram was damaged or rewritten on its way.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &UDP,
    claims: &[Claim::IpProto(17)],
    fields: &[&SRCPORT, &DSTPORT, &LENGTH, &CHECKSUM, &CHECKSUM_STATUS],
    rules: &[&BAD_LENGTH, &BAD_CHECKSUM],
    dissect,
    probe: None,
};

/// Octets of the header.
const HEADER: usize = 8;

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let datagram = r.peek();
    let promised = r.promised();
    let (src, dst) = ports(r, &SRCPORT, &DSTPORT)?;
    r.facts().carrier = Carrier::Udp;
    let length = r.u16(&LENGTH)?.map(usize::from);
    // A length of 0 stands for "as long as the network layer says": jumbograms, and segmentation offload before the wire.
    let stated = if length.value == 0 { promised } else { length.value };
    if stated < HEADER || stated > promised {
        r.flag_with(
            &BAD_LENGTH,
            length.node,
            format_args!("states {stated} octets, the network layer carries {promised}"),
        );
    }
    let checksum = r.u16(&CHECKSUM)?;
    verify(r, checksum, datagram.get(..stated).filter(|_| stated >= HEADER));
    // A length below the header's own is a lie: the network layer's end counts then.
    if let Some(payload) = stated.checked_sub(HEADER) {
        r.limit(payload);
    }
    r.hand_over_any(&[Claim::UdpPort(dst.value), Claim::UdpPort(src.value)]);
    Ok(())
}

/// Checks the checksum where all octets are there, and says so in a generated node.
fn verify(r: &mut Reader<'_, '_>, checksum: At<u16>, datagram: Option<&[u8]>) {
    let addresses = r.facts().pseudo();
    let status = match (datagram, addresses) {
        (_, Some((IpAddr::V4(_), _))) if checksum.value == 0 => 3,
        (Some(datagram), Some((src, dst))) => {
            let good = super::ip::transport_sum(src, dst, 17, datagram) == 0;
            if !good {
                let (explained, detail) = super::ip::checksum_blame(src, dst, 17, datagram, 6, checksum.value);
                let severity = if explained { Severity::Note } else { BAD_CHECKSUM.severity };
                r.flag_as(&BAD_CHECKSUM, severity, checksum.node, format_args!("{detail}"));
            }
            u64::from(good)
        }
        _ => 2,
    };
    r.generated(&CHECKSUM_STATUS, Value::Uint(status));
}
