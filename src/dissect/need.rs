//! What a layer cannot do alone: memory across frames. It asks; the engine puts the question to `flow`.
//!
//! Must not hold memory itself.

use std::net::IpAddr;

use crate::model::{Derived, Field, NodeId, Rule, Span, Value};

use super::claim::Claim;
use super::facts::{Facts, Sighting};
use super::message::{Outcome, Teller};

/// A question that ends a layer. Questions are handed from hand to hand, so what is rare and large stands apart.
#[derive(Clone, Debug)]
pub enum Need {
    /// A fragment of an IP datagram: is the rest there?
    IpFragment(IpFragment),
    /// A part of a concatenated short message: are the others there?
    SmsPart(Box<SmsPart>),
    /// A segment of a LAPDm message: did the ones before it come?
    Segment(Box<Segment>),
    /// A segment of a TCP stream: which messages does it complete?
    StreamOctets(StreamOctets),
    /// A request or a response: what is known of the other?
    Peer(Peer),
}

impl Need {
    /// The layer that asks.
    pub fn layer(&self) -> NodeId {
        match self {
            Self::IpFragment(fragment) => fragment.layer,
            Self::SmsPart(part) => part.layer,
            Self::Segment(segment) => segment.layer,
            Self::StreamOctets(octets) => octets.layer,
            Self::Peer(peer) => peer.layer,
        }
    }
}

/// How parts of a short message name each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PartKind {
    /// Information element with an 8-bit reference.
    Narrow,
    /// Information element with a 16-bit reference.
    Wide,
    /// SMPP's own parameters.
    Sar,
    /// The header of CDMA networks.
    Cdma,
}

/// A part of a concatenated short message.
#[derive(Clone, Copy, Debug)]
pub struct SmsPart {
    /// How parts name each other.
    pub kind: PartKind,
    /// Reference of the message.
    pub reference: u16,
    /// How many parts it has.
    pub parts: u8,
    /// Which one this is, from 1.
    pub part: u8,
    /// The part's octets without its header, as far as captured.
    pub payload: Span,
    /// Its length as the carrier states it, in octets.
    pub promised: u32,
    /// The layer that asks.
    pub layer: NodeId,
    /// What the layers below know; ports only where this part states them.
    pub facts: Facts,
}

/// A segment of a message of the data link layer on a radio channel.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// Service access point.
    pub sapi: u8,
    /// Send sequence number, modulo 8.
    pub number: u8,
    /// Whether more segments follow.
    pub more: bool,
    /// Its octets, as far as captured.
    pub payload: Span,
    /// Its length as the header states it, in octets.
    pub promised: u32,
    /// The layer that asks.
    pub layer: NodeId,
    /// What the layers below know.
    pub facts: Facts,
}

/// A segment of a TCP stream.
#[derive(Clone, Copy, Debug)]
pub struct StreamOctets {
    /// Source address.
    pub src: IpAddr,
    /// Source port.
    pub src_port: u16,
    /// Destination address.
    pub dst: IpAddr,
    /// Destination port.
    pub dst_port: u16,
    /// Sequence number of the first octet.
    pub seq: u32,
    /// Acknowledgment number, where the segment has one.
    pub ack: Option<u32>,
    /// A connection begins.
    pub syn: bool,
    /// This direction ends.
    pub fin: bool,
    /// The connection is gone.
    pub reset: bool,
    /// The segment's octets, as far as captured.
    pub payload: Span,
    /// Their number as the network layer states it.
    pub promised: u32,
    /// The layer that asks.
    pub layer: NodeId,
    /// When and by which way they came.
    pub sighting: Sighting,
}

/// A message among the octets of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Octets of it that are there.
    pub len: u32,
    /// Octets it states.
    pub promised: u32,
}

impl Cut {
    /// A message of which all octets are there.
    pub fn whole(len: usize) -> Self {
        let len = u32::try_from(len).unwrap_or(0);
        Self { len, promised: len }
    }
}

/// What a [`Peer`] is about: requests and responses with the same key belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PeerKey(pub u64);

/// A request that is remembered, or a response that asks for its request.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// What joins them.
    pub key: PeerKey,
    /// What else may join them, where a response's key can be read in several ways: tried in turn.
    pub or: [Option<PeerKey>; 2],
    /// The pair of stations, the same in both directions: where no response was ever seen, none is missed.
    pub way: PeerKey,
    /// A request is remembered under its key; a response takes the request away.
    pub role: Role,
    /// The layer that asks.
    pub layer: NodeId,
    /// When and by which way it came.
    pub sighting: Sighting,
}

/// Which side a [`Peer`] is.
#[derive(Clone, Copy, Debug)]
pub enum Role {
    /// A request: remembered.
    Request {
        /// Whether it carries a push: only then its outcome is a finding.
        carries_push: bool,
        /// What to say when nothing answers it, in case it carries a push.
        unanswered: Option<&'static Rule>,
    },
    /// A response to it.
    Response(Told),
}

/// What a response makes known, once its request is found.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// Generated field of the response: the request's frame.
    pub request: &'static Field,
    /// Generated field of the response: time since the request.
    pub latency: &'static Field,
    /// Generated field of the request: the response's frame.
    pub response: &'static Field,
    /// Who tells the outcome, and what a failure is called.
    pub teller: Teller,
    /// The finding, where the request carried a push and the response says that it failed.
    pub failure: Option<&'static Rule>,
    /// What the failure was, for the finding: a status or cause and its name.
    pub status: (u64, &'static str),
    /// Whether the request may be answered again (a receipt that is not final).
    pub stays: bool,
    /// Under this key a request that carried a push is remembered further: a receipt names it.
    pub again: Option<PeerKey>,
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
    /// When and by which way it came.
    pub sighting: Sighting,
    /// Addresses of the transport's pseudo header.
    pub pseudo: Option<(IpAddr, IpAddr)>,
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
        remarks: Vec<(&'static Rule, String)>,
        /// What the layers above are to know, where it is more than the asking layer knew.
        facts: Option<Box<Facts>>,
        /// The messages the octets hold, one after the other; none: one, of all octets.
        cuts: Vec<Cut>,
    },
    /// No octets, but something to say in the layer that asked.
    Tell {
        /// Generated nodes.
        nodes: Vec<(&'static Field, Value)>,
        /// Findings on the layer.
        remarks: Vec<(&'static Rule, String)>,
        /// What became of a push, where this tells it.
        outcome: Option<Outcome>,
        /// Whether the packet is worth listing for it.
        concerns_push: bool,
    },
    /// Decided after the packet was first read: this answer alone is news.
    Late(Box<Answer>),
}
