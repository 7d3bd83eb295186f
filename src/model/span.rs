//! Where something was read: a buffer and a run of bits in it.
//!
//! Must not know what the bits mean.

/// Names one of the buffers of a packet: 0 is the frame itself, others are derived from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct BufId(pub u16);

impl BufId {
    /// The frame as captured.
    pub const FRAME: Self = Self(0);
}

/// A run of bits in a buffer. Bit 0 is the most significant bit of octet 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The buffer.
    pub buf: BufId,
    /// The first bit.
    pub start: u32,
    /// How many bits; 0 for what takes no room (generated nodes, empty values).
    pub len: u32,
}

impl Span {
    /// The run of `len` bits from bit `start` of buffer `buf`.
    pub const fn new(buf: BufId, start: u32, len: u32) -> Self {
        Self { buf, start, len }
    }

    /// The run of `len` octets from octet `start` of buffer `buf`; saturates.
    pub const fn octets(buf: BufId, start: u32, len: u32) -> Self {
        Self { buf, start: start.saturating_mul(8), len: len.saturating_mul(8) }
    }

    /// The first bit after the run.
    pub const fn end(self) -> u32 {
        self.start.saturating_add(self.len)
    }

    /// Whether `other` lies inside this run, in the same buffer.
    pub const fn contains(self, other: Self) -> bool {
        self.buf.0 == other.buf.0 && self.start <= other.start && other.end() <= self.end()
    }

    /// Whether the run starts and ends at octet borders.
    pub const fn is_aligned(self) -> bool {
        self.start.is_multiple_of(8) && self.len.is_multiple_of(8)
    }

    /// The octets that hold the run: the first one, and one past the last.
    pub const fn octet_range(self) -> std::ops::Range<usize> {
        let end = if self.len == 0 { self.start / 8 } else { self.end().div_ceil(8) };
        (self.start / 8) as usize..end as usize
    }
}
