//! What compares with what: a syntax tree to its compiled form.
//!
//! Must not know packets. Every error names the place and what was expected.

use regex::bytes::{Regex, RegexBuilder};

use super::error::FilterError;
use super::operand::{Checked, Checker, Operand, Typed};
use super::program::{Const, Element, Part, Term, Test, Ty};
use super::syntax::{self, Compare, Quantifier, What};
use crate::catalog::finding;
use crate::model::{Group, visible_str};

/// Octets a compiled pattern may take.
const PATTERN_MAX: usize = 1 << 20;

/// Checks and compiles.
pub(super) fn check(source: &str, test: &syntax::Test) -> Result<Test, FilterError> {
    Checker { source }.test(test)
}

impl Checker<'_> {
    fn test(&self, test: &syntax::Test) -> Checked<Test> {
        let list = |all: &[syntax::Test]| all.iter().map(|test| self.test(test)).collect::<Checked<Vec<Test>>>();
        match test {
            syntax::Test::Or(all) => list(all).map(Test::Any),
            syntax::Test::Xor(all) => list(all).map(Test::Odd),
            syntax::Test::And(all) => list(all).map(Test::All),
            syntax::Test::Not(inner) => Ok(Test::Not(Box::new(self.test(inner)?))),
            syntax::Test::Bare(term) => self.bare(term),
            syntax::Test::Chain(quantifier, first, rest) => self.chain(*quantifier, first, rest),
            syntax::Test::Contains(quantifier, left, right) => {
                let left = self.searched(left, "contains")?;
                let right = match self.operand(right)? {
                    Operand::Typed(typed) => self.searched_for(Self::as_text(typed))?,
                    Operand::Value(value) => self.value(value, left.ty, &[])?,
                };
                Ok(Test::Contains { all: all(*quantifier, false), left: left.term, right })
            }
            syntax::Test::Matches(quantifier, left, right) => {
                let left = self.searched(left, "matches")?;
                let regex = self.pattern(right, left.ty)?;
                Ok(Test::Matches { all: all(*quantifier, false), left: left.term, regex })
            }
            syntax::Test::In(quantifier, negated, left, elements) => {
                let left = self.typed(left)?;
                let elements = elements.iter().map(|element| self.element(&left, element)).collect::<Checked<_>>()?;
                // Without a quantifier it is the contrary of `in`, true where the field is absent too: so has Wireshark it.
                let (contrary, negated) = (*negated && quantifier.is_none(), *negated && quantifier.is_some());
                let test = Test::In { all: all(*quantifier, false), negated, left: left.term, elements };
                Ok(if contrary { Test::Not(Box::new(test)) } else { test })
            }
        }
    }

    /// A term by itself: is it there?
    fn bare(&self, term: &syntax::Term) -> Checked<Test> {
        let typed = self.typed(term)?;
        match typed.term {
            Term::Fields(fields) => Ok(Test::Present(fields)),
            Term::Finding(_) => Ok(Test::Flagged),
            Term::Slice(..) => Ok(Test::Exists(typed.term)),
            Term::Math(..) | Term::Minus(_) => Ok(Test::NonZero(typed.term)),
            _ => Err(self
                .error(typed.spot, "a function is no test by itself")
                .hint(format!("compare it, as in `{} > 0`", self.written(typed.spot)))),
        }
    }

    fn chain(
        &self,
        quantifier: Option<Quantifier>,
        first: &syntax::Term,
        rest: &[(Compare, syntax::Term)],
    ) -> Checked<Test> {
        let mut tests = Vec::new();
        let mut left = first;
        for (compare, right) in rest {
            tests.push(self.compare(quantifier, left, *compare, right)?);
            left = right;
        }
        match tests.len() {
            1 => tests.pop().ok_or_else(|| self.error(first.spot, "nothing is compared")),
            _ => Ok(Test::All(tests)),
        }
    }

    fn compare(
        &self,
        quantifier: Option<Quantifier>,
        left: &syntax::Term,
        compare: Compare,
        right: &syntax::Term,
    ) -> Checked<Test> {
        let all = all(quantifier, compare == Compare::Unequal);
        let (left, compare, right) = match (self.operand(left)?, self.operand(right)?) {
            (Operand::Value(left), Operand::Value(_)) => return Err(self.no_field(left)),
            (Operand::Typed(left), Operand::Typed(right)) => {
                let (left, right) = self.pair(left, right, compare)?;
                (left, compare, right)
            }
            (Operand::Typed(left), Operand::Value(right)) => {
                let right = self.compared(&left, compare, right)?;
                (left.term, compare, right)
            }
            // The field goes to the left, so that networks and names of several values stand on the right only.
            (Operand::Value(left), Operand::Typed(right)) => {
                let compare = compare.flipped();
                let left = self.compared(&right, compare, left)?;
                (right.term, compare, left)
            }
        };
        Ok(Test::Compare { all, compare, left, right })
    }

    /// A value that a field is compared with.
    fn compared(&self, field: &Typed, compare: Compare, value: &syntax::Term) -> Checked<Term> {
        let ordered = !matches!(compare, Compare::Equal | Compare::Unequal);
        if ordered {
            self.orderable(field, compare)?;
        }
        let term = self.value(value, field.ty, field.fields())?;
        if !ordered {
            self.known_text(field, value, &term)?;
        }
        if ordered && matches!(term, Term::Const(Const::OneOf(_))) {
            let message =
                format!("several values are called `{}`, so it has no place in an order", self.written(value.spot));
            return Err(self.error(value.spot, message).hint("write the number"));
        }
        Ok(term)
    }

    /// Where the texts of a field are few and fixed, a slip of the finger would select nothing, silently.
    fn known_text(&self, field: &Typed, value: &syntax::Term, term: &Term) -> Checked<()> {
        let Term::Const(Const::Octets(octets)) = term else { return Ok(()) };
        let (what, names): (&str, Vec<&str>) = match &field.term {
            Term::Finding(Part::Group) => (finding::GROUP.name, GROUPS.map(Group::name).to_vec()),
            Term::Fields(fields) if field.ty == Ty::Text => match &**fields {
                [field] => (field.name, field.value_names().map(|row| row.1).collect()),
                _ => return Ok(()),
            },
            _ => return Ok(()),
        };
        if names.is_empty() || names.iter().any(|name| name.as_bytes() == &**octets) {
            return Ok(());
        }
        let error = self.error(value.spot, format!("`{what}` is never `{}`", self.written(value.spot)));
        Err(error.hint(format!("it is one of {}", names.join(", "))))
    }

    fn orderable(&self, typed: &Typed, compare: Compare) -> Checked<()> {
        if typed.ty == Ty::Bool {
            let message =
                format!("`{}` is a boolean, which `{}` cannot compare", self.written(typed.spot), compare.sign());
            return Err(self.error(typed.spot, message).hint("use `==` or `!=`"));
        }
        Ok(())
    }

    /// Two fields that are compared.
    fn pair(&self, left: Typed, right: Typed, compare: Compare) -> Checked<(Term, Term)> {
        if !matches!(compare, Compare::Equal | Compare::Unequal) {
            self.orderable(&left, compare)?;
        }
        let octets = |ty| matches!(ty, Ty::Text | Ty::Octets | Ty::Ether);
        let frame = |typed: Typed| match typed.ty {
            Ty::Frame => Term::FrameNumber(Box::new(typed.term)),
            _ => typed.term,
        };
        match (left.ty, right.ty) {
            (a, b) if a == b => Ok((left.term, right.term)),
            (Ty::Octets, b) if b.is_octets() => Ok((left.term, right.term)),
            (a, Ty::Octets) if a.is_octets() => Ok((left.term, right.term)),
            (a, b) if octets(a) && octets(b) => Ok((left.term, right.term)),
            (Ty::Frame, Ty::Number) | (Ty::Number, Ty::Frame) => Ok((frame(left), frame(right))),
            (Ty::Severity, Ty::Text) | (Ty::Text, Ty::Severity) => {
                Ok((Self::as_text(left).term, Self::as_text(right).term))
            }
            _ => {
                let message = format!(
                    "`{}` ({}) and `{}` ({}) do not compare",
                    self.written(left.spot),
                    left.ty.name(),
                    self.written(right.spot),
                    right.ty.name()
                );
                Err(self.error(right.spot, message).hint(format!(
                    "expected another field that is {}, or {}",
                    left.ty.name(),
                    left.ty.expected()
                )))
            }
        }
    }

    fn element(&self, left: &Typed, element: &syntax::Element) -> Checked<Element> {
        let one = |term: &syntax::Term, compare: Compare| match self.operand(term)? {
            Operand::Value(value) => self.compared(left, compare, value),
            Operand::Typed(typed) if typed.ty == left.ty => Ok(typed.term),
            Operand::Typed(typed) => {
                let message = format!(
                    "the set must hold {}, not `{}` ({})",
                    left.ty.name(),
                    self.written(typed.spot),
                    typed.ty.name()
                );
                Err(self.error(typed.spot, message))
            }
        };
        match element {
            syntax::Element::One(term) => Ok(Element::One(one(term, Compare::Equal)?)),
            syntax::Element::Range(low, high) => {
                Ok(Element::Range(one(low, Compare::GreaterEqual)?, one(high, Compare::LessEqual)?))
            }
        }
    }

    /// What `contains` and `matches` look into.
    fn searched(&self, term: &syntax::Term, operator: &str) -> Checked<Typed> {
        let typed = Self::as_text(self.typed(term)?);
        if matches!(typed.ty, Ty::Text | Ty::Octets) || (typed.ty == Ty::Ether && operator == "contains") {
            return Ok(Typed { ty: if typed.ty == Ty::Text { Ty::Text } else { Ty::Octets }, ..typed });
        }
        let message = format!(
            "`{operator}` looks into text or octets, not into `{}` ({})",
            self.written(typed.spot),
            typed.ty.name()
        );
        Err(self.error(typed.spot, message).hint(format!("compare it, or use string({})", self.written(typed.spot))))
    }

    fn searched_for(&self, typed: Typed) -> Checked<Term> {
        if typed.ty.is_octets() {
            return Ok(typed.term);
        }
        let message = format!(
            "`contains` looks for text or octets, not for `{}` ({})",
            self.written(typed.spot),
            typed.ty.name()
        );
        Err(self.error(typed.spot, message))
    }

    /// Case does not count, as in Wireshark; in octets a dot is any octet, in text any character.
    fn pattern(&self, term: &syntax::Term, ty: Ty) -> Checked<Regex> {
        let What::Text(_, pattern) = &term.what else {
            return Err(self.error(term.spot, "`matches` needs a pattern in double quotes"));
        };
        let built = RegexBuilder::new(pattern)
            .case_insensitive(true)
            .unicode(ty == Ty::Text)
            .size_limit(PATTERN_MAX)
            .dfa_size_limit(PATTERN_MAX)
            .nest_limit(64)
            .build();
        built.map_err(|error| {
            let why = match &error {
                regex::Error::CompiledTooBig(_) => "it grows too big".to_owned(),
                _ => error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
            };
            self.error(term.spot, format!("the pattern cannot be used: {}", visible_str(&why)))
        })
    }
}

/// All groups, in the order of their declaration.
pub(super) const GROUPS: [Group; 7] = [
    Group::Malformed,
    Group::Protocol,
    Group::Security,
    Group::Reassembly,
    Group::Sequence,
    Group::Undecoded,
    Group::Assumption,
];

fn all(quantifier: Option<Quantifier>, default: bool) -> bool {
    quantifier.map_or(default, |quantifier| quantifier == Quantifier::All)
}
