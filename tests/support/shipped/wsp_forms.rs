//! Every way to write a content type, a header field and a value; all carry a 1.2 notification that verifies.

use super::super::notification::Trigger;
use super::super::wsp::{self, Push, field, general, integer, long, short, text};
use super::{Expect as _, Scene, Shipped};

/// The captures.
pub(super) fn captures() -> Vec<Shipped> {
    vec![("wsp-forms.pcapng", forms())]
}

fn body(number: u16) -> Vec<u8> {
    Trigger::new(0x400 + number).signed()
}

fn forms() -> Vec<u8> {
    let mut scene = Scene::new();
    let mut number = 0;
    for (content_type, words) in content_types() {
        number += 1;
        let push = Push::new(number as u8, content_type, body(number)).header(wsp::application(7));
        scene.push(&push.octets()).expect("", "valid", &format!("content type {words}"));
    }
    for (value, words) in application_ids() {
        number += 1;
        let push = Push::new(number as u8, short(wsp::DM12), body(number)).header(value);
        scene.push(&push.octets()).expect("", "valid", &format!("application id {words}"));
    }
    for (header, words) in headers() {
        number += 1;
        let push = Push::dm12(number as u8, body(number)).header(header);
        scene.push(&push.octets()).expect("N12-032", "valid", &words);
    }
    for (parameter, words) in parameters() {
        number += 1;
        let content_type = general(&short(wsp::DM12), &parameter);
        let push = Push::new(number as u8, content_type, body(number)).header(wsp::application(7));
        scene.push(&push.octets()).expect("", "valid", &format!("parameter {words}"));
    }
    for (page, words) in pages() {
        number += 1;
        let push = Push::dm12(number as u8, body(number)).header(page);
        scene.push(&push.octets()).expect("", "valid", words);
    }
    number += 1;
    let mut all = Push::dm12(number as u8, body(number));
    for _ in 0..10 {
        all = all.header(field(0x30, text("http://www.example.org/")));
    }
    scene.push(&all.octets()).expect("N12-028", "valid", "HeadersLen of two octets");
    scene.pcapng("content types, headers, values, parameters and code pages in every form")
}

fn content_types() -> Vec<(Vec<u8>, &'static str)> {
    vec![
        (short(0x44), "C4"),
        (general(&long(0x44), &[]), "as a long integer: 02 01 44"),
        (general(&[2, 0, 0x44], &[]), "as a long integer with a leading zero octet"),
        (wsp::with_long_length(&short(0x44)), "behind a length quote: 1F 01 C4"),
        (general(&short(0x44), &[0x81, 0xEA]), "with charset UTF-8: 03 C4 81 EA"),
        (text(wsp::DM12_TEXT), "as text"),
        (text("Application/VND.SyncML.Notification"), "as text in mixed case"),
        (general(&text(wsp::DM12_TEXT), &[]), "as text in general form"),
        (general(&text(wsp::DM12_TEXT), &[0x81, 0xEA]), "as text in general form with charset"),
    ]
}

fn application_ids() -> Vec<(Vec<u8>, &'static str)> {
    vec![
        (field(0x2F, short(7)), "87"),
        (field(0x2F, long(7)), "01 07"),
        (field(0x2F, [2, 0, 7]), "02 00 07"),
        (field(0x2F, text("x-wap-application:syncml.dm")), "as text"),
        (field(0x2F, wsp::quoted_7f("x-wap-application:syncml.dm")), "as text behind a 7F quote"),
        (wsp::text_field("X-Wap-Application-Id", "7"), "with its name as text"),
        (wsp::text_field("x-wap-application-id", "x-wap-application:syncml.dm"), "name and value as text"),
        ([field(0x2F, short(7)), field(0x2F, short(7))].concat(), "twice"),
    ]
}

fn headers() -> Vec<(Vec<u8>, String)> {
    let mut out: Vec<(Vec<u8>, String)> = Vec::new();
    let mut add = |value: Vec<u8>, words: &str| out.push((value, words.to_owned()));
    for flag in 0..8 {
        add(field(0x34, short(flag)), &format!("Push-Flag {flag}"));
    }
    add(field(0x0D, short(44)), "Content-Length 44");
    add(field(0x0D, long(1000)), "Content-Length that is not the length");
    add(field(0x12, wsp::date(0x50C7_C900)), "Date 2012-12-12");
    add(field(0x14, wsp::date(u32::MAX)), "Expires 2106");
    add(field(0x1D, wsp::date(1)), "Last-Modified 1970");
    add(field(0x3F, wsp::date(0x50C7_C900)), "X-Wap-Tod");
    add(field(0x3F, short(0)), "X-Wap-Tod 0: a request");
    add(field(0x43, wsp::version(1, 3)), "Encoding-Version 1.3");
    add(field(0x43, wsp::version(1, 15)), "Encoding-Version 1");
    add(field(0x43, wsp::with_length(&[0x81, 0x93])), "Encoding-Version page 1, 1.3");
    add(field(0x43, text("1.4")), "Encoding-Version as text");
    add(field(0x33, short(3)), "Bearer-Indication GSM SMS");
    add(field(0x31, text("http://push.example.org/i")), "X-Wap-Initiator-URI");
    add(field(0x30, text("http://push.example.org/c")), "X-Wap-Content-URI");
    add(field(0x0E, text("/dm")), "Content-Location");
    add(field(0x07, wsp::basic_credentials("user", "password")), "Authorization Basic");
    let scheme = [&text("Digest")[..], &text("realm"), &text("dm")].concat();
    add(field(0x07, wsp::with_length(&scheme)), "Authorization of another scheme");
    add(field(0x46, short(0)), "X-WAP-Security close-subordinate");
    add(field(0x3D, short(0)), "Cache-Control no-cache");
    add(field(0x3D, wsp::with_length(&[&short(2)[..], &integer(3600)].concat())), "Cache-Control max-age=3600");
    add(field(0x26, text("PushGW/1.0")), "Server");
    add(field(0x0B, short(0)), "Content-Encoding gzip");
    add(field(0x0C, short(0x19)), "Content-Language en");
    add(field(0x05, integer(0x0102_0304)), "Age as a long integer");
    add(field(0x15, wsp::quoted_7f("\u{e9}@example.org")), "From that starts with an 8-bit character");
    add(field(0x40, wsp::quoted_string("<part1@example.org>")), "Content-ID as a quoted string");
    add(field(0x45, wsp::with_length(&[&[0x81][..], &[0x98], &text("a.bin")].concat())), "Content-Disposition");
    add(field(0x11, short(0x44)), "Content-Type once more as a header");
    add(wsp::text_field("X-Foo", "bar"), "a header of our own");
    add(wsp::text_field("DATE", "Wed, 12 Dec 2012 00:00:00 GMT"), "Date with its name as text");
    add(field(0x7E, short(1)), "an unassigned field, value of one octet");
    add(field(0x70, wsp::with_length(&[1, 2, 3])), "an unassigned field, value with length");
    add(field(0x71, wsp::with_long_length(&[9; 40])), "an unassigned field, value behind a length quote");
    add(field(0x72, text("text")), "an unassigned field, text");
    add(field(0x12, text("not a date")), "Date of the wrong type");
    out
}

fn parameters() -> Vec<(Vec<u8>, &'static str)> {
    let parameter = |code: u8, value: Vec<u8>| field(code, value);
    vec![
        (parameter(0x00, wsp::uintvar(50)), "q=0.49"),
        (parameter(0x00, wsp::uintvar(433)), "q=0.333"),
        (parameter(0x01, short(0)), "charset=*"),
        (parameter(0x01, short(3)), "charset=US-ASCII"),
        (parameter(0x01, long(1000)), "charset=ISO-10646-UCS-2"),
        (parameter(0x01, long(1015)), "charset=UTF-16"),
        (parameter(0x02, wsp::version(1, 2)), "level=1.2"),
        (parameter(0x03, integer(300)), "type=300"),
        (parameter(0x05, text("old name")), "name in its old form"),
        (parameter(0x08, short(5)), "padding=5"),
        (parameter(0x09, short(0x44)), "type as constrained encoding"),
        (parameter(0x0E, integer(86_400)), "max-age=86400"),
        (parameter(0x10, vec![0]), "secure (no value)"),
        (parameter(0x11, short(1)), "sec=USERPIN"),
        (
            [parameter(0x11, short(0)), parameter(0x12, text("0123456789ABCDEF0123456789ABCDEF01234567"))].concat(),
            "sec=NETWPIN and mac",
        ),
        (parameter(0x13, wsp::date(0x50C7_C900)), "creation-date"),
        (parameter(0x16, integer(42)), "size=42"),
        (parameter(0x17, text("token")), "name as a token"),
        (parameter(0x17, wsp::quoted_string("two words")), "name as a quoted string"),
        (parameter(0x17, vec![0]), "name without a value"),
        ([text("x-own"), short(5)].concat(), "with a name of its own and an integer"),
        ([text("x-own"), text("value")].concat(), "with a name of its own and text"),
        (parameter(0x60, short(1)), "unassigned"),
    ]
}

fn pages() -> Vec<(Vec<u8>, &'static str)> {
    let back = |inner: Vec<u8>| [inner, wsp::shift(1), field(0x34, short(1))].concat();
    vec![
        (back([wsp::shift(2), field(0x00, short(1))].concat()), "shift to page 2 and back"),
        (
            back([vec![0x03], field(0x2F, short(5))].concat()),
            "short-cut shift to page 3 and back: AF is not ours there",
        ),
        ([wsp::shift(0x80), field(0x7F, text("x"))].concat(), "shift to page 128 and no way back"),
        (vec![0x01], "a shift to the page that is set already"),
    ]
}
