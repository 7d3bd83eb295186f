//! The fields of SMPP PDUs but for the optional parameters. Names are Wireshark's where it has the field.
//!
//! Must not know in which order they stand.

use super::smpp_codes::{COMMANDS, STATUS};
use crate::model::Field;
use crate::model::spec::SMPP_34;

const TON: &[(u64, &str)] = &[
    (0, "unknown"),
    (1, "international"),
    (2, "national"),
    (3, "network specific"),
    (4, "subscriber"),
    (5, "alphanumeric"),
    (6, "abbreviated"),
];
const NPI: &[(u64, &str)] = &[
    (0, "unknown"),
    (1, "ISDN (E.164)"),
    (3, "data"),
    (4, "telex"),
    (6, "land mobile (E.212)"),
    (8, "national"),
    (9, "private"),
    (10, "ERMES"),
    (14, "Internet (IP)"),
    (18, "WAP client"),
];

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $field:expr;)*) => {
        $($(#[$doc])* pub static $name: Field = $field;)*
        /// All of them.
        pub(super) static ALL: &[&Field] = &[$(&$name),*];
    };
}

const fn uint(name: &'static str, label: &'static str, section: &'static str) -> Field {
    Field::uint(name, label).cite(&SMPP_34, section)
}

const fn text(name: &'static str, label: &'static str, section: &'static str) -> Field {
    Field::text(name, label).cite(&SMPP_34, section)
}

fields! {
    /// Length of the PDU.
    COMMAND_LENGTH = uint("smpp.command_length", "Command length", "5.1").about("Octets of the whole PDU.");
    /// Command.
    COMMAND_ID = uint("smpp.command_id", "Command", "5.1").hex(8).values(COMMANDS);
    /// Status.
    COMMAND_STATUS = uint("smpp.command_status", "Status", "5.1.3").hex(8).values(STATUS);
    /// Sequence number.
    SEQUENCE = uint("smpp.sequence_number", "Sequence number", "5.1");
    /// System identifier.
    SYSTEM_ID = text("smpp.system_id", "System id", "5.2");
    /// Password.
    PASSWORD = text("smpp.password", "Password", "5.2").about("In clear.");
    /// System type.
    SYSTEM_TYPE = text("smpp.system_type", "System type", "5.2");
    /// Interface version.
    INTERFACE_VERSION = uint("smpp.interface_version", "Interface version", "5.2").hex(2)
        .values(&[(0x33, "3.3"), (0x34, "3.4"), (0x50, "5.0")]);
    /// Type of number of the addresses served.
    ADDR_TON = uint("smpp.addr_ton", "Type of number", "5.2").values(TON);
    /// Numbering plan of the addresses served.
    ADDR_NPI = uint("smpp.addr_npi", "Numbering plan", "5.2").values(NPI);
    /// Addresses served.
    ADDRESS_RANGE = text("smpp.address_range", "Address range", "5.2");
    /// Service type.
    SERVICE_TYPE = text("smpp.service_type", "Service type", "5.2");
    /// Type of number of the originator.
    SOURCE_TON = uint("smpp.source_addr_ton", "Type of number (originator)", "5.2").values(TON);
    /// Numbering plan of the originator.
    SOURCE_NPI = uint("smpp.source_addr_npi", "Numbering plan (originator)", "5.2").values(NPI);
    /// Originator.
    SOURCE_ADDR = text("smpp.source_addr", "Originator address", "5.2");
    /// Type of number of the recipient.
    DEST_TON = uint("smpp.dest_addr_ton", "Type of number (recipient)", "5.2").values(TON);
    /// Numbering plan of the recipient.
    DEST_NPI = uint("smpp.dest_addr_npi", "Numbering plan (recipient)", "5.2").values(NPI);
    /// Recipient.
    DEST_ADDR = text("smpp.destination_addr", "Recipient address", "5.2");
    /// Type of number of the ESME.
    ESME_TON = uint("smpp.esme_addr_ton", "Type of number (ESME)", "5.2").values(TON);
    /// Numbering plan of the ESME.
    ESME_NPI = uint("smpp.esme_addr_npi", "Numbering plan (ESME)", "5.2").values(NPI);
    /// Address of the ESME.
    ESME_ADDR = text("smpp.esme_addr", "ESME address", "5.2");
    /// Class of the message.
    ESM_CLASS = uint("smpp.esm_class", "ESM class", "5.2.12").hex(2);
    /// GSM features.
    ESM_FEATURES = uint("smpp.esm.submit.features", "GSM features", "5.2.12")
        .values(&[(0, "none"), (1, "UDHI"), (2, "reply path"), (3, "UDHI and reply path")]);
    /// Message type.
    ESM_TYPE = uint("smpp.esm.submit.msg_type", "Message type", "5.2.12")
        .values(&[(0, "default"), (1, "delivery receipt"), (2, "delivery acknowledgement"), (4, "user acknowledgement"), (6, "conversation abort"), (8, "intermediate notification")]);
    /// Messaging mode.
    ESM_MODE = uint("smpp.esm.submit.msg_mode", "Messaging mode", "5.2.12")
        .values(&[(0, "default"), (1, "datagram"), (2, "forward"), (3, "store and forward")]);
    /// Protocol identifier.
    PROTOCOL_ID = uint("smpp.protocol_id", "Protocol id", "5.2").hex(2);
    /// Priority.
    PRIORITY = uint("smpp.priority_flag", "Priority", "5.2");
    /// Delivery time.
    SCHEDULE = text("smpp.schedule_delivery_time", "Scheduled delivery time", "5.2");
    /// Validity period.
    VALIDITY = text("smpp.validity_period", "Validity period", "5.2");
    /// What receipts are wanted.
    REGISTERED = uint("smpp.registered_delivery", "Registered delivery", "5.2").hex(2);
    /// Reserved bits.
    REGISTERED_RESERVED = uint("smpp.regdel.reserved", "Reserved", "5.2").about("Ignored.");
    /// Intermediate notification.
    REGISTERED_NOTIFICATION = uint("smpp.regdel.notif", "Intermediate notification", "5.2");
    /// Acknowledgement of the recipient.
    REGISTERED_ACKS = uint("smpp.regdel.acks", "Recipient acknowledgement", "5.2")
        .values(&[(0, "none"), (1, "delivery"), (2, "user"), (3, "delivery and user")]);
    /// Delivery receipt.
    REGISTERED_RECEIPT = uint("smpp.regdel.receipt", "Delivery receipt", "5.2")
        .values(&[(0, "none"), (1, "on success or failure"), (2, "on failure")]);
    /// Replace.
    REPLACE = uint("smpp.replace_if_present_flag", "Replace if present", "5.2");
    /// Data coding.
    DATA_CODING = uint("smpp.data_coding", "Data coding", "5.2").hex(2)
        .values(&[(0, "default alphabet"), (1, "ASCII"), (2, "octets"), (3, "Latin 1"), (4, "octets"), (8, "UCS2"), (0xf4, "octets, class 0"), (0xf5, "octets, class 1"), (0xf6, "octets, class 2"), (0xf7, "octets, class 3")]);
    /// Canned message.
    DEFAULT_MESSAGE = uint("smpp.sm_default_msg_id", "Predefined message", "5.2");
    /// Length of the message.
    SM_LENGTH = uint("smpp.sm_length", "Message length", "5.2").about("In octets; 0 with message_payload.");
    /// Message as text.
    MESSAGE_TEXT = text("smpp.message_text", "Message", "5.2");
    /// Message as octets.
    MESSAGE = Field::bytes("smpp.message", "Message octets").cite(&SMPP_34, "5.2");
    /// Message identifier.
    MESSAGE_ID = text("smpp.message_id", "Message id", "5.2");
    /// Final date.
    FINAL_DATE = text("smpp.final_date", "Final date", "5.2");
    /// Error code.
    ERROR_CODE = uint("smpp.error_code", "Error code", "5.2");
    /// Number of destinations.
    DESTINATIONS = uint("smpp.number_of_dests", "Number of destinations", "5.2");
    /// One destination.
    DESTINATION = Field::group("smpp.dlist", "Destination").cite(&SMPP_34, "5.2");
    /// Kind of a destination.
    DESTINATION_FLAG = uint("smpp.dest_flag", "Destination flag", "5.2").values(&[(1, "address"), (2, "distribution list")]);
    /// Distribution list.
    LIST_NAME = text("smpp.dl_name", "Distribution list", "5.2");
    /// Number of destinations that failed.
    FAILED = uint("smpp.no_unsuccess", "Unsuccessful destinations", "5.2");
    /// One that failed.
    FAILED_ONE = Field::group("smpp.dlist_resp", "Unsuccessful destination").cite(&SMPP_34, "5.2");
    /// Why it failed.
    FAILED_STATUS = uint("smpp.error_status_code", "Status", "5.1.3").hex(8).values(STATUS);
    /// A body nobody reads.
    BODY = Field::bytes("smpp.body", "Body").cite(&SMPP_34, "5.1").about("Of a command without fields of its own.");
    /// Message a receipt is for.
    RECEIPT_ID = text("smpp.receipt.id", "Receipt for message id", "B").generated();
    /// State a receipt reports.
    RECEIPT_STATE = text("smpp.receipt.stat", "Receipt state", "B").generated();
    /// Error a receipt reports.
    RECEIPT_ERROR = text("smpp.receipt.err", "Receipt error", "B").generated();
    /// The request of a response.
    REQUEST_IN = Field::frame_ref("smpp.request_in", "Answers the request in frame").cite(&SMPP_34, "5.1").generated();
    /// How long the response took.
    RESPONSE_TIME = Field::duration("smpp.response_time", "Time since the request").cite(&SMPP_34, "5.1").generated();
    /// The response to a request.
    RESPONSE_IN = Field::frame_ref("smpp.response_in", "Answered in frame").cite(&SMPP_34, "5.1").generated();
    /// The receipt of a submission.
    RECEIPT_IN = Field::frame_ref("smpp.receipt_in", "Receipt in frame").cite(&SMPP_34, "B").generated();
    /// The submission a receipt is for.
    SUBMITTED_IN = Field::frame_ref("smpp.submitted_in", "Receipt for the submission in frame").cite(&SMPP_34, "B").generated();
    /// How long delivery took.
    DELIVERY_TIME = Field::duration("smpp.delivery_time", "Time since the submission").cite(&SMPP_34, "B").generated();
}
