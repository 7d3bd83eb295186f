//! Reading captures: every form of pcap and pcapng, oddities, damage, packing, merging. Files are built octet by octet here,
//! independent of the writer.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::print_stderr, reason = "what was not checked is said loudly")]

mod build;
mod damage;
mod oracle;
mod packed;
mod parts;
mod pcap;
mod pcapng;
mod write;
