//! The headers of a WSP PDU: content type, then header fields to the end of the stated length.
//!
//! Must not know which PDU they belong to, nor what a DM notification demands of them.
//!
//! ```text
//!  ContentType | field field …                                                                       (WSP 8.2.4.1)
//!  field    name value          name 80..FF = code in the current page, 20..7E text up to 00         (WSP 8.4.1.1)
//!           7F page | 01..1F    what follows is of another code page; 1 is the default
//! ```

use super::facts::{AppForm, AppId, ContentType};
use super::reader::{CUT, Reader, Stop};
use super::wsp_codes as codes;
use super::wsp_fields::{self, Form, Header};
use super::wsp_media;
use super::wsp_typed::{self, Said, UNKNOWN_CODE, VALUE};
use super::wsp_values::{OCTETS, Shape, UINTVAR, number, read_text, say, shape, short_integer, uintvar};
use crate::model::spec::WSP;
use crate::model::{Field, Group, NodeId, Rule, Value};

/// The header fields.
pub static HEADERS: Field = Field::group("wsp.headers", "Headers").cite(&WSP, "8.2.4.1");
/// The media type, normalised.
pub static CONTENT_TYPE: Field = Field::text("wsp.content_type", "Content type")
    .cite(&WSP, "8.4.2.24")
    .about("The media type in lower case without parameters, whether a code or text stands for it.")
    .generated();
/// A header field's code.
pub static NAME: Field = Field::uint("wsp.header.name_value", "Header name")
    .cite(&WSP, "8.4.1.1")
    .lookup(codes::header_field, codes::header_fields)
    .hex(2);
/// A header field's name as text.
pub static NAME_TEXT: Field = Field::text("wsp.header.name_string", "Header name").cite(&WSP, "8.4.1.1");
/// A header field's code in another page.
pub static PAGE_NAME: Field = Field::uint("wsp.header.page_code", "Header code").cite(&WSP, "8.4.1.1").hex(2);
/// A code page shift.
pub static CODE_PAGE: Field = Field::uint("wsp.code_page", "Switch to header code page").cite(&WSP, "8.4.1.1");
/// A header field without a field of its own.
pub static OTHER: Field = Field::text("wsp.header.other", "Header field")
    .cite(&WSP, "8.4.1.1")
    .about("A header field by its own name, by an unassigned code, or of another code page.");

/// Header fields do not end where the headers' length says.
pub static FIELDS_END: Rule = Rule::error("W-003", Group::Malformed)
    .cite(&WSP, "8.2.4.1")
    .text("header fields do not end where the headers do")
    .explain(
        "A header field runs past the stated length of the headers, or no field can start where the walk stands.",
        "Receivers drop the push or misread the body as headers.",
        "Compare the stated length with the headers the sender built; a field added or changed on the way may not have been counted.",
    );

/// No content type.
pub static NO_CONTENT_TYPE: Rule = Rule::error("W-017", Group::Malformed)
    .cite(&WSP, "8.2.4.1")
    .text("the push has no content type that can be read")
    .explain(
        "The headers of a push start with its content type; here they are empty or hold none.",
        "Nobody can tell whom the push is for; receivers drop it.",
        "Look at the stated length of the headers, and at what follows it.",
    );

/// Another code page.
pub static OTHER_PAGE: Rule = Rule::note("WSP-006", Group::Undecoded)
    .cite(&WSP, "8.4.1.1")
    .text("header fields of another code page")
    .explain(
        "The sender switched to a header code page whose meaning is agreed in a session; a connectionless push has none.",
        "A receiver skips these fields.",
        "If the traffic is of a known vendor, look its page up; the values are shown as they are.",
    );

/// Credentials in clear.
pub static CREDENTIALS: Rule = Rule::warning("WSP-007", Group::Security)
    .uncited("what anyone on the way can read")
    .text("the headers carry credentials in clear")
    .explain(
        "An Authorization header with user and password, or another scheme's data, travels unencrypted; push proxies copy it from the submission.",
        "Everybody on the way can read it and submit pushes with it.",
        "Make the proxy drop the header, and change the password.",
    );

/// What the headers said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heading {
    /// The content type.
    pub content_type: Option<ContentType>,
    /// The first application id.
    pub app_id: Option<AppId>,
    /// Content-Length and its node.
    pub content_length: Option<(u64, NodeId)>,
    /// The group of the header fields.
    pub headers: Option<NodeId>,
    /// The first field with credentials.
    pub credentials: Option<NodeId>,
}

/// Reads the content type in front of the headers.
///
/// # Errors
/// There is none, or it cannot be read.
pub fn content_type(r: &mut Reader<'_, '_>, blame: NodeId) -> Result<ContentType, Stop> {
    let input = r.peek();
    let total = match shape(input) {
        Ok((_, (Shape::Sized([]), _))) => {
            return Err(r.stop_with(&NO_CONTENT_TYPE, blame, format_args!("octet 00 in its place")));
        }
        Ok((_, (_, total))) => total,
        Err(_) if r.is_cut() => return Err(r.stop(&CUT, blame)),
        Err(_) => {
            too_long(r, input);
            return Err(r.stop(&NO_CONTENT_TYPE, blame));
        }
    };
    let at = r.group(&wsp_fields::CONTENT_TYPE, |r| Ok(part(r, total, wsp_media::media)))?;
    let Some(media) = at.value else {
        return Err(r.stop(&NO_CONTENT_TYPE, at.node));
    };
    let said = r.scratch_bytes(media.said.as_bytes());
    r.set_value(at.node, said);
    let name = if let Some(name) = media.normalised() {
        r.generated(&CONTENT_TYPE, said);
        name
    } else {
        let name = media.name();
        r.generated_lower_case(&CONTENT_TYPE, name.as_bytes());
        name
    };
    Ok(ContentType {
        code: media.code.and_then(|code| u32::try_from(code).ok()),
        form: media.form,
        is_text: codes::is_text_type(name.as_bytes()),
        node: at.node,
    })
}

/// Reads `total` octets, which are there, as a part of their own.
fn part<'b, T>(
    r: &mut Reader<'_, 'b>,
    total: usize,
    read: impl FnOnce(&mut Reader<'_, 'b>) -> Result<T, Stop>,
) -> Option<T> {
    r.short_is(&VALUE);
    let value = r.inside(total, read);
    r.short_is(&FIELDS_END);
    value
}

/// Says W-002 where the value in front states its length by a uintvar that is too long.
fn too_long(r: &mut Reader<'_, '_>, input: &[u8]) {
    let Some((0x1F, len)) = input.split_first() else { return };
    if uintvar(len).is_err() && len.len() >= 5 {
        let node = r.open();
        r.flag(&UINTVAR, node);
    }
}

/// Reads header fields to the end of the current part.
///
/// # Errors
/// One cannot be read: its end is unknown, so nothing after it can be.
pub fn fields(r: &mut Reader<'_, '_>, heading: &mut Heading) -> Result<(), Stop> {
    r.short_is(&FIELDS_END);
    if r.is_done() {
        return Ok(());
    }
    r.group(&HEADERS, |r| {
        heading.headers = Some(r.open());
        let mut page = 1;
        let mut first = true;
        while !r.is_done() {
            match r.peek().first() {
                Some(0x7F | 0x01..=0x1F) => page = shift(r)?,
                Some(0) => {
                    let at = r.rest(&OCTETS);
                    return Err(r.stop_with(&FIELDS_END, at.node, format_args!("octet 00 starts no header field")));
                }
                _ => {
                    field(r, page, first, heading)?;
                    first = false;
                }
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// Reads a code page shift: `7F page`, or one octet.
fn shift(r: &mut Reader<'_, '_>) -> Result<u8, Stop> {
    let at = match r.peek() {
        [0x7F, page, ..] => {
            let at = r.bytes(&CODE_PAGE, 2)?;
            at.map(|_| *page)
        }
        [0x7F] => {
            let at = r.rest(&OCTETS);
            let rule = if r.is_cut() { &CUT } else { &FIELDS_END };
            return Err(r.stop_with(rule, at.node, format_args!("a code page shift without its page")));
        }
        _ => r.u8(&CODE_PAGE)?,
    };
    r.set_value(at.node, Value::Uint(u64::from(at.value)));
    if at.value != 1 {
        r.flag_with(&OTHER_PAGE, at.node, format_args!("page {}", at.value));
    }
    Ok(at.value)
}

/// Reads one header field.
fn field(r: &mut Reader<'_, '_>, page: u8, first: bool, heading: &mut Heading) -> Result<(), Stop> {
    let input = r.peek();
    let name = || input.split(|octet| *octet == 0).next().unwrap_or(input);
    let known = match short_integer(input) {
        Ok((_, code)) => {
            if page == 1 {
                wsp_fields::header(code)
            } else {
                None
            }
        }
        Err(_) => codes::find_name(codes::HEADER_FIELDS, name()).and_then(wsp_fields::header),
    };
    // Only a field without a name of its own needs a label.
    let label = || match short_integer(input) {
        Ok((_, code)) if page == 1 => format!("0x{code:02x}"),
        Ok((_, code)) => format!("page {page} code 0x{code:02x}"),
        Err(_) => String::from_utf8_lossy(name()).into_owned(),
    };
    let at = r.group(known.map_or(&OTHER, |header| header.field), |r| {
        let group = r.open();
        if known.is_none() {
            say(r, group, label().as_bytes());
        }
        match short_integer(input) {
            Ok(_) if page == 1 => {
                let name = r.take(&NAME, short_integer)?;
                if known.is_none() {
                    r.flag(&UNKNOWN_CODE, name.node);
                }
            }
            Ok(_) => {
                r.take(&PAGE_NAME, short_integer)?;
            }
            Err(_) => {
                read_text(r, &NAME_TEXT)?;
            }
        }
        let rest = r.peek();
        let Ok((_, (value, total))) = shape(rest) else {
            too_long(r, rest);
            r.rest(&OCTETS);
            let rule = if r.is_cut() { &CUT } else { &FIELDS_END };
            return Err(r.stop_with(rule, group, format_args!("the value does not end within the headers")));
        };
        let said = part(r, total, |r| match known {
            Some(header) => wsp_typed::value(r, header.form, value),
            None => wsp_typed::element(r),
        });
        Ok((value, said.unwrap_or(Said::Nothing)))
    })?;
    let (value, said) = at.value;
    match known {
        Some(header) => {
            let shown = said.value(r, header.field.kind);
            r.set_value(at.node, shown);
            note(header, (value, &said), at.node, first, heading);
        }
        None => say(r, at.node, format!("{}: {}", label(), said.text()).as_bytes()),
    }
    Ok(())
}

/// Keeps what the push needs of a header field.
fn note(header: Header, (value, said): (Shape<'_>, &Said<'_>), node: NodeId, first: bool, heading: &mut Heading) {
    if header.field.is(&wsp_fields::X_WAP_APPLICATION_ID) && heading.app_id.is_none() {
        let (code, form) = match value {
            Shape::Short(code) => (Some(code), AppForm::Short),
            Shape::Sized(octets) => (number(octets), AppForm::Long),
            Shape::Text(text) => (codes::application_id_of(text), AppForm::Text),
        };
        let code = code.and_then(|code| u32::try_from(code).ok());
        heading.app_id = Some(AppId { code, form, node, first });
    }
    if header.field.is(&wsp_fields::CONTENT_LENGTH) && heading.content_length.is_none() {
        heading.content_length = said.number().map(|length| (length, node));
    }
    if matches!(header.form, Form::Credentials | Form::ProxyCredentials) && heading.credentials.is_none() {
        heading.credentials = Some(node);
    }
}
