//! A field: one named thing a dissector can read or compute.
//!
//! Declared once as a `static` through the `const fn` builder below; a tree node points at it, and that pointer is its identity.
//! Must not know any protocol.

use super::spec::{Cite, Spec};

/// What a field's value is: decides what it compares with and how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A protocol or layer: present or not. Its node groups the fields of the layer.
    Presence,
    /// A group of fields without a value of its own.
    Group,
    /// True or false.
    Bool,
    /// Unsigned number of at most 64 bits.
    Uint,
    /// Signed number of at most 64 bits.
    Int,
    /// Text in the octets' own encoding (UTF-8 unless said otherwise); may hold anything an attacker likes.
    Text,
    /// Octets.
    Bytes,
    /// IPv4 address, 4 octets.
    Ipv4,
    /// IPv6 address, 16 octets.
    Ipv6,
    /// Link-layer address, 6 octets.
    Ether,
    /// A point in time.
    Time,
    /// A span of time; written in seconds.
    Duration,
    /// A reference to another message: frame number, and index within it where that is not 1.
    FrameRef,
}

impl Kind {
    /// The kind's name in messages, `pushscope fields` and the docs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Presence => "presence",
            Self::Group => "group",
            Self::Bool => "boolean",
            Self::Uint => "uint",
            Self::Int => "int",
            Self::Text => "text",
            Self::Bytes => "bytes",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Ether => "ether",
            Self::Time => "time",
            Self::Duration => "duration",
            Self::FrameRef => "frame reference",
        }
    }
}

/// How a number is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base {
    /// Decimal.
    Dec,
    /// Hexadecimal with `0x` and at least this many digits.
    Hex(u8),
}

/// Where the names of a field's values come from.
#[derive(Clone, Copy, Debug)]
pub enum ValueNames {
    /// The values have no names.
    None,
    /// A list of (value, name).
    List(&'static [(u64, &'static str)]),
    /// A table sorted by value, shared with a dissector.
    Lookup {
        /// The name of a value.
        find: fn(u64) -> Option<&'static str>,
        /// All rows, for the catalog, completion and filters.
        all: fn() -> Box<dyn Iterator<Item = (u64, &'static str)>>,
    },
}

/// One named thing that can be read or computed. See the module's documentation.
#[derive(Debug)]
pub struct Field {
    /// Name in filters, columns and JSON: `dmnoti.session_id`.
    pub name: &'static str,
    /// Name on screen: `Session identifier`.
    pub label: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// How a number is written.
    pub base: Base,
    /// Names of its values.
    pub values: ValueNames,
    /// The section of a standard that defines it.
    pub cite: Option<Cite>,
    /// Why it cites nothing, where it does not.
    pub uncited: Option<&'static str>,
    /// What it means, one or two sentences for the detail pane and docs.
    pub about: &'static str,
    /// Computed by us and not read from the wire; shown in brackets.
    pub generated: bool,
}

impl Field {
    const fn new(name: &'static str, label: &'static str, kind: Kind) -> Self {
        Self {
            name,
            label,
            kind,
            base: Base::Dec,
            values: ValueNames::None,
            cite: None,
            uncited: None,
            about: "",
            generated: false,
        }
    }

    /// A protocol or layer.
    pub const fn layer(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Presence)
    }

    /// A group of fields.
    pub const fn group(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Group)
    }

    /// A flag.
    pub const fn bool(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Bool)
    }

    /// An unsigned number, decimal unless [`Field::hex`] says otherwise.
    pub const fn uint(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Uint)
    }

    /// A signed number.
    pub const fn int(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Int)
    }

    /// Text.
    pub const fn text(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Text)
    }

    /// Octets.
    pub const fn bytes(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Bytes)
    }

    /// IPv4 address.
    pub const fn ipv4(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Ipv4)
    }

    /// IPv6 address.
    pub const fn ipv6(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Ipv6)
    }

    /// Link-layer address.
    pub const fn ether(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Ether)
    }

    /// A point in time.
    pub const fn time(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Time)
    }

    /// A span of time.
    pub const fn duration(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::Duration)
    }

    /// A reference to another message.
    pub const fn frame_ref(name: &'static str, label: &'static str) -> Self {
        Self::new(name, label, Kind::FrameRef)
    }

    /// Defined by this section of this document.
    #[must_use]
    pub const fn cite(mut self, spec: &'static Spec, section: &'static str) -> Self {
        self.cite = Some(Cite { spec, section });
        self
    }

    /// Defined by no standard, and why.
    #[must_use]
    pub const fn uncited(mut self, reason: &'static str) -> Self {
        self.uncited = Some(reason);
        self
    }

    /// Names of values.
    #[must_use]
    pub const fn values(mut self, list: &'static [(u64, &'static str)]) -> Self {
        self.values = ValueNames::List(list);
        self
    }

    /// Names of values from a table that a dissector uses too.
    #[must_use]
    pub const fn lookup(
        mut self,
        find: fn(u64) -> Option<&'static str>,
        all: fn() -> Box<dyn Iterator<Item = (u64, &'static str)>>,
    ) -> Self {
        self.values = ValueNames::Lookup { find, all };
        self
    }

    /// Written in hexadecimal with at least `digits` digits.
    #[must_use]
    pub const fn hex(mut self, digits: u8) -> Self {
        self.base = Base::Hex(digits);
        self
    }

    /// What it means.
    #[must_use]
    pub const fn about(mut self, text: &'static str) -> Self {
        self.about = text;
        self
    }

    /// Computed by us, not read from the wire.
    #[must_use]
    pub const fn generated(mut self) -> Self {
        self.generated = true;
        self
    }

    /// The name of a value, where it has one.
    pub fn value_name(&self, value: u64) -> Option<&'static str> {
        match self.values {
            ValueNames::None => None,
            ValueNames::List(list) => list.iter().find(|row| row.0 == value).map(|row| row.1),
            ValueNames::Lookup { find, .. } => find(value),
        }
    }

    /// All named values, in the order of their table.
    pub fn value_names(&self) -> Box<dyn Iterator<Item = (u64, &'static str)>> {
        match self.values {
            ValueNames::None => Box::new(std::iter::empty()),
            ValueNames::List(list) => Box::new(list.iter().copied()),
            ValueNames::Lookup { all, .. } => all(),
        }
    }

    /// Whether this is the same field as `other`: identity, not equality of content.
    pub fn is(&'static self, other: &'static Self) -> bool {
        std::ptr::eq(self, other)
    }
}
