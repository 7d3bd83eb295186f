//! The catalog as Markdown: what docs/fields.md and docs/findings.md are made from.
//!
//! Must not know any protocol.

use std::fmt::Write;

use crate::model::{Checked, Field, Rule};

/// docs/fields.md.
pub fn fields_markdown(fields: &[&Field]) -> String {
    let mut out = String::from(
        "# Fields\n\nEvery field that filters, columns and JSON know. Made by `pushscope fields --markdown`; a test compares.\n\
         Generated fields are computed, not read from the wire. `(unchecked)` marks a section number that was not compared with \
         the text of the standard.\n\n| name | kind | meaning | section |\n| --- | --- | --- | --- |\n",
    );
    for field in fields {
        let about = if field.about.is_empty() { String::new() } else { format!(". {}", field.about) };
        let kind =
            if field.generated { format!("{}, generated", field.kind.name()) } else { field.kind.name().to_owned() };
        let cite = field.cite.map_or_else(|| field.uncited.unwrap_or("").to_owned(), |c| c.to_string());
        let _ =
            writeln!(out, "| `{}` | {kind} | {}{} | {} |", field.name, cell(field.label), cell(&about), cell(&cite));
    }
    out
}

/// docs/findings.md.
pub fn rules_markdown(rules: &[&Rule]) -> String {
    let mut out = String::from(
        "# Findings\n\nEvery rule whose breach is a finding. Made by `pushscope rules --markdown`; a test compares.\n\
         A rule id never changes its meaning.\n",
    );
    for rule in rules {
        let cite = rule.cite.map_or_else(|| rule.uncited.unwrap_or("").to_owned(), |c| c.to_string());
        let checked = match rule.checked {
            Checked::Yes => "",
            Checked::NotYet => " *Not checked yet.*",
            Checked::Never => " *No capture can show it.*",
        };
        let _ = writeln!(
            out,
            "\n## {}\n\n**{}** ({}, {}; {cite}).{checked}\n\n- What it means: {}\n- Why it matters: {}\n- What to check: {}",
            rule.id,
            rule.text,
            rule.severity.name(),
            rule.group.name(),
            rule.means,
            rule.matters,
            rule.check
        );
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
