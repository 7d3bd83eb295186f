//! Rules of DM Notification 1.2.1: N12-*, and the notes on the formats that share its header.
//!
//! Definitions only. Those that the dissector cannot decide alone are found broken by the engine: by verification
//! ([`DIGEST_WRONG`], [`RESYNC`]) and by the ledger ([`DUPLICATE`]).

use crate::model::spec::{DMNOTI_12, DS_12, LWM2M};
use crate::model::{Group, Rule};

/// The message is shorter than its fixed part.
pub static TOO_SHORT: Rule = Rule::error("N12-001", Group::Malformed)
    .cite(&DMNOTI_12, "6.1")
    .text("shorter than 24 octets: no room for digest and trigger header")
    .explain(
        "The carrier delivered fewer octets than the 16 of the digest and the 8 of the fixed trigger header.",
        "A client cannot parse the message and drops it.",
        "Compare the payload length with what the server built; look for a gateway that cut or re-encoded the body.",
    );

/// The server identifier runs past the end.
pub static SERVER_ID_OVERRUN: Rule = Rule::error("N12-002", Group::Malformed)
    .cite(&DMNOTI_12, "6.1")
    .text("server identifier runs past the end of the message")
    .explain(
        "The length identifier states more octets than the message has left.",
        "A client refuses the message, or reads beyond it.",
        "Was the message cut on its way (one SMS without concatenation), or is the length octet wrong?",
    );

/// No digest was filled in.
pub static NO_DIGEST: Rule = Rule::error("N12-003", Group::Security)
    .cite(&DMNOTI_12, "5")
    .text("no digest: never filled in, or left out")
    .explain(
        "All 16 digest octets are equal, or the trigger starts where the digest should stand.",
        "The notification is not authenticated: a client must ignore it, and one that accepts it can be triggered by anybody.",
        "Is the server configured with credentials for this account? Some clients make such messages for themselves.",
    );

/// The digest is wrong.
pub static DIGEST_WRONG: Rule = Rule::error("N12-004", Group::Security)
    .cite(&DMNOTI_12, "6.2.2")
    .text("digest does not match any configured credentials")
    .explain(
        "MD5(B64(MD5(id:password)):nonce:B64(MD5(trigger))) over the configured keys does not give the digest.",
        "The client ignores the notification, so no session starts.",
        "Compare server identifier, password and the nonce both sides hold; `pushscope explain` tries the known mistakes.",
    );

/// The server asks for a new nonce.
pub static RESYNC: Rule = Rule::note("N12-005", Group::Security)
    .cite(&DMNOTI_12, "5.1")
    .text("nonce resynchronisation: the digest verifies with the special nonce 0x00000000")
    .explain(
        "The server signed with four zero octets in place of the nonce: it believes that both sides lost step.",
        "The client should accept it and exchange new nonces in the session; it is also what a replay would look like.",
        "Why did the nonces part? Look for a session that ended before the new nonce arrived.",
    );

/// The version is not 1.1.
pub static VERSION: Rule =
    Rule::error("N12-007", Group::Protocol).cite(&DMNOTI_12, "6.2.6").text("version is not 11 (1.1)").explain(
        "The ten version bits hold another number than 0000001011.",
        "Strict clients refuse any other version; 12 is what Data Sync notifications carry.",
        "Which version is the server configured to send, and in which octet order?",
    );

/// Bits reserved for the future are set.
pub static FUTURE_USE: Rule =
    Rule::error("N12-011", Group::Protocol).cite(&DMNOTI_12, "6.2.9").text("future-use bits are not zero").explain(
        "At least one of the 27 bits after the initiator is set.",
        "A client may refuse the message; set bits also hint at fields written at wrong positions.",
        "Look at the bits: a version or session identifier may have slipped.",
    );

/// The session identifier is zero.
pub static SESSION_ID_ZERO: Rule = Rule::error("N12-014", Group::Protocol)
    .cite(&DMNOTI_12, "6.2.10")
    .text("session identifier 0 is outside 1..=FFFF")
    .explain(
        "The session identifier is 0000, which has no text form for the session.",
        "A client may drop the trigger, or open a session the server cannot match.",
        "Look at the counter that feeds the server's session identifiers.",
    );

/// The server identifier holds octets that are no characters.
pub static SERVER_ID_CHARS: Rule = Rule::warning("N12-019", Group::Protocol)
    .cite(&DMNOTI_12, "6.1")
    .text("server identifier holds octets outside 01..7F")
    .explain(
        "The field is defined as characters of seven bits; a NUL or an octet with bit 7 set stands in it.",
        "Implementations differ in how they hash such identifiers, so digests may fail.",
        "Is the identifier in the DM account written in another encoding, or padded?",
    );

/// The server identifier is empty.
pub static SERVER_ID_EMPTY: Rule =
    Rule::warning("N12-020", Group::Protocol).cite(&DMNOTI_12, "6.2.11").text("server identifier is empty").explain(
        "The length identifier is 0. The standard does not exclude it, but nothing else names the server.",
        "The client cannot tell whose credentials the digest was made with; shipped clients refuse the message.",
        "Set the server's identifier as it stands in the device's DM account.",
    );

/// Vendor-specific octets follow.
pub static VENDOR: Rule = Rule::note("N12-021", Group::Undecoded)
    .cite(&DMNOTI_12, "6.2.13")
    .text("vendor-specific octets after the server identifier")
    .explain(
        "The trigger has a body; the standard leaves its content to vendors.",
        "The digest covers it. Some clients refuse any body.",
        "Does the device's vendor define it?",
    );

/// The header looks little-endian.
pub static SWAPPED: Rule = Rule::note("N12-022", Group::Assumption)
    .cite(&DMNOTI_12, "6")
    .text("with its first two octets swapped the version would be 11: wrong octet order?")
    .explain(
        "The trigger header reads as version 1.1 when its first two octets change places.",
        "The standard is big-endian; a sender that writes words in its machine's order produces this.",
        "Look at how the server serialises the header, the session identifier too.",
    );

/// The content type is another one.
pub static CONTENT_TYPE: Rule = Rule::error("N12-023", Group::Protocol)
    .cite(&DMNOTI_12, "7.1")
    .text("content type is not application/vnd.syncml.notification")
    .explain(
        "The push is addressed to DM or looks like a 1.2 notification, but its content type says something else.",
        "Devices route by the content type: the notification does not reach the DM client.",
        "Look at the content type the push gateway was given.",
    );

/// The content type is written as text.
pub static CONTENT_TYPE_TEXT: Rule = Rule::error("N12-024", Group::Protocol)
    .cite(&DMNOTI_12, "7.1")
    .text("content type is written as text, not as code 0x44")
    .explain(
        "The standard demands the code (octet C4) because it is short; this push spells the media type out.",
        "It costs 36 octets of the first SMS, and strict clients do not recognise it.",
        "Push gateways that do not know the code write text: look for a newer version or a patch.",
    );

/// There is no application id.
pub static APP_ID_MISSING: Rule =
    Rule::error("N12-025", Group::Protocol).cite(&DMNOTI_12, "7.1").text("no X-WAP-Application-ID header").explain(
        "Nothing in the push names the application that must get it.",
        "A receiver without it delivers to its default application, or drops the push.",
        "Set X-Wap-Application-Id: x-wap-application:syncml.dm at the push initiator.",
    );

/// The application id is not the code 0x07.
pub static APP_ID: Rule = Rule::error("N12-026", Group::Protocol)
    .cite(&DMNOTI_12, "7.1")
    .text("application id is not the code 0x07 (octet 87)")
    .explain(
        "The header names another application, or names the DM client as text or as a long integer.",
        "Devices compare one octet; anything else may go to another application.",
        "Which application id did the push initiator ask for, and how does the gateway encode it?",
    );

/// The application id is not the first header.
pub static HEADER_ORDER: Rule = Rule::warning("N12-027", Group::Protocol)
    .cite(&DMNOTI_12, "7.1")
    .text("X-WAP-Application-ID is not the first header after the content type")
    .explain(
        "Other headers stand between the content type and the application id. Reading: the order demanded by the standard.",
        "Small clients expect the two at fixed offsets.",
        "Which component added the headers in between?",
    );

/// The headers are longer than 48 octets.
pub static HEADERS_LONG: Rule = Rule::error("N12-028", Group::Protocol)
    .cite(&DMNOTI_12, "7.1")
    .text("WDP and WSP headers exceed 48 octets")
    .explain(
        "User data header and push headers together are longer than the limit (over UDP the push headers alone).",
        "Clients may have no room for them, and the notification needs more SMS parts.",
        "Remove headers the client cannot use; write the content type as a code.",
    );

/// The destination port is not 2948.
pub static PORT: Rule =
    Rule::error("N12-029", Group::Protocol).cite(&DMNOTI_12, "7.1").text("not sent to port 2948").explain(
        "The notification went to another port than the one registered for connectionless push.",
        "Devices listen on 2948 only.",
        "Look at the port the push gateway is configured with; is a proxy in between?",
    );

/// Not a connectionless push.
pub static NOT_CONNECTIONLESS: Rule = Rule::error("N12-030", Group::Protocol)
    .cite(&DMNOTI_12, "7.1")
    .text("not a connectionless push: confirmed, or in a WTP transaction")
    .explain(
        "The notification came as a confirmed push, or in a connection-mode session.",
        "The standard knows only the connectionless, non-secure way; clients may not listen to others.",
        "Set the delivery method of the push to unconfirmed.",
    );

/// Headers beyond the two that are needed.
pub static OTHER_HEADER: Rule =
    Rule::note("N12-032", Group::Protocol).cite(&DMNOTI_12, "7.1").text("a further header in the push").explain(
        "The push has a header besides content type and application id; allowed only if the client can use it. \
         An Authorization header is a warning: credentials in clear.",
        "Each header costs room; credentials meant for the gateway travel to everybody who sees the push.",
        "Does the gateway copy the initiator's HTTP headers into the push?",
    );

/// A repetition, or a re-trigger.
pub static DUPLICATE: Rule = Rule::note("N12-035", Group::Sequence)
    .cite(&DMNOTI_12, "6.2.10")
    .text("duplicate or re-trigger of an earlier notification")
    .explain(
        "The same octets were sent to the same destination before (duplicate), or the same trigger with another digest \
         (re-trigger). Our definition.",
        "One session answers both; many of them tell of a client that does not react, or of a replay.",
        "Did the first one arrive? Look for the session that should follow.",
    );

/// An LwM2M trigger.
pub static IS_LWM2M: Rule = Rule::note("W-015", Group::Assumption)
    .cite(&LWM2M, "8")
    .text("an LwM2M trigger (CoAP), not a DM notification")
    .explain(
        "LwM2M reuses the content type of DM notifications; the application id, or the structure of the body, tells them apart.",
        "Rules of DM notifications do not apply.",
        "If a DM notification was meant, the application id is wrong.",
    );

/// A Data Sync notification.
pub static IS_DATA_SYNC: Rule = Rule::note("W-016", Group::Assumption)
    .cite(&DS_12, "notification")
    .text("a Data Sync notification, not a DM notification")
    .explain(
        "Data Sync 1.2 uses the same digest and header with version 12 and a body of its own.",
        "The header is decoded; rules of DM notifications do not apply.",
        "If a DM notification was meant, content type or application id is wrong.",
    );
