//! Every field and every rule of the crate, by name.
//!
//! Filters, columns, JSON, the `fields` and `rules` commands and the generated docs read these rows. Must not know what a
//! field is read from.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::dissect::planned::PLANNED;
use crate::dissect::{DISSECTORS, MORE_FIELDS, SHARED_FIELDS, SHARED_RULES};
use crate::model::{Field, Rule};

/// The catalog. There is one: [`catalog`].
#[derive(Debug)]
pub struct Catalog {
    fields: BTreeMap<&'static str, &'static Field>,
    rules: BTreeMap<&'static str, &'static Rule>,
    duplicates: Vec<&'static str>,
}

/// All fields and rules.
pub fn catalog() -> &'static Catalog {
    static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::new);
    &CATALOG
}

/// Fields by which findings are filtered and printed; the findings themselves are no nodes.
pub mod finding {
    use crate::model::Field;

    const WHY: &str = "findings are ours";
    /// Identifier of the rule.
    pub static RULE: Field = Field::text("finding.rule", "Rule").uncited(WHY).generated();
    /// Severity.
    pub static SEVERITY: Field = Field::text("finding.severity", "Severity").uncited(WHY).generated();
    /// Group.
    pub static GROUP: Field = Field::text("finding.group", "Group").uncited(WHY).generated();
    /// The finding in words.
    pub static TEXT: Field = Field::text("finding.text", "Finding").uncited(WHY).generated();
    /// All of them.
    pub static FIELDS: &[&Field] = &[&RULE, &SEVERITY, &GROUP, &TEXT];
}

impl Catalog {
    fn new() -> Self {
        let mut all = Self { fields: BTreeMap::new(), rules: BTreeMap::new(), duplicates: Vec::new() };
        for dissector in DISSECTORS {
            all.add_fields(&[dissector.layer]);
            all.add_fields(dissector.fields);
            all.add_rules(dissector.rules);
        }
        all.add_fields(crate::dissect::frame::FIELDS);
        all.add_fields(SHARED_FIELDS);
        for fields in MORE_FIELDS {
            all.add_fields(fields);
        }
        all.add_fields(finding::FIELDS);
        all.add_rules(SHARED_RULES);
        all.add_rules(PLANNED);
        for rules in crate::flow::RULES {
            all.add_rules(rules);
        }
        all.add_rules(crate::capture::RULES);
        all.add_rules(crate::verify::RULES);
        all
    }

    /// Several protocols may share a static; two statics may not share a name.
    fn add_fields(&mut self, fields: &[&'static Field]) {
        for field in fields {
            if self.fields.insert(field.name, field).is_some_and(|before| !before.is(field)) {
                self.duplicates.push(field.name);
            }
        }
    }

    fn add_rules(&mut self, rules: &[&'static Rule]) {
        for rule in rules {
            if self.rules.insert(rule.id, rule).is_some_and(|before| !before.is(rule)) {
                self.duplicates.push(rule.id);
            }
        }
    }

    /// All fields, sorted by name.
    pub fn fields(&self) -> impl Iterator<Item = &'static Field> + '_ {
        self.fields.values().copied()
    }

    /// All rules, sorted by id.
    pub fn rules(&self) -> impl Iterator<Item = &'static Rule> + '_ {
        self.rules.values().copied()
    }

    /// The field of this name.
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.get(name).copied()
    }

    /// The rule of this id.
    pub fn rule(&self, id: &str) -> Option<&'static Rule> {
        self.rules.get(id).copied()
    }

    /// Names that two different fields or rules have: a fault of ours, which a test rules out.
    pub fn duplicates(&self) -> &[&'static str] {
        &self.duplicates
    }

    /// The names nearest to one that does not exist, best first, at most `most`.
    pub fn near(&self, name: &str, most: usize) -> Vec<&'static str> {
        near(name, self.fields.keys().copied(), most)
    }
}

/// The candidates nearest to `name`: those that contain it or differ by few letters, best first, at most `most`.
pub fn near<'c>(name: &str, candidates: impl Iterator<Item = &'c str>, most: usize) -> Vec<&'c str> {
    let wanted = name.to_ascii_lowercase();
    let mut scored: Vec<(usize, &str)> = candidates
        .filter_map(|candidate| {
            let lower = candidate.to_ascii_lowercase();
            let distance = edits(&wanted, &lower);
            let tail = lower.rsplit('.').next().unwrap_or(&lower);
            let bound = (wanted.chars().count() / 3).clamp(1, 4);
            if distance <= bound {
                Some((distance, candidate))
            } else if tail == wanted || (wanted.len() >= 4 && lower.contains(&wanted)) {
                Some((bound + 1, candidate))
            } else {
                None
            }
        })
        .collect();
    scored.sort_unstable();
    scored.into_iter().take(most).map(|s| s.1).collect()
}

/// Edit distance: insertions, deletions, substitutions, and neighbours exchanged.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let mut last = None;
    for (i, ca) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let at = |row: &[usize], j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut best = (at(&row, j) + usize::from(ca != *cb)).min(at(&row, j + 1) + 1).min(at(&next, j) + 1);
            let left = j.checked_sub(1);
            if last == Some(*cb) && left.and_then(|left| b.get(left)) == Some(&ca) {
                best = best.min(left.map_or(usize::MAX, |left| at(&before, left) + 1));
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(ca);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{catalog, near};

    #[test]
    fn no_two_fields_or_rules_share_a_name() {
        assert_eq!(catalog().duplicates(), [""; 0]);
    }

    #[test]
    fn a_slip_of_the_finger_finds_the_name() {
        let names = ["dmnoti.session_id", "dmnoti.server_id", "udp.dstport"];
        assert_eq!(near("dmnoti.sesion_id", names.iter().copied(), 1), ["dmnoti.session_id"]);
        assert_eq!(near("dstport", names.iter().copied(), 3), ["udp.dstport"]);
        assert_eq!(near("zzz", names.iter().copied(), 3), [""; 0]);
    }
}
