//! The layouts beside the draft: the later DM 2.0 (2015/16), decoded as an extra, and DM Notification 1.3, named only.
//!
//! ```text
//!  0       4        9            16
//!  | VER:4 | OC:5   | RESERVED:7 | { delta:4 length:12 | value } x OC
//! ```
//!
//! Reading: known from one secondary summary. Options: 1 SERVER-ID, 2 PREFERRED-CON-TYPE, 3 NOTIFICATION-ID (2 octets),
//! 4 SHA256-DIGEST (32 octets), 5 TIMESTAMP (4 octets), 6 REQ-MOS (empty).

use super::dmnoti::{BODY, DIGEST, Parts, place};
use super::dmnoti20::{self as v20, Walk};
use super::dmnoti20_rules as rules;
use super::reader::{Reader, Stop};

/// Reads a message in the later layout; it was found to end exactly.
///
/// # Errors
/// The message ends early.
pub(super) fn read(r: &mut Reader<'_, '_>, parts: &mut Parts) -> Result<(), Stop> {
    r.short_is(&rules::TOO_SHORT);
    r.flag(&rules::LATER_LAYOUT, r.layer());
    r.bits(&v20::VER, 4)?;
    let count = r.bits(&v20::OPTIONS_COUNT, 5)?;
    r.bits(&v20::RESERVED, 7)?;
    v20::options(r, parts, &mut Walk::default(), count, option)?;
    v20::end(r);
    Ok(())
}

fn option(r: &mut Reader<'_, '_>, parts: &mut Parts, walk: Walk) -> Result<(), Stop> {
    match (walk.number, r.left()) {
        (1, _) => v20::server_id(r, parts),
        (2, _) => v20::connection_types(r, false),
        (3, 2) => {
            let id = v20::value(r, |r| r.u16(&v20::NOTIFICATION_ID))?.value;
            parts.id = Some((id.value, id.node));
            Ok(())
        }
        (4, 32) => {
            let digest = v20::value(r, |r| r.bytes(&DIGEST, 32))?.value;
            parts.digest = Some(place(&digest));
            Ok(())
        }
        (5, 4) => {
            let time = v20::value(r, v20::sending_time)?.value;
            parts.time = Some((time.value, time.node));
            Ok(())
        }
        _ => {
            r.rest(&v20::OPTION_VALUE);
            Ok(())
        }
    }
}

/// Names a message that is probably 1.3.
pub(super) fn read_13(r: &mut Reader<'_, '_>) {
    let body = r.rest(&BODY);
    let first = body.value.first().map_or(0, |first| first >> 4);
    r.flag_with(&rules::VERSION, body.node, format_args!("{first}"));
    r.flag(&rules::MAYBE_13, body.node);
}
