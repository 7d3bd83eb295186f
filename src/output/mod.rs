//! Packets as text, tree, JSON, columns and hex.
//!
//! Must not know where the text goes, nor any protocol: everything comes from the catalog and the packet.

pub mod clock;
pub mod colors;
pub mod columns;
pub mod docs;
pub mod fields;
pub mod json;
pub mod number;
pub mod row;
pub mod style;
pub mod text;
pub mod tree;
pub mod value;
