//! UDP sockets as a source of frames: what arrives at a port, with the time at which the system received it.
//!
//! Needs no privilege. Each datagram becomes a frame of raw IP and UDP, so that everything after it is a normal capture. Where
//! the system tells it, the destination address is the datagram's own, and datagrams the system dropped are counted. Must not
//! know what is in the datagrams, nor wait for anybody who looks at them longer than it is told to.

use std::fmt;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::str::FromStr;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::batch::Batch;
use super::clock::Clock;
use super::frame::{Frame, Interface, LinkType, Problem};
use super::line::Line;
use super::receive::{self, Receiver};
use super::synth;
use crate::model::Timestamp;

/// The port of connectionless WAP push.
pub const PORT: u16 = 2948;
/// The largest datagram there is.
const DATAGRAM_MAX: usize = 65_536;
/// Frames and octets of a batch.
const BATCH_FRAMES: usize = 256;
const BATCH_OCTETS: usize = 64 << 10;
/// How often the end is looked for while nothing arrives.
const PATIENCE: Duration = Duration::from_millis(50);

/// An address to listen at, as the command line writes it: `PORT`, `ADDR:PORT`, `[ADDR]:PORT` or `ADDR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen {
    /// The address; `None` for all, of both families.
    pub address: Option<IpAddr>,
    /// The port; 0 for any that is free.
    pub port: u16,
}

impl Default for Listen {
    fn default() -> Self {
        Self { address: None, port: PORT }
    }
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no address to listen at; expected PORT, ADDR:PORT or [ADDR]:PORT, as in 127.0.0.1:2948"
            )
        };
        let text = text.trim();
        if let Ok(port) = text.parse() {
            return Ok(Self { address: None, port });
        }
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self { address: Some(address.ip()), port: address.port() });
        }
        let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        if let Ok(address) = bare.parse() {
            return Ok(Self { address: Some(address), port: PORT });
        }
        let port = text.strip_prefix(':').or_else(|| text.strip_prefix("*:"));
        let port = port.and_then(|port| port.parse().ok()).ok_or_else(wrong)?;
        Ok(Self { address: None, port })
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address {
            Some(address) => SocketAddr::new(address, self.port).fmt(f),
            None => write!(f, "port {}", self.port),
        }
    }
}

/// A socket that listens. See the module's documentation.
#[derive(Debug)]
pub struct Socket {
    socket: UdpSocket,
    local: SocketAddr,
}

impl Socket {
    /// Listens at an address: one socket, or one for each family where no address is given.
    ///
    /// # Errors
    /// The port is in use or may not be used, or this machine has no such address.
    pub fn open(listen: Listen) -> Result<Vec<Self>, Problem> {
        let one = |address| Self::bind(SocketAddr::new(address, listen.port)).map_err(|error| problem(listen, &error));
        if let Some(address) = listen.address {
            return Ok(vec![one(address)?]);
        }
        // A machine may have one family only.
        let missing = |error: &io::Error| {
            matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
                || receive::is_missing(error)
        };
        let bind = |six| Self::bind(SocketAddr::new(synth::any(six), listen.port));
        match (bind(true), bind(false)) {
            (Ok(six), Ok(four)) => Ok(vec![six, four]),
            (Ok(one), Err(error)) | (Err(error), Ok(one)) if missing(&error) => Ok(vec![one]),
            (_, Err(error)) | (Err(error), _) => Err(problem(listen, &error)),
        }
    }

    /// The address it listens at.
    pub const fn local(&self) -> SocketAddr {
        self.local
    }

    fn bind(address: SocketAddr) -> io::Result<Self> {
        let socket = receive::bind(address)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let local = socket.local_addr()?;
        Ok(Self { socket, local })
    }

    /// Its description, as captures name where a frame came from.
    pub(crate) fn interface(&self) -> Interface {
        Interface {
            section: 0,
            id: 0,
            link: LinkType(synth::RAW),
            snaplen: 0,
            fcs_len: 0,
            name: Some(format!("udp {}", self.local).into_bytes().into()),
            clock: Clock::NANOS,
            usable: true,
        }
    }

    /// Receives until the end, and then what waits already.
    pub(crate) fn run(self, line: &Line) {
        let description = self.interface();
        let mut receiver = Receiver::new(&self.socket, self.local);
        let mut payload = vec![0; DATAGRAM_MAX];
        let mut octets = Vec::new();
        let mut dropped = 0u32;
        let mut ending: Option<Timestamp> = None;
        loop {
            let mut batch = Batch::default();
            let mut failed = None;
            // Waits for the first one only: then what is there is passed on.
            while batch.len() < BATCH_FRAMES && batch.octets() < BATCH_OCTETS {
                let datagram = match receiver.receive(&mut payload, batch.is_empty()) {
                    Ok(Some(datagram)) => datagram,
                    Ok(None) => break,
                    Err(error) => {
                        failed = Some(error);
                        break;
                    }
                };
                if ending.is_some_and(|ending| datagram.time > ending) {
                    break;
                }
                if let Some(now) = datagram.dropped {
                    line.counts.dropped.fetch_add(u64::from(now.wrapping_sub(dropped)), Ordering::Relaxed);
                    dropped = now;
                }
                let data = payload.get(..datagram.len).unwrap_or_default();
                let (from, to) = (synth::unmapped(datagram.from), synth::unmapped(datagram.to));
                if synth::datagram(from, to, data, &mut octets) {
                    let bare = Frame::new(0, Some(datagram.time), LinkType(synth::RAW), &octets);
                    batch.take(&Frame { file: line.index, description: Some(&description), ..bare });
                }
            }
            let nothing = batch.is_empty();
            if !nothing && !line.send(batch) {
                break;
            }
            if let Some(error) = failed {
                line.failed(format!("{}: receiving failed: {error}", self.local));
                break;
            }
            if ending.is_none() && line.is_stopped() {
                ending = Some(receive::now());
            } else if nothing && ending.is_some() {
                break;
            }
        }
        // A count comes only with the next datagram: the last ones dropped are asked for.
        if let Some(now) = receive::dropped(&self.socket) {
            line.counts.dropped.fetch_add(u64::from(now.wrapping_sub(dropped)), Ordering::Relaxed);
        }
    }
}

/// What keeps us from listening, in words.
fn problem(listen: Listen, error: &io::Error) -> Problem {
    let text = match error.kind() {
        io::ErrorKind::AddrInUse => "the port is in use by another program".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "not permitted: ports below 1024 need privileges; a higher port does not".to_owned()
        }
        io::ErrorKind::AddrNotAvailable => "this machine has no such address".to_owned(),
        _ => error.to_string(),
    };
    Problem { file: format!("--listen {listen}"), offset: None, text }
}

#[cfg(test)]
mod tests {
    use super::Listen;

    fn check(text: &str, shown: &str) {
        let listen: Result<Listen, String> = text.parse();
        assert_eq!(listen.map_or_else(|error| error, |listen| listen.to_string()), shown, "{text}");
    }

    #[test]
    fn addresses_are_read_as_people_write_them() {
        check("2948", "port 2948");
        check(":2949", "port 2949");
        check("*:2949", "port 2949");
        check("127.0.0.1", "127.0.0.1:2948");
        check("127.0.0.1:9200", "127.0.0.1:9200");
        check("::1", "[::1]:2948");
        check("[::1]", "[::1]:2948");
        check("[::1]:9200", "[::1]:9200");
        for wrong in ["", "host", "127.0.0.1:", "127.0.0.1:70000", "1.2.3", "[::1", ":x"] {
            assert!(wrong.parse::<Listen>().unwrap_err().contains("expected PORT"), "{wrong}");
        }
    }
}
