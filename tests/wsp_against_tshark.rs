//! WSP compared with tshark, field by field, over recorded pushes; skipped loudly where tshark or the recordings are absent.
//!
//! tshark also gives the UDP payloads, so that nothing but the WSP layer is compared. Where tshark is known to be wrong or to
//! know less, the pair of file and field is listed with what is right.

use std::path::Path;
use std::process::Command;

use pushscope::dissect::{Carrier, Chain, Claim, DISSECTORS, Facts, Found, Table, Window, Work};
use pushscope::model::{BufId, Buffers, Tree};
use pushscope::output::value::push_plain;

/// Fields by the name both have.
const FIELDS: &[&str] = &[
    "wsp.TID",
    "wsp.pdu_type",
    "wsp.headers_length",
    "wsp.header.content_type",
    "wsp.header.x_wap_application_id",
    "wsp.header.initiator_uri",
    "wsp.header.content_location",
    "wsp.header.content_length",
    "wsp.header.encoding_version",
    "wsp.header.push_flag.authenticated",
    "wsp.header.push_flag.trusted",
    "wsp.header.push_flag.last",
    "wsp.header.authorization.scheme",
    "wsp.header.authorization.user_id",
    "wsp.header.authorization.password",
];

/// (file, field, what is right) where tshark 4.0.17 says something else.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    // It takes the length octet of a long integer as the value.
    ("wsp_appid_16bit.pcap", "wsp.header.x_wap_application_id", "x-oma-docomo:xmd.vdapp.ua"),
    ("wsp_appid_long.pcap", "wsp.header.x_wap_application_id", "x-wap-application:syncml.dm"),
    // It does not give a well-known field with a textual name its meaning.
    ("wsp_appid_textual_header.pcap", "wsp.header.x_wap_application_id", "30"),
    // Its tables end before these codes.
    ("wsp_ct_0312.pcap", "wsp.header.content_type", "application/vnd.omaloc-supl-init"),
    ("wsp_ct_0312.pcap", "wsp.header.x_wap_application_id", "x-oma-application:ulp.ua"),
    ("wsp_ds_san.pcap", "wsp.header.content_type", "application/vnd.syncml.ds.notification"),
    ("udp2948_v20.pcap", "wsp.header.content_type", "application/vnd.syncml.dm.notification"),
    ("thirdparty_kannel145.pcap", "wsp.header.content_type", "application/vnd.syncml.dm.notification"),
    ("thirdparty_kannel145_auth.pcap", "wsp.header.content_type", "application/vnd.syncml.dm.notification"),
    // It leaves parameters out of this field.
    ("wsp_ct_general_charset.pcap", "wsp.header.content_type", "application/vnd.syncml.notification; charset=UTF-8"),
    // It refuses the quote octet of a text and takes the text for a version field.
    ("wsp_quoted_127.pcap", "wsp.header.encoding_version", ""),
];

/// Our value of each field: all occurrences, joined by commas.
fn ours(payload: &[u8]) -> Vec<String> {
    let (mut tree, mut found, mut chain) = (Tree::default(), Found::default(), Chain::default());
    let mut buffers = Buffers::new(1, payload);
    let facts = Facts { carrier: Carrier::Udp, ..Facts::default() };
    chain.start(Window::whole(BufId::FRAME, payload.len(), 0), Claim::Named("wsp"), facts);
    let need =
        chain.run(&Table::new(DISSECTORS), &mut Work { buffers: &mut buffers, tree: &mut tree, found: &mut found });
    assert!(need.is_none(), "a push needs no memory");
    let of = |name: &&str| {
        let mut out = String::new();
        for node in tree.nodes().iter().filter(|node| node.field.name == *name) {
            if !out.is_empty() {
                out.push(',');
            }
            push_plain(&mut out, node.field, node.value, tree.octets(&buffers, node.span, node.value));
        }
        out
    };
    FIELDS.iter().map(of).collect()
}

#[test]
fn fields_of_recorded_pushes_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures");
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: no recordings at {}", folder.display());
        return;
    };
    if Command::new("tshark").arg("--version").output().is_err() {
        eprintln!("SKIPPED: tshark is not installed");
        return;
    }
    let mut compared = 0;
    for path in files.flatten().map(|entry| entry.path()) {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !["wsp_", "udp", "thirdparty_"].iter().any(|prefix| name.starts_with(prefix)) {
            continue;
        }
        let mut tshark = Command::new("tshark");
        tshark
            .args(["-n", "-Y", "udp.dstport in {2948, 9200} && wsp", "-T", "fields", "-E", "separator=|", "-r"])
            .arg(&path);
        for field in std::iter::once(&"udp.payload").chain(FIELDS) {
            tshark.args(["-e", field]);
        }
        let output = tshark.output().unwrap();
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            let (payload, theirs) = line.split_once('|').unwrap();
            let payload: Vec<u8> = payload
                .as_bytes()
                .chunks(2)
                .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
                .collect();
            for ((field, theirs), ours) in FIELDS.iter().zip(theirs.split('|')).zip(ours(&payload)) {
                let right = EXCEPTIONS.iter().find(|row| row.0 == name && row.1 == *field).map_or(theirs, |row| row.2);
                assert!(
                    ours == theirs || ours == right,
                    "{name} {field}: ours {ours:?}, tshark {theirs:?}, right {right:?}"
                );
                compared += 1;
            }
        }
    }
    assert!(compared > 300, "only {compared} values were compared");
}
