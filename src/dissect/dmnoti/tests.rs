//! Package #0 from octets alone: layouts, rules on the payload, tiling.
#![expect(clippy::indexing_slicing, reason = "tests")]

use super::super::claim::{Claim, Fit, Probe, Table};
use super::super::dmnoti_decide::{plausible_fit, structural_fit};
use super::super::facts::{AppForm, AppId, Carrier, ContentForm, ContentType, Facts, PushHead};
use super::super::message::{Body, Format, Found, Message};
use super::super::tiling::untiled;
use super::super::{Chain, DISSECTORS, Window, Work};
use crate::model::{BufId, Buffers, NodeId, Severity, Tree, Value};

/// dm-notification-1.2.md 2.1.
const V12: &str = "d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765";
/// dm-notification-1.2.md 2.2: vendor octets cafe0001.
const V12_VENDOR: &str = "f9bed4bf88ca899d1d8e1c857fad2b1c02f800000000a712636f6d2e6d676d747372762e6d616e616765cafe0001";
/// dm-notification-2.0.md 3.1.
const V20: &str = "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c900\
                   21906e309a9c831531ef96e18f6673a2c763d47f4c99e8fbc6b3ff24de769815";
/// dm-notification-2.0.md 3.1: SERVER-ID and digest.
const V20_SMALL: &str = "21000a0c1012636f6d2e6d676d747372762e6d616e616765402450c7c9009ed0305d6e74175a538f010231429e5397225f22\
                         ed15e7c8504815d82de89b9c";
/// dm-notification-2.0.md 3.1: digest only.
const V20_DIGEST: &str = "20800a0d502450c7c9008892b567689ba526abd6ab1eb4637bd47b7721e178a4af0083d222aaa447dcbb";
/// dm-notification-2.0.md 8: the later layout.
const LATER: &str = "21001012636f6d2e6d676d747372762e6d616e61676520020a0b";

pub(crate) fn octets(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.bytes().filter(u8::is_ascii_hexdigit).collect();
    assert!(digits.len().is_multiple_of(2), "odd number of digits");
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// What one body yields.
struct Outcome {
    octets: Vec<u8>,
    tree: Tree,
    found: Found,
    buffers: Vec<crate::model::Derived>,
}

impl Outcome {
    fn rules(&self) -> Vec<&'static str> {
        let mut ids: Vec<&str> = self.tree.findings().iter().map(|finding| finding.rule.id).collect();
        ids.sort_unstable();
        ids
    }

    fn message(&self) -> &Message {
        assert_eq!(self.found.messages.len(), 1, "one message");
        &self.found.messages[0]
    }

    fn all(&self) -> Buffers<'_> {
        let mut buffers = Buffers::new(1, &self.octets);
        for derived in &self.buffers {
            buffers.derive(derived.clone());
        }
        buffers
    }

    /// All values of the field of this name, as `12`, `0x..` for octets, text for texts.
    fn values(&self, name: &str) -> Vec<String> {
        let buffers = self.all();
        self.tree
            .iter()
            .filter(|(_, node)| node.field.name == name)
            .map(|(_, node)| match node.value {
                Value::Uint(value) => value.to_string(),
                Value::Int(value) => value.to_string(),
                Value::Time(time) => time.parts().0.to_string(),
                Value::Raw | Value::Scratch { .. } => {
                    let octets = self.tree.octets(&buffers, node.span, node.value);
                    match node.field.kind {
                        crate::model::Kind::Text => String::from_utf8_lossy(octets).into_owned(),
                        _ => octets
                            .iter()
                            .flat_map(|octet| [octet >> 4, octet & 15])
                            .map(|digit| char::from_digit(digit.into(), 16).unwrap())
                            .collect(),
                    }
                }
                other => format!("{other:?}"),
            })
            .collect()
    }

    fn severity(&self, rule: &str) -> Severity {
        self.tree.findings().iter().find(|finding| finding.rule.id == rule).unwrap().severity()
    }
}

fn run(octets: Vec<u8>, promised: usize, claim: Claim, facts: Facts) -> Outcome {
    let table = Table::new(DISSECTORS);
    let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
    let mut buffers = Buffers::new(1, &octets);
    chain.start(Window::whole(BufId::FRAME, octets.len(), u32::try_from(promised).unwrap()), claim, facts);
    let mut work = Work { buffers: &mut buffers, tree: &mut tree, found: &mut found };
    assert!(chain.run(&table, &mut work).is_none());
    let derived = buffers.derived().map(|(_, derived)| derived.clone()).collect();
    let outcome = Outcome { octets, tree, found, buffers: derived };
    assert_tiled(&outcome);
    outcome
}

fn assert_tiled(outcome: &Outcome) {
    assert_eq!(untiled(&outcome.all(), &outcome.tree), [], "{:02x?}", outcome.octets);
}

fn bare(hex: &str) -> Outcome {
    let octets = octets(hex);
    let len = octets.len();
    run(octets, len, Claim::Named("dmnoti"), Facts::default())
}

/// The head of a push with this content type and application id, both as one octet.
fn head(content: u32, app: Option<u32>) -> PushHead {
    let node = NodeId(0);
    PushHead {
        layer: node,
        pdu_type: node,
        pdu: 6,
        in_transaction: false,
        content_type: Some(ContentType { code: Some(content), form: ContentForm::Constrained, is_text: false, node }),
        app_id: app.map(|code| AppId { code: Some(code), form: AppForm::Short, node, first: true }),
        headers_len: Some(node),
        headers: None,
        wsp_octets: 6,
    }
}

fn pushed(body: &str, head: PushHead) -> Outcome {
    let octets = octets(body);
    let len = octets.len();
    let facts = Facts { carrier: Carrier::Udp, dst_port: Some(2948), push: Some(head), ..Facts::default() };
    run(octets, len, Claim::PushBody, facts)
}

/// A 1.2 message around these 40 bits, session and server identifier.
fn v12(block: &str, session: &str, id: &str) -> String {
    format!("00112233445566778899aabbccddeeff{block}{session}{id}")
}

#[test]
fn the_worked_example_of_1_2_is_read_to_the_bit() {
    let outcome = bare(V12);
    assert_eq!(outcome.rules(), [""; 0]);
    let message = outcome.message();
    assert_eq!((message.format, message.body), (Format::Dm12, Body::Whole));
    assert_eq!(message.id.unwrap().0, 0x1234);
    assert_eq!((message.digest.unwrap().start, message.digest.unwrap().len), (0, 128));
    for (name, value) in [
        ("dmnoti.format", "1.2"),
        ("dmnoti.digest", "d2a353caba93d9309e38d70229bfa584"),
        ("dmnoti.version", "11"),
        ("dmnoti.ui_mode", "1"),
        ("dmnoti.initiator", "0"),
        ("dmnoti.future_use", "0"),
        ("dmnoti.session_id", "4660"),
        ("dmnoti.session_id.text", "1234"),
        ("dmnoti.server_id.length", "18"),
        ("dmnoti.server_id", "com.mgmtsrv.manage"),
    ] {
        assert_eq!(outcome.values(name), [value], "{name}");
    }
}

#[test]
fn vendor_octets_are_shown_and_noted() {
    let outcome = bare(V12_VENDOR);
    assert_eq!(outcome.rules(), ["N12-021"]);
    assert_eq!(outcome.values("dmnoti.vendor"), ["cafe0001"]);
    assert_eq!(outcome.values("dmnoti.session_id.text"), ["A7"]);
}

#[test]
fn the_worked_examples_of_2_0_are_read_to_the_bit() {
    let outcome = bare(V20);
    assert_eq!(outcome.rules(), [""; 0]);
    let message = outcome.message();
    assert_eq!((message.format, message.body), (Format::Dm20, Body::Whole));
    assert_eq!((message.id.unwrap().0, message.time.unwrap().0), (0x0A0B, 1_355_270_400));
    assert_eq!((message.digest.unwrap().start, message.digest.unwrap().len), (49 * 8, 256));
    let expected: &[(&str, &[&str])] = &[
        ("dmnoti.format", &["2.0"]),
        ("dmnoti.ver", &["2"]),
        ("dmnoti.options_count", &["5"]),
        ("dmnoti.reserved", &["0"]),
        ("dmnoti.notification_id", &["2571"]),
        ("dmnoti.option.number", &["1", "2", "3", "4", "5"]),
        ("dmnoti.option.delta", &["1", "1", "1", "1", "1"]),
        ("dmnoti.option.length", &["18", "3", "4", "6", "36"]),
        ("dmnoti.server_id", &["com.mgmtsrv.manage"]),
        ("dmnoti.server_id.length", &["18"]),
        ("dmnoti.preferred_con_type", &["2", "1", "3"]),
        ("dmnoti.req_mo", &["1", "258"]),
        ("dmnoti.req_mo_cv.mo", &["3"]),
        ("dmnoti.req_mo_cv.validator", &["a1b2c3d4"]),
        ("dmnoti.digest.time", &["1355270400"]),
        ("dmnoti.digest", &["21906e309a9c831531ef96e18f6673a2c763d47f4c99e8fbc6b3ff24de769815"]),
    ];
    for (name, values) in expected {
        assert_eq!(outcome.values(name), *values, "{name}");
    }
    assert_eq!(bare(V20_SMALL).rules(), [""; 0]);
    assert_eq!(bare(V20_DIGEST).rules(), ["N20-012"]);
    assert_eq!(bare(V20_DIGEST).values("dmnoti.option.number"), ["5"]);
}

#[test]
fn the_later_layout_is_decoded_as_an_extra() {
    let outcome = pushed(LATER, head(0x58, Some(7)));
    assert_eq!(outcome.rules(), ["N20-036"]);
    assert_eq!(outcome.values("dmnoti.format"), ["2.0-later"]);
    assert_eq!(outcome.values("dmnoti.notification_id"), ["2571"]);
    assert_eq!(outcome.values("dmnoti.server_id"), ["com.mgmtsrv.manage"]);
}

#[test]
fn structure_alone_tells_the_layouts_apart() {
    assert_eq!(structural_fit(&octets(V12)), Some(Format::Dm12));
    assert_eq!(structural_fit(&octets(V12_VENDOR)), Some(Format::Dm12));
    assert_eq!(structural_fit(&octets(V20)), Some(Format::Dm20));
    assert_eq!(structural_fit(&octets(V20_DIGEST)), Some(Format::Dm20));
    assert_eq!(structural_fit(&octets(LATER)), None);
    assert_eq!(plausible_fit(&octets(LATER)), Some(Format::Dm20Later));
    assert_eq!(structural_fit(b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"), None);
    assert_eq!(structural_fit(&[]), None);
}

/// Content type, application id, body, format, rules.
type Row = (u32, Option<u32>, &'static str, &'static str, &'static [&'static str]);

#[test]
fn label_and_structure_decide_together() {
    let dm_coap = "4002abcdb27264"; // CoAP POST /rd, RFC 7252.
    let matrix: &[Row] = &[
        (0x44, Some(7), V12, "1.2", &[]),
        (0x58, Some(7), V20, "2.0", &[]),
        (0x44, Some(7), V20, "2.0", &["N20-032"]),
        (0x58, Some(7), V12, "1.2", &["N12-023"]),
        (0x58, Some(7), LATER, "2.0-later", &["N20-036"]),
        (0x58, Some(7), "10001012", "1.3", &["N20-002", "N20-037"]),
        (0x44, Some(9), V12, "1.2", &["N12-026"]),
        (0x44, None, V12, "1.2", &["N12-025"]),
        (0x03, Some(9), V12, "1.2", &["N12-023", "N12-026"]),
        (0x03, None, V20, "2.0", &["N20-031", "N20-032"]),
        (0x44, Some(0x1A), dm_coap, "", &["W-015"]),
        (0x44, Some(7), dm_coap, "", &["W-015"]),
        (0x44, Some(0x1A), V12, "", &["W-015"]),
        (0x03, Some(9), dm_coap, "", &[]),
        (0x58, Some(7), "", "2.0", &["N20-001"]),
        (0x44, Some(7), "", "1.2", &["N12-001"]),
    ];
    for (content, app, body, format, rules) in matrix {
        let outcome = pushed(body, head(*content, *app));
        let formats = outcome.values("dmnoti.format");
        assert_eq!(formats.first().map_or("", String::as_str), *format, "0x{content:02x} {app:?} {body}");
        assert_eq!(outcome.rules(), *rules, "0x{content:02x} {app:?} {body}");
    }
}

#[test]
fn a_cut_capture_is_incomplete_and_never_malformed() {
    let malformed = ["N12-001", "N12-002", "N20-001", "N20-003", "N20-004", "NET-001"];
    for (body, content) in [(V12, 0x44), (V12_VENDOR, 0x44), (V20, 0x58), (V20_SMALL, 0x58)] {
        let whole = octets(body);
        for len in 0..whole.len() {
            let facts = Facts { push: Some(head(content, Some(7))), ..Facts::default() };
            let outcome = run(whole[..len].to_vec(), whole.len(), Claim::PushBody, facts);
            assert_eq!(outcome.message().body, Body::Incomplete, "{body} at {len}");
            assert!(outcome.rules().contains(&"CAP-040"), "{body} at {len}: {:?}", outcome.rules());
            assert!(!outcome.rules().iter().any(|id| malformed.contains(id)), "{body} at {len}: {:?}", outcome.rules());
        }
    }
}

#[test]
fn without_a_label_only_structure_claims_a_body() {
    let fit = |octets: &[u8]| {
        (super::DISSECTOR.probe.unwrap())(&Probe { octets, promised: octets.len(), facts: &Facts::default() })
    };
    assert_eq!(fit(&octets(V12)), Fit::Structural);
    assert_eq!(fit(&octets(V20)), Fit::Structural);
    assert_eq!(fit(b"<?xml version=\"1.0\"?><si></si>"), Fit::No);
    assert_eq!(fit(&octets("20000001")), Fit::No);
}

#[test]
fn the_probe_of_a_label_beats_structure_alone() {
    let facts = Facts { push: Some(head(0x44, Some(7))), ..Facts::default() };
    let octets = octets(V12);
    let probe = Probe { octets: &octets, promised: octets.len(), facts: &facts };
    assert_eq!((super::DISSECTOR.probe.unwrap())(&probe), Fit::Certain);
}

#[test]
fn every_rule_on_a_1_2_payload_has_a_message_that_breaks_it() {
    // The neighbour that breaks none of them.
    assert_eq!(bare(&v12("02d0000000", "1234", "03616263")).rules(), [""; 0]);
    let cases: &[(String, &[&str])] = &[
        ("00112233".to_owned(), &["N12-001"]),
        ("00112233445566778899aabbccddeeff02d000000012".to_owned(), &["N12-001"]),
        (v12("02d0000000", "1234", "05616263"), &["N12-002"]),
        (format!("{}02d0000000123403616263", "00".repeat(16)), &["N12-003"]),
        (format!("{}02d0000000123403616263", "ff".repeat(16)), &["N12-003"]),
        ("02d0000000123412636f6d2e6d676d747372762e6d616e616765".to_owned(), &["N12-003"]),
        (v12("0300000000", "1234", "03616263"), &["N12-007"]),
        (v12("d002000000", "1234", "03616263"), &["N12-007", "N12-011", "N12-022"]),
        (v12("02d0000001", "1234", "03616263"), &["N12-011"]),
        (v12("02d4000000", "1234", "03616263"), &["N12-011"]),
        (v12("02d0000000", "0000", "03616263"), &["N12-014"]),
        (v12("02d0000000", "1234", "036100ff"), &["N12-019"]),
        (v12("02d0000000", "1234", "00"), &["N12-020"]),
        (v12("02d0000000", "1234", "03616263ff"), &["N12-021"]),
    ];
    for (hex, rules) in cases {
        assert_eq!(bare(hex).rules(), *rules, "{hex}");
    }
    assert!(bare(&v12("02d0000000", "0000", "03616263")).values("dmnoti.session_id.text").is_empty());
    let missing = bare("02d0000000123412636f6d2e6d676d747372762e6d616e616765");
    assert_eq!((missing.message().body, missing.message().digest), (Body::Malformed, None));
    assert_eq!(missing.values("dmnoti.server_id"), ["com.mgmtsrv.manage"]);
}

#[test]
fn every_rule_on_a_2_0_payload_has_a_message_that_breaks_it() {
    let digest = "2450c7c9008892b567689ba526abd6ab1eb4637bd47b7721e178a4af0083d222aaa447dcbb";
    let option = |option: &str| format!("21800a0c100161{option}");
    // Two options and the digest, none at fault.
    assert_eq!(bare(&option(&format!("10020102 30{digest}"))).rules(), [""; 0]);
    let with = |middle: &str| option(&format!("{middle} 30{digest}"));
    let cases: &[(String, &[&str])] = &[
        ("2000".to_owned(), &["N20-001"]),
        ("21000a0c1012636f".to_owned(), &["N20-003"]),
        ("21000a0c10016120".to_owned(), &["N20-003"]),
        ("20800a0c10016100".to_owned(), &["N20-004", "N20-029"]),
        ("20810a0c100161".to_owned(), &["N20-005", "N20-029"]),
        ("21000a0c70000000".to_owned(), &["N20-008", "N20-011", "N20-011", "N20-012", "N20-029"]),
        ("21000a0c00000000".to_owned(), &["N20-008", "N20-009", "N20-012", "N20-029"]),
        ("21000a0c100161000162".to_owned(), &["N20-010", "N20-029"]),
        ("20800a0c1001ff".to_owned(), &["N20-013", "N20-029"]),
        ("20800a0c10010a".to_owned(), &["N20-013", "N20-029"]),
        ("20800a0c100365cc81".to_owned(), &["N20-013", "N20-029"]),
        ("20800a0c1000".to_owned(), &["N20-013", "N20-029"]),
        ("20800a0c1002c3a9".to_owned(), &["N20-029"]),
        (option(&format!("2003000102 20{digest}")), &["N20-014"]),
        (option(&format!("2000 20{digest}")), &["N20-015"]),
        (option(&format!("300700010203040506 10{digest}")), &["N20-017"]),
        (option(&format!("3000 10{digest}")), &["N20-018"]),
        (with("100104"), &["N20-020"]),
        (with("1000"), &["N20-021"]),
        (with("10020101"), &["N20-021"]),
        (with("10020100"), &["N20-021"]),
        (with("100100"), &[]),
        (option(&format!("1001014020{}", "11".repeat(32))), &["N20-011", "N20-029"]),
        ("21000a0c10016140040000ffff".to_owned(), &["N20-023"]),
        (format!("20800a0c50245000c90{}", "0".repeat(65)), &["N20-012", "N20-025"]),
    ];
    for (hex, rules) in cases {
        assert_eq!(bare(hex).rules(), *rules, "{hex}");
    }
    assert_eq!(bare("21000a0c70000000").severity("N20-008"), Severity::Warning);
    assert_eq!(bare("21000a0c00000000").severity("N20-008"), Severity::Error);
    assert_eq!(bare("20800a0c1001ff").severity("N20-013"), Severity::Error);
    assert_eq!(bare("20800a0c10010a").severity("N20-013"), Severity::Warning);
    let body = |hex: &str| bare(hex).message().body;
    assert_eq!(body("21000a0c10016140040000ffff"), Body::Malformed);
    assert_eq!(body("21000a0c10016120"), Body::Malformed);
    assert_eq!(body("20800a0c10016100"), Body::Whole);
    assert_eq!(body(&format!("21000a0c50{digest}00{digest}")), Body::Malformed);
    // What follows the digest may be broken: the digest is where it must be.
    assert_eq!(body(&format!("21000a0c50{digest}10")), Body::Whole);
}

#[test]
fn every_rule_on_the_push_has_a_push_that_breaks_it() {
    let good = head(0x44, Some(7));
    let text = |code| Some(ContentType { form: ContentForm::Text, ..head(code, None).content_type.unwrap() });
    let app = |form, first| Some(AppId { form, first, ..head(0x44, Some(7)).app_id.unwrap() });
    let cases: &[(PushHead, &[&str])] = &[
        (good, &[]),
        (PushHead { content_type: text(0x44), ..good }, &["N12-024"]),
        (PushHead { content_type: text(0x03), ..good }, &["N12-023"]),
        (PushHead { content_type: None, ..good }, &["N12-023"]),
        (PushHead { app_id: None, ..good }, &["N12-025"]),
        (PushHead { app_id: app(AppForm::Long, true), ..good }, &["N12-026"]),
        (PushHead { app_id: app(AppForm::Text, true), ..good }, &["N12-026"]),
        (PushHead { app_id: app(AppForm::Short, false), ..good }, &["N12-027"]),
        (PushHead { wsp_octets: 48, ..good }, &[]),
        (PushHead { wsp_octets: 49, ..good }, &["N12-028"]),
        (PushHead { pdu: 7, ..good }, &["N12-030"]),
        (PushHead { in_transaction: true, ..good }, &["N12-030"]),
    ];
    for (head, rules) in cases {
        assert_eq!(pushed(V12, *head).rules(), *rules, "{head:?}");
    }
    let long = PushHead { app_id: app(AppForm::Long, true), ..good };
    assert_eq!(pushed(V12, long).severity("N12-026"), Severity::Note);
    let text_app = PushHead { app_id: app(AppForm::Text, true), ..good };
    assert_eq!(pushed(V12, text_app).severity("N12-026"), Severity::Error);

    let good = head(0x58, Some(7));
    let cases: &[(PushHead, &[&str])] = &[
        (good, &[]),
        (PushHead { content_type: text(0x58), ..good }, &["N20-032"]),
        (PushHead { content_type: None, ..good }, &["N20-032"]),
        (PushHead { app_id: None, ..good }, &["N20-031"]),
        (PushHead { app_id: app(AppForm::Long, false), ..good }, &[]),
        (PushHead { app_id: app(AppForm::Text, true), ..good }, &["N20-031"]),
        (PushHead { wsp_octets: 49, ..good }, &["N20-033"]),
        (PushHead { pdu: 7, ..good }, &["N20-030"]),
    ];
    for (head, rules) in cases {
        assert_eq!(pushed(V20, *head).rules(), *rules, "{head:?}");
    }
}

#[test]
fn port_and_user_data_header_count_where_the_bearer_has_them() {
    let on = |body: &str, content, carrier, port, udh_octets| {
        let octets = octets(body);
        let len = octets.len();
        let push = Some(PushHead { wsp_octets: 42, ..head(content, Some(7)) });
        run(octets, len, Claim::PushBody, Facts { carrier, dst_port: Some(port), udh_octets, push, ..Facts::default() })
            .rules()
    };
    assert_eq!(on(V12, 0x44, Carrier::Udp, 2948, 0), [""; 0]);
    assert_eq!(on(V12, 0x44, Carrier::Udp, 9200, 0), ["N12-029"]);
    assert_eq!(on(V12, 0x44, Carrier::Pasted, 9200, 0), [""; 0]);
    assert_eq!(on(V12, 0x44, Carrier::None, 0, 6), [""; 0]);
    assert_eq!(on(V12, 0x44, Carrier::None, 0, 7), ["N12-028"]);
    assert_eq!(on(V20, 0x58, Carrier::None, 0, 7), [""; 0]);
    assert_eq!(on(V20, 0x58, Carrier::Udp, 9200, 0), ["N20-034"]);
}

/// Pushes of the captures of this name, and of two that a push proxy made: format, rules.
#[test]
fn whole_pushes_yield_what_their_headers_deserve() {
    let text = "6170706c69636174696f6e2f766e642e73796e636d6c2e6e6f74696669636174696f6e00";
    let small = "21000a0b1012636f6d2e6d676d747372762e6d616e616765402450c7c9001c4acf460c4cd8275fbc0983e1d885bc337b51b5\
                 e12a2c2ae2f5d5ba71758751";
    let extra = "b1687474703a2f2f70692e6578616d706c652f00b4858daa8e687474703a2f2f612f6200582d466f6f0062617200";
    let cases: &[(String, &str, &[&str])] = &[
        (format!("010603c4af87{V12}"), "1.2", &[]),
        (
            format!("0a0631c4af87{extra}{V12}"),
            "1.2",
            &["N12-028", "N12-032", "N12-032", "N12-032", "N12-032", "N12-032"],
        ),
        (format!("100603c4af9a{V12}"), "", &["W-015"]),
        (format!("110603ceaf85{V12}"), "ds-1.2", &["W-016"]),
        (format!("080604c4af0107{V12}"), "1.2", &["N12-026"]),
        (format!("07061ec4af782d7761702d6170706c69636174696f6e3a73796e636d6c2e646d00{V12}"), "1.2", &["N12-026"]),
        (format!("030626{text}af87{V12}"), "1.2", &["N12-024"]),
        (format!("0e0703c4af87{V12}"), "1.2", &["N12-030", "W-004"]),
        (format!("13060603020312af90{V12}"), "1.2", &["N12-023", "N12-026"]),
        (format!("04060603c481eaaf87{V12}"), "1.2", &[]),
        // thirdparty_kannel145_auth.pcap
        (
            format!("000631{text}87058075007000af878daac393{V12}"),
            "1.2",
            &["N12-024", "N12-027", "N12-028", "N12-032", "N12-032", "N12-032"],
        ),
        (format!("02060ed887058075007000af878dbec393{small}"), "2.0", &["WSP-007"]),
        // A text addressed to the DM client, and one that is not.
        ("01060383af8768656c6c6f".to_owned(), "", &["N12-023"]),
        ("01060383af8968656c6c6f".to_owned(), "", &[]),
    ];
    for (hex, format, rules) in cases {
        let octets = octets(hex);
        let len = octets.len();
        let facts = Facts { carrier: Carrier::Udp, dst_port: Some(2948), ..Facts::default() };
        let outcome = run(octets, len, Claim::Named("wsp"), facts);
        let formats = outcome.values("dmnoti.format");
        assert_eq!(formats.first().map_or("", String::as_str), *format, "{hex}");
        assert_eq!(outcome.rules(), *rules, "{hex}");
        if hex.contains("87058075007000") && *format == "1.2" {
            let worst = outcome.tree.findings().iter().filter(|finding| finding.rule.id == "N12-032");
            let severities: Vec<Severity> = worst.map(super::super::super::model::Finding::severity).collect();
            assert_eq!(severities, [Severity::Warning, Severity::Note, Severity::Note]);
        }
    }
}

/// vectors.json: messages and bodies from public sources.
#[test]
fn real_messages_are_read_as_their_sources_say() {
    // dm12-htc-sprint-nidc, without its WSP header.
    let htc = bare("109e2e4d1ee2b383a6e183ba4be2ca1402e800000066e906737072696e74");
    assert_eq!((htc.values("dmnoti.ui_mode"), htc.values("dmnoti.session_id.text")), (s(["2"]), s(["66E9"])));
    assert_eq!((htc.values("dmnoti.server_id"), htc.rules()), (s(["sprint"]), vec![]));
    // dm12-htc-sprint-niprl, without its WSP header.
    let htc = bare("86d18635514c99b6fa30ee99b206ff2402d800000066e806737072696e74");
    assert_eq!((htc.values("dmnoti.ui_mode"), htc.values("dmnoti.initiator")), (s(["1"]), s(["1"])));
    // dm12-verizon-builder-body.
    let verizon = bare(
        "98ce7fb3f485d4fff020518f5e87c71b02c800000000010f636f6d2e767a77646d73657276657231303130313031303130313031",
    );
    assert_eq!(verizon.values("dmnoti.server_id"), ["com.vzwdmserver"]);
    assert_eq!(verizon.values("dmnoti.vendor"), ["31303130313031303130313031"]);
    assert_eq!(verizon.rules(), ["N12-021"]);
    // dm12-samsung-local-template.
    let samsung = bare("0000000000000000000000000000000002f800000067210a78366731713134723735");
    assert_eq!((samsung.values("dmnoti.server_id"), samsung.rules()), (s(["x6g1q14r75"]), vec!["N12-003"]));
    // ds12-nokia-ovi-san01, ds12-funambol-att.
    let ds = head(0x4E, Some(5));
    let nokia = pushed(
        "0179ab671b68f26698269b4ca78222ad0318000000000012504320537569746520446174612053796e63106000000008436f6e7461637473",
        ds,
    );
    assert_eq!((nokia.values("dmnoti.format"), nokia.values("dmnoti.version")), (s(["ds-1.2"]), s(["12"])));
    assert_eq!(nokia.values("dmnoti.server_id"), ["PC Suite Data Sync"]);
    assert_eq!((nokia.values("dmnoti.ds.sync.type"), nokia.values("dmnoti.ds.sync.uri")), (s(["6"]), s(["Contacts"])));
    assert_eq!(nokia.rules(), ["W-016"]);
    let funambol = pushed(
        "d889279f9b47e368faa8992f3186ac3d0308000000000010415454204164647265737320426f6f6b10600000070463617264",
        ds,
    );
    assert_eq!(funambol.values("dmnoti.ds.sync.content_type"), ["7"]);
    assert_eq!(funambol.values("dmnoti.ds.sync.uri"), ["card"]);
    assert_eq!(
        bare("d889279f9b47e368faa8992f3186ac3d0308000000000010415454204164647265737320426f6f6b10600000070463617264")
            .values("dmnoti.format"),
        ["ds-1.2"]
    );
}

fn s<const N: usize>(texts: [&str; N]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_body_of_samsungs_form_is_taken_apart_and_others_stay_octets() {
    let known = bare(&v12("02d0000000", "1234", "0361626304 010101 0201ff 04014f 0902abcd"));
    assert_eq!(known.rules(), ["N12-021"]);
    assert_eq!(known.values("dmnoti.vendor.ui_mode"), ["4"]);
    assert_eq!(known.values("dmnoti.vendor.install_type"), ["1"]);
    assert_eq!(known.values("dmnoti.vendor.postpone"), ["-1"]);
    assert_eq!(known.values("dmnoti.vendor.service_type"), ["79"]);
    assert_eq!(known.values("dmnoti.vendor.value"), ["abcd"]);
    for other in ["05010101", "04", "04010201ff", "0401", "040902abcd"] {
        let outcome = bare(&v12("02d0000000", "1234", &format!("03616263{other}")));
        assert_eq!(outcome.values("dmnoti.vendor"), [other]);
        assert!(outcome.values("dmnoti.vendor.ui_mode").is_empty(), "{other}");
    }
}

#[test]
fn a_base64_body_is_decoded_and_read_with_its_origin() {
    // Base64 of the worked example of 1.2, with a line end.
    let text = b"0qNTyrqT2TCeONcCKb+lhALQAAAAEjQSY29t\nLm1nbXRzcnYubWFuYWdl";
    for content in [0x44, 0x03] {
        let facts = Facts { push: Some(head(content, Some(7))), ..Facts::default() };
        let outcome = run(text.to_vec(), text.len(), Claim::PushBody, facts);
        assert_eq!(outcome.buffers[0].own(), octets(V12));
        assert_eq!(outcome.values("dmnoti.server_id"), ["com.mgmtsrv.manage"]);
        assert!(outcome.rules().contains(&"NOTI-001"));
        // The first octet of the digest came from the first two characters.
        let buffers = outcome.all();
        let span = crate::model::Span::octets(BufId(1), 0, 1);
        let frames = buffers.resolve(span);
        assert_eq!((frames[0].start, frames[0].len), (0, 16));
    }
}

#[test]
fn coap_is_walked_to_its_fields() {
    // CoAP POST, token of 2, Uri-Path "rd", payload "x"; then an option of extended delta.
    let outcome = pushed("4202abcd0102b27264ff78", head(0x44, Some(0x1A)));
    assert_eq!(outcome.rules(), ["W-015"]);
    for (name, value) in [
        ("coap.version", "1"),
        ("coap.type", "0"),
        ("coap.code", "2"),
        ("coap.mid", "43981"),
        ("coap.token", "0102"),
        ("coap.opt.number", "11"),
        ("coap.opt.value", "7264"),
        ("coap.payload", "78"),
    ] {
        assert_eq!(outcome.values(name), [value], "{name}");
    }
    assert_eq!(pushed("4002abcdd10561", head(0x44, Some(7))).values("coap.opt.number"), ["18"]);
    assert_eq!(pushed("4002abcdd10561", head(0x44, Some(7))).values("coap.opt.delta_ext"), ["5"]);
    // One octet too few: not CoAP, so DM with findings.
    assert_eq!(pushed("4002abcdd105", head(0x44, Some(7))).values("dmnoti.format"), ["1.2"]);
}

/// A small generator (xorshift), so that a failure can be repeated.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let rolled = self.0.checked_rem(u64::try_from(sides.max(1)).unwrap());
        usize::try_from(rolled.unwrap()).unwrap()
    }
}

#[test]
fn leaves_tile_whatever_is_read() {
    let samples = [
        V12,
        V12_VENDOR,
        V20,
        V20_SMALL,
        V20_DIGEST,
        LATER,
        "0179ab671b68f26698269b4ca78222ad0318000000000012504320537569746520446174612053796e63106000000008436f6e7461637473",
        "4202abcd0102b27264ff78",
        "00112233445566778899aabbccddeeff02d000000012340361626304010101020103",
        "30714e54797271543254434565434e63434b622b6c6841",
    ]
    .map(octets);
    let labels = [0x44, 0x58, 0x4E, 0x03];
    let apps = [Some(7), Some(5), Some(0x1A), None];
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    for _ in 0..50_000 {
        let mut octets = samples[dice.roll(samples.len())].clone();
        for _ in 0..dice.roll(4) {
            let at = dice.roll(octets.len());
            match dice.roll(4) {
                0 => octets.truncate(at),
                1 => octets.insert(at.min(octets.len()), u8::try_from(dice.roll(256)).unwrap()),
                _ => {
                    if let Some(octet) = octets.get_mut(at) {
                        *octet ^= 1 << dice.roll(8);
                    }
                }
            }
        }
        let promised = if dice.roll(4) == 0 { octets.len().saturating_add(dice.roll(64)) } else { octets.len() };
        let push = (dice.roll(5) > 0).then(|| head(labels[dice.roll(4)], apps[dice.roll(4)]));
        let claim = if push.is_some() { Claim::PushBody } else { Claim::Named("dmnoti") };
        let outcome = run(octets, promised, claim, Facts { push, ..Facts::default() });
        for message in &outcome.found.messages {
            if let (Body::Whole, Some(digest)) = (message.body, message.digest) {
                assert!(matches!(digest.len, 128 | 256) && message.octets.contains(digest));
            }
        }
    }
}
