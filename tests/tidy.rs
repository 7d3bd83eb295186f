//! The walls between modules, held by reading the sources: ARCHITECTURE's invariants that no compiler checks.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// A source file: its path below `src/`, and its text.
struct Source {
    path: String,
    text: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        entries.sort();
        for path in entries {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                found.push(Source { path, text });
            }
        }
    }
    assert!(found.len() > 10, "the sources were not found");
    found
}

impl Source {
    /// Whether the whole file is a test.
    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The file without its unit tests.
    fn code(&self) -> &str {
        self.text.find("#[cfg(test)]\nmod tests").map_or(&self.text, |at| self.text.split_at(at).0)
    }

    /// Lines that are neither blank nor comments.
    fn lines_of_code(&self) -> usize {
        self.code().lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
    }

    /// The top module it belongs to: `dissect`, `catalog`, …
    fn module(&self) -> &str {
        self.path.split('/').next().unwrap().trim_end_matches(".rs")
    }
}

/// Which modules each module may import from. `main` and `lib` see all.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("model", &[][..]),
        ("capture", &["model"]),
        ("dissect", &["model"]),
        ("verify", &["model", "dissect"]),
        ("flow", &["model", "dissect"]),
        ("catalog", &["model", "capture", "dissect", "verify", "flow"]),
        ("filter", &["model", "catalog"]),
        ("scan", &["model", "capture", "dissect", "verify", "flow", "catalog", "filter"]),
        ("output", &["model", "capture", "dissect", "verify", "flow", "catalog", "filter", "scan"]),
        ("tui", &["model", "capture", "dissect", "verify", "flow", "catalog", "filter", "scan", "output"]),
        ("report", &["model", "capture", "dissect", "verify", "flow", "catalog", "filter", "scan", "output"]),
        (
            "cli",
            &["model", "capture", "dissect", "verify", "flow", "catalog", "filter", "scan", "output", "tui", "report"],
        ),
    ])
}

#[test]
fn imports_go_down_only() {
    let allowed = allowed();
    let mut wrong = String::new();
    for source in sources() {
        let Some(may) = allowed.get(source.module()) else { continue };
        for (number, line) in source.code().lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for part in line.split("crate::").skip(1) {
                let target: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let known = allowed.contains_key(target.as_str());
                if known && target != source.module() && !may.contains(&target.as_str()) {
                    let _ = writeln!(wrong, "src/{}:{}: imports {target}", source.path, number + 1);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these imports go up the table:\n{wrong}");
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    // (crate as written in code, path prefixes that may use it)
    let rooms: &[(&str, &[&str])] = &[
        ("ratatui", &["tui"]),
        ("crossterm", &["tui/run.rs", "tui/terminal.rs"]),
        ("pcap_file", &["capture/"]),
        ("etherparse", &["dissect/", "scan/gate", "capture/synth"]),
        ("md5", &["verify/"]),
        ("sha2", &["verify/"]),
        ("fearless_simd", &["verify/"]),
        ("nom", &["dissect/", "filter/"]),
        ("clap", &["cli/"]),
    ];
    let mut wrong = String::new();
    for source in sources() {
        for (number, line) in source.code().lines().enumerate() {
            let line = line.trim_start();
            for (name, may) in rooms {
                let uses = line.starts_with(&format!("use {name}::")) || line.contains(&format!("{name}::"));
                let inside = line.match_indices(&format!("{name}::")).any(|(at, _)| {
                    !line.split_at(at).0.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                });
                if uses && inside && !line.starts_with("//") && !may.iter().any(|room| source.path.starts_with(room)) {
                    let _ = writeln!(wrong, "src/{}:{}: uses {name}", source.path, number + 1);
                }
            }
        }
    }
    assert!(wrong.is_empty(), "these crates are used outside of their rooms:\n{wrong}");
}

#[test]
fn the_core_knows_no_clock_environment_file_or_socket() {
    let words = ["std::fs", "std::net::Udp", "std::net::Tcp", "std::env", "SystemTime", "Instant::now", "std::process"];
    let may = ["capture/", "cli/", "report/inputs", "tui/run.rs", "tui/run/", "main.rs"];
    let mut wrong = String::new();
    for source in sources().iter().filter(|s| !s.is_test() && !may.iter().any(|room| s.path.starts_with(room))) {
        for (number, line) in source.code().lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//"))
        {
            for word in words.iter().filter(|word| line.contains(**word)) {
                let _ = writeln!(wrong, "src/{}:{}: {word}", source.path, number + 1);
            }
        }
    }
    assert!(wrong.is_empty(), "the core touches the world outside:\n{wrong}");
}

#[test]
fn no_file_is_above_600_lines_of_code() {
    let wrong: Vec<String> = sources()
        .iter()
        .filter(|s| !s.is_test() && s.lines_of_code() > 600)
        .map(|s| format!("src/{}: {}", s.path, s.lines_of_code()))
        .collect();
    assert!(wrong.is_empty(), "split these files: {wrong:?}");
}

#[test]
fn every_file_says_what_it_is() {
    let wrong: Vec<String> =
        sources().iter().filter(|s| !s.text.starts_with("//!")).map(|s| format!("src/{}", s.path)).collect();
    assert!(wrong.is_empty(), "these files do not open with `//!`: {wrong:?}");
}

#[test]
fn unsafe_code_is_denied_and_lifted_nowhere_unlisted() {
    let may: [&str; 0] = [];
    let all = sources();
    for name in ["lib.rs", "main.rs"] {
        let source = all.iter().find(|s| s.path == name).unwrap();
        assert!(source.text.contains("#![deny(unsafe_code)]"), "src/{name} does not deny unsafe code");
    }
    let lifted: Vec<&str> = all
        .iter()
        .filter(|s| s.code().lines().any(|l| l.contains("unsafe_code") && !l.contains("deny(unsafe_code)")))
        .map(|s| s.path.as_str())
        .collect();
    assert_eq!(lifted, may);
}

#[test]
fn every_field_and_rule_is_cited_or_says_why_not() {
    let catalog = pushscope::catalog::catalog();
    for field in catalog.fields() {
        assert!(field.cite.is_some() != field.uncited.is_some(), "{}: cite it, or say why not", field.name);
        if let Some(cite) = field.cite {
            assert!(cite.source().is_some(), "{}: {} is no row of SECTIONS", field.name, cite);
        }
    }
    for rule in catalog.rules() {
        assert!(rule.cite.is_some() != rule.uncited.is_some(), "{}: cite it, or say why not", rule.id);
        if let Some(cite) = rule.cite {
            assert!(cite.source().is_some(), "{}: {} is no row of SECTIONS", rule.id, cite);
        }
        assert!(!rule.text.is_empty(), "{}: no text", rule.id);
        assert!(
            !rule.means.is_empty() && !rule.matters.is_empty() && !rule.check.is_empty(),
            "{}: say what it means, why it matters, what to check",
            rule.id
        );
    }
}

#[test]
fn every_section_is_cited_by_somebody() {
    let catalog = pushscope::catalog::catalog();
    let cited: Vec<_> = catalog.fields().filter_map(|f| f.cite).chain(catalog.rules().filter_map(|r| r.cite)).collect();
    let unused: Vec<String> = pushscope::model::spec::SECTIONS
        .iter()
        .filter(|(spec, section, _)| !cited.iter().any(|c| c.spec == *spec && c.section == *section))
        .map(|(spec, section, _)| format!("{} {section}", spec.short))
        .collect();
    assert!(unused.is_empty(), "rows nobody cites: {unused:?}");
}
