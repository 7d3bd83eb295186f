//! Pipes that can be given up: a thread of its own waits for their octets, so that the waiting can end.
//!
//! A read that waits is begun anew after a signal, and would never see it. Must not know what is read.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::queue::Meanwhile;

/// Octets read at once: what a pipe holds.
const CHUNK: usize = 64 << 10;
/// Chunks that may lie ready.
const AHEAD: usize = 4;
/// How soon the end of the waiting is seen.
const PATIENCE: Duration = Duration::from_millis(50);

/// A pipe; it ends where the pipe does, or when it is told to.
pub struct Pipe {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    at: usize,
    meanwhile: Meanwhile,
}

impl Pipe {
    /// Whether a path is one that may keep its reader waiting: standard input (`-`), a named pipe, a device.
    pub fn is_one(path: &Path) -> bool {
        path.as_os_str() == "-" || path.metadata().is_ok_and(|data| !data.is_file() && !data.is_dir())
    }

    /// Opens a pipe; `-` is standard input. `meanwhile` is called whenever more is looked for; `false` ends the reading.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn open(path: &Path, meanwhile: Meanwhile) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(AHEAD);
        let path = path.to_owned();
        // Opening a named pipe waits too, for somebody to write. The thread is left to itself where it waits for ever.
        std::thread::Builder::new().name("pipe".to_owned()).spawn(move || pump(&path, &sender))?;
        Ok(Self { chunks, chunk: Vec::new(), at: 0, meanwhile })
    }
}

impl std::fmt::Debug for Pipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pipe")
    }
}

/// Sends what is read, until there is no more or nobody wants it.
fn pump(path: &Path, sender: &SyncSender<io::Result<Vec<u8>>>) {
    let opened: io::Result<Box<dyn Read>> = if path.as_os_str() == "-" {
        Ok(Box::new(io::stdin()))
    } else {
        File::open(path).map(|file| Box::new(file) as _)
    };
    let mut source = match opened {
        Ok(source) => source,
        Err(error) => {
            let _ = sender.send(Err(error));
            return;
        }
    };
    loop {
        let mut chunk = vec![0; CHUNK];
        let message = match source.read(&mut chunk) {
            Ok(0) => return,
            Ok(count) => {
                chunk.truncate(count);
                Ok(chunk)
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let last = message.is_err();
        if sender.send(message).is_err() || last {
            return;
        }
    }
}

impl Read for Pipe {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.at >= self.chunk.len() {
            if !(self.meanwhile)() {
                return Ok(0);
            }
            match self.chunks.recv_timeout(PATIENCE) {
                Ok(chunk) => (self.chunk, self.at) = (chunk?, 0),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        let count = self.chunk.get(self.at..).unwrap_or_default().read(into)?;
        self.at = self.at.saturating_add(count);
        Ok(count)
    }
}
