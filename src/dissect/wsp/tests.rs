//! WSP over whole PDUs: the reference's octets, its rules both ways, vectors from public sources, mutated input.
#![expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that goes wrong is a test that fails"
)]

use std::fmt::Write as _;

use crate::dissect::{Carrier, Chain, Claim, DISSECTORS, Facts, Found, Table, Window, Work};
use crate::model::{BufId, Buffers, Tree, Value};

/// What a run made of octets.
pub(in crate::dissect) struct Run {
    pub(in crate::dissect) octets: Vec<u8>,
    pub(in crate::dissect) tree: Tree,
    pub(in crate::dissect) found: Found,
}

/// The list as it is, but nothing else claims bodies: these tests are about WSP.
fn table() -> Table {
    let own = ["wsp", "media", "gsm_sms_ud", "wtp", "wtls"];
    let list: Vec<_> = DISSECTORS.iter().copied().filter(|d| own.contains(&d.layer.name)).collect();
    Table::new(&list)
}

pub(in crate::dissect) fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

pub(in crate::dissect) fn run_as(name: &'static str, octets: Vec<u8>, promised: u32, carrier: Carrier) -> Run {
    let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
    {
        let mut buffers = Buffers::new(1, &octets);
        let facts = Facts { carrier, ..Facts::default() };
        chain.start(Window::whole(BufId::FRAME, octets.len(), promised), Claim::Named(name), facts);
        // A part of a message asks for the others: there are none here.
        let _ = chain.run(&table(), &mut Work { buffers: &mut buffers, tree: &mut tree, found: &mut found });
    }
    Run { octets, tree, found }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |mut out, octet| {
        let _ = write!(out, "{octet:02x}");
        out
    })
}

fn run(hex: &str) -> Run {
    run_as("wsp", octets(hex), 0, Carrier::Udp)
}

impl Run {
    /// One line per node: `name=value` below its parent, findings after.
    pub(in crate::dissect) fn lines(&self) -> String {
        let mut out = String::new();
        let buffers = Buffers::new(1, &self.octets);
        for (id, node) in self.tree.iter() {
            let depth = std::iter::successors(node.parent, |up| self.tree.get(*up).and_then(|n| n.parent)).count();
            let _ = write!(out, "{:1$}{2}", "", depth * 2, node.field.name);
            let _ = match node.value {
                Value::None => Ok(()),
                Value::Uint(n) => match node.field.value_name(n) {
                    Some(name) => write!(out, "={n:#x} {name}"),
                    None => write!(out, "={n:#x}"),
                },
                Value::Time(time) => write!(out, "=@{}", time.parts().0),
                Value::Bool(flag) => write!(out, "={}", u8::from(flag)),
                Value::Raw | Value::Scratch { .. } => {
                    let octets = self.tree.octets(&buffers, node.span, node.value);
                    if node.field.kind == crate::model::Kind::Text {
                        write!(out, "={}", String::from_utf8_lossy(octets))
                    } else {
                        write!(out, "={}", hex(octets))
                    }
                }
                other => write!(out, "={other:?}"),
            };
            for finding in self.tree.findings().iter().filter(|f| f.node == id) {
                let _ = write!(out, " !{}", finding.rule.id);
            }
            out.push('\n');
        }
        out
    }

    pub(in crate::dissect) fn rules(&self) -> Vec<&'static str> {
        self.tree.findings().iter().map(|f| f.rule.id).collect()
    }

    fn text(&self, field: &str) -> Option<String> {
        let buffers = Buffers::new(1, &self.octets);
        let node = self.tree.nodes().iter().find(|n| n.field.name == field)?;
        Some(String::from_utf8_lossy(self.tree.octets(&buffers, node.span, node.value)).into_owned())
    }
}

/// Body of the worked 1.2 message (dm-notification-1.2.md 2.1).
const BODY: &str = "d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765";

#[test]
fn the_tree_of_a_push_with_many_fields() {
    // wsp_extra_headers.pcap
    let hex =
        "0a0631c4af87b1687474703a2f2f70692e6578616d706c652f00b4858daa8e687474703a2f2f612f6200582d466f6f0062617200";
    let run = run(&format!("{hex}{BODY}"));
    let expected = "wsp
  wsp.TID=0xa
  wsp.pdu_type=0x6 Push
  wsp.headers_length=0x31
  wsp.header.content_type=application/vnd.syncml.notification
    wsp.content_type.type=0x44 application/vnd.syncml.notification
  wsp.content_type=application/vnd.syncml.notification
  wsp.headers
    wsp.header.x_wap_application_id=x-wap-application:syncml.dm
      wsp.header.name_value=0x2f X-Wap-Application-Id
      wsp.application_id=0x7 x-wap-application:syncml.dm
    wsp.header.initiator_uri=http://pi.example/
      wsp.header.name_value=0x31 X-Wap-Initiator-URI
      wsp.default_string=http://pi.example/
    wsp.header.push_flag=0x5
      wsp.header.name_value=0x34 Push-Flag
      wsp.short_integer=1
      wsp.header.push_flag.reserved=0x0
      wsp.header.push_flag.last=1
      wsp.header.push_flag.trusted=0
      wsp.header.push_flag.authenticated=1
    wsp.header.content_length=0x2a
      wsp.header.name_value=0xd Content-Length
      wsp.default_int=0x2a
    wsp.header.content_location=http://a/b
      wsp.header.name_value=0xe Content-Location
      wsp.default_string=http://a/b
    wsp.header.other=X-Foo: bar
      wsp.header.name_string=X-Foo
      wsp.default_string=bar
media
  media.octets=";
    assert_eq!(run.lines(), format!("{expected}{BODY}\n"));
    let head = run.found.pushes[0].facts.push.unwrap();
    assert_eq!((head.pdu, head.in_transaction, head.wsp_octets), (6, false, 52));
    assert_eq!(head.content_type.unwrap().code, Some(0x44));
    assert_eq!(run.tree.children(head.headers).count(), 6);
    assert!(head.app_id.unwrap().first);
}

/// The headers after a TID and PDU type as lines, without the lines of the layer, the generated content type and the body.
fn headers(hex: &str) -> Vec<String> {
    let len = octets(hex).len();
    let run = run(&format!("0006{len:02x}{hex}"));
    run.lines()
        .lines()
        .skip(4)
        .map(str::trim)
        .filter(|l| !l.starts_with("wsp.content_type="))
        .map(str::to_owned)
        .collect()
}

#[test]
fn values_of_every_form() {
    let cases: &[(&str, &[&str])] = &[
        // wdp-wsp.md, chapters 6 to 8
        (
            "C4 AF029071",
            &[
                "wsp.header.x_wap_application_id=x-wap-3gpp:gba.andsf",
                "wsp.default_val_len=0x2",
                "wsp.application_id=0x9071 x-wap-3gpp:gba.andsf",
            ],
        ),
        ("C4 AF0107", &["wsp.header.x_wap_application_id=x-wap-application:syncml.dm", "wsp.default_val_len=0x1"]),
        (
            "C4 AF 782d7761702d6170706c69636174696f6e3a73796e636d6c2e646d00",
            &["wsp.application_id.text=x-wap-application:syncml.dm"],
        ),
        (
            "C4 582d5761702d4170706c69636174696f6e2d496400 3700",
            &["wsp.header.x_wap_application_id=7", "wsp.header.name_string=X-Wap-Application-Id"],
        ),
        ("C4 92 04 50C7C900", &["wsp.header.date=@1355270400", "wsp.value.date=@1355270400"]),
        ("C4 BF 80", &["wsp.header.x_wap_tod=@0"]),
        ("C4 C393", &["wsp.header.encoding_version=1.3"]),
        ("C4 C39F", &["wsp.header.encoding_version=1"]),
        ("C4 C3 02 84 93", &["wsp.header.encoding_version=page 4 1.3", "wsp.value.code_page=0x4"]),
        ("C4 B38B", &["wsp.header.bearer_indication=0xb GSM GPRS", "wsp.value.bearer=0xb GSM GPRS"]),
        ("C4 87058075007000", &["wsp.header.authorization=basic; user-id=u", "wsp.header.authorization.password=p"]),
        ("C4 A005 80 7265 6100", &["wsp.header.proxy_authenticate=basic; realm=rea"]),
        ("C4 C680", &["wsp.header.x_wap_security=close-subordinate"]),
        (
            "C4 7F 02 82 85",
            &["wsp.code_page=0x2 !WSP-006", "wsp.header.other=page 2 code 0x02: 5", "wsp.header.page_code=0x2"],
        ),
        (
            "C4 03 82 85 01 AF87",
            &[
                "wsp.code_page=0x3 !WSP-006",
                "wsp.code_page=0x1",
                "wsp.header.x_wap_application_id=x-wap-application:syncml.dm",
            ],
        ),
        ("C4 582d556e69007fc3a974c3a900", &["wsp.header.other=X-Uni: été"]),
        ("C4 D5 61 00", &["wsp.header.other=0x55: a", "wsp.header.name_value=0x55 !WSP-005"]),
        ("C4 AF8B", &["wsp.header.x_wap_application_id=0x0b", "wsp.application_id=0xb !WSP-005"]),
        // From knowledge of the encoding; no vector at hand.
        ("C4 8880", &["wsp.header.cache_control=no-cache", "wsp.value.token=no-cache"]),
        ("C4 8803 82 01 3C", &["wsp.header.cache_control=max-age; ", "wsp.value.token=max-age"]),
        ("C4 85 02 0E10", &["wsp.header.age=Duration(Duration(3600000000000))"]),
        ("C4 83 02 99 33", &["wsp.header.accept_language=25; q=0.50", "wsp.parameter.q=0.50"]),
        ("C4 81 EA", &["wsp.header.accept_charset=UTF-8"]),
        ("C4 BB 03 EA 81 64", &["wsp.header.accept_charset=UTF-8; q=0.128"]),
        ("C4 80 03 83 81 EA", &["wsp.header.accept=text/plain; charset=UTF-8"]),
        ("C4 86 C0", &["wsp.header.allow=Get"]),
        ("C4 90 03 0A 8100", &["wsp.header.content_range=10-/128"]),
        ("C4 A3 03 80 05 0A", &["wsp.header.range=5-10"]),
        ("C4 A3 02 81 05", &["wsp.header.range=-5"]),
        ("C4 A5 03 81 01 3C", &["wsp.header.retry_after=60"]),
        ("C4 8F 10 000102030405060708090A0B0C0D0E0F", &["wsp.header.content_md5=000102030405060708090a0b0c0d0e0f"]),
        ("C4 C5 05 81 98 61 62 00", &["wsp.header.content_disposition=attachment; filename=ab"]),
        ("C4 9E 83", &["wsp.header.max_forwards=0x3"]),
        ("C4 AA AF", &["wsp.header.vary=X-Wap-Application-Id"]),
        ("C4 C4 90", &["wsp.header.profile_warning=100 OK"]),
        ("C4 AC 06 EE 61 00 62 63 00", &["wsp.header.warning=110; a; bc"]),
        ("C4 9F 05 61 00 62 63 00", &["wsp.header.pragma=a=bc"]),
        ("C4 C2 03 81 61 00", &["wsp.header.cookie=1; a"]),
    ];
    for (hex, expected) in cases {
        let lines = headers(hex);
        for line in *expected {
            assert!(lines.iter().any(|l| l == line.trim_end() || l == line), "{hex}: no {line}\n{lines:#?}");
        }
        assert!(!lines.iter().any(|l| l.contains("!W-") || l.contains("WSP-004")), "{hex}: {lines:#?}");
    }
}

#[test]
fn content_types_of_public_sources() {
    use crate::dissect::facts::ContentForm::{Constrained, General, Text};
    // LineageOS/android_frameworks_opt_telephony, Wap230WspContentTypeTest.java (Apache-2.0), and the reference's chapter 7
    for (hex, name, code, form) in [
        ("c2", "application/vnd.syncml.dm+wbxml", Some(0x42), Constrained),
        ("03020042", "application/vnd.syncml.dm+wbxml", Some(0x42), General),
        ("c4", "application/vnd.syncml.notification", Some(0x44), Constrained),
        ("020144", "application/vnd.syncml.notification", Some(0x44), General),
        ("1f01c4", "application/vnd.syncml.notification", Some(0x44), General),
        ("03c481ea", "application/vnd.syncml.notification; charset=UTF-8", Some(0x44), General),
        (
            "4170706c69636174696f6e2f766e642e73796e636d6c2e6e6f74696669636174696f6e00",
            "Application/vnd.syncml.notification",
            Some(0x44),
            Text,
        ),
        ("03020044", "application/vnd.syncml.notification", Some(0x44), General),
        ("b6", "application/vnd.wap.connectivity-wbxml", Some(0x36), Constrained),
        ("0302002e", "application/vnd.wap.sic", Some(0x2E), General),
        ("03020302", "application/vnd.syncml+xml", Some(0x302), General),
        ("03020312", "application/vnd.omaloc-supl-init", Some(0x312), General),
        ("6170706c69636174696f6e2f776962626c6500", "application/wibble", None, Text),
        ("01bf", "application/vnd.wap.rollover-certificate", Some(0x3F), General),
        ("01e0", "0x60", Some(0x60), General),
        ("0302052c", "0x52c", Some(0x52C), General),
        ("1f01bf", "application/vnd.wap.rollover-certificate", Some(0x3F), General),
        ("1f03020314", "application/oma-directory+xml", Some(0x314), General),
        ("206170706c69636174696f6e2f776962626c6500", " application/wibble", None, Text),
        ("03bf9c00", "application/vnd.wap.rollover-certificate; domain", Some(0x3F), General),
        (
            "14bf9c776473746563686e6f6c6f67792e636f6d00",
            "application/vnd.wap.rollover-certificate; domain=wdstechnology.com",
            Some(0x3F),
            General,
        ),
        (
            "15bf011c776473746563686e6f6c6f67792e636f6d00",
            "application/vnd.wap.rollover-certificate; domain=wdstechnology.com",
            Some(0x3F),
            General,
        ),
        ("03bf9180", "application/vnd.wap.rollover-certificate; sec=0", Some(0x3F), General),
        ("0bbf91819222696d61706300", "application/vnd.wap.rollover-certificate; sec=1; mac=imapc", Some(0x3F), General),
        ("0abf4d59504152414d00c5", "application/vnd.wap.rollover-certificate; MYPARAM=69", Some(0x3F), General),
        ("d8", "application/vnd.syncml.dm.notification", Some(0x58), Constrained),
        ("ce", "application/vnd.syncml.ds.notification", Some(0x4E), Constrained),
    ] {
        let run = run(&format!("0106{:02x}{hex}", octets(hex).len()));
        assert_eq!(run.text("wsp.header.content_type").as_deref(), Some(name), "{hex}\n{}", run.lines());
        let media = run.found.pushes[0].facts.push.unwrap().content_type.unwrap();
        assert_eq!((media.code, media.form), (code, form), "{hex}");
    }
    let long = format!("1f8121{}00", "31".repeat(160));
    let run = run(&format!("01068124{long}"));
    assert_eq!(run.text("wsp.header.content_type").map(|name| name.len()), Some(160), "{}", run.lines());
}

#[test]
fn every_rule_both_ways() {
    for (hex, expected) in [
        // nothing to say
        ("0106 03 C4AF87 D2", &[][..]),
        ("0106 04 C4AF87 B4", &["W-003"]),
        // W-001: headers' length beyond the PDU
        ("0106 05 C4AF87", &["W-001"]),
        ("0106 05", &["W-001"]),
        // W-002; the second is the vector wsp-push-aosp-dispatch
        ("0106 8003 C4AF87", &["W-002"]),
        ("ff06ffffffffff", &["W-002"]),
        ("0106 9080808003 C4AF87", &["W-002"]),
        // W-003
        ("0106 07 C4AF87B1 616263 D200", &["W-003"]),
        ("0106 07 C4AF87B1 616200 D200", &[]),
        ("0106 04 C4AF8700 D2", &["W-003"]),
        ("0106 04 C4AF877F D2", &["W-003"]),
        // W-004
        ("0E07 03 C4AF87 D2", &["W-004"]),
        // W-005
        ("0106 03 C4B488", &["W-005"]),
        ("0106 03 C4B487", &[]),
        // W-017; the third is the vector wsp-push-aosp-blocked
        ("0106 00 C4AF87", &["W-017"]),
        ("0106 01 00 C4AF87", &["W-017"]),
        ("0106006170706c69636174696f6e2f766e642e7761702e6d6d732d6d65737361676500", &["W-017"]),
        ("0106 03 616263 00", &["W-017"]),
        // ours
        ("0106 06 C4AF020007 BF", &["WSP-001", "W-003"]),
        ("0106 03 C48D81 D2", &[]),
        ("0106 03 C48D82 D2", &["WSP-002"]),
        ("C0020B84 0106 03 C4AF87", &["WSP-003"]),
        ("C00A0B84 0106 03 AEAF87", &["WSP-008"]),
        // wdp-wsp.md, chapter 4: the CDMA form, and with its ports repeated
        ("000100 C0020B84 0106 03 C4AF87", &["WSP-003"]),
        ("000100 C0020B84 C0020B84 0106 03 C4AF87", &["WSP-003"]),
        ("0106 04 C4B40101", &["WSP-004"]),
        ("0106 01 E0", &["WSP-005"]),
        ("0106 04 C4 7F02 01", &["WSP-006"]),
        ("0106 08 AE 87058075007000", &["WSP-007"]),
        ("0106 08 C4 87058075007000", &[]),
        ("010A 03 C4AF87", &["WSP-008"]),
        ("0140 05 6162", &["WSP-009"]),
        ("0140 02 6162", &[]),
        ("0106 818003", &["W-001"]),
    ] {
        let run = run(hex);
        assert_eq!(run.rules(), expected, "{hex}\n{}", run.lines());
    }
}

#[test]
fn a_length_of_two_octets_is_right_when_it_needs_them() {
    // wsp_uintvar2.pcap
    let hex = format!("1406 8100 c4af87 582d50616400 {} 00 {BODY}", "70".repeat(118));
    assert_eq!(run(&hex).rules(), Vec::<&str>::new());
    assert_eq!(run(&hex).found.pushes[0].facts.push.unwrap().wsp_octets, 132);
}

#[test]
fn pdus_of_sessions_have_their_fields() {
    let get = run("0140 0A 687474703A2F2F612F62 A9 6100");
    assert_eq!(get.text("wsp.uri").as_deref(), Some("http://a/b"));
    assert_eq!(get.text("wsp.header.user_agent").as_deref(), Some("a"), "{}", get.lines());
    let connect = run_as("wsp", octets("01 10 09 03 0380C0 00 0282F0 0183 A96100 "), 0, Carrier::Wtp);
    assert!(connect.lines().contains("wsp.capability.protocol_option.confirmed_push=1"), "{}", connect.lines());
    let reply = run("0104 20 02 83 A9 6869");
    assert!(reply.lines().contains("wsp.reply.status=0x20 200 OK"), "{}", reply.lines());
    let redirect = run("0103 80 C4 00 0B84 0A000001");
    assert!(redirect.lines().contains("wsp.address.port=0xb84"), "{}", redirect.lines());
    assert!(get.found.pushes.is_empty() && connect.found.pushes.is_empty());
}

#[test]
fn text_bodies_are_text_and_others_octets() {
    assert_eq!(run("0106 01 AD 3C73693E").text("media.text").as_deref(), Some("<si>"));
    assert_eq!(run("0106 0B 746578742F706C61696E 00 6869").text("media.text").as_deref(), Some("hi"));
    assert!(run("0106 01 AE 02056A").lines().contains("media.octets=02056a"));
}

#[test]
fn what_the_capture_cut_is_never_malformed() {
    let whole = octets(&format!(
        "0a0631c4af87b1687474703a2f2f70692e6578616d706c652f00b4858daa8e687474703a2f2f612f6200582d466f6f0062617200{BODY}"
    ));
    let promised = u32::try_from(whole.len()).unwrap();
    for len in 1..whole.len() {
        let run = run_as("wsp", whole[..len].to_vec(), promised, Carrier::Udp);
        assert!(
            !run.rules().is_empty() && run.rules().iter().all(|rule| *rule == "CAP-040"),
            "{len}: {:?}\n{}",
            run.rules(),
            run.lines()
        );
    }
}

#[test]
fn pushes_of_public_sources_are_read() {
    // wap-push-si-1..3: public SI push samples; lwm2m: a gateway sample and an LwM2M client (see their sources in the vectors)
    for (hex, media, app) in [
        ("5f0601ae02056a0045c60c037761702e6a6f622e616d00070103505050000101", "application/vnd.wap.sic", None),
        ("dc0601ae02056a0045c60c036d79736974652e72750001036d7973697465000101", "application/vnd.wap.sic", None),
        (
            "25060403ae81ea01056a0045c60c03752e736d73702e67722f643565676e6200080103436f6d6520000101",
            "application/vnd.wap.sic",
            None,
        ),
        ("010603c4af9a", "application/vnd.syncml.notification", Some(0x1A)),
        ("0106051f01c4af9a", "application/vnd.syncml.notification", Some(0x1A)),
    ] {
        let run = run(hex);
        assert_eq!(run.rules(), Vec::<&str>::new(), "{hex}");
        assert_eq!(run.text("wsp.content_type").as_deref(), Some(media));
        let head = run.found.pushes[0].facts.push.unwrap();
        assert_eq!(head.app_id.and_then(|app| app.code), app);
    }
}

#[test]
fn leaves_tile_mutated_input() {
    let seeds = [
        (
            "wsp",
            format!(
                "0a0631c4af87b1687474703a2f2f70692e6578616d706c652f00b4858daa8e687474703a2f2f612f6200582d466f6f0062617200{BODY}"
            ),
        ),
        ("wsp", format!("04061603c481ea af87 87058075007000 8803 82 01 3C 83029933 {BODY}")),
        ("wsp", "0140 0A 687474703A2F2F612F62 A9 6100".to_owned()),
        ("wsp", "0101 10 07 03 0380C0 00 0282F0 A96100".to_owned()),
        ("wsp", "0103 80 C4 00 0B84 0A000001".to_owned()),
        ("gsm_sms_ud", "0B 05040B8423F0 0003010101 01 06 03 C4 AF 87 D2A353".to_owned()),
        ("wtp", "00 03 18 1234 8009 0A1235 11 06 03 C4 AF 87 04 92 1236 17 1905".to_owned()),
        ("wtls", "E4 0001 0003 AABBCC 24 DD".to_owned()),
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(below).unwrap()).unwrap()
    };
    let known: Vec<&str> = DISSECTORS
        .iter()
        .flat_map(|d| d.fields.iter().copied().chain([d.layer]))
        .chain(crate::dissect::SHARED_FIELDS.iter().copied())
        .map(|field| field.name)
        .collect();
    let rules: Vec<&str> =
        DISSECTORS.iter().flat_map(|d| d.rules).chain(crate::dissect::SHARED_RULES).map(|rule| rule.id).collect();
    for round in 0..20_000 {
        let (name, hex) = &seeds[round % seeds.len()];
        let mut octets = octets(hex);
        for _ in 0..=next(4) {
            let at = next(octets.len());
            match next(4) {
                0 => octets[at] = u8::try_from(next(256)).unwrap(),
                1 => octets[at] ^= 1 << next(8),
                2 => octets.insert(at, u8::try_from(next(256)).unwrap()),
                _ if octets.len() > 1 => drop(octets.remove(at)),
                _ => {}
            }
        }
        if next(8) == 0 {
            octets.truncate(1 + next(octets.len()));
        }
        let promised = u32::try_from(octets.len() + if next(4) == 0 { next(40) } else { 0 }).unwrap();
        let run = run_as(name, octets, promised, Carrier::Udp);
        let buffers = Buffers::new(1, &run.octets);
        let wrong = crate::dissect::tiling::untiled(&buffers, &run.tree);
        if round % 16 == 0 {
            let strange = run.tree.nodes().iter().find(|node| !known.contains(&node.field.name));
            assert!(strange.is_none(), "no dissector lists {strange:?}");
            let strange = run.rules().into_iter().find(|rule| !rules.contains(rule));
            assert!(strange.is_none(), "no dissector lists {strange:?}");
        }
        assert!(wrong.is_empty(), "round {round}: {wrong:?} {:02X?}\n{}", run.octets, run.lines());
    }
}

#[test]
fn tables_are_sorted_and_bounded() {
    use crate::dissect::{wsp_codes as codes, wsp_fields};
    for table in [
        codes::HEADER_FIELDS,
        codes::CONTENT_TYPES,
        codes::PARAMETERS,
        codes::APPLICATION_IDS,
        codes::CHARSETS,
        codes::PDU_TYPES,
        codes::BEARERS,
    ] {
        assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
    let fields: Vec<u64> = wsp_fields::FIELDS.iter().map(|row| row.0).collect();
    let named: Vec<u64> = codes::HEADER_FIELDS.iter().map(|row| row.0).collect();
    assert_eq!(fields, named, "every header field has a form");
    assert_eq!(codes::application_id_of(b"urn:X-wap-application:syncml.dm"), Some(7));
    assert_eq!(codes::application_id_of(b"7"), Some(7));
    assert_eq!(codes::application_id_of(b""), None);
}

#[test]
fn tables_are_the_references() {
    use crate::dissect::wsp_codes as codes;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/data");
    for (file, column, table) in [
        ("wsp-header-fields.csv", 2, codes::HEADER_FIELDS),
        ("wsp-content-types.csv", 2, codes::CONTENT_TYPES),
        ("wsp-parameters.csv", 2, codes::PARAMETERS),
        ("wsp-push-application-ids.csv", 2, codes::APPLICATION_IDS),
        ("charsets-mibenum.csv", 1, codes::CHARSETS),
    ] {
        let Ok(text) = std::fs::read_to_string(folder.join(file)) else {
            println!("SKIPPED: no {file} at {}", folder.display());
            continue;
        };
        let rows: Vec<(u64, &str)> = text
            .lines()
            .skip(1)
            .map(|line| {
                let cells: Vec<&str> = line.split(',').collect();
                let code = cells[0]
                    .strip_prefix("0x")
                    .map_or_else(|| cells[0].parse().unwrap(), |digits| u64::from_str_radix(digits, 16).unwrap());
                (code, cells[column])
            })
            .collect();
        assert_eq!(rows, table, "{file}");
    }
}
