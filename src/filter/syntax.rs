//! The syntax tree of an expression, with the place of every part.
//!
//! Must not know the catalog: a word may be a field or a value, which only [`super::check`] decides.

/// A stretch of the expression, in octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) struct Spot {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Spot {
    /// From the start of this one to the end of the other.
    pub(super) const fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }
}

/// Which occurrences must fulfil a relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantifier {
    Any,
    All,
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compare {
    Equal,
    Unequal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

impl Compare {
    /// The same comparison with its sides exchanged.
    pub(super) const fn flipped(self) -> Self {
        match self {
            Self::Equal | Self::Unequal => self,
            Self::Less => Self::Greater,
            Self::LessEqual => Self::GreaterEqual,
            Self::Greater => Self::Less,
            Self::GreaterEqual => Self::LessEqual,
        }
    }

    /// How it is written.
    pub(super) const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
        }
    }
}

/// An arithmetic operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Math {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    BitAnd,
}

/// A run of octets within a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Range {
    /// First octet; from the end where negative.
    pub(super) start: i64,
    /// Where it stops.
    pub(super) stop: Stop,
}

/// Where a run of octets stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// After this many octets, at least 1.
    After(i64),
    /// With this octet; from the end where negative.
    With(i64),
    /// At the end of the value.
    End,
}

/// Something that has a truth value.
#[derive(Debug, PartialEq)]
pub(super) enum Test {
    Or(Vec<Test>),
    Xor(Vec<Test>),
    And(Vec<Test>),
    Not(Box<Test>),
    /// A term by itself: is it there?
    Bare(Term),
    /// `a < b <= c`: one comparison, or several that must all hold.
    Chain(Option<Quantifier>, Term, Vec<(Compare, Term)>),
    Contains(Option<Quantifier>, Term, Term),
    Matches(Option<Quantifier>, Term, Term),
    /// In a set, or in none of it.
    In(Option<Quantifier>, bool, Term, Vec<Element>),
}

/// An element of a set.
#[derive(Debug, PartialEq)]
pub(super) enum Element {
    One(Term),
    Range(Term, Term),
}

/// Something that has values.
#[derive(Debug, PartialEq)]
pub(super) struct Term {
    pub(super) spot: Spot,
    pub(super) what: What,
}

/// What a term is.
#[derive(Debug, PartialEq)]
pub(super) enum What {
    /// A field or a value without quotes.
    Word(String),
    /// A quoted text: its octets, and the same as the pattern of `matches`.
    Text(Vec<u8>, String),
    /// A character in single quotes.
    Char(u8),
    /// A function with the place of its name.
    Call(String, Spot, Vec<Term>),
    Slice(Box<Term>, Vec<Range>),
    Minus(Box<Term>),
    Math(Math, Box<Term>, Box<Term>),
}
