//! The bulk path: which frames matter, what is in them, and who gets to see them.
//!
//! Must not know how packets are printed or shown.

pub mod gate;
pub mod packet;

#[cfg(test)]
mod gate_tests;

pub use gate::Gate;
pub use packet::Packet;
