//! WTLS: records named, contents encrypted.
//!
//! Must not try to read what is inside: there are no keys for it.
//!
//! ```text
//!  length? (1 bit) | sequence? (1) | ciphered (1) | reserved (1) | type (4) | sequence (2)? | length (2)? | data
//! ```

use super::claim::{Claim, Dissector};
use super::reader::{Reader, Stop};
use crate::model::spec::WDP;
use crate::model::{Field, Group, Rule};

const WHY: &str = "WTLS (WAP-261) is not among our documents; compared with other tools";

/// The layer.
pub static WTLS: Field = Field::layer("wtls", "Wireless Transport Layer Security").cite(&WDP, "5");
/// A record.
pub static RECORD: Field = Field::group("wtls.record", "Record").uncited(WHY);
/// Whether a length follows.
pub static HAS_LENGTH: Field = Field::bool("wtls.rec_type.length", "Record length follows").uncited(WHY);
/// Whether a sequence number follows.
pub static HAS_SEQUENCE: Field = Field::bool("wtls.rec_type.sequence", "Record sequence follows").uncited(WHY);
/// Whether the contents are encrypted.
pub static CIPHERED: Field = Field::bool("wtls.rec_type.ciphered", "Ciphered").uncited(WHY);
/// Reserved bit.
pub static RESERVED: Field = Field::bool("wtls.rec_type.reserved", "Reserved").uncited(WHY);
/// Kind of record.
pub static TYPE: Field = Field::uint("wtls.rec_type", "Record type").uncited(WHY).hex(2).values(&[
    (1, "Change cipher"),
    (2, "Alert"),
    (3, "Handshake"),
    (4, "Application data"),
]);
/// Sequence number.
pub static SEQUENCE: Field = Field::uint("wtls.rec_seq", "Record sequence").uncited(WHY);
/// Length of the contents.
pub static LENGTH: Field = Field::uint("wtls.rec_length", "Record length").uncited(WHY).about("In octets.");
/// Contents.
pub static CONTENTS: Field = Field::bytes("wtls.contents", "Contents").uncited(WHY);

/// Encrypted.
pub static ENCRYPTED: Rule =
    Rule::note("WSP-013", Group::Undecoded).cite(&WDP, "5").text("WTLS: what is inside is encrypted").explain(
        "The port is one of secure WSP; a push may be inside.",
        "Neither headers nor digest can be seen or checked here.",
        "Capture where the push is in clear: before the proxy, or on the handset.",
    );

/// A record runs past the datagram.
pub static LENGTHS: Rule =
    Rule::error("WSP-014", Group::Malformed).uncited(WHY).text("a WTLS record runs past the datagram").explain(
        "The record states more octets than the datagram has.",
        "Receivers drop it.",
        "Look for octets lost on the way; or the traffic is not WTLS, though it uses its port.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &WTLS,
    claims: &[Claim::UdpPort(2949), Claim::UdpPort(9202), Claim::UdpPort(9203)],
    fields: &[&RECORD, &HAS_LENGTH, &HAS_SEQUENCE, &CIPHERED, &RESERVED, &TYPE, &SEQUENCE, &LENGTH, &CONTENTS],
    rules: &[&ENCRYPTED, &LENGTHS],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.concerns_push();
    let layer = r.layer();
    r.flag(&ENCRYPTED, layer);
    while !r.is_done() {
        r.group(&RECORD, record)?;
    }
    Ok(())
}

fn record(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let has_length = r.bit(&HAS_LENGTH)?.value;
    let has_sequence = r.bit(&HAS_SEQUENCE)?.value;
    r.bit(&CIPHERED)?;
    r.bit(&RESERVED)?;
    r.bits(&TYPE, 4)?;
    if has_sequence {
        r.u16(&SEQUENCE)?;
    }
    if !has_length {
        // Without a length the record is the rest of the datagram.
        let wanted = r.promised();
        return if wanted > 0 { r.bytes(&CONTENTS, wanted).map(drop) } else { Ok(()) };
    }
    let len = r.u16(&LENGTH)?.map(usize::from);
    if len.value > 0 {
        r.within(len, &LENGTHS, |r| {
            let wanted = r.promised();
            if wanted > 0 { r.bytes(&CONTENTS, wanted).map(drop) } else { Ok(()) }
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
