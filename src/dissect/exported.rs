//! Exported PDUs: what another analyzer took out of its layers and wrote to a file of its own (link type 252).
//!
//! Must not know the protocols whose PDUs they are, but for their names.
//!
//! ```text
//!  tag 2 | length 2 | value … | tag 0, length 0 | PDU                     (Wireshark, epan/exported_pdu.h; lengths count padding)
//! ```

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::claim::{Claim, Dissector};
use super::reader::{Reader, Stop};
use crate::model::spec::LINKTYPES;
use crate::model::{Field, Group, Rule, Value};

/// The layer.
pub static EXPORTED: Field = Field::layer("exported_pdu", "Exported PDU").cite(&LINKTYPES, "all");
/// Tag.
pub static TAG: Field = Field::uint("exported_pdu.tag", "Tag").cite(&LINKTYPES, "all").values(&[
    (0, "end"),
    (12, "protocol"),
    (13, "protocol, found by its form"),
    (14, "table"),
    (20, "IPv4 source"),
    (21, "IPv4 destination"),
    (22, "IPv6 source"),
    (23, "IPv6 destination"),
    (24, "port type"),
    (25, "source port"),
    (26, "destination port"),
    (30, "original frame"),
    (32, "value in the table"),
    (33, "protocol column"),
    (35, "direction"),
    (36, "information column"),
]);
/// Length.
pub static LENGTH: Field =
    Field::uint("exported_pdu.tag_len", "Length").cite(&LINKTYPES, "all").about("In octets, padding included.");
/// A tag with its value.
pub static ITEM: Field = Field::group("exported_pdu.item", "Item").cite(&LINKTYPES, "all");
/// Protocol.
pub static PROTOCOL: Field = Field::text("exported_pdu.prot_name", "Protocol").cite(&LINKTYPES, "all");
/// Protocol found by its form.
pub static HEURISTIC: Field =
    Field::text("exported_pdu.heur_prot_name", "Protocol, found by its form").cite(&LINKTYPES, "all");
/// Table.
pub static TABLE: Field = Field::text("exported_pdu.dis_table_name", "Table").cite(&LINKTYPES, "all");
/// Value in the table.
pub static TABLE_VALUE: Field = Field::uint("exported_pdu.dis_table_val", "Value in the table").cite(&LINKTYPES, "all");
/// IPv4 source.
pub static IPV4_SRC: Field = Field::ipv4("exported_pdu.ipv4_src", "Source").cite(&LINKTYPES, "all");
/// IPv4 destination.
pub static IPV4_DST: Field = Field::ipv4("exported_pdu.ipv4_dst", "Destination").cite(&LINKTYPES, "all");
/// IPv6 source.
pub static IPV6_SRC: Field = Field::ipv6("exported_pdu.ipv6_src", "Source").cite(&LINKTYPES, "all");
/// IPv6 destination.
pub static IPV6_DST: Field = Field::ipv6("exported_pdu.ipv6_dst", "Destination").cite(&LINKTYPES, "all");
/// Port type.
pub static PORT_TYPE: Field = Field::uint("exported_pdu.port_type", "Port type").cite(&LINKTYPES, "all");
/// Source port.
pub static SRC_PORT: Field = Field::uint("exported_pdu.src_port", "Source port").cite(&LINKTYPES, "all");
/// Destination port.
pub static DST_PORT: Field = Field::uint("exported_pdu.dst_port", "Destination port").cite(&LINKTYPES, "all");
/// Frame it was exported from.
pub static ORIGINAL: Field = Field::uint("exported_pdu.orig_fno", "Original frame number").cite(&LINKTYPES, "all");
/// Direction.
pub static DIRECTION: Field =
    Field::uint("exported_pdu.p2p_dir", "Direction").cite(&LINKTYPES, "all").values(&[(0, "sent"), (1, "received")]);
/// Text of the protocol column.
pub static COLUMN: Field = Field::text("exported_pdu.col_proto_str", "Protocol column").cite(&LINKTYPES, "all");
/// Any other value.
pub static OTHER: Field = Field::bytes("exported_pdu.unknown_tag.val", "Value").cite(&LINKTYPES, "all");

/// A length does not fit.
pub static LENGTHS: Rule = Rule::error("CAP-050", Group::Malformed)
    .cite(&LINKTYPES, "all")
    .text("an exported PDU's items do not come out")
    .explain(
        "An item states more octets than the frame has, or no end of the items comes.",
        "Where the PDU begins cannot be told.",
        "Export again from the original capture, or read that instead.",
    );

/// Nobody reads this protocol.
pub static UNKNOWN: Rule = Rule::note("CAP-051", Group::Undecoded)
    .cite(&LINKTYPES, "all")
    .text("an exported PDU of another protocol")
    .explain(
        "The PDU belongs to a protocol that is not dissected here.",
        "It is shown as octets.",
        "Export the lower layer instead, or read the original capture.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &EXPORTED,
    claims: &[Claim::LinkType(252)],
    fields: &[
        &TAG,
        &LENGTH,
        &ITEM,
        &PROTOCOL,
        &HEURISTIC,
        &TABLE,
        &TABLE_VALUE,
        &IPV4_SRC,
        &IPV4_DST,
        &IPV6_SRC,
        &IPV6_DST,
        &PORT_TYPE,
        &SRC_PORT,
        &DST_PORT,
        &ORIGINAL,
        &DIRECTION,
        &COLUMN,
        &OTHER,
    ],
    rules: &[&LENGTHS, &UNKNOWN],
    dissect,
    probe: None,
};

/// Names that Wireshark gives to protocols, and ours.
const NAMES: [(&str, &str); 15] = [
    ("gsm_sms", "gsm_sms"),
    ("gsm_sms_ud", "gsm_sms_ud"),
    ("gsm-sms-ud", "gsm_sms_ud"),
    ("gsm_a_rp", "gsm_a.rp"),
    ("gsm_a_dtap", "gsm_a.dtap"),
    ("lapdm", "lapdm"),
    ("gsmtap", "gsmtap"),
    ("nas-eps", "nas-eps"),
    ("nas-eps_plain", "nas-eps"),
    ("smpp", "smpp"),
    ("smpp_tcp", "smpp"),
    ("wsp", "wsp"),
    ("wsp-cl", "wsp"),
    ("ip", "ip"),
    ("ipv6", "ipv6"),
];

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.short_is(&LENGTHS);
    let mut name = String::new();
    loop {
        let at = r.group(&ITEM, |r| {
            let tag = r.u16(&TAG)?.value;
            let len = r.u16(&LENGTH)?.map(usize::from);
            r.within(len, &LENGTHS, |r| value(r, tag, &mut name));
            Ok(tag)
        })?;
        if at.value == 0 {
            break;
        }
    }
    if let Some((_, ours)) = NAMES.iter().find(|(theirs, _)| *theirs == name) {
        r.hand_over(Claim::Named(ours));
    } else {
        let layer = r.layer();
        r.flag_with(&UNKNOWN, layer, format_args!("{name}"));
    }
    Ok(())
}

fn value(r: &mut Reader<'_, '_>, tag: u16, name: &mut String) -> Result<(), Stop> {
    let n = r.promised();
    match (tag, n) {
        (_, 0) => {}
        (12..=14 | 33, _) => {
            let field = match tag {
                12 => &PROTOCOL,
                13 => &HEURISTIC,
                14 => &TABLE,
                _ => &COLUMN,
            };
            let at = r.bytes(field, n)?;
            let text = at.value.split(|octet| *octet == 0).next().unwrap_or(&[]);
            let shown = r.scratch_bytes(text);
            r.set_value(at.node, shown);
            if tag < 14 {
                *name = String::from_utf8_lossy(text).into_owned();
            }
        }
        (20 | 21, 4) => {
            let at = r.bytes(if tag == 20 { &IPV4_SRC } else { &IPV4_DST }, 4)?;
            let address = at.value.first_chunk::<4>().map(|octets| IpAddr::V4(Ipv4Addr::from(*octets)));
            end(r, tag == 20, address);
        }
        (22 | 23, 16) => {
            let at = r.bytes(if tag == 22 { &IPV6_SRC } else { &IPV6_DST }, 16)?;
            let address = at.value.first_chunk::<16>().map(|octets| IpAddr::V6(Ipv6Addr::from(*octets)));
            end(r, tag == 22, address);
        }
        (25 | 26, 4) => {
            let port = r.u32(if tag == 25 { &SRC_PORT } else { &DST_PORT })?;
            let number = u16::try_from(port.value).ok();
            let facts = r.facts();
            if tag == 25 {
                facts.src_port = number;
            } else {
                facts.dst_port = number;
                facts.dst_port_node = Some(port.node);
            }
        }
        (24, 4) => drop(r.u32(&PORT_TYPE)?),
        (30, 4) => drop(r.u32(&ORIGINAL)?),
        (32, 4) => drop(r.u32(&TABLE_VALUE)?),
        (35, 4) => {
            let direction = r.u32(&DIRECTION)?;
            r.set_value(direction.node, Value::Uint(u64::from(direction.value)));
        }
        _ => drop(r.bytes(&OTHER, n)?),
    }
    Ok(())
}

fn end(r: &mut Reader<'_, '_>, is_source: bool, address: Option<IpAddr>) {
    let facts = r.facts();
    *(if is_source { &mut facts.src } else { &mut facts.dst }) = address;
}
