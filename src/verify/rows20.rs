//! Deviations of the 2.0 digest.
//!
//! Rows only: names, explanations, implementations, examples. No implementation of 2.0 was found in public: all rows are
//! readings the text of the draft invites. Must not know how they are tried.

use super::deviation::Applies::V20;
use super::deviation::{Deviation, Example};
use crate::model::spec::DMNOTI_20;

const KEYS: &str = "[[server]]\nid = \"com.mgmtsrv.manage\"\nsecret = \"srv-secret-0001\"\n";
const AUTH: &str =
    "[[server]]\nid = \"com.mgmtsrv.manage\"\nsecret = \"srv-secret-0001\"\nauth-data = \"noti-data-1\"\n";
/// No implementation of 2.0 is public.
const UNSEEN: &str = "No implementation of 2.0 is known in public.";

const fn example(name: &'static str, how: &'static str, keys: &'static str, message: &'static str) -> Example {
    Example { name, how, keys, message, earlier: "" }
}

pub(super) static DIGEST_IN_PLACE: Deviation = Deviation::new(28, "digest-in-place", "DIG-029", V20)
    .cite(&DMNOTI_20, "5.3.5")
    .text("the package was hashed with a digest in its place instead of zeros")
    .explain(
        "The sender computed the digest, put it in place, and hashed the package once more.",
        "A device zeroes the 32 octets before hashing and drops the package.",
        "Hash once, with the 32 digest octets zero.",
    )
    .seen(UNSEEN)
    .examples(&[example(
        "digest-in-place",
        "hashed a second time with the digest in place",
        KEYS,
        "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c90097ff7299277d20b2f2ee610a139613b4d0015b16f825dbc9ebc625a04d1e9e94",
    )]);

pub(super) static SECRET_APPENDED: Deviation = Deviation::new(29, "secret-appended", "DIG-030", V20)
    .cite(&DMNOTI_20, "5.3.5")
    .text("the secret was hashed behind the package instead of before it")
    .explain(
        "The sender concatenated package and secret in the other order.",
        "A device hashes the secret first and drops the package.",
        "Hash the secret first, then the package.",
    )
    .seen(UNSEEN)
    .examples(&[example("secret-appended", "SHA-256(package, secret)", KEYS, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c900ca48cb1d6b4e409fab8c22e019d688d25d15c34af34433a6fc24acf19d981c6a")]);

pub(super) static TIME_ZEROED: Deviation = Deviation::new(30, "time-zeroed", "DIG-031", V20)
    .cite(&DMNOTI_20, "5.3.5")
    .text("the sending time was hashed as zero")
    .explain(
        "The sender zeroed the whole option value, the time included, or set the time after hashing.",
        "A device zeroes the 32 digest octets only and drops the package; and the time is open to change on the way.",
        "Set the time first, zero the digest octets only, then hash.",
    )
    .seen(UNSEEN)
    .examples(&[
        example("time-zeroed", "36 zero octets", KEYS, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c900131b3d816e5294092368422306ee7aff15c78bf4eb0fac251c0653001411b763"),
        example("secret-appended+time-zeroed", "and the secret appended", KEYS, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c90005a5be3b2a2bd63d51a82559b86754baf073ce708e10e9f10dd4350a82e974e9"),
    ]);

pub(super) static TIME_LITTLE_ENDIAN: Deviation = Deviation::new(31, "time-little-endian", "DIG-032", V20)
    .cite(&DMNOTI_20, "5.3.5")
    .text("the sending time was hashed in the other byte order than it was sent")
    .explain(
        "The sender hashed the time in its own (little-endian) byte order and swapped it before sending.",
        "A device hashes the octets as received and drops the package.",
        "Write the time big-endian first, then hash those octets.",
    )
    .seen(UNSEEN)
    .examples(&[example("time-little-endian", "time hashed as 00 C9 C7 50", KEYS, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c900865fa1d403aa12dbad0bce332b4410f644291173b1abc3cd924366f67f491ce3")]);

pub(super) static OPTION_LEFT_OUT: Deviation = Deviation::new(32, "option-left-out", "DIG-033", V20)
    .cite(&DMNOTI_20, "5.3.5")
    .text("the digest option itself was left out of the hash")
    .explain(
        "The sender hashed the package before option 5 was added; the detail says whether the option count was that of the \
         package sent.",
        "A device hashes the package with option 5 in place and drops it; and the time is open to change on the way.",
        "Add option 5 with the time and 32 zero octets first, then hash.",
    )
    .seen(UNSEEN)
    .examples(&[
        example("option-left-out", "option count as sent", KEYS, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c9009c9ec5bce5930193dad98c3b7326080f1d0484955aefa4e52aa79696754f2272"),
        example("option-left-out", "option count without it", KEYS, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c9005a0a3e7d564bd5f936a232ecd78c744934c996f9c5becdbd49c3d22f712ee8ba"),
    ]);

pub(super) static SEPARATOR_OCTET: Deviation = Deviation::new(33, "separator-octet", "DIG-034", V20)
    .cite(&DMNOTI_20, "5.3.5")
    .text("a separator was hashed between secret and package")
    .explain(
        "The sender put an octet between the two; the detail says which. The draft's bar means concatenation.",
        "A device hashes secret and package without anything between them and drops the package.",
        "Concatenate secret and package directly.",
    )
    .seen(UNSEEN)
    .examples(&[
        example("separator-octet", "a vertical bar (7C)", KEYS, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c9009bb13265a76d6525673ac4b01083b5466fa60635d12537f2a3a983050a521ffb"),
        example("separator-octet", "a colon (3A)", KEYS, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c900bccdfaa6a09583b2e725c0e565ef691f098a7f608f5676496d9244b6a7451458"),
    ]);

pub(super) static HMAC: Deviation = Deviation::new(34, "hmac", "DIG-035", V20)
    .cite(&DMNOTI_20, "5.3.5")
    .text("the digest is an HMAC instead of a hash over secret and package")
    .explain(
        "The sender computed HMAC-SHA-256 keyed with the secret: the better construction, but not the draft's.",
        "A device computes the plain hash and drops the package.",
        "Hash secret and package with SHA-256; or agree on HMAC on both sides.",
    )
    .seen(UNSEEN)
    .examples(&[example("hmac", "HMAC-SHA-256(secret, package)", KEYS, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c900f63826b8ec81c3f113b3321e79b5b89499d002e5914781eea4572ce916e60210")]);

pub(super) static AUTH_DATA_APPENDED: Deviation = Deviation::new(35, "auth-data-appended", "DIG-036", V20)
    .cite(&DMNOTI_20, "5.3.5")
    .text("authentication data was hashed behind the package, as the later DM 2.0 does")
    .explain(
        "The sender follows the later text: secret, package with zero digest, then the account's authentication data.",
        "A device of the 2012 draft hashes no such data and drops the package.",
        "Agree on one edition of DM 2.0 on both sides.",
    )
    .seen("The later text of DM 2.0 (2015/16), from a secondary source; no implementation is known in public.")
    .examples(&[example("auth-data-appended", "SHA-256(secret, package, auth-data)", AUTH, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c90054d60bbbd0dc3a03a36f84096815893ef0f1d38b36c08eb52927f187782d4a33")]);

pub(super) static OPTION_COUNT_CHANGED: Deviation = Deviation::new(39, "option-count-changed", "DIG-040", V20)
    .cite(&DMNOTI_20, "5.1.2")
    .text("the option count was changed after signing")
    .explain(
        "The digest fits the package with another option count in its header; the detail says which.",
        "A device hashes the header as received and drops the package.",
        "Set the option count, digest option included, before hashing.",
    )
    .seen(UNSEEN)
    .examples(&[
        example("option-count-changed", "one less, as before option 5 was added", KEYS, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c9000169b7cc74691967399c2413b4cb2a521ae20c2a66b48bacd534c5ed15e35ac4"),
        example("option-count-changed", "zero", KEYS, "22800a0b1012636f6d2e6d676d747372762e6d616e616765100302010310040001010210060003a1b2c3d4102450c7c90021d28f3dc0bc0e791aa0882006c14b29b2afd1c8176a1431c3a01638a8ecc25a"),
    ]);
