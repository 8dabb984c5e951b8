//! Results for a matrix as large as one over all implementations that there are.

use ssespec_report::{CaseResult, RunResult, Summary, Verdict};

use crate::reports;

/// How many implementations, and how many cases each.
const SUBJECTS: usize = 60;
pub(super) const CASES: usize = 500;

/// A text that would be more than text, and turn around what stands beside it.
pub(super) const ATTACK: &str = "\"'></script></style><img src=x onerror=attacked()>\
    <script>attacked()</script>\u{202e}\u{2066}\u{7}javascript:attacked()";

/// A result in which whatever a subject or a scenario could say is an attack.
pub(super) fn hostile() -> Result<RunResult, String> {
    let attack = || ATTACK.to_owned();
    let real = reports::results("reports/clients")?;
    let (_, model) = real.into_iter().max_by_key(|(_, it)| it.summary.fail).ok_or("no results")?;
    let mut result = RunResult { suite: attack(), started: attack(), ..model };
    result.cases.retain(|case| case.evidence.is_some());
    result.cases.truncate(20);
    result.subject.name = attack();
    result.subject.version = attack();
    result.subject.language = attack();
    result.subject.features = vec![attack()];
    for (number, case) in result.cases.iter_mut().enumerate() {
        case.id = format!("{ATTACK}/{number}@{ATTACK}");
        case.rule = attack();
        case.rule_text = attack();
        case.rule_url = format!("javascript:{ATTACK}");
        case.title = attack();
        case.reproduce = attack();
        case.references = vec![attack(), format!("javascript:{ATTACK}")];
        case.expected = vec![attack()];
        case.observed = vec![attack()];
        if let Some(reason) = &mut case.reason {
            reason.message = attack();
            reason.help = attack();
        }
        if let Some(evidence) = &mut case.evidence {
            evidence.variant = attack();
            evidence.request = attack();
            for entry in &mut evidence.timeline {
                entry.what = attack();
                entry.bytes = attack();
            }
        }
    }
    Ok(result)
}

/// Results that are made from those of real clients, so that their failures are as long and as many
/// as they are, with some more that differ from one to the next.
pub(super) fn results() -> Result<Vec<(String, RunResult)>, String> {
    let real = reports::results("reports/clients")?;
    let failures: Vec<&CaseResult> = real
        .iter()
        .flat_map(|(_, result)| &result.cases)
        .filter(|case| case.verdict == Verdict::Fail && case.evidence.is_some())
        .collect();
    let (_, first) = real.iter().max_by_key(|(_, it)| it.cases.len()).ok_or("no results")?;
    let passing: Vec<&CaseResult> =
        first.cases.iter().filter(|case| case.verdict == Verdict::Pass).take(CASES).collect();
    let mut made = Vec::new();
    for number in 0..SUBJECTS {
        let mut cases: Vec<CaseResult> = Vec::new();
        for at in 0..CASES {
            let model = passing.get(at % passing.len().max(1)).ok_or("no case passes")?;
            let mut case = (*model).clone();
            // Each is a row of its own.
            case.id = case.id.replacen('/', &format!("/{at}-"), 1);
            // Half of the cases pass everywhere; of the others more fail from one to the next.
            let fails = at % 2 == 0
                && ((at * 7 + number * 13) % 97 < number / 3 + 1
                    || (at % 25 == 0 && number % 3 > 0));
            if fails && let Some(failure) = failures.get((at + number) % failures.len().max(1)) {
                case.verdict = Verdict::Fail;
                case.expected.clone_from(&failure.expected);
                case.observed.clone_from(&failure.observed);
                case.reason.clone_from(&failure.reason);
                case.evidence.clone_from(&failure.evidence);
                for entry in case.evidence.iter_mut().flat_map(|it| &mut it.timeline) {
                    entry.at_us += number as u64;
                }
            }
            cases.push(case);
        }
        let mut result = RunResult { summary: Summary::of(&cases), cases, ..first.clone() };
        result.subject.name = format!("client-number-{number}");
        made.push((format!("client-{number}.json"), result));
    }
    Ok(made)
}
