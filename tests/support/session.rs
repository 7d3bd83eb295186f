//! The real program in a pseudo-terminal, and an emulator that reads its screen.
//!
//! Knows nothing of what the screen shows.

#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "two test crates use it, each its own part"
)]

use std::io::{Read, Write};
use std::num::NonZero;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// Longest wait for anything: machines may be busy.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A run of the program.
pub struct Session {
    pub master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    pub child: Box<dyn Child + Send + Sync>,
    octets: Receiver<Vec<u8>>,
    pub screen: vt100::Parser,
    /// Everything it wrote.
    pub seen: Vec<u8>,
    /// Its home.
    pub home: tempfile::TempDir,
    /// What the screen showed from time to time, as one line each.
    pub shown: Vec<String>,
}

/// Rows or columns of the emulator.
pub fn size(of: u16) -> NonZero<u16> {
    NonZero::new(of).unwrap()
}

impl Session {
    pub fn start(arguments: &[&str], variables: &[(&str, &str)]) -> Self {
        let room = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(room).unwrap();
        let home = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_pushscope"));
        command.args(arguments);
        command.cwd(env!("CARGO_MANIFEST_DIR"));
        command.env_clear();
        command.env("TERM", "xterm-256color");
        command.env("LANG", "C.UTF-8");
        command.env("HOME", home.path());
        for (name, value) in variables {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let keys = pair.master.take_writer().unwrap();
        let (sender, octets) = channel();
        std::thread::spawn(move || {
            let mut buffer = [0u8; 4096];
            while let Ok(count) = reader.read(&mut buffer) {
                if count == 0 || sender.send(buffer.get(..count).unwrap_or_default().to_vec()).is_err() {
                    break;
                }
            }
        });
        let screen = vt100::Parser::new(size(24), size(80), 0);
        Self { master: pair.master, keys, child, octets, screen, seen: Vec::new(), home, shown: Vec::new() }
    }

    /// Waits until the screen is as wanted.
    pub fn until(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool) {
        self.until_nudged(what, wanted, || {});
    }

    /// The same, doing something again and again meanwhile.
    pub fn until_nudged(&mut self, what: &str, wanted: impl Fn(&vt100::Screen) -> bool, nudge: impl Fn()) {
        let began = Instant::now();
        while !wanted(self.screen.screen()) {
            nudge();
            assert!(began.elapsed() < PATIENCE, "{what} did not come:\n{}", self.screen.screen().contents());
            if let Ok(octets) = self.octets.recv_timeout(Duration::from_millis(100)) {
                self.screen.process(&octets);
                self.seen.extend(octets);
                self.shown.push(self.screen.screen().contents().replace('\n', ""));
            }
        }
    }

    pub fn shows(&mut self, text: &str) {
        self.until(text, |screen| screen.contents().contains(text));
    }

    pub fn press(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// The exit code, once everything the program wrote was read.
    pub fn ends(&mut self) -> u32 {
        let began = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(began.elapsed() < PATIENCE, "it does not end:\n{}", self.screen.screen().contents());
            while let Ok(octets) = self.octets.recv_timeout(Duration::from_millis(50)) {
                self.screen.process(&octets);
                self.seen.extend(octets);
            }
        };
        while let Ok(octets) = self.octets.recv_timeout(Duration::from_millis(500)) {
            self.screen.process(&octets);
            self.seen.extend(octets);
        }
        status.exit_code()
    }

    /// Whether the terminal was left as it was found.
    pub fn is_restored(&self) -> bool {
        let screen = self.screen.screen();
        !screen.alternate_screen()
            && !screen.bracketed_paste()
            && !screen.hide_cursor()
            && screen.mouse_protocol_mode() == vt100::MouseProtocolMode::None
    }
}
