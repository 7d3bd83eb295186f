//! Frames taken along from where they were read, to be looked at later, or on another thread.
//!
//! Must not know which frames are worth it.

use std::collections::BTreeMap;
use std::ops::Range;

use super::frame::{Frame, Home, Interface, Oddity};

/// The frames, with everything they borrowed. See the module's documentation.
#[derive(Debug, Default)]
pub struct Batch {
    taken: Vec<Taken>,
    /// Octets and options of all frames, one after the other.
    octets: Vec<u8>,
    odd: Vec<Oddity>,
    /// Descriptions of the interfaces that occur.
    interfaces: Vec<Interface>,
    /// Place of an interface in `interfaces`, by its index in the file.
    known: BTreeMap<u32, usize>,
}

/// One frame: what it does not borrow, and where the rest stands.
#[derive(Debug)]
struct Taken {
    frame: Frame<'static>,
    data: Range<usize>,
    options: Range<usize>,
    odd: Range<usize>,
    interface: Option<usize>,
}

impl Batch {
    /// Takes a frame along. All frames of a batch come from one file.
    pub fn take(&mut self, frame: &Frame<'_>) {
        let data = append(&mut self.octets, frame.data);
        let options = append(&mut self.octets, frame.options);
        let odd = append(&mut self.odd, frame.odd);
        let interface = frame.description.map(|description| {
            *self.known.entry(frame.interface).or_insert_with(|| {
                self.interfaces.push(description.clone());
                self.interfaces.len().saturating_sub(1)
            })
        });
        self.taken.push(Taken { frame: frame.without_data(), data, options, odd, interface });
    }

    /// How many frames there are.
    pub fn len(&self) -> usize {
        self.taken.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.taken.is_empty()
    }

    /// Octets of frames and options.
    pub fn octets(&self) -> usize {
        self.octets.len()
    }

    /// A frame as it was taken, by its position. `home` is the file it came from, where frames can be read again from that.
    pub fn get<'b>(&'b self, index: usize, home: Option<&'b Home>) -> Option<Frame<'b>> {
        let taken = self.taken.get(index)?;
        Some(Frame {
            data: self.octets.get(taken.data.clone())?,
            options: self.octets.get(taken.options.clone())?,
            odd: self.odd.get(taken.odd.clone())?,
            description: taken.interface.and_then(|at| self.interfaces.get(at)),
            home: home.map(|home| &**home),
            ..taken.frame
        })
    }
}

/// Appends a run to a list, and says where it stands there.
fn append<T: Copy>(list: &mut Vec<T>, run: &[T]) -> Range<usize> {
    let start = list.len();
    list.extend_from_slice(run);
    start..list.len()
}
