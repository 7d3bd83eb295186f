//! Vectors for the link and network layers: which layers are read, what is found, and that leaves tile every buffer.

#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "tests may panic")]

use super::tiling::untiled;
use super::{Chain, Claim, DISSECTORS, Facts, Found, Table, Window, Work};
use crate::model::{BufId, Buffers, Tree, Value};

/// One vector per line: name | link type | octets | octets the capture lacks | octets of FCS | layers | findings | some fields.
static VECTORS: &str = include_str!("net_vectors.txt");

/// What a frame turns out to be.
struct Seen {
    layers: String,
    rules: String,
    fields: Vec<String>,
}

fn octets(hex: &str) -> Vec<u8> {
    hex.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::new(), |text, octet| text + &format!("{octet:02x}"))
}

fn read(table: &Table, name: &str, link: u16, frame: &[u8], lost: u32, fcs: u8) -> Seen {
    let mut buffers = Buffers::new(1, frame);
    let (mut tree, mut found) = (Tree::default(), Found::default());
    let original = u32::try_from(frame.len()).unwrap() + lost;
    let facts = Facts { fcs_octets: fcs, ..Facts::default() };
    let mut chain = Chain::default();
    chain.start(Window::whole(BufId::FRAME, frame.len(), original), Claim::LinkType(link), facts);
    let need = chain.run(table, &mut Work { buffers: &mut buffers, tree: &mut tree, found: &mut found });
    assert_eq!(untiled(&buffers, &tree), [], "{name}");
    let mut layers: Vec<&str> =
        tree.nodes().iter().filter(|node| node.parent.is_none()).map(|node| node.field.name).collect();
    if need.is_some() {
        layers.push("need");
    }
    let rules: Vec<&str> = tree.findings().iter().map(|finding| finding.rule.id).collect();
    let fields = tree
        .nodes()
        .iter()
        .map(|node| {
            let value = match node.value {
                Value::Uint(n) => n.to_string(),
                Value::Bool(b) => u8::from(b).to_string(),
                Value::Raw => hex(buffers.octets(node.span)),
                _ => String::new(),
            };
            format!("{}={value}", node.field.name)
        })
        .collect();
    Seen { layers: layers.join(" "), rules: rules.join(" "), fields }
}

fn rows() -> impl Iterator<Item = [&'static str; 8]> {
    VECTORS.lines().filter(|line| !line.starts_with('#')).map(|line| {
        let parts: Vec<&str> = line.split('|').map(str::trim).collect();
        parts.try_into().unwrap_or_else(|parts: Vec<&str>| panic!("{} parts: {line}", parts.len()))
    })
}

/// Name, link type, octets, octets the capture lacks: for the tests of others.
pub(crate) fn vectors() -> impl Iterator<Item = (&'static str, u16, Vec<u8>, u32)> {
    rows().map(|row| (row[0], row[1].parse().unwrap(), octets(row[2]), row[3].parse().unwrap()))
}

#[test]
fn every_vector_gives_its_layers_findings_and_fields() {
    let table = Table::new(DISSECTORS);
    let mut wrong: Vec<String> = Vec::new();
    for [name, link, hex, lost, fcs, layers, rules, fields] in rows() {
        let seen = read(&table, name, link.parse().unwrap(), &octets(hex), lost.parse().unwrap(), fcs.parse().unwrap());
        if seen.layers != layers || seen.rules != rules {
            wrong.push(format!("{name}|{link}|{hex}|{lost}|{fcs}|{}|{}|{fields}", seen.layers, seen.rules));
        }
        for field in fields.split(' ').filter(|field| !field.is_empty()) {
            if !seen.fields.iter().any(|have| have == field) {
                wrong.push(format!("{name}: no {field} in {}", seen.fields.join(" ")));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_truncation_of_every_vector_tiles_and_finds_nothing_malformed() {
    let table = Table::new(DISSECTORS);
    for [name, link, hex, lost, _, _, rules, _] in rows() {
        let frame = octets(hex);
        let clean = rules.is_empty();
        for len in 0..frame.len() {
            let gone = u32::try_from(frame.len() - len).unwrap() + lost.parse::<u32>().unwrap();
            let seen = read(&table, name, link.parse().unwrap(), &frame[..len], gone, 0);
            // What the capture cut is missing, never wrong: CAP-040 and assumptions only.
            let blamed = seen.rules.split(' ').find(|rule| {
                !rule.is_empty() && *rule != "CAP-040" && !["NET-009", "NET-012", "NET-024"].contains(rule)
            });
            assert!(!clean || blamed.is_none(), "{name} cut to {len}: {blamed:?}");
        }
    }
}

#[test]
fn every_changed_bit_of_every_vector_tiles() {
    let table = Table::new(DISSECTORS);
    for [name, link, hex, lost, fcs, ..] in rows() {
        let mut frame = octets(hex);
        for bit in 0..frame.len() * 8 {
            frame[bit / 8] ^= 0x80 >> (bit % 8);
            read(&table, name, link.parse().unwrap(), &frame, lost.parse().unwrap(), fcs.parse().unwrap());
            frame[bit / 8] ^= 0x80 >> (bit % 8);
        }
    }
}
