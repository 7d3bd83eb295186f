//! Where frames come from: pcap and pcapng, packed or not, from files, pipes and standard input; and writing them back.
//!
//! A packet that can be read is read, with a finding (`CAP-…`, [`RULES`]) where it deserves one; what cannot be read is a
//! [`Problem`] after the good packets. No length field makes this module allocate more than the file really holds. Must not
//! know what is in the frames.

pub mod archive;
mod batch;
mod clock;
mod frame;
mod framer;
mod input;
mod merged;
mod octets;
mod parts;
mod pcap;
mod pcapng;
mod place;
mod refill;
pub mod rules;
mod sections;
mod store;
mod unpack;
mod write;

pub use batch::Batch;
pub use clock::Clock;
pub use frame::{Detail, Frame, Glimpse, Home, Interface, LinkType, Oddity, Problem};
pub use input::Input;
pub use merged::Merged;
pub use parts::{Outcome, PART, Parts};
pub use rules::RULES;
pub use store::{FrameStore, Handle};
pub use unpack::Packing;
pub use write::{Format, FrameWriter, WriteError};
