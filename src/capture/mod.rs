//! Where frames come from: pcap and pcapng, packed or not, from files, pipes and standard input; sockets and capture helpers;
//! and writing them back.
//!
//! A packet that can be read is read, with a finding (`CAP-…`, [`RULES`]) where it deserves one; what cannot be read is a
//! [`Problem`] after the good packets. No length field makes this module allocate more than the file really holds. Must not
//! know what is in the frames.

pub mod archive;
mod batch;
mod clock;
mod frame;
mod framer;
mod helper;
mod input;
mod line;
mod live;
mod merged;
mod octets;
mod parts;
mod pcap;
mod pcapng;
mod pipe;
mod place;
mod queue;
mod receive;
mod refill;
pub mod rules;
mod saver;
mod sections;
mod socket;
mod store;
mod synth;
mod unpack;
mod write;

pub use batch::Batch;
pub use clock::Clock;
pub use frame::{Detail, Frame, Glimpse, Home, Interface, LinkType, Oddity, Problem};
pub use helper::{Helper, Program, supervise};
pub use input::Input;
pub use line::{Counts, News, Tally};
pub use live::{Control, Limits, Live, Save, Source};
pub use merged::Merged;
pub use parts::{Outcome, PART, Parts};
pub use pipe::Pipe;
pub use queue::Meanwhile;
pub use rules::RULES;
pub use saver::{Ring, Saver};
pub use socket::{Listen, PORT, Socket};
pub use store::{FrameStore, Handle};
pub use unpack::Packing;
pub use write::{Format, FrameWriter, WriteError};
