//! What cases depend on: other cases of the same run, and never in a circle.

use std::collections::BTreeMap;

use super::Findings;
use crate::load::{Loaded, LoadedCase};
use crate::place::Place;
use crate::{Case, suggest};

/// The ids of all cases, each with those that it depends on.
#[derive(Debug)]
pub(super) struct Dependencies<'c>(BTreeMap<&'c str, &'c [String]>);

impl<'c> Dependencies<'c> {
    pub(super) fn of(files: &'c [(String, Loaded<'_>)]) -> Self {
        let cases = files.iter().flat_map(|(_, loaded)| &loaded.cases);
        Self(
            cases
                .map(|LoadedCase { case, .. }| (case.id.as_str(), case.depends.as_slice()))
                .collect(),
        )
    }

    pub(super) fn lint(&self, case: &Case, place: &Place<'_>, findings: &mut Findings<'_>) {
        let list = place.key("depends");
        findings.repeated(&case.depends, &list, String::clone);
        for (n, base) in case.depends.iter().enumerate() {
            if let Some((message, help)) = self.slip(case, base) {
                findings.error(list.item(n).span(), message, "not a case to depend on", help);
            }
        }
    }

    /// What is wrong with a dependency, and the mend.
    fn slip(&self, case: &Case, base: &String) -> Option<(String, String)> {
        if *base == case.id {
            let help = "name a case of the same run, or leave it out";
            return Some(("a case cannot depend on itself".to_owned(), help.to_owned()));
        }
        if !self.0.contains_key(base.as_str()) {
            let known: Vec<&str> = self.0.keys().copied().collect();
            let help = match suggest(base, &known) {
                Some(near) if near != case.id => format!("did you mean `{near}`?"),
                _ => "name a case of the same run, or leave it out".to_owned(),
            };
            return Some((format!("there is no case `{base}`"), help));
        }
        self.leads_to(base, &case.id).then(|| {
            (
                format!("`{base}` depends on this case in turn"),
                "let the more basic of them depend on nothing".to_owned(),
            )
        })
    }

    /// Whether a case depends on another one, if by way of others.
    fn leads_to(&self, from: &str, to: &str) -> bool {
        let mut seen = vec![from];
        let mut next = 0;
        while let Some(id) = seen.get(next).copied() {
            next += 1;
            for base in self.0.get(id).copied().unwrap_or_default() {
                if base == to {
                    return true;
                }
                if !seen.contains(&base.as_str()) {
                    seen.push(base);
                }
            }
        }
        false
    }
}
