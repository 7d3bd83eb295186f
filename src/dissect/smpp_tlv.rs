//! Optional parameters of SMPP: tag, length, value.
//!
//! Must not know the PDUs they stand in. What they say of the message (ports, segments) is read ahead, because it decides how
//! octets in front of them are read.

use super::reader::{Reader, Stop};
use super::smpp::LENGTHS;
use crate::model::Field;
use crate::model::spec::SMPP_34;

/// A parameter.
pub static PARAMETER: Field = Field::group("smpp.opt_param", "Optional parameter").cite(&SMPP_34, "5.3");
/// Tag.
pub static TAG: Field =
    Field::uint("smpp.opt_param_tag", "Tag").cite(&SMPP_34, "5.3").hex(4).lookup(tag_name, tag_names);
/// Length.
pub static LENGTH: Field = Field::uint("smpp.opt_param_len", "Length").cite(&SMPP_34, "5.3").about("In octets.");
/// A value nobody knows.
pub static VENDOR: Field =
    Field::bytes("smpp.vendor_op", "Value").cite(&SMPP_34, "5.3").about("Of a parameter without a field of its own.");

/// The fields of every parameter.
pub static OWN: &[&Field] = &[&PARAMETER, &TAG, &LENGTH, &VENDOR, &NETWORK_CODE];

/// How a value is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    One,
    Two,
    Four,
    Text,
    Bytes,
    /// `network_error_code`: type, code.
    Network,
    /// The message itself: read by the PDU.
    Payload,
}

/// A row: tag, name, form. Its field stands at the same place of [`FIELDS`].
type Row = (u16, &'static str, Form);

macro_rules! parameters {
    ($($tag:literal, $name:literal, $path:literal, $kind:ident, $form:ident $(, $with:ident ( $arg:expr ))?;)*) => {
        const TABLE: &[Row] = &[$(($tag, $name, Form::$form)),*];
        /// The fields of all parameters.
        pub static FIELDS: &[&Field] = &[$({
            static FIELD: Field = Field::$kind($path, $name).cite(&SMPP_34, "5.3") $(.$with($arg))?;
            &FIELD
        }),*];
    };
}

/// Names of message states.
pub(super) const STATES: &[(u64, &str)] = &[
    (0, "SCHEDULED"),
    (1, "ENROUTE"),
    (2, "DELIVERED"),
    (3, "EXPIRED"),
    (4, "DELETED"),
    (5, "UNDELIVERABLE"),
    (6, "ACCEPTED"),
    (7, "UNKNOWN"),
    (8, "REJECTED"),
    (9, "SKIPPED"),
];

parameters! {
    0x0005, "dest_addr_subunit", "smpp.dest_addr_subunit", uint, One;
    0x0006, "dest_network_type", "smpp.dest_network_type", uint, One;
    0x0007, "dest_bearer_type", "smpp.dest_bearer_type", uint, One;
    0x0008, "dest_telematics_id", "smpp.dest_telematics_id", uint, Two;
    0x000d, "source_addr_subunit", "smpp.source_addr_subunit", uint, One;
    0x000e, "source_network_type", "smpp.source_network_type", uint, One;
    0x000f, "source_bearer_type", "smpp.source_bearer_type", uint, One;
    0x0010, "source_telematics_id", "smpp.source_telematics_id", uint, One;
    0x0017, "qos_time_to_live", "smpp.qos_time_to_live", uint, Four;
    0x0019, "payload_type", "smpp.payload_type", uint, One, values(&[(0, "default"), (1, "WCMP")]);
    0x001d, "additional_status_info_text", "smpp.additional_status_info_text", text, Text;
    0x001e, "receipted_message_id", "smpp.receipted_message_id", text, Text;
    0x0030, "ms_msg_wait_facilities", "smpp.msg_wait.ind", uint, One;
    0x0201, "privacy_indicator", "smpp.privacy_indicator", uint, One;
    0x0202, "source_subaddress", "smpp.source_subaddress", bytes, Bytes;
    0x0203, "dest_subaddress", "smpp.dest_subaddress", bytes, Bytes;
    0x0204, "user_message_reference", "smpp.user_message_reference", uint, Two;
    0x0205, "user_response_code", "smpp.user_response_code", uint, One;
    0x020a, "source_port", "smpp.source_port", uint, Two;
    0x020b, "destination_port", "smpp.destination_port", uint, Two;
    0x020c, "sar_msg_ref_num", "smpp.sar_msg_ref_num", uint, Two;
    0x020d, "language_indicator", "smpp.language_indicator", uint, One;
    0x020e, "sar_total_segments", "smpp.sar_total_segments", uint, One;
    0x020f, "sar_segment_seqnum", "smpp.sar_segment_seqnum", uint, One;
    0x0210, "sc_interface_version", "smpp.SC_interface_version", uint, One, hex(2);
    0x0302, "callback_num_pres_ind", "smpp.callback_num.pres", uint, One, hex(2);
    0x0303, "callback_num_atag", "smpp.callback_num_atag", bytes, Bytes;
    0x0304, "number_of_messages", "smpp.number_of_messages", uint, One;
    0x0381, "callback_num", "smpp.callback_num", bytes, Bytes;
    0x0420, "dpf_result", "smpp.dpf_result", uint, One;
    0x0421, "set_dpf", "smpp.set_dpf", uint, One;
    0x0422, "ms_availability_status", "smpp.ms_availability_status", uint, One;
    0x0423, "network_error_code", "smpp.network_error.type", uint, Network;
    0x0424, "message_payload", "smpp.message_payload", bytes, Payload;
    0x0425, "delivery_failure_reason", "smpp.delivery_failure_reason", uint, One;
    0x0426, "more_messages_to_send", "smpp.more_messages_to_send", uint, One;
    0x0427, "message_state", "smpp.message_state", uint, One, values(STATES);
    0x0428, "congestion_state", "smpp.congestion_state", uint, One;
    0x0501, "ussd_service_op", "smpp.ussd_service_op", uint, One;
    0x0600, "broadcast_channel_indicator", "smpp.broadcast_channel_indicator", uint, One;
    0x0601, "broadcast_content_type", "smpp.broadcast_content_type", bytes, Bytes;
    0x0602, "broadcast_content_type_info", "smpp.broadcast_content_type.info", bytes, Bytes;
    0x0603, "broadcast_message_class", "smpp.broadcast_message_class", uint, One;
    0x0604, "broadcast_rep_num", "smpp.broadcast_rep_num", uint, Two;
    0x0605, "broadcast_frequency_interval", "smpp.broadcast_frequency_interval", bytes, Bytes;
    0x0606, "broadcast_area_identifier", "smpp.broadcast_area_identifier", bytes, Bytes;
    0x0607, "broadcast_error_status", "smpp.broadcast_error_status", uint, Four;
    0x0608, "broadcast_area_success", "smpp.broadcast_area_success", uint, One;
    0x0609, "broadcast_end_time", "smpp.broadcast_end_time", text, Text;
    0x060a, "broadcast_service_group", "smpp.broadcast_service_group", bytes, Bytes;
    0x060b, "billing_identification", "smpp.billing_id", bytes, Bytes;
    0x060d, "source_network_id", "smpp.source_network_id", text, Text;
    0x060e, "dest_network_id", "smpp.dest_network_id", text, Text;
    0x060f, "source_node_id", "smpp.source_node_id", bytes, Bytes;
    0x0610, "dest_node_id", "smpp.dest_node_id", bytes, Bytes;
    0x0611, "dest_addr_np_resolution", "smpp.dest_addr_np_resolution", uint, One;
    0x0612, "dest_addr_np_information", "smpp.dest_addr_np_info", bytes, Bytes;
    0x0613, "dest_addr_np_country", "smpp.dest_addr_np_country", bytes, Bytes;
    0x1201, "display_time", "smpp.display_time", uint, One;
    0x1203, "sms_signal", "smpp.sms_signal", uint, Two;
    0x1204, "ms_validity", "smpp.ms_validity", bytes, Bytes;
    0x130c, "alert_on_message_delivery", "smpp.alert_on_message_delivery_type", bytes, Bytes;
    0x1380, "its_reply_type", "smpp.its_reply_type", uint, One;
    0x1383, "its_session_info", "smpp.its_session.number", bytes, Bytes;
}

/// Code of a network error.
pub static NETWORK_CODE: Field = Field::uint("smpp.network_error.code", "Error code").cite(&SMPP_34, "5.3").hex(4);

/// The state of a message, which `query_sm_resp` has among its own fields.
pub(super) fn message_state() -> &'static Field {
    row(0x0427).map_or(&VENDOR, |row| row.1)
}

fn row(tag: u16) -> Option<(&'static str, &'static Field, Form)> {
    let at = TABLE.binary_search_by_key(&tag, |row| row.0).ok()?;
    let (_, name, form) = TABLE.get(at)?;
    Some((name, FIELDS.get(at)?, *form))
}

fn tag_name(tag: u64) -> Option<&'static str> {
    row(u16::try_from(tag).ok()?).map(|row| row.0)
}

fn tag_names() -> Box<dyn Iterator<Item = (u64, &'static str)>> {
    Box::new(TABLE.iter().map(|row| (u64::from(row.0), row.1)))
}

/// What the parameters say of the message.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Said {
    pub(super) src_port: Option<u16>,
    pub(super) dst_port: Option<u16>,
    pub(super) sar: Sar,
    pub(super) has_payload: bool,
    pub(super) state: Option<u8>,
}

/// The parameters of segmentation.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sar {
    pub(super) reference: Option<u16>,
    pub(super) total: Option<u8>,
    pub(super) number: Option<u8>,
}

impl Said {
    /// Reads ahead.
    pub(super) fn read(mut octets: &[u8]) -> Self {
        let mut said = Self::default();
        while let [t1, t0, l1, l0, rest @ ..] = octets {
            let (tag, len) = (u16::from_be_bytes([*t1, *t0]), usize::from(u16::from_be_bytes([*l1, *l0])));
            let Some((value, after)) = rest.split_at_checked(len) else { break };
            match (tag, value) {
                (0x020a, [high, low]) => said.src_port = Some(u16::from_be_bytes([*high, *low])),
                (0x020b, [high, low]) => said.dst_port = Some(u16::from_be_bytes([*high, *low])),
                (0x020c, [high, low]) => said.sar.reference = Some(u16::from_be_bytes([*high, *low])),
                (0x020e, [total]) => said.sar.total = Some(*total),
                (0x020f, [number]) => said.sar.number = Some(*number),
                (0x0424, _) => said.has_payload = true,
                (0x0427, [state]) => said.state = Some(*state),
                _ => {}
            }
            octets = after;
        }
        said
    }
}

/// Reads the parameters to the end of the PDU; `payload` reads the message where one stands in them.
pub(super) fn parameters(
    r: &mut Reader<'_, '_>,
    mut payload: impl FnMut(&mut Reader<'_, '_>, usize) -> Result<(), Stop>,
) -> Result<(), Stop> {
    while !r.is_done() {
        r.group(&PARAMETER, |r| {
            let tag = r.u16(&TAG)?.value;
            let len = r.u16(&LENGTH)?.map(usize::from);
            if let Some((_, _, Form::Payload)) = row(tag) {
                let room = r.promised();
                if len.value > room {
                    r.flag_with(&LENGTHS, len.node, format_args!("states {} octets, {room} are left", len.value));
                }
                return payload(r, len.value.min(room));
            }
            r.within(len, &LENGTHS, |r| value(r, tag));
            Ok(())
        })?;
    }
    Ok(())
}

fn value(r: &mut Reader<'_, '_>, tag: u16) -> Result<(), Stop> {
    let n = r.promised();
    if n == 0 {
        return Ok(());
    }
    let Some((_, field, form)) = row(tag) else { return r.bytes(&VENDOR, n).map(drop) };
    match (form, n) {
        (Form::One, 1) => r.u8(field).map(drop),
        (Form::Two, 2) => r.u16(field).map(drop),
        (Form::Four, 4) => r.u32(field).map(drop),
        // Seen in the field: a number in fewer or more octets than its type has.
        (Form::One | Form::Two | Form::Four, 1..=8) => {
            let bits = u32::try_from(n).unwrap_or(0).saturating_mul(8);
            r.bits(field, bits).map(drop)
        }
        (Form::Network, 3) => {
            r.u8(field)?;
            r.u16(&NETWORK_CODE).map(drop)
        }
        (Form::Text, _) if r.peek().contains(&0) => r.c_string(field).map(drop),
        (Form::Text | Form::Bytes, _) => r.bytes(field, n).map(drop),
        _ => r.bytes(&VENDOR, n).map(drop),
    }
}
