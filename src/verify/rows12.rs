//! Deviations of the 1.2 digest: how the nonce, the trigger and the credential are fed.
//!
//! Rows only: names, explanations, implementations, examples. Must not know how they are tried.

use super::deviation::Applies::V12;
use super::deviation::{Deviation, Example};
use crate::model::spec::{DMNOTI_12, FIELD};

/// Keys of the worked example of the reference.
const KEYS: &str = "[[server]]\nid = \"com.mgmtsrv.manage\"\npassword = \"S3cr3t-Pw\"\nnonce = \"nonce-001\"\n";
/// The same with a binary nonce that holds a NUL octet and one that is no UTF-8.
const BINARY: &str = "[[server]]\nid = \"com.mgmtsrv.manage\"\npassword = \"S3cr3t-Pw\"\nnonce = \"hex:4e9f0063\"\n";
/// The same with a nonce that is base64 text once decoded.
const TWICE: &str =
    "[[server]]\nid = \"com.mgmtsrv.manage\"\npassword = \"S3cr3t-Pw\"\nnonce = \"b64:Ym05dVkyVXRNREF4\"\n";
/// The same without a password.
const EMPTY: &str = "[[server]]\nid = \"com.mgmtsrv.manage\"\npassword = \"\"\nnonce = \"nonce-001\"\n";
/// The same with an account name.
const USER: &str =
    "[[server]]\nid = \"com.mgmtsrv.manage\"\npassword = \"S3cr3t-Pw\"\nuser = \"account-7\"\nnonce = \"nonce-001\"\n";

const fn example(name: &'static str, how: &'static str, keys: &'static str, message: &'static str) -> Example {
    Example { name, how, keys, message, earlier: "" }
}

pub(super) static NONCE_BASE64: Deviation = Deviation::new(0, "nonce-base64", "DIG-001", V12)
    .cite(&DMNOTI_12, "6.2.2")
    .text("the digest was made with the nonce still base64-encoded")
    .explain(
        "The sender fed the base64 text of the nonce into the digest instead of the octets it stands for.",
        "A conforming device decodes the nonce first, computes another digest and drops the notification.",
        "On the sender, decode AAuthData (or NextNonce) from base64 before hashing.",
    )
    .seen("AOSP OmaDM clients try it as their second guess; buteo-syncml does it when its caller passes text.")
    .examples(&[example(
        "nonce-base64",
        "nonce fed as bm9uY2UtMDAx",
        KEYS,
        "13ee9c1012677d3c97027f5b38346d3002d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static NONCE_DOUBLE_DECODED: Deviation = Deviation::new(1, "nonce-double-decoded", "DIG-002", V12)
    .cite(&DMNOTI_12, "6.2.2")
    .text("the digest was made with the nonce base64-decoded once too often")
    .explain(
        "The nonce's octets happen to be base64 text, and the sender decoded them a second time.",
        "Device and server hash different octets for the same stored nonce.",
        "Decode AAuthData exactly once; if the provisioning encoded it twice, mend the provisioning.",
    )
    .seen("AOSP OmaDM decodes whatever text is stored; the tsDM client's default nonce is encoded twice.")
    .examples(&[example(
        "nonce-double-decoded",
        "nonce bm9uY2UtMDAx fed as nonce-001",
        TWICE,
        "d2a353caba93d9309e38d70229bfa58402d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static NONCE_LOSSY_UTF8: Deviation = Deviation::new(2, "nonce-lossy-utf8", "DIG-003", V12)
    .cite(&FIELD, "deviations")
    .text("the digest was made with a nonce that went through a UTF-8 string")
    .explain(
        "The sender turned the nonce into a text string and back: every octet that is no UTF-8 became EF BF BD.",
        "Binary nonces give a digest no conforming device computes; nonces of plain ASCII hide the fault.",
        "Keep the nonce as octets (byte[] in Java) from decoding to hashing; never build a String from it.",
    )
    .seen("Samsung wssyncmldm of 2013 and accessorydm (new String(bytes), then getBytes).")
    .examples(&[example(
        "nonce-lossy-utf8",
        "octet 9F fed as EF BF BD",
        BINARY,
        "f98d25be49f10d08acd8c34ec4f6121802d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static NONCE_CUT_AT_NUL: Deviation = Deviation::new(3, "nonce-cut-at-nul", "DIG-004", V12)
    .cite(&FIELD, "deviations")
    .text("the digest was made with the nonce cut at its first zero octet")
    .explain(
        "The sender handled the nonce as a C string, which ends at the first zero octet.",
        "Nonces that hold a zero octet fail, about one in 16 for 16 random octets; others work, which looks random.",
        "Pass the nonce with its length, as octets.",
    )
    .seen("Synthesis libsynthesis (const char* nonce).")
    .examples(&[example(
        "nonce-cut-at-nul",
        "nonce 4E 9F 00 63 fed as 4E 9F",
        BINARY,
        "b23145046afcca1e15d3f17354e5e6d702d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static NONCE_EMPTY: Deviation = Deviation::new(4, "nonce-empty", "DIG-005", V12)
    .cite(&DMNOTI_12, "6.2.2")
    .text("the digest was made with the empty nonce although a nonce is configured")
    .explain(
        "The sender hashed no nonce at all between the two colons.",
        "The server has lost the nonce, or never stored one; a device that has one drops the notification.",
        "Compare the server's nonce for this device with the configured one; resynchronise if the server has none.",
    )
    .seen("Funambol DS server (a null nonce is empty); Synthesis, whose special nonce of zero octets is an empty C string.")
    .examples(&[example("nonce-empty", "nothing between the colons", KEYS, "a30f727995b25b66c0e34591b14b36fd02d0000000123412636f6d2e6d676d747372762e6d616e616765")]);

pub(super) static NONCE_CONSTANT: Deviation = Deviation::new(5, "nonce-constant", "DIG-006", V12)
    .cite(&FIELD, "deviations")
    .text("the digest was made with a constant built into some product instead of the nonce")
    .explain(
        "The sender used a fixed text as the nonce: it never learned one.",
        "A constant nonce makes every digest replayable, and a device with a real nonce drops the notification.",
        "Provision a nonce for this server and device and have the sender use it.",
    )
    .seen("SyncEvolution (SyncEvolution); tsDM (1234, MTIzNA==); a line for Sprint in AOSP OmaDM (12345).")
    .examples(&[
        example(
            "nonce-constant:SyncEvolution",
            "nonce SyncEvolution",
            KEYS,
            "39962e53b1bf3cba79a8717ee7eb75fa02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "nonce-constant:1234",
            "nonce 1234",
            KEYS,
            "e17378d4521798ec45e779dd88f8dd5e02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "nonce-constant:12345",
            "nonce 12345",
            KEYS,
            "2be3101b324b63e21f6e6c687ae48ad602d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "nonce-constant:MTIzNA==",
            "nonce MTIzNA==",
            KEYS,
            "d089ffe1bc2aa4409b0bfac30ecdcfcd02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
    ]);

pub(super) static RESYNC_ASCII_0X: Deviation = Deviation::new(7, "resync-ascii-0x", "DIG-008", V12)
    .cite(&DMNOTI_12, "5.1")
    .text("the special nonce was written as the ten characters 0x00000000")
    .explain(
        "The server asks to resynchronise nonces but fed the text 0x00000000 instead of four zero octets.",
        "A device that hashes four zero octets takes the notification for forged and never resynchronises.",
        "Feed the special nonce as four zero octets.",
    )
    .seen("Intel libdmclient.")
    .examples(&[example(
        "resync-ascii-0x",
        "nonce 0x00000000 as text",
        KEYS,
        "daf3658b48ec70d4f45397d8de0dab0502d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static RESYNC_ASCII_8: Deviation = Deviation::new(8, "resync-ascii-8", "DIG-009", V12)
    .cite(&DMNOTI_12, "5.1")
    .text("the special nonce was written as the eight characters 00000000")
    .explain(
        "The server asks to resynchronise nonces but fed the hex digits of the special nonce as text.",
        "A device that hashes four zero octets takes the notification for forged and never resynchronises.",
        "Feed the special nonce as four zero octets.",
    )
    .seen("Not seen in a named product; a reading the standard's text invites.")
    .examples(&[example(
        "resync-ascii-8",
        "nonce 00000000 as text",
        KEYS,
        "9aed6ed98cbdd9cf4bf2a88cb4d1083c02d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static RESYNC_BASE64: Deviation = Deviation::new(9, "resync-base64", "DIG-010", V12)
    .cite(&DMNOTI_12, "5.1")
    .text("the special nonce was left base64-encoded (AAAAAA==)")
    .explain(
        "The server asks to resynchronise nonces but fed the base64 text of four zero octets.",
        "A device that hashes four zero octets takes the notification for forged and never resynchronises.",
        "Decode the special nonce like any other before hashing.",
    )
    .seen("AOSP OmaDM clients try it as their last guess.")
    .examples(&[example(
        "resync-base64",
        "nonce AAAAAA== as text",
        KEYS,
        "adc0317f85b7f35e213c62c053b332f202d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static RESYNC_OTHER_LENGTH: Deviation = Deviation::new(10, "resync-other-length", "DIG-011", V12)
    .cite(&DMNOTI_12, "5.1")
    .text("the special nonce has another length than four zero octets")
    .explain(
        "The server asks to resynchronise nonces but fed zeros of another number or kind; the detail says which.",
        "A device that hashes four zero octets takes the notification for forged and never resynchronises.",
        "Feed the special nonce as four zero octets.",
    )
    .seen("Not seen in a named product; readings the standard's text leaves open.")
    .examples(&[
        example(
            "resync-other-length",
            "16 zero octets",
            KEYS,
            "dd7885b18e0b4179710fa5f4ffdd880a02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "resync-other-length",
            "8 zero octets",
            KEYS,
            "6891900121d4d4580a7a127bd23c67a302d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "resync-other-length",
            "1 zero octet",
            KEYS,
            "992d878c9bb10688802648e6665fca1202d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "resync-other-length",
            "0000 as text",
            KEYS,
            "3a46b754c1ca3cc431f5c3716728a21d02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "resync-other-length",
            "0 as text",
            KEYS,
            "089eb9646ff90fc2be709d1f7aa3a53402d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
    ]);

pub(super) static TRIGGER_RAW: Deviation = Deviation::new(11, "trigger-raw", "DIG-012", V12)
    .cite(&DMNOTI_12, "6.2.2")
    .text("the trigger itself was fed into the digest instead of B64(H(trigger))")
    .explain(
        "The sender skipped the inner hash of the trigger and its base64 encoding.",
        "A conforming device computes another digest and drops the notification.",
        "Hash the trigger with MD5 and feed the base64 text of the hash.",
    )
    .seen("Not seen in a named product; a slip of first implementations.")
    .examples(&[example(
        "trigger-raw",
        "the 26 octets of the trigger behind the last colon",
        KEYS,
        "8741b82251e68ffeb5c41add3f61c2e102d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static TRIGGER_DIGEST_RAW: Deviation = Deviation::new(12, "trigger-digest-raw", "DIG-013", V12)
    .cite(&DMNOTI_12, "6.2.2")
    .text("the hash of the trigger was fed as 16 octets instead of base64")
    .explain(
        "The sender hashed the trigger but did not encode the hash.",
        "A conforming device computes another digest and drops the notification.",
        "Encode the hash of the trigger with base64 before the outer hash.",
    )
    .seen("Not seen in a named product; a slip of first implementations.")
    .examples(&[example(
        "trigger-digest-raw",
        "H(trigger) as 16 octets",
        KEYS,
        "dee945c8fac9c7f5841825dd1e095ea202d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static TRIGGER_DIGEST_HEX: Deviation = Deviation::new(13, "trigger-digest-hex", "DIG-014", V12)
    .cite(&DMNOTI_12, "6.2.2")
    .text("the hash of the trigger was fed as hex instead of base64")
    .explain(
        "The sender wrote the hash of the trigger as hex digits, as HTTP Digest does.",
        "A conforming device computes another digest and drops the notification.",
        "Encode the hash of the trigger with base64 instead of hex.",
    )
    .seen("Not seen in a named product; HTTP Digest code that was reused.")
    .examples(&[example(
        "trigger-digest-hex",
        "H(trigger) as 32 hex digits",
        KEYS,
        "9533d4d20f1862601542756eab3fce9302d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static TRIGGER_HEADER_ONLY: Deviation = Deviation::new(14, "trigger-header-only", "DIG-015", V12)
    .cite(&DMNOTI_12, "6.2.3")
    .text("the vendor-specific octets are not covered by the digest")
    .explain(
        "The digest covers the trigger header only: vendor octets were added after signing, or left out when hashing.",
        "Devices hash header and body and drop the notification; the vendor octets are open to change on the way.",
        "Hash the trigger to its end, vendor octets included, after they are in place.",
    )
    .seen("Not seen in a named product; gateways that append vendor octets.")
    .examples(&[example(
        "trigger-header-only",
        "vendor octets CA FE 00 01 left out",
        KEYS,
        "7a24a0d3360e9cbe2b9a9178aaaf6d1002f800000000a712636f6d2e6d676d747372762e6d616e616765cafe0001",
    )]);

pub(super) static TRIGGER_LENGTH_MOD_256: Deviation = Deviation::new(15, "trigger-length-mod-256", "DIG-016", V12)
    .cite(&FIELD, "deviations")
    .text("only the first (length mod 256) octets of the trigger are covered by the digest")
    .explain(
        "The length of the trigger was kept in one octet, so only a part of a trigger above 255 octets was hashed.",
        "Short notifications verify, long ones never do on other products.",
        "Keep the length of the trigger in at least 16 bits.",
    )
    .seen("AOSP OmaDM (UINT8 length).")
    .examples(&[example(
        "trigger-length-mod-256",
        "286 octets, the first 30 hashed",
        KEYS,
        "fa3f8a1d8f7a81851ed64dcc5f3e60a202d0000000123412636f6d2e6d676d747372762e6d616e6167657676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676767676",
    )]);

pub(super) static TRIGGER_WITH_DIGEST: Deviation = Deviation::new(16, "trigger-with-digest", "DIG-017", V12)
    .cite(&DMNOTI_12, "6.2.2")
    .text("the place of the digest was hashed along with the trigger")
    .explain(
        "The sender hashed the whole message with zeros where the digest goes, instead of what follows it.",
        "A conforming device hashes from octet 16 on and drops the notification.",
        "Hash the trigger only: what follows the 16 digest octets.",
    )
    .seen("Samsung wssyncmldm of 2013 and accessorydm hash the first octets of the whole message, digest included.")
    .examples(&[
        example(
            "trigger-with-digest",
            "16 zero octets in front of the trigger",
            KEYS,
            "fb66187ca90f09922fb6e4cd66a9bc7502d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "trigger-with-digest",
            "16 zero octets in front, the last 16 octets left out",
            KEYS,
            "29f7091b5bd544f397990225aaa4d30802d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
    ]);

pub(super) static CREDENTIAL_HEX: Deviation = Deviation::new(17, "credential-hex", "DIG-018", V12)
    .cite(&DMNOTI_12, "6.2.2")
    .text("the hash of id:password was fed as hex instead of base64")
    .explain(
        "The sender wrote the credential hash as hex digits, as HTTP Digest does.",
        "A conforming device computes another digest and drops the notification.",
        "Encode H(id:password) with base64 instead of hex.",
    )
    .seen("Not seen in a named product; HTTP Digest code that was reused.")
    .examples(&[
        example(
            "credential-hex",
            "H(id:password) as 32 hex digits",
            KEYS,
            "25d1b58d9827fae2213f405a449873fe02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "trigger-digest-hex+credential-hex",
            "both inner hashes as hex",
            KEYS,
            "f43f8e9c42ffd8589968764128887d4d02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
    ]);

pub(super) static NO_SEPARATORS: Deviation = Deviation::new(18, "no-separators", "DIG-019", V12)
    .cite(&DMNOTI_12, "6.2.2")
    .text("the colons between the parts of the digest input are missing")
    .explain(
        "The sender concatenated credential hash, nonce and trigger hash without the two colons.",
        "A conforming device computes another digest and drops the notification.",
        "Put one colon (3A) before and one behind the nonce.",
    )
    .seen("Not seen in a named product; a slip of first implementations.")
    .examples(&[example(
        "no-separators",
        "the three parts without colons",
        KEYS,
        "23e851cb6ecfbba72f27f3fc7d1209a002d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static NO_COLON_EMPTY_PASSWORD: Deviation = Deviation::new(19, "no-colon-empty-password", "DIG-020", V12)
    .cite(&FIELD, "deviations")
    .text("with an empty password the colon behind the server identifier was left out")
    .explain(
        "The sender hashed the identifier alone instead of identifier and colon because the password is empty.",
        "Accounts without a password fail on other products.",
        "Hash the colon always; better, set a password.",
    )
    .seen("Synthesis libsynthesis.")
    .examples(&[example(
        "no-colon-empty-password",
        "H(id) instead of H(id:)",
        EMPTY,
        "1253ed31d2bfc93bc8b1315b3bf52ea802d0000000123412636f6d2e6d676d747372762e6d616e616765",
    )]);

pub(super) static SESSION_CREDENTIAL: Deviation = Deviation::new(20, "session-credential", "DIG-021", V12)
    .cite(&DMNOTI_12, "6.2.2")
    .text("the digest is the credential of a session: the trigger is not covered")
    .explain(
        "The sender used the formula of the session's MD5 credential, H(B64(H(id:password)):nonce), without the trigger.",
        "Devices drop the notification; and such a digest could be put before any trigger.",
        "Add a colon and B64(H(trigger)) to the digest input.",
    )
    .seen("Not seen in a named product; code shared with the session's credential.")
    .examples(&[example("session-credential", "H(B64(H(id:password)):nonce)", KEYS, "a8e1383cae7cbda067981d187bfa7b7602d0000000123412636f6d2e6d676d747372762e6d616e616765")]);

pub(super) static USER_FOR_ID: Deviation = Deviation::new(21, "user-for-id", "DIG-022", V12)
    .cite(&FIELD, "deviations")
    .text("the account name was hashed in place of the server identifier")
    .explain(
        "The sender hashed AAuthName (user:password) instead of the server identifier of the message.",
        "Devices that hash the server identifier drop the notification.",
        "Hash the server identifier as it stands in the message; or give the account the identifier as its name.",
    )
    .seen("Intel libdmclient; Samsung IDM FOTA 4.3; tsDM; SyncEvolution (sync user name).")
    .examples(&[
        example(
            "user-for-id",
            "H(account-7:password)",
            USER,
            "4abef1f216e3cd5e9b4f034133ef8b9a02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "nonce-constant:SyncEvolution+user-for-id",
            "as SyncEvolution sends",
            USER,
            "d3aede9c7a9e7a5198305e5dfbb557cd02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
    ]);

pub(super) static PASSWORD_EMPTY: Deviation = Deviation::new(23, "password-empty", "DIG-024", V12)
    .cite(&DMNOTI_12, "6.2.2")
    .text("the digest was made with an empty password")
    .explain(
        "The sender hashed the identifier and the colon without a password.",
        "Anybody can make this digest: it proves nothing.",
        "Set the account's password (AAuthSecret) on the sender.",
    )
    .seen("Nokia's PC Suite sends it by design (Data Sync).")
    .examples(&[
        example(
            "password-empty",
            "H(id:)",
            KEYS,
            "3749c8a049cdf8e4801d7e9d8204f98b02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "no-colon-empty-password+password-empty",
            "H(id)",
            KEYS,
            "1253ed31d2bfc93bc8b1315b3bf52ea802d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
    ]);

pub(super) static HEADER_BYTE_SWAPPED: Deviation = Deviation::new(36, "header-byte-swapped", "DIG-037", V12)
    .cite(&DMNOTI_12, "6")
    .text("the digest covers a header in another byte order than the one sent")
    .explain(
        "The sender hashed the header in its own (little-endian) byte order; the detail says which fields.",
        "A conforming device hashes the octets as received and drops the notification.",
        "Serialise the header big-endian first, then hash those octets.",
    )
    .seen("Intel libdmclient swaps the session identifier on little-endian machines; Funambol C++ casts to bit-fields.")
    .examples(&[
        example(
            "header-byte-swapped",
            "session identifier hashed as 34 12",
            KEYS,
            "5913756689dd3df9caeee02e2ac3c36902d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "header-byte-swapped",
            "first two octets hashed as D0 02",
            KEYS,
            "54d21f2d21ea42e11fd195a5a733c75602d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "header-byte-swapped",
            "both",
            KEYS,
            "ae3ac26b562d326066617cf317254a0902d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "header-byte-swapped",
            "eight octets reversed",
            KEYS,
            "2bf49ca4340ccfb9804af08f08fd1b6702d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
    ]);

pub(super) static VENDOR_CUT: Deviation = Deviation::new(37, "vendor-cut", "DIG-038", V12)
    .cite(&DMNOTI_12, "6.2.13")
    .text("the digest does not cover the last octets of the message")
    .explain(
        "The digest covers the message without its last octets (the number is in the name): something was appended.",
        "Devices hash to the end of the message and drop the notification.",
        "Look for a gateway that pads the message or adds a line end; the length from the carrier must be exact.",
    )
    .seen("Not seen in a named product; padding by carriers.")
    .examples(&[example(
        "vendor-cut:2",
        "CA FE 0D 0A, the digest covers CA FE",
        KEYS,
        "48bae23abf7ff29e32510fc3bd0dd78302d0000000123412636f6d2e6d676d747372762e6d616e616765cafe0d0a",
    )]);

pub(super) static VENDOR_ADDED: Deviation = Deviation::new(38, "vendor-added", "DIG-039", V12)
    .cite(&DMNOTI_12, "6.2.13")
    .text("the digest covers octets behind the end of the message")
    .explain(
        "The digest covers more than was received: octets at the end were lost; the detail says which would fit.",
        "Devices hash what they receive and drop the notification.",
        "Look for a gateway that trims the message, and for a sender that hashes a terminator it does not send.",
    )
    .seen("Verizon's vDM tools put 13 characters behind the server identifier; C strings hashed with their terminator.")
    .examples(&[
        example(
            "vendor-added",
            "a zero octet hashed behind the trigger",
            KEYS,
            "207bbe157bd6f989362152ab3133133402d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
        example(
            "vendor-added",
            "1010101010101 hashed behind the trigger",
            KEYS,
            "2220a77601be78864fda5ddd1f888cca02d0000000123412636f6d2e6d676d747372762e6d616e616765",
        ),
    ]);
