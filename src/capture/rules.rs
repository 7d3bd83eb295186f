//! What can be odd about a capture file without making it unreadable: the findings `CAP-…`.
//!
//! Each is attached to the frame it concerns; what concerns a whole file, section or interface goes to the next frame after it.
//! Damage that loses octets is a [`Problem`](super::Problem) instead. Must not know how the rules are raised.

use crate::model::spec::PCAP;
use crate::model::{Group, Rule};

/// The sub-second part of a time is a second or more.
pub static SUBSECOND_RANGE: Rule = Rule::warning("CAP-001", Group::Malformed)
    .cite(&PCAP, "pcap")
    .text("the sub-second part of the capture time is a second or more")
    .explain(
        "The record's fraction of a second is 1,000,000 µs (1,000,000,000 ns) or more; it is carried into the seconds.",
        "Ages, replay checks and the order of frames rest on this time.",
        "Whether the file's magic number and the unit its writer used agree.",
    );

/// More octets were captured than the snap length allows.
pub static BEYOND_SNAPLEN: Rule = Rule::note("CAP-002", Group::Malformed)
    .cite(&PCAP, "pcap")
    .text("more octets captured than the snap length of the file or interface allows")
    .explain(
        "The frame is longer than the limit stated in the file's header; it is read whole.",
        "Strict readers refuse the frame or the file.",
        "The tool that merged or rewrote the capture without raising the limit.",
    );

/// The original length is smaller than the captured one.
pub static ORIGINAL_SHORTER: Rule = Rule::warning("CAP-003", Group::Malformed)
    .cite(&PCAP, "pcap")
    .text("the original length is smaller than the captured length")
    .explain(
        "The record says the frame was shorter on the wire than what is stored; the stored octets are used.",
        "One of the two lengths is wrong, and trailing octets may not have been on the wire.",
        "The tool that wrote or edited the capture.",
    );

/// The time lies outside of the range that can be represented.
pub static TIME_RANGE: Rule = Rule::warning("CAP-004", Group::Malformed)
    .cite(&PCAP, "pcapng")
    .text("the capture time lies outside of 1677 to 2262 and was moved to the nearest end")
    .explain(
        "Ticks, resolution and offset of the interface give a time that 64-bit nanoseconds cannot hold.",
        "Ages and the order of frames are meaningless for this frame.",
        "The interface's resolution and offset options, and the clock of the capturing machine.",
    );

/// The frame carries no time.
pub static NO_TIME: Rule =
    Rule::note("CAP-005", Group::Assumption).cite(&PCAP, "pcapng").text("the frame carries no capture time").explain(
        "Simple packet blocks have no time; the frame keeps its place after the one before it in its file.",
        "Rules that need a time (age, replay, duplicates within a period) cannot judge it.",
        "Whether the capture can be taken again with enhanced packet blocks.",
    );

/// The file or section states another version of its format.
pub static OTHER_VERSION: Rule = Rule::note("CAP-006", Group::Assumption)
    .cite(&PCAP, "pcap")
    .text("the file states another version of its format; it is read as the usual one")
    .explain(
        "pcap files are version 2.4 and pcapng sections 1.0 (or 1.2) in practice; this one says otherwise.",
        "Before 2.3 captured and original length are swapped, in 2.3 they may be; later versions could differ in any way.",
        "Which tool wrote the file; whether lengths and times look right.",
    );

/// The modified record form with 24 octets of header.
pub static MODIFIED_PCAP: Rule = Rule::note("CAP-007", Group::Assumption)
    .uncited("the modified form has a magic number of its own but no specification")
    .text("modified pcap (magic a1b2cd34): record headers of 24 octets are assumed")
    .explain(
        "Some patched capture programs add interface index, protocol and packet type to each record.",
        "Programs that used the same magic number with other record forms exist; frames would then come out shifted.",
        "Whether the frames dissect sensibly.",
    );

/// The two lengths of a block differ.
pub static CLOSING_LENGTH: Rule = Rule::warning("CAP-008", Group::Malformed)
    .cite(&PCAP, "pcapng")
    .text("the length at the end of the block differs from the one at its start")
    .explain(
        "The block was read by its first length, because a block follows where that one says.",
        "Readers that go through the file backwards or compare both lengths fail here.",
        "The tool that wrote or edited the capture.",
    );

/// The options of a block are damaged.
pub static OPTIONS_DAMAGED: Rule = Rule::warning("CAP-009", Group::Malformed)
    .cite(&PCAP, "pcapng")
    .text("an option claims more octets than its block has; it and what follows in the block is ignored")
    .explain(
        "The list of options of a section, interface or frame does not end where its block does.",
        "Comments, names or the resolution of times may be missing.",
        "The tool that wrote or edited the capture.",
    );

/// An option has a length its meaning does not allow.
pub static OPTION_LENGTH: Rule = Rule::warning("CAP-010", Group::Malformed)
    .cite(&PCAP, "pcapng")
    .text("an option has a length its meaning does not allow; it is ignored")
    .explain(
        "if_tsresol and if_fcslen take one octet, if_tsoffset eight, epb_flags four; this one has another length.",
        "Where it was meant to state the resolution or offset of times, times are wrong.",
        "The tool that wrote or edited the capture.",
    );

/// Header fields that ought to be zero are not.
pub static RESERVED_HEADER: Rule = Rule::note("CAP-011", Group::Assumption)
    .cite(&PCAP, "pcap")
    .text("time zone, accuracy or reserved bits in the file's header are not zero; they are ignored")
    .explain(
        "Times in pcap files are UTC and these fields zero in practice; readers ignore them, and so do we.",
        "If the writer meant its time zone field, all times are shifted.",
        "Whether the times fit what is known of the recording.",
    );

/// A block's length is no multiple of four.
pub static BLOCK_ALIGNMENT: Rule = Rule::warning("CAP-012", Group::Malformed)
    .cite(&PCAP, "pcapng")
    .text("the length of the block is no multiple of four")
    .explain(
        "Blocks are padded to 32 bits; this one's length was rounded up, or taken as it is where only that fits.",
        "Strict readers stop here.",
        "The tool that wrote or edited the capture.",
    );

/// Obsolete packet block.
pub static OBSOLETE_BLOCK: Rule = Rule::note("CAP-013", Group::Assumption)
    .cite(&PCAP, "pcapng")
    .text("the frame stands in an obsolete packet block")
    .explain(
        "Enhanced packet blocks replaced this form long ago; it is read all the same.",
        "Other tools may skip the frame.",
        "Whether the capture can be rewritten with a current tool.",
    );

/// Frames were lost before this one.
pub static DROPS: Rule = Rule::note("CAP-014", Group::Reassembly)
    .cite(&PCAP, "pcapng")
    .text("the capture says that frames were lost before this one")
    .explain(
        "The capturing machine counted frames it could not store between this frame and the one before it.",
        "Missing fragments, parts or duplicates may be due to the recording and not to the network.",
        "The buffer size and the load of the capturing machine.",
    );

/// A text option is not UTF-8.
pub static NOT_UTF8: Rule = Rule::note("CAP-015", Group::Malformed)
    .cite(&PCAP, "pcapng")
    .text("a comment or name in the capture file is not UTF-8")
    .explain(
        "Text in pcapng files is UTF-8; other octets are shown escaped.",
        "Other tools may refuse the file or show something else.",
        "The tool that wrote the comment or name.",
    );

/// Octets were skipped before this frame.
pub static RESYNCHRONISED: Rule = Rule::warning("CAP-016", Group::Malformed)
    .uncited("where to go on after damage is our choice")
    .text("the file is damaged before this frame; reading went on at the next plausible record")
    .explain(
        "A record could not be read, and this is the first one after it that looks right and is followed by others.",
        "Frames before it are missing, and this one may be part of the payload of a lost frame.",
        "Where the damage comes from; whether an undamaged copy exists.",
    );

/// All rules of this module, by id.
pub static RULES: &[&Rule] = &[
    &SUBSECOND_RANGE,
    &BEYOND_SNAPLEN,
    &ORIGINAL_SHORTER,
    &TIME_RANGE,
    &NO_TIME,
    &OTHER_VERSION,
    &MODIFIED_PCAP,
    &CLOSING_LENGTH,
    &OPTIONS_DAMAGED,
    &OPTION_LENGTH,
    &RESERVED_HEADER,
    &BLOCK_ALIGNMENT,
    &OBSOLETE_BLOCK,
    &DROPS,
    &NOT_UTF8,
    &RESYNCHRONISED,
];
