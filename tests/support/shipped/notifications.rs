//! Plain notifications: the worked messages, one file each.

use super::super::file::{Frame, Order, PcapForm};
use super::super::link::{ethernet_ip, link_type};
use super::super::net::{Ip as _, Ip4};
use super::super::notification::{Package, Trigger, all_options};
use super::super::wsp::Push;
use super::{SECOND, SENDER, START, Scene, Shipped};

/// The sending time of the worked 2.0 message: 2012-12-12T00:00:00Z.
const WORKED_TIME: u32 = 1_355_270_400;

fn handset(number: u8) -> Ip4 {
    Ip4::new(SENDER, &format!("198.51.100.{number}"))
}

fn at(second: u64, number: u8, pdu: &Push) -> Frame {
    Frame::new((START + second) * SECOND, ethernet_ip(&handset(number).id(u16::from(number)).push(&pdu.octets())))
}

fn plain(frames: &[Frame]) -> Vec<u8> {
    PcapForm::new(link_type::ETHERNET).file(frames)
}

/// A 1.2 notification that breaks nothing and verifies.
fn appendix_c() -> Frame {
    at(0, 1, &Push::dm12(1, Trigger::new(0x1234).signed()))
}

fn v20_minimal() -> Vec<u8> {
    let id_and_digest = Package::new(0x0A0C).server().digest_at(WORKED_TIME).signed();
    let digest_only = Package::new(0x0A0D).digest_at(WORKED_TIME).signed();
    let id_only = Package::new(0x0A0E).server().octets();
    let nothing = Package::new(0x0A0F).octets();
    let frames: Vec<Frame> = [id_and_digest, digest_only, id_only, nothing]
        .iter()
        .zip(1..)
        .map(|(body, number)| {
            let packet = handset(number).push(&Push::dm20(number, body).octets());
            Frame::new((u64::from(WORKED_TIME) + u64::from(number)) * SECOND, ethernet_ip(&packet))
        })
        .collect();
    plain(&frames)
}

fn ui_modes() -> Vec<u8> {
    let mut scene = Scene::new();
    for ui_mode in 0..4 {
        for initiator in 0..2 {
            let session = 0x0100 | u16::from(ui_mode) << 4 | u16::from(initiator);
            let body = Trigger::new(session).ui(ui_mode, initiator).signed();
            scene.push(&Push::dm12(ui_mode << 1 | initiator, body).octets());
        }
    }
    plain(&scene.frames)
}

/// The captures.
pub(super) fn captures() -> Vec<Shipped> {
    let all = Frame::new(
        u64::from(WORKED_TIME + 2) * SECOND + 250_000_000,
        ethernet_ip(&handset(1).push(&Push::dm20(1, all_options(0x0A0B, WORKED_TIME).signed()).octets())),
    );
    let wrong = Trigger::new(0x1234).signed_with(b"another password", b"nonce-001");
    let forged = {
        let mut body = Trigger::new(0x1235).signed();
        body[17] ^= 0x30;
        body
    };
    let other = Trigger::new(0x1234).server("org.example.unknown").signed_with(b"unknown", b"unknown");
    let unsigned = [
        Push::dm12(1, Trigger::new(1).with_digest([0; 16])),
        Push::dm12(2, Trigger::new(2).with_digest([0xFF; 16])),
        Push::dm20(3, Package::new(3).server().octets()),
        Push::dm20(4, Package::new(4).server().digest_at(START as u32 + 3).octets()),
    ];
    let unsigned: Vec<Frame> = unsigned.iter().zip(0..).map(|(push, i)| at(i.into(), i + 1, push)).collect();
    let form = |order, nano, modified| PcapForm { order, nano, modified, ..PcapForm::new(link_type::ETHERNET) };
    vec![
        ("appendix-c.pcap", plain(&[appendix_c()])),
        ("resync.pcap", plain(&[at(0, 1, &Push::dm12(1, Trigger::new(0x1234).resync()))])),
        ("wrong-digest.pcap", plain(&[at(0, 1, &Push::dm12(1, wrong)), at(1, 2, &Push::dm12(2, forged))])),
        ("unknown-server.pcap", plain(&[at(0, 1, &Push::dm12(1, other))])),
        ("unsigned.pcap", plain(&unsigned)),
        ("ui-modes.pcap", ui_modes()),
        ("v20-all-options.pcap", plain(&[all])),
        ("v20-minimal.pcap", v20_minimal()),
        ("pcap-big-endian.pcap", form(Order::Big, false, false).file(&[appendix_c()])),
        ("pcap-nanoseconds.pcap", form(Order::Little, true, false).file(&[appendix_c()])),
        ("pcap-modified.pcap", form(Order::Little, false, true).file(&[appendix_c()])),
    ]
}
