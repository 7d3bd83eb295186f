//! What the gate's walk passes on its way to a fragment: enough to tell datagrams apart as the dissectors do.
//!
//! Each step must name what its dissector names when it enters a tunnel or reads addresses; a test holds the two together.
//! Must not allocate, nor judge.

use std::net::IpAddr;

use crate::dissect::Way;
use crate::flow::Glance;

/// Who is told what the walk passes. Nobody, for nearly every frame.
pub(super) trait Witness<'a> {
    /// An Ethernet header.
    fn ethernet(&mut self, _: &[u8]) {}
    /// What is particular to a header of Linux cooked captures.
    fn cooked(&mut self, _: &str, _: &[u8]) {}
    /// A VLAN tag after its type.
    fn vlan(&mut self, _: &[u8]) {}
    /// An entry of a label stack.
    fn label(&mut self, _: &[u8]) {}
    /// A PPPoE header.
    fn session(&mut self, _: &[u8]) {}
    /// A GRE header.
    fn gre(&mut self, _: &[u8]) {}
    /// A GTP-U header.
    fn gtp(&mut self, _: &[u8]) {}
    /// A header of eight octets with a network identifier in octets 4 to 6.
    fn network(&mut self, _: &str, _: &[u8]) {}
    /// An IPv4 header.
    fn ipv4(&mut self, _: &[u8; 20]) {}
    /// An IPv6 header, and the octets there are from it on.
    fn ipv6(&mut self, _: &[u8; 40], _: usize) {}
    /// The header of an IPv4 fragment, and the octets from it on.
    fn fragment4(&mut self, _: &[u8; 20], _: &'a [u8]) {}
    /// The octets from an IPv6 fragment header on.
    fn fragment6(&mut self, _: &'a [u8]) {}
}

impl Witness<'_> for () {}

/// Octets of an IPv6 fragment header.
const FRAGMENT_6: usize = 8;

/// Follows the walk. See the module's documentation.
#[derive(Debug)]
pub(super) struct Trail<'a> {
    way: Way,
    /// Octets there were after the last IPv6 header, and octets it states.
    payload_6: Option<(usize, usize)>,
    fragment: Option<Glance<'a>>,
}

impl<'a> Trail<'a> {
    /// The beginning of a frame of this interface.
    pub(super) fn new(interface: u32) -> Self {
        Self { way: Way::from_interface(interface), payload_6: None, fragment: None }
    }

    /// The fragment at the end of the walk, if its lengths are as they should be.
    pub(super) fn fragment(self) -> Option<Glance<'a>> {
        self.fragment
    }

    fn enter(&mut self, src: impl Into<IpAddr>, dst: impl Into<IpAddr>) {
        self.way.enter_ip(src.into(), dst.into());
    }

    /// A fragment of `len` octets, of which `octets` are there (and maybe what follows it).
    fn take(&mut self, proto: u8, id: u32, offset: u32, more: bool, len: usize, octets: &'a [u8]) {
        let end = u32::try_from(len).unwrap_or(u32::MAX).saturating_add(offset);
        if len == 0 || end > u32::from(u16::MAX) {
            return;
        }
        let octets = octets.get(..len).unwrap_or(octets);
        self.fragment = Some(Glance { way: self.way, proto, id, offset, end, more, octets });
    }
}

/// The `N` octets at `at`; zeros where there are none.
fn at<const N: usize>(octets: &[u8], at: usize) -> [u8; N] {
    octets.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N])
}

impl<'a> Witness<'a> for Trail<'a> {
    fn ethernet(&mut self, header: &[u8]) {
        self.way.enter_link("eth", &at::<12>(header, 0));
    }

    fn cooked(&mut self, name: &str, what: &[u8]) {
        self.way.enter_link(name, what);
    }

    fn vlan(&mut self, tag: &[u8]) {
        let id = u64::from(u16::from_be_bytes(at(tag, 0)) & 0xfff);
        self.way.enter_tunnel("vlan", &id.to_be_bytes());
    }

    fn label(&mut self, entry: &[u8]) {
        let label = u64::from(u32::from_be_bytes(at(entry, 0)) >> 12);
        self.way.enter_tunnel("mpls", &label.to_be_bytes());
    }

    fn session(&mut self, header: &[u8]) {
        self.way.enter_tunnel("pppoe", &at::<2>(header, 2));
    }

    fn gre(&mut self, header: &[u8]) {
        let [flags, version] = at(header, 0);
        if version & 7 == 1 {
            self.way.enter_tunnel("pptp", &at::<2>(header, 6));
        } else {
            let key = if flags & 0x20 != 0 { at(header, if flags & 0x80 != 0 { 8 } else { 4 }) } else { [0; 4] };
            self.way.enter_tunnel("gre", &key);
        }
    }

    fn gtp(&mut self, header: &[u8]) {
        self.way.enter_tunnel("gtp", &at::<4>(header, 4));
    }

    fn network(&mut self, name: &str, header: &[u8]) {
        let id = u64::from(u32::from_be_bytes(at(header, 4)) >> 8);
        self.way.enter_tunnel(name, &id.to_be_bytes());
    }

    fn ipv4(&mut self, header: &[u8; 20]) {
        self.enter(at::<4>(header, 12), at::<4>(header, 16));
        self.payload_6 = None;
    }

    fn ipv6(&mut self, header: &[u8; 40], there: usize) {
        self.enter(at::<16>(header, 8), at::<16>(header, 24));
        // A length of 0 has to be looked for elsewhere.
        let stated = usize::from(u16::from_be_bytes(at(header, 4)));
        self.payload_6 = (stated > 0).then_some((there.saturating_sub(header.len()), stated));
    }

    fn fragment4(&mut self, header: &[u8; 20], packet: &'a [u8]) {
        self.ipv4(header);
        let len = usize::from(header[0] & 15) * 4;
        let total = usize::from(u16::from_be_bytes(at(header, 2)));
        let flags = u16::from_be_bytes(at(header, 6));
        let (Some(octets), Some(rest)) = (packet.get(len..), total.checked_sub(len)) else { return };
        if len >= header.len() {
            let id = u32::from(u16::from_be_bytes(at(header, 4)));
            self.take(header[9], id, u32::from(flags & 0x1fff) * 8, flags & 0x2000 != 0, rest, octets);
        }
    }

    fn fragment6(&mut self, header: &'a [u8]) {
        let Some((there, stated)) = self.payload_6 else { return };
        // What stands between the two headers.
        let between = there.saturating_sub(header.len());
        let (Some(octets), Some(rest)) = (header.get(FRAGMENT_6..), stated.checked_sub(between + FRAGMENT_6)) else {
            return;
        };
        let place = u16::from_be_bytes(at(header, 2));
        let id = u32::from_be_bytes(at(header, 4));
        self.take(header[0], id, u32::from(place & !7), place & 1 != 0, rest, octets);
    }
}
