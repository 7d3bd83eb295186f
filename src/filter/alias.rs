//! Names that stand for either of several fields, as Wireshark's `ip.addr` stands for source and destination.
//!
//! Must not know what the fields mean; a name counts only for those fields the catalog has.

use crate::catalog::catalog;
use crate::model::Field;

/// A name, and the fields it stands for.
pub(super) static ALIASES: &[(&str, &[&str])] = &[
    ("eth.addr", &["eth.dst", "eth.src"]),
    ("frame.time_epoch", &["frame.time"]),
    ("ip.addr", &["ip.src", "ip.dst"]),
    ("ipv6.addr", &["ipv6.src", "ipv6.dst"]),
    ("sctp.port", &["sctp.srcport", "sctp.dstport"]),
    ("tcp.port", &["tcp.srcport", "tcp.dstport"]),
    ("udp.port", &["udp.srcport", "udp.dstport"]),
];

/// The fields of a name: the one of the catalog, or those the name stands for. Empty where there are none.
pub(super) fn fields(name: &str) -> Vec<&'static Field> {
    if let Some(field) = catalog().field(name) {
        return vec![field];
    }
    #[cfg(test)]
    if let Some(field) = super::tests::FIELDS.iter().find(|field| field.name == name) {
        return vec![field];
    }
    let row = ALIASES.iter().find(|row| row.0 == name);
    row.map_or_else(Vec::new, |row| row.1.iter().filter_map(|name| catalog().field(name)).collect())
}

/// Every name a filter may use for fields, with what it shows beside it.
pub(super) fn names() -> impl Iterator<Item = (&'static str, &'static Field)> {
    let own = catalog().fields().map(|field| (field.name, field));
    let more = ALIASES.iter().filter(|row| catalog().field(row.0).is_none());
    own.chain(more.filter_map(|row| fields(row.0).first().map(|field| (row.0, *field))))
}

/// The names nearest to one that does not exist.
pub(super) fn near(name: &str) -> Vec<&'static str> {
    crate::catalog::near(name, names().map(|row| row.0), 3)
}
