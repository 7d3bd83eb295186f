//! Package #0: the layer, and the fields that all its layouts share.
//!
//! One dissector for 1.2, 2.0, Data Sync, the later 2.0 and 1.3, so that one filter serves all; [`super::dmnoti_decide`] says
//! which it is. Verdicts and sequence notes are declared here and filled in by the engine. Must not know keys or other frames.

use super::claim::{Claim, Dissector, Fit, Probe};
use super::dmnoti_decide::{Decision, decide, nearest};
use super::message::{Body, Format, Message};
use super::reader::{At, Reader, Stop};
use super::{
    dmnoti_later as later, dmnoti_wsp as wsp, dmnoti12 as v12, dmnoti12_rules as n12, dmnoti20 as v20,
    dmnoti20_rules as n20, dsnoti as ds, vendor,
};
use crate::model::spec::{DMNOTI_12, DMNOTI_20};
use crate::model::{Field, NodeId, Span};

const OURS: &str = "computed by us";

/// The layer.
pub static DMNOTI: Field = Field::layer("dmnoti", "DM Notification")
    .cite(&DMNOTI_12, "5")
    .about("Package #0: the message by which a server asks a device to open a DM session.");
/// Which layout it is.
pub static FORMAT: Field = Field::text("dmnoti.format", "Format")
    .uncited(OURS)
    .about("1.2, 2.0, ds-1.2 (Data Sync), 2.0-later (2015/16) or 1.3, by content type and structure.")
    .generated();
/// The server identifier.
pub static SERVER_ID: Field = Field::text("dmnoti.server_id", "Server identifier")
    .cite(&DMNOTI_12, "6.2.12")
    .about("Names the server, as in the DM account of the device (2.0: SERVER-ID).");
/// Its length.
pub static SERVER_ID_LENGTH: Field = Field::uint("dmnoti.server_id.length", "Length of the server identifier")
    .cite(&DMNOTI_12, "6.2.11")
    .about("In octets (2.0: the length of the SERVER-ID option).");
/// The digest.
pub static DIGEST: Field = Field::bytes("dmnoti.digest", "Digest")
    .cite(&DMNOTI_12, "6.2.2")
    .about("MD5 over credentials, nonce and trigger (1.2); SHA-256 over secret and package (2.0).");
/// Whether it holds.
pub static DIGEST_STATUS: Field = Field::text("dmnoti.digest.status", "Digest status")
    .uncited(OURS)
    .about("valid, resync, deviant, invalid, unsigned, unchecked, incomplete or malformed.")
    .values(&[
        (0, "valid"),
        (1, "resync"),
        (2, "deviant"),
        (3, "invalid"),
        (4, "unsigned"),
        (5, "unchecked"),
        (6, "incomplete"),
        (7, "malformed"),
    ])
    .generated();
/// Under which deviation it holds.
pub static DIGEST_DEVIATION: Field = Field::text("dmnoti.digest.deviation", "Deviation")
    .uncited(OURS)
    .about("The known deviation from the standard under which the digest verifies.")
    .generated();
/// With which key it holds.
pub static DIGEST_KEY: Field = Field::text("dmnoti.digest.key", "Key")
    .uncited(OURS)
    .about("Label of the entry in the secrets file that verifies the digest.")
    .generated();
/// With which nonce it holds.
pub static DIGEST_NONCE: Field = Field::text("dmnoti.digest.nonce", "Nonce")
    .uncited(OURS)
    .about("Position of the nonce that verifies the digest, where the entry has several or it was learned.")
    .generated();
/// What the digest covers.
pub static DIGEST_COVERED: Field = Field::text("dmnoti.digest.covered", "Covered by the digest")
    .uncited(OURS)
    .about("Which octets of the message are hashed. Shown where keys are configured and the digest is not valid.")
    .generated();
/// H(trigger).
pub static DIGEST_TRIGGER_HASH: Field = Field::text("dmnoti.digest.trigger_hash", "H(trigger)")
    .uncited(OURS)
    .about("1.2: the MD5 of the trigger, in hex. Shown where keys are configured and the digest is not valid.")
    .generated();
/// B64(H(trigger)).
pub static DIGEST_TRIGGER_B64: Field = Field::text("dmnoti.digest.trigger_hash.base64", "B64(H(trigger))")
    .uncited(OURS)
    .about("1.2: the same in base64, as it goes into the digest behind credential and nonce.")
    .generated();
/// The sending time.
pub static DIGEST_TIME: Field = Field::time("dmnoti.digest.time", "Sending time")
    .cite(&DMNOTI_20, "5.3.5")
    .about("Seconds since 1970 as the server's clock had them.");
/// How old the message was.
pub static DIGEST_AGE: Field = Field::duration("dmnoti.digest.age", "Age")
    .uncited(OURS)
    .about("Capture time minus sending time, in seconds.")
    .generated();
/// Index within the frame.
pub static INDEX: Field = Field::uint("dmnoti.index", "Index in the frame")
    .uncited(OURS)
    .about("Counts the notifications of one frame, from 1.")
    .generated();
/// The first message it repeats.
pub static DUPLICATE_OF: Field = Field::frame_ref("dmnoti.duplicate_of", "Duplicate of")
    .uncited(OURS)
    .about("The first of the earlier notifications that this one repeats.")
    .generated();
/// The first sighting of the same octets on another leg.
pub static SIGHTING_OF: Field = Field::frame_ref("dmnoti.sighting_of", "Another sighting of")
    .uncited(OURS)
    .about("The same octets on another leg, interface or tunnel layer: the same message seen twice.")
    .generated();
/// A message whose layout is not known.
pub static BODY: Field = Field::bytes("dmnoti.body", "Message of unknown layout")
    .uncited("the layout of DM Notification 1.3 was not at hand");

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector =
    Dissector { layer: &DMNOTI, claims: &[Claim::PushBody], fields: FIELDS, rules: RULES, dissect, probe: Some(probe) };

static FIELDS: &[&Field] = &[
    &FORMAT,
    &SERVER_ID,
    &SERVER_ID_LENGTH,
    &DIGEST,
    &DIGEST_STATUS,
    &DIGEST_DEVIATION,
    &DIGEST_KEY,
    &DIGEST_NONCE,
    &DIGEST_COVERED,
    &DIGEST_TRIGGER_HASH,
    &DIGEST_TRIGGER_B64,
    &DIGEST_TIME,
    &DIGEST_AGE,
    &INDEX,
    &DUPLICATE_OF,
    &SIGHTING_OF,
    &BODY,
    &v12::VERSION,
    &v12::UI_MODE,
    &v12::INITIATOR,
    &v12::FUTURE_USE,
    &v12::SESSION_ID,
    &v12::SESSION_ID_TEXT,
    &v12::VENDOR,
    &vendor::UI_MODE,
    &vendor::ITEM,
    &vendor::TYPE,
    &vendor::LENGTH,
    &vendor::INSTALL_TYPE,
    &vendor::POSTPONE,
    &vendor::UPDATE_TYPE,
    &vendor::SERVICE_TYPE,
    &vendor::DOWNLOAD_TYPE,
    &vendor::VALUE,
    &ds::NUM_SYNCS,
    &ds::FUTURE,
    &ds::SYNC,
    &ds::SYNC_TYPE,
    &ds::SYNC_FUTURE,
    &ds::SYNC_CONTENT_TYPE,
    &ds::SYNC_URI_LENGTH,
    &ds::SYNC_URI,
    &v20::VER,
    &v20::OPTIONS_COUNT,
    &v20::RESERVED,
    &v20::NOTIFICATION_ID,
    &v20::OPTION,
    &v20::OPTION_DELTA,
    &v20::OPTION_NUMBER,
    &v20::OPTION_LENGTH,
    &v20::OPTION_VALUE,
    &v20::PREFERRED_CON_TYPE,
    &v20::REQ_MO,
    &v20::REQ_MO_CV,
    &v20::REQ_MO_CV_MO,
    &v20::REQ_MO_CV_VALIDATOR,
];

static RULES: &[&crate::model::Rule] = &[
    &n12::TOO_SHORT,
    &n12::SERVER_ID_OVERRUN,
    &n12::NO_DIGEST,
    &n12::DIGEST_WRONG,
    &n12::RESYNC,
    &n12::VERSION,
    &n12::FUTURE_USE,
    &n12::SESSION_ID_ZERO,
    &n12::SERVER_ID_CHARS,
    &n12::SERVER_ID_EMPTY,
    &n12::VENDOR,
    &n12::SWAPPED,
    &n12::CONTENT_TYPE,
    &n12::CONTENT_TYPE_TEXT,
    &n12::APP_ID_MISSING,
    &n12::APP_ID,
    &n12::HEADER_ORDER,
    &n12::HEADERS_LONG,
    &n12::PORT,
    &n12::NOT_CONNECTIONLESS,
    &n12::OTHER_HEADER,
    &n12::DUPLICATE,
    &n12::IS_DATA_SYNC,
    &n20::TOO_SHORT,
    &n20::VERSION,
    &n20::TRUNCATED,
    &n20::TRAILING,
    &n20::RESERVED,
    &n20::DUPLICATE,
    &n20::ID_REUSED,
    &n20::ORDER,
    &n20::NUMBER_ZERO,
    &n20::REPEATED,
    &n20::UNKNOWN_OPTION,
    &n20::NO_SERVER_ID,
    &n20::SERVER_ID_TEXT,
    &n20::REQ_MO_ODD,
    &n20::REQ_MO_EMPTY,
    &n20::REQ_MO_CV_LENGTH,
    &n20::REQ_MO_CV_EMPTY,
    &n20::CON_TYPE,
    &n20::CON_TYPE_LIST,
    &n20::DIGEST_LENGTH,
    &n20::DIGEST_WRONG,
    &n20::DIGEST_ZERO,
    &n20::AGE,
    &n20::UNSIGNED,
    &n20::NOT_CONNECTIONLESS,
    &n20::APP_ID,
    &n20::CONTENT_TYPE,
    &n20::HEADERS_LONG,
    &n20::PORT,
    &n20::LATER_LAYOUT,
    &n20::MAYBE_13,
    &super::wsp_headers::CREDENTIALS,
];

fn probe(probe: &Probe<'_>) -> Fit {
    match decide(probe) {
        Decision::Dm(_, fit) => fit,
        _ => Fit::No,
    }
}

/// What a layout's reader found: the parts of a [`Message`] that it must fill in.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts {
    /// Server identifier.
    pub(super) server_id: Option<(Span, NodeId)>,
    /// The digest and its node.
    pub(super) digest: Option<(Span, NodeId)>,
    /// Session or notification identifier.
    pub(super) id: Option<(u16, NodeId)>,
    /// Sending time.
    pub(super) time: Option<(u32, NodeId)>,
    /// Value of the option that holds time and digest.
    pub(super) digest_option: Option<Span>,
    /// The digest is not where it must be, and no capture is to blame.
    pub(super) malformed: bool,
    /// The capture lacks octets.
    pub(super) incomplete: bool,
}

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let (octets, promised) = (r.peek(), r.promised());
    let format = match decide(&Probe { octets, promised, facts: r.facts() }) {
        Decision::Dm(format, _) => format,
        // Asked for by name: the octets are shown as the layout nearest to them.
        _ => nearest(octets),
    };
    r.generated_octets(&FORMAT, format.name().as_bytes());
    let (octets, promised) = (r.ahead(), u32::try_from(r.promised()).unwrap_or(u32::MAX));
    if let Some(head) = r.facts().push {
        wsp::check(r, format, &head);
    }
    let mut parts = Parts { incomplete: r.is_cut(), ..Parts::default() };
    let result = match format {
        Format::Dm12 => v12::read(r, &mut parts),
        Format::Ds12 => ds::read(r, &mut parts),
        Format::Dm20 => v20::read(r, &mut parts),
        Format::Dm20Later => later::read(r, &mut parts),
        Format::Dm13 => {
            later::read_13(r);
            Ok(())
        }
    };
    let body = match (parts.malformed, parts.incomplete) {
        (true, _) => Body::Malformed,
        (false, true) => Body::Incomplete,
        (false, false) => Body::Whole,
    };
    let facts = *r.facts();
    r.message(Message {
        format,
        layer: r.layer(),
        octets,
        promised,
        body,
        server_id: parts.server_id,
        digest: parts.digest.map(|digest| digest.0),
        digest_node: parts.digest.map_or(r.layer(), |digest| digest.1),
        id: parts.id,
        time: parts.time,
        digest_option: parts.digest_option,
        facts,
    });
    result
}

/// Whether all octets are equal: a digest that was never filled in.
pub(super) fn is_blank(octets: &[u8]) -> bool {
    octets.first().is_some_and(|first| octets.iter().all(|octet| octet == first))
}

/// Span and node of what was read.
pub(super) fn place<O>(at: &At<O>) -> (Span, NodeId) {
    (at.span, at.node)
}

#[cfg(test)]
mod tests;
