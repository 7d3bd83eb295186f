//! The bulk path: which frames matter, what is in them, and who gets to see them.
//!
//! Must not know how packets are printed or shown.

pub mod packet;

pub use packet::Packet;
