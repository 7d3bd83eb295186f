//! `pushscope FILE` on a terminal: the terminal UI.
//!
//! Must not know what is shown: it only turns options into what the UI is started with.

use std::io::IsTerminal;
use std::path::PathBuf;

use anyhow::Result;

use super::Outcome;
use super::args::{ReadArgs, ShowArgs, When};
use super::config::Config;
use super::setup::{self, Prepared};
use crate::dissect::Table;
use crate::scan::Options;
use crate::tui::{self, TuiOptions};

/// Whether FILE without a command opens the terminal UI: a person looks at the output, and asks for no form of it.
pub(super) fn wanted(args: &ReadArgs) -> bool {
    let show = &args.show;
    let formed = show.formed() || show.octets || show.count.is_some() || args.write.is_some() || show.fail_on.is_some();
    !formed && std::io::stdout().is_terminal()
}

/// The columns asked for, in the words of the terminal UI; `None` where nobody asked.
fn columns(config: &Config) -> Result<Option<Vec<String>>> {
    if config.text("columns").is_none() {
        return Ok(None);
    }
    let asked = config.columns()?;
    let names = asked.all().iter().map(|column| {
        let name = column.source().split('|').next().unwrap_or_default();
        let own = match name {
            "frame.number" => "number",
            "frame.time" => "time",
            "ip.src" | "ipv6.src" => "source",
            "ip.dst" | "ipv6.dst" => "destination",
            "dmnoti.server_id" => "server",
            "dmnoti.session_id.text" | "dmnoti.session_id" | "dmnoti.notification_id" => "id",
            "dmnoti.digest.status" => "verdict",
            "finding.rule" => "finding",
            other => other,
        };
        own.to_owned()
    });
    let mut names: Vec<String> = names.collect();
    names.push("summary".to_owned());
    Ok(Some(names))
}

/// Runs the terminal UI.
///
/// # Errors
/// An option or the secrets file is wrong, or the terminal cannot be used.
pub(super) fn run(args: &ReadArgs) -> Result<Outcome> {
    let Prepared { config, show, table, options } = setup::prepare(&args.show)?;
    let paths: Vec<PathBuf> = args.files.iter().chain(&args.read_files).cloned().collect();
    let options = self::options(&show, &config, table, options)?;
    let left = tui::run(&paths, options)?;
    Ok(if left.incomplete { Outcome::Failed } else { Outcome::Done })
}

/// What the terminal UI is started with.
///
/// # Errors
/// The display filter, or something in the configuration, is wrong.
pub(super) fn options(args: &ShowArgs, config: &Config, table: Table, scan: Options) -> Result<TuiOptions> {
    if let Some(expression) = &args.filter {
        setup::filter(expression)?;
    }
    Ok(TuiOptions {
        table,
        scan,
        secrets: args.common.secrets.clone(),
        colors: config.own_color_rules()?.map(std::sync::Arc::new),
        columns: columns(config)?,
        keys: config.keys().to_vec(),
        filter: args.filter.clone(),
        no_color: args.common.color == Some(When::Never),
        theme: None,
        forget: false,
        live: None,
    })
}
