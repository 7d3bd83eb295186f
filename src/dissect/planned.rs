//! Rules that nothing here finds broken: those that need more than one frame's notification (SMS legs, sessions, OBEX) and are
//! not looked for yet, and those that no capture can show.
//!
//! Definitions only, so that the list of rules is whole. A rule moves out of here when something checks it.

use crate::model::spec::{DM_CR_END, DM_PROTO, DM_REPPRO, DM_SEC, DMNOTI_12, DMNOTI_20, Spec};
use crate::model::{Checked, Group, Rule, Severity};

/// A rule that a capture can show broken, later.
const fn later(
    id: &'static str,
    severity: Severity,
    group: Group,
    spec: &'static Spec,
    section: &'static str,
    words: [&'static str; 4],
) -> Rule {
    let [text, means, matters, check] = words;
    Rule::new(id, severity, group)
        .cite(spec, section)
        .text(text)
        .explain(means, matters, check)
        .checked(Checked::NotYet)
}

/// A rule that no capture can show broken.
const fn never(
    id: &'static str,
    spec: &'static Spec,
    section: &'static str,
    text: &'static str,
    why: &'static str,
) -> Rule {
    Rule::note(id, Group::Protocol)
        .cite(spec, section)
        .text(text)
        .explain(why, "What the other side does inside is its own affair.", "Ask the client's or the server's log.")
        .checked(Checked::Never)
}

const INSIDE: &str = "What the device does with the message shows nowhere on the wire.";

macro_rules! planned {
    ($($name:ident = $rule:expr;)*) => {
        $(static $name: Rule = $rule;)*
        /// All of them.
        pub static PLANNED: &[&Rule] = &[$(&$name),*];
    };
}

use Group::{Protocol, Security, Sequence};
use Severity::{Error, Note, Warning};

planned! {
    N12_006 = later("N12-006", Warning, Security, &DMNOTI_12, "5.1", [
        "a session followed a notification whose digest is wrong",
        "The digest fails under every nonce, and yet the client opened the session.",
        "The client does not check digests: anybody can trigger it.",
        "Look at the client's security settings.",
    ]);
    N12_008 = never("N12-008", &DMNOTI_12, "6.2.7", "the client follows the UI mode", INSIDE);
    N12_009 = never("N12-009", &DMNOTI_12, "6.2.7", "a background session runs without the user noticing", INSIDE);
    N12_010 = never("N12-010", &DMNOTI_12, "6.2.8", "the client follows the initiator recommendation", INSIDE);
    N12_012 = later("N12-012", Note, Sequence, &DMNOTI_12, "6.2.10", [
        "session identifier used again after its session",
        "The server used a session identifier again for another session within the reuse window.",
        "A late message of the old session can be taken for the new one.",
        "Look at the counter that feeds the session identifiers.",
    ]);
    N12_013 = later("N12-013", Note, Sequence, &DMNOTI_12, "6.2.10", [
        "re-trigger with another session identifier",
        "Two triggers for one destination, no session between them, carry different session identifiers.",
        "The client may open two sessions.",
        "The server should keep the identifier while it waits for the session.",
    ]);
    N12_015 = later("N12-015", Error, Protocol, &DMNOTI_12, "6.2.10", [
        "the session does not carry the trigger's session identifier",
        "Package #1 answers the trigger with another SessionID.",
        "The server cannot match session and trigger, and may trigger again.",
        "Swapped octets and decimal numbers are known faults of clients.",
    ]);
    N12_016 = later("N12-016", Error, Protocol, &DMNOTI_12, "6.2.10", [
        "SessionID is not 1 to 4 upper-case hex digits",
        "The text form of the session identifier is in lower case or too long.",
        "A server that compares text does not find the session.",
        "Lower case is a known fault of clients.",
    ]);
    N12_017 = later("N12-017", Error, Protocol, &DMNOTI_12, "6.2.10", [
        "SessionID has leading zeros",
        "The text form of the session identifier is padded.",
        "A server that compares text does not find the session.",
        "How does the client print the number?",
    ]);
    N12_018 = later("N12-018", Note, Sequence, &DMNOTI_12, "6.2.10", [
        "several sessions for one session identifier",
        "The client opened more than one session though the triggers named the same one.",
        "One is enough; the others cost time and money.",
        "Did the first one fail?",
    ]);
    N12_033 = never("N12-033", &DMNOTI_12, "7.1.1", "the device checks port, application id and type", INSIDE);
    N12_034 = later("N12-034", Error, Protocol, &DMNOTI_12, "7.2", [
        "over OBEX the message must travel in a PUT",
        "The notification came in another OBEX operation.",
        "The client does not hand it to the DM application.",
        "Look at the tool that sends it.",
    ]);
    N20_016 = never("N20-016", &DMNOTI_20, "5.3.2", "every requested MO is sent in Package #1",
        "Package #1 of DM 2.0 is not defined in the draft.");
    N20_019 = never("N20-019", &DMNOTI_20, "5.3.3", "the client validates its cache and sends stale MOs",
        "Package #1 of DM 2.0 is not defined in the draft.");
    N20_022 = never("N20-022", &DMNOTI_20, "5.3.4", "preferred connections are used first", INSIDE);
    N20_027 = never("N20-027", &DMNOTI_20, "5.3.5", "a package with unknown secret or wrong digest is ignored", INSIDE);
    N20_028 = never("N20-028", &DMNOTI_20, "5.3.5", "a package that is too old may be ignored",
        "N20-026 tells the age; what the device does with it shows nowhere.");
    N20_035 = never("N20-035", &DMNOTI_20, "6.1.1", "the device checks port, application id and type", INSIDE);
    N20_038 = never("N20-038", &DMNOTI_20, "5.3.5", "the server secret stands in the DM account", INSIDE);
    N20_039 = never("N20-039", &DMNOTI_20, "5.3", "which options client and server must support", INSIDE);
    S_001 = later("S-001", Error, Protocol, &DM_PROTO, "8.3", [
        "VerDTD and VerProto do not belong together",
        "The header names versions other than 1.2 with DM/1.2, or 1.1 with DM/1.1.",
        "The other side may refuse the session.",
        "Which versions do both sides support?",
    ]);
    S_002 = later("S-002", Error, Protocol, &DM_PROTO, "8.3", [
        "SessionID changes within a session",
        "Messages of one session carry different SessionIDs.",
        "The other side cannot match them.",
        "Look at how the sender keeps the identifier.",
    ]);
    S_003 = later("S-003", Error, Protocol, &DM_PROTO, "8.3", [
        "the answer to a notification lacks Alert 1200 or its SessionID",
        "Package #1 must say that the server caused the session, and carry the trigger's identifier.",
        "The server takes it for a session of the client's own.",
        "Look at the client's first message.",
    ]);
    S_004 = later("S-004", Error, Protocol, &DM_PROTO, "8.3", [
        "the first message lacks its Alert or DevInfo",
        "Package #1 must hold Alert 1200 or 1201 and a Replace with ./DevInfo.",
        "The server does not know the device.",
        "Look at the client's first message.",
    ]);
    S_005 = later("S-005", Error, Protocol, &DM_PROTO, "8", [
        "the client sends a command that is the server's",
        "A client sends Replace of DevInfo, Results and Alert only.",
        "The server does not expect it.",
        "Which side is the client?",
    ]);
    S_006 = later("S-006", Error, Protocol, &DM_PROTO, "8", [
        "the client answers a package that ended the session",
        "After a package without commands and without a challenge the session is over.",
        "The server has forgotten the session.",
        "Look at how the client sees the end.",
    ]);
    S_007 = later("S-007", Warning, Protocol, &DM_PROTO, "8", [
        "no response to a client's package",
        "Every package of the client gets one of the server.",
        "The session hangs.",
        "Was the response lost, or the server busy?",
    ]);
    S_008 = later("S-008", Error, Protocol, &DM_CR_END, "all", [
        "a challenge in a message that has nothing else",
        "Package #2 had no commands and wrong credentials: the client must not challenge in a bare status.",
        "The session does not end.",
        "Look at the client's answer.",
    ]);
    S_009 = later("S-009", Error, Protocol, &DM_PROTO, "9.1", [
        "status 401 or 407 without a challenge",
        "The other side is not told which credentials are wanted.",
        "The session cannot go on.",
        "Look at the status of the header.",
    ]);
    S_010 = later("S-010", Error, Protocol, &DM_PROTO, "9", [
        "after a challenge Package #1 is not sent again whole",
        "The challenged client must send Alert, DevInfo and the credentials asked for.",
        "The server refuses the session.",
        "Compare with the first Package #1.",
    ]);
    S_011 = later("S-011", Note, Security, &DMNOTI_12, "5.1", [
        "resynchronisation: the client uses the special nonce",
        "The credentials of Package #1 verify with four zero octets as nonce.",
        "Both sides exchange new nonces now.",
        "Why did the nonces part?",
    ]);
    S_012 = later("S-012", Warning, Security, &DMNOTI_12, "5.1", [
        "resynchronisation: the server gives no new nonce",
        "Package #2 must carry a challenge with NextNonce.",
        "The nonces stay out of step.",
        "Look at the status of the header in Package #2.",
    ]);
    S_013 = later("S-013", Warning, Security, &DMNOTI_12, "5.1", [
        "resynchronisation: the client gives no new nonce",
        "Package #3 must carry a challenge with NextNonce for the server.",
        "The next notification fails again.",
        "Look at the status of the header in Package #3.",
    ]);
    S_014 = later("S-014", Note, Security, &DMNOTI_12, "5.1", [
        "resynchronisation: how Package #4 ends it",
        "Package #4 confirms, and may replace the server's secret.",
        "A replaced secret must be known to whoever verifies later.",
        "Look for a Replace of AAuthSecret.",
    ]);
    S_015 = later("S-015", Error, Protocol, &DM_PROTO, "8.3", [
        "the last message of a package lacks Final",
        "Final tells the other side that the package is whole.",
        "The other side waits for more.",
        "Look at the last message of the package.",
    ]);
    S_016 = later("S-016", Error, Protocol, &DM_PROTO, "8.1", [
        "session abort without Final, or commands after it",
        "Alert 1223 ends the session.",
        "The other side waits for more.",
        "Look at what follows the alert.",
    ]);
    S_017 = later("S-017", Warning, Protocol, &DM_PROTO, "8.1", [
        "the client answers a session abort",
        "After the server's Alert 1223 the client should be silent.",
        "The server has forgotten the session.",
        "Look at how the client sees the end.",
    ]);
    S_018 = later("S-018", Error, Security, &DM_SEC, "5.3.2", [
        "session credentials do not match",
        "B64(MD5(B64(MD5(user:password)):nonce)) over the configured keys does not give the credentials.",
        "The session is refused.",
        "Compare name, password and nonce of both sides.",
    ]);
    S_019 = later("S-019", Error, Protocol, &DM_REPPRO, "4.1.2", [
        "NextNonce is not base64",
        "A challenge for MD5 or HMAC gives the next nonce in base64 and says so.",
        "Both sides end up with different nonces.",
        "Look at Meta/Format of the challenge.",
    ]);
    S_020 = later("S-020", Error, Security, &DM_SEC, "5.4", [
        "the HMAC header is missing or its status wrong",
        "Once used, the header stands on all later messages; the status is 200 with a new nonce.",
        "The session is refused, or not protected.",
        "Look at the HTTP headers of both sides.",
    ]);
    S_021 = later("S-021", Warning, Protocol, &DM_REPPRO, "5", [
        "content type is not application/vnd.syncml.dm",
        "The HTTP content type names another format.",
        "Some servers and clients refuse it.",
        "Look at the HTTP headers.",
    ]);
    S_022 = later("S-022", Warning, Protocol, &DM_PROTO, "9.1", [
        "RespURI is not used for the retry",
        "The challenge named the address to go on with.",
        "The retry may reach another server.",
        "Compare RespURI with the next request.",
    ]);
    S_023 = later("S-023", Warning, Security, &DM_PROTO, "9", [
        "a message without authentication",
        "Neither the transport nor the message authenticates its sender.",
        "Anybody can take part in the session.",
        "Is HTTPS used on the other leg?",
    ]);
    S_024 = never("S-024", &DM_PROTO, "8", "commands inside Sequence or Atomic run in the order sent", INSIDE);
}
