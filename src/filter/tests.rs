//! The language against a packet made by hand: every operator with every kind, errors word by word, and noise.

use super::{Filter, Offer, complete};
use crate::catalog::catalog;
use crate::model::{
    Author, BufId, Buffers, Duration, Field, Group, NoteValue, Notes, Rule, Span, Timestamp, Tree, Value, View,
};

const WHY: &str = "for tests";
static LAYER: Field = Field::layer("t", "Test layer").uncited(WHY);
static GROUP: Field = Field::group("t.group", "Group").uncited(WHY);
static IP: Field = Field::ipv4("t.ip", "IPv4 address").uncited(WHY);
static IP6: Field = Field::ipv6("t.ip6", "IPv6 address").uncited(WHY);
static ETHER: Field = Field::ether("t.eth", "Address").uncited(WHY);
static TEXT: Field = Field::text("t.text", "Text").uncited(WHY);
static BYTES: Field = Field::bytes("t.bytes", "Octets").uncited(WHY);
static FLAG: Field = Field::bool("t.flag", "Flag").uncited(WHY);
static INT: Field = Field::int("t.int", "Number").uncited(WHY);
static TIME: Field = Field::time("t.time", "Time").uncited(WHY);
static SPAN: Field = Field::duration("t.span", "Span").uncited(WHY);
static FRAME: Field = Field::frame_ref("t.ref", "Reference").uncited(WHY);
static MULTI: Field = Field::uint("t.multi", "Several").uncited(WHY);
static NOTE: Field = Field::text("t.note", "Note").uncited(WHY).generated();
static ABSENT: Field = Field::uint("t.absent", "Absent").uncited(WHY);
static MODE: Field = Field::uint("t.mode", "Mode").uncited(WHY).values(&[
    (0, "Not specified"),
    (1, "Background"),
    (2, "Twin"),
    (3, "Twin"),
]);

/// Fields the filter knows in tests.
pub(super) static FIELDS: &[&Field] = &[
    &LAYER, &GROUP, &IP, &IP6, &ETHER, &TEXT, &BYTES, &FLAG, &INT, &TIME, &SPAN, &FRAME, &MULTI, &NOTE, &ABSENT, &MODE,
];

static READ: Rule = Rule::warning("T-001", Group::Protocol).uncited(WHY).text("first thing");
static LATE: Rule = Rule::error("T-002", Group::Security).uncited(WHY).text("second thing");

/// 2 IPv4 addresses, a link-layer address, an IPv6 address, text, octets, a UDP header with payload.
const OCTETS: &[u8] = &[
    10, 1, 2, 3, 10, 1, 9, 9, 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 1, b'H', b'e', b'l', b'l', b'o', 0xde, 0xad, 0xbe, 0xef, 0x23, 0xf0, 0x0b, 0x84, 0x00, 0x0c, 0x00, 0x00, b'a',
    b'b', b'c', b'd',
];

fn with_packet<R>(work: impl FnOnce(&View<'_>) -> R) -> R {
    let buffers = Buffers::new(7, OCTETS);
    let (mut tree, mut notes) = (Tree::default(), Notes::default());
    let at = |start, len| Span::octets(BufId::FRAME, start, len);
    let known = |name| catalog().field(name).expect("a field of the catalog");
    let layer = Some(tree.push(None, &LAYER, at(0, 39), Value::None));
    tree.push(layer, &IP, at(0, 4), Value::Raw);
    tree.push(layer, &IP, at(4, 4), Value::Raw);
    tree.push(layer, &ETHER, at(8, 6), Value::Raw);
    tree.push(layer, &IP6, at(14, 16), Value::Raw);
    let group = Some(tree.push(layer, &GROUP, at(30, 9), Value::None));
    tree.push(group, &TEXT, at(30, 5), Value::Raw);
    tree.push(group, &BYTES, at(35, 4), Value::Raw);
    for number in 1..=3 {
        tree.push(layer, &MULTI, Span::default(), Value::Uint(number));
    }
    let mode = tree.push(layer, &MODE, at(38, 1), Value::Uint(1));
    tree.push(layer, &FLAG, Span::default(), Value::Bool(true));
    tree.push(layer, &INT, Span::default(), Value::Int(-5));
    tree.push(layer, &TIME, Span::default(), Value::Time(Timestamp::from_secs(1_355_313_600, 0)));
    tree.push(layer, &SPAN, Span::default(), Value::Duration(Duration::from_nanos(1_500_000_000)));
    tree.push(layer, &FRAME, Span::default(), Value::Frame { number: 12, index: 2 });
    let udp = Some(tree.push(None, known("udp"), at(39, 8), Value::None));
    tree.push(udp, known("udp.srcport"), at(39, 2), Value::Uint(9200));
    tree.push(udp, known("udp.dstport"), at(41, 2), Value::Uint(2948));
    tree.push(udp, known("udp.length"), at(43, 2), Value::Uint(12));
    tree.push(udp, known("udp.checksum.status"), Span::default(), Value::Uint(3));
    tree.push(None, known("data"), at(47, 4), Value::Raw);
    tree.flag(&READ, mode, format_args!("octet {}", 5));
    notes.add(Author::Verdict, mode, &NOTE, NoteValue::Text("valid".to_owned()));
    notes.flag(Author::Sequence, None, &LATE, String::new());
    work(&View { buffers: &buffers, tree: &tree, notes: &notes })
}

fn check_all(table: &[(&str, bool)]) {
    with_packet(|view| {
        for (source, expected) in table {
            match Filter::new(source) {
                Ok(filter) => assert_eq!(filter.matches(view), *expected, "{source}"),
                Err(error) => panic!("{error}"),
            }
        }
    });
}

#[test]
fn fields_are_there_or_not() {
    check_all(&[
        ("", true),
        ("  ", true),
        ("t", true),
        ("udp", true),
        ("t.absent", false),
        ("not t.absent", true),
        ("!t", false),
        ("!!t", true),
        ("t.note", true),
        ("t.flag", true),
        ("udp.port", true),
        ("finding.rule", true),
        ("(t)", true),
        ("((t and udp))", true),
    ]);
}

#[test]
fn and_binds_closer_than_xor_and_xor_closer_than_or() {
    check_all(&[
        ("t or t.absent and t.absent", true),
        ("(t or t.absent) and t.absent", false),
        ("t || t.absent && t.absent", true),
        ("t xor udp", false),
        ("t ^^ t.absent", true),
        ("t or t xor t", true),
        ("t xor t and t.absent", true),
        ("not t.absent and t", true),
        ("not t == 1 or udp", true),
        ("!t.multi == 5", true),
        ("t.flag == 1 OR t.absent", true),
    ]);
}

#[test]
fn numbers_compare_in_every_spelling() {
    check_all(&[
        ("udp.srcport == 9200", true),
        ("udp.srcport eq 0x23f0", true),
        ("udp.srcport == 021760", true),
        ("udp.srcport == 0b10001111110000", true),
        ("udp.srcport != 9200", false),
        ("udp.srcport ne 9201", true),
        ("udp.srcport < 9201", true),
        ("udp.srcport lt 9200", false),
        ("udp.srcport <= 9200", true),
        ("udp.srcport le 9199", false),
        ("udp.srcport > 9199", true),
        ("udp.srcport gt 9200", false),
        ("udp.srcport >= 9200", true),
        ("udp.srcport ge 9201", false),
        ("9200 == udp.srcport", true),
        ("9201 > udp.srcport", true),
        ("1000 < udp.srcport < 10000", true),
        ("1000 < udp.srcport < 9200", false),
        ("udp.srcport==9200&&udp.dstport==2948", true),
        ("udp.srcport > -1", true),
        ("t.int == -5", true),
        ("t.int < 0", true),
        ("t.int == 5", false),
        ("udp.srcport == 'a'", false),
        ("udp.srcport > 'a'", true),
        ("udp.srcport > 99999999999999999999", false),
    ]);
}

#[test]
fn several_occurrences_any_for_equal_all_for_unequal() {
    check_all(&[
        ("t.multi == 2", true),
        ("t.multi == 4", false),
        ("t.multi != 2", false),
        ("t.multi != 4", true),
        ("!(t.multi == 2)", false),
        ("t.multi !== 2", true),
        ("t.multi ~= 2", true),
        ("t.multi any_ne 2", true),
        ("t.multi === 2", false),
        ("t.multi all_eq 2", false),
        ("udp.length === 12", true),
        ("any t.multi != 2", true),
        ("all t.multi != 2", false),
        ("all t.multi < 4", true),
        ("all t.multi < 3", false),
        ("any t.multi < 2", true),
        ("all t.absent < 3", false),
        ("t.absent != 3", false),
        ("not any t.multi == 9", true),
        ("udp.port == 2948", true),
        ("udp.port != 2948", false),
        ("all udp.port > 2000", true),
        ("t.multi in {3, 9}", true),
        ("all t.multi in {1..3}", true),
        ("all t.multi in {1..2}", false),
        ("t.multi not in {1..3}", false),
        ("t.multi not in {3..9}", false),
        ("t.multi not in {4..9}", true),
        ("t.multi !in {4 .. 9}", true),
        ("t.absent not in {4..9}", true),
        ("any t.multi not in {1..2}", true),
        ("all t.multi not in {3..9}", false),
        ("all t.absent not in {3..9}", false),
    ]);
}

#[test]
fn value_names_stand_for_numbers() {
    check_all(&[
        ("t.mode == \"background\"", true),
        ("t.mode == Background", true),
        ("t.mode != \"Not specified\"", true),
        ("t.mode == \"Twin\"", false),
        ("t.mode != \"Twin\"", true),
        ("t.mode in {\"Twin\", \"background\"}", true),
        ("t.mode > \"not specified\"", true),
        ("udp.checksum.status == \"not present\"", true),
        ("t.flag == true", true),
        ("t.flag == FALSE", false),
        ("t.flag == 1", true),
        ("t.flag != 0", true),
    ]);
}

#[test]
fn text_and_octets() {
    check_all(&[
        ("t.text == \"Hello\"", true),
        ("t.text == Hello", true),
        ("t.text == \"hello\"", false),
        ("lower(t.text) == \"hello\"", true),
        ("upper(t.text) contains \"ELL\"", true),
        ("t.text contains \"ell\"", true),
        ("t.text contains \"ELL\"", false),
        ("t.text contains 'o'", true),
        ("t.text matches \"^hel+o$\"", true),
        ("t.text ~ \"HELLO\"", true),
        ("t.text matches r\"\\w{5}\"", true),
        ("t.text matches \"\\w{5}\"", true),
        ("t.text matches \"^\\\\x48\"", true),
        ("t.text matches \"(?-i)hello\"", false),
        ("t.text == \"\\x48el\\154o\"", true),
        ("t.text == r\"\\x48ello\"", false),
        ("t.text < \"World\"", true),
        ("t.text in {\"A\", \"Hello\"}", true),
        ("t.text in {A..Z}", true),
        ("len(t.text) == 5", true),
        ("t.note == valid", true),
        ("t.note != \"valid\"", false),
        ("t.bytes == de:ad:be:ef", true),
        ("t.bytes == DE-AD-BE-EF", true),
        ("t.bytes == deadbeef", true),
        ("t.bytes == hex:deadbeef", true),
        ("t.bytes == 0xdeadbeef", true),
        ("t.bytes == \"\\xde\\xad\\xbe\\xef\"", true),
        ("t.bytes contains ad:be", true),
        ("t.bytes contains ad:bf", false),
        ("t.bytes contains \"\"", true),
        ("t.bytes matches \"^[\\x80-\\xff]{4}$\"", true),
        ("t.bytes matches \"^\\xde.\\xbe\"", true),
        ("t.bytes > de:ad", true),
        ("len(t.bytes) == 4", true),
        ("string(t.bytes) == \"deadbeef\"", true),
        ("t.group contains \"Hello\"", true),
        ("t.group contains \"abcd\"", false),
        ("udp contains \"abcd\"", true),
        ("udp contains \"Hello\"", false),
        ("t.group == t.bytes", false),
        ("t.group contains t.text", true),
    ]);
}

#[test]
fn slices() {
    check_all(&[
        ("t.bytes[0] == de", true),
        ("t.bytes[0] == 0xde", true),
        ("t.bytes[1:2] == ad:be", true),
        ("t.bytes[1-2] == ad:be", true),
        ("t.bytes[:2] == de:ad", true),
        ("t.bytes[2:] == be:ef", true),
        ("t.bytes[-1] == ef", true),
        ("t.bytes[-2:] == be:ef", true),
        ("t.bytes[-3:2] == ad:be", true),
        ("t.bytes[-3--2] == ad:be", true),
        ("t.bytes[0:2,3] == de:ad:ef", true),
        ("t.bytes[ 0:2 , 3 ] == de:ad:ef", true),
        ("t.bytes[1:3][1] == be", true),
        ("t.bytes[4] == 00", false),
        ("t.bytes[4] != 00", false),
        ("t.bytes[2:3]", false),
        ("t.bytes[0:4]", true),
        ("t.text[0:4] == \"Hell\"", true),
        ("t.text[0:2] == 48:65", true),
        ("upper(t.text)[1:2] == \"EL\"", true),
        ("upper(t.text)[0,4] == \"HO\"", true),
        ("t.eth[0:3] == 00:11:22", true),
        ("t.ip[0] == 0a", true),
        ("t.ip6[0:2] == 2001", true),
        ("udp[0:2] == 23:f0", true),
        ("udp[8:4] == \"abcd\"", true),
        ("udp[-4:] == \"abcd\"", true),
        ("t.bytes[0] & 0x80", true),
        ("t.bytes[0] & 0x01", false),
        ("t.bytes[0:2] & 0xff == 0xad", true),
    ]);
}

#[test]
fn addresses() {
    check_all(&[
        ("t.ip == 10.1.2.3", true),
        ("t.ip == \"10.1.9.9\"", true),
        ("t.ip == 10.1.0.0/16", true),
        ("t.ip != 10.1.2.0/24", false),
        ("t.ip != 10.2.0.0/16", true),
        ("all t.ip == 10.0.0.0/8", true),
        ("t.ip == 11.0.0.0/7", true),
        ("t.ip == 0.0.0.0/0", true),
        ("t.ip < 10.1.3.0", true),
        ("t.ip in {10.1.2.0..10.1.2.9}", true),
        ("t.ip in {10.1.9.0/24}", true),
        ("t.ip/16 == t.ip/16", true),
        ("t.ip/16 == 10.1.0.0", true),
        ("t.ip6 == 2001:db8::1", true),
        ("t.ip6 == 2001:db8::/32", true),
        ("t.ip6 == 2001:db9::/32", false),
        ("t.ip6 == ::1", false),
        ("t.ip6 > ::", true),
        ("t.eth == 00:11:22:33:44:55", true),
        ("t.eth == 00-11-22-33-44-55", true),
        ("t.eth == 0011.2233.4455", true),
        ("t.eth contains 22:33", true),
        ("string(t.ip) matches \"^10\\.1\\.\"", true),
        ("string(t.eth) contains \"44:55\"", true),
        ("string(t.ip6) == \"2001:db8::1\"", true),
    ]);
}

#[test]
fn times_and_spans() {
    check_all(&[
        ("t.time == \"2012-12-12 12:00:00\"", true),
        ("t.time == 2012-12-12T13:00:00+01:00", true),
        ("t.time >= 2012-12-12", true),
        ("t.time < \"Dec 12, 2012 12:00:00.001\"", true),
        ("t.time == 1355313600", true),
        ("t.time in {2012-12-12..2012-12-13}", true),
        ("t.span == 1.5", true),
        ("t.span > 1500ms", false),
        ("t.span < 1m", true),
        ("t.span > -1", true),
        ("t.time - t.time == 0", true),
        ("t.time + 1 > t.time", true),
        ("t.time - 2012-12-12 == 12h", true),
        ("t.span * 2 == 3", true),
        ("string(t.time) contains \"2012-12-12T12\"", true),
        ("string(t.span) == \"1.500000000\"", true),
        ("t.ref == 12", true),
        ("t.ref == 12.2", true),
        ("t.ref == 12.1", false),
        ("t.ref > 12.1", true),
        ("t.ref > 12", false),
        ("t.ref in {10..12}", true),
        ("t.ref != t.multi", true),
        ("string(t.ref) == \"12.2\"", true),
    ]);
}

#[test]
fn calculations_and_functions() {
    check_all(&[
        ("udp.length + 8 == 20", true),
        ("udp.length == 4 * 3", true),
        ("udp.length == 2 + 2 * 5", true),
        ("udp.length == (2 + 2) * 3", true),
        ("(udp.length + 8) / 2 == 10", true),
        ("{udp.length + 8} % 3 == 2", true),
        ("udp.length - 12", false),
        ("udp.length & 0x04", true),
        ("udp.length & 0x01", false),
        ("udp.length & 0xc == 12", true),
        ("udp.length bitand 3 == 0", true),
        ("-udp.length == -12", true),
        ("udp.length / 0 == 1", false),
        ("udp.length == t.multi * 4", true),
        ("udp.srcport != udp.dstport", true),
        ("t.multi == t.multi + 1", true),
        ("count(t.multi) == 3", true),
        ("count(udp.port) == 2", true),
        ("count(t.absent) == 0", false),
        ("count(finding.rule) == 2", true),
        ("min(t.multi) == 1", true),
        ("max(t.multi, udp.length) == 12", true),
        ("max(t.absent) == 0", false),
        ("abs(t.int) == 5", true),
        ("len(udp.srcport) == 2", true),
        ("string(udp.srcport) matches \"00$\"", true),
    ]);
}

#[test]
fn findings_have_an_order_of_severity() {
    check_all(&[
        ("finding.rule == \"T-001\"", true),
        ("finding.rule == T-002", true),
        ("finding.rule == \"T-003\"", false),
        ("finding.severity == warning", true),
        ("finding.severity == \"Error\"", true),
        ("finding.severity == note", false),
        ("finding.severity >= warning", true),
        ("finding.severity < warning", false),
        ("all finding.severity > note", true),
        ("finding.severity in {error}", true),
        ("finding.severity contains \"arn\"", true),
        ("max(finding.severity) == error", true),
        ("finding.group == security", true),
        ("finding.group in {\"malformed\"}", false),
        ("finding.text contains \"octet 5\"", true),
        ("finding.text == \"first thing: octet 5\"", true),
        ("finding.text == \"second thing\"", true),
    ]);
}

#[test]
fn errors_name_place_and_remedy() {
    let wrong = [
        "udp.srcprt == 1",
        "udp and udp.lenght > 8",
        "nothing.near.this",
        "udp.srcport == \"9200\"",
        "udp.srcport == 1.5",
        "udp.srcport == udp.dstprt",
        "udp.srcport == t.ip",
        "t.mode == \"Backgroun\"",
        "t.mode == \"xyz\"",
        "t.flag < 1",
        "t.mode < \"Twin\"",
        "t.ip == 300.1.1.1",
        "t.ip == 10.0.0.0/33",
        "t.ip6 == 10.0.0.1",
        "t.eth == 00:11",
        "t.time == yesterday",
        "t.span == 5x",
        "t.bytes == xyz",
        "t.ref == 1.2.3",
        "t.ip contains \"1\"",
        "udp.srcport matches \"1\"",
        "t.text matches hello",
        "t.text matches \"(\"",
        "t.text matches \"(a{1000}){1000}\"",
        "finding.severity == fatal",
        "finding.group == protcol",
        "udp.length-8 == 4",
        "uper(t.text) == \"A\"",
        "foo(t.text) == \"A\"",
        "len(t.text)",
        "len() == 1",
        "upper(udp.length) == \"A\"",
        "max(t.text) == 1",
        "t.time * 2 == 4",
        "udp.srcport[0] == 1",
        "1 == 1",
        "\"text\"",
        "udp.srcport = 9200",
        "udp | t",
        "udp#2",
        "${udp}",
        "udp.srcport ==",
        "(udp",
        "udp)",
        "udp t",
        "t.multi in 1",
        "t.multi in {1, 2",
        "t.multi in {}",
        "any udp",
        "t.text == \"abc",
        "t.text == 'ab'",
        "t.bytes[] == 1",
        "t.bytes[3-1] == 1",
        "t.bytes[0:0] == 1",
        "t.bytes[-2:3] == 1",
        "udp and \u{1b}[31m",
        "t.text == größe",
        "udp.srcport in {1..\"a\"}",
    ];
    let texts = wrong.map(|source| Filter::new(source).map_or_else(|error| error.to_string(), |_| source.to_owned()));
    insta::assert_snapshot!(texts.join("\n\n"));
}

#[test]
fn an_error_far_into_a_long_expression_shows_its_surroundings() {
    let source = format!("{}udp.srcprt == 1", "udp and ".repeat(50));
    let error = Filter::new(&source).expect_err("a misspelt field");
    assert_eq!(error.column(), 401);
    let (line, caret) = error.excerpt();
    assert!(line.starts_with('…') && line.chars().count() < 160, "{line}");
    let at = caret.chars().count() - error.width();
    assert_eq!(line.chars().skip(at).take(error.width()).collect::<String>(), "udp.srcprt");
}

#[test]
fn nesting_and_length_are_bounded() {
    let deep = |n: usize| format!("{}udp{}", "(".repeat(n), ")".repeat(n));
    assert!(Filter::new(&deep(60)).is_ok());
    for source in [
        deep(100),
        deep(30_000),
        "(".repeat(60_000),
        format!("udp.length == {}", "(".repeat(60_000)),
        format!("udp.length == 1{}", " + 1".repeat(10_000)),
        format!("udp.length == {}1", "len(".repeat(10_000)),
        format!("t.bytes{} == 1", "[0]".repeat(10_000)),
    ] {
        let error = Filter::new(&source).expect_err("too deep");
        assert!(error.message().contains("too deep"), "{}", error.message());
    }
    let long = Filter::new(&"!".repeat(100_000)).expect_err("too long");
    assert!(long.message().contains("65536"), "{long}");
    assert!(Filter::new(&format!("{}udp", "!".repeat(60_000))).is_ok());
    assert!(Filter::new(&format!("udp{}", " or udp".repeat(8_000))).is_ok());
}

#[test]
fn a_calculation_over_too_many_values_ends() {
    let buffers = Buffers::new(1, OCTETS);
    let (mut tree, notes) = (Tree::default(), Notes::default());
    for number in 0..1000 {
        tree.push(None, &MULTI, Span::default(), Value::Uint(number));
    }
    let filter = Filter::new("t.multi + t.multi + t.multi + t.multi == -1").expect("a filter");
    assert!(!filter.matches(&View { buffers: &buffers, tree: &tree, notes: &notes }));
}

#[test]
fn noise_never_panics() {
    let soup = [
        "udp",
        "udp.srcport",
        "t.ip",
        "t.text",
        "t.bytes",
        "t.flag",
        "t.time",
        "t.span",
        "t.ref",
        "t.mode",
        "t.multi",
        "finding.severity",
        "1",
        "0x",
        "9200",
        "10.0.0.1",
        "/",
        "8",
        "\"a\"",
        "r\"(\"",
        "'x'",
        "==",
        "!=",
        "<",
        ">=",
        "===",
        "~",
        "contains",
        "matches",
        "in",
        "{",
        "}",
        "..",
        ",",
        "(",
        ")",
        "[",
        "]",
        "[0:4]",
        "[-1]",
        "[2-1,]",
        "and",
        "or",
        "xor",
        "not",
        "any",
        "all",
        "+",
        "-",
        "*",
        "%",
        "&",
        "upper",
        "len(",
        "count(",
        "max(",
        "\"",
        "\\",
        "'",
        "ü",
        "\u{0}",
        "::",
        ":",
        ".",
    ];
    // A small generator of our own: the same noise in every run.
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % 1_000_003).expect("small") % below
    };
    with_packet(|view| {
        for round in 0..2_000 {
            let glue = if round % 3 == 0 { "" } else { " " };
            let words: Vec<&str> = (0..=next(9)).map(|_| soup[next(soup.len())]).collect();
            let source = words.join(glue);
            match Filter::new(&source) {
                Ok(filter) => {
                    filter.matches(view);
                    filter.restriction();
                }
                Err(error) => {
                    let (line, caret) = error.excerpt();
                    assert!(caret.chars().count() <= line.chars().count() + 2, "{error}");
                }
            }
            complete(&source, next(source.len() + 2));
        }
    });
}

fn offered(source: &str) -> Vec<String> {
    complete(source, source.len()).candidates.into_iter().map(|candidate| candidate.text).collect()
}

#[test]
fn completion_offers_what_fits_the_place() {
    assert_eq!(offered("UDP.SRC")[0], "udp.srcport");
    assert!(offered("udp.por").contains(&"udp.port".to_owned()));
    assert!(offered("srcp").contains(&"udp.srcport".to_owned()));
    assert!(offered("udp and up").contains(&"upper(".to_owned()));
    assert_eq!(offered("udp.checksum.status == ")[..2], ["\"Bad\"", "\"Good\""]);
    assert_eq!(offered("udp.checksum.status == \"unv"), ["\"Unverified\""]);
    assert_eq!(offered("udp.checksum.status in {\"Bad\", go")[0], "\"Good\"");
    assert_eq!(offered("finding.severity >= w")[0], "warning");
    assert!(!offered("udp.srcport c").contains(&"contains".to_owned()));
    assert!(offered("finding.text c").contains(&"contains".to_owned()));
    assert_eq!(offered("udp.srcport == 1 a"), ["and"]);
    assert_eq!(offered("udp.srcport in "), ["{"]);
    let completion = complete("udp.sr == 1", 6);
    assert_eq!(completion.replace, 0..6);
    assert_eq!(completion.candidates[0].offer, Offer::Field(crate::model::Kind::Uint));
    assert_eq!(completion.candidates[0].label, "Source port");
}

#[test]
fn a_restriction_says_only_what_is_certain() {
    for (source, expected) in [
        ("udp.dstport == 9200", Some(vec![(9200, 9200)])),
        ("udp.dstport in {2948, 9200..9203} and t", Some(vec![(2948, 2948), (9200, 9203)])),
        ("udp.dstport == 1 or udp.dstport == 2", Some(vec![(1, 1), (2, 2)])),
        ("udp.dstport == 1 or t", None),
        ("udp.dstport != 1", None),
        ("not udp.dstport == 1", None),
        ("udp.port == 1", None),
        ("udp.dstport not in {1}", None),
        ("", None),
    ] {
        assert_eq!(Filter::new(source).expect("a filter").restriction().udp_dst_ports, expected, "{source}");
    }
}
