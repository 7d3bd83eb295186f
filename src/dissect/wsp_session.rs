//! WSP PDUs that are no pushes: sessions, methods and replies.
//!
//! They appear on the ports of pushes and in WTP transactions; their bodies are shown as octets. Must not know pushes.
//!
//! ```text
//!  Connect       version | CapabilitiesLen | HeadersLen | capabilities | headers                      (WSP 8.2.2)
//!  ConnectReply  session | CapabilitiesLen | HeadersLen | capabilities | headers
//!  Resume        session | CapabilitiesLen | capabilities | headers
//!  Redirect      flags | addresses            Disconnect, Suspend  session
//!  Get …         URILen | URI | headers       Post …  URILen | HeadersLen | URI | content type | headers | body
//!  Reply         status | HeadersLen | content type | headers | body
//! ```

use super::reader::{At, Read, Reader, Stop};
use super::wsp::{self, HEADERS_LENGTH};
use super::wsp_codes as codes;
use super::wsp_headers::{self, Heading};
use super::wsp_values::{OCTETS, read_text, read_uintvar, short_integer};
use crate::model::spec::{WDP, WSP};
use crate::model::{Field, Group, Rule};

/// Major version.
pub static VERSION_MAJOR: Field = Field::uint("wsp.version.major", "Version (major)").cite(&WSP, "8.2.1");
/// Minor version.
pub static VERSION_MINOR: Field = Field::uint("wsp.version.minor", "Version (minor)").cite(&WSP, "8.2.1");
/// Session.
pub static SESSION: Field = Field::uint("wsp.server.session_id", "Server session ID").cite(&WSP, "8.2.1");
/// Length of capabilities.
pub static CAPABILITIES_LENGTH: Field = Field::uint("wsp.capabilities.length", "Capabilities length")
    .cite(&WSP, "8.2.1")
    .about("Octets of all capabilities.");
/// Capabilities.
pub static CAPABILITIES: Field = Field::group("wsp.capabilities", "Capabilities").cite(&WSP, "8.2.1");
/// One capability.
pub static CAPABILITY: Field = Field::group("wsp.capability", "Capability").cite(&WSP, "8.2.1");
/// Length of one capability.
pub static CAPABILITY_LENGTH: Field = Field::uint("wsp.capability.length", "Capability length").cite(&WSP, "8.2.1");
/// Which capability.
pub static CAPABILITY_ID: Field = Field::uint("wsp.capability.type", "Capability type").cite(&WSP, "8.2.1").values(&[
    (0, "Client SDU size"),
    (1, "Server SDU size"),
    (2, "Protocol options"),
    (3, "Method MOR"),
    (4, "Push MOR"),
    (5, "Extended methods"),
    (6, "Header code pages"),
    (7, "Aliases"),
    (8, "Client message size"),
    (9, "Server message size"),
]);
/// A capability by name.
pub static CAPABILITY_NAME: Field = Field::text("wsp.capability.name", "Capability name").cite(&WSP, "8.2.1");
/// Client SDU size.
pub static CLIENT_SDU: Field =
    Field::uint("wsp.capability.client_sdu_size", "Client SDU size").cite(&WSP, "8.2.1").about("In octets.");
/// Server SDU size.
pub static SERVER_SDU: Field =
    Field::uint("wsp.capability.server_sdu_size", "Server SDU size").cite(&WSP, "8.2.1").about("In octets.");
/// Method MOR.
pub static METHOD_MOR: Field = Field::uint("wsp.capability.method_mor", "Method MOR")
    .cite(&WSP, "8.2.1")
    .about("Outstanding method requests at most.");
/// Push MOR.
pub static PUSH_MOR: Field =
    Field::uint("wsp.capability.push_mor", "Push MOR").cite(&WSP, "8.2.1").about("Outstanding push requests at most.");
/// Client message size.
pub static CLIENT_MESSAGE: Field =
    Field::uint("wsp.capability.client_message_size", "Client message size").cite(&WSP, "8.2.1").about("In octets.");
/// Server message size.
pub static SERVER_MESSAGE: Field =
    Field::uint("wsp.capability.server_message_size", "Server message size").cite(&WSP, "8.2.1").about("In octets.");
/// Extended methods.
pub static EXTENDED_METHODS: Field =
    Field::bytes("wsp.capability.extended_method", "Extended methods").cite(&WSP, "8.2.1");
/// Header code pages.
pub static CODE_PAGES: Field = Field::bytes("wsp.capability.code_page", "Header code pages").cite(&WSP, "8.2.1");
/// Aliases.
pub static ALIASES: Field = Field::bytes("wsp.capability.aliases", "Aliases").cite(&WSP, "8.2.1");
/// Confirmed push facility.
pub static OPT_CONFIRMED_PUSH: Field =
    Field::bool("wsp.capability.protocol_option.confirmed_push", "Confirmed Push facility").cite(&WSP, "8.2.1");
/// Push facility.
pub static OPT_PUSH: Field = Field::bool("wsp.capability.protocol_option.push", "Push facility").cite(&WSP, "8.2.1");
/// Session resume facility.
pub static OPT_RESUME: Field =
    Field::bool("wsp.capability.protocol_option.session_resume", "Session Resume facility").cite(&WSP, "8.2.1");
/// Acknowledgement headers.
pub static OPT_ACK: Field =
    Field::bool("wsp.capability.protocol_option.ack_headers", "Acknowledgement headers").cite(&WSP, "8.2.1");
/// Large data transfer.
pub static OPT_LARGE: Field =
    Field::bool("wsp.capability.protocol_option.large_data_transfer", "Large data transfer").cite(&WSP, "8.2.1");
/// Reserved bits of the protocol options.
pub static OPT_RESERVED: Field =
    Field::uint("wsp.capability.protocol_option.reserved", "Reserved").cite(&WSP, "8.2.1").hex(1);
/// Length of the URI.
pub static URI_LENGTH: Field =
    Field::uint("wsp.uri_length", "URI length").cite(&WSP, "8.2.1").about("Octets of the URI.");
/// The URI.
pub static URI: Field = Field::text("wsp.uri", "URI").cite(&WSP, "8.2.1");
/// Status of a reply.
pub static STATUS: Field = Field::uint("wsp.reply.status", "Status").cite(&WSP, "8.2.1").hex(2).values(&[
    (0x10, "100 Continue"),
    (0x11, "101 Switching Protocols"),
    (0x20, "200 OK"),
    (0x21, "201 Created"),
    (0x22, "202 Accepted"),
    (0x23, "203 Non-Authoritative Information"),
    (0x24, "204 No Content"),
    (0x25, "205 Reset Content"),
    (0x26, "206 Partial Content"),
    (0x30, "300 Multiple Choices"),
    (0x31, "301 Moved Permanently"),
    (0x32, "302 Moved Temporarily"),
    (0x33, "303 See Other"),
    (0x34, "304 Not Modified"),
    (0x35, "305 Use Proxy"),
    (0x37, "307 Temporary Redirect"),
    (0x40, "400 Bad Request"),
    (0x41, "401 Unauthorized"),
    (0x42, "402 Payment Required"),
    (0x43, "403 Forbidden"),
    (0x44, "404 Not Found"),
    (0x45, "405 Method Not Allowed"),
    (0x46, "406 Not Acceptable"),
    (0x47, "407 Proxy Authentication Required"),
    (0x48, "408 Request Timeout"),
    (0x49, "409 Conflict"),
    (0x4A, "410 Gone"),
    (0x4B, "411 Length Required"),
    (0x4C, "412 Precondition Failed"),
    (0x4D, "413 Request Entity Too Large"),
    (0x4E, "414 Request-URI Too Large"),
    (0x4F, "415 Unsupported Media Type"),
    (0x50, "416 Requested Range Not Satisfiable"),
    (0x51, "417 Expectation Failed"),
    (0x60, "500 Internal Server Error"),
    (0x61, "501 Not Implemented"),
    (0x62, "502 Bad Gateway"),
    (0x63, "503 Service Unavailable"),
    (0x64, "504 Gateway Timeout"),
    (0x65, "505 HTTP Version Not Supported"),
]);
/// Permanent redirect.
pub static REDIRECT_PERMANENT: Field =
    Field::bool("wsp.redirect.flags.permanent", "Permanent redirect").cite(&WSP, "8.2.1");
/// The security session may be used again.
pub static REDIRECT_REUSE: Field =
    Field::bool("wsp.redirect.flags.reuse_security_session", "Reuse security session").cite(&WSP, "8.2.1");
/// Reserved flags of a redirect.
pub static REDIRECT_RESERVED: Field = Field::uint("wsp.redirect.flags.reserved", "Reserved").cite(&WSP, "8.2.1").hex(2);
/// An address to go to.
pub static ADDRESS: Field = Field::group("wsp.address", "Address record").cite(&WSP, "8.2.1");
/// A bearer is given.
pub static ADDRESS_BEARER: Field =
    Field::bool("wsp.address.flags.bearer_type_included", "Bearer type included").cite(&WSP, "8.2.1");
/// A port is given.
pub static ADDRESS_PORT: Field =
    Field::bool("wsp.address.flags.port_number_included", "Port number included").cite(&WSP, "8.2.1");
/// Length of the address.
pub static ADDRESS_LENGTH: Field =
    Field::uint("wsp.address.flags.length", "Address length").cite(&WSP, "8.2.1").about("In octets.");
/// The bearer.
pub static BEARER: Field =
    Field::uint("wsp.address.bearer_type", "Bearer type").cite(&WDP, "5").lookup(codes::bearer, codes::bearers).hex(2);
/// The port.
pub static PORT: Field = Field::uint("wsp.address.port", "Port number").cite(&WSP, "8.2.1");
/// An IPv4 address.
pub static IPV4: Field = Field::ipv4("wsp.address.ipv4", "IPv4 address").cite(&WSP, "8.2.1");
/// An IPv6 address.
pub static IPV6: Field = Field::ipv6("wsp.address.ipv6", "IPv6 address").cite(&WSP, "8.2.1");
/// Another address.
pub static UNKNOWN_ADDRESS: Field = Field::bytes("wsp.address.unknown", "Address").cite(&WSP, "8.2.1");

/// A part of a session PDU runs past its end.
pub static PART_TOO_LONG: Rule =
    Rule::error("WSP-009", Group::Malformed).cite(&WSP, "8.2.1").text("a part of the PDU runs past its end").explain(
        "The stated length of a URI, of capabilities or of an address is more than the PDU has.",
        "Receivers drop such a PDU.",
        "Look at the sender, or for octets lost on the way.",
    );

/// Reads the PDU after its type.
///
/// # Errors
/// It ends too early.
pub(super) fn pdu(r: &mut Reader<'_, '_>, pdu: u8) -> Result<(), Stop> {
    match pdu {
        1 => {
            r.bits(&VERSION_MAJOR, 4)?;
            r.bits(&VERSION_MINOR, 4)?;
            session_parts(r, true)
        }
        2 => {
            read_uintvar(r, &SESSION)?;
            session_parts(r, true)
        }
        3 => redirect(r),
        4 => {
            r.u8(&STATUS)?;
            let len = length(r, &HEADERS_LENGTH)?;
            wsp::headers(r, len, false);
            Ok(())
        }
        5 | 8 => read_uintvar(r, &SESSION).map(drop),
        9 => {
            read_uintvar(r, &SESSION)?;
            session_parts(r, false)
        }
        0x40..=0x5F => {
            let uri = length(r, &URI_LENGTH)?;
            text(r, uri);
            wsp_headers::fields(r, &mut Heading::default())
        }
        0x60..=0x7F => {
            let uri = length(r, &URI_LENGTH)?;
            let headers = length(r, &HEADERS_LENGTH)?;
            text(r, uri);
            wsp::headers(r, headers, false);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn length(r: &mut Reader<'_, '_>, field: &'static Field) -> Read<usize> {
    Ok(read_uintvar(r, field)?.map(|octets| usize::try_from(octets).unwrap_or(usize::MAX)))
}

fn text(r: &mut Reader<'_, '_>, len: At<usize>) {
    if len.value > 0 {
        r.within(len, &PART_TOO_LONG, |r| r.bytes(&URI, len.value.min(r.promised())));
    }
}

/// Capabilities and headers. With `both` their lengths stand first; else the headers go to the end.
fn session_parts(r: &mut Reader<'_, '_>, both: bool) -> Result<(), Stop> {
    let len = length(r, &CAPABILITIES_LENGTH)?;
    let headers = if both { Some(length(r, &HEADERS_LENGTH)?) } else { None };
    if len.value > 0 {
        r.within(len, &PART_TOO_LONG, |r| {
            r.group(&CAPABILITIES, |r| {
                while !r.is_done() {
                    let len = length(r, &CAPABILITY_LENGTH)?;
                    if len.value > 0 {
                        r.within(len, &PART_TOO_LONG, |r| r.group(&CAPABILITY, capability));
                    }
                }
                Ok(())
            })
        });
    }
    let Some(len) = headers else { return wsp_headers::fields(r, &mut Heading::default()) };
    if len.value > 0 {
        r.within(len, &wsp::HEADERS_TOO_LONG, |r| wsp_headers::fields(r, &mut Heading::default()));
    }
    Ok(())
}

fn capability(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let Ok((_, id)) = short_integer(r.peek()) else {
        read_text(r, &CAPABILITY_NAME)?;
        r.rest(&OCTETS);
        return Ok(());
    };
    r.take(&CAPABILITY_ID, short_integer)?;
    match id {
        0 => read_uintvar(r, &CLIENT_SDU).map(drop),
        1 => read_uintvar(r, &SERVER_SDU).map(drop),
        8 => read_uintvar(r, &CLIENT_MESSAGE).map(drop),
        9 => read_uintvar(r, &SERVER_MESSAGE).map(drop),
        3 => r.u8(&METHOD_MOR).map(drop),
        4 => r.u8(&PUSH_MOR).map(drop),
        2 => {
            for option in [&OPT_CONFIRMED_PUSH, &OPT_PUSH, &OPT_RESUME, &OPT_ACK, &OPT_LARGE] {
                r.bit(option)?;
            }
            r.bits(&OPT_RESERVED, 3).map(drop)
        }
        _ => {
            let field = match id {
                5 => &EXTENDED_METHODS,
                6 => &CODE_PAGES,
                7 => &ALIASES,
                _ => &OCTETS,
            };
            if r.left() > 0 {
                r.rest(field);
            }
            Ok(())
        }
    }
}

fn redirect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.bit(&REDIRECT_PERMANENT)?;
    r.bit(&REDIRECT_REUSE)?;
    r.bits(&REDIRECT_RESERVED, 6)?;
    while !r.is_done() {
        r.group(&ADDRESS, |r| {
            let bearer = r.bit(&ADDRESS_BEARER)?.value;
            let port = r.bit(&ADDRESS_PORT)?.value;
            let len = r.bits(&ADDRESS_LENGTH, 6)?.map(|octets| usize::try_from(octets).unwrap_or(0));
            if bearer {
                r.u8(&BEARER)?;
            }
            if port {
                r.u16(&PORT)?;
            }
            let field = match len.value {
                4 => &IPV4,
                16 => &IPV6,
                _ => &UNKNOWN_ADDRESS,
            };
            if len.value > 0 {
                r.bytes(field, len.value)?;
            }
            Ok(())
        })?;
    }
    Ok(())
}
