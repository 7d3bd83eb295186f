//! Summaries of many captures: one row per notification, and aggregates that merge in any grouping and order.
//!
//! Must not know arguments, exit codes or standard streams; of files only [`inputs`] knows.

pub mod inputs;
pub mod row;
