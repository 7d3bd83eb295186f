//! Section headers and interface descriptions of pcapng files: what later blocks of a section need.
//!
//! Read from raw blocks, so that one odd option never costs the file. Must not know blocks that hold packets.

use super::clock::Clock;
use super::frame::{Detail, Interface, LinkType, Log};
use super::octets::{Options, Order};
use super::rules;

/// How many interfaces of a file we remember: a file of nothing but descriptions must not fill the memory.
pub(crate) const INTERFACES_MAX: usize = 1 << 16;
/// How many octets of a name we remember.
const NAME_MAX: usize = 255;

/// The byte order that the mark at the start of a section header's body states.
pub(crate) fn byte_order(body: &[u8]) -> Option<Order> {
    match Order::Big.u32(body, 0)? {
        0x1a2b_3c4d => Some(Order::Big),
        0x4d3c_2b1a => Some(Order::Little),
        _ => None,
    }
}

/// Reads a section header's body; `None` where it is too short. The section's length is not used: blocks say where they end.
pub(crate) fn read_section(body: &[u8], log: &mut Log) -> Option<Order> {
    let order = byte_order(body)?;
    let (major, minor) = (order.u16(body, 4)?, order.u16(body, 6)?);
    order.u64(body, 8)?;
    // 1.2 is written by some and means the same as 1.0.
    if !matches!((major, minor), (1, 0 | 2)) {
        log.flag(&rules::OTHER_VERSION, Detail::Two("major", major.into(), "minor", minor.into()));
    }
    let mut options = Options::new(body.get(16..)?, order);
    for option in options.by_ref() {
        if matches!(option.code, 1..=4) && std::str::from_utf8(option.value).is_err() {
            log.flag(&rules::NOT_UTF8, Detail::One("section option", option.code.into()));
        }
    }
    if options.damaged() {
        log.flag(&rules::OPTIONS_DAMAGED, Detail::None);
    }
    Some(order)
}

/// Reads an interface description's body; `None` where it is too short. Section and number are the caller's to fill in.
pub(crate) fn read_interface(body: &[u8], order: Order, log: &mut Log) -> Option<Interface> {
    let (link, snaplen) = (LinkType(order.u16(body, 0)?), order.u32(body, 4)?);
    let mut interface = Interface { link, snaplen, usable: true, ..unusable(0, 0) };
    let mut resolution = 6;
    let mut offset = 0;
    let mut options = Options::new(body.get(8..)?, order);
    for option in options.by_ref() {
        let value = option.value;
        let fits = match option.code {
            1..=3 => {
                if std::str::from_utf8(value).is_err() {
                    log.flag(&rules::NOT_UTF8, Detail::One("interface option", option.code.into()));
                }
                if option.code == 2 && interface.name.is_none() {
                    interface.name = Some(value.get(..value.len().min(NAME_MAX)).unwrap_or(value).into());
                }
                true
            }
            9 => {
                resolution = value.first().copied().filter(|_| value.len() == 1).unwrap_or(resolution);
                value.len() == 1
            }
            13 => {
                // In bits.
                interface.fcs_len = value.first().map_or(0, |bits| bits / 8);
                value.len() == 1
            }
            14 => {
                offset = order.u64(value, 0).filter(|_| value.len() == 8).map_or(offset, u64::cast_signed);
                value.len() == 8
            }
            _ => true,
        };
        if !fits {
            let (code, length) = (u64::from(option.code), value.len() as u64);
            log.flag(&rules::OPTION_LENGTH, Detail::Two("option", code, "length", length));
        }
    }
    if options.damaged() {
        log.flag(&rules::OPTIONS_DAMAGED, Detail::None);
    }
    interface.clock = Clock::new(resolution, offset);
    Some(interface)
}

/// An interface whose description cannot be read: it only holds its number.
pub(crate) const fn unusable(section: u32, id: u32) -> Interface {
    Interface {
        section,
        id,
        link: LinkType(0),
        snaplen: 0,
        fcs_len: 0,
        name: None,
        clock: Clock::MICROS,
        usable: false,
    }
}
