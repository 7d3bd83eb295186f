//! The names of a packet's layers as one text: `eth:ip:udp:wsp:dmnoti`.
//!
//! Few lists of layers occur in a capture, so their texts are kept. Must not know what any layer is.

use std::sync::Arc;

use crate::dissect::frame;
use crate::model::{Author, Field, Kind, NodeId, NoteValue, Notes, Tree};

/// Lists of layers whose text is kept.
const KNOWN_MAX: usize = 32;

/// Texts of lists of layers. See the module's documentation.
#[derive(Debug, Default)]
pub struct Protocols {
    known: Vec<(Box<[&'static Field]>, Arc<str>)>,
    layers: Vec<&'static Field>,
    /// The one that goes next when there are too many.
    oldest: usize,
}

impl Protocols {
    /// Says the names of the layers, outermost first, as a note on the frame.
    pub fn note(&mut self, tree: &Tree, top: NodeId, notes: &mut Notes) {
        let layers = tree.children(None).skip(1).filter_map(|id| tree.get(id)).map(|node| node.field);
        self.layers.clear();
        self.layers.extend(layers.filter(|field| field.kind == Kind::Presence));
        let same = |known: &[&'static Field]| {
            known.len() == self.layers.len() && known.iter().zip(&self.layers).all(|(a, b)| a.is(b))
        };
        let text = match self.known.iter().find(|row| same(&row.0)) {
            Some((_, text)) => Arc::clone(text),
            None => self.keep(),
        };
        notes.add(Author::Capture, top, &frame::PROTOCOLS, NoteValue::Shared(text));
    }

    fn keep(&mut self) -> Arc<str> {
        let names: Vec<&str> = self.layers.iter().map(|field| field.name).collect();
        let text: Arc<str> = names.join(":").into();
        let row = (self.layers.as_slice().into(), Arc::clone(&text));
        match self.known.get_mut(self.oldest) {
            Some(slot) => *slot = row,
            None => self.known.push(row),
        }
        self.oldest = (self.oldest + 1) % KNOWN_MAX;
        text
    }
}
