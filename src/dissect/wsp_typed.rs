//! Values of WSP header fields by their form, media types and parameters.
//!
//! A value's end is known before it is read (its first octet tells), so nothing in it can lead beyond it. Must not know which
//! header fields there are, nor what a push needs.

use super::reader::{Reader, Stop};
use super::wsp_codes as codes;
use super::wsp_fields::{Form, Names, Tail};
use super::wsp_media::{media, parameter};
use super::wsp_values::{
    DATE, INTEGER, OCTETS, QUALITY, Shape, TEXT, TOKEN, quality, read_integer, read_length, read_text, read_uintvar,
    say, shape, short_integer, version,
};
use crate::model::spec::{OMNA, PUSH_OTA, WDP, WSP};
use crate::model::{Field, Group, Kind, Rule, Timestamp, Value};

/// A value does not have the form its field has.
pub static VALUE: Rule = Rule::warning("WSP-004", Group::Malformed)
    .cite(&WSP, "8.4.2")
    .text("a value does not have the form its field demands")
    .explain(
        "The value of a header field or parameter is of another type than the field has, or ends too early. It is shown as it is.",
        "A receiver ignores the field or drops the PDU.",
        "Look at the encoder of this field.",
    );

/// A code nobody registered.
pub static UNKNOWN_CODE: Rule = Rule::note("WSP-005", Group::Undecoded)
    .uncited("our tables end somewhere")
    .text("a code without a registered name")
    .explain(
        "The code of a media type, header field, parameter, character set or application id is in none of the tables.",
        "A receiver that does not know it either ignores the field, or the whole push.",
        "Compare the code with the registry; it may be private, or an encoding error.",
    );

/// Reserved bits of Push-Flag.
pub static PUSH_FLAG_RESERVED: Rule =
    Rule::warning("W-005", Group::Protocol).cite(&WSP, "8.4.2").text("Push-Flag uses reserved bits").explain(
        "Only the three lowest bits of Push-Flag have a meaning.",
        "A receiver may misread the flags it knows.",
        "Look at the encoder: text or a two-octet integer may have been cut to one octet.",
    );

/// A character set.
pub static CHARSET: Field = Field::uint("wsp.parameter.charset", "Character set")
    .cite(&WSP, "8.4.2")
    .lookup(codes::charset, codes::charsets)
    .about("IANA MIBenum.");
/// A character set as text.
pub static CHARSET_TEXT: Field = Field::text("wsp.parameter.charset_name", "Character set").cite(&WSP, "8.4.2");
/// Code of an application id.
pub static APPLICATION_ID: Field = Field::uint("wsp.application_id", "Application id")
    .cite(&OMNA, "application ids")
    .lookup(codes::application_id, codes::application_ids)
    .hex(2);
/// An application id as text.
pub static APPLICATION_TEXT: Field =
    Field::text("wsp.application_id.text", "Application id").cite(&OMNA, "application ids");
/// Bit 7 of a short integer.
pub static SHORT_MARK: Field = Field::bool("wsp.short_integer", "Short integer").cite(&WSP, "8.4.2");
/// Bits of Push-Flag without meaning.
pub static FLAG_RESERVED: Field = Field::uint("wsp.header.push_flag.reserved", "Reserved").cite(&PUSH_OTA, "6").hex(1);
/// Last push.
pub static FLAG_LAST: Field = Field::bool("wsp.header.push_flag.last", "Last push message").cite(&PUSH_OTA, "6");
/// Content is trusted.
pub static FLAG_TRUSTED: Field = Field::bool("wsp.header.push_flag.trusted", "Content is trusted").cite(&PUSH_OTA, "6");
/// Initiator is authenticated.
pub static FLAG_AUTHENTICATED: Field =
    Field::bool("wsp.header.push_flag.authenticated", "Initiator URI is authenticated").cite(&PUSH_OTA, "6");
/// Version.
pub static VERSION: Field = Field::text("wsp.value.version", "Version").cite(&WSP, "8.4.2");
/// Code page.
pub static PAGE: Field = Field::uint("wsp.value.code_page", "Code page").cite(&WSP, "8.4.2");
/// Scheme of credentials.
pub static SCHEME: Field = Field::text("wsp.header.authorization.scheme", "Authorization scheme").cite(&WSP, "8.4.2");
/// User.
pub static USER: Field = Field::text("wsp.header.authorization.user_id", "User").cite(&WSP, "8.4.2");
/// The password.
pub static PASSWORD: Field =
    Field::text("wsp.header.authorization.password", "Password").cite(&WSP, "8.4.2").about("The password, in clear.");
/// Scheme of credentials for a proxy.
pub static PROXY_SCHEME: Field =
    Field::text("wsp.header.proxy_authorization.scheme", "Authorization scheme").cite(&WSP, "8.4.2");
/// User of a proxy.
pub static PROXY_USER: Field = Field::text("wsp.header.proxy_authorization.user_id", "User").cite(&WSP, "8.4.2");
/// The password for a proxy.
pub static PROXY_PASSWORD: Field = Field::text("wsp.header.proxy_authorization.password", "Password")
    .cite(&WSP, "8.4.2")
    .about("The password, in clear.");
/// Scheme of a challenge.
pub static ASK_SCHEME: Field =
    Field::text("wsp.header.www_authenticate.scheme", "Authentication scheme").cite(&WSP, "8.4.2");
/// Realm of a challenge.
pub static REALM: Field = Field::text("wsp.header.www_authenticate.realm", "Authentication realm").cite(&WSP, "8.4.2");
/// Scheme of a proxy's challenge.
pub static PROXY_ASK_SCHEME: Field =
    Field::text("wsp.header.proxy_authenticate.scheme", "Authentication scheme").cite(&WSP, "8.4.2");
/// Realm of a proxy's challenge.
pub static PROXY_REALM: Field =
    Field::text("wsp.header.proxy_authenticate.realm", "Authentication realm").cite(&WSP, "8.4.2");
/// First octet of a part of the whole.
pub static PART_FIRST: Field =
    Field::uint("wsp.header.content_range.first_byte_pos", "First octet").cite(&WSP, "8.4.2");
/// First octet.
pub static FIRST_BYTE: Field = Field::uint("wsp.header.range.first_byte_pos", "First octet").cite(&WSP, "8.4.2");
/// Last octet.
pub static LAST_BYTE: Field = Field::uint("wsp.header.range.last_byte_pos", "Last octet").cite(&WSP, "8.4.2");
/// Suffix length.
pub static SUFFIX: Field = Field::uint("wsp.header.range.suffix_length", "Suffix length").cite(&WSP, "8.4.2");
/// Length of the whole.
pub static ENTITY: Field =
    Field::uint("wsp.header.content_range.entity_length", "Length of the whole").cite(&WSP, "8.4.2");
/// Field name.
pub static HEADER_NAME: Field = Field::text("wsp.value.field_name", "Field name").cite(&WSP, "8.4.2");
/// Method.
pub static METHOD: Field =
    Field::uint("wsp.value.method", "Method").cite(&WSP, "8.4.2").lookup(codes::pdu_type, codes::pdu_types).hex(2);
/// A bearer.
pub static BEARER: Field =
    Field::uint("wsp.value.bearer", "Bearer").cite(&WDP, "5").lookup(codes::bearer, codes::bearers).hex(2);

/// What a value says, for its group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said<'b> {
    /// Nothing that fits one value.
    Nothing,
    /// A number.
    Number(u64),
    /// Octets of the buffer.
    Octets(&'b [u8]),
    /// A word of a table.
    Word(&'static str),
    /// Something put together.
    Own(String),
}

impl Said<'_> {
    /// As the value of a node of this kind; [`Value::None`] where it does not fit.
    pub fn value(&self, r: &mut Reader<'_, '_>, kind: Kind) -> Value {
        match (kind, self.number()) {
            (Kind::Uint, Some(number)) => return Value::Uint(number),
            (Kind::Time, Some(secs)) => return time(secs),
            (Kind::Duration, Some(secs)) => {
                return Value::Duration(crate::model::Duration::from_secs(i64::try_from(secs).unwrap_or(i64::MAX)));
            }
            _ => {}
        }
        match (kind, self) {
            (Kind::Text | Kind::Bytes, Self::Octets(octets)) => r.scratch_bytes(octets),
            (Kind::Text, Self::Number(number)) => r.scratch_bytes(number.to_string().as_bytes()),
            (Kind::Text, Self::Word(word)) => r.scratch_bytes(word.as_bytes()),
            (Kind::Text, Self::Own(text)) => r.scratch_bytes(text.as_bytes()),
            _ => Value::None,
        }
    }

    /// The number it is, also where text holds digits.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Octets(text) if text.iter().all(u8::is_ascii_digit) => std::str::from_utf8(text).ok()?.parse().ok(),
            _ => None,
        }
    }

    /// As text; octets that are no text are shown with replacement characters.
    pub fn text(&self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Number(number) => number.to_string(),
            Self::Octets(octets) => String::from_utf8_lossy(octets).into_owned(),
            Self::Word(word) => (*word).to_owned(),
            Self::Own(text) => text.clone(),
        }
    }
}

fn time(secs: u64) -> Value {
    Value::Time(Timestamp::from_secs(i64::try_from(secs).unwrap_or(i64::MAX), 0))
}

/// Reads the value of a header field, which fills the current part. The group of the field is open.
///
/// # Errors
/// The value ends too early.
pub fn value<'b>(r: &mut Reader<'_, 'b>, form: Form, value: Shape<'b>) -> Result<Said<'b>, Stop> {
    match (form, value) {
        (Form::Media, Shape::Short(_) | Shape::Sized([_, ..]) | Shape::Text(_)) => {
            Ok(Said::Own(media(r)?.said.into_owned()))
        }
        (Form::Number | Form::Seconds, Shape::Short(_) | Shape::Sized([_, ..])) => {
            Ok(read_integer(r, &INTEGER)?.map_or(Said::Nothing, |at| Said::Number(at.value)))
        }
        (Form::Date | Form::TextOrDate, Shape::Short(_) | Shape::Sized([_, ..])) => date(r),
        (Form::Bearer, Shape::Short(_) | Shape::Sized([_, ..])) => {
            coded(r, &BEARER, codes::bearer).map(|said| match said {
                (Some(code), _) => Said::Number(code),
                (None, said) => said,
            })
        }
        (Form::Application, Shape::Short(_) | Shape::Sized([_, ..])) => {
            Ok(coded(r, &APPLICATION_ID, codes::application_id)?.1)
        }
        (Form::Application, Shape::Text(_)) => Ok(Said::Octets(read_text(r, &APPLICATION_TEXT)?.value)),
        (Form::Method, Shape::Short(_)) => Ok(coded(r, &METHOD, codes::pdu_type)?.1),
        (Form::FieldName, Shape::Short(_)) => field_name(r, &HEADER_NAME),
        (Form::Charset, Shape::Short(_)) => Ok(coded(r, &CHARSET, codes::charset)?.1),
        (Form::Named(names, _), Shape::Short(_)) => named(r, names),
        (Form::Flags, Shape::Short(code)) => flags(r, code),
        (Form::Version, Shape::Short(code)) => version_octet(r, code),
        (Form::Octets, Shape::Sized([_, ..])) => {
            read_length(r)?;
            let n = r.left();
            Ok(Said::Octets(r.bytes(&OCTETS, n)?.value))
        }
        (_, Shape::Sized([_, ..])) => structured(r, form),
        (Form::Flags, Shape::Text(text)) => {
            let at = read_text(r, &TEXT)?;
            if Said::Octets(text).number().is_some_and(|flags| flags & !7 != 0) {
                r.flag(&PUSH_FLAG_RESERVED, at.node);
            }
            Ok(Said::Octets(text))
        }
        (_, Shape::Text(text)) => {
            read_text(r, &TEXT)?;
            Ok(Said::Octets(text))
        }
        (Form::Elements | Form::Text, Shape::Sized([])) => element(r),
        _ => {
            let group = r.open();
            r.flag(&VALUE, group);
            element(r)
        }
    }
}

/// Reads a structured value: its length, then what its form has.
fn structured<'b>(r: &mut Reader<'_, 'b>, form: Form) -> Result<Said<'b>, Stop> {
    read_length(r)?;
    match form {
        Form::Named(names, tail) => {
            let mut text = match (names, tail, shape(r.peek())) {
                // Pragma: a parameter and nothing before it.
                ([(0, "no-cache")], ..) => String::new(),
                (_, _, Ok((_, (Shape::Short(_), _)))) => named(r, names)?.text(),
                (_, _, Ok((_, (Shape::Sized([_, ..]), _)))) => {
                    read_integer(r, &INTEGER)?.map_or_else(String::new, |at| at.value.to_string())
                }
                _ => String::from_utf8_lossy(read_text(r, &TEXT)?.value).into_owned(),
            };
            rest(r, tail, &mut text)?;
            Ok(Said::Own(text))
        }
        Form::Charset => {
            let mut text = charset(r)?.text();
            rest(r, Tail::Quality, &mut text)?;
            Ok(Said::Own(text))
        }
        Form::Credentials => credentials(r, &SCHEME, &USER, &PASSWORD),
        Form::ProxyCredentials => credentials(r, &PROXY_SCHEME, &PROXY_USER, &PROXY_PASSWORD),
        Form::Challenge => challenge(r, &ASK_SCHEME, &REALM),
        Form::ProxyChallenge => challenge(r, &PROXY_ASK_SCHEME, &PROXY_REALM),
        Form::Version => {
            let page = r.take(&PAGE, short_integer)?;
            let mut text = format!("page {}", page.value);
            if r.left() > 0 {
                text.push(' ');
                text.push_str(&versioned(r, &VERSION)?.text());
            }
            Ok(Said::Own(text))
        }
        Form::ContentRange => {
            let first = read_uintvar(r, &PART_FIRST)?.value;
            if r.peek().first() == Some(&0x80) {
                let at = r.u8(&TOKEN)?;
                say(r, at.node, b"*");
                return Ok(Said::Own(format!("{first}-/*")));
            }
            Ok(Said::Own(format!("{first}-/{}", read_uintvar(r, &ENTITY)?.value)))
        }
        Form::Range => range(r),
        Form::RetryAfter => {
            let kind = r.take(&INTEGER, short_integer)?;
            if kind.value == 0 {
                let at = read_integer(r, &DATE)?;
                if let Some(at) = at {
                    r.set_value(at.node, time(at.value));
                }
                return Ok(at.map_or(Said::Nothing, |at| Said::Number(at.value)));
            }
            Ok(read_integer(r, &INTEGER)?.map_or(Said::Nothing, |at| Said::Number(at.value)))
        }
        Form::Elements => {
            let mut text = String::new();
            rest(r, Tail::Elements, &mut text)?;
            Ok(Said::Own(text))
        }
        // A long integer or structure where only one octet or text is allowed: shown, and said.
        _ => {
            let group = r.open();
            r.flag(&VALUE, group);
            let n = r.left();
            Ok(Said::Octets(r.bytes(&OCTETS, n)?.value))
        }
    }
}

/// Reads what follows the first element of a structured value.
pub(super) fn rest(r: &mut Reader<'_, '_>, tail: Tail, text: &mut String) -> Result<(), Stop> {
    while r.left() > 0 {
        let more = match tail {
            Tail::Nothing => return Ok(()),
            Tail::Quality => format!("q={}", q_value(r)?),
            Tail::Parameters => parameter(r)?,
            Tail::Elements => element(r)?.text(),
        };
        if !text.is_empty() {
            text.push_str("; ");
        }
        text.push_str(&more);
    }
    Ok(())
}

/// Reads any value by its first octet.
///
/// # Errors
/// It ends too early.
pub fn element<'b>(r: &mut Reader<'_, 'b>) -> Result<Said<'b>, Stop> {
    match shape(r.peek()) {
        Ok((_, (Shape::Short(code), _))) => {
            r.take(&INTEGER, short_integer)?;
            Ok(Said::Number(code))
        }
        Ok((_, (Shape::Sized(octets), _))) => {
            read_length(r)?;
            if !octets.is_empty() {
                r.bytes(&OCTETS, octets.len())?;
            }
            Ok(Said::Nothing)
        }
        _ => Ok(Said::Octets(read_text(r, &TEXT)?.value)),
    }
}

/// Reads an integer of a registry, and says when it has no name.
pub(super) fn coded(
    r: &mut Reader<'_, '_>,
    field: &'static Field,
    find: fn(u64) -> Option<&'static str>,
) -> Result<(Option<u64>, Said<'static>), Stop> {
    let Some(at) = read_integer(r, field)? else { return Ok((None, Said::Nothing)) };
    let said = find(at.value).map_or_else(
        || {
            r.flag(&UNKNOWN_CODE, at.node);
            Said::Own(format!("0x{:02x}", at.value))
        },
        Said::Word,
    );
    Ok((Some(at.value), said))
}

/// Reads one octet that stands for a word.
fn named(r: &mut Reader<'_, '_>, names: Names) -> Result<Said<'static>, Stop> {
    let code = short_integer(r.peek()).map_or(0, |found| found.1);
    let Some(word) = codes::find(names, code) else {
        let at = r.take(&INTEGER, short_integer)?;
        // A language is a code of a long table that is not ours; it is shown as its number.
        return Ok(Said::Number(at.value));
    };
    let at = r.take(&TOKEN, short_integer)?;
    say(r, at.node, word.as_bytes());
    Ok(Said::Word(word))
}

pub(super) fn field_name<'b>(r: &mut Reader<'_, 'b>, field: &'static Field) -> Result<Said<'b>, Stop> {
    let Ok((_, code)) = short_integer(r.peek()) else { return Ok(Said::Octets(read_text(r, field)?.value)) };
    let at = r.take(field, short_integer)?;
    let said = codes::header_field(code).map_or_else(|| Said::Own(format!("0x{code:02x}")), Said::Word);
    let value = said.value(r, Kind::Text);
    r.set_value(at.node, value);
    Ok(said)
}

pub(super) fn date(r: &mut Reader<'_, '_>) -> Result<Said<'static>, Stop> {
    let Some(at) = read_integer(r, &DATE)? else { return Ok(Said::Nothing) };
    r.set_value(at.node, time(at.value));
    Ok(Said::Number(at.value))
}

pub(super) fn q_value(r: &mut Reader<'_, '_>) -> Result<String, Stop> {
    let at = read_uintvar(r, &QUALITY)?;
    let text = quality(at.value).unwrap_or_else(|| {
        r.flag(&VALUE, at.node);
        at.value.to_string()
    });
    say(r, at.node, text.as_bytes());
    Ok(text)
}

fn flags(r: &mut Reader<'_, '_>, code: u64) -> Result<Said<'static>, Stop> {
    r.bit(&SHORT_MARK)?;
    let reserved = r.bits(&FLAG_RESERVED, 4)?;
    if reserved.value != 0 {
        r.flag_with(&PUSH_FLAG_RESERVED, reserved.node, format_args!("flags 0x{code:02x}"));
    }
    r.bit(&FLAG_LAST)?;
    r.bit(&FLAG_TRUSTED)?;
    r.bit(&FLAG_AUTHENTICATED)?;
    Ok(Said::Number(code))
}

fn version_octet(r: &mut Reader<'_, '_>, code: u64) -> Result<Said<'static>, Stop> {
    let at = r.take(&VERSION, short_integer)?;
    let text = version(code);
    say(r, at.node, text.as_bytes());
    Ok(Said::Own(text))
}

pub(super) fn versioned<'b>(r: &mut Reader<'_, 'b>, field: &'static Field) -> Result<Said<'b>, Stop> {
    match short_integer(r.peek()) {
        Ok((_, code)) => {
            let at = r.take(field, short_integer)?;
            let text = version(code);
            say(r, at.node, text.as_bytes());
            Ok(Said::Own(text))
        }
        Err(_) => Ok(Said::Octets(read_text(r, field)?.value)),
    }
}

fn range(r: &mut Reader<'_, '_>) -> Result<Said<'static>, Stop> {
    let kind = r.take(&INTEGER, short_integer)?;
    if kind.value == 1 {
        return Ok(Said::Own(format!("-{}", read_uintvar(r, &SUFFIX)?.value)));
    }
    let first = read_uintvar(r, &FIRST_BYTE)?.value;
    if r.left() == 0 {
        return Ok(Said::Own(format!("{first}-")));
    }
    Ok(Said::Own(format!("{first}-{}", read_uintvar(r, &LAST_BYTE)?.value)))
}

/// Reads the scheme: an octet for Basic, or text.
fn scheme(r: &mut Reader<'_, '_>, field: &'static Field) -> Result<(bool, String), Stop> {
    if r.peek().first() == Some(&0x80) {
        let at = r.u8(field)?;
        say(r, at.node, b"basic");
        return Ok((true, "basic".to_owned()));
    }
    let text = read_text(r, field)?.value;
    Ok((false, String::from_utf8_lossy(text).into_owned()))
}

/// Reads credentials. What the group says leaves the password out.
fn credentials(
    r: &mut Reader<'_, '_>,
    by: &'static Field,
    user: &'static Field,
    password: &'static Field,
) -> Result<Said<'static>, Stop> {
    let (basic, mut text) = scheme(r, by)?;
    if basic {
        let name = read_text(r, user)?;
        read_text(r, password)?;
        return Ok(Said::Own(format!("{text}; user-id={}", String::from_utf8_lossy(name.value))));
    }
    rest(r, Tail::Parameters, &mut text)?;
    Ok(Said::Own(text))
}

/// Reads a challenge.
fn challenge(r: &mut Reader<'_, '_>, by: &'static Field, realm: &'static Field) -> Result<Said<'static>, Stop> {
    let (_, mut text) = scheme(r, by)?;
    let realm = read_text(r, realm)?;
    text.push_str("; realm=");
    text.push_str(&String::from_utf8_lossy(realm.value));
    rest(r, Tail::Parameters, &mut text)?;
    Ok(Said::Own(text))
}

pub(super) fn charset<'b>(r: &mut Reader<'_, 'b>) -> Result<Said<'b>, Stop> {
    match shape(r.peek()) {
        Ok((_, (Shape::Short(_) | Shape::Sized([_, ..]), _))) => Ok(coded(r, &CHARSET, codes::charset)?.1),
        _ => Ok(Said::Octets(read_text(r, &CHARSET_TEXT)?.value)),
    }
}
