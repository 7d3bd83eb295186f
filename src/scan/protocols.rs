//! The names of a packet's layers as one text: `eth:ip:udp:wsp:dmnoti`.
//!
//! Few lists of layers occur in a capture, so their texts are kept. Must not know what any layer is.

use std::sync::Arc;

use crate::dissect::frame;
use crate::model::{Author, Field, Kind, NodeId, NoteValue, Notes, Tree};

/// Lists of layers whose text is kept, and places for them: most stay empty, so that a list is found at its first place or close
/// behind.
const KNOWN_MAX: usize = 64;
const PLACES: usize = 4 * KNOWN_MAX;

/// Texts of lists of layers. See the module's documentation.
#[derive(Debug, Default)]
pub struct Protocols {
    /// A list stands at the first empty place from where its hash leads.
    known: Vec<Option<Known>>,
    lists: usize,
    layers: Vec<&'static Field>,
}

/// A list of layers and its text.
#[derive(Clone, Debug)]
struct Known {
    layers: Box<[&'static Field]>,
    text: Arc<str>,
}

impl Protocols {
    /// Says the names of the layers, outermost first, as a note on the frame: `top`, the first of them, is the frame's own.
    pub fn note(&mut self, tree: &Tree, top: NodeId, notes: &mut Notes) {
        self.layers.clear();
        let (mut hash, mut next) = (0usize, tree.get(top).map_or(0, |node| node.end));
        while let Some(node) = tree.get(NodeId(next)) {
            next = node.end;
            if node.field.kind == Kind::Presence {
                hash = hash.wrapping_mul(31) ^ std::ptr::from_ref(node.field).addr() >> 3;
                self.layers.push(node.field);
            }
        }
        let text = self.text(hash ^ hash >> 11);
        notes.add(Author::Capture, top, &frame::PROTOCOLS, NoteValue::Shared(text));
    }

    /// The text of the list of layers, by its hash.
    fn text(&mut self, hash: usize) -> Arc<str> {
        let same = |known: &Known| {
            known.layers.len() == self.layers.len() && known.layers.iter().zip(&self.layers).all(|(a, b)| a.is(b))
        };
        let mut at = hash % PLACES;
        while let Some(known) = self.known.get(at).and_then(Option::as_ref) {
            if same(known) {
                return Arc::clone(&known.text);
            }
            at = (at + 1) % PLACES;
        }
        let names: Vec<&str> = self.layers.iter().map(|field| field.name).collect();
        let text: Arc<str> = names.join(":").into();
        if self.lists == KNOWN_MAX {
            self.known.clear();
            (self.lists, at) = (0, hash % PLACES);
        }
        self.known.resize(PLACES, None);
        if let Some(place) = self.known.get_mut(at) {
            *place = Some(Known { layers: self.layers.as_slice().into(), text: Arc::clone(&text) });
            self.lists += 1;
        }
        text
    }
}
