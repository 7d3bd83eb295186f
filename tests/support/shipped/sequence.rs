//! The same notification more than once: duplicates, re-triggers, id reuse, age, and further sightings that are none of these.

use super::super::file::{Frame, Order, Pcapng};
use super::super::link::{ether_type, ethernet_ip, link_type};
use super::super::net::{Ip as _, Ip4, protocol};
use super::super::notification::{Package, Trigger};
use super::super::tunnel::{Gre, gre};
use super::super::wsp::Push;
use super::{Expect as _, SECOND, SENDER, START, Scene, Shipped};

/// The captures.
pub(super) fn captures() -> Vec<Shipped> {
    vec![("duplicates.pcapng", duplicates()), ("sightings.pcapng", sightings())]
}

const HANDSET: &str = "198.51.100.1";

fn to(handset: &str, id: u16, push: &Push) -> Vec<u8> {
    Ip4::new(SENDER, handset).id(id).push(&push.octets())
}

fn duplicates() -> Vec<u8> {
    let mut scene = Scene::new();
    let first = Push::dm12(1, Trigger::new(0x1234).signed());
    scene.packet(&to(HANDSET, 1, &first)).expect("", "valid", "1.2: the first");
    scene.packet(&to(HANDSET, 2, &first)).expect("N12-035", "valid", "the same octets again: duplicate");
    let other_tid = Push::dm12(2, Trigger::new(0x1234).signed());
    scene.packet(&to(HANDSET, 3, &other_tid)).expect(
        "N12-035",
        "valid",
        "another transaction id, same notification: duplicate",
    );
    let again = Push::dm12(3, Trigger::new(0x1234).resync());
    scene.packet(&to(HANDSET, 4, &again)).expect("N12-035", "resync", "same trigger, other digest: re-trigger");
    scene.packet(&to("198.51.100.2", 5, &first)).expect(
        "",
        "valid",
        "the same octets to another handset: no duplicate",
    );
    let next = Push::dm12(4, Trigger::new(0x1235).signed());
    scene.packet(&to(HANDSET, 6, &next)).expect("", "valid", "another session");

    let sent = scene.now();
    let package = |time| Package::new(0x0A0C).server().option(3, [0, 1]).digest_at(time).signed();
    scene.packet(&to(HANDSET, 7, &Push::dm20(5, package(sent)))).expect("", "valid", "2.0: the first");
    scene.packet(&to(HANDSET, 8, &Push::dm20(6, package(sent)))).expect(
        "N20-006",
        "valid",
        "the same octets again: duplicate",
    );
    let resent = package(scene.now());
    scene.packet(&to(HANDSET, 9, &Push::dm20(7, resent))).expect(
        "N20-006",
        "valid",
        "sent anew, later time: duplicate",
    );
    let reused = Package::new(0x0A0C).server().option(3, [0, 2]).digest_at(scene.now()).signed();
    scene.packet(&to(HANDSET, 10, &Push::dm20(8, reused))).expect(
        "N20-007",
        "valid",
        "same id, other content: id reused",
    );
    let elsewhere = Push::dm20(9, package(sent));
    scene.packet(&to("198.51.100.2", 11, &elsewhere)).expect("", "valid", "the first to another handset: no duplicate");
    let nameless = |id: u16| Package::new(0x0B00).option(3, [0, id as u8]).digest_at(sent).signed();
    scene.packet(&to(HANDSET, 12, &Push::dm20(10, nameless(1)))).expect("N20-012", "valid", "2.0 without SERVER-ID");
    scene.packet(&to(HANDSET, 13, &Push::dm20(11, nameless(2)))).expect(
        "N20-007",
        "valid",
        "the same id from the same sender, other content: id reused",
    );

    scene.wait(2 * 86_400);
    scene.packet(&to(HANDSET, 14, &first)).expect("", "valid", "two days later: outside the window, no duplicate");
    let replay = Push::dm20(12, package(sent));
    scene.packet(&to(HANDSET, 15, &replay)).expect("N20-026", "valid", "the first 2.0 message two days later: replay");
    scene.pcapng("duplicates, re-triggers, reuse of ids, replay")
}

fn sightings() -> Vec<u8> {
    let at = |second: u64, micros: u64| (START + second) * SECOND + micros * 1000;
    let push = |session: u16| Push::dm12(session as u8, Trigger::new(session).signed());
    let outer = |inner: &[u8]| {
        Ip4::new("203.0.113.1", "203.0.113.2").packet(protocol::GRE, &gre(Gre::default(), ether_type::IPV4, inner))
    };
    let mut frames: Vec<(Frame, &str)> = Vec::new();
    let plain = to(HANDSET, 1, &push(0x601));
    frames.push((Frame::new(at(0, 0), ethernet_ip(&plain)), "before the tunnel"));
    frames.push((Frame::new(at(0, 40), ethernet_ip(&outer(&plain))), "the same datagram in GRE: another sighting"));
    let inside = to(HANDSET, 2, &push(0x602));
    frames.push((Frame::new(at(1, 0), ethernet_ip(&outer(&inside))), "in GRE first"));
    frames.push((Frame::new(at(1, 40), ethernet_ip(&inside)), "and after the tunnel: another sighting"));
    let both = to(HANDSET, 3, &push(0x603));
    frames.push((Frame::new(at(2, 0), ethernet_ip(&both)), "on interface 0"));
    let on_one = Frame::new(at(2, 15), ethernet_ip(&both)).interface(1);
    frames.push((on_one, "on interface 1, the time to live unchanged: another sighting"));
    let near = Ip4::new(SENDER, HANDSET).id(4);
    let routed = push(0x604).octets();
    frames.push((Frame::new(at(3, 0), ethernet_ip(&near.clone().push(&routed))), "before a router"));
    let behind = Frame::new(at(3, 30), ethernet_ip(&near.ttl(63).push(&routed))).interface(1);
    frames.push((behind, "behind a router on another interface: another sighting"));
    let mut file = Pcapng::new(Order::Little);
    file.section(Order::Little, &[(1, b"the same datagram seen more than once: no duplicates")]);
    file.interface(link_type::ETHERNET, 0x4_0000, Some(9), None, &[(2, b"eth0")]);
    file.interface(link_type::ETHERNET, 0x4_0000, Some(9), None, &[(2, b"eth1")]);
    for (mut frame, words) in frames {
        frame.expect("", "valid", words);
        file.packet(&frame);
    }
    file.file()
}
