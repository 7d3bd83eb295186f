//! pushscope: a packet dissector and capture analyzer for OMA Device Management notifications ("Package #0") and the WAP push
//! that carries them.
#![deny(unsafe_code)]

pub mod capture;
pub mod catalog;
pub mod cli;
pub mod dissect;
pub mod filter;
pub mod flow;
pub mod model;
pub mod output;
pub mod report;
pub mod scan;
#[cfg(feature = "tui")]
pub mod tui;
pub mod verify;
