//! SMPP sessions: pushes and texts submitted over TCP, their responses and receipts.
//!
//! Every 65,536 pushes new clients connect, so that no push is related to another.

use super::super::chance::Rng;
use super::super::net::{Ip as _, Ip4, Tcp};
use super::super::{join, link, sms};
use super::{Recorder, message};

/// Sessions at a time.
const SESSIONS: u32 = 16;
/// The server's port.
const PORT: u16 = 2775;

struct Session {
    client: Ip4,
    server: Ip4,
    port: u16,
    /// The next octet of each direction.
    there: u32,
    back: u32,
    /// The next PDU of each direction.
    request: u32,
    receipt: u32,
}

impl Session {
    fn new(number: u32) -> Self {
        let octets = number.to_be_bytes();
        let client = format!("10.{}.{}.{}", octets[1], octets[2], octets[3]);
        Self {
            client: Ip4::new(&client, "192.0.2.21"),
            server: Ip4::new("192.0.2.21", &client),
            port: 40_000 + (number % 20_000) as u16,
            there: number.wrapping_mul(0x9E37_79B9),
            back: number.wrapping_mul(0x85EB_CA6B),
            request: 1,
            receipt: 1,
        }
    }

    /// One segment to the server (or from it).
    fn segment(&mut self, to_server: bool, octets: &[u8], recorder: &mut Recorder<'_>) {
        let (ip, source, destination, sequence, acknowledgement) = if to_server {
            (&self.client, self.port, PORT, self.there, self.back)
        } else {
            (&self.server, PORT, self.port, self.back, self.there)
        };
        let packet = ip.tcp(&Tcp { source, destination, sequence, acknowledgement, flags: 0x18 }, octets);
        let frame = link::tagged(&[], link::ether_type_of(&packet), &packet);
        recorder.record(1000, frame.len(), |out| out.extend_from_slice(&frame));
        let next = if to_server { &mut self.there } else { &mut self.back };
        *next = next.wrapping_add(octets.len() as u32);
    }
}

/// The sessions of a capture.
pub(super) struct Sessions {
    open: Vec<Session>,
    opened: u32,
}

impl Sessions {
    pub(super) fn new() -> Self {
        Self { open: Vec::new(), opened: 0 }
    }

    /// An exchange of one of them.
    pub(super) fn exchange(&mut self, rng: &mut Rng, recorder: &mut Recorder<'_>) {
        let wanted = ((recorder.truth.pushes >> 16) as u32 + 1) * SESSIONS;
        if self.opened < wanted {
            self.open = (self.opened..wanted).map(Session::new).collect();
            self.opened = wanted;
        }
        let at = rng.below(self.open.len());
        self.open[at].exchange(rng, recorder);
    }

    /// A connection that is never heard of again: an exchange, or something that is not SMPP at all on its port.
    pub(super) fn connection(&mut self, rng: &mut Rng, recorder: &mut Recorder<'_>) {
        self.opened += 1;
        let mut session = Session::new(self.opened);
        if rng.one_in(4) {
            session.segment(true, b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", recorder);
            session.segment(false, b"HTTP/1.1 204 No Content\r\n\r\n", recorder);
        } else {
            session.exchange(rng, recorder);
        }
    }
}

impl Session {
    /// One exchange: requests, their responses, maybe a receipt.
    fn exchange(&mut self, rng: &mut Rng, recorder: &mut Recorder<'_>) {
        let (mut stream, mut responses, mut carries_push) = (Vec::new(), Vec::new(), false);
        // Some clients put two requests into one segment.
        for _ in 0..=usize::from(rng.one_in(8)) {
            let (requests, is_push) = requests(rng, recorder);
            carries_push |= is_push;
            for (command, body) in requests {
                let sequence = self.request;
                self.request += 1;
                stream.extend(sms::pdu(command, 0, sequence, &body));
                responses.extend(sms::pdu(command | 0x8000_0000, 0, sequence, format!("{sequence:x}\0").as_bytes()));
            }
        }
        let cut = if rng.one_in(8) { 1 + rng.below(stream.len() - 1) } else { 0 };
        let (one, two) = stream.split_at(cut);
        for segment in [one, two].into_iter().filter(|segment| !segment.is_empty()) {
            recorder.truth.push_frames += u64::from(carries_push);
            self.segment(true, segment, recorder);
        }
        self.segment(false, &responses, recorder);
        if rng.one_in(4) {
            let sequence = self.receipt;
            self.receipt += 1;
            let text = format!("id:{:x} sub:001 dlvrd:001 stat:DELIVRD err:000 text:", self.request - 1);
            let body = sms::submission(0x04, text.as_bytes(), &[]);
            self.segment(false, &sms::pdu(5, 0, sequence, &body), recorder);
            self.segment(true, &sms::pdu(0x8000_0005, 0, sequence, b"\0"), recorder);
        }
    }
}

/// The requests of one submission, and whether it is a push.
fn requests(rng: &mut Rng, recorder: &mut Recorder<'_>) -> (Vec<(u32, Vec<u8>)>, bool) {
    if rng.one_in(10) {
        return (vec![(4, sms::submission(0, b"A text between people, of no interest here.", &[]))], false);
    }
    recorder.truth.pushes += 1;
    let number = recorder.truth.pushes as u32;
    let (class, push) = message(rng, number, (recorder.time / 1_000_000_000) as u32);
    match class {
        Some(class) => recorder.truth.notifications[class].2 += 1,
        None => recorder.truth.other_pushes += 1,
    }
    let push = push.octets();
    let port: (u16, &[u8]) = (0x020B, &[0x0B, 0x84]);
    let requests = match rng.below(20) {
        0..=2 => vec![(0x103, sms::data(0, &[port, (0x0424, &push)]))],
        3 if push.len() > 40 => {
            let submit = |piece: Vec<u8>| (4, sms::submission(0x40, &piece, &[]));
            sms::parts(&push, number as u8, push.len().div_ceil(2) + 12).into_iter().map(submit).collect()
        }
        _ => vec![(4, sms::submission(0x40, &join(&[&sms::header(None), &push]), &[]))],
    };
    (requests, true)
}
