//! A rule: what a finding is an instance of.
//!
//! Declared once as a `static`; a finding points at it. Must not know any protocol.

use super::spec::{Cite, Spec};

/// How bad a finding is. The order is the order of `--fail-on`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably a fault, or a fault of small effect.
    Warning,
    /// A fault: a MUST is broken, or octets make no sense.
    Error,
}

impl Severity {
    /// All of them, the mildest first.
    pub const ALL: [Self; 3] = [Self::Note, Self::Warning, Self::Error];

    /// The name in filters, JSON and options.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What kind of thing a finding tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Group {
    /// Octets do not form what they should.
    Malformed,
    /// A protocol's rule is broken.
    Protocol,
    /// Digests, credentials, replay.
    Security,
    /// Fragments and parts.
    Reassembly,
    /// Order and repetition of messages.
    Sequence,
    /// Something we do not decode.
    Undecoded,
    /// We had to choose a reading.
    Assumption,
}

impl Group {
    /// The name in filters and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::Protocol => "protocol",
            Self::Security => "security",
            Self::Reassembly => "reassembly",
            Self::Sequence => "sequence",
            Self::Undecoded => "undecoded",
            Self::Assumption => "assumption",
        }
    }
}

/// Whether a capture can show that a rule is broken, and whether we look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// A capture can show it, and it is checked.
    Yes,
    /// A capture can show it; it is not checked yet.
    NotYet,
    /// No capture can show it.
    Never,
}

/// A finding's definition. See the module's documentation.
#[derive(Debug)]
pub struct Rule {
    /// Identifier, never reused for another meaning: `N12-014`.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What kind of thing it tells.
    pub group: Group,
    /// The section that demands it.
    pub cite: Option<Cite>,
    /// Why it cites nothing, where it does not.
    pub uncited: Option<&'static str>,
    /// The finding in one line.
    pub text: &'static str,
    /// What it means.
    pub means: &'static str,
    /// Why it matters.
    pub matters: &'static str,
    /// What to check.
    pub check: &'static str,
    /// Whether we look for it.
    pub checked: Checked,
}

impl Rule {
    /// A rule of any severity.
    pub const fn new(id: &'static str, severity: Severity, group: Group) -> Self {
        Self {
            id,
            severity,
            group,
            cite: None,
            uncited: None,
            text: "",
            means: "",
            matters: "",
            check: "",
            checked: Checked::Yes,
        }
    }

    /// A rule whose breach is an error.
    pub const fn error(id: &'static str, group: Group) -> Self {
        Self::new(id, Severity::Error, group)
    }

    /// A rule whose breach is a warning.
    pub const fn warning(id: &'static str, group: Group) -> Self {
        Self::new(id, Severity::Warning, group)
    }

    /// Something worth a note.
    pub const fn note(id: &'static str, group: Group) -> Self {
        Self::new(id, Severity::Note, group)
    }

    /// Demanded by this section of this document.
    #[must_use]
    pub const fn cite(mut self, spec: &'static Spec, section: &'static str) -> Self {
        self.cite = Some(Cite { spec, section });
        self
    }

    /// Demanded by no standard, and why we say it.
    #[must_use]
    pub const fn uncited(mut self, reason: &'static str) -> Self {
        self.uncited = Some(reason);
        self
    }

    /// The finding in one line.
    #[must_use]
    pub const fn text(mut self, text: &'static str) -> Self {
        self.text = text;
        self
    }

    /// What it means, why it matters, what to check: one sentence each.
    #[must_use]
    pub const fn explain(mut self, means: &'static str, matters: &'static str, check: &'static str) -> Self {
        self.means = means;
        self.matters = matters;
        self.check = check;
        self
    }

    /// Not looked for yet, or never visible.
    #[must_use]
    pub const fn checked(mut self, checked: Checked) -> Self {
        self.checked = checked;
        self
    }

    /// Whether this is the same rule as `other`: identity, not equality of content.
    pub fn is(&'static self, other: &'static Self) -> bool {
        std::ptr::eq(self, other)
    }
}
