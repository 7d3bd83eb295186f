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
    /// The one that goes next when there are too many.
    oldest: usize,
}

impl Protocols {
    /// Says the names of the layers, outermost first, as a note on the frame.
    pub fn note(&mut self, tree: &Tree, top: NodeId, notes: &mut Notes) {
        let layers = || {
            let all = tree.children(None).skip(1).filter_map(|id| tree.get(id)).map(|node| node.field);
            all.filter(|field| field.kind == Kind::Presence)
        };
        let same = |known: &[&'static Field]| {
            layers().map(std::ptr::from_ref).eq(known.iter().map(|field| std::ptr::from_ref::<Field>(field)))
        };
        let text = match self.known.iter().position(|row| same(&row.0)) {
            Some(at) => {
                // Packets come in runs of their kind: the last one found is looked at first.
                self.known.swap(0, at);
                self.known.first().map(|row| Arc::clone(&row.1)).unwrap_or_default()
            }
            None => self.keep(layers().collect()),
        };
        notes.add(Author::Capture, top, &frame::PROTOCOLS, NoteValue::Shared(text));
    }

    fn keep(&mut self, layers: Box<[&'static Field]>) -> Arc<str> {
        let names: Vec<&str> = layers.iter().map(|field| field.name).collect();
        let text: Arc<str> = names.join(":").into();
        let row = (layers, Arc::clone(&text));
        match self.known.get_mut(self.oldest) {
            Some(slot) => *slot = row,
            None => self.known.push(row),
        }
        self.oldest = (self.oldest + 1) % KNOWN_MAX;
        text
    }
}
