//! The value of a tree node: `Copy`, no heap.
//!
//! Text and octets stay where they were read; a value only says where to look.

use super::time::{Duration, Timestamp};

/// Value of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Value {
    /// No value: layers and groups.
    #[default]
    None,
    /// A flag.
    Bool(bool),
    /// Unsigned number.
    Uint(u64),
    /// Signed number.
    Int(i64),
    /// Point in time.
    Time(Timestamp),
    /// Span of time.
    Duration(Duration),
    /// The octets of the node's own span: text, bytes, addresses.
    Raw,
    /// Octets that stand nowhere in a buffer: a run in the tree's scratch space (text of generated nodes).
    Scratch {
        /// First octet.
        start: u32,
        /// Number of octets.
        len: u32,
    },
    /// A reference to another message: frame number and index within that frame.
    Frame {
        /// Frame number, from 1, in the merged order.
        number: u32,
        /// Index within the frame, from 1.
        index: u16,
    },
}
