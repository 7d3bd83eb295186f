//! Deviations that lie in the key used: the wrong one, a mistyped one, one out of date, or none at all.
//!
//! Rows only: names, explanations, implementations, examples. Must not know how they are tried.

use super::deviation::Applies::{Both, V12, V20};
use super::deviation::{Deviation, Example};
use crate::model::spec::{DMNOTI_12, DMNOTI_20, FIELD};

/// Two entries in force one after the other; the messages carry no time the first one covers.
const OLD: &str = "[[server]]\nid = \"com.mgmtsrv.manage\"\npassword = \"S3cr3t-Pw\"\nnonce = [\"nonce-000\", \"nonce-001\"]\n\
    valid-to = 2012-12-11T00:00:00Z\n[[server]]\nid = \"com.mgmtsrv.manage\"\npassword = \"S3cr3t-Pw\"\nnonce = \"nonce-002\"\n";
const OLD_20: &str = "[[server]]\nid = \"com.mgmtsrv.manage\"\nsecret = \"srv-secret-0001\"\nvalid-to = 2012-12-11T00:00:00Z\n\
    [[server]]\nid = \"com.mgmtsrv.manage\"\nsecret = \"srv-secret-0002\"\n";
const OTHER_CASE: &str = "[[server]]\nid = \"Com.MgmtSrv.Manage\"\npassword = \"S3cr3t-Pw\"\nnonce = \"nonce-001\"\n";
const BOTH: &str = "[[server]]\nid = \"com.mgmtsrv.manage\"\npassword = \"S3cr3t-Pw\"\nnonce = \"nonce-001\"\nsecret = \"srv-secret-0001\"\n";
const HEX_TEXT: &str =
    "[[server]]\nid = \"com.mgmtsrv.manage\"\npassword = \"5333637233742d5077\"\nnonce = \"nonce-001\"\n";
const HEX_SECRET: &str = "[[server]]\nid = \"com.mgmtsrv.manage\"\nsecret = \"hex:5333637233742d5077\"\n";
const B64_NONCE: &str = "[[server]]\nid = \"com.mgmtsrv.manage\"\npassword = \"S3cr3t-Pw\"\nnonce = \"bm9uY2UtMDAx\"\n";
const TWO: &str = "[[server]]\nid = \"com.mgmtsrv.manage\"\npassword = \"not this\"\nsecret = \"nor this\"\nnonce = \"nonce-009\"\n\
    [[server]]\nlabel = \"lab\"\nid = \"com.other.server\"\npassword = \"S3cr3t-Pw\"\nnonce = \"nonce-001\"\nsecret = \"srv-secret-0001\"\n";

const fn example(name: &'static str, how: &'static str, keys: &'static str, message: &'static str) -> Example {
    Example { name, how, keys, message, earlier: "" }
}

pub(super) static NONCE_OTHER: Deviation = Deviation::new(6, "nonce-other", "DIG-007", V12)
    .cite(&DMNOTI_12, "5.1")
    .text("the digest was made with a nonce that was meant to be past or future")
    .explain(
        "The number in the name says which of the nonces configured for this server (or learned from the capture) fits; its \
         entry is not in force at the time of the capture, or a newer one was learned.",
        "Device and server are out of step: the device drops the notification.",
        "Find out which side missed the last NextNonce; let the server resynchronise with the special nonce.",
    )
    .seen("Any pair whose last session broke off before the nonce was stored.")
    .examples(&[example("nonce-other:2", "the second nonce, of an entry that is no longer in force", OLD, "d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765")]);

pub(super) static ID_CASE: Deviation = Deviation::new(22, "id-case", "DIG-023", Both)
    .cite(&DMNOTI_12, "6.2.12")
    .text("the server identifier differs in upper and lower case")
    .explain(
        "The identifier that was hashed, or the one in the secrets file, differs from the message's in case only.",
        "The identifier is compared and hashed octet by octet: a device with the other spelling drops the notification.",
        "Use one spelling in the message, in the DM account and in the secrets file.",
    )
    .seen("Not seen in a named product; accounts typed by hand.")
    .examples(&[
        example("id-case", "configured as Com.MgmtSrv.Manage", OTHER_CASE, "d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765"),
        example("id-case", "hashed as COM.MGMTSRV.MANAGE", BOTH, "430c9d819eb8d4e12704472565a10ec702d0000000123412636f6d2e6d676d747372762e6d616e616765"),
        example("id-case", "message and file in lower case, hashed as configured", OTHER_CASE, "d5ee4b7a7fb8f7469f824c820c6ce1d602d0000000123412636f6d2e6d676d747372762e6d616e616765"),
    ]);

pub(super) static SECRET_WHITESPACE: Deviation = Deviation::new(24, "secret-whitespace", "DIG-025", Both)
    .cite(&FIELD, "deviations")
    .text("a blank, newline or zero octet stands at the end of one side's secret")
    .explain(
        "The digest fits when a newline, blank or zero octet is added to the configured value, or trimmed from it; the detail \
         says which and of what.",
        "One side read its secret from a file or a form and kept what stood behind it.",
        "Correct the value where it is stored: with the newline if the sender is to stay, without if it is not.",
    )
    .seen("Secrets piped from echo, pasted from a table, or hashed with the terminator of a C string.")
    .examples(&[
        example("secret-whitespace", "password with a newline", BOTH, "eaae660a2fb6a8dfb0b24066b9f4503002d0000000123412636f6d2e6d676d747372762e6d616e616765"),
        example("secret-whitespace", "2.0 secret with a newline", BOTH, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c9005dca2983fe8f39edeee480f3e4cc2eab6605ebd673fa5f2e4f529056032a37a0"),
    ]);

pub(super) static SECRET_ENCODING: Deviation = Deviation::new(25, "secret-encoding", "DIG-026", Both)
    .cite(&FIELD, "deviations")
    .text("a secret or nonce is configured in another encoding than the sender used")
    .explain(
        "The digest fits when the configured value is read as hex or base64 instead of text, or as text instead of what it \
         was declared; the detail says which.",
        "The value is right but one side decodes it and the other does not.",
        "Give the value with the prefix that fits: hex:, b64: or text:. If the file is right, mend the sender.",
    )
    .seen("Keys shown in hex or base64 by one product and typed as text into another.")
    .examples(&[
        example("secret-encoding", "password given as text, meant as hex", HEX_TEXT, "d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765"),
        example("secret-encoding", "nonce given as text, meant as base64", B64_NONCE, "d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765"),
        example("secret-encoding", "2.0 secret given as hex, meant as text", HEX_SECRET, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c900d73e1bba706b4851ed2326072237fdc2725c5654d9ced3b1ca5100624c254d27"),
    ]);

pub(super) static OTHER_ACCOUNT: Deviation = Deviation::new(26, "other-account", "DIG-027", Both)
    .cite(&FIELD, "deviations")
    .text("the digest was made with the key of another server")
    .explain(
        "The key of another entry of the secrets file fits, named by its label.",
        "The sender signs with the wrong account: a device that looks the key up by the server identifier drops it.",
        "Check which account the sender takes for this server identifier.",
    )
    .seen("Platforms that host several servers; tests that were copied.")
    .examples(&[
        example("other-account", "identifier and password of com.other.server", TWO, "fe67fca608bffa47a447514b07e40def02d0000000123412636f6d2e6d676d747372762e6d616e616765"),
        example("other-account", "password of com.other.server with the message's identifier", TWO, "d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765"),
        example("other-account", "2.0 secret of com.other.server", TWO, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c90021906e309a9c831531ef96e18f6673a2c763d47f4c99e8fbc6b3ff24de769815"),
    ]);

pub(super) static REPLAYED_DIGEST: Deviation = Deviation::new(27, "replayed-digest", "DIG-028", Both)
    .cite(&FIELD, "deviations")
    .text("the digest was copied from an earlier, different message of the capture")
    .explain(
        "Another message with other content carried the same digest before; the detail names its frame.",
        "Either somebody forges notifications with a digest that was overheard, or the sender computes the digest once.",
        "Look at both messages: who sent them, and what differs. Have the sender compute the digest for each message.",
    )
    .seen("Test scripts with a fixed digest; builders that change the session identifier after signing.")
    .examples(&[Example {
        name: "replayed-digest",
        how: "the digest of the message with session 1234 in front of the one with session 1235",
        keys: BOTH,
        message: "d2a353caba93d9309e38d70229bfa58402d0000000123512636f6d2e6d676d747372762e6d616e616765",
        earlier: "d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765",
    }]);

pub(super) static KEY_OUT_OF_RANGE: Deviation = Deviation::new(40, "key-out-of-range", "DIG-041", V20)
    .cite(&DMNOTI_20, "5.3.5")
    .text("the digest was made with a secret that is not in force at this time")
    .explain(
        "The secret of an entry fits whose valid-from and valid-to exclude the time of the capture.",
        "Device and server are out of step about which secret counts.",
        "Check which side missed the change of the secret, and the limits in the secrets file.",
    )
    .seen("Any pair whose secret was changed on one side only.")
    .examples(&[example("key-out-of-range", "the secret of an entry that is no longer in force", OLD_20, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c90021906e309a9c831531ef96e18f6673a2c763d47f4c99e8fbc6b3ff24de769815")]);
