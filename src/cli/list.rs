//! `pushscope fields` and `pushscope rules`: the catalog as tables, JSON and Markdown.
//!
//! Must not know any protocol.

use std::fmt::Write;

use anyhow::Result;
use serde_json::json;

use super::args::ListArgs;
use crate::catalog::catalog;
use crate::model::{Checked, Field, Rule};
use crate::output::docs;

/// `pushscope fields`.
///
/// # Errors
/// JSON cannot be made.
pub(super) fn fields(args: &ListArgs) -> Result<String> {
    let word = args.word.as_deref().unwrap_or("").to_lowercase();
    let rows: Vec<&'static Field> = catalog()
        .fields()
        .filter(|f| f.name.to_lowercase().contains(&word) || f.label.to_lowercase().contains(&word))
        .collect();
    if rows.is_empty() {
        super::say(&format!("no field has `{word}` in its name or label"));
    }
    if args.json {
        let rows: Vec<_> = rows.iter().map(|field| field_json(field)).collect();
        return Ok(serde_json::to_string_pretty(&rows)? + "\n");
    }
    if args.markdown {
        return Ok(docs::fields_markdown(&rows));
    }
    let width = rows.iter().map(|f| f.name.len()).max().unwrap_or(0);
    let mut out = String::new();
    for field in rows {
        let cite = field.cite.map_or(String::new(), |c| format!("  [{c}]"));
        let _ = writeln!(out, "{:<width$}  {:<15}  {}{cite}", field.name, field.kind.name(), field.label);
    }
    Ok(out)
}

fn field_json(field: &Field) -> serde_json::Value {
    let names: Vec<_> = field.value_names().map(|(value, name)| json!({ "value": value, "name": name })).collect();
    json!({
        "name": field.name,
        "label": field.label,
        "kind": field.kind.name(),
        "about": field.about,
        "generated": field.generated,
        "cite": field.cite.map(|c| c.to_string()),
        "values": names,
    })
}

/// `pushscope rules`.
///
/// # Errors
/// JSON cannot be made.
pub(super) fn rules(args: &ListArgs) -> Result<String> {
    let word = args.word.as_deref().unwrap_or("").to_lowercase();
    let rows: Vec<&'static Rule> = catalog()
        .rules()
        .filter(|r| r.id.to_lowercase().contains(&word) || r.text.to_lowercase().contains(&word))
        .collect();
    if rows.is_empty() {
        super::say(&format!("no rule has `{word}` in its id or text"));
    }
    if args.json {
        let rows: Vec<_> = rows.iter().map(|rule| rule_json(rule)).collect();
        return Ok(serde_json::to_string_pretty(&rows)? + "\n");
    }
    if args.markdown {
        return Ok(docs::rules_markdown(&rows));
    }
    let mut out = String::new();
    for rule in rows {
        let cite = rule.cite.map_or(String::new(), |c| format!("  [{c}]"));
        let _ =
            writeln!(out, "{:<8} {:<7} {:<10} {}{cite}", rule.id, rule.severity.name(), rule.group.name(), rule.text);
        let _ = writeln!(out, "         means:   {}", rule.means);
        let _ = writeln!(out, "         matters: {}", rule.matters);
        let _ = writeln!(out, "         check:   {}", rule.check);
        let _ = writeln!(out, "         {}\n", checked(rule.checked));
    }
    Ok(out)
}

fn rule_json(rule: &Rule) -> serde_json::Value {
    json!({
        "id": rule.id,
        "severity": rule.severity.name(),
        "group": rule.group.name(),
        "text": rule.text,
        "means": rule.means,
        "matters": rule.matters,
        "check": rule.check,
        "cite": rule.cite.map(|c| c.to_string()),
        "visible": rule.checked != Checked::Never,
        "checked": rule.checked == Checked::Yes,
    })
}

/// Whether a rule is looked for, in words.
pub(super) const fn checked(checked: Checked) -> &'static str {
    match checked {
        Checked::Yes => "a capture can show it; checked",
        Checked::NotYet => "a capture can show it; not checked yet",
        Checked::Never => "no capture can show it",
    }
}
