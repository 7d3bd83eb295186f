//! Bodies of pushes nobody else reads: shown as text or octets.
//!
//! The last resort of [`Claim::PushBody`]. Must not know any media type.

use super::claim::{Claim, Dissector, Fit, Probe};
use super::reader::{Reader, Stop};
use crate::model::Field;
use crate::model::spec::WSP;

/// The layer.
pub static MEDIA: Field = Field::layer("media", "Push body").cite(&WSP, "8.2.4.1");
/// A body whose media type says it is text.
pub static TEXT: Field = Field::text("media.text", "Text").cite(&WSP, "8.2.4.1");
/// Any other body.
pub static OCTETS: Field = Field::bytes("media.octets", "Octets")
    .cite(&WSP, "8.2.4.1")
    .about("A body that is not taken apart: SI, SL, MMS, provisioning …");

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &MEDIA,
    claims: &[Claim::PushBody],
    fields: &[&TEXT, &OCTETS],
    rules: &[],
    dissect,
    probe: Some(probe),
};

fn probe(probe: &Probe<'_>) -> Fit {
    // An empty body is none; one that the capture cut is said to be cut.
    if probe.octets.is_empty() && !probe.is_cut() { Fit::No } else { Fit::Fallback }
}

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let is_text = r.facts().push.and_then(|head| head.content_type).is_some_and(|media| media.is_text);
    super::dmnoti_wsp::check_other(r);
    let wanted = r.promised();
    // A body the capture cut is shown as far as it goes, with the finding that says so.
    r.bytes(if is_text { &TEXT } else { &OCTETS }, wanted)?;
    Ok(())
}
