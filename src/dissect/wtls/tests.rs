//! Records by hand, after the layout.

use crate::dissect::Carrier;
use crate::dissect::wsp::tests::{octets, run_as};

#[test]
fn records_are_named_and_listed_as_concerning_a_push() {
    let run = run_as("wtls", octets("E4 0001 0003 AABBCC 24 DD"), 0, Carrier::Udp);
    assert_eq!(run.rules(), ["WSP-013"]);
    assert!(run.found.concerns_push && run.found.pushes.is_empty());
    assert_eq!(
        run.lines(),
        "wtls !WSP-013\n  wtls.record\n    wtls.rec_type.length=1\n    wtls.rec_type.sequence=1\n    wtls.rec_type.ciphered=1\n    wtls.rec_type.reserved=0\n    \
         wtls.rec_type=0x4 Application data\n    wtls.rec_seq=0x1\n    wtls.rec_length=0x3\n    wtls.contents=aabbcc\n  wtls.record\n    \
         wtls.rec_type.length=0\n    wtls.rec_type.sequence=0\n    wtls.rec_type.ciphered=1\n    wtls.rec_type.reserved=0\n    \
         wtls.rec_type=0x4 Application data\n    wtls.contents=dd\n"
    );
}

#[test]
fn a_record_beyond_the_datagram_is_said() {
    assert_eq!(run_as("wtls", octets("A4 0004 AABBCC"), 0, Carrier::Udp).rules(), ["WSP-013", "WSP-014"]);
    assert_eq!(run_as("wtls", octets("A4 0003 AABBCC"), 0, Carrier::Udp).rules(), ["WSP-013"]);
}
