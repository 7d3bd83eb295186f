//! Short messages as octets: header, TPDU, RP, CP, GSMTAP, LAPDm, LTE NAS, SMPP, exported PDUs.
//!
//! Layouts from the references on WDP, WSP and transports. Nothing is checked.

use super::join;

/// A user data header with 16-bit ports, and the concatenation where the message has parts.
pub fn header(part: Option<(u8, u8, u8)>) -> Vec<u8> {
    let mut elements = vec![0x05, 0x04, 0x0B, 0x84, 0xC0, 0x02];
    if let Some((reference, parts, number)) = part {
        elements.extend([0x00, 0x03, reference, parts, number]);
    }
    let mut out = vec![elements.len() as u8];
    out.extend(elements);
    out
}

/// A push cut into parts of `room` octets of user data, each with its header.
pub fn parts(push: &[u8], reference: u8, room: usize) -> Vec<Vec<u8>> {
    let pieces: Vec<&[u8]> = push.chunks(room - 12).collect();
    let count = pieces.len() as u8;
    (1..=count).zip(pieces).map(|(number, piece)| join(&[&header(Some((reference, count, number))), piece])).collect()
}

/// SMS-DELIVER with 8-bit user data that begin with a header.
pub fn deliver(user_data: &[u8]) -> Vec<u8> {
    let head =
        [0x44, 0x0C, 0x91, 0x44, 0x77, 0x00, 0x09, 0x10, 0x32, 0x00, 0x04, 0x42, 0x11, 0x02, 0x91, 0x03, 0x51, 0x40];
    join(&[&head, &[user_data.len() as u8], user_data])
}

/// RP-DATA from the network.
pub fn rp_data(reference: u8, tpdu: &[u8]) -> Vec<u8> {
    let head = [0x01, reference, 0x07, 0x91, 0x44, 0x77, 0x00, 0x09, 0x90, 0x99, 0x00];
    join(&[&head, &[tpdu.len() as u8], tpdu])
}

/// CP-DATA of transaction 0.
pub fn cp_data(rpdu: &[u8]) -> Vec<u8> {
    join(&[&[0x09, 0x01, rpdu.len() as u8], rpdu])
}

/// GSMTAP downlink.
pub fn gsmtap(kind: u8, sub_type: u8, payload: &[u8]) -> Vec<u8> {
    let head = [2, 4, kind, 1, 0x03, 0x67, 0xC4, 0x14, 0, 0, 3, 0xE8, sub_type, 0, 0, 0];
    join(&[&head, payload])
}

/// LAPDm blocks of 23 octets for SAPI 3.
pub fn lapdm(message: &[u8]) -> Vec<Vec<u8>> {
    let pieces: Vec<&[u8]> = message.chunks(20).collect();
    let last = pieces.len() - 1;
    let block = |(index, piece): (usize, &&[u8])| {
        let more = u8::from(index < last);
        let mut out = vec![0x0F, ((index % 8) as u8) << 1, (piece.len() as u8) << 2 | more << 1 | 1];
        out.extend_from_slice(piece);
        out.resize(23, 0x2B);
        out
    };
    pieces.iter().enumerate().map(block).collect()
}

/// Downlink NAS transport.
pub fn nas(cp: &[u8]) -> Vec<u8> {
    join(&[&[0x07, 0x62, cp.len() as u8], cp])
}

/// An SMPP PDU.
pub fn pdu(command: u32, status: u32, sequence: u32, body: &[u8]) -> Vec<u8> {
    let length = (body.len() + 16) as u32;
    join(&[&length.to_be_bytes(), &command.to_be_bytes(), &status.to_be_bytes(), &sequence.to_be_bytes(), body])
}

/// The body of a submission: message class, short message, parameters.
pub fn submission(class: u8, message: &[u8], parameters: &[(u16, &[u8])]) -> Vec<u8> {
    let mut out = b"\0\x01\x01447700900123\0\x01\x01447700900456\0".to_vec();
    out.extend([class, 0, 0, 0, 0, 0, 0, 0x04, 0, message.len() as u8]);
    out.extend(message);
    out.extend(tlvs(parameters));
    out
}

/// The body of a `data_sm`.
pub fn data(class: u8, parameters: &[(u16, &[u8])]) -> Vec<u8> {
    let mut out = b"\0\x01\x01447700900123\0\x01\x01447700900456\0".to_vec();
    out.extend([class, 0, 0x04]);
    out.extend(tlvs(parameters));
    out
}

fn tlvs(parameters: &[(u16, &[u8])]) -> Vec<u8> {
    let one = |(tag, value): &(u16, &[u8])| join(&[&tag.to_be_bytes(), &(value.len() as u16).to_be_bytes(), value]);
    parameters.iter().flat_map(one).collect()
}

/// An exported PDU of this protocol.
pub fn exported(protocol: &str, octets: &[u8]) -> Vec<u8> {
    let mut name = protocol.as_bytes().to_vec();
    name.resize(name.len().next_multiple_of(4), 0);
    join(&[&12u16.to_be_bytes(), &(name.len() as u16).to_be_bytes(), &name, &[0; 4], octets])
}
