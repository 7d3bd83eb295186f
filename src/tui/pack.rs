//! What is particular to a packet, as few octets: numbers take as many as they need, and what stands in the program (fields,
//! rules, names) is a number in a table.
//!
//! What is read here was written here, in the same run. Must not know where the octets are kept.

use std::net::IpAddr;

use super::kept::Kept;
use crate::dissect::{Answer, Carrier, Claim, Coding, Cut, Facts, Leg, Outcome, Sms, Teller};
use crate::model::notes::LateFinding;
use crate::model::{
    Author, BufId, Derived, Duration, Field, NodeId, Note, NoteValue, Origin, Piece, Rule, Severity, Span, Timestamp,
    Value,
};

/// What is particular to a packet: how it was put together, what was noted of it late.
#[derive(Clone, Debug, Default)]
pub(super) struct Extra {
    /// What flow answered.
    pub(super) answers: Vec<Answer>,
    /// What was noted beside the tree, verdicts and names of layers left out: those are found again.
    pub(super) notes: Vec<Note>,
    /// Findings made after the tree.
    pub(super) findings: Vec<LateFinding>,
    /// The other frames it was put together from.
    pub(super) others: Vec<Kept>,
    /// How many nonces had been learned at its frame.
    pub(super) learned: u32,
}

impl Extra {
    /// Whether there is nothing.
    pub(super) const fn is_empty(&self) -> bool {
        self.answers.is_empty()
            && self.notes.is_empty()
            && self.findings.is_empty()
            && self.others.is_empty()
            && self.learned == 0
    }
}

/// What stands in the program and is written as a number.
#[derive(Debug, Default)]
pub(super) struct Statics {
    fields: Vec<&'static Field>,
    rules: Vec<&'static Rule>,
    names: Vec<&'static str>,
}

fn known<T: Copy>(all: &mut Vec<T>, one: T, same: impl Fn(T) -> bool) -> u64 {
    let at = all.iter().position(|other| same(*other)).unwrap_or_else(|| {
        all.push(one);
        all.len().saturating_sub(1)
    });
    at as u64
}

/// Writes. `None` from what it does means: this cannot be written.
pub(super) struct Packer<'s> {
    out: Vec<u8>,
    statics: &'s mut Statics,
}

const AUTHORS: [Author; 3] = [Author::Verdict, Author::Sequence, Author::Capture];
const SEVERITIES: [Severity; 3] = [Severity::Note, Severity::Warning, Severity::Error];
const CARRIERS: [Carrier; 9] = [
    Carrier::None,
    Carrier::Udp,
    Carrier::Wtp,
    Carrier::Sms,
    Carrier::Abis,
    Carrier::Um,
    Carrier::LteNas,
    Carrier::Smpp,
    Carrier::Pasted,
];

/// Writes all of it; `None` where something has no form yet, and must be kept as it is.
pub(super) fn pack(extra: &Extra, statics: &mut Statics) -> Option<Vec<u8>> {
    let mut packer = Packer { out: Vec::new(), statics };
    packer.list(&extra.answers, Packer::answer)?;
    packer.list(&extra.notes, Packer::note)?;
    packer.list(&extra.findings, Packer::finding)?;
    packer.each(&extra.others, Packer::kept);
    packer.number(u64::from(extra.learned));
    Some(packer.out)
}

impl Packer<'_> {
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.out.push(number.to_le_bytes().first().copied().unwrap_or(0) | 0x80);
            number >>= 7;
        }
        self.out.push(number.to_le_bytes().first().copied().unwrap_or(0));
    }

    /// A number that may be negative; small ones either side take little.
    fn signed(&mut self, number: i64) {
        self.number((number << 1 ^ number >> 63).cast_unsigned());
    }

    fn octets(&mut self, octets: &[u8]) {
        self.number(octets.len() as u64);
        self.out.extend_from_slice(octets);
    }

    fn list<T>(&mut self, all: &[T], one: impl Fn(&mut Self, &T) -> Option<()>) -> Option<()> {
        self.number(all.len() as u64);
        all.iter().try_for_each(|entry| one(self, entry))
    }

    /// The same, of entries that always have a form.
    fn each<T>(&mut self, all: &[T], one: impl Fn(&mut Self, &T)) {
        self.number(all.len() as u64);
        for entry in all {
            one(self, entry);
        }
    }

    fn option<T>(&mut self, some: Option<T>, one: impl Fn(&mut Self, T)) {
        self.number(u64::from(some.is_some()));
        if let Some(value) = some {
            one(self, value);
        }
    }

    fn field(&mut self, field: &'static Field) {
        let at = known(&mut self.statics.fields, field, |other| other.is(field));
        self.number(at);
    }

    fn rule(&mut self, rule: &'static Rule) {
        let at = known(&mut self.statics.rules, rule, |other| other.is(rule));
        self.number(at);
    }

    fn name(&mut self, name: &'static str) {
        let at = known(&mut self.statics.names, name, |other| other == name);
        self.number(at);
    }

    fn one_of<T: PartialEq>(&mut self, all: &[T], one: &T) -> Option<()> {
        let at = all.iter().position(|other| other == one)?;
        self.number(at as u64);
        Some(())
    }

    fn value(&mut self, value: Value) {
        match value {
            Value::None => self.number(0),
            Value::Bool(value) => self.number(1 + u64::from(value)),
            Value::Uint(value) => {
                self.number(3);
                self.number(value);
            }
            Value::Int(value) => {
                self.number(4);
                self.signed(value);
            }
            Value::Time(value) => {
                self.number(5);
                self.signed(value.nanos());
            }
            Value::Duration(value) => {
                self.number(6);
                self.signed(value.nanos());
            }
            Value::Raw => self.number(7),
            Value::Scratch { start, len } => {
                self.number(8);
                self.number(u64::from(start));
                self.number(u64::from(len));
            }
            Value::Frame { number, index } => {
                self.number(9);
                self.number(u64::from(number));
                self.number(u64::from(index));
            }
        }
    }

    fn note(&mut self, note: &Note) -> Option<()> {
        self.one_of(&AUTHORS, &note.author)?;
        self.number(u64::from(note.parent.0));
        self.field(note.field);
        match &note.value {
            NoteValue::Plain(value) => {
                self.number(0);
                self.value(*value);
            }
            text @ (NoteValue::Text(_) | NoteValue::Name(_) | NoteValue::Shared(_)) => {
                self.number(1);
                self.octets(text.seen().1);
            }
        }
        Some(())
    }

    fn finding(&mut self, finding: &LateFinding) -> Option<()> {
        self.one_of(&AUTHORS, &finding.author)?;
        self.rule(finding.rule);
        self.number(
            finding
                .severity
                .map_or(0, |one| SEVERITIES.iter().position(|other| *other == one).map_or(0, |at| at as u64 + 1)),
        );
        self.option(finding.node, |p, node| p.number(u64::from(node.0)));
        self.octets(finding.detail.as_bytes());
        Some(())
    }

    fn remark(&mut self, (rule, text): &(&'static Rule, String)) {
        self.rule(rule);
        self.octets(text.as_bytes());
    }

    fn kept(&mut self, kept: &Kept) {
        self.out.extend_from_slice(&kept.octets());
    }

    fn piece(&mut self, piece: &Piece) {
        let (kind, origin) = match piece.origin {
            Origin::Buffer(buf) => (0, u64::from(buf.0)),
            Origin::Frame(number) => (1, u64::from(number)),
        };
        for number in [u64::from(piece.at), u64::from(piece.len), kind, origin] {
            self.number(number);
        }
        self.number(u64::from(piece.from));
        self.number(u64::from(piece.from_len));
    }

    fn answer(&mut self, answer: &Answer) -> Option<()> {
        match answer {
            Answer::Wait => self.number(0),
            Answer::Resume { buffer, promised, claim, remarks, facts, cuts } => {
                self.number(1);
                self.name(buffer.name);
                self.number(u64::from(buffer.as_run().is_some()));
                if let Some(run) = buffer.as_run() {
                    for number in [u64::from(run.buf.0), u64::from(run.start), u64::from(run.len)] {
                        self.number(number);
                    }
                } else {
                    self.octets(buffer.own());
                    self.each(buffer.pieces(), Self::piece);
                }
                self.number(u64::from(*promised));
                self.claim(claim);
                self.each(remarks, Self::remark);
                self.number(u64::from(facts.is_some()));
                if let Some(facts) = facts {
                    self.facts(facts)?;
                }
                self.each(cuts, |p, cut| {
                    p.number(u64::from(cut.len));
                    p.number(u64::from(cut.promised));
                });
            }
            Answer::Tell { nodes, remarks, outcome, concerns_push } => {
                self.number(2);
                self.each(nodes, |p, (field, value)| {
                    p.field(field);
                    p.value(*value);
                });
                self.each(remarks, Self::remark);
                self.number(u64::from(outcome.is_some()));
                if let Some(outcome) = outcome {
                    self.outcome(outcome)?;
                }
                self.number(u64::from(*concerns_push));
            }
            Answer::Late(answer) => {
                self.number(3);
                self.answer(answer)?;
            }
        }
        Some(())
    }

    fn outcome(&mut self, outcome: &Outcome) -> Option<()> {
        let Outcome { carrier, request, layer, teller, failed, status, latency } = *outcome;
        self.one_of(&CARRIERS, &carrier)?;
        self.number(u64::from(request));
        self.number(u64::from(layer.0));
        match teller {
            Teller::Nobody => self.number(0),
            Teller::Receipt => self.number(1),
            Teller::Answer(failure) => {
                self.number(2);
                self.name(failure);
            }
        }
        self.number(u64::from(failed));
        self.number(status.0);
        self.name(status.1);
        self.option(latency, |p, latency| p.signed(latency.nanos()));
        Some(())
    }

    fn claim(&mut self, claim: &Claim) {
        let (kind, key) = match claim {
            Claim::LinkType(key) => (0, *key),
            Claim::EtherType(key) => (1, *key),
            Claim::PppProtocol(key) => (2, *key),
            Claim::IpProto(key) => (3, u16::from(*key)),
            Claim::UdpPort(key) => (4, *key),
            Claim::TcpPort(key) => (5, *key),
            Claim::SmsPort(key) => (6, *key),
            Claim::PushBody => (7, 0),
            Claim::Named(name) => {
                self.number(8);
                self.name(name);
                return;
            }
        };
        self.number(kind);
        self.number(u64::from(key));
    }

    fn address(&mut self, address: IpAddr) {
        match address {
            IpAddr::V4(address) => self.octets(&address.octets()),
            IpAddr::V6(address) => self.octets(&address.octets()),
        }
    }

    fn facts(&mut self, facts: &Facts) -> Option<()> {
        let Facts {
            time,
            src,
            dst,
            src_port,
            dst_port,
            dst_port_node,
            carrier,
            leg,
            scope,
            pseudo_src,
            pseudo_dst,
            udh_octets,
            sms,
            push,
            fcs_octets,
        } = *facts;
        let Sms { to_network, in_error, from, to, channel, coding, coding_node, full } = sms;
        if push.is_some() {
            return None;
        }
        self.option(time, |p, time| p.signed(time.nanos()));
        for address in [src, dst, pseudo_src, pseudo_dst] {
            self.option(address, Self::address);
        }
        for port in [src_port, dst_port] {
            self.option(port, |p, port| p.number(u64::from(port)));
        }
        for node in [dst_port_node, coding_node, full] {
            self.option(node, |p, node| p.number(u64::from(node.0)));
        }
        self.one_of(&CARRIERS, &carrier)?;
        for leg in [leg, scope, from, to, channel] {
            self.number(leg.0);
        }
        self.number(u64::from(udh_octets));
        self.option(to_network, |p, to| p.number(u64::from(to)));
        self.number(u64::from(in_error));
        match coding {
            Coding::Unknown => self.number(0),
            Coding::Octets => self.number(1),
            Coding::Other => self.number(2),
            Coding::Septets(count) => self.number(3 + u64::from(count)),
        }
        self.number(u64::from(fcs_octets));
        Some(())
    }
}

/// Reads. `None` from what it does means that the octets are not what was written.
struct Unpacker<'o> {
    rest: &'o [u8],
    statics: &'o Statics,
}

/// Reads all of it.
pub(super) fn unpack(octets: &[u8], statics: &Statics) -> Option<Extra> {
    let mut from = Unpacker { rest: octets, statics };
    Some(Extra {
        answers: from.list(Unpacker::answer)?,
        notes: from.list(Unpacker::note)?,
        findings: from.list(Unpacker::finding)?,
        others: from.list(Unpacker::kept)?,
        learned: u32::try_from(from.number()?).ok()?,
    })
}

impl<'o> Unpacker<'o> {
    fn number(&mut self) -> Option<u64> {
        let (mut number, mut shift) = (0u64, 0u32);
        loop {
            let (octet, rest) = self.rest.split_first()?;
            self.rest = rest;
            number |= u64::from(octet & 0x7f).checked_shl(shift)?;
            if octet & 0x80 == 0 {
                return Some(number);
            }
            shift += 7;
        }
    }

    fn small<N: TryFrom<u64>>(&mut self) -> Option<N> {
        N::try_from(self.number()?).ok()
    }

    fn flag(&mut self) -> Option<bool> {
        Some(self.number()? != 0)
    }

    fn signed(&mut self) -> Option<i64> {
        let number = self.number()?;
        Some((number >> 1).cast_signed() ^ -(number & 1).cast_signed())
    }

    fn octets(&mut self) -> Option<&'o [u8]> {
        let len: usize = self.small()?;
        let (octets, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(octets)
    }

    fn text(&mut self) -> Option<String> {
        String::from_utf8(self.octets()?.to_vec()).ok()
    }

    fn list<T>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count: usize = self.small()?;
        (0..count).map(|_| one(self)).collect()
    }

    #[expect(clippy::option_option, reason = "the outer one says whether it could be read")]
    fn option<T>(&mut self, one: impl Fn(&mut Self) -> Option<T>) -> Option<Option<T>> {
        if self.flag()? { Some(Some(one(self)?)) } else { Some(None) }
    }

    fn field(&mut self) -> Option<&'static Field> {
        let at: usize = self.small()?;
        self.statics.fields.get(at).copied()
    }

    fn rule(&mut self) -> Option<&'static Rule> {
        let at: usize = self.small()?;
        self.statics.rules.get(at).copied()
    }

    fn name(&mut self) -> Option<&'static str> {
        let at: usize = self.small()?;
        self.statics.names.get(at).copied()
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let at: usize = self.small()?;
        all.get(at).copied()
    }

    fn node(&mut self) -> Option<NodeId> {
        Some(NodeId(self.small()?))
    }

    fn value(&mut self) -> Option<Value> {
        Some(match self.number()? {
            0 => Value::None,
            1 => Value::Bool(false),
            2 => Value::Bool(true),
            3 => Value::Uint(self.number()?),
            4 => Value::Int(self.signed()?),
            5 => Value::Time(Timestamp::from_nanos(self.signed()?)),
            6 => Value::Duration(Duration::from_nanos(self.signed()?)),
            7 => Value::Raw,
            8 => Value::Scratch { start: self.small()?, len: self.small()? },
            9 => Value::Frame { number: self.small()?, index: self.small()? },
            _ => return None,
        })
    }

    fn note(&mut self) -> Option<Note> {
        let author = self.one_of(&AUTHORS)?;
        let (parent, field) = (self.node()?, self.field()?);
        let value = if self.flag()? { NoteValue::Text(self.text()?) } else { NoteValue::Plain(self.value()?) };
        Some(Note { parent, field, value, author })
    }

    fn finding(&mut self) -> Option<LateFinding> {
        let author = self.one_of(&AUTHORS)?;
        let rule = self.rule()?;
        let severity: usize = self.small()?;
        let severity = severity.checked_sub(1).and_then(|at| SEVERITIES.get(at).copied());
        let node = self.option(Self::node)?;
        Some(LateFinding { rule, severity, node, detail: self.text()?, author })
    }

    fn remark(&mut self) -> Option<(&'static Rule, String)> {
        Some((self.rule()?, self.text()?))
    }

    fn kept(&mut self) -> Option<Kept> {
        let (octets, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(Kept::from_octets(octets))
    }

    fn piece(&mut self) -> Option<Piece> {
        let (at, len) = (self.small()?, self.small()?);
        let origin = match self.number()? {
            0 => Origin::Buffer(BufId(self.small()?)),
            _ => Origin::Frame(self.small()?),
        };
        Some(Piece { at, len, origin, from: self.small()?, from_len: self.small()? })
    }

    fn derived(&mut self) -> Option<Derived> {
        let name = self.name()?;
        Some(match self.number()? {
            0 => Derived::new(name, self.octets()?.to_vec(), self.list(Self::piece)?),
            _ => Derived::run(name, Span::new(BufId(self.small()?), self.small()?, self.small()?)),
        })
    }

    fn answer(&mut self) -> Option<Answer> {
        Some(match self.number()? {
            0 => Answer::Wait,
            1 => Answer::Resume {
                buffer: self.derived()?,
                promised: self.small()?,
                claim: self.claim()?,
                remarks: self.list(Self::remark)?,
                facts: self.option(Self::facts)?.map(Box::new),
                cuts: self.list(|p| Some(Cut { len: p.small()?, promised: p.small()? }))?,
            },
            2 => Answer::Tell {
                nodes: self.list(|p| Some((p.field()?, p.value()?)))?,
                remarks: self.list(Self::remark)?,
                outcome: self.option(Self::outcome)?,
                concerns_push: self.flag()?,
            },
            3 => Answer::Late(Box::new(self.answer()?)),
            _ => return None,
        })
    }

    fn outcome(&mut self) -> Option<Outcome> {
        Some(Outcome {
            carrier: self.one_of(&CARRIERS)?,
            request: self.small()?,
            layer: self.node()?,
            teller: match self.number()? {
                0 => Teller::Nobody,
                1 => Teller::Receipt,
                _ => Teller::Answer(self.name()?),
            },
            failed: self.flag()?,
            status: (self.number()?, self.name()?),
            latency: self.option(Self::signed)?.map(Duration::from_nanos),
        })
    }

    fn claim(&mut self) -> Option<Claim> {
        Some(match self.number()? {
            0 => Claim::LinkType(self.small()?),
            1 => Claim::EtherType(self.small()?),
            2 => Claim::PppProtocol(self.small()?),
            3 => Claim::IpProto(self.small()?),
            4 => Claim::UdpPort(self.small()?),
            5 => Claim::TcpPort(self.small()?),
            6 => Claim::SmsPort(self.small()?),
            7 => {
                self.number()?;
                Claim::PushBody
            }
            8 => Claim::Named(self.name()?),
            _ => return None,
        })
    }

    fn address(&mut self) -> Option<IpAddr> {
        let octets = self.octets()?;
        let short = <[u8; 4]>::try_from(octets).map(IpAddr::from);
        short.or_else(|_| <[u8; 16]>::try_from(octets).map(IpAddr::from)).ok()
    }

    fn facts(&mut self) -> Option<Facts> {
        let time = self.option(Self::signed)?.map(Timestamp::from_nanos);
        let mut address = || self.option(Self::address);
        let (src, dst, pseudo_src, pseudo_dst) = (address()?, address()?, address()?, address()?);
        let (src_port, dst_port) = (self.option(Self::small)?, self.option(Self::small)?);
        let mut node = || self.option(Self::node);
        let (dst_port_node, coding_node, full) = (node()?, node()?, node()?);
        let carrier = self.one_of(&CARRIERS)?;
        let mut way = || self.number().map(Leg);
        let (leg, scope, from, to, channel) = (way()?, way()?, way()?, way()?, way()?);
        let udh_octets = self.small()?;
        let (to_network, in_error) = (self.option(Self::flag)?, self.flag()?);
        let coding = match self.number()? {
            0 => Coding::Unknown,
            1 => Coding::Octets,
            2 => Coding::Other,
            more => Coding::Septets(u8::try_from(more.checked_sub(3)?).ok()?),
        };
        let sms = Sms { to_network, in_error, from, to, channel, coding, coding_node, full };
        let fcs_octets = self.small()?;
        Some(Facts {
            time,
            src,
            dst,
            src_port,
            dst_port,
            dst_port_node,
            carrier,
            leg,
            scope,
            pseudo_src,
            pseudo_dst,
            udh_octets,
            sms,
            push: None,
            fcs_octets,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Extra, Statics, pack, unpack};
    use crate::dissect::{Answer, Carrier, Claim, Coding, Cut, Facts, Leg, Outcome, Sms, Teller};
    use crate::model::notes::LateFinding;
    use crate::model::{
        Author, BufId, Derived, Duration, Field, NodeId, Note, NoteValue, Origin, Piece, Rule, Severity, Span,
        Timestamp, Value,
    };
    use crate::tui::kept::Kept;

    fn every_form() -> Extra {
        let catalog = crate::catalog::catalog();
        let field: &'static Field = catalog.fields().next().expect("there are fields");
        let rule: &'static Rule = catalog.rules().next().expect("there are rules");
        let facts = Facts {
            time: Some(Timestamp::from_nanos(-5)),
            src: Some("192.0.2.1".parse().expect("an address")),
            pseudo_dst: Some("2001:db8::1".parse().expect("an address")),
            dst_port: Some(2948),
            dst_port_node: Some(NodeId(7)),
            carrier: Carrier::Smpp,
            leg: Leg(u64::MAX),
            udh_octets: 12,
            sms: Sms { to_network: Some(false), coding: Coding::Septets(140), full: Some(NodeId(3)), ..Sms::default() },
            fcs_octets: 4,
            ..Facts::default()
        };
        let piece = |origin| Piece { at: 0, len: 16, origin, from: 80, from_len: 24 };
        let resume = Answer::Resume {
            buffer: Derived::new(
                "joined",
                vec![1, 2, 0xff],
                vec![piece(Origin::Frame(70_000)), piece(Origin::Buffer(BufId(2)))],
            ),
            promised: 300,
            claim: Claim::Named("wsp"),
            remarks: vec![(rule, "ä".to_owned())],
            facts: Some(Box::new(facts)),
            cuts: vec![Cut { len: 1, promised: 2 }],
        };
        let tell = Answer::Tell {
            nodes: vec![(field, Value::Frame { number: 9, index: 1 })],
            remarks: Vec::new(),
            outcome: Some(Outcome {
                carrier: Carrier::Smpp,
                request: 8,
                layer: NodeId(2),
                teller: Teller::Answer("refused"),
                failed: true,
                status: (5, "unknown"),
                latency: Some(Duration::from_nanos(-7)),
            }),
            concerns_push: true,
        };
        let values = [
            Value::None,
            Value::Bool(true),
            Value::Bool(false),
            Value::Uint(u64::MAX),
            Value::Int(i64::MIN),
            Value::Time(Timestamp::from_nanos(i64::MAX)),
            Value::Duration(Duration::from_nanos(-1)),
            Value::Raw,
            Value::Scratch { start: 1, len: 2 },
        ];
        let note = |value| Note { parent: NodeId(130), field, value, author: Author::Sequence };
        let mut notes: Vec<Note> = values.map(|value| note(NoteValue::Plain(value))).to_vec();
        notes.push(note(NoteValue::Text("text".to_owned())));
        let found = |severity, node| LateFinding {
            rule,
            severity,
            node,
            detail: "in frame 12".to_owned(),
            author: Author::Capture,
        };
        let claims = [
            Claim::LinkType(1),
            Claim::EtherType(2),
            Claim::PppProtocol(3),
            Claim::IpProto(4),
            Claim::UdpPort(5),
            Claim::TcpPort(6),
            Claim::SmsPort(7),
            Claim::PushBody,
        ];
        let mut answers: Vec<Answer> = claims
            .map(|claim| Answer::Resume {
                buffer: Derived::run("b", Span::octets(BufId(3), 20, 70_000)),
                promised: 0,
                claim,
                remarks: Vec::new(),
                facts: None,
                cuts: Vec::new(),
            })
            .to_vec();
        answers.extend([Answer::Wait, resume, Answer::Late(Box::new(tell))]);
        Extra {
            answers,
            notes,
            findings: vec![found(None, None), found(Some(Severity::Error), Some(NodeId(1)))],
            others: vec![Kept::default()],
            learned: 70_000,
        }
    }

    #[test]
    fn what_is_packed_comes_out_again_and_nothing_short_of_it_does() {
        let extra = every_form();
        let mut statics = Statics::default();
        let octets = pack(&extra, &mut statics).expect("all of it has a form");
        let back = unpack(&octets, &statics).expect("it was written whole");
        assert_eq!(format!("{back:?}"), format!("{extra:?}"));
        for len in 0..octets.len() {
            assert!(unpack(octets.get(..len).unwrap_or_default(), &statics).is_none(), "cut at {len}");
        }
    }
}
