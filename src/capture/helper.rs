//! The system's capture helper: `dumpcap`, else `tcpdump`, a child whose capture comes through a pipe.
//!
//! It has the privilege that capturing on an interface needs; we need none. A supervisor stands between it and us and ends it
//! when we are gone, however we went. Must not know what is in the frames.

use std::ffi::{OsStr, OsString};
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::frame::Problem;
use super::line::Line;
use super::live::stream;

/// Where helpers are looked for beside `PATH`, which often lacks these folders for people without privilege.
const FOLDERS: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];
/// How long the helper may take until it captures.
const BEGIN: Duration = Duration::from_secs(5);
/// How often the end is looked for.
const PATIENCE: Duration = Duration::from_millis(50);
/// Octets of a line of the helper's messages, and lines that are kept of them.
const LINE_MAX: usize = 1000;
const LINES_MAX: usize = 20;

/// Which helper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Dumpcap,
    Tcpdump,
}

/// A helper that is installed.
#[derive(Clone, Debug)]
pub struct Program {
    kind: Kind,
    path: PathBuf,
}

impl Program {
    /// Finds the helper of this system: `dumpcap`, else `tcpdump`.
    ///
    /// # Errors
    /// Neither is installed: what to install.
    pub fn find() -> Result<Self, Problem> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = std::env::split_paths(&path).chain(FOLDERS.iter().map(PathBuf::from)).collect();
        let all = [(Kind::Dumpcap, "dumpcap"), (Kind::Tcpdump, "tcpdump")];
        let found = all.iter().find_map(|(kind, name)| {
            let path = folders.iter().map(|folder| folder.join(name)).find(|path| is_program(path))?;
            Some(Self { kind: *kind, path })
        });
        found.ok_or_else(|| Problem {
            file: "-i".to_owned(),
            offset: None,
            text: "no capture helper is installed: install dumpcap (package wireshark-common or wireshark-cli) or tcpdump; \
                   --listen needs none"
                .to_owned(),
        })
    }

    /// Its name.
    pub const fn name(&self) -> &'static str {
        match self.kind {
            Kind::Dumpcap => "dumpcap",
            Kind::Tcpdump => "tcpdump",
        }
    }

    /// The interfaces it can capture on, in its own words.
    ///
    /// # Errors
    /// It cannot be run, or says that something is wrong.
    pub fn interfaces(&self) -> Result<Vec<u8>, Problem> {
        let output = Command::new(&self.path).arg("-D").stdin(Stdio::null()).output();
        let output = output.map_err(|error| self.problem(error.to_string()))?;
        if output.status.success() {
            return Ok(output.stdout);
        }
        Err(self.problem(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }

    /// How it is called.
    fn arguments(&self, interfaces: &[String], filter: &str) -> Vec<OsString> {
        let mut all: Vec<OsString> = Vec::new();
        match self.kind {
            // A filter before the interfaces is for all of them.
            Kind::Dumpcap => all.extend(["-q", "-B", "32", "-w", "-"].map(OsString::from)),
            Kind::Tcpdump => all.extend(["-U", "--immediate-mode", "-B", "32768", "-w", "-"].map(OsString::from)),
        }
        if self.kind == Kind::Dumpcap && !filter.is_empty() {
            all.extend(["-f".into(), filter.into()]);
        }
        for interface in interfaces {
            all.extend(["-i".into(), interface.into()]);
        }
        if self.kind == Kind::Tcpdump && !filter.is_empty() {
            all.extend(["--".into(), filter.into()]);
        }
        all
    }

    fn problem(&self, text: String) -> Problem {
        Problem { file: self.name().to_owned(), offset: None, text }
    }
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|data| data.is_file() && data.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.with_extension("exe").is_file() || path.is_file()
}

/// A capture helper that runs. It ends when this is dropped.
#[derive(Debug)]
pub struct Helper {
    program: Program,
    child: Child,
    out: Option<ChildStdout>,
    said: Receiver<String>,
    /// What it said before it captured.
    before: Vec<String>,
}

impl Helper {
    /// Starts the helper, one for all interfaces where it can do that, and waits until it captures.
    ///
    /// `supervisor` is the command that [`supervise`] answers to; what follows it is supervised.
    ///
    /// # Errors
    /// It cannot be run, may not capture, or knows no such interface or filter: in its own words.
    pub fn start(
        program: &Program,
        interfaces: &[String],
        filter: &str,
        supervisor: &[OsString],
    ) -> Result<Vec<Self>, Problem> {
        match program.kind {
            Kind::Dumpcap => Ok(vec![Self::start_one(program, interfaces, filter, supervisor)?]),
            Kind::Tcpdump => {
                interfaces.chunks(1).map(|one| Self::start_one(program, one, filter, supervisor)).collect()
            }
        }
    }

    fn start_one(
        program: &Program,
        interfaces: &[String],
        filter: &str,
        supervisor: &[OsString],
    ) -> Result<Self, Problem> {
        let mut words = supervisor.iter().map(OsString::as_os_str).chain([program.path.as_os_str()]);
        let mut command = Command::new(words.next().unwrap_or(OsStr::new("")));
        command.args(words).args(program.arguments(interfaces, filter));
        // Its words are matched: they must not be translated.
        command.env("LC_ALL", "C").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| program.problem(error.to_string()))?;
        let out = child.stdout.take();
        let (tell, said) = channel();
        if let Some(stderr) = child.stderr.take() {
            thread::spawn(move || {
                let mut stderr = BufReader::new(stderr);
                while let Some(line) = next_line(&mut stderr) {
                    if tell.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        let mut helper = Self { program: program.clone(), child, out, said, before: Vec::new() };
        if helper.captures() {
            return Ok(helper);
        }
        let text = complaint(&helper.before, program.name());
        Err(program.problem(if text.is_empty() { "it does not begin to capture".to_owned() } else { text }))
    }

    /// Waits until it captures; `false` where it ends or takes too long.
    fn captures(&mut self) -> bool {
        let end = Instant::now() + BEGIN;
        loop {
            match self.said.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    let ready = match self.program.kind {
                        Kind::Dumpcap => line.starts_with("File:"),
                        Kind::Tcpdump => line.contains("listening on "),
                    };
                    if ready {
                        return true;
                    }
                    if self.before.len() < LINES_MAX {
                        self.before.push(line);
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    /// Passes frames on until the helper ends, or is told to.
    pub(crate) fn run(mut self, line: &Line) {
        let ended = Arc::new(AtomicBool::new(false));
        let input = Arc::new(Mutex::new(self.child.stdin.take()));
        let (watch_ended, watch_input, stop) = (Arc::clone(&ended), Arc::clone(&input), Arc::clone(&line.stop));
        // The supervisor ends the helper when nobody holds its input any more. What the helper has still comes.
        let watch = thread::spawn(move || {
            while !watch_ended.load(Ordering::Relaxed) && !stop.load(Ordering::Relaxed) {
                thread::sleep(PATIENCE);
            }
            drop(watch_input.lock().unwrap_or_else(PoisonError::into_inner).take());
        });
        if let Some(out) = self.out.take() {
            stream(self.program.name(), out, line);
        }
        let stopped = line.is_stopped();
        ended.store(true, Ordering::Relaxed);
        let _ = watch.join();
        let status = self.child.wait();
        let mut last: Vec<String> = Vec::new();
        for said in &self.said {
            if let Some(dropped) = drops(self.program.kind, &said) {
                line.counts.dropped.fetch_add(dropped, Ordering::Relaxed);
            } else if !is_usual(&said) && last.len() < LINES_MAX {
                last.push(said);
            }
        }
        let name = self.program.name();
        let text = complaint(&last, name);
        if !stopped {
            let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
            let text = if text.is_empty() { how } else { text };
            line.failed(format!("{name} ended by itself: {text}"));
        } else if !text.is_empty() {
            line.news.tell(format!("{name}: {text}"));
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        drop(self.out.take());
        let _ = self.child.wait();
    }
}

/// The next line of messages, cut where it is long; `None` at the end.
fn next_line(from: &mut impl BufRead) -> Option<String> {
    let mut line = Vec::new();
    let mut some = from.by_ref().take(LINE_MAX as u64);
    match some.read_until(b'\n', &mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(String::from_utf8_lossy(&line).trim_end().to_owned()),
    }
}

/// What a helper says is wrong, as one line.
fn complaint(said: &[String], name: &str) -> String {
    let wanted = said.iter().map(|line| line.strip_prefix(name).and_then(|l| l.strip_prefix(": ")).unwrap_or(line));
    let wanted: Vec<&str> = wanted.map(str::trim).filter(|line| !line.is_empty() && !is_usual(line)).take(6).collect();
    wanted.join(" ")
}

/// What helpers say when all is well.
fn is_usual(line: &str) -> bool {
    line.starts_with("Capturing on ")
        || line.starts_with("File:")
        || line.starts_with("Packets")
        || line.contains("listening on ")
        || line.contains(" packets captured")
        || line.contains(" packet captured")
        || line.contains(" received by filter")
        || line.contains(" dropped by ")
        || line.is_empty()
}

/// How many frames a helper says were dropped.
fn drops(kind: Kind, line: &str) -> Option<u64> {
    match kind {
        // Packets received/dropped on interface 'lo': 3/0 (pcap:0/dumpcap:0/flushed:0/ps_ifdrop:0) (100.0%)
        Kind::Dumpcap => {
            let (_, counts) = line.strip_prefix("Packets received/dropped on interface ")?.rsplit_once("': ")?;
            counts.split_once('/')?.1.split(' ').next()?.parse().ok()
        }
        // 0 packets dropped by kernel; 0 packets dropped by interface
        Kind::Tcpdump => {
            let (count, rest) = line.trim().split_once(' ')?;
            (rest.starts_with("packet") && rest.contains(" dropped by ")).then(|| count.parse().ok())?
        }
    }
}

/// What the supervisor does: runs a command, and ends it when standard input does.
///
/// The answer is the exit code to end with. Ctrl-C in a terminal reaches the command itself; the supervisor outlives it.
pub fn supervise(command: &[OsString]) -> u8 {
    let Some((program, arguments)) = command.split_first() else { return 2 };
    #[cfg(unix)]
    for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM, signal_hook::consts::SIGHUP] {
        // Noted, and nothing done: not ignored, which the command would inherit.
        let _ = signal_hook::flag::register(signal, Arc::default());
    }
    let mut child = match Command::new(program).args(arguments).stdin(Stdio::null()).spawn() {
        Ok(child) => child,
        Err(error) => {
            use std::io::Write;
            let _ = writeln!(io::stderr(), "{}: {error}", program.to_string_lossy());
            return 2;
        }
    };
    let gone = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&gone);
    thread::spawn(move || {
        let mut octets = [0; 64];
        while !matches!(io::stdin().read(&mut octets), Ok(0) | Err(_)) {}
        seen.store(true, Ordering::Relaxed);
    });
    let mut asked: Option<Instant> = None;
    loop {
        if let Ok(Some(status)) = child.try_wait() {
            return status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(2);
        }
        if gone.load(Ordering::Relaxed) {
            match asked {
                None => {
                    interrupt(&mut child);
                    asked = Some(Instant::now());
                }
                // It does not listen: nobody may hold an interface for ever.
                Some(since) if since.elapsed() > Duration::from_secs(2) => {
                    let _ = child.kill();
                }
                Some(_) => {}
            }
        }
        thread::sleep(Duration::from_millis(20));
    }
}

/// Asks a child to end as Ctrl-C does: it writes out what it has.
#[cfg(unix)]
fn interrupt(child: &mut Child) {
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    let Ok(pid) = i32::try_from(child.id()) else { return };
    let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
}

#[cfg(not(unix))]
fn interrupt(child: &mut Child) {
    let _ = child.kill();
}

#[cfg(test)]
mod tests {
    use super::{Kind, drops, is_usual};

    #[test]
    fn drop_counts_are_read_from_what_helpers_say() {
        let dumpcap = "Packets received/dropped on interface 'Loopback: lo': 3/17 (pcap:17/dumpcap:0/flushed:0/ps_ifdrop:0) (15.0%)";
        assert_eq!(drops(Kind::Dumpcap, dumpcap), Some(17));
        assert_eq!(drops(Kind::Tcpdump, "4 packets dropped by kernel"), Some(4));
        assert_eq!(drops(Kind::Tcpdump, "1 packet dropped by interface"), Some(1));
        for other in ["3 packets captured", "6 packets received by filter", "File: -", ""] {
            assert_eq!((drops(Kind::Tcpdump, other), drops(Kind::Dumpcap, other)), (None, None), "{other}");
            assert!(is_usual(other), "{other}");
        }
    }
}
