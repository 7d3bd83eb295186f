//! Vendor-specific bodies of 1.2 triggers: the one form that is known.
//!
//! ```text
//!  | ui-mode:8 | { type:8 | length:8 | value } …      (Samsung)
//! ```
//!
//! Decoded only where it fits exactly; everything else stays octets.

use super::reader::{At, Reader, Stop};
use crate::model::spec::FIELD;
use crate::model::{Field, Value};

const SECTION: &str = "vendor bodies";

/// Override of the header's ui-mode.
pub static UI_MODE: Field = Field::uint("dmnoti.vendor.ui_mode", "User interaction mode (vendor)")
    .cite(&FIELD, SECTION)
    .about("Overrides the mode of the header in Samsung's client.")
    .values(&[
        (0, "not-specified"),
        (1, "background"),
        (2, "informative"),
        (3, "user-interaction"),
        (4, "background over WLAN"),
    ]);
/// One item.
pub static ITEM: Field = Field::group("dmnoti.vendor.item", "Item").cite(&FIELD, SECTION);
/// What it is.
pub static TYPE: Field = Field::uint("dmnoti.vendor.type", "Type").cite(&FIELD, SECTION).values(&[
    (1, "install type"),
    (2, "postpone"),
    (3, "update type"),
    (4, "service type"),
    (5, "download type"),
]);
/// Octets of its value.
pub static LENGTH: Field = Field::uint("dmnoti.vendor.length", "Length").cite(&FIELD, SECTION);
/// How to install.
pub static INSTALL_TYPE: Field = Field::uint("dmnoti.vendor.install_type", "Install type")
    .cite(&FIELD, SECTION)
    .values(&[(0, "normal"), (1, "force")]);
/// How often the user may postpone.
pub static POSTPONE: Field = Field::int("dmnoti.vendor.postpone", "Postpone").cite(&FIELD, SECTION);
/// How much the update matters.
pub static UPDATE_TYPE: Field = Field::uint("dmnoti.vendor.update_type", "Update type")
    .cite(&FIELD, SECTION)
    .values(&[(0, "normal"), (2, "important")]);
/// How urgent the service is.
pub static SERVICE_TYPE: Field = Field::uint("dmnoti.vendor.service_type", "Service type")
    .cite(&FIELD, SECTION)
    .hex(2)
    .values(&[(0x45, "emergency"), (0x4D, "mandatory"), (0x4F, "optional")]);
/// How to download.
pub static DOWNLOAD_TYPE: Field = Field::uint("dmnoti.vendor.download_type", "Download type")
    .cite(&FIELD, SECTION)
    .values(&[(0, "normal"), (1, "force")]);
/// Value of an item of unknown type.
pub static VALUE: Field = Field::bytes("dmnoti.vendor.value", "Value").cite(&FIELD, SECTION);

/// Whether a body has Samsung's form: a mode of 0..=4, then items that end exactly, known ones of one octet, at least one known.
pub(super) fn fits_samsung(body: &[u8]) -> bool {
    let Some((0..=4, mut rest)) = body.split_first().map(|(mode, rest)| (*mode, rest)) else { return false };
    let mut known = false;
    while let [kind, len, after @ ..] = rest {
        let Some((_, after)) = after.split_at_checked(usize::from(*len)) else { return false };
        match kind {
            1..=5 if *len == 1 => known = true,
            1..=5 => return false,
            _ => {}
        }
        rest = after;
    }
    known && rest.is_empty()
}

/// Reads a body that [`fits_samsung`].
///
/// # Errors
/// None where it fits.
pub(super) fn samsung(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.u8(&UI_MODE)?;
    while !r.is_done() {
        r.group(&ITEM, item)?;
    }
    Ok(())
}

fn item(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let kind = r.u8(&TYPE)?;
    let length = r.u8(&LENGTH)?;
    match kind.value {
        1 => drop(r.u8(&INSTALL_TYPE)?),
        2 => postpone(r)?,
        3 => drop(r.u8(&UPDATE_TYPE)?),
        4 => drop(r.u8(&SERVICE_TYPE)?),
        5 => drop(r.u8(&DOWNLOAD_TYPE)?),
        _ => drop(r.bytes(&VALUE, usize::from(length.value))?),
    }
    Ok(())
}

/// A signed octet.
fn postpone(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let at: At<u8> = r.u8(&POSTPONE)?;
    r.set_value(at.node, Value::Int(i64::from(i8::from_be_bytes([at.value]))));
    Ok(())
}
