//! Header fields of WSP: one field each, and the form its value has.
//!
//! Must not know how a form is read.

use crate::model::Field;
use crate::model::spec::WSP;

/// A small set of named codes.
pub type Names = &'static [(u64, &'static str)];

/// What follows the first element of a structured value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tail {
    /// Nothing.
    Nothing,
    /// A quality value.
    Quality,
    /// Parameters.
    Parameters,
    /// Any values.
    Elements,
}

/// How a header field's value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Text: a URI, a token, a quoted string.
    Text,
    /// Integer-value.
    Number,
    /// Integer-value: a number of seconds.
    Seconds,
    /// Seconds since 1970.
    Date,
    /// Text, or seconds since 1970.
    TextOrDate,
    /// A code with a name, or text; structured: the same, then a tail.
    Named(Names, Tail),
    /// A media type.
    Media,
    /// A character set, with a quality where structured.
    Charset,
    /// A method: a PDU type.
    Method,
    /// The name of a header field.
    FieldName,
    /// An application id.
    Application,
    /// A bearer.
    Bearer,
    /// Push-Flag.
    Flags,
    /// Version, or a code page with its version.
    Version,
    /// User and password, or a scheme and parameters.
    Credentials,
    /// The same for a proxy.
    ProxyCredentials,
    /// Realm, or a scheme, realm and parameters.
    Challenge,
    /// The same of a proxy.
    ProxyChallenge,
    /// First octet and length of the whole.
    ContentRange,
    /// A range of octets.
    Range,
    /// A date or a number of seconds.
    RetryAfter,
    /// Octets with a length.
    Octets,
    /// A list of values.
    Elements,
}

/// A header field.
#[derive(Clone, Copy, Debug)]
pub struct Header {
    /// Its field: a group whose value is what the header says.
    pub field: &'static Field,
    /// How its value is written.
    pub form: Form,
}

/// The header field with this code in the default page.
pub fn header(code: u64) -> Option<Header> {
    super::wsp_codes::row(FIELDS, code).copied()
}

const ENCODINGS: Names = &[(0, "gzip"), (1, "compress"), (2, "deflate"), (3, "*")];
const LANGUAGES: Names = &[(0, "*")];
const RANGE_UNITS: Names = &[(0, "none"), (1, "bytes")];
const CACHE: Names = &[
    (0, "no-cache"),
    (1, "no-store"),
    (2, "max-age"),
    (3, "max-stale"),
    (4, "min-fresh"),
    (5, "only-if-cached"),
    (6, "public"),
    (7, "private"),
    (8, "no-transform"),
    (9, "must-revalidate"),
    (10, "proxy-revalidate"),
    (11, "s-maxage"),
];
const CLOSE: Names = &[(0, "close")];
const NO_CACHE: Names = &[(0, "no-cache")];
const CHUNKED: Names = &[(0, "chunked")];
const WARNINGS: Names = &[
    (10, "110 response is stale"),
    (11, "111 revalidation failed"),
    (12, "112 disconnected operation"),
    (13, "113 heuristic expiration"),
    (14, "214 transformation applied"),
    (99, "199/299 miscellaneous warning"),
];
const DISPOSITIONS: Names = &[(0, "form-data"), (1, "attachment"), (2, "inline")];
const PROFILE_WARNINGS: Names = &[
    (0x10, "100 OK"),
    (0x11, "101 used stale profile"),
    (0x12, "102 not used profile"),
    (0x20, "200 not applied"),
    (0x21, "201 content selection applied"),
    (0x22, "202 content generation applied"),
    (0x23, "203 transformation applied"),
];
const EXPECTATIONS: Names = &[(0, "100-continue")];
const TE_CODINGS: Names =
    &[(1, "trailers"), (2, "chunked"), (3, "identity"), (4, "gzip"), (5, "compress"), (6, "deflate")];
const SECURITY: Names = &[(0, "close-subordinate")];

/// Accept.
pub static ACCEPT: Field = Field::text("wsp.header.accept", "Accept").cite(&WSP, "8.4.2");

/// Accept-Charset.
pub static ACCEPT_CHARSET: Field = Field::text("wsp.header.accept_charset", "Accept-Charset").cite(&WSP, "8.4.2");

/// Accept-Encoding.
pub static ACCEPT_ENCODING: Field = Field::text("wsp.header.accept_encoding", "Accept-Encoding").cite(&WSP, "8.4.2");

/// Accept-Language.
pub static ACCEPT_LANGUAGE: Field = Field::text("wsp.header.accept_language", "Accept-Language").cite(&WSP, "8.4.2");

/// Accept-Ranges.
pub static ACCEPT_RANGES: Field = Field::text("wsp.header.accept_ranges", "Accept-Ranges").cite(&WSP, "8.4.2");

/// Age.
pub static AGE: Field = Field::duration("wsp.header.age", "Age").cite(&WSP, "8.4.2");

/// Allow.
pub static ALLOW: Field = Field::text("wsp.header.allow", "Allow").cite(&WSP, "8.4.2");

/// Authorization.
pub static AUTHORIZATION: Field = Field::text("wsp.header.authorization", "Authorization")
    .cite(&WSP, "8.4.2")
    .about("Credentials of the initiator, in clear.");

/// Cache-Control.
pub static CACHE_CONTROL: Field = Field::text("wsp.header.cache_control", "Cache-Control").cite(&WSP, "8.4.2");

/// Connection.
pub static CONNECTION: Field = Field::text("wsp.header.connection", "Connection").cite(&WSP, "8.4.2");

/// Content-Base.
pub static CONTENT_BASE: Field = Field::text("wsp.header.content_base", "Content-Base").cite(&WSP, "8.4.2");

/// Content-Encoding.
pub static CONTENT_ENCODING: Field = Field::text("wsp.header.content_encoding", "Content-Encoding").cite(&WSP, "8.4.2");

/// Content-Language.
pub static CONTENT_LANGUAGE: Field = Field::text("wsp.header.content_language", "Content-Language").cite(&WSP, "8.4.2");

/// Content-Length.
pub static CONTENT_LENGTH: Field =
    Field::uint("wsp.header.content_length", "Content-Length").cite(&WSP, "8.4.2").about("Octets of the body.");

/// Content-Location.
pub static CONTENT_LOCATION: Field = Field::text("wsp.header.content_location", "Content-Location").cite(&WSP, "8.4.2");

/// Content-MD5.
pub static CONTENT_MD5: Field = Field::bytes("wsp.header.content_md5", "Content-MD5").cite(&WSP, "8.4.2");

/// Content-Range.
pub static CONTENT_RANGE: Field = Field::text("wsp.header.content_range", "Content-Range").cite(&WSP, "8.4.2");

/// Content-Type.
pub static CONTENT_TYPE: Field = Field::text("wsp.header.content_type", "Content-Type")
    .cite(&WSP, "8.4.2")
    .about("Media type as written, with its parameters.");

/// Date.
pub static DATE: Field = Field::time("wsp.header.date", "Date").cite(&WSP, "8.4.2");

/// Etag.
pub static ETAG: Field = Field::text("wsp.header.etag", "Etag").cite(&WSP, "8.4.2");

/// Expires.
pub static EXPIRES: Field = Field::time("wsp.header.expires", "Expires").cite(&WSP, "8.4.2");

/// From.
pub static FROM: Field = Field::text("wsp.header.from", "From").cite(&WSP, "8.4.2");

/// Host.
pub static HOST: Field = Field::text("wsp.header.host", "Host").cite(&WSP, "8.4.2");

/// If-Modified-Since.
pub static IF_MODIFIED_SINCE: Field =
    Field::time("wsp.header.if_modified_since", "If-Modified-Since").cite(&WSP, "8.4.2");

/// If-Match.
pub static IF_MATCH: Field = Field::text("wsp.header.if_match", "If-Match").cite(&WSP, "8.4.2");

/// If-None-Match.
pub static IF_NONE_MATCH: Field = Field::text("wsp.header.if_none_match", "If-None-Match").cite(&WSP, "8.4.2");

/// If-Range.
pub static IF_RANGE: Field = Field::text("wsp.header.if_range", "If-Range").cite(&WSP, "8.4.2");

/// If-Unmodified-Since.
pub static IF_UNMODIFIED_SINCE: Field =
    Field::time("wsp.header.if_unmodified_since", "If-Unmodified-Since").cite(&WSP, "8.4.2");

/// Location.
pub static LOCATION: Field = Field::text("wsp.header.location", "Location").cite(&WSP, "8.4.2");

/// Last-Modified.
pub static LAST_MODIFIED: Field = Field::time("wsp.header.last_modified", "Last-Modified").cite(&WSP, "8.4.2");

/// Max-Forwards.
pub static MAX_FORWARDS: Field = Field::uint("wsp.header.max_forwards", "Max-Forwards").cite(&WSP, "8.4.2");

/// Pragma.
pub static PRAGMA: Field = Field::text("wsp.header.pragma", "Pragma").cite(&WSP, "8.4.2");

/// Proxy-Authenticate.
pub static PROXY_AUTHENTICATE: Field =
    Field::text("wsp.header.proxy_authenticate", "Proxy-Authenticate").cite(&WSP, "8.4.2");

/// Proxy-Authorization.
pub static PROXY_AUTHORIZATION: Field =
    Field::text("wsp.header.proxy_authorization", "Proxy-Authorization").cite(&WSP, "8.4.2");

/// Public.
pub static PUBLIC: Field = Field::text("wsp.header.public", "Public").cite(&WSP, "8.4.2");

/// Range.
pub static RANGE: Field = Field::text("wsp.header.range", "Range").cite(&WSP, "8.4.2");

/// Referer.
pub static REFERER: Field = Field::text("wsp.header.referer", "Referer").cite(&WSP, "8.4.2");

/// Retry-After.
pub static RETRY_AFTER: Field = Field::text("wsp.header.retry_after", "Retry-After").cite(&WSP, "8.4.2");

/// Server.
pub static SERVER: Field = Field::text("wsp.header.server", "Server").cite(&WSP, "8.4.2");

/// Transfer-Encoding.
pub static TRANSFER_ENCODING: Field =
    Field::text("wsp.header.transfer_encoding", "Transfer-Encoding").cite(&WSP, "8.4.2");

/// Upgrade.
pub static UPGRADE: Field = Field::text("wsp.header.upgrade", "Upgrade").cite(&WSP, "8.4.2");

/// User-Agent.
pub static USER_AGENT: Field = Field::text("wsp.header.user_agent", "User-Agent").cite(&WSP, "8.4.2");

/// Vary.
pub static VARY: Field = Field::text("wsp.header.vary", "Vary").cite(&WSP, "8.4.2");

/// Via.
pub static VIA: Field = Field::text("wsp.header.via", "Via").cite(&WSP, "8.4.2");

/// Warning.
pub static WARNING: Field = Field::text("wsp.header.warning", "Warning").cite(&WSP, "8.4.2");

/// WWW-Authenticate.
pub static WWW_AUTHENTICATE: Field = Field::text("wsp.header.www_authenticate", "WWW-Authenticate").cite(&WSP, "8.4.2");

/// Content-Disposition.
pub static CONTENT_DISPOSITION: Field =
    Field::text("wsp.header.content_disposition", "Content-Disposition").cite(&WSP, "8.4.2");

/// X-Wap-Application-Id.
pub static X_WAP_APPLICATION_ID: Field = Field::text("wsp.header.x_wap_application_id", "X-Wap-Application-Id")
    .cite(&WSP, "8.4.2")
    .about("Names the application of the handset the push is for.");

/// X-Wap-Content-URI.
pub static X_WAP_CONTENT_URI: Field = Field::text("wsp.header.content_uri", "X-Wap-Content-URI").cite(&WSP, "8.4.2");

/// X-Wap-Initiator-URI.
pub static X_WAP_INITIATOR_URI: Field =
    Field::text("wsp.header.initiator_uri", "X-Wap-Initiator-URI").cite(&WSP, "8.4.2").about("Who had the push sent.");

/// Accept-Application.
pub static ACCEPT_APPLICATION: Field =
    Field::text("wsp.header.accept_application", "Accept-Application").cite(&WSP, "8.4.2");

/// Bearer-Indication.
pub static BEARER_INDICATION: Field = Field::uint("wsp.header.bearer_indication", "Bearer-Indication")
    .cite(&WSP, "8.4.2")
    .lookup(super::wsp_codes::bearer, super::wsp_codes::bearers)
    .hex(2)
    .about("The bearer the push is to be sent on.");

/// Push-Flag.
pub static PUSH_FLAG: Field = Field::uint("wsp.header.push_flag", "Push-Flag")
    .cite(&WSP, "8.4.2")
    .hex(2)
    .about("1: initiator URI authenticated, 2: content trusted, 4: last push.");

/// Profile.
pub static PROFILE: Field = Field::text("wsp.header.profile", "Profile").cite(&WSP, "8.4.2");

/// Profile-Diff.
pub static PROFILE_DIFF: Field = Field::bytes("wsp.header.profile_diff", "Profile-Diff").cite(&WSP, "8.4.2");

/// Profile-Warning.
pub static PROFILE_WARNING: Field = Field::text("wsp.header.profile_warning", "Profile-Warning").cite(&WSP, "8.4.2");

/// Expect.
pub static EXPECT: Field = Field::text("wsp.header.expect", "Expect").cite(&WSP, "8.4.2");

/// TE.
pub static TE: Field = Field::text("wsp.header.te", "TE").cite(&WSP, "8.4.2");

/// Trailer.
pub static TRAILER: Field = Field::text("wsp.header.trailer", "Trailer").cite(&WSP, "8.4.2");

/// X-WAP-Tod.
pub static X_WAP_TOD: Field =
    Field::time("wsp.header.x_wap_tod", "X-WAP-Tod").cite(&WSP, "8.4.2").about("Time of day; 0 asks for it.");

/// Content-ID.
pub static CONTENT_ID: Field = Field::text("wsp.header.content_id", "Content-ID").cite(&WSP, "8.4.2");

/// Set-Cookie.
pub static SET_COOKIE: Field = Field::text("wsp.header.set_cookie", "Set-Cookie").cite(&WSP, "8.4.2");

/// Cookie.
pub static COOKIE: Field = Field::text("wsp.header.cookie", "Cookie").cite(&WSP, "8.4.2");

/// Encoding-Version.
pub static ENCODING_VERSION: Field = Field::text("wsp.header.encoding_version", "Encoding-Version")
    .cite(&WSP, "8.4.2")
    .about("Version of the WSP encoding the headers are written in.");

/// X-WAP-Security.
pub static X_WAP_SECURITY: Field = Field::text("wsp.header.x_wap_security", "X-WAP-Security").cite(&WSP, "8.4.2");

/// X-Wap-Loc-Invocation.
pub static X_WAP_LOC_INVOCATION: Field =
    Field::text("wsp.header.x_wap_loc_invocation", "X-Wap-Loc-Invocation").cite(&WSP, "8.4.2");

/// X-Wap-Loc-Delivery.
pub static X_WAP_LOC_DELIVERY: Field =
    Field::text("wsp.header.x_wap_loc_delivery", "X-Wap-Loc-Delivery").cite(&WSP, "8.4.2");

/// Header fields and how their values are read, by code of the default page.
pub static FIELDS: &[(u64, Header)] = &[
    (0x00, Header { field: &ACCEPT, form: Form::Media }),
    (0x01, Header { field: &ACCEPT_CHARSET, form: Form::Charset }),
    (0x02, Header { field: &ACCEPT_ENCODING, form: Form::Named(ENCODINGS, Tail::Quality) }),
    (0x03, Header { field: &ACCEPT_LANGUAGE, form: Form::Named(LANGUAGES, Tail::Quality) }),
    (0x04, Header { field: &ACCEPT_RANGES, form: Form::Named(RANGE_UNITS, Tail::Nothing) }),
    (0x05, Header { field: &AGE, form: Form::Seconds }),
    (0x06, Header { field: &ALLOW, form: Form::Method }),
    (0x07, Header { field: &AUTHORIZATION, form: Form::Credentials }),
    (0x08, Header { field: &CACHE_CONTROL, form: Form::Named(CACHE, Tail::Elements) }),
    (0x09, Header { field: &CONNECTION, form: Form::Named(CLOSE, Tail::Nothing) }),
    (0x0A, Header { field: &CONTENT_BASE, form: Form::Text }),
    (0x0B, Header { field: &CONTENT_ENCODING, form: Form::Named(ENCODINGS, Tail::Nothing) }),
    (0x0C, Header { field: &CONTENT_LANGUAGE, form: Form::Named(LANGUAGES, Tail::Nothing) }),
    (0x0D, Header { field: &CONTENT_LENGTH, form: Form::Number }),
    (0x0E, Header { field: &CONTENT_LOCATION, form: Form::Text }),
    (0x0F, Header { field: &CONTENT_MD5, form: Form::Octets }),
    (0x10, Header { field: &CONTENT_RANGE, form: Form::ContentRange }),
    (0x11, Header { field: &CONTENT_TYPE, form: Form::Media }),
    (0x12, Header { field: &DATE, form: Form::Date }),
    (0x13, Header { field: &ETAG, form: Form::Text }),
    (0x14, Header { field: &EXPIRES, form: Form::Date }),
    (0x15, Header { field: &FROM, form: Form::Text }),
    (0x16, Header { field: &HOST, form: Form::Text }),
    (0x17, Header { field: &IF_MODIFIED_SINCE, form: Form::Date }),
    (0x18, Header { field: &IF_MATCH, form: Form::Text }),
    (0x19, Header { field: &IF_NONE_MATCH, form: Form::Text }),
    (0x1A, Header { field: &IF_RANGE, form: Form::TextOrDate }),
    (0x1B, Header { field: &IF_UNMODIFIED_SINCE, form: Form::Date }),
    (0x1C, Header { field: &LOCATION, form: Form::Text }),
    (0x1D, Header { field: &LAST_MODIFIED, form: Form::Date }),
    (0x1E, Header { field: &MAX_FORWARDS, form: Form::Number }),
    (0x1F, Header { field: &PRAGMA, form: Form::Named(NO_CACHE, Tail::Parameters) }),
    (0x20, Header { field: &PROXY_AUTHENTICATE, form: Form::ProxyChallenge }),
    (0x21, Header { field: &PROXY_AUTHORIZATION, form: Form::ProxyCredentials }),
    (0x22, Header { field: &PUBLIC, form: Form::Method }),
    (0x23, Header { field: &RANGE, form: Form::Range }),
    (0x24, Header { field: &REFERER, form: Form::Text }),
    (0x25, Header { field: &RETRY_AFTER, form: Form::RetryAfter }),
    (0x26, Header { field: &SERVER, form: Form::Text }),
    (0x27, Header { field: &TRANSFER_ENCODING, form: Form::Named(CHUNKED, Tail::Parameters) }),
    (0x28, Header { field: &UPGRADE, form: Form::Text }),
    (0x29, Header { field: &USER_AGENT, form: Form::Text }),
    (0x2A, Header { field: &VARY, form: Form::FieldName }),
    (0x2B, Header { field: &VIA, form: Form::Text }),
    (0x2C, Header { field: &WARNING, form: Form::Named(WARNINGS, Tail::Elements) }),
    (0x2D, Header { field: &WWW_AUTHENTICATE, form: Form::Challenge }),
    (0x2E, Header { field: &CONTENT_DISPOSITION, form: Form::Named(DISPOSITIONS, Tail::Parameters) }),
    (0x2F, Header { field: &X_WAP_APPLICATION_ID, form: Form::Application }),
    (0x30, Header { field: &X_WAP_CONTENT_URI, form: Form::Text }),
    (0x31, Header { field: &X_WAP_INITIATOR_URI, form: Form::Text }),
    (0x32, Header { field: &ACCEPT_APPLICATION, form: Form::Application }),
    (0x33, Header { field: &BEARER_INDICATION, form: Form::Bearer }),
    (0x34, Header { field: &PUSH_FLAG, form: Form::Flags }),
    (0x35, Header { field: &PROFILE, form: Form::Text }),
    (0x36, Header { field: &PROFILE_DIFF, form: Form::Octets }),
    (0x37, Header { field: &PROFILE_WARNING, form: Form::Named(PROFILE_WARNINGS, Tail::Elements) }),
    (0x38, Header { field: &EXPECT, form: Form::Named(EXPECTATIONS, Tail::Parameters) }),
    (0x39, Header { field: &TE, form: Form::Named(TE_CODINGS, Tail::Quality) }),
    (0x3A, Header { field: &TRAILER, form: Form::FieldName }),
    (0x3B, Header { field: &ACCEPT_CHARSET, form: Form::Charset }),
    (0x3C, Header { field: &ACCEPT_ENCODING, form: Form::Named(ENCODINGS, Tail::Quality) }),
    (0x3D, Header { field: &CACHE_CONTROL, form: Form::Named(CACHE, Tail::Elements) }),
    (0x3E, Header { field: &CONTENT_RANGE, form: Form::ContentRange }),
    (0x3F, Header { field: &X_WAP_TOD, form: Form::Date }),
    (0x40, Header { field: &CONTENT_ID, form: Form::Text }),
    (0x41, Header { field: &SET_COOKIE, form: Form::Elements }),
    (0x42, Header { field: &COOKIE, form: Form::Elements }),
    (0x43, Header { field: &ENCODING_VERSION, form: Form::Version }),
    (0x44, Header { field: &PROFILE_WARNING, form: Form::Named(PROFILE_WARNINGS, Tail::Elements) }),
    (0x45, Header { field: &CONTENT_DISPOSITION, form: Form::Named(DISPOSITIONS, Tail::Parameters) }),
    (0x46, Header { field: &X_WAP_SECURITY, form: Form::Named(SECURITY, Tail::Nothing) }),
    (0x47, Header { field: &CACHE_CONTROL, form: Form::Named(CACHE, Tail::Elements) }),
    (0x48, Header { field: &EXPECT, form: Form::Named(EXPECTATIONS, Tail::Parameters) }),
    (0x49, Header { field: &X_WAP_LOC_INVOCATION, form: Form::Text }),
    (0x4A, Header { field: &X_WAP_LOC_DELIVERY, form: Form::Text }),
];
