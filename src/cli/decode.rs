//! `pushscope decode`: dissect octets pasted from a log.
//!
//! Finds the octets in the text (hex in its usual spellings, hex dumps, base64); what they are is for
//! [`crate::scan::recognise`] to say.

use std::io::Read;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use jiff::tz::TimeZone;

use super::args::DecodeArgs;
use super::read::{Printer, Style};
use super::{Outcome, say, setup};
use crate::capture::{Frame, LinkType};
use crate::output::clock::{Clock, TimeFormat};
use crate::scan::recognise::{Reading, recognise};
use crate::scan::{Engine, Options};

/// Most text that is looked at, in octets.
const TEXT_MAX: u64 = 4 << 20;

/// Runs the command.
///
/// # Errors
/// Nothing of ours is in the text; or a result could not be written.
pub(super) fn run(args: &DecodeArgs) -> Result<Outcome> {
    let text = if args.octets.len() == 1 && args.octets.first().is_some_and(|a| a == "-") {
        let mut octets = Vec::new();
        std::io::stdin().lock().take(TEXT_MAX).read_to_end(&mut octets).context("standard input")?;
        String::from_utf8_lossy(&octets).into_owned()
    } else {
        args.octets.join(" ")
    };
    let table = setup::table(&[])?;
    let mut best: Option<(Candidate, Reading, i64)> = None;
    for candidate in candidates(&text) {
        if let Some((reading, score)) = recognise(&table, &candidate.octets) {
            let score = score - candidate.doubt;
            if best.as_ref().is_none_or(|b| score > b.2) {
                best = Some((candidate, reading, score));
            }
        }
    }
    let Some((Candidate { octets, spelling, .. }, reading, _)) = best else {
        bail!("decode: {}", nothing(&text));
    };
    if !args.common.quiet {
        let holds = match reading.format {
            Some(format) if reading.claim == crate::dissect::Claim::Named("dmnoti") => format!(" {format}"),
            Some(format) => format!(" with Package #0 {format}"),
            None => String::new(),
        };
        let skipped = match reading.skip {
            0 => String::new(),
            1 => ", after 1 octet of something else".to_owned(),
            skip => format!(", after {skip} octets of something else"),
        };
        say(&format!("{} octets of {spelling}, recognised as {}{holds}{skipped}", octets.len(), reading.what));
    }
    let keys = setup::keys(&args.common)?;
    let style = Style {
        octets: args.dump,
        fields: &args.fields,
        separator: None,
        header: false,
        color: args.common.color.unwrap_or_default(),
        columns: None,
        rules: None,
    };
    let mut printer = Printer::with(args.output, style, Clock::new(TimeFormat::Relative, TimeZone::UTC))?;
    let mut engine = Engine::new(table, &keys, Options::default());
    let rest = octets.get(reading.skip..).unwrap_or(&[]);
    let frame = Frame::new(1, None, LinkType(147), rest);
    if printer.begin().is_continue() && engine.octets(&frame, reading.claim, &mut printer).is_continue() {
        let _ = printer.end();
    }
    let seen = printer.seen;
    printer.out.finish()?;
    let limit = args.fail_on.map(setup::severity);
    Ok(if limit.is_some_and(|limit| seen.is_some_and(|seen| seen >= limit)) {
        Outcome::Findings
    } else {
        Outcome::Done
    })
}

/// Why nothing was decoded, and what was expected.
fn nothing(text: &str) -> String {
    let wanted = "a WSP push, a user data header with one, an SMS TPDU, an SMPP PDU, or a Package #0";
    if text.trim().is_empty() {
        return format!("nothing was given; expected {wanted}, in hex or base64");
    }
    match candidates(text).first() {
        Some(Candidate { octets, spelling, .. }) => {
            format!(
                "{} octets of {spelling} are none of {wanted}, nor do they hold a push or a Package #0 within the first 64",
                octets.len()
            )
        }
        None => format!(
            "no hex (blanks, colons, commas, 0x allowed) and no base64 in this text; expected {wanted} in one of them"
        ),
    }
}

/// Octets that the text may stand for.
struct Candidate {
    octets: Vec<u8>,
    /// How they are spelled, in words.
    spelling: &'static str,
    /// What speaks against it: another spelling fits the text better.
    doubt: i64,
}

/// Least octets of a whole text, and of a piece of a log line: dates and numbers are hex too.
const WHOLE_MIN: usize = 4;
const PIECE_MIN: usize = 6;

/// Octets that the text may stand for, likeliest first.
fn candidates(text: &str) -> Vec<Candidate> {
    let mut found: Vec<Candidate> = Vec::new();
    let mut add = |octets: Option<Vec<u8>>, spelling, least, doubt| {
        if let Some(octets) = octets.filter(|o| o.len() >= least)
            && !found.iter().any(|known| known.octets == octets)
        {
            found.push(Candidate { octets, spelling, doubt });
        }
    };
    add(hex(text), "hex", WHOLE_MIN, 0);
    add(dump(text), "hex dump", WHOLE_MIN, 0);
    // A log line: pieces between blanks, quotes, brackets and equals signs; then runs of neighbouring pieces.
    let pieces: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || "\"'`=<>()[]{}|;".contains(c)).filter(|p| !p.is_empty()).collect();
    for piece in &pieces {
        add(hex(piece), "hex", PIECE_MIN, 0);
    }
    let mut run = String::new();
    for piece in pieces.iter().copied().chain(["!"]) {
        if hex(piece).is_some_and(|octets| !octets.is_empty()) {
            run.push_str(piece);
            run.push(' ');
        } else if !run.is_empty() {
            add(hex(&run), "hex", PIECE_MIN, 0);
            run.clear();
        }
    }
    for piece in std::iter::once(text).chain(pieces) {
        let compact: String = piece.chars().filter(|c| !c.is_whitespace()).collect();
        // Hex digits are base64 too, but hardly meant as such.
        let doubt = if compact.chars().all(|c| c.is_ascii_hexdigit()) { HEX_AS_BASE64 } else { 0 };
        for alphabet in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
            add(alphabet.decode(&compact).ok(), "base64", PIECE_MIN, doubt);
        }
    }
    found
}

/// What speaks against reading hex digits as base64.
const HEX_AS_BASE64: i64 = 1000;

/// Hex in its usual spellings: blanks, colons, commas, dashes, `0x` and `\x` between or before octets.
fn hex(text: &str) -> Option<Vec<u8>> {
    let text = text.replace("0x", " ").replace("0X", " ").replace("\\x", " ");
    let mut digits = Vec::with_capacity(text.len());
    for c in text.chars() {
        match c.to_digit(16) {
            Some(digit) => digits.push(u8::try_from(digit).ok()?),
            None if c.is_whitespace() || ":,-;._".contains(c) => {}
            None => return None,
        }
    }
    if digits.len() % 2 == 1 {
        return None;
    }
    Some(digits.chunks_exact(2).filter_map(|pair| Some(pair.first()? << 4 | pair.last()?)).collect())
}

/// A hex dump as tcpdump, tshark, xxd, hexdump and this program print it: offset, octets alone or in pairs, and maybe a text
/// column behind several blanks.
fn dump(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let (offset, rest) = line.trim_start().split_once(char::is_whitespace).unwrap_or((line.trim(), ""));
        let offset = offset.trim_end_matches(':').trim_start_matches("0x");
        if offset.len() < 4 || u64::from_str_radix(offset, 16).is_err() {
            return None;
        }
        let rest = rest.trim_start();
        let columns = rest.split_once("   ").map_or(rest, |(octets, _)| octets);
        let start = out.len();
        for word in columns.split_whitespace() {
            let Some(octets) = hex(word).filter(|octets| matches!(word.len(), 2 | 4) && !octets.is_empty()) else {
                break;
            };
            out.extend(octets);
        }
        out.truncate(out.len().min(start + 16));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::candidates;

    fn has(text: &str, octets: &[u8]) -> bool {
        candidates(text).iter().any(|found| found.octets == octets)
    }

    #[test]
    fn the_usual_spellings_of_hex_are_read() {
        let want = [0x01, 0x06, 0x03, 0xc4, 0xaf, 0x87];
        for text in [
            "010603C4AF87",
            "01 06 03 c4 af 87",
            "01:06:03:C4:AF:87",
            "0x01, 0x06, 0x03, 0xC4, 0xAF, 0x87",
            "\\x01\\x06\\x03\\xc4\\xaf\\x87",
            "2026-11-20 20:17:30 DEBUG wap-push data=<010603C4AF87>",
            "0000  01 06 03 c4 af 87                                  ......",
            "AQYDxK+H",
        ] {
            assert!(has(text, &want), "{text}");
        }
    }
}
