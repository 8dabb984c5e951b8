//! What a channel to a subject has words for, where it has fewer than the adapter protocol.

use ssespec_scenario::{Case, Expectation, Feature, Kind, Step};

/// Most events of one case over a channel that takes a request for each.
const MAX_CALLBACKS: u32 = 10_000;

/// What can be said over the channel to a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Words {
    /// The adapter protocol: everything.
    #[default]
    Protocol,
    /// LaunchDarkly's REST contract: events, comments and errors. It has no report of an opened
    /// stream, of a reconnection time, or of a client that has given up; an error is no more than
    /// that, and no client owes one for a connection that was merely lost.
    Service {
        /// Event types must be registered before the body comes.
        listens: bool,
    },
}

impl Words {
    /// Whether a client that has given up says so. Where it does not, the end of such a case is
    /// shown by what the server sees: no further request.
    pub(crate) fn tell_closed(self) -> bool {
        self == Self::Protocol
    }

    /// Whether reports of this kind are compared.
    pub(crate) fn tell(self, kind: Kind) -> bool {
        match kind {
            Kind::Event | Kind::Comment => true,
            Kind::Opened | Kind::Error | Kind::Retry | Kind::Closed => self == Self::Protocol,
        }
    }

    /// Whether the body must be withheld until the subject has been told what to listen to.
    pub(crate) fn listens(self) -> bool {
        self == Self::Service { listens: true }
    }

    /// Why a case cannot be judged over this channel, if it cannot: what it is about would not be
    /// seen.
    pub(crate) fn obstacle(self, case: &Case) -> Option<&'static str> {
        if self == Self::Protocol {
            return None;
        }
        let named = |kind| case.expectations().any(|expectation| expectation.kind() == kind);
        let awaited = |wanted: fn(&ssespec_scenario::AwaitCounts) -> u32| {
            case.steps().any(|step| matches!(step, Step::Await(counts) if wanted(counts) > 0))
        };
        let fatal = case
            .expectations()
            .any(|expectation| matches!(expectation, Expectation::Error { fatal: Some(_) }));
        let first = case.connection.first();
        let told_early = first
            .is_some_and(|first| first.before.iter().any(|step| matches!(step, Step::Client(_))));
        if told_early {
            return Some(
                "a service need not answer, and so takes no command, before its client has been",
            );
        }
        if named(Kind::Opened) || awaited(|counts| counts.opened) {
            return Some("the service contract has no report of a stream that has opened");
        }
        if fatal {
            return Some("the service contract does not tell a final error from a passing one");
        }
        if named(Kind::Error) || awaited(|counts| counts.errors) {
            return Some("the service contract leaves it open which errors are reported");
        }
        let events: u32 = case.expect.iter().map(Expectation::times).sum();
        if events > MAX_CALLBACKS {
            return Some("the service contract reports each event in a request of its own");
        }
        None
    }

    /// What a subject with this channel claims beside what it says itself.
    pub(crate) fn implied() -> [Feature; 4] {
        [Feature::Open, Feature::Reconnect, Feature::Redirect, Feature::EventTypes]
    }
}
