//! SMPP, between servers and short message service centres: every PDU to its fields.
//!
//! Reads one PDU; streams are cut into PDUs elsewhere, by [`FRAMING`]. What a message carries is for [`super::smpp_message`].
//! Must not know TCP, nor remember requests.
//!
//! ```text
//!  command_length 4, the whole PDU | command_id 4 | command_status 4 | sequence_number 4 | body      (SMPP 3.4 chapter 5.1)
//! ```

use std::net::IpAddr;

use super::claim::{Claim, Dissector, Extent, Framing};
use super::facts::{Carrier, Leg, Sighting};
use super::message::Teller;
use super::need::{Need, Peer, PeerKey, Role, Told};
use super::reader::{Read, Reader, Stop};
use super::smpp_fields::{
    ADDR_NPI, ADDR_TON, ADDRESS_RANGE, ALL, BODY, COMMAND_ID, COMMAND_LENGTH, COMMAND_STATUS, DATA_CODING,
    DEFAULT_MESSAGE, DEST_ADDR, DEST_NPI, DEST_TON, DESTINATION, DESTINATION_FLAG, DESTINATIONS, ERROR_CODE, ESM_CLASS,
    ESM_FEATURES, ESM_MODE, ESM_TYPE, ESME_ADDR, ESME_NPI, ESME_TON, FAILED, FAILED_ONE, FAILED_STATUS, FINAL_DATE,
    INTERFACE_VERSION, LIST_NAME, MESSAGE_ID, PASSWORD, PRIORITY, PROTOCOL_ID, REGISTERED, REGISTERED_ACKS,
    REGISTERED_NOTIFICATION, REGISTERED_RECEIPT, REGISTERED_RESERVED, REPLACE, REQUEST_IN, RESPONSE_IN, RESPONSE_TIME,
    SCHEDULE, SEQUENCE, SERVICE_TYPE, SM_LENGTH, SOURCE_ADDR, SOURCE_NPI, SOURCE_TON, SYSTEM_ID, SYSTEM_TYPE, VALIDITY,
};
use super::smpp_message::{self, Envelope};
use super::smpp_tlv::{self, Said};
use super::{smpp_codes, sms, wsp};
use crate::model::spec::SMPP_34;
use crate::model::{Field, Group, NodeId, Rule, Value};

/// The layer.
pub static SMPP: Field = Field::layer("smpp", "Short Message Peer to Peer (SMPP)").cite(&SMPP_34, "5.1");

/// A length does not fit.
pub static LENGTHS: Rule =
    Rule::error("SMPP-001", Group::Malformed).cite(&SMPP_34, "5.1").text("the PDU's lengths do not come out").explain(
        "The PDU ends before a field that must follow, or a length states more octets than there are.",
        "The receiver answers with an error (invalid command length); the message is not accepted.",
        "Look at the encoder of the sender; log the octets it writes.",
    );

/// A command nobody knows.
pub static UNKNOWN: Rule =
    Rule::note("SMPP-002", Group::Undecoded).cite(&SMPP_34, "5.1").text("a command that SMPP does not define").explain(
        "The command id is reserved or a vendor's.",
        "The receiver answers with generic_nack; the body is shown as octets.",
        "Look at the vendor's documentation, or whether the stream was entered in the wrong place.",
    );

/// The service centre refused a push.
pub static REFUSED: Rule = Rule::warning("W-012", Group::Sequence)
    .cite(&SMPP_34, "5.1.3")
    .text("the response to a push states an error")
    .explain(
        "The other side refused the message that carried the push.",
        "This push is certain to fail unless it is submitted again.",
        "The status says why: throttling passes, an invalid address or coding does not.",
    );

/// Nobody answered a push.
pub static UNANSWERED: Rule =
    Rule::warning("SMPP-003", Group::Sequence).cite(&SMPP_34, "5.1").text("no response to a push").explain(
        "The request that carried the push got no response, though other requests between the two did.",
        "Whether the push was accepted is unknown; most senders submit it again, and the device may see it twice.",
        "See whether the capture lost segments (TCP findings), or the service centre is overloaded.",
    );

/// The protocol's entry in the list.
pub static DISSECTOR: Dissector = Dissector {
    layer: &SMPP,
    claims: &[Claim::TcpPort(2775)],
    fields: ALL,
    rules: &[
        &LENGTHS,
        &UNKNOWN,
        &REFUSED,
        &UNANSWERED,
        &smpp_message::NO_INDICATOR,
        &smpp_message::TWO_MESSAGES,
        &smpp_message::UNDELIVERED,
        &smpp_message::GUESSED,
    ],
    dissect,
    probe: None,
};

/// How a stream is cut into PDUs.
pub static FRAMING: Framing = Framing { layer: &SMPP, extent, starts, clear: CLEAR };

/// Of the length, bits 17 to 31; of the command, all but the lowest nine and that of responses.
const CLEAR: u64 = 0xfffe_0000_7fff_fe00;

/// Octets of the header.
const HEADER: usize = 16;

/// Octets of the largest PDU taken for one: a payload of 64 K, and as much again.
const PDU_MAX: usize = 1 << 17;

/// Bit of responses.
const RESPONSE: u32 = 0x8000_0000;

/// How far the PDU goes that starts here.
fn extent(octets: &[u8]) -> Extent {
    let Some(head) = octets.first_chunk::<4>() else { return Extent::Unknown };
    match usize::try_from(u32::from_be_bytes(*head)) {
        Ok(len) if (HEADER..=PDU_MAX).contains(&len) => Extent::Octets(len),
        _ => Extent::Nothing,
    }
}

/// Whether a PDU may start here: a known command, a length that it can have.
fn starts(octets: &[u8]) -> bool {
    let [0, l2, l1, l0, i3, i2, i1, i0, s3, s2, s1, s0, rest @ ..] = octets else { return false };
    if rest.len() < 4 || *l2 > 1 {
        return false;
    }
    let len = u32::from_be_bytes([0, *l2, *l1, *l0]);
    let id = u32::from_be_bytes([*i3, *i2, *i1, *i0]);
    let status = u32::from_be_bytes([*s3, *s2, *s1, *s0]);
    let Some((least, most)) = bounds(id) else { return false };
    // A request states no status; vendors' status codes end at 4FF.
    let head = (least..=most).contains(&len) && (id & RESPONSE != 0 && status <= 0xffff || status == 0);
    let body = rest.get(4..).unwrap_or(&[]);
    let room = usize::try_from(len).unwrap_or(0).saturating_sub(HEADER);
    head && may_follow(id, body.get(..room.min(body.len())).unwrap_or(&[]), room)
}

/// Whether a body of this command may begin with these octets, as far as they are there; `room` is its length.
fn may_follow(id: u32, body: &[u8], room: usize) -> bool {
    if room == 0 {
        return true;
    }
    match id {
        // Service type, then the originator: type of number, plan, address.
        0x0000_0004 | 0x0000_0005 | 0x0000_0021 | 0x0000_0103 => match after_text(body, 6) {
            Some([ton, npi, address @ ..]) => *ton < 0x10 && *npi < 0x20 && after_text(address, 65).is_some(),
            other => other.is_some(),
        },
        // A system's or a message's identifier.
        0x0000_0001..=0x0000_0003
        | 0x0000_0007
        | 0x0000_0009
        | 0x0000_000b
        | 0x8000_0001..=0x8000_0005
        | 0x8000_0009
        | 0x8000_0021
        | 0x8000_0103 => after_text(body, 65).is_some(),
        _ => true,
    }
}

/// What follows a text that ends with an octet of zero after at most `most` octets; nothing, where the octets end before it.
fn after_text(octets: &[u8], most: usize) -> Option<&[u8]> {
    let head = octets.get(..most.min(octets.len())).unwrap_or(&[]);
    let (text, rest) = match head.iter().position(|octet| *octet == 0) {
        Some(end) => octets.split_at_checked(end)?,
        None if head.len() < most => (head, &[][..]),
        None => return None,
    };
    let is_text = text.iter().all(|octet| *octet >= 0x20 && *octet != 0x7f);
    is_text.then(|| rest.get(1..).unwrap_or(&[]))
}

/// The least and the most octets of a PDU with this command.
const fn bounds(id: u32) -> Option<(u32, u32)> {
    Some(match id {
        0x8000_0000 | 0x8000_0006 | 0x0000_0006 | 0x0000_0015 | 0x8000_0015 => (16, 64),
        0x0000_0001 | 0x0000_0002 | 0x0000_0009 => (23, 200),
        0x0000_000b => (18, 64),
        0x0000_0004 | 0x0000_0005 | 0x0000_0021 => (33, 1 << 17),
        0x0000_0103 => (26, 1 << 17),
        0x0000_0003 | 0x0000_0007 | 0x0000_0008 | 0x0000_0102 | 0x0000_0111..=0x0000_0113 => (20, 1 << 16),
        0x8000_0001..=0x8000_0005
        | 0x8000_0007..=0x8000_0009
        | 0x8000_0021
        | 0x8000_0103
        | 0x8000_0111..=0x8000_0113 => (16, 1 << 12),
        _ => return None,
    })
}

/// What a PDU is and where.
#[derive(Clone, Copy)]
struct Head {
    id: u32,
    status: u32,
    sequence: u32,
}

fn dissect(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    r.short_is(&LENGTHS);
    let whole = r.promised();
    let length = r.u32(&COMMAND_LENGTH)?.map(|len| usize::try_from(len).unwrap_or(usize::MAX));
    let id = r.u32(&COMMAND_ID)?;
    let status = r.u32(&COMMAND_STATUS)?;
    let sequence = r.u32(&SEQUENCE)?.value;
    if length.value > whole {
        r.flag_with(&LENGTHS, length.node, format_args!("states {} octets, there are {whole}", length.value));
    } else if let Some(body) = length.value.checked_sub(HEADER) {
        r.limit(body);
    }
    let head = Head { id: id.value, status: status.value, sequence };
    let link = Link::of(r);
    r.facts().enter_sms(Carrier::Smpp);
    let is_response = head.id & RESPONSE != 0;
    if smpp_codes::name(smpp_codes::COMMANDS, u64::from(head.id)).is_none() {
        r.flag_with(&UNKNOWN, id.node, format_args!("0x{:08x}", head.id));
    }
    let carries_push = !is_response && holds_push(r.peek());
    let mut message_id = None;
    let read = if is_response { response(r, &head, &mut message_id) } else { request(r, head.id, &link) };
    if is_response {
        link.answer(r, &head, message_id);
    } else if wants_response(head.id) {
        link.remember(r, &head, carries_push);
    }
    read
}

/// Whether a body carries a push: its port in a header, in a parameter, or in front of the head of a push (CDMA); or a push of
/// ours.
fn holds_push(body: &[u8]) -> bool {
    let port = |at: usize| {
        let (before, after) = (body.get(..at).unwrap_or(&[]), body.get(at..).unwrap_or(&[]));
        before.ends_with(&[0x05, 0x04])
            || before.ends_with(&[0x02, 0x0b, 0x00, 0x02])
            || matches!(after, [_, _, _, 6, ..])
    };
    (0..).zip(body.array_windows()).any(|(at, pair)| *pair == [0x0b, 0x84] && port(at)) || wsp::is_dm_push(body)
}

const fn wants_response(id: u32) -> bool {
    !matches!(id, 0x0000_000b | 0x0000_0102)
}

fn request(r: &mut Reader<'_, '_>, id: u32, link: &Link) -> Result<(), Stop> {
    match id {
        0x0000_0001 | 0x0000_0002 | 0x0000_0009 => {
            for field in [&SYSTEM_ID, &PASSWORD, &SYSTEM_TYPE] {
                r.c_string(field)?;
            }
            for field in [&INTERFACE_VERSION, &ADDR_TON, &ADDR_NPI] {
                r.u8(field)?;
            }
            r.c_string(&ADDRESS_RANGE)?;
            rest(r)
        }
        0x0000_000b => {
            r.c_string(&SYSTEM_ID)?;
            r.c_string(&PASSWORD).map(drop)
        }
        0x0000_0003 => {
            r.c_string(&MESSAGE_ID)?;
            source(r).map(drop)
        }
        0x0000_0004 | 0x0000_0005 => {
            r.c_string(&SERVICE_TYPE)?;
            source(r)?;
            destination(r)?;
            submission(r, link)
        }
        0x0000_0021 => {
            r.c_string(&SERVICE_TYPE)?;
            source(r)?;
            let count = r.u8(&DESTINATIONS)?.value;
            for _ in 0..count {
                r.group(&DESTINATION, one_destination)?;
            }
            submission(r, link)
        }
        0x0000_0007 => replace(r, link),
        0x0000_0008 => {
            r.c_string(&SERVICE_TYPE)?;
            r.c_string(&MESSAGE_ID)?;
            source(r)?;
            destination(r)
        }
        0x0000_0102 => {
            source(r)?;
            triple(r, &ESME_TON, &ESME_NPI, &ESME_ADDR)?;
            rest(r)
        }
        0x0000_0103 => data(r, link),
        0x0000_0111 => {
            r.c_string(&SERVICE_TYPE)?;
            source(r)?;
            r.c_string(&MESSAGE_ID)?;
            r.u8(&PRIORITY)?;
            r.c_string(&SCHEDULE)?;
            r.c_string(&VALIDITY)?;
            for field in [&REPLACE, &DATA_CODING, &DEFAULT_MESSAGE] {
                r.u8(field)?;
            }
            rest(r)
        }
        0x0000_0112 => {
            r.c_string(&MESSAGE_ID)?;
            source(r)?;
            rest(r)
        }
        0x0000_0113 => {
            r.c_string(&SERVICE_TYPE)?;
            r.c_string(&MESSAGE_ID)?;
            source(r)?;
            rest(r)
        }
        0x0000_0006 | 0x0000_0015 => Ok(()),
        _ => body(r),
    }
}

/// Reads a response; tells the identifier the message got, which its receipt will name.
fn response<'b>(r: &mut Reader<'_, 'b>, head: &Head, message_id: &mut Option<&'b [u8]>) -> Result<(), Stop> {
    // An error may leave the body out.
    if r.is_done() {
        return Ok(());
    }
    match head.id & !RESPONSE {
        1 | 2 | 9 => {
            r.c_string(&SYSTEM_ID)?;
            rest(r)
        }
        3 => {
            r.c_string(&MESSAGE_ID)?;
            r.c_string(&FINAL_DATE)?;
            r.u8(smpp_tlv::message_state())?;
            r.u8(&ERROR_CODE).map(drop)
        }
        4 | 5 | 0x103 | 0x111 | 0x112 => {
            *message_id = Some(r.c_string(&MESSAGE_ID)?.value);
            rest(r)
        }
        0x21 => {
            *message_id = Some(r.c_string(&MESSAGE_ID)?.value);
            let count = r.u8(&FAILED)?.value;
            for _ in 0..count {
                r.group(&FAILED_ONE, |r| {
                    destination(r)?;
                    r.u32(&FAILED_STATUS)
                })?;
            }
            rest(r)
        }
        0 | 6 | 7 | 8 | 0x15 | 0x113 => Ok(()),
        _ => body(r),
    }
}

fn body(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    match r.promised() {
        0 => Ok(()),
        n => r.bytes(&BODY, n).map(drop),
    }
}

/// The parameters of a PDU without a message.
fn rest(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    smpp_tlv::parameters(r, |r, len| r.bytes(&BODY, len).map(drop))
}

fn triple(r: &mut Reader<'_, '_>, ton: &'static Field, npi: &'static Field, addr: &'static Field) -> Result<Leg, Stop> {
    r.u8(ton)?;
    r.u8(npi)?;
    let address: Read<&[u8]> = r.c_string(addr);
    address.map(|at| sms::address_mark(at.value))
}

fn source(r: &mut Reader<'_, '_>) -> Result<Leg, Stop> {
    let mark = triple(r, &SOURCE_TON, &SOURCE_NPI, &SOURCE_ADDR)?;
    r.facts().sms.from = mark;
    Ok(mark)
}

fn destination(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let mark = triple(r, &DEST_TON, &DEST_NPI, &DEST_ADDR)?;
    r.facts().sms.to = mark;
    Ok(())
}

fn one_destination(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    match r.u8(&DESTINATION_FLAG)?.value {
        2 => r.c_string(&LIST_NAME).map(drop),
        _ => destination(r),
    }
}

/// What submissions and deliveries have behind their addresses.
fn submission(r: &mut Reader<'_, '_>, link: &Link) -> Result<(), Stop> {
    let class = esm_class(r)?;
    r.u8(&PROTOCOL_ID)?;
    r.u8(&PRIORITY)?;
    r.c_string(&SCHEDULE)?;
    r.c_string(&VALIDITY)?;
    registered(r)?;
    r.u8(&REPLACE)?;
    let coding = r.u8(&DATA_CODING)?;
    r.u8(&DEFAULT_MESSAGE)?;
    message(r, link, class, Some((coding.value, coding.node)))
}

fn replace(r: &mut Reader<'_, '_>, link: &Link) -> Result<(), Stop> {
    r.c_string(&MESSAGE_ID)?;
    source(r)?;
    r.c_string(&SCHEDULE)?;
    r.c_string(&VALIDITY)?;
    registered(r)?;
    r.u8(&DEFAULT_MESSAGE)?;
    message(r, link, (0, r.layer()), None)
}

/// The message, its length in front, and parameters.
fn message(r: &mut Reader<'_, '_>, link: &Link, class: (u8, NodeId), coding: Option<(u8, NodeId)>) -> Result<(), Stop> {
    let len = r.u8(&SM_LENGTH)?;
    let octets = usize::from(len.value);
    let said = Said::read(r.peek().get(octets..).unwrap_or(&[]));
    let envelope = Envelope::new(class, coding, said, len.node, link.receipts());
    let room = r.promised();
    if octets > room {
        r.flag_with(&LENGTHS, len.node, format_args!("states {octets} octets, {room} are left"));
    }
    if octets > 0 {
        smpp_message::read(r, octets.min(room), &envelope)?;
        if said.has_payload {
            r.flag(&smpp_message::TWO_MESSAGES, len.node);
        }
    }
    smpp_tlv::parameters(r, |r, len| smpp_message::read(r, len, &envelope))
}

fn data(r: &mut Reader<'_, '_>, link: &Link) -> Result<(), Stop> {
    r.c_string(&SERVICE_TYPE)?;
    source(r)?;
    destination(r)?;
    let class = esm_class(r)?;
    registered(r)?;
    let coding = r.u8(&DATA_CODING)?;
    let said = Said::read(r.peek());
    let envelope = Envelope::new(class, Some((coding.value, coding.node)), said, coding.node, link.receipts());
    smpp_tlv::parameters(r, |r, len| smpp_message::read(r, len, &envelope))
}

fn esm_class(r: &mut Reader<'_, '_>) -> Result<(u8, NodeId), Stop> {
    let octet = r.peek().first().copied().unwrap_or(0);
    let at = r.group(&ESM_CLASS, |r| {
        r.bits(&ESM_FEATURES, 2)?;
        r.bits(&ESM_TYPE, 4)?;
        r.bits(&ESM_MODE, 2)
    })?;
    r.set_value(at.node, Value::Uint(u64::from(octet)));
    Ok((octet, at.node))
}

fn registered(r: &mut Reader<'_, '_>) -> Result<(), Stop> {
    let octet = r.peek().first().copied().unwrap_or(0);
    let at = r.group(&REGISTERED, |r| {
        r.bits(&REGISTERED_RESERVED, 3)?;
        r.bits(&REGISTERED_NOTIFICATION, 1)?;
        r.bits(&REGISTERED_ACKS, 2)?;
        r.bits(&REGISTERED_RECEIPT, 2)
    })?;
    r.set_value(at.node, Value::Uint(u64::from(octet)));
    Ok(())
}

/// One end of a connection: address and port.
type End = ([u64; 2], u16);

/// The connection a PDU came on: what joins requests, responses and receipts.
struct Link {
    sighting: Sighting,
    /// Address and port of who sent it, and of who gets it.
    from: End,
    to: End,
    /// Both stations, whichever connection.
    stations: Leg,
}

impl Link {
    fn of(r: &mut Reader<'_, '_>) -> Self {
        let facts = r.facts();
        let numbers = |address: Option<IpAddr>| address.map_or([0; 2], super::facts::numbers);
        let (from, to) = (numbers(facts.src), numbers(facts.dst));
        let both = if from <= to { [from, to] } else { [to, from] };
        Self {
            sighting: Sighting { carrier: Carrier::Smpp, ..facts.sighting() },
            from: (from, facts.src_port.unwrap_or(0)),
            to: (to, facts.dst_port.unwrap_or(0)),
            stations: facts.scope.step_by("smpp", both.as_flattened()),
        }
    }

    /// The stations, for keys of receipts.
    const fn receipts(&self) -> Leg {
        self.stations
    }

    /// The key of the request that one station sent to the other.
    fn key(&self, (from, from_port): End, (to, to_port): End, sequence: u32) -> PeerKey {
        let ports = u64::from(from_port) << 16 | u64::from(to_port);
        let numbers = [from, to, [ports, u64::from(sequence)]];
        PeerKey(self.sighting.scope.step_by("request", numbers.as_flattened()).0)
    }

    fn remember(&self, r: &mut Reader<'_, '_>, head: &Head, carries_push: bool) {
        let key = self.key(self.from, self.to, head.sequence);
        let role = Role::Request { carries_push, unanswered: Some(&UNANSWERED) };
        self.ask(r, key, role);
    }

    fn answer(&self, r: &mut Reader<'_, '_>, head: &Head, message_id: Option<&[u8]>) {
        let key = self.key(self.to, self.from, head.sequence);
        let failed = head.status != 0;
        let name = COMMAND_STATUS.value_name(u64::from(head.status)).unwrap_or("unknown status");
        let id = message_id.filter(|id| !failed && !id.is_empty());
        let told = Told {
            request: &REQUEST_IN,
            latency: &RESPONSE_TIME,
            response: &RESPONSE_IN,
            teller: Teller::Answer("refused"),
            failure: failed.then_some(&REFUSED),
            status: (u64::from(head.status), name),
            stays: false,
            again: id.map(|id| smpp_message::receipt_key(self.stations, id)),
        };
        self.ask(r, key, Role::Response(told));
    }

    fn ask(&self, r: &mut Reader<'_, '_>, key: PeerKey, role: Role) {
        let (layer, sighting) = (r.layer(), self.sighting);
        r.ask(Need::Peer(Peer { key, or: [None; 2], way: PeerKey(self.stations.0), role, layer, sighting }));
    }
}
