//! Messages made by others, with what their sources say of them, read as `pushscope decode` reads pasted octets.
//!
//! Octets are quoted; where the source is a repository, its path names it. What a source does not assert was read by hand
//! from the standards.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::ops::ControlFlow;

use pushscope::capture::{Frame, LinkType};
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::output::value::push_plain;
use pushscope::scan::recognise::recognise;
use pushscope::scan::{Engine, Options, Packet, Sink};
use pushscope::verify::Keyring;

/// A message of somebody else's.
struct Vector {
    /// Where it comes from.
    source: &'static str,
    hex: &'static str,
    /// How it must be recognised; nothing where it must not be.
    what: &'static str,
    /// Octets in front that belong to nothing.
    skip: usize,
    /// Fields and their values, as columns show them.
    fields: &'static [(&'static str, &'static str)],
    /// Findings that must be there.
    rules: &'static [&'static str],
}

const PUSH: &str = "WSP push";
const UDH_PUSH: &str = "user data header and WSP push";
const MODEM: &str = "modem PDU (service centre address, SMS TPDU)";
const BARE: &str = "bare Package #0";

const VECTORS: &[Vector] = &[
    Vector {
        source: "HTC OMA-DM test application, com/htc/omadm/test/TestAPIActivity: network-initiated device configuration",
        hex: "010603c4af87109e2e4d1ee2b383a6e183ba4be2ca1402e800000066e906737072696e74",
        what: PUSH,
        skip: 0,
        fields: &[
            ("wsp.TID", "0x01"),
            ("wsp.headers_length", "3"),
            ("wsp.content_type", "application/vnd.syncml.notification"),
            ("wsp.header.x_wap_application_id", "x-wap-application:syncml.dm"),
            ("dmnoti.format", "1.2"),
            ("dmnoti.digest", "109e2e4d1ee2b383a6e183ba4be2ca14"),
            ("dmnoti.version", "11"),
            ("dmnoti.ui_mode", "2"),
            ("dmnoti.initiator", "1"),
            ("dmnoti.future_use", "0x0000000"),
            ("dmnoti.session_id", "0x66e9"),
            ("dmnoti.session_id.text", "66E9"),
            ("dmnoti.server_id", "sprint"),
            ("dmnoti.digest.status", "unchecked"),
        ],
        rules: &[],
    },
    Vector {
        source: "HTC OMA-DM test application, com/htc/omadm/test/TestAPIActivity: network-initiated PRL update",
        hex: "010603c4af8786d18635514c99b6fa30ee99b206ff2402d800000066e806737072696e74",
        what: PUSH,
        skip: 0,
        fields: &[
            ("dmnoti.digest", "86d18635514c99b6fa30ee99b206ff24"),
            ("dmnoti.ui_mode", "1"),
            ("dmnoti.initiator", "1"),
            ("dmnoti.session_id", "0x66e8"),
            ("dmnoti.server_id.length", "6"),
            ("dmnoti.server_id", "sprint"),
        ],
        rules: &[],
    },
    Vector {
        source: "com/verizon/dmclientupdate/WapPushPackage0Builder.java: header array and body array; the digest is a dummy",
        hex: "0605040b84c002010603c4af8798ce7fb3f485d4fff020518f5e87c71b02c800000000010f636f6d2e767a77646d73657276657231303130313031303130313031",
        what: UDH_PUSH,
        skip: 0,
        fields: &[
            ("dmnoti.digest", "98ce7fb3f485d4fff020518f5e87c71b"),
            ("dmnoti.ui_mode", "0"),
            ("dmnoti.initiator", "1"),
            ("dmnoti.session_id", "0x0001"),
            ("dmnoti.server_id.length", "15"),
            ("dmnoti.server_id", "com.vzwdmserver"),
            ("dmnoti.vendor", "31303130313031303130313031"),
        ],
        rules: &["N12-021"],
    },
    Vector {
        source: "com/verizon/dmclientupdate/WapPushPackage0Builder.java: what prepareWapPushPackage0() returns",
        hex: "98ce7fb3f485d4fff020518f5e87c71b02c800000000010f636f6d2e767a77646d73657276657231303130313031303130313031",
        what: BARE,
        skip: 0,
        fields: &[("dmnoti.server_id", "com.vzwdmserver"), ("dmnoti.vendor", "31303130313031303130313031")],
        rules: &["N12-021"],
    },
    Vector {
        source: "OMA-TS-DM_Notification-V1_2_1 Appendix C: the trigger, whose digest is a placeholder in the text",
        hex: "02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        what: BARE,
        skip: 0,
        fields: &[
            ("dmnoti.version", "11"),
            ("dmnoti.ui_mode", "1"),
            ("dmnoti.initiator", "0"),
            ("dmnoti.session_id", "0x1234"),
            ("dmnoti.server_id", "com.mgmtsrv.manage"),
            ("dmnoti.digest.status", "malformed"),
        ],
        rules: &["N12-003"],
    },
    Vector {
        source: "OMA-TS-DM_Notification-V1_2_1 Appendix C: WDP and WSP headers alone",
        hex: "0605040b84c002010603c4af87",
        what: UDH_PUSH,
        skip: 0,
        fields: &[
            ("wsp.TID", "0x01"),
            ("wsp.pdu_type", "0x06"),
            ("wsp.headers_length", "3"),
            ("wsp.content_type", "application/vnd.syncml.notification"),
            ("wsp.header.x_wap_application_id", "x-wap-application:syncml.dm"),
        ],
        rules: &["N12-001"],
    },
    Vector {
        source: "com/idm/fotaagent/…/DmNotificationRawData$Builder.smali (a client that triggers itself): digest of 16 NUL octets",
        hex: "0000000000000000000000000000000002f800000067210a78366731713134723735",
        what: BARE,
        skip: 0,
        fields: &[
            ("dmnoti.ui_mode", "3"),
            ("dmnoti.initiator", "1"),
            ("dmnoti.session_id", "0x6721"),
            ("dmnoti.server_id", "x6g1q14r75"),
            ("dmnoti.digest.status", "unsigned"),
        ],
        rules: &["N12-003"],
    },
    Vector {
        source: "sailfishos/buteo-syncml tests_meego/data/SAN01.bin: verifies with an empty password and an empty nonce",
        hex: "0179ab671b68f26698269b4ca78222ad0318000000000012504320537569746520446174612053796e63106000000008436f6e7461637473",
        what: BARE,
        skip: 0,
        fields: &[
            ("dmnoti.format", "ds-1.2"),
            ("dmnoti.version", "12"),
            ("dmnoti.ui_mode", "1"),
            ("dmnoti.initiator", "1"),
            ("dmnoti.server_id", "PC Suite Data Sync"),
            ("dmnoti.digest.status", "valid"),
        ],
        rules: &["W-016"],
    },
    Vector {
        source: "funambol-client-sdk com/funambol/client/push/SANMessageParserTest.java",
        hex: "d889279f9b47e368faa8992f3186ac3d0308000000000010415454204164647265737320426f6f6b10600000070463617264",
        what: BARE,
        skip: 0,
        fields: &[("dmnoti.format", "ds-1.2"), ("dmnoti.ui_mode", "0"), ("dmnoti.server_id", "ATT Address Book")],
        rules: &["W-016"],
    },
    Vector {
        source: "sailfishos/ofono unit/test-sms.c: an MMS notification to port 2948, inside an SMS-DELIVER",
        hex: "0791947122725014440185f039f501801140311480720605040b8423f00106246170706c69636174696f6e2f766e642e7761702e6d6d732d6d65737361676500af84b4868c82984f67514b4b42008d9089088045726f74696b009650696e2d557073008a808e0240008805810303f48083687474703a2f2f657073332e64652f4f2f5a39495a4f00",
        what: MODEM,
        skip: 0,
        fields: &[
            ("gsm_a.dtap.cld_party_bcd_num", "491722270541"),
            ("wsp.content_type", "application/vnd.wap.mms-message"),
            ("wsp.header.x_wap_application_id", "x-wap-application:mms.ua"),
        ],
        rules: &[],
    },
    Vector {
        source: "a C# sample's comment: a service indication of wap.job.am",
        hex: "0605040b8423f05f0601ae02056a0045c60c037761702e6a6f622e616d00070103505050000101",
        what: UDH_PUSH,
        skip: 0,
        fields: &[("wsp.TID", "0x5f"), ("wsp.content_type", "application/vnd.wap.sic")],
        rules: &[],
    },
    Vector {
        source: "a public sample: a service indication of mysite.ru",
        hex: "0605040b8423f0dc0601ae02056a0045c60c036d79736974652e72750001036d7973697465000101",
        what: UDH_PUSH,
        skip: 0,
        fields: &[("wsp.TID", "0xdc"), ("wsp.content_type", "application/vnd.wap.sic")],
        rules: &[],
    },
    Vector {
        source: "WAP_UDH and WAP_BODY of a Java SMS test: content type in the general form 03 AE 81 EA, charset utf-8",
        hex: "0605040b8423f025060403ae81ea01056a0045c60c03752e736d73702e67722f643565676e6200080103436f6d6520696e746f206f75722073746f726520746f20676574206120667265652070697a7a61212121000101",
        what: UDH_PUSH,
        skip: 0,
        fields: &[("wsp.headers_length", "4"), ("wsp.content_type", "application/vnd.wap.sic")],
        rules: &[],
    },
    Vector {
        source: "a C# test's list of decodable PDUs: a service indication inside an SMS-SUBMIT",
        hex: "0051000b910621723364f400f5aa570605040b8423f0dc0601ae02056a0045c60c033230322e392e39382e35343a383038302f43475365727665722f73657276656e2e6a73703f69643d313233343536000103616d757a6f2e636f6d2043472030303031000101",
        what: MODEM,
        skip: 0,
        fields: &[("gsm_sms.tp-da", "60122733464"), ("wsp.content_type", "application/vnd.wap.sic")],
        rules: &[],
    },
    Vector {
        source: "AOSP WapPushOverSmsTest.java: the headers' length is 0 although headers follow (the test mocks the decoder)",
        hex: "0106006170706c69636174696f6e2f766e642e7761702e6d6d732d6d657373616765008c82984d6d735472616e73616374696f6e4944008d1289088031363137383236393136382f545950453d504c4d4e008a808e0203e88803810303f4809654657374204d6d73205375626a6563740083687474703a2f2f7777772e676f6f676c652e636f6d2f73616466646400",
        what: PUSH,
        skip: 0,
        fields: &[("wsp.headers_length", "0")],
        rules: &["W-017"],
    },
    Vector {
        source: "AOSP WapPushOverSmsTest.java: a length that never ends",
        hex: "ff06ffffffffff",
        what: PUSH,
        skip: 0,
        fields: &[("wsp.TID", "0xff")],
        rules: &["W-002"],
    },
    Vector {
        source: "main.c of a gateway sample: headers of an LwM2M trigger (application id 0x1A), no DM notification",
        hex: "0605040b8423f0010603c4af9a",
        what: UDH_PUSH,
        skip: 0,
        fields: &[
            ("wsp.content_type", "application/vnd.syncml.notification"),
            ("wsp.header.x_wap_application_id", "x-wap-application:lwm2m.dm"),
            ("dmnoti.format", ""),
        ],
        rules: &["W-015"],
    },
    Vector {
        source: "lwm2m_client_handle_wap_sms() of an LwM2M client: an accepted prefix",
        hex: "010603c4af9a",
        what: PUSH,
        skip: 0,
        fields: &[("dmnoti.format", "")],
        rules: &["W-015"],
    },
    Vector {
        source: "lwm2m_client_handle_wap_sms() of an LwM2M client: content type behind a length quote",
        hex: "0106051f01c4af9a",
        what: PUSH,
        skip: 0,
        fields: &[("wsp.content_type", "application/vnd.syncml.notification"), ("dmnoti.format", "")],
        rules: &["W-015"],
    },
    Vector {
        source: "sailfishos/mms-engine test_retrieve/data/GarbagePush: `This is not a valid WAP push PDU`",
        hex: "54686973206973206e6f7420612076616c6964205741502070757368205044550a",
        what: "",
        skip: 0,
        fields: &[],
        rules: &[],
    },
    Vector {
        source: "sailfishos/mms-engine test_mms_codec/data/m-notification_2.ind: an MMS body without its push",
        hex: "8c82984248314346504c4b37504d4f3140786d612e3732342e636f6d008d9183687474703a2f2f3137322e31392e32342e333a383030302f4d4d534248314346504c4b37504d4f310086818805810303f47e8919802b3335383530303030303030302f545950453d504c4d4e008a808e03015ef4",
        what: "",
        skip: 0,
        fields: &[],
        rules: &[],
    },
    Vector {
        source: "sailfishos/buteo-syncml tests_meego/data/obexresp01.bin: an OBEX response",
        hex: "a0001a1000ffffcb000000014a000e53594e434d4c2d53594e43",
        what: "",
        skip: 0,
        fields: &[],
        rules: &[],
    },
    Vector {
        source: "smn/txsyncml txsyncml/tests/fixtures/client_sync_init.wbxml: its beginning, a SyncML document",
        hex: "02a4016a006d6c7103312e310001720353796e634d4c2f312e31000165033100015b033100016e5703687474703a2f2f7777772e73796e636d6c2e6f72672f73796e632d7365727665720001",
        what: "",
        skip: 0,
        fields: &[],
        rules: &[],
    },
];

/// Media types of AOSP's Wap230WspContentTypeTest.java: value, media type ("" where the code has no name), parameter text.
const CONTENT_TYPES: &[(&str, &str, &str)] = &[
    ("c2", "application/vnd.syncml.dm+wbxml", ""),
    ("03020042", "application/vnd.syncml.dm+wbxml", ""),
    ("c3", "application/vnd.syncml.dm+xml", ""),
    ("c4", "application/vnd.syncml.notification", ""),
    ("03020044", "application/vnd.syncml.notification", ""),
    ("b6", "application/vnd.wap.connectivity-wbxml", ""),
    ("03020036", "application/vnd.wap.connectivity-wbxml", ""),
    ("0302002e", "application/vnd.wap.sic", ""),
    ("0302003e", "application/vnd.wap.mms-message", ""),
    ("03020302", "application/vnd.syncml+xml", ""),
    ("03020303", "application/vnd.syncml+wbxml", ""),
    ("6170706c69636174696f6e2f776962626c6500", "application/wibble", ""),
    ("01bf", "application/vnd.wap.rollover-certificate", ""),
    ("01e0", "0x60", ""),
    ("0302052c", "0x52c", ""),
    ("1f01bf", "application/vnd.wap.rollover-certificate", ""),
    ("1f01e0", "0x60", ""),
    ("1f03020314", "application/oma-directory+xml", ""),
    ("1f0302052c", "0x52c", ""),
    ("03bf9c00", "application/vnd.wap.rollover-certificate", "Domain"),
    ("14bf9c776473746563686e6f6c6f67792e636f6d00", "application/vnd.wap.rollover-certificate", "wdstechnology.com"),
    ("15bf011c776473746563686e6f6c6f67792e636f6d00", "application/vnd.wap.rollover-certificate", "wdstechnology.com"),
    ("03bf9180", "application/vnd.wap.rollover-certificate", "SEC"),
    ("0bbf91819222696d61706300", "application/vnd.wap.rollover-certificate", "imapc"),
    ("0abf4d59504152414d00c5", "application/vnd.wap.rollover-certificate", "MYPARAM"),
];

/// Keys that sources state; those without a nonce mean the empty one.
const KEYS: &str = "[[server]]\nlabel = \"SAN01\"\nid = \"PC Suite Data Sync\"\npassword = \"\"\nnonce = \"\"\n";

fn octets(hex: &str) -> Vec<u8> {
    assert!(hex.len().is_multiple_of(2), "{hex}");
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(hex.get(at..at + 2).unwrap(), 16).unwrap()).collect()
}

/// Every field and rule of a packet.
#[derive(Default)]
struct Collector {
    fields: Vec<(&'static str, String)>,
    labelled: String,
    rules: Vec<&'static str>,
}

impl Sink for Collector {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        for item in packet.view.walk() {
            let mut shown = String::new();
            push_plain(&mut shown, item.field, item.value, item.octets);
            self.fields.push((item.field.name, shown));
            pushscope::output::tree::push_item(&mut self.labelled, &item);
            self.labelled.push('\n');
        }
        self.rules.extend(packet.view.findings().map(|found| found.rule.id));
        ControlFlow::Continue(())
    }
}

impl Collector {
    fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| *field == name).map_or("", |(_, value)| value)
    }
}

/// Reads octets as they were recognised.
fn read(octets: &[u8]) -> Option<(&'static str, usize, Collector)> {
    let table = Table::new(DISSECTORS);
    let (reading, _) = recognise(&table, octets)?;
    let keys = Keyring::parse(KEYS, "keys").unwrap_or_else(|error| panic!("{error}"));
    let mut engine = Engine::new(table, &keys, Options::default());
    let mut collector = Collector::default();
    let frame = Frame::new(1, None, LinkType(147), octets.get(reading.skip..).unwrap());
    assert!(engine.octets(&frame, reading.claim, &mut collector).is_continue());
    Some((reading.what, reading.skip, collector))
}

#[test]
fn messages_of_others_are_read_as_their_sources_say() {
    let mut wrong = Vec::new();
    for vector in VECTORS {
        let (what, skip, found) = read(&octets(vector.hex)).unwrap_or_default();
        let mut expect = |what: &str, wanted: &str, got: &str| {
            if wanted != got {
                wrong.push(format!("{}: {what}: wanted {wanted:?}, got {got:?}", vector.source));
            }
        };
        expect("recognised as", vector.what, what);
        expect("octets in front", &vector.skip.to_string(), &skip.to_string());
        for (name, value) in vector.fields {
            expect(name, value, found.value(name));
        }
        for rule in vector.rules {
            expect("finding", rule, found.rules.iter().find(|id| *id == rule).unwrap_or(&""));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn content_types_of_others_are_read_as_their_source_says() {
    let mut wrong = Vec::new();
    for (hex, media, parameter) in CONTENT_TYPES {
        let value = octets(hex);
        let mut push = vec![1, 6, u8::try_from(value.len()).unwrap()];
        push.extend(&value);
        push.extend([0x55; 4]);
        match read(&push) {
            Some((PUSH, 0, found))
                if found.value("wsp.content_type") == *media && found.labelled.contains(parameter) => {}
            Some((what, skip, found)) => {
                wrong.push(format!(
                    "{hex}: {what} behind {skip}: {:?}\n{}",
                    found.value("wsp.content_type"),
                    found.labelled
                ));
            }
            None => wrong.push(format!("{hex}: not recognised")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
