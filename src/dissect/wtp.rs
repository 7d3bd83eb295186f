//! WTP, the Wireless Transaction Protocol: headers of its PDUs, and pushes that run in a transaction.
//!
//! Segments of a large message are named, not joined. Must not know what WSP says.
//!
//! ```text
//!  CON (1 bit) | PDU type (4) | GTR TTR RID (3) | TID (16) | by type … | TPIs when CON | user data    (WTP 8)
//!  00 | length (1 or 2) | PDU | length | PDU …                                       several in one datagram
//! ```

use super::claim::{Claim, Dissector};
use super::facts::Carrier;
use super::reader::{At, Reader, Stop};
use crate::model::spec::WTP as SPEC;
use crate::model::{Field, Group, Rule};

/// The layer.
pub static WTP: Field = Field::layer("wtp", "Wireless Transaction Protocol").cite(&SPEC, "8");
/// Several PDUs in one datagram.
pub static CONCATENATED: Field = Field::uint("wtp.concatenation", "Concatenation").cite(&SPEC, "8").hex(2);
/// Length of a PDU among several.
pub static SUB_PDU: Field = Field::uint("wtp.sub_pdu_size", "Sub PDU size").cite(&SPEC, "8").about("In octets.");
/// Whether TPIs follow the fixed header.
pub static CONTINUE: Field = Field::bool("wtp.continue_flag", "Continue flag").cite(&SPEC, "8");
/// PDU type.
pub static PDU_TYPE: Field = Field::uint("wtp.pdu_type", "PDU type").cite(&SPEC, "8").hex(2).values(&[
    (0, "Not allowed"),
    (1, "Invoke"),
    (2, "Result"),
    (3, "Ack"),
    (4, "Abort"),
    (5, "Segmented Invoke"),
    (6, "Segmented Result"),
    (7, "Negative Ack"),
]);
/// Group and transmission trailer flags.
pub static TRAILER: Field = Field::uint("wtp.trailer_flags", "Trailer flags").cite(&SPEC, "8").values(&[
    (0, "Not last packet"),
    (1, "Last packet of message"),
    (2, "Last packet of group"),
    (3, "Segmentation not supported"),
]);
/// Retransmission.
pub static RID: Field = Field::bool("wtp.RID", "Re-transmission indicator").cite(&SPEC, "8");
/// Tve/Tok.
pub static TVETOK: Field = Field::bool("wtp.ack.tvetok", "Tve/Tok flag").cite(&SPEC, "8");
/// Reserved bits.
pub static RESERVED: Field = Field::uint("wtp.reserved", "Reserved").cite(&SPEC, "8").hex(1);
/// Direction bit of the TID.
pub static RESPONSE: Field = Field::bool("wtp.TID.response", "TID response").cite(&SPEC, "8");
/// Transaction identifier.
pub static TID: Field = Field::uint("wtp.TID", "Transaction ID").cite(&SPEC, "8").hex(4);
/// Version.
pub static VERSION: Field = Field::uint("wtp.header.version", "Version").cite(&SPEC, "8").hex(2);
/// The TID counter wrapped or the client restarted.
pub static TID_NEW: Field = Field::bool("wtp.header.TIDNew", "TIDNew").cite(&SPEC, "8");
/// User acknowledgement wanted.
pub static USER_ACK: Field = Field::bool("wtp.header.UP", "U/P flag").cite(&SPEC, "8");
/// Reserved bits of Invoke.
pub static INVOKE_RESERVED: Field = Field::uint("wtp.inv.reserved", "Reserved").cite(&SPEC, "8").hex(2);
/// Transaction class.
pub static CLASS: Field = Field::uint("wtp.inv.transaction_class", "Transaction class").cite(&SPEC, "8").values(&[
    (0, "Unreliable Invoke without Result"),
    (1, "Reliable Invoke without Result"),
    (2, "Reliable Invoke with Reliable Result"),
]);
/// Who aborts.
pub static ABORT_TYPE: Field =
    Field::uint("wtp.abort.type", "Abort type").cite(&SPEC, "8").values(&[(0, "Provider"), (1, "User")]);
/// Why the provider aborts.
pub static ABORT_PROVIDER: Field =
    Field::uint("wtp.abort.reason.provider", "Abort reason").cite(&SPEC, "8").hex(2).values(&[
        (0, "Unknown"),
        (1, "Protocol error"),
        (2, "Invalid TID"),
        (3, "Transaction class 2 not implemented"),
        (4, "Segmentation and reassembly not implemented"),
        (5, "User acknowledgement not implemented"),
        (6, "Version not supported"),
        (7, "Capacity temporarily exceeded"),
        (8, "No response"),
        (9, "Message too large"),
        (10, "Extended segmentation and reassembly not implemented"),
    ]);
/// Why the user aborts.
pub static ABORT_USER: Field = Field::uint("wtp.abort.reason.user", "Abort reason").cite(&SPEC, "8").hex(2).values(&[
    (0xE0, "Protocol error"),
    (0xE1, "Disconnected"),
    (0xE2, "Suspended"),
    (0xE3, "Resumed"),
    (0xE4, "Congestion"),
    (0xE5, "Connect error"),
    (0xE6, "Method request unit exceeded"),
    (0xE7, "Method outstanding requests exceeded"),
    (0xE8, "Peer request"),
    (0xE9, "Network error"),
    (0xEA, "User request"),
    (0xEB, "User refusal"),
]);
/// Number of a segment.
pub static SEQUENCE: Field = Field::uint("wtp.header.sequence", "Packet sequence number").cite(&SPEC, "8");
/// How many segments are missing.
pub static MISSING: Field = Field::uint("wtp.header.missing_packets", "Missing packets").cite(&SPEC, "8");
/// The segments that are missing.
pub static MISSING_LIST: Field = Field::bytes("wtp.missing", "Missing packet numbers").cite(&SPEC, "8");
/// A transport information item.
pub static TPI: Field = Field::group("wtp.tpi_item", "Transport information item").cite(&SPEC, "8");
/// Which item.
pub static TPI_ID: Field = Field::uint("wtp.tpi", "TPI").cite(&SPEC, "8").hex(2).values(&[
    (0, "Error"),
    (1, "Info"),
    (2, "Option"),
    (3, "Packet sequence number"),
    (4, "SDU boundary"),
    (5, "Frame boundary"),
]);
/// Whether the length has an octet of its own.
pub static TPI_LONG: Field = Field::bool("wtp.tpi.long", "Long item").cite(&SPEC, "8");
/// Length of an item.
pub static TPI_LENGTH: Field = Field::uint("wtp.tpi.length", "Length").cite(&SPEC, "8").about("In octets.");
/// Segment number in an item.
pub static TPI_PSN: Field = Field::uint("wtp.tpi.psn", "Packet sequence number").cite(&SPEC, "8");
/// An option.
pub static TPI_OPTION: Field = Field::uint("wtp.tpi.opt", "Option").cite(&SPEC, "8").hex(2).values(&[
    (1, "Maximum receive unit"),
    (2, "Total message size"),
    (3, "Delay transmission timer"),
    (4, "Maximum group"),
    (5, "Current TID"),
    (6, "No cached TID"),
    (7, "Number of groups"),
]);
/// Value of an option, or an error, or information.
pub static TPI_DATA: Field = Field::bytes("wtp.tpi.data", "Data").cite(&SPEC, "8");
/// A segment's data.
pub static PAYLOAD: Field = Field::bytes("wtp.payload", "Payload").cite(&SPEC, "8");

/// A length runs past the end.
pub static LENGTHS: Rule = Rule::error("WSP-011", Group::Malformed)
    .cite(&SPEC, "8")
    .text("a part of the WTP datagram runs past its end")
    .explain(
        "The stated length of a PDU or an item in it is more than the datagram has.",
        "Receivers drop the datagram.",
        "Look at the sender, or for octets lost on the way.",
    );

/// A segment.
pub static SEGMENT: Rule = Rule::note("WSP-012", Group::Reassembly)
    .cite(&SPEC, "8")
    .text("a segment of a larger WTP message, not joined")
    .explain(
        "The message is sent in several segments; they are named but not joined.",
        "A push in such a message is not dissected.",
        "Package #0 never needs segments; look at what else is sent.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &WTP,
    claims: &[Claim::UdpPort(9201)],
    fields: &[
        &CONCATENATED,
        &SUB_PDU,
        &CONTINUE,
        &PDU_TYPE,
        &TRAILER,
        &RID,
        &TVETOK,
        &RESERVED,
        &RESPONSE,
        &TID,
        &VERSION,
        &TID_NEW,
        &USER_ACK,
        &INVOKE_RESERVED,
        &CLASS,
        &ABORT_TYPE,
        &ABORT_PROVIDER,
        &ABORT_USER,
        &SEQUENCE,
        &MISSING,
        &MISSING_LIST,
        &TPI,
        &TPI_ID,
        &TPI_LONG,
        &TPI_LENGTH,
        &TPI_PSN,
        &TPI_OPTION,
        &TPI_DATA,
        &PAYLOAD,
    ],
    rules: &[&LENGTHS, &SEGMENT],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.facts().carrier = Carrier::Wtp;
    if r.peek().first() != Some(&0) {
        return pdu(r);
    }
    r.u8(&CONCATENATED)?;
    while !r.is_done() {
        // Bit 7 of the length says that it has 15 bits.
        let len = match r.peek() {
            [first, ..] if first & 0x80 != 0 => {
                let at = r.u16(&SUB_PDU)?;
                let len = at.value & 0x7FFF;
                r.set_value(at.node, crate::model::Value::Uint(u64::from(len)));
                at.map(|_| usize::from(len))
            }
            _ => r.u8(&SUB_PDU)?.map(usize::from),
        };
        if len.value > 0 {
            r.within(len, &LENGTHS, pdu);
        }
    }
    Ok(())
}

fn pdu(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let more = r.bit(&CONTINUE)?.value;
    let kind = r.bits(&PDU_TYPE, 4)?.value;
    let trailer = match kind {
        1 | 2 | 5 | 6 => Some(r.bits(&TRAILER, 2)?),
        3 => {
            r.bit(&TVETOK)?;
            r.bits(&RESERVED, 1)?;
            None
        }
        4 => {
            let user = r.bits(&ABORT_TYPE, 3)?.value == 1;
            tid(r)?;
            r.u8(if user { &ABORT_USER } else { &ABORT_PROVIDER })?;
            return items(r, more);
        }
        _ => {
            r.bits(&RESERVED, 2)?;
            None
        }
    };
    r.bit(&RID)?;
    tid(r)?;
    match kind {
        1 => {
            r.bits(&VERSION, 2)?;
            r.bit(&TID_NEW)?;
            r.bit(&USER_ACK)?;
            r.bits(&INVOKE_RESERVED, 2)?;
            r.bits(&CLASS, 2)?;
        }
        5 | 6 => drop(r.u8(&SEQUENCE)?),
        7 => {
            let count = r.u8(&MISSING)?.value;
            if count > 0 {
                r.bytes(&MISSING_LIST, usize::from(count))?;
            }
        }
        _ => {}
    }
    items(r, more)?;
    let Some(trailer) = trailer else { return Ok(()) };
    if r.is_done() {
        return Ok(());
    }
    // A whole message in one packet: the last one of it, or a sender that cannot segment.
    if matches!(kind, 1 | 2) && matches!(trailer.value, 1 | 3) {
        r.hand_over(Claim::Named("wsp"));
        return Ok(());
    }
    segment(r, trailer);
    Ok(())
}

fn segment(r: &mut Reader<'_, '_>, trailer: At<u64>) {
    let first = r.peek().first().copied();
    r.flag(&SEGMENT, trailer.node);
    if matches!(first, Some(6 | 7)) {
        r.concerns_push();
    }
    r.rest(&PAYLOAD);
}

fn tid(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.bit(&RESPONSE)?;
    r.bits(&TID, 15)?;
    Ok(())
}

fn items(r: &mut Reader<'_, '_>, mut more: bool) -> Result<(), Stop> {
    while more {
        more = r.group(&TPI, item)?.value;
    }
    Ok(())
}

/// Reads one item; says whether another one follows.
fn item(r: &mut Reader<'_, '_>) -> Result<bool, Stop> {
    let more = r.bit(&CONTINUE)?.value;
    let id = r.bits(&TPI_ID, 4)?.value;
    let long = r.bit(&TPI_LONG)?.value;
    let len = if long {
        r.bits(&RESERVED, 2)?;
        r.u8(&TPI_LENGTH)?.map(usize::from)
    } else {
        r.bits(&TPI_LENGTH, 2)?.map(|octets| usize::try_from(octets).unwrap_or(0))
    };
    if len.value > 0 {
        r.within(len, &LENGTHS, |r| {
            match id {
                2 => drop(r.u8(&TPI_OPTION)?),
                3 => drop(r.u8(&TPI_PSN)?),
                _ => {}
            }
            if r.left() > 0 {
                r.rest(&TPI_DATA);
            }
            Ok(())
        });
    }
    Ok(more)
}

#[cfg(test)]
mod tests;
