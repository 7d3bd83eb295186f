//! Geneve: any Ethernet type in UDP, with options.
//!
//! ```text
//!  0   2        8 9        16              32            56         64
//!  |ver| opt len|O|C| rsvd | protocol type | network id  | reserved | options … | payload …
//!  option: | class 16 | type 8 | reserved 3 | length in 4 octets 5 | data … |      (RFC 8926 chapter 3)
//! ```

use super::claim::{Claim, Dissector};
use super::gre::UNKNOWN_VERSION;
use super::reader::{Reader, Stop};
use crate::model::spec::RFC_8926;
use crate::model::{Field, Group, Rule};

/// The layer.
pub static GENEVE: Field = Field::layer("geneve", "Generic Network Virtualization Encapsulation").cite(&RFC_8926, "3");
/// Version.
pub static VERSION: Field = Field::uint("geneve.version", "Version").cite(&RFC_8926, "3");
/// Length of all options.
pub static OPTIONS_LENGTH: Field =
    Field::uint("geneve.options_length", "Options length").cite(&RFC_8926, "3").about("In units of 4 octets.");
/// Control packet.
pub static OAM: Field = Field::bool("geneve.flags.oam", "Control packet").cite(&RFC_8926, "3");
/// Critical options present.
pub static CRITICAL: Field = Field::bool("geneve.flags.critical", "Critical options present").cite(&RFC_8926, "3");
/// Reserved flags.
pub static FLAGS_RESERVED: Field = Field::uint("geneve.flags.reserved", "Reserved").cite(&RFC_8926, "3");
/// Ethernet type of the payload.
pub static PROTOCOL: Field =
    Field::uint("geneve.proto_type", "Protocol type").cite(&RFC_8926, "3").hex(4).values(super::names::ETHER_TYPES);
/// Network identifier.
pub static VNI: Field = Field::uint("geneve.vni", "Network id").cite(&RFC_8926, "3");
/// Reserved octet.
pub static RESERVED: Field = Field::uint("geneve.reserved", "Reserved").cite(&RFC_8926, "3");
/// One option.
pub static OPTION: Field = Field::group("geneve.option", "Option").cite(&RFC_8926, "3");
/// Who defined the option.
pub static OPTION_CLASS: Field = Field::uint("geneve.option.class", "Class").cite(&RFC_8926, "3").hex(4);
/// Type of the option.
pub static OPTION_TYPE: Field = Field::uint("geneve.option.type", "Type").cite(&RFC_8926, "3").hex(2);
/// Reserved bits of the option.
pub static OPTION_RESERVED: Field = Field::uint("geneve.option.flags.reserved", "Reserved").cite(&RFC_8926, "3");
/// Length of the option's data.
pub static OPTION_LENGTH: Field =
    Field::uint("geneve.option.length", "Length").cite(&RFC_8926, "3").about("In units of 4 octets.");
/// Data of the option.
pub static OPTION_DATA: Field = Field::bytes("geneve.option.unknown.data", "Data").cite(&RFC_8926, "3");

/// The options do not fit.
pub static BAD_OPTIONS: Rule = Rule::error("NET-026", Group::Malformed)
    .cite(&RFC_8926, "3")
    .text("Geneve options do not fit their length")
    .explain(
        "An option, or all of them, states more octets than there are.",
        "Tunnel endpoints drop such packets.",
        "Look at the sender's tunnel endpoint.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &GENEVE,
    claims: &[Claim::UdpPort(6081)],
    fields: &[
        &VERSION,
        &OPTIONS_LENGTH,
        &OAM,
        &CRITICAL,
        &FLAGS_RESERVED,
        &PROTOCOL,
        &VNI,
        &RESERVED,
        &OPTION,
        &OPTION_CLASS,
        &OPTION_TYPE,
        &OPTION_RESERVED,
        &OPTION_LENGTH,
        &OPTION_DATA,
    ],
    rules: &[&BAD_OPTIONS, &UNKNOWN_VERSION],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let version = r.bits(&VERSION, 2)?;
    if version.value != 0 {
        return Err(r.stop(&UNKNOWN_VERSION, version.node));
    }
    let options = r.bits(&OPTIONS_LENGTH, 6)?.map(|units| usize::try_from(units).unwrap_or(0).saturating_mul(4));
    r.bit(&OAM)?;
    r.bit(&CRITICAL)?;
    r.bits(&FLAGS_RESERVED, 6)?;
    let protocol = r.u16(&PROTOCOL)?.value;
    let vni = r.bits(&VNI, 24)?.value;
    r.u8(&RESERVED)?;
    r.facts().enter_tunnel("geneve", &vni.to_be_bytes());
    let fits = options.value <= r.promised();
    r.within(options, &BAD_OPTIONS, |r| {
        while !r.is_done() {
            r.group(&OPTION, option)?;
        }
        Ok(())
    });
    if fits {
        r.hand_over(Claim::EtherType(protocol));
    }
    Ok(())
}

fn option(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.short_is(&BAD_OPTIONS);
    r.u16(&OPTION_CLASS)?;
    r.u8(&OPTION_TYPE)?;
    r.bits(&OPTION_RESERVED, 3)?;
    let length = r.bits(&OPTION_LENGTH, 5)?.map(|units| usize::try_from(units).unwrap_or(0).saturating_mul(4));
    r.within(length, &BAD_OPTIONS, |r| {
        if !r.is_done() {
            let n = r.promised();
            r.bytes(&OPTION_DATA, n)?;
        }
        Ok(())
    });
    Ok(())
}
