//! Numbers and options out of octets, in either byte order.
//!
//! Must not know what the numbers mean. Nothing here can fail other than by `None`.

/// Byte order of a file or section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// Least significant octet first.
    Little,
    /// Most significant octet first.
    Big,
}

/// The `N` octets at `at`.
#[inline]
fn array<const N: usize>(octets: &[u8], at: usize) -> Option<[u8; N]> {
    octets.get(at..)?.first_chunk::<N>().copied()
}

impl Order {
    /// The 16-bit number at `at`.
    #[inline]
    pub(crate) fn u16(self, octets: &[u8], at: usize) -> Option<u16> {
        let array = array(octets, at)?;
        Some(match self {
            Self::Little => u16::from_le_bytes(array),
            Self::Big => u16::from_be_bytes(array),
        })
    }

    /// The 32-bit number at `at`.
    #[inline]
    pub(crate) fn u32(self, octets: &[u8], at: usize) -> Option<u32> {
        let array = array(octets, at)?;
        Some(match self {
            Self::Little => u32::from_le_bytes(array),
            Self::Big => u32::from_be_bytes(array),
        })
    }

    /// The 64-bit number at `at`.
    #[inline]
    pub(crate) fn u64(self, octets: &[u8], at: usize) -> Option<u64> {
        let array = array(octets, at)?;
        Some(match self {
            Self::Little => u64::from_le_bytes(array),
            Self::Big => u64::from_be_bytes(array),
        })
    }
}

/// A 32-bit length as a length in memory; no supported machine has a smaller `usize`.
#[inline]
pub(crate) const fn wide(length: u32) -> usize {
    length as usize
}

/// A length rounded up to a multiple of four, as pcapng pads.
#[inline]
pub(crate) const fn padded(length: usize) -> usize {
    length.saturating_add(3) & !3
}

/// The first octets of a slice in hex, for messages about what is not recognised.
pub(crate) fn hex(octets: &[u8]) -> String {
    let all: Vec<String> = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    all.join(" ")
}

/// One pcapng option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Opt<'a> {
    /// Option code.
    pub(crate) code: u16,
    /// Its octets, without padding.
    pub(crate) value: &'a [u8],
}

/// The options of a pcapng block, one after the other.
///
/// Ends at the end-of-options mark, at the end of the block, or at an option that claims more octets than there are: then
/// [`Options::damaged`] is true.
#[derive(Clone, Debug)]
pub(crate) struct Options<'a> {
    rest: &'a [u8],
    order: Order,
    damaged: bool,
}

impl<'a> Options<'a> {
    /// The options in these octets.
    pub(crate) const fn new(octets: &'a [u8], order: Order) -> Self {
        Self { rest: octets, order, damaged: false }
    }

    /// Whether the octets did not end with a whole option.
    pub(crate) const fn damaged(&self) -> bool {
        self.damaged
    }
}

impl<'a> Iterator for Options<'a> {
    type Item = Opt<'a>;

    fn next(&mut self) -> Option<Opt<'a>> {
        let rest = std::mem::take(&mut self.rest);
        if rest.is_empty() {
            return None;
        }
        let (Some(code), Some(length)) = (self.order.u16(rest, 0), self.order.u16(rest, 2)) else {
            // Reading: up to three zero octets are padding that some writers leave behind the data.
            self.damaged = rest.iter().any(|octet| *octet != 0);
            return None;
        };
        if code == 0 {
            return None;
        }
        let length = usize::from(length);
        let Some(value) = rest.get(4..4 + length) else {
            self.damaged = true;
            return None;
        };
        self.rest = rest.get(4 + padded(length)..).unwrap_or(&[]);
        Some(Opt { code, value })
    }
}

#[cfg(test)]
mod tests {
    use super::{Options, Order};

    #[test]
    fn options_end_without_a_mark_and_without_the_last_padding() {
        let octets = [1, 0, 2, 0, b'h', b'i', 0, 0, 2, 0, 1, 0, b'x'];
        let mut options = Options::new(&octets, Order::Little);
        let all: Vec<_> = options.by_ref().map(|option| (option.code, option.value.to_vec())).collect();
        assert_eq!(all, [(1, b"hi".to_vec()), (2, b"x".to_vec())]);
        assert!(!options.damaged());
    }

    #[test]
    fn an_option_that_claims_more_than_is_there_ends_the_list() {
        let octets = [0, 1, 0, 9, b'h', b'i', 0, 0];
        let mut options = Options::new(&octets, Order::Big);
        assert_eq!(options.next(), None);
        assert!(options.damaged());
    }
}
