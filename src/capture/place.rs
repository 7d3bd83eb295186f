//! Reading at a place of a file, without moving anybody else's position in it.

use std::fs::File;
use std::io::{self, Read};
use std::sync::Arc;

/// Reads octets at a place; fewer than asked for only at the end of the file or where the system likes it so.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, at: u64, into: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, at)
}

/// Reads octets at a place; fewer than asked for only at the end of the file or where the system likes it so.
#[cfg(windows)]
pub(crate) fn read_at(file: &File, at: u64, into: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, at)
}

/// Fills `into` from a place of a file.
pub(crate) fn read_exact_at(file: &File, mut at: u64, mut into: &mut [u8]) -> io::Result<()> {
    while !into.is_empty() {
        match read_at(file, at, into) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                at = at.saturating_add(count as u64);
                into = into.get_mut(count..).unwrap_or_default();
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A reader with a position of its own in a shared file.
pub(crate) struct From {
    pub(crate) file: Arc<File>,
    pub(crate) at: u64,
}

impl Read for From {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = read_at(&self.file, self.at, into)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}
