//! The program as tests start it: in a clean environment, with the keys of the shipped captures.

use std::process::{Command, Output};

/// `pushscope report`, quiet.
pub fn report(arguments: &[&str]) -> Output {
    report_told(&[&["-q"], arguments].concat())
}

/// `pushscope report` with all it has to tell.
pub fn report_told(arguments: &[&str]) -> Output {
    let nowhere = env!("CARGO_TARGET_TMPDIR");
    let mut command = Command::new(env!("CARGO_BIN_EXE_pushscope"));
    command.env_clear().env("TZ", "UTC").env("HOME", nowhere).env("XDG_CONFIG_HOME", nowhere);
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/captures/keys.toml");
    command.args(["report", "--secrets", keys]).args(arguments).output().unwrap()
}
