//! Takes out of rows and names what must not leave the house: subscriber numbers, addresses, server identifiers, key labels.
//!
//! Each is replaced by a name of its own, the same wherever it occurs: made with a key, so that it cannot be guessed back. Digests and
//! vendor octets are left out: what they were made from could be tried. Must not know where rows go.

use crate::model::Visible;
use crate::verify::Tagger;

use super::row::{Cell, Row, columns};

/// Replaces. See the module's documentation.
#[derive(Debug)]
pub struct Redactor {
    tagger: Tagger,
}

/// Columns whose text is replaced, and what the replacement begins with.
const NAMED: [(&str, &str); 10] = [
    ("ip.src", "address"),
    ("ip.dst", "address"),
    ("ipv6.src", "address"),
    ("ipv6.dst", "address"),
    ("gsm_sms.tp-oa", "number"),
    ("gsm_sms.tp-da", "number"),
    ("smpp.source_addr", "number"),
    ("smpp.destination_addr", "number"),
    ("dmnoti.server_id", "server"),
    ("dmnoti.digest.key", "key"),
];

/// Columns that are left out.
const DROPPED: [&str; 2] = ["dmnoti.digest", "dmnoti.vendor"];

/// Digits in a row that may be a subscriber number or an IMSI.
const NUMBER_MIN: usize = 7;

impl Redactor {
    /// With this key: the same key gives the same names.
    pub fn new(key: &[u8]) -> Self {
        Self { tagger: Tagger::new(key) }
    }

    /// The key for what else is to be recognised again.
    pub const fn tagger(&self) -> &Tagger {
        &self.tagger
    }

    /// The name that stands for a text of this kind.
    pub fn name(&self, kind: &str, text: &str) -> Visible {
        // A number is the same with and without the sign of the international form.
        let text = if kind == "number" { text.trim_start_matches('+') } else { text };
        let tag = self.tagger.tag(&[kind.as_bytes(), text.as_bytes()]);
        Visible::from_parts(format!("{kind}-{:010x}", tag >> 24))
    }

    /// Replaces what a row must not show.
    pub fn row(&self, row: &mut Row) {
        for (column, cell) in columns().iter().zip(&mut row.cells) {
            if DROPPED.contains(&column.name) {
                *cell = Cell::None;
            } else if let Some((_, kind)) = NAMED.iter().find(|named| named.0 == column.name)
                && let Cell::Text(text) = cell
                && !text.as_str().is_empty()
            {
                *text = self.name(kind, text.as_str());
            }
        }
    }

    /// The name of a file: long numbers in it, but dates, and IPv4 addresses are replaced.
    pub fn file(&self, name: &Visible) -> Visible {
        let mut out = String::new();
        let mut rest = name.as_str();
        while !rest.is_empty() {
            let end = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
            let (before, from) = rest.split_at(end);
            out.push_str(before);
            let (run, after) = from.split_at(from.find(|c: char| !c.is_ascii_digit()).unwrap_or(from.len()));
            if let Some((address, after)) = address(from) {
                out.push_str(self.name("address", address).as_str());
                rest = after;
                continue;
            }
            if run.len() >= NUMBER_MIN && !is_date(run) {
                out.push_str(self.name("number", run).as_str());
            } else {
                out.push_str(run);
            }
            rest = after;
        }
        Visible::from_parts(out)
    }
}

/// An IPv4 address at the start of a text, and what follows.
fn address(text: &str) -> Option<(&str, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (run, _) = text.split_at(end);
    let mut parts = run.split('.');
    let four: Vec<&str> = parts.by_ref().take(4).collect();
    let length = four.iter().map(|part| part.len()).sum::<usize>() + 3;
    let fits = four.len() == 4 && four.iter().all(|part| part.parse::<u8>().is_ok());
    (fits && text.is_char_boundary(length)).then(|| text.split_at(length))
}

/// Whether digits are a date, with or without a time: 20260101, 202601011200, 20260101120000.
fn is_date(digits: &str) -> bool {
    let part = |from: usize, to: usize| digits.get(from..to).and_then(|part| part.parse::<u32>().ok());
    let within = |from, to, least, most| part(from, to).is_none_or(|number| (least..=most).contains(&number));
    matches!(digits.len(), 8 | 12 | 14)
        && part(0, 4).is_some_and(|year| (1990..2100).contains(&year))
        && within(4, 6, 1, 12)
        && within(6, 8, 1, 31)
        && within(8, 10, 0, 23)
        && within(10, 12, 0, 59)
        && within(12, 14, 0, 60)
}

#[cfg(test)]
mod tests {
    use super::{Cell, Redactor, Row};
    use crate::model::visible_str;
    use crate::report::row::columns;

    #[test]
    fn names_are_the_same_for_the_same_text_and_tell_nothing() {
        let one = Redactor::new(b"key");
        assert_eq!(one.name("number", "+491701234567"), one.name("number", "491701234567"));
        assert_ne!(one.name("number", "491701234567"), one.name("number", "491701234568"));
        assert_ne!(one.name("number", "1"), one.name("address", "1"));
        assert_ne!(one.name("number", "1"), Redactor::new(b"other").name("number", "1"));
        assert!(!one.name("number", "491701234567").as_str().contains("4567"));
    }

    #[test]
    fn rows_lose_what_must_not_leave() {
        let mut row = Row { cells: columns().iter().map(|_| Cell::Text(visible_str("secret"))).collect() };
        Redactor::new(b"key").row(&mut row);
        for name in ["ip.src", "ipv6.dst", "gsm_sms.tp-da", "smpp.source_addr", "dmnoti.server_id", "dmnoti.digest.key"]
        {
            assert!(!row.text(name).expect("a replacement").contains("secret"), "{name}");
        }
        assert_eq!(*row.get("dmnoti.digest"), Cell::None);
        assert_eq!(row.text("wsp.content_type"), Some("secret"));
    }

    #[test]
    fn file_names_keep_dates_and_lose_numbers_and_addresses() {
        let file = |name| Redactor::new(b"key").file(&visible_str(name)).into_string();
        assert_eq!(file("a/x_00001_20260101120000.pcapng"), "a/x_00001_20260101120000.pcapng");
        assert_eq!(file("20260101/1.pcap"), "20260101/1.pcap");
        let hidden = file("trace-491701234567-10.1.2.3.pcap");
        assert!(!hidden.contains("4917") && !hidden.contains("10.1.2.3"), "{hidden}");
        assert!(hidden.starts_with("trace-number-") && hidden.contains("-address-"), "{hidden}");
        assert!(!file("99991301.pcap").contains("99991301"));
        assert_eq!(file("ü1.2.3.x"), "ü1.2.3.x");
    }
}
