//! Media types and parameters of WSP.
//!
//! Must not know which header field they stand in.
//!
//! ```text
//!  constrained  80..FF = code, or text up to 00                                                      (WSP 8.4.2.24)
//!  general      length | code or text | parameter parameter …
//!  parameter    code value, or text value                                                            (WSP 8.4.2)
//! ```

use std::borrow::Cow;

use super::facts::ContentForm;
use super::reader::{At, Reader, Stop};
use super::wsp_codes as codes;
use super::wsp_fields::Tail;
use super::wsp_typed::{
    CHARSET, Said, UNKNOWN_CODE, VALUE, charset, coded, date, element, field_name, q_value, rest, versioned,
};
use super::wsp_values::{DATE, QUALITY, Shape, read_integer, read_length, read_text, say, shape, short_integer};
use crate::model::Field;
use crate::model::spec::{OMNA, WSP};

/// The code of a media type.
pub static MEDIA_CODE: Field = Field::uint("wsp.content_type.type", "Media type")
    .cite(&OMNA, "content types")
    .lookup(codes::content_type, codes::content_types)
    .hex(2);
/// A media type as text.
pub static MEDIA_TEXT: Field = Field::text("wsp.content_type.media", "Media type").cite(&WSP, "8.4.2.24");
/// A parameter.
pub static PARAMETER: Field =
    Field::text("wsp.parameter", "Parameter").cite(&WSP, "8.4.2").about("Name and value of a parameter.");
/// The code of a parameter.
pub static PARAMETER_TYPE: Field = Field::uint("wsp.parameter.type", "Parameter type")
    .cite(&WSP, "8.4.2")
    .lookup(codes::parameter, codes::parameters)
    .hex(2);
/// The name of a parameter without a code.
pub static PARAMETER_NAME: Field = Field::text("wsp.parameter.untyped_name", "Parameter name").cite(&WSP, "8.4.2");
/// A number of a parameter without a code.
pub static UNTYPED_INT: Field = Field::uint("wsp.untype.int", "Untyped integer").cite(&WSP, "8.4.2");
/// Text of a parameter without a code.
pub static UNTYPED_TEXT: Field = Field::text("wsp.untype.text", "Untyped text").cite(&WSP, "8.4.2");
/// Level.
pub static LEVEL: Field = Field::text("wsp.parameter.level", "Level").cite(&WSP, "8.4.2");
/// Integer type.
pub static INT_TYPE: Field = Field::uint("wsp.parameter.int_type", "Integer type").cite(&WSP, "8.4.2");
/// Type.
pub static UPART_TYPE: Field = Field::text("wsp.parameter.upart.type", "Type").cite(&WSP, "8.4.2");
/// Name.
pub static NAME: Field = Field::text("wsp.parameter.name", "Name").cite(&WSP, "8.4.2");
/// File name.
pub static FILENAME: Field = Field::text("wsp.parameter.filename", "File name").cite(&WSP, "8.4.2");
/// Differences.
pub static DIFFERENCES: Field = Field::text("wsp.parameter.differences", "Differences").cite(&WSP, "8.4.2");
/// Padding.
pub static PADDING: Field = Field::uint("wsp.parameter.padding", "Padding").cite(&WSP, "8.4.2");
/// Start.
pub static START: Field = Field::text("wsp.parameter.start", "Start").cite(&WSP, "8.4.2");
/// Start-info.
pub static START_INFO: Field = Field::text("wsp.parameter.start_info", "Start-info").cite(&WSP, "8.4.2");
/// Comment.
pub static COMMENT: Field = Field::text("wsp.parameter.comment", "Comment").cite(&WSP, "8.4.2");
/// Domain.
pub static DOMAIN: Field = Field::text("wsp.parameter.domain", "Domain").cite(&WSP, "8.4.2");
/// Max-age.
pub static MAX_AGE: Field = Field::uint("wsp.parameter.max_age", "Max-age").cite(&WSP, "8.4.2").about("Seconds.");
/// Path.
pub static PATH: Field = Field::text("wsp.parameter.path", "Path").cite(&WSP, "8.4.2");
/// Secure.
pub static SECURE: Field = Field::text("wsp.parameter.secure", "Secure").cite(&WSP, "8.4.2");
/// SEC.
pub static SEC: Field = Field::uint("wsp.parameter.sec", "SEC").cite(&WSP, "8.4.2").values(codes::SEC);
/// MAC.
pub static MAC: Field = Field::text("wsp.parameter.mac", "MAC").cite(&WSP, "8.4.2");
/// Size.
pub static SIZE: Field = Field::uint("wsp.parameter.size", "Size").cite(&WSP, "8.4.2");

/// A media type that was read.
#[derive(Clone, Debug)]
pub struct Media {
    /// Its code, also where it was written as text.
    pub code: Option<u64>,
    /// How it was written.
    pub form: ContentForm,
    /// Its name as written, with parameters.
    pub said: Cow<'static, str>,
    /// Octets of what was said before the parameters that were read behind the name.
    named: usize,
}

impl Media {
    /// Its name in lower case and without parameters, where that is what was said of it.
    pub fn normalised(&self) -> Option<&'static str> {
        match self.said {
            Cow::Borrowed(name) if !self.code.is_some_and(codes::is_written_otherwise) => Some(name),
            _ => None,
        }
    }

    /// Its name as written, without parameters.
    pub fn name(&self) -> &str {
        self.said.get(..self.named).unwrap_or(&self.said).split(';').next().unwrap_or_default().trim()
    }
}

/// Reads a media type, constrained or general, with its parameters; it fills the current part.
///
/// # Errors
/// It ends too early.
pub fn media(r: &mut Reader<'_, '_>) -> Result<Media, Stop> {
    if let Ok((_, code)) = short_integer(r.peek()) {
        let at = r.take(&MEDIA_CODE, short_integer)?;
        let said = coded_media(r, &at);
        let named = said.len();
        return Ok(Media { code: Some(code), form: ContentForm::Constrained, said, named });
    }
    let general = matches!(shape(r.peek()), Ok((_, (Shape::Sized(_), _))));
    if general {
        read_length(r)?;
    }
    let (code, form, mut said) = match shape(r.peek()) {
        Ok((_, (Shape::Short(code), _))) => {
            let at = r.take(&MEDIA_CODE, short_integer)?;
            (Some(code), ContentForm::General, coded_media(r, &at))
        }
        Ok((_, (Shape::Sized([_, ..]), _))) if general => {
            let at = read_integer(r, &MEDIA_CODE)?;
            let said = at.as_ref().map_or(Cow::Borrowed(""), |at| coded_media(r, at));
            (at.map(|at| at.value), ContentForm::General, said)
        }
        _ => {
            let text = read_text(r, &MEDIA_TEXT)?.value;
            let bare = text.split(|octet| *octet == b';').next().unwrap_or(text).trim_ascii();
            (
                codes::find_name(codes::CONTENT_TYPES, bare),
                ContentForm::Text,
                Cow::Owned(String::from_utf8_lossy(text).into_owned()),
            )
        }
    };
    let named = said.len();
    if general && r.left() > 0 {
        rest(r, Tail::Parameters, said.to_mut())?;
    }
    Ok(Media { code, form, said, named })
}

/// The name of a code that was read; says when it has none.
fn coded_media(r: &mut Reader<'_, '_>, at: &At<u64>) -> Cow<'static, str> {
    let name = named_media(at.value);
    if matches!(name, Cow::Owned(_)) {
        r.flag_with(&UNKNOWN_CODE, at.node, format_args!("media type {name}"));
    }
    name
}

/// The name of a code, else its number.
fn named_media(code: u64) -> Cow<'static, str> {
    codes::content_type(code).map_or_else(|| Cow::Owned(format!("0x{code:02x}")), Cow::Borrowed)
}

/// How the value of a parameter is written.
#[derive(Clone, Copy, Debug)]
enum How {
    Quality,
    Charset,
    Version,
    Integer,
    Untyped,
    Text,
    FieldName,
    Nothing,
    Date,
    Media,
}

/// Parameters by code: the field of the value and how it is written.
static PARAMETERS: &[(&Field, How)] = &[
    (&QUALITY, How::Quality),
    (&CHARSET, How::Charset),
    (&LEVEL, How::Version),
    (&INT_TYPE, How::Integer),
    (&UNTYPED_TEXT, How::Untyped),
    (&NAME, How::Text),
    (&FILENAME, How::Text),
    (&DIFFERENCES, How::FieldName),
    (&PADDING, How::Integer),
    (&UPART_TYPE, How::Media),
    (&START, How::Text),
    (&START_INFO, How::Text),
    (&COMMENT, How::Text),
    (&DOMAIN, How::Text),
    (&MAX_AGE, How::Integer),
    (&PATH, How::Text),
    (&SECURE, How::Nothing),
    (&SEC, How::Integer),
    (&MAC, How::Text),
    (&DATE, How::Date),
    (&DATE, How::Date),
    (&DATE, How::Date),
    (&SIZE, How::Integer),
    (&NAME, How::Text),
    (&FILENAME, How::Text),
    (&START, How::Text),
    (&START_INFO, How::Text),
    (&COMMENT, How::Text),
    (&DOMAIN, How::Text),
    (&PATH, How::Text),
];

/// Reads a parameter; says `name=value`.
///
/// # Errors
/// It ends too early, or its name is no name.
pub fn parameter(r: &mut Reader<'_, '_>) -> Result<String, Stop> {
    let at = r.group(&PARAMETER, |r| {
        let (name, typed) = match shape(r.peek()) {
            Ok((_, (Shape::Short(_) | Shape::Sized([_, ..]), _))) => {
                let (code, said) = coded(r, &PARAMETER_TYPE, codes::parameter)?;
                let index = code.and_then(|code| usize::try_from(code).ok());
                (said.text(), index.and_then(|index| PARAMETERS.get(index)))
            }
            Ok((_, (Shape::Sized([]), _))) => {
                let group = r.open();
                return Err(r.stop_with(&VALUE, group, format_args!("octet 00 is no parameter name")));
            }
            _ => (String::from_utf8_lossy(read_text(r, &PARAMETER_NAME)?.value).into_owned(), None),
        };
        let (field, how) = typed.copied().unwrap_or((&UNTYPED_TEXT, How::Untyped));
        let value = parameter_value(r, field, how)?.text();
        Ok(if value.is_empty() { name } else { format!("{name}={value}") })
    })?;
    say(r, at.node, at.value.as_bytes());
    Ok(at.value)
}

fn parameter_value<'b>(r: &mut Reader<'_, 'b>, field: &'static Field, how: How) -> Result<Said<'b>, Stop> {
    let is_number = matches!(shape(r.peek()), Ok((_, (Shape::Short(_) | Shape::Sized([_, ..]), _))));
    match how {
        How::Quality => Ok(Said::Own(q_value(r)?)),
        How::Charset => charset(r),
        How::Version => versioned(r, field),
        How::Integer if is_number => integer(r, field),
        How::Date if is_number => date(r),
        How::Untyped if is_number => integer(r, &UNTYPED_INT),
        How::FieldName => field_name(r, field),
        How::Media => match short_integer(r.peek()) {
            Ok((_, code)) => {
                let at = r.take(field, short_integer)?;
                let text = named_media(code);
                say(r, at.node, text.as_bytes());
                Ok(Said::Own(text.into_owned()))
            }
            Err(_) => Ok(Said::Octets(read_text(r, field)?.value)),
        },
        How::Text | How::Nothing | How::Untyped if !is_number => {
            let at = read_text(r, field)?;
            let text = at.value.strip_prefix(b"\"").unwrap_or(at.value);
            say(r, at.node, text);
            Ok(Said::Octets(text))
        }
        _ => {
            let group = r.open();
            r.flag(&VALUE, group);
            element(r)
        }
    }
}

fn integer(r: &mut Reader<'_, '_>, field: &'static Field) -> Result<Said<'static>, Stop> {
    Ok(read_integer(r, field)?.map_or(Said::Nothing, |at| Said::Number(at.value)))
}
