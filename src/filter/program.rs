//! The compiled form of a filter.
//!
//! Must not know how it was written: types are settled, values are converted, names are fields.

use regex::bytes::Regex;

use super::syntax::{Compare, Math, Range};
use crate::model::{Field, Kind};

/// What the values of a term are, and so what they compare with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ty {
    Bool,
    Number,
    Text,
    Octets,
    Ipv4,
    Ipv6,
    Ether,
    Time,
    Duration,
    Frame,
    Severity,
}

impl Ty {
    /// The type of a field's values; layers and groups stand for their octets.
    pub(super) const fn of(kind: Kind) -> Self {
        match kind {
            Kind::Presence | Kind::Group | Kind::Bytes => Self::Octets,
            Kind::Bool => Self::Bool,
            Kind::Uint | Kind::Int => Self::Number,
            Kind::Text => Self::Text,
            Kind::Ipv4 => Self::Ipv4,
            Kind::Ipv6 => Self::Ipv6,
            Kind::Ether => Self::Ether,
            Kind::Time => Self::Time,
            Kind::Duration => Self::Duration,
            Kind::FrameRef => Self::Frame,
        }
    }

    /// What it is called in messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bool => "boolean",
            Self::Number => "number",
            Self::Text => "text",
            Self::Octets => "octets",
            Self::Ipv4 => "IPv4 address",
            Self::Ipv6 => "IPv6 address",
            Self::Ether => "link-layer address",
            Self::Time => "time",
            Self::Duration => "duration",
            Self::Frame => "frame reference",
            Self::Severity => "severity",
        }
    }

    /// How its values are written.
    pub(super) const fn expected(self) -> &'static str {
        match self {
            Self::Bool => "true or false",
            Self::Number => "a number: decimal, 0x hexadecimal, 0 octal or 0b binary",
            Self::Text => "text in double quotes",
            Self::Octets => "octets as 01:02, 01-02 or hex:0102, or text in double quotes",
            Self::Ipv4 => "an IPv4 address as 10.0.0.1, or a network as 10.0.0.0/8",
            Self::Ipv6 => "an IPv6 address as 2001:db8::1, or a network as 2001:db8::/32",
            Self::Ether => "a link-layer address as 00:11:22:33:44:55",
            Self::Time => "a time as \"2012-12-12 10:00:00\" (UTC), 2012-12-12T10:00:00+02:00 or seconds since 1970",
            Self::Duration => "seconds as 1.5, or with a unit as 500ms, 10m, 24h",
            Self::Frame => "a frame number, or frame number and index as 12.2",
            Self::Severity => "note, warning or error",
        }
    }

    /// Whether values are runs of octets.
    pub(super) const fn is_octets(self) -> bool {
        matches!(self, Self::Text | Self::Octets | Self::Ipv4 | Self::Ipv6 | Self::Ether)
    }
}

/// What of a finding is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Rule,
    /// The severity as a number that grows with it.
    Rank,
    Severity,
    Group,
    Text,
}

/// Upper or lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Upper,
    Lower,
}

/// Something that has a truth value.
#[derive(Debug)]
pub(super) enum Test {
    All(Vec<Test>),
    Any(Vec<Test>),
    /// An odd number of them holds.
    Odd(Vec<Test>),
    Not(Box<Test>),
    /// One of the fields occurs.
    Present(Box<[&'static Field]>),
    /// There is a finding.
    Flagged,
    /// The term has a value that is not empty.
    Exists(Term),
    /// The term has a value other than 0.
    NonZero(Term),
    Compare {
        all: bool,
        compare: Compare,
        left: Term,
        right: Term,
    },
    Contains {
        all: bool,
        left: Term,
        right: Term,
    },
    Matches {
        all: bool,
        left: Term,
        regex: Regex,
    },
    In {
        all: bool,
        negated: bool,
        left: Term,
        elements: Box<[Element]>,
    },
}

/// An element of a set.
#[derive(Debug)]
pub(super) enum Element {
    One(Term),
    Range(Term, Term),
}

/// Something that has values: none, one or several.
#[derive(Debug)]
pub(super) enum Term {
    Fields(Box<[&'static Field]>),
    Finding(Part),
    Const(Const),
    Slice(Box<Term>, Box<[Range]>),
    /// The first bits of an address, the rest 0.
    Masked(Box<Term>, u8),
    Case(Box<Term>, Case),
    Len(Box<Term>),
    Count(Box<Term>),
    Lowest(Box<[Term]>),
    Highest(Box<[Term]>),
    Abs(Box<Term>),
    Minus(Box<Term>),
    Math(Math, Box<Term>, Box<Term>),
    /// A value as text.
    Text(Box<Term>, Ty),
    /// Octets as a number, most significant first.
    Number(Box<Term>),
    /// The frame of a frame reference.
    FrameNumber(Box<Term>),
}

/// A value written in the filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Const {
    Number(i128),
    /// Any number from the first to the last.
    Span(i128, i128),
    /// Any of these: a value name that several values have.
    OneOf(Box<[i128]>),
    Octets(Box<[u8]>),
    /// Any address that starts with these bits.
    Net(Box<[u8]>, u8),
}
