//! Reads a packet again that was listed before: the same octets, the same answers, the same late notes.
//!
//! Memory across frames is not asked, so jumping around cannot change results; only verdicts are made anew. Must not know
//! where the octets were kept.

use super::frame as frame_layer;
use super::judge;
use super::packet::{Packet, Past};
use super::protocols::Protocols;
use crate::capture::Frame;
use crate::dissect::{Answer, Chain, Claim, Facts, Found, Table, Way, Window, Work};
use crate::flow::{Messages, Place};
use crate::model::walk::View;
use crate::model::{BufId, Buffers, Notes, Tree};
use crate::verify::{Keyring, Learned};

/// Reads a frame again and looks at the packet. `answers` are those it got when it was listed, `late` what was noted of it
/// beside verdicts, `seen` the messages before it, `learned` the nonces.
#[expect(clippy::too_many_arguments, reason = "each is a part of what was kept")]
pub fn replay<R>(
    table: &Table,
    keys: &Keyring,
    frame: &Frame<'_>,
    claim: Claim,
    answers: &[Answer],
    late: &Notes,
    seen: &mut Messages,
    learned: Learned<'_>,
    look: impl FnOnce(&Packet<'_>) -> R,
) -> R {
    let mut buffers = Buffers::new(frame.number, frame.data);
    let mut tree = Tree::default();
    let mut found = Found::default();
    let mut chain = Chain::default();
    let top = frame_layer::push(&mut tree, frame);
    let leg = Way::from_interface(frame.interface).leg;
    let facts = Facts { time: frame.ts, leg, fcs_octets: frame.fcs_len, ..Facts::default() };
    chain.start(Window::whole(BufId::FRAME, frame.data.len(), frame.orig_len), claim, facts);
    let mut given = answers.iter();
    loop {
        let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
        let Some(need) = chain.run(table, &mut work) else { break };
        let answer = given.next().unwrap_or(&Answer::Wait);
        chain.resume(answer, &mut work, need.layer());
    }
    let mut notes = Notes::default();
    let mut verdicts = Vec::new();
    if !keys.is_empty() {
        for (index, message) in (1u16..).zip(&found.messages) {
            seen.remember(Place { frame: frame.number, index }, message, &buffers);
        }
    }
    judge::verdicts(keys, learned, seen, &buffers, &found, &mut verdicts);
    judge::note(&buffers, &found, &verdicts, &mut notes);
    for note in late.nodes() {
        notes.add(note.author, note.parent, note.field, note.value.clone());
    }
    for finding in late.findings() {
        notes.flag(finding.author, finding.node, finding.rule, finding.detail.clone());
    }
    if late.nodes().iter().all(|note| !note.field.is(&crate::dissect::frame::PROTOCOLS)) {
        Protocols::default().note(&tree, top, &mut notes);
    }
    let view = View { buffers: &buffers, tree: &tree, notes: &notes };
    look(&Packet { frame, view, found: &found, verdicts: &verdicts, past: Some(Past { answers, learned, seen }) })
}
