//! The fields of SMS TPDUs. Names are Wireshark's where it has the field.
//!
//! Must not know in which order they stand.

use crate::model::Field;
use crate::model::spec::{TS_23_038, TS_23_040};

const SPARE_WHY: &str = "Spare bits; receivers ignore them.";

/// The layer.
pub static SMS: Field = Field::layer("gsm_sms", "SMS transfer protocol (TPDU)").cite(&TS_23_040, "9.2.2");
/// Message type.
pub static MTI: Field = Field::uint("gsm_sms.tp-mti", "TP-MTI")
    .cite(&TS_23_040, "9.2.3.1")
    .values(&[
        (0, "DELIVER or DELIVER-REPORT"),
        (1, "SUBMIT or SUBMIT-REPORT"),
        (2, "STATUS-REPORT or COMMAND"),
        (3, "reserved"),
    ])
    .about("Message type; which of the two follows from the direction.");
/// What the PDU is.
pub static PDU: Field = Field::text("gsm_sms.pdu", "PDU").cite(&TS_23_040, "9.2.3.1").generated();
/// No more messages to send.
pub static MMS: Field =
    Field::bool("gsm_sms.tp-mms", "TP-MMS").cite(&TS_23_040, "9.2.3.2").about("Set: no more messages wait.");
/// Loop prevention.
pub static LP: Field =
    Field::bool("gsm_sms.tp-lp", "TP-LP").cite(&TS_23_040, "9.2.3.28").about("Set: forwarded or spawned.");
/// Status report indication.
pub static SRI: Field =
    Field::bool("gsm_sms.tp-sri", "TP-SRI").cite(&TS_23_040, "9.2.3.4").about("A status report is wanted.");
/// Status report request.
pub static SRR: Field =
    Field::bool("gsm_sms.tp-srr", "TP-SRR").cite(&TS_23_040, "9.2.3.5").about("A status report is wanted.");
/// Status report qualifier.
pub static SRQ: Field =
    Field::bool("gsm_sms.tp-srq", "TP-SRQ").cite(&TS_23_040, "9.2.3.26").about("Set: the report is on a COMMAND.");
/// User data header indicator.
pub static UDHI: Field =
    Field::bool("gsm_sms.tp-udhi", "TP-UDHI").cite(&TS_23_040, "9.2.3.23").about("The user data begin with a header.");
/// Reply path.
pub static RP: Field = Field::bool("gsm_sms.tp-rp", "TP-RP").cite(&TS_23_040, "9.2.3.17");
/// Reject duplicates.
pub static RD: Field =
    Field::bool("gsm_sms.tp-rd", "TP-RD").cite(&TS_23_040, "9.2.3.25").about("Set: reject duplicates.");
/// Validity period format.
pub static VPF: Field = Field::uint("gsm_sms.tp-vpf", "TP-VPF").cite(&TS_23_040, "9.2.3.3").values(&[
    (0, "none"),
    (1, "enhanced"),
    (2, "relative"),
    (3, "absolute"),
]);
/// Bits without meaning.
pub static SPARE: Field = Field::uint("gsm_sms.spare", "Spare").cite(&TS_23_040, "9.2.2").hex(1).about(SPARE_WHY);
/// Message reference.
pub static MR: Field = Field::uint("gsm_sms.tp-mr", "TP-MR").cite(&TS_23_040, "9.2.3.6").about("Message reference.");
/// Originating address.
pub static OA: Field =
    Field::group("gsm_sms.originating_address", "TP-Originating-Address").cite(&TS_23_040, "9.2.3.7");
/// Destination address.
pub static DA: Field =
    Field::group("gsm_sms.destination_address", "TP-Destination-Address").cite(&TS_23_040, "9.2.3.8");
/// Recipient address.
pub static RA: Field = Field::group("gsm_sms.recipient_address", "TP-Recipient-Address").cite(&TS_23_040, "9.2.3.14");
/// Digits of the originating address.
pub static OA_DIGITS: Field = Field::text("gsm_sms.tp-oa", "TP-OA digits").cite(&TS_23_040, "9.1.2.5");
/// Digits of the destination address.
pub static DA_DIGITS: Field = Field::text("gsm_sms.tp-da", "TP-DA digits").cite(&TS_23_040, "9.1.2.5");
/// Digits of the recipient address.
pub static RA_DIGITS: Field = Field::text("gsm_sms.tp-ra", "TP-RA digits").cite(&TS_23_040, "9.1.2.5");
/// Length of an address.
pub static ADDRESS_LENGTH: Field =
    Field::uint("gsm_sms.dis_field_addr.length", "Length").cite(&TS_23_040, "9.1.2.5").about("In digits, not octets.");
/// Extension bit of an address.
pub static EXTENSION: Field =
    Field::bool("gsm_sms.dis_field_addr.extension", "Extension").cite(&TS_23_040, "9.1.2.5").about("Set: none.");
/// Type of number.
pub static NUM_TYPE: Field =
    Field::uint("gsm_sms.dis_field_addr.num_type", "Type of number").cite(&TS_23_040, "9.1.2.5").values(&[
        (0, "unknown"),
        (1, "international"),
        (2, "national"),
        (3, "network specific"),
        (4, "subscriber"),
        (5, "alphanumeric"),
        (6, "abbreviated"),
        (7, "reserved"),
    ]);
/// Numbering plan.
pub static NUM_PLAN: Field =
    Field::uint("gsm_sms.dis_field_addr.num_plan", "Numbering plan").cite(&TS_23_040, "9.1.2.5").values(&[
        (0, "unknown"),
        (1, "ISDN/telephone (E.164)"),
        (3, "data"),
        (4, "telex"),
        (5, "service centre specific"),
        (6, "service centre specific"),
        (8, "national"),
        (9, "private"),
        (10, "ERMES"),
        (15, "reserved"),
    ]);
/// Protocol identifier.
pub static PID: Field = Field::uint("gsm_sms.tp-pid", "TP-PID").cite(&TS_23_040, "9.2.3.9").values(&[
    (0x00, "plain"),
    (0x40, "type 0: acknowledge and discard"),
    (0x41, "replace, type 1"),
    (0x42, "replace, type 2"),
    (0x43, "replace, type 3"),
    (0x44, "replace, type 4"),
    (0x45, "replace, type 5"),
    (0x46, "replace, type 6"),
    (0x47, "replace, type 7"),
    (0x48, "device trigger"),
    (0x5f, "return call"),
    (0x7d, "ME data download"),
    (0x7e, "ME de-personalization"),
    (0x7f, "(U)SIM data download"),
]);
/// What the other bits of the protocol identifier are.
pub static PID_FORMAT: Field =
    Field::uint("gsm_sms.tp.pid.format_subsequent_bits", "Format of the other bits").cite(&TS_23_040, "9.2.3.9").hex(1);
/// Telematic interworking.
pub static PID_TELEMATIC: Field =
    Field::bool("gsm_sms.tp.pid.telematic_interworking", "Telematic interworking").cite(&TS_23_040, "9.2.3.9");
/// Telematic device.
pub static PID_DEVICE: Field = Field::uint("gsm_sms.tp.pid.device_type", "Device type").cite(&TS_23_040, "9.2.3.9");
/// Protocol between the entities.
pub static PID_PROTOCOL: Field =
    Field::uint("gsm_sms.tp.pid.sm_al_proto", "Short message protocol").cite(&TS_23_040, "9.2.3.9");
/// Kind of message.
pub static PID_MESSAGE: Field = Field::uint("gsm_sms.tp.pid.message_type", "Message type").cite(&TS_23_040, "9.2.3.9");
/// Reserved bits.
pub static PID_RESERVED: Field =
    Field::uint("gsm_sms.tp.pid.reserved", "Reserved").cite(&TS_23_040, "9.2.3.9").hex(2).about(SPARE_WHY);
/// Bits for the service centre.
pub static PID_CENTRE: Field =
    Field::uint("gsm_sms.tp.pid.sc_specific_use", "For the service centre's use").cite(&TS_23_040, "9.2.3.9").hex(2);
/// Data coding scheme.
pub static DCS: Field = Field::uint("gsm_sms.tp-dcs", "TP-DCS")
    .cite(&TS_23_040, "9.2.3.10")
    .hex(2)
    .about("Data coding scheme; a push needs 8-bit data.");
/// Coding group, two bits.
pub static DCS_GROUP: Field = Field::uint("gsm_sms.coding_group_bits2", "Coding group")
    .cite(&TS_23_038, "4")
    .values(&[(0, "general"), (1, "marked for automatic deletion")]);
/// Coding group, four bits.
pub static DCS_GROUP_4: Field =
    Field::uint("gsm_sms.coding_group_bits4", "Coding group").cite(&TS_23_038, "4").hex(1).values(&[
        (0xc, "message waiting, discard"),
        (0xd, "message waiting, store, 7-bit"),
        (0xe, "message waiting, store, UCS2"),
        (0xf, "coding and class"),
    ]);
/// Compression.
pub static DCS_COMPRESSED: Field = Field::bool("gsm_sms.dcs.text_compressed", "Compressed").cite(&TS_23_038, "4");
/// Whether the class bits count.
pub static DCS_HAS_CLASS: Field =
    Field::bool("gsm_sms.dcs.message_class_defined", "Class is defined").cite(&TS_23_038, "4");
/// Character set.
pub static DCS_CHARACTERS: Field = Field::uint("gsm_sms.dcs.character_set", "Character set")
    .cite(&TS_23_038, "4")
    .values(&[(0, "GSM 7-bit"), (1, "8-bit data"), (2, "UCS2"), (3, "reserved")]);
/// Message class.
pub static DCS_CLASS: Field = Field::uint("gsm_sms.dcs.message_class", "Message class")
    .cite(&TS_23_038, "4")
    .values(&[(0, "class 0: shown at once"), (1, "class 1: ME"), (2, "class 2: (U)SIM"), (3, "class 3: TE")]);
/// Indication sense.
pub static DCS_SENSE: Field = Field::bool("gsm_sms.dcs.indication_sense", "Indication is active").cite(&TS_23_038, "4");
/// Reserved bits.
pub static DCS_RESERVED: Field = Field::uint("gsm_sms.dcs.reserved", "Reserved").cite(&TS_23_038, "4").about(SPARE_WHY);
/// What waits.
pub static DCS_WAITING: Field = Field::uint("gsm_sms.dcs.message_waiting", "Message waiting")
    .cite(&TS_23_038, "4")
    .values(&[(0, "voicemail"), (1, "fax"), (2, "e-mail"), (3, "other")]);
/// Coding bit of group F.
pub static DCS_CODING: Field =
    Field::bool("gsm_sms.dcs.message_coding", "Message coding").cite(&TS_23_038, "4").about("Set: 8-bit data.");
/// A time stamp of the service centre.
pub static SCTS: Field = Field::time("gsm_sms.scts", "Service centre time stamp").cite(&TS_23_040, "9.2.3.11");
/// Discharge time.
pub static DISCHARGE: Field = Field::time("gsm_sms.discharge_time", "Discharge time").cite(&TS_23_040, "9.2.3.13");
/// Year.
pub static YEAR: Field = Field::uint("gsm_sms.scts.year", "Year").cite(&TS_23_040, "9.2.3.11").about("Two digits.");
/// Month.
pub static MONTH: Field = Field::uint("gsm_sms.scts.month", "Month").cite(&TS_23_040, "9.2.3.11");
/// Day.
pub static DAY: Field = Field::uint("gsm_sms.scts.day", "Day").cite(&TS_23_040, "9.2.3.11");
/// Hour.
pub static HOUR: Field = Field::uint("gsm_sms.scts.hour", "Hour").cite(&TS_23_040, "9.2.3.11");
/// Minutes.
pub static MINUTES: Field = Field::uint("gsm_sms.scts.minutes", "Minutes").cite(&TS_23_040, "9.2.3.11");
/// Seconds.
pub static SECONDS: Field = Field::uint("gsm_sms.scts.seconds", "Seconds").cite(&TS_23_040, "9.2.3.11");
/// Time zone.
pub static TIMEZONE: Field = Field::uint("gsm_sms.scts.timezone", "Time zone")
    .cite(&TS_23_040, "9.2.3.11")
    .hex(2)
    .about("Quarters of an hour in swapped semi-octets; bit 3 stands for west.");
/// Validity period.
pub static VP: Field = Field::group("gsm_sms.vp", "TP-Validity-Period").cite(&TS_23_040, "9.2.3.12");
/// Absolute validity period.
pub static VP_ABSOLUTE: Field = Field::time("gsm_sms.vp.absolute", "Valid until").cite(&TS_23_040, "9.2.3.12.2");
/// Relative validity period.
pub static VP_RELATIVE: Field = Field::uint("gsm_sms.vp.validity_period", "Relative")
    .cite(&TS_23_040, "9.2.3.12.1")
    .about("In the steps of 23.040.");
/// A validity period in seconds.
pub static VP_DURATION: Field =
    Field::duration("gsm_sms.vp.duration", "Valid for").cite(&TS_23_040, "9.2.3.12.1").generated();
/// More functionality octets follow.
pub static VP_EXTENSION: Field = Field::bool("gsm_sms.vp.extension", "Extension").cite(&TS_23_040, "9.2.3.12.3");
/// Try once.
pub static VP_SINGLE: Field = Field::bool("gsm_sms.vp.single_shot_sm", "Single shot").cite(&TS_23_040, "9.2.3.12.3");
/// Reserved bits.
pub static VP_RESERVED: Field =
    Field::uint("gsm_sms.vp.reserved", "Reserved").cite(&TS_23_040, "9.2.3.12.3").hex(1).about(SPARE_WHY);
/// Form of an enhanced validity period.
pub static VP_FORM: Field = Field::uint("gsm_sms.vp.validity_period_format", "Format")
    .cite(&TS_23_040, "9.2.3.12.3")
    .values(&[(0, "none"), (1, "relative"), (2, "seconds"), (3, "hours, minutes, seconds")]);
/// Seconds of an enhanced validity period.
pub static VP_SECONDS: Field =
    Field::uint("gsm_sms.vp.validity_period.seconds", "Seconds").cite(&TS_23_040, "9.2.3.12.3");
/// Hours of an enhanced validity period.
pub static VP_HOUR: Field = Field::uint("gsm_sms.vp.validity_period.hour", "Hours").cite(&TS_23_040, "9.2.3.12.3");
/// Minutes of an enhanced validity period.
pub static VP_MINUTES: Field =
    Field::uint("gsm_sms.vp.validity_period.minutes", "Minutes").cite(&TS_23_040, "9.2.3.12.3");
/// Octets of an enhanced validity period that its form leaves unused.
pub static VP_UNUSED: Field =
    Field::bytes("gsm_sms.vp.unused", "Unused").cite(&TS_23_040, "9.2.3.12.3").about(SPARE_WHY);
/// User data length.
pub static UDL: Field = Field::uint("gsm_sms.tp.user_data_length", "TP-User-Data-Length")
    .cite(&TS_23_040, "9.2.3.16")
    .about("In octets, header included; in characters where the coding is 7-bit.");
/// User data as text.
pub static TEXT: Field = Field::text("gsm_sms.sms_text", "SMS text").cite(&TS_23_040, "9.2.3.24");
/// User data as octets.
pub static BODY: Field = Field::bytes("gsm_sms.sms_body", "SMS body").cite(&TS_23_040, "9.2.3.24");
/// User data that are one part of a longer message.
pub static PART: Field = Field::bytes("gsm_sms.part", "Part of the message")
    .cite(&TS_23_040, "9.2.3.24.1")
    .about("The message is read where its last part comes.");
/// Compressed user data.
pub static COMPRESSED: Field = Field::bytes("gsm_sms.compressed_data", "Compressed data").cite(&TS_23_040, "9.2.3.24");
/// Status.
pub static STATUS: Field = Field::uint("gsm_sms.tp-st", "TP-Status").cite(&TS_23_040, "9.2.3.15").hex(2).values(&[
    (0x00, "received by the SME"),
    (0x01, "forwarded, delivery not confirmed"),
    (0x02, "replaced by the service centre"),
    (0x20, "congestion, still trying"),
    (0x21, "SME busy, still trying"),
    (0x22, "no response from the SME, still trying"),
    (0x23, "service rejected, still trying"),
    (0x24, "quality of service not available, still trying"),
    (0x25, "error in the SME, still trying"),
    (0x40, "remote procedure error"),
    (0x41, "incompatible destination"),
    (0x42, "rejected by the SME"),
    (0x43, "not obtainable"),
    (0x44, "quality of service not available"),
    (0x45, "no interworking"),
    (0x46, "validity period expired"),
    (0x47, "deleted by the originating SME"),
    (0x48, "deleted by the service centre"),
    (0x49, "message does not exist"),
    (0x60, "congestion, given up"),
    (0x61, "SME busy, given up"),
    (0x62, "no response from the SME, given up"),
    (0x63, "service rejected, given up"),
    (0x64, "quality of service not available, given up"),
    (0x65, "error in the SME, given up"),
]);
/// Definition bit of a status.
pub static ST_DEFINITION: Field = Field::bool("gsm_sms.dis_field.definition", "Definition of the other bits")
    .cite(&TS_23_040, "9.2.3.15")
    .about("Set: reserved.");
/// Class of a status.
pub static ST_ERROR: Field = Field::uint("gsm_sms.dis_field.st_error", "Error").cite(&TS_23_040, "9.2.3.15").values(&[
    (0, "no error, transaction completed"),
    (1, "temporary error, still trying"),
    (2, "permanent error"),
    (3, "temporary error, given up"),
]);
/// Reason of a status.
pub static ST_REASON: Field = Field::uint("gsm_sms.dis.field_st_reason", "Reason").cite(&TS_23_040, "9.2.3.15");
/// Failure cause.
pub static FCS: Field =
    Field::uint("gsm_sms.tp-fcs", "TP-Failure-Cause").cite(&TS_23_040, "9.2.3.22").hex(2).values(&[
        (0x80, "telematic interworking not supported"),
        (0x81, "short message type 0 not supported"),
        (0x82, "cannot replace short message"),
        (0x8f, "unspecified TP-PID error"),
        (0x90, "alphabet not supported"),
        (0x91, "message class not supported"),
        (0x9f, "unspecified TP-DCS error"),
        (0xa0, "command cannot be actioned"),
        (0xa1, "command unsupported"),
        (0xaf, "unspecified TP-Command error"),
        (0xb0, "TPDU not supported"),
        (0xc0, "SC busy"),
        (0xc1, "no SC subscription"),
        (0xc2, "SC system failure"),
        (0xc3, "invalid SME address"),
        (0xc4, "destination SME barred"),
        (0xc5, "SM rejected: duplicate"),
        (0xc6, "TP-VPF not supported"),
        (0xc7, "TP-VP not supported"),
        (0xd0, "(U)SIM SMS storage full"),
        (0xd1, "no SMS storage capability in (U)SIM"),
        (0xd2, "error in MS"),
        (0xd3, "memory capacity exceeded"),
        (0xd4, "(U)SIM application toolkit busy"),
        (0xd5, "(U)SIM data download error"),
        (0xff, "unspecified error cause"),
    ]);
/// Parameter indicator.
pub static PI: Field =
    Field::uint("gsm_sms.tp.parameter_indicator", "TP-Parameter-Indicator").cite(&TS_23_040, "9.2.3.27").hex(2);
/// Another parameter indicator follows.
pub static PI_EXTENSION: Field = Field::bool("gsm_sms.tp.extension", "Extension").cite(&TS_23_040, "9.2.3.27");
/// Reserved bits.
pub static PI_RESERVED: Field =
    Field::uint("gsm_sms.tp.reserved", "Reserved").cite(&TS_23_040, "9.2.3.27").about(SPARE_WHY);
/// TP-UDL follows.
pub static PI_UDL: Field = Field::bool("gsm_sms.tp.udl.present", "TP-UDL").cite(&TS_23_040, "9.2.3.27");
/// TP-DCS follows.
pub static PI_DCS: Field = Field::bool("gsm_sms.tp.dcs.present", "TP-DCS").cite(&TS_23_040, "9.2.3.27");
/// TP-PID follows.
pub static PI_PID: Field = Field::bool("gsm_sms.tp.pid.present", "TP-PID").cite(&TS_23_040, "9.2.3.27");
/// Command type.
pub static COMMAND: Field = Field::uint("gsm_sms.tp.command_type", "TP-Command-Type")
    .cite(&TS_23_040, "9.2.3.19")
    .values(&[(0, "enquiry"), (1, "cancel status report request"), (2, "delete"), (3, "enable status report request")]);
/// Message number.
pub static MESSAGE_NUMBER: Field =
    Field::uint("gsm_sms.tp.message_number", "TP-Message-Number").cite(&TS_23_040, "9.2.3.18");
/// Length of command data.
pub static COMMAND_LENGTH: Field =
    Field::uint("gsm_sms.tp.command_data_length", "TP-Command-Data-Length").cite(&TS_23_040, "9.2.3.20");
/// Command data.
pub static COMMAND_DATA: Field =
    Field::bytes("gsm_sms.tp.command_data", "TP-Command-Data").cite(&TS_23_040, "9.2.3.21");

/// All but the layer.
pub static FIELDS: &[&Field] = &[
    &MTI,
    &PDU,
    &MMS,
    &LP,
    &SRI,
    &SRR,
    &SRQ,
    &UDHI,
    &RP,
    &RD,
    &VPF,
    &SPARE,
    &MR,
    &OA,
    &DA,
    &RA,
    &OA_DIGITS,
    &DA_DIGITS,
    &RA_DIGITS,
    &ADDRESS_LENGTH,
    &EXTENSION,
    &NUM_TYPE,
    &NUM_PLAN,
    &PID,
    &PID_FORMAT,
    &PID_TELEMATIC,
    &PID_DEVICE,
    &PID_PROTOCOL,
    &PID_MESSAGE,
    &PID_RESERVED,
    &PID_CENTRE,
    &DCS,
    &DCS_GROUP,
    &DCS_GROUP_4,
    &DCS_COMPRESSED,
    &DCS_HAS_CLASS,
    &DCS_CHARACTERS,
    &DCS_CLASS,
    &DCS_SENSE,
    &DCS_RESERVED,
    &DCS_WAITING,
    &DCS_CODING,
    &SCTS,
    &DISCHARGE,
    &YEAR,
    &MONTH,
    &DAY,
    &HOUR,
    &MINUTES,
    &SECONDS,
    &TIMEZONE,
    &VP,
    &VP_ABSOLUTE,
    &VP_RELATIVE,
    &VP_DURATION,
    &VP_EXTENSION,
    &VP_SINGLE,
    &VP_RESERVED,
    &VP_FORM,
    &VP_SECONDS,
    &VP_HOUR,
    &VP_MINUTES,
    &VP_UNUSED,
    &UDL,
    &TEXT,
    &BODY,
    &PART,
    &COMPRESSED,
    &STATUS,
    &ST_DEFINITION,
    &ST_ERROR,
    &ST_REASON,
    &FCS,
    &PI,
    &PI_EXTENSION,
    &PI_RESERVED,
    &PI_UDL,
    &PI_DCS,
    &PI_PID,
    &COMMAND,
    &MESSAGE_NUMBER,
    &COMMAND_LENGTH,
    &COMMAND_DATA,
];
