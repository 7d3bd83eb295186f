//! Words everybody shares: fields, rules, spans, buffers, values, trees.
//!
//! Must not know any protocol, any input or output, or a clock.

pub mod buffer;
pub mod field;
pub mod notes;
pub mod rule;
pub mod span;
pub mod spec;
pub mod time;
pub mod tree;
pub mod value;
pub mod visible;
pub mod walk;

pub use buffer::{Buffers, Derived, FrameSpan, Origin, Piece};
pub use field::{Base, Field, Kind, ValueNames};
pub use notes::{Author, Note, NoteValue, Notes};
pub use rule::{Checked, Group, Rule, Severity};
pub use span::{BufId, Span};
pub use spec::{Cite, Spec};
pub use time::{Duration, Timestamp};
pub use tree::{Finding, Node, NodeId, Tree};
pub use value::Value;
pub use visible::{Visible, visible, visible_str};
pub use walk::{FindingView, Item, View, Walk};
