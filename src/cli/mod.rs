//! The command line: what is asked for, done, and answered with an exit code.
//!
//! The only place, with the terminal UI, that knows standard streams, the environment and signals.

mod args;
mod config;
mod decode;
mod explain;
mod keys;
mod list;
mod live;
mod live_args;
mod out;
mod progress;
mod read;
mod report;
mod report_out;
mod report_state;
mod save;
mod scan;
#[cfg(feature = "tui")]
mod screen;
mod setup;

use std::ffi::OsString;
use std::io::IsTerminal;
use std::process::ExitCode;

use anyhow::Result;
use clap::{CommandFactory, Parser};

use args::{Cli, Command};
use out::Out;

/// How a run ended; the worst wins where several apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Everything was read and printed.
    Done,
    /// A finding at or above the severity asked for was seen.
    Findings,
    /// Bad usage, or something could not be read whole.
    Failed,
    /// Interrupted by Ctrl-C.
    Interrupted,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        Self::from(match outcome {
            Outcome::Done => 0,
            Outcome::Findings => 1,
            Outcome::Failed => 2,
            Outcome::Interrupted => 130,
        })
    }
}

/// Runs the command line and says how it ended.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    if let [_, first, command @ ..] = arguments.as_slice()
        && first == live::SUPERVISE
    {
        return ExitCode::from(crate::capture::supervise(command));
    }
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are asked for: they are results. Everything else is bad usage.
            let wanted = !error.use_stderr();
            let _ = error.print();
            return ExitCode::from(if wanted { 0 } else { 2 });
        }
    };
    match dispatch(cli) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            complain(&error);
            Outcome::Failed.into()
        }
    }
}

fn dispatch(cli: Cli) -> Result<Outcome> {
    match cli.command {
        Some(Command::Read(args)) => read::run(&args),
        Some(Command::Live(args)) => live::run(&args),
        Some(Command::Report(args)) => report::run(&args),
        Some(Command::Decode(args)) => decode::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Keys(args)) => keys::run(&args),
        Some(Command::Fields(args)) => print(list::fields(&args)?.as_bytes()),
        Some(Command::Rules(args)) => print(list::rules(&args)?.as_bytes()),
        Some(Command::Config(args)) => print(configuration(&args.common)?.as_bytes()),
        Some(Command::Completions(args)) => {
            let mut out = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "pushscope", &mut out);
            print(&out)
        }
        Some(Command::Man) => print(&manual()?),
        None if cli.read.files.is_empty() && cli.read.read_files.is_empty() => {
            print(Cli::command().render_help().to_string().as_bytes())
        }
        #[cfg(feature = "tui")]
        None if screen::wanted(&cli.read) => screen::run(&cli.read),
        None => read::run(&cli.read),
    }
}

/// The manual: one page, the commands as its sections.
fn manual() -> Result<Vec<u8>> {
    let mut command = Cli::command();
    command.build();
    let page = clap_mangen::Man::new(command.clone());
    let mut out = Vec::new();
    page.render_title(&mut out)?;
    page.render_name_section(&mut out)?;
    page.render_synopsis_section(&mut out)?;
    page.render_description_section(&mut out)?;
    page.render_options_section(&mut out)?;
    for one in command.get_subcommands() {
        let page = clap_mangen::Man::new(one.clone());
        let mut part = Vec::new();
        page.render_synopsis_section(&mut part)?;
        page.render_description_section(&mut part)?;
        page.render_options_section(&mut part)?;
        let name = one.get_bin_name().unwrap_or_else(|| one.get_name());
        out.extend(format!(".SH {}\n", name.to_uppercase()).into_bytes());
        out.extend(String::from_utf8_lossy(&part).replace(".SH ", ".SS ").into_bytes());
    }
    page.render_extra_section(&mut out)?;
    Ok(out)
}

/// The configuration in force. What names something that does not exist is an error here, before it is used.
fn configuration(common: &args::Common) -> Result<String> {
    let mut config = config::Config::load()?;
    if let Some(secrets) = &common.secrets {
        config.command_line("secrets", &[secrets.to_string_lossy().into_owned()]);
    }
    config.windows(None)?;
    config.columns()?;
    config.color_rules()?;
    Ok(config.show())
}

fn print(octets: &[u8]) -> Result<Outcome> {
    let mut out = Out::stdout();
    let _ = out.put(octets);
    out.finish()?;
    Ok(Outcome::Done)
}

/// Says on standard error what is wrong, safe to show.
fn complain(error: &anyhow::Error) {
    say(&format!("{error:#}"));
}

/// A line on standard error, safe to show; line breaks of our own messages stay.
fn say(text: &str) {
    use std::io::Write;
    let mut stderr = std::io::stderr().lock();
    for (index, line) in text.lines().enumerate() {
        let start = if index == 0 { "pushscope: " } else { "" };
        // Nowhere is left to complain to.
        let _ = writeln!(stderr, "{start}{}", crate::model::visible_str(line));
    }
}

/// Whether standard error is watched by a person.
fn watched() -> bool {
    std::io::stderr().is_terminal()
}
