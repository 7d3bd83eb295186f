//! One-line forms of keys, as they are kept in notes and spreadsheets.
//!
//! `id:password`, `id:password:nonce` (the nonce is what follows the last colon; values may carry a prefix `hex:`, `b64:`,
//! `text:`), or a CSV table (`,`, `;` or tab) whose columns are id, password, nonce, or as its header names them. Blank lines
//! and lines that start with `#` are skipped. Errors name the line, never a value. Must not know how keys are used.

use zeroize::Zeroizing;

use super::keyfile::{KEYS, read};
use super::keyring::{Entry, KeyError};

/// Prefixes of values: a colon behind one separates nothing.
const PREFIXES: [&str; 3] = ["hex", "b64", "text"];

/// The columns without a header.
const COLUMNS: [&str; 3] = ["id", "password", "nonce"];

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
}

/// Whether a text is in a one-line form: no line opens a table, and the first one is no assignment.
pub(super) fn looks_like(text: &str) -> bool {
    let Some((_, first)) = lines(text).next() else { return false };
    let table = lines(text).any(|(_, line)| line.trim_start().starts_with('['));
    let assignment = first.split_once('=').is_some_and(|(key, _)| KEYS.contains(&key.trim()));
    !table && !assignment && (first.contains(':') || separator(first).is_some())
}

/// The separator of a CSV table, judged by its first line; `None` for the colon form.
fn separator(first: &str) -> Option<char> {
    let found = [',', ';', '\t'].into_iter().filter_map(|candidate| Some((first.find(candidate)?, candidate))).min();
    let (at, found) = found?;
    // A colon before it that separates means that it is part of a password.
    (split_colons(first.get(..at)?).len() == 1).then_some(found)
}

/// Reads the lines.
pub(super) fn parse(text: &str, origin: &str) -> Result<Vec<Entry>, KeyError> {
    let separator = lines(text).next().and_then(|(_, first)| separator(first));
    let mut columns: Vec<&str> = COLUMNS.to_vec();
    let mut entries = Vec::new();
    for (number, (line, written)) in lines(text).enumerate() {
        let fault = |key: &str, text: &str| KeyError {
            origin: origin.to_owned(),
            line,
            key: key.to_owned(),
            text: text.to_owned(),
        };
        let cells = match separator {
            Some(separator) => split_csv(written, separator).ok_or_else(|| fault("", "a quote is not closed"))?,
            None => split_colons(written),
        };
        if number == 0 && separator.is_some() {
            let names: Vec<_> =
                cells.iter().map(|cell| KEYS.into_iter().find(|key| cell.trim().eq_ignore_ascii_case(key))).collect();
            if names.contains(&Some("id")) {
                columns = names.into_iter().map(|name| name.unwrap_or("")).collect();
                continue;
            }
        }
        if cells.len() > columns.len() {
            return Err(fault("", "more values than columns: id, password, nonce are expected"));
        }
        entries.push(entry(line, &columns, &cells).map_err(|(key, why)| fault(key, why))?);
    }
    Ok(entries)
}

fn entry<'c>(line: usize, columns: &[&'c str], cells: &[Zeroizing<String>]) -> Result<Entry, (&'c str, &'static str)> {
    let mut entry = Entry::new("", None, line);
    let mut label = "";
    let mut named = false;
    for (&column, cell) in columns.iter().zip(cells) {
        // A missing cell and an empty one say the same, except for the password: it may be empty.
        if cell.is_empty() && column != "password" {
            continue;
        }
        let value = || read(cell).map_err(|why| (column, why));
        match column {
            "id" => {
                named = true;
                if cell.as_str() != "*" {
                    entry.id = Some(value()?.octets.expose().to_vec());
                }
                if label.is_empty() {
                    label = cell;
                }
            }
            "label" => label = cell,
            "password" => entry.password = Some(value()?),
            "nonce" => entry.nonces.push(value()?),
            "user" => entry.user = Some(value()?),
            "secret" => entry.secret = Some(value()?),
            "auth-data" => entry.auth_data = Some(value()?),
            "valid-from" | "valid-to" => {
                let time =
                    cell.parse::<jiff::Timestamp>().ok().and_then(|time| i64::try_from(time.as_nanosecond()).ok());
                let time = time.map(crate::model::Timestamp::from_nanos);
                let time = Some(time.ok_or((column, "needs a time with its zone, as 2026-01-01T00:00:00Z"))?);
                if column == "valid-from" { entry.valid_from = time } else { entry.valid_to = time }
            }
            _ => {}
        }
    }
    // In a table for both versions an empty password cell beside a secret means none.
    if entry.secret.is_some() && entry.password.as_ref().is_some_and(|password| password.octets.expose().is_empty()) {
        entry.password = None;
    }
    if !named {
        return Err(("id", "the line has none; write id:password:nonce"));
    }
    if entry.password.is_none() && entry.secret.is_none() {
        return Err(("password", "the line has neither password nor secret; write id:password:nonce"));
    }
    entry.label = label.into();
    Ok(entry)
}

/// Cells of a line of CSV; `None` where a quote is not closed.
fn split_csv(line: &str, separator: char) -> Option<Vec<Zeroizing<String>>> {
    let mut cells = Vec::new();
    let mut cell = Zeroizing::new(String::with_capacity(line.len()));
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            c if c == separator && !quoted => {
                cells.push(std::mem::replace(&mut cell, Zeroizing::new(String::with_capacity(line.len()))));
            }
            c => cell.push(c),
        }
    }
    cells.push(cell);
    if quoted { None } else { Some(cells) }
}

/// The parts of `id:password:nonce`: the id ends at the first colon, the nonce starts after the last; prefixes stay with
/// their values.
fn split_colons(line: &str) -> Vec<Zeroizing<String>> {
    let mut parts: Vec<Zeroizing<String>> = Vec::new();
    let mut prefix = false;
    for part in line.trim_end_matches('\r').split(':') {
        if let Some(last) = parts.last_mut().filter(|_| prefix) {
            // Made in one piece: what grows leaves copies behind.
            let mut joined = Zeroizing::new(String::with_capacity(last.len() + 1 + part.len()));
            joined.push_str(last);
            joined.push(':');
            joined.push_str(part);
            *last = joined;
            prefix = false;
        } else {
            prefix = PREFIXES.contains(&part);
            parts.push(Zeroizing::new(part.to_owned()));
        }
    }
    if parts.len() > 3 {
        let nonce = parts.pop();
        let password = parts.split_off(1).iter().map(|part| part.as_str()).collect::<Vec<_>>().join(":");
        parts.push(Zeroizing::new(password));
        parts.extend(nonce);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::{looks_like, parse};

    fn check(text: &str, expected: &[(&str, &str, Option<&str>)]) {
        assert!(looks_like(text), "{text:?}");
        let entries = parse(text, "f").unwrap_or_else(|error| panic!("{text:?}: {error}"));
        assert_eq!(entries.len(), expected.len(), "{text:?}");
        for (entry, (id, password, nonce)) in entries.iter().zip(expected) {
            assert_eq!(entry.id.as_deref().unwrap_or(b"*"), id.as_bytes());
            assert_eq!(entry.password.as_ref().unwrap().octets.expose(), password.as_bytes());
            assert_eq!(entry.nonces.first().map(|n| n.octets.expose()), nonce.map(str::as_bytes));
        }
    }

    #[test]
    fn one_line_forms_are_read() {
        check("a.b:pw:nn\n# note\n\n*:pw\r\n", &[("a.b", "pw", Some("nn")), ("*", "pw", None)]);
        check("a:p:w:x:n\n", &[("a", "p:w:x", Some("n"))]);
        check("a:hex:7077:b64:bm4=\n", &[("a", "pw", Some("nn"))]);
        check("hex:61:text:p,w:n\n", &[("a", "p,w", Some("n"))]);
        check("a,pw,nn\nb,\"p\"\"w,\",\n", &[("a", "pw", Some("nn")), ("b", "p\"w,", None)]);
        check("nonce;Password;id;colour\nb64:bm4=;pw;a;red\n", &[("a", "pw", Some("nn"))]);
        check("a\tpw\n", &[("a", "pw", None)]);
        check("a::\n", &[("a", "", None)]);
    }

    #[test]
    fn toml_is_not_taken_for_a_line() {
        assert!(!looks_like("# a\n[[server]]\nid = \"a:b\"\n"));
        assert!(!looks_like("id = \"a:b\"\n"));
        assert!(!looks_like(""));
    }

    #[test]
    fn errors_name_the_line_and_no_value() {
        for (text, start) in [
            ("a:HUSH\nb:hex:HUSH\n", "f:2: password: after hex"),
            ("a,HUSH,n,x\n", "f:1: more values"),
            ("a,\"HUSH\n", "f:1: a quote"),
            ("id,label\na,HUSH\n", "f:2: password: the line has neither"),
            (":HUSH\n", "f:1: id: the line has none"),
        ] {
            let error = parse(text, "f").err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.starts_with(start), "{text:?} gives {error:?}");
            assert!(!error.contains("HUSH"), "{error:?}");
        }
    }
}
