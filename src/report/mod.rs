//! Summaries of many captures: one row per notification, and aggregates that merge in any grouping and order.
//!
//! Must not know arguments, exit codes or standard streams; of files only [`inputs`] knows.

pub mod collect;
pub mod document;
pub mod html;
pub mod inputs;
pub mod page;
#[cfg(feature = "parquet")]
pub mod parquet;
pub mod plain;
pub mod redact;
pub mod row;
pub mod run;
mod sections;
mod sections_servers;
pub mod shard;
pub mod state;
pub mod streams;
pub mod summary;
pub mod table;
pub mod tally;
