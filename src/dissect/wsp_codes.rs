//! Code points of WSP: header fields, media types, parameters, PDU types, bearers and small value sets.
//!
//! Tables sorted by code: codes in a row are their own places, others are found by binary search; names without regard to case. Must not know how a code is encoded.
//! Where sources differ the reference's choice stands (OMNA before implementations).

pub use super::wsp_charsets::CHARSETS;
pub use super::wsp_registry::APPLICATION_IDS;

/// Rows of a table, as the catalog wants them.
pub type Rows = Box<dyn Iterator<Item = (u64, &'static str)>>;

/// What a table sorted by code has for a code.
pub fn row<T>(table: &'static [(u64, T)], code: u64) -> Option<&'static T> {
    // Tables begin with codes in a row: there the code itself is the place.
    if let Some((_, found)) = usize::try_from(code).ok().and_then(|at| table.get(at)).filter(|row| row.0 == code) {
        return Some(found);
    }
    let at = table.binary_search_by_key(&code, |row| row.0).ok()?;
    table.get(at).map(|row| &row.1)
}

/// The name of a code in a table sorted by code.
pub fn find(table: &'static [(u64, &'static str)], code: u64) -> Option<&'static str> {
    row(table, code).copied()
}

/// The first code with this name, without regard to case.
pub fn find_name(table: &'static [(u64, &'static str)], name: &[u8]) -> Option<u64> {
    table.iter().find(|row| row.1.as_bytes().eq_ignore_ascii_case(name)).map(|row| row.0)
}

macro_rules! lookups {
    ($($table:ident $one:ident $all:ident;)*) => {$(
        #[doc = concat!("Looks a code up in [`", stringify!($table), "`].")]
        pub fn $one(code: u64) -> Option<&'static str> {
            find($table, code)
        }
        #[doc = concat!("All rows of [`", stringify!($table), "`].")]
        pub fn $all() -> Rows {
            Box::new($table.iter().copied())
        }
    )*};
}

lookups! {
    HEADER_FIELDS header_field header_fields;
    CONTENT_TYPES content_type content_types;
    PARAMETERS parameter parameters;
    APPLICATION_IDS application_id application_ids;
    CHARSETS charset charsets;
    PDU_TYPES pdu_type pdu_types;
    BEARERS bearer bearers;
}

/// Whether the media type with this code is written with capital letters or a parameter.
pub const fn is_written_otherwise(code: u64) -> bool {
    matches!(code, 0x06 | 0x07 | 0x55 | 0x57 | 0x309)
}

/// The code of an application id written as text: the URN with or without `urn:` in front, or the number in digits.
pub fn application_id_of(text: &[u8]) -> Option<u64> {
    let bare = match text.get(..4) {
        Some(prefix) if prefix.eq_ignore_ascii_case(b"urn:") => text.get(4..).unwrap_or(&[]),
        _ => text,
    };
    if !text.is_empty() && text.iter().all(u8::is_ascii_digit) {
        return std::str::from_utf8(text).ok()?.parse().ok();
    }
    find_name(APPLICATION_IDS, text).or_else(|| find_name(APPLICATION_IDS, bare))
}

/// Whether a media type, without parameters, says that its body is text.
pub fn is_text_type(name: &[u8]) -> bool {
    let ends_in_xml = || {
        name.split_last_chunk::<4>()
            .is_some_and(|(_, [mark, xml @ ..])| matches!(mark, b'/' | b'+' | b'-') && xml.eq_ignore_ascii_case(b"xml"))
    };
    name.first_chunk::<5>().is_some_and(|start| start.eq_ignore_ascii_case(b"text/")) || ends_in_xml()
}

/// PDU types (WSP table 34). 5x and 7x are extended methods; a name for the first of each stands for the range.
pub static PDU_TYPES: &[(u64, &str)] = &[
    (0x01, "Connect"),
    (0x02, "ConnectReply"),
    (0x03, "Redirect"),
    (0x04, "Reply"),
    (0x05, "Disconnect"),
    (0x06, "Push"),
    (0x07, "ConfirmedPush"),
    (0x08, "Suspend"),
    (0x09, "Resume"),
    (0x40, "Get"),
    (0x41, "Options"),
    (0x42, "Head"),
    (0x43, "Delete"),
    (0x44, "Trace"),
    (0x50, "Extended Get method 0"),
    (0x51, "Extended Get method 1"),
    (0x52, "Extended Get method 2"),
    (0x53, "Extended Get method 3"),
    (0x54, "Extended Get method 4"),
    (0x55, "Extended Get method 5"),
    (0x56, "Extended Get method 6"),
    (0x57, "Extended Get method 7"),
    (0x58, "Extended Get method 8"),
    (0x59, "Extended Get method 9"),
    (0x5A, "Extended Get method 10"),
    (0x5B, "Extended Get method 11"),
    (0x5C, "Extended Get method 12"),
    (0x5D, "Extended Get method 13"),
    (0x5E, "Extended Get method 14"),
    (0x5F, "Extended Get method 15"),
    (0x60, "Post"),
    (0x61, "Put"),
    (0x70, "Extended Post method 0"),
    (0x71, "Extended Post method 1"),
    (0x72, "Extended Post method 2"),
    (0x73, "Extended Post method 3"),
    (0x74, "Extended Post method 4"),
    (0x75, "Extended Post method 5"),
    (0x76, "Extended Post method 6"),
    (0x77, "Extended Post method 7"),
    (0x78, "Extended Post method 8"),
    (0x79, "Extended Post method 9"),
    (0x7A, "Extended Post method 10"),
    (0x7B, "Extended Post method 11"),
    (0x7C, "Extended Post method 12"),
    (0x7D, "Extended Post method 13"),
    (0x7E, "Extended Post method 14"),
    (0x7F, "Extended Post method 15"),
];

/// Bearer types (WDP table of bearer assignments), as Bearer-Indication and redirect addresses carry them.
pub static BEARERS: &[(u64, &str)] = &[
    (0x00, "IPv4"),
    (0x01, "IPv6"),
    (0x02, "GSM USSD"),
    (0x03, "GSM SMS"),
    (0x04, "ANSI-136 GUTS/R-Data"),
    (0x05, "IS-95 CDMA SMS"),
    (0x06, "IS-95 CDMA CSD"),
    (0x07, "IS-95 CDMA Packet Data"),
    (0x08, "ANSI-136 CSD"),
    (0x09, "ANSI-136 Packet Data"),
    (0x0A, "GSM CSD"),
    (0x0B, "GSM GPRS"),
    (0x0C, "GSM USSD (IPv4 addresses)"),
    (0x0D, "AMPS CDPD"),
    (0x0E, "PDC CSD"),
    (0x0F, "PDC Packet Data"),
    (0x10, "IDEN SMS"),
    (0x11, "IDEN CSD"),
    (0x12, "IDEN Packet Data"),
    (0x13, "Paging network FLEX"),
    (0x14, "PHS SMS"),
    (0x15, "PHS CSD"),
    (0x16, "GSM USSD (GSM service code)"),
    (0x17, "TETRA SDS"),
    (0x18, "TETRA Packet Data"),
    (0x19, "Paging network ReFLEX"),
    (0x1A, "GSM USSD (MSISDN)"),
    (0x1B, "Mobitex MPAK"),
    (0x1C, "ANSI-136 GHOST/R-Data"),
];

/// Values of the SEC parameter of client provisioning.
pub static SEC: &[(u64, &str)] = &[(0, "NETWPIN"), (1, "USERPIN"), (2, "USERNETWPIN"), (3, "USERPINMAC")];

/// Well-known header fields of the default code page; a name may have several codes, the deprecated encoding first.
pub static HEADER_FIELDS: &[(u64, &str)] = &[
    (0x00, "Accept"),
    (0x01, "Accept-Charset"),
    (0x02, "Accept-Encoding"),
    (0x03, "Accept-Language"),
    (0x04, "Accept-Ranges"),
    (0x05, "Age"),
    (0x06, "Allow"),
    (0x07, "Authorization"),
    (0x08, "Cache-Control"),
    (0x09, "Connection"),
    (0x0A, "Content-Base"),
    (0x0B, "Content-Encoding"),
    (0x0C, "Content-Language"),
    (0x0D, "Content-Length"),
    (0x0E, "Content-Location"),
    (0x0F, "Content-MD5"),
    (0x10, "Content-Range"),
    (0x11, "Content-Type"),
    (0x12, "Date"),
    (0x13, "Etag"),
    (0x14, "Expires"),
    (0x15, "From"),
    (0x16, "Host"),
    (0x17, "If-Modified-Since"),
    (0x18, "If-Match"),
    (0x19, "If-None-Match"),
    (0x1A, "If-Range"),
    (0x1B, "If-Unmodified-Since"),
    (0x1C, "Location"),
    (0x1D, "Last-Modified"),
    (0x1E, "Max-Forwards"),
    (0x1F, "Pragma"),
    (0x20, "Proxy-Authenticate"),
    (0x21, "Proxy-Authorization"),
    (0x22, "Public"),
    (0x23, "Range"),
    (0x24, "Referer"),
    (0x25, "Retry-After"),
    (0x26, "Server"),
    (0x27, "Transfer-Encoding"),
    (0x28, "Upgrade"),
    (0x29, "User-Agent"),
    (0x2A, "Vary"),
    (0x2B, "Via"),
    (0x2C, "Warning"),
    (0x2D, "WWW-Authenticate"),
    (0x2E, "Content-Disposition"),
    (0x2F, "X-Wap-Application-Id"),
    (0x30, "X-Wap-Content-URI"),
    (0x31, "X-Wap-Initiator-URI"),
    (0x32, "Accept-Application"),
    (0x33, "Bearer-Indication"),
    (0x34, "Push-Flag"),
    (0x35, "Profile"),
    (0x36, "Profile-Diff"),
    (0x37, "Profile-Warning"),
    (0x38, "Expect"),
    (0x39, "TE"),
    (0x3A, "Trailer"),
    (0x3B, "Accept-Charset"),
    (0x3C, "Accept-Encoding"),
    (0x3D, "Cache-Control"),
    (0x3E, "Content-Range"),
    (0x3F, "X-WAP-Tod"),
    (0x40, "Content-ID"),
    (0x41, "Set-Cookie"),
    (0x42, "Cookie"),
    (0x43, "Encoding-Version"),
    (0x44, "Profile-Warning"),
    (0x45, "Content-Disposition"),
    (0x46, "X-WAP-Security"),
    (0x47, "Cache-Control"),
    (0x48, "Expect"),
    (0x49, "X-Wap-Loc-Invocation"),
    (0x4A, "X-Wap-Loc-Delivery"),
];

/// Media types.
pub static CONTENT_TYPES: &[(u64, &str)] = &[
    (0x00, "*/*"),
    (0x01, "text/*"),
    (0x02, "text/html"),
    (0x03, "text/plain"),
    (0x04, "text/x-hdml"),
    (0x05, "text/x-ttml"),
    (0x06, "text/x-vCalendar"),
    (0x07, "text/x-vCard"),
    (0x08, "text/vnd.wap.wml"),
    (0x09, "text/vnd.wap.wmlscript"),
    (0x0A, "text/vnd.wap.wta-event"),
    (0x0B, "multipart/*"),
    (0x0C, "multipart/mixed"),
    (0x0D, "multipart/form-data"),
    (0x0E, "multipart/byteranges"),
    (0x0F, "multipart/alternative"),
    (0x10, "application/*"),
    (0x11, "application/java-vm"),
    (0x12, "application/x-www-form-urlencoded"),
    (0x13, "application/x-hdmlc"),
    (0x14, "application/vnd.wap.wmlc"),
    (0x15, "application/vnd.wap.wmlscriptc"),
    (0x16, "application/vnd.wap.wta-eventc"),
    (0x17, "application/vnd.wap.uaprof"),
    (0x18, "application/vnd.wap.wtls-ca-certificate"),
    (0x19, "application/vnd.wap.wtls-user-certificate"),
    (0x1A, "application/x-x509-ca-cert"),
    (0x1B, "application/x-x509-user-cert"),
    (0x1C, "image/*"),
    (0x1D, "image/gif"),
    (0x1E, "image/jpeg"),
    (0x1F, "image/tiff"),
    (0x20, "image/png"),
    (0x21, "image/vnd.wap.wbmp"),
    (0x22, "application/vnd.wap.multipart.*"),
    (0x23, "application/vnd.wap.multipart.mixed"),
    (0x24, "application/vnd.wap.multipart.form-data"),
    (0x25, "application/vnd.wap.multipart.byteranges"),
    (0x26, "application/vnd.wap.multipart.alternative"),
    (0x27, "application/xml"),
    (0x28, "text/xml"),
    (0x29, "application/vnd.wap.wbxml"),
    (0x2A, "application/x-x968-cross-cert"),
    (0x2B, "application/x-x968-ca-cert"),
    (0x2C, "application/x-x968-user-cert"),
    (0x2D, "text/vnd.wap.si"),
    (0x2E, "application/vnd.wap.sic"),
    (0x2F, "text/vnd.wap.sl"),
    (0x30, "application/vnd.wap.slc"),
    (0x31, "text/vnd.wap.co"),
    (0x32, "application/vnd.wap.coc"),
    (0x33, "application/vnd.wap.multipart.related"),
    (0x34, "application/vnd.wap.sia"),
    (0x35, "text/vnd.wap.connectivity-xml"),
    (0x36, "application/vnd.wap.connectivity-wbxml"),
    (0x37, "application/pkcs7-mime"),
    (0x38, "application/vnd.wap.hashed-certificate"),
    (0x39, "application/vnd.wap.signed-certificate"),
    (0x3A, "application/vnd.wap.cert-response"),
    (0x3B, "application/xhtml+xml"),
    (0x3C, "application/wml+xml"),
    (0x3D, "text/css"),
    (0x3E, "application/vnd.wap.mms-message"),
    (0x3F, "application/vnd.wap.rollover-certificate"),
    (0x40, "application/vnd.wap.locc+wbxml"),
    (0x41, "application/vnd.wap.loc+xml"),
    (0x42, "application/vnd.syncml.dm+wbxml"),
    (0x43, "application/vnd.syncml.dm+xml"),
    (0x44, "application/vnd.syncml.notification"),
    (0x45, "application/vnd.wap.xhtml+xml"),
    (0x46, "application/vnd.wv.csp.cir"),
    (0x47, "application/vnd.oma.dd+xml"),
    (0x48, "application/vnd.oma.drm.message"),
    (0x49, "application/vnd.oma.drm.content"),
    (0x4A, "application/vnd.oma.drm.rights+xml"),
    (0x4B, "application/vnd.oma.drm.rights+wbxml"),
    (0x4C, "application/vnd.wv.csp+xml"),
    (0x4D, "application/vnd.wv.csp+wbxml"),
    (0x4E, "application/vnd.syncml.ds.notification"),
    (0x4F, "audio/*"),
    (0x50, "video/*"),
    (0x51, "application/vnd.oma.dd2+xml"),
    (0x52, "application/mikey"),
    (0x53, "application/vnd.oma.dcd"),
    (0x54, "application/vnd.oma.dcdc"),
    (0x55, "text/x-vMessage"),
    (0x56, "application/vnd.omads-email+wbxml"),
    (0x57, "text/x-vBookmark"),
    (0x58, "application/vnd.syncml.dm.notification"),
    (0x5A, "application/octet-stream"),
    (0x201, "application/vnd.uplanet.cacheop-wbxml"),
    (0x202, "application/vnd.uplanet.signal"),
    (0x203, "application/vnd.uplanet.alert-wbxml"),
    (0x204, "application/vnd.uplanet.list-wbxml"),
    (0x205, "application/vnd.uplanet.listcmd-wbxml"),
    (0x206, "application/vnd.uplanet.channel-wbxml"),
    (0x207, "application/vnd.uplanet.provisioning-status-uri"),
    (0x208, "x-wap.multipart/vnd.uplanet.header-set"),
    (0x209, "application/vnd.uplanet.bearer-choice-wbxml"),
    (0x20A, "application/vnd.phonecom.mmc-wbxml"),
    (0x20B, "application/vnd.nokia.syncset+wbxml"),
    (0x20C, "image/x-up-wpng"),
    (0x300, "application/iota.mmc-wbxml"),
    (0x301, "application/iota.mmc-xml"),
    (0x302, "application/vnd.syncml+xml"),
    (0x303, "application/vnd.syncml+wbxml"),
    (0x304, "text/vnd.wap.emn+xml"),
    (0x305, "text/calendar"),
    (0x306, "application/vnd.omads-email+xml"),
    (0x307, "application/vnd.omads-file+xml"),
    (0x308, "application/vnd.omads-folder+xml"),
    (0x309, "text/directory;profile=vCard"),
    (0x30A, "application/vnd.wap.emn+wbxml"),
    (0x30B, "application/vnd.nokia.ipdc-purchase-response"),
    (0x30C, "application/vnd.motorola.screen3+xml"),
    (0x30D, "application/vnd.motorola.screen3+gzip"),
    (0x30E, "application/vnd.cmcc.setting+wbxml"),
    (0x30F, "application/vnd.cmcc.bombing+wbxml"),
    (0x310, "application/vnd.docomo.pf"),
    (0x311, "application/vnd.docomo.ub"),
    (0x312, "application/vnd.omaloc-supl-init"),
    (0x313, "application/vnd.oma.group-usage-list+xml"),
    (0x314, "application/oma-directory+xml"),
    (0x315, "application/vnd.docomo.pf2"),
    (0x316, "application/vnd.oma.drm.roap-trigger+wbxml"),
    (0x317, "application/vnd.sbm.mid2"),
    (0x318, "application/vnd.wmf.bootstrap"),
    (0x319, "application/vnc.cmcc.dcd+xml"),
    (0x31A, "application/vnd.sbm.cid"),
    (0x31B, "application/vnd.oma.bcast.provisioningtrigger"),
    (0x31C, "application/vnd.docomo.dm"),
    (0x31D, "application/vnd.oma.scidm.messages+xml"),
    (0x31E, "application/vnd.innopath.wamp.notification"),
];

/// Well-known parameters.
pub static PARAMETERS: &[(u64, &str)] = &[
    (0x00, "q"),
    (0x01, "charset"),
    (0x02, "level"),
    (0x03, "type"),
    (0x04, "uaprof"),
    (0x05, "name"),
    (0x06, "filename"),
    (0x07, "differences"),
    (0x08, "padding"),
    (0x09, "type"),
    (0x0A, "start"),
    (0x0B, "start-info"),
    (0x0C, "comment"),
    (0x0D, "domain"),
    (0x0E, "max-age"),
    (0x0F, "path"),
    (0x10, "secure"),
    (0x11, "sec"),
    (0x12, "mac"),
    (0x13, "creation-date"),
    (0x14, "modification-date"),
    (0x15, "read-date"),
    (0x16, "size"),
    (0x17, "name"),
    (0x18, "filename"),
    (0x19, "start"),
    (0x1A, "start-info"),
    (0x1B, "comment"),
    (0x1C, "domain"),
    (0x1D, "path"),
];

#[cfg(test)]
mod tests {
    use super::{CONTENT_TYPES, is_written_otherwise};

    #[test]
    fn it_is_known_which_media_types_are_not_written_as_they_are_compared() {
        for (code, name) in CONTENT_TYPES {
            let plain = name.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            assert_eq!(is_written_otherwise(*code), plain != *name, "{code:#x}");
        }
    }
}
