//! The secrets file: TOML with `[[server]]` tables.
//!
//! Errors name line and key and never show a value: the TOML parser's own messages quote the line, so only their place is
//! used. Strings the parser had to build are wiped. Must not know how keys are used.

use std::borrow::Cow;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, STANDARD_PAD_INDIFFERENT};
use base64::engine::{DecodePaddingMode, GeneralPurposeConfig};
use toml::de::{DeTable, DeValue};
use zeroize::{Zeroize as _, Zeroizing};

use super::keyring::{Entry, KeyError, Value, Written};
use super::secret::Secret;
use crate::model::Timestamp;

/// Keys of a `[[server]]` table.
pub(super) const KEYS: [&str; 9] =
    ["label", "id", "password", "nonce", "user", "secret", "auth-data", "valid-from", "valid-to"];

/// Base64 as field engineers paste it: either alphabet, padded or not.
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is wrong, before its place in the file is known as a line.
pub(super) struct Fault {
    at: usize,
    key: String,
    text: String,
}

impl Fault {
    fn new(at: usize, key: &str, text: impl Into<String>) -> Self {
        Self { at, key: key.to_owned(), text: text.into() }
    }
}

/// The line an octet of the text stands in, from 1.
fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    before.split(|&octet| octet == b'\n').count()
}

/// Reads the file.
pub(super) fn parse(text: &str, origin: &str) -> Result<Vec<Entry>, KeyError> {
    // A byte order mark is what some editors put first.
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let result = match DeTable::parse(body) {
        Ok(mut document) => {
            let result = entries(body, document.get_ref());
            for (_, value) in document.get_mut().iter_mut() {
                wipe(value.get_mut());
            }
            result
        }
        Err(error) => Err(syntax(body, error.span(), error.message())),
    };
    result.map_err(|fault| KeyError {
        origin: origin.to_owned(),
        line: line_of(body, fault.at),
        key: fault.key,
        text: fault.text,
    })
}

/// A place where the text is no TOML; the key is named where the line starts with a known one. The parser's own words are
/// only looked at: they may quote the text.
fn syntax(text: &str, span: Option<Range<usize>>, said: &str) -> Fault {
    let at = span.map_or(0, |span| span.start).min(text.len());
    let start = text
        .as_bytes()
        .get(..at)
        .map_or(0, |before| before.iter().rposition(|&octet| octet == b'\n').map_or(0, |newline| newline + 1));
    let line = text.get(start..).unwrap_or("").trim_start();
    let key =
        KEYS.into_iter().find(|key| line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with('=')));
    let causes = [
        ("duplicate key", "stands twice in this table"),
        ("must be quoted", "the value needs quotes: key = \"value\""),
        ("unclosed array table", "a table opens with [[server]], in double brackets"),
        ("unclosed array", "the list is not closed: ]"),
        ("unclosed", "a bracket is not closed"),
        ("comma", "values of a list are separated by commas"),
        ("escape", "a backslash in \"…\" starts an escape: write '…' to have it as it is"),
    ];
    let cause = causes.into_iter().find(|(word, _)| said.contains(word)).map(|(_, cause)| cause);
    let text =
        cause.unwrap_or("not valid TOML: a table opens with [[server]], a line is key = \"value\" with both quotes");
    Fault::new(at, key.unwrap_or(""), text)
}

/// Overwrites what the parser had to copy (strings with escapes).
fn wipe(value: &mut DeValue<'_>) {
    match value {
        DeValue::String(Cow::Owned(text)) => text.zeroize(),
        DeValue::Array(items) => items.iter_mut().for_each(|item| wipe(item.get_mut())),
        DeValue::Table(table) => table.iter_mut().for_each(|(_, item)| wipe(item.get_mut())),
        _ => {}
    }
}

fn entries(text: &str, document: &DeTable<'_>) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::new();
    let mut keys: Vec<_> = document.iter().collect();
    keys.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in keys {
        if key.get_ref() != "server" {
            return Err(unknown(
                key.get_ref(),
                key.span().start,
                &["server"],
                "a secrets file holds [[server]] tables only",
            ));
        }
        let DeValue::Array(tables) = value.get_ref() else {
            return Err(Fault::new(key.span().start, "server", "write [[server]], in double brackets"));
        };
        for table in tables {
            let DeValue::Table(fields) = table.get_ref() else {
                return Err(Fault::new(table.span().start, "server", "write [[server]], in double brackets"));
            };
            entries.push(entry(text, table.span().start, fields)?);
        }
    }
    Ok(entries)
}

/// An unknown key. It is shown only where it looks like a key: a secret may have slipped to the left of the `=`.
fn unknown(written: &str, at: usize, known: &[&str], otherwise: &str) -> Fault {
    let near = known.iter().min_by_key(|key| distance(written, key)).filter(|key| distance(written, key) <= 2);
    let harmless = written.len() <= 16
        && written.bytes().all(|octet| octet.is_ascii_lowercase() || octet == b'-' || octet == b'_');
    let shown = if near.is_some() || harmless { written } else { "" };
    match near {
        Some(near) => Fault::new(at, shown, format!("unknown key; did you mean {near}?")),
        None => Fault::new(at, shown, format!("unknown key; {otherwise}")),
    }
}

/// Edit distance, for near names.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(32).enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(usize::MAX)
}

fn entry(text: &str, start: usize, fields: &DeTable<'_>) -> Result<Entry, Fault> {
    let mut fields: Vec<_> = fields.iter().collect();
    fields.sort_by_key(|(key, _)| key.span().start);
    let mut entry = Entry::new("", None, line_of(text, start));
    let mut label = None;
    let mut id = None;
    let mut limit = start;
    for (key, value) in fields {
        let at = key.span().start;
        let name = key.get_ref().as_ref();
        let string = |value: &DeValue<'_>| match value {
            DeValue::String(text) => read(text).map_err(|why| Fault::new(at, name, why)),
            _ => Err(Fault::new(at, name, "needs a text in quotes")),
        };
        match (name, value.get_ref()) {
            ("label", DeValue::String(text)) => label = Some(text.to_string()),
            ("id", DeValue::String(text)) => {
                let octets = if text == "*" { None } else { Some(string(value.get_ref())?.octets.expose().to_vec()) };
                id = Some((text.to_string(), octets));
            }
            ("label" | "id", _) => return Err(Fault::new(at, name, "needs a text in quotes")),
            ("password", value) => entry.password = Some(string(value)?),
            ("user", value) => entry.user = Some(string(value)?),
            ("secret", value) => entry.secret = Some(string(value)?),
            ("auth-data", value) => entry.auth_data = Some(string(value)?),
            ("nonce", DeValue::Array(items)) => {
                for item in items {
                    let at = item.span().start;
                    let DeValue::String(text) = item.get_ref() else {
                        return Err(Fault::new(at, name, "needs a text in quotes, or a list of them"));
                    };
                    entry.nonces.push(read(text).map_err(|why| Fault::new(at, name, why))?);
                }
            }
            ("nonce", value @ DeValue::String(_)) => entry.nonces.push(string(value)?),
            ("nonce", _) => return Err(Fault::new(at, name, "needs a text in quotes, or a list of them")),
            ("valid-from", value) => entry.valid_from = Some(time(value).map_err(|why| Fault::new(at, name, why))?),
            ("valid-to", value) => {
                entry.valid_to = Some(time(value).map_err(|why| Fault::new(at, name, why))?);
                limit = at;
            }
            _ => return Err(unknown(name, at, &KEYS, &format!("known are {}", KEYS.join(", ")))),
        }
    }
    let Some((written, id)) = id else {
        return Err(Fault::new(
            start,
            "id",
            "this entry has none: give the server identifier, or \"*\" for every server",
        ));
    };
    if entry.password.is_none() && entry.secret.is_none() {
        return Err(Fault::new(start, "password", "this entry has neither password (1.2) nor secret (2.0)"));
    }
    if let (Some(from), Some(to)) = (entry.valid_from, entry.valid_to)
        && from > to
    {
        return Err(Fault::new(limit, "valid-to", "lies before valid-from"));
    }
    entry.label = label.filter(|label| !label.is_empty()).unwrap_or(written).into();
    entry.id = id;
    Ok(entry)
}

/// A point in time with its zone.
fn time(value: &DeValue<'_>) -> Result<Timestamp, &'static str> {
    const WANTED: &str = "needs a time with its zone and without quotes, as 2026-01-01T00:00:00Z";
    let DeValue::Datetime(time) = value else { return Err(WANTED) };
    let parsed = time.to_string().parse::<jiff::Timestamp>().ok().ok_or(WANTED)?;
    i64::try_from(parsed.as_nanosecond()).ok().map(Timestamp::from_nanos).ok_or("lies beyond the years 1677 to 2262")
}

/// A value: plain text, or with a prefix `text:`, `hex:` or `b64:`.
pub(super) fn read(text: &str) -> Result<Value, &'static str> {
    let (written, literal) = [(Written::Text, "text:"), (Written::Hex, "hex:"), (Written::B64, "b64:")]
        .into_iter()
        .find_map(|(written, prefix)| Some((written, text.strip_prefix(prefix)?)))
        .unwrap_or((Written::Plain, text));
    let octets = match written {
        Written::Plain | Written::Text => Zeroizing::new(literal.as_bytes().to_vec()),
        Written::Hex => hex(literal.as_bytes()).ok_or("after hex: an even number of hex digits is expected")?,
        Written::B64 => b64(literal.as_bytes()).ok_or("after b64: base64 is expected")?,
    };
    Ok(Value { octets: Secret::own(octets), literal: Secret::new(literal.as_bytes()), written })
}

/// Hex digits in pairs; blanks and colons between them are skipped.
pub(super) fn hex(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut out = Zeroizing::new(Vec::with_capacity(text.len() / 2));
    let mut high = None;
    for &octet in text.iter().filter(|octet| !matches!(octet, b' ' | b':' | b'\t')) {
        let digit = u8::try_from(char::from(octet).to_digit(16)?).ok()?;
        match high.take() {
            None => high = Some(digit),
            Some(high) => out.push(high << 4 | digit),
        }
    }
    if high.is_some() { None } else { Some(out) }
}

/// Base64 of either alphabet, padded or not.
pub(super) fn b64(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    STANDARD_PAD_INDIFFERENT.decode(text).or_else(|_| URL_SAFE.decode(text)).ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::{distance, parse};

    fn error(text: &str) -> String {
        match parse(text, "f") {
            Ok(_) => "no error".to_owned(),
            Err(error) => error.to_string(),
        }
    }

    const HEAD: &str = "[[server]]\nid = \"a\"\n";

    #[test]
    fn errors_name_line_and_key_and_never_a_value() {
        let cases = [
            (format!("{HEAD}password = \"hex:HUSH\""), "f:3: password: after hex:"),
            (format!("{HEAD}password = \"hex:abc\""), "f:3: password: after hex:"),
            (format!("{HEAD}nonce = [\"b64:AQ==\",\n \"b64:HUSH!\"]"), "f:4: nonce: after b64:"),
            (format!("{HEAD}pasword = \"HUSH\""), "f:3: pasword: unknown key; did you mean password?"),
            (format!("{HEAD}HUSH99 = \"x\""), "f:3: unknown key; known are label, id"),
            (format!("{HEAD}password = HUSH"), "f:3: password: the value needs quotes"),
            (format!("{HEAD}password = \"HUSH"), "f:3: password: not valid TOML"),
            (format!("{HEAD}password = \"HUSH\"\npassword = \"HUSH\""), "f:4: password: stands twice"),
            (format!("{HEAD}password = 12345678"), "f:3: password: needs a text in quotes"),
            (format!("{HEAD}nonce = [1]"), "f:3: nonce: needs a text"),
            (
                format!("{HEAD}password = \"HUSH\"\nvalid-from = 2026-01-01"),
                "f:4: valid-from: needs a time with its zone",
            ),
            (format!("{HEAD}password = \"HUSH\"\nvalid-from = \"2026\""), "f:4: valid-from: needs a time"),
            (HEAD.to_owned(), "f:1: password: this entry has neither"),
            ("\n[[server]]\npassword = \"HUSH\"".to_owned(), "f:2: id: this entry has none"),
            ("[server]\nid = \"a\"".to_owned(), "f:1: server: write [[server]]"),
            ("servers = 1".to_owned(), "f:1: servers: unknown key; did you mean server?"),
            ("id:HUSH:nonce".to_owned(), "f:1: not valid TOML"),
        ];
        for (text, start) in cases {
            let error = error(&text);
            assert!(error.starts_with(start), "{text:?} gives {error:?}");
            assert!(!error.contains("HUSH") && !error.contains("12345678"), "{error:?} shows the value");
        }
    }

    #[test]
    fn a_whole_file_is_read() {
        let entries = parse(
            "\u{feff}# keys\n[[server]]\nlabel = \"lab\"\nid = \"hex:61 62\"\npassword = \"p\\u0077\"\nnonce = [\"b64:AQIDBA==\", \
             \"hex:0102\", \"plain text\", \"b64:_-8\"]\nuser = \"u\"\nsecret = \"text:hex:00\"\nauth-data = \"d\"\n\
             valid-from = 2026-01-01T00:00:00Z\nvalid-to = 2026-12-31T00:00:00+01:00\n[[server]]\nid = \"*\"\npassword = \"\"\n",
            "f",
        );
        let entries = entries.unwrap_or_else(|error| panic!("{error}"));
        let [lab, all] = entries.as_slice() else { panic!("two entries") };
        assert_eq!(&*lab.label, "lab");
        assert_eq!(lab.id.as_deref(), Some(b"ab".as_slice()));
        assert_eq!(lab.password.as_ref().unwrap().octets.expose(), b"pw");
        let nonces: Vec<_> = lab.nonces.iter().map(|nonce| nonce.octets.expose()).collect();
        assert_eq!(nonces, [[1, 2, 3, 4].as_slice(), &[1, 2], b"plain text", &[0xff, 0xef]]);
        assert_eq!(lab.secret.as_ref().unwrap().octets.expose(), b"hex:00");
        assert_eq!(lab.valid_from.unwrap().parts().0, 1_767_225_600);
        assert_eq!(lab.valid_to.unwrap().parts().0, 1_798_671_600);
        assert_eq!(all.id, None);
        assert_eq!(&*all.label, "*");
        assert_eq!(all.line, 12);
    }

    #[test]
    fn edit_distance_counts_changes() {
        assert_eq!(distance("pasword", "password"), 1);
        assert_eq!(distance("", "id"), 2);
        assert_eq!(distance("nonse", "nonce"), 1);
    }
}
