//! Packets as text, tree, JSON, columns and hex.
//!
//! Must not know where the text goes, nor any protocol: everything comes from the catalog and the packet.

pub mod colors;
pub mod columns;
pub mod value;
