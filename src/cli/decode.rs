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
    let mut best: Option<(Vec<u8>, &str, Reading, i64)> = None;
    for (octets, spelling) in candidates(&text) {
        if let Some((reading, score)) = recognise(&table, &octets)
            && best.as_ref().is_none_or(|b| score > b.3)
        {
            best = Some((octets, spelling, reading, score));
        }
    }
    let Some((octets, spelling, reading, _)) = best else {
        bail!(
            "decode: no WSP push, no user data header with one and no Package #0 found in {} characters; expected hex \
             (blanks, colons, commas, 0x allowed) or base64 of one of them",
            text.chars().count()
        );
    };
    if !args.common.quiet {
        let junk =
            if reading.skip > 0 { format!(", after {} octets of something else", reading.skip) } else { String::new() };
        say(&format!("{} octets of {spelling}, recognised as {}{junk}", octets.len(), reading.what));
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

/// Octets that the text may stand for, likeliest first, each with how it is spelled.
fn candidates(text: &str) -> Vec<(Vec<u8>, &'static str)> {
    let mut found = Vec::new();
    let mut add = |octets: Option<Vec<u8>>, spelling| {
        if let Some(octets) = octets.filter(|o| o.len() >= 4)
            && !found.iter().any(|(known, _): &(Vec<u8>, _)| *known == octets)
        {
            found.push((octets, spelling));
        }
    };
    add(hex(text), "hex");
    add(dump(text), "hex dump");
    // A log line: pieces between blanks, quotes, brackets and equals signs; then runs of neighbouring pieces.
    let pieces: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || "\"'`=<>()[]{}|;".contains(c)).filter(|p| !p.is_empty()).collect();
    for piece in &pieces {
        add(hex(piece), "hex");
    }
    let mut run = String::new();
    for piece in pieces.iter().copied().chain(["!"]) {
        if hex(piece).is_some_and(|octets| !octets.is_empty()) {
            run.push_str(piece);
            run.push(' ');
        } else if !run.is_empty() {
            add(hex(&run), "hex");
            run.clear();
        }
    }
    for piece in std::iter::once(text).chain(pieces) {
        let compact: String = piece.chars().filter(|c| !c.is_whitespace()).collect();
        for alphabet in [&STANDARD, &STANDARD_NO_PAD, &URL_SAFE, &URL_SAFE_NO_PAD] {
            add(alphabet.decode(&compact).ok(), "base64");
        }
    }
    found
}

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

/// A hex dump: offset, octets, and maybe a text column, line by line.
fn dump(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let mut words = line.split_whitespace().peekable();
        let offset = words.peek()?.trim_end_matches(':');
        if offset.len() < 4 || u64::from_str_radix(offset, 16).is_err() {
            return None;
        }
        words.next();
        let octets =
            words.take(16).map_while(|word| if word.len() == 2 { u8::from_str_radix(word, 16).ok() } else { None });
        out.extend(octets);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::candidates;

    fn has(text: &str, octets: &[u8]) -> bool {
        candidates(text).iter().any(|(found, _)| found == octets)
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
