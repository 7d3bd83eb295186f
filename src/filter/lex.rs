//! Expressions to tokens, each with its place.
//!
//! Must not know the catalog, nor which token may follow which.

use nom::branch::alt;
use nom::bytes::complete::{tag, take, take_while_m_n, take_while1};
use nom::character::complete::{anychar, char, digit1, multispace0, none_of, one_of};
use nom::combinator::{map, map_opt, opt, recognize, value};
use nom::error::{ErrorKind, ParseError};
use nom::multi::separated_list1;
use nom::sequence::{delimited, preceded};
use nom::{IResult, Parser};

use super::error::FilterError;
use super::syntax::{Compare, Math, Quantifier, Range, Spot, Stop};

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tok {
    Word(String),
    Text(Vec<u8>, String),
    Char(u8),
    Slice(Vec<Range>),
    Compare(Compare, Option<Quantifier>),
    Math(Math),
    And,
    Or,
    Xor,
    Not,
    Contains,
    Matches,
    In,
    Each(Quantifier),
    Open,
    Close,
    BraceOpen,
    BraceClose,
    Comma,
    DotDot,
}

/// A token and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) spot: Spot,
    pub(super) tok: Tok,
}

/// Why no token could be read: how much was left then.
#[derive(Debug)]
struct Fault {
    left: usize,
    message: &'static str,
}

impl ParseError<&str> for Fault {
    fn from_error_kind(input: &str, _: ErrorKind) -> Self {
        Self { left: input.len(), message: "" }
    }

    fn append(_: &str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

type Lexed<'s, O> = IResult<&'s str, O, Fault>;

fn fail<'s, O>(at: &'s str, message: &'static str) -> Lexed<'s, O> {
    Err(nom::Err::Failure(Fault { left: at.len(), message }))
}

/// All tokens of an expression.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, FilterError> {
    let (found, fault) = tokens_until_fault(source);
    match fault {
        None => Ok(found),
        Some(error) => Err(error),
    }
}

/// The tokens up to the first octet that belongs to none, and what is wrong there.
pub(super) fn tokens_until_fault(source: &str) -> (Vec<Token>, Option<FilterError>) {
    let mut out = Vec::new();
    let mut rest = source.trim_start();
    while !rest.is_empty() {
        match token(rest) {
            Ok((after, tok)) => {
                out.push(Token {
                    spot: Spot { start: source.len() - rest.len(), end: source.len() - after.len() },
                    tok,
                });
                rest = after.trim_start();
            }
            Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => {
                let start = source.len() - fault.left;
                let end = start + rest_char(source, start);
                let message = if fault.message.is_empty() { "unexpected character" } else { fault.message };
                return (out, Some(FilterError::new(source, Spot { start, end }, message)));
            }
            Err(nom::Err::Incomplete(_)) => return (out, None),
        }
    }
    (out, None)
}

fn rest_char(source: &str, at: usize) -> usize {
    source.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
}

fn token(input: &str) -> Lexed<'_, Tok> {
    alt((raw_text, text, character, word, slice, sign)).parse(input)
}

fn sign(input: &str) -> Lexed<'_, Tok> {
    use Compare::{Equal, Greater, GreaterEqual, Less, LessEqual, Unequal};
    alt((
        alt((
            value(Tok::Compare(Equal, Some(Quantifier::All)), tag("===")),
            value(Tok::Compare(Equal, None), tag("==")),
            value(Tok::Compare(Unequal, Some(Quantifier::Any)), alt((tag("!=="), tag("~=")))),
            value(Tok::Compare(Unequal, None), tag("!=")),
            value(Tok::Compare(LessEqual, None), tag("<=")),
            value(Tok::Compare(GreaterEqual, None), tag(">=")),
            value(Tok::Compare(Less, None), tag("<")),
            value(Tok::Compare(Greater, None), tag(">")),
        )),
        alt((
            value(Tok::And, tag("&&")),
            value(Tok::Math(Math::BitAnd), tag("&")),
            value(Tok::Or, tag("||")),
            value(Tok::Xor, tag("^^")),
            value(Tok::Not, tag("!")),
            value(Tok::Matches, tag("~")),
        )),
        alt((
            value(Tok::Math(Math::Add), tag("+")),
            value(Tok::Math(Math::Subtract), tag("-")),
            value(Tok::Math(Math::Multiply), tag("*")),
            value(Tok::Math(Math::Divide), tag("/")),
            value(Tok::Math(Math::Remainder), tag("%")),
        )),
        alt((
            value(Tok::Open, tag("(")),
            value(Tok::Close, tag(")")),
            value(Tok::BraceOpen, tag("{")),
            value(Tok::BraceClose, tag("}")),
            value(Tok::Comma, tag(",")),
            value(Tok::DotDot, tag("..")),
        )),
        stray,
    ))
    .parse(input)
}

/// Characters that are near to something we know.
fn stray(input: &str) -> Lexed<'_, Tok> {
    match input.chars().next() {
        Some('=') => fail(input, "`=` compares nothing; equality is written `==`"),
        Some('|') => fail(input, "a single `|` means nothing; `or` is written `||`"),
        Some('^') => fail(input, "a single `^` means nothing; exclusive or is written `^^`"),
        Some('#') => fail(input, "choosing a layer with `#` is not supported"),
        Some('@') => fail(input, "raw octets with `@` are not supported; take a slice, as in `udp[0:8]`"),
        Some('$') => fail(input, "macros and references with `$` are not supported"),
        Some(']') => fail(input, "`]` without `[`"),
        _ => fail(input, "this character means nothing here; text is written in double quotes"),
    }
}

fn word(input: &str) -> Lexed<'_, Tok> {
    let (rest, found) = match word_len(input.as_bytes()) {
        0 => return Err(nom::Err::Error(Fault { left: input.len(), message: "" })),
        // Words are ASCII, so characters are octets.
        len => take(len).parse(input)?,
    };
    Ok((rest, keyword(found).unwrap_or_else(|| Tok::Word(found.to_owned()))))
}

fn keyword(word: &str) -> Option<Tok> {
    use Compare::{Equal, Greater, GreaterEqual, Less, LessEqual, Unequal};
    let all = Some(Quantifier::All);
    let any = Some(Quantifier::Any);
    let keywords = [
        ("and", Tok::And),
        ("or", Tok::Or),
        ("xor", Tok::Xor),
        ("not", Tok::Not),
        ("eq", Tok::Compare(Equal, None)),
        ("any_eq", Tok::Compare(Equal, any)),
        ("all_eq", Tok::Compare(Equal, all)),
        ("ne", Tok::Compare(Unequal, None)),
        ("any_ne", Tok::Compare(Unequal, any)),
        ("all_ne", Tok::Compare(Unequal, all)),
        ("lt", Tok::Compare(Less, None)),
        ("le", Tok::Compare(LessEqual, None)),
        ("gt", Tok::Compare(Greater, None)),
        ("ge", Tok::Compare(GreaterEqual, None)),
        ("contains", Tok::Contains),
        ("matches", Tok::Matches),
        ("in", Tok::In),
        ("any", Tok::Each(Quantifier::Any)),
        ("all", Tok::Each(Quantifier::All)),
        ("bitand", Tok::Math(Math::BitAnd)),
        ("bitwise_and", Tok::Math(Math::BitAnd)),
    ];
    keywords.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|row| row.1)
}

/// How far a word goes: field names, numbers, addresses, byte strings, dates. `..` ends it, and so does a sign that does not
/// stand between letters or digits.
fn word_len(input: &[u8]) -> usize {
    let is_word = |at: usize| input.get(at).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    let is = |at: usize, b: u8| input.get(at) == Some(&b);
    let mut at = 0;
    if is(0, b':') && !is(1, b':') {
        return 0;
    }
    while let Some(b) = input.get(at) {
        let goes_on = match b {
            b'_' => true,
            b if b.is_ascii_alphanumeric() => true,
            b'.' | b'-' => at > 0 && is_word(at - 1) && is_word(at + 1),
            b':' => is_word(at + 1) || is(at + 1, b':') || (at > 0 && is(at - 1, b':')),
            b'+' => is_word(at + 1) && input.get(..at).is_some_and(is_date_time),
            _ => false,
        };
        if !goes_on {
            break;
        }
        at += 1;
    }
    at
}

/// Whether this is the start of an ISO 8601 date with time, so that `+` starts an offset.
fn is_date_time(word: &[u8]) -> bool {
    matches!(word, [a, b, c, d, b'-', _, _, b'-', _, _, b'T' | b't', _, _, b':', ..]
        if [a, b, c, d].iter().all(|y| y.is_ascii_digit()))
}

fn raw_text(input: &str) -> Lexed<'_, Tok> {
    let (rest, _) = alt((tag("r\""), tag("R\""))).parse(input)?;
    match rest.split_once('"') {
        Some((body, rest)) => Ok((rest, Tok::Text(body.as_bytes().to_vec(), body.to_owned()))),
        None => fail(input, "the text is not closed: `\"` is missing"),
    }
}

fn text(input: &str) -> Lexed<'_, Tok> {
    let (mut rest, _) = char('"').parse(input)?;
    let mut octets = Vec::new();
    let mut pattern = String::new();
    loop {
        let before = rest;
        let Ok((after, c)) = anychar::<_, Fault>.parse(rest) else {
            return fail(input, "the text is not closed: `\"` is missing");
        };
        rest = match c {
            '"' => return Ok((after, Tok::Text(octets, pattern))),
            '\\' => {
                let (after, octet) = escape(after)?;
                let written = before.get(..before.len() - after.len()).unwrap_or_default();
                match octet {
                    Some(octet) => octets.push(octet),
                    None => octets.extend_from_slice(written.as_bytes()),
                }
                // A pattern has escapes of its own; only those of the quotes are undone.
                pattern.push_str(if matches!(written, "\\\\" | "\\\"") {
                    written.get(1..).unwrap_or_default()
                } else {
                    written
                });
                after
            }
            c => {
                octets.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                pattern.push(c);
                after
            }
        };
    }
}

fn character(input: &str) -> Lexed<'_, Tok> {
    let (rest, _) = char('\'').parse(input)?;
    let octet = alt((
        preceded(char('\\'), map_opt(escape, |octet| octet)),
        map_opt(none_of("'\\"), |c| u8::try_from(u32::from(c)).ok()),
    ));
    match (octet, char('\'')).parse(rest) {
        Ok((rest, (octet, _))) => Ok((rest, Tok::Char(octet))),
        Err(_) => {
            fail(input, "single quotes hold one character, as in 'a' or '\\x0a'; text is written in double quotes")
        }
    }
}

/// What follows a backslash; `None` for what is no escape and stays as written.
fn escape(input: &str) -> Lexed<'_, Option<u8>> {
    let hex = preceded(one_of("xX"), take_while_m_n(1, 2, |c: char| c.is_ascii_hexdigit()));
    let octal = take_while_m_n(1, 3, |c: char| ('0'..='7').contains(&c));
    let named = map(anychar, |c| match c {
        'a' => Some(7),
        'b' => Some(8),
        't' => Some(9),
        'n' => Some(10),
        'v' => Some(11),
        'f' => Some(12),
        'r' => Some(13),
        '\\' | '"' | '\'' => u8::try_from(u32::from(c)).ok(),
        _ => None,
    });
    alt((
        map(hex, |digits: &str| u8::from_str_radix(digits, 16).ok()),
        map(octal, |digits: &str| u8::from_str_radix(digits, 8).ok()),
        named,
    ))
    .parse(input)
}

/// `[0:4]`, `[1-2]`, `[:4]`, `[4:]`, `[3]`, `[0:2,4]`.
fn slice(input: &str) -> Lexed<'_, Tok> {
    let (inside, _) = (char('['), multispace0).parse(input)?;
    let ranges = separated_list1(delimited(multispace0, char(','), multispace0), range);
    match (ranges, multispace0, char(']')).parse(inside) {
        Ok((rest, (ranges, _, _))) => Ok((rest, Tok::Slice(ranges))),
        Err(nom::Err::Failure(fault)) => Err(nom::Err::Failure(fault)),
        Err(_) => fail(input, "a slice is written [offset], [offset:length], [first-last], [:length] or [offset:]"),
    }
}

fn range(input: &str) -> Lexed<'_, Range> {
    let after = |number: i64| if number > 0 { Some(Stop::After(number)) } else { None };
    let (rest, range) = alt((
        map((char(':'), multispace0, map_opt(integer, after)), |(_, _, stop)| Range { start: 0, stop }),
        map((integer, char(':'), map_opt(integer, after)), |(start, _, stop)| Range { start, stop }),
        map((integer, char(':')), |(start, _)| Range { start, stop: Stop::End }),
        map((integer, char('-'), integer), |(start, _, last)| Range { start, stop: Stop::With(last) }),
        map(integer, |start| Range { start, stop: Stop::After(1) }),
    ))
    .parse(input)?;
    match range {
        Range { start, stop: Stop::With(last) } if (start < 0) == (last < 0) && last < start => {
            fail(input, "the slice ends before it starts")
        }
        Range { start, stop: Stop::After(len) } if start < 0 && start.checked_add(len).is_none_or(|end| end > 0) => {
            fail(input, "the slice is longer than what is left up to the end")
        }
        _ => Ok((rest, range)),
    }
}

fn integer(input: &str) -> Lexed<'_, i64> {
    let hex = preceded(alt((tag("0x"), tag("0X"))), take_while1(|c: char| c.is_ascii_hexdigit()));
    alt((
        map_opt(hex, |digits: &str| i64::from_str_radix(digits, 16).ok().filter(|n| *n < 1 << 32)),
        map_opt(recognize((opt(char('-')), digit1)), |digits: &str| {
            digits.parse::<i64>().ok().filter(|n| n.unsigned_abs() < 1 << 32)
        }),
    ))
    .parse(input)
}
