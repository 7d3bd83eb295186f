//! SCTP, by name only: the common header.
//!
//! ```text
//!  0             16              32                 64           96
//!  | source port | dest. port    | verification tag | checksum   | chunks …      (RFC 9260 section 3.1)
//! ```

use super::claim::{Claim, Dissector};
use super::ip::ports;
use super::reader::{Reader, Stop};
use crate::model::Field;
use crate::model::spec::RFC_9260;

/// The layer.
pub static SCTP: Field = Field::layer("sctp", "Stream Control Transmission Protocol").cite(&RFC_9260, "3.1");
/// Source port.
pub static SRCPORT: Field = Field::uint("sctp.srcport", "Source port").cite(&RFC_9260, "3.1");
/// Destination port.
pub static DSTPORT: Field = Field::uint("sctp.dstport", "Destination port").cite(&RFC_9260, "3.1");
/// Verification tag.
pub static TAG: Field = Field::uint("sctp.verification_tag", "Verification tag").cite(&RFC_9260, "3.1").hex(8);
/// Checksum.
pub static CHECKSUM: Field = Field::uint("sctp.checksum", "Checksum").cite(&RFC_9260, "3.1").hex(8);

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &SCTP,
    claims: &[Claim::IpProto(132)],
    fields: &[&SRCPORT, &DSTPORT, &TAG, &CHECKSUM],
    rules: &[],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    ports(r, &SRCPORT, &DSTPORT)?;
    r.u32(&TAG)?;
    r.u32(&CHECKSUM)?;
    Ok(())
}
