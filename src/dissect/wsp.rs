//! WSP, the Wireless Session Protocol: pushes in full, other PDUs as far as they have fields.
//!
//! Must not know what a body holds, nor what a DM notification demands of its headers: it fills [`PushHead`] for that.
//!
//! ```text
//!  TID (1) | PDU type (1) | HeadersLen (uintvar) | ContentType | header fields | body                (WSP 8.2.4.1)
//!                                                |<---- HeadersLen octets --->|
//! ```
//! In a WTP transaction there is no TID.

use super::claim::{Claim, Dissector};
use super::facts::{Carrier, PushHead};
use super::reader::{At, Reader, SHORT, Stop};
use super::wsp_codes as codes;
use super::wsp_headers::{self, Heading};
use super::wsp_values::{Shape, UINTVAR, number, read_uintvar, shape, uintvar};
use super::{wdp, wsp_fields, wsp_media, wsp_session, wsp_typed, wsp_values};
use crate::model::spec::{FIELD, PUSH_OTA, WSP as SPEC};
use crate::model::{Field, Group, Rule};

/// The layer.
pub static WSP: Field = Field::layer("wsp", "Wireless Session Protocol").cite(&SPEC, "8.2.1");
/// Transaction identifier.
pub static TID: Field =
    Field::uint("wsp.TID", "Transaction ID").cite(&SPEC, "8.2.1").hex(2).about("The push id; any value.");
/// PDU type.
pub static PDU_TYPE: Field =
    Field::uint("wsp.pdu_type", "PDU type").cite(&SPEC, "8.2.1").lookup(codes::pdu_type, codes::pdu_types).hex(2);
/// Length of content type and header fields.
pub static HEADERS_LENGTH: Field = Field::uint("wsp.headers_length", "Headers length")
    .cite(&SPEC, "8.2.4.1")
    .about("Octets of the content type and the header fields.");
/// Octets before the PDU.
pub static JUNK: Field = Field::bytes("wsp.before", "Octets before the PDU")
    .uncited("seen in the field: octets that carriers put in front")
    .about("Octets in front of the WSP PDU, skipped because a push with a DM content type starts after them.");

/// The headers run past the PDU.
pub static HEADERS_TOO_LONG: Rule = Rule::error("W-001", Group::Malformed)
    .cite(&SPEC, "8.2.4.1")
    .text("the headers' length runs past the end of the PDU")
    .explain(
        "The PDU states more octets of headers than it has after the length.",
        "Receivers drop such a push.",
        "Look for a part that is missing (a message cut to one SMS), or for a length built over other octets.",
    );

/// A confirmed push without a session.
pub static CONFIRMED: Rule = Rule::error("W-004", Group::Protocol)
    .cite(&PUSH_OTA, "6")
    .text("ConfirmedPush does not exist in connectionless mode")
    .explain(
        "A confirmed push needs a WSP session over WTP; this PDU came as a datagram of its own.",
        "Nobody can confirm it. Some handsets take it as a plain push, others drop it.",
        "Configure the push proxy for unconfirmed, connectionless delivery.",
    );

/// Content-Length contradicts the body.
pub static CONTENT_LENGTH: Rule = Rule::warning("WSP-002", Group::Protocol)
    .cite(&SPEC, "8.4.2")
    .text("Content-Length differs from the octets there are")
    .explain(
        "The header states another length of the body than the PDU has.",
        "The body was cut or extended on its way, or the header was copied from another encoding of it.",
        "Compare with the submission at the push proxy.",
    );

/// Octets before the PDU were skipped.
pub static SKIPPED: Rule = Rule::warning("WSP-003", Group::Assumption)
    .cite(&FIELD, "header offset")
    .text("octets in front of the WSP PDU were skipped")
    .explain(
        "The PDU type in its place is no push, but a push with a DM content type starts a few octets later.",
        "Only handsets configured for this carrier's offset understand the push.",
        "Find who puts the octets there; a CDMA network may repeat the ports.",
    );

/// A PDU type nobody assigned.
pub static UNKNOWN_PDU: Rule =
    Rule::note("WSP-008", Group::Undecoded).cite(&SPEC, "8.2.1").text("a reserved PDU type").explain(
        "The PDU type is not assigned: the octets are probably not WSP.",
        "Nothing beyond the PDU type can be read.",
        "Look at who sends it; another protocol may use the port.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &WSP,
    claims: &[Claim::UdpPort(2948), Claim::UdpPort(9200), Claim::SmsPort(2948)],
    fields: &[
        &TID,
        &PDU_TYPE,
        &HEADERS_LENGTH,
        &JUNK,
        &wsp_session::VERSION_MAJOR,
        &wsp_session::VERSION_MINOR,
        &wsp_session::SESSION,
        &wsp_session::CAPABILITIES_LENGTH,
        &wsp_session::CAPABILITIES,
        &wsp_session::CAPABILITY,
        &wsp_session::CAPABILITY_LENGTH,
        &wsp_session::CAPABILITY_ID,
        &wsp_session::CAPABILITY_NAME,
        &wsp_session::CLIENT_SDU,
        &wsp_session::SERVER_SDU,
        &wsp_session::METHOD_MOR,
        &wsp_session::PUSH_MOR,
        &wsp_session::CLIENT_MESSAGE,
        &wsp_session::SERVER_MESSAGE,
        &wsp_session::EXTENDED_METHODS,
        &wsp_session::CODE_PAGES,
        &wsp_session::ALIASES,
        &wsp_session::OPT_CONFIRMED_PUSH,
        &wsp_session::OPT_PUSH,
        &wsp_session::OPT_RESUME,
        &wsp_session::OPT_ACK,
        &wsp_session::OPT_LARGE,
        &wsp_session::OPT_RESERVED,
        &wsp_session::URI_LENGTH,
        &wsp_session::URI,
        &wsp_session::STATUS,
        &wsp_session::REDIRECT_PERMANENT,
        &wsp_session::REDIRECT_REUSE,
        &wsp_session::REDIRECT_RESERVED,
        &wsp_session::ADDRESS,
        &wsp_session::ADDRESS_BEARER,
        &wsp_session::ADDRESS_PORT,
        &wsp_session::ADDRESS_LENGTH,
        &wsp_session::BEARER,
        &wsp_session::PORT,
        &wsp_session::IPV4,
        &wsp_session::IPV6,
        &wsp_session::UNKNOWN_ADDRESS,
        &wsp_typed::CHARSET,
        &wsp_typed::CHARSET_TEXT,
        &wsp_typed::APPLICATION_ID,
        &wsp_typed::APPLICATION_TEXT,
        &wsp_typed::SHORT_MARK,
        &wsp_typed::FLAG_RESERVED,
        &wsp_typed::FLAG_LAST,
        &wsp_typed::FLAG_TRUSTED,
        &wsp_typed::FLAG_AUTHENTICATED,
        &wsp_typed::VERSION,
        &wsp_typed::PAGE,
        &wsp_typed::SCHEME,
        &wsp_typed::USER,
        &wsp_typed::PASSWORD,
        &wsp_typed::PROXY_SCHEME,
        &wsp_typed::PROXY_USER,
        &wsp_typed::PROXY_PASSWORD,
        &wsp_typed::ASK_SCHEME,
        &wsp_typed::REALM,
        &wsp_typed::PROXY_ASK_SCHEME,
        &wsp_typed::PROXY_REALM,
        &wsp_typed::PART_FIRST,
        &wsp_typed::FIRST_BYTE,
        &wsp_typed::LAST_BYTE,
        &wsp_typed::SUFFIX,
        &wsp_typed::ENTITY,
        &wsp_typed::HEADER_NAME,
        &wsp_typed::METHOD,
        &wsp_typed::BEARER,
        &wsp_headers::HEADERS,
        &wsp_headers::CONTENT_TYPE,
        &wsp_headers::NAME,
        &wsp_headers::NAME_TEXT,
        &wsp_headers::PAGE_NAME,
        &wsp_headers::CODE_PAGE,
        &wsp_headers::OTHER,
        &wsp_fields::ACCEPT,
        &wsp_fields::ACCEPT_CHARSET,
        &wsp_fields::ACCEPT_ENCODING,
        &wsp_fields::ACCEPT_LANGUAGE,
        &wsp_fields::ACCEPT_RANGES,
        &wsp_fields::AGE,
        &wsp_fields::ALLOW,
        &wsp_fields::AUTHORIZATION,
        &wsp_fields::CACHE_CONTROL,
        &wsp_fields::CONNECTION,
        &wsp_fields::CONTENT_BASE,
        &wsp_fields::CONTENT_ENCODING,
        &wsp_fields::CONTENT_LANGUAGE,
        &wsp_fields::CONTENT_LENGTH,
        &wsp_fields::CONTENT_LOCATION,
        &wsp_fields::CONTENT_MD5,
        &wsp_fields::CONTENT_RANGE,
        &wsp_fields::CONTENT_TYPE,
        &wsp_fields::DATE,
        &wsp_fields::ETAG,
        &wsp_fields::EXPIRES,
        &wsp_fields::FROM,
        &wsp_fields::HOST,
        &wsp_fields::IF_MODIFIED_SINCE,
        &wsp_fields::IF_MATCH,
        &wsp_fields::IF_NONE_MATCH,
        &wsp_fields::IF_RANGE,
        &wsp_fields::IF_UNMODIFIED_SINCE,
        &wsp_fields::LOCATION,
        &wsp_fields::LAST_MODIFIED,
        &wsp_fields::MAX_FORWARDS,
        &wsp_fields::PRAGMA,
        &wsp_fields::PROXY_AUTHENTICATE,
        &wsp_fields::PROXY_AUTHORIZATION,
        &wsp_fields::PUBLIC,
        &wsp_fields::RANGE,
        &wsp_fields::REFERER,
        &wsp_fields::RETRY_AFTER,
        &wsp_fields::SERVER,
        &wsp_fields::TRANSFER_ENCODING,
        &wsp_fields::UPGRADE,
        &wsp_fields::USER_AGENT,
        &wsp_fields::VARY,
        &wsp_fields::VIA,
        &wsp_fields::WARNING,
        &wsp_fields::WWW_AUTHENTICATE,
        &wsp_fields::CONTENT_DISPOSITION,
        &wsp_fields::X_WAP_APPLICATION_ID,
        &wsp_fields::X_WAP_CONTENT_URI,
        &wsp_fields::X_WAP_INITIATOR_URI,
        &wsp_fields::ACCEPT_APPLICATION,
        &wsp_fields::BEARER_INDICATION,
        &wsp_fields::PUSH_FLAG,
        &wsp_fields::PROFILE,
        &wsp_fields::PROFILE_DIFF,
        &wsp_fields::PROFILE_WARNING,
        &wsp_fields::EXPECT,
        &wsp_fields::TE,
        &wsp_fields::TRAILER,
        &wsp_fields::X_WAP_TOD,
        &wsp_fields::CONTENT_ID,
        &wsp_fields::SET_COOKIE,
        &wsp_fields::COOKIE,
        &wsp_fields::ENCODING_VERSION,
        &wsp_fields::X_WAP_SECURITY,
        &wsp_fields::X_WAP_LOC_INVOCATION,
        &wsp_fields::X_WAP_LOC_DELIVERY,
        &wsp_media::MEDIA_CODE,
        &wsp_media::MEDIA_TEXT,
        &wsp_media::PARAMETER,
        &wsp_media::PARAMETER_TYPE,
        &wsp_media::PARAMETER_NAME,
        &wsp_media::UNTYPED_INT,
        &wsp_media::UNTYPED_TEXT,
        &wsp_media::LEVEL,
        &wsp_media::INT_TYPE,
        &wsp_media::UPART_TYPE,
        &wsp_media::NAME,
        &wsp_media::FILENAME,
        &wsp_media::DIFFERENCES,
        &wsp_media::PADDING,
        &wsp_media::START,
        &wsp_media::START_INFO,
        &wsp_media::COMMENT,
        &wsp_media::DOMAIN,
        &wsp_media::MAX_AGE,
        &wsp_media::PATH,
        &wsp_media::SECURE,
        &wsp_media::SEC,
        &wsp_media::MAC,
        &wsp_media::SIZE,
        &wsp_values::VALUE_LENGTH,
        &wsp_values::INTEGER,
        &wsp_values::TEXT,
        &wsp_values::TOKEN,
        &wsp_values::DATE,
        &wsp_values::OCTETS,
        &wsp_values::QUALITY,
    ],
    rules: &[
        &HEADERS_TOO_LONG,
        &UINTVAR,
        &wsp_headers::FIELDS_END,
        &CONFIRMED,
        &wsp_typed::PUSH_FLAG_RESERVED,
        &wsp_headers::NO_CONTENT_TYPE,
        &wsp_values::LONG,
        &CONTENT_LENGTH,
        &SKIPPED,
        &wsp_typed::VALUE,
        &wsp_typed::UNKNOWN_CODE,
        &wsp_headers::OTHER_PAGE,
        &wsp_headers::CREDENTIALS,
        &UNKNOWN_PDU,
        &wsp_session::PART_TOO_LONG,
    ],
    dissect,
    probe: None,
};

/// Push and confirmed push.
const PUSHES: [u8; 2] = [6, 7];

/// Octets in front of a PDU that are skipped at most.
const BEFORE_MAX: usize = 16;

/// Media types that make octets after junk a push: DM 1.2 and 2.0.
const DM_TYPES: [u64; 2] = [0x44, 0x58];

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let in_transaction = r.facts().carrier == Carrier::Wtp;
    if !in_transaction && let Some(before) = octets_before(r.peek()) {
        let at = r.bytes(&JUNK, before)?;
        r.flag_with(&SKIPPED, at.node, format_args!("{before} octets"));
    }
    let start = r.here();
    if !in_transaction {
        r.u8(&TID)?;
    }
    let pdu = r.u8(&PDU_TYPE)?;
    if PUSHES.contains(&pdu.value) {
        if pdu.value == 7 && !in_transaction {
            r.flag(&CONFIRMED, pdu.node);
        }
        let head = PushHead {
            layer: r.layer(),
            pdu_type: pdu.node,
            pdu: pdu.value,
            in_transaction,
            content_type: None,
            app_id: None,
            headers_len: None,
            headers: None,
            wsp_octets: 0,
        };
        let read = push(r, head, start);
        r.push();
        read?;
        r.hand_over_any(&[Claim::PushBody]);
        return Ok(());
    }
    if codes::pdu_type(u64::from(pdu.value)).is_none() {
        r.flag_with(&UNKNOWN_PDU, pdu.node, format_args!("0x{:02x}", pdu.value));
        return Ok(());
    }
    wsp_session::pdu(r, pdu.value)
}

/// Reads the headers of a push. The head is known to the layers above even where the headers cannot be read.
fn push(r: &mut Reader<'_, '_>, mut head: PushHead, start: crate::model::Span) -> Result<(), Stop> {
    r.facts().push = Some(head);
    let length = read_uintvar(r, &HEADERS_LENGTH)?;
    let stated = length.map(|octets| usize::try_from(octets).unwrap_or(usize::MAX));
    head.headers_len = Some(length.node);
    let before = r.since(start).len / 8;
    head.wsp_octets = before.saturating_add(length.value.min(u32::try_from(r.promised()).unwrap_or(u32::MAX)));
    // What the carrier promised, without the headers: the capture may have cut even these.
    let body = r.promised().saturating_sub(stated.value);
    let overrun = stated.value > r.promised();
    let heading = headers(r, stated, true);
    if overrun && let Some(node) = r.facts().sms.full {
        r.flag(&wdp::CUT_SHORT, node);
    }
    head.content_type = heading.content_type;
    head.app_id = heading.app_id;
    head.headers = heading.headers;
    r.facts().push = Some(head);
    // Where a DM notification reads the body, it says the same of its own headers (N12-032).
    let is_dm = head.content_type.and_then(|media| media.code).is_some_and(|code| DM_TYPES.contains(&u64::from(code)));
    if let Some(node) = heading.credentials.filter(|_| !is_dm) {
        r.flag(&wsp_headers::CREDENTIALS, node);
    }
    if let Some((stated, node)) = heading.content_length
        && u64::try_from(body) != Ok(stated)
    {
        r.flag_with(&CONTENT_LENGTH, node, format_args!("states {stated} octets, the body has {body}"));
    }
    if r.is_cut() {
        r.limit(body);
    }
    Ok(())
}

/// Reads content type and header fields of `len` octets.
pub(super) fn headers(r: &mut Reader<'_, '_>, len: At<usize>, is_push: bool) -> Heading {
    let mut heading = Heading::default();
    if len.value == 0 {
        if is_push {
            r.flag_with(&wsp_headers::NO_CONTENT_TYPE, len.node, format_args!("no headers at all"));
        }
        return heading;
    }
    r.short_is(&wsp_headers::FIELDS_END);
    r.within(len, &HEADERS_TOO_LONG, |r| {
        if r.left() == 0 && !r.is_cut() {
            // The length was blamed already.
            return Ok(());
        }
        heading.content_type = Some(wsp_headers::content_type(r, len.node)?);
        wsp_headers::fields(r, &mut heading)
    });
    r.short_is(&SHORT);
    heading
}

/// How many octets to skip: none where a push stands in its place, else up to the first place where a push with a DM content
/// type starts.
fn octets_before(input: &[u8]) -> Option<usize> {
    if input.get(1).is_none_or(|pdu| PUSHES.contains(pdu)) {
        return None;
    }
    (1..=BEFORE_MAX).find(|before| input.get(*before..).is_some_and(is_dm_push))
}

/// Whether a push with a DM content type starts here, its headers whole.
pub(crate) fn is_dm_push(input: &[u8]) -> bool {
    let [_, pdu, rest @ ..] = input else { return false };
    let Ok((headers, len)) = uintvar(rest) else { return false };
    let Some(headers) = usize::try_from(len).ok().and_then(|len| headers.get(..len)) else { return false };
    PUSHES.contains(pdu) && media_code(headers).is_some_and(|code| DM_TYPES.contains(&code))
}

/// The code of the media type in front of headers.
fn media_code(headers: &[u8]) -> Option<u64> {
    match shape(headers).ok()?.1.0 {
        Shape::Short(code) => Some(code),
        Shape::Text(text) => codes::find_name(codes::CONTENT_TYPES, text),
        Shape::Sized(octets) => match shape(octets).ok()?.1.0 {
            Shape::Short(code) => Some(code),
            Shape::Text(text) => codes::find_name(codes::CONTENT_TYPES, text),
            Shape::Sized(octets) => number(octets),
        },
    }
}

#[cfg(test)]
pub(super) mod tests;
