//! What the system tells about a datagram beside its octets: when it came, where it was sent to, how many were dropped.
//!
//! Linux tells all of it; elsewhere the time is that of reading, and the destination the socket's own address. Must not know
//! what is in the datagrams.

use std::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::model::Timestamp;

/// A datagram, but for its octets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Datagram {
    /// Octets of it.
    pub(crate) len: usize,
    /// When the system received it.
    pub(crate) time: Timestamp,
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    /// Datagrams the system has dropped at this socket so far, where it says so; counts round at 2³².
    pub(crate) dropped: Option<u32>,
}

/// The system's time.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_secs(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use linux::{Receiver, bind, dropped, is_missing};
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use other::{Receiver, bind, dropped, is_missing};

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux {
    use std::fs::File;
    use std::io::{self, IoSliceMut};
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, UdpSocket};
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::os::unix::fs::MetadataExt;

    use nix::errno::Errno;
    use nix::libc::{in_pktinfo, in6_pktinfo};
    use nix::sys::socket::{
        AddressFamily, ControlMessageOwned, MsgFlags, SockFlag, SockType, SockaddrIn, SockaddrIn6, SockaddrStorage,
        bind as bind_to, recvmsg, setsockopt, socket, sockopt,
    };
    use nix::sys::time::TimeSpec;

    use super::{Datagram, now};
    use crate::model::Timestamp;

    /// Room asked of the system for datagrams that wait: 32 MiB. It may give less.
    const ROOM: usize = 32 << 20;

    /// A socket that tells all there is to tell.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
        let family = if address.is_ipv6() { AddressFamily::Inet6 } else { AddressFamily::Inet };
        let fd = socket(family, SockType::Datagram, SockFlag::SOCK_CLOEXEC, None)?;
        // Whoever may go beyond the limit of the system does; the others get what the limit gives.
        if setsockopt(&fd, sockopt::RcvBufForce, &ROOM).is_err() {
            let _ = setsockopt(&fd, sockopt::RcvBuf, &ROOM);
        }
        // A system that lacks one of these tells less.
        let _ = setsockopt(&fd, sockopt::ReceiveTimestampns, &true);
        let _ = setsockopt(&fd, sockopt::RxqOvfl, &1);
        match address {
            SocketAddr::V4(v4) => {
                let _ = setsockopt(&fd, sockopt::Ipv4PacketInfo, &true);
                bind_to(fd.as_raw_fd(), &SockaddrIn::from(v4))?;
            }
            SocketAddr::V6(v6) => {
                // IPv4 has a socket of its own.
                setsockopt(&fd, sockopt::Ipv6V6Only, &true)?;
                let _ = setsockopt(&fd, sockopt::Ipv6RecvPacketInfo, &true);
                bind_to(fd.as_raw_fd(), &SockaddrIn6::from(v6))?;
            }
        }
        Ok(UdpSocket::from(fd))
    }

    /// Whether an error says that the machine has no such family of addresses.
    pub(crate) fn is_missing(error: &io::Error) -> bool {
        error.raw_os_error() == Some(Errno::EAFNOSUPPORT as i32)
    }

    /// Datagrams the system has dropped at this socket so far.
    pub(crate) fn dropped(socket: &UdpSocket) -> Option<u32> {
        let inode = File::from(OwnedFd::from(socket.try_clone().ok()?)).metadata().ok()?.ino().to_string();
        let table = if socket.local_addr().ok()?.is_ipv6() { "/proc/net/udp6" } else { "/proc/net/udp" };
        let table = std::fs::read_to_string(table).ok()?;
        let mut rows = table.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let row = rows.find(|row| row.get(9).is_some_and(|field| *field == inode))?;
        row.last()?.parse().ok()
    }

    /// Receives from a socket.
    #[derive(Debug)]
    pub(crate) struct Receiver<'s> {
        socket: &'s UdpSocket,
        local: SocketAddr,
        control: Vec<u8>,
    }

    impl<'s> Receiver<'s> {
        pub(crate) fn new(socket: &'s UdpSocket, local: SocketAddr) -> Self {
            Self { socket, local, control: nix::cmsg_space!(TimeSpec, in_pktinfo, in6_pktinfo, u32) }
        }

        /// The next datagram; `None` where none waits, or none came while it was waited for.
        pub(crate) fn receive(&mut self, payload: &mut [u8], wait: bool) -> io::Result<Option<Datagram>> {
            let flags = if wait { MsgFlags::empty() } else { MsgFlags::MSG_DONTWAIT };
            let mut parts = [IoSliceMut::new(payload)];
            let fd = self.socket.as_raw_fd();
            let message = match recvmsg::<SockaddrStorage>(fd, &mut parts, Some(&mut self.control), flags) {
                Ok(message) => message,
                Err(Errno::EAGAIN | Errno::EINTR) => return Ok(None),
                Err(error) => return Err(error.into()),
            };
            let unknown = SocketAddr::new(super::super::synth::any(self.local.is_ipv6()), 0);
            let from = message.address.and_then(|address| {
                let four = address.as_sockaddr_in().map(|v4| SocketAddr::V4(SocketAddrV4::from(*v4)));
                four.or_else(|| address.as_sockaddr_in6().map(|v6| SocketAddr::V6(SocketAddrV6::from(*v6))))
            });
            let (mut time, mut to, mut dropped) = (None, self.local.ip(), None);
            // Without room for all there is to tell, nothing is told: the room is of the size of all of it.
            for told in message.cmsgs().into_iter().flatten() {
                match told {
                    ControlMessageOwned::ScmTimestampns(at) => {
                        let nanos = u32::try_from(at.tv_nsec()).unwrap_or(0);
                        time = Some(Timestamp::from_secs(at.tv_sec(), nanos));
                    }
                    ControlMessageOwned::Ipv4PacketInfo(info) => {
                        to = IpAddr::V4(Ipv4Addr::from(info.ipi_addr.s_addr.to_ne_bytes()));
                    }
                    ControlMessageOwned::Ipv6PacketInfo(info) => {
                        to = IpAddr::V6(Ipv6Addr::from(info.ipi6_addr.s6_addr));
                    }
                    ControlMessageOwned::RxqOvfl(count) => dropped = Some(count),
                    _ => {}
                }
            }
            Ok(Some(Datagram {
                len: message.bytes,
                time: time.unwrap_or_else(now),
                from: from.unwrap_or(unknown),
                to: SocketAddr::new(to, self.local.port()),
                dropped,
            }))
        }
    }
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod other {
    use std::io::{self, ErrorKind};
    use std::net::{SocketAddr, UdpSocket};

    use super::{Datagram, now};

    /// A socket; room for what waits is what the system gives.
    pub(crate) fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
        UdpSocket::bind(address)
    }

    /// Whether an error says that the machine has no such family of addresses; another kind of error says it here.
    pub(crate) const fn is_missing(_: &io::Error) -> bool {
        false
    }

    /// Nobody counts here.
    pub(crate) const fn dropped(_: &UdpSocket) -> Option<u32> {
        None
    }

    /// Receives from a socket.
    #[derive(Debug)]
    pub(crate) struct Receiver<'s> {
        socket: &'s UdpSocket,
        local: SocketAddr,
    }

    impl<'s> Receiver<'s> {
        pub(crate) fn new(socket: &'s UdpSocket, local: SocketAddr) -> Self {
            Self { socket, local }
        }

        /// The next datagram; `None` where none waits, or none came while it was waited for.
        pub(crate) fn receive(&mut self, payload: &mut [u8], wait: bool) -> io::Result<Option<Datagram>> {
            self.socket.set_nonblocking(!wait)?;
            match self.socket.recv_from(payload) {
                Ok((len, from)) => Ok(Some(Datagram { len, time: now(), from, to: self.local, dropped: None })),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) =>
                {
                    Ok(None)
                }
                // A port that is closed at the other end is no matter of ours.
                Err(error) if error.kind() == ErrorKind::ConnectionReset => Ok(None),
                Err(error) => Err(error),
            }
        }
    }
}
