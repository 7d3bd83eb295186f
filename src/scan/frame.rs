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
    let span = Span::octets(BufId::FRAME, 0, len);
    let node = tree.add(None, &field::FRAME, span, Value::None);
    let number = (&field::NUMBER, Value::Uint(frame.number.into()));
    if let Some(time) = frame.ts {
        let since = time.since(Timestamp::from_nanos(0));
        tree.add_generated(
            node,
            &[number, (&field::TIME, Value::Time(time)), (&field::TIME_EPOCH, Value::Duration(since))],
        );
    } else {
        tree.add_generated(node, &[number]);
    }
    let len_node = tree.next_id();
    tree.add_generated(
        node,
        &[
            (&field::LEN, Value::Uint(frame.orig_len.into())),
            (&field::CAP_LEN, Value::Uint(len.into())),
            (&field::LINK_TYPE, Value::Uint(frame.link.0.into())),
            (&field::INTERFACE, Value::Uint(frame.interface.into())),
            (&field::FILE, Value::Uint(frame.file.into())),
            (&field::FILE_NUMBER, Value::Uint(frame.file_number.into())),
        ],
    );
    for comment in frame.comments() {
        let text = tree.scratch_bytes(comment);
        tree.add(Some(node), &field::COMMENT, Span::default(), text);
    }
    tree.close(node, span);
    for odd in frame.odd {
        tree.flag(odd.rule, node, format_args!("{}", odd.detail));
    }
    if frame.cut() {
        tree.flag(&CUT, len_node, format_args!("{len} of {} octets", frame.orig_len));
    }
    node
}
