//! `pushscope keys check`: what a secrets file holds, without showing it, and what it verifies.
//!
//! Must not show a value.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::ControlFlow;

use anyhow::Result;
use serde_json::json;

use super::args::{KeysCheckArgs, KeysCommand};
use super::{Outcome, print, say, setup};
use crate::capture::Merged;
use crate::model::{Timestamp, visible_str};
use crate::output::number::counted;
use crate::output::value::push_time;
use crate::scan::{Engine, Options, Packet, Sink};
use crate::verify::{EntryInfo, Keyring, Status};

/// Runs the command.
///
/// # Errors
/// The secrets file is bad, or the result could not be written.
pub(super) fn run(command: &KeysCommand) -> Result<Outcome> {
    let KeysCommand::Check(args) = command;
    let keys = setup::keys_of(&args.secrets, false)?;
    let (counts, problems) = if args.captures.is_empty() { (Counts::default(), 0) } else { count(args, &keys)? };
    let text = if args.json { as_json(&keys, &counts)? } else { as_text(&keys, &counts, !args.captures.is_empty()) };
    print(text.as_bytes())?;
    Ok(if problems > 0 { Outcome::Failed } else { Outcome::Done })
}

/// What the captures showed.
#[derive(Default)]
struct Counts {
    /// By entry: status and how many.
    by_entry: BTreeMap<usize, BTreeMap<Status, u64>>,
    /// By entry: under which deviations, and how many.
    deviations: BTreeMap<usize, BTreeMap<String, u64>>,
    /// Notifications that no entry verifies, by status.
    others: BTreeMap<Status, u64>,
    total: u64,
}

impl Sink for Counts {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        for verdict in packet.verdicts {
            self.total += 1;
            // A digest copied from a message that no key verifies is explained, and yet nobody's.
            let slot = match verdict.found.as_ref().filter(|found| !found.key.is_empty()) {
                Some(found) => {
                    if let Some(deviation) = found.deviation() {
                        *self.deviations.entry(found.entry).or_default().entry(deviation).or_default() += 1;
                    }
                    self.by_entry.entry(found.entry).or_default()
                }
                None => &mut self.others,
            };
            *slot.entry(verdict.status).or_default() += 1;
        }
        ControlFlow::Continue(())
    }
}

fn count(args: &KeysCheckArgs, keys: &Keyring) -> Result<(Counts, usize)> {
    let mut input = Merged::open(&args.captures);
    let mut engine = Engine::new(setup::table(&[])?, keys, Options::default());
    let mut counts = Counts::default();
    while let Some(frame) = input.next() {
        let _ = engine.frame(&frame, &mut counts);
    }
    let _ = engine.finish(&mut counts);
    let problems = input.problems();
    for problem in &problems {
        say(&problem.to_string());
    }
    Ok((counts, problems.len()))
}

fn as_text(keys: &Keyring, counts: &Counts, tried: bool) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", counted(keys.len() as u64, "entry", "entries"));
    for (index, entry) in keys.list().enumerate() {
        let _ = write!(
            out,
            "\n{}\n  server identifier  {}\n  holds              {}\n",
            visible_str(&entry.label),
            visible_str(&entry.id),
            holds(&entry)
        );
        if let Some(limits) = limits(&entry) {
            let _ = writeln!(out, "  in force           {limits}");
        }
        if tried {
            let verified = counts.by_entry.get(&index).map_or_else(|| "nothing".to_owned(), list);
            let _ = writeln!(out, "  verifies           {verified}");
            if let Some(deviations) = counts.deviations.get(&index) {
                let list = deviations.iter().map(|(name, count)| format!("{count} {name}"));
                let _ = writeln!(out, "  deviant            {}", list.collect::<Vec<_>>().join(", "));
            }
        }
    }
    if tried {
        let _ = writeln!(out, "\n{}", counted(counts.total, "notification", "notifications"));
        if !counts.others.is_empty() {
            let _ = writeln!(out, "  verified by no entry: {}", list(&counts.others));
        }
    }
    out
}

fn list(by: &BTreeMap<Status, u64>) -> String {
    by.iter().map(|(status, count)| format!("{count} {}", status.name())).collect::<Vec<_>>().join(", ")
}

fn holds(entry: &EntryInfo) -> String {
    let mut parts = Vec::new();
    if entry.password {
        parts.push("password (1.2)".to_owned());
    }
    match entry.nonces {
        0 => {}
        1 => parts.push("1 nonce".to_owned()),
        n => parts.push(format!("{n} nonces")),
    }
    if entry.user {
        parts.push("user name".to_owned());
    }
    if entry.secret {
        parts.push("secret (2.0)".to_owned());
    }
    if entry.auth_data {
        parts.push("authentication data".to_owned());
    }
    if parts.is_empty() { "nothing".to_owned() } else { parts.join(", ") }
}

/// A limit as it is written in every output.
fn time(nanos: i64) -> String {
    let mut text = String::new();
    push_time(&mut text, Timestamp::from_nanos(nanos));
    text
}

fn limits(entry: &EntryInfo) -> Option<String> {
    let time = |nanos| time(nanos).replace(".000000000", "");
    match (entry.valid_from, entry.valid_to) {
        (None, None) => None,
        (Some(from), None) => Some(format!("from {}", time(from))),
        (None, Some(to)) => Some(format!("up to {}", time(to))),
        (Some(from), Some(to)) => Some(format!("from {} up to {}", time(from), time(to))),
    }
}

fn as_json(keys: &Keyring, counts: &Counts) -> Result<String> {
    let entries: Vec<_> = keys
        .list()
        .enumerate()
        .map(|(index, entry)| {
            let mut value = serde_json::to_value(&entry)?;
            if let Some(object) = value.as_object_mut() {
                for (name, limit) in [("valid_from", entry.valid_from), ("valid_to", entry.valid_to)] {
                    object.insert(name.to_owned(), json!(limit.map(time)));
                }
                object.insert("verifies".to_owned(), json!(counts.by_entry.get(&index)));
                object.insert("deviations".to_owned(), json!(counts.deviations.get(&index)));
            }
            Ok(value)
        })
        .collect::<Result<_>>()?;
    let all = json!({ "entries": entries, "notifications": counts.total, "verified_by_none": counts.others });
    Ok(serde_json::to_string_pretty(&all)? + "\n")
}
