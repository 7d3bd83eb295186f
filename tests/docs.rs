//! Documents made from the catalog are what the catalog says; links between documents lead somewhere.
//!
//! `PUSHSCOPE_BLESS=1 cargo test --test docs` writes the generated ones.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::{Path, PathBuf};

use pushscope::catalog::catalog;
use pushscope::model::{Field, Rule};
use pushscope::output::docs;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a generated document, or writes it.
fn hold(name: &str, wanted: &str) {
    let path = root().join(name);
    if std::env::var_os("PUSHSCOPE_BLESS").is_some() {
        std::fs::write(&path, wanted).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let line = wanted.lines().zip(written.lines()).position(|(a, b)| a != b).map_or(0, |at| at + 1);
    assert!(written == wanted, "{name} line {line} is out of date: PUSHSCOPE_BLESS=1 cargo test --test docs writes it");
}

#[test]
fn fields_are_what_the_catalog_says() {
    let fields: Vec<&'static Field> = catalog().fields().collect();
    hold("docs/fields.md", &docs::fields_markdown(&fields));
}

#[test]
fn findings_are_what_the_catalog_says() {
    let rules: Vec<&'static Rule> = catalog().rules().collect();
    hold("docs/findings.md", &docs::rules_markdown(&rules));
}

/// Targets of the links of a Markdown text.
fn links(text: &str) -> Vec<&str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut pages = vec![root().join("README.md"), root().join("CHANGELOG.md"), root().join("captures/README.md")];
    pages.extend(std::fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    let mut dead = Vec::new();
    for page in pages.iter().filter(|page| page.extension().is_some_and(|e| e == "md")) {
        let text = std::fs::read_to_string(page).unwrap();
        for link in links(&text).into_iter().filter(|link| !link.starts_with("http") && !link.contains(' ')) {
            let file = link.split('#').next().unwrap();
            if !file.is_empty() && !page.parent().unwrap_or(Path::new("")).join(file).exists() {
                dead.push(format!("{}: {link}", page.display()));
            }
        }
    }
    assert!(dead.is_empty(), "{}", dead.join("\n"));
}
