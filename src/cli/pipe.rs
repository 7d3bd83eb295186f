//! Pipes that can be given up: a thread of its own waits for their octets, so that a signal ends the waiting.
//!
//! A read that waits is begun anew after a signal, and would never see it. Must not know what is read.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use super::setup::Interrupt;
use crate::capture::{Input, Merged, Problem};

/// Octets read at once: what a pipe holds.
const CHUNK: usize = 64 << 10;
/// Chunks that may lie ready.
const AHEAD: usize = 4;
/// How soon a signal is seen.
const PATIENCE: Duration = Duration::from_millis(100);

/// Opens captures; waiting for those that come through a pipe ends with a signal.
pub(super) fn open(paths: &[PathBuf], interrupt: &Interrupt) -> Merged {
    Merged::open_with(paths, |path| input(path, interrupt))
}

fn input(path: &Path, interrupt: &Interrupt) -> Result<Input, Problem> {
    let standard = path.as_os_str() == "-";
    let waits = standard || path.metadata().is_ok_and(|data| !data.is_file() && !data.is_dir());
    if waits && let Ok(pipe) = Pipe::open(path, interrupt) {
        let name = if standard { "standard input".to_owned() } else { path.display().to_string() };
        return Ok(Input::from_reader(&name, pipe));
    }
    Input::open(path)
}

/// A pipe; it ends where the pipe does, or with the signal.
struct Pipe {
    chunks: Receiver<io::Result<Vec<u8>>>,
    chunk: Vec<u8>,
    at: usize,
    interrupt: Interrupt,
}

impl Pipe {
    /// `-` is standard input.
    fn open(path: &Path, interrupt: &Interrupt) -> io::Result<Self> {
        let (sender, chunks) = sync_channel(AHEAD);
        let path = path.to_owned();
        // Opening a named pipe waits too, for somebody to write. The thread is left to itself where it waits for ever.
        std::thread::Builder::new().name("pipe".to_owned()).spawn(move || pump(&path, &sender))?;
        Ok(Self { chunks, chunk: Vec::new(), at: 0, interrupt: interrupt.clone() })
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
            if self.interrupt.seen() {
                return Ok(0);
            }
            match self.chunks.recv_timeout(PATIENCE) {
                Ok(chunk) => (self.chunk, self.at) = (chunk?, 0),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(0),
            }
        }
        let count = self.chunk.get(self.at..).unwrap_or_default().read(into)?;
        self.at += count;
        Ok(count)
    }
}
