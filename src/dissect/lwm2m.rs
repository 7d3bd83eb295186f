//! LwM2M registration trigger: a CoAP message in a push. Recognised and walked, so that it is not misread as DM.
//!
//! ```text
//!  | version:2 type:2 token-length:4 | code:8 | message-id:16 | token | { option } … | FF payload      (RFC 7252, 3)
//! ```

use super::claim::{Claim, Dissector, Fit, Probe};
use super::dmnoti_decide::{Decision, decide};
use super::dmnoti12_rules::IS_LWM2M;
use super::reader::{Reader, Stop};
use crate::model::spec::{LWM2M as SPEC, RFC_7252};
use crate::model::{Field, Value};

/// The layer.
pub static LWM2M: Field = Field::layer("lwm2m", "LwM2M trigger")
    .cite(&SPEC, "8")
    .about("A CoAP message that asks an LwM2M client to contact its server.");
/// CoAP version.
pub static VERSION: Field = Field::uint("coap.version", "Version").cite(&RFC_7252, "3");
/// Message type.
pub static TYPE: Field = Field::uint("coap.type", "Type").cite(&RFC_7252, "3").values(&[
    (0, "Confirmable"),
    (1, "Non-Confirmable"),
    (2, "Acknowledgement"),
    (3, "Reset"),
]);
/// Octets of the token.
pub static TOKEN_LEN: Field = Field::uint("coap.token_len", "Token length").cite(&RFC_7252, "3");
/// Method or response code.
pub static CODE: Field = Field::uint("coap.code", "Code").cite(&RFC_7252, "3").values(&[
    (0, "Empty"),
    (1, "GET"),
    (2, "POST"),
    (3, "PUT"),
    (4, "DELETE"),
]);
/// Message id.
pub static MID: Field = Field::uint("coap.mid", "Message ID").cite(&RFC_7252, "3");
/// Token.
pub static TOKEN: Field = Field::bytes("coap.token", "Token").cite(&RFC_7252, "3");
/// One option.
pub static OPTION: Field = Field::group("coap.opt", "Option").cite(&RFC_7252, "3");
/// Distance from the number before.
pub static OPT_DELTA: Field = Field::uint("coap.opt.delta", "Option delta").cite(&RFC_7252, "3");
/// Length, or how it is extended.
pub static OPT_LENGTH: Field = Field::uint("coap.opt.length", "Option length").cite(&RFC_7252, "3");
/// Extension of the delta.
pub static OPT_DELTA_EXT: Field = Field::uint("coap.opt.delta_ext", "Option delta extended").cite(&RFC_7252, "3");
/// Extension of the length.
pub static OPT_LENGTH_EXT: Field = Field::uint("coap.opt.length_ext", "Option length extended").cite(&RFC_7252, "3");
/// Number of the option.
pub static OPT_NUMBER: Field = Field::uint("coap.opt.number", "Option number")
    .cite(&RFC_7252, "3")
    .values(&[
        (3, "Uri-Host"),
        (6, "Observe"),
        (11, "Uri-Path"),
        (12, "Content-Format"),
        (15, "Uri-Query"),
        (17, "Accept"),
    ])
    .generated();
/// Value of the option.
pub static OPT_VALUE: Field = Field::bytes("coap.opt.value", "Option value").cite(&RFC_7252, "3");
/// The octet before the payload.
pub static OPT_END: Field = Field::uint("coap.opt.end_marker", "End of options marker").cite(&RFC_7252, "3").hex(2);
/// Payload.
pub static PAYLOAD: Field = Field::bytes("coap.payload", "Payload").cite(&RFC_7252, "3");

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &LWM2M,
    claims: &[Claim::PushBody],
    fields: &[
        &VERSION,
        &TYPE,
        &TOKEN_LEN,
        &CODE,
        &MID,
        &TOKEN,
        &OPTION,
        &OPT_DELTA,
        &OPT_LENGTH,
        &OPT_DELTA_EXT,
        &OPT_LENGTH_EXT,
        &OPT_NUMBER,
        &OPT_VALUE,
        &OPT_END,
        &PAYLOAD,
    ],
    rules: &[&IS_LWM2M, &super::wsp_headers::CREDENTIALS],
    dissect,
    probe: Some(probe),
};

fn probe(probe: &Probe<'_>) -> Fit {
    match decide(probe) {
        Decision::Lwm2m(fit) => fit,
        _ => Fit::No,
    }
}

/// One option as it stands: delta, length of its value, octets of its extensions. `None` where it does not parse.
fn option_head(octets: &[u8]) -> Option<(u32, usize, usize)> {
    let (first, rest) = octets.split_first()?;
    let (delta, rest) = extended(first >> 4, rest)?;
    let (len, after) = extended(first & 15, rest)?;
    let extensions = octets.len().checked_sub(after.len())?.checked_sub(1)?;
    Some((delta, usize::try_from(len).ok()?, extensions))
}

fn extended(nibble: u8, octets: &[u8]) -> Option<(u32, &[u8])> {
    match (nibble, octets) {
        (0..=12, _) => Some((u32::from(nibble), octets)),
        (13, [more, rest @ ..]) => Some((u32::from(*more).saturating_add(13), rest)),
        (14, [high, low, rest @ ..]) => Some((u32::from(u16::from_be_bytes([*high, *low])).saturating_add(269), rest)),
        _ => None,
    }
}

/// Whether the octets are a CoAP message that ends exactly at the end.
pub(super) fn ends_exactly(octets: &[u8]) -> bool {
    let Some((head, rest)) = octets.split_at_checked(4) else { return false };
    let [first, code, ..] = head else { return false };
    let token = usize::from(first & 15);
    if first >> 6 != 1 || token > 8 || matches!(code >> 5, 1 | 6 | 7) {
        return false;
    }
    let Some((_, mut rest)) = rest.split_at_checked(token) else { return false };
    while let Some(first) = rest.first() {
        if *first == 0xFF {
            // A marker without payload is malformed.
            return rest.len() > 1;
        }
        let after = option_head(rest).and_then(|(_, len, ext)| rest.get(ext.checked_add(len)?.checked_add(1)?..));
        let Some(after) = after else { return false };
        rest = after;
    }
    true
}

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.flag(&IS_LWM2M, r.layer());
    if let Some(head) = r.facts().push {
        super::dmnoti_wsp::credentials(r, &head);
    }
    // What is no CoAP stays data: an application id alone does not make it one.
    if !r.is_cut() && !ends_exactly(r.peek()) {
        return Ok(());
    }
    r.bits(&VERSION, 2)?;
    r.bits(&TYPE, 2)?;
    let token = r.bits(&TOKEN_LEN, 4)?;
    r.u8(&CODE)?;
    r.u16(&MID)?;
    if token.value > 0 {
        r.bytes(&TOKEN, usize::try_from(token.value).unwrap_or(0))?;
    }
    let mut number = 0u32;
    loop {
        match (r.peek().first(), option_head(r.peek())) {
            (Some(0xFF), _) => {
                r.u8(&OPT_END)?;
                if r.left() > 0 {
                    r.rest(&PAYLOAD);
                }
                return Ok(());
            }
            (Some(_), Some(head)) => {
                number = number.saturating_add(head.0);
                r.group(&OPTION, |r| option(r, number, head.1))?;
            }
            // Nothing left, or nothing that parses: shown as data.
            _ => return Ok(()),
        }
    }
}

fn option(r: &mut Reader<'_, '_>, number: u32, len: usize) -> Result<(), Stop> {
    let delta = r.bits(&OPT_DELTA, 4)?;
    let length = r.bits(&OPT_LENGTH, 4)?;
    r.generated(&OPT_NUMBER, Value::Uint(u64::from(number)));
    extension(r, &OPT_DELTA_EXT, delta.value)?;
    extension(r, &OPT_LENGTH_EXT, length.value)?;
    if len > 0 {
        r.bytes(&OPT_VALUE, len)?;
    }
    Ok(())
}

/// The octets that extend a delta or length of 13 or 14.
fn extension(r: &mut Reader<'_, '_>, field: &'static Field, nibble: u64) -> Result<(), Stop> {
    match nibble {
        13 => drop(r.u8(field)?),
        14 => drop(r.u16(field)?),
        _ => {}
    }
    Ok(())
}
