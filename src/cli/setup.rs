//! What several commands set up alike: keys, colours, decode-as, windows, the interrupt flag.
//!
//! Must not print results.

use std::io::{ErrorKind, IsTerminal};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Result, anyhow, bail};

use super::args::{Common, FailOn, ShowArgs, When};
use super::config::Config;
use crate::capture::{Input, Merged, Pipe};
use crate::catalog;
use crate::dissect::{Claim, DISSECTORS, Table};
use crate::model::Severity;
use crate::scan::Options;
use crate::verify::Keyring;
use zeroize::Zeroizing;

/// What every command that shows packets starts from.
pub(super) struct Prepared {
    /// The configuration in force.
    pub config: Config,
    /// How packets are shown, completed from it.
    pub show: ShowArgs,
    /// Which dissector reads what.
    pub table: Table,
    /// What the scan remembers and lists.
    pub options: Options,
}

/// Loads the configuration, and what follows from it and the command line.
///
/// # Errors
/// An option, or something in the configuration, is wrong.
pub(super) fn prepare(show: &ShowArgs) -> Result<Prepared> {
    let mut config = Config::load()?;
    if let Some(columns) = &show.columns {
        config.command_line("columns", std::slice::from_ref(columns));
    }
    let show = config.complete(show)?;
    let mut table = table(&show.decode_as)?;
    if show.heuristic {
        table.look_for_structure();
    }
    let options = Options { all: show.all, windows: config.windows(show.window.as_deref())?, ..Options::default() };
    Ok(Prepared { config, show, table, options })
}

/// The keys of `--secrets`, or none.
///
/// # Errors
/// The file cannot be read, or an entry is wrong: the message names line and key, never a value.
pub(super) fn keys(common: &Common) -> Result<Keyring> {
    let named = match &common.secrets {
        Some(path) => Some(path.clone()),
        None => Config::load()?.text("secrets").map(PathBuf::from),
    };
    let Some(path) = named else { return Ok(Keyring::default()) };
    let path = &path;
    keys_of(path, common.quiet)
}

/// The keys of a secrets file: TOML, or one-line forms.
///
/// # Errors
/// As [`keys`].
pub(super) fn keys_of(path: &Path, quiet: bool) -> Result<Keyring> {
    let name = path.display().to_string();
    let text = Zeroizing::new(std::fs::read_to_string(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => anyhow!("secrets file {name}: does not exist"),
        ErrorKind::InvalidData => anyhow!("secrets file {name}: is not text; expected TOML, see docs/guide.md"),
        _ => anyhow!("secrets file {name}: {error}"),
    })?);
    let keys = Keyring::from_text(&text, &name).map_err(|error| anyhow!("{error}"))?;
    if !quiet {
        warn_if_open(path, &name);
        for warning in keys.warnings() {
            super::say(&format!("warning: {name}, line {}, {}: {}", warning.line, warning.key, warning.text));
        }
    }
    Ok(keys)
}

/// Warns, as ssh does, of a secrets file that others may read.
#[cfg(unix)]
fn warn_if_open(path: &Path, name: &str) {
    use std::os::unix::fs::PermissionsExt;
    if let Ok(meta) = std::fs::metadata(path) {
        let mode = meta.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            super::say(&format!("warning: secrets file {name} can be read by others (mode {mode:04o}): chmod 600 it"));
        }
    }
}

#[cfg(not(unix))]
fn warn_if_open(_: &Path, _: &str) {}

/// The dispatch table with the `--decode-as` rules applied.
///
/// # Errors
/// A rule is not of the form `udp.port==1024,wsp`, or names what does not exist.
pub(super) fn table(rules: &[String]) -> Result<Table> {
    let mut table = Table::new(DISSECTORS);
    for rule in rules {
        let (key, name) = rule
            .rsplit_once(',')
            .ok_or_else(|| anyhow!("--decode-as {rule}: expected KEY==NUMBER,PROTOCOL, as in udp.port==1024,wsp"))?;
        let (key, number) = key.split_once("==").ok_or_else(|| {
            anyhow!("--decode-as {rule}: expected KEY==NUMBER before the comma, as in udp.port==1024")
        })?;
        let number = number.trim();
        let parsed = number.strip_prefix("0x").map_or_else(|| number.parse(), |hex| u16::from_str_radix(hex, 16));
        let Ok(number) = parsed else {
            bail!("--decode-as {rule}: {number} is no number from 0 to 65535");
        };
        let claim = match key.trim() {
            "udp.port" => Claim::UdpPort(number),
            "tcp.port" => Claim::TcpPort(number),
            "ethertype" | "eth.type" => Claim::EtherType(number),
            "link.type" | "frame.link_type" => Claim::LinkType(number),
            "gsm_sms.udh.ports" | "sms.port" => Claim::SmsPort(number),
            "ip.proto" => match u8::try_from(number) {
                Ok(proto) => Claim::IpProto(proto),
                Err(_) => bail!("--decode-as {rule}: an IP protocol number is at most 255"),
            },
            other => bail!(
                "--decode-as {rule}: unknown key {other}; expected udp.port, tcp.port, ip.proto, ethertype, link.type or sms.port"
            ),
        };
        let name = name.trim();
        if !table.redirect(claim, name) {
            let all = DISSECTORS.iter().map(|d| d.layer.name);
            let near = catalog::near(name, all.clone(), 3);
            let hint = if near.is_empty() {
                let mut all: Vec<&str> = all.collect();
                all.sort_unstable();
                format!("there are {}", all.join(", "))
            } else {
                format!("did you mean {}?", near.join(" or "))
            };
            bail!("--decode-as {rule}: no protocol is named `{name}`; {hint}");
        }
    }
    Ok(table)
}

/// Whether to use colours on standard output.
pub(super) fn colors(when: When) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    }
}

/// Whether the terminal's character set has the marks; without a locale that says UTF-8 they are ASCII.
pub(super) fn ascii() -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    let locale = locale.unwrap_or_default().to_lowercase();
    std::io::stdout().is_terminal() && !locale.contains("utf-8") && !locale.contains("utf8")
}

/// The severity of `--fail-on`.
pub(super) const fn severity(fail_on: FailOn) -> Severity {
    match fail_on {
        FailOn::Note => Severity::Note,
        FailOn::Warning => Severity::Warning,
        FailOn::Error => Severity::Error,
    }
}

/// Set by Ctrl-C and by a request to terminate.
#[derive(Clone, Debug, Default)]
pub(super) struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Listens for the signals; a second Ctrl-C ends the process at once.
    pub(super) fn listen() -> Self {
        let flag = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM] {
            // Where signals cannot be had, Ctrl-C ends the process as it would anyway.
            let _ = signal_hook::flag::register_conditional_shutdown(signal, 130, Arc::clone(&flag));
            let _ = signal_hook::flag::register(signal, Arc::clone(&flag));
        }
        Self(flag)
    }

    /// Whether a signal came.
    pub(super) fn seen(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Opens captures; waiting for those that come through a pipe ends with a signal.
pub(super) fn open(paths: &[PathBuf], interrupt: &Interrupt) -> Merged {
    Merged::open_with(paths, |path| {
        let seen = interrupt.clone();
        if Pipe::is_one(path)
            && let Ok(pipe) = Pipe::open(path, Box::new(move || !seen.seen()))
        {
            let name = if path.as_os_str() == "-" { "standard input".to_owned() } else { path.display().to_string() };
            return Ok(Input::from_reader(&name, pipe));
        }
        Input::open(path)
    })
}

/// A display filter, compiled.
///
/// # Errors
/// It is wrong: the message shows where, and what was expected.
pub(super) fn filter(text: &str) -> Result<crate::filter::Filter> {
    crate::filter::Filter::new(text).map_err(|error| anyhow!("display filter: {error}"))
}
