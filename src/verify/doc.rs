//! The text of docs/digests.md, from the same rows as verdicts and findings; a test compares it with the file.
//!
//! Must not know how anything is verified.

use std::fmt::Write as _;

use super::deviation::{Applies, DEVIATIONS, Deviation};
use super::verdict::Status;

/// Examples longer than this many hex digits are cut in the document.
const HEX_MAX: usize = 176;

const HEAD: &str = "# Digests: what a verdict says, and why a digest fails

This page is generated from the rows the program itself uses: `PUSHSCOPE_BLESS=1 cargo test --test digests` writes it.

## The two digests

* 1.2 (and Data Sync 1.2): `H( B64(H(server-identifier:password)) : nonce : B64(H(trigger)) )`, H = MD5, 16 octets in front of the
  message; the trigger is everything behind them.
* 2.0: `SHA-256( secret, package with the 32 digest octets zero )`, inside option 5 behind four octets of sending time.

Keys are tried in this order: every entry for the server that is in force at the time of the capture, with every nonce it has and
the newest one learned from the capture; then the special nonce of four zero octets; then the deviations below: alone, with the keys
of other servers, and in pairs. The least deviant explanation wins and the others are listed. A deviation is named only when the whole
digest matches.

The search is bounded: it costs at most 50 times what one verification costs, counted in hashed blocks, so the same message gets the
same verdict on every machine. What is likely comes first. A verdict says how many digests were computed; where the bound ended the
search, finding and `pushscope explain` say what was not tried, for example \"rare pairs of deviations (nonce and trigger, …)\". In rare
pairs one deviation at least was never seen in a product.

## Statuses

";

/// What each status looks like, over the worked example of the 1.2 digest.
const STATUS_EXAMPLES: [&str; 8] = [
    "`d2a353caba93d9309e38d70229bfa584` over the trigger below, with password `S3cr3t-Pw` and nonce `nonce-001`",
    "`8209b578deee5d017c8a597b754a2f0b` over the same trigger: the nonce is four zero octets",
    "`13ee9c1012677d3c97027f5b38346d30` over the same trigger: `nonce-base64`",
    "any other 16 octets while the password is configured",
    "16 octets `00`, or a 2.0 message without option 5",
    "any digest while the secrets file has no entry for `com.mgmtsrv.manage`",
    "a snapshot length of 60 octets cut the trigger",
    "a 2.0 message whose option 5 is not 36 octets long",
];

/// The document.
pub fn markdown() -> String {
    let mut out = HEAD.to_owned();
    out.push_str("| mark | ASCII | status | meaning | example |\n|---|---|---|---|---|\n");
    for (status, example) in Status::ALL.into_iter().zip(STATUS_EXAMPLES) {
        let (mark, ascii, name, about) = (status.mark(), status.ascii_mark(), status.name(), status.about());
        let _ = writeln!(out, "| {mark} | `{ascii}` | `{name}` | {about} | {example} |");
    }
    out.push_str("\nThe trigger: `02d0000000123412636f6d2e6d676d747372762e6d616e616765`.\n\n## Deviations\n\n");
    out.push_str("| name | finding | digest | in one line |\n|---|---|---|---|\n");
    for row in DEVIATIONS {
        let _ = writeln!(
            out,
            "| [`{}`](#{}) | {} | {} | {} |",
            row.name,
            row.name,
            row.rule.id,
            applies(row),
            row.rule.text
        );
    }
    for row in DEVIATIONS {
        section(&mut out, row);
    }
    out
}

fn applies(row: &Deviation) -> &'static str {
    match row.applies {
        Applies::V12 => "1.2",
        Applies::V20 => "2.0",
        Applies::Both => "1.2, 2.0",
    }
}

fn section(out: &mut String, row: &Deviation) {
    let rule = &row.rule;
    let cite = rule.cite.map_or_else(String::new, |cite| format!(", {cite}"));
    let _ = writeln!(out, "\n### {}\n\n{} ({}{cite}): {}.\n", row.name, rule.id, applies(row), rule.text);
    for (what, text) in [
        ("What it means", rule.means),
        ("Why it matters", rule.matters),
        ("What to change", rule.check),
        ("Seen", row.seen),
    ] {
        let _ = writeln!(out, "* {what}: {text}");
    }
    for example in row.examples {
        let _ = writeln!(
            out,
            "\nExample: {}; verdict `{}`.\n\n```\n{}",
            example.how,
            example.name,
            example.keys.trim_end()
        );
        if !example.earlier.is_empty() {
            let _ = writeln!(out, "# earlier message\n{}", cut(example.earlier));
        }
        let _ = writeln!(out, "# message\n{}\n```", cut(example.message));
    }
}

fn cut(hex: &str) -> String {
    match hex.get(..HEX_MAX) {
        Some(start) if hex.len() > HEX_MAX => format!("{start}… ({} octets)", hex.len() / 2),
        _ => hex.to_owned(),
    }
}
