//! The whole story of one digest: what was hashed, which keys were tried, what fits and what to change.
//!
//! Data for JSON and the screen, and a plain text. Public steps show their octets; what is derived from a secret (credential
//! hash, outer input and its length, any digest that was computed and differs from the received one) is named and never shown.
//! Must not know how deviations are searched.

use std::fmt::{self, Write as _};

use serde::Serialize;

use super::deviation::DEVIATIONS;
use super::hash;
use super::keyring::{Entry, Keyring};
use super::nonces::Learned;
use super::subject::{Format, Subject};
use super::v12::{self, SPECIAL};
use super::v20::zeroed;
use super::verdict::{Match, NonceUsed, Status, Verdict};
use crate::model::visible::visible;

/// What stands for anything derived from a secret.
pub const MASK: &str = "(not shown)";
/// More keys and nonces than this are counted, not listed.
const ATTEMPTS_MAX: usize = 1000;

/// A named value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Input {
    /// What it is.
    pub name: &'static str,
    /// The value, or what stands for it; text is made safe for a terminal.
    pub value: String,
    /// The value is derived from a secret and not shown.
    pub masked: bool,
}

/// One step of the computation as the standard demands it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What is computed: `H(trigger)`.
    pub formula: &'static str,
    /// The result in hex or as text, or what stands for it.
    pub value: String,
    /// The result is derived from a secret and not shown.
    pub masked: bool,
}

/// A key and nonce that was tried as the standard says, and whether it fits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// Label of the entry.
    pub key: String,
    /// Which nonce.
    pub nonce: NonceUsed,
    /// The same in words; empty for 2.0.
    pub nonce_text: String,
    /// The entry is in force at the time of the capture; one that is not is tried as a deviation only.
    pub in_force: bool,
    /// The digest computed equals the one received.
    pub fits: bool,
}

/// A known deviation, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reading {
    /// Its name.
    pub name: &'static str,
    /// The finding in one line.
    pub text: &'static str,
    /// `fits`, `does not fit`, or `not tried` (it does not apply, or the search had ended).
    pub result: &'static str,
}

/// The story. Its `Display` is the plain text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Story {
    /// Which digest: `1.2`, `2.0`, `ds-1.2`.
    pub format: &'static str,
    /// The formula of the standard.
    pub formula: &'static str,
    /// What goes in.
    pub inputs: Vec<Input>,
    /// The computation.
    pub steps: Vec<Step>,
    /// Keys and nonces tried as the standard says.
    pub attempts: Vec<Attempt>,
    /// Attempts beyond those listed.
    pub unlisted: usize,
    /// Known deviations, where they were tried.
    pub readings: Vec<Reading>,
    /// The verdict.
    pub verdict: Verdict,
    /// What it means, a sentence each.
    pub conclusion: Vec<String>,
    /// What to change, a sentence each.
    pub change: Vec<String>,
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}

fn shown(name: &'static str, value: String) -> Input {
    Input { name, value, masked: false }
}

fn masked(name: &'static str) -> Input {
    Input { name, value: MASK.to_owned(), masked: true }
}

/// Verifies a message and tells how.
pub fn tell(keys: &Keyring, learned: Learned<'_>, subject: &Subject<'_>) -> Story {
    let verdict = super::verify(keys, learned, subject);
    let (attempts, unlisted) = attempts(keys, learned, subject);
    let (formula, inputs, steps) = match subject.format {
        Format::V12 | Format::Ds12 => computation_12(subject),
        Format::V20 => computation_20(subject),
    };
    let (conclusion, change) = conclude(&verdict, keys);
    let format = subject.format.name();
    let readings = readings(&verdict, subject.format);
    Story { format, formula, inputs, steps, attempts, unlisted, readings, verdict, conclusion, change }
}

fn id_of(subject: &Subject<'_>) -> Input {
    let value = subject.server_id.map_or_else(|| "(none)".to_owned(), |id| visible(id).into_string());
    shown("server identifier", value)
}

fn computation_12(subject: &Subject<'_>) -> (&'static str, Vec<Input>, Vec<Step>) {
    let trigger = subject.trigger_octets();
    let hashed = hash::md5(&[trigger]);
    let coded = String::from_utf8_lossy(&hash::b64(&hashed)).into_owned();
    let inputs = vec![
        id_of(subject),
        masked("password"),
        masked("nonce"),
        shown("trigger (octet 16 to the end)", hex(trigger)),
        shown("digest received", hex(subject.digest().unwrap_or(&[]))),
    ];
    let hidden = |formula| Step { formula, value: MASK.to_owned(), masked: true };
    let open = |formula, value| Step { formula, value, masked: false };
    let steps = vec![
        hidden("B64(H(server identifier : password))"),
        open("H(trigger)", hex(&hashed)),
        open("B64(H(trigger))", coded.clone()),
        Step { formula: "outer input", value: format!("{MASK} : {MASK} : {coded}"), masked: true },
        hidden("H(outer input), compared with the digest received"),
    ];
    ("H( B64(H(server identifier : password)) : nonce : B64(H(trigger)) ), H = MD5", inputs, steps)
}

fn computation_20(subject: &Subject<'_>) -> (&'static str, Vec<Input>, Vec<Step>) {
    let mut inputs = vec![id_of(subject), masked("secret"), shown("package", hex(subject.message))];
    let mut steps = Vec::new();
    if let (Some(digest), Some(range)) = (subject.digest(), subject.digest.clone()) {
        let time = range.start.checked_sub(4).and_then(|at| subject.message.get(at..range.start));
        inputs.push(shown("sending time (4 octets, covered)", hex(time.unwrap_or(&[]))));
        inputs.push(shown("digest received", hex(digest)));
        let zeroed = zeroed(subject).concat();
        steps.push(Step { formula: "package with the 32 digest octets zero", value: hex(&zeroed), masked: false });
        let value = format!("{MASK} then {} octets of package", zeroed.len());
        steps.push(Step { formula: "hash input", value, masked: true });
        let formula = "SHA-256(hash input), compared with the digest received";
        steps.push(Step { formula, value: MASK.to_owned(), masked: true });
    }
    ("SHA-256( secret, package with the 32 digest octets zero )", inputs, steps)
}

/// Every key and nonce for this message as the standard says, and the special nonce.
fn attempts(keys: &Keyring, learned: Learned<'_>, subject: &Subject<'_>) -> (Vec<Attempt>, usize) {
    let mut out = Vec::new();
    let mut unlisted = 0;
    let Some(digest) = subject.digest() else { return (out, 0) };
    let mut add = |entry: &Entry, nonce: NonceUsed, fits: bool| {
        if out.len() == ATTEMPTS_MAX {
            unlisted += 1;
            return;
        }
        let nonce_text = if subject.format == Format::V20 { String::new() } else { nonce.to_string() };
        let (key, in_force) = (entry.label.to_string(), entry.in_force(subject.time));
        out.push(Attempt { key, nonce, nonce_text, in_force, fits });
    };
    if subject.format == Format::V20 {
        let [before, zeros, behind] = zeroed(subject);
        for (_, entry) in keys.for_server(subject.server_id) {
            let Some(secret) = &entry.secret else { continue };
            let fits = hash::sha256(&[secret.octets.expose(), before, zeros, behind]) == *digest;
            add(entry, NonceUsed::None, fits);
        }
    } else {
        let id = subject.server_id.unwrap_or(&[]);
        let trigger = hash::b64(&hash::md5(&[subject.trigger_octets()]));
        let newest = v12::learned(learned, subject).next();
        for (_, entry) in keys.for_server(Some(id)) {
            let Some(credential) = entry.credential(id) else { continue };
            let special = (NonceUsed::Special, SPECIAL.as_slice());
            for (used, nonce) in v12::nonces(entry).chain(newest).chain([special]) {
                add(entry, used, v12::outer(&credential, nonce, &trigger) == *digest);
            }
        }
    }
    (out, unlisted)
}

fn readings(verdict: &Verdict, format: Format) -> Vec<Reading> {
    if verdict.rows == 0 && verdict.found.is_none() || matches!(verdict.status, Status::Valid | Status::Resync) {
        return Vec::new();
    }
    let found = verdict.found.iter().chain(&verdict.others);
    let fitting: Vec<_> = found.flat_map(|found| &found.deviations).map(|found| found.row().number).collect();
    let rows = DEVIATIONS.iter().filter(|row| row.concerns(format));
    rows.map(|row| {
        let result = if fitting.contains(&row.number) {
            "fits"
        } else if verdict.rows & row.bit() != 0 {
            "does not fit"
        } else {
            "not tried"
        };
        Reading { name: row.name, text: row.rule.text, result }
    })
    .collect()
}

/// A match in words.
fn describe(found: &Match) -> String {
    let mut text = String::new();
    if !found.key.is_empty() {
        let _ = write!(text, "key {}", visible(found.key.as_bytes()).as_str());
        if found.nonce != NonceUsed::None {
            let _ = write!(text, ", {}", found.nonce);
        }
    }
    if let Some(deviation) = found.deviation() {
        let separator = if text.is_empty() { "" } else { ", " };
        let _ = write!(text, "{separator}deviation {deviation}");
    }
    if !found.detail.is_empty() {
        let _ = write!(text, " ({})", found.detail);
    }
    text
}

fn conclude(verdict: &Verdict, keys: &Keyring) -> (Vec<String>, Vec<String>) {
    let mut said = vec![format!("{}: {}", verdict.status.name(), verdict.status.about())];
    let mut change = Vec::new();
    if let Some(found) = &verdict.found {
        said.push(format!("It verifies with {}.", describe(found)));
        for deviation in &found.deviations {
            let rule = &deviation.row().rule;
            said.extend([rule.means.to_owned(), rule.matters.to_owned()]);
            said.push(format!("Seen: {}", deviation.row().seen));
            change.push(rule.check.to_owned());
        }
    }
    for other in &verdict.others {
        said.push(format!("Another explanation: {}.", describe(other)));
    }
    match verdict.status {
        Status::Resync => change.push("Expect a session that carries new nonces; if the request repeats, the session fails.".to_owned()),
        Status::Invalid => change.push(
            "Check the password or secret and the nonce of this server for this device; if they are right, the message was \
             changed on the way or is forged."
                .to_owned(),
        ),
        Status::Unchecked if keys.is_empty() => change.push("Give keys with --secrets FILE.".to_owned()),
        Status::Unchecked => change.push("Add an entry for this server identifier to the secrets file.".to_owned()),
        Status::Unsigned => change.push("Nothing authenticates this message: have the sender compute the digest.".to_owned()),
        Status::Valid | Status::Deviant | Status::Incomplete | Status::Malformed => {}
    }
    if let Some((frame, index)) = verdict.replay_of {
        said.push(format!("Frame {frame}, message {index}, carried the same digest before with other content."));
    }
    if verdict.bounded {
        said.push(format!(
            "The search for deviations stopped at its bound, after {} digests. Not tried: {}.",
            verdict.tried,
            verdict.left_out.join("; ")
        ));
    }
    (said, change)
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Digest of a {} message: {}", self.format, self.verdict.status.name())?;
        writeln!(f, "\nFormula\n  {}", self.formula)?;
        writeln!(f, "\nInputs")?;
        for input in &self.inputs {
            writeln!(f, "  {}: {}", input.name, input.value)?;
        }
        if !self.steps.is_empty() {
            writeln!(f, "\nSteps")?;
            for (number, step) in (1..).zip(&self.steps) {
                writeln!(f, "  {number}. {} = {}", step.formula, step.value)?;
            }
        }
        writeln!(f, "\nKeys tried as the standard says")?;
        if self.attempts.is_empty() {
            writeln!(f, "  none: no key for this server")?;
        }
        for attempt in &self.attempts {
            let nonce = if attempt.nonce_text.is_empty() { String::new() } else { format!(", {}", attempt.nonce_text) };
            let force = if attempt.in_force { "" } else { ", not in force at this time" };
            let result = if attempt.fits { "fits" } else { "does not fit" };
            writeln!(f, "  {}{nonce}{force}: {result}", visible(attempt.key.as_bytes()).as_str())?;
        }
        if self.unlisted > 0 {
            writeln!(f, "  and {} more", self.unlisted)?;
        }
        if !self.readings.is_empty() {
            writeln!(f, "\nKnown deviations ({} digests computed in all)", self.verdict.tried)?;
            for result in ["fits", "does not fit", "not tried"] {
                let names: Vec<_> = self
                    .readings
                    .iter()
                    .filter(|reading| reading.result == result)
                    .map(|reading| reading.name)
                    .collect();
                if !names.is_empty() {
                    writeln!(f, "  {result}: {}", names.join(", "))?;
                }
            }
        }
        writeln!(f, "\nConclusion")?;
        for sentence in &self.conclusion {
            writeln!(f, "  {sentence}")?;
        }
        for sentence in &self.change {
            writeln!(f, "  What to change: {sentence}")?;
        }
        Ok(())
    }
}
