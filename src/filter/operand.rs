//! Terms: which words are fields and which are values, what type everything has, and values converted to it.
//!
//! Must not know how terms are compared; that is [`super::check`].

use super::alias;
use super::error::FilterError;
use super::literal;
use super::program::{Case, Const, Part, Term, Ty};
use super::syntax::{self, Math, Spot, What};
use crate::model::{Field, visible_str};

/// A term whose type is known, or a value that takes the type of what it is compared with.
#[derive(Debug)]
pub(super) enum Operand<'t> {
    Typed(Typed),
    Value(&'t syntax::Term),
}

/// A term with its type.
#[derive(Debug)]
pub(super) struct Typed {
    pub(super) term: Term,
    pub(super) ty: Ty,
    pub(super) spot: Spot,
}

impl Typed {
    /// The fields the values come from, where they come from fields unchanged.
    pub(super) fn fields(&self) -> &[&'static Field] {
        match &self.term {
            Term::Fields(fields) => fields,
            _ => &[],
        }
    }
}

/// A function.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
}

/// All functions.
pub(super) static FUNCTIONS: &[Function] = &[
    Function { name: "abs", about: "a number without its sign" },
    Function { name: "count", about: "how often a field occurs" },
    Function { name: "len", about: "number of octets" },
    Function { name: "lower", about: "text in lower case" },
    Function { name: "max", about: "the highest of all values" },
    Function { name: "min", about: "the lowest of all values" },
    Function { name: "string", about: "a value as text" },
    Function { name: "upper", about: "text in upper case" },
];

/// Compares expressions with the catalog.
#[derive(Clone, Copy, Debug)]
pub(super) struct Checker<'s> {
    pub(super) source: &'s str,
}

pub(super) type Checked<T> = Result<T, FilterError>;

impl Checker<'_> {
    pub(super) fn error(&self, spot: Spot, message: impl Into<String>) -> FilterError {
        FilterError::new(self.source, spot, message)
    }

    /// A part of the expression, safe to show and of bearable length.
    pub(super) fn written(&self, spot: Spot) -> String {
        let text = self.source.get(spot.start..spot.end).unwrap_or_default();
        let short: String = text.chars().take(60).collect();
        let dots = if short.len() < text.len() { "…" } else { "" };
        format!("{}{dots}", visible_str(&short))
    }

    /// A term: typed where it is a field or made from one.
    pub(super) fn operand<'t>(&self, term: &'t syntax::Term) -> Checked<Operand<'t>> {
        let spot = term.spot;
        let typed = |term, ty| Ok(Operand::Typed(Typed { term, ty, spot }));
        match &term.what {
            What::Word(word) => match Self::word(word) {
                Some((term, ty)) => typed(term, ty),
                None => Ok(Operand::Value(term)),
            },
            What::Text(..) | What::Char(_) => Ok(Operand::Value(term)),
            What::Call(name, name_spot, arguments) => {
                let (term, ty) = self.call(name, *name_spot, arguments)?;
                typed(term, ty)
            }
            What::Slice(inner, ranges) => {
                let inner = self.typed(inner)?;
                if !inner.ty.is_octets() {
                    return Err(self.error(spot, format!("a {} has no octets to slice", inner.ty.name())));
                }
                typed(Term::Slice(Box::new(inner.term), ranges.clone().into()), Ty::Octets)
            }
            What::Minus(inner) => match self.operand(inner)? {
                Operand::Value(_) => Ok(Operand::Value(term)),
                Operand::Typed(inner) if matches!(inner.ty, Ty::Number | Ty::Duration) => {
                    typed(Term::Minus(Box::new(inner.term)), inner.ty)
                }
                Operand::Typed(inner) => Err(self.error(spot, format!("a {} has no negative", inner.ty.name()))),
            },
            What::Math(math, left, right) => self.math(term, *math, left, right),
        }
    }

    /// A word that is a field.
    fn word(word: &str) -> Option<(Term, Ty)> {
        let part = match word {
            "finding.rule" => Some(Part::Rule),
            "finding.severity" => return Some((Term::Finding(Part::Rank), Ty::Severity)),
            "finding.group" => Some(Part::Group),
            "finding.text" => Some(Part::Text),
            _ => None,
        };
        if let Some(part) = part {
            return Some((Term::Finding(part), Ty::Text));
        }
        let fields = alias::fields(word);
        let ty = Ty::of(fields.first()?.kind);
        Some((Term::Fields(fields.into()), ty))
    }

    /// A term that must be a field or made from one.
    pub(super) fn typed(&self, term: &syntax::Term) -> Checked<Typed> {
        match self.operand(term)? {
            Operand::Typed(typed) => Ok(typed),
            Operand::Value(value) => Err(self.no_field(value)),
        }
    }

    /// A value where a field must stand.
    pub(super) fn no_field(&self, value: &syntax::Term) -> FilterError {
        match &value.what {
            What::Word(word) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => self.unknown(word, value.spot),
            What::Math(_, left, right) => {
                let word = if matches!(left.what, What::Word(_)) { left } else { right };
                self.no_field(word)
            }
            _ => self
                .error(value.spot, format!("`{}` is a value, not a field", self.written(value.spot)))
                .hint("expected a field or a function"),
        }
    }

    fn unknown(&self, word: &str, spot: Spot) -> FilterError {
        let error = self.error(spot, format!("unknown field `{}`", self.written(spot)));
        if let Some((before, _)) = word.split_once('-')
            && Self::word(before).is_some()
        {
            return error.hint("to subtract, write blanks around `-`");
        }
        error.hint("`pushscope fields` lists all fields").did_you_mean(&alias::near(word))
    }

    /// A severity as text, where text is asked for.
    pub(super) fn as_text(typed: Typed) -> Typed {
        match typed.term {
            Term::Finding(Part::Rank) => Typed { term: Term::Finding(Part::Severity), ty: Ty::Text, ..typed },
            _ => typed,
        }
    }

    fn call(&self, name: &str, name_spot: Spot, arguments: &[syntax::Term]) -> Checked<(Term, Ty)> {
        let known = FUNCTIONS.iter().map(|function| function.name);
        if !known.clone().any(|known| known == name) {
            let near = crate::catalog::near(name, known, 2);
            let error = self.error(name_spot, format!("unknown function `{}`", self.written(name_spot)));
            return Err(if near.is_empty() {
                error.hint("functions are abs, count, len, lower, max, min, string and upper")
            } else {
                error.did_you_mean(&near)
            });
        }
        if matches!(name, "min" | "max") {
            return self.extreme(name, name_spot, arguments);
        }
        let [argument] = arguments else {
            return Err(self.error(name_spot, format!("`{name}` takes one argument, not {}", arguments.len())));
        };
        let inner = Self::as_text(self.typed(argument)?);
        let wrong = |wants: &str| {
            let message = format!("`{name}` takes {wants}, not `{}` ({})", self.written(inner.spot), inner.ty.name());
            Err(self.error(inner.spot, message))
        };
        let ty = inner.ty;
        match name {
            "upper" | "lower" if ty != Ty::Text => wrong("text"),
            "upper" => Ok((Term::Case(Box::new(inner.term), Case::Upper), Ty::Text)),
            "lower" => Ok((Term::Case(Box::new(inner.term), Case::Lower), Ty::Text)),
            "len" if !ty.is_octets() && !matches!(inner.term, Term::Fields(_)) => wrong("a field, text or octets"),
            "len" => Ok((Term::Len(Box::new(inner.term)), Ty::Number)),
            "count" if !matches!(inner.term, Term::Fields(_) | Term::Finding(_)) => wrong("a field"),
            "count" => Ok((Term::Count(Box::new(inner.term)), Ty::Number)),
            "abs" if !matches!(ty, Ty::Number | Ty::Duration) => wrong("a number or a duration"),
            "abs" => Ok((Term::Abs(Box::new(inner.term)), ty)),
            _ => Ok((Term::Text(Box::new(inner.term), ty), Ty::Text)),
        }
    }

    fn extreme(&self, name: &str, name_spot: Spot, arguments: &[syntax::Term]) -> Checked<(Term, Ty)> {
        let mut terms = Vec::new();
        let mut ty = None;
        for argument in arguments {
            let inner = self.typed(argument)?;
            if !matches!(inner.ty, Ty::Number | Ty::Time | Ty::Duration | Ty::Severity) {
                let message =
                    format!("`{name}` takes numbers, times, durations or severities, not {}", inner.ty.name());
                return Err(self.error(inner.spot, message));
            }
            if *ty.get_or_insert(inner.ty) != inner.ty {
                return Err(self.error(inner.spot, format!("the arguments of `{name}` must be of one kind")));
            }
            terms.push(inner.term);
        }
        let Some(ty) = ty else {
            return Err(self.error(name_spot, format!("`{name}` takes at least one argument")));
        };
        Ok((if name == "min" { Term::Lowest(terms.into()) } else { Term::Highest(terms.into()) }, ty))
    }

    fn math<'t>(
        &self,
        whole: &'t syntax::Term,
        math: Math,
        left: &'t syntax::Term,
        right: &'t syntax::Term,
    ) -> Checked<Operand<'t>> {
        let spot = whole.spot;
        let (left, right) = match (self.operand(left)?, self.operand(right)?) {
            (Operand::Value(_), Operand::Value(_)) => return Ok(Operand::Value(whole)),
            (Operand::Typed(left), Operand::Typed(right)) => (Self::counted(left, math), Self::counted(right, math)),
            (Operand::Typed(left), Operand::Value(bits))
                if math == Math::Divide && matches!(left.ty, Ty::Ipv4 | Ty::Ipv6) =>
            {
                let all = if left.ty == Ty::Ipv4 { 32 } else { 128 };
                let prefix = match &bits.what {
                    What::Word(word) => word.parse::<u8>().ok().filter(|bits| *bits <= all),
                    _ => None,
                };
                let Some(prefix) = prefix else {
                    return Err(self.error(bits.spot, format!("a prefix of an {} has 0 to {all} bits", left.ty.name())));
                };
                return Ok(Operand::Typed(Typed {
                    term: Term::Masked(Box::new(left.term), prefix),
                    ty: left.ty,
                    spot,
                }));
            }
            (Operand::Typed(left), Operand::Value(right)) => {
                let left = Self::counted(left, math);
                let right = self.partner(&left, math, right)?;
                (left, right)
            }
            (Operand::Value(left), Operand::Typed(right)) => {
                let right = Self::counted(right, math);
                let left = self.partner(&right, math, left)?;
                (left, right)
            }
        };
        let Some(ty) = result(math, left.ty, right.ty) else {
            let message = format!("{} and {} cannot be calculated with in this way", left.ty.name(), right.ty.name());
            return Err(self.error(spot, message));
        };
        Ok(Operand::Typed(Typed { term: Term::Math(math, Box::new(left.term), Box::new(right.term)), ty, spot }))
    }

    /// Octets as a number, for `&`.
    fn counted(typed: Typed, math: Math) -> Typed {
        match typed.ty {
            Ty::Octets if math == Math::BitAnd => {
                Typed { term: Term::Number(Box::new(typed.term)), ty: Ty::Number, ..typed }
            }
            Ty::Bool if math == Math::BitAnd => Typed { ty: Ty::Number, ..typed },
            _ => typed,
        }
    }

    /// A value that is calculated with.
    fn partner(&self, other: &Typed, math: Math, value: &syntax::Term) -> Checked<Typed> {
        let spot = value.spot;
        let ty = match (other.ty, math) {
            (Ty::Time, _) if math != Math::Subtract || self.value(value, Ty::Duration, &[]).is_ok() => Ty::Duration,
            (Ty::Duration, Math::Multiply | Math::Divide) => Ty::Number,
            (ty, _) => ty,
        };
        let term = self.value(value, ty, &[])?;
        Ok(Typed { term, ty, spot })
    }

    /// A value as this type; the fields say which value names there are.
    pub(super) fn value(&self, value: &syntax::Term, ty: Ty, fields: &[&'static Field]) -> Checked<Term> {
        let found = match &value.what {
            What::Word(word) => literal::bare(word, ty).or_else(|| named(word, ty, fields)),
            What::Text(octets, _) => {
                literal::quoted(octets, ty).or_else(|| named(std::str::from_utf8(octets).ok()?, ty, fields))
            }
            What::Char(octet) if matches!(ty, Ty::Text | Ty::Octets) => Some(Const::Octets([*octet].into())),
            What::Char(octet) if ty == Ty::Number => Some(Const::Number(i128::from(*octet))),
            What::Minus(inner) => match &inner.what {
                What::Word(word) => literal::bare(&format!("-{word}"), ty),
                _ => None,
            },
            What::Math(Math::Divide, left, right) if matches!(ty, Ty::Ipv4 | Ty::Ipv6) => {
                match (&left.what, &right.what) {
                    (What::Word(address), What::Word(bits)) => literal::bare(&format!("{address}/{bits}"), ty),
                    _ => None,
                }
            }
            What::Math(math, left, right) if ty == Ty::Number => {
                let left = self.value(left, ty, &[])?;
                let right = self.value(right, ty, &[])?;
                return Ok(Term::Math(*math, Box::new(left), Box::new(right)));
            }
            _ => None,
        };
        found.map(Term::Const).ok_or_else(|| self.no_value(value, ty, fields))
    }

    fn no_value(&self, value: &syntax::Term, ty: Ty, fields: &[&'static Field]) -> FilterError {
        let written = self.written(value.spot);
        let mut names: Vec<&'static str> =
            fields.iter().flat_map(|field| field.value_names()).map(|row| row.1).collect();
        names.dedup();
        let word = match &value.what {
            What::Word(word) => word.as_str(),
            What::Text(octets, _) => std::str::from_utf8(octets).unwrap_or_default(),
            _ => "",
        };
        if let What::Word(word) = &value.what
            && word.contains('.')
            && word.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            let near = alias::near(word);
            if !near.is_empty() {
                return self.unknown(word, value.spot);
            }
        }
        let whose = match fields {
            [first, ..] => format!("no value of `{}` ({})", first.name, first.kind.name()),
            [] => format!("no {}", ty.name()),
        };
        let error = self.error(value.spot, format!("`{written}` is {whose}"));
        let near = crate::catalog::near(word, names.iter().copied(), 3);
        if let [near, ..] = near.as_slice() {
            return error.hint(format!("did you mean \"{near}\"?"));
        }
        match names.as_slice() {
            [] => error.hint(format!("expected {}", ty.expected())),
            names => {
                let some: Vec<String> = names.iter().take(6).map(|name| format!("\"{name}\"")).collect();
                let more = if names.len() > some.len() { ", …" } else { "" };
                error.hint(format!("expected {}, or one of {}{more}", ty.expected(), some.join(", ")))
            }
        }
    }
}

/// The values of this name, whatever its case.
fn named(word: &str, ty: Ty, fields: &[&'static Field]) -> Option<Const> {
    if !matches!(ty, Ty::Number | Ty::Bool) {
        return None;
    }
    let rows = fields.iter().flat_map(|field| field.value_names());
    let mut all: Vec<i128> = rows.filter(|row| row.1.eq_ignore_ascii_case(word)).map(|row| i128::from(row.0)).collect();
    all.sort_unstable();
    all.dedup();
    match all.as_slice() {
        [] => None,
        [one] => Some(Const::Number(*one)),
        _ => Some(Const::OneOf(all.into())),
    }
}

/// The type of a result; `None` where such a calculation has no sense.
fn result(math: Math, left: Ty, right: Ty) -> Option<Ty> {
    use Math::{Add, Divide, Multiply, Remainder, Subtract};
    use Ty::{Duration, Number, Time};
    match (left, math, right) {
        (Number, _, Number) | (Duration, Divide, Duration) => Some(Number),
        (Time, Subtract, Time)
        | (Duration, Add | Subtract | Remainder, Duration)
        | (Duration, Multiply | Divide, Number)
        | (Number, Multiply, Duration) => Some(Duration),
        (Time, Add | Subtract, Duration) | (Duration, Add, Time) => Some(Time),
        _ => None,
    }
}
