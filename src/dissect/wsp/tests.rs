//! WSP over whole PDUs: the reference's octets, its rules both ways, vectors from public sources, mutated input.

use std::fmt::Write as _;

use crate::dissect::{Carrier, Chain, Claim, DISSECTORS, Facts, Found, Table, Window, Work};
use crate::model::{BufId, Buffers, NodeId, Tree, Value};

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
        let need = chain.run(&table(), &mut Work { buffers: &mut buffers, tree: &mut tree, found: &mut found });
        assert!(need.is_none());
    }
    Run { octets, tree, found }
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
                        write!(out, "={}", octets.iter().map(|o| format!("{o:02x}")).collect::<String>())
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

#[test]
fn show() {
    for hex in [
        "0a0631c4af87b1687474703a2f2f70692e6578616d706c652f00b4858daa8e687474703a2f2f612f6200582d466f6f0062617200d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765",
        "0006316170706c69636174696f6e2f766e642e73796e636d6c2e6e6f74696669636174696f6e0087058075007000af878daac393d2",
        "04060603c481eaaf87d2",
        "050605020144af87d2",
        "0606051f01c4af87d2",
        "0c0607c4af877f028205d2",
        "0f060fc4af87920450c7c900940450c7d710d2",
        "090619c4582d5761702d4170706c69636174696f6e2d496400333000d2",
        "0b0610c4af87582d556e69007fc3a974c3a900d2",
        "C0020B84010603C4AF87D2",
    ] {
        println!("{}", run(hex).lines());
    }
}
