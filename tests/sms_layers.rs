//! Layers of short messages octet by octet: every rule both ways, and PDUs that recordings lack. Layouts from the references on
//! WDP and transports, and from 23.040, 24.011 and SMPP; the octets are made here or by the encoder, never by the crate.

#![expect(
    clippy::cast_possible_truncation,
    clippy::string_slice,
    reason = "lengths of a few octets, and a text of hex digits"
)]

mod support;

use pushscope::dissect::tiling::untiled;
use pushscope::dissect::{Chain, Claim, DISSECTORS, Facts, Found, Table, Window, Work};
use pushscope::model::{BufId, Buffers, Tree};
use pushscope::output::value::push_plain;
use support::{hex, join, notification, sms};

/// What a layer made of octets.
struct Seen {
    rules: Vec<&'static str>,
    fields: Vec<(&'static str, String)>,
}

impl Seen {
    /// Every value of a field, in order.
    fn all(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|field| field.0 == name).map(|field| field.1.as_str()).collect()
    }

    fn has(&self, rule: &str) -> bool {
        self.rules.contains(&rule)
    }
}

/// Reads octets as this layer; nothing is remembered.
fn read(claim: Claim, octets: &[u8]) -> Seen {
    let table = Table::new(DISSECTORS);
    let mut buffers = Buffers::new(1, octets);
    let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
    chain.start(Window::whole(BufId::FRAME, octets.len(), 0), claim, Facts::default());
    loop {
        let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
        if chain.run(&table, &mut work).is_none() {
            break;
        }
    }
    assert_eq!(untiled(&buffers, &tree), [], "{}", support::to_hex(octets));
    let text = |node: &pushscope::model::Node| {
        let mut out = String::new();
        push_plain(&mut out, node.field, node.value, tree.octets(&buffers, node.span, node.value));
        (node.field.name, out)
    };
    Seen {
        rules: tree.findings().iter().map(|finding| finding.rule.id).collect(),
        fields: tree.nodes().iter().map(text).collect(),
    }
}

fn layer(name: &'static str, octets: &str) -> Seen {
    read(Claim::Named(name), &hex(octets))
}

/// The fields of a TPDU from the network (`to_network` false) or to it, as RP carries it.
fn tpdu(to_network: bool, octets: &[u8]) -> Seen {
    let kind = u8::from(!to_network);
    let addresses: &[u8] = if to_network { &[0, 2, 0x91, 0x44] } else { &[2, 0x91, 0x44, 0] };
    read(Claim::Named("gsm_a.rp"), &join(&[&[kind, 7], addresses, &[octets.len() as u8], octets]))
}

const PUSH: &str = "0605040B84C002 010603C4AF87 D2A353CABA93D9309E38D70229BFA584 02D0000000123412 636F6D2E6D676D747372762E6D616E616765";

/// Rule, layer, octets that raise it, octets that do not.
type Case = (&'static str, &'static str, String, String);

fn cases() -> Vec<Case> {
    let udl = |stated: u8| format!("44 0C 91 447700091032 00 04 42110291035140 {stated:02X} {PUSH}");
    let body = &PUSH[15..];
    let scts = |month: &str| format!("04 05 81 21 43 F5 00 00 42 {month} 02 91 03 51 40 00");
    vec![
        // A user part longer than the message; an address longer than it; CP-DATA longer than it.
        ("GSM-001", "gsm_a.rp", "01 2A 02 91 44 00 09 00 05 81 21".into(), "01 2A 02 91 44 00 03 06 05 81".into()),
        ("GSM-001", "gsm_a.rp", "01 2A 09 91 44 00 00".into(), "01 2A 02 91 44 00 00".into()),
        ("GSM-001", "gsm_a.dtap", "09 01 07 03 2A".into(), "09 01 02 03 2A".into()),
        ("GSM-001", "gsm_a.rp", "05 2A 03 15".into(), "05 2A 01 15".into()),
        ("GSM-002", "gsm_a.rp", "07 2A".into(), "06 2A".into()),
        ("GSM-002", "gsm_a.dtap", "09 02".into(), "09 04".into()),
        (
            "GSM-010",
            "gsmtap",
            "02 03 02 00 0000 00 00 00000000 00 00 00 00".into(),
            "02 04 02 00 0000 00 00 00000000 00 00 00 00".into(),
        ),
        (
            "GSM-010",
            "gsmtap",
            "02 05 02 00 0000 00 00 00000000 00 00 00 00".into(),
            "02 05 02 00 0000 00 00 00000000 00 00 00 00 01020304".into(),
        ),
        (
            "GSM-011",
            "gsmtap",
            "03 04 02 00 0000 00 00 00000000 00 00 00 00".into(),
            "02 04 02 00 0000 00 00 00000000 00 00 00 00".into(),
        ),
        ("GSM-015", "lapdm", "0F 00 55 0904".into(), "0F 00 09 0904".into()),
        ("GSM-020", "nas-eps", "27 01020304 05 93A1B2C3".into(), "17 01020304 05 0752".into()),
        ("GSM-021", "nas-eps", "27 01020304 05 07 62 02 09 04".into(), "17 01020304 05 07 62 02 09 04".into()),
        ("GSM-022", "nas-eps", "07 62 03 09 04".into(), "07 62 02 09 04".into()),
        ("SMS-001", "gsm_sms", udl(0x38), udl(0x37)),
        (
            "SMS-001",
            "gsm_sms",
            "04 05 81 21 43 F5 00 04 42110291035140 03 0102".into(),
            "04 05 81 21 43 F5 00 04 42110291035140 02 0102".into(),
        ),
        (
            "SMS-002",
            "gsm_sms",
            format!("04 15 91 {} F1 00 04 42110291035140 00", "21".repeat(10)),
            format!("04 14 91 {} 00 04 42110291035140 00", "21".repeat(10)),
        ),
        ("SMS-003", "gsm_sms", scts("31"), scts("21")),
        ("SMS-003", "gsm_sms", scts("00"), scts("10")),
        ("SMS-004", "gsm_sms", format!("04 05 81 21 43 F5 00 04 42110291035140 30 {body}"), udl(0x37)),
        ("SMS-004", "gsm_sms", format!("44 05 81 21 43 F5 00 04 42110291035140 33 02A100 {body}"), udl(0x37)),
        (
            "SMS-005",
            "gsm_sms",
            "07 05 81 21 43 F5 00 04 42110291035140 00".into(),
            "04 05 81 21 43 F5 00 04 42110291035140 00".into(),
        ),
    ]
}

/// The body of an empty submission.
fn submission(length: &str) -> String {
    format!("{length} 00000004 00000000 00000001 00 0101 3100 0101 3200 00 00 00 00 00 00 00 04 00 00")
}

/// The same of SMPP and of exported PDUs.
fn cases_of_servers() -> Vec<Case> {
    let body = &PUSH[15..];
    let submit = submission("00000023");
    vec![
        // The PDU, its message, a parameter longer than what there is.
        (
            "SMPP-001",
            "smpp",
            "00000020 80000015 00000000 00000001".into(),
            "00000010 80000015 00000000 00000001".into(),
        ),
        ("SMPP-001", "smpp", submit.replace("00 04 00 00", "00 04 00 05"), submit.clone()),
        (
            "SMPP-001",
            "smpp",
            submit.replace("00000023", "00000028") + "0210 0002 01",
            submit.replace("00000023", "00000028") + "0210 0001 01",
        ),
        (
            "SMPP-001",
            "smpp",
            "00000014 80000004 00000000 00000001 61626364".into(),
            "00000014 80000004 00000000 00000001 61626300".into(),
        ),
        (
            "SMPP-002",
            "smpp",
            "00000010 00010200 00000000 00000001".into(),
            "00000010 00000015 00000000 00000001".into(),
        ),
        // Read as a message of a CDMA network by its octets alone; a port says so.
        (
            "SMPP-004",
            "smpp",
            submit.replace("00000023", "0000005A").replace("00 04 00 00", "00 04 00 37")
                + " 00 01 00 C002 0B84 010603C4AF87"
                + &body[12..],
            submit.clone(),
        ),
        ("CAP-050", "exported_pdu", "000C 0010 67736D00 0000 0000".into(), "000C 0004 67736D00 0000 0000".into()),
        ("CAP-050", "exported_pdu", "000C 0004 67736D00".into(), "000C 0008 67736D5F736D7300 0000 0000 44".into()),
        (
            "CAP-051",
            "exported_pdu",
            "000C 0004 68747470 0000 0000 47".into(),
            "000C 0008 67736D5F736D7300 0000 0000 44".into(),
        ),
    ]
}

#[test]
fn every_rule_of_the_layers_both_ways() {
    for (rule, name, raising, neighbour) in cases().into_iter().chain(cases_of_servers()) {
        let seen = layer(name, &raising);
        assert!(seen.has(rule), "{rule} is not raised by {raising}: {:?}", seen.rules.clone());
        let seen = layer(name, &neighbour);
        assert!(!seen.has(rule), "{rule} is raised by {neighbour}: {:?}", seen.rules.clone());
    }
}

#[test]
fn a_status_report_has_its_fields() {
    // First octet, reference, recipient, sent, done, status; then which parameters follow, and they.
    let seen = tpdu(false, &hex("06 17 0C 91 447700091032 42110291035140 42110291036140 41"));
    assert_eq!(seen.all("gsm_sms.pdu"), ["SMS-STATUS-REPORT"]);
    assert_eq!((seen.all("gsm_sms.tp-mr"), seen.all("gsm_sms.tp-ra")), (vec!["23"], vec!["447700900123"]));
    assert_eq!(seen.all("gsm_sms.scts"), ["2024-11-20T18:30:15.000000000Z"]);
    assert_eq!(seen.all("gsm_sms.discharge_time"), ["2024-11-20T18:30:16.000000000Z"]);
    assert_eq!(
        (seen.all("gsm_sms.dis_field.st_error"), seen.all("gsm_sms.dis.field_st_reason")),
        (vec!["2"], vec!["1"])
    );
    assert!(seen.rules.is_empty(), "{:?}", seen.rules.clone());
    let seen = tpdu(false, &hex("26 17 05 D0 C4E6D4 42110291035140 42110291036140 00 07 40 00 03 4D3A1D"));
    assert_eq!(seen.all("gsm_sms.tp-pid"), ["64"]);
    assert_eq!(seen.all("gsm_sms.sms_text"), ["Mtt"]);
    assert_eq!(seen.all("gsm_sms.tp-srq"), ["1"]);
    assert!(seen.rules.is_empty(), "{:?}", seen.rules.clone());
}

#[test]
fn a_command_has_its_fields() {
    let seen = tpdu(true, &hex("22 18 00 02 17 0C 91 447700091032 03 010203"));
    assert_eq!(seen.all("gsm_sms.pdu"), ["SMS-COMMAND"]);
    assert_eq!((seen.all("gsm_sms.tp.command_type"), seen.all("gsm_sms.tp.message_number")), (vec!["2"], vec!["23"]));
    assert_eq!(
        (seen.all("gsm_sms.tp-da"), seen.all("gsm_sms.tp.command_data")),
        (vec!["447700900123"], vec!["010203"])
    );
    assert_eq!((seen.all("gsm_sms.tp-srr"), seen.rules.clone()), (vec!["1"], vec![]));
    let seen = tpdu(true, &hex("02 18 00 00 17 05 81 2143F5 00"));
    assert_eq!((seen.all("gsm_sms.tp.command_data_length"), seen.rules.clone()), (vec!["0"], vec![]));
}

#[test]
fn reports_have_their_fields_with_and_without_a_cause() {
    // RP-ACK with SMS-DELIVER-REPORT from the handset, then RP-ERROR with one that has a cause and user data.
    let seen = layer("gsm_a.rp", "02 2A 41 02 00 00");
    assert_eq!((seen.all("gsm_sms.pdu"), seen.all("gsm_sms.tp-fcs")), (vec!["SMS-DELIVER-REPORT"], vec![]));
    assert_eq!(seen.rules, [] as [&str; 0]);
    let seen = layer("gsm_a.rp", "04 2A 01 16 41 08 00 D3 07 00 04 02 AA BB");
    assert_eq!((seen.all("gsm_a.rp.cause"), seen.all("gsm_sms.tp-fcs")), (vec!["22"], vec!["0xd3"]));
    assert_eq!(
        (seen.all("gsm_sms.tp-pid"), seen.all("gsm_sms.sms_body"), seen.rules.clone()),
        (vec!["0"], vec!["aabb"], vec![])
    );
    // SMS-SUBMIT-REPORT from the network, for both.
    let seen = layer("gsm_a.rp", "03 2A 41 09 01 00 42110291035140");
    assert_eq!(
        (seen.all("gsm_sms.pdu"), seen.all("gsm_sms.scts")),
        (vec!["SMS-SUBMIT-REPORT"], vec!["2024-11-20T18:30:15.000000000Z"])
    );
    let seen = layer("gsm_a.rp", "05 2A 02 95 01 41 0A 01 C0 00 42110291035140");
    assert_eq!(
        (seen.all("gsm_a.rp.cause"), seen.all("gsm_sms.tp-fcs"), seen.rules.clone()),
        (vec!["21"], vec!["0xc0"], vec![])
    );
}

#[test]
fn validity_periods_in_every_form() {
    let submit = |first: &str, period: &str| tpdu(true, &hex(&format!("{first} 17 05 81 2143F5 00 04 {period} 01 AA")));
    // None, relative in each of its four stretches, absolute.
    assert_eq!(submit("01", "").all("gsm_sms.vp"), [] as [&str; 0]);
    for (octet, seconds) in [
        ("00", 300),
        ("8F", 43_200),
        ("90", 45_000),
        ("A7", 86_400),
        ("A8", 172_800),
        ("C4", 2_592_000),
        ("C5", 3_024_000),
        ("FF", 38_102_400),
    ] {
        let seen = submit("11", octet);
        assert_eq!(seen.all("gsm_sms.vp.duration"), [format!("{seconds}.000000000")], "{octet}");
        assert_eq!(seen.all("gsm_sms.sms_body"), ["aa"]);
    }
    assert_eq!(submit("19", "42110291035140").all("gsm_sms.vp.absolute"), ["2024-11-20T18:30:15.000000000Z"]);
    // Enhanced: seven octets always, whatever form they have.
    for (period, field, value) in [
        ("00 000000000000", "gsm_sms.vp.unused", "000000000000"),
        ("41 A7 0000000000", "gsm_sms.vp.duration", "86400.000000000"),
        ("02 3C 0000000000", "gsm_sms.vp.validity_period.seconds", "60"),
        ("03 213243 000000", "gsm_sms.vp.validity_period.hour", "12"),
        ("03 213243 000000", "gsm_sms.vp.validity_period.minutes", "23"),
        ("03 213243 000000", "gsm_sms.vp.validity_period.seconds", "34"),
        ("07 010203040506", "gsm_sms.vp.unused", "010203040506"),
        ("41 A7 0000000000", "gsm_sms.vp.single_shot_sm", "1"),
    ] {
        let seen = submit("09", period);
        assert_eq!((seen.all(field), seen.all("gsm_sms.sms_body")), (vec![value], vec!["aa"]), "{period}");
        assert!(seen.rules.is_empty(), "{period} {:?}", seen.rules.clone());
    }
}

#[test]
fn addresses_in_digits_and_letters() {
    for (address, text) in [
        ("0C 91 447700091032", "447700900123"),
        ("0B 91 4477000910F2", "44770090012"),
        ("05 81 2143F5", "12345"),
        ("04 A1 AB C1", "#*1a"),
        ("09 D0 C4E6546A05", "DMSRV"),
        ("0B D0 C4E6546A2D02", "DMSRVE"),
        ("02 D0 00", "@"),
    ] {
        let seen = tpdu(false, &hex(&format!("04 {address} 00 00 42110291035140 00")));
        assert_eq!(seen.all("gsm_sms.tp-oa"), [text], "{address}");
        assert!(seen.rules.is_empty(), "{address} {:?}", seen.rules.clone());
    }
    assert_eq!(tpdu(false, &hex("04 00 81 00 00 42110291035140 00")).all("gsm_sms.tp-oa"), [] as [&str; 0]);
}

#[test]
fn submissions_to_many_have_every_destination_and_carry_the_push() {
    let mut body = b"WAP\0\x01\x01447700900123\0\x03".to_vec();
    body.extend(b"\x01\x01\x01447700900456\0\x02friends\0\x01\x05\0DMSRV\0");
    let user_data = hex(PUSH);
    body.extend([0x40, 0, 0, 0, 0, 0, 0, 4, 0, user_data.len() as u8]);
    body.extend(&user_data);
    let seen = read(Claim::Named("smpp"), &sms::pdu(0x21, 0, 9, &body));
    assert_eq!(seen.all("smpp.number_of_dests"), ["3"]);
    assert_eq!(seen.all("smpp.destination_addr"), ["447700900456", "DMSRV"]);
    assert_eq!(seen.all("smpp.dl_name"), ["friends"]);
    assert_eq!((seen.all("dmnoti.server_id"), seen.rules.clone()), (vec!["com.mgmtsrv.manage"], vec![]));
    // The answer names those that failed.
    let mut body = b"a1b2\0\x02".to_vec();
    body.extend(b"\x01\x01447700900456\0\0\0\0\x0b\x05\0DMSRV\0\0\0\0\x14");
    let seen = read(Claim::Named("smpp"), &sms::pdu(0x8000_0021, 0, 9, &body));
    assert_eq!(
        (seen.all("smpp.no_unsuccess"), seen.all("smpp.destination_addr")),
        (vec!["2"], vec!["447700900456", "DMSRV"])
    );
    assert_eq!((seen.all("smpp.error_status_code"), seen.rules.clone()), (vec!["0x0000000b", "0x00000014"], vec![]));
}

#[test]
fn broadcasts_have_their_fields() {
    let mut body = b"\0\x01\x01447700900123\0id9\0\x01\0\0\0\x04\0".to_vec();
    body.extend(hex("0601 0003 000000 0604 0002 0005 0605 0003 08003C 0606 0005 0061726561 0424 0003 AABBCC"));
    let seen = read(Claim::Named("smpp"), &sms::pdu(0x111, 0, 9, &body));
    assert_eq!((seen.all("smpp.message_id"), seen.all("smpp.broadcast_rep_num")), (vec!["id9"], vec!["5"]));
    assert_eq!((seen.all("smpp.broadcast_area_identifier"), seen.rules.clone()), (vec!["0061726561"], vec![]));
    let query = b"id9\0\x01\x01447700900123\0";
    assert_eq!(read(Claim::Named("smpp"), &sms::pdu(0x112, 0, 9, query)).all("smpp.message_id"), ["id9"]);
    let answer = join(&[b"id9\0", &hex("0427 0001 02 0606 0005 0061726561 0608 0001 64")]);
    let seen = read(Claim::Named("smpp"), &sms::pdu(0x8000_0112, 0, 9, &answer));
    assert_eq!((seen.all("smpp.message_state"), seen.all("smpp.broadcast_area_success")), (vec!["2"], vec!["100"]));
    let cancel = b"\0id9\0\x01\x01447700900123\0";
    let seen = read(Claim::Named("smpp"), &sms::pdu(0x113, 0, 9, cancel));
    assert_eq!((seen.all("smpp.message_id"), seen.rules.clone()), (vec!["id9"], vec![]));
}

#[test]
fn every_other_pdu_has_its_fields() {
    let cases: &[(u32, &[u8], &str, &str)] = &[
        (1, b"dm\0pw\0WAP\0\x34\x01\x01^44\0", "smpp.system_type", "WAP"),
        (2, b"dm\0pw\0WAP\0\x34\x01\x01\0", "smpp.interface_version", "0x34"),
        (9, b"dm\0pw\0\0\x50\0\0^44\0", "smpp.address_range", "^44"),
        (0x8000_0009, b"smsc\0\x02\x10\0\x01\x34", "smpp.system_id", "smsc"),
        (0xb, b"smsc\0pw\0", "smpp.password", "pw"),
        (3, b"id9\0\x01\x01123\0", "smpp.source_addr", "123"),
        (0x8000_0003, b"id9\x00261120201730000+\0\x02\x07", "smpp.final_date", "261120201730000+"),
        (7, b"id9\0\x01\x01123\0\0\0\x01\0\x02hi", "smpp.message_text", "hi"),
        (8, b"\0id9\0\x01\x01123\0\x01\x01456\0", "smpp.destination_addr", "456"),
        (0x102, b"\x01\x01123\0\x01\x01456\0\x04\x22\0\x01\x01", "smpp.esme_addr", "456"),
        (0x8000_0004, b"id9\0", "smpp.message_id", "id9"),
        (0x8000_0103, b"id9\0\x04\x25\0\x01\x02", "smpp.delivery_failure_reason", "2"),
    ];
    for (command, body, field, value) in cases {
        let seen = read(Claim::Named("smpp"), &sms::pdu(*command, 0, 9, body));
        assert_eq!((seen.all(field).first().copied(), &seen.rules[..]), (Some(*value), &[][..]), "{command:08x}");
    }
    for command in [6, 0x15, 0x8000_0000, 0x8000_0006, 0x8000_0007, 0x8000_0008, 0x8000_0015] {
        let seen = read(Claim::Named("smpp"), &sms::pdu(command, 0, 9, &[]));
        assert!(seen.rules.is_empty(), "{command:08x} {:?}", seen.rules.clone());
    }
}

#[test]
fn a_push_is_found_wherever_a_pdu_may_hold_it() {
    let (with_header, push) = (hex(PUSH), hex(&PUSH[15..]));
    let port: (u16, &[u8]) = (0x020B, &[0x0B, 0x84]);
    let server = |octets: Vec<u8>| {
        let seen = read(Claim::Named("smpp"), &octets);
        assert!(seen.rules.is_empty(), "{:?}", seen.rules.clone());
        seen.all("dmnoti.server_id").first().map(|id| (*id).to_owned())
    };
    let found = Some("com.mgmtsrv.manage".to_owned());
    // data_sm with a header in message_payload; with the destination port alone; with both ports.
    assert_eq!(server(sms::pdu(0x103, 0, 1, &sms::data(0x40, &[(0x0424, &with_header)]))), found);
    assert_eq!(server(sms::pdu(0x103, 0, 1, &sms::data(0, &[port, (0x0424, &push)]))), found);
    assert_eq!(server(sms::pdu(0x103, 0, 1, &sms::data(0, &[(0x0424, &push), (0x020A, &[0xC0, 2]), port]))), found);
    for command in [4, 5] {
        assert_eq!(server(sms::pdu(command, 0, 1, &sms::submission(0x40, &with_header, &[]))), found);
        assert_eq!(server(sms::pdu(command, 0, 1, &sms::submission(0x43, &[], &[(0x0424, &with_header)]))), found);
        assert_eq!(server(sms::pdu(command, 0, 1, &sms::submission(0, &push, &[port]))), found);
        assert_eq!(server(sms::pdu(command, 0, 1, &sms::submission(3, &[], &[port, (0x0424, &push)]))), found);
        assert_eq!(server(sms::pdu(command, 0, 1, &sms::submission(0, b"hello", &[]))), None);
    }
}

#[test]
fn pasted_octets_are_read_as_before_and_chance_is_no_message() {
    use pushscope::scan::recognise::recognise;
    use support::chance::{Rng, mutate};
    let table = Table::new(DISSECTORS);
    let (ud, trigger) = (hex(PUSH), notification::Trigger::new(0x1234));
    // As before: what a push is without anything around it, and a message alone.
    let bare = [
        ("gsm_sms_ud", ud.clone()),
        ("wsp", ud[7..].to_vec()),
        ("wsp", support::wsp::Push::dm20(9, notification::all_options(0x0A0B, 1_355_270_400).signed()).octets()),
        ("wsp", support::wsp::Push::well_known(1, 0x2E, 0x02, [0x01, 0x05, 0x6A, 0x00, 0x45]).octets()),
        ("dmnoti", trigger.signed()),
        ("dmnoti", notification::all_options(0x0A0B, 1_355_270_400).signed()),
    ];
    for (name, octets) in &bare {
        for junk in [&b""[..], &[0x0B, 0x0B, 0xA1, 0x0B], &[0x30; 9]] {
            let (reading, _) = recognise(&table, &join(&[junk, octets])).expect("it is recognised");
            // A header behind junk is junk to WSP, which looks past it by itself.
            let name = if junk.is_empty() || *name != "gsm_sms_ud" { name } else { "wsp" };
            assert_eq!(reading.claim, Claim::Named(name), "{} {:?}", support::to_hex(octets), reading);
        }
    }
    let tpdu = sms::deliver(&ud);
    let around = [
        ("gsm_sms", tpdu.clone()),
        ("sms_modem", join(&[&hex("0791447700099099"), &tpdu])),
        ("sms_modem", join(&[&[0], &tpdu])),
        ("gsm_a.rp", sms::rp_data(7, &tpdu)),
        ("gsm_a.dtap", sms::cp_data(&sms::rp_data(7, &tpdu))),
        ("smpp", sms::pdu(5, 0, 1, &sms::submission(0x40, &ud, &[]))),
        ("smpp", sms::pdu(0x103, 0, 1, &sms::data(0, &[(0x020B, &[0x0B, 0x84]), (0x0424, &ud[7..])]))),
    ];
    for (name, octets) in &around {
        let (reading, _) = recognise(&table, octets).expect("it is recognised");
        assert_eq!((reading.claim, reading.format, reading.skip), (Claim::Named(name), Some("1.2"), 0));
    }
    let mut rng = Rng::new(5);
    for _ in 0..3000 {
        let octets: Vec<u8> = (0..4 + rng.below(60)).map(|_| rng.octet()).collect();
        let found = recognise(&table, &octets).map(|found| found.0.claim);
        let claims = around.iter().map(|known| Claim::Named(known.0));
        assert!(claims.into_iter().all(|claim| found != Some(claim)), "{} {found:?}", support::to_hex(&octets));
    }
    // Whatever was pasted, it is read without a panic.
    for (_, octets) in bare.iter().chain(&around) {
        for _ in 0..40 {
            let _ = recognise(&table, &mutate(&mut rng, octets));
        }
    }
}

#[test]
fn mutants_of_every_layer_are_read_without_a_panic() {
    use support::chance::{Rng, mutate};
    let ud = hex(PUSH);
    let mut samples: Vec<(&'static str, Vec<u8>)> = vec![
        ("gsm_sms", hex("04 0C 91 447700091032 00 00 42110291035140 05 E8329BFD06")),
        ("gsm_sms", hex("44 09 D0 C4E6546A05 00 00 42110291035140 12 050003A70201 D06536FB0D")),
        ("gsm_sms", hex("04 0C 91 447700091032 00 08 42110291035140 04 20AC0041")),
        ("gsm_sms", hex("09 17 05 81 2143F5 40 C8 03 213243 000000 01 AA")),
        ("gsm_sms", hex("26 17 05 D0 C4E6D4 42110291035140 42110291036140 00 07 40 00 03 4D3A1D")),
        ("gsm_a.rp", hex("04 2A 01 16 41 08 00 D3 07 00 04 02 AA BB")),
        ("gsm_a.rp", hex("05 2A 02 95 01 41 0A 01 C0 00 42110291035140")),
        ("sms_modem", join(&[&hex("0791447700099099"), &sms::deliver(&ud)])),
        ("gsm_a.dtap", sms::cp_data(&sms::rp_data(7, &sms::deliver(&ud)))),
        ("nas-eps", sms::nas(&sms::cp_data(&sms::rp_data(7, &sms::deliver(&ud))))),
        ("gsmtap", sms::gsmtap(1, 8, &sms::lapdm(&[9; 40])[0])),
        ("exported_pdu", sms::exported("smpp", &sms::pdu(5, 0, 1, &sms::submission(0x40, &ud, &[])))),
        ("smpp", sms::pdu(0x103, 0, 1, &sms::data(0x40, &[(0x0424, &ud), (0x020B, &[0x0B, 0x84])]))),
        ("smpp", sms::pdu(5, 0, 1, &sms::submission(4, b"id:1 sub:001 stat:EXPIRED err:1", &[(0x0427, &[3])]))),
        ("smpp", sms::pdu(0x8000_0021, 0, 9, b"a1b2\0\x01\x01\x01447700900456\0\0\0\0\x0b")),
        ("smpp", sms::pdu(9, 0, 9, b"dm\0pw\0WAP\0\x34\x01\x01^44\0")),
    ];
    for (id, dcs) in [(0x00, 0x00), (0x08, 0xF5), (0x24, 0x10), (0x70, 0xC4)] {
        let header = [5, id, 3, 1, 2, 1];
        let octets = join(&[&hex("44 0C 91 447700091032 00"), &[dcs], &hex("42110291035140 14"), &header, &[0x55; 14]]);
        samples.push(("gsm_sms", octets));
    }
    let mut rng = Rng::new(11);
    for (name, octets) in &samples {
        for _ in 0..400 {
            let _ = read(Claim::Named(name), &mutate(&mut rng, octets));
        }
        for len in 0..octets.len() {
            let _ = read(Claim::Named(name), &octets[..len]);
        }
    }
}
