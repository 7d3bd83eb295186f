//! Everything below WSP: fragments, tunnels, link types, cut frames, checksums.

use super::super::file::{Frame, Order, Pcapng};
use super::super::link::{self, ether_type, ethernet_ip, link_type};
use super::super::net::{Ip, Ip4, Ip6, Sum, Udp, protocol};
use super::super::notification::Trigger;
use super::super::tunnel::{self, Gre};
use super::super::wsp::Push;
use super::{Expect as _, SECOND, SENDER, START, Scene, Shipped};

/// The captures.
pub(super) fn captures() -> Vec<Shipped> {
    vec![
        ("fragments.pcapng", fragments()),
        ("tunnels.pcapng", tunnels()),
        ("links.pcapng", links()),
        ("snaplen-cut.pcapng", snaplen_cut()),
        ("checksums.pcapng", checksums()),
    ]
}

/// A push of 300 octets or so, to be cut.
fn long_push(session: u16) -> Vec<u8> {
    Push::dm12(session as u8, Trigger::new(session).vendor([0xEE; 240]).signed()).octets()
}

fn short_push(session: u16) -> Vec<u8> {
    Push::dm12(session as u8, Trigger::new(session).signed()).octets()
}

fn ip6(number: u8) -> Ip6 {
    Ip6::new("2001:db8::10", &format!("2001:db8:1::{number:x}"))
}

fn fragments() -> Vec<u8> {
    let mut scene = Scene::new();
    fragments_v4(&mut scene);
    fragments_v6(&mut scene);
    scene.pcapng("fragments in order, reversed, overlapping, repeated, missing; IPv4 and IPv6")
}

fn fragments_v4(scene: &mut Scene) {
    let udp = Udp::new(49154, 2948);
    let cut = |scene: &mut Scene, session: u16, cuts: &[usize]| {
        let ip = scene.ip();
        let datagram = ip.datagram(&udp, &long_push(session));
        (ip.fragments(protocol::UDP, &datagram, cuts), ip, datagram)
    };
    // The last frame of each group gets the expectation: it completes the datagram.
    let send = |scene: &mut Scene, parts: Vec<Vec<u8>>, status: &str, words: &str| {
        let last = parts.len() - 1;
        for (index, part) in parts.iter().enumerate() {
            let frame = scene.packet(part);
            if index == last {
                frame.expect("", status, words);
            } else {
                frame.comments.push(format!("part of: {words}"));
            }
        }
    };
    let (parts, ..) = cut(scene, 0x701, &[104, 208]);
    send(scene, parts, "valid", "three fragments in order");
    let (mut parts, ..) = cut(scene, 0x702, &[104, 208]);
    parts.reverse();
    send(scene, parts, "valid", "three fragments reversed");
    let (mut parts, ..) = cut(scene, 0x703, &[8, 16, 24, 200]);
    parts.swap(0, 3);
    send(scene, parts, "valid", "five fragments, the first of eight octets, mixed order");
    let (mut parts, ..) = cut(scene, 0x704, &[104, 208]);
    parts.insert(1, parts[0].clone());
    send(scene, parts, "valid", "a fragment twice");
    let (_, ip, datagram) = cut(scene, 0x705, &[]);
    let parts = vec![
        ip.fragment(protocol::UDP, &datagram[..128], 0, true),
        ip.fragment(protocol::UDP, &datagram[96..208], 96, true),
        ip.fragment(protocol::UDP, &datagram[200..], 200, false),
    ];
    send(scene, parts, "valid", "overlapping fragments that agree");
    let (_, ip, datagram) = cut(scene, 0x706, &[]);
    let mut forged = datagram.clone();
    forged[100..112].fill(0x41);
    let parts = vec![
        ip.fragment(protocol::UDP, &datagram[..128], 0, true),
        ip.fragment(protocol::UDP, &forged[96..208], 96, true),
        ip.fragment(protocol::UDP, &datagram[208..], 208, false),
    ];
    send(scene, parts, "", "overlapping fragments that contradict each other");
    let (mut parts, ..) = cut(scene, 0x707, &[104, 208]);
    parts.remove(1);
    send(scene, parts, "", "the middle fragment never comes");
    let (parts, ..) = cut(scene, 0x708, &[104]);
    send(scene, parts[..1].to_vec(), "", "the first fragment only");
    let (parts, ..) = cut(scene, 0x709, &[104]);
    send(scene, parts[1..].to_vec(), "", "the last fragment only");
    let (mut parts, ..) = cut(scene, 0x70A, &[104]);
    let (others, ..) = cut(scene, 0x70B, &[104]);
    parts.insert(1, others[0].clone());
    parts.push(others[1].clone());
    send(scene, parts, "valid", "two datagrams interleaved");
    let (_, ip, datagram) = cut(scene, 0x70C, &[]);
    send(scene, vec![ip.fragment(protocol::UDP, &datagram, 65_520, false)], "", "an offset that runs past 65535");
    let (_, ip, datagram) = cut(scene, 0x70D, &[]);
    let parts = vec![
        ip.fragment(protocol::UDP, &datagram[..104], 0, true),
        ip.fragment(protocol::UDP, &datagram[104..], 104, true),
    ];
    send(scene, parts, "", "the last fragment says that more follow");
}

fn fragments_v6(scene: &mut Scene) {
    let udp = Udp::new(49154, 2948);
    for (number, words) in [
        (1, "IPv6: three fragments in order"),
        (2, "IPv6: three fragments reversed"),
        (3, "IPv6: behind hop-by-hop options"),
        (4, "IPv6: the last never comes"),
        (5, "IPv6: an atomic fragment"),
    ] {
        let mut ip = ip6(number);
        if number == 3 {
            ip = ip.extension(protocol::HOP_BY_HOP, [5, 2, 0, 0]);
        }
        let datagram = ip.datagram(&udp, &long_push(0x720 + u16::from(number)));
        let cuts: &[usize] = if number == 5 { &[] } else { &[104, 208] };
        let mut parts = ip.fragments(protocol::UDP, &datagram, cuts, 0x1000 + u32::from(number));
        match number {
            2 => parts.reverse(),
            4 => drop(parts.pop()),
            _ => {}
        }
        let last = parts.len() - 1;
        for (index, part) in parts.iter().enumerate() {
            let frame = scene.packet(part);
            let status = if number == 4 { "" } else { "valid" };
            if index == last {
                frame.expect("", status, words);
            } else {
                frame.comments.push(format!("part of: {words}"));
            }
        }
    }
}

/// Every carrier in front of a plain IP packet: Ethernet frames.
pub(super) fn carriers(inner: &dyn Fn() -> Vec<u8>) -> Vec<(Vec<u8>, &'static str)> {
    let outer = || Ip4::new("203.0.113.1", "203.0.113.2");
    let outer6 = || Ip6::new("2001:db8:f::1", "2001:db8:f::2");
    let eth = ethernet_ip;
    let over_gre = |header: Gre, kind: u16, payload: &[u8]| {
        eth(&outer().packet(protocol::GRE, &tunnel::gre(header, kind, payload)))
    };
    let over_udp = |port: u16, payload: &[u8]| eth(&outer().udp(&Udp::new(port, port), payload));
    let v4 = ether_type::IPV4;
    let full = Gre { checksum: true, key: Some(42), sequence: Some(7) };
    let session_container: (u8, &[u8]) = (0x85, &[0x00, 0x09]);
    let double = |first, second| link::tagged(&[(first, 0x0064), (second, 0x2065)], v4, &inner());
    vec![
        (eth(&inner()), "Ethernet"),
        (link::tagged(&[(ether_type::VLAN, 0x0064)], v4, &inner()), "802.1Q"),
        (double(ether_type::QINQ, ether_type::VLAN), "802.1ad and 802.1Q"),
        (double(ether_type::QINQ_OLD, ether_type::VLAN), "0x9100 and 802.1Q"),
        (double(ether_type::VLAN, ether_type::VLAN), "802.1Q twice"),
        (link::tagged(&[(ether_type::VLAN, 1); 6], v4, &inner()), "802.1Q six times"),
        (link::ethernet(ether_type::PPPOE, &link::pppoe(0x11, &inner())), "PPPoE"),
        (link::ethernet(ether_type::MPLS, &link::mpls(&[100], &inner())), "MPLS"),
        (link::ethernet(ether_type::MPLS, &link::mpls(&[100, 200, 300], &inner())), "MPLS, three labels"),
        (over_gre(Gre::default(), v4, &inner()), "GRE"),
        (over_gre(full, v4, &inner()), "GRE with checksum, key, sequence number"),
        (over_gre(Gre { key: Some(1), ..Gre::default() }, ether_type::BRIDGE, &eth(&inner())), "Ethernet in GRE"),
        (eth(&outer().packet(protocol::IPV4, &inner())), "IP in IP"),
        (eth(&outer6().packet(protocol::IPV4, &inner())), "IPv4 in IPv6"),
        (over_udp(tunnel::GTPU, &tunnel::gtpu(0x1000, None, &[], &inner())), "GTP-U"),
        (over_udp(tunnel::GTPU, &tunnel::gtpu(0x1001, Some(5), &[], &inner())), "GTP-U with sequence number"),
        (
            over_udp(tunnel::GTPU, &tunnel::gtpu(0x1002, None, &[session_container], &inner())),
            "GTP-U with a PDU session container",
        ),
        (
            over_udp(
                tunnel::GTPU,
                &tunnel::gtpu(0x1003, Some(6), &[session_container, (0xC0, &[0, 1]), (0x40, &[9; 6])], &inner()),
            ),
            "GTP-U with three extension headers",
        ),
        (over_udp(tunnel::VXLAN, &tunnel::vxlan(77, &eth(&inner()))), "VXLAN"),
        (over_udp(tunnel::GENEVE, &tunnel::geneve(78, &[], ether_type::BRIDGE, &eth(&inner()))), "Geneve"),
        (
            over_udp(
                tunnel::GENEVE,
                &tunnel::geneve(79, &[(0x0102, 1, &[1, 2, 3, 4]), (0x0102, 2, &[])], v4, &inner()),
            ),
            "IP in Geneve with options",
        ),
        (
            over_udp(tunnel::VXLAN, &tunnel::vxlan(80, &link::tagged(&[(ether_type::VLAN, 5)], v4, &inner()))),
            "802.1Q in VXLAN",
        ),
    ]
}

fn tunnels() -> Vec<u8> {
    let mut scene = Scene::new();
    let session = std::cell::Cell::new(0x800_u16);
    let next = || {
        let number = session.replace(session.get() + 1);
        let ip = Ip4::new(SENDER, &format!("198.51.100.{}", number & 0xFF)).id(number);
        ip.push(&short_push(number))
    };
    for (frame, words) in carriers(&next) {
        scene.frame(frame).expect("", "valid", words);
    }
    let outer = Ip4::new("203.0.113.1", "203.0.113.2");
    let six = ip6(1).push(&short_push(0x841));
    scene.packet(&outer.packet(protocol::IPV6, &six)).expect("", "valid", "6in4");
    scene.packet(&ip6(2).push(&short_push(0x842))).expect("", "valid", "IPv6");
    let extended = ip6(3)
        .extension(protocol::HOP_BY_HOP, [5, 2, 0, 0, 1, 0])
        .extension(protocol::ROUTING, [0, 0, 0, 0, 0, 0])
        .extension(protocol::DESTINATION, [1, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        .push(&short_push(0x843));
    scene.packet(&extended).expect("", "valid", "IPv6 with three extension headers");
    let authenticated =
        ip6(4).extension(protocol::AH, [0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    scene.packet(&authenticated.push(&short_push(0x844))).expect("", "valid", "IPv6 with an authentication header");
    let options = Ip4::new(SENDER, "198.51.100.90").options([0x94, 4, 0, 0, 7, 7, 4, 0, 0, 0, 0]);
    scene.packet(&options.push(&short_push(0x845))).expect("", "valid", "IPv4 with options");
    let teredo = Ip4::new(SENDER, "198.51.100.91").push(&short_push(0x846));
    let deep = (0..4)
        .fold(teredo, |inner, _| outer.packet(protocol::GRE, &tunnel::gre(Gre::default(), ether_type::IPV4, &inner)));
    scene.packet(&deep).expect("", "valid", "GRE in GRE, four deep");
    let gtp = tunnel::gtpu(1, None, &[], &Ip4::new(SENDER, "198.51.100.92").push(&short_push(0x847)));
    let tagged = link::tagged(&[(ether_type::VLAN, 7)], ether_type::IPV4, &outer.udp(&Udp::new(2152, 2152), &gtp));
    let vxlan = outer.udp(&Udp::new(50000, tunnel::VXLAN), &tunnel::vxlan(9, &tagged));
    scene.packet(&vxlan).expect("", "valid", "GTP-U in 802.1Q in VXLAN");
    let datagram = outer.datagram(
        &Udp::new(2152, 2152),
        &tunnel::gtpu(1, None, &[], &Ip4::new(SENDER, "198.51.100.93").push(&long_push(0x848))),
    );
    let parts = outer.clone().id(99).fragments(protocol::UDP, &datagram, &[160]);
    scene.packet(&parts[0]).comments.push("part of: GTP-U cut outside".to_owned());
    scene.packet(&parts[1]).expect("", "valid", "GTP-U cut outside");
    scene.pcapng("a push through every carrier")
}

fn links() -> Vec<u8> {
    let v4 =
        |number: u8| Ip4::new(SENDER, &format!("198.51.100.{number}")).push(&short_push(0x900 + u16::from(number)));
    let v6 = |number: u8| ip6(number).push(&short_push(0x900 + u16::from(number)));
    let entries: Vec<(u16, Vec<u8>, &str)> = vec![
        (link_type::ETHERNET, link::padded(ethernet_ip(&v4(1))), "Ethernet"),
        (link_type::RAW, v4(2), "raw IP, IPv4"),
        (link_type::RAW, v6(3), "raw IP, IPv6"),
        (link_type::RAW_12, v4(4), "raw IP, number 12"),
        (link_type::RAW_14, v4(5), "raw IP, number 14"),
        (link_type::IPV4, v4(6), "IPv4"),
        (link_type::IPV6, v6(7), "IPv6"),
        (link_type::NULL, link::null_le(2, &v4(8)), "BSD loopback, little-endian, IPv4"),
        (link_type::NULL, link::null_be(2, &v4(9)), "BSD loopback, big-endian, IPv4"),
        (link_type::NULL, link::null_le(30, &v6(10)), "BSD loopback, IPv6 of Darwin"),
        (link_type::NULL, link::null_le(28, &v6(11)), "BSD loopback, IPv6 of FreeBSD"),
        (link_type::NULL, link::null_le(24, &v6(12)), "BSD loopback, IPv6 of OpenBSD"),
        (link_type::LOOP, link::null_be(2, &v4(13)), "OpenBSD loopback"),
        (link_type::SLL, link::sll(0, ether_type::IPV4, &v4(14)), "Linux cooked"),
        (link_type::SLL, link::sll(4, ether_type::IPV6, &v6(15)), "Linux cooked, outgoing, IPv6"),
        (link_type::SLL2, link::sll2(3, 0, ether_type::IPV4, &v4(16)), "Linux cooked, version 2"),
        (link_type::SLL2, link::sll2(3, 4, ether_type::IPV6, &v6(17)), "Linux cooked, version 2, outgoing, IPv6"),
        (link_type::PPP, link::ppp_hdlc(&v4(18)), "PPP with address and control"),
        (link_type::PPP, link::ppp(&v4(19)), "PPP without"),
        (link_type::PPP, link::ppp_compressed(&v4(20)), "PPP, protocol in one octet"),
        (link_type::PPP_HDLC, link::ppp_hdlc(&v6(21)), "PPP in HDLC framing, IPv6"),
        (link_type::PPP_ETHER, link::pppoe(1, &v4(22)), "PPPoE without Ethernet"),
        (link_type::MPLS, link::mpls(&[16], &v4(23)), "MPLS without Ethernet"),
        (
            link_type::SLL,
            link::sll(0, ether_type::VLAN, &[&[0, 5, 8, 0][..], &v4(24)].concat()),
            "802.1Q in Linux cooked",
        ),
        (147, b"nobody knows".to_vec(), "a link type of our own: not dissected"),
    ];
    let mut file = Pcapng::new(Order::Little);
    file.section(Order::Little, &[(1, b"one interface per link type")]);
    let mut kinds: Vec<u16> = Vec::new();
    for (kind, ..) in &entries {
        if !kinds.contains(kind) {
            kinds.push(*kind);
            file.interface(*kind, 0x4_0000, Some(9), None, &[]);
        }
    }
    for (second, (kind, octets, words)) in entries.into_iter().enumerate() {
        let interface = kinds.iter().position(|known| *known == kind).expect("was listed") as u32;
        let mut frame = Frame::new((START + second as u64) * SECOND, octets).interface(interface);
        if kind == 147 {
            frame.comments.push(words.to_owned());
        } else {
            frame.expect("", "valid", words);
        }
        file.packet(&frame);
    }
    file.file()
}

fn snaplen_cut() -> Vec<u8> {
    let mut scene = Scene::new();
    // Ethernet 14, IPv4 20, UDP 8, WSP 6, digest 16, trigger 26: the frame ends at 90.
    for (kept, status, words) in [
        (90, "valid", "whole"),
        (89, "incomplete", "cut inside the server identifier"),
        (72, "incomplete", "cut after the length-identifier"),
        (64, "incomplete", "cut after the digest"),
        (56, "incomplete", "cut inside the digest"),
        (48, "incomplete", "cut after the push headers"),
        (45, "", "cut inside the push headers"),
        (42, "", "cut after the UDP header"),
        (40, "", "cut inside the UDP header"),
        (30, "", "cut inside the IP header"),
        (10, "", "cut inside the Ethernet header"),
        (0, "", "no octets at all"),
    ] {
        let session = 0xA00 + kept as u16;
        let packet = scene.ip().push(&short_push(session));
        let frame = scene.packet(&packet);
        frame.kept = Some(kept);
        frame.expect("", status, words);
    }
    let mut file = Pcapng::new(Order::Little);
    file.section(Order::Little, &[(1, b"frames cut by the capture")]);
    file.interface(link_type::ETHERNET, 96, None, None, &[]);
    file.packets(&scene.frames);
    file.file()
}

fn checksums() -> Vec<u8> {
    let mut scene = Scene::new();
    let mut session = 0xB00;
    let mut push = || {
        session += 1;
        short_push(session)
    };
    let right = Udp::new(49154, 2948);
    let with = |sum| Udp { sum, ..right };
    let packet = scene.ip().udp(&right, &push());
    scene.packet(&packet).expect("", "valid", "all right");
    let packet = scene.ip().sum(Sum::Wrong).udp(&right, &push());
    scene.packet(&packet).expect("", "valid", "IPv4 header checksum wrong");
    let packet = scene.ip().sum(Sum::Zero).udp(&right, &push());
    scene.packet(&packet).expect("", "valid", "IPv4 header checksum zero (left to the card)");
    let packet = scene.ip().udp(&with(Sum::Wrong), &push());
    scene.packet(&packet).expect("", "valid", "UDP checksum wrong");
    let packet = scene.ip().udp(&with(Sum::Zero), &push());
    scene.packet(&packet).expect("", "valid", "UDP checksum absent");
    let packet = ip6(1).udp(&with(Sum::Wrong), &push());
    scene.packet(&packet).expect("", "valid", "UDP checksum wrong over IPv6");
    let packet = ip6(2).udp(&with(Sum::Zero), &push());
    scene.packet(&packet).expect("", "valid", "UDP checksum absent over IPv6, where it must not be");
    let packet = scene.ip().total_length(0).udp(&right, &push());
    scene.packet(&packet).expect("", "valid", "IPv4 total length 0 (offloaded)");
    let packet = ip6(3).payload_length(0).udp(&right, &push());
    scene.packet(&packet).expect("", "valid", "IPv6 payload length 0 (offloaded)");
    let packet = scene.ip().udp(&Udp { length: Some(0), ..right }, &push());
    scene.packet(&packet).expect("", "valid", "UDP length 0");
    let packet = scene.ip().udp(&Udp { length: Some(4), ..right }, &push());
    scene.packet(&packet).expect("", "", "UDP length 4: less than its header");
    let packet = scene.ip().udp(&Udp { length: Some(500), ..right }, &push());
    scene.packet(&packet).expect("", "", "UDP length past the end of the packet");
    let packet = scene.ip().total_length(500).udp(&right, &push());
    scene.packet(&packet).expect("", "", "IPv4 total length past the end of the frame");
    let packet = scene.ip().total_length(12).udp(&right, &push());
    scene.packet(&packet).expect("", "", "IPv4 total length less than its header");
    let packet = scene.ip().push(&Push::well_known(1, 0x5A, 7, []).octets());
    scene.frame(link::padded(ethernet_ip(&packet))).expect("", "", "padding after a short packet");
    let packet = scene.ip().udp(&right, &push());
    let mut trailer = ethernet_ip(&packet);
    trailer.extend([0xFA; 8]);
    scene.frame(trailer).expect("", "valid", "a trailer after the packet");
    let packet = scene.ip().udp(&right, &[]);
    scene.packet(&packet).expect("", "", "a datagram without data");
    scene.pcapng("checksums and lengths, right and wrong")
}
