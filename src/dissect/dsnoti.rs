//! Data Sync 1.2 notification: the header of DM 1.2 with version 12, and a body of its own.
//!
//! ```text
//!  | digest, header, server id | num-syncs:4 future:4 | { sync-type:4 future:4 | content-type:24 | n:8 | URI: n octets } … | vendor
//! ```
//!
//! Rules of DM do not apply.

use super::dmnoti::Parts;
use super::dmnoti_decide::FIXED_12;
use super::dmnoti12::{self, VENDOR};
use super::dmnoti12_rules::IS_DATA_SYNC;
use super::reader::{Reader, SHORT, Stop};
use crate::model::Field;
use crate::model::spec::DS_12;

const SECTION: &str = "notification";

/// Number of syncs.
pub static NUM_SYNCS: Field =
    Field::uint("dmnoti.ds.num_syncs", "Number of syncs").cite(&DS_12, SECTION).about("0 asks for all datastores.");
/// Reserved.
pub static FUTURE: Field = Field::uint("dmnoti.ds.future_use", "Future use").cite(&DS_12, SECTION).hex(1);
/// One sync.
pub static SYNC: Field = Field::group("dmnoti.ds.sync", "Sync").cite(&DS_12, SECTION);
/// How to sync.
pub static SYNC_TYPE: Field =
    Field::uint("dmnoti.ds.sync.type", "Sync type").cite(&DS_12, SECTION).about("The alert code minus 200.").values(&[
        (6, "206 two-way by server"),
        (7, "207 one-way from client by server"),
        (8, "208 refresh from client by server"),
        (9, "209 one-way from server by server"),
        (10, "210 refresh from server by server"),
    ]);
/// Reserved.
pub static SYNC_FUTURE: Field = Field::uint("dmnoti.ds.sync.future_use", "Future use").cite(&DS_12, SECTION).hex(1);
/// What the datastore holds.
pub static SYNC_CONTENT_TYPE: Field = Field::uint("dmnoti.ds.sync.content_type", "Content type")
    .cite(&DS_12, SECTION)
    .hex(6)
    .about("A content type code of WSP.")
    .values(&[
        (0, "not specified"),
        (3, "text/plain"),
        (6, "text/x-vcalendar"),
        (7, "text/x-vcard"),
        (0x0306, "application/vnd.omads-email+xml"),
    ]);
/// Octets of the URI.
pub static SYNC_URI_LENGTH: Field =
    Field::uint("dmnoti.ds.sync.uri.length", "Length of the server URI").cite(&DS_12, SECTION);
/// The datastore on the server.
pub static SYNC_URI: Field = Field::text("dmnoti.ds.sync.uri", "Server URI").cite(&DS_12, SECTION);

/// Octets of a sync before its URI: type, content type, length.
const SYNC_FIXED: usize = 5;

/// Whether the body after the header (which must have been found to fit) reads as a list of syncs.
pub(super) fn fits(octets: &[u8]) -> bool {
    let Some(id) = octets.get(FIXED_12.saturating_sub(1)) else { return false };
    let Some(body) = octets.get(FIXED_12.saturating_add(usize::from(*id))..) else { return false };
    let Some((count, mut rest)) = body.split_first() else { return false };
    for _ in 0..count >> 4 {
        let Some((fixed, after)) = rest.split_at_checked(SYNC_FIXED) else { return false };
        let len = fixed.last().map_or(0, |len| usize::from(*len));
        let Some((_, after)) = after.split_at_checked(len) else { return false };
        rest = after;
    }
    true
}

/// Reads a Data Sync notification.
///
/// # Errors
/// The message ends early.
pub(super) fn read(r: &mut Reader<'_, '_>, parts: &mut Parts) -> Result<(), Stop> {
    r.flag(&IS_DATA_SYNC, r.layer());
    dmnoti12::header(r, parts, false)?;
    if r.is_done() {
        return Ok(());
    }
    r.short_is(&SHORT);
    let count = r.bits(&NUM_SYNCS, 4)?;
    r.bits(&FUTURE, 4)?;
    for _ in 0..count.value {
        r.group(&SYNC, sync)?;
    }
    if r.left() > 0 {
        r.rest(&VENDOR);
    }
    Ok(())
}

fn sync(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.bits(&SYNC_TYPE, 4)?;
    r.bits(&SYNC_FUTURE, 4)?;
    r.bits(&SYNC_CONTENT_TYPE, 24)?;
    let length = r.u8(&SYNC_URI_LENGTH)?;
    r.bytes(&SYNC_URI, usize::from(length.value))?;
    Ok(())
}
