//! A file that is read on as it grows.
//!
//! Must not know how long to wait: it is told.

use std::io::{self, Read};

/// Reads a source, and at its end asks whether to wait for more.
pub(super) struct Growing<R, W> {
    source: R,
    wait: W,
}

impl<R: Read, W: FnMut() -> bool> Growing<R, W> {
    /// `wait` waits a little and says whether to go on.
    pub(super) const fn new(source: R, wait: W) -> Self {
        Self { source, wait }
    }
}

impl<R, W> std::fmt::Debug for Growing<R, W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Growing")
    }
}

impl<R: Read, W: FnMut() -> bool> Read for Growing<R, W> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        loop {
            let count = self.source.read(into)?;
            if count > 0 || into.is_empty() || !(self.wait)() {
                return Ok(count);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Growing;
    use std::cell::Cell;
    use std::io::{self, Read};

    /// Gives nothing now and then, as the end of a growing file does.
    struct Slow<'s>(&'s Cell<u8>);

    impl Read for Slow<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let turn = self.0.get();
            match (turn.is_multiple_of(2), into.first_mut()) {
                (false, Some(octet)) => {
                    *octet = turn;
                    Ok(1)
                }
                _ => Ok(0),
            }
        }
    }

    #[test]
    fn the_end_is_waited_at_until_told_otherwise() {
        let turn = Cell::new(0u8);
        let wait = || {
            turn.set(turn.get() + 1);
            turn.get() < 6
        };
        let mut growing = Growing::new(Slow(&turn), wait);
        let mut octets = Vec::new();
        let mut buffer = [0u8; 1];
        while growing.read(&mut buffer).expect("reading does not fail") > 0 {
            octets.push(buffer[0]);
            turn.set(turn.get() + 1);
        }
        assert_eq!(octets, [1, 3, 5]);
    }
}
