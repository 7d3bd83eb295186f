//! What may stand at a place of an unfinished expression.
//!
//! Must not know a screen: it hands out candidates with labels, and who shows them chooses.

use std::ops::Range;

use super::alias;
use super::check::GROUPS;
use super::lex::{Tok, tokens_until_fault};
use super::operand::FUNCTIONS;
use crate::catalog::catalog;
use crate::model::{Field, Group, Kind, Severity};

/// What a candidate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offer {
    /// A field of this kind.
    Field(Kind),
    /// A function.
    Function,
    /// An operator.
    Operator,
    /// A value.
    Value,
}

impl Offer {
    /// What it is called beside the candidate.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Field(kind) => kind.name(),
            Self::Function => "function",
            Self::Operator => "operator",
            Self::Value => "value",
        }
    }
}

/// Something that may stand at the cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What to put there.
    pub text: String,
    /// What it means, in a few words; of our own making and safe to show.
    pub label: String,
    /// What it is.
    pub offer: Offer,
}

/// Candidates, and the stretch of the expression (in octets) that one of them replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is replaced: the word the cursor is in, up to the cursor.
    pub replace: Range<usize>,
    /// What may stand there, best first.
    pub candidates: Vec<Candidate>,
}

/// Candidates for the place of the cursor (in octets). Case does not count; names that start with what is written come first.
pub fn complete(source: &str, cursor: usize) -> Completion {
    let mut cursor = cursor.min(source.len());
    while !source.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let written = source.get(..cursor).unwrap_or_default();
    let start = word_start(written);
    let (before, word) = written.split_at_checked(start).unwrap_or((written, ""));
    let tokens: Vec<Tok> = tokens_until_fault(before).0.into_iter().map(|token| token.tok).collect();
    let mut all = match place(&tokens) {
        Place::Term => {
            let mut all = fields();
            all.extend(functions());
            all.push(operator("not", "the contrary"));
            all
        }
        Place::Argument => fields(),
        Place::Operator(field) => operators(field),
        Place::Value(name) => values(&name),
        Place::Set => vec![candidate("{", "a set: {1, 3..5, \"x\"}", Offer::Operator)],
        Place::Connector => connectors(),
    };
    if word.starts_with('"') {
        all.retain(|candidate| candidate.offer == Offer::Value);
    }
    let wanted = word.trim_start_matches('"').to_lowercase();
    all.retain(|candidate| fit(candidate, &wanted).is_some());
    all.sort_by_cached_key(|candidate| fit(candidate, &wanted));
    Completion { replace: start..cursor, candidates: all }
}

/// Where the word before the cursor starts; an open quote belongs to it.
fn word_start(written: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in written.char_indices() {
        match (c, quote) {
            _ if escaped => escaped = false,
            ('\\', Some(_)) => escaped = true,
            ('"', None) => quote = Some(at),
            ('"', Some(_)) => quote = None,
            _ => {}
        }
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | ':');
    quote.unwrap_or_else(|| written.trim_end_matches(is_word).len())
}

/// What the tokens before a word ask for.
enum Place {
    Term,
    Argument,
    Operator(Option<&'static Field>),
    Value(String),
    Set,
    Connector,
}

fn place(tokens: &[Tok]) -> Place {
    let Some((last, before)) = tokens.split_last() else { return Place::Term };
    match last {
        Tok::Open if matches!(before.last(), Some(Tok::Word(_))) => Place::Argument,
        Tok::And | Tok::Or | Tok::Xor | Tok::Not | Tok::Each(_) | Tok::Open => Place::Term,
        Tok::Compare(..) => match subject(before) {
            Some(name) => Place::Value(name.to_owned()),
            None => Place::Argument,
        },
        Tok::In => Place::Set,
        Tok::BraceOpen | Tok::Comma | Tok::DotDot => match set_subject(before) {
            Some(name) => Place::Value(name.to_owned()),
            None => Place::Argument,
        },
        Tok::Contains | Tok::Matches | Tok::Math(_) => Place::Argument,
        Tok::Word(_) | Tok::Text(..) | Tok::Char(_)
            if matches!(before.last(), Some(Tok::Compare(..) | Tok::Contains | Tok::Matches)) =>
        {
            Place::Connector
        }
        Tok::Word(name) => Place::Operator(alias::fields(name).first().copied()),
        Tok::Slice(_) => Place::Operator(None),
        Tok::Close if is_call(before) => Place::Operator(None),
        Tok::Close | Tok::BraceClose | Tok::Text(..) | Tok::Char(_) => Place::Connector,
    }
}

/// Whether the parenthesis that closes after these tokens belongs to a function.
fn is_call(tokens: &[Tok]) -> bool {
    let mut open = 1;
    for (at, tok) in tokens.iter().enumerate().rev() {
        match tok {
            Tok::Close => open += 1,
            Tok::Open => open -= 1,
            _ => {}
        }
        if open == 0 {
            return matches!(at.checked_sub(1).and_then(|i| tokens.get(i)), Some(Tok::Word(_)));
        }
    }
    false
}

/// The field that a comparison is about.
fn subject(before: &[Tok]) -> Option<&str> {
    match before.last() {
        Some(Tok::Word(name)) => Some(name),
        _ => None,
    }
}

/// The field that a set is about.
fn set_subject(before: &[Tok]) -> Option<&str> {
    let at = before.iter().rposition(|tok| *tok == Tok::In)?;
    let in_set = !before.get(at..)?.contains(&Tok::BraceClose);
    let before = before.get(..at)?;
    let before = before.strip_suffix(&[Tok::Not]).unwrap_or(before);
    subject(before).filter(|_| in_set)
}

fn candidate(text: &str, label: &str, offer: Offer) -> Candidate {
    Candidate { text: text.to_owned(), label: label.to_owned(), offer }
}

fn operator(text: &str, label: &str) -> Candidate {
    candidate(text, label, Offer::Operator)
}

fn fields() -> Vec<Candidate> {
    alias::names().map(|(name, field)| candidate(name, field.label, Offer::Field(field.kind))).collect()
}

fn functions() -> impl Iterator<Item = Candidate> {
    FUNCTIONS.iter().map(|function| Candidate {
        text: format!("{}(", function.name),
        label: function.about.to_owned(),
        offer: Offer::Function,
    })
}

fn connectors() -> Vec<Candidate> {
    vec![operator("and", "both"), operator("or", "either"), operator("xor", "one of the two")]
}

fn operators(field: Option<&'static Field>) -> Vec<Candidate> {
    let mut all = vec![operator("==", "any is equal"), operator("!=", "all differ")];
    let kind = field.map(|field| field.kind);
    if kind != Some(Kind::Bool) {
        all.extend([
            operator("<", "less"),
            operator("<=", "less or equal"),
            operator(">", "greater"),
            operator(">=", "greater or equal"),
        ]);
    }
    if matches!(kind, None | Some(Kind::Text | Kind::Bytes | Kind::Presence | Kind::Group | Kind::Ether)) {
        all.push(operator("contains", "holds this text or these octets"));
    }
    if matches!(kind, None | Some(Kind::Text | Kind::Bytes | Kind::Presence | Kind::Group)) {
        all.push(operator("matches", "a regular expression, case does not count"));
    }
    all.push(operator("in", "is one of a set"));
    if matches!(kind, Some(Kind::Uint | Kind::Int | Kind::Bool)) {
        all.push(operator("&", "has one of these bits"));
    }
    all.extend(connectors());
    all
}

/// Values that have a name, and then the fields of the same kind.
fn values(name: &str) -> Vec<Candidate> {
    let value = |text: &str, label: &str| candidate(text, label, Offer::Value);
    let found = alias::fields(name);
    let Some(field) = found.first() else { return fields() };
    let mut all: Vec<Candidate> = match name {
        "finding.severity" => {
            [Severity::Note, Severity::Warning, Severity::Error].iter().map(|s| value(s.name(), "severity")).collect()
        }
        "finding.group" => GROUPS.iter().copied().map(Group::name).map(|group| value(&quote(group), "group")).collect(),
        "finding.rule" => catalog().rules().map(|rule| value(&quote(rule.id), rule.text)).collect(),
        _ if field.kind == Kind::Bool => vec![value("true", "set"), value("false", "not set")],
        _ => field.value_names().map(|(number, name)| value(&quote(name), &shown(field, number))).collect(),
    };
    let same = alias::names().filter(|row| row.1.kind == field.kind && row.0 != name);
    all.extend(same.map(|(name, field)| candidate(name, field.label, Offer::Field(field.kind))));
    all
}

fn shown(field: &Field, number: u64) -> String {
    match field.base {
        crate::model::Base::Dec => number.to_string(),
        crate::model::Base::Hex(digits) => format!("0x{number:0width$x}", width = usize::from(digits)),
    }
}

fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// How well a candidate fits what is written, less is better: starts with it, a part of it does, holds it. Values come first.
fn fit(candidate: &Candidate, wanted: &str) -> Option<(u8, bool)> {
    let text = candidate.text.trim_start_matches('"').to_lowercase();
    let other = candidate.offer != Offer::Value;
    if text.starts_with(wanted) {
        Some((0, other))
    } else if text.split(['.', '_', ' ', '-']).any(|part| part.starts_with(wanted)) {
        Some((1, other))
    } else if text.contains(wanted) {
        Some((2, other))
    } else {
        None
    }
}
