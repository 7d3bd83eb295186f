//! A push body in base64: decoded into a derived buffer, and handed on as the body it stands for.
//!
//! Some clients take Package #0 this way from other push services. Must not know what the octets mean; whether they hold a
//! Package #0 is asked of [`super::dmnoti_decide`].

use super::claim::{Claim, Dissector, Fit, Probe};
use super::dmnoti_decide::{Decision, decide, structural_fit};
use super::reader::{Reader, Stop};
use crate::model::spec::FIELD;
use crate::model::{Derived, Field, Group, Origin, Piece, Rule};

/// The layer.
pub static BASE64: Field = Field::layer("base64", "Base64")
    .cite(&FIELD, "base64 bodies")
    .about("The body of the push is base64 text; it is decoded into a buffer of its own.");
/// The text.
pub static TEXT: Field = Field::text("base64.text", "Text").cite(&FIELD, "base64 bodies");

/// The body is text where octets belong.
pub static ENCODED: Rule = Rule::warning("NOTI-001", Group::Protocol)
    .cite(&FIELD, "base64 bodies")
    .text("the body is base64 text of a Package #0")
    .explain(
        "The octets of the notification were encoded as base64 and pushed as text.",
        "Only some clients accept this; the standard sends the octets themselves.",
        "Which push service does the server believe it is talking to?",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &BASE64,
    claims: &[Claim::PushBody],
    fields: &[&TEXT],
    rules: &[&ENCODED],
    dissect,
    probe: Some(probe),
};

/// Longest text looked at, in octets: any Package #0 is far shorter.
const MAX: usize = 1 << 17;

fn probe(probe: &Probe<'_>) -> Fit {
    if decide(probe) == Decision::Base64 { Fit::Certain } else { Fit::No }
}

/// Whether the octets are base64 of a Package #0.
pub(super) fn holds_message(octets: &[u8]) -> bool {
    // Most bodies end here, at their first octets: no room is asked for.
    octets.len() <= MAX
        && octets.iter().take(16).all(|octet| six_bits(*octet).is_some())
        && decode(octets).is_some_and(|decoded| structural_fit(&decoded.0).is_some())
}

const fn six_bits(octet: u8) -> Option<u8> {
    Some(match octet {
        b'A'..=b'Z' => octet.saturating_sub(b'A'),
        b'a'..=b'z' => octet.saturating_sub(b'a').saturating_add(26),
        b'0'..=b'9' => octet.saturating_sub(b'0').saturating_add(52),
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// The octets, and for every six bits the offset of the character they came from. Line ends are skipped, padding is optional.
fn decode(text: &[u8]) -> Option<(Vec<u8>, Vec<usize>)> {
    let mut octets = Vec::with_capacity(text.len());
    let mut places = Vec::with_capacity(text.len());
    let (mut word, mut bits, mut padded) = (0u32, 0u32, false);
    for (at, octet) in text.iter().enumerate() {
        match (six_bits(*octet), octet) {
            (Some(six), _) if !padded => {
                places.push(at);
                word = (word << 6) | u32::from(six);
                bits = bits.saturating_add(6);
                if bits >= 8 {
                    bits = bits.saturating_sub(8);
                    octets.push(u8::try_from((word >> bits) & 0xFF).unwrap_or(0));
                }
                word &= !(u32::MAX << bits);
            }
            (None, b'\r' | b'\n' | b' ') => {}
            (None, b'=') => padded = true,
            _ => return None,
        }
    }
    // A single character beyond a group of four stands for less than an octet.
    (bits < 6 && !octets.is_empty()).then_some((octets, places))
}

#[expect(clippy::unnecessary_wraps, reason = "the signature of every dissector")]
fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let (start, origin) = (r.here().start, Origin::Buffer(r.buffer()));
    let text = r.rest(&TEXT);
    let Some((bytes, places)) = decode(text.value) else { return Ok(()) };
    r.flag(&ENCODED, text.node);
    let total = u32::try_from(bytes.len()).unwrap_or(u32::MAX).saturating_mul(8);
    let mut pieces = Vec::with_capacity(places.len());
    let mut at = 0u32;
    for place in places {
        let from = start.saturating_add(u32::try_from(place).unwrap_or(u32::MAX).saturating_mul(8));
        let len = 6.min(total.saturating_sub(at));
        if len > 0 {
            pieces.push(Piece { at, len, origin, from, from_len: 8 });
        }
        at = at.saturating_add(6);
    }
    r.hand_over_derived(Derived::new("decoded base64", bytes, pieces), Claim::PushBody);
    Ok(())
}
