//! Where the public threads are that a case cites.

/// The address of a reference such as `owner/name#1` (an issue), `owner/name!1` (a pull request) or
/// an advisory; nothing for what has none.
pub(super) fn url(reference: &str) -> Option<String> {
    if let Some(id) = reference.strip_prefix("CVE-") {
        return is_number(&id.replace('-', ""))
            .then(|| format!("https://www.cve.org/CVERecord?id=CVE-{id}"));
    }
    if reference.starts_with("GHSA-") {
        let safe = reference.chars().all(|it| it.is_ascii_alphanumeric() || it == '-');
        return safe.then(|| format!("https://github.com/advisories/{reference}"));
    }
    let (repository, number, kind) = match reference.split_once(['#', '!'])? {
        (repository, number) if reference.contains('#') => (repository, number, "issues"),
        (repository, number) => (repository, number, "pull"),
    };
    let is_name = |it: &str| {
        !it.is_empty() && it.chars().all(|it| it.is_ascii_alphanumeric() || "-_.".contains(it))
    };
    let (owner, name) = repository.split_once('/')?;
    (is_name(owner) && is_name(name) && is_number(number))
        .then(|| format!("https://github.com/{owner}/{name}/{kind}/{number}"))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::url;

    #[test]
    fn threads_and_advisories_have_an_address() {
        for (reference, address) in [
            ("a/b#12", Some("https://github.com/a/b/issues/12")),
            ("a/b!7", Some("https://github.com/a/b/pull/7")),
            ("CVE-2026-33128", Some("https://www.cve.org/CVERecord?id=CVE-2026-33128")),
            ("GHSA-p6xx-57qc-3wxr", Some("https://github.com/advisories/GHSA-p6xx-57qc-3wxr")),
            ("a mailing list", None),
            ("javascript:alert(1)#1", None),
            ("a/b#x", None),
            ("CVE-<script>", None),
        ] {
            assert_eq!(url(reference).as_deref(), address, "{reference}");
        }
    }
}
