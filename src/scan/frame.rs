//! The frame's own layer, pushed first into every tree.
//!
//! Must not know what is in the frame.

use crate::capture::Frame;
use crate::dissect::frame as field;
use crate::dissect::reader::CUT;
use crate::model::{BufId, NodeId, Span, Timestamp, Tree, Value};

/// Pushes the layer: the first of every tree.
pub fn push(tree: &mut Tree, frame: &Frame<'_>) -> NodeId {
    let len = u32::try_from(frame.data.len()).unwrap_or(u32::MAX);
    let node = tree.push(None, &field::FRAME, Span::octets(BufId::FRAME, 0, len), Value::None);
    let mut add = |field, value| tree.push(Some(node), field, Span::default(), value);
    add(&field::NUMBER, Value::Uint(frame.number.into()));
    if let Some(time) = frame.ts {
        add(&field::TIME, Value::Time(time));
        add(&field::TIME_EPOCH, Value::Duration(time.since(Timestamp::from_nanos(0))));
    }
    let len_node = add(&field::LEN, Value::Uint(frame.orig_len.into()));
    add(&field::CAP_LEN, Value::Uint(len.into()));
    add(&field::LINK_TYPE, Value::Uint(frame.link.0.into()));
    add(&field::INTERFACE, Value::Uint(frame.interface.into()));
    add(&field::FILE, Value::Uint(frame.file.into()));
    add(&field::FILE_NUMBER, Value::Uint(frame.file_number.into()));
    for comment in frame.comments() {
        let text = tree.scratch_bytes(comment);
        tree.push(Some(node), &field::COMMENT, Span::default(), text);
    }
    for odd in frame.odd {
        tree.flag(odd.rule, node, format_args!("{}", odd.detail));
    }
    if frame.cut() {
        tree.flag(&CUT, len_node, format_args!("{len} of {} octets", frame.orig_len));
    }
    node
}
