//! The id of a case and its route.

use crate::model::CaseResult;

/// The id of a case without its route.
pub(crate) fn base(case: &CaseResult) -> &str {
    case.id.rsplit_once('@').map_or(case.id.as_str(), |(base, _)| base)
}

/// The route of a case, as its id has it.
pub(crate) fn route(case: &CaseResult) -> &str {
    case.id.rsplit_once('@').map_or(case.route.as_str(), |(_, route)| route)
}

/// A case on several routes, as a glob that `--run` takes as it is.
pub(crate) fn glob(base: &str, routes: &[&str]) -> String {
    match routes {
        [] | [""] => base.to_owned(),
        [route] => format!("{base}@{route}"),
        routes => format!("{base}@{{{}}}", routes.join(",")),
    }
}

/// Brings together what is alike but for its route: the items of the same case with the same key.
pub(crate) fn fold<'r, T, K: PartialEq>(
    items: impl IntoIterator<Item = (&'r CaseResult, T)>,
    key: impl Fn(&CaseResult, &T) -> K,
) -> Vec<(String, &'r CaseResult, T)> {
    let mut folded: Vec<(&'r CaseResult, T, K, Vec<&'r str>)> = Vec::new();
    for (case, item) in items {
        let key = key(case, &item);
        let same = |other: &&mut (&CaseResult, T, K, Vec<&str>)| {
            base(other.0) == base(case) && other.2 == key
        };
        match folded.iter_mut().find(same) {
            Some(other) => other.3.push(route(case)),
            None => folded.push((case, item, key, vec![route(case)])),
        }
    }
    folded
        .into_iter()
        .map(|(case, item, _, routes)| (glob(base(case), &routes), case, item))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn several_routes_are_a_glob() {
        assert_eq!(glob("a/b", &[]), "a/b");
        assert_eq!(glob("a/b", &["h1"]), "a/b@h1");
        assert_eq!(glob("a/b", &["h1", "h2"]), "a/b@{h1,h2}");
    }
}
