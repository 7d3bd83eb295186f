//! Transactions by hand, after the layout; the push in them has no TID octet.
#![expect(clippy::indexing_slicing, reason = "a test that goes wrong is a test that fails")]

use crate::dissect::Carrier;
use crate::dissect::wsp::tests::{octets, run_as};

#[test]
fn a_push_in_an_invoke_is_read_in_connection_mode() {
    let run = run_as("wtp", octets("0A 1234 11 06 03 C4 AF 87 D2A353"), 0, Carrier::Udp);
    assert_eq!(
        run.lines(),
        "wtp\n  wtp.continue_flag=0\n  wtp.pdu_type=0x1 Invoke\n  wtp.trailer_flags=0x1 Last packet of message\n  wtp.RID=0\n  wtp.TID.response=0\n  \
         wtp.TID=0x1234\n  wtp.header.version=0x0\n  wtp.header.TIDNew=0\n  wtp.header.UP=1\n  wtp.inv.reserved=0x0\n  \
         wtp.inv.transaction_class=0x1 Reliable Invoke without Result\nwsp\n  wsp.pdu_type=0x6 Push\n  wsp.headers_length=0x3\n  \
         wsp.header.content_type=application/vnd.syncml.notification\n    wsp.content_type.type=0x44 application/vnd.syncml.notification\n  \
         wsp.content_type=application/vnd.syncml.notification\n  wsp.headers\n    \
         wsp.header.x_wap_application_id=x-wap-application:syncml.dm\n      wsp.header.name_value=0x2f X-Wap-Application-Id\n      \
         wsp.application_id=0x7 x-wap-application:syncml.dm\nmedia\n  media.octets=d2a353\n"
    );
    let head = run.found.pushes[0].facts.push.unwrap();
    assert!(head.in_transaction);
    assert_eq!(head.wsp_octets, 5);
}

#[test]
fn a_confirmed_push_is_at_home_in_a_transaction() {
    assert_eq!(run_as("wtp", octets("0A 1234 11 07 03 C4 AF 87 D2"), 0, Carrier::Udp).rules(), Vec::<&str>::new());
}

#[test]
fn several_pdus_in_one_datagram_and_items() {
    let run = run_as("wtp", octets("00 03 18 1234 8009 0A1235 11 06 03 C4 AF 87 04 92 1236 17 1905"), 0, Carrier::Udp);
    assert_eq!(run.found.pushes.len(), 1, "{}", run.lines());
    let run = run_as("wtp", octets("8A 1234 11 19 05 06 03 C4 AF 87"), 0, Carrier::Udp);
    assert_eq!(run.found.pushes.len(), 1, "{}", run.lines());
    assert_eq!(run.rules(), Vec::<&str>::new());
}

#[test]
fn segments_are_named_and_lengths_are_checked() {
    let run = run_as("wtp", octets("08 1234 11 06 03 C4 AF 87 D2A353"), 0, Carrier::Udp);
    assert_eq!(run.rules(), ["WSP-012"]);
    assert!(run.found.concerns_push);
    assert_eq!(run_as("wtp", octets("00 30 18 1234"), 0, Carrier::Udp).rules(), ["WSP-011"]);
    assert_eq!(run_as("wtp", octets("00 03 18 1234"), 0, Carrier::Udp).rules(), Vec::<&str>::new());
}
