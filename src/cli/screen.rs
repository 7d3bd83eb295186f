//! `pushscope FILE` on a terminal: the terminal UI.
//!
//! Must not know what is shown: it only turns options into what the UI is started with.

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::Result;

use super::args::{ReadArgs, When};
use super::{Outcome, setup};
use crate::scan::Options;
use crate::tui::{self, TuiOptions};

/// Whether FILE without a command opens the terminal UI: a person looks at the output, and asks for no form of it.
pub(super) fn wanted(args: &ReadArgs) -> bool {
    let formed = args.output.is_some()
        || args.tree
        || args.octets
        || !args.fields.is_empty()
        || args.count.is_some()
        || args.write.is_some()
        || args.fail_on.is_some();
    !formed && std::io::stdout().is_terminal()
}

/// Runs the terminal UI.
///
/// # Errors
/// An option or the secrets file is wrong, or the terminal cannot be used.
pub(super) fn run(args: &ReadArgs) -> Result<Outcome> {
    let paths: Vec<PathBuf> = args.files.iter().chain(&args.read_files).cloned().collect();
    let mut table = setup::table(&args.decode_as)?;
    if args.heuristic {
        table.look_for_structure();
    }
    if let Some(expression) = &args.filter {
        setup::filter(expression)?;
    }
    let mut scan = Options { all: args.all, ..Options::default() };
    if let Some(text) = &args.window {
        scan.windows = text.parse().map_err(|error| anyhow::anyhow!("--window {error}"))?;
    }
    let options = TuiOptions {
        table,
        scan,
        secrets: args.common.secrets.clone(),
        filter: args.filter.clone(),
        no_color: args.common.color == Some(When::Never),
        theme: None,
        forget: false,
    };
    let left = tui::run(&paths, options)?;
    Ok(if left.incomplete { Outcome::Failed } else { Outcome::Done })
}
