//! Octets to trees: one file per protocol, pure functions.
//!
//! Must not index, calculate unchecked, do input or output, or remember anything across frames: a layer that needs memory asks.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

pub mod chain;
pub mod claim;
pub mod facts;
pub mod frame;
pub mod heuristic;
pub mod message;
pub mod need;
mod outbox;
pub mod reader;
pub mod tiling;

pub mod arp;
pub mod base64body;
pub mod body;
pub mod dmnoti;
pub mod dmnoti12;
pub mod dmnoti12_rules;
pub mod dmnoti20;
pub mod dmnoti20_rules;
pub mod dmnoti_decide;
mod dmnoti_later;
pub mod dmnoti_wsp;
pub mod dsnoti;
pub mod ethernet;
pub mod exported;
pub mod geneve;
pub mod gre;
pub mod gsm_dtap;
pub mod gsm_rp;
pub mod gsmtap;
pub mod gtp;
pub mod icmp;
pub mod ip;
pub mod ipsec;
pub mod ipv4;
pub mod ipv6;
pub mod ipv6_ext;
pub mod lapdm;
pub mod lwm2m;
pub mod mpls;
mod names;
pub mod nas_eps;
pub mod planned;
pub mod ppp;
pub mod raw;
pub mod sctp;
pub mod sll;
pub mod smpp;
mod smpp_codes;
pub mod smpp_fields;
pub mod smpp_message;
pub mod smpp_tlv;
pub mod sms;
pub mod sms_fields;
pub mod sms_modem;
mod sms_text;
pub mod tcp;
pub mod udp;
pub mod vendor;
pub mod vlan;
pub mod vxlan;
pub mod wdp;
pub mod wdp_cdma;
pub mod wsp;
pub mod wsp_charsets;
pub mod wsp_codes;
pub mod wsp_fields;
pub mod wsp_headers;
pub mod wsp_media;
pub mod wsp_registry;
pub mod wsp_session;
pub mod wsp_typed;
pub mod wsp_values;
pub mod wtls;
pub mod wtp;

#[cfg(test)]
pub(crate) mod net_tests;

pub use chain::{Chain, Work};
pub use claim::{Claim, Dissector, Extent, Fit, Framing, Probe, Table};
pub use facts::{Carrier, Coding, Facts, Leg, Sighting, Sms, Way};
pub use message::{Body, Change, Format, Found, Message, OUTCOME, Outcome, Push, Teller};
pub use need::{Answer, Cut, IpFragment, Need, PartKind, Peer, PeerKey, Role, Segment, SmsPart, StreamOctets, Told};
pub use reader::{At, Reader, Stop, Window};

/// Every protocol.
pub static DISSECTORS: &[&Dissector] = &[
    &ethernet::DISSECTOR,
    &ethernet::LLC_DISSECTOR,
    &vlan::DISSECTOR,
    &sll::DISSECTOR,
    &sll::DISSECTOR_2,
    &raw::DISSECTOR,
    &raw::NULL_DISSECTOR,
    &ppp::DISSECTOR,
    &ppp::SESSION_DISSECTOR,
    &ppp::DISCOVERY_DISSECTOR,
    &mpls::DISSECTOR,
    &arp::DISSECTOR,
    &ipv4::DISSECTOR,
    &ipv6::DISSECTOR,
    &ipv6_ext::HOP_DISSECTOR,
    &ipv6_ext::DESTINATION_DISSECTOR,
    &ipv6_ext::ROUTING_DISSECTOR,
    &ipv6_ext::FRAGMENT_DISSECTOR,
    &ipsec::AH_DISSECTOR,
    &ipsec::ESP_DISSECTOR,
    &gre::DISSECTOR,
    &icmp::DISSECTOR,
    &icmp::DISSECTOR_6,
    &sctp::DISSECTOR,
    &tcp::DISSECTOR,
    &udp::DISSECTOR,
    &gtp::DISSECTOR,
    &vxlan::DISSECTOR,
    &geneve::DISSECTOR,
    &wdp::DISSECTOR,
    &wdp_cdma::DISSECTOR,
    &smpp::DISSECTOR,
    &exported::DISSECTOR,
    &sms::DISSECTOR,
    &sms_modem::DISSECTOR,
    &gsm_rp::DISSECTOR,
    &gsm_dtap::DISSECTOR,
    &gsmtap::DISSECTOR,
    &lapdm::DISSECTOR,
    &nas_eps::DISSECTOR,
    &wsp::DISSECTOR,
    &wtp::DISSECTOR,
    &wtls::DISSECTOR,
    &dmnoti::DISSECTOR,
    &lwm2m::DISSECTOR,
    &base64body::DISSECTOR,
    &body::DISSECTOR,
];

/// How streams are cut into messages, by protocol.
pub static FRAMINGS: &[&Framing] = &[&smpp::FRAMING];

/// Fields that belong to no single protocol.
pub static SHARED_FIELDS: &[&crate::model::Field] = &[&reader::DATA, &reader::PADDING, &message::OUTCOME];

/// Fields of protocols that have more than one list of them.
pub static MORE_FIELDS: &[&[&crate::model::Field]] = &[smpp_tlv::OWN, smpp_tlv::FIELDS];

/// Rules that belong to no single protocol.
pub static SHARED_RULES: &[&crate::model::Rule] =
    &[&reader::CUT, &reader::SHORT, &chain::TOO_DEEP, &heuristic::BY_STRUCTURE];
