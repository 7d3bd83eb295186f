//! What the layers below know and the layers above need: addresses, ports, the leg, the head of a push.
//!
//! Copied from layer to layer, so that several messages of one frame do not mix. Must not hold octets.

use std::net::IpAddr;

use crate::model::{NodeId, Timestamp};

/// The carrier a push came by: the column "carrier" and the statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Carrier {
    /// Not known (yet).
    #[default]
    None,
    /// UDP over IP.
    Udp,
    /// WTP over UDP: connection-mode WSP.
    Wtp,
    /// A short message without the layers that carried it.
    Sms,
    /// A short message between base station and controller, or without its radio layers (GSMTAP, Abis).
    Abis,
    /// A short message on the GSM air interface (GSMTAP, Um).
    Um,
    /// A short message in LTE non-access stratum signalling (GSMTAP).
    LteNas,
    /// A short message between a server and a service centre.
    Smpp,
    /// Octets given on the command line.
    Pasted,
}

impl Carrier {
    /// Name in columns, JSON and filters.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Udp => "UDP",
            Self::Wtp => "WTP",
            Self::Sms => "SMS",
            Self::Abis => "SMS/Abis",
            Self::Um => "SMS/Um",
            Self::LteNas => "SMS/LTE",
            Self::Smpp => "SMPP",
            Self::Pasted => "pasted",
        }
    }
}

/// How the user data of a short message are coded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Coding {
    /// Nothing says so, or it does not matter.
    #[default]
    Unknown,
    /// Octets.
    Octets,
    /// Packed 7-bit characters: how many there are, the user data header included.
    Septets(u8),
    /// UCS2, compressed, or reserved.
    Other,
}

/// What the layers of a short message know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sms {
    /// Whether it goes from the mobile station to the network; `None` where no layer says so.
    pub to_network: Option<bool>,
    /// Whether the user data belong to an error report (RP-ERROR).
    pub in_error: bool,
    /// Fingerprint of the originating address, as far as known.
    pub from: Leg,
    /// Fingerprint of the destination address, as far as known.
    pub to: Leg,
    /// Fingerprint of the radio channel: what tells subscribers apart on one leg.
    pub channel: Leg,
    /// How the user data are coded, and the node that says so.
    pub coding: Coding,
    /// See `coding`.
    pub coding_node: Option<NodeId>,
    /// The user data fill one short message and nothing says that more parts follow: the node of their length.
    pub full: Option<NodeId>,
}

/// How the content type of a push was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContentForm {
    /// One octet with bit 7 set: the constrained form of a code.
    Constrained,
    /// A code inside the general form.
    General,
    /// Text, in whichever form.
    Text,
}

/// The content type of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContentType {
    /// The code; for text, the code of the same media type where there is one.
    pub code: Option<u32>,
    /// How it was written.
    pub form: ContentForm,
    /// Whether the media type says that the body is text: `text/…`, XML.
    pub is_text: bool,
    /// Its node.
    pub node: NodeId,
}

/// How an application id was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppForm {
    /// Short-integer: one octet.
    Short,
    /// Long-integer.
    Long,
    /// Text: a URN, or digits in a textual header.
    Text,
}

/// The application id of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AppId {
    /// The code; for text, the code of the same URN where there is one.
    pub code: Option<u32>,
    /// How it was written.
    pub form: AppForm,
    /// Its node (the header field).
    pub node: NodeId,
    /// Whether it is the first header field after the content type.
    pub first: bool,
}

/// What WSP read before the body of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PushHead {
    /// The WSP layer.
    pub layer: NodeId,
    /// The PDU type node.
    pub pdu_type: NodeId,
    /// PDU type: 6 push, 7 confirmed push.
    pub pdu: u8,
    /// Whether the push runs in a WTP transaction (no TID octet).
    pub in_transaction: bool,
    /// Content type; `None` where there is none or it cannot be read.
    pub content_type: Option<ContentType>,
    /// Application id.
    pub app_id: Option<AppId>,
    /// The node of the headers' length.
    pub headers_len: Option<NodeId>,
    /// The group of the header fields after the content type; each direct child is one field or a code page shift.
    pub headers: Option<NodeId>,
    /// Octets from the TID (or the PDU type, in a transaction) to the last header octet.
    pub wsp_octets: u32,
}

/// What the layers below know.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    /// Capture time of the frame.
    pub time: Option<Timestamp>,
    /// Source address of the innermost IP layer.
    pub src: Option<IpAddr>,
    /// Destination address of the innermost IP layer.
    pub dst: Option<IpAddr>,
    /// Source port of the innermost transport layer.
    pub src_port: Option<u16>,
    /// Destination port of the innermost transport layer.
    pub dst_port: Option<u16>,
    /// The node of the destination port.
    pub dst_port_node: Option<NodeId>,
    /// The carrier.
    pub carrier: Carrier,
    /// Fingerprint of the way to here: interface, link addresses, VLANs, tunnels. Equal octets with another leg are another
    /// sighting of the same message.
    pub leg: Leg,
    /// As the leg, but of tunnels, VLANs and labels alone: fragments of one datagram share it even when they came by different
    /// routers.
    pub scope: Leg,
    /// Addresses of the transport's pseudo header where they are not those of the IP header: source routes, routing headers,
    /// home addresses.
    pub pseudo_src: Option<IpAddr>,
    /// See `pseudo_src`.
    pub pseudo_dst: Option<IpAddr>,
    /// Length of the user data header of the first SMS part, itself included; 0 without one.
    pub udh_octets: u32,
    /// What the layers of a short message know.
    pub sms: Sms,
    /// The head of the push whose body is being read.
    pub push: Option<PushHead>,
    /// Octets the frame's own link layer has after the datagram (frame check sequence).
    pub fcs_octets: u8,
}

impl Facts {
    /// One more tunnel, tag or label: its name and what tells it from its like.
    pub fn enter_tunnel(&mut self, name: &str, what: &[u8]) {
        let mut way = self.way();
        way.enter_tunnel(name, what);
        (self.leg, self.scope) = (way.leg, way.scope);
    }

    /// One more IP layer. The addresses of the one around it, if any, become part of the way to here.
    pub fn enter_ip(&mut self, src: IpAddr, dst: IpAddr) {
        if self.src.is_some() {
            let mut way = self.way();
            way.enter_ip(src, dst);
            (self.leg, self.scope) = (way.leg, way.scope);
        }
        (self.src, self.dst) = (Some(src), Some(dst));
        self.src_port = None;
        self.dst_port = None;
        self.dst_port_node = None;
        self.carrier = Carrier::None;
        self.pseudo_src = None;
        self.pseudo_dst = None;
    }

    /// When and by which way this came.
    pub const fn sighting(&self) -> Sighting {
        Sighting { time: self.time, leg: self.leg, scope: self.scope, carrier: self.carrier }
    }

    /// The way to here.
    pub const fn way(&self) -> Way {
        Way { leg: self.leg, scope: self.scope, src: self.src, dst: self.dst }
    }

    /// A short message begins: ports below it (those of a tunnel, of GSMTAP, of SMPP) are not its own.
    pub const fn enter_sms(&mut self, carrier: Carrier) {
        self.carrier = carrier;
        self.src_port = None;
        self.dst_port = None;
        self.dst_port_node = None;
    }

    /// Source and destination of the transport's pseudo header.
    pub fn pseudo(&self) -> Option<(IpAddr, IpAddr)> {
        Some((self.pseudo_src.or(self.src)?, self.pseudo_dst.or(self.dst)?))
    }
}

/// An address as two numbers, whichever its family.
pub(super) fn numbers(address: IpAddr) -> [u64; 2] {
    let octets = octets(address);
    let (halves, _) = octets.as_chunks::<8>();
    std::array::from_fn(|at| halves.get(at).map_or(0, |half| u64::from_be_bytes(*half)))
}

/// When and by which way something came: what memory across frames asks for of [`Facts`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Sighting {
    /// See [`Facts::time`].
    pub time: Option<Timestamp>,
    /// See [`Facts::leg`].
    pub leg: Leg,
    /// See [`Facts::scope`].
    pub scope: Leg,
    /// See [`Facts::carrier`].
    pub carrier: Carrier,
}

/// An address as sixteen octets, whichever its family.
pub(super) fn octets(address: IpAddr) -> [u8; 16] {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().octets(),
        IpAddr::V6(v6) => v6.octets(),
    }
}

/// The way to a place in a frame: what tells the datagrams there from others. The gate walks it without the rest of [`Facts`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// See [`Facts::leg`].
    pub leg: Leg,
    /// See [`Facts::scope`].
    pub scope: Leg,
    /// Source address of the innermost IP layer.
    pub src: Option<IpAddr>,
    /// Destination address of the innermost IP layer.
    pub dst: Option<IpAddr>,
}

impl Way {
    /// The beginning: an interface of the capture.
    pub fn from_interface(interface: u32) -> Self {
        Self { leg: Leg::default().step("interface", &interface.to_be_bytes()), ..Self::default() }
    }

    /// One more link layer.
    pub fn enter_link(&mut self, name: &str, what: &[u8]) {
        self.leg = self.leg.step(name, what);
    }

    /// See [`Facts::enter_tunnel`].
    pub fn enter_tunnel(&mut self, name: &str, what: &[u8]) {
        self.leg = self.leg.step(name, what);
        self.scope = self.scope.step(name, what);
    }

    /// See [`Facts::enter_ip`].
    pub fn enter_ip(&mut self, src: IpAddr, dst: IpAddr) {
        if let (Some(outer_src), Some(outer_dst)) = (self.src, self.dst) {
            self.enter_tunnel("ip", &octets(outer_src));
            self.enter_tunnel("to", &octets(outer_dst));
        }
        (self.src, self.dst) = (Some(src), Some(dst));
    }
}

/// Fingerprint of the way a message took to here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Leg(pub u64);

impl Leg {
    /// The leg after one more step: a layer's name and what tells it from its like (addresses, tags, keys).
    #[must_use]
    #[inline]
    pub fn step(self, name: &str, what: &[u8]) -> Self {
        Self::ended(octets_mixed(self.begun(name), what))
    }

    /// The same, where numbers tell it from its like.
    #[must_use]
    pub fn step_by(self, name: &str, numbers: &[u64]) -> Self {
        Self::ended(numbers.iter().fold(self.begun(name), |state, number| mixed(state, *number)))
    }

    /// A step begins with its name.
    #[inline]
    fn begun(self, name: &str) -> u64 {
        // The same on every machine and in every run, unlike the standard library's hasher; word by word, since every packet
        // takes some steps.
        mixed(self.0 ^ 0xcbf2_9ce4_8422_2325, octets_mixed(0, name.as_bytes()))
    }

    /// The leg after a step.
    #[inline]
    const fn ended(state: u64) -> Self {
        Self(state ^ state >> 32)
    }
}

/// One more word.
#[inline]
const fn mixed(state: u64, word: u64) -> u64 {
    let state = (state ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    state ^ state >> 29
}

/// All words of some octets, and how many octets there are.
#[inline]
fn octets_mixed(state: u64, octets: &[u8]) -> u64 {
    let (words, rest) = octets.as_chunks::<8>();
    let state = words.iter().fold(state, |state, word| mixed(state, u64::from_be_bytes(*word)));
    let rest = rest.iter().fold(0u64, |word, octet| word << 8 | u64::from(*octet));
    mixed(mixed(state, rest), u64::try_from(octets.len()).unwrap_or(u64::MAX))
}
