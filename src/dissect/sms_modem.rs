//! A short message as modems print it: the service centre's address, then the TPDU.
//!
//! No link carries it; it is what logs and `decode` hold. Must not know the TPDU.
//!
//! ```text
//!  length 1 (octets, 0: the one the modem has) | type 1, digits | TPDU                       (PDU mode of 27.005)
//! ```

use super::claim::{Claim, Dissector};
use super::gsm_rp::{self, DIGITS, EXTENSION, LENGTH, LENGTHS, NUM_PLAN, NUM_TYPE};
use super::reader::{Reader, Stop};
use crate::model::Field;

const WHY: &str = "PDU mode of modems (3GPP 27.005), which was not at hand";

/// The layer.
pub static MODEM: Field = Field::layer("sms_modem", "Short message as a modem prints it").uncited(WHY);
/// The service centre.
pub static CENTRE: Field = Field::group("sms_modem.service_centre", "Service centre address").uncited(WHY);

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &MODEM,
    claims: &[],
    fields: &[&CENTRE, &LENGTH, &EXTENSION, &NUM_TYPE, &NUM_PLAN, &DIGITS],
    rules: &[&LENGTHS],
    dissect,
    probe: None,
};

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.short_is(&LENGTHS);
    gsm_rp::address(r, &CENTRE)?;
    r.hand_over(Claim::Named("gsm_sms"));
    Ok(())
}
