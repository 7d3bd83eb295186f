//! The rules of the crate against the list they were taken from, where that list is at hand.

use std::path::Path;

use pushscope::catalog::catalog;
use pushscope::model::{Checked, Rule, Severity};

/// Fields of a line of comma-separated values; quotes double inside quotes.
fn columns(line: &str) -> Vec<String> {
    let (mut out, mut column, mut quoted) = (Vec::new(), String::new(), false);
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                letters.next();
                column.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => out.push(std::mem::take(&mut column)),
            _ => column.push(letter),
        }
    }
    out.push(column);
    out
}

/// The severity a row asks for; `None` where the row cannot be checked.
fn severity(report: &str) -> Option<Severity> {
    match report.split([' ', ':', ';', ',']).next() {
        Some("error") => Some(Severity::Error),
        Some("warning") => Some(Severity::Warning),
        Some("note" | "hint") => Some(Severity::Note),
        _ => None,
    }
}

fn section_fits(rule: &Rule, section: &str) -> bool {
    match &rule.cite {
        None => section == "outside the draft",
        // Rows of other documents name the document as well, and some no section at all.
        Some(cite) => section.contains(cite.section) || !rule.id.starts_with('N'),
    }
}

#[test]
fn every_row_of_the_conformance_list_is_a_rule_with_its_section_and_severity() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/reference/conformance-rules.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("SKIPPED: {} is not here; the rules are not compared with it", path.display());
        return;
    };
    let mut wrong = Vec::new();
    let mut listed = Vec::new();
    for line in text.lines().skip(1) {
        let row = columns(line);
        assert_eq!(row.len(), 9, "{line}");
        let (id, section, report) = (row[0].as_str(), row[2].as_str(), row[8].as_str());
        listed.push(id.to_owned());
        let Some(rule) = catalog().rule(id) else {
            wrong.push(format!("{id}: no such rule"));
            continue;
        };
        if !section_fits(rule, section) {
            wrong.push(format!("{id}: cites {:?}, the list says {section}", rule.cite));
        }
        match severity(report) {
            Some(wanted) if wanted != rule.severity => {
                wrong.push(format!("{id}: {:?}, the list says {report}", rule.severity));
            }
            None if rule.checked != Checked::Never => {
                wrong.push(format!("{id}: {:?}, the list cannot check it", rule.checked));
            }
            _ => {}
        }
    }
    for rule in catalog().rules() {
        let of_the_list = ["N12-", "N20-", "W-", "S-"].iter().any(|prefix| rule.id.starts_with(prefix));
        if of_the_list && !listed.iter().any(|id| id == rule.id) {
            wrong.push(format!("{}: not in the list", rule.id));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_rule_and_field_cites_a_known_section_or_says_why_not() {
    let rules = catalog().rules().map(|rule| (rule.id, rule.cite, rule.uncited));
    let fields = catalog().fields().map(|field| (field.name, field.cite, field.uncited));
    for (name, cite, uncited) in rules.chain(fields) {
        match cite {
            Some(cite) => assert!(cite.source().is_some(), "{name} cites {cite}, which is no row of SECTIONS"),
            None => assert!(uncited.is_some(), "{name} cites nothing and does not say why"),
        }
    }
}

#[test]
fn every_rule_explains_itself() {
    for rule in catalog().rules() {
        for text in [rule.text, rule.means, rule.matters, rule.check] {
            assert!(!text.is_empty(), "{} lacks a text", rule.id);
        }
    }
}
