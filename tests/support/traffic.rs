//! Captures of any size: traffic as networks have it with pushes in between, and the truth about them.
//!
//! The same seed makes the same octets. One packet in a thousand is a push (1.2 and 2.0, valid, resynchronised, invalid, unsigned, of
//! unknown servers, other pushes), some tagged, some over IPv6, some in fragments; the rest is TCP and UDP, 411 octets a frame on
//! average. The kinds `Gtpu` and `Vxlan` carry the very packets of `Plain` inside a tunnel, and the size asked for is the size the plain
//! pcap has, so that the three compare. `Pushes` holds nothing but pushes, `Smpp` nothing but SMPP sessions that submit pushes, `Streams` the same with a
//! connection for each, and others on the same port. No push is related to another.

mod smpp;

use std::io::Write;

use super::chance::Rng;
use super::file::{Order, PcapForm, Pcapng};
use super::link::{self, ether_type, link_type};
use super::net::{self, Ip, Ip4, Ip6, Sum, Tcp, Udp, protocol};
use super::notification::{self, Package, Trigger, all_options};
use super::tunnel;
use super::wsp::{self, Push};

/// 2026-01-01T00:00:00Z, in nanoseconds.
const START: u64 = 1_767_225_600_000_000_000;

/// What kind of capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Pushes in traffic.
    Plain,
    /// The same in GTP-U.
    Gtpu,
    /// The same in VXLAN.
    Vxlan,
    /// Pushes alone.
    Pushes,
    /// SMPP alone.
    Smpp,
    /// Connections that are heard of once.
    Streams,
}

/// What the file holds.
#[derive(Clone, Debug, Default)]
pub struct Truth {
    /// Frames in the file.
    pub frames: u64,
    /// Their octets without any file header.
    pub octets: u64,
    /// Pushes, whatever they carry.
    pub pushes: u64,
    /// Frames they came in (fragments).
    pub push_frames: u64,
    /// Notifications by format and status.
    pub notifications: [(&'static str, &'static str, u64); 9],
    /// Pushes that are no notification.
    pub other_pushes: u64,
}

/// The classes of [`Truth::notifications`] with their share of 100 pushes; the rest are other pushes.
const CLASSES: [(&str, &str, usize); 9] = [
    ("1.2", "valid", 40),
    ("1.2", "resync", 5),
    ("1.2", "invalid", 10),
    ("1.2", "unchecked", 5),
    ("1.2", "unsigned", 3),
    ("2.0", "valid", 25),
    ("2.0", "invalid", 4),
    ("2.0", "unchecked", 2),
    ("2.0", "unsigned", 2),
];

impl Truth {
    /// As JSON.
    pub fn json(&self) -> String {
        let classes: Vec<String> = self
            .notifications
            .iter()
            .map(|(format, status, count)| {
                format!("    {{\"format\": \"{format}\", \"status\": \"{status}\", \"count\": {count}}}")
            })
            .collect();
        format!(
            "{{\n  \"frames\": {},\n  \"octets\": {},\n  \"pushes\": {},\n  \"push_frames\": {},\n  \"other_pushes\": {},\n  \
             \"notifications\": [\n{}\n  ]\n}}\n",
            self.frames,
            self.octets,
            self.pushes,
            self.push_frames,
            self.other_pushes,
            classes.join(",\n")
        )
    }
}

/// A frame made once and written often, with the fields that change each time.
struct Template {
    frame: Vec<u8>,
    /// Octets the plain form has.
    plain: usize,
    /// Where the IPv4 header starts.
    ip4: Option<usize>,
    /// Where the source port is, and where the checksum that covers it.
    port: Option<(usize, usize)>,
    /// Where the low half of the TCP sequence number is.
    sequence: Option<usize>,
}

fn get16(octets: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([octets[at], octets[at + 1]])
}

/// Sets 16 bits and mends the checksum at `sum` (RFC 1624).
fn patch(octets: &mut [u8], at: usize, sum: usize, new: u16) {
    let old = get16(octets, at);
    let mut total = u32::from(!get16(octets, sum)) + u32::from(!old) + u32::from(new);
    total = (total & 0xFFFF) + (total >> 16);
    total = (total & 0xFFFF) + (total >> 16);
    octets[at..at + 2].copy_from_slice(&new.to_be_bytes());
    octets[sum..sum + 2].copy_from_slice(&(!(total as u16)).to_be_bytes());
}

impl Template {
    /// Appends the frame with new identification, source port and sequence number.
    fn write(&self, out: &mut Vec<u8>, chance: u64) {
        let start = out.len();
        out.extend_from_slice(&self.frame);
        let frame = &mut out[start..];
        if let Some(ip) = self.ip4 {
            patch(frame, ip + 4, ip + 10, chance as u16);
        }
        if let Some((at, sum)) = self.port {
            patch(frame, at, sum, 0x8000 | (chance >> 16) as u16 & 0x1FFF);
            if let Some(sequence) = self.sequence {
                patch(frame, sequence, sum, (chance >> 32) as u16);
            }
        }
    }
}

/// Puts an IP packet into the frame this kind has; tells where the packet starts.
fn wrap(kind: Kind, tags: &[(u16, u16)], packet: &[u8], flavour: usize) -> (Vec<u8>, usize) {
    let plain = || link::tagged(tags, link::ether_type_of(packet), packet);
    let outer = Ip4::new("172.16.0.1", &format!("172.16.1.{}", flavour % 200 + 1));
    let udp = |port| Udp { sum: Sum::Zero, ..Udp::new(port, port) };
    let frame = match kind {
        Kind::Plain | Kind::Pushes | Kind::Smpp | Kind::Streams => plain(),
        Kind::Gtpu => {
            let container: (u8, &[u8]) = (0x85, &[0x00, 0x09]);
            let extensions = if flavour.is_multiple_of(4) { &[container][..] } else { &[] };
            let inner = tunnel::gtpu(0x1000 + flavour as u32, None, extensions, packet);
            link::ethernet_ip(&outer.udp(&udp(tunnel::GTPU), &inner))
        }
        Kind::Vxlan => {
            let inner = tunnel::vxlan(flavour as u32 % 16, &plain());
            link::ethernet_ip(&outer.udp(&Udp { source: 50_000 + flavour as u16, ..udp(tunnel::VXLAN) }, &inner))
        }
    };
    let start = frame.len() - packet.len();
    (frame, start)
}

fn template(kind: Kind, tags: &[(u16, u16)], packet: &[u8], flavour: usize) -> Template {
    let (frame, start) = wrap(kind, tags, packet, flavour);
    let four = packet[0] >> 4 == 4;
    let transport = start + if four { 20 } else { 40 };
    let number = if four { packet[9] } else { packet[6] };
    let later = four && get16(packet, 6) & 0x1FFF != 0;
    let sum = match number {
        _ if later => None,
        protocol::TCP => Some(16),
        protocol::UDP => Some(6),
        _ => None,
    };
    Template {
        plain: 14 + 4 * tags.len() + packet.len(),
        ip4: four.then_some(start),
        port: sum.map(|sum| (transport, transport + sum)),
        sequence: (sum == Some(16)).then_some(transport + 6),
        frame,
    }
}

/// What travels: frames that belong together (fragments) stand together.
struct Traffic {
    units: Vec<Vec<Template>>,
    /// Indices into `units`, as often as each is to appear.
    draw: Vec<usize>,
}

/// The mix: share in a thousand, then the shape.
#[derive(Clone, Copy)]
enum Shape {
    /// TCP over IPv4 with this many octets of data and tags.
    Tcp4(usize, &'static [(u16, u16)]),
    /// TCP over IPv6.
    Tcp6(usize),
    /// UDP over IPv4: port and data.
    Udp4(u16, usize, &'static [(u16, u16)]),
    /// UDP over IPv6.
    Udp6(u16, usize),
    /// UDP over IPv4 in two fragments.
    Fragments(usize),
    /// ICMP echo.
    Echo,
}

const VLAN: &[(u16, u16)] = &[(ether_type::VLAN, 100)];
const QINQ: &[(u16, u16)] = &[(ether_type::QINQ, 200), (ether_type::VLAN, 100)];

const MIX: [(usize, Shape); 27] = [
    (375, Shape::Tcp4(0, &[])),
    (93, Shape::Tcp4(1448, &[])),
    (40, Shape::Tcp4(60, &[])),
    (40, Shape::Tcp4(180, &[])),
    (30, Shape::Tcp4(420, &[])),
    (25, Shape::Tcp4(700, &[])),
    (20, Shape::Tcp4(1100, &[])),
    (50, Shape::Tcp4(0, VLAN)),
    (20, Shape::Tcp4(1448, VLAN)),
    (10, Shape::Tcp4(300, QINQ)),
    (10, Shape::Tcp4(1448, QINQ)),
    (50, Shape::Tcp6(0)),
    (20, Shape::Tcp6(1428)),
    (10, Shape::Tcp6(400)),
    (40, Shape::Udp4(53, 40, &[])),
    (30, Shape::Udp4(53, 160, &[])),
    (30, Shape::Udp4(443, 1250, &[])),
    (30, Shape::Udp4(443, 36, &[])),
    (40, Shape::Udp4(16_384, 172, &[])),
    (10, Shape::Udp4(123, 48, VLAN)),
    (10, Shape::Udp4(2152, 36, &[])),
    (5, Shape::Udp4(4500, 120, QINQ)),
    (15, Shape::Udp6(53, 90)),
    (10, Shape::Udp6(443, 1232)),
    (7, Shape::Fragments(2200)),
    (3, Shape::Fragments(1600)),
    (7, Shape::Echo),
];

/// How many address pairs each shape has.
const FLAVOURS: usize = 12;

fn data(length: usize, flavour: usize) -> Vec<u8> {
    let mut rng = Rng::new(0xDA7A + length as u64 * 64 + flavour as u64);
    rng.octets(length)
}

fn unit(kind: Kind, shape: Shape, flavour: usize) -> Vec<Template> {
    let four = Ip4 {
        df: true,
        ..Ip4::new(&format!("10.{flavour}.7.{}", flavour * 3 + 1), &format!("198.51.100.{}", flavour + 1))
    };
    let six = Ip6::new(&format!("2001:db8:{flavour:x}::1"), &format!("2001:db8:ffff::{:x}", flavour + 1));
    // Server ports that are nobody's push port; one flavour of TCP goes to 2948, which TCP does not use for pushes.
    let port = if flavour == 5 { 2948 } else { 443 };
    let tcp = Tcp { source: 0x8000, destination: port, sequence: 77, acknowledgement: 88, flags: 0x18 };
    let one = |tags: &[(u16, u16)], packet: &[u8]| vec![template(kind, tags, packet, flavour)];
    match shape {
        Shape::Tcp4(length, tags) => one(tags, &four.tcp(&tcp, &data(length, flavour))),
        Shape::Tcp6(length) => one(&[], &six.tcp(&tcp, &data(length, flavour))),
        // GTP-U echo responses to port 2152 have no packet inside.
        Shape::Udp4(2152, ..) => {
            one(&[], &four.udp(&Udp::new(0x8000, 2152), &super::hex("320200060000000000010000 0e01")))
        }
        Shape::Udp4(port, length, tags) => one(tags, &four.udp(&Udp::new(0x8000, port), &data(length, flavour))),
        Shape::Udp6(port, length) => one(&[], &six.udp(&Udp::new(0x8000, port), &data(length, flavour))),
        Shape::Fragments(length) => {
            let ip = Ip4 { df: false, ..four };
            let datagram = ip.datagram(&Udp::new(0x8000, 2049), &data(length, flavour));
            let parts = ip.fragments(protocol::UDP, &datagram, &[1480]);
            parts.iter().flat_map(|part| one(&[], part)).collect()
        }
        Shape::Echo => {
            let mut echo = vec![8, 0, 0, 0, 0, 1, 0, 1];
            echo.extend(data(56, flavour));
            let sum = net::checksum(&[&echo]);
            echo[2..4].copy_from_slice(&sum.to_be_bytes());
            one(&[], &four.packet(1, &echo))
        }
    }
}

impl Traffic {
    fn new(kind: Kind) -> Self {
        let (mut units, mut draw) = (Vec::new(), Vec::new());
        for (share, shape) in MIX {
            for turn in 0..share * FLAVOURS {
                draw.push(units.len() + turn % FLAVOURS);
            }
            units.extend((0..FLAVOURS).map(|flavour| unit(kind, shape, flavour)));
        }
        Self { units, draw }
    }
}

/// Writes records.
struct Recorder<'a> {
    sink: &'a mut dyn Write,
    buffer: Vec<u8>,
    pcapng: bool,
    time: u64,
    truth: Truth,
    /// Size of a plain pcap with the same packets.
    plain: u64,
}

impl Recorder<'_> {
    /// One record whose frame `write` appends; `plain` is the length of its plain form.
    fn record(&mut self, step: u64, plain: usize, write: impl FnOnce(&mut Vec<u8>)) {
        self.time += step;
        let start = self.buffer.len();
        let header = if self.pcapng { 28 } else { 16 };
        self.buffer.extend_from_slice(&[0; 28][..header]);
        write(&mut self.buffer);
        let length = (self.buffer.len() - start - header) as u32;
        let mut words = [0_u32; 7];
        let words = if self.pcapng {
            let block = header as u32 + length.next_multiple_of(4) + 4;
            words = [6, block, 0, (self.time >> 32) as u32, self.time as u32, length, length];
            self.buffer.resize(start + block as usize - 4, 0);
            self.buffer.extend_from_slice(&block.to_le_bytes());
            &words[..]
        } else {
            let (seconds, fraction) = (self.time / 1_000_000_000, self.time % 1_000_000_000 / 1000);
            words[..4].copy_from_slice(&[seconds as u32, fraction as u32, length, length]);
            &words[..4]
        };
        for (word, place) in words.iter().zip(self.buffer[start..].chunks_exact_mut(4)) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        self.truth.frames += 1;
        self.truth.octets += u64::from(length);
        self.plain += 16 + plain as u64;
        if self.buffer.len() >= 1 << 20 {
            self.flush();
        }
    }

    fn flush(&mut self) {
        self.sink.write_all(&self.buffer).expect("the output can be written");
        self.buffer.clear();
    }
}

/// Writes a capture of this kind, as large as a plain pcap of `size` octets.
pub fn generate(kind: Kind, size: u64, seed: u64, pcapng: bool, sink: &mut dyn Write) -> Truth {
    let buffer = if pcapng {
        let mut file = Pcapng::new(Order::Little);
        file.section(Order::Little, &[]);
        file.interface(link_type::ETHERNET, 0x4_0000, Some(9), None, &[]);
        file.file()
    } else {
        PcapForm::new(link_type::ETHERNET).header()
    };
    let mut truth = Truth::default();
    for (class, (format, status, _)) in truth.notifications.iter_mut().zip(CLASSES) {
        *class = (format, status, 0);
    }
    let plain = 24;
    let mut recorder = Recorder { sink, buffer, pcapng, time: START, truth, plain };
    let mut rng = Rng::new(seed);
    let traffic = Traffic::new(kind);
    let mut sessions = smpp::Sessions::new();
    while recorder.plain < size {
        if kind == Kind::Smpp {
            sessions.exchange(&mut rng, &mut recorder);
        } else if kind == Kind::Streams {
            sessions.connection(&mut rng, &mut recorder);
        } else if kind == Kind::Pushes || rng.one_in(1000) {
            push(kind, &mut rng, &mut recorder);
        } else {
            let unit = traffic.draw[rng.below(traffic.draw.len())];
            let chance = rng.u64();
            for template in &traffic.units[unit] {
                let step = 1000 * (1 + u64::from(rng.u32() >> 25));
                recorder.record(step, template.plain, |out| template.write(out, chance));
            }
        }
    }
    recorder.flush();
    recorder.truth
}

/// The body and push of the class drawn; `None` for the class: no notification.
fn message(rng: &mut Rng, number: u32, now: u32) -> (Option<usize>, Push) {
    let mut rest = rng.below(100);
    let class = CLASSES.iter().position(|(_, _, share)| {
        let here = rest < *share;
        rest = rest.wrapping_sub(*share);
        here
    });
    let (tid, id) = (number as u8, number as u16);
    let trigger = || Trigger::new(id.max(1)).ui((number >> 2) as u8 & 3, (number >> 4) as u8 & 1);
    let package = |server: &str| {
        if server.is_empty() && number.is_multiple_of(2) {
            all_options(id, now)
        } else {
            let name = if server.is_empty() { notification::SERVER } else { server };
            Package::new(id).option(1, name).digest_at(now)
        }
    };
    let push = match class {
        Some(0) => Push::dm12(tid, trigger().signed()),
        Some(1) => Push::dm12(tid, trigger().resync()),
        Some(2) => Push::dm12(tid, trigger().signed_with(b"not the password", b"nonce-001")),
        Some(3) => Push::dm12(tid, trigger().server("org.example.unknown").signed_with(b"secret", b"")),
        Some(4) => Push::dm12(tid, trigger().with_digest([0; 16])),
        Some(5) => Push::dm20(tid, package("").signed()),
        Some(6) => Push::dm20(tid, package("").signed_with(b"not the secret")),
        Some(7) => Push::dm20(tid, package("org.example.unknown").signed_with(b"secret")),
        Some(8) => Push::dm20(tid, Package::new(id).server().octets()),
        _ => {
            Push::well_known(tid, 0x2E, 2, b"\x02\x05\x6A\x00\x45\xC6\x0C\x03example.org\x00\x01\x03Hello\x00\x01\x01")
        }
    };
    // One in eight has further headers, as push proxies write them.
    let push = if number.is_multiple_of(8) {
        let length = push.body.len() as u32;
        push.header(wsp::field(0x0D, wsp::integer(length))).header(wsp::field(0x43, wsp::version(1, 3)))
    } else {
        push
    };
    (class, push)
}

fn push(kind: Kind, rng: &mut Rng, recorder: &mut Recorder<'_>) {
    recorder.truth.pushes += 1;
    let number = recorder.truth.pushes as u32;
    let (class, push) = message(rng, number, (recorder.time / 1_000_000_000) as u32);
    match class {
        Some(class) => recorder.truth.notifications[class].2 += 1,
        None => recorder.truth.other_pushes += 1,
    }
    let pdu = push.octets();
    // A handset of its own for each push: none is related to another.
    let octets = number.to_be_bytes();
    let four = Ip4::new("192.0.2.10", &format!("10.{}.{}.{}", octets[1], octets[2], octets[3])).id(number as u16);
    let udp = Udp::new(49_154, 2948);
    let carrier = rng.below(20);
    let tags: &[(u16, u16)] = match carrier {
        0..=1 => VLAN,
        2 => QINQ,
        _ => &[],
    };
    let packets = match carrier {
        3..=4 => {
            vec![
                Ip6::new("2001:db8::10", &format!("2001:db8:1::{:x}:{:x}", number >> 16, number & 0xFFFF))
                    .udp(&udp, &pdu),
            ]
        }
        5 => four.fragments(protocol::UDP, &four.datagram(&udp, &pdu), &[32]),
        _ => vec![four.udp(&udp, &pdu)],
    };
    for packet in packets {
        recorder.truth.push_frames += 1;
        let (frame, _) = wrap(kind, tags, &packet, number as usize % FLAVOURS);
        let plain = 14 + 4 * tags.len() + packet.len();
        recorder.record(1000, plain, |out| out.extend_from_slice(&frame));
    }
}
