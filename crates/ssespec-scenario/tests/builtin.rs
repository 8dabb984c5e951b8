//! The scenarios that the binary carries are free of findings.

use ssespec_scenario::{Catalogue, Level, LoadFailure};

#[test]
fn the_built_in_scenarios_are_free_of_findings() {
    let sources = Catalogue::builtin_sources();
    let (catalogue, diagnostics) = Catalogue::check(&sources);
    assert!(!catalogue.cases().is_empty());
    let found = !diagnostics.is_empty();
    let failure = LoadFailure { diagnostics, sources };
    assert!(!found, "{}", failure.render(false));
}

#[test]
fn each_built_in_case_can_be_failed_or_only_observes() {
    let (catalogue, _) = Catalogue::check(&Catalogue::builtin_sources());
    let idle: Vec<&str> = catalogue
        .cases()
        .iter()
        .filter(|case| case.kills.is_empty() && case.outcomes.is_empty())
        .filter(|case| !case.endpoint.as_ref().is_some_and(|it| it.check.only_records()))
        .filter(|case| {
            let level = catalogue.rule(&case.rule).map(|rule| rule.level);
            case.proxy.is_none() || level != Some(Level::Info)
        })
        .map(|case| case.id.as_str())
        .collect();
    assert!(idle.is_empty(), "no mutant is named that these cases must catch: {idle:#?}");
}

#[test]
fn what_a_built_in_case_depends_on_needs_no_more_than_it_does() {
    let (catalogue, _) = Catalogue::check(&Catalogue::builtin_sources());
    for case in catalogue.cases() {
        for base in case.depends.iter().filter_map(|id| catalogue.case(id)) {
            let more: Vec<_> =
                base.needs().into_iter().filter(|need| !case.needs().contains(need)).collect();
            assert!(
                more.is_empty(),
                "`{}` depends on `{}`, which needs {more:?}",
                case.id,
                base.id
            );
            let routes = base.routes();
            let meets = case.routes().iter().any(|route| routes.contains(route));
            assert!(meets, "`{}` is on no route of `{}`", base.id, case.id);
        }
    }
}
