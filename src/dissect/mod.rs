//! Octets to trees: one file per protocol, pure functions.
//!
//! Must not index, calculate unchecked, do input or output, or remember anything across frames: a layer that needs memory asks.
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]

pub mod chain;
pub mod claim;
pub mod facts;
pub mod message;
pub mod need;
pub mod reader;

pub mod ip;
pub mod udp;

pub use chain::{Chain, Work};
pub use claim::{Claim, Dissector, Fit, Probe, Table};
pub use facts::{Carrier, Facts, Leg};
pub use message::{Body, Format, Found, Message, Push};
pub use need::{Answer, IpFragment, Need};
pub use reader::{At, Reader, Stop, Window};

/// Every protocol.
pub static DISSECTORS: &[&Dissector] = &[&udp::DISSECTOR];

/// Fields that belong to no single protocol.
pub static SHARED_FIELDS: &[&crate::model::Field] = &[&reader::DATA, &reader::PADDING];

/// Rules that belong to no single protocol.
pub static SHARED_RULES: &[&crate::model::Rule] = &[&reader::CUT, &reader::SHORT, &chain::TOO_DEEP];
