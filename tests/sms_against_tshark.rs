//! Short messages compared with tshark, field by field, over recorded traffic; skipped loudly where tshark or the recordings
//! are absent.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::process::Command;

use pushscope::capture::Input;
use pushscope::dissect::{DISSECTORS, Table};
use pushscope::output::value::push_plain;
use pushscope::scan::{Engine, Options, Packet, Sink};
use pushscope::verify::Keyring;

/// Fields by the name both have, written alike by both.
const FIELDS: [&str; 14] = [
    "gsm_sms.tp-mti",
    "gsm_sms.tp-oa",
    "gsm_sms.tp-da",
    "gsm_sms.tp-ra",
    "gsm_sms.tp.user_data_length",
    "gsmtap.arfcn",
    "gsmtap.signal_dbm",
    "lapdm.sapi",
    "lapdm.control.n_s",
    "gsm_a.rp.cause",
    "smpp.command_length",
    "smpp.sequence_number",
    "smpp.source_addr",
    "smpp.destination_addr",
];

/// Recordings that tshark reads right.
const FILES: [&str; 9] = [
    "addr.pcap",
    "cp_rp.pcap",
    "dcs.pcap",
    "gsmtap_abis_concat16.pcap",
    "gsmtap_abis_concat8.pcap",
    "gsmtap_abis_mo_submit.pcap",
    "gsmtap_ltenas_v12.pcap",
    "gsmtap_um_sdcch8_v12.pcap",
    "smpp.pcap",
];

#[derive(Default)]
struct Values(BTreeMap<u32, Vec<String>>);

impl Sink for Values {
    fn packet(&mut self, packet: &Packet<'_>) -> ControlFlow<()> {
        let tree = packet.view.tree;
        let of = |name: &&str| {
            let mut out = String::new();
            for node in tree.nodes().iter().filter(|node| node.field.name == *name) {
                if !out.is_empty() {
                    out.push(',');
                }
                push_plain(&mut out, node.field, node.value, tree.octets(packet.view.buffers, node.span, node.value));
            }
            out
        };
        self.0.entry(packet.frame.number).or_insert_with(|| FIELDS.iter().map(of).collect());
        ControlFlow::Continue(())
    }
}

#[test]
fn fields_of_recorded_short_messages_agree() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/captures");
    let mut wrong = Vec::new();
    for name in FILES {
        let path = folder.join(name);
        let mut tshark = Command::new("tshark");
        tshark.args(["-n", "-T", "fields", "-d", "tcp.port==2775,smpp", "-e", "frame.number"]);
        for field in FIELDS {
            tshark.args(["-e", field]);
        }
        let Some(output) =
            tshark.arg("-r").arg(&path).output().ok().filter(|output| output.status.success() && path.exists())
        else {
            eprintln!("SKIPPED: tshark or {} is not here", path.display());
            continue;
        };
        let keys = Keyring::parse("", "test").expect("no keys");
        let options = Options { all: true, ..Options::default() };
        let mut engine = Engine::new(Table::new(DISSECTORS), &keys, options);
        let mut values = Values::default();
        let mut input = Input::open(&path).expect("the capture");
        while let Some(frame) = input.next() {
            let _ = engine.frame(&frame, &mut values);
        }
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let mut columns = line.split('\t');
            let number: u32 = columns.next().and_then(|number| number.parse().ok()).unwrap_or(0);
            let ours = values.0.get(&number).cloned().unwrap_or_default();
            for ((field, theirs), ours) in FIELDS.iter().zip(columns).zip(ours) {
                if theirs != ours {
                    wrong.push(format!("{name} frame {number} {field}: {ours}, tshark says {theirs}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
