//! Configuration: what is in force, and where each value came from.
//!
//! Command line beats environment beats file beats default. The file is TOML in the platform's own place; an unknown key is an
//! error with its line and the nearest known one. Must not act on any setting.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::ValueEnum;
use etcetera::BaseStrategy;
use toml::de::{DeTable, DeValue};

use super::args::ShowArgs;
use crate::catalog::near;
use crate::flow::Windows;
use crate::model::visible_str;
use crate::output::colors::{ColorRules, Style};
use crate::output::columns::Columns;

/// Names the file, instead of the platform's own place.
pub(super) const FILE_VARIABLE: &str = "PUSHSCOPE_CONFIG";

/// What a value may be.
#[derive(Clone, Copy, Debug)]
enum Form {
    /// Any text.
    Text,
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A number from 1 to 256.
    Count,
    /// A key of the windows, as `--window` takes it.
    Window,
    /// Several texts.
    List,
}

/// A setting there is.
#[derive(Debug)]
struct Key {
    name: &'static str,
    /// Environment variable.
    variable: Option<&'static str>,
    /// Option on the command line.
    option: &'static str,
    default: &'static str,
    form: Form,
    about: &'static str,
}

const fn key(name: &'static str, option: &'static str, default: &'static str, form: Form, about: &'static str) -> Key {
    Key { name, variable: None, option, default, form, about }
}

/// All settings but column sets and colour rules, in the order they are printed.
static KEYS: &[Key] = &[
    Key {
        variable: Some("PUSHSCOPE_SECRETS"),
        ..key("secrets", "--secrets", "", Form::Text, "keys to verify digests with")
    },
    key("color", "--color", "auto", Form::OneOf(&["auto", "always", "never"]), "when to use colours"),
    key("time", "--time", "r", Form::OneOf(&["a", "ad", "d", "e", "r", "u", "ud"]), "time format"),
    key("fail-on", "--fail-on", "", Form::OneOf(&["note", "warning", "error"]), "exit with 1 from this severity on"),
    key("heuristic", "--heuristic", "false", Form::Flag, "look for Package #0 on any UDP port"),
    key("threads", "--threads", "", Form::Count, "threads to read with; one per core where not set"),
    key("decode-as", "--decode-as", "", Form::List, "ports and numbers to read as a protocol"),
    key("columns", "--columns", "", Form::Text, "columns of lists: a set of [column-sets], or fields"),
    key(
        "wireshark-colors",
        "",
        "",
        Form::Text,
        "a colour filter file of Wireshark, used after the rules of [[color-rule]]",
    ),
    key("window.reuse", "--window", "24h", Form::Window, "an identifier counts as used again within this"),
    key("window.retrigger", "--window", "10m", Form::Window, "two triggers belong to one session within this"),
    key("window.age", "--window", "-5m..24h", Form::Window, "plausible ages of a 2.0 notification"),
    key("window.concat", "--window", "10m", Form::Window, "parts of a concatenated SMS are waited for so long"),
];

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nobody said anything.
    Default,
    /// The file, at this line.
    File(usize),
    /// An environment variable.
    Environment(&'static str),
    /// An option on the command line.
    CommandLine(&'static str),
}

#[derive(Debug)]
struct Setting {
    key: &'static Key,
    values: Vec<String>,
    origin: Origin,
}

/// A colour rule of the file.
#[derive(Debug)]
struct Rule {
    name: String,
    filter: String,
    style: Style,
    line: usize,
}

/// What is in force.
#[derive(Debug)]
pub(super) struct Config {
    /// The file's place, and whether there is one.
    file: Option<(PathBuf, bool)>,
    settings: Vec<Setting>,
    sets: Vec<(String, String, usize)>,
    rules: Vec<Rule>,
    keys: Vec<(String, String, Vec<String>)>,
}

impl Config {
    /// The file in its place, and the environment.
    ///
    /// # Errors
    /// The file cannot be read, or something in it or in the environment is wrong.
    pub(super) fn load() -> Result<Self> {
        let named = std::env::var_os(FILE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from);
        let must_exist = named.is_some();
        let path = named.or_else(place);
        let mut config = Self::defaults();
        if let Some(path) = path {
            let text = match std::fs::read_to_string(&path) {
                Ok(text) => Some(text),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound && !must_exist => None,
                Err(error) => return Err(error).context(format!("configuration {}", shown(&path))),
            };
            if let Some(text) = &text {
                config.read(text).with_context(|| format!("configuration {}", shown(&path)))?;
            }
            config.file = Some((path, text.is_some()));
        }
        config.environment(|name| std::env::var(name).ok())?;
        Ok(config)
    }

    fn defaults() -> Self {
        let settings = KEYS.iter().map(|key| {
            let values = if key.default.is_empty() { Vec::new() } else { vec![key.default.to_owned()] };
            Setting { key, values, origin: Origin::Default }
        });
        Self { file: None, settings: settings.collect(), sets: Vec::new(), rules: Vec::new(), keys: Vec::new() }
    }

    /// Takes what the environment says.
    fn environment(&mut self, value_of: impl Fn(&str) -> Option<String>) -> Result<()> {
        for setting in &mut self.settings {
            let Some(variable) = setting.key.variable else { continue };
            if let Some(value) = value_of(variable).filter(|value| !value.is_empty()) {
                check(setting.key, &value).with_context(|| variable.to_owned())?;
                setting.values = vec![value];
                setting.origin = Origin::Environment(variable);
            }
        }
        Ok(())
    }

    /// Takes what the command line says of one key; nothing said, or nothing new, changes nothing.
    pub(super) fn command_line(&mut self, name: &str, values: &[String]) {
        if let Some(setting) = self.settings.iter_mut().find(|setting| setting.key.name == name)
            && !values.is_empty()
            && setting.values != values
        {
            setting.values = values.to_vec();
            setting.origin = Origin::CommandLine(setting.key.option);
        }
    }

    /// How packets are shown, with what the configuration says where the command line says nothing.
    ///
    /// # Errors
    /// A value is none of those the option takes; the file was checked, so this does not happen.
    pub(super) fn complete(&self, args: &ShowArgs) -> Result<ShowArgs> {
        fn word<T: ValueEnum>(config: &Config, name: &str) -> Result<Option<T>> {
            let parse = |text| T::from_str(text, true).map_err(|error| anyhow!("{name}: {error}"));
            config.text(name).map(parse).transpose()
        }
        let mut args = args.clone();
        args.common.secrets = args.common.secrets.or_else(|| self.text("secrets").map(PathBuf::from));
        args.common.color = args.common.color.or(word(self, "color")?);
        args.time = args.time.or(word(self, "time")?);
        args.fail_on = args.fail_on.or(word(self, "fail-on")?);
        args.heuristic |= self.text("heuristic") == Some("true");
        if args.decode_as.is_empty() {
            args.decode_as = self.list("decode-as").to_vec();
        }
        Ok(args)
    }

    /// How many threads to read with: what the command line says, else the configuration.
    pub(super) fn threads(&self, option: Option<u16>) -> Option<u16> {
        option.or_else(|| self.text("threads").and_then(|text| text.parse().ok()))
    }

    /// The colour rules where the user has any.
    ///
    /// # Errors
    /// As [`Config::color_rules`].
    pub(super) fn own_color_rules(&self) -> Result<Option<ColorRules>> {
        let own = !self.rules.is_empty() || self.text("wireshark-colors").is_some();
        own.then(|| self.color_rules()).transpose()
    }

    /// All values of a key.
    pub(super) fn list(&self, name: &str) -> &[String] {
        self.settings.iter().find(|setting| setting.key.name == name).map_or(&[], |setting| &setting.values)
    }

    /// The value of a key, where there is one.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.list(name).first().map(String::as_str)
    }

    /// The windows of the sequence rules; `option` is what the command line says of them.
    ///
    /// # Errors
    /// A window is written wrong.
    pub(super) fn windows(&self, option: Option<&str>) -> Result<Windows> {
        let keys = ["reuse", "retrigger", "age", "concat"];
        let parts = keys.iter().filter_map(|key| Some(format!("{key}={}", self.text(&format!("window.{key}"))?)));
        // What is said later counts: the option beats the file.
        let all: Vec<String> = parts.chain(option.map(str::to_owned)).collect();
        all.join(",").parse().context("--window")
    }

    /// The columns of lists.
    ///
    /// # Errors
    /// A set or a field does not exist.
    pub(super) fn columns(&self) -> Result<Columns> {
        let Some(wanted) = self.text("columns") else { return Ok(Columns::standard()) };
        if let Some((_, fields, _)) = self.sets.iter().find(|(name, ..)| name == wanted) {
            return Ok(Columns::parse(fields)?);
        }
        if wanted == "default" {
            return Ok(Columns::standard());
        }
        Columns::parse(wanted).map_err(|error| {
            let sets: Vec<&str> = self.sets.iter().map(|set| set.0.as_str()).collect();
            let plain = !wanted.contains(['.', ',', '=']);
            if plain && !sets.is_empty() {
                anyhow!("columns: {error}; there are the sets {}", visible_str(&sets.join(", ")))
            } else {
                anyhow!("columns: {error}")
            }
        })
    }

    /// The colour rules: those of the file, else those of Wireshark's file where one is named, else ours.
    ///
    /// # Errors
    /// Wireshark's file cannot be read.
    pub(super) fn color_rules(&self) -> Result<ColorRules> {
        let imported = match self.text("wireshark-colors") {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("wireshark-colors {}", shown(Path::new(path))))?;
                Some(ColorRules::import_wireshark(&text).0)
            }
            None => None,
        };
        let mut all = ColorRules::new();
        for rule in &self.rules {
            all.add(&rule.name, &rule.filter, rule.style)?;
        }
        match imported {
            Some(imported) => all.append(imported),
            None => all.append(ColorRules::standard()),
        }
        Ok(all)
    }

    /// Keys of the terminal UI: mode, action, key sequences. Whether they exist is for the UI to say.
    #[cfg(feature = "tui")]
    pub(super) fn keys(&self) -> &[(String, String, Vec<String>)] {
        &self.keys
    }

    /// `[keys.MODE]`: one or several key sequences for each action.
    fn keys_of(&mut self, mode: &str, actions: &DeValue<'_>, line: usize) -> Result<()> {
        let DeValue::Table(actions) = actions else { bail!("line {line}: expected [keys.MODE]") };
        for ((action, _), value) in sorted(actions) {
            let wanted = match value {
                DeValue::String(one) => Some(vec![one.to_string()]),
                DeValue::Array(many) => {
                    many.iter().map(|one| one.get_ref().as_str().map(str::to_owned)).collect::<Option<Vec<String>>>()
                }
                _ => None,
            };
            let shown = visible_str(action);
            let Some(wanted) = wanted else {
                bail!("line {line}: keys.{mode}.{shown}: expected one key or a list of keys")
            };
            self.keys.push((mode.to_owned(), action.to_owned(), wanted));
        }
        Ok(())
    }

    /// Takes what a file says.
    fn read(&mut self, text: &str) -> Result<()> {
        // A byte order mark is what some editors put first.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document = DeTable::parse(text).map_err(|error| {
            let line = line_of(text, error.span().map_or(0, |span| span.start));
            anyhow!("line {line}: {}", visible_str(error.message()))
        })?;
        for (key, value) in sorted(document.get_ref()) {
            let line = line_of(text, key.1);
            match (key.0, value) {
                ("window", DeValue::Table(table)) => {
                    for (key, value) in sorted(table) {
                        self.take(&format!("window.{}", key.0), value, line_of(text, key.1))?;
                    }
                }
                ("keys", DeValue::Table(table)) => {
                    for (mode, actions) in sorted(table) {
                        self.keys_of(mode.0, actions, line_of(text, mode.1))?;
                    }
                }
                ("column-sets", DeValue::Table(table)) => {
                    for (key, value) in sorted(table) {
                        self.column_set(key.0, value, line_of(text, key.1))?;
                    }
                }
                ("color-rule", DeValue::Array(tables)) => {
                    for table in tables {
                        let DeValue::Table(fields) = table.get_ref() else {
                            bail!("line {line}: color-rule: write [[color-rule]], in double brackets");
                        };
                        self.color_rule(text, fields, line_of(text, table.span().start))?;
                    }
                }
                ("window" | "column-sets", _) => bail!("line {line}: {}: write [{}]", key.0, key.0),
                ("color-rule", _) => bail!("line {line}: color-rule: write [[color-rule]], in double brackets"),
                (name, value) => self.take(name, value, line)?,
            }
        }
        Ok(())
    }

    fn take(&mut self, name: &str, value: &DeValue<'_>, line: usize) -> Result<()> {
        let Some(setting) = self.settings.iter_mut().find(|setting| setting.key.name == name) else {
            let known = KEYS.iter().map(|key| key.name).chain(["column-sets", "color-rule"]);
            bail!("line {line}: {}", unknown(name, known));
        };
        let values = match (value, setting.key.form) {
            (DeValue::String(text), _) => vec![text.to_string()],
            (DeValue::Boolean(flag), Form::Flag) => vec![flag.to_string()],
            (DeValue::Integer(number), Form::Count) => vec![number.as_str().to_owned()],
            (DeValue::Array(items), Form::List) => {
                let texts = items.iter().map(|item| item.get_ref().as_str().map(str::to_owned));
                texts.collect::<Option<Vec<String>>>().ok_or_else(|| anyhow!("line {line}: {name}: expected texts"))?
            }
            (_, form) => bail!("line {line}: {name}: expected {}", expected(form)),
        };
        for value in &values {
            check(setting.key, value).with_context(|| format!("line {line}"))?;
        }
        setting.values = values;
        setting.origin = Origin::File(line);
        Ok(())
    }

    fn column_set(&mut self, name: &str, value: &DeValue<'_>, line: usize) -> Result<()> {
        let fields = match value {
            DeValue::String(text) => Some(text.to_string()),
            DeValue::Array(items) => {
                let texts: Option<Vec<&str>> = items.iter().map(|item| item.get_ref().as_str()).collect();
                texts.map(|texts| texts.join(","))
            }
            _ => None,
        };
        let shown = visible_str(name);
        let fields =
            fields.ok_or_else(|| anyhow!("line {line}: {shown}: expected \"FIELD,TITLE=FIELD,…\" or a list"))?;
        Columns::parse(&fields).with_context(|| format!("line {line}: {shown}"))?;
        self.sets.push((name.to_owned(), fields, line));
        Ok(())
    }

    fn color_rule(&mut self, text: &str, fields: &DeTable<'_>, line: usize) -> Result<()> {
        let mut rule = Rule { name: String::new(), filter: String::new(), style: Style::default(), line };
        for (key, value) in sorted(fields) {
            let line = line_of(text, key.1);
            let Some(value) = value.as_str() else { bail!("line {line}: {}: expected a text", visible_str(key.0)) };
            match key.0 {
                "name" => value.clone_into(&mut rule.name),
                "filter" => value.clone_into(&mut rule.filter),
                "style" => rule.style = value.parse().map_err(|error| anyhow!("line {line}: style: {error}"))?,
                other => bail!("line {line}: {}", unknown(other, ["name", "filter", "style"].into_iter())),
            }
        }
        if rule.filter.is_empty() {
            bail!("line {line}: color-rule: `filter` is missing");
        }
        ColorRules::new()
            .add(&rule.name, &rule.filter, rule.style)
            .map_err(|error| anyhow!("line {line}: filter: {error}"))?;
        self.rules.push(rule);
        Ok(())
    }

    /// What is in force, as a configuration file with the origin of each value beside it. Safe to show.
    pub(super) fn show(&self) -> String {
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = match &self.file {
            Some((path, true)) => writeln!(out, "# {}", shown(path)),
            Some((path, false)) => writeln!(out, "# {} (there is none)", shown(path)),
            None => writeln!(out, "# no place for a configuration file"),
        };
        let mut in_windows = false;
        for setting in &self.settings {
            let key = setting.key;
            let name = key.name.strip_prefix("window.").unwrap_or(key.name);
            if name != key.name && !in_windows {
                in_windows = true;
                out.push_str("\n[window]\n");
            }
            let origin = shown_origin(&setting.origin);
            let _ = match (setting.values.as_slice(), key.form) {
                ([], _) => writeln!(out, "# {name} is not set: {}", key.about),
                ([value], Form::Flag | Form::Count) => writeln!(out, "{name} = {value}  # {origin}: {}", key.about),
                (values, Form::List) => {
                    let all: Vec<String> = values.iter().map(|value| quoted(value)).collect();
                    writeln!(out, "{name} = [{}]  # {origin}: {}", all.join(", "), key.about)
                }
                (values, _) => writeln!(out, "{name} = {}  # {origin}: {}", quoted(&values.concat()), key.about),
            };
        }
        if !self.sets.is_empty() {
            out.push_str("\n[column-sets]\n");
        }
        for (name, fields, line) in &self.sets {
            let _ = writeln!(out, "{} = {}  # {}", quoted(name), quoted(fields), shown_origin(&Origin::File(*line)));
        }
        for rule in &self.rules {
            let _ = write!(
                out,
                "\n[[color-rule]]  # {}\nname = {}\nfilter = {}\nstyle = {}\n",
                shown_origin(&Origin::File(rule.line)),
                quoted(&rule.name),
                quoted(&rule.filter),
                quoted(&rule.style.to_string())
            );
        }
        out
    }
}

/// Where the file belongs on this platform.
fn place() -> Option<PathBuf> {
    let strategy = etcetera::choose_base_strategy().ok()?;
    Some(strategy.config_dir().join("pushscope").join("config.toml"))
}

fn shown(path: &Path) -> String {
    visible_str(&path.to_string_lossy()).into_string()
}

fn shown_origin(origin: &Origin) -> String {
    match origin {
        Origin::Default => "default".to_owned(),
        Origin::File(line) => format!("line {line} of the file"),
        Origin::Environment(name) => format!("environment {name}"),
        Origin::CommandLine(option) => format!("command line {option}"),
    }
}

/// A TOML text that holds nothing that steers a terminal.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_ascii_graphic() || c == ' ' => out.push(c),
            c if visible_str(c.encode_utf8(&mut [0; 4])).as_str().chars().eq([c]) => out.push(c),
            c => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
        }
    }
    out.push('"');
    out
}

/// The pairs of a table with the places of the keys, in the order of the file.
fn sorted<'t>(table: &'t DeTable<'_>) -> Vec<((&'t str, usize), &'t DeValue<'t>)> {
    let mut all: Vec<_> =
        table.iter().map(|(key, value)| ((key.get_ref().as_ref(), key.span().start), value.get_ref())).collect();
    all.sort_by_key(|row| row.0.1);
    all
}

/// The line an octet of the text stands in, from 1.
fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    before.split(|&octet| octet == b'\n').count()
}

fn unknown<'k>(name: &str, known: impl Iterator<Item = &'k str> + Clone) -> String {
    let close = near(name, known.clone(), 2);
    let shown = visible_str(name);
    if close.is_empty() {
        let all: Vec<&str> = known.collect();
        format!("unknown key `{shown}`; there are {}", all.join(", "))
    } else {
        format!("unknown key `{shown}`; did you mean `{}`?", close.join("` or `"))
    }
}

const fn expected(form: Form) -> &'static str {
    match form {
        Form::Text | Form::OneOf(_) => "a text",
        Form::Flag => "true or false",
        Form::Count => "a number from 1 to 256",
        Form::Window => "a time such as \"24h\"",
        Form::List => "a list of texts",
    }
}

fn check(key: &Key, value: &str) -> Result<()> {
    let shown = visible_str(value);
    match key.form {
        Form::OneOf(words) if !words.contains(&value) => {
            bail!("{}: `{shown}`; expected one of {}", key.name, words.join(", "))
        }
        Form::Flag if !matches!(value, "true" | "false") => bail!("{}: `{shown}`; expected true or false", key.name),
        Form::Count if !value.parse::<u16>().is_ok_and(|count| (1..=256).contains(&count)) => {
            bail!("{}: `{shown}`; expected a number from 1 to 256", key.name)
        }
        Form::Window => {
            let name = key.name.strip_prefix("window.").unwrap_or(key.name);
            format!("{name}={value}").parse::<Windows>().map_err(|error| anyhow!("{}: {error}", key.name))?;
            Ok(())
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, Origin};

    fn read(text: &str) -> Result<Config, String> {
        let mut config = Config::defaults();
        config.read(text).map_err(|error| format!("{error:#}"))?;
        Ok(config)
    }

    const FILE: &str = r#"
secrets = "lab.toml"
time = "ud"
threads = 4
heuristic = true
decode-as = ["udp.port==1024,wsp"]
columns = "mine"

[window]
reuse = "48h"

[column-sets]
mine = ["To=udp.dstport", "udp.length"]
other = "udp.srcport"

[[color-rule]]
name = "wide"
filter = "udp.length > 100"
style = "bold white on red"
"#;

    #[test]
    fn command_line_beats_environment_beats_file_beats_default() {
        let mut config = read(FILE).expect("a configuration");
        assert_eq!(config.text("secrets"), Some("lab.toml"));
        config.environment(|name| (name == "PUSHSCOPE_SECRETS").then(|| "env.toml".to_owned())).expect("no fault");
        assert_eq!(config.text("secrets"), Some("env.toml"));
        config.command_line("secrets", &["cli.toml".to_owned()]);
        config.command_line("time", &[]);
        assert_eq!(config.text("secrets"), Some("cli.toml"));
        assert_eq!(config.text("time"), Some("ud"));
        assert_eq!(config.text("color"), Some("auto"));
        let origin = |name| &config.settings.iter().find(|s| s.key.name == name).expect("a key").origin;
        assert_eq!(*origin("secrets"), Origin::CommandLine("--secrets"));
        assert_eq!(*origin("time"), Origin::File(3));
        assert_eq!(*origin("color"), Origin::Default);
        assert_eq!(config.windows(None).expect("windows").reuse.nanos(), 48 * 3_600_000_000_000);
        assert_eq!(config.columns().expect("columns").all().len(), 2);
        let rules = config.color_rules().expect("rules");
        assert_eq!(rules.rules()[0].name.as_str(), "wide");
        assert!(rules.rules().len() > 1);
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        let shown = read(FILE).expect("a configuration").show();
        let again = read(&shown).expect("the same").show();
        let values = |text: &str| {
            let lines = text.lines().map(|line| line.split("  #").next().unwrap_or_default().to_owned());
            lines.collect::<Vec<String>>()
        };
        assert_eq!(values(&shown), values(&again));
        assert!(shown.contains("time = \"ud\"  # line 3 of the file: time format"), "{shown}");
        assert!(shown.contains("color = \"auto\"  # default"), "{shown}");
    }

    #[test]
    fn faults_are_named_with_line_and_near_key() {
        for (text, expected) in [
            ("\ncolour = \"auto\"", "line 2: unknown key `colour`; did you mean `color`?"),
            ("color = \"maybe\"", "line 1: color: `maybe`; expected one of auto, always, never"),
            ("threads = 0", "line 1: threads: `0`; expected a number from 1 to 256"),
            ("threads = \"x\"", "line 1: threads: `x`; expected a number from 1 to 256"),
            ("heuristic = 1", "line 1: heuristic: expected true or false"),
            ("[window]\nreus = \"1h\"", "line 2: unknown key `window.reus`; did you mean `window.reuse`?"),
            ("[column-sets]\na = \"udp.dstpor\"", "line 2: a: unknown field `udp.dstpor`: did you mean"),
            ("[[color-rule]]\nstyle = \"red\"", "line 1: color-rule: `filter` is missing"),
            ("[[color-rule]]\nfilter = \"udp =\"", "line 1: filter: `=` compares nothing"),
            ("[[color-rule]]\nfiter = \"udp\"", "line 2: unknown key `fiter`; did you mean `filter`?"),
            ("[[color-rule]]\nfilter = \"udp\"\nstyle = \"crimson\"", "line 3: style: `crimson` is no colour"),
            ("a = ", "line 1: "),
            ("column-sets = 1", "line 1: column-sets: write [column-sets]"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.starts_with(expected), "{text}: {error}");
        }
    }
}
