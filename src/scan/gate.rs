//! The gate: can this frame matter? Asked for every frame of a capture, so written by hand, without allocation.
//!
//! Walks link layers, tags, tunnels and IP by the few octets that lead on, and ends at a port that nobody claims. In doubt the
//! answer is yes: a frame that passes costs a dissection, one that is held back is lost. Must not build a tree, nor know what the
//! dissectors do with a payload.

use super::trail::{Trail, Witness};
use crate::dissect::ip::is_ethernet;
use crate::dissect::{Claim, Dissector, FRAMINGS, Facts, Probe, Table, geneve, gtp, vxlan};
use crate::flow::Glance;

/// Layers and steps between them, before a frame is taken for crafted and passes.
const STEPS: usize = 96;

/// A set of port numbers.
#[derive(Clone)]
struct Ports(Box<[u64; 1024]>);

impl Ports {
    fn new() -> Self {
        Self(Box::new([0; 1024]))
    }

    fn add(&mut self, port: u16) {
        self.0[usize::from(port >> 6)] |= 1 << (port & 63);
    }

    #[inline]
    fn has(&self, port: u16) -> bool {
        // A port has 16 bits, so the index is below 1024.
        self.0[usize::from(port >> 6)] >> (port & 63) & 1 == 1
    }
}

/// Tunnels in UDP, which the gate peels itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tunnel {
    Gtp,
    Vxlan,
    Geneve,
}

/// What is known of the octets that are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layer {
    Link(u16),
    Ethernet,
    /// A type or length field is next.
    TypeOrLength,
    Type(u16),
    /// IP of either version.
    Ip,
    Ipv4,
    Ipv6,
    Proto(u8),
    Ppp,
    PppProtocol(u16),
    Mpls,
    /// Nothing names them: IP, or Ethernet.
    Unnamed,
}

/// The end of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Matters,
    /// It is a fragment: whether it matters, memory may know.
    Fragment,
    Not,
    /// The octets end before anything could be told.
    Cut,
}

/// What is told of a frame at one glance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Common {
    /// It matters, and is no fragment.
    Matters,
    /// It cannot matter.
    Dull,
    /// It takes a walk to tell.
    Other,
}

type Step<'a> = Result<(Layer, &'a [u8]), End>;

/// A test of UDP payloads on ports that nobody claims.
pub type FitTest = fn(&[u8]) -> bool;

/// The gate. See the module's documentation.
#[derive(Clone)]
pub struct Gate {
    udp: Ports,
    tcp: Ports,
    tunnels: Vec<(u16, Tunnel)>,
    /// Keys that dissectors claim and the gate cannot walk through: whatever has them passes.
    others: Vec<Claim>,
    fit: Option<FitTest>,
    /// Bits of the first eight octets that no message on a TCP stream sets.
    clear: u64,
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("tunnels", &self.tunnels).field("others", &self.others).finish_non_exhaustive()
    }
}

impl Gate {
    /// The gate for what this table claims.
    pub fn new(table: &Table) -> Self {
        let mut gate = Self {
            udp: Ports::new(),
            tcp: Ports::new(),
            tunnels: Vec::new(),
            others: Vec::new(),
            fit: None,
            clear: FRAMINGS.iter().fold(u64::MAX, |clear, framing| clear & framing.clear),
        };
        for claim in table.claims() {
            match claim {
                Claim::UdpPort(port) => {
                    gate.udp.add(port);
                    if let Some(tunnel) = tunnel(table, claim) {
                        gate.tunnels.push((port, tunnel));
                    }
                }
                Claim::TcpPort(port) => {
                    gate.tcp.add(port);
                }
                Claim::LinkType(_) | Claim::EtherType(_) | Claim::PppProtocol(_) | Claim::IpProto(_)
                    if !is_known(claim) =>
                {
                    gate.others.push(claim);
                }
                _ => {}
            }
        }
        gate
    }

    /// UDP payloads on any port pass when they fit this test.
    #[must_use]
    pub fn with_fit_test(mut self, fit: FitTest) -> Self {
        self.fit = Some(fit);
        self
    }

    /// Whether a frame can matter: whether dissecting it could report anything, or ask for memory.
    #[inline]
    pub fn matters(&self, link: u16, data: &[u8]) -> bool {
        // The common cases first.
        if link == 1 {
            match self.common(data) {
                Common::Dull => return false,
                Common::Matters => return true,
                Common::Other => {}
            }
        }
        matches!(self.walk(Layer::Link(link), data, &mut ()), End::Matters | End::Fragment)
    }

    /// The fragment that a frame is, where the walk to it shows nothing odd.
    pub fn fragment<'a>(&self, link: u16, interface: u32, data: &'a [u8]) -> Option<Glance<'a>> {
        if link == 1 && self.common(data) != Common::Other {
            return None;
        }
        let mut trail = Trail::new(interface);
        match self.walk(Layer::Link(link), data, &mut trail) {
            End::Fragment => trail.fragment(),
            _ => None,
        }
    }

    /// Whether a frame matters that is Ethernet, maybe with one tag, IPv4 without options or IPv6, no fragment, and TCP or UDP,
    /// but for tunnels.
    #[inline]
    fn common(&self, data: &[u8]) -> Common {
        // Most frames of most captures, and so told with as few steps as can be: link header, IPv4 and ports as one run.
        let Some(head) = data.first_chunk::<38>() else { return Common::Other };
        if (head[12], head[13], head[14]) != (0x08, 0x00, 0x45) {
            return self.less_common(data);
        }
        if (head[20] & 0x3f) | head[21] != 0 {
            return Common::Other;
        }
        self.transport(head[23], [head[34], head[35], head[36], head[37]], data, 34)
    }

    /// The same behind a tag, and for IPv6.
    fn less_common(&self, data: &[u8]) -> Common {
        let Some(mut link) = data.first_chunk::<14>().map(|head| [head[12], head[13]]) else { return Common::Other };
        let mut at = 14;
        if link == [0x81, 0x00]
            && let Some(tag) = data.get(14..).and_then(|rest| rest.first_chunk::<4>())
        {
            (link, at) = ([tag[2], tag[3]], 18);
        }
        let rest = data.get(at..).unwrap_or(&[]);
        match link {
            [0x08, 0x00] => match rest.first_chunk::<24>() {
                Some(head) if head[0] == 0x45 && (head[6] & 0x3f) | head[7] == 0 => {
                    self.transport(head[9], [head[20], head[21], head[22], head[23]], data, at + 20)
                }
                _ => Common::Other,
            },
            [0x86, 0xdd] => match rest.first_chunk::<44>() {
                Some(head) if head[0] >> 4 == 6 => {
                    self.transport(head[6], [head[40], head[41], head[42], head[43]], data, at + 40)
                }
                _ => Common::Other,
            },
            _ => Common::Other,
        }
    }

    /// Whether somebody claims these ports, or something begins in the segment that starts at `at`.
    ///
    /// What differs from frame to frame is computed rather than branched on: nothing predicts whether a frame is TCP or UDP,
    /// or has a payload, and each wrong guess costs as much as all the rest.
    #[inline]
    fn transport(&self, proto: u8, ports: [u8; 4], data: &[u8], at: usize) -> Common {
        let (src, dst) = (u16::from_be_bytes([ports[0], ports[1]]), u16::from_be_bytes([ports[2], ports[3]]));
        let tcp = proto == 6;
        if !tcp && (proto != 17 || self.fit.is_some()) {
            return Common::Other;
        }
        let claimed = if tcp { &self.tcp } else { &self.udp };
        if claimed.has(dst) | claimed.has(src) | (tcp & self.may_begin(data, at)) {
            return self.look_closely(tcp, [src, dst], data, at);
        }
        Common::Dull
    }

    /// The same for a datagram with a port that somebody claims, and for a segment that gives cause.
    #[cold]
    fn look_closely(&self, tcp: bool, [src, dst]: [u16; 2], data: &[u8], at: usize) -> Common {
        if tcp {
            let matters = self.tcp.has(dst) || self.tcp.has(src) || self.begins(data, at);
            if matters { Common::Matters } else { Common::Dull }
        } else if self.tunnels.iter().any(|(of, _)| *of == dst || *of == src) {
            Common::Other
        } else {
            Common::Matters
        }
    }

    /// Where the payload of the TCP segment at `at` begins.
    #[inline]
    fn payload(data: &[u8], at: usize) -> usize {
        // The header length counts units of 4 octets in the upper half of octet 12; below 5 it is wrong.
        let units = data.get(at + 12).copied().unwrap_or(0);
        at + usize::from(units >> 2 & 0x3c).max(20)
    }

    /// Whether the first octets of a TCP payload allow that a message of a protocol that is told on any port begins there.
    #[inline]
    fn may_begin(&self, data: &[u8], at: usize) -> bool {
        let payload = Self::payload(data, at);
        let there = payload + 8 <= data.len();
        let first = data.get(if there { payload } else { 0 }..).and_then(|rest| rest.first_chunk::<8>());
        first.is_some_and(|first| u64::from_be_bytes(*first) & self.clear == 0) & there
    }

    /// Whether the payload of the TCP segment at `at` begins with a message of a protocol that is told on any port.
    fn begins(&self, data: &[u8], at: usize) -> bool {
        let payload = data.get(Self::payload(data, at)..).unwrap_or(&[]);
        self.may_begin(data, at) && FRAMINGS.iter().any(|framing| (framing.starts)(payload))
    }

    /// Whether a fragmented datagram can matter, by its protocol and the octets of its first fragment.
    pub fn datagram_matters(&self, proto: u8, first: &[u8]) -> bool {
        (proto == 17 && self.fit.is_some()) || self.walk(Layer::Proto(proto), first, &mut ()) != End::Not
    }

    fn walk<'a, W: Witness<'a>>(&self, layer: Layer, data: &'a [u8], witness: &mut W) -> End {
        let (mut layer, mut data) = (layer, data);
        for _ in 0..STEPS {
            match self.step(layer, data, witness) {
                Ok(next) => (layer, data) = next,
                Err(end) => return end,
            }
        }
        End::Matters
    }

    #[inline]
    fn step<'a, W: Witness<'a>>(&self, layer: Layer, data: &'a [u8], witness: &mut W) -> Step<'a> {
        match layer {
            Layer::Ethernet => {
                witness.ethernet(data);
                Ok((Layer::TypeOrLength, skip(data, 12)?))
            }
            Layer::Type(0x0800) | Layer::PppProtocol(0x0021) | Layer::Link(228) | Layer::Proto(4) => {
                Ok((Layer::Ipv4, data))
            }
            Layer::Type(0x86dd) | Layer::PppProtocol(0x0057) | Layer::Link(229) | Layer::Proto(41) => {
                Ok((Layer::Ipv6, data))
            }
            Layer::Ipv4 => self.ipv4(data, witness),
            Layer::Ipv6 => ipv6(data, witness),
            Layer::Proto(17) => self.udp(data, witness),
            Layer::Proto(6) => self.tcp(data),
            Layer::Proto(47) => gre(data, witness),
            Layer::Proto(0 | 43 | 60) => {
                let [next, units] = *chunk(data)?;
                Ok((Layer::Proto(next), skip(data, usize::from(units) * 8 + 8)?))
            }
            Layer::Proto(51) => {
                let [next, units] = *chunk(data)?;
                Ok((Layer::Proto(next), skip(data, usize::from(units) * 4 + 8)?))
            }
            Layer::Proto(44) => match *chunk(data)? {
                [next, _, 0, low] if low & 0xf9 == 0 => Ok((Layer::Proto(next), skip(data, 8)?)),
                _ => {
                    witness.fragment6(data);
                    Err(End::Fragment)
                }
            },
            Layer::TypeOrLength => type_or_length(data),
            Layer::Type(0x8100 | 0x88a8 | 0x9100) => {
                witness.vlan(data);
                Ok((Layer::TypeOrLength, skip(data, 2)?))
            }
            Layer::Type(0x8847 | 0x8848) | Layer::PppProtocol(0x0281 | 0x0283) | Layer::Proto(137) => {
                Ok((Layer::Mpls, data))
            }
            Layer::Mpls => {
                // Label, class, bottom of stack, time to live.
                let [_, _, bottom, _] = *chunk(data)?;
                witness.label(data);
                let rest = skip(data, 4)?;
                if bottom & 1 == 0 { mpls_stack(rest, witness) } else { Ok((Layer::Unnamed, rest)) }
            }
            Layer::Unnamed => unnamed(data),
            Layer::Type(0x8864) => match *chunk(data)? {
                [_, 0] => {
                    witness.session(data);
                    Ok((Layer::Ppp, skip(data, 6)?))
                }
                _ => Err(End::Not),
            },
            Layer::Type(0x6558) => Ok((Layer::Ethernet, data)),
            Layer::Type(0x880b) => Ok((Layer::Ppp, data)),
            Layer::Ppp => ppp(data),
            Layer::Ip => match chunk::<1>(data)?[0] >> 4 {
                4 => Ok((Layer::Ipv4, data)),
                6 => Ok((Layer::Ipv6, data)),
                _ => Err(End::Not),
            },
            Layer::Link(link) => self.link(link, data, witness),
            Layer::Type(ty) => self.other(Claim::EtherType(ty)),
            Layer::Proto(proto) => self.other(Claim::IpProto(proto)),
            Layer::PppProtocol(protocol) => self.other(Claim::PppProtocol(protocol)),
        }
    }

    fn other(&self, claim: Claim) -> Step<'static> {
        Err(if self.others.contains(&claim) { End::Matters } else { End::Not })
    }

    fn link<'a, W: Witness<'a>>(&self, link: u16, data: &'a [u8], witness: &mut W) -> Step<'a> {
        match link {
            1 => Ok((Layer::Ethernet, data)),
            101 | 12 | 14 => Ok((Layer::Ip, data)),
            113 => {
                let head = chunk::<16>(data)?;
                witness.cooked("sll", &head[..14]);
                cooked([head[2], head[3]], [head[14], head[15]], skip(data, 16)?)
            }
            276 => {
                let head = chunk::<20>(data)?;
                witness.cooked("sll2", &head[2..]);
                cooked([head[8], head[9]], [head[0], head[1]], skip(data, 20)?)
            }
            0 | 108 => {
                let family = u32::from_be_bytes(*chunk(data)?);
                let family = if family > 0xffff { family.swap_bytes() } else { family };
                let rest = skip(data, 4)?;
                match family {
                    2 => Ok((Layer::Ipv4, rest)),
                    10 | 23 | 24 | 28 | 30 => Ok((Layer::Ipv6, rest)),
                    0x600.. => Ok((Layer::Type(u16::try_from(family).unwrap_or(0)), rest)),
                    _ => Err(End::Not),
                }
            }
            9 | 50 => Ok((Layer::Ppp, data)),
            51 => Ok((Layer::Type(0x8864), data)),
            219 => Ok((Layer::Mpls, data)),
            _ => self.other(Claim::LinkType(link)),
        }
    }

    #[inline]
    fn ipv4<'a, W: Witness<'a>>(&self, data: &'a [u8], witness: &mut W) -> Step<'a> {
        let head = chunk::<20>(data)?;
        let proto = head[9];
        if head[0] >> 4 != 4 {
            return Err(End::Not);
        }
        if (head[6] & 0x3f) | head[7] != 0 {
            // All fragments of a datagram have one protocol: where it leads nowhere, none of them is wanted.
            let dead = matches!(proto, 1 | 50 | 58 | 132);
            if dead && !self.others.contains(&Claim::IpProto(proto)) {
                return Err(End::Not);
            }
            witness.fragment4(head, data);
            return Err(End::Fragment);
        }
        witness.ipv4(head);
        Ok((Layer::Proto(proto), skip(data, usize::from(head[0] & 15) * 4)?))
    }

    #[inline]
    fn udp<'a, W: Witness<'a>>(&self, data: &'a [u8], witness: &mut W) -> Step<'a> {
        let [src_high, src_low, dst_high, dst_low] = *chunk(data)?;
        let (src, dst) = (u16::from_be_bytes([src_high, src_low]), u16::from_be_bytes([dst_high, dst_low]));
        if let (Some(fit), Some(payload)) = (self.fit, data.get(8..))
            && fit(payload)
        {
            return Err(End::Matters);
        }
        // The destination's claim counts before the source's.
        let port = match (self.udp.has(dst), self.udp.has(src)) {
            (true, _) => dst,
            (_, true) => src,
            _ => return Err(End::Not),
        };
        let Some((_, tunnel)) = self.tunnels.iter().find(|(of, _)| *of == port) else { return Err(End::Matters) };
        let payload = skip(data, 8)?;
        match tunnel {
            Tunnel::Gtp => gtp(payload, witness),
            Tunnel::Vxlan => {
                witness.network("vxlan", payload);
                Ok((Layer::Ethernet, skip(payload, 8)?))
            }
            Tunnel::Geneve => {
                let head = chunk::<8>(payload)?;
                if head[0] >> 6 != 0 {
                    return Err(End::Not);
                }
                witness.network("geneve", payload);
                let options = usize::from(head[0] & 0x3f) * 4;
                Ok((Layer::Type(u16::from_be_bytes([head[2], head[3]])), skip(payload, options + 8)?))
            }
        }
    }

    fn tcp<'a>(&self, data: &'a [u8]) -> Step<'a> {
        let [src_high, src_low, dst_high, dst_low] = *chunk(data)?;
        let (src, dst) = (u16::from_be_bytes([src_high, src_low]), u16::from_be_bytes([dst_high, dst_low]));
        Err(if self.tcp.has(dst) || self.tcp.has(src) || self.begins(data, 0) { End::Matters } else { End::Not })
    }
}

/// Whether the gate walks through what has this key, or knows that it leads nowhere.
const fn is_known(claim: Claim) -> bool {
    match claim {
        Claim::LinkType(link) => {
            matches!(link, 0 | 1 | 9 | 12 | 14 | 50 | 51 | 101 | 108 | 113 | 219 | 228 | 229 | 276)
        }
        Claim::EtherType(ty) => matches!(
            ty,
            0x0800
                | 0x86dd
                | 0x8100
                | 0x88a8
                | 0x9100
                | 0x8847
                | 0x8848
                | 0x8863
                | 0x8864
                | 0x6558
                | 0x880b
                | 0x0806
                | 0x8035
        ),
        Claim::PppProtocol(protocol) => matches!(protocol, 0x0021 | 0x0057 | 0x0281 | 0x0283),
        Claim::IpProto(proto) => {
            matches!(proto, 0 | 1 | 4 | 6 | 17 | 41 | 43 | 44 | 47 | 50 | 51 | 58 | 60 | 132 | 137)
        }
        _ => true,
    }
}

/// The tunnel that a port leads to, whichever port that is.
fn tunnel(table: &Table, claim: Claim) -> Option<Tunnel> {
    let facts = Facts::default();
    let dissector: &Dissector = table.find(claim, &Probe { octets: &[], promised: 0, facts: &facts })?;
    [(&gtp::GTP, Tunnel::Gtp), (&vxlan::VXLAN, Tunnel::Vxlan), (&geneve::GENEVE, Tunnel::Geneve)]
        .into_iter()
        .find(|(layer, _)| dissector.layer.is(layer))
        .map(|(_, tunnel)| tunnel)
}

/// The first octets.
#[inline]
fn chunk<const N: usize>(data: &[u8]) -> Result<&[u8; N], End> {
    data.first_chunk().ok_or(End::Cut)
}

/// What follows the first octets.
#[inline]
fn skip(data: &[u8], len: usize) -> Result<&[u8], End> {
    data.get(len..).ok_or(End::Cut)
}

#[inline]
fn ipv6<'a, W: Witness<'a>>(data: &'a [u8], witness: &mut W) -> Step<'a> {
    let head = chunk::<40>(data)?;
    if head[0] >> 4 != 6 {
        return Err(End::Not);
    }
    witness.ipv6(head, data.len());
    Ok((Layer::Proto(head[6]), skip(data, 40)?))
}

fn type_or_length(data: &[u8]) -> Step<'_> {
    let ty = u16::from_be_bytes(*chunk(data)?);
    let rest = skip(data, 2)?;
    match (ty, rest) {
        (0x600.., _) => Ok((Layer::Type(ty), rest)),
        (1501.., _) => Err(End::Not),
        // LLC with SNAP, then an Ethernet type; IP in plain LLC.
        (_, [0xaa, 0xaa, 3, 0, 0, 0 | 0xf8, high, low, ..]) => {
            Ok((Layer::Type(u16::from_be_bytes([*high, *low])), skip(rest, 8)?))
        }
        (_, [6, 6, 3, ..]) => Ok((Layer::Ipv4, skip(rest, 3)?)),
        _ if rest.len() < 8 => Err(End::Cut),
        _ => Err(End::Not),
    }
}

/// Linux cooked capture, after its header.
fn cooked(hardware: [u8; 2], ty: [u8; 2], rest: &[u8]) -> Step<'_> {
    match (u16::from_be_bytes(hardware), u16::from_be_bytes(ty)) {
        (803 | 824, _) => Err(End::Not),
        // LLC: the same as below a length.
        (_, 4) => match rest {
            [0xaa, 0xaa, 3, 0, 0, 0 | 0xf8, high, low, ..] => {
                Ok((Layer::Type(u16::from_be_bytes([*high, *low])), skip(rest, 8)?))
            }
            [6, 6, 3, ..] => Ok((Layer::Ipv4, skip(rest, 3)?)),
            _ => Err(End::Not),
        },
        (_, ty) => Ok((Layer::Type(ty), rest)),
    }
}

/// The rest of a label stack.
fn mpls_stack<'a, W: Witness<'a>>(data: &'a [u8], witness: &mut W) -> Step<'a> {
    let is_last = |entry: &[u8]| {
        witness.label(entry);
        entry[2] & 1 == 1
    };
    let entries = data.chunks_exact(4).position(is_last).ok_or(End::Cut)?;
    Ok((Layer::Unnamed, skip(data, entries * 4 + 4)?))
}

/// IP by its version; Ethernet, maybe after a pseudowire's control word, by its type.
fn unnamed(data: &[u8]) -> Step<'_> {
    let ethernet = is_ethernet(data);
    match chunk::<1>(data)?[0] >> 4 {
        // The dissectors weigh that with checksums and lengths.
        4 | 6 if ethernet => Err(End::Matters),
        4 => Ok((Layer::Ipv4, data)),
        6 => Ok((Layer::Ipv6, data)),
        _ if ethernet => Ok((Layer::Ethernet, data)),
        0 if data.get(4..).is_some_and(is_ethernet) => Ok((Layer::Ethernet, skip(data, 4)?)),
        _ if data.len() < 20 => Err(End::Cut),
        _ => Err(End::Not),
    }
}

fn ppp(data: &[u8]) -> Step<'_> {
    let data = match data {
        [0xff, 0x03, rest @ ..] => rest,
        [0x0f | 0x8f, 0x00, high, low, rest @ ..] => {
            return Ok((Layer::Type(u16::from_be_bytes([*high, *low])), rest));
        }
        _ => data,
    };
    match data {
        [one, rest @ ..] if one & 1 == 1 => Ok((Layer::PppProtocol(u16::from(*one)), rest)),
        [high, low, rest @ ..] => Ok((Layer::PppProtocol(u16::from_be_bytes([*high, *low])), rest)),
        _ => Err(End::Cut),
    }
}

fn gre<'a, W: Witness<'a>>(data: &'a [u8], witness: &mut W) -> Step<'a> {
    let [flags, version, high, low] = *chunk(data)?;
    witness.gre(data);
    let protocol = Layer::Type(u16::from_be_bytes([high, low]));
    let bit = |mask: u8| if flags & mask != 0 { 4 } else { 0 };
    match version & 7 {
        // Source routes: nobody uses them, so they are not walked here.
        0 if flags & 0x40 != 0 => Err(End::Matters),
        0 => Ok((protocol, skip(data, 4 + bit(0x80) + bit(0x20) + bit(0x10))?)),
        1 => {
            let sum = if flags & 0xc0 != 0 { 4 } else { 0 };
            let ack = if version & 0x80 != 0 { 4 } else { 0 };
            Ok((protocol, skip(data, 8 + sum + bit(0x10) + ack)?))
        }
        _ => Err(End::Not),
    }
}

#[inline]
fn gtp<'a, W: Witness<'a>>(data: &'a [u8], witness: &mut W) -> Step<'a> {
    let head = chunk::<8>(data)?;
    let flags = head[0];
    // Version 1, GTP and not GTP', a T-PDU.
    if flags & 0xf0 != 0x30 || head[1] != 255 {
        return Err(End::Not);
    }
    witness.gtp(head);
    let optional = flags & 0b111;
    if optional == 0 {
        return Ok((Layer::Unnamed, skip(data, 8)?));
    }
    let mut next = chunk::<12>(data)?[11];
    let mut rest = skip(data, 12)?;
    while flags & 4 != 0 && next != 0 {
        let len = usize::from(chunk::<1>(rest)?[0]) * 4;
        let Some(last) = len.checked_sub(1) else { return Err(End::Not) };
        next = *rest.get(last).ok_or(End::Cut)?;
        rest = skip(rest, len)?;
    }
    Ok((Layer::Unnamed, rest))
}
