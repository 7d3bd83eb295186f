//! What was reported before: one line per capture or archive, with all that was counted in it.
//!
//! A line is whole or it does not count: whoever was killed while writing leaves the lines before. Must not know files.

use serde::{Deserialize, Serialize};

use super::summary::Summary;

/// Version of the lines' shape.
const VERSION: u32 = 1;

/// The first line: under which conditions the others hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    pushscope_state: u32,
    /// Of program, options and keys: another one makes all lines useless.
    made_with: String,
}

/// An item as it was when it was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its name, not redacted: the state is not to be given away.
    pub name: String,
    /// Octets of the file.
    pub octets: u64,
    /// When it was changed, in nanoseconds since 1970.
    pub modified: Option<i64>,
    /// Hash of its content.
    pub content: String,
}

/// A line: an item and what was counted in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// The item.
    pub item: Known,
    /// What it held.
    pub summary: Summary,
}

/// The first line.
///
/// # Errors
/// It cannot be written as JSON: a fault of ours.
pub fn head(made_with: &str) -> serde_json::Result<String> {
    let head = Head { pushscope_state: VERSION, made_with: made_with.to_owned() };
    serde_json::to_string(&head).map(|line| line + "\n")
}

/// Whether a first line says that the others hold under these conditions.
pub fn holds(line: &[u8], made_with: &str) -> bool {
    serde_json::from_slice::<Head>(line)
        .is_ok_and(|head| head.pushscope_state == VERSION && head.made_with == made_with)
}

impl Line {
    /// As a line of the file.
    ///
    /// # Errors
    /// It cannot be written as JSON: a fault of ours.
    pub fn text(&self) -> serde_json::Result<String> {
        serde_json::to_string(self).map(|line| line + "\n")
    }

    /// A line of the file; `None` where it is damaged or cut off.
    pub fn parse(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line.strip_suffix(b"\n")?).ok()
    }
}

/// What is to be done with an item that was reported before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Same {
    /// It is the same.
    Yes,
    /// It is another one.
    No,
    /// Only its content can tell.
    Compare,
}

impl Known {
    /// Compares it with the item as it is now; `verify`: time and size are no proof.
    pub fn same(&self, octets: u64, modified: Option<i64>, verify: bool) -> Same {
        match (self.octets == octets, modified.is_some() && self.modified == modified) {
            (false, _) => Same::No,
            (true, true) if !verify => Same::Yes,
            (true, _) => Same::Compare,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, Line, Same, head, holds};

    #[test]
    fn size_and_time_tell_and_content_decides_where_they_do_not() {
        let known = Known { octets: 10, modified: Some(5), ..Known::default() };
        assert_eq!(known.same(10, Some(5), false), Same::Yes);
        assert_eq!(known.same(10, Some(5), true), Same::Compare);
        assert_eq!(known.same(10, Some(6), false), Same::Compare);
        assert_eq!(known.same(10, None, false), Same::Compare);
        assert_eq!(known.same(11, Some(5), false), Same::No);
        let timeless = Known { modified: None, ..known };
        assert_eq!(timeless.same(10, None, false), Same::Compare);
    }

    #[test]
    fn only_whole_lines_under_the_same_conditions_count() {
        let first = head("abc").expect("a line");
        assert!(holds(first.as_bytes(), "abc") && !holds(first.as_bytes(), "abd") && !holds(b"{}", "abc"));
        let line = Line { item: Known { name: "x".to_owned(), ..Known::default() }, ..Line::default() };
        let text = line.text().expect("a line");
        assert_eq!(Line::parse(text.as_bytes()), Some(line));
        for cut in 0..text.len() {
            assert_eq!(Line::parse(&text.as_bytes()[..cut]), None, "{cut}");
        }
    }
}
