//! Tokens to a syntax tree: precedence and nesting.
//!
//! Must not know the catalog. Nesting and length are bounded, so that no expression exhausts the stack.

use super::error::FilterError;
use super::lex::{Tok, Token, tokens};
use super::syntax::{Compare, Element, Math, Quantifier, Spot, Term, Test, What};

/// Octets of the longest expression.
pub(super) const LENGTH_MAX: usize = 1 << 16;
/// Parentheses within parentheses, and operations in one sum.
const DEPTH_MAX: usize = 64;

/// The tree of an expression; `None` for an empty one.
pub(super) fn parse(source: &str) -> Result<Option<Test>, FilterError> {
    if source.len() > LENGTH_MAX {
        let spot = Spot { start: LENGTH_MAX, end: LENGTH_MAX };
        return Err(FilterError::new(
            "",
            Spot { start: 0, ..spot },
            format!("the expression has {} octets, more than the {LENGTH_MAX} that are allowed", source.len()),
        ));
    }
    let tokens = tokens(source)?;
    if tokens.is_empty() {
        return Ok(None);
    }
    let mut parser = Parser { source, tokens, next: 0, depth: 0 };
    let test = parser.or()?;
    match parser.peek() {
        None => Ok(Some(test)),
        Some(Tok::Close) => Err(parser.error("`)` without `(`")),
        Some(_) => {
            Err(parser.error("this was not expected here").hint("expected `and`, `or` or the end of the filter"))
        }
    }
}

struct Parser<'s> {
    source: &'s str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

type Parsed<T> = Result<T, FilterError>;

impl Parser<'_> {
    fn peek(&self) -> Option<&Tok> {
        self.tokens.get(self.next).map(|token| &token.tok)
    }

    /// Where the next token stands, or the end of the expression.
    fn spot(&self) -> Spot {
        let end = self.source.trim_end().len();
        self.tokens.get(self.next).map_or(Spot { start: end, end }, |token| token.spot)
    }

    fn last_spot(&self) -> Spot {
        self.next.checked_sub(1).and_then(|i| self.tokens.get(i)).map_or(Spot::default(), |token| token.spot)
    }

    fn eat(&mut self, tok: &Tok) -> bool {
        let found = self.peek() == Some(tok);
        self.next += usize::from(found);
        found
    }

    fn error(&self, message: &str) -> FilterError {
        let message = if self.peek().is_none() { "the filter ends too early" } else { message };
        FilterError::new(self.source, self.spot(), message)
    }

    fn expect(&mut self, tok: &Tok, sign: &str, opened: Spot) -> Parsed<()> {
        if self.eat(tok) {
            return Ok(());
        }
        let closed = if self.peek().is_none() { opened } else { self.spot() };
        Err(FilterError::new(self.source, closed, format!("`{sign}` is missing")))
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(FilterError::new(
                self.source,
                self.last_spot(),
                format!("too deep: at most {DEPTH_MAX} levels may stand within each other"),
            ));
        }
        Ok(())
    }

    fn list(&mut self, sign: &Tok, next: fn(&mut Self) -> Parsed<Test>, join: fn(Vec<Test>) -> Test) -> Parsed<Test> {
        let first = next(self)?;
        if self.peek() != Some(sign) {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.eat(sign) {
            all.push(next(self)?);
        }
        Ok(join(all))
    }

    fn or(&mut self) -> Parsed<Test> {
        self.list(&Tok::Or, Self::xor, Test::Or)
    }

    fn xor(&mut self) -> Parsed<Test> {
        self.list(&Tok::Xor, Self::and, Test::Xor)
    }

    fn and(&mut self) -> Parsed<Test> {
        self.list(&Tok::And, Self::not, Test::And)
    }

    fn not(&mut self) -> Parsed<Test> {
        let mut negated = false;
        while self.eat(&Tok::Not) {
            negated = !negated;
        }
        let test = self.relation()?;
        Ok(if negated { Test::Not(Box::new(test)) } else { test })
    }

    fn relation(&mut self) -> Parsed<Test> {
        let quantifier = match self.peek() {
            Some(Tok::Each(quantifier)) => Some(*quantifier),
            _ => None,
        };
        if quantifier.is_some() {
            self.next += 1;
        } else if self.peek() == Some(&Tok::Open) {
            return self.parenthesis();
        }
        let first = self.term(None)?;
        self.relation_of(quantifier, first)
    }

    /// A test in parentheses, or a calculation in parentheses that something is done with.
    fn parenthesis(&mut self) -> Parsed<Test> {
        let opened = self.spot();
        self.next += 1;
        self.deeper()?;
        let inner = self.or()?;
        self.expect(&Tok::Close, ")", opened)?;
        self.depth -= 1;
        match (inner, self.peek()) {
            (
                Test::Bare(mut term),
                Some(Tok::Math(_) | Tok::Compare(..) | Tok::Contains | Tok::Matches | Tok::In | Tok::Slice(_)),
            ) => {
                term.spot = opened.to(self.last_spot());
                let first = self.term(Some(term))?;
                self.relation_of(None, first)
            }
            (inner, _) => Ok(inner),
        }
    }

    fn relation_of(&mut self, quantifier: Option<Quantifier>, first: Term) -> Parsed<Test> {
        match self.peek() {
            Some(Tok::Compare(..)) => self.chain(quantifier, first),
            Some(Tok::Contains) => {
                self.next += 1;
                Ok(Test::Contains(quantifier, first, self.term(None)?))
            }
            Some(Tok::Matches) => {
                self.next += 1;
                Ok(Test::Matches(quantifier, first, self.term(None)?))
            }
            Some(Tok::In) => {
                self.next += 1;
                Ok(Test::In(quantifier, false, first, self.set()?))
            }
            Some(Tok::Not) if self.tokens.get(self.next + 1).map(|t| &t.tok) == Some(&Tok::In) => {
                self.next += 2;
                Ok(Test::In(quantifier, true, first, self.set()?))
            }
            _ if quantifier.is_some() => Err(self.error("`any` and `all` need a comparison")),
            _ => Ok(Test::Bare(first)),
        }
    }

    fn chain(&mut self, quantifier: Option<Quantifier>, first: Term) -> Parsed<Test> {
        let mut quantifier = quantifier;
        let mut rest: Vec<(Compare, Term)> = Vec::new();
        while let Some(Tok::Compare(compare, own)) = self.peek() {
            let (compare, own) = (*compare, *own);
            if own.is_some() && (quantifier.is_some() || !rest.is_empty()) {
                return Err(self.error("this comparison already says whether any or all must fulfil it"));
            }
            quantifier = quantifier.or(own);
            self.next += 1;
            rest.push((compare, self.term(None)?));
        }
        Ok(Test::Chain(quantifier, first, rest))
    }

    fn set(&mut self) -> Parsed<Vec<Element>> {
        let opened = self.spot();
        if !self.eat(&Tok::BraceOpen) {
            return Err(self.error("expected a set").hint("a set is written {1, 3..5, \"x\"}"));
        }
        let mut elements = Vec::new();
        loop {
            let low = self.term(None)?;
            elements.push(if self.eat(&Tok::DotDot) {
                Element::Range(low, self.term(None)?)
            } else {
                Element::One(low)
            });
            if !self.eat(&Tok::Comma) {
                break;
            }
        }
        self.expect(&Tok::BraceClose, "}", opened)?;
        Ok(elements)
    }

    /// A term, of which the first part may have been read already.
    fn term(&mut self, first: Option<Term>) -> Parsed<Term> {
        self.operations(first, &[Math::BitAnd], |parser, first| {
            parser.operations(first, &[Math::Add, Math::Subtract], |parser, first| {
                parser.operations(first, &[Math::Multiply, Math::Divide, Math::Remainder], Self::unary)
            })
        })
    }

    fn operations(
        &mut self,
        first: Option<Term>,
        signs: &[Math],
        next: impl Fn(&mut Self, Option<Term>) -> Parsed<Term>,
    ) -> Parsed<Term> {
        let mut left = next(self, first)?;
        let depth = self.depth;
        while let Some(Tok::Math(math)) = self.peek() {
            let math = *math;
            if !signs.contains(&math) {
                break;
            }
            self.next += 1;
            self.deeper()?;
            let right = next(self, None)?;
            let spot = left.spot.to(right.spot);
            left = Term { spot, what: What::Math(math, Box::new(left), Box::new(right)) };
        }
        self.depth = depth;
        Ok(left)
    }

    fn unary(&mut self, first: Option<Term>) -> Parsed<Term> {
        if first.is_some() {
            return self.sliced(first);
        }
        let start = self.spot();
        let mut negative = false;
        while let Some(Tok::Math(sign @ (Math::Add | Math::Subtract))) = self.peek() {
            negative ^= *sign == Math::Subtract;
            self.next += 1;
        }
        let term = self.sliced(None)?;
        let spot = start.to(term.spot);
        Ok(if negative { Term { spot, what: What::Minus(Box::new(term)) } } else { term })
    }

    fn sliced(&mut self, first: Option<Term>) -> Parsed<Term> {
        let mut term = match first {
            Some(term) => term,
            None => self.primary()?,
        };
        let depth = self.depth;
        while let Some(Tok::Slice(ranges)) = self.peek() {
            let ranges = ranges.clone();
            let spot = term.spot.to(self.spot());
            self.next += 1;
            self.deeper()?;
            term = Term { spot, what: What::Slice(Box::new(term), ranges) };
        }
        self.depth = depth;
        Ok(term)
    }

    fn primary(&mut self) -> Parsed<Term> {
        let spot = self.spot();
        let what = match self.peek() {
            Some(Tok::Word(word)) => {
                let word = word.clone();
                self.next += 1;
                if self.peek() == Some(&Tok::Open) {
                    return self.call(word, spot);
                }
                What::Word(word)
            }
            Some(Tok::Text(octets, pattern)) => {
                let what = What::Text(octets.clone(), pattern.clone());
                self.next += 1;
                what
            }
            Some(Tok::Char(octet)) => {
                let what = What::Char(*octet);
                self.next += 1;
                what
            }
            Some(Tok::Open) => return self.grouped(&Tok::Close, ")"),
            Some(Tok::BraceOpen) => return self.grouped(&Tok::BraceClose, "}"),
            _ => return Err(self.error("expected a field, a function or a value")),
        };
        Ok(Term { spot, what })
    }

    fn grouped(&mut self, close: &Tok, sign: &str) -> Parsed<Term> {
        let opened = self.spot();
        self.next += 1;
        self.deeper()?;
        let mut term = self.term(None)?;
        self.expect(close, sign, opened)?;
        self.depth -= 1;
        term.spot = opened.to(self.last_spot());
        Ok(term)
    }

    fn call(&mut self, name: String, name_spot: Spot) -> Parsed<Term> {
        let opened = self.spot();
        self.next += 1;
        self.deeper()?;
        let mut arguments = Vec::new();
        if self.peek() != Some(&Tok::Close) {
            arguments.push(self.term(None)?);
            while self.eat(&Tok::Comma) {
                arguments.push(self.term(None)?);
            }
        }
        self.expect(&Tok::Close, ")", opened)?;
        self.depth -= 1;
        Ok(Term { spot: name_spot.to(self.last_spot()), what: What::Call(name, name_spot, arguments) })
    }
}
