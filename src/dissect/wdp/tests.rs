//! User data headers of the reference and of public sources.
#![expect(clippy::indexing_slicing, reason = "a test that goes wrong is a test that fails")]

use crate::dissect::Carrier;
use crate::dissect::wsp::tests::{octets, run_as};

fn rules(hex: &str) -> Vec<&'static str> {
    run_as("gsm_sms_ud", octets(hex), 0, Carrier::None).rules()
}

#[test]
fn ports_lead_to_a_push() {
    // wdp-wsp.md, chapter 3: the header of the checked SMS-DELIVER; then order and elements as Kannel writes them.
    for header in [
        "06 05040B84C002",
        "0B 05040B8423F0 0003010101",
        "0B 0003010101 05040B8423F0",
        "0C 05040B84C002 08040102 0101",
        "08 0700 05040B84C002",
    ] {
        let run = run_as("gsm_sms_ud", octets(&format!("{header} 01 06 03 C4 AF 87 D2A353")), 0, Carrier::None);
        assert_eq!(run.rules(), Vec::<&str>::new(), "{}", run.lines());
        let [push] = &run.found.pushes[..] else { panic!("{header}: {}", run.lines()) };
        assert_eq!(push.facts.dst_port, Some(2948));
        assert_eq!(push.facts.udh_octets, u32::from(octets(header)[0]) + 1);
        assert_eq!(push.facts.push.unwrap().app_id.unwrap().code, Some(7));
    }
}

#[test]
fn the_tree_of_a_header() {
    let run = run_as("gsm_sms_ud", octets("0B 05040B8423F0 0003010201 0106"), 0, Carrier::None);
    assert_eq!(
        run.lines(),
        "gsm_sms_ud\n  gsm_sms.dis_field_udh.user_data_header_length=0xb\n  gsm_sms.udh.ie\n    gsm_sms.ie_identifier=0x5 Application ports, 16-bit\n    \
         gsm_sms.dis_field_ud_iei.length=0x4\n    gsm_sms.destination_port=0xb84\n    gsm_sms.originator_port=0x23f0\n  gsm_sms.udh.ie\n    \
         gsm_sms.ie_identifier=0x0 Concatenation, 8-bit reference\n    gsm_sms.dis_field_ud_iei.length=0x3\n    gsm_sms.udh.mm.msg_id=0x1\n    \
         gsm_sms.udh.mm.msg_parts=0x2\n    gsm_sms.udh.mm.msg_part=0x1\n  gsm_sms.part=0106\n"
    );
}

#[test]
fn of_repeated_elements_the_last_counts() {
    let run = run_as("gsm_sms_ud", octets("0C 050400010002 05040B84C002 0106 03 C4AF87"), 0, Carrier::None);
    assert_eq!(run.found.pushes.len(), 1);
    let other = run_as("gsm_sms_ud", octets("0C 05040B84C002 050400010002 0106 03 C4AF87"), 0, Carrier::None);
    assert_eq!(other.found.pushes[0].facts.dst_port, Some(1), "another application's port, and a push all the same");
}

#[test]
fn lengths_that_do_not_come_out_are_w_007() {
    assert_eq!(rules("07 05040B84C002 01 06 03 C4 AF 87")[0], "W-007", "an element without its length");
    assert_eq!(rules("05 05040B84C002 06 03 C4 AF 87")[0], "W-007", "an element beyond the header");
    assert_eq!(rules("20 05040B84C002"), ["W-007"], "a header beyond the data");
    assert_eq!(rules("06 05040B84C002 01 06 03 C4 AF 87"), Vec::<&str>::new());
}

#[test]
fn narrow_ports_with_a_push_are_w_009() {
    assert_eq!(rules("04 040284F0 01 06 03 C4 AF 87"), ["W-009"]);
    assert_eq!(rules("04 040284F0 48656C6C6F"), Vec::<&str>::new(), "another application");
}

#[test]
fn an_impossible_concatenation_is_ignored() {
    for part in ["0003010001", "0003010200", "0003010203"] {
        let run = run_as("gsm_sms_ud", octets(&format!("0B 05040B84C002 {part} 01 06 03 C4 AF 87")), 0, Carrier::None);
        assert_eq!(run.found.pushes.len(), 1, "{part}");
    }
}
