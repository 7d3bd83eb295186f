//! The bulk path: which frames matter, what is in them, and who gets to see them.
//!
//! Must not know how packets are printed or shown.

pub mod bulk;
pub mod engine;
pub mod frame;
pub mod gate;
pub mod judge;
pub mod packet;
pub mod protocols;
pub mod recognise;
pub mod relay;
pub mod replay;
pub mod stretch;
mod trail;

#[cfg(test)]
mod dull_tests;
#[cfg(test)]
mod gate_tests;

pub use bulk::Reached;
pub use engine::{Counts, Engine, Options, Sink};
pub use gate::Gate;
pub use packet::{Packet, Past};
pub use relay::relay;
