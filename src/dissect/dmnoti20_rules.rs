//! Rules of DM Notification 2.0: N20-*.
//!
//! Definitions only. Those that the dissector cannot decide alone are found broken by the engine: by verification
//! ([`DIGEST_WRONG`]) and by the ledger ([`DUPLICATE`], [`ID_REUSED`], [`AGE`]).

use crate::model::spec::DMNOTI_20;
use crate::model::{Group, Rule};

/// No room for the header.
pub static TOO_SHORT: Rule = Rule::error("N20-001", Group::Malformed)
    .cite(&DMNOTI_20, "5.1")
    .text("shorter than the 4 octets of the header")
    .explain(
        "The carrier delivered fewer octets than version, options count, reserved bits and notification id need.",
        "A client cannot parse the message and drops it.",
        "Compare the payload length with what the server built.",
    );

/// The version is not 2.
pub static VERSION: Rule =
    Rule::error("N20-002", Group::Protocol).cite(&DMNOTI_20, "5.1.1").text("VER is not 2").explain(
        "The first four bits hold another number than 2.",
        "A client of 2.0 cannot read the message; the layout is unknown.",
        "Which version does the server send? DM Notification 1.3 shares the content type.",
    );

/// Options are missing at the end.
pub static TRUNCATED: Rule = Rule::error("N20-003", Group::Malformed)
    .cite(&DMNOTI_20, "5.1.2")
    .text("the message ends inside its options")
    .explain(
        "Walking the options that the header announces runs past the end of the message.",
        "A client drops the message.",
        "Is the options count too high, an option length wrong, or the message cut on its way?",
    );

/// Octets follow the last option.
pub static TRAILING: Rule =
    Rule::error("N20-004", Group::Malformed).cite(&DMNOTI_20, "5.1.2").text("octets follow the last option").explain(
        "The header announces fewer options than there are octets for.",
        "Strict clients drop the message. The digest covers these octets too.",
        "Is the options count too low, or did a gateway append something?",
    );

/// Reserved bits are set.
pub static RESERVED: Rule =
    Rule::note("N20-005", Group::Protocol).cite(&DMNOTI_20, "5.1.3").text("RESERVED is not zero").explain(
        "At least one of the seven reserved bits is set; the draft demands no value.",
        "A later version may give them a meaning.",
        "Were they set on purpose?",
    );

/// The same package again.
pub static DUPLICATE: Rule = Rule::note("N20-006", Group::Sequence)
    .cite(&DMNOTI_20, "5.1.4")
    .text("duplicate of an earlier notification")
    .explain(
        "Server identifier, notification id and destination were seen before, with the same content but for sending time \
         and digest.",
        "The client drops it; many of them tell of a client that does not answer.",
        "Did the first one arrive? Look at the server's resend timer.",
    );

/// The notification id was used for something else.
pub static ID_REUSED: Rule = Rule::error("N20-007", Group::Sequence)
    .cite(&DMNOTI_20, "5.1.4")
    .text("notification id was used for another package before")
    .explain(
        "Server identifier, notification id and destination were seen before with other content.",
        "A client that detects duplicates by the id drops the second package unread.",
        "Look at the counter that feeds the server's notification ids.",
    );

/// The option numbers do not increase.
pub static ORDER: Rule = Rule::error("N20-008", Group::Protocol)
    .cite(&DMNOTI_20, "5.2")
    .text("option delta 0: option numbers must increase")
    .explain(
        "An option after the first repeats the number before it. For numbers above 5 this is a warning only: \
         \"increasing\" may be read as not decreasing.",
        "A client may refuse the message.",
        "Look at how the server sorts and encodes its options.",
    );

/// Option number 0.
pub static NUMBER_ZERO: Rule =
    Rule::error("N20-009", Group::Protocol).cite(&DMNOTI_20, "5.2").text("option number 0 does not exist").explain(
        "The first option has delta 0. Our resolution: no option has that number.",
        "A client may refuse the message or skip the option.",
        "Look at how the server computes deltas.",
    );

/// A standard option twice.
pub static REPEATED: Rule =
    Rule::error("N20-010", Group::Protocol).cite(&DMNOTI_20, "5.3").text("a standard option stands twice").explain(
        "Options 1 to 5 may occur once each.",
        "Clients differ in which of the two they take.",
        "Look at what the server adds to the package.",
    );

/// An option that the draft does not define.
pub static UNKNOWN_OPTION: Rule = Rule::note("N20-011", Group::Undecoded)
    .cite(&DMNOTI_20, "5.3")
    .text("option number above 5 is not defined here")
    .explain(
        "The option is shown as octets.",
        "Whether a client must understand it is not stated.",
        "Is it a vendor's extension, or one of a later version?",
    );

/// No server identifier.
pub static NO_SERVER_ID: Rule = Rule::note("N20-012", Group::Protocol)
    .cite(&DMNOTI_20, "5.3.1")
    .text("no SERVER-ID: the client must discover the server")
    .explain(
        "Option 1 is absent, which is allowed where the client can find out the server otherwise.",
        "With several DM accounts the client cannot know whose secret to use.",
        "Does the device have one account only?",
    );

/// The server identifier is no clean text.
pub static SERVER_ID_TEXT: Rule = Rule::error("N20-013", Group::Protocol)
    .cite(&DMNOTI_20, "5.2.3")
    .text("SERVER-ID is not UTF-8 in Net-Unicode form")
    .explain(
        "Invalid UTF-8 is an error; control characters, text that is not normalised and an empty text are warnings.",
        "The client compares octets with its account, and finds none.",
        "Compare with the identifier in the DM account, octet by octet.",
    );

/// Half an MO index.
pub static REQ_MO_ODD: Rule =
    Rule::error("N20-014", Group::Protocol).cite(&DMNOTI_20, "5.3.2").text("REQ-MO length is odd").explain(
        "The option is a list of indexes of two octets each; one octet is left over.",
        "A client may refuse the option or the message.",
        "Look at how the server writes the list.",
    );

/// An empty list of MOs.
pub static REQ_MO_EMPTY: Rule =
    Rule::warning("N20-015", Group::Protocol).cite(&DMNOTI_20, "5.3.2").text("REQ-MO is empty").explain(
        "The option asks for no management object. Our resolution: that is not worth an option.",
        "It costs room and may confuse clients.",
        "Was the list meant to hold something?",
    );

/// Part of a cache validator entry.
pub static REQ_MO_CV_LENGTH: Rule = Rule::error("N20-017", Group::Protocol)
    .cite(&DMNOTI_20, "5.3.3")
    .text("REQ-MO-CV length is no multiple of 6")
    .explain(
        "Each entry is an MO index of two octets and a validator of four; some octets are left over.",
        "A client may refuse the option or the message.",
        "Look at how the server writes the list.",
    );

/// An empty list of cache validators.
pub static REQ_MO_CV_EMPTY: Rule =
    Rule::warning("N20-018", Group::Protocol).cite(&DMNOTI_20, "5.3.3").text("REQ-MO-CV is empty").explain(
        "The option asks for no management object. Our resolution: that is not worth an option.",
        "It costs room and may confuse clients.",
        "Was the list meant to hold something?",
    );

/// An unknown connection type.
pub static CON_TYPE: Rule =
    Rule::error("N20-020", Group::Protocol).cite(&DMNOTI_20, "5.3.4").text("connection type is not 0..3").explain(
        "The draft defines 0 not specified, 1 mobile, 2 wireless, 3 wireline.",
        "A client cannot follow the wish.",
        "Is the list made of single octets?",
    );

/// A list of connection types that makes no sense.
pub static CON_TYPE_LIST: Rule = Rule::warning("N20-021", Group::Protocol)
    .cite(&DMNOTI_20, "5.3.4")
    .text("connection types: empty list, a repeat, or \"not specified\" beside others")
    .explain(
        "The list is in falling priority, so these add nothing. Our resolution: the draft does not define the list.",
        "Clients may read them differently.",
        "Look at how the server configures the preference.",
    );

/// The digest option has a wrong length.
pub static DIGEST_LENGTH: Rule =
    Rule::error("N20-023", Group::Malformed).cite(&DMNOTI_20, "5.3.5").text("SHA256-DIGEST length is not 36").explain(
        "The option holds four octets of time and 32 of digest; this one has another length.",
        "No client can verify it.",
        "Is the time missing, or a later layout meant, where time and digest are options of their own?",
    );

/// The digest is wrong.
pub static DIGEST_WRONG: Rule = Rule::error("N20-024", Group::Security)
    .cite(&DMNOTI_20, "5.3.5")
    .text("digest does not match any configured secret")
    .explain(
        "SHA-256 over secret and package, the digest set to zero, does not give the digest.",
        "The client ignores the notification.",
        "Compare the secret of both sides; `pushscope explain` tries the known mistakes.",
    );

/// The digest was never filled in.
pub static DIGEST_ZERO: Rule = Rule::error("N20-025", Group::Security)
    .cite(&DMNOTI_20, "5.3.5")
    .text("digest was never filled in: its octets are all equal")
    .explain(
        "The package is hashed with zeros in place of the digest; then the result must replace them.",
        "The notification is not authenticated.",
        "Look at the server's last step before sending.",
    );

/// The sending time is far from the capture time.
pub static AGE: Rule = Rule::warning("N20-026", Group::Security)
    .cite(&DMNOTI_20, "5.3.5")
    .text("sending time is far from the capture time: replay or clock error")
    .explain(
        "Capture time minus sending time lies outside the configured window (24 hours back, 5 minutes ahead).",
        "A client may refuse an old package; an old valid one is what a replay looks like.",
        "Compare the clocks of server and capture; was the push held by a store-and-forward network?",
    );

/// No digest option.
pub static UNSIGNED: Rule = Rule::note("N20-029", Group::Security)
    .cite(&DMNOTI_20, "5.3")
    .text("no digest: the notification is not authenticated")
    .explain(
        "Option 5 is absent, which is allowed where the transport is trusted.",
        "Anybody who can send pushes to the device can make such a notification.",
        "Is the bearer really closed?",
    );

/// Not a connectionless push.
pub static NOT_CONNECTIONLESS: Rule = Rule::error("N20-030", Group::Protocol)
    .cite(&DMNOTI_20, "6.1")
    .text("not a connectionless push: confirmed, or in a WTP transaction")
    .explain(
        "The notification came as a confirmed push, or in a connection-mode session.",
        "The draft knows only the connectionless, non-secure way.",
        "Set the delivery method of the push to unconfirmed.",
    );

/// The application id is not 0x07.
pub static APP_ID: Rule = Rule::error("N20-031", Group::Protocol)
    .cite(&DMNOTI_20, "6.1")
    .text("application id is not 0x07, or is missing")
    .explain(
        "The push does not name the DM client by its code.",
        "Devices route by the application id: the notification does not reach the DM client.",
        "Which application id did the push initiator ask for, and how does the gateway encode it?",
    );

/// The content type is not the code 0x58.
pub static CONTENT_TYPE: Rule = Rule::error("N20-032", Group::Protocol)
    .cite(&DMNOTI_20, "6.1")
    .text("content type is not the code 0x58 (octet D8)")
    .explain(
        "A 2.0 notification came under another content type, or under its media type as text.",
        "Devices route by the content type.",
        "Look at the content type the push gateway was given, and how it encodes it.",
    );

/// The headers are longer than 48 octets.
pub static HEADERS_LONG: Rule =
    Rule::error("N20-033", Group::Protocol).cite(&DMNOTI_20, "6.1").text("push header exceeds 48 octets").explain(
        "From the transaction id to the last header there are more octets than allowed.",
        "Clients may have no room for them.",
        "Remove headers the client cannot use; write the content type as a code.",
    );

/// The destination port is not 2948.
pub static PORT: Rule =
    Rule::error("N20-034", Group::Protocol).cite(&DMNOTI_20, "6.1").text("not sent to port 2948").explain(
        "The notification went to another port than the one devices must listen on.",
        "It does not reach the DM client.",
        "Look at the port the push gateway is configured with; is a proxy in between?",
    );

/// The later layout.
pub static LATER_LAYOUT: Rule = Rule::note("N20-036", Group::Assumption)
    .uncited("the later layout is known from a summary only; the draft does not mention it")
    .text("read with the later DM 2.0 layout (2015/16), not the draft of 2012")
    .explain(
        "With the draft's header of 32 bits the options do not come out; with the later header of 16 bits they end exactly.",
        "Both layouts call themselves version 2; a client of one cannot read the other.",
        "Which version of the standard does the server follow?",
    );

/// Perhaps 1.3.
pub static MAYBE_13: Rule = Rule::note("N20-037", Group::Assumption)
    .uncited("the content type is shared with DM Notification 1.3, whose layout was not at hand")
    .text("probably DM Notification 1.3, which shares the content type 0x58")
    .explain(
        "The first four bits are not 2, so this is no 2.0 message.",
        "Its layout is not known here; it is shown as octets.",
        "Which version does the server send?",
    );
