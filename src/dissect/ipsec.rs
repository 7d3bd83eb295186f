//! IP security: the authentication header, which is walked through, and the encrypted payload, which ends what can be seen.
//!
//! ```text
//! AH   | next 8 | length 8 | reserved 16 | SPI 32 | sequence 32 | check value … | payload …   (RFC 4302 chapter 2)
//! ESP  | SPI 32 | sequence 32 | encrypted …                                                    (RFC 4303 chapter 2)
//! ```

use super::claim::{Claim, Dissector};
use super::ipv6_ext::BAD_LENGTH;
use super::reader::{Reader, Stop};
use crate::model::Field;
use crate::model::spec::{RFC_4302, RFC_4303};

/// Authentication header.
pub static AH: Field = Field::layer("ah", "Authentication Header").cite(&RFC_4302, "2");
/// Next header.
pub static NEXT: Field =
    Field::uint("ah.next_header", "Next header").cite(&RFC_4302, "2").values(super::names::IP_PROTOCOLS);
/// Length.
pub static LENGTH: Field =
    Field::uint("ah.length", "Length").cite(&RFC_4302, "2").about("In units of 4 octets, minus 2.");
/// Reserved.
pub static RESERVED: Field = Field::uint("ah.reserved", "Reserved").cite(&RFC_4302, "2").hex(4);
/// Security parameters index.
pub static AH_SPI: Field = Field::uint("ah.spi", "Security parameters index").cite(&RFC_4302, "2").hex(8);
/// Sequence number.
pub static AH_SEQUENCE: Field = Field::uint("ah.sequence", "Sequence number").cite(&RFC_4302, "2");
/// Integrity check value.
pub static ICV: Field = Field::bytes("ah.icv", "Integrity check value").cite(&RFC_4302, "2");

/// Encapsulating security payload.
pub static ESP: Field = Field::layer("esp", "Encapsulating Security Payload").cite(&RFC_4303, "2");
/// Security parameters index.
pub static SPI: Field = Field::uint("esp.spi", "Security parameters index").cite(&RFC_4303, "2").hex(8);
/// Sequence number.
pub static SEQUENCE: Field = Field::uint("esp.sequence", "Sequence number").cite(&RFC_4303, "2");

/// AH's entry in the list.
pub static AH_DISSECTOR: Dissector = Dissector {
    layer: &AH,
    claims: &[Claim::IpProto(51)],
    fields: &[&NEXT, &LENGTH, &RESERVED, &AH_SPI, &AH_SEQUENCE, &ICV],
    rules: &[&BAD_LENGTH],
    dissect: ah,
    probe: None,
};

/// ESP's entry in the list.
pub static ESP_DISSECTOR: Dissector = Dissector {
    layer: &ESP,
    claims: &[Claim::IpProto(50)],
    fields: &[&SPI, &SEQUENCE],
    rules: &[],
    dissect: esp,
    probe: None,
};

fn ah(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let next = r.u8(&NEXT)?.value;
    // Two octets of the header are read when its length is known.
    let length = r.u8(&LENGTH)?.map(|units| usize::from(units).saturating_add(2).saturating_mul(4).saturating_sub(2));
    let fits = length.value <= r.promised();
    r.within(length, &BAD_LENGTH, |r| {
        r.u16(&RESERVED)?;
        r.u32(&AH_SPI)?;
        r.u32(&AH_SEQUENCE)?;
        if !r.is_done() {
            let n = r.promised();
            r.bytes(&ICV, n)?;
        }
        Ok(())
    });
    if fits {
        r.hand_over(Claim::IpProto(next));
    }
    Ok(())
}

fn esp(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.u32(&SPI)?;
    r.u32(&SEQUENCE)?;
    Ok(())
}
