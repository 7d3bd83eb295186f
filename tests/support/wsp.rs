//! WSP push PDUs: every way to write a content type, a header and a value.
//!
//! Encodings from the reference on WDP and WSP, chapters 5 to 8. Nothing is checked: a caller may leave the standard.

/// PDU type of a push.
pub const PUSH: u8 = 0x06;
/// PDU type of a confirmed push.
pub const CONFIRMED_PUSH: u8 = 0x07;
/// Well-known content type of a 1.2 notification.
pub const DM12: u8 = 0x44;
/// Well-known content type of a 2.0 notification.
pub const DM20: u8 = 0x58;
/// Well-known content type of a Data Sync notification.
pub const DS: u8 = 0x4E;
/// Textual content type of a 1.2 notification.
pub const DM12_TEXT: &str = "application/vnd.syncml.notification";
/// Field code of X-Wap-Application-Id.
pub const APPLICATION_ID: u8 = 0x2F;

/// Variable-length unsigned integer.
pub fn uintvar(value: u32) -> Vec<u8> {
    let mut out = vec![(value & 0x7F) as u8];
    let mut rest = value >> 7;
    while rest > 0 {
        out.push((rest & 0x7F) as u8 | 0x80);
        rest >>= 7;
    }
    out.reverse();
    out
}

/// Short-integer.
pub fn short(value: u8) -> Vec<u8> {
    vec![value | 0x80]
}

/// Long-integer, shortest form (one octet at least).
pub fn long(value: u32) -> Vec<u8> {
    let octets = value.to_be_bytes();
    let skip = octets.iter().take(3).take_while(|octet| **octet == 0).count();
    [&[4 - skip as u8], &octets[skip..]].concat()
}

/// Integer-value: short where it fits.
pub fn integer(value: u32) -> Vec<u8> {
    if value < 0x80 { short(value as u8) } else { long(value) }
}

/// Text-string, quoted with 7F where the first character asks for it.
pub fn text(value: impl AsRef<[u8]>) -> Vec<u8> {
    let value = value.as_ref();
    let quote: &[u8] = if value.first().is_some_and(|octet| *octet >= 0x80) { &[0x7F] } else { &[] };
    [quote, value, &[0]].concat()
}

/// Text-string with the 7F quote whether needed or not.
pub fn quoted_7f(value: impl AsRef<[u8]>) -> Vec<u8> {
    [&[0x7F], value.as_ref(), &[0]].concat()
}

/// Quoted-string: an opening quotation mark, no closing one.
pub fn quoted_string(value: impl AsRef<[u8]>) -> Vec<u8> {
    [b"\"", value.as_ref(), &[0]].concat()
}

/// Value-length in front of a value: short form up to 30 octets, else length quote and uintvar.
pub fn with_length(value: &[u8]) -> Vec<u8> {
    if value.len() <= 30 { [&[value.len() as u8], value].concat() } else { with_long_length(value) }
}

/// Value-length written with the length quote 1F whatever the length.
pub fn with_long_length(value: &[u8]) -> Vec<u8> {
    [&[0x1F], &uintvar(value.len() as u32)[..], value].concat()
}

/// Content type in general form: media and parameters behind a value length.
pub fn general(media: &[u8], parameters: &[u8]) -> Vec<u8> {
    with_length(&[media, parameters].concat())
}

/// A header field with a well-known name.
pub fn field(code: u8, value: impl AsRef<[u8]>) -> Vec<u8> {
    [&[code | 0x80], value.as_ref()].concat()
}

/// A header field with its name as text and a text value.
pub fn text_field(name: &str, value: &str) -> Vec<u8> {
    [name.as_bytes(), &[0], &text(value)].concat()
}

/// The application id field as short integer.
pub fn application(id: u8) -> Vec<u8> {
    field(APPLICATION_ID, short(id))
}

/// Shift to a code page, long form.
pub fn shift(page: u8) -> Vec<u8> {
    vec![0x7F, page]
}

/// Date-value.
pub fn date(seconds: u32) -> Vec<u8> {
    long(seconds)
}

/// Version-value as short integer.
pub fn version(major: u8, minor: u8) -> Vec<u8> {
    short(major << 4 | minor)
}

/// Basic credentials as an Authorization value.
pub fn basic_credentials(user: &str, password: &str) -> Vec<u8> {
    with_length(&[&[0x80], &text(user)[..], &text(password)].concat())
}

/// A connectionless WSP push.
#[derive(Clone, Debug)]
pub struct Push {
    /// Transaction id; `None` in connection mode, where WTP has it.
    pub tid: Option<u8>,
    /// PDU type.
    pub pdu_type: u8,
    /// The encoded content type.
    pub content_type: Vec<u8>,
    /// The encoded header fields after it.
    pub headers: Vec<u8>,
    /// The octets written as `HeadersLen`; `None`: the right ones.
    pub headers_len: Option<Vec<u8>>,
    /// What the push carries.
    pub body: Vec<u8>,
}

impl Push {
    /// A push of this encoded content type, without further headers.
    pub fn new(tid: u8, content_type: impl AsRef<[u8]>, body: impl AsRef<[u8]>) -> Self {
        Self {
            tid: Some(tid),
            pdu_type: PUSH,
            content_type: content_type.as_ref().to_vec(),
            headers: Vec::new(),
            headers_len: None,
            body: body.as_ref().to_vec(),
        }
    }

    /// A push of a well-known content type and application id, as short as can be.
    pub fn well_known(tid: u8, content_type: u8, application_id: u8, body: impl AsRef<[u8]>) -> Self {
        Self::new(tid, short(content_type), body).header(application(application_id))
    }

    /// The push a 1.2 notification asks for.
    pub fn dm12(tid: u8, body: impl AsRef<[u8]>) -> Self {
        Self::well_known(tid, DM12, 7, body)
    }

    /// The push a 2.0 notification asks for.
    pub fn dm20(tid: u8, body: impl AsRef<[u8]>) -> Self {
        Self::well_known(tid, DM20, 7, body)
    }

    /// With one more encoded header field.
    pub fn header(mut self, field: impl AsRef<[u8]>) -> Self {
        self.headers.extend(field.as_ref());
        self
    }

    /// With these octets as `HeadersLen`, right or wrong.
    pub fn headers_len(mut self, octets: impl AsRef<[u8]>) -> Self {
        self.headers_len = Some(octets.as_ref().to_vec());
        self
    }

    /// As another PDU type.
    pub fn pdu_type(mut self, pdu_type: u8) -> Self {
        self.pdu_type = pdu_type;
        self
    }

    /// Without transaction id, as connection mode writes it.
    pub fn connected(mut self) -> Self {
        self.tid = None;
        self
    }

    /// The PDU.
    pub fn octets(&self) -> Vec<u8> {
        let length = (self.content_type.len() + self.headers.len()) as u32;
        let mut out: Vec<u8> = self.tid.into_iter().collect();
        out.push(self.pdu_type);
        out.extend(self.headers_len.clone().unwrap_or_else(|| uintvar(length)));
        out.extend(&self.content_type);
        out.extend(&self.headers);
        out.extend(&self.body);
        out
    }
}

/// A WTP invoke that carries a connection-mode PDU: class 0 to 2, transaction id without the direction bit.
pub fn wtp_invoke(class: u8, tid: u16, pdu: &[u8]) -> Vec<u8> {
    // CON 0, PDU type 1 (Invoke), GTR and TTR set (one packet, no segmentation), RID clear.
    let mut out = vec![0x0E];
    out.extend(tid.to_be_bytes());
    // Version 0, TIDnew clear, U/P clear, transaction class.
    out.push(class & 3);
    out.extend(pdu);
    out
}

/// User data header with the 16-bit application ports: destination first.
pub fn udh_ports(destination: u16, origin: u16) -> Vec<u8> {
    [&[0x06, 0x05, 0x04], &destination.to_be_bytes()[..], &origin.to_be_bytes()].concat()
}

/// User data header with the application ports and an 8-bit concatenation reference.
pub fn udh_ports_concat(destination: u16, origin: u16, reference: u8, parts: u8, part: u8) -> Vec<u8> {
    let mut out = udh_ports(destination, origin);
    out[0] = 0x0B;
    out.extend([0x00, 0x03, reference, parts, part]);
    out
}
