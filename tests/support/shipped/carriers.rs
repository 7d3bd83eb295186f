//! The same signed notification over every carrier, one capture each.

use super::super::file::pcapng;
use super::super::net::{Ip as _, Ip4, Tcp, Udp};
use super::super::notification::Trigger;
use super::super::wsp::Push;
use super::super::{join, sms};
use super::{Expect as _, Scene, Shipped};

/// Names of the captures that hold the one notification.
pub const SAME: [&str; 10] = [
    "carrier-udp.pcapng",
    "carrier-sms-abis.pcapng",
    "carrier-sms-um.pcapng",
    "carrier-sms-lte-nas.pcapng",
    "carrier-sms-concatenated.pcapng",
    "carrier-smpp.pcapng",
    "carrier-smpp-ports.pcapng",
    "carrier-smpp-sar.pcapng",
    "carrier-smpp-cdma.pcapng",
    "carrier-exported-sms.pcapng",
];

/// The captures.
pub(super) fn captures() -> Vec<Shipped> {
    let push = Push::dm12(1, Trigger::new(0x1234).signed()).octets();
    let with_header = join(&[&sms::header(None), &push]);
    let cp = sms::cp_data(&sms::rp_data(0x2A, &sms::deliver(&with_header)));
    let um: Vec<Vec<u8>> = sms::lapdm(&cp).iter().map(|block| sms::gsmtap(1, 8, block)).collect();
    let parts: Vec<Vec<u8>> = (1u8..)
        .zip(sms::parts(&push, 7, 40))
        .map(|(reference, part)| sms::gsmtap(2, 0, &sms::cp_data(&sms::rp_data(reference, &sms::deliver(&part)))))
        .collect();
    let port: (u16, &[u8]) = (0x020B, &[0x0B, 0x84]);
    let (one, two) = push.split_at(30);
    let sar = |number: &'static [u8], octets: &[u8]| {
        sms::submission(0, octets, &[port, (0x020C, &[0, 9]), (0x020E, &[2]), (0x020F, number)])
    };
    let cdma = join(&[&[0, 1, 0, 0xC0, 0x02, 0x0B, 0x84, 0xC0, 0x02, 0x0B, 0x84], &push]);
    let smpp = [
        vec![submit(1, &sms::submission(0x40, &with_header, &[]))],
        vec![sms::pdu(0x103, 0, 1, &sms::data(0, &[port, (0x0424, &push)]))],
        vec![submit(1, &sar(&[1], one)), submit(2, &sar(&[2], two))],
        vec![submit(1, &sms::submission(0, &cdma, &[]))],
    ];
    let [headed, addressed, segmented, wdp] = smpp.map(|requests| connection(&requests));
    let exported = Scene::new().one(&sms::exported("gsm_sms", &sms::deliver(&with_header)));
    vec![
        (SAME[0], datagrams(2948, std::slice::from_ref(&push))),
        (SAME[1], datagrams(4729, &[sms::gsmtap(2, 0, &cp)])),
        (SAME[2], datagrams(4729, &um)),
        (SAME[3], datagrams(4729, &[sms::gsmtap(0x12, 0, &sms::nas(&cp))])),
        (SAME[4], datagrams(4729, &parts)),
        (SAME[5], headed),
        (SAME[6], addressed),
        (SAME[7], segmented),
        (SAME[8], wdp),
        (SAME[9], exported),
    ]
}

fn submit(sequence: u32, body: &[u8]) -> Vec<u8> {
    sms::pdu(4, 0, sequence, body)
}

/// The last frame completes the message.
fn datagrams(port: u16, payloads: &[Vec<u8>]) -> Vec<u8> {
    let mut scene = Scene::new();
    let last = payloads.len() - 1;
    for (index, payload) in payloads.iter().enumerate() {
        let packet = Ip4::new("192.0.2.10", "198.51.100.1").udp(&Udp::new(49154, port), payload);
        let frame = scene.packet(&packet);
        if index == last {
            frame.expect("", "valid", "completes the notification");
        }
    }
    scene.pcapng("one signed notification")
}

/// An SMPP connection on a port nobody registered: requests, each cut into two segments, and their responses.
fn connection(requests: &[Vec<u8>]) -> Vec<u8> {
    let mut scene = Scene::new();
    let (mut there, mut back) = (1000u32, 5000u32);
    let last = requests.len() - 1;
    for (index, request) in requests.iter().enumerate() {
        let cut = request.len() - 20;
        for (piece, octets) in [request.get(..cut), request.get(cut..)].into_iter().flatten().enumerate() {
            let tcp = Tcp { source: 40000, destination: 2775, sequence: there, acknowledgement: back, flags: 0x18 };
            let frame = scene.packet(&Ip4::new("192.0.2.20", "192.0.2.21").tcp(&tcp, octets));
            if index == last && piece == 1 {
                frame.expect("", "valid", "completes the notification");
            }
            there += octets.len() as u32;
        }
        let command = 0x8000_0000 | u32::from_be_bytes([0, 0, request[6], request[7]]);
        let response = sms::pdu(command, 0, index as u32 + 1, b"1a2b\0");
        let tcp = Tcp { source: 2775, destination: 40000, sequence: back, acknowledgement: there, flags: 0x18 };
        scene.packet(&Ip4::new("192.0.2.21", "192.0.2.20").tcp(&tcp, &response));
        back += response.len() as u32;
    }
    scene.pcapng("one signed notification in SMPP, and its response")
}

impl Scene {
    /// One frame of link type 252.
    fn one(mut self, octets: &[u8]) -> Vec<u8> {
        self.frame(octets).expect("", "valid", "an exported TPDU with the notification");
        pcapng("one signed notification, exported", 252, &self.frames)
    }
}
