//! The gate against the whole chain: what the chain would report or ask must pass, whatever carries it.

use super::gate::Gate;
use crate::dissect::net_tests::vectors;
use crate::dissect::{
    Chain, Claim, DISSECTORS, Dissector, FRAMINGS, Facts, Found, Need, Reader, Stop, Table, Way, Window, Work, udp,
};
use crate::model::{BufId, Buffers, Field, Tree};

static LAYER: Field = Field::layer("alarm", "Alarm").uncited("a test");

#[expect(clippy::unnecessary_wraps, reason = "the signature of every dissector")]
fn alarm(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.push();
    Ok(())
}

/// Claims the port of all vectors.
static ON_7: Dissector =
    Dissector { layer: &LAYER, claims: &[Claim::UdpPort(7)], fields: &[], rules: &[], dissect: alarm, probe: None };

/// Claims another one, and a TCP port.
static ON_TCP: Dissector = Dissector {
    layer: &LAYER,
    claims: &[Claim::UdpPort(8), Claim::TcpPort(80)],
    fields: &[],
    rules: &[],
    dissect: alarm,
    probe: None,
};

/// The link, network and transport layers, and one more.
fn table(more: &'static Dissector) -> Table {
    let geneve = DISSECTORS.iter().position(|one| one.layer.is(&crate::dissect::geneve::GENEVE)).unwrap();
    let mut list = DISSECTORS[..=geneve].to_vec();
    list.push(more);
    assert!(list.iter().any(|one| one.layer.is(&udp::UDP)));
    Table::new(&list)
}

fn reports(table: &Table, link: u16, frame: &[u8], lost: u32) -> bool {
    let mut buffers = Buffers::new(1, frame);
    let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
    let window = Window::whole(BufId::FRAME, frame.len(), u32::try_from(frame.len()).unwrap() + lost);
    chain.start(window, Claim::LinkType(link), Facts::default());
    let asked = chain.run(table, &mut Work { buffers: &mut buffers, tree: &mut tree, found: &mut found });
    let wanted = match asked {
        // Fragments of protocols that lead nowhere need not pass.
        Some(Need::IpFragment(fragment)) => {
            !(fragment.src.is_ipv4() && matches!(fragment.proto, 1 | 6 | 50 | 58 | 132))
        }
        Some(Need::StreamOctets(need)) => {
            [need.src_port, need.dst_port].iter().any(|port| table.knows(Claim::TcpPort(*port)))
        }
        Some(_) => true,
        None => false,
    };
    wanted || found.is_listed()
}

#[test]
fn every_carrier_leads_to_a_claimed_port_and_to_no_other() {
    let (seven, eight) = (table(&ON_7), table(&ON_TCP));
    let (gate, other) = (Gate::new(&seven), Gate::new(&eight));
    for (name, link, frame, lost) in vectors() {
        if reports(&seven, link, &frame, lost) {
            assert!(gate.matters(link, &frame), "{name}");
        }
        let passes = other.matters(link, &frame);
        // What the gate leaves to the dissectors.
        let doubtful = ["gre routing", "mpls pw like ip"].contains(&name) || name.contains("fragment");
        assert_eq!(passes, name.starts_with("tcp") || (doubtful && passes), "{name}");
    }
}

/// xorshift: the same numbers everywhere.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }
}

#[test]
fn whatever_the_chain_would_report_or_ask_passes() {
    // Octets that mean something somewhere.
    const MEANING: [u8; 24] = [
        0, 1, 4, 6, 7, 8, 17, 0x21, 0x2f, 41, 43, 44, 47, 51, 60, 0x45, 0x46, 0x60, 0x81, 0x86, 0x88, 0xaa, 0xdd, 0xff,
    ];
    let table = table(&ON_7);
    let gate = Gate::new(&table);
    let all: Vec<_> = vectors().collect();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let mut reported = 0;
    for round in 0..60_000 {
        let (name, link, frame, lost) = &all[chance.below(all.len())];
        let mut frame = frame.clone();
        for _ in 0..=chance.below(3) {
            let at = chance.below(frame.len());
            match chance.below(5) {
                0 => frame[at] ^= 1 << chance.below(8),
                1 => frame[at] = MEANING[chance.below(MEANING.len())],
                2 => frame.truncate(at.max(1)),
                3 => {
                    // A piece of another vector.
                    let other = &all[chance.below(all.len())].2;
                    let from = chance.below(other.len());
                    frame.truncate(at);
                    frame.extend_from_slice(&other[from..]);
                }
                _ => {
                    frame.remove(at);
                }
            }
            if frame.is_empty() {
                frame.push(0);
            }
        }
        let link = if chance.below(20) == 0 { all[chance.below(all.len())].1 } else { *link };
        if reports(&table, link, &frame, *lost) {
            reported += 1;
            assert!(gate.matters(link, &frame), "round {round}: {name}, link {link}: {frame:02x?}");
        }
    }
    assert!(reported > 5_000, "{reported} frames put the gate to the test");
}

/// The first question the dissectors have about a frame of interface 3.
fn asked(table: &Table, link: u16, frame: &[u8], lost: u32) -> (Option<Need>, bool) {
    let mut buffers = Buffers::new(1, frame);
    let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
    let window = Window::whole(BufId::FRAME, frame.len(), u32::try_from(frame.len()).unwrap() + lost);
    let facts = Facts { leg: Way::from_interface(3).leg, ..Facts::default() };
    chain.start(window, Claim::LinkType(link), facts);
    let need = chain.run(table, &mut Work { buffers: &mut buffers, tree: &mut tree, found: &mut found });
    (need, found.is_listed())
}

/// A fragment that is told without dissecting must be told from others just as the dissectors tell it.
fn same_fragment(table: &Table, gate: &Gate, link: u16, frame: &[u8], lost: u32, what: &str) -> bool {
    let Some(glance) = gate.fragment(link, 3, frame) else { return false };
    let (need, listed) = asked(table, link, frame, lost);
    assert!(!listed, "{what}");
    match need {
        Some(Need::IpFragment(need)) => {
            let Way { leg, scope, src, dst } = glance.way;
            assert_eq!((leg, scope), (need.sighting.leg, need.sighting.scope), "{what}");
            assert_eq!((src, dst), (Some(need.src), Some(need.dst)), "{what}");
            let told = (glance.id, glance.proto, glance.offset, glance.more);
            assert_eq!(told, (need.id, need.proto, need.offset, need.more), "{what}");
            // A layer around it may state that it is shorter.
            assert!(need.offset + need.promised <= glance.end, "{what}");
            true
        }
        // Nobody wants it, whatever it is.
        None => false,
        Some(other) => panic!("{what}: {other:?}"),
    }
}

#[test]
fn a_fragment_is_told_from_others_as_the_dissectors_do() {
    let table = table(&ON_7);
    let gate = Gate::new(&table);
    // Every carrier around fragments of both versions.
    let four = [0x45, 0, 0, 44, 0x12, 0x34, 0x20, 3, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2];
    let six = [&[0x60, 0, 0, 0, 0, 32, 44, 64][..], &[1; 16], &[2; 16], &[17, 0, 0, 25, 1, 2, 3, 4]].concat();
    let six_behind =
        [&[0x60, 0, 0, 0, 0, 40, 0, 64][..], &[1; 16], &[2; 16], &[44, 0, 1, 4, 0, 0, 0, 0, 17, 0, 0, 25]].concat();
    let six_behind = [&six_behind[..], &[1, 2, 3, 4]].concat();
    let bodies: Vec<Vec<u8>> =
        [&four[..], &six, &six_behind].iter().map(|head| [head, &[7u8; 24][..]].concat()).collect();
    let mut told = 0;
    let mut frames = Vec::new();
    for (name, link, frame, lost) in vectors() {
        told += u32::from(same_fragment(&table, &gate, link, &frame, lost, name));
        // The innermost packet of the vector gives way to a fragment of the same version.
        for body in &bodies {
            for at in 0..frame.len().saturating_sub(20) {
                if frame[at] >> 4 == body[0] >> 4 && matches!(frame[at], 0x45 | 0x60) {
                    let mut frame = frame[..at].to_vec();
                    frame.extend_from_slice(body);
                    if same_fragment(&table, &gate, link, &frame, 0, name) {
                        told += 1;
                        frames.push((name, link, frame));
                    }
                }
            }
        }
    }
    assert!(told > 60, "{told} fragments put the gate to the test");
    let carriers = ["gtp", "vxlan", "mpls", "gre", "pppoe", "qinq", "geneve", "sll", "6in4"];
    for carrier in carriers {
        assert!(frames.iter().any(|(name, ..)| name.contains(carrier)), "{carrier} is missing");
    }
    let mut chance = Chance(0x1234_5678_9abc_def1);
    let mut both = 0;
    for round in 0..60_000 {
        let (name, link, frame) = &frames[chance.below(frames.len())];
        let mut frame = frame.clone();
        for _ in 0..=chance.below(2) {
            let at = chance.below(frame.len());
            match chance.below(3) {
                0 => frame[at] ^= 1 << chance.below(8),
                1 => frame[at] = u8::try_from(chance.below(256)).unwrap(),
                _ => frame.truncate(at.max(1)),
            }
        }
        both +=
            u32::from(same_fragment(&table, &gate, *link, &frame, 0, &format!("round {round}: {name}, {frame:02x?}")));
    }
    assert!(both > 10_000, "{both} fragments put the gate to the test");
}

#[test]
fn no_message_on_a_stream_begins_with_what_the_gate_holds_back() {
    let mut chance = Chance(0xdead_beef_1234_5678);
    let mut begun = 0;
    for _ in 0..200_000 {
        let mut octets: Vec<u8> = (0..24).map(|_| u8::try_from(chance.below(256)).unwrap()).collect();
        // Small numbers are what messages begin with.
        for octet in octets.iter_mut().take(12) {
            *octet = [0, 0, 0, 0, 0, 0, 0, 0, 1, 4, 0x21, 0x80, *octet][chance.below(13)];
        }
        for framing in FRAMINGS.iter().filter(|framing| (framing.starts)(&octets)) {
            begun += 1;
            let first = u64::from_be_bytes(octets[..8].try_into().unwrap());
            assert_eq!(first & framing.clear, 0, "{octets:02x?}");
        }
    }
    assert!(begun > 40, "{begun} messages put the mask to the test");
}

#[test]
fn decode_as_opens_a_port_and_can_close_a_tunnel() {
    let mut table = table(&ON_7);
    let gate = Gate::new(&table);
    let (_, link, gtp, _) = vectors().find(|vector| vector.0 == "gtp echo").unwrap();
    assert!(!gate.matters(link, &gtp));
    assert!(table.redirect(Claim::UdpPort(2152), "alarm"));
    assert!(Gate::new(&table).matters(link, &gtp));
}

#[test]
fn a_fit_test_opens_every_udp_port() {
    let gate = Gate::new(&table(&ON_TCP)).with_fit_test(|payload| payload == b"hi");
    for (name, link, frame, _) in vectors() {
        if ["ethernet", "gtp", "vxlan", "6in4", "qinq"].contains(&name) {
            assert!(gate.matters(link, &frame), "{name}");
        }
    }
    assert!(gate.datagram_matters(17, &[0; 8]));
}

#[test]
fn first_fragments_are_judged_by_what_they_show() {
    let gate = Gate::new(&table(&ON_7));
    assert!(gate.datagram_matters(17, &[0, 1, 0, 7, 0, 9, 0, 0]));
    assert!(!gate.datagram_matters(17, &[0, 1, 0, 8, 0, 9, 0, 0]));
    assert!(!gate.datagram_matters(6, &[0, 1, 0, 7]));
    // Too short to tell, and a tunnel whose inside is not there yet.
    assert!(gate.datagram_matters(17, &[0, 1]));
    assert!(gate.datagram_matters(17, &[0, 1, 8, 0x68, 0, 90, 0, 0, 0x30, 0xff, 0, 82, 0, 0, 0, 1]));
}
