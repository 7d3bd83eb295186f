//! LAPDm, the data link layer of the GSM air interface.
//!
//! Must not join segments: whether the ones before this came is asked.
//!
//! ```text
//!  spare 1 | LPD 2 | SAPI 3 | C/R 1 | EA 1 || control || length 6 | M 1 | EL 1 || up to 20 octets, fill 2B   (44.006 chapter 2)
//!  control: I  N(R) 3 | P 1 | N(S) 3 | 0;  S  N(R) 3 | P/F 1 | type 2 | 01;  U  modifier 3 | P/F 1 | modifier 2 | 11
//! ```

use super::claim::{Claim, Dissector};
use super::need::{Need, Segment};
use super::reader::{At, Reader, Stop};
use crate::model::spec::TS_44_006;
use crate::model::{Field, Group, Rule, Value};

/// The layer.
pub static LAPDM: Field = Field::layer("lapdm", "Link access procedure on Dm (LAPDm)").cite(&TS_44_006, "2");
/// Address.
pub static ADDRESS: Field = Field::uint("lapdm.address_field", "Address").cite(&TS_44_006, "3.2").hex(2);
/// Spare bit.
pub static SPARE: Field = Field::uint("lapdm.spare", "Spare").cite(&TS_44_006, "3.2").about("Ignored.");
/// Link protocol discriminator.
pub static LPD: Field =
    Field::uint("lapdm.lpd", "LPD").cite(&TS_44_006, "3.2").values(&[(0, "GSM"), (1, "cell broadcast")]);
/// Service access point.
pub static SAPI: Field = Field::uint("lapdm.sapi", "SAPI")
    .cite(&TS_44_006, "3.2")
    .values(&[(0, "call control, mobility, radio"), (3, "SMS")]);
/// Command or response.
pub static CR: Field = Field::uint("lapdm.cr", "C/R").cite(&TS_44_006, "3.2");
/// Address extension.
pub static EA: Field = Field::uint("lapdm.ea", "EA").cite(&TS_44_006, "3.2");
/// Control.
pub static CONTROL: Field = Field::uint("lapdm.control_field", "Control").cite(&TS_44_006, "3.4").hex(2);
/// Receive sequence number.
pub static N_R: Field = Field::uint("lapdm.control.n_r", "N(R)").cite(&TS_44_006, "3.4");
/// Send sequence number.
pub static N_S: Field = Field::uint("lapdm.control.n_s", "N(S)").cite(&TS_44_006, "3.4");
/// Poll or final.
pub static POLL: Field = Field::bool("lapdm.control.p", "Poll/final").cite(&TS_44_006, "3.4");
/// Frame type.
pub static FRAME_TYPE: Field = Field::uint("lapdm.control.ftype", "Frame type").cite(&TS_44_006, "3.4").values(&[
    (0, "information"),
    (1, "supervisory"),
    (3, "unnumbered"),
]);
/// Kind of a supervisory frame.
pub static SUPERVISORY: Field = Field::uint("lapdm.control.s_ftype", "Supervisory frame type")
    .cite(&TS_44_006, "3.4")
    .values(&[(0, "RR"), (1, "RNR"), (2, "REJ")]);
/// Modifier of an unnumbered frame, upper bits.
pub static MODIFIER: Field = Field::uint("lapdm.control.u_modifier_cmd", "Modifier").cite(&TS_44_006, "3.4").hex(1);
/// Modifier of an unnumbered frame, lower bits.
pub static MODIFIER_LOW: Field = Field::uint("lapdm.control.u_modifier_low", "Modifier").cite(&TS_44_006, "3.4").hex(1);
/// Length.
pub static LENGTH_FIELD: Field = Field::uint("lapdm.length_field", "Length field").cite(&TS_44_006, "3.6").hex(2);
/// Length in octets.
pub static LENGTH: Field = Field::uint("lapdm.length", "Length").cite(&TS_44_006, "3.6").about("In octets.");
/// More segments follow.
pub static MORE: Field =
    Field::uint("lapdm.m", "M").cite(&TS_44_006, "3.6").values(&[(0, "last segment"), (1, "more follow")]);
/// Length extension.
pub static EL: Field = Field::uint("lapdm.el", "EL").cite(&TS_44_006, "3.6");
/// Octets of one segment.
pub static SEGMENT: Field = Field::bytes("lapdm.fragment_data", "Segment").cite(&TS_44_006, "3.6");
/// Fill octets.
pub static FILL: Field =
    Field::bytes("lapdm.fill", "Fill").cite(&TS_44_006, "5.2").about("Octets 2B up to the block's end.");

/// The length does not fit.
pub static BAD_LENGTH: Rule = Rule::error("GSM-015", Group::Malformed)
    .cite(&TS_44_006, "3.6")
    .text("the LAPDm length does not fit the block")
    .explain(
        "The length states more octets than the block has after its header.",
        "Receivers discard the frame; the message it belongs to is not whole.",
        "Look at the receiver: a block decoded with errors shows this.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &LAPDM,
    claims: &[],
    fields: &[
        &ADDRESS,
        &SPARE,
        &LPD,
        &SAPI,
        &CR,
        &EA,
        &CONTROL,
        &N_R,
        &N_S,
        &POLL,
        &FRAME_TYPE,
        &SUPERVISORY,
        &MODIFIER,
        &MODIFIER_LOW,
        &LENGTH_FIELD,
        &LENGTH,
        &MORE,
        &EL,
        &SEGMENT,
        &FILL,
    ],
    rules: &[&BAD_LENGTH],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let octet = first(r);
    let sapi = r.group(&ADDRESS, |r| {
        r.bits(&SPARE, 1)?;
        r.bits(&LPD, 2)?;
        let sapi = r.bits(&SAPI, 3)?.value;
        r.bits(&CR, 1)?;
        r.bits(&EA, 1)?;
        Ok(sapi)
    })?;
    r.set_value(sapi.node, Value::Uint(u64::from(octet)));
    let sapi = u8::try_from(sapi.value).unwrap_or(0);
    let control = first(r);
    let number = r.group(&CONTROL, |r| control_field(r, control))?;
    r.set_value(number.node, Value::Uint(u64::from(control)));
    let octet = first(r);
    let length = r.group(&LENGTH_FIELD, |r| {
        let length = r.bits(&LENGTH, 6)?;
        let more = r.bits(&MORE, 1)?.value == 1;
        r.bits(&EL, 1)?;
        Ok((length, more))
    })?;
    r.set_value(length.node, Value::Uint(u64::from(octet)));
    let (length, more) = length.value;
    let length = length.map(|octets| usize::try_from(octets).unwrap_or(0));
    payload(r, length, more, sapi, number.value)
}

/// Reads the control field; the answer is the send sequence number of an information frame, or whether it is unnumbered.
fn control_field(r: &mut Reader<'_, '_>, control: u8) -> Result<Control, Stop> {
    if control & 1 == 0 {
        r.bits(&N_R, 3)?;
        r.bit(&POLL)?;
        let number = r.bits(&N_S, 3)?.value;
        r.bits(&FRAME_TYPE, 1)?;
        return Ok(Control::Information(u8::try_from(number).unwrap_or(0)));
    }
    if control & 3 == 1 {
        r.bits(&N_R, 3)?;
        r.bit(&POLL)?;
        r.bits(&SUPERVISORY, 2)?;
        r.bits(&FRAME_TYPE, 2)?;
        return Ok(Control::Supervisory);
    }
    let high = r.bits(&MODIFIER, 3)?.value;
    r.bit(&POLL)?;
    let low = r.bits(&MODIFIER_LOW, 2)?.value;
    r.bits(&FRAME_TYPE, 2)?;
    Ok(Control::Unnumbered { is_ui: high == 0 && low == 0 })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Control {
    Information(u8),
    Supervisory,
    Unnumbered { is_ui: bool },
}

fn payload(r: &mut Reader<'_, '_>, length: At<usize>, more: bool, sapi: u8, control: Control) -> Result<(), Stop> {
    let room = r.promised();
    if length.value > room {
        r.flag_with(&BAD_LENGTH, length.node, format_args!("states {} octets, {room} are left", length.value));
    }
    let octets = length.value.min(room);
    if octets > 0 {
        match control {
            Control::Information(number) => {
                let (layer, facts) = (r.layer(), *r.facts());
                let at = r.bytes(&SEGMENT, octets)?;
                let promised = u32::try_from(octets).unwrap_or(0);
                let payload = at.span;
                r.ask(Need::Segment(Box::new(Segment { sapi, number, more, payload, promised, layer, facts })));
            }
            Control::Unnumbered { is_ui: true } => r.hand_over_part(octets, Claim::Named("gsm_a.dtap")),
            _ => drop(r.bytes(&SEGMENT, octets)?),
        }
    }
    let fill = r.promised();
    if fill > 0 {
        r.bytes(&FILL, fill)?;
    }
    Ok(())
}

fn first(r: &Reader<'_, '_>) -> u8 {
    r.peek().first().copied().unwrap_or(0)
}
