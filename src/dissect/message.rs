//! What dissectors report beside the tree: pushes, and the Package #0 messages in them.
//!
//! Enough for verification, sequence rules and one-line summaries; everything else is in the tree. Must not hold octets.

use super::facts::{Carrier, Facts};
use crate::model::{Duration, Field, NodeId, Span};

/// The layout of a Package #0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// DM Notification 1.2.1.
    Dm12,
    /// DM Notification 2.0, the draft of 2012.
    Dm20,
    /// Data Sync 1.2 notification.
    Ds12,
    /// The later DM 2.0 layout.
    Dm20Later,
    /// DM Notification 1.3.
    Dm13,
}

impl Format {
    /// Value of `dmnoti.format`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dm12 => "1.2",
            Self::Dm20 => "2.0",
            Self::Ds12 => "ds-1.2",
            Self::Dm20Later => "2.0-later",
            Self::Dm13 => "1.3",
        }
    }
}

/// Whether a message could be read whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// The digest, or its absence, is where it must be.
    Whole,
    /// The capture lacks octets that verification needs.
    Incomplete,
    /// All octets are there, but the digest is not where it must be.
    Malformed,
}

/// One Package #0.
#[derive(Clone, Copy, Debug)]
pub struct Message {
    /// Its layout.
    pub format: Format,
    /// Its layer.
    pub layer: NodeId,
    /// All of its octets, as far as they are there.
    pub octets: Span,
    /// How many octets the carrier promised.
    pub promised: u32,
    /// Whether it could be read whole.
    pub body: Body,
    /// Server identifier and its node.
    pub server_id: Option<(Span, NodeId)>,
    /// The digest itself (16 or 32 octets) and the node verdicts stand at; the layer without a digest.
    pub digest: Option<Span>,
    /// The node that verdicts belong to.
    pub digest_node: NodeId,
    /// Session identifier (1.2) or notification id (2.0), and its node.
    pub id: Option<(u16, NodeId)>,
    /// Sending time in seconds since 1970 and its node (2.0).
    pub time: Option<(u32, NodeId)>,
    /// Value of option 5, time and digest (2.0): what may differ between resends.
    pub digest_option: Option<Span>,
    /// What the layers below know.
    pub facts: Facts,
}

/// One push, of whatever content.
#[derive(Clone, Copy, Debug)]
pub struct Push {
    /// The WSP layer, or the layer that stands for it (WTLS: nothing can be seen inside).
    pub layer: NodeId,
    /// What the layers below and WSP know.
    pub facts: Facts,
}

/// What became of a push: on what tells it, and on the push itself once it is known.
pub static OUTCOME: Field = Field::text("push.outcome", "Outcome of the push")
    .uncited("put together from status, cause or receipt of the layers that carried it")
    .generated()
    .about("What a response, an acknowledgement or a receipt says, or that none came.");

/// Who tells the outcome of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Teller {
    /// A response or an acknowledgement; in words, what a failure is called.
    Answer(&'static str),
    /// A receipt, which may come much later.
    Receipt,
    /// Nobody: nothing came within the time we wait.
    Nobody,
}

/// What became of a push of another frame, as a response, an acknowledgement or a receipt tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The carrier of both.
    pub carrier: Carrier,
    /// The frame of the push.
    pub request: u32,
    /// The layer that tells it, in the frame that does.
    pub layer: NodeId,
    /// Who tells it.
    pub teller: Teller,
    /// Whether the push failed.
    pub failed: bool,
    /// Status, cause or state, and its name; where nobody tells it, how long was waited.
    pub status: (u64, &'static str),
    /// Time since the push.
    pub latency: Option<Duration>,
}

impl Outcome {
    /// The words, where they are one name: of nearly all that did not fail.
    pub(super) fn word(&self) -> Option<&'static str> {
        (!self.failed && !matches!(self.teller, Teller::Nobody)).then_some(self.status.1)
    }
}

impl std::fmt::Display for Outcome {
    /// In words, without the time.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (code, name) = self.status;
        match (self.teller, self.failed) {
            (Teller::Nobody, _) => write!(f, "no response {name}"),
            (Teller::Answer(failure), true) => write!(f, "{failure}: {name} ({code})"),
            (Teller::Receipt, true) => write!(f, "not delivered: {name} ({code})"),
            (_, false) => f.write_str(name),
        }
    }
}

/// The outcome of a push that was listed before: to be shown with it from now on.
#[derive(Clone, Debug)]
pub struct Change {
    /// The frame of the push.
    pub frame: u32,
    /// The layer of that frame that carries it and waited for an answer.
    pub layer: NodeId,
    /// The frame that tells it, and the field that names it; `None` where no answer came.
    pub told_in: Option<(&'static Field, u32)>,
    /// What became of it.
    pub outcome: Outcome,
}

/// All that one frame reported.
#[derive(Debug, Default)]
pub struct Found {
    /// The pushes.
    pub pushes: Vec<Push>,
    /// The Package #0 messages.
    pub messages: Vec<Message>,
    /// The packet concerns a push though it holds none: an encrypted one, a part of one.
    pub concerns_push: bool,
    /// Outcomes of pushes of other frames.
    pub outcomes: Vec<Outcome>,
}

/// A copy into one that was used before takes its room.
impl Clone for Found {
    fn clone(&self) -> Self {
        let Self { pushes, messages, concerns_push, outcomes } = self;
        let (pushes, messages) = (pushes.clone(), messages.clone());
        Self { pushes, messages, concerns_push: *concerns_push, outcomes: outcomes.clone() }
    }

    fn clone_from(&mut self, other: &Self) {
        let Self { pushes, messages, concerns_push, outcomes } = other;
        self.pushes.clone_from(pushes);
        self.messages.clone_from(messages);
        self.concerns_push = *concerns_push;
        self.outcomes.clone_from(outcomes);
    }
}

impl Found {
    /// Forgets everything but keeps the room.
    pub fn clear(&mut self) {
        self.pushes.clear();
        self.messages.clear();
        self.concerns_push = false;
        self.outcomes.clear();
    }

    /// Whether the packet is listed without `--all`.
    pub fn is_listed(&self) -> bool {
        self.concerns_push || !self.pushes.is_empty() || !self.messages.is_empty()
    }
}
