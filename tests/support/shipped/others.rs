//! Pushes that are no DM notification, formats that look like one, and hostile text.

use super::super::file::{Frame, Order, Pcapng};
use super::super::link::{ethernet_ip, link_type};
use super::super::net::{Ip as _, Udp};
use super::super::notification::{Package, Sync, Trigger, all_options, base64, data_sync, later_layout, lwm2m_trigger};
use super::super::wsp::{self, Push, field, general, long, short, text};
use super::{Expect as _, SECOND, START, Scene, Shipped};

/// The captures.
pub(super) fn captures() -> Vec<Shipped> {
    vec![
        ("other-pushes.pcapng", other_pushes()),
        ("near-formats.pcapng", near_formats()),
        ("hostile-text.pcapng", hostile_text()),
        ("pcapng-blocks.pcapng", blocks()),
    ]
}

/// A WBXML service indication: `<si><indication href="http://example.org/">Hello</indication></si>`.
fn service_indication() -> Vec<u8> {
    let mut out = vec![0x02, 0x05, 0x6A, 0x00, 0x45, 0xC6, 0x0C, 0x03];
    out.extend(b"example.org\0");
    out.extend([0x01, 0x03]);
    out.extend(b"Hello\0");
    out.extend([0x01, 0x01]);
    out
}

/// A WBXML service loading: `<sl href="http://example.org/" action="execute-low"/>`.
fn service_loading() -> Vec<u8> {
    let mut out = vec![0x02, 0x06, 0x6A, 0x00, 0x85, 0x09, 0x03];
    out.extend(b"example.org\0");
    out.extend([0x05, 0x01]);
    out
}

/// An MMS m-notification-ind with a transaction id, version, class, size, expiry and location.
fn mms_notification() -> Vec<u8> {
    let mut out = vec![0x8C, 0x82, 0x98];
    out.extend(b"T42\0");
    out.extend([0x8D, 0x92, 0x8A, 0x80, 0x8E, 0x02, 0x27, 0x10, 0x88, 0x05, 0x81, 0x03, 0x01, 0x51, 0x80, 0x83]);
    out.extend(b"http://mms.example.org/42\0");
    out
}

fn other_pushes() -> Vec<u8> {
    let mut scene = Scene::new();
    let mut add = |push: Push, words: &str| {
        scene.push(&push.octets()).expect("", "", words);
    };
    add(Push::well_known(1, 0x2E, 2, service_indication()), "service indication, binary");
    add(
        Push::new(
            2,
            short(0x2D),
            b"<?xml version=\"1.0\"?><si><indication href=\"http://example.org/\">Hi</indication></si>",
        ),
        "service indication, text",
    );
    add(Push::well_known(3, 0x30, 2, service_loading()), "service loading, binary");
    add(Push::well_known(4, 0x32, 2, [0x02, 0x07, 0x6A, 0x00, 0x45, 0x01]), "cache operation, binary");
    add(Push::well_known(5, 0x3E, 4, mms_notification()), "MMS notification");
    let mac = text("0123456789ABCDEF0123456789ABCDEF01234567");
    let secured = general(&short(0x36), &[field(0x11, short(1)), field(0x12, mac)].concat());
    add(Push::new(6, secured, [0x03, 0x0B, 0x6A, 0x00, 0x45, 0x01]), "client provisioning with SEC and MAC");
    add(Push::well_known(7, 0x42, 7, [0x02, 0x00, 0x00, 0x6A, 0x00, 0x6D]), "DM bootstrap in WBXML");
    add(Push::new(8, general(&long(0x0312), &[]), [0x00, 0x08]).header(wsp::application(0x10)), "SUPL INIT");
    add(Push::well_known(9, 0x48, 8, b"rights"), "DRM message");
    add(
        Push::new(10, general(&long(0x030A), &[]), [0x03, 0x0D, 0x6A, 0x00]).header(wsp::application(9)),
        "e-mail notification",
    );
    add(Push::new(11, text("application/vnd.example+json"), b"{\"hello\":\"world\"}"), "an unknown textual type");
    add(Push::new(12, general(&long(0x0001_0203), &[]), [1, 2, 3]), "an experimental content type code");
    add(Push::well_known(13, 0x59, 3, [0xDE, 0xAD]), "an unassigned content type code");
    let by_text = field(0x2F, text("x-oma-docomo:device.ctl"));
    add(Push::new(14, short(0x5A), [0xCA, 0xFE]).header(by_text), "octet-stream for a registered application");
    add(Push::new(15, short(0x5A), []).header(field(0x2F, long(0x9071))), "no body, application id 0x9071");
    let pdu = [0x20, 0x40, 0x0A, b'/'];
    scene.push(&pdu).expect("", "", "no push: a Get");
    for (port, words) in [(2949, "WTLS: secure push"), (9202, "WTLS"), (9203, "WTLS with WTP")] {
        let packet = scene.ip().udp(&Udp::new(49154, port), &[0x16, 0, 1, 0, 5, 1, 2, 3, 4, 5]);
        scene.packet(&packet).expect("", "", words);
    }
    scene.pcapng("pushes that are no DM notification")
}

fn near_formats() -> Vec<u8> {
    let mut scene = Scene::new();
    let now = scene.now();
    let trigger = |session| Trigger::new(session).signed();
    let package = |id| Package::new(id).server().digest_at(now).signed();
    let mut add = |push: Push, rules: &str, status: &str, words: &str| {
        scene.push(&push.octets()).expect(rules, status, words);
    };
    add(Push::well_known(1, wsp::DM12, 0x1A, lwm2m_trigger(1)), "W-015", "", "LwM2M trigger, application id 0x1A");
    add(Push::dm12(2, lwm2m_trigger(2)), "", "", "LwM2M trigger under application id 7");
    let mut coap = lwm2m_trigger(3);
    coap[0] = 0x44;
    coap.splice(4..4, [0xDE, 0xAD, 0xBE, 0xEF]);
    let long_form = wsp::with_long_length(&short(wsp::DM12));
    add(Push::new(3, long_form, coap).header(wsp::application(0x1A)), "W-015", "", "LwM2M trigger with a token");
    let one = [Sync { alert: 206, content_type: 7, uri: "card" }];
    let two =
        [Sync { alert: 206, content_type: 7, uri: "card" }, Sync { alert: 210, content_type: 0x0306, uri: "mail" }];
    for (tid, syncs) in [(4, &one[..]), (5, &two[..]), (6, &[][..])] {
        let body = Trigger::new(u16::from(tid)).version(12).ui(0, 1).vendor(data_sync(syncs)).signed();
        add(Push::well_known(tid, wsp::DS, 5, body), "W-016", "valid", "Data Sync notification");
    }
    add(Push::dm20(7, later_layout(7)), "N20-036", "", "the later 2.0 layout");
    add(Push::dm20(8, Package::new(8).ver(1).server().octets()), "N20-002 N20-037", "", "perhaps DM 1.3");
    add(Push::dm20(9, trigger(9)), "", "valid", "a 1.2 message under the 2.0 content type");
    add(Push::dm12(10, package(10)), "", "valid", "a 2.0 message under the 1.2 content type");
    add(Push::dm12(11, base64(&trigger(11))), "", "valid", "a 1.2 message in base64");
    add(Push::dm20(12, base64(&package(12))), "", "valid", "a 2.0 message in base64");
    let samsung = [1, 1, 1, 0, 3, 1, 1, 4, 1, 0x4F];
    add(
        Push::dm12(13, Trigger::new(13).vendor(samsung).signed()),
        "N12-021",
        "valid",
        "vendor octets in type-length-value form",
    );
    let thirteen = Trigger::new(14).vendor("1010101010101").signed();
    add(Push::dm12(14, thirteen), "N12-021", "valid", "thirteen vendor digits");
    let long_trigger = Trigger::new(15).vendor([0x5A; 300]).signed();
    add(Push::dm12(15, long_trigger), "N12-021", "valid", "a trigger of more than 255 octets");
    let junk = [&[0xDE, 0xAD, 0xBE, 0xEF][..], &Push::dm12(16, trigger(16)).octets()].concat();
    scene.push(&junk).expect("", "valid", "four octets in front of the WSP header");
    let packet = scene.ip().udp(&Udp::new(40000, 16000), &Push::dm12(17, trigger(17)).octets());
    scene.packet(&packet).expect(
        "",
        "",
        "a push to port 16000: seen with --heuristic or --decode-as udp.port==16000,wsp only",
    );
    let packet = scene.ip().udp(&Udp::new(40000, 16001), &trigger(18));
    scene.packet(&packet).expect("", "", "a bare 1.2 message to port 16001: seen with --heuristic only");
    scene.pcapng("formats near to Package #0, and Package #0 in odd wrappings")
}

/// Text that tries to take over a terminal or to deceive the eye.
const HOSTILE: [(&str, &[u8]); 9] = [
    ("clear screen", b"\x1B[2J\x1B[Hgone"),
    ("window title", b"\x1B]0;owned\x07x"),
    ("C1 control sequence introducer", b"\xC2\x9B31mred"),
    ("bidi override", b"abc\xE2\x80\xAEfed\xE2\x80\xACx"),
    ("bidi isolate", b"\xE2\x81\xA7user\xE2\x81\xA9"),
    ("zero-width and Hangul fillers", b"a\xE2\x80\x8Bb\xE3\x85\xA4c"),
    ("NUL, CR, LF, TAB", b"a\x00b\rc\nd\te"),
    ("invalid UTF-8", b"\xFF\xC0\x80\xED\xA0\x80"),
    ("spreadsheet formula", b"=HYPERLINK(\"http://example.org\")"),
];

fn hostile_text() -> Vec<u8> {
    let mut scene = Scene::new();
    for (number, (what, octets)) in HOSTILE.iter().enumerate() {
        let number = number as u8 * 8;
        // Where the format ends a text with NUL, the text must not hold one.
        let no_nul: Vec<u8> = octets.iter().copied().filter(|octet| *octet != 0).collect();
        let shown = String::from_utf8_lossy(octets).into_owned();
        let now = scene.now();
        let mut add = |push: Push, place: &str| {
            let frame = scene.push(&push.octets());
            frame.comments.push(format!("{what} in {place}"));
        };
        let id = Trigger::new(u16::from(number) + 1).server(octets).signed();
        add(Push::dm12(number, id), "the 1.2 server identifier");
        let vendor = Trigger::new(u16::from(number) + 2).vendor(octets).signed();
        add(Push::dm12(number + 1, vendor), "vendor octets");
        let package = Package::new(u16::from(number) + 3).option(1, octets).digest_at(now).signed();
        add(Push::dm20(number + 2, package), "the 2.0 SERVER-ID");
        add(Push::new(number + 3, text(&no_nul), octets), "content type and body");
        let notification = || Trigger::new(u16::from(number) + 5).signed();
        let values = Push::dm12(number + 4, notification())
            .header(field(0x31, text(&no_nul)))
            .header([b"X-Own\0", &text(&no_nul)[..]].concat())
            .header(field(0x07, wsp::with_long_length(&[&[0x80], &text(&no_nul)[..], &text(&no_nul)].concat())));
        add(values, "header values");
        let parameters =
            general(&short(wsp::DM12), &[field(0x17, text(&no_nul)), [b"x\0", &text(&no_nul)[..]].concat()].concat());
        add(Push::new(number + 5, parameters, notification()).header(wsp::application(7)), "parameters");
        add(
            Push::new(number + 6, short(wsp::DM12), notification()).header(field(0x2F, text(&no_nul))),
            "application id",
        );
        scene.push(&Push::dm12(number + 7, notification()).octets()).comments.push(format!("comment: {shown}"));
    }
    scene.pcapng("hostile text in every text field: \u{1B}[31mred\u{1B}[0m \u{202E}desrever")
}

fn blocks() -> Vec<u8> {
    let mut scene = Scene::new();
    for session in 1..=9 {
        scene.push(&Push::dm12(session, Trigger::new(0x500 + u16::from(session)).signed()).octets());
    }
    let all = all_options(0x50A, scene.now()).signed();
    scene.push(&Push::dm20(10, all).octets()).expect("", "valid", "2.0 with all options");
    let mut frames = scene.frames.clone().into_iter();
    let mut next = |words: &str| -> Frame {
        let mut frame = frames.next().expect("ten frames were made");
        frame.expect("", "valid", words);
        frame
    };
    let mut file = Pcapng::new(Order::Little);
    file.section(
        Order::Little,
        &[(1, b"first section, little-endian"), (2, b"encoder"), (4, b"pushscope test support")],
    );
    file.interface(
        link_type::ETHERNET,
        0,
        Some(9),
        None,
        &[(2, b"eth0"), (3, b"nanoseconds"), (1, b"interface comment")],
    );
    file.interface(link_type::RAW, 65_535, None, None, &[(2, b"tun0")]);
    file.interface(link_type::ETHERNET, 65_535, Some(0x94), None, &[(2, b"eth1"), (3, b"2^-20 seconds")]);
    file.interface(
        link_type::ETHERNET,
        65_535,
        Some(3),
        Some(START.cast_signed()),
        &[(2, b"eth2"), (3, b"milliseconds, offset")],
    );
    file.packet(&next("nanoseconds").comment("a second comment"));
    let mut raw = next("interface 1: raw IP, microseconds").interface(1);
    raw.octets.drain(..14);
    file.packet(&raw);
    file.packet(&next("interface 2: 2^-20 seconds").interface(2));
    // Name resolution: IPv4 192.0.2.10 is dm.example.org.
    file.block(4, b"\x01\x00\x13\x00\xC0\x00\x02\x0Adm.example.org\0\0\0\0\0\0");
    file.packet(&next("interface 3: milliseconds with offset").interface(3));
    file.simple_packet(&next("simple packet block: no time"));
    file.old_packet(&next("obsolete packet block"));
    // Interface statistics, a custom block that may be copied, one that may not, and a block nobody knows.
    file.block(5, &[&0_u32.to_le_bytes()[..], &[0; 8]].concat());
    file.block(0x0000_0BAD, b"\x39\x30\x00\x00custom data");
    file.block(0x4000_0BAD, b"\x39\x30\x00\x00custom data");
    file.block(0x7FFF_0001, b"local use");
    file.section(Order::Big, &[(1, b"second section, big-endian")]);
    file.interface(link_type::ETHERNET, 65_535, Some(6), None, &[(2, b"lo")]);
    file.packet(&next("second section, big-endian"));
    file.simple_packet(&next("simple packet block, big-endian"));
    file.section(Order::Little, &[]);
    let without_end = {
        // An interface whose options lack the end option.
        let mut body = vec![1, 0, 0, 0, 0, 0, 1, 0];
        body.extend([9, 0, 1, 0, 6, 0, 0, 0]);
        body
    };
    file.block(1, &without_end);
    file.packet(&next("third section: interface options without end"));
    file.packet(&next("third section"));
    let http = Frame::new((START + 60) * SECOND, ethernet_ip(&scene.ip().udp(&Udp::new(53, 40000), b"not a push")));
    file.packet(&http.comment("no push at all: only --all lists it"));
    file.file()
}
