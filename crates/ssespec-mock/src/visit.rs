//! The mock for people: a list of the cases, and each of them under `/case/ID`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use ssespec_net::Request;
use ssespec_scenario::Case;
use tokio::sync::watch;

use crate::origins::Origins;
use crate::run::RunState;
use crate::{Page, Script, Variation};

fn text(status: u16, body: String) -> Page {
    Page { status, content_type: "text/plain; charset=utf-8", body }
}

/// The cases that people can visit. The nth request for a case gets its nth connection.
#[derive(Debug)]
pub(crate) struct Visits {
    cases: Vec<Arc<Case>>,
    runs: Mutex<HashMap<String, Arc<RunState>>>,
    origins: Arc<Origins>,
}

impl Visits {
    pub(crate) fn new(cases: Vec<Arc<Case>>, origins: Arc<Origins>) -> Self {
        Self { cases, runs: Mutex::default(), origins }
    }

    /// The run behind `/case/ID`, also for what follows the id, such as a redirect's target.
    pub(crate) fn run(&self, target: &str, over: &watch::Receiver<bool>) -> Option<Arc<RunState>> {
        let rest = target.strip_prefix("/case/")?;
        let path = rest.split(['?', '#']).next().unwrap_or_default();
        let case = self.cases.iter().filter(|case| {
            path.strip_prefix(case.id.as_str())
                .is_some_and(|after| after.is_empty() || after.starts_with('/'))
        });
        let case = case.max_by_key(|case| case.id.len())?;
        let mut runs = self.runs.lock().ok()?;
        let run = runs.entry(case.id.clone()).or_insert_with(|| {
            let script = Script::of(case, Variation::Whole);
            let places = self.origins.places(0, 1, None, format!("/case/{}", case.id));
            Arc::new(RunState::unwatched(script, places, over.clone()))
        });
        Some(Arc::clone(run))
    }

    /// The list, or word that there is no such page.
    pub(crate) fn page(&self, request: &Request) -> Page {
        match request.target.as_str() {
            "/" => text(200, self.list()),
            target => {
                let known: Vec<&str> = self.cases.iter().map(|case| case.id.as_str()).collect();
                let name = target.strip_prefix("/case/").unwrap_or(target);
                let near = ssespec_scenario::suggest(name, &known)
                    .map(|id| format!("Did you mean /case/{id} ?\n"))
                    .unwrap_or_default();
                let body = format!("Nothing at {target}.\n{near}GET / lists the cases.\n");
                text(404, body)
            }
        }
    }

    fn list(&self) -> String {
        let mut text = String::from(
            "ssespec mock: GET /case/ID plays a case; the nth request gets its nth connection.\n\n",
        );
        let width = self.cases.iter().map(|case| case.id.len()).max().unwrap_or_default();
        for case in &self.cases {
            text.push_str(&format!("/case/{:width$}  {}\n", case.id, case.title));
        }
        text
    }
}
