//! What a layer cannot do alone: memory across frames. It asks; the engine puts the question to `flow`.
//!
//! Must not hold memory itself.

use std::net::IpAddr;

use crate::model::{Derived, NodeId, Span};

use super::claim::Claim;
use super::facts::Facts;

/// A question that ends a layer.
#[derive(Clone, Copy, Debug)]
pub enum Need {
    /// A fragment of an IP datagram: is the rest there?
    IpFragment(IpFragment),
}

impl Need {
    /// The layer that asks.
    pub const fn layer(&self) -> NodeId {
        match self {
            Self::IpFragment(fragment) => fragment.layer,
        }
    }
}

/// A fragment of an IP datagram.
#[derive(Clone, Copy, Debug)]
pub struct IpFragment {
    /// Source address.
    pub src: IpAddr,
    /// Destination address.
    pub dst: IpAddr,
    /// Identification, 16 bits (IPv4) or 32 bits (IPv6).
    pub id: u32,
    /// Protocol number; IPv6: the fragment header's next header, which only the first fragment's counts.
    pub proto: u8,
    /// Offset of the payload in the datagram's payload, in octets.
    pub offset: u32,
    /// Whether more fragments follow.
    pub more: bool,
    /// The fragment's payload, as far as captured.
    pub payload: Span,
    /// Its length as the header states it, in octets.
    pub promised: u32,
    /// The layer that asks.
    pub layer: NodeId,
    /// What the layers below know.
    pub facts: Facts,
}

/// The answer to a [`Need`].
#[derive(Clone, Debug)]
pub enum Answer {
    /// Nothing yet: the packet ends here.
    Wait,
    /// Go on with these octets.
    Resume {
        /// The joined octets.
        buffer: Derived,
        /// How many octets there should be; more than the buffer holds when parts are missing.
        promised: u32,
        /// Who reads them.
        claim: Claim,
        /// What to say about how they were joined.
        remarks: Vec<(&'static crate::model::Rule, String)>,
    },
}
