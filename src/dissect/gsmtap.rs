//! GSMTAP: what a lab's radio equipment hears, in UDP.
//!
//! Must not know the protocols on the radio channels.
//!
//! ```text
//!  version | header length, in 4 octets | type | timeslot | PCS 1, uplink 1, ARFCN 14 | signal dBm | SNR dB
//!  | frame number 4 | sub-type | antenna | sub-slot | reserved                      (osmocom gsmtap.h)
//! ```

use super::claim::{Claim, Dissector};
use super::facts::{Carrier, Leg};
use super::reader::{Reader, Stop};
use crate::model::spec::GSMTAP as SPEC;
use crate::model::{Field, Group, Rule, Value};

/// The layer.
pub static GSMTAP: Field = Field::layer("gsmtap", "GSMTAP").cite(&SPEC, "header");
/// Version.
pub static VERSION: Field = Field::uint("gsmtap.version", "Version").cite(&SPEC, "header");
/// Header length.
pub static HEADER_LENGTH: Field = Field::uint("gsmtap.hdr_len", "Header length")
    .cite(&SPEC, "header")
    .about("In octets; the wire counts units of 4.");
/// Type.
pub static TYPE: Field = Field::uint("gsmtap.type", "Payload type").cite(&SPEC, "types").values(&[
    (0x01, "GSM Um"),
    (0x02, "GSM Abis"),
    (0x03, "GSM Um burst"),
    (0x04, "SIM"),
    (0x05, "TETRA"),
    (0x06, "TETRA burst"),
    (0x07, "WiMAX burst"),
    (0x08, "GPRS Gb LLC"),
    (0x09, "GPRS Gb SNDCP"),
    (0x0a, "GMR-1 Um"),
    (0x0b, "UMTS RLC/MAC"),
    (0x0c, "UMTS RRC"),
    (0x0d, "LTE RRC"),
    (0x0e, "LTE MAC"),
    (0x0f, "LTE MAC, framed"),
    (0x10, "libosmocore log"),
    (0x11, "Qualcomm DIAG"),
    (0x12, "LTE NAS"),
    (0x13, "E1/T1"),
]);
/// Time slot.
pub static TIMESLOT: Field = Field::uint("gsmtap.ts", "Time slot").cite(&SPEC, "header");
/// PCS band.
pub static PCS: Field = Field::bool("gsmtap.pcs_band", "PCS band").cite(&SPEC, "header");
/// Uplink.
pub static UPLINK: Field =
    Field::bool("gsmtap.uplink", "Uplink").cite(&SPEC, "header").about("Set: from the mobile station.");
/// Channel number.
pub static ARFCN: Field = Field::uint("gsmtap.arfcn", "ARFCN").cite(&SPEC, "header");
/// Signal level.
pub static SIGNAL: Field = Field::int("gsmtap.signal_dbm", "Signal level").cite(&SPEC, "header").about("In dBm.");
/// Signal to noise ratio.
pub static SNR: Field = Field::int("gsmtap.snr_db", "Signal to noise ratio").cite(&SPEC, "header").about("In dB.");
/// Frame number.
pub static FRAME: Field = Field::uint("gsmtap.frame_nr", "GSM frame number").cite(&SPEC, "header");
/// Channel type on Um.
pub static CHANNEL: Field = Field::uint("gsmtap.chan_type", "Channel type").cite(&SPEC, "channels").hex(2).values(&[
    (0x00, "unknown"),
    (0x01, "BCCH"),
    (0x02, "CCCH"),
    (0x03, "RACH"),
    (0x04, "AGCH"),
    (0x05, "PCH"),
    (0x06, "SDCCH"),
    (0x07, "SDCCH/4"),
    (0x08, "SDCCH/8"),
    (0x09, "FACCH/F"),
    (0x0a, "FACCH/H"),
    (0x0b, "PACCH"),
    (0x0c, "CBCH52"),
    (0x0d, "PDCH"),
    (0x0e, "PTCCH"),
    (0x0f, "CBCH51"),
    (0x86, "SACCH of SDCCH"),
    (0x87, "SACCH/4"),
    (0x88, "SACCH/8"),
    (0x89, "SACCH/F"),
    (0x8a, "SACCH/H"),
]);
/// Sub-type of other payloads.
pub static SUB_TYPE: Field = Field::uint("gsmtap.sub_type", "Sub-type").cite(&SPEC, "header");
/// Antenna.
pub static ANTENNA: Field = Field::uint("gsmtap.antenna", "Antenna").cite(&SPEC, "header");
/// Sub-slot.
pub static SUB_SLOT: Field = Field::uint("gsmtap.sub_slot", "Sub-slot").cite(&SPEC, "header");
/// Reserved.
pub static RESERVED: Field = Field::uint("gsmtap.reserved", "Reserved").cite(&SPEC, "header").about("Ignored.");
/// Octets of a header longer than we know.
pub static EXTRA: Field = Field::bytes("gsmtap.extra", "Further header octets").cite(&SPEC, "header");
/// Layer 1 header of the slow associated channel.
pub static SACCH_HEADER: Field = Field::bytes("gsmtap.sacch_l1", "SACCH layer 1 header")
    .cite(&SPEC, "channels")
    .about("Power level and timing advance.");

/// The header length cannot be.
pub static HEADER_SHORT: Rule = Rule::error("GSM-010", Group::Malformed)
    .cite(&SPEC, "header")
    .text("the GSMTAP header length does not fit")
    .explain(
        "The header states fewer than 16 octets for itself, or more than the datagram has.",
        "Where the radio message begins cannot be told.",
        "Look at the tool that sends GSMTAP.",
    );

/// A version nobody knows.
pub static OTHER_VERSION: Rule =
    Rule::note("GSM-011", Group::Undecoded).cite(&SPEC, "header").text("a GSMTAP version other than 2").explain(
        "The header has another version; its fields may stand elsewhere.",
        "Nothing beyond the version is read.",
        "Look at the tool that sends GSMTAP, or for another protocol on the port.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &GSMTAP,
    claims: &[Claim::UdpPort(4729)],
    fields: &[
        &VERSION,
        &HEADER_LENGTH,
        &TYPE,
        &TIMESLOT,
        &PCS,
        &UPLINK,
        &ARFCN,
        &SIGNAL,
        &SNR,
        &FRAME,
        &CHANNEL,
        &SUB_TYPE,
        &ANTENNA,
        &SUB_SLOT,
        &RESERVED,
        &EXTRA,
        &SACCH_HEADER,
    ],
    rules: &[&HEADER_SHORT, &OTHER_VERSION],
    dissect,
    probe: None,
};

/// Octets of the header of version 2.
const HEADER: usize = 16;

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let version = r.u8(&VERSION)?;
    if version.value != 2 {
        r.flag_with(&OTHER_VERSION, version.node, format_args!("{}", version.value));
        return Ok(());
    }
    let words = r.u8(&HEADER_LENGTH)?;
    let octets = usize::from(words.value).saturating_mul(4);
    r.set_value(words.node, Value::Uint(u64::from(words.value).saturating_mul(4)));
    let Some(extra) = octets.checked_sub(HEADER).filter(|_| octets.saturating_sub(2) <= r.promised()) else {
        return Err(r.stop_with(&HEADER_SHORT, words.node, format_args!("{octets} octets")));
    };
    let kind = r.u8(&TYPE)?.value;
    let timeslot = r.u8(&TIMESLOT)?.value;
    let pcs = r.bit(&PCS)?.value;
    let uplink = r.bit(&UPLINK)?.value;
    let arfcn = r.bits(&ARFCN, 14)?.value;
    for field in [&SIGNAL, &SNR] {
        let at = r.u8(field)?;
        r.set_value(at.node, Value::Int(i64::from(at.value.cast_signed())));
    }
    r.u32(&FRAME)?;
    let sub = r.u8(if kind == 1 { &CHANNEL } else { &SUB_TYPE })?.value;
    r.u8(&ANTENNA)?;
    let slot = r.u8(&SUB_SLOT)?.value;
    r.u8(&RESERVED)?;
    if extra > 0 {
        r.bytes(&EXTRA, extra)?;
    }
    let facts = r.facts();
    let carrier = match kind {
        1 => Carrier::Um,
        0x12 => Carrier::LteNas,
        _ => Carrier::Abis,
    };
    facts.enter_sms(carrier);
    facts.sms.to_network = Some(uplink);
    let channel = if kind == 1 { sub & 0x7f } else { 0 };
    let [.., high, low] = arfcn.to_be_bytes();
    facts.sms.channel = Leg::default().step("gsmtap", &[kind, timeslot, u8::from(pcs), high, low, channel, slot]);
    match (kind, sub) {
        (1, 0x06..=0x0a) => r.hand_over(Claim::Named("lapdm")),
        (1, 0x86..=0x8a) => {
            r.bytes(&SACCH_HEADER, 2)?;
            r.hand_over(Claim::Named("lapdm"));
        }
        (2, _) => r.hand_over(Claim::Named("gsm_a.dtap")),
        (0x12, _) => r.hand_over(Claim::Named("nas-eps")),
        _ => {}
    }
    Ok(())
}
